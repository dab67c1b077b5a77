//! For a plugin's `build.rs`: reads `plugin.toml` and the pages, and writes the
//! manifest and typed constants for the rules to use.

use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Reads `plugin.toml` and `docs/*.md` of the crate under build and writes what
/// [`plugin!`](crate::plugin) brings in. Prints what is wrong and fails the
/// build where it does not fit.
pub fn generate() {
    let root = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets CARGO_MANIFEST_DIR"));
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    for input in ["plugin.toml", "docs", "src/rules"] {
        println!("cargo::rerun-if-changed={}", root.join(input).display());
    }
    match declaration(&root) {
        Ok(declared) => {
            let write = |name: &str, text: String| {
                let path = out.join(name);
                std::fs::write(&path, text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            };
            write("manifest.json", Value::Object(declared.manifest.clone()).to_string());
            write("pages.json", json!(declared.pages).to_string());
            write("wardline_plugin.rs", code(&declared));
        }
        Err(problem) => {
            println!("cargo::error={problem}");
            std::process::exit(1);
        }
    }
}

/// A plugin's declaration, read and checked.
struct Declared {
    manifest: Map<String, Value>,
    pages: BTreeMap<String, String>,
    rules: Vec<DeclaredRule>,
}

struct DeclaredRule {
    stem: String,
    title: String,
    message: String,
    /// The rule's file, if it has one.
    file: Option<PathBuf>,
    /// Index in the manifest, id, captures.
    queries: Vec<(usize, String, Vec<String>)>,
    flows: Vec<usize>,
    kinds: Vec<String>,
    correlations: Vec<usize>,
}

fn declaration(root: &Path) -> Result<Declared, String> {
    let mut manifest = read_toml(&root.join("plugin.toml"))?;
    manifest.entry("schema").or_insert(json!(1));
    for key in ["id", "version", "api"] {
        if !manifest.get(key).is_some_and(Value::is_string) {
            return Err(format!("plugin.toml: `{key} = \"...\"` is missing"));
        }
    }
    let mut declared = Declared { manifest: Map::new(), pages: BTreeMap::new(), rules: Vec::new() };
    let (mut rules, mut queries, mut flows, mut correlations) = (vec![], vec![], vec![], vec![]);
    let mut kinds: Vec<Value> = Vec::new();
    let mut emits: Vec<Value> = take_array(&mut manifest, "emits");
    for (stem, page) in pages(&root.join("docs"))? {
        let context = format!("docs/{stem}.md");
        let fail = |problem: String| format!("{context}: {problem}");
        let (mut front, body) = split(&page).map_err(fail)?;
        let index = rules.len();
        let file = root.join("src/rules").join(format!("{}.rs", stem.replace('-', "_")));
        let mut rule = DeclaredRule {
            title: text(&front, "title").ok_or_else(|| fail("`title` is missing".into()))?,
            message: text(&front, "message").unwrap_or_default(),
            file: file.exists().then_some(file),
            stem: stem.clone(),
            queries: vec![],
            flows: vec![],
            kinds: vec![],
            correlations: vec![],
        };
        for (number, interest) in take_array(&mut front, "match").into_iter().enumerate() {
            let default = if number == 0 { stem.clone() } else { format!("{stem}-{}", number + 1) };
            let query = query(interest, default, index).map_err(fail)?;
            let id = query["id"].as_str().unwrap_or_default().to_owned();
            let captures = query["captures"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .map(str::to_owned);
            rule.queries.push((queries.len(), id, captures.collect()));
            queries.push(query);
        }
        for (number, mut flow) in take_array(&mut front, "flow").into_iter().enumerate() {
            flow["rule"] = json!(index);
            if flow.get("id").is_none() {
                flow["id"] = json!(if number == 0 { stem.clone() } else { format!("{stem}-{}", number + 1) });
            }
            rule.flows.push(flows.len());
            flows.push(flow);
        }
        for kind in take_array(&mut front, "stack") {
            rule.kinds.extend(kind.as_str().map(str::to_owned));
            if !kinds.contains(&kind) {
                kinds.push(kind);
            }
        }
        for mut correlation in take_array(&mut front, "correlate") {
            if correlation.get("id").is_none() {
                correlation["id"] = json!(stem);
            }
            rule.correlations.push(correlations.len());
            correlations.push(correlation);
        }
        emits.extend(take_array(&mut front, "emits"));
        front.insert("id".into(), json!(stem));
        rules.push(Value::Object(front));
        declared.pages.insert(stem, body.to_owned());
        declared.rules.push(rule);
    }
    emits.sort_by_key(ToString::to_string);
    emits.dedup();
    for (key, value) in [
        ("rule", json!(rules)),
        ("query", json!(queries)),
        ("flow", json!(flows)),
        ("correlation", json!(correlations)),
        ("emits", json!(emits)),
        ("stack", json!({ "kinds": kinds })),
    ] {
        manifest.insert(key.into(), value);
    }
    declared.manifest = manifest;
    Ok(declared)
}

fn read_toml(path: &Path) -> Result<Map<String, Value>, String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    parse_toml(&text).map_err(|error| format!("{}: {error}", path.display()))
}

fn parse_toml(text: &str) -> Result<Map<String, Value>, String> {
    let table: toml::Table = toml::from_str(text).map_err(|error| error.to_string())?;
    match serde_json::to_value(table).map_err(|error| error.to_string())? {
        Value::Object(map) => Ok(map),
        _ => Err("not a table".into()),
    }
}

fn pages(folder: &Path) -> Result<BTreeMap<String, String>, String> {
    let entries = std::fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut pages = BTreeMap::new();
    for entry in entries {
        let path = entry.map_err(|error| error.to_string())?.path();
        if path.extension().is_some_and(|extension| extension == "md") {
            let stem = path.file_stem().and_then(|stem| stem.to_str()).ok_or("a page's name is not UTF-8")?;
            if !stem.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-') {
                return Err(format!("docs/{stem}.md: a rule's id is made of a-z, 0-9 and -"));
            }
            let text =
                std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
            pages.insert(stem.to_owned(), text);
        }
    }
    Ok(pages)
}

