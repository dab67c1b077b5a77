//! Keys of tokens that are written in the code.

use crate::declared::jwt_literal_key::*;
use crate::imports;
use crate::literal;
use crate::place;
use crate::setting;
use wardline_plugin::prelude::*;

/// Bytes that a key for HMAC with SHA-256 must have (RFC 7518, section 3.2).
const ENOUGH_BYTES: usize = 32;

/// Words of documents that make or read tokens.
const TOKENS: &[&str] = &["jwt", "Jwt", "JWT", "jsonwebtoken", "IdentityModel.Tokens"];

/// Judges a call that takes the key of a token.
pub fn check(found: &Match, report: &mut Report) {
    let Some(callee) = found.get(CALLEE) else { return };
    let document = found.document();
    let ours = match document.language() {
        "python" => imports::provides(found, callee),
        _ => TOKENS.iter().any(|word| document.text().contains(word)),
    };
    let Some(key) = key(found, callee).filter(|_| ours) else { return };
    let Some((literal, at, is_default)) = written(document, key) else { return };
    if literal.trim().is_empty()
        || literal.contains("-----BEGIN")
        || literal.contains("${")
        || is_name_of_setting(literal)
    {
        return;
    }
    let short = literal.len() < ENOUGH_BYTES;
    let message = match (is_default, short) {
        (true, _) => {
            "without a setting, tokens are signed with a key that everyone who has the code can read"
        }
        (false, true) => "this key is short enough to be guessed, and everyone who has the code can read it",
        (false, false) => "everyone who has the code can sign tokens with this key",
    };
    let finding = report
        .finding(RULE, at)
        .message(message)
        .confidence(if is_default { Confidence::Medium } else { Confidence::High })
        .class(setting::class(found))
        .subject(callee.name())
        .redact(at);
    if at.start < key.span().start || at.end > key.span().end {
        finding.related(key.span(), "here it is the key of tokens");
    }
}

/// The argument that is the key.
fn key<'d>(found: &Match<'d>, callee: Node<'d>) -> Option<Node<'d>> {
    let name = callee.name();
    let last = name.rsplit(['.', '/', ':', '\\']).next().unwrap_or(name);
    match found.document().language() {
        "python" if name.contains("authlib") => found.argument(2),
        "python" => found.named("key").or_else(|| found.argument(1)),
        "go" | "csharp" | "rust" => found.argument(0),
        "java" | "kotlin" => match last {
            // `signWith(key)`, and the older `signWith(algorithm, key)`
            "signWith" => found
                .arguments()
                .into_iter()
                .map(|argument| argument.value)
                .find(|value| !value.text().contains("Algorithm") && !value.text().contains("Keys.")),
            _ => found.argument(0),
        },
        "php" if last != "encode" => found.argument(0),
        _ if ["sign", "verify", "encode", "decode", "unsign"].contains(&last) => found.argument(1),
        _ => ["secret", "secretOrKey", "secretOrPrivateKey", "privateKey"]
            .iter()
            .find_map(|name| found.named(name)),
    }
}

/// The text that a key consists of, where it is written, and whether it is only
/// a default.
fn written<'d>(document: &'d Document, key: Node<'d>) -> Option<(&'d str, Span, bool)> {
    let language = document.language();
    let text = key.text();
    let reading = literal::read(text, language);
    let span = |part: &str| place::of(document, part);
    match reading.strings.as_slice() {
        [only] if reading.is_constant() => return Some((only, span(only)?, false)),
        [only, _encoding] if reading.is_constant() => return Some((only, span(only)?, false)),
        [.., default] if is_default(text, default) => return Some((default, span(default)?, true)),
        [] => {}
        _ => return None,
    }
    // A variable that this document gives a literal, or a default.
    let name = match reading.names.as_slice() {
        [name] => name.trim_start_matches("this.").trim_start_matches("self."),
        [] => text,
        [_, rest @ ..] => rest.last()?,
    };
    let value = assigned_anywhere(document, name, key.span().start)?;
    let reading = literal::read(value, language);
    match reading.strings.as_slice() {
        [only] if reading.is_constant() => Some((only, span(only)?, false)),
        [.., default] if is_default(value, default) => Some((default, span(default)?, true)),
        _ => None,
    }
}

/// Whether a literal stands in for a setting that is missing.
fn is_default(text: &str, default: &str) -> bool {
    let Some(at) = text.rfind(default) else { return false };
    let before = text[..at].trim_end_matches(['"', '\'', '`', ' ']);
    let falls_back = before.ends_with("||")
        || before.ends_with("??")
        || before.ends_with("?:")
        || before.ends_with(" or")
        || {
            let reads = ["environ.get(", "getenv(", "getOrDefault(", "ENV.fetch(", "env(", "config("]
                .iter()
                .any(|call| text.contains(call));
            reads && before.ends_with([',', '='])
        };
    falls_back && default.len() > 1
}

/// What a name is given, before a place or as a constant of the document.
fn assigned_anywhere<'d>(document: &'d Document, name: &str, offset: u32) -> Option<&'d str> {
    let plain =
        name.len() > 1 && name.trim_start_matches('$').chars().all(|c| c.is_alphanumeric() || c == '_');
    if !plain {
        return None;
    }
    let text = document.text();
    literal::assigned(text, offset as usize, name).or_else(|| {
        // A parameter of the same name hides a constant.
        let constants: Vec<&str> = text.lines().filter_map(|line| constant_of(line, name)).collect();
        match constants.as_slice() {
            [one] => Some(*one),
            _ => None,
        }
    })
}

/// The value that a line gives a constant of a module or class.
fn constant_of<'l>(line: &'l str, name: &str) -> Option<&'l str> {
    let (left, right) = line.split_once('=')?;
    let left = left.trim_end().trim_end_matches(':').trim_end();
    let left = left.split(": ").next().unwrap_or(left);
    let declares = left.ends_with(name)
        && left[..left.len() - name.len()].split_whitespace().all(|word| {
            matches!(
                word,
                "const"
                    | "let"
                    | "var"
                    | "val"
                    | "private"
                    | "static"
                    | "final"
                    | "public"
                    | "protected"
                    | "internal"
                    | "readonly"
                    | "export"
                    | "String"
                    | "string"
                    | "def"
                    | "companion"
                    | "byte[]"
            )
        });
    let value = right.trim().trim_end_matches([';', ',']);
    (declares && !right.starts_with('=')).then_some(value)
}

/// Whether a text names a setting rather than being its value: `jwt.secret`,
/// `JWT_SECRET`.
fn is_name_of_setting(text: &str) -> bool {
    let upper = text.len() > 3
        && text.contains('_')
        && text.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    upper || text.starts_with("jwt.") || text.contains(":Key") || text.contains(":Secret")
}
