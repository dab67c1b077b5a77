//! Fixes: applied to a copy, they give the text that the page shows, leave no
//! finding behind, and break nothing.

use super::judge::Failure;
use super::sample::{Promise, Sample};
use crate::commands::plugin::bed::{Bed, Seen};
use crate::fix;
use wardline_engine::document::Document;
use wardline_engine::finding::{Applicability, Finding};
use wardline_engine::syntax;

/// Fixes that touch each other take turns; more turns than this lead nowhere.
const ROUNDS: usize = 8;

/// What is wrong with a sample's fixes.
pub(super) fn check(sample: &Sample, seen: &Seen, bed: &Bed<'_>, plugin: &str) -> Vec<Failure> {
    let mine = |finding: &&Finding| {
        let of_rule = match &sample.promise {
            Promise::Fires { rule, .. } | Promise::Silent { rule } => {
                finding.rule == format!("{plugin}/{rule}")
            }
            Promise::Exactly(_) => true,
        };
        of_rule && finding.place.path == sample.path
    };
    let original = sample.text();
    let mut text = original.to_owned();
    let mut left: Vec<Finding> = seen.findings.iter().filter(mine).cloned().collect();
    let without_fix = left.iter().filter(|finding| fix::candidates([*finding], WANTED).is_empty()).count();
    if without_fix == left.len() {
        let missing = "no finding of this example has a fix that could be applied";
        return sample.fixed.iter().map(|_| Failure::of(sample, missing)).collect();
    }
    for _ in 0..ROUNDS {
        let candidates = fix::candidates(&left, WANTED);
        if candidates.is_empty() {
            break;
        }
        // A fix that breaks the file is to be seen, not to be left out.
        let fixed = fix::apply(&sample.path, &text, &candidates, |_| true);
        let progress = fixed.text != text;
        text = fixed.text;
        let texts: Vec<(String, String)> = sample
            .texts
            .iter()
            .map(|(path, old)| (path.clone(), if *path == sample.path { text.clone() } else { old.clone() }))
            .collect();
        left = bed.check(&texts).findings.iter().filter(mine).cloned().collect();
        if !progress {
            break;
        }
    }
    let mut failures = Vec::new();
    if left.len() > without_fix {
        failures.push(
            Failure::of(sample, "a fix leaves its finding behind").detail("fixed to", text.as_str()).detail(
                "still",
                left.iter().map(|finding| finding.message.as_str()).collect::<Vec<_>>().join("\n"),
            ),
        );
    }
    if parses(&sample.path, original) && !parses(&sample.path, &text) {
        failures.push(
            Failure::of(sample, "after its fixes, this does not parse").detail("fixed to", text.as_str()),
        );
    }
    if let Some(expected) = sample.fixed.as_ref().filter(|expected| **expected != text) {
        failures.push(
            Failure::of(sample, "its fixes give another text than the `fixed` one")
                .detail("difference", fix::unified_diff(&sample.path, expected, &text)),
        );
    }
    failures
}

/// Fixes with holes are for people.
const WANTED: Applicability = Applicability::Suggestion;

/// Whether a text parses without an error, as far as there is a grammar for it.
fn parses(path: &str, text: &str) -> bool {
    let document = Document::from_text(path, text.to_owned());
    let parsed = syntax::parse(document.language, &document.text, None);
    parsed.is_none_or(|parsed| !parsed.tree.root_node().has_error())
}
