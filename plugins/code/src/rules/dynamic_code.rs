//! Text that is run as code.

use crate::declared::dynamic_code::*;
use crate::literal;
use crate::setting;
use wardline_plugin::prelude::*;

/// Words of expressions that a stranger may have written.
const UNTRUSTED: &[&str] = &[
    "request.", "req.body", "req.query", "req.params", "$_GET", "$_POST", "$_REQUEST", "$_COOKIE", "input(",
    "getParameter", "location.", "sys.argv", "event.data",
];

/// Judges a call that may run text as code.
pub fn check(found: &Match, report: &mut Report) {
    let Some(callee) = found.get(CALLEE) else { return };
    let code = match found.document().language() {
        "python" => python(found),
        "java" => java(found, callee),
        "php" => php(found, callee),
        _ => javascript(found, callee),
    };
    let Some((code, confidence)) = code else { return };
    let untrusted = UNTRUSTED.iter().any(|word| code.contains(word));
    let finding = report
        .finding(RULE, callee.span())
        .message(format!("`{}` runs text that is made at run time as code", callee.name()))
        .confidence(if untrusted { Confidence::High } else { confidence })
        .class(setting::class(found));
    if untrusted {
        finding.severity(Severity::Critical);
    } else if confidence == Confidence::Low {
        finding.severity(Severity::Medium);
    }
}

fn python<'d>(found: &Match<'d>) -> Option<(&'d str, Confidence)> {
    let document = found.document();
    let code = found.argument(0)?.text();
    if reads_constant(document, code, found.span().start) {
        return None;
    }
    // Code from a file of the project, such as a version in a set-up script.
    let from_file = code.contains("open(") || code.contains(".read") || code.starts_with("compile(");
    // With a namespace of its own it is likely what the program is for: a
    // debugger, a loader, a template.
    let is_interpreter = found.arguments().len() > 1 && literal::read(code, "python").strings.is_empty();
    let runs_object = found.get(CALLEE).is_some_and(|callee| callee.name().ends_with("exec")) && is_name(code);
    let deliberate = from_file || is_interpreter || runs_object;
    Some((code, if deliberate { Confidence::Low } else { Confidence::Medium }))
}

fn is_name(code: &str) -> bool {
    code.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.'))
}

fn javascript<'d>(found: &Match<'d>, callee: Node<'d>) -> Option<(&'d str, Confidence)> {
    let document = found.document();
    let name = callee.name();
    let code = match name.rsplit('.').next() {
        Some("Function") => found.arguments().last()?.value.text(),
        _ => found.argument(0)?.text(),
    };
    if reads_constant(document, code, found.span().start) {
        return None;
    }
    if name.contains("setTimeout") || name.contains("setInterval") {
        // A function is what a timer is usually given; only a string is code.
        let is_text = code.starts_with(['"', '\'', '`']);
        return is_text.then_some((code, Confidence::High));
    }
    Some((code, Confidence::Medium))
}

fn php<'d>(found: &Match<'d>, callee: Node<'d>) -> Option<(&'d str, Confidence)> {
    if found.get(RECEIVER).is_some() {
        return None;
    }
    let first = found.argument(0)?.text();
    match callee.text().trim_start_matches('\\') {
        "preg_replace" => {
            let pattern = literal::read(first, "php").strings.last().copied()?;
            has_code_modifier(pattern).then_some((first, Confidence::High))
        }
        "assert" => {
            let is_text = first.starts_with('"') && !literal::is_constant(first, "php");
            (is_text || first.starts_with("$_")).then_some((first, Confidence::High))
        }
        "create_function" => {
            let body = found.argument(1)?.text();
            (!literal::is_constant(body, "php")).then_some((body, Confidence::Medium))
        }
        _ => (!literal::is_constant(first, "php")).then_some((first, Confidence::Medium)),
    }
}

/// Whether a regular expression carries the modifier that runs its replacement.
fn has_code_modifier(pattern: &str) -> bool {
    let Some(open) = pattern.chars().next().filter(|c| !c.is_alphanumeric() && *c != '\\') else { return false };
    let close = match open {
        '(' => ')',
        '{' => '}',
        '[' => ']',
        '<' => '>',
        other => other,
    };
    pattern.len() > 2
        && pattern.rfind(close).filter(|at| *at > 0).is_some_and(|at| {
            let modifiers = &pattern[at + close.len_utf8()..];
            modifiers.contains('e') && modifiers.chars().all(|c| "imsxeADSUXJu".contains(c))
        })
}

fn java<'d>(found: &Match<'d>, callee: Node<'d>) -> Option<(&'d str, Confidence)> {
    let document = found.document();
    let engine = match callee.text().rsplit('.').next()? {
        "eval" => "ScriptEngine",
        "evaluate" => "GroovyShell",
        _ => "SpelExpressionParser",
    };
    let code = found.argument(0)?.text();
    if !document.text().contains(engine) || reads_constant(document, code, found.span().start) {
        return None;
    }
    Some((code, Confidence::Medium))
}

/// Whether the code is constant, at its place or where its variable got it.
fn reads_constant(document: &Document, code: &str, offset: u32) -> bool {
    let language = document.language();
    let reading = literal::read(code, language);
    reading.is_constant()
        || (reading.strings.is_empty()
            && reading.names == [code]
            && literal::assigned(document.text(), offset as usize, code)
                .is_some_and(|value| literal::is_constant(value, language)))
}
