//! SARIF 2.1.0, with what GitHub's code scanning asks for on top.
//!
//! GitHub computes its own `primaryLocationLineHash` from the checked-out
//! files; ours stands under another key, so that the two never disagree.

mod log;

use super::sanitise::{Clean, CleanRule, carries, line};
use super::summary::count;
use super::{HOMEPAGE, VERSION, page, to_json};
use log::*;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use wardline_engine::finding::{
    self as engine, Applicability, Class, Confidence, Place, Position, Severity, Status, StepRole,
};
use wardline_engine::notice::Notice;

/// Results that GitHub accepts in a run.
const MOST_RESULTS: usize = 25_000;
/// Locations that GitHub accepts in a result.
const MOST_LOCATIONS: usize = 1_000;
/// Tags that GitHub accepts on a rule.
const MOST_TAGS: usize = 20;

/// Renders every finding, those that do not count marked as such, the worst
/// first: code scanning shows only the first thousands.
pub(super) fn render(clean: &Clean<'_>) -> String {
    let mut findings: Vec<_> = clean.report.findings.iter().zip(&clean.raw.findings).collect();
    findings.sort_by_key(|(finding, _)| {
        Reverse((
            finding.status == Status::Open,
            finding.blocking,
            finding.class == Class::Real,
            finding.severity,
        ))
    });
    let mut cut = Cut { results: findings.len().saturating_sub(MOST_RESULTS), ..Cut::default() };
    findings.truncate(MOST_RESULTS);

    let names: BTreeSet<&str> = findings.iter().map(|(finding, _)| finding.rule.as_str()).collect();
    let indices: BTreeMap<&str, usize> =
        names.iter().enumerate().map(|(index, name)| (*name, index)).collect();
    let rules = names.iter().map(|name| rule(name, clean.rules.get(*name), &mut cut)).collect();
    let compared =
        clean.report.findings.iter().any(|it| matches!(it.status, Status::Baselined | Status::Known));
    let results = findings
        .iter()
        .map(|(finding, raw)| result(finding, raw, indices[finding.rule.as_str()], compared, &mut cut))
        .collect();
    to_json(&Log {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: Tool {
                driver: Driver {
                    name: "Wardline",
                    organization: "Wardline",
                    version: VERSION,
                    semantic_version: VERSION,
                    information_uri: HOMEPAGE,
                    rules,
                },
            },
            automation_details: AutomationDetails { id: "wardline/" },
            invocations: [invocation(clean, &cut)],
            original_uri_base_ids: BaseIds {
                root: BaseId { description: text("The root of the checked tree.") },
            },
            column_kind: "utf16CodeUnits",
            results,
        }],
    })
}

/// What had to be left out to stay within the limits.
#[derive(Default)]
struct Cut {
    results: usize,
    locations: usize,
    tags: usize,
}

