//! The counts at the end of a report, and the line that states them.

use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeSet;
use wardline_engine::finding::{Applicability, Class, Report, Severity, Status};

/// What a run amounts to, in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub(super) struct Summary {
    /// Documents that were checked.
    pub(super) documents: usize,
    /// Files that policy left out.
    pub(super) skipped: usize,
    /// Open findings of every class.
    pub(super) findings: usize,
    /// Documents with open findings.
    pub(super) files: usize,
    /// Open findings by severity.
    pub(super) severities: Severities,
    /// Open findings by class.
    pub(super) classes: Classes,
    /// Findings that fail the run.
    pub(super) blocking: usize,
    /// Open findings with a safe fix.
    pub(super) fixable: usize,
    /// Findings that a comment or the configuration allows.
    pub(super) suppressed: usize,
    /// Findings that the baseline accepts.
    pub(super) baselined: usize,
    /// Findings that were there at the revision given.
    pub(super) known: usize,
    /// What could not be decided.
    pub(super) unknowns: usize,
    /// Problems that left part of the input unchecked.
    pub(super) problems: usize,
    /// Whether there is any such problem.
    pub(super) incomplete: bool,
}

/// Numbers of findings by severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub(super) struct Severities {
    critical: usize,
    high: usize,
    medium: usize,
    low: usize,
    info: usize,
}

/// Numbers of findings by class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub(super) struct Classes {
    real: usize,
    example: usize,
    test: usize,
    malformed: usize,
}

impl Summary {
    /// Counts.
    pub(super) fn of(report: &Report) -> Self {
        let mut summary = Self {
            documents: report.documents,
            skipped: report.skipped,
            unknowns: report.unknowns.len(),
            problems: report.notices.iter().filter(|notice| notice.incomplete).count(),
            incomplete: report.is_incomplete(),
            blocking: report.blocking().count(),
            ..Self::default()
        };
        let mut files = BTreeSet::new();
        for finding in &report.findings {
            match finding.status {
                Status::Suppressed { .. } => summary.suppressed += 1,
                Status::Baselined => summary.baselined += 1,
                Status::Known => summary.known += 1,
                Status::Open => {
                    summary.findings += 1;
                    files.insert(&finding.place.path);
                    *summary.severities.of(finding.severity) += 1;
                    *summary.classes.of(finding.class) += 1;
                    let safe = finding.fixes.iter().any(|fix| fix.applicability == Applicability::Safe);
                    summary.fixable += usize::from(safe);
                }
            }
        }
        summary.files = files.len();
        summary
    }

    /// States the counts in one line. It never looks clean when part of the
    /// input was not checked.
    pub(super) fn sentence(&self, fix_hint: bool) -> String {
        let Severities { critical, high, medium, low, info } = self.severities;
        let severities = list(
            ", ",
            [(critical, "critical"), (high, "high"), (medium, "medium"), (low, "low"), (info, "info")],
        );
        let checked = count(self.documents, "file");
        let found = match self.findings {
            0 => format!("no findings in {checked}"),
            findings => {
                format!("{} ({severities}) in {} of {checked}", count(findings, "finding"), self.files)
            }
        };
        let mut parts = Vec::new();
        if self.incomplete {
            let problems = count(self.problems, "problem");
            parts.push(format!("INCOMPLETE: {problems} left part of the input unchecked"));
        }
        parts.push(found);
        match self.blocking {
            0 if self.findings > 0 => parts.push("none blocks".to_owned()),
            0 => (),
            1 => parts.push("1 blocks".to_owned()),
            blocking => parts.push(format!("{blocking} block")),
        }
        let Classes { real: _, example, test, malformed } = self.classes;
        let fixable = if fix_hint { self.fixable } else { 0 };
        let rest = list(
            "; ",
            [
                (fixable, "fixable with --fix"),
                (self.suppressed, "suppressed"),
                (self.baselined, "in the baseline"),
                (self.known, "known"),
                (example, "example"),
                (test, "test"),
                (malformed, "malformed"),
                (self.unknowns, "undecided"),
                (self.skipped, "skipped"),
            ],
        );
        if !rest.is_empty() {
            parts.push(rest);
        }
        parts.join("; ")
    }
}

impl Severities {
    fn of(&mut self, severity: Severity) -> &mut usize {
        match severity {
            Severity::Critical => &mut self.critical,
            Severity::High => &mut self.high,
            Severity::Medium => &mut self.medium,
            Severity::Low => &mut self.low,
            Severity::Info => &mut self.info,
        }
    }
}

impl Classes {
    fn of(&mut self, class: Class) -> &mut usize {
        match class {
            Class::Real => &mut self.real,
            Class::Example => &mut self.example,
            Class::Test => &mut self.test,
            Class::Malformed => &mut self.malformed,
        }
    }
}

/// `1 file`, `2 files`.
pub(super) fn count(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

fn list<const N: usize>(separator: &str, counts: [(usize, &str); N]) -> String {
    let shown = counts.iter().filter(|(number, _)| *number > 0);
    shown.map(|(number, what)| format!("{number} {what}")).collect::<Vec<_>>().join(separator)
}
