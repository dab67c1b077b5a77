//! Suppressions: comments and configuration that allow findings.
//!
//! What is allowed is marked, never dropped. An allowance that is out of date,
//! that allows nothing, or that is not well formed is a finding of Wardline's
//! own, and nothing in the tree can allow that in turn.

mod comment;

pub use comment::{Allowance, Suppression, comments};

use crate::config::{Allow, Date, OWN, RulePattern, Rules};
use crate::finding::{Class, Confidence, Excerpt, Finding, Place, Severity, Status};
use crate::notice::Notice;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// A rule of Wardline's own.
#[derive(Debug)]
pub struct OwnRule {
    /// `wardline/rule`.
    pub name: &'static str,
    /// What it finds, as a noun phrase.
    pub title: &'static str,
    /// The severity of its findings.
    pub severity: Severity,
}

/// The rules of Wardline's own. They are on in every run.
pub const RULES: &[OwnRule] = &[EXPIRED, UNUSED, INVALID];

const EXPIRED: OwnRule = OwnRule {
    name: "wardline/expired-allowance",
    title: "an allowance past its last day",
    severity: Severity::Low,
};
const UNUSED: OwnRule = OwnRule {
    name: "wardline/unused-allowance",
    title: "an allowance that allows nothing",
    severity: Severity::Info,
};
const INVALID: OwnRule = OwnRule {
    name: "wardline/invalid-allowance",
    title: "an allowance that is not well formed",
    severity: Severity::Low,
};

/// What is known about a run beside its findings.
#[derive(Clone, Copy)]
pub struct Run<'a> {
    /// The day that counts as today.
    pub date: Date,
    /// The known rules, and which of them are on.
    pub rules: &'a Rules,
    /// Whether a rule that is on was decided wherever the allowance in question
    /// could have allowed something. If not, because its plugin failed or only
    /// part of the tree was checked, nothing is called unused.
    pub decided: &'a dyn Fn(&str) -> bool,
}

/// Marks the findings of one document that its comments allow, and returns the
/// findings about those comments. `locate` gives the place and the excerpt for
/// bytes of the document.
#[must_use]
pub fn apply(
    findings: &mut [Finding],
    suppressions: &[Suppression],
    path: &str,
    run: Run<'_>,
    locate: &dyn Fn(Range<usize>) -> (Place, Option<Excerpt>),
) -> Vec<Finding> {
    let by_line = by_last_line(suppressions);
    // Which of its rules each suppression was good for.
    let mut used: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); suppressions.len()];
    for finding in findings.iter_mut().filter(|finding| !finding.rule.starts_with(OWN)) {
        for index in covering(finding, suppressions, &by_line) {
            let Ok(allowance) = &suppressions[index].meaning else {
                continue;
            };
            let Some(rule) = allowance.rules.iter().position(|rule| rule.matches(&finding.rule)) else {
                continue;
            };
            used[index].insert(rule);
            if finding.status == Status::Open && !is_over(allowance.until, run.date) {
                finding.status = Status::Suppressed { reason: allowance.reason.clone(), by: "comment" };
            }
        }
    }

    let mut judged = Vec::new();
    for (suppression, used) in suppressions.iter().zip(&used) {
        match &suppression.meaning {
            Err(problem) => {
                judged.push((suppression, &INVALID, format!("this comment allows nothing: {problem}")));
            }
            Ok(allowance) => {
                let complaints = complaints(&allowance.rules, allowance.until, used, path, run);
                judged.extend(complaints.into_iter().map(|(rule, message)| (suppression, rule, message)));
            }
        }
    }
    let mut own = OwnFindings::new(run.rules);
    for (suppression, rule, message) in judged {
        let (place, excerpt) = locate(suppression.span.clone());
        own.push(rule, message, place, excerpt);
    }
    own.findings
}

/// Marks the findings that the configuration allows, and returns which of the
/// allowances were good for something.
#[must_use]
pub fn allow(findings: &mut [Finding], allows: &[Allow], date: Date) -> BTreeSet<usize> {
    let mut used = BTreeSet::new();
    for finding in findings.iter_mut().filter(|finding| !finding.rule.starts_with(OWN)) {
        for (index, allow) in allows.iter().enumerate() {
            if allow.covers(&finding.rule, &finding.place.path) {
                used.insert(index);
                if finding.status == Status::Open && !is_over(allow.until, date) {
                    finding.status = Status::Suppressed { reason: allow.reason.clone(), by: "configuration" };
                }
            }
        }
    }
    used
}

