//! `wardline plugin test`: a plugin does what its pages and fixtures say, in the
//! sandbox and natively, in any order, and its fixes mend what it finds.

mod fix;
mod judge;
mod native;
mod sample;

use super::bed::{Bed, Compiled, Seen};
use super::build::{self, Built};
use super::cargo::Package;
use super::{Done, Trouble, count, size};
use crate::example::Verdict;
use judge::Failure;
use sample::{Sample, Samples};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use wardline_engine::matching::Matchers;
use wardline_engine::plugin::host::Workers;
use wardline_engine::plugin::manifest::{Manifest, Rule};
use wardline_engine::plugin::section;
use wardline_engine::plugin::set::Answers;

pub(super) fn run(plugin: &Path) -> Result<Done, Trouble> {
    let (built, package) = build::load(plugin, false)?;
    let samples = match &package {
        Some(package) => sample::of_folder(&package.root)?,
        None => {
            let refused = |source| Trouble::NotAPlugin { path: plugin.to_owned(), source };
            sample::of_pages(section::pages(&built.bytes).map_err(refused)?)
        }
    };
    let native = native(package.as_ref())?;
    let workers = Workers::start(0).map_err(|problem| Trouble::Start { problem })?;
    let mut trial = Trial {
        compiled: Compiled::new(built.bytes.clone())?,
        native,
        manifest: &built.manifest,
        workers: &workers,
        rows: String::new(),
        failures: Vec::new(),
    };
    trial.queries();
    for (index, rule) in built.manifest.rules.iter().enumerate() {
        trial.rule(index, rule, &samples)?;
    }
    trial.fixtures(&samples)?;
    Ok(trial.done(&built, package.is_some()))
}

/// The plugin as a native program, which only a crate has.
fn native(package: Option<&Package>) -> Result<Option<Arc<dyn Answers>>, Trouble> {
    let Some(package) = package else { return Ok(None) };
    let program = package.native()?;
    Ok(program.map(|program| Arc::new(native::Native::new(program)) as Arc<dyn Answers>))
}

/// A run of all tests.
struct Trial<'t> {
    compiled: Compiled,
    native: Option<Arc<dyn Answers>>,
    manifest: &'t Manifest,
    workers: &'t Workers,
    rows: String,
    failures: Vec<Failure>,
}

