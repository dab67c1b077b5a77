//! What a rule reports.

use crate::bindings::wardline::plugin::types as wire;
use crate::{Applicability, Class, Confidence, Json, Location, Rule, Severity, Span};

impl From<Span> for Location {
    fn from(span: Span) -> Self {
        Self::Text(span)
    }
}

/// Collects what the rules of a call report.
#[derive(Debug)]
pub struct Report {
    pub(crate) inner: wire::Report,
}

impl Report {
    pub(crate) fn new() -> Self {
        Self { inner: wire::Report { findings: Vec::new(), facts: Vec::new(), unknowns: Vec::new() } }
    }

    /// Reports a finding of `rule` at a range, an attribute, a fact or a place.
    /// Its message is the rule's title until another is given.
    pub fn finding(&mut self, rule: Rule, at: impl Into<Location>) -> FindingBuilder<'_> {
        self.inner.findings.push(wire::Finding {
            rule: rule.index,
            at: at.into(),
            message: rule.title.to_owned(),
            severity: None,
            confidence: None,
            class: Class::Real,
            related: Vec::new(),
            traces: Vec::new(),
            fixes: Vec::new(),
            subject: None,
            redact: Vec::new(),
            properties: Vec::new(),
        });
        let last = self.inner.findings.len() - 1;
        FindingBuilder { finding: &mut self.inner.findings[last] }
    }

    /// Reports that `rule` can not be decided here, and why.
    pub fn unknown(&mut self, rule: Rule, at: impl Into<Location>, reason: impl Into<String>) {
        self.inner.unknowns.push(wire::Undecided { rule: rule.index, at: at.into(), reason: reason.into() });
    }

    /// Records a fact for correlations. Facts with equal keys meet.
    pub fn fact(&mut self, topic: &str, key: impl Into<String>, value: &Json, at: impl Into<Location>) {
        self.inner.facts.push(wire::Fact {
            topic: topic.to_owned(),
            key: key.into(),
            value: value.to_string(),
            at: at.into(),
        });
    }
}

/// A finding in the making; it is reported whether or not more is said of it.
#[derive(Debug)]
pub struct FindingBuilder<'r> {
    finding: &'r mut wire::Finding,
}

impl FindingBuilder<'_> {
    /// One or two sentences of plain text.
    pub fn message(self, message: impl Into<String>) -> Self {
        self.finding.message = message.into();
        self
    }

    /// Another severity than the rule's.
    pub fn severity(self, severity: Severity) -> Self {
        self.finding.severity = Some(severity);
        self
    }

    /// Another confidence than the rule's.
    pub fn confidence(self, confidence: Confidence) -> Self {
        self.finding.confidence = Some(confidence);
        self
    }

    /// What sort of finding it is; `Class::Real` if not said.
    pub fn class(self, class: Class) -> Self {
        self.finding.class = class;
        self
    }

    /// What it is about, in words that survive edits around it.
    pub fn subject(self, subject: impl Into<String>) -> Self {
        self.finding.subject = Some(subject.into());
        self
    }

    /// A secret: the host masks it in everything that it shows or stores.
    pub fn redact(self, span: Span) -> Self {
        self.finding.redact.push(span);
        self
    }

    /// A second place that helps to understand it.
    pub fn related(self, at: impl Into<Location>, message: impl Into<String>) -> Self {
        self.finding.related.push(wire::Related { at: at.into(), message: message.into() });
        self
    }

    /// A property for SARIF and JSON output.
    pub fn property(self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.finding.properties.push((key.into(), value.into()));
        self
    }

    /// A way to mend it.
    pub fn fix(
        self,
        title: impl Into<String>,
        applicability: Applicability,
        edits: impl FnOnce(Edits) -> Edits,
    ) -> Self {
        let edits = edits(Edits { edits: Vec::new() }).edits;
        self.finding.fixes.push(wire::Fix { title: title.into(), applicability, edits });
        self
    }

    pub(crate) fn trace(self, message: &str, steps: Vec<wire::Step>) -> Self {
        self.finding.traces.push(wire::Trace { message: message.to_owned(), steps });
        self
    }
}

/// The edits of a fix: applied together or not at all.
#[derive(Debug)]
pub struct Edits {
    edits: Vec<wire::Edit>,
}

impl Edits {
    /// Replaces a range.
    pub fn replace(mut self, at: impl Into<Location>, text: impl Into<String>) -> Self {
        self.edits.push(wire::Edit::Text(wire::TextEdit { at: at.into(), text: text.into() }));
        self
    }

    /// Inserts before a byte offset.
    pub fn insert(self, offset: u32, text: impl Into<String>) -> Self {
        self.replace(Span { start: offset, end: offset }, text)
    }

    /// Removes a range.
    pub fn delete(self, span: Span) -> Self {
        self.replace(span, "")
    }
}
