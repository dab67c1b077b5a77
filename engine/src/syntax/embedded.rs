//! Documents inside documents: the shell of a workflow, a policy in a heredoc.
//!
//! Each embedded document comes with a map, so that what is found in it is
//! reported where it stands in the file. Parsing it, and looking for documents
//! in it again, is the caller's: [`Embedded::within`] joins the maps.

mod literal;
mod map;
#[cfg(test)]
mod tests;

pub use map::OffsetMap;

use map::Builder;
use std::ops::Range;
use tree_sitter::{Node, Tree};

/// How deep documents are looked for in documents.
pub const MAX_DEPTH: usize = 3;

/// How many documents are taken from one.
const MAX_DOCUMENTS: usize = 4096;

/// Keys of a mapping that are looked through for one that matters.
const MAX_KEYS: usize = 64;

/// How much longer than the document its embedded documents may be in sum.
const MAX_GROWTH: usize = 4;

/// A document inside another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Embedded {
    /// The name of its language.
    pub language: &'static str,
    /// Its text, decoded.
    pub text: String,
    /// Where its text stands in the outer document.
    pub map: OffsetMap,
}

impl Embedded {
    /// Relates it to the document around the one in which it was found, given
    /// that one's map.
    #[must_use]
    pub fn within(self, outer: &OffsetMap) -> Self {
        Self { map: self.map.within(outer), ..self }
    }
}

/// The documents that are embedded in one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Embeddings {
    /// In the order in which they start.
    pub found: Vec<Embedded>,
    /// Whether some were left out, since there were too many or too large ones.
    pub cut: bool,
}

/// Whether a document may hold others: it has a word without which its language
/// cannot embed anything. Costs far less than the parse that [`find`] needs.
#[must_use]
pub fn may_hold(language_name: &str, text: &str, path: &str) -> bool {
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    match language_name {
        "yaml" => {
            let may_be_script = match Ci::of(path) {
                Some(Ci::Workflow) => has(&["run"]),
                Some(Ci::GitLab) => has(&["script"]),
                None => false,
            };
            may_be_script || has(USER_DATA_WORDS)
        }
        "json" => has(USER_DATA_WORDS),
        "hcl" => has(&["<<", "user_data"]),
        "html" => has(&["script", "SCRIPT", "Script"]),
        "php" => has(&["<script", "<SCRIPT", "<Script"]),
        "dockerfile" => has(&["RUN", "run", "Run"]) && !has(&["powershell", "pwsh", "cmd.exe"]),
        _ => false,
    }
}

/// Finds the documents that are embedded in a document.
#[must_use]
pub fn find(language_name: &str, tree: &Tree, text: &str, path: &str) -> Embeddings {
    if !may_hold(language_name, text, path) {
        return Embeddings::default();
    }
    let mut found = Found { text, list: Vec::new(), bytes: 0, cut: false };
    match language_name {
        "yaml" => {
            let ci = Ci::of(path);
            walk(tree, |node| yaml_pair(node, ci, &mut found));
        }
        "json" => walk(tree, |node| json_pair(node, &mut found)),
        "hcl" => walk(tree, |node| hcl(node, &mut found)),
        "html" => walk(tree, |node| html_script(node, &mut found)),
        "php" => php_scripts(tree, &mut found),
        "dockerfile" => walk(tree, |node| dockerfile_run(node, &mut found)),
        _ => {}
    }
    Embeddings { found: found.list, cut: found.cut }
}

/// What has been found so far.
struct Found<'a> {
    text: &'a str,
    list: Vec<Embedded>,
    bytes: usize,
    cut: bool,
}

impl<'a> Found<'a> {
    fn add(&mut self, language: &'static str, builder: Builder<'a>) {
        let (text, map) = builder.finish();
        if text.trim().is_empty() {
            return;
        }
        let bytes = self.bytes + text.len();
        if self.list.len() == MAX_DOCUMENTS || bytes > MAX_GROWTH * self.text.len() {
            self.cut = true;
            return;
        }
        self.bytes = bytes;
        self.list.push(Embedded { language, text, map });
    }

    fn slice(&self, node: Node) -> &'a str {
        &self.text[node.byte_range()]
    }
}

/// Calls `visit` for each named node, parents first, without recursion.
fn walk<'tree>(tree: &'tree Tree, mut visit: impl FnMut(Node<'tree>)) {
    let mut cursor = tree.walk();
    loop {
        if cursor.node().is_named() {
            visit(cursor.node());
        }
        if cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return;
            }
        }
    }
}

