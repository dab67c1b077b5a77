//! The baseline: findings that a team has accepted.
//!
//! Each is one small file, named after its fingerprint, so that two branches
//! which accept different findings never touch the same file and merge without
//! conflict. Decides which findings are accepted and which entries are stale;
//! asking whether a run saw enough to say so is left to the caller.

mod store;

pub use store::{BaselineError, Changes, Store};

use crate::config::OWN;
use crate::finding::{Finding, Status};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The accepted findings, by fingerprint.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Baseline {
    entries: BTreeMap<String, Entry>,
}

/// One accepted finding: a file's content, in the order of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Entry {
    /// `plugin/rule`.
    pub rule: String,
    /// Where it was found, relative to the root.
    pub path: String,
    /// What was found, for people.
    pub message: String,
    /// Why it is accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The finding's fingerprint.
    pub fingerprint: String,
    /// The same without the path.
    pub moved_fingerprint: String,
}

impl Baseline {
    /// Marks the findings that are accepted and returns the entries that are
    /// stale: nothing is found any more where they say.
    ///
    /// An entry follows its file to a new path, for one finding at a time, once
    /// the old path has no such finding. `settled` says of a path whether that
    /// is known: it was checked in this run, or does not exist any more.
    pub fn apply(&self, findings: &mut [Finding], settled: &dyn Fn(&str) -> bool) -> Vec<&Entry> {
        let mut unmet = self.meet(findings, settled);
        for (index, entry) in self.moves(findings, &unmet) {
            unmet.remove(entry.fingerprint.as_str());
            accept(&mut findings[index]);
        }
        unmet.into_values().collect()
    }

    /// Marks the findings that have an entry of their own, and returns the
    /// entries that are known to have no finding.
    fn meet(&self, findings: &mut [Finding], settled: &dyn Fn(&str) -> bool) -> BTreeMap<&str, &Entry> {
        let mut unmet: BTreeMap<&str, &Entry> =
            self.entries.iter().map(|(fingerprint, entry)| (fingerprint.as_str(), entry)).collect();
        for finding in findings.iter_mut().filter(|finding| can_be_accepted(finding)) {
            let entry = self.entries.get(&finding.fingerprint);
            if entry.is_some_and(|entry| entry.rule == finding.rule) {
                unmet.remove(finding.fingerprint.as_str());
                accept(finding);
            }
        }
        unmet.retain(|_, entry| settled(&entry.path));
        unmet
    }

    /// Pairs open findings with entries that nothing was found for, in an order
    /// that does not depend on that of the findings.
    fn moves<'a>(&self, findings: &[Finding], unmet: &BTreeMap<&str, &'a Entry>) -> Vec<(usize, &'a Entry)> {
        let present: BTreeSet<_> = findings
            .iter()
            .map(|finding| (finding.place.path.as_str(), finding.moved_fingerprint.as_str()))
            .collect();
        let mut waiting: BTreeMap<(&str, &str), Vec<&'a Entry>> = BTreeMap::new();
        for entry in unmet.values() {
            if !present.contains(&(entry.path.as_str(), entry.moved_fingerprint.as_str())) {
                waiting.entry((&entry.rule, &entry.moved_fingerprint)).or_default().push(entry);
            }
        }
        let mut open: Vec<_> = findings
            .iter()
            .enumerate()
            .filter(|(_, finding)| finding.status == Status::Open && can_be_accepted(finding))
            .collect();
        open.sort_by_key(|(_, finding)| (&finding.place.path, &finding.fingerprint));
        let mut moves = Vec::new();
        for (index, finding) in open {
            let key = (finding.rule.as_str(), finding.moved_fingerprint.as_str());
            if let Some(entry) = waiting.get_mut(&key).and_then(Vec::pop) {
                moves.push((index, entry));
            }
        }
        moves
    }

    /// The accepted findings, by fingerprint.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values()
    }
}

/// Findings about allowances themselves cannot be accepted from the tree.
fn can_be_accepted(finding: &Finding) -> bool {
    !finding.rule.starts_with(OWN)
}

fn accept(finding: &mut Finding) {
    if finding.status == Status::Open {
        finding.status = Status::Baselined;
    }
}

/// The findings as they were before the baseline was applied.
fn reopened(findings: &[Finding]) -> Vec<Finding> {
    let mut findings = findings.to_vec();
    let accepted = findings.iter_mut().filter(|finding| finding.status == Status::Baselined);
    accepted.for_each(|finding| finding.status = Status::Open);
    findings
}

#[cfg(test)]
mod tests;
