//! Values that nobody must guess, from generators that anybody can predict.

use crate::declared::predictable_token::*;
use crate::imports;
use crate::literal;
use crate::names;
use crate::setting;
use crate::surroundings::Surroundings;
use wardline_plugin::prelude::*;

/// Words of calls in which a random number only spreads things over time or
/// chooses among what is there.
const HARMLESS: &[&str] = &["sleep", "delay", "timeout", "settimeout", "jitter", "backoff", "wait", "shuffle", "log", "interval"];

/// Words of what single characters are picked from.
const ALPHABETS: &[&str] = &[
    "ascii", "letters", "digits", "alphabet", "chars", "characters", "charset", "printable", "hexdigits", "alphanumeric",
    "abcdef", "ABCDEF", "012345", "\"abc", "possible",
];

/// Judges a call that makes a random number.
pub fn check(found: &Match, report: &mut Report) {
    let Some(callee) = found.get(CALLEE) else { return };
    let document = found.document();
    if !is_predictable(found, callee) {
        return;
    }
    let around = Surroundings::at(document.text(), found.span().start as usize);
    let callees: Vec<String> = around.callees.iter().flat_map(|name| names::words(name)).collect();
    if callees.iter().chain(around.target.map(names::words).iter().flatten()).any(|word| HARMLESS.contains(&word.as_str())) {
        return;
    }
    let Some((what, confidence)) = unguessable(&around) else { return };
    // `uniqid(mt_rand())` is one flaw, and the outer call its place.
    let inside_another = around.callees.iter().any(|callee| matches!(*callee, "uniqid" | "str_shuffle"));
    if inside_another || picks_from_a_list(found, callee, &around) {
        return;
    }
    report
        .finding(RULE, callee.span())
        .message(format!("`{what}` can be guessed: `{}` is predictable", callee.name()))
        .confidence(confidence)
        .class(setting::class(found));
}

/// Whether the call belongs to a predictable generator.
fn is_predictable(found: &Match, callee: Node) -> bool {
    let text = found.document().text();
    match found.document().language() {
        "python" => imports::provides(found, callee),
        "java" if matches!(callee.name().rsplit('.').next(), Some("nextInt" | "nextLong" | "nextBytes" | "ints")) => {
            let receiver = found.get(RECEIVER).map(|receiver| receiver.text()).unwrap_or_default();
            receiver.contains("ThreadLocalRandom") || receiver.contains("new Random(") || is_given_random(text, receiver)
        }
        "go" => !matches!(callee.name().rsplit('.').next(), Some("Seed" | "New" | "NewSource" | "Shuffle" | "Perm")),
        "php" => found.get(RECEIVER).is_none(),
        _ => true,
    }
}

/// Whether a variable is given a `Random`, and nowhere a `SecureRandom`.
fn is_given_random(text: &str, name: &str) -> bool {
    let name = name.trim_start_matches("this.");
    let given = |class: &str| {
        text.lines().any(|line| {
            line.split_once('=').is_some_and(|(left, right)| {
                left.trim_end().ends_with(name) && right.trim_start().starts_with(class)
            })
        })
    };
    !name.is_empty() && given("new Random(") && !given("new SecureRandom(")
}

/// What is made, if its name says that nobody must guess it.
fn unguessable<'t>(around: &Surroundings<'t>) -> Option<(&'t str, Confidence)> {
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
    let makes_result = around.returned || around.target.is_some_and(is_result);
    makes_result.then_some((function, Confidence::Medium))
}

/// Whether a local variable is the kind that a function builds its result in.
fn is_result(target: &str) -> bool {
    const RESULTS: &[&str] = &["result", "res", "value", "val", "out", "output", "str", "string", "text", "s", "id", "code", "ret", "buf", "b", "bytes", "chars", "c", "r"];
    let name = names::of_expression(target);
    names::words(name).iter().any(|word| RESULTS.contains(&word.as_str()))
}

/// Whether the call picks one of some existing things, such as a token from a
/// list of tokens, rather than characters from an alphabet.
fn picks_from_a_list(found: &Match, callee: Node, around: &Surroundings) -> bool {
    let document = found.document();
    let from_alphabet = |text: &str| ALPHABETS.iter().any(|word| text.contains(word));
    let joined = around.statement.contains("join(") || around.statement.contains("+=") || around.statement.contains(".=");
    match callee.name() {
        "random.choice" | "random.choices" | "random.sample" => {
            let Some(from) = found.argument(0) else { return true };
            let constant = from.text().starts_with(['"', '\'']) && literal::is_constant(from.text(), "python");
            !(joined || constant || from_alphabet(from.text()))
        }
        "array_rand" => !joined,
        "str_shuffle" => false,
        _ => {
            // `tokens[Math.floor(Math.random() * tokens.length)]`
            let line = document.line(found.span().start);
            let indexes = around.statement.trim_end().contains('[') && (line.contains(".length") || line.contains("len("));
            indexes && !joined && !from_alphabet(line) || line.contains("% len(tokens)")
        }
    }
}
