//! One line for each finding, for people who grep.

use super::sanitise::{Clean, line, without_commands};
use super::summary::Summary;
use std::fmt::Write;
use wardline_engine::finding::Class;

/// Renders `path:line:column: severity rule: message` lines and the summary.
pub(super) fn render(clean: &Clean<'_>) -> String {
    let mut text = String::new();
    for (finding, _) in clean.open() {
        let start = finding.place.start;
        let class = match finding.class {
            Class::Real => String::new(),
            class => format!(" ({class})"),
        };
        let _ = writeln!(
            text,
            "{}:{}:{}: {} {}{class}: {}",
            finding.place.path,
            start.line,
            start.column,
            finding.severity,
            finding.rule,
            line(&finding.message)
        );
    }
    if clean.options.show.unknown {
        for unknown in &clean.report.unknowns {
            let start = unknown.place.start;
            let (path, reason) = (&unknown.place.path, line(&unknown.reason));
            let _ =
                writeln!(text, "{path}:{}:{}: unknown {}: {reason}", start.line, start.column, unknown.rule);
        }
    }
    for problem in clean.problems() {
        let path = problem.path.as_deref().unwrap_or(".");
        let _ = writeln!(text, "{path}: incomplete {}: {}", problem.code, line(&problem.message));
    }
    text.push_str(&Summary::of(&clean.report).sentence(clean.options.fix_hint));
    text.push('\n');
    without_commands(&text)
}
