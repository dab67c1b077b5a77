//! A password inside a URL or a connection string.

use crate::declared::connection_url_password::*;
use crate::entropy;
use crate::judge;
use crate::place;
use crate::placeholder;
use wardline_plugin::prelude::*;

/// Reports the password if it can be one.
pub fn check(found: &Match, report: &mut Report) {
    let Some(password) = found.get(PASSWORD) else { return };
    let document = found.document();
    let (host, user) = (
        found.get(HOST).map_or("", |node| node.text()),
        found.get(USER).map_or("", |node| node.text()),
    );
    let Some(worth) = worth(user, password.text(), host) else {
        return;
    };
    if judge::is_spoken_for(document, password.span()) || place::is_packed(document, password.span()) {
        return;
    }
    let scheme = scheme(document, found.span());
    let what = if found.query() == QUERY_SETTINGS {
        "this connection string".to_owned()
    } else {
        format!("this {scheme} URL")
    };
    let (severity, confidence) = match worth {
        Worth::Remote => (Severity::High, Confidence::High),
        Worth::Guessable => (Severity::High, Confidence::Medium),
        Worth::Local => (Severity::Low, Confidence::Low),
        Worth::Sample => (Severity::Low, Confidence::Low),
    };
    let class = if worth == Worth::Sample {
        Class::Example
    } else {
        place::class(document, password.span())
    };
    let confidence = if place::is_prose(document) {
        Confidence::Low
    } else {
        confidence
    };
    let subject = if user.is_empty() { scheme } else { user };
    report
        .finding(RULE, password.span())
        .message(format!(
            "{what} carries its password: it opens the server for whoever reads this file or a log of it"
        ))
        .severity(severity)
        .confidence(confidence)
        .class(class)
        .subject(subject)
        .redact(password.span());
}

/// What a password in a URL is worth to a stranger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Worth {
    /// Opens a server elsewhere.
    Remote,
    /// Opens one, with a password that is usual in instructions.
    Guessable,
    /// Opens a server on the developer's own machine.
    Local,
    /// Opens nothing: the host is reserved for documents.
    Sample,
}

fn worth(user: &str, password: &str, host: &str) -> Option<Worth> {
    if is_stand_in(user, password) {
        return None;
    }
    let host = host.trim_start_matches("tcp:").to_ascii_lowercase();
    let name = host.split([':', ',', '/']).next().unwrap_or_default();
    let reserved = ["example.com", "example.org", "example.net"];
    if reserved
        .iter()
        .any(|sample| name == *sample || name.ends_with(&format!(".{sample}")))
        || [".example", ".invalid", ".test"]
            .iter()
            .any(|ending| name.ends_with(ending))
    {
        return Some(Worth::Sample);
    }
    let words = [
        "password",
        "passwd",
        "pass",
        "pwd",
        "secret",
        "pw",
        "passw0rd",
        "mypassword",
        "test",
        "user",
    ];
    let usual = words.contains(&password.to_ascii_lowercase().as_str()) || password.eq_ignore_ascii_case(user);
    let first = name.split('.').next().unwrap_or_default();
    let in_instructions = [
        "host",
        "hostname",
        "server",
        "url",
        "address",
        "ip",
        "domain",
        "your-host",
        "yourhost",
    ]
    .contains(&name)
        || usual
            && [
                "host", "hostname", "server", "domain", "site", "website", "mysite", "foo", "proxy",
            ]
            .contains(&first);
    let local = ["localhost", "127.0.0.1", "0.0.0.0", "::1", "[", "host.docker.internal"].contains(&name)
        || name.is_empty()
        || !name.contains('.');
    match (usual, local) {
        _ if in_instructions => None,
        // `user:password@localhost` is how every manual writes it.
        (true, true) if !password.eq_ignore_ascii_case(user) || password.len() < 5 => None,
        (_, true) => Some(Worth::Local),
        (true, false) => Some(Worth::Guessable),
        (false, false) => Some(Worth::Remote),
    }
}

/// Whether something else is meant to stand where the password is.
fn is_stand_in(user: &str, password: &str) -> bool {
    let encoded = |at: usize| {
        let digits = password.as_bytes().get(at + 1..at + 3).unwrap_or_default();
        digits.len() == 2 && digits.iter().all(u8::is_ascii_hexdigit)
    };
    let format = password.match_indices('%').any(|(at, _)| !encoded(at));
    let screaming = password.contains('_') && password.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
        || password == "PASSWORD";
    // `s3://ACCESS_KEY:SECRET@BUCKET`
    let shouted = |text: &str| text.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
    let screaming = screaming || user.len() > 2 && shouted(user) && shouted(password);
    // `http://host:8080@...` and `localhost:3000@2x`.
    let is_port = password.bytes().all(|byte| byte.is_ascii_digit()) && (user.contains('.') || user == "localhost");
    let code = ["\\", "(", ")", "+", "$"].iter().any(|part| password.contains(part))
        && !entropy::looks_random(password)
        && (password.contains("()") || password.starts_with(['$', '(', '+', '\\']) || password.contains(")"));
    placeholder::is_placeholder(password) && !password.starts_with("my") || format || screaming || is_port || code
}

/// The scheme before `://`, in the text just before the match's host part.
fn scheme(document: &Document, found: Span) -> &str {
    let before = &document.text()[..found.start as usize];
    let scheme = &before[before
        .trim_end_matches(|c: char| c.is_ascii_alphanumeric() || "+.-".contains(c))
        .len()..];
    if scheme.is_empty() || scheme.len() > 30 {
        "connection"
    } else {
        scheme
    }
}
