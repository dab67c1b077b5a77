//! Tokens that live for longer than an hour.

use crate::declared::jwt_long_lifetime::*;
use crate::imports;
use crate::jwt::Token;
use crate::lifetime;
use crate::literal;
use crate::names;
use crate::place;
use crate::setting;
use crate::surroundings::Surroundings;
use wardline_plugin::prelude::*;

/// Seconds in an hour, which many write as 3600 and some as 3601 or 4000.
const SLACK_SECONDS: f64 = 60.0;

/// Words of tokens that are kept on the server, or are used once.
const OTHERS: &[&str] = &[
    "refresh",
    "remember",
    "invite",
    "invitation",
    "reset",
    "verify",
    "verification",
    "confirm",
    "confirmation",
    "activation",
    "activate",
    "unsubscribe",
    "email",
    "device",
    "download",
];

/// Places where a token's end is written, in any library's words.
const ENDS: &[&str] = &[
    "\"exp\"",
    "'exp'",
    "exp:",
    ":exp ",
    "exp =",
    "[\"exp\"]",
    "expiresIn",
    "ExpiresAt",
    "xpiration",
    "setExpirationTime",
    "withExpiresAt",
    "expires:",
    "Expires =",
];

/// Judges a call that makes a token.
pub fn check(found: &Match, report: &mut Report) {
    let Some(callee) = found.get(CALLEE) else { return };
    let document = found.document();
    if document.language() == "python" && !imports::provides(found, callee) {
        return;
    }
    let token = Token::of(found);
    let around = Surroundings::at(document.text(), found.span().start as usize);
    let mut words =
        around.names().flat_map(names::words).chain(names::words(document.line(found.span().start)));
    if words.any(|word| OTHERS.contains(&word.as_str())) {
        return;
    }
    let constant = |name: &str| constant(document, name);
    let Some((seconds, text)) = end(token.near).and_then(|value| {
        let spelled = found.named("expiresIn").map(|value| value.text()).filter(|text| !text.contains('.'));
        match spelled {
            Some(text) => Some((lifetime::span(text.trim_matches(['"', '\'', '`']), 1.0)?, text)),
            None => Some((lifetime::seconds(value, constant)?, value)),
        }
    }) else {
        return;
    };
    let minutes =
        wardline_plugin::option("jwt-lifetime-minutes").and_then(|minutes| minutes.as_f64()).unwrap_or(60.0);
    if seconds <= minutes * 60.0 + SLACK_SECONDS {
        return;
    }
    let at = place::of(document, text).unwrap_or(callee.span());
    report
        .finding(RULE, at)
        .message(format!("this token is valid for {}", readable(seconds)))
        .class(setting::class(found));
}

/// The expression that says when a token ends: what follows the first word for it.
fn end(near: &str) -> Option<&str> {
    let code = |at: usize| {
        let line = near[..at].rsplit('\n').next().unwrap_or_default().trim_start();
        !line.starts_with("//") && !line.starts_with('#') && !line.starts_with('*') && !line.starts_with(';')
    };
    let (at, word) = ENDS
        .iter()
        .flat_map(|word| near.match_indices(word))
        .filter(|(at, _)| code(*at))
        .min_by_key(|(at, _)| *at)?;
    let rest = &near[at + word.len()..];
    let from =
        rest.len() - rest.trim_start_matches(|c: char| c.is_alphabetic() || ":=>(] ".contains(c)).len();
    // The name of a constructor that was skipped belongs to the value.
    let from = rest[..from]
        .find(|c: char| c.is_alphabetic())
        .filter(|_| !word.ends_with("xpiration"))
        .unwrap_or(from);
    let value = &rest[from..];
    let mut depth = 0_i32;
    let end = value
        .bytes()
        .position(|byte| {
            depth += match byte {
                b'(' | b'[' | b'{' => 1,
                b')' | b']' | b'}' => -1,
                _ => 0,
            };
            depth < 0 || depth == 0 && matches!(byte, b',' | b';' | b'\n')
        })
        .unwrap_or(value.len());
    Some(value[..end].trim()).filter(|value| !value.is_empty())
}

/// What a name is given as a constant anywhere in the document.
fn constant<'d>(document: &'d Document, name: &str) -> Option<&'d str> {
    let name = name.rsplit(['.', ':']).next().unwrap_or(name);
    let plain = name.len() > 2 && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    if !plain {
        return None;
    }
    let text = document.text();
    let line = text.lines().find(|line| {
        line.split_once('=').is_some_and(|(left, right)| {
            let left = left.trim_end().trim_end_matches(':');
            left.split([':', ' ']).any(|word| word == name) && !right.starts_with('=')
        })
    })?;
    let value = line.split_once('=')?.1.split(['#', ';']).next()?.trim();
    literal::is_constant(value, document.language()).then_some(value)
}

fn readable(seconds: f64) -> String {
    let hours = seconds / 3600.0;
    if hours >= 48.0 { format!("{:.0} days", hours / 24.0) } else { format!("{hours:.0} hours") }
}
