//! What a guest sent, checked: ranges in bounds, edits disjoint, strings short.
//!
//! A guest may send anything. What does not fit is refused or cut down here,
//! and counted, so that nothing later has to doubt it.

use super::manifest::Manifest;
use super::wire;
use crate::document::CUT;
use crate::finding::{Applicability, Class, Confidence, Severity, StepRole};
use std::ops::Range;

/// Findings of one call; more are dropped, and the run is incomplete.
pub const FINDINGS: usize = 1_000;
/// Facts of one call; more are dropped, and the run is incomplete.
pub const FACTS: usize = 10_000;
/// Bytes of a message.
pub const MESSAGE_BYTES: usize = 8 << 10;
/// Related places, steps and properties of a finding.
pub const RELATED: usize = 64;
/// Edits of a fix.
pub const EDITS: usize = 256;
/// Bytes of an edit's text.
pub const EDIT_BYTES: usize = 64 << 10;
/// Secrets that one call may name; beyond that, all from the first to the last
/// is taken for one.
pub const REDACTIONS: usize = 10_000;
/// Problems of one answer that are told apart.
const PROBLEMS: usize = 8;

/// A range in a document, by the document's number in the phase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spot {
    /// Which document; 0 where there is only one.
    pub document: usize,
    /// Bytes of its text.
    pub range: Range<usize>,
}

/// Turns the places of one phase into spots.
pub trait Places {
    /// The spot of a location; `None` where it does not belong to the phase.
    fn spot(&self, at: &wire::Location) -> Option<Spot>;
    /// The text of a document.
    fn text(&self, document: usize) -> &str;
    /// Where an edit goes; `None` refuses the fix.
    fn edit(&self, at: &wire::Location) -> Option<Spot> {
        self.spot(at)
    }
    /// A range of the text that the guest saw, in the document; `None` where it
    /// is out of bounds.
    fn range(&self, span: &wire::Span) -> Option<Range<usize>> {
        range(span, self.text(0))
    }
}

/// A finding, checked but not yet finished.
#[derive(Debug, Clone)]
pub struct Raw {
    /// Index of the rule in its manifest.
    pub rule: usize,
    /// Where.
    pub spot: Spot,
    /// Plain text.
    pub message: String,
    /// As the guest or the manifest says.
    pub severity: Severity,
    /// As the guest or the manifest says.
    pub confidence: Confidence,
    /// As the guest says.
    pub class: Class,
    /// Where and what.
    pub related: Vec<(Spot, String)>,
    /// Message and steps.
    pub traces: Vec<(String, Vec<RawStep>)>,
    /// Sorted, disjoint edits.
    pub fixes: Vec<RawFix>,
    /// Words that survive edits.
    pub subject: Option<String>,
    /// Sorted by key.
    pub properties: Vec<(String, String)>,
}

/// A step on a path, checked: what it does, where, and in words.
pub type RawStep = (StepRole, Spot, String);

/// A fix, checked.
#[derive(Debug, Clone)]
pub struct RawFix {
    /// As an imperative.
    pub title: String,
    /// Whether it may be applied without asking.
    pub applicability: Applicability,
    /// Sorted and disjoint.
    pub edits: Vec<(Spot, String)>,
}

/// A fact, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawFact {
    /// With its owner.
    pub topic: String,
    /// The join key.
    pub key: String,
    /// JSON.
    pub value: String,
    /// Where.
    pub spot: Spot,
}

/// A report, checked.
#[derive(Debug, Default)]
pub struct Verdict {
    /// In the guest's order.
    pub findings: Vec<Raw>,
    /// In the guest's order.
    pub facts: Vec<RawFact>,
    /// Rule, where, why.
    pub unknowns: Vec<(usize, Spot, String)>,
    /// Secrets in the document, also those of findings that were not kept.
    pub redact: Vec<Range<usize>>,
    /// What had to be refused or cut, in words.
    pub problems: Vec<String>,
}