fn rule(name: &str, known: Option<&CleanRule>, cut: &mut Cut) -> Rule {
    let (plugin, stem) = name.split_once('/').unwrap_or(("", name));
    let Some(CleanRule { rule, plugin_version, page, help_uri }) = known else {
        // The engine's own findings, such as an unused suppression, have no
        // plugin to describe them.
        return bare_rule(name, plugin, stem);
    };
    let page = page.as_deref();
    let found = page.and_then(page::what_is_found).unwrap_or_else(|| rule.title.clone());
    let instead = page.and_then(page::what_to_do);
    let help = [Some(found.as_str()), instead.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let markdown = page.map_or_else(|| help.clone(), |page| page::body(page).to_owned());
    Rule {
        id: name.to_owned(),
        name: pascal_case(stem),
        short_description: text(&rule.title),
        full_description: text(&found),
        help: Help { text: help, markdown },
        help_uri: help_uri.clone(),
        default_configuration: Configuration { level: level(rule.severity) },
        properties: RuleProperties {
            tags: tags(rule, cut),
            precision: precision(rule.confidence),
            security_severity: security_severity(rule.severity),
            problem_severity: problem_severity(rule.severity),
            requirements: rule.requirements.clone(),
            plugin: plugin.to_owned(),
            plugin_version: plugin_version.clone(),
        },
    }
}

fn bare_rule(name: &str, plugin: &str, stem: &str) -> Rule {
    let title = stem.replace('-', " ");
    Rule {
        id: name.to_owned(),
        name: pascal_case(stem),
        short_description: text(&title),
        full_description: text(&title),
        help: Help { text: title.clone(), markdown: title },
        help_uri: None,
        default_configuration: Configuration { level: level(Severity::Low) },
        properties: RuleProperties {
            tags: vec!["security".to_owned()],
            precision: precision(Confidence::High),
            security_severity: security_severity(Severity::Low),
            problem_severity: problem_severity(Severity::Low),
            requirements: Vec::new(),
            plugin: plugin.to_owned(),
            plugin_version: VERSION.to_owned(),
        },
    }
}

/// The tags that GitHub knows first, so that the limit meets the others.
fn tags(rule: &wardline_engine::plugin::manifest::Rule, cut: &mut Cut) -> Vec<String> {
    let cwe = rule.cwe.iter().map(|number| format!("external/cwe/cwe-{number:03}"));
    let owasp = rule.owasp.iter().map(|category| format!("external/owasp/owasp-{}", category.to_lowercase()));
    let mut tags = vec!["security".to_owned()];
    for tag in cwe.chain(owasp).chain(rule.tags.iter().cloned()) {
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    cut.tags += tags.len().saturating_sub(MOST_TAGS);
    tags.truncate(MOST_TAGS);
    tags
}

fn result(
    finding: &engine::Finding,
    raw: &engine::Finding,
    rule_index: usize,
    compared: bool,
    cut: &mut Cut,
) -> Finding {
    let engine::Finding { severity, confidence, class, blocking, .. } = finding;
    let mut main = location(&raw.place, None);
    main.physical_location.context_region = finding.excerpt.as_ref().map(context);
    // One place is the finding's own.
    let mut room = MOST_LOCATIONS - 1;
    let related: Vec<_> = finding
        .related
        .iter()
        .zip(&raw.related)
        .enumerate()
        .map(|(index, (related, raw))| Location {
            id: Some(index + 1),
            ..location(&raw.place, Some(&related.message))
        })
        .collect();
    let related_locations = within(&mut room, related, cut);
    let code_flows = finding
        .traces
        .iter()
        .zip(&raw.traces)
        .map(|(trace, raw)| {
            let steps = trace.steps.iter().zip(&raw.steps).map(|(step, raw)| FlowLocation {
                location: location(&raw.place, Some(&step.message)),
                kinds: [role(step.role)],
            });
            let locations = within(&mut room, steps.collect(), cut);
            CodeFlow { message: text(&trace.message), thread_flows: [ThreadFlow { locations }] }
        })
        .filter(|flow| !flow.thread_flows[0].locations.is_empty())
        .collect();
    let fixes = finding.fixes.iter().zip(&raw.fixes);
    Finding {
        rule_id: finding.rule.clone(),
        rule_index,
        level: if *class == Class::Real { level(*severity) } else { "note" },
        message: text(&finding.message),
        locations: [main],
        related_locations,
        code_flows,
        fixes: fixes.filter_map(|(shown, raw)| fix(shown, raw)).collect(),
        partial_fingerprints: Fingerprints {
            own: finding.fingerprint.clone(),
            moved: finding.moved_fingerprint.clone(),
        },
        suppressions: suppression(&finding.status).into_iter().collect(),
        baseline_state: compared.then_some(match finding.status {
            Status::Baselined | Status::Known => "unchanged",
            Status::Open | Status::Suppressed { .. } => "new",
        }),
        properties: Properties {
            severity: severity.name(),
            confidence: confidence.name(),
            class: class.name(),
            blocking: *blocking,
        },
    }
}

/// Keeps as many as there is room for.
fn within<T>(room: &mut usize, mut locations: Vec<T>, cut: &mut Cut) -> Vec<T> {
    cut.locations += locations.len().saturating_sub(*room);
    locations.truncate(*room);
    *room -= locations.len();
    locations
}

/// A fix that a program can apply: whole, and with nothing left to fill in.
fn fix(shown: &engine::Fix, raw: &engine::Fix) -> Option<Fix> {
    let path = &raw.edits.first()?.place.path;
    let applicability = match shown.applicability {
        Applicability::Safe => "safe",
        Applicability::Suggestion => "suggestion",
        Applicability::Template => return None,
    };
    carries(raw).then(|| Fix {
        description: text(&shown.title),
        artifact_changes: [ArtifactChange {
            artifact_location: artifact(path),
            replacements: raw
                .edits
                .iter()
                .map(|edit| Replacement {
                    deleted_region: region(&edit.place),
                    inserted_content: text(&edit.text),
                })
                .collect(),
        }],
        properties: FixProperties { applicability },
    })
}

/// Findings that were there before are not suppressed: `baselineState` is what
/// says so. What the baseline accepts is both.
fn suppression(status: &Status) -> Option<Suppression> {
    let (kind, justification) = match status {
        Status::Open | Status::Known => return None,
        Status::Suppressed { reason, by: "comment" } => ("inSource", reason.clone()),
        Status::Suppressed { reason, by: _ } => ("external", reason.clone()),
        Status::Baselined => ("external", "accepted in the baseline".to_owned()),
    };
    Some(Suppression { kind, status: "accepted", justification })
}

fn location(raw: &Place, message: Option<&str>) -> Location {
    Location {
        id: None,
        physical_location: PhysicalLocation {
            artifact_location: artifact(&raw.path),
            region: Some(region(raw)),
            context_region: None,
        },
        message: message.map(text),
    }
}

fn region(place: &Place) -> Region {
    let Place { start, end, path: _ } = place;
    let at_least_1 = |position: &Position| (position.line.max(1), position.utf16_column.max(1));
    let ((start_line, start_column), (end_line, end_column)) = (at_least_1(start), at_least_1(end));
    Region { start_line, start_column, end_line, end_column }
}

fn context(excerpt: &engine::Excerpt) -> ContextRegion {
    let lines = u32::try_from(excerpt.text.matches('\n').count()).unwrap_or_default();
    let start_line = excerpt.first_line.max(1);
    ContextRegion { start_line, end_line: start_line + lines, snippet: text(&excerpt.text) }
}

fn artifact(path: &str) -> Artifact {
    Artifact { uri: uri(path), uri_base_id: "%SRCROOT%" }
}

/// A relative reference: all but the plainest bytes are percent-encoded, so
/// that no name is read as a scheme, a query or a fragment.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(byte.into())
            }
            _ => {
                let _ = write!(uri, "%{byte:02X}");
            }
        }
    }
    uri
}

