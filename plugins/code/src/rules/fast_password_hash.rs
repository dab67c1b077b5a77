//! Passwords under hash functions that are made to be quick.

use crate::declared::fast_password_hash::*;
use crate::imports;
use crate::literal;
use crate::names;
use crate::setting;
use crate::surroundings::{self, Surroundings};
use wardline_plugin::prelude::*;

/// Functions that are slow on purpose; what goes through one of them is safe.
const SLOW: &[&str] = &[
    "bcrypt",
    "BCrypt",
    "scrypt",
    "SCrypt",
    "argon2",
    "Argon2",
    "pbkdf2",
    "PBKDF2",
    "Pbkdf2",
    "password_hash(",
    "Rfc2898",
    "HKDF",
    "hkdf",
];

/// Marks of places that hash a password for another end than to keep it: a list
/// of leaked passwords, a protocol's own digest, a test of a library.
const OTHER_ENDS: &[&str] =
    &["pwned", "breach", "leaked", "realm", "cnonce", "mysql_native", "ntlm", "scram", "gravatar"];

/// Judges a call that makes a digest, or chooses how passwords are kept.
pub fn check(found: &Match, report: &mut Report) {
    let Some(at) = found.get(CALLEE).map(|callee| callee.span()).or(Some(found.span())) else { return };
    match found.query() {
        QUERY_PASSWORD_HASH_DJANGO => {
            // A list that begins with another one begins with Django's own.
            let list =
                found.get(VALUE).map(|value| value.text()).filter(|list| !list.contains("*global_settings"));
            let first = list.and_then(|list| list.split(['"', '\'']).nth(1));
            let weak = [
                "MD5PasswordHasher",
                "UnsaltedMD5PasswordHasher",
                "SHA1PasswordHasher",
                "UnsaltedSHA1PasswordHasher",
                "CryptPasswordHasher",
            ];
            if first.is_some_and(|first| weak.contains(&first.rsplit('.').next().unwrap_or(first))) {
                say(found, at, "new passwords are kept under a hash that is quick to try", report);
            }
        }
        QUERY_PASSWORD_HASH_PYTHON_SCHEME => python_scheme(found, at, report),
        QUERY_PASSWORD_HASH_SPRING => {
            let encoder = found
                .text()
                .split(['.', '('])
                .find(|part| part.ends_with("Encoder") || part.contains("Encoder"));
            let encoder = encoder.unwrap_or("this encoder").trim_start_matches("new ");
            say(
                found,
                at,
                &format!("`{encoder}` keeps passwords as they are, or under a hash that is quick to try"),
                report,
            );
        }
        _ => digest(found, at, report),
    }
}

fn say(found: &Match, at: Span, message: &str, report: &mut Report) {
    report.finding(RULE, at).message(message).class(setting::class(found));
}

fn python_scheme(found: &Match, at: Span, report: &mut Report) {
    let Some(callee) = found.get(CALLEE) else { return };
    let quick = match callee.name().rsplit('.').next() {
        Some("generate_password_hash") => found
            .named("method")
            .or_else(|| found.argument(1))
            .and_then(|method| method.string())
            .is_some_and(|method| !method.starts_with("pbkdf2") && !method.starts_with("scrypt")),
        Some("CryptContext") => {
            let schemes = found.named("schemes").map(|schemes| schemes.text()).unwrap_or_default();
            let first = schemes.split(['"', '\'']).nth(1).unwrap_or_default();
            ["plaintext", "md5", "sha1", "hex_", "ldap_md5", "ldap_sha1", "des_crypt"]
                .iter()
                .any(|scheme| first.starts_with(scheme))
        }
        _ => true,
    };
    if quick {
        say(found, at, "passwords are kept under a hash that is quick to try", report);
    }
}

fn digest(found: &Match, at: Span, report: &mut Report) {
    if let Some(function) = protects_password(found) {
        say(found, at, &format!("{function} is far too fast to protect a password"), report);
    }
}

