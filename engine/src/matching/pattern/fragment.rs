//! Finding the syntax of a piece of code that does not stand in a file.
//!
//! Metavariables become placeholders that the grammar accepts at their place,
//! and the piece is put into contexts (a function, a class, a list) until it
//! parses without error.

use super::PatternError;
use std::ops::Range;
use tree_sitter::{Language, Node, Parser, Tree};

/// Ways to write the placeholders of one pattern that are tried in a context.
const ATTEMPTS: usize = 48;

/// A pattern's source, with the metavariables told from the code.
pub(super) struct Fragment {
    pieces: Vec<Piece>,
}

enum Piece {
    Code(String),
    Hole(Hole),
}

/// A metavariable in the source of a pattern.
#[derive(Debug, Clone)]
pub(super) struct Hole {
    /// Its name; `None` for `$_` and `$$$`.
    pub(super) name: Option<String>,
    /// Whether it stands for any number of siblings.
    pub(super) many: bool,
    templates: &'static [&'static str],
}

/// A fragment that has been parsed.
pub(super) struct Parsed {
    pub(super) text: String,
    pub(super) tree: Tree,
    /// Where the fragment stands in the text.
    pub(super) range: Range<usize>,
    /// Where the holes stand in the text, together with their decoration.
    pub(super) holes: Vec<(Range<usize>, Hole)>,
}

impl Fragment {
    /// Tells metavariables from code.
    pub(super) fn new(language: &str, source: &str) -> Self {
        let source = source.trim().trim_end_matches(|c: char| c == ';' || c.is_whitespace());
        let mut pieces = Vec::new();
        let mut code = String::new();
        let mut brackets = Vec::new();
        let mut at = 0;
        while let Some(next) = source[at..].chars().next() {
            let rest = &source[at..];
            if rest.starts_with("\\$") {
                code.push('$');
                at += 2;
                continue;
            }
            let glued = source[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '$');
            if next == '$'
                && !glued
                && let Some((length, many, name)) = metavariable(language, rest)
            {
                let place = Place {
                    before: &source[..at],
                    after: &source[at + length..],
                    bracket: brackets.last().copied(),
                };
                pieces.push(Piece::Code(std::mem::take(&mut code)));
                pieces.push(Piece::Hole(Hole { name, many, templates: templates(language, many, &place) }));
                at += length;
                continue;
            }
            match next {
                '{' if opens_members(&source[..at]) => brackets.push('M'),
                '(' | '[' | '{' => brackets.push(next),
                ')' | ']' | '}' => drop(brackets.pop()),
                _ => {}
            }
            code.push(next);
            at += next.len_utf8();
        }
        pieces.push(Piece::Code(code));
        Self { pieces }
    }

    /// Returns the code without the metavariables.
    pub(super) fn code(&self) -> String {
        self.pieces
            .iter()
            .filter_map(|piece| if let Piece::Code(code) = piece { Some(&**code) } else { None })
            .collect()
    }

    /// Parses the fragment in one context after the other until `accept` takes
    /// what came out without errors.
    pub(super) fn parse<T>(
        &self,
        language: &str,
        grammar: &Language,
        mut accept: impl FnMut(&Parsed) -> Option<T>,
    ) -> Result<Option<T>, PatternError> {
        let mut parser = Parser::new();
        parser.set_language(grammar).map_err(|_| PatternError::Grammar { language: language.to_owned() })?;
        for (prefix, suffix) in contexts(language, &self.code()) {
            let mut choice = 0;
            while choice < ATTEMPTS {
                let Some((text, range, holes)) = self.write(prefix, suffix, choice) else {
                    break;
                };
                choice += 1;
                let Some(tree) = parser.parse(&text, None) else {
                    continue;
                };
                if tree.root_node().has_error() {
                    continue;
                }
                if let Some(found) = accept(&Parsed { text, tree, range, holes }) {
                    return Ok(Some(found));
                }
            }
        }
        Ok(None)
    }

    /// Writes the fragment with placeholders; `choice` counts through the ways
    /// to write them.
    #[allow(clippy::type_complexity)]
    fn write(
        &self,
        prefix: &str,
        suffix: &str,
        mut choice: usize,
    ) -> Option<(String, Range<usize>, Vec<(Range<usize>, Hole)>)> {
        let mut text = prefix.to_owned();
        let mut holes = Vec::new();
        for piece in &self.pieces {
            match piece {
                Piece::Code(code) => text.push_str(code),
                Piece::Hole(hole) => {
                    let template = hole.templates[choice % hole.templates.len()];
                    choice /= hole.templates.len();
                    let start = text.len();
                    text.push_str(&template.replacen('_', &format!("wlmv{}z", holes.len()), 1));
                    holes.push((start..text.len(), hole.clone()));
                }
            }
        }
        if choice > 0 {
            return None;
        }
        let range = prefix.len()..text.len();
        for (hole, _) in &mut holes {
            // A statement's semicolon belongs to the statement.
            let rest = &text[hole.end..];
            let space = rest.len() - rest.trim_start().len();
            if rest[space..].starts_with(';') {
                hole.end += space + 1;
            }
        }
        text.push_str(suffix);
        text.push('\n');
        Some((text, range, holes))
    }
}