/// The system that a YAML file configures, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ci {
    Workflow,
    GitLab,
}

impl Ci {
    fn of(path: &str) -> Option<Self> {
        let path = path.replace('\\', "/");
        let name = path.rsplit('/').next().unwrap_or_default();
        let folders = [".github/workflows/", ".gitea/workflows/", ".forgejo/workflows/"];
        if matches!(name, "action.yml" | "action.yaml") || folders.iter().any(|folder| path.contains(folder))
        {
            return Some(Self::Workflow);
        }
        (name.contains("gitlab-ci") || path.contains(".gitlab/ci/")).then_some(Self::GitLab)
    }
}

/// Keys below which machines are given a script, and a word of each.
const USER_DATA_KEYS: [&str; 6] =
    ["UserData", "user_data", "user_data_base64", "userData", "Fn::Base64", "Fn::Sub"];
const USER_DATA_WORDS: &[&str] = &["UserData", "user_data", "userData", "Fn::Base64"];

fn yaml_pair<'a>(node: Node, ci: Option<Ci>, found: &mut Found<'a>) {
    if found.cut || !matches!(node.kind(), "block_mapping_pair" | "flow_pair") {
        return;
    }
    let (Some(key), Some(value)) = (node.child_by_field_name("key"), node.child_by_field_name("value"))
    else {
        return;
    };
    let key = yaml_word(found.slice(key));
    let indent = node.start_position().column;
    match ci {
        Some(Ci::Workflow) if key == "run" && !is_data(node, found.text) => {
            if let Some(language) = workflow_shell(node, found.text)
                && let Some(script) = yaml_scalar(value, indent, found.text)
            {
                found.add(language, script);
            }
        }
        Some(Ci::GitLab) if matches!(key, "script" | "before_script" | "after_script") => {
            for (scalar, indent) in yaml_items(value, indent) {
                if let Some(script) = yaml_scalar(scalar, indent, found.text) {
                    found.add("bash", script);
                }
            }
        }
        _ if USER_DATA_KEYS.contains(&key) => {
            if let Some(script) = yaml_scalar(value, indent, found.text) {
                user_data(script, value.byte_range(), found);
            }
        }
        _ => {}
    }
}

/// Whether a pair is an input or a variable that only happens to be called so.
fn is_data(pair: Node, text: &str) -> bool {
    let outer =
        std::iter::successors(pair.parent(), Node::parent).find(|node| node.kind().ends_with("_pair"));
    let key = outer.and_then(|outer| outer.child_by_field_name("key"));
    key.is_some_and(|key| matches!(yaml_word(&text[key.byte_range()]), "with" | "env" | "inputs" | "outputs"))
}

/// Returns the language of a step: its own `shell`, or the default of its job
/// or workflow; bash where nothing is said.
fn workflow_shell(step: Node, text: &str) -> Option<&'static str> {
    let mut mapping = step.parent();
    let mut shell = mapping.and_then(|mapping| yaml_get(mapping, "shell", text));
    while shell.is_none()
        && let Some(outer) = mapping
    {
        let defaults = yaml_get(outer, "defaults", text).and_then(|defaults| yaml_get(defaults, "run", text));
        shell = defaults.and_then(|run| yaml_get(run, "shell", text));
        mapping = outer.parent();
    }
    let Some(shell) = shell else {
        return Some("bash");
    };
    interpreter(yaml_word(&text[shell.byte_range()]))
}

/// Returns the language that a command line such as `bash -e {0}` runs.
fn interpreter(command: &str) -> Option<&'static str> {
    let mut words = command.split_whitespace().map(|word| word.rsplit('/').next().unwrap_or(word));
    let program = words.find(|word| *word != "env" && !word.starts_with('-'))?;
    match program {
        "bash" | "sh" | "dash" | "ksh" | "zsh" | "ash" => Some("bash"),
        "node" => Some("javascript"),
        _ if program.starts_with("python") => Some("python"),
        _ => None,
    }
}

/// Returns the value of a key of a mapping, which may be wrapped in nodes.
fn yaml_get<'tree>(node: Node<'tree>, key: &str, text: &str) -> Option<Node<'tree>> {
    let mut mapping = node;
    while matches!(mapping.kind(), "block_node" | "flow_node") {
        let count = u32::try_from(mapping.named_child_count()).ok()?;
        mapping = mapping.named_child(count.checked_sub(1)?)?;
    }
    if !matches!(mapping.kind(), "block_mapping" | "flow_mapping") {
        return None;
    }
    let mut cursor = mapping.walk();
    mapping.named_children(&mut cursor).take(MAX_KEYS).find_map(|pair| {
        let name = pair.child_by_field_name("key")?;
        (yaml_word(&text[name.byte_range()]) == key).then(|| pair.child_by_field_name("value"))?
    })
}