/// Checks a report.
pub fn check(report: wire::Report, manifest: &Manifest, places: &dyn Places) -> Verdict {
    let mut verdict = Verdict::default();
    let (findings, facts) = (report.findings.len(), report.facts.len());
    if findings > FINDINGS {
        verdict.problems.push(format!("{findings} findings, of which {FINDINGS} were kept"));
    }
    if facts > FACTS {
        verdict.problems.push(format!("{facts} facts, of which {FACTS} were kept"));
    }
    verdict.redact = redactions(&report.findings, places);
    for found in report.findings.into_iter().take(FINDINGS) {
        match finding(found, manifest, places, &mut verdict.problems) {
            Some(raw) => verdict.findings.push(raw),
            None => verdict.problems.push("a finding of a rule that is not declared".into()),
        }
    }
    for fact in report.facts.into_iter().take(FACTS) {
        let declared = manifest.emits.contains(&fact.topic);
        let sound =
            fact.key.len() <= MESSAGE_BYTES && serde_json::from_str::<serde_json::Value>(&fact.value).is_ok();
        match places.spot(&fact.at) {
            Some(spot) if declared && sound => verdict.facts.push(RawFact {
                topic: format!("{}/{}", manifest.id, fact.topic),
                key: fact.key,
                value: fact.value,
                spot,
            }),
            _ => verdict
                .problems
                .push(format!("a fact that does not fit, of topic `{}`", cut(&fact.topic, 64))),
        }
    }
    for undecided in report.unknowns.into_iter().take(FINDINGS) {
        let rule = undecided.rule as usize;
        match places.spot(&undecided.at) {
            Some(spot) if rule < manifest.rules.len() => {
                verdict.unknowns.push((rule, spot, cut(&undecided.reason, MESSAGE_BYTES)));
            }
            _ => verdict.problems.push("an unknown that does not fit".into()),
        }
    }
    verdict.problems.sort();
    verdict.problems.dedup();
    if verdict.problems.len() > PROBLEMS {
        verdict.problems.truncate(PROBLEMS);
        verdict.problems.push("more that is not listed".into());
    }
    verdict
}

/// The ranges that are never to be shown, sorted.
fn redactions(findings: &[wire::Finding], places: &dyn Places) -> Vec<Range<usize>> {
    let named = findings.iter().flat_map(|found| &found.redact);
    let mut ranges: Vec<Range<usize>> =
        named.filter_map(|span| places.range(span)).filter(|range| !range.is_empty()).collect();
    ranges.sort_by_key(|range| (range.start, range.end));
    ranges.dedup();
    if ranges.len() > REDACTIONS {
        let end = ranges.iter().map(|range| range.end).max().unwrap_or_default();
        let all = ranges[0].start..end;
        ranges.truncate(REDACTIONS);
        ranges.push(all);
        ranges.sort_by_key(|range| (range.start, range.end));
    }
    ranges
}

impl Verdict {
    /// About how many bytes it takes to keep it.
    #[must_use]
    pub fn weight(&self) -> usize {
        let findings: usize = self.findings.iter().map(Raw::weight).sum();
        let facts =
            self.facts.iter().map(|fact| SMALL + fact.topic.len() + fact.key.len() + fact.value.len());
        let unknowns = self.unknowns.iter().map(|(_, _, reason)| SMALL + reason.len());
        findings + facts.sum::<usize>() + unknowns.sum::<usize>()
    }
}

/// Bytes that a place, or what refers to one, takes besides its texts.
const SMALL: usize = 200;

impl Raw {
    fn weight(&self) -> usize {
        // An excerpt and the rest that the host adds.
        const OWN: usize = 1 << 10;
        let related = self.related.iter().map(|(_, message)| SMALL + message.len());
        let traces = self.traces.iter().map(|(message, steps)| {
            message.len() + steps.iter().map(|(_, _, message)| SMALL + message.len()).sum::<usize>()
        });
        let fixes = self
            .fixes
            .iter()
            .map(|fix| fix.title.len() + fix.edits.iter().map(|(_, text)| SMALL + text.len()).sum::<usize>());
        let properties = self.properties.iter().map(|(key, value)| key.len() + value.len());
        let parts: usize = related.chain(traces).chain(fixes).chain(properties).sum();
        OWN + self.message.len() + self.subject.as_ref().map_or(0, String::len) + parts
    }
}

