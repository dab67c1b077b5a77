//! Rules for new passwords that let short ones through.

use crate::declared::weak_password_policy::*;
use crate::names;
use crate::setting;
use wardline_plugin::prelude::*;

/// The fewest characters of a password (NIST SP 800-63B-4, section 3.1.1.2).
const FEWEST: u32 = 8;
/// Fewer than this are tried in seconds.
const HOPELESS: u32 = 6;
/// What the fix asks for.
const BETTER: &str = "12";

/// Words of names that are about something else of a password.
const OTHERS: &[&str] = &[
    "hash",
    "hashed",
    "reset",
    "history",
    "attempt",
    "attempts",
    "age",
    "expiry",
    "expire",
    "expires",
    "score",
    "strength",
    "token",
    "iterations",
    "generated",
    "generator",
    "generate",
    "hint",
    "cost",
    "salt",
    "max",
    "maximum",
    "old",
    "current",
    "login",
];

/// Judges a limit.
pub fn check(found: &Match, report: &mut Report) {
    let document = found.document();
    match found.query() {
        QUERY_POLICY_DJANGO_NONE => django(found, report),
        QUERY_POLICY_VALIDATOR | QUERY_POLICY_ANNOTATION | QUERY_POLICY_DEVISE | QUERY_POLICY_MARKUP => {
            let (Some(name), Some(number)) = (found.get(NAME), found.get(NUMBER)) else { return };
            let name = name.text().rsplit([' ', '\t', '\n']).next().unwrap_or_default();
            if !in_comment(document, number.span().start) && !names_other(name) && !is_sentence(found.text())
            {
                limit(found, number, 0, report);
            }
        }
        _ => {
            let (Some(value), Some(number)) = (found.get(WHAT), found.get(LIMIT)) else { return };
            let name = names::of_expression(value.text());
            // `<= 5` and `> 5` mean six.
            let more = u32::from(
                found.text().contains("<=") || found.text().contains('>') && !found.text().contains(">="),
            );
            if names::is_password(name) && !names_other(name) {
                limit(found, number, more, report);
            }
        }
    }
}

/// Reports a limit below the fewest characters.
fn limit(found: &Match, number: Node, more: u32, report: &mut Report) {
    let Ok(written) = number.text().parse::<u32>() else { return };
    let fewest = written + more;
    // A shorter one for developers beside the one for production.
    let before = found.document().text().get(..number.span().start as usize).unwrap_or_default();
    let chosen =
        before.lines().rev().take(9).any(|line| line.contains("production") || line.contains("isLocal"));
    if !(2..FEWEST).contains(&fewest) || chosen {
        return;
    }
    let better = if more == 1 { "11" } else { BETTER };
    report
        .finding(RULE, number.span())
        .message(format!("passwords of {fewest} characters are accepted"))
        .severity(if fewest < HOPELESS { Severity::Medium } else { Severity::Low })
        .class(setting::class(found))
        .fix("ask for twelve characters", Applicability::Suggestion, |fix| {
            fix.replace(number.span(), better)
        });
}

fn names_other(name: &str) -> bool {
    names::words(name).iter().any(|word| OTHERS.contains(&word.as_str()))
}

/// Whether a text is a message for people about the rule rather than the rule.
fn is_sentence(text: &str) -> bool {
    ["must be", "should", "at least"].iter().any(|words| text.contains(words))
        && !text.contains(['{', '=', ':'])
}

fn in_comment(document: &Document, offset: u32) -> bool {
    let line = document.line(offset).trim_start();
    line.starts_with("//")
        || line.starts_with('*')
        || line.starts_with("/*")
        || line.starts_with("--")
        || line.starts_with('#') && !line.starts_with("#[")
}

/// Judges Django's list of validators.
fn django(found: &Match, report: &mut Report) {
    let Some(value) = found.get(VALUE) else { return };
    let text: String = value.text().split_whitespace().collect();
    if text == "[]" {
        report
            .finding(RULE, found.span())
            .message("passwords of any kind are accepted")
            .severity(Severity::Medium)
            .class(setting::class(found));
        return;
    }
    let Some((_, rest)) = text.split_once("min_length") else { return };
    let digits: String = rest
        .chars()
        .skip_while(|c| matches!(c, '"' | '\'' | ':' | '='))
        .take_while(char::is_ascii_digit)
        .collect();
    if digits.parse::<u32>().is_ok_and(|fewest| fewest < FEWEST) {
        report
            .finding(RULE, found.span())
            .message(format!("passwords of {digits} characters are accepted"))
            .class(setting::class(found));
    }
}
