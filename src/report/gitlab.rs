//! GitLab's Code Quality report: one array, an entry for each open finding.

use super::sanitise::{Clean, line};
use super::to_json;
use serde::Serialize;
use wardline_engine::finding::{Class, Finding, Severity};
use wardline_engine::notice::Notice;

#[derive(Serialize)]
struct Entry<'a> {
    description: String,
    check_name: &'a str,
    fingerprint: String,
    severity: &'static str,
    location: Location<'a>,
}

#[derive(Serialize)]
struct Location<'a> {
    path: &'a str,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
    end: u32,
}

/// Renders the problems and the open findings. The format has no place for a
/// failed run, so each problem is an entry of the highest severity.
pub(super) fn render(clean: &Clean<'_>) -> String {
    let problems = clean.problems().map(problem);
    let findings = clean.open().map(|(finding, _)| entry(finding));
    to_json(&problems.chain(findings).collect::<Vec<_>>())
}

fn entry(finding: &Finding) -> Entry<'_> {
    let class = match finding.class {
        Class::Real => String::new(),
        class => format!(" ({class})"),
    };
    let severity = match finding.severity {
        Severity::Critical => "blocker",
        Severity::High => "critical",
        Severity::Medium => "major",
        Severity::Low => "minor",
        Severity::Info => "info",
    };
    Entry {
        description: line(&finding.message) + &class,
        check_name: &finding.rule,
        fingerprint: finding.fingerprint.clone(),
        severity: if finding.class == Class::Real { severity } else { "info" },
        location: Location {
            path: &finding.place.path,
            lines: Lines { begin: finding.place.start.line, end: finding.place.end.line },
        },
    }
}

fn problem(problem: &Notice) -> Entry<'_> {
    let Notice { code, path, plugin, message, help, incomplete: _ } = problem;
    let mut hasher = blake3::Hasher::new();
    for part in [Some(code), path.as_ref(), plugin.as_ref(), Some(message)].into_iter().flatten() {
        hasher.update(part.as_bytes()).update(b"\0");
    }
    let help = help.as_ref().map(|help| format!("; {help}")).unwrap_or_default();
    Entry {
        description: line(&format!("incomplete: {message}{help}")),
        check_name: code,
        fingerprint: hasher.finalize().to_hex()[..32].to_owned(),
        severity: "blocker",
        location: Location { path: path.as_deref().unwrap_or("."), lines: Lines { begin: 1, end: 1 } },
    }
}