/// Returns the findings about the allowances in the repository's configuration,
/// and notices about the user's own. `used` is what [`allow`] returned for all
/// findings of the run together.
#[must_use]
pub fn judge_allows(allows: &[Allow], used: &BTreeSet<usize>, run: Run<'_>) -> (Vec<Finding>, Vec<Notice>) {
    let mut own = OwnFindings::new(run.rules);
    let mut notices = Vec::new();
    for (index, allow) in allows.iter().enumerate() {
        let used = if used.contains(&index) { BTreeSet::from([0]) } else { BTreeSet::new() };
        // The configuration's own paths may be narrower than any rule's: the
        // question is whether the rule is on at all.
        for (rule, message) in complaints(std::slice::from_ref(&allow.rule), allow.until, &used, "", run) {
            match allow.origin.place() {
                Some(place) => own.push(rule, message, place, None),
                None => {
                    let code = format!("suppress::{}", rule.name.trim_start_matches(OWN).replace('-', "_"));
                    notices.push(Notice::info(&code, format!("{message} ({})", allow.origin)));
                }
            }
        }
    }
    (own.findings, notices)
}

fn is_over(until: Option<Date>, today: Date) -> bool {
    until.is_some_and(|until| until < today)
}

/// What is wrong with a well-formed allowance.
fn complaints(
    patterns: &[RulePattern],
    until: Option<Date>,
    used: &BTreeSet<usize>,
    path: &str,
    run: Run<'_>,
) -> Vec<(&'static OwnRule, String)> {
    if let Some(until) = until.filter(|until| *until < run.date) {
        return vec![(
            &EXPIRED,
            format!("this allowance ended on {until}: mend what it allowed, or renew it"),
        )];
    }
    let complaint = |(index, pattern): (usize, &RulePattern)| {
        let mut meant = run.rules.iter().filter(|(name, _)| pattern.matches(name)).peekable();
        if meant.peek().is_none() {
            let help = run.rules.nearest(pattern.as_str()).map(|near| format!(": did you mean `{near}`?"));
            return Some((&INVALID, format!("unknown rule `{pattern}`{}", help.unwrap_or_default())));
        }
        if used.contains(&index) {
            return None;
        }
        // With one rule of several undecided, nobody can say that none is met.
        let mut on = meant.filter(|(_, state)| state.runs_on(path)).peekable();
        let decided = on.peek().is_some() && on.all(|(name, _)| (run.decided)(name));
        decided.then(|| (&UNUSED, format!("nothing here is found by `{pattern}`: remove the allowance")))
    };
    patterns.iter().enumerate().filter_map(complaint).collect()
}

/// The suppressions by the last line that they are about.
fn by_last_line(suppressions: &[Suppression]) -> BTreeMap<u32, Vec<usize>> {
    let mut by_line: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (index, suppression) in suppressions.iter().enumerate() {
        by_line.entry(*suppression.lines.end()).or_default().push(index);
    }
    by_line
}

/// The suppressions that are about a finding's first line, or that follow the
/// code on its last.
fn covering(
    finding: &Finding,
    suppressions: &[Suppression],
    by_line: &BTreeMap<u32, Vec<usize>>,
) -> Vec<usize> {
    let (first, last) = (finding.place.start.line, finding.place.end.line);
    // Blocks of comments do not overlap: only the next two that end can hold
    // this line, the second where the first ends in it.
    let above = by_line.range(first..).take(2).flat_map(|(_, indices)| indices).copied();
    let above = above.filter(|index| suppressions[*index].lines.contains(&first));
    let after = by_line.get(&last).filter(|_| last != first).into_iter().flatten().copied();
    let after = after.filter(|index| *suppressions[*index].lines.start() == last);
    above.chain(after).collect()
}

/// Builds findings of Wardline's own.
struct OwnFindings<'a> {
    rules: &'a Rules,
    findings: Vec<Finding>,
    /// How often the same was said, so that fingerprints differ.
    said: BTreeMap<(&'static str, String), usize>,
}

impl<'a> OwnFindings<'a> {
    fn new(rules: &'a Rules) -> Self {
        Self { rules, findings: Vec::new(), said: BTreeMap::new() }
    }

    fn push(&mut self, rule: &OwnRule, message: String, place: Place, excerpt: Option<Excerpt>) {
        let state = self.rules.get(rule.name);
        if state.is_some_and(|state| !state.runs_on(&place.path)) {
            return;
        }
        let ordinal = self.said.entry((rule.name, message.clone())).or_default();
        let parts = [rule.name, &message, &ordinal.to_string()];
        *ordinal += 1;
        self.findings.push(Finding {
            rule: rule.name.to_owned(),
            severity: state.and_then(|state| state.severity).unwrap_or(rule.severity),
            confidence: Confidence::High,
            class: Class::Real,
            fingerprint: fingerprint(&[&parts[..], &[&place.path]].concat()),
            moved_fingerprint: fingerprint(&parts),
            message,
            place,
            excerpt,
            related: Vec::new(),
            traces: Vec::new(),
            fixes: Vec::new(),
            status: Status::Open,
            blocking: false,
            properties: Vec::new(),
        });
    }
}

fn fingerprint(parts: &[&str]) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().to_hex()[..32].to_owned()
}

#[cfg(test)]
mod tests;
