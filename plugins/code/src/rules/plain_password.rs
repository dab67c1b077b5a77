//! Passwords that are compared as they were typed.

use crate::comparison;
use crate::declared::plain_password::*;
use crate::literal;
use crate::names;
use crate::setting;
use crate::surroundings::Surroundings;
use wardline_plugin::prelude::*;

/// Words of a second password that the same person types.
const REPEATED: &[&str] = &[
    "confirm",
    "confirmation",
    "confirmed",
    "repeat",
    "repeated",
    "again",
    "retype",
    "verify",
    "old",
    "new",
    "current",
    "previous",
    "matching",
    "match",
    "second",
    "check",
    "original",
    "default",
];

/// Objects whose members come from the person in front, or from the program itself.
const NOT_STORED: &[&str] = &[
    "request",
    "req",
    "form",
    "params",
    "data",
    "body",
    "input",
    "args",
    "dto",
    "payload",
    "values",
    "state",
    "props",
    "options",
    "event",
    "self",
    "this",
    "other",
    "that",
    "config",
    "settings",
    "prev",
    "previous",
    "model",
    "command",
    "cmd",
    "credentials",
    "ctx",
    "url",
    "uri",
    "parsed",
    "expected",
    "left",
    "right",
    "rhs",
    "lhs",
    "o",
    "obj",
    "a",
    "b",
];

/// Marks of a value that is a hash already.
const HASHES: &[&str] = &["hash", "md5", "sha", "crypt", "digest", "pbkdf", "argon", "encode", "encrypt"];

/// Judges a comparison, or a query.
pub fn check(found: &Match, report: &mut Report) {
    if found.query() == QUERY_PLAIN_QUERY {
        query(found, report);
        return;
    }
    let Some((left, right)) = comparison::sides(found) else { return };
    let document = found.document();
    // What is around is looked at only where the sides may be what is meant.
    let in_helper = [QUERY_PLAIN_HELPER, QUERY_PLAIN_HELPER_SCRIPT].contains(&found.query());
    let (first, second) = (is_stored(left.text()), is_stored(right.text()));
    let fits = if in_helper { are_parameters(left.text(), right.text()) } else { first != second };
    if !fits {
        return;
    }
    let around = Surroundings::at(document.text(), found.span().start as usize);
    let function = around.function.unwrap_or_default();
    if matches!(function, "equals" | "Equals" | "__eq__" | "__ne__" | "eq" | "hashCode" | "Equal") {
        return;
    }
    let typed = if first { right } else { left };
    let confidence = match in_helper {
        true if compares(function) && around.returned => Confidence::Low,
        false if is_typed(document, found, typed.text()) => Confidence::Medium,
        _ => return,
    };
    let finding = report
        .finding(RULE, found.span())
        .message("passwords are kept as they were typed, if this comparison can ever be true")
        .confidence(confidence)
        .class(setting::class(found));
    if confidence == Confidence::Low {
        finding.severity(Severity::Medium);
    }
}

/// The name that an expression is about; `(:password user)` in Clojure too.
fn name_of(text: &str) -> &str {
    let text = text.trim_start_matches('&');
    match text.strip_prefix("(:") {
        Some(lookup) => lookup.split([' ', ')']).next().unwrap_or_default(),
        None => names::of_expression(text),
    }
}

fn is_repeated(text: &str) -> bool {
    names::words(text)
        .iter()
        .any(|word| REPEATED.contains(&word.as_str()) || word.ends_with('2') || word == "re")
        || name_of(text).ends_with(['1', '2'])
}

/// Whether an expression is a member `password` of something that was stored:
/// `user.password`, `$row['password']`, `account.getPassword()`.
fn is_stored(text: &str) -> bool {
    let name = name_of(text);
    let plain = matches!(
        names::words(name).concat().as_str(),
        "password" | "passwd" | "pwd" | "pass" | "userpassword" | "storedpassword" | "dbpassword"
    );
    if !plain || is_repeated(text) {
        return false;
    }
    if let Some(lookup) = text.strip_prefix("(:") {
        let object = lookup.split([' ', ')']).nth(1).unwrap_or_default();
        return !object.is_empty() && !NOT_STORED.contains(&object);
    }
    let text = text.trim_start_matches(['&', '$', '@']);
    let root_end = text.find(['.', '[', '-', '?', '!']).unwrap_or(text.len());
    let root = text[..root_end].to_lowercase();
    let member = root_end < text.len();
    let words = names::words(&root);
    member
        && !root.is_empty()
        && !text.starts_with('_')
        && !words.iter().any(|word| NOT_STORED.contains(&word.as_str()))
        && !text.contains("Form")
        && !text.contains(".body.")
        && !text.contains(".props.")
        && !text.contains(".state.")
}

/// Whether an expression is a password as somebody types it.
fn is_typed(document: &Document, found: &Match, text: &str) -> bool {
    let name = name_of(text);
    if !names::is_password(name) || is_repeated(text) {
        return false;
    }
    let made = literal::assigned(document.text(), found.span().start as usize, text);
    let lower = made.map(str::to_lowercase).unwrap_or_default();
    !HASHES.iter().any(|word| lower.contains(word)) && !text.to_lowercase().contains("hash")
}

/// Whether a function of this name compares passwords.
fn compares(function: &str) -> bool {
    let words = names::words(function);
    let verb = ["compare", "check", "verify", "validate", "match", "matches"]
        .iter()
        .any(|verb| words.iter().any(|word| word == verb));
    verb && words.iter().any(|word| matches!(word.as_str(), "password" | "passwords" | "passwd" | "pwd"))
}

fn are_parameters(left: &str, right: &str) -> bool {
    let plain = |text: &str| {
        text.len() > 2
            && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '$'))
            && !text.starts_with(|c: char| c.is_ascii_digit())
    };
    let word = |text: &str| !matches!(text, "null" | "undefined" | "true" | "false" | "None" | "nil");
    let constant = |text: &str| !text.chars().any(char::is_lowercase);
    let hashed = |text: &str| HASHES.iter().any(|hash| text.to_lowercase().contains(hash));
    plain(left)
        && plain(right)
        && word(left)
        && word(right)
        && !constant(left)
        && !constant(right)
        && !hashed(left)
        && !hashed(right)
        && !is_repeated(left)
        && !is_repeated(right)
}

/// Judges a query that selects by a password.
fn query(found: &Match, report: &mut Report) {
    let Some(content) = found.get(CONTENT) else { return };
    let text = content.text().to_lowercase();
    let document = found.document().text().to_lowercase();
    let hashed = ["hash", "md5", "sha1", "sha2", "sha256", "crypt", "digest", "password("]
        .iter()
        .any(|word| text.contains(word) || document.contains(word));
    if !hashed {
        report
            .finding(RULE, found.span())
            .message("a user is looked for by a password, which seems to be kept as it was typed")
            .severity(Severity::Medium)
            .confidence(Confidence::Low)
            .class(setting::class(found));
    }
}