fn invocation(clean: &Clean<'_>, cut: &Cut) -> Invocation {
    let notices = clean.report.notices.iter().zip(&clean.raw.notices);
    let mut notifications: Vec<_> = notices.map(|(notice, raw)| notification(notice, raw)).collect();
    for (number, what) in [(cut.results, "result"), (cut.locations, "location"), (cut.tags, "tag")] {
        if number > 0 {
            notifications.push(Notification {
                descriptor: Descriptor { id: "sarif::limit".to_owned() },
                level: "warning",
                message: text(&format!("{} left out to stay within GitHub's limits", count(number, what))),
                locations: Vec::new(),
            });
        }
    }
    Invocation {
        execution_successful: !clean.report.is_incomplete(),
        tool_execution_notifications: notifications,
    }
}

fn notification(notice: &Notice, raw: &Notice) -> Notification {
    let plugin = notice.plugin.as_ref().map(|plugin| format!("{plugin}: ")).unwrap_or_default();
    let help = notice.help.as_ref().map(|help| format!("; {help}")).unwrap_or_default();
    let locations = raw.path.iter().map(|path| Location {
        id: None,
        physical_location: PhysicalLocation {
            artifact_location: artifact(path),
            region: None,
            context_region: None,
        },
        message: None,
    });
    Notification {
        descriptor: Descriptor { id: notice.code.clone() },
        level: if notice.incomplete { "error" } else { "note" },
        message: text(&line(&format!("{plugin}{}{help}", notice.message))),
        locations: locations.collect(),
    }
}

fn text(text: &str) -> Text {
    Text { text: text.to_owned() }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

fn problem_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "recommendation",
    }
}

/// A number within the band that GitHub shows under the same name.
fn security_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "3.0",
        Severity::Info => "1.0",
    }
}

fn precision(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::High => "high",
        Confidence::Medium => "medium",
        Confidence::Low => "low",
    }
}

fn role(role: StepRole) -> &'static str {
    match role {
        StepRole::Source => "source",
        StepRole::Via => "pass-through",
        StepRole::Sanitizer => "sanitizer",
        StepRole::Sink => "sink",
    }
}

fn pascal_case(stem: &str) -> String {
    let words = stem.split(['-', '_', ' ']).map(|word| word.split_at_checked(1).unwrap_or((word, "")));
    words.map(|(first, rest)| first.to_uppercase() + rest).collect()
}
