//! The gate: which findings fail a run.

use super::globs::Globs;
use super::value::{Threshold, Wildcard};
use crate::finding::{Class, Confidence, Finding, Severity, Status};

/// Which findings fail a run: what each layer says about it, the later over
/// the earlier.
#[derive(Debug, Clone)]
pub struct Gate {
    steps: Vec<Step>,
}

/// One statement about the gate. What is absent is left as it was.
#[derive(Debug, Clone, Default)]
pub(super) struct Step {
    pub(super) paths: Option<Globs>,
    pub(super) branches: Option<Vec<Wildcard>>,
    pub(super) fail_on: Option<Threshold>,
    pub(super) classes: Option<Vec<Class>>,
}

/// What holds if nobody says anything.
pub(super) const DEFAULT: Threshold = Threshold::From(Severity::High, Confidence::Medium);

impl Default for Gate {
    fn default() -> Self {
        let step = Step { fail_on: Some(DEFAULT), classes: Some(vec![Class::Real]), ..Step::default() };
        Self { steps: vec![step] }
    }
}

impl Gate {
    pub(super) fn push(&mut self, step: Step) {
        self.steps.push(step);
    }

    /// Marks the findings that fail the run. `branch` is the one that is checked,
    /// where the caller knows it.
    pub fn apply(&self, findings: &mut [Finding], branch: Option<&str>) {
        for finding in findings {
            finding.blocking = self.decide(finding, branch);
        }
    }

    /// Whether a finding fails the run. Only an open one does.
    #[must_use]
    pub fn decide(&self, finding: &Finding, branch: Option<&str>) -> bool {
        let (mut fail_on, mut classes) = (DEFAULT, &[][..]);
        for step in self.steps.iter().filter(|step| step.applies(&finding.place.path, branch)) {
            fail_on = step.fail_on.unwrap_or(fail_on);
            classes = step.classes.as_deref().unwrap_or(classes);
        }
        let severe = match fail_on {
            Threshold::Never => false,
            Threshold::From(severity, confidence) => {
                finding.severity >= severity && finding.confidence >= confidence
            }
        };
        severe && finding.status == Status::Open && classes.contains(&finding.class)
    }
}

impl Step {
    fn applies(&self, path: &str, branch: Option<&str>) -> bool {
        self.paths.as_ref().is_none_or(|paths| paths.matches(path))
            && self.branches.as_ref().is_none_or(|branches| {
                branch.is_some_and(|branch| branches.iter().any(|pattern| pattern.matches(branch)))
            })
    }
}
