//! Values that nobody must guess, from generators that anybody can predict.

use crate::declared::predictable_token::*;
use crate::imports;
use crate::literal;
use crate::names;
use crate::place;
use crate::setting;
use crate::surroundings::{self, Surroundings};
use wardline_plugin::prelude::*;

/// Words of calls in which a random number only spreads things over time or
/// chooses among what is there.
const HARMLESS: &[&str] =
    &["sleep", "delay", "timeout", "settimeout", "jitter", "backoff", "wait", "shuffle", "log", "interval"];

/// Words of what single characters are picked from.
const ALPHABETS: &[&str] = &[
    "ascii",
    "letters",
    "digits",
    "alphabet",
    "chars",
    "characters",
    "charset",
    "printable",
    "hexdigits",
    "alphanumeric",
    "abcdef",
    "ABCDEF",
    "012345",
    "\"abc",
    "possible",
];

/// Judges a call that makes a random number.
pub fn check(found: &Match, report: &mut Report) {
    if found.query() == QUERY_RANDOM_SHELL {
        shell(found, report);
        return;
    }
    let Some(callee) = found.get(CALLEE) else { return };
    let document = found.document();
    if !is_predictable(found, callee) {
        return;
    }
    let around = Surroundings::at(document.text(), found.span().start as usize);
    let callees: Vec<String> = around.callees.iter().flat_map(|name| names::words(name)).collect();
    if callees
        .iter()
        .chain(around.target.map(names::words).iter().flatten())
        .any(|word| HARMLESS.contains(&word.as_str()))
    {
        return;
    }
    let known = unguessable(&around, document.language()).or_else(|| becomes_unguessable(found, &around));
    let Some((what, confidence)) = known else { return };
    // `uniqid(mt_rand())` is one flaw, and the outer call its place.
    let inside_another = around.callees.iter().any(|callee| matches!(*callee, "uniqid" | "str_shuffle"));
    if inside_another || picks_from_a_list(found, callee, &around) {
        return;
    }
    // In a browser, a token mostly tells answers apart that come in any order.
    let told_apart = is_browser(document)
        && names::words(what)
            .iter()
            .all(|word| !matches!(word.as_str(), "password" | "nonce" | "csrf" | "secret" | "otp" | "salt"));
    report
        .finding(RULE, callee.span())
        .message(format!("`{what}` can be guessed: `{}` is predictable", callee.name()))
        .confidence(if told_apart { Confidence::Low } else { confidence })
        .class(setting::class(found));
}

fn is_browser(document: &Document) -> bool {
    let script = matches!(document.language(), "javascript" | "typescript" | "tsx");
    let marks =
        ["\"react\"", "'react'", "'vue'", "\"vue\"", "@angular/", "window.", "document.", "jQuery", "lodash"];
    script && (document.path().contains("client/") || marks.iter().any(|mark| document.text().contains(mark)))
}

/// `TOKEN=$RANDOM`
fn shell(found: &Match, report: &mut Report) {
    let (Some(target), Some(value)) = (found.get(TARGET), found.get(VALUE)) else { return };
    if names::is_unguessable(target.text())
        && !value.text().contains("urandom")
        && !value.text().contains("openssl")
    {
        report
            .finding(RULE, found.span())
            .message(format!(
                "`{}` can be guessed: it is made of the time or of a small number",
                target.text()
            ))
            .class(setting::class(found));
    }
}

/// Whether the call belongs to a predictable generator.
fn is_predictable(found: &Match, callee: Node) -> bool {
    let text = found.document().text();
    match found.document().language() {
        "python" => imports::provides(found, callee),
        "java"
            if matches!(
                callee.name().rsplit('.').next(),
                Some(
                    "nextInt"
                        | "nextLong"
                        | "nextBytes"
                        | "ints"
                        | "nextDouble"
                        | "nextFloat"
                        | "nextGaussian"
                )
            ) =>
        {
            let receiver = found.get(RECEIVER).map(|receiver| receiver.text()).unwrap_or_default();
            receiver.contains("ThreadLocalRandom")
                || receiver.contains("Random(") && !receiver.contains("Secure")
                || is_given_random(text, receiver)
        }
        "kotlin" | "csharp" => {
            let name = callee.name();
            let receiver = found.get(RECEIVER).map(|receiver| receiver.text()).unwrap_or_default();
            if name.ends_with(".random") && !name.ends_with("Math.random") {
                return !text.contains("SecureRandom");
            }
            let own = receiver == "Random"
                || receiver.contains("Random(")
                || receiver == "Random.Shared"
                || name.contains("Math.random")
                || name.starts_with("kotlin.random");
            own && !receiver.contains("Secure") || is_given_random(text, receiver)
        }
        "ruby" => {
            let name = callee.name();
            let samples = name.ends_with(".sample") || name.ends_with(".shuffle");
            !samples || !found.text().contains("SecureRandom")
        }
        "go" => !matches!(
            callee.name().rsplit('.').next(),
            Some("Seed" | "New" | "NewSource" | "Shuffle" | "Perm")
        ),
        "php" => found.get(RECEIVER).is_none(),
        _ => true,
    }
}