impl Parsed {
    /// Returns the smallest node that is the whole fragment.
    pub(super) fn root(&self) -> Option<Node<'_>> {
        let Range { start, end } = self.range;
        let node = self.tree.root_node().named_descendant_for_byte_range(start, end)?;
        let after = self.text.get(end..node.end_byte()).unwrap_or_default();
        let whole = node.start_byte() == start
            && self.text[node.end_byte().min(end)..end].trim().is_empty()
            && after.chars().all(|c| c.is_whitespace() || c == ';');
        whole.then_some(node)
    }
}

/// Reads `$X`, `$_`, `$$$` or `$$$X`: its length, whether it is many, its name.
fn metavariable(language: &str, rest: &str) -> Option<(usize, bool, Option<String>)> {
    const SUPERGLOBALS: [&str; 9] =
        ["_GET", "_POST", "_REQUEST", "_SERVER", "_COOKIE", "_FILES", "_ENV", "_SESSION", "GLOBALS"];
    let many = rest.starts_with("$$$");
    let sigil = if many { 3 } else { 1 };
    let name = &rest[sigil..];
    let length = name.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(name.len());
    let name = &name[..length];
    let is_upper = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    if !name.chars().all(is_upper) || name.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    if name.is_empty() && !many || language == "php" && SUPERGLOBALS.contains(&name) {
        return None;
    }
    let named = !name.is_empty() && name != "_";
    Some((sigil + length, many, named.then(|| name.to_owned())))
}

/// Where a metavariable stands in the source.
struct Place<'a> {
    before: &'a str,
    after: &'a str,
    /// The bracket around it; `M` for the brace of a class.
    bracket: Option<char>,
}

impl Place<'_> {
    fn in_string(&self) -> bool {
        matches!(
            (self.before.chars().next_back(), self.after.chars().next()),
            (Some(open @ ('"' | '\'' | '`')), Some(close)) if open == close
        )
    }

    /// Whether it stands where a statement would.
    fn is_statement(&self) -> bool {
        matches!(self.bracket, Some('{' | 'M'))
            && !self.before.trim_end().ends_with(',')
            && !self.after.trim_start().starts_with([',', ';', ':', ')'])
    }

    /// Whether it stands where PHP has a name rather than an expression.
    fn is_php_name(&self) -> bool {
        let before = self.before.trim_end();
        ["->", "::", "\\", "function", "class", "new", "use", "extends", "implements"]
            .iter()
            .any(|word| before.ends_with(word))
            || self.after.starts_with("::")
    }
}

/// Whether a brace after this code opens the body of a class.
fn opens_members(code: &str) -> bool {
    let head = code.rsplit(['{', '}', ';']).next().unwrap_or_default();
    const WORDS: [&str; 6] = ["class", "interface", "trait", "enum", "impl", "struct"];
    head.split_whitespace().any(|word| WORDS.contains(&word))
}

/// Returns ways to write the placeholder `_` at this place, the likeliest first.
fn templates(language: &str, many: bool, place: &Place) -> &'static [&'static str] {
    if place.in_string() {
        return &["_"];
    }
    let statement = many && place.is_statement();
    let member = statement && place.bracket == Some('M');
    match language {
        "php" if member => &["public $_;"],
        "java" | "csharp" if member => &["int _;"],
        "go" if member => &["_ int;"],
        "kotlin" if member => &["val _ = 0;"],
        "rust" if member => &["fn _() {}", "_: u8,"],
        "php" if statement => &["$_;", "$_", "_"],
        "php" if place.is_php_name() => &["_", "$_"],
        "php" => &["$_", "_"],
        "json" if many && place.bracket == Some('{') => &["\"_\": 0"],
        "json" => &["\"_\""],
        "toml" => &["_", "\"_\""],
        "ruby" => &["_", "W_"],
        "hcl" if statement => &["_ = 0\n", "_"],
        "python" if many => &["_", "**_"],
        "javascript" | "typescript" | "tsx" if statement => &["_;", "_", "..._"],
        "javascript" | "typescript" | "tsx" if many => &["_", "..._"],
        // A C# statement is not just any expression.
        "csharp" if statement => &["int _;", "_"],
        "java" if statement => &["_;", "_"],
        "java" | "csharp" if many => &["_", "int _"],
        "go" if statement => &["_;", "_"],
        "kotlin" if statement => &["_;", "_"],
        "kotlin" if many => &["_", "_: Int"],
        "rust" if statement => &["_;", "_"],
        "rust" if many => &["_", "_: u8"],
        _ => &["_"],
    }
}

