//! Workflow commands that GitHub shows as annotations on the changed lines.
//!
//! GitHub shows only the first ten errors and warnings of a step, so the worst
//! come first.

use super::sanitise::{Clean, line};
use super::summary::Summary;
use std::cmp::Reverse;
use std::fmt::Write;
use wardline_engine::finding::{Class, Finding, Severity};

/// Renders a command for each problem and open finding, and the summary.
pub(super) fn render(clean: &Clean<'_>) -> String {
    let mut text = String::new();
    for problem in clean.problems() {
        let title = format!("incomplete: {}", problem.code);
        let file = problem.path.as_ref().map(|path| format!(",file={}", property(path))).unwrap_or_default();
        let help = problem.help.as_ref().map(|help| format!("\n{help}")).unwrap_or_default();
        let message = data(&format!("{}{help}", problem.message));
        let _ = writeln!(text, "::error title={}{file}::{message}", property(&title));
    }
    let mut findings: Vec<_> = clean.open().map(|(finding, _)| finding).collect();
    findings
        .sort_by_key(|finding| Reverse((finding.blocking, finding.class == Class::Real, finding.severity)));
    for finding in findings {
        let class = match finding.class {
            Class::Real => String::new(),
            class => format!(" ({class})"),
        };
        let title = property(&format!("{} {}{class}", finding.severity, finding.rule));
        let _ = writeln!(
            text,
            "::{} title={title},file={},{}::{}",
            level(finding),
            property(&finding.place.path),
            region(finding),
            data(&finding.message)
        );
    }
    let summary = Summary::of(&clean.report).sentence(clean.options.fix_hint);
    let level = if clean.report.is_incomplete() { "error" } else { "notice" };
    let _ = writeln!(text, "::{level} title=Wardline::{}", data(&line(&summary)));
    text
}

fn level(finding: &Finding) -> &'static str {
    match finding.severity {
        _ if finding.blocking => "error",
        _ if finding.class != Class::Real => "notice",
        Severity::Critical | Severity::High | Severity::Medium => "warning",
        Severity::Low | Severity::Info => "notice",
    }
}

/// GitHub takes columns only within one line, and none that run backwards.
fn region(finding: &Finding) -> String {
    let (start, end) = (finding.place.start, finding.place.end);
    match start.line == end.line {
        true => {
            let last = end.column.max(start.column);
            format!("line={},col={},endLine={},endColumn={last}", start.line, start.column, end.line)
        }
        false => format!("line={},endLine={}", start.line, end.line),
    }
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