/// Whether a variable is given a `Random`, and nowhere a secure one.
fn is_given_random(text: &str, name: &str) -> bool {
    let name = name.trim_start_matches("this.");
    let mut plain = false;
    if name.is_empty() {
        return false;
    }
    for value in literal::values_of(text, name) {
        let value = value.trim_start_matches("new ").trim_start_matches("java.util.");
        if value.starts_with("SecureRandom(") || value.starts_with("RandomNumberGenerator") {
            return false;
        }
        plain |= value.starts_with("Random(");
    }
    plain || text.contains(&format!("Random {name} = new()"))
}

/// What is made, if its name says that nobody must guess it.
fn unguessable<'t>(around: &Surroundings<'t>, language: &str) -> Option<(&'t str, Confidence)> {
    if let Some(target) = around.target {
        // `token[i]` is a part of `token`; `user["token"]` names its own.
        let whole = target.split_once('[').filter(|(_, index)| !index.starts_with(['"', '\'', '`']));
        let target = whole.map_or(target, |(whole, _)| whole);
        let name = names::of_expression(target);
        let name = if name.is_empty() { target.rsplit(' ').next().unwrap_or(target) } else { name };
        let name = name.trim_matches(['"', '\'', '$', ']', '[']);
        if names::is_unguessable(name) {
            // A token alone may also be a word of a language or a boundary in a mail.
            let bare = names::words(name) == ["token"];
            return Some((name, if bare { Confidence::Medium } else { Confidence::High }));
        }
    }
    let setter = around.callees.iter().find(|callee| {
        let last = names::of_expression(callee);
        names::words(last).first().is_some_and(|word| word == "set") && names::is_unguessable(last)
    });
    if let Some(setter) = setter {
        return Some((setter, Confidence::Medium));
    }
    let function = around.function.filter(|function| names::makes_unguessable(function))?;
    // Where the last expression is the result, nothing says so.
    let implicit = matches!(language, "ruby" | "rust" | "clojure" | "kotlin");
    let makes_result = implicit || around.returned || around.target.is_some_and(is_result);
    makes_result.then_some((function, Confidence::Medium))
}

/// What the variable that holds the number goes into further down in the
/// function, if nobody must guess it.
fn becomes_unguessable<'d>(found: &Match<'d>, around: &Surroundings) -> Option<(&'d str, Confidence)> {
    let (document, end) = (found.document(), found.span().end);
    // `nextBytes(buffer)` fills what it is given.
    let fills = found
        .get(CALLEE)
        .is_some_and(|callee| callee.text().ends_with("nextBytes") || callee.text().ends_with("NextBytes"));
    let filled = found.argument(0).filter(|_| fills).map(|buffer| buffer.text());
    let variable = names::of_expression(filled.or(around.target)?.trim_matches(['"', '\'']));
    let plain = !variable.is_empty() && variable.chars().all(|c| c.is_alphanumeric() || c == '_');
    let text = document.text();
    let function = surroundings::function_text(text, end as usize);
    if !plain || function.len() == text.len() {
        return None;
    }
    let below = place::of(document, function)?.end;
    let uses =
        |value: &str| value.split(|c: char| !(c.is_alphanumeric() || c == '_')).any(|word| word == variable);
    text.get(end as usize..below as usize)?.lines().skip(1).find_map(|line| {
        let (left, right) = line.split_once('=')?;
        let compares = right.starts_with('=') || left.ends_with(['!', '<', '>', '=']);
        let name = names::of_expression(left.trim().trim_end_matches([':', '+', '.']));
        (!compares && uses(right) && names::is_unguessable(name)).then_some((name, Confidence::Medium))
    })
}

/// Whether a local variable is the kind that a function builds its result in.
fn is_result(target: &str) -> bool {
    const RESULTS: &[&str] = &[
        "result", "res", "value", "val", "out", "output", "str", "string", "text", "s", "id", "code", "ret",
        "buf", "b", "bytes", "chars", "c", "r",
    ];
    let name = names::of_expression(target);
    names::words(name).iter().any(|word| RESULTS.contains(&word.as_str()))
}

/// Whether the call picks one of some existing things, such as a token from a
/// list of tokens, rather than characters from an alphabet.
fn picks_from_a_list(found: &Match, callee: Node, around: &Surroundings) -> bool {
    let document = found.document();
    let from_alphabet = |text: &str| ALPHABETS.iter().any(|word| text.contains(word));
    let joined = around.statement.contains("join(")
        || around.statement.contains("+=")
        || around.statement.contains(".=");
    match callee.name() {
        "random.choice" | "random.choices" | "random.sample" => {
            let Some(from) = found.argument(0) else { return true };
            let constant =
                from.text().starts_with(['"', '\'']) && literal::is_constant(from.text(), "python");
            !(joined || constant || from_alphabet(from.text()))
        }
        "array_rand" => !joined,
        name if name.ends_with(".sample")
            || name.ends_with(".shuffle")
            || name.ends_with(".random") && !name.ends_with("Math.random") =>
        {
            let line = document.line(found.span().start);
            let alphabet = from_alphabet(line)
                || line.contains("'a'..'z'")
                || line.contains("\"a\"..\"z\"")
                || line.contains("'0'..'9'");
            !(alphabet || line.contains(".join"))
        }
        "str_shuffle" => false,
        _ => {
            // `tokens[Math.floor(Math.random() * tokens.length)]`
            let line = document.line(found.span().start);
            let indexes = around.statement.trim_end().contains('[')
                && (line.contains(".length") || line.contains("len("));
            indexes && !joined && !from_alphabet(line) || line.contains("% len(tokens)")
        }
    }
}