/// Returns what to put around a fragment, the likeliest first.
fn contexts(language: &str, code: &str) -> Vec<(&'static str, &'static str)> {
    let mut contexts = match language {
        "python" => vec![("", ""), ("{", "}"), ("", "\ndef f(): pass"), ("try:\n  pass\n", ""), ("f(", ")")],
        "javascript" | "typescript" | "tsx" => vec![
            ("", ""),
            ("(", ")"),
            ("({", "})"),
            ("class A { ", " }"),
            ("async function f() { ", " }"),
            ("", " class A {}"),
            ("switch (x) { ", " }"),
            ("<a ", "/>"),
        ],
        "java" => vec![
            ("", ""),
            ("class A { void f() { ", "; } }"),
            ("class A { void f() { ", " } }"),
            ("class A { Object f = ", "; }"),
            ("class A { ", " }"),
            ("class A { ", "; }"),
            ("class A { ", " void f() {} }"),
        ],
        "csharp" => vec![
            ("", ""),
            ("", ";"),
            ("class A { void F() { ", "; } }"),
            ("class A { void F() { ", " } }"),
            ("class A { object f = ", "; }"),
            ("class A { ", " }"),
            ("class A { ", "; }"),
            ("class A { object f = g(", "); }"),
            ("", " class A {}"),
        ],
        "kotlin" => {
            vec![("", ""), ("fun f() { ", " }"), ("val f = ", ""), ("class A { ", " }"), ("", " fun f() {}")]
        }
        "php" => vec![
            ("<?php ", ";"),
            ("<?php ", ""),
            ("<?php [", "];"),
            ("<?php f(", ");"),
            ("<?php class A { ", " }"),
            ("<?php class A { ", "; }"),
            ("<?php ", " class A {}"),
        ],
        "go" => vec![
            ("", ""),
            ("package p\nfunc f() { ", " }"),
            ("package p\nvar f = ", ""),
            ("package p\nvar f = T{", "}"),
            ("package p\ntype T struct { ", " }"),
        ],
        "rust" => vec![
            ("", ""),
            ("fn f() { ", " }"),
            ("fn f() { ", "; }"),
            ("impl A { ", " }"),
            ("", " fn f() {}"),
            ("const F: T = T { ", " };"),
        ],
        "ruby" => vec![("", ""), ("f(", ")")],
        "hcl" => vec![("", ""), ("f = ", "")],
        "toml" => vec![("", ""), ("f = ", "")],
        "json" => vec![("", ""), ("{", "}")],
        "html" => vec![("", ""), ("<a ", ">")],
        "dockerfile" => vec![("", ""), ("FROM a\n", "")],
        "sql" => vec![("", ""), ("", ";"), ("SELECT ", "")],
        _ => vec![("", "")],
    };
    // What parses as something unlikely where it would stand alone.
    let first = match language {
        "javascript" | "typescript" | "tsx" if code.starts_with('{') => Some(("(", ")")),
        "javascript" | "typescript" | "tsx" if is_pair(code) => Some(("({", "})")),
        "javascript" | "tsx" if code.contains("={") && !code.contains([' ', ';', '(']) => Some(("<a ", "/>")),
        "go" if is_pair(code) => Some(("package p\nvar f = T{", "}")),
        "csharp"
            if ["public ", "private ", "protected ", "internal "]
                .iter()
                .any(|word| code.starts_with(word)) =>
        {
            Some(("class A { ", " }"))
        }
        "csharp" if code.starts_with('[') => Some(("", " class A {}")),
        _ => None,
    };
    if let Some(first) = first {
        contexts.insert(0, first);
    }
    contexts
}

/// Whether the code starts with `key:`, quoted or not.
fn is_pair(code: &str) -> bool {
    let is_key = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '"' | '\'');
    let rest = code.trim_start_matches(is_key);
    rest.len() < code.len()
        && rest
            .trim_start()
            .strip_prefix(':')
            .is_some_and(|rest| !rest.starts_with([':', '=']) && !rest.is_empty())
}
