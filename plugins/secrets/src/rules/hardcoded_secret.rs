//! A literal bound to a secret's name, in code or configuration, or given as
//! the default where the environment has none.

use crate::bound::Bound;
use crate::declared::hardcoded_secret::*;
use crate::value::{self, Sure};
use wardline_plugin::prelude::*;

/// Reports the literal if it can be a secret.
pub fn check(found: &Match, report: &mut Report) {
    let Some(bound) = Bound::new(found, NAME, VALUE) else {
        return;
    };
    let document = found.document();
    let query = found.query();
    if query == QUERY_QUOTED && belongs_to_environment_literal(document, bound.name.span()) {
        return;
    }
    // `AWS::SecretsManager::Secret` names a type.
    if document.text()[..bound.name.span().start as usize].ends_with("::") {
        return;
    }
    let Some(sure) = bound.sure() else { return };
    if query == QUERY_BARE && !may_be_bare(document, bound.name.span()) {
        return;
    }
    // In running text and between other things, only what looks random is told
    // from words.
    if query == QUERY_BARE && sure != Sure::Very && !value::is_uuid(bound.value.text()) {
        return;
    }
    // Without quotes a plain word in YAML may be a type or a reference.
    if query == QUERY_PLAIN && document.language() == "yaml" && sure == Sure::Hardly {
        return;
    }
    let name = bound.name.text();
    let message = if [QUERY_DEFAULT, QUERY_DEFAULT_PROCESS, QUERY_DEFAULT_TEMPLATE].contains(&query) {
        format!("`{name}` falls back to a literal: where the environment lacks it, everyone who reads the code has it")
    } else {
        format!("`{name}` is a literal: whoever reads the code, its history or its image has the secret")
    };
    let finding = bound.report(RULE, sure, message, report);
    let line = document.line(bound.value.span().start);
    if let (true, Some(read)) = (query == QUERY_QUOTED, from_environment(document, name, line)) {
        let literal = bound.value.span();
        let with_quotes = Span {
            start: literal.start - 1,
            end: literal.end + 1,
        };
        finding.fix("read it from the environment", Applicability::Suggestion, |fix| {
            fix.replace(with_quotes, read)
        });
    }
}

/// Whether a literal can stand here without quotes: not in a programming
/// language, unless within a string or a comment.
fn may_be_bare(document: &Document, name: Span) -> bool {
    const QUOTED: &[&str] = &[
        "python", "javascript", "typescript", "tsx", "java", "php", "go", "ruby", "csharp", "kotlin", "rust",
        "clojure", "hcl", "sql",
    ];
    let line = document.line(name.start);
    let start = document.text()[..name.start as usize].rfind('\n').map_or(0, |at| at + 1);
    let before = line.get(..name.start as usize - start).unwrap_or_default();
    let within = ['"', '\'', '`'].iter().any(|quote| before.matches(*quote).count() % 2 == 1);
    let comment = ["#", "//", "*", "--", ";"].iter().any(|mark| before.trim_start().starts_with(mark));
    !QUOTED.contains(&document.language()) || within || comment
}

/// `os.environ["X"] = "..."` and the like are another rule's.
fn belongs_to_environment_literal(document: &Document, name: Span) -> bool {
    let line = document.line(name.start);
    let text = document.text();
    let start = text[..name.start as usize].rfind('\n').map_or(0, |at| at + 1);
    let before = &line[..(name.start as usize - start).min(line.len())];
    let opens = before.trim_end_matches(['"', '\'']);
    ["environ[", "ENV[", "ENV.", "process.env.", "process.env["]
        .iter()
        .any(|open| opens.ends_with(open))
        || name_is_of_environment(document.slice(name))
}

/// The name is matched with what precedes it: `process.env.DB_PASSWORD`.
fn name_is_of_environment(name: &str) -> bool {
    ["process.env.", "environ.", "env."]
        .iter()
        .any(|open| name.starts_with(open))
}

/// The expression that reads `name` from the environment, where the whole
/// statement is an assignment to a constant, so that it fits.
fn from_environment(document: &Document, name: &str, line: &str) -> Option<String> {
    let constant = name
        .bytes()
        .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
    let statement = line.trim_end().trim_end_matches(';');
    let (left, right) = statement.split_once('=')?;
    let whole = right.trim().len() >= 2 && right.trim().ends_with(['"', '\'']) && right.trim().starts_with(['"', '\'']);
    if !constant || !whole {
        return None;
    }
    let left = left.trim();
    match document.language() {
        "python" if left == name && document.text().lines().any(|line| line == "import os") => {
            Some(format!("os.environ[\"{name}\"]"))
        }
        "javascript" | "typescript" => {
            let declared = left
                .trim_start_matches("export ")
                .trim_start_matches("const ")
                .trim_start_matches("let ");
            (declared.trim_start_matches("var ") == name).then(|| format!("process.env.{name}"))
        }
        _ => None,
    }
}
