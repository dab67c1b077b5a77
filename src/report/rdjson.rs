//! Reviewdog's diagnostic format, for comments on a review.

use super::sanitise::{Clean, carries};
use super::{HOMEPAGE, to_json};
use serde::Serialize;
use wardline_engine::finding::{Applicability, Class, Finding, Fix, Place, Position, Severity};
use wardline_engine::notice::Notice;

#[derive(Serialize)]
struct DiagnosticResult<'a> {
    source: Source,
    diagnostics: Vec<Diagnostic<'a>>,
}

#[derive(Serialize)]
struct Source {
    name: &'static str,
    url: &'static str,
}

#[derive(Serialize)]
struct Diagnostic<'a> {
    message: String,
    location: Location<'a>,
    severity: &'static str,
    code: Code<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suggestions: Vec<Suggestion<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Related<'a>>,
}

#[derive(Serialize)]
struct Location<'a> {
    path: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    range: Option<Range>,
}

#[derive(Serialize)]
struct Range {
    start: LineColumn,
    end: LineColumn,
}

/// Counted from 1, in bytes of UTF-8.
#[derive(Serialize)]
struct LineColumn {
    line: u32,
    column: u32,
}

#[derive(Serialize)]
struct Code<'a> {
    value: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
}

#[derive(Serialize)]
struct Suggestion<'a> {
    range: Range,
    text: &'a str,
}

#[derive(Serialize)]
struct Related<'a> {
    message: &'a str,
    location: Location<'a>,
}

/// Renders the problems and the open findings.
pub(super) fn render(clean: &Clean<'_>) -> String {
    let findings = clean.open().map(|(finding, raw)| {
        let rule = clean.rules.get(&finding.rule);
        diagnostic(finding, raw, rule.and_then(|rule| rule.help_uri.as_deref()))
    });
    to_json(&DiagnosticResult {
        source: Source { name: "wardline", url: HOMEPAGE },
        diagnostics: clean.problems().map(problem).chain(findings).collect(),
    })
}

fn diagnostic<'a>(finding: &'a Finding, raw: &Finding, url: Option<&'a str>) -> Diagnostic<'a> {
    let class = match finding.class {
        Class::Real => String::new(),
        class => format!(" ({class})"),
    };
    let severity = match finding.severity {
        _ if finding.class != Class::Real => "INFO",
        Severity::Critical | Severity::High => "ERROR",
        Severity::Medium => "WARNING",
        Severity::Low | Severity::Info => "INFO",
    };
    let suggestions = finding.fixes.iter().zip(&raw.fixes).filter_map(|(fix, raw)| suggestion(fix, raw));
    Diagnostic {
        message: format!("{}{class}", finding.message),
        location: location(&finding.place),
        severity,
        code: Code { value: &finding.rule, url },
        suggestions: suggestions.collect(),
        related_locations: finding
            .related
            .iter()
            .map(|related| Related { message: &related.message, location: location(&related.place) })
            .collect(),
    }
}

/// Suggestions are accepted one by one, so only a fix that is a single edit
/// can be one.
fn suggestion<'a>(fix: &'a Fix, raw: &Fix) -> Option<Suggestion<'a>> {
    let [edit] = fix.edits.as_slice() else {
        return None;
    };
    (fix.applicability != Applicability::Template && carries(raw))
        .then(|| Suggestion { range: range(&edit.place), text: &edit.text })
}

fn problem(problem: &Notice) -> Diagnostic<'_> {
    let help = problem.help.as_ref().map(|help| format!("\n{help}")).unwrap_or_default();
    Diagnostic {
        message: format!("incomplete: {}{help}", problem.message),
        location: Location { path: problem.path.as_deref().unwrap_or("."), range: None },
        severity: "ERROR",
        code: Code { value: &problem.code, url: None },
        suggestions: Vec::new(),
        related_locations: Vec::new(),
    }
}

fn location(place: &Place) -> Location<'_> {
    Location { path: &place.path, range: Some(range(place)) }
}

fn range(place: &Place) -> Range {
    let end = |position: Position| LineColumn { line: position.line, column: position.byte_column };
    Range { start: end(place.start), end: end(place.end) }
}
