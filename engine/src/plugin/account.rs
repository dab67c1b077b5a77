//! What a plugin may do in a run, kept account of in path order.
//!
//! Threads come to documents in any order. What counts here depends on the
//! documents' order alone, so that the outcome is the same for any number of
//! threads.

use super::manifest::Manifest;
use crate::notice::Notice;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Failures of one plugin after which it is not called any more in a run.
pub(crate) const STRIKES: usize = 3;
/// Bytes that the answers of one plugin may take in a run.
const MOST_OF_A_PLUGIN: usize = 64 << 20;
/// The same for all plugins together.
const MOST_OF_ALL: usize = 512 << 20;

/// Counts the failures of each plugin: one is out for all documents after its
/// third failure in path order, whichever thread came there first.
pub(crate) struct Strikes(Vec<Mutex<Vec<usize>>>);

impl Strikes {
    pub(crate) fn new(plugins: usize) -> Self {
        Self((0..plugins).map(|_| Mutex::new(Vec::new())).collect())
    }

    pub(crate) fn add(&self, plugin: usize, document: usize) {
        let mut failures = self.0[plugin].lock().unwrap_or_else(PoisonError::into_inner);
        let at = failures.partition_point(|known| *known < document);
        if failures.get(at) != Some(&document) {
            failures.insert(at, document);
            failures.truncate(STRIKES);
        }
    }

    /// Whether a plugin is not to be asked about a document.
    pub(crate) fn is_out(&self, plugin: usize, document: usize) -> bool {
        let failures = self.0[plugin].lock().unwrap_or_else(PoisonError::into_inner);
        failures.len() == STRIKES && failures[STRIKES - 1] < document
    }

    pub(crate) fn notices(&self, manifests: &[&Manifest]) -> Vec<Notice> {
        let out = (0..self.0.len()).filter(|plugin| self.is_out(*plugin, usize::MAX));
        out.map(|plugin| {
            let message =
                format!("the plugin failed {STRIKES} times and was not asked about what came after");
            Notice::incomplete("plugin::quarantined", message).of(&*manifests[plugin].id)
        })
        .collect()
    }
}

/// Bounds what is kept of each plugin's answers: those about documents beyond
/// the quota, in path order, are dropped.
pub(crate) struct Quotas {
    plugins: Vec<Mutex<Quota>>,
    most: usize,
}

/// What is kept of one plugin.
struct Quota {
    /// Bytes by document.
    kept: BTreeMap<usize, usize>,
    sum: usize,
    /// From this document on, nothing is kept.
    end: usize,
}

impl Quotas {
    pub(crate) fn new(plugins: usize) -> Self {
        let quota = || Mutex::new(Quota { kept: BTreeMap::new(), sum: 0, end: usize::MAX });
        Self {
            plugins: (0..plugins).map(|_| quota()).collect(),
            most: MOST_OF_A_PLUGIN.min(MOST_OF_ALL / plugins.max(1)),
        }
    }

    /// Enters what a plugin said about a document, and says whether to keep it.
    /// What is kept now may turn out to be beyond the quota later.
    pub(crate) fn keep(&self, plugin: usize, document: usize, bytes: usize) -> bool {
        let mut quota = self.plugins[plugin].lock().unwrap_or_else(PoisonError::into_inner);
        if document >= quota.end || bytes == 0 {
            return document < quota.end;
        }
        let before = quota.kept.insert(document, bytes).unwrap_or_default();
        quota.sum = quota.sum - before + bytes;
        while quota.sum > self.most {
            let (last, bytes) = quota.kept.pop_last().expect("a sum has parts");
            quota.sum -= bytes;
            quota.end = last;
        }
        document < quota.end
    }

    /// Whether what a plugin said about a document is not to be kept.
    pub(crate) fn is_beyond(&self, plugin: usize, document: usize) -> bool {
        document >= self.plugins[plugin].lock().unwrap_or_else(PoisonError::into_inner).end
    }

    /// Says which plugins went beyond their quota. Of one that is out, what it
    /// said after its last strike depends on the threads: it is said to be out.
    pub(crate) fn notices(&self, manifests: &[&Manifest], is_out: &dyn Fn(usize) -> bool) -> Vec<Notice> {
        let beyond = (0..self.plugins.len())
            .filter(|plugin| self.is_beyond(*plugin, usize::MAX - 1) && !is_out(*plugin));
        beyond
            .map(|plugin| {
                let message = format!(
                    "its answers take more than {} MiB in this run; those after that were dropped",
                    self.most >> 20
                );
                Notice::incomplete("plugin::too_much", message).of(&*manifests[plugin].id)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_third_strike_in_path_order_counts_whatever_came_first() {
        let strikes = Strikes::new(1);
        for document in [9, 7, 8, 2, 2] {
            strikes.add(0, document);
        }
        assert!(!strikes.is_out(0, 8) && strikes.is_out(0, 9));
        strikes.add(0, 1);
        assert!(!strikes.is_out(0, 7) && strikes.is_out(0, 8));
    }

    #[test]
    fn a_quota_keeps_the_first_documents_in_whatever_order_they_come() {
        let documents: Vec<(usize, usize)> = (0..100).map(|index| (index, (1 + index % 3) << 20)).collect();
        let ends: Vec<usize> = (0..20)
            .map(|seed| {
                let quotas = Quotas::new(1);
                let mut mixed = documents.clone();
                mixed.sort_by_key(|(index, _)| (index * 7919 + seed * 104_729) % 101);
                for (document, bytes) in mixed {
                    quotas.keep(0, document, bytes);
                }
                (0..100).find(|document| quotas.is_beyond(0, *document)).expect("there is an end")
            })
            .collect();
        let mut sum = 0;
        let first = documents.iter().position(|(_, bytes)| {
            sum += bytes;
            sum > MOST_OF_A_PLUGIN
        });
        assert!(ends.iter().all(|end| Some(*end) == first), "{ends:?} {first:?}");
    }
}
