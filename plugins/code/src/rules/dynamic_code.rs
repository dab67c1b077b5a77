//! Text that is run as code.

use crate::declared::dynamic_code::*;
use crate::literal;
use crate::setting;
use crate::stranger;
use wardline_plugin::prelude::*;

/// Bytes of a line that no person writes.
const LONG_LINE: usize = 1000;

/// Judges a call that may run text as code.
pub fn check(found: &Match, report: &mut Report) {
    let Some(callee) = found.get(CALLEE) else { return };
    let code = match found.document().language() {
        "python" => python(found),
        "java" | "kotlin" => java(found, callee),
        "php" => php(found, callee),
        "ruby" => ruby(found, callee),
        "csharp" => first(found, Confidence::Medium),
        "clojure" => clojure(found, callee),
        "bash" => found.argument(0).map(|code| (code.text(), Confidence::Low)),
        _ => javascript(found, callee),
    };
    let Some((code, confidence)) = code else { return };
    // Nobody reads, and nobody here wrote, code in one long line.
    if found.document().line(found.span().start).len() > LONG_LINE || code.starts_with("\"set -- ") {
        return;
    }
    let untrusted = stranger::wrote(code);
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
    let runs_object =
        found.get(CALLEE).is_some_and(|callee| callee.name().ends_with("exec")) && is_name(code);
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
    let from_file = code.contains("readFileSync(") || code.contains("readFile(");
    Some((code, if from_file { Confidence::Low } else { Confidence::Medium }))
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
    let Some(open) = pattern.chars().next().filter(|c| !c.is_alphanumeric() && *c != '\\') else {
        return false;
    };
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
    // A bare parameter may be anything; a text that is put together is made here.
    let made = literal::assigned(document.text(), found.span().start as usize, code).unwrap_or(code);
    let joins = !literal::read(made, document.language()).strings.is_empty();
    Some((code, if joins { Confidence::Medium } else { Confidence::Low }))
}

fn ruby<'d>(found: &Match<'d>, callee: Node<'d>) -> Option<(&'d str, Confidence)> {
    let name = callee.name();
    if name.ends_with("constantize") {
        let named = found.get(RECEIVER)?.text();
        return named.contains("params").then_some((named, Confidence::High));
    }
    let code = found.argument(0)?.text();
    let block = code.starts_with('&') || code.starts_with("<<");
    if block
        || found.arguments()[0].name.is_some()
        || reads_constant(found.document(), code, found.span().start)
    {
        return None;
    }
    // What a library adds to its own classes is written by its authors.
    let own = name.contains("class_eval") || name.contains("module_eval") || name.contains("instance_eval");
    Some((code, if own { Confidence::Low } else { Confidence::Medium }))
}

fn clojure<'d>(found: &Match<'d>, callee: Node<'d>) -> Option<(&'d str, Confidence)> {
    let code = found.argument(0)?.text();
    let data = code.starts_with(['\'', '`', ':', '[']);
    if data || literal::is_constant(code, "clojure") || found.document().text().contains("*read-eval* false")
    {
        return None;
    }
    let own = callee.name().ends_with("eval") || code.contains("slurp") || code.contains("resource");
    Some((code, if own { Confidence::Low } else { Confidence::Medium }))
}

fn first<'d>(found: &Match<'d>, confidence: Confidence) -> Option<(&'d str, Confidence)> {
    let code = found.argument(0)?.text();
    (!reads_constant(found.document(), code, found.span().start)).then_some((code, confidence))
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
