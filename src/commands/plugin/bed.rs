//! A test bed: one plugin, or one of its rules, in front of texts in memory.

use super::Trouble;
use std::sync::Arc;
use wardline_engine::check::{Care, Checker, Progress, Texts};
use wardline_engine::config::{Config, Date};
use wardline_engine::finding::{Finding, Unknown};
use wardline_engine::notice::Notice;
use wardline_engine::plugin::host::{Workers, compile_ahead};
use wardline_engine::plugin::manifest::Manifest;
use wardline_engine::plugin::section::NotAPlugin;
use wardline_engine::plugin::set::{Answers, Plugin};

/// A component, compiled once for many beds.
#[derive(Debug)]
pub(super) struct Compiled {
    component: Vec<u8>,
    native: Vec<u8>,
}

/// What a check of some texts gave: to be compared as a whole.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Seen {
    /// Of any rule.
    pub(super) findings: Vec<Finding>,
    /// What could not be decided.
    pub(super) unknowns: Vec<Unknown>,
    /// Problems of the run.
    pub(super) notices: Vec<Notice>,
}

/// One plugin, ready to check texts.
#[derive(Debug)]
pub(super) struct Bed<'w> {
    checker: Checker,
    workers: &'w Workers,
}

impl Compiled {
    /// Compiles a component.
    pub(super) fn new(component: Vec<u8>) -> Result<Self, Trouble> {
        let native = compile_ahead(&component, false).map_err(|problem| Trouble::Start { problem })?;
        Ok(Self { component, native })
    }

    /// The plugin, in its sandbox.
    pub(super) fn plugin(&self) -> Result<Plugin, Trouble> {
        let refused = |source: NotAPlugin| Trouble::Start { problem: source.to_string() };
        Plugin::compiled(&self.component, self.native.clone()).map_err(refused)
    }
}

impl<'w> Bed<'w> {
    /// A plugin with all of its rules, or with one alone: two rules that meet
    /// on one place are then not joined into one finding.
    pub(super) fn new(
        mut plugin: Plugin,
        only: Option<usize>,
        workers: &'w Workers,
    ) -> Result<Self, Trouble> {
        choose(&mut plugin.manifest, only);
        let today = Date::new(2025, 1, 1).expect("a day of the calendar");
        let checker = Checker::new(vec![plugin], Config::new(".".into()), today)
            .map_err(|error| Trouble::Start { problem: error.to_string() })?;
        Ok(Self { checker, workers })
    }

    /// The same declarations, answered by a native build.
    pub(super) fn native(
        manifest: &Manifest,
        answers: &Arc<dyn Answers>,
        only: Option<usize>,
        workers: &'w Workers,
    ) -> Result<Self, Trouble> {
        Self::new(Plugin::stand_in(manifest.clone(), Arc::clone(answers)), only, workers)
    }

    /// Checks texts as one project.
    pub(super) fn check(&self, texts: &[(String, String)]) -> Seen {
        let documents =
            Texts::new(texts.iter().map(|(path, text)| (path.clone(), text.clone().into_bytes())));
        let outcome = self.checker.check_all(self.workers, &documents, &Progress::default(), &Care::NONE);
        let report = outcome.report;
        Seen { findings: report.findings, unknowns: report.unknowns, notices: report.notices }
    }

    /// The plugin, to ask what it cost.
    pub(super) fn plugin(&self) -> &Plugin {
        &self.checker.plugins()[0]
    }
}

/// Switches on one rule, or all. Facts of one rule may be what another waits
/// for, so rules of a plugin that correlates are only ever tried together.
fn choose(manifest: &mut Manifest, only: Option<usize>) {
    let together = !manifest.correlations.is_empty();
    for (index, rule) in manifest.rules.iter_mut().enumerate() {
        rule.enabled = together || only.is_none_or(|only| only == index);
    }
}