/// Splits a page into its front matter and its text.
fn split(page: &str) -> Result<(Map<String, Value>, &str), String> {
    let (front, body) = page
        .strip_prefix("+++\n")
        .and_then(|rest| rest.split_once("\n+++\n"))
        .ok_or("a page opens with TOML between two lines of `+++`")?;
    Ok((parse_toml(front)?, body.trim_start()))
}

fn text(map: &Map<String, Value>, key: &str) -> Option<String> {
    map.get(key).and_then(Value::as_str).map(str::to_owned)
}

fn take_array(map: &mut Map<String, Value>, key: &str) -> Vec<Value> {
    match map.remove(key) {
        Some(Value::Array(items)) => items,
        Some(other) => vec![other],
        None => Vec::new(),
    }
}

/// A `[[match]]` as a query of the manifest.
fn query(interest: Value, default_id: String, rule: usize) -> Result<Value, String> {
    let Value::Object(mut interest) = interest else { return Err("`match` is a list of tables".into()) };
    let id = text(&interest, "id").unwrap_or(default_id);
    interest.remove("id");
    let fail = |problem: &str| format!("match `{id}`: {problem}");
    let (matcher, captures, derived) = matcher(&mut interest).map_err(|problem| fail(&problem))?;
    let keywords = match take_array(&mut interest, "keywords") {
        keywords if keywords.is_empty() => derived.iter().map(|keyword| json!(keyword)).collect(),
        keywords => keywords,
    };
    let is_narrow = matcher.get("tree-sitter").is_some() || interest.contains_key("paths");
    if keywords.is_empty() && !is_narrow {
        return Err(fail(
            "`keywords` is missing: literals of which one must occur in the text, unless `paths` narrows it",
        ));
    }
    let mut query = Map::new();
    query.insert("id".into(), json!(id));
    query.insert("rule".into(), json!(rule));
    for key in ["languages", "paths", "exclude", "skip"] {
        let list = take_array(&mut interest, key);
        if !list.is_empty() {
            query.insert(key.into(), json!(list));
        }
    }
    query.insert("keywords".into(), json!(keywords));
    query.insert("captures".into(), json!(captures));
    query.insert("matcher".into(), matcher);
    if let Some(key) = interest.keys().next() {
        return Err(fail(&format!("unknown key `{key}`")));
    }
    Ok(Value::Object(query))
}

