//! Secrets read from the environment that nothing finds missing at the start: a
//! lead, since the check may have another form.

use crate::declared::unchecked_secret_variable::*;
use crate::{names, place};
use wardline_plugin::prelude::*;

/// Words with which a program checks or requires settings.
const CHECKS: [&str; 22] = [
    "required",
    "Required",
    "REQUIRED",
    "envalid",
    "zod",
    "joi",
    "Joi",
    "convict",
    "createEnv",
    "env-var",
    "BaseSettings",
    "pydantic",
    "environs",
    "decouple",
    "ImproperlyConfigured",
    "checkEnv",
    "validateEnv",
    "requireEnv",
    "getOrThrow",
    "assertEnv",
    "mustGetenv",
    "invariant(",
];

/// Bytes of a file that people still write by hand.
const MOST_BYTES: usize = 256 << 10;

/// Records where a secret is read, and where its variable is checked.
pub fn check(found: &Match, report: &mut Report) {
    let document = found.document();
    if place::is_aside(document) || document.text().len() > MOST_BYTES {
        return;
    }
    let span = found.span();
    let line = document.line(span.start);
    let trimmed = line.trim_start();
    if ["#", "//", "*", "/*"].iter().any(|leader| trimmed.starts_with(leader)) {
        return;
    }
    let Some(name) = found.get(NAME) else { return };
    let variable = name.text();
    // Tools work without a token of these, only less often.
    let is_optional =
        ["GITHUB", "GITLAB", "GH", "CI"].iter().any(|start| variable.starts_with(&format!("{start}_")));
    if !names::is_secret(variable) || is_optional {
        return;
    }
    let topic = if is_checked(document, span, line) { "checked-variable" } else { "read-variable" };
    report.fact(topic, variable, &json!({}), span);
}

/// Whether a missing value is noticed where it is read, or in the same file.
fn is_checked(document: &Document, span: Span, line: &str) -> bool {
    let text = document.text();
    let after = text.get(span.end as usize..).unwrap_or_default();
    let next = after.trim_start_matches([')', ']', ' ', '!']);
    // A default, a branch or a comparison.
    let has_default = [",", "||", "??", "?", "or ", "=="].iter().any(|mark| next.starts_with(mark))
        && !next.starts_with(",\n");
    let start = text[..span.start as usize].rfind('\n').map_or(0, |at| at + 1);
    let before = text.get(start..span.start as usize).unwrap_or_default();
    let is_tested = ["if ", "if(", "!process", "not ", "assert", "unless ", "expect(", "throw", "while "]
        .iter()
        .any(|word| before.contains(word));
    if has_default || is_tested || line.contains("assert") {
        return true;
    }
    if CHECKS.iter().any(|word| text.contains(word)) {
        return true;
    }
    // `KEY = os.getenv("KEY")` and `if not KEY` below it.
    let target = before.split('=').next().unwrap_or_default().trim().trim_end_matches(':').trim_end();
    let target = target.rsplit([' ', '.', ':']).next().unwrap_or_default();
    let tests = ["if not ", "if (!", "if(!", "assert ", "is None", "=== undefined", "== null", "== \"\""];
    target.len() > 2
        && text.lines().any(|line| line.contains(target) && tests.iter().any(|test| line.contains(test)))
}

/// Judges one variable.
pub fn correlate(group: &Group, report: &mut Report) {
    if group.facts("repository/checked-variable").next().is_some() {
        return;
    }
    let Some(first) = group.facts("repository/read-variable").next() else { return };
    report
        .finding(RULE, first.at())
        .message(format!(
            "nothing here checks at the start that `{}` is set: without it the program runs on with nothing",
            group.key()
        ))
        .subject(group.key());
}