/// The quick function that a call computes, if what it hashes is a password.
pub fn protects_password(found: &Match) -> Option<String> {
    let document = found.document();
    let function = function(found, found.get(CALLEE)?)?;
    let start = found.span().start as usize;
    let around = Surroundings::at(document.text(), start);
    let body = surroundings::function_text(document.text(), start);
    // Outside of functions, only the statement counts.
    let near = if body.len() == document.text().len() { document.line(found.span().start) } else { body };
    let near = &literal::without_comments(near, document.language());
    let lower = near.to_ascii_lowercase();
    if OTHER_ENDS.iter().any(|word| lower.contains(word)) || SLOW.iter().any(|word| near.contains(word)) {
        return None;
    }
    hashes_password(found, &around, near).then_some(function)
}

/// Whether what is hashed, or what becomes of it, is a password.
fn hashes_password(found: &Match, around: &Surroundings, near: &str) -> bool {
    let arguments = found.arguments();
    // The digested value often stands behind the call: `createHash('md5').update(password)`.
    let document = found.document();
    let end = found.span().end as usize;
    let rest = document.text().get(end..).unwrap_or_default();
    let chained = rest.split([';', '\n']).next().unwrap_or_default();
    let chained =
        chained.split_once('(').filter(|_| chained.trim_start().starts_with('.')).map(|(_, inner)| inner);
    let hashed = arguments.iter().map(|argument| argument.value.text()).chain(chained);
    if hashed.into_iter().any(holds_password) {
        return true;
    }
    if around.target.is_some_and(|target| names::is_password_hash(names::of_expression(target))) {
        return true;
    }
    // A digest that is fed bit by bit: `h.update(password)` further down.
    let fed = || {
        ["update(", "Write(", "digest(", "ComputeHash(", "write(", "TransformFinalBlock("].iter().any(
            |feed| {
                near.match_indices(feed).any(|(at, _)| {
                    let inner = near[at + feed.len()..].split(['\n', ';']).next().unwrap_or_default();
                    holds_password(inner)
                })
            },
        )
    };
    let is_open = arguments.iter().all(|argument| argument.value.string().is_some());
    is_open && fed()
}

/// Whether one of the names in an expression is that of a password.
fn holds_password(expression: &str) -> bool {
    expression
        .split(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-')))
        .any(|name| names::is_password(name) || matches!(name, "pass" | "pwd" | "passwd"))
}

/// The quick function that a call uses, written for people.
fn function(found: &Match, callee: Node) -> Option<String> {
    let name = callee.name();
    let language = found.document().language();
    if language == "python" && !imports::provides(found, callee)
        || language == "php" && found.get(RECEIVER).is_some()
    {
        return None;
    }
    let plain = matches!(name, "md5" | "sha1" | "sha256") && language != "php";
    if plain && !imports::provides(found, callee) {
        return None;
    }
    let last = name.rsplit(['.', '/', ':']).next().unwrap_or(name);
    let named = || found.arguments().first().and_then(|argument| argument.value.string());
    let function = match last {
        "new" if name.contains("hashlib") => named()?,
        "createHash" | "getInstance" | "hash" if !name.contains("bcrypt") && !name.contains("blake") => {
            named()?
        }
        "hash" if name.contains("bcrypt") => return None,
        "crypt" => {
            let salted = found.argument(1).is_some_and(|salt| {
                salt.text().contains("$2") || salt.text().contains("$6") || salt.text().contains("$5")
            });
            return (!salted && found.arguments().len() == 1).then(|| "`crypt` without a salt".to_owned());
        }
        "new" | "Create" | "HashData" | "digest" | "hexdigest" | "base64digest" | "compute" | "Sum"
        | "Sum256" | "Sum512" | "New" => {
            name.rsplit(['.', '/', ':']).filter(|part| !part.is_empty()).nth(1)?.to_owned()
        }
        other => other.to_owned(),
    };
    let lower = function.to_ascii_lowercase();
    ["md5", "sha", "blake", "crc32", "md4", "hashpassword"]
        .iter()
        .any(|word| lower.starts_with(word))
        .then(|| readable(&lower))
}

fn readable(function: &str) -> String {
    match function {
        "sha256" | "sha-256" | "sha256hex" | "sha256managed" => "SHA-256".to_owned(),
        "md5hex" | "md5digestashex" => "MD5".to_owned(),
        "sha1" | "sha-1" | "sha1hex" => "SHA-1".to_owned(),
        "hashpasswordforstoringinconfigfile" => "`HashPasswordForStoringInConfigFile`".to_owned(),
        other => other.to_uppercase(),
    }
}
