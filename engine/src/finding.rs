//! What a check reports: findings, what could not be decided, and their parts.
//!
//! A finding is complete in itself: it carries positions in every unit that a
//! report may ask for and a masked excerpt of the source, so that reports need
//! neither the document nor the plugin.

use serde::{Deserialize, Serialize};
use std::ops::Range;

/// How bad it is if the finding is right.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// A weakness that needs others to matter.
    Low,
    /// A weakness.
    Medium,
    /// Can be exploited.
    High,
    /// Can be exploited at once, with grave effect.
    Critical,
}

/// How likely the finding is right.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// A lead.
    Low,
    /// Usually right.
    Medium,
    /// Nearly always right.
    High,
}

/// What sort of finding it is. Only `Real` blocks by default.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// The real thing.
    Real,
    /// A documented example value, such as a vendor's sample key.
    Example,
    /// Test data in a test.
    Test,
    /// Looks like the real thing but cannot work.
    Malformed,
}

macro_rules! names {
    ($type:ident: $($variant:ident = $name:literal),*) => {
        impl $type {
            /// Every value, from the least to the most.
            pub const ALL: &'static [$type] = &[$($type::$variant),*];

            /// The name used in configuration and reports.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $($type::$variant => $name),* }
            }
        }
        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.name())
            }
        }
        impl std::str::FromStr for $type {
            type Err = String;
            fn from_str(text: &str) -> Result<Self, String> {
                Self::ALL.iter().copied().find(|value| value.name() == text).ok_or_else(|| {
                    let names: Vec<_> = Self::ALL.iter().map(|value| value.name()).collect();
                    format!("expected one of {}", names.join(", "))
                })
            }
        }
    };
}
names!(Severity: Info = "info", Low = "low", Medium = "medium", High = "high", Critical = "critical");
names!(Confidence: Low = "low", Medium = "medium", High = "high");
names!(Class: Real = "real", Example = "example", Test = "test", Malformed = "malformed");

/// One end of a range, in every unit that a report may ask for.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, schemars::JsonSchema,
)]
pub struct Position {
    /// Byte offset in the document's text as UTF-8.
    pub offset: u32,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters (Unicode scalar values), from 1.
    pub column: u32,
    /// Column in UTF-16 code units, from 1.
    pub utf16_column: u32,
    /// Column in bytes of UTF-8, from 1.
    pub byte_column: u32,
}

/// A range in a document of the workspace. `start == end` at offset 0 and line
/// 1 stands for the whole document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, schemars::JsonSchema)]
pub struct Place {
    /// Path relative to the root, with `/` on every system.
    pub path: String,
    /// Where it starts.
    pub start: Position,
    /// Where it ends, exclusive.
    pub end: Position,
}

/// Some lines of source around a range, for showing. Secrets are masked, long
/// lines are cut around the range, and control characters are still in it: the
/// sanitiser of each report deals with them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, schemars::JsonSchema)]
pub struct Excerpt {
    /// The number of the first line shown, from 1.
    pub first_line: u32,
    /// The lines, joined by `\n`.
    pub text: String,
    /// The range within `text`, in bytes.
    pub highlight: Range<usize>,
}

/// A second place that helps to understand a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Related {
    /// Where.
    pub place: Place,
    /// What is there.
    pub message: String,
}

/// What a step does on a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum StepRole {
    /// Where the value comes from.
    Source,
    /// Where it passes.
    Via,
    /// Where it is made harmless.
    Sanitizer,
    /// Where it does harm.
    Sink,
}

/// One step on a path through code or resources.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Step {
    /// What the step does.
    pub role: StepRole,
    /// Where.
    pub place: Place,
    /// What happens there.
    pub message: String,
}

/// How a value or a permission gets from one place to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Trace {
    /// What the path shows.
    pub message: String,
    /// From source to sink.
    pub steps: Vec<Step>,
}

/// Whether a fix may be applied without asking.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Applicability {
    /// Keeps the program's meaning: `--fix`.
    Safe,
    /// Probably wanted: `--fix --unsafe-fixes`.
    Suggestion,
    /// Has holes that a person must fill: shown only.
    Template,
}

/// One replacement of a fix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Edit {
    /// What is replaced; an empty range inserts.
    pub place: Place,
    /// The new text.
    pub text: String,
}

/// A change that removes a finding. Its edits are disjoint, sorted, in the
/// finding's own document, and applied together or not at all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Fix {
    /// What the change does, as an imperative.
    pub title: String,
    /// Whether it may be applied without asking.
    pub applicability: Applicability,
    /// The replacements.
    pub edits: Vec<Edit>,
}

/// Why a finding does not count, or that it does. Nothing is dropped: findings
/// that do not count are marked, shown on request, and counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum Status {
    /// It counts.
    Open,
    /// A comment or the configuration allows it.
    Suppressed {
        /// The reason that the author gave.
        reason: String,
        /// `comment` or `configuration`.
        by: &'static str,
    },
    /// The baseline accepts it.
    Baselined,
    /// It was there at the revision given with `--since`.
    Known,
}

/// A problem that a rule reports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Finding {
    /// `plugin/rule`.
    pub rule: String,
    /// How bad it is.
    pub severity: Severity,
    /// How sure the rule is.
    pub confidence: Confidence,
    /// What sort of finding it is.
    pub class: Class,
    /// One or two sentences of plain text.
    pub message: String,
    /// Where it is.
    pub place: Place,
    /// The source around it; absent where the place has no text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub excerpt: Option<Excerpt>,
    /// Places that help to understand it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub related: Vec<Related>,
    /// How a value gets there.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub traces: Vec<Trace>,
    /// How to mend it, the best first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fixes: Vec<Fix>,
    /// Stays the same when lines move: rule, path and the syntax around it.
    pub fingerprint: String,
    /// The same without the path: finds the findings of a renamed file again.
    pub moved_fingerprint: String,
    /// Whether it counts.
    pub status: Status,
    /// Whether it fails the run: open, and at or above the gate.
    pub blocking: bool,
    /// Passed through from the plugin, sorted by key.
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "as_map")]
    #[schemars(with = "std::collections::BTreeMap<String, String>")]
    pub properties: Vec<(String, String)>,
}

fn as_map<S: serde::Serializer>(pairs: &[(String, String)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(pairs.iter().map(|(key, value)| (key, value)))
}

/// A rule that could not be decided somewhere, with the reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Unknown {
    /// `plugin/rule`.
    pub rule: String,
    /// Where.
    pub place: Place,
    /// Why it could not be decided.
    pub reason: String,
}

/// Everything that a run found, sorted: the same bytes for any number of
/// threads and any order of the walk.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Report {
    /// By path, range, rule and message.
    pub findings: Vec<Finding>,
    /// What could not be decided, by path, range and rule.
    pub unknowns: Vec<Unknown>,
    /// Problems of the run itself.
    pub notices: Vec<crate::notice::Notice>,
    /// Number of documents that were checked.
    pub documents: usize,
    /// Number of files that policy left out (ignored, binary, too large ...).
    pub skipped: usize,
}

impl Report {
    /// Whether part of the input was not checked.
    #[must_use]
    pub fn is_incomplete(&self) -> bool {
        self.notices.iter().any(|notice| notice.incomplete)
    }

    /// The findings that fail the run.
    pub fn blocking(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.blocking)
    }
}