fn finding(
    found: wire::Finding,
    manifest: &Manifest,
    places: &dyn Places,
    problems: &mut Vec<String>,
) -> Option<Raw> {
    let index = found.rule as usize;
    let rule = manifest.rules.get(index)?;
    let spot = places.spot(&found.at).unwrap_or_else(|| {
        // A place that is not there: the finding stays, for the whole document.
        problems.push(format!("a place out of bounds, in a finding of `{}`", rule.id));
        Spot { document: 0, range: 0..0 }
    });
    let related = found
        .related
        .iter()
        .take(RELATED)
        .filter_map(|related| Some((places.spot(&related.at)?, cut(&related.message, MESSAGE_BYTES))))
        .collect();
    let traces = found
        .traces
        .iter()
        .take(RELATED)
        .map(|trace| {
            let steps = trace.steps.iter().take(RELATED).filter_map(|step| {
                Some((role(step.role), places.spot(&step.at)?, cut(&step.message, MESSAGE_BYTES)))
            });
            (cut(&trace.message, MESSAGE_BYTES), steps.collect())
        })
        .collect();
    let mut fixes = Vec::new();
    for proposed in found.fixes.iter().take(RELATED) {
        match fix(proposed, &spot, places) {
            Some(fix) => fixes.push(fix),
            None => problems.push(format!("a fix whose edits do not fit, in a finding of `{}`", rule.id)),
        }
    }
    let mut properties: Vec<(String, String)> = found
        .properties
        .iter()
        .take(RELATED)
        .map(|(key, value)| (cut(key, 128), cut(value, MESSAGE_BYTES)))
        .collect();
    properties.sort();
    properties.dedup_by(|a, b| a.0 == b.0);
    Some(Raw {
        rule: index,
        message: cut(
            if found.message.trim().is_empty() { &rule.title } else { &found.message },
            MESSAGE_BYTES,
        ),
        severity: found.severity.map_or(rule.severity, severity),
        confidence: found.confidence.map_or(rule.confidence, confidence),
        class: class(found.class),
        related,
        traces,
        fixes,
        subject: found.subject.as_deref().map(|subject| cut(subject, MESSAGE_BYTES)),
        properties,
        spot,
    })
}

/// A fix whose edits are all in the finding's document and disjoint.
fn fix(proposed: &wire::Fix, at: &Spot, places: &dyn Places) -> Option<RawFix> {
    if proposed.edits.is_empty() || proposed.edits.len() > EDITS {
        return None;
    }
    let mut edits = Vec::new();
    for edit in &proposed.edits {
        // Changes in the common form are written by the resources' formats,
        // which do not offer that yet: such a fix is dropped.
        let wire::Edit::Text(edit) = edit else { return None };
        let spot = places.edit(&edit.at).filter(|spot| spot.document == at.document)?;
        if edit.text.len() > EDIT_BYTES {
            return None;
        }
        edits.push((spot, edit.text.clone()));
    }
    edits.sort_by_key(|(spot, _)| (spot.range.start, spot.range.end));
    let disjoint = edits.windows(2).all(|pair| {
        let (first, second) = (&pair[0].0.range, &pair[1].0.range);
        first.end <= second.start && first != second
    });
    disjoint.then(|| RawFix {
        title: cut(&proposed.title, 256),
        applicability: match proposed.applicability {
            wire::Applicability::Safe => Applicability::Safe,
            wire::Applicability::Suggestion => Applicability::Suggestion,
            wire::Applicability::Template => Applicability::Template,
        },
        edits,
    })
}

/// A span as a range, if it lies in the text and on character boundaries.
pub fn range(span: &wire::Span, text: &str) -> Option<Range<usize>> {
    let range = span.start as usize..span.end as usize;
    text.get(range.clone())?;
    Some(range)
}

/// At most `bytes` of a text.
pub(crate) fn cut(text: &str, bytes: usize) -> String {
    if text.len() <= bytes {
        return text.to_owned();
    }
    format!("{}{CUT}", &text[..text.floor_char_boundary(bytes)])
}

fn severity(value: wire::Severity) -> Severity {
    match value {
        wire::Severity::Info => Severity::Info,
        wire::Severity::Low => Severity::Low,
        wire::Severity::Medium => Severity::Medium,
        wire::Severity::High => Severity::High,
        wire::Severity::Critical => Severity::Critical,
    }
}

fn confidence(value: wire::Confidence) -> Confidence {
    match value {
        wire::Confidence::Low => Confidence::Low,
        wire::Confidence::Medium => Confidence::Medium,
        wire::Confidence::High => Confidence::High,
    }
}

fn class(value: wire::Class) -> Class {
    match value {
        wire::Class::Real => Class::Real,
        wire::Class::Example => Class::Example,
        wire::Class::Test => Class::Test,
        wire::Class::Malformed => Class::Malformed,
    }
}

fn role(value: wire::StepRole) -> StepRole {
    match value {
        wire::StepRole::Source => StepRole::Source,
        wire::StepRole::Via => StepRole::Via,
        wire::StepRole::Sanitizer => StepRole::Sanitizer,
        wire::StepRole::Sink => StepRole::Sink,
    }
}