/// Returns a short scalar without its quotes.
fn yaml_word(scalar: &str) -> &str {
    scalar.trim().trim_matches(['"', '\''])
}

/// Decodes the scalar that a value is; `None` for mappings, lists and aliases.
fn yaml_scalar<'a>(value: Node, indent: usize, text: &'a str) -> Option<Builder<'a>> {
    let mut cursor = value.walk();
    value.named_children(&mut cursor).find_map(|child| literal::yaml(child, indent, text))
}

/// Returns the items of a list, however nested, or the value itself.
fn yaml_items(value: Node, indent: usize) -> Vec<(Node, usize)> {
    let mut items = Vec::new();
    let mut left = vec![(value, indent)];
    while let Some((node, indent)) = left.pop() {
        let mut cursor = node.walk();
        let inner = node.named_children(&mut cursor);
        let lists: Vec<_> = match node.kind() {
            "block_sequence" | "flow_sequence" | "block_sequence_item" => {
                inner.map(|item| (item, item.start_position().column)).collect()
            }
            // GitLab's `!reference [job, script]` is a list of names.
            "flow_node" if node.named_child(0).is_some_and(|child| child.kind() == "tag") => {
                continue;
            }
            _ => inner.filter(|item| item.kind().ends_with("_sequence")).map(|item| (item, indent)).collect(),
        };
        if lists.is_empty() && matches!(node.kind(), "block_node" | "flow_node") {
            items.push((node, indent));
        }
        left.extend(lists.into_iter().rev());
    }
    items
}

fn json_pair<'a>(node: Node, found: &mut Found<'a>) {
    if node.kind() != "pair" {
        return;
    }
    let (Some(key), Some(value)) = (node.child_by_field_name("key"), node.child_by_field_name("value"))
    else {
        return;
    };
    let is_key = |node: Node, text: &str| USER_DATA_KEYS.contains(&text[node.byte_range()].trim_matches('"'));
    // `describe-instance-attribute` says `"UserData": {"Value": "…"}`.
    let is_value = || {
        found.slice(key) == "\"Value\""
            && node
                .parent()
                .and_then(|object| object.parent())
                .and_then(|outer| outer.child_by_field_name("key"))
                .is_some_and(|key| is_key(key, found.text))
    };
    if (is_key(key, found.text) || is_value())
        && let Some(script) = literal::json(value, found.text)
    {
        user_data(script, value.byte_range(), found);
    }
}

/// Adds user data, plain or in base64. What was base64 maps as one piece.
fn user_data<'a>(script: Builder<'a>, whole: Range<usize>, found: &mut Found<'a>) {
    if let Some(language) = script_language(&script.text) {
        return found.add(language, script);
    }
    let Some(decoded) = literal::base64(script.text.trim()) else {
        return;
    };
    if let Some(language) = script_language(&decoded) {
        let mut builder = Builder::new(found.text);
        builder.decode(whole, &decoded);
        found.add(language, builder);
    }
}

/// Returns the language of a script by its first line.
fn script_language(script: &str) -> Option<&'static str> {
    let first = script.trim_start().lines().next()?;
    match first.strip_prefix("#!") {
        Some(command) => interpreter(command),
        None => first.starts_with("#cloud-config").then_some("yaml"),
    }
}

fn hcl<'a>(node: Node, found: &mut Found<'a>) {
    match node.kind() {
        "heredoc_template" => hcl_heredoc(node, found),
        "attribute" => {
            let Some((key, value)) = node.named_child(0).zip(node.named_child(1)) else {
                return;
            };
            let literal = found.slice(value);
            let range = value.byte_range();
            if USER_DATA_KEYS.contains(&found.slice(key))
                && literal.len() >= 2
                && literal.starts_with('"')
                && literal.ends_with('"')
                && let Some(script) = literal::quoted(range.start + 1..range.end - 1, found.text)
            {
                user_data(script, range, found);
            }
        }
        _ => {}
    }
}