/// The matcher, the names of its captures, and keywords derived from it.
fn matcher(interest: &mut Map<String, Value>) -> Result<(Value, Vec<String>, Vec<String>), String> {
    if let Some(regex) = interest.remove("text") {
        let source = regex.as_str().ok_or("`text` is a string")?;
        let captures = captures_after(source, &["(?<", "(?P<"], "");
        let multiline = interest.remove("multiline").unwrap_or(json!(false));
        return Ok((json!({ "text": { "regex": source, "multiline": multiline } }), captures, vec![]));
    }
    if let Some(name) = interest.remove("use") {
        let mut filter = Map::new();
        filter.insert("use".into(), name.clone());
        for key in ["name_is", "name_like", "value_like"] {
            if let Some(value) = interest.remove(key) {
                filter.insert(key.into(), value);
            }
        }
        let names = name.as_str().and_then(std_captures).ok_or(
            "`use` is one of std/call, std/import, std/assign, std/string, std/function, std/decorator",
        )?;
        let captures = names.iter().map(|name| (*name).to_owned()).collect();
        let derived = filter.get("name_is").and_then(Value::as_array).into_iter().flatten();
        let derived = derived.filter_map(Value::as_str).filter_map(longest_segment).collect();
        return Ok((json!({ "std": filter }), captures, unique(derived)));
    }
    let mut patterns = take_array(interest, "patterns");
    patterns.extend(interest.remove("pattern"));
    if !patterns.is_empty() {
        let sources: Vec<&str> = patterns.iter().filter_map(Value::as_str).collect();
        let captures = unique(sources.iter().flat_map(|source| metavariables(source)).collect());
        let captures = std::iter::once("match".to_owned()).chain(captures).collect();
        let derived = sources.iter().filter_map(|source| longest_word(source)).collect();
        return Ok((json!({ "code": { "patterns": sources } }), captures, unique(derived)));
    }
    if let Some(source) = interest.remove("query") {
        let source = source.as_str().ok_or("`query` is a string")?;
        let names = captures_after(source, &["@"], "match");
        return Ok((json!({ "tree-sitter": { "source": source } }), names, vec![]));
    }
    Err("one of `text`, `use`, `pattern`, `patterns`, `query` is missing".into())
}

fn std_captures(name: &str) -> Option<&'static [&'static str]> {
    Some(match name {
        "std/call" => &["match", "callee", "receiver", "name", "argument", "key", "value"],
        "std/import" => &["match", "module", "name", "alias"],
        "std/assign" => &["match", "target", "value"],
        "std/string" => &["match", "content"],
        "std/function" => &["match", "name", "parameter"],
        "std/decorator" => &["match", "name", "argument"],
        _ => return None,
    })
}

fn unique(names: Vec<String>) -> Vec<String> {
    let mut seen = Vec::new();
    for name in names {
        if !seen.contains(&name) {
            seen.push(name);
        }
    }
    seen
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// The names that follow a marker, after `match`.
fn captures_after(source: &str, markers: &[&str], skip: &str) -> Vec<String> {
    let mut names = vec!["match".to_owned()];
    for (at, _) in source.char_indices() {
        for marker in markers {
            if let Some(rest) = source[at..].strip_prefix(marker) {
                let name: String =
                    rest.chars().take_while(|c| is_word(*c) || *c == '.' || *c == '-').collect();
                if !name.is_empty() && name != skip && !names.contains(&name) {
                    names.push(name);
                }
            }
        }
    }
    names
}

/// `$X`, `$$$ARGS`: the names of a code pattern's metavariables.
fn metavariables(source: &str) -> Vec<String> {
    let mut names = Vec::new();
    for (at, _) in source.match_indices('$') {
        let escaped = source[..at].ends_with('\\');
        let name: String = source[at + 1..].chars().take_while(|c| is_word(*c)).collect();
        let upper = name.starts_with(|c: char| c.is_ascii_uppercase())
            && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
        if upper && !escaped {
            names.push(name);
        }
    }
    names
}

/// The longest part of a dotted name: what a document that uses it must hold.
fn longest_segment(name: &str) -> Option<String> {
    let parts = name.split(|c: char| !is_word(c) && c != '-' && c != '$');
    parts.max_by_key(|part| part.len()).filter(|part| part.len() > 1).map(str::to_owned)
}

/// The longest word of a code pattern that is not a metavariable.
fn longest_word(source: &str) -> Option<String> {
    let mut best = "";
    let mut start = None;
    for (at, character) in source.char_indices().chain([(source.len(), ' ')]) {
        match (is_word(character), start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                let word = &source[from..at];
                let variable = source[..from].ends_with('$') && !source[..from].ends_with("\\$");
                if !variable && word.len() > best.len() {
                    best = word;
                }
                start = None;
            }
            _ => {}
        }
    }
    (best.len() > 1).then(|| best.to_owned())
}

