//! Applying fixes: which of them go together, what the file becomes, and
//! writing it so that nobody's work is lost.
//!
//! A fix is applied whole or not at all. What cannot be applied is said, with
//! the reason; a second run finds what is left.

use crate::replace::{Error, Folder};
use similar::{Algorithm, TextDiff};
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use wardline_engine::finding::{Applicability, Finding, Fix};

/// Files larger than this are not changed; nor were they parsed.
const MAX_FILE: u64 = 64 << 20;
/// More edits than this in one fix are taken for a mistake.
const MAX_EDITS: usize = 100_000;

/// A fix and the finding that it removes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Candidate<'a> {
    /// The finding.
    pub finding: &'a Finding,
    /// The best of its fixes that the user wants.
    pub fix: &'a Fix,
}

/// Why a fix was not applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    /// An earlier fix changes the same place.
    Overlaps,
    /// Its edits do not fit the text: out of range, inside a character,
    /// unsorted, overlapping each other, or in another file.
    Malformed,
    /// With it, the file would no longer parse as well as before.
    Breaks,
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Overlaps => "an earlier fix changes the same place; run again to apply it",
            Self::Malformed => "its edits do not fit the file",
            Self::Breaks => "the file would no longer parse",
        })
    }
}

/// One file after its fixes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fixed<'a> {
    /// The new text.
    pub text: String,
    /// What was applied, by place.
    pub applied: Vec<Candidate<'a>>,
    /// What was not, by place.
    pub skipped: Vec<(Candidate<'a>, Reason)>,
}

/// The fix of each finding that may be applied: the first that needs no more
/// than `wanted`. Templates never qualify; a person must fill them in.
#[must_use]
pub(crate) fn candidates<'a>(
    findings: impl IntoIterator<Item = &'a Finding>,
    wanted: Applicability,
) -> Vec<Candidate<'a>> {
    let allowed = |fix: &&Fix| fix.applicability <= wanted && fix.applicability != Applicability::Template;
    findings
        .into_iter()
        .filter_map(|finding| Some(Candidate { finding, fix: finding.fixes.iter().find(allowed)? }))
        .collect()
}

/// Applies the candidates of one file to its text, the first in the file first.
///
/// `is_sound` says whether a text parses as well as the original. If all fixes
/// together fail that, they are tried one by one, and those which break the
/// file are left out.
#[must_use]
pub(crate) fn apply<'a>(
    path: &str,
    original: &str,
    candidates: &[Candidate<'a>],
    is_sound: impl Fn(&str) -> bool,
) -> Fixed<'a> {
    let mut sorted = candidates.to_vec();
    sorted.sort_by_key(|candidate| candidate.fix.edits.first().map(|edit| edit.place.start.offset));
    let mut plan = Plan::default();
    let mut accepted = Vec::new();
    let mut skipped = Vec::new();
    for candidate in sorted {
        match plan.add(path, original, candidate.fix) {
            Ok(()) => accepted.push(candidate),
            Err(reason) => skipped.push((candidate, reason)),
        }
    }
    let text = plan.apply(original);
    if accepted.is_empty() || is_sound(&text) {
        return Fixed { text, applied: accepted, skipped };
    }
    let mut sound = Plan::default();
    let mut applied = Vec::new();
    for candidate in accepted {
        let mut larger = sound.clone();
        let added = larger.add(path, original, candidate.fix);
        if added.is_ok() && is_sound(&larger.apply(original)) {
            sound = larger;
            applied.push(candidate);
        } else {
            skipped.push((candidate, Reason::Breaks));
        }
    }
    Fixed { text: sound.apply(original), applied, skipped }
}

/// Disjoint replacements, by where they start.
#[derive(Default, Clone)]
struct Plan<'a> {
    edits: BTreeMap<usize, (usize, &'a str)>,
}

