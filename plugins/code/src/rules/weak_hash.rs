//! MD5 and SHA-1, judged by what the digest is for.

use crate::declared::fast_password_hash;
use crate::declared::weak_hash::*;
use crate::imports;
use crate::names::{self, Purpose};
use crate::setting;
use crate::surroundings::Surroundings;
use wardline_plugin::prelude::*;

/// The GUID of RFC 6455: the opening of a WebSocket is defined with SHA-1.
const WEBSOCKET: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// Constructions that stay sound with a hash function whose collisions are known.
const SOUND: &[&str] = &["OAEP", "MGF1", "PBKDF2", "HMAC", "HOTP", "TOTP", "HKDF"];

/// Judges a call that makes a digest.
pub fn check(found: &Match, report: &mut Report) {
    let Some(callee) = found.get(CALLEE) else { return };
    let Some(function) = weak_function(found, callee) else { return };
    // For a password, that it is quick is what matters; that rule says so.
    if wardline_plugin::is_on(fast_password_hash::RULE)
        && super::fast_password_hash::protects_password(found).is_some()
    {
        return;
    }
    let document = found.document();
    let is_method = document.language() == "php" && found.get(RECEIVER).is_some();
    if is_method || document.text().contains(WEBSOCKET) {
        return;
    }
    let around = Surroundings::at(document.text(), found.span().start as usize);
    if around.callees.iter().any(|callee| SOUND.iter().any(|word| callee.contains(word))) {
        return;
    }
    // The digested value often stands behind the call: `createHash('md5').update(password)`.
    let line = document.line(found.span().end.saturating_sub(1));
    let purpose = names::purpose(around.names().chain([found.text(), line]));
    if line.to_ascii_lowercase().contains("gravatar") {
        return;
    }
    // Only Python has a way to say so in the code.
    if purpose == Purpose::Fingerprint && document.language() != "python" {
        return;
    }
    let (message, severity, confidence) = match purpose {
        Purpose::Password => (
            format!("{function} does not resist collisions, and something about a password relies on it"),
            Severity::Medium,
            Confidence::Medium,
        ),
        Purpose::Guard => (
            format!("{function} does not resist collisions, and something seems to rely on it"),
            Severity::Medium,
            Confidence::Medium,
        ),
        Purpose::Fingerprint => (
            format!("{function} only tells things apart here; say so, or use SHA-256"),
            Severity::Low,
            Confidence::Low,
        ),
        Purpose::Unknown => {
            (format!("{function} does not resist collisions"), Severity::Medium, Confidence::Low)
        }
    };
    let finding = report
        .finding(RULE, callee.span())
        .message(message)
        .severity(severity)
        .confidence(confidence)
        .class(setting::class(found));
    let last = found.arguments().last().map(|argument| argument.value.span().end);
    if let (Purpose::Fingerprint, true, Some(end)) = (purpose, callee.name().starts_with("hashlib."), last) {
        finding.fix("say that it protects nothing", Applicability::Suggestion, |fix| {
            fix.insert(end, ", usedforsecurity=False")
        });
    }
}

/// The weak function that a call uses, written for people.
fn weak_function(found: &Match, callee: Node) -> Option<&'static str> {
    let name = callee.name();
    let language = found.document().language();
    let last = name.rsplit(['.', '/', ':']).next().unwrap_or(name);
    if [QUERY_HASH_RUBY, QUERY_HASH_CSHARP, QUERY_HASH_RUST].contains(&found.query()) {
        let is_md5 = name.to_ascii_lowercase().contains("md");
        return Some(if is_md5 { "MD5" } else { "SHA-1" });
    }
    if found.named("usedforsecurity").is_some_and(|value| value.text() == "False") {
        return None;
    }
    match last {
        "new" | "createHash" | "createHmac" | "getInstance" | "hash" | "hash_hmac"
            if !name.contains("Hash.MD") && !name.contains("Hash.SHA") =>
        {
            let keyed = matches!(last, "createHmac" | "hash_hmac");
            let algorithm = found.argument(0)?.string()?.to_ascii_lowercase();
            match algorithm.as_str() {
                "md5" | "md4" | "md2" => Some("MD5"),
                "sha1" | "sha-1" | "sha" if !keyed => Some("SHA-1"),
                _ => None,
            }
        }
        // A function of one's own may have the same name, except in PHP.
        "md5" | "sha1" if language != "php" && !name.contains('.') && !imports::provides(found, callee) => {
            None
        }
        _ if name.to_ascii_lowercase().contains("md") => Some("MD5"),
        _ => Some("SHA-1"),
    }
}
