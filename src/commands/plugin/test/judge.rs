//! Judging a run: whether what was found is what was promised.

use super::sample::{Promise, Sample};
use crate::commands::plugin::bed::Seen;
use std::collections::BTreeSet;
use std::fmt;
use wardline_engine::finding::Finding;

/// A test that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failure {
    /// The file, relative to the plugin's folder.
    file: String,
    /// The line in it, from 1; 0 for the whole file.
    pub(super) line: usize,
    /// What is wrong: lower case, no full stop.
    message: String,
    /// What was expected and what came instead, by label.
    details: Vec<(&'static str, String)>,
}

impl Failure {
    pub(super) fn new(file: &str, message: impl Into<String>) -> Self {
        Self { file: file.to_owned(), line: 0, message: message.into(), details: Vec::new() }
    }

    pub(super) fn of(sample: &Sample, message: impl Into<String>) -> Self {
        Self::new(&sample.file, message).at_line(sample.line)
    }

    pub(super) fn at_line(self, line: usize) -> Self {
        Self { line, ..self }
    }

    pub(super) fn detail(mut self, label: &'static str, text: impl Into<String>) -> Self {
        self.details.push((label, text.into()));
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, message, details } = self;
        match line {
            0 => writeln!(f, "{file}: {message}")?,
            line => writeln!(f, "{file}:{line}: {message}")?,
        }
        for (label, text) in details {
            let mut lines = text.lines();
            writeln!(f, "  {label:<10}{}", lines.next().unwrap_or("nothing"))?;
            for line in lines {
                writeln!(f, "  {:<10}{line}", "")?;
            }
        }
        Ok(())
    }
}

/// What is wrong with a run of a sample.
pub(super) fn judge(sample: &Sample, seen: &Seen, plugin: &str) -> Vec<Failure> {
    let mut failures: Vec<Failure> = seen
        .notices
        .iter()
        .filter(|notice| notice.incomplete)
        .map(|notice| Failure::of(sample, format!("{} ({})", notice.message, notice.code)))
        .collect();
    let name = |rule: &str| format!("{plugin}/{rule}");
    match &sample.promise {
        Promise::Fires { rule, class } => {
            let full = name(rule);
            let mut fits = seen
                .findings
                .iter()
                .filter(|finding| finding.rule == full && class.is_none_or(|class| finding.class == class));
            if fits.next().is_none() {
                let of_class = class.map_or_else(String::new, |class| format!(" of class {class}"));
                failures.push(
                    Failure::of(sample, "this `bad` example has no finding")
                        .detail("expected", format!("a finding of {full}{of_class}"))
                        .detail("got", findings(&seen.findings, seen)),
                );
            }
        }
        Promise::Silent { rule } => {
            let found: Vec<Finding> =
                seen.findings.iter().filter(|finding| finding.rule == name(rule)).cloned().collect();
            if !found.is_empty() {
                failures.push(
                    Failure::of(sample, "this `good` example has findings")
                        .detail("expected", "nothing")
                        .detail("got", findings(&found, seen)),
                );
            }
        }
        Promise::Exactly(expected) => {
            let place = |finding: &Finding| {
                let rule = finding.rule.strip_prefix(plugin).and_then(|rest| rest.strip_prefix('/'));
                (finding.place.start.line as usize, rule.unwrap_or(&finding.rule).to_owned())
            };
            let found: BTreeSet<(usize, String)> = seen.findings.iter().map(place).collect();
            for (line, rule) in expected.difference(&found) {
                failures.push(
                    Failure::of(sample, "an expected finding is missing")
                        .at_line(*line)
                        .detail("expected", format!("a finding of {}", name(rule)))
                        .detail("got", on_line(seen, *line)),
                );
            }
            for finding in seen.findings.iter().filter(|finding| !expected.contains(&place(finding))) {
                failures.push(
                    Failure::of(sample, "an unexpected finding")
                        .at_line(finding.place.start.line as usize)
                        .detail("got", one(finding)),
                );
            }
        }
    }
    failures
}

/// What differs between two runs of one sample.
pub(super) fn same(sample: &Sample, first: &Seen, second: &Seen, who: &str) -> Option<Failure> {
    if first == second {
        return None;
    }
    let (a, b) = (all(first), all(second));
    let (mut a, mut b): (Vec<&str>, Vec<&str>) = (a.lines().collect(), b.lines().collect());
    // Only what differs is worth reading.
    let both: BTreeSet<&str> = a.iter().copied().filter(|line| b.contains(line)).collect();
    a.retain(|line| !both.contains(line));
    b.retain(|line| !both.contains(line));
    let message = if a.is_empty() && b.is_empty() {
        format!("{who} gave other details of the same findings")
    } else {
        format!("{who} gave something else than the sandbox")
    };
    Some(Failure::of(sample, message).detail("sandbox", a.join("\n")).detail("instead", b.join("\n")))
}

fn all(seen: &Seen) -> String {
    let notices = seen.notices.iter().map(|notice| format!("{} ({})", notice.message, notice.code));
    let findings = seen.findings.iter().map(|finding| {
        let fixes =
            finding.fixes.iter().flat_map(|fix| &fix.edits).map(|edit| format!(" -> {:?}", edit.text));
        format!(
            "{} [{}/{}/{}]{}",
            one(finding),
            finding.severity,
            finding.confidence,
            finding.class,
            fixes.collect::<String>()
        )
    });
    let unknowns =
        seen.unknowns.iter().map(|unknown| format!("{} is unknown: {}", unknown.rule, unknown.reason));
    findings.chain(unknowns).chain(notices).collect::<Vec<_>>().join("\n")
}

fn findings(findings: &[Finding], seen: &Seen) -> String {
    let findings = findings.iter().map(one);
    let unknowns =
        seen.unknowns.iter().map(|unknown| format!("{} is unknown: {}", unknown.rule, unknown.reason));
    let lines: Vec<String> = findings.chain(unknowns).collect();
    if lines.is_empty() { "nothing".to_owned() } else { lines.join("\n") }
}

fn on_line(seen: &Seen, line: usize) -> String {
    let here = seen.findings.iter().filter(|finding| finding.place.start.line as usize == line);
    findings(&here.cloned().collect::<Vec<_>>(), seen)
}

/// A finding in one line, without what could steer a terminal.
fn one(finding: &Finding) -> String {
    let Finding { place, rule, message, .. } = finding;
    let text = format!("{}:{}:{}: {rule}: {message}", place.path, place.start.line, place.start.column);
    text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect()
}
