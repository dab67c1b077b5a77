//! A step that prints a secret. What is piped on, written to a file or masked is
//! no print.

use crate::declared::secret_echoed_in_ci::*;
use wardline_plugin::prelude::*;

/// Reports the print unless its output goes elsewhere.
pub fn check(found: &Match, report: &mut Report) {
    let Some(name) = found.get(NAME) else { return };
    let before = found.get(BEFORE).map_or("", |node| node.text());
    let after = found.get(AFTER).map_or("", |node| node.text());
    if before.contains(['>', '|', ';', '&', '#']) || before.contains("::") || goes_elsewhere(after) {
        return;
    }
    // In single quotes, a shell puts nothing in.
    if found.query() == QUERY_VARIABLE && before.matches('\'').count() % 2 == 1 {
        return;
    }
    report.finding(RULE, name.span()).message(format!(
        "`{}` is printed: masking hides the exact text only, and logs are kept and read by many",
        name.text()
    ));
}

/// Whether the output goes into a file, or into a command that keeps it.
fn goes_elsewhere(after: &str) -> bool {
    let after = after.split("&&").next().unwrap_or(after);
    match after.split_once('|') {
        Some((_, command)) => {
            let shown = ["base64", "rev", "tee", "cat", "sed", "cut", "xxd", "hexdump", "tr", "fold", "head"];
            let program = command.split_whitespace().next().unwrap_or_default();
            !shown.contains(&program) || command.contains('>')
        }
        None => after.contains('>'),
    }
}