/// The Rust code that `plugin!` includes.
fn code(declared: &Declared) -> String {
    let mut code =
        String::from("/// Names that the plugin declares.\n#[allow(dead_code)]\npub mod declared {\n");
    for (index, rule) in declared.rules.iter().enumerate() {
        let _ = writeln!(code, "/// Of `{}`.\npub mod {} {{", rule.stem, module(&rule.stem));
        let _ = writeln!(
            code,
            "#[allow(unused_imports)]\nuse wardline_plugin::{{Capture, Query, Rule}};\n/// The rule.\npub const RULE: Rule = Rule {{ index: {index}, id: {:?}, title: {:?}, message: {:?} }};",
            rule.stem, rule.title, rule.message
        );
        let mut names: Vec<&String> = Vec::new();
        for (query, id, captures) in &rule.queries {
            let _ = writeln!(
                code,
                "/// Query `{id}`.\npub const QUERY_{}: Query = Query({query});",
                constant(id)
            );
            names.extend(captures);
        }
        names.sort();
        names.dedup();
        for name in names {
            let _ = writeln!(
                code,
                "/// Capture `{name}`.\npub const {}: Capture = Capture({name:?});",
                constant(name)
            );
        }
        code.push_str("}\n");
    }
    code.push_str("}\n\nmod rules {\n");
    for rule in &declared.rules {
        if let Some(file) = &rule.file {
            let _ =
                writeln!(code, "#[path = {:?}]\npub mod {};", file.display().to_string(), module(&rule.stem));
        }
    }
    code.push_str("}\n\n/// The plugin, for the host.\n#[doc(hidden)]\n#[derive(Debug)]\npub struct Declared;\n\n#[allow(clippy::all, clippy::pedantic)]\nimpl wardline_plugin::glue::Plugin for Declared {\n");
    let mut captures: Vec<(usize, &Vec<String>)> = declared
        .rules
        .iter()
        .flat_map(|rule| rule.queries.iter().map(|(index, _, names)| (*index, names)))
        .collect();
    captures.sort_by_key(|(index, _)| *index);
    let tables: Vec<String> = captures.iter().map(|(_, names)| format!("&{names:?}")).collect();
    let _ = writeln!(code, "const CAPTURES: &'static [&'static [&'static str]] = &[{}];", tables.join(", "));
    code.push_str("fn check(found: &wardline_plugin::Match<'_>, report: &mut wardline_plugin::Report) {\nmatch found.query().0 {\n");
    for rule in declared.rules.iter().filter(|rule| !rule.queries.is_empty()) {
        let arms: Vec<String> = rule.queries.iter().map(|(index, ..)| index.to_string()).collect();
        let module = module(&rule.stem);
        let call = match rule.file {
            Some(_) => format!("rules::{module}::check(found, report)"),
            None => format!("JUDGE(declared::{module}::RULE, found, report)"),
        };
        let _ = writeln!(code, "{} => {call},", arms.join(" | "));
    }
    code.push_str("_ => {}\n}\n}\nfn check_flow(flow: &wardline_plugin::Flow<'_>, spec: u32, report: &mut wardline_plugin::Report) {\nlet _ = (flow, &report);\nmatch spec {\n");
    arms(
        &mut code,
        declared,
        |rule| rule.flows.iter().map(ToString::to_string).collect(),
        "check_flow(flow, report)",
    );
    code.push_str("_ => {}\n}\n}\nfn check_stack(resource: &wardline_plugin::Resource<'_>, stack: &wardline_plugin::Stack, report: &mut wardline_plugin::Report) {\nlet _ = (resource, stack, &report);\n");
    for rule in declared.rules.iter().filter(|rule| !rule.kinds.is_empty()) {
        let _ = writeln!(
            code,
            "if [{}].iter().any(|kind: &&str| wardline_plugin::glue::kind_matches(kind, resource.kind())) {{ rules::{}::check_stack(resource, stack, report); }}",
            rule.kinds.iter().map(|kind| format!("{kind:?}")).collect::<Vec<_>>().join(", "),
            module(&rule.stem)
        );
    }
    code.push_str("}\nfn correlate(group: &wardline_plugin::Group<'_>, correlation: u32, report: &mut wardline_plugin::Report) {\nlet _ = (group, &report);\nmatch correlation {\n");
    arms(
        &mut code,
        declared,
        |rule| rule.correlations.iter().map(ToString::to_string).collect(),
        "correlate(group, report)",
    );
    code.push_str("_ => {}\n}\n}\n}\n\n");
    for (section, file) in [("wardline:manifest", "manifest.json"), ("wardline:pages", "pages.json")] {
        let name = constant(file.trim_end_matches(".json"));
        let _ = writeln!(
            code,
            "const {name}_BYTES: &[u8] = include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{file}\"));\n\
             #[cfg(target_arch = \"wasm32\")]\n#[used]\n#[unsafe(link_section = {section:?})]\n\
             static {name}_SECTION: [u8; {name}_BYTES.len()] = *include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{file}\"));\n\
             /// The plugin's {file}.\n#[doc(hidden)]\n#[cfg(not(target_arch = \"wasm32\"))]\npub const {name}: &[u8] = {name}_BYTES;"
        );
    }
    code
}