fn hcl_heredoc<'a>(node: Node, found: &mut Found<'a>) {
    let Some(content) = literal::heredoc(node.byte_range(), found.text) else {
        return;
    };
    if let Some(language) = script_language(&content.text) {
        return found.add(language, content);
    }
    if !content.text.trim_start().starts_with('{') {
        return;
    }
    let mut content = content;
    content.text = without_quotes_in_interpolations(&content.text);
    if serde_json::from_str::<serde::de::IgnoredAny>(&content.text).is_ok() {
        found.add("json", content);
    }
}

/// Makes `"${a["b"]}"` one JSON string, with all offsets as they were.
fn without_quotes_in_interpolations(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut depth = 0;
    let mut previous = '\0';
    for c in text.chars() {
        match c {
            '{' if depth > 0 || previous == '$' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            _ => {}
        }
        result.push(if depth > 0 && c == '"' { '\'' } else { c });
        previous = c;
    }
    result
}

fn html_script(node: Node, found: &mut Found<'_>) {
    if node.kind() != "script_element" {
        return;
    }
    let mut cursor = node.walk();
    let children: Vec<_> = node.named_children(&mut cursor).collect();
    let tag = children.iter().find(|child| child.kind() == "start_tag");
    let body = children.iter().find(|child| child.kind() == "raw_text");
    if let (Some(tag), Some(body)) = (tag, body)
        && is_javascript(found.slice(*tag))
    {
        let mut script = Builder::new(found.text);
        script.copy(body.byte_range());
        found.add("javascript", script);
    }
}

/// Whether a `<script …>` tag is about code, as opposed to data or templates.
fn is_javascript(tag: &str) -> bool {
    let tag = tag.to_ascii_lowercase();
    let Some((_, value)) = tag.split_once("type") else {
        return true;
    };
    let value = value.trim_start_matches([' ', '=', '"', '\'']);
    [
        "text/javascript",
        "application/javascript",
        "application/x-javascript",
        "module",
        "text/babel",
        "text/ecmascript",
    ]
    .iter()
    .any(|kind| value.starts_with(kind))
}

/// Finds scripts in the HTML around PHP. What PHP writes into a script is not
/// known; `0` stands for it.
fn php_scripts(tree: &Tree, found: &mut Found<'_>) {
    let mut html: Vec<Range<usize>> = Vec::new();
    walk(tree, |node| {
        if node.kind() == "text" {
            html.push(node.byte_range());
        }
    });
    let lower = found.text.to_ascii_lowercase();
    let is_html = |at: usize| {
        html.get(html.partition_point(|part| part.end <= at)).is_some_and(|part| part.contains(&at))
    };
    let mut at = 0;
    while let Some(open) = lower[at..].find("<script").map(|offset| at + offset) {
        let Some(start) = lower[open..].find('>').map(|offset| open + offset + 1) else {
            return;
        };
        at = start;
        if !is_html(open) || !is_html(start - 1) || !is_javascript(&found.text[open..start]) {
            continue;
        }
        let Some(end) = lower[start..]
            .match_indices("</script")
            .map(|(offset, _)| start + offset)
            .find(|end| is_html(*end))
        else {
            return;
        };
        let mut script = Builder::new(found.text);
        let mut done = start;
        let parts = &html[html.partition_point(|part| part.end <= start)..];
        for part in parts.iter().take_while(|part| part.start < end) {
            let part = part.start.max(start)..part.end.min(end);
            if done < part.start {
                script.decode(done..part.start, "0");
            }
            script.copy(part.clone());
            done = part.end;
        }
        found.add("javascript", script);
        at = end;
    }
}

fn dockerfile_run(node: Node, found: &mut Found<'_>) {
    if node.kind() != "run_instruction" {
        return;
    }
    let mut cursor = node.walk();
    let children: Vec<_> = node.named_children(&mut cursor).collect();
    let Some(command) = children.iter().find(|child| child.kind() == "shell_command") else {
        return;
    };
    let block = children.iter().find(|child| child.kind() == "heredoc_block");
    let script = match block {
        // `RUN <<EOF`: the heredoc is the script.
        Some(block) if found.slice(*command).trim_start().starts_with("<<") => {
            literal::heredoc(command.start_byte()..block.end_byte(), found.text)
        }
        _ => {
            let end = block.map_or(command.end_byte(), Node::end_byte);
            let mut script = Builder::new(found.text);
            script.copy(command.start_byte()..end);
            Some(script)
        }
    };
    if let Some(script) = script {
        found.add("bash", script);
    }
}
