//! Passwords that stand in every list of passwords.

use crate::declared::default_password::*;
use crate::literal;
use crate::names;
use wardline_plugin::prelude::*;

/// Words of names whose passwords protect nothing, or are no passwords.
const HARMLESS: &[&str] = &[
    "truststore",
    "keystore",
    "type",
    "field",
    "label",
    "placeholder",
    "hint",
    "title",
    "message",
    "error",
    "attribute",
    "column",
];

/// Words of paths of settings that only developers use.
const DEVELOPMENT: &[&str] = &["dev", "development", "local", "ci", "demo", "sandbox", "docker", "vagrant"];

/// Judges a literal from the list of usual defaults.
pub fn check(found: &Match, report: &mut Report) {
    match found.query() {
        QUERY_PASSWORD_ASSIGN => {
            let (Some(target), Some(value)) = (found.get(TARGET), found.get(VALUE)) else { return };
            let Some(text) = value.string() else { return };
            let name = target.name();
            // A list of fields or labels repeats its names.
            let plain = text.to_lowercase().replace(['_', '-', ' '], "");
            let words = names::words(name);
            let repeats = words.concat() == plain || words.last() == Some(&plain);
            if !repeats && !is_label(&text) && !is_choice(found, value) {
                say(found, name, value.span(), Confidence::Medium, report);
            }
        }
        QUERY_PASSWORD_ASSIGN_SHELL => {
            if let (Some(target), Some(value)) = (found.get(TARGET), found.get(VALUE)) {
                say(found, target.name(), value.span(), Confidence::Medium, report);
            }
        }
        QUERY_PASSWORD_DEFAULT => {
            let (Some(key), Some(value)) =
                (found.argument(0), found.arguments().last().map(|argument| argument.value))
            else {
                return;
            };
            let name = key.unquoted();
            if is_password_setting(name) && value.span().start != key.span().start {
                say(found, name, value.span(), Confidence::High, report);
            }
        }
        QUERY_PASSWORD_DEFAULT_JAVASCRIPT => {
            let (Some(name), Some(value)) = (found.get(SETTING), found.get(FALLBACK)) else { return };
            let weak = value.string().is_some_and(|text| is_usual(&text));
            if weak && name.text().contains(".env") && is_password_setting(name.text()) {
                say(found, name.text(), value.span(), Confidence::High, report);
            }
        }
        QUERY_PASSWORD_CALL => call(found, report),
        QUERY_PASSWORD_SETTING => {
            let (Some(name), Some(value)) = (found.get(NAME), found.get(VALUE)) else { return };
            let label = value.text().starts_with(char::is_uppercase)
                && value.text().chars().skip(1).all(char::is_lowercase);
            let yaml = found.document().file_name().ends_with("ml");
            let named = label || yaml && value.text().eq_ignore_ascii_case("password");
            if !named && !in_comment(found) {
                say(found, name.text(), value.span(), Confidence::Medium, report);
            }
        }
        _ => {
            if let Some(value) = found.get(VALUE).filter(|_| !in_comment(found)) {
                say(found, "password", value.span(), Confidence::Medium, report);
            }
        }
    }
}

fn say(found: &Match, name: &str, at: Span, confidence: Confidence, report: &mut Report) {
    let document = found.document();
    let words = names::words(name);
    if words.iter().any(|word| HARMLESS.contains(&word.as_str()))
        || words.concat().contains("truststore")
        || words.concat().contains("keystore")
    {
        return;
    }
    let class = match () {
        () if document.has("test") => Class::Test,
        () if document.has("example") => Class::Example,
        () => Class::Real,
    };
    let path = names::words(document.path());
    let development = path.iter().any(|word| DEVELOPMENT.contains(&word.as_str()));
    report
        .finding(RULE, at)
        .message("this is among the first that anybody tries")
        .severity(if development { Severity::Low } else { Severity::Medium })
        .confidence(if development { Confidence::Low } else { confidence })
        .class(class)
        .subject(name);
}

fn in_comment(found: &Match) -> bool {
    let line = found.document().line(found.span().start);
    line.trim_start().starts_with(['#', ';'])
        || line.trim_start().starts_with("--")
        || line.trim_start().starts_with("//")
}

/// Whether a text is a label for people: `Password`, `Secret`.
fn is_label(text: &str) -> bool {
    text.starts_with(char::is_uppercase)
        && text.chars().skip(1).all(char::is_lowercase)
        && !text.contains(|c: char| c.is_ascii_digit())
}

/// Whether the value is a kind rather than a password: `auth: 'password'`,
/// `grant_type`, or one of several words of a comparison.
fn is_choice(found: &Match, value: Node) -> bool {
    let line = found.document().line(value.span().start);
    ["type=", "type:", "case ", "enum", "Enum", "autocomplete", "placeholder"]
        .iter()
        .any(|word| line.contains(word))
}

fn is_usual(text: &str) -> bool {
    const USUAL: &[&str] = &[
        "admin", "password", "changeme", "secret", "root", "guest", "test", "default", "postgres", "mysql",
        "rabbit", "grafana", "elastic", "minio", "mongo", "redis", "qwerty", "letmein", "welcome", "1234",
        "demo", "pass",
    ];
    let lower = text.to_lowercase();
    USUAL
        .iter()
        .any(|word| lower.starts_with(word) && lower[word.len()..].chars().all(|c| c.is_ascii_digit()))
}

/// Whether a setting of this name holds a password: `DB_PASSWORD`, not `PASSWORD_MIN`.
fn is_password_setting(name: &str) -> bool {
    names::words(name)
        .last()
        .is_some_and(|word| matches!(word.as_str(), "password" | "passwd" | "pass" | "pwd" | "passphrase"))
}

fn call(found: &Match, report: &mut Report) {
    let Some(callee) = found.get(CALLEE) else { return };
    let name = callee.name();
    let last = name.rsplit(['.', '>', ':']).next().unwrap_or(name);
    let position = match last {
        "setPassword" | "withPassword" | "password" | "set_password" => 0,
        "PlainCredentials"
        | "UsernamePasswordCredentials"
        | "NetworkCredential"
        | "PasswordAuthentication" => 1,
        _ => 2,
    };
    // Keyword arguments are seen by the other query.
    let positional = found
        .arguments()
        .into_iter()
        .filter(|argument| argument.name.is_none() && argument.keys.is_empty())
        .nth(position);
    let Some(value) = positional.map(|argument| argument.value) else { return };
    let Some(text) = value.string() else { return };
    let matches_list = is_usual(&text);
    if matches_list && literal::is_constant(value.text(), found.document().language()) {
        say(found, "password", value.span(), Confidence::Medium, report);
    }
}