fn arms(code: &mut String, declared: &Declared, of: fn(&DeclaredRule) -> Vec<String>, call: &str) {
    for rule in &declared.rules {
        let specs = of(rule);
        if !specs.is_empty() {
            let _ = writeln!(code, "{} => rules::{}::{call},", specs.join(" | "), module(&rule.stem));
        }
    }
}

fn module(stem: &str) -> String {
    let name = stem.replace('-', "_");
    if name.starts_with(|c: char| c.is_ascii_digit()) { format!("_{name}") } else { name }
}

fn constant(name: &str) -> String {
    name.replace(['-', '.'], "_").to_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn captures_and_keywords_come_from_the_matcher() {
        let table =
            |text: &str| query(Value::Object(parse_toml(text).expect("toml")), "x".into(), 0).expect("fits");
        let text = table("text = '(?<key>a)(?P<value>b)'\nkeywords = ['a']");
        assert_eq!(text["captures"], json!(["match", "key", "value"]));
        let call = table("use = 'std/call'\nname_is = ['subprocess.run', '*.execute', 'os/exec.Command']");
        assert_eq!(call["keywords"], json!(["subprocess", "execute", "Command"]));
        let code = table("pattern = 'eval($X, $$$REST)'\nlanguages = ['python']");
        assert_eq!(
            (&code["captures"], &code["keywords"]),
            (&json!(["match", "X", "REST"]), &json!(["eval"]))
        );
        let tree = table("query = '(call function: (identifier) @f) @match'");
        assert_eq!(tree["captures"], json!(["match", "f"]));
    }

    #[test]
    fn a_path_can_stand_for_keywords() {
        let table = |text: &str| query(Value::Object(parse_toml(text).expect("toml")), "x".into(), 0);
        assert!(table("text = '.'").is_err());
        let narrow = table("text = '.'\npaths = ['**/.nvmrc']").expect("fits");
        assert_eq!(narrow["keywords"], json!([]));
    }

    #[test]
    fn an_unknown_key_is_refused() {
        let table = parse_toml("text = 'a'\nkeywords = ['a']\nlanguage = 'python'").expect("toml");
        assert!(query(Value::Object(table), "x".into(), 0).is_err());
    }
}