impl<'a> Plan<'a> {
    /// Adds all edits of a fix, or none.
    fn add(&mut self, path: &str, original: &str, fix: &'a Fix) -> Result<(), Reason> {
        let edits = well_formed(path, original, fix).ok_or(Reason::Malformed)?;
        // Two rules may offer the same change: it is made once, for both.
        if edits.iter().all(|(range, text)| self.edits.get(&range.start) == Some(&(range.end, *text))) {
            return Ok(());
        }
        if edits.iter().any(|(range, _)| self.touches(range)) {
            return Err(Reason::Overlaps);
        }
        self.edits.extend(edits.into_iter().map(|(range, text)| (range.start, (range.end, text))));
        Ok(())
    }

    /// Whether a replacement meets one that is there. Two that start at the
    /// same place do, even if one is empty: their order would be a guess.
    fn touches(&self, range: &Range<usize>) -> bool {
        let before = self.edits.range(..range.start).next_back();
        let after = self.edits.range(range.start..).next();
        before.is_some_and(|(_, (end, _))| *end > range.start)
            || after.is_some_and(|(start, _)| *start == range.start || *start < range.end)
    }

    fn apply(&self, original: &str) -> String {
        let mut text = String::with_capacity(original.len());
        let mut at = 0;
        for (start, (end, replacement)) in &self.edits {
            text.push_str(&original[at..*start]);
            text.push_str(replacement);
            at = *end;
        }
        text.push_str(&original[at..]);
        text
    }
}

/// The edits of a fix as byte ranges, if they are sorted, disjoint, on
/// character boundaries and in this file.
fn well_formed<'a>(path: &str, original: &str, fix: &'a Fix) -> Option<Vec<(Range<usize>, &'a str)>> {
    if fix.edits.is_empty() || fix.edits.len() > MAX_EDITS {
        return None;
    }
    let mut edits: Vec<(Range<usize>, &str)> = Vec::with_capacity(fix.edits.len());
    for edit in &fix.edits {
        let range = edit.place.start.offset as usize..edit.place.end.offset as usize;
        let follows =
            edits.last().is_none_or(|(last, _)| last.end <= range.start && last.start < range.start);
        // `get` is none for what is out of range, reversed or inside a character.
        if edit.place.path != path || original.get(range.clone()).is_none() || !follows {
            return None;
        }
        edits.push((range, &edit.text));
    }
    Some(edits)
}

/// The change as a unified diff, as `patch` and `git apply` read it.
#[must_use]
pub(crate) fn unified_diff(path: &str, old: &str, new: &str) -> String {
    TextDiff::configure()
        .algorithm(Algorithm::Myers)
        .diff_lines(old, new)
        .unified_diff()
        .context_radius(3)
        .header(&format!("a/{path}"), &format!("b/{path}"))
        .to_string()
}

/// Writes a fixed file below `root`, whole or not at all.
///
/// # Errors
/// If the file is no longer what was checked, is a link, is read-only, lies
/// outside `root`, or cannot be written.
pub(crate) fn write(root: &Path, path: &str, original: &str, new: &str) -> Result<(), Error> {
    let whole = root.join(path);
    let relative = Path::new(path);
    let Some(name) = relative.file_name() else {
        return Err(Error::refused(&whole, "it is not the name of a file", None));
    };
    let folder = Folder::open(root)?.holding(relative)?;
    let current = folder.read(name, MAX_FILE)?;
    if current.metadata.permissions().readonly() {
        return Err(Error::refused(&whole, "it is read-only", None));
    }
    let mark: &[u8] = if current.bytes.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK } else { b"" };
    let unmarked = original.strip_prefix('\u{feff}').unwrap_or(original);
    if current.bytes[mark.len()..] != *unmarked.as_bytes() {
        let help = "check again; files in other encodings than UTF-8 are not changed";
        return Err(Error::refused(&whole, "it is not what was checked", Some(help)));
    }
    let mut bytes = mark.to_vec();
    bytes.extend_from_slice(new.strip_prefix('\u{feff}').unwrap_or(new).as_bytes());
    folder.replace(name, &bytes, Some(&current.metadata))
}

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

#[cfg(test)]
mod tests;
