//! Passwords and secrets compared with a text in the code.

use crate::comparison;
use crate::declared::hard_coded_credential_check::*;
use crate::literal;
use crate::names;
use crate::setting;
use wardline_plugin::prelude::*;

/// Texts that stand for a state or a kind rather than a credential.
const STATES: &[&str] = &[
    "true",
    "false",
    "none",
    "null",
    "nil",
    "undefined",
    "yes",
    "no",
    "on",
    "off",
    "required",
    "optional",
    "string",
    "text",
    "hidden",
    "invalid",
    "unknown",
    "default",
    "number",
    "object",
    "function",
    "plain",
    "basic",
    "bearer",
    "password",
    "secret",
    "passwd",
    "passphrase",
    "token",
    "api_key",
    "apikey",
    "email",
    "username",
    "oauth",
    "stdin",
    "prompt",
    "env",
    "file",
    "ask",
    "random",
    "auto",
    "generate",
    "error",
    "success",
    "sent",
    "valid",
    "empty",
];

/// Parts of texts that are to be replaced before use.
const PLACEHOLDERS: &[&str] = &[
    "change",
    "your",
    "example",
    "insecure",
    "placeholder",
    "replace",
    "todo",
    "xxx",
    "redacted",
    "dummy",
    "${",
    "{{",
    "<",
    "%s",
    "masked",
    "filtered",
    "not set",
    "notset",
];

/// Judges a comparison.
pub fn check(found: &Match, report: &mut Report) {
    let Some((left, right)) = sides(found) else { return };
    let language = found.document().language();
    if found.query() == QUERY_COMPARE_SHELL
        && found.document().line(found.span().start).trim_start().starts_with('#')
    {
        return;
    }
    for (value, constant) in [(left, right), (right, left)] {
        let Some(credential) = compared_text(constant, language) else { continue };
        let name = names::of_expression(value.text());
        if !names::is_credential(name)
            || language != "bash" && is_constant_name(value.text())
            || !could_be(credential)
        {
            continue;
        }
        let with_user = mentions_user(found.document().line(found.span().start));
        report
            .finding(RULE, found.span())
            .message(format!("`{name}` is compared with a text that everyone who has the code can read"))
            .confidence(if with_user { Confidence::High } else { Confidence::Medium })
            .class(setting::class(found))
            .subject(name)
            .redact(constant.span());
        return;
    }
}

/// The two sides of a comparison; in a shell, the text pattern names them.
fn sides<'d>(found: &Match<'d>) -> Option<(Node<'d>, Node<'d>)> {
    match found.query() {
        QUERY_COMPARE_SHELL => Some((found.get(VARIABLE)?, found.get(LITERAL)?)),
        _ => comparison::sides(found),
    }
}

/// The text of a literal, if the node is nothing else: `"x"`, `[]byte("x")`,
/// `Buffer.from("x")`, `"x".encode()`.
fn compared_text<'d>(node: Node<'d>, language: &str) -> Option<&'d str> {
    let reading = literal::read(node.text(), language);
    match reading.strings.as_slice() {
        [text] if reading.is_constant() => Some(text),
        [text, _encoding] if reading.is_constant() && node.text().contains('(') => Some(text),
        _ => None,
    }
}

/// Whether a text could be a credential at all.
fn could_be(text: &str) -> bool {
    let lower = text.to_lowercase();
    let mut characters = lower.chars();
    let first = characters.next();
    let is_mask = characters.all(|character| Some(character) == first);
    let is_path = text.starts_with(['/', '.', '~', '-']) || text.contains("://");
    lower.chars().filter(|c| c.is_alphanumeric()).count() >= 3
        && !is_mask
        && !is_path
        && !lower.contains(['*', '•', '\n'])
        && !STATES.contains(&lower.as_str())
        && !PLACEHOLDERS.iter().any(|part| lower.contains(part))
}

/// Whether the name is that of a constant, such as a setting that is compared
/// with its insecure default.
fn is_constant_name(text: &str) -> bool {
    let name = text.rsplit('.').next().unwrap_or(text);
    !text.contains(['[', '('])
        && name.chars().any(char::is_alphabetic)
        && !name.chars().any(char::is_lowercase)
}

fn mentions_user(line: &str) -> bool {
    let lower = line.to_lowercase();
    ["user", "login", "email", "admin"].iter().any(|word| lower.contains(word)) && line.contains(['&', '|'])
        || lower.contains(" and ") && lower.contains("user")
}