impl Trial<'_> {
    /// Every query compiles, whatever the examples make use of.
    fn queries(&mut self) {
        let (matchers, mut notices) = Matchers::new(std::iter::once(self.manifest), &|_, _| true);
        notices.extend(matchers.problems(&[self.manifest]));
        let failures = notices.into_iter().map(|notice| Failure::new("plugin.toml, docs", notice.message));
        self.failures.extend(failures);
    }

    /// A rule's page: its examples, its requirements, its fixes.
    fn rule(&mut self, index: usize, rule: &Rule, samples: &Samples) -> Result<(), Trouble> {
        let mine: Vec<&Sample> = samples.of_rule(&rule.id).collect();
        let mut failures: Vec<Failure> = samples.mistakes_of(&rule.id).cloned().collect();
        let (seen, more) = self.samples(&mine, Some(index))?;
        failures.extend(more);
        let page = format!("docs/{}.md", rule.id);
        let name = format!("{}/{}", self.manifest.id, rule.id);
        failures.extend(
            promises(rule, &name, &mine, &seen).into_iter().map(|problem| Failure::new(&page, problem)),
        );
        let number = |wanted: Verdict| mine.iter().filter(|sample| sample.verdict() == Some(wanted)).count();
        let fixed = mine.iter().filter(|sample| sample.fixed.is_some()).count();
        let detail = format!(
            "{} bad, {} good, {fixed} fixed  {}",
            number(Verdict::Bad),
            number(Verdict::Good),
            rule.requirements.join(" ")
        );
        self.row(&rule.id, &detail, failures);
        Ok(())
    }

    fn fixtures(&mut self, samples: &Samples) -> Result<(), Trouble> {
        for fixture in samples.fixtures() {
            let (_, mut failures) = self.samples(&[fixture], None)?;
            failures.extend(samples.mistakes_of(&fixture.file).cloned());
            let expected = fixture.promised();
            self.row(&fixture.file, &count(expected, "finding"), failures);
        }
        Ok(())
    }

    fn row(&mut self, name: &str, detail: &str, failures: Vec<Failure>) {
        let verdict = if failures.is_empty() { "ok" } else { "FAIL" };
        let _ = writeln!(self.rows, "  {verdict:<4}  {name:<36} {}", detail.trim_end());
        self.failures.extend(failures);
    }

    /// Runs samples in the sandbox, natively, and again in reverse order.
    fn samples(
        &self,
        samples: &[&Sample],
        only: Option<usize>,
    ) -> Result<(Vec<Seen>, Vec<Failure>), Trouble> {
        let sandbox = Bed::new(self.compiled.plugin()?, only, self.workers)?;
        let native = match &self.native {
            Some(answers) => Some(Bed::native(self.manifest, answers, only, self.workers)?),
            None => None,
        };
        let mut failures = Vec::new();
        let mut all = Vec::new();
        for sample in samples {
            let seen = sandbox.check(&sample.texts);
            failures.extend(judge::judge(sample, &seen, &self.manifest.id));
            // What loops or traps in the sandbox would do worse outside of it.
            let is_whole = !seen.notices.iter().any(|notice| notice.incomplete);
            if let Some(native) = native.as_ref().filter(|_| is_whole) {
                failures.extend(judge::same(sample, &seen, &native.check(&sample.texts), "the native build"));
            }
            if is_whole {
                failures.extend(fix::check(sample, &seen, &sandbox, &self.manifest.id));
            }
            all.push(seen);
        }
        for (sample, seen) in samples.iter().zip(&all).rev() {
            let again = sandbox.check(&sample.texts);
            failures.extend(judge::same(sample, seen, &again, "a second run, in reverse order,"));
        }
        failures.sort_by_key(|failure| failure.line);
        Ok((all, failures))
    }

    fn done(self, built: &Built, from_folder: bool) -> Done {
        let Built { bytes, manifest, .. } = built;
        let mut text = format!(
            "plugin {} {}: {}, {}, {}\n\n{}",
            manifest.id,
            manifest.version,
            count(manifest.rules.len(), "rule"),
            count(manifest.queries.len(), "query"),
            size(bytes.len()),
            self.rows
        );
        if from_folder && self.native.is_none() {
            let _ = writeln!(text, "\nnot compared with a native build: there is no `examples/native.rs`");
        }
        for failure in &self.failures {
            let _ = write!(text, "\n{failure}");
        }
        let failed = self.failures.len();
        let verdict = if failed == 0 { "everything passed".into() } else { count(failed, "failure") };
        let _ = writeln!(text, "\n{verdict}");
        Done { text, passed: failed == 0 }
    }
}

/// What a page as a whole promises: that its rule fires, meets its requirements
/// and has fixes.
fn promises(rule: &Rule, name: &str, samples: &[&Sample], seen: &[Seen]) -> Vec<String> {
    let mut problems = Vec::new();
    let bad = || samples.iter().zip(seen).filter(|(sample, _)| sample.verdict() == Some(Verdict::Bad));
    if bad().next().is_none() {
        problems.push("no `bad` example shows that the rule fires".to_owned());
        return problems;
    }
    let shown: BTreeSet<&String> = bad().flat_map(|(sample, _)| &sample.requirements).collect();
    let declared: BTreeSet<&String> = rule.requirements.iter().collect();
    for id in declared.difference(&shown) {
        problems.push(format!("requirement {id} is declared, and no `bad` example is labelled with it"));
    }
    for id in shown.difference(&declared) {
        problems.push(format!("a `bad` example is labelled {id}, which `requirements` does not declare"));
    }
    // Other rules may have found something in the same example.
    let mut findings = bad().flat_map(|(_, seen)| &seen.findings).filter(|finding| finding.rule == name);
    let has_fix = findings.any(|finding| !finding.fixes.is_empty());
    if !has_fix && rule.no_fix.is_none() {
        problems
            .push("no `bad` example has a fix: offer one, or say why there is none with `no_fix`".to_owned());
    }
    if has_fix && rule.no_fix.is_some() {
        problems.push("`no_fix` says that there is no fix, and there is one".to_owned());
    }
    problems
}
