//! Reports: from what a check found to bytes in one of eight formats.
//!
//! Everything here is a pure function of its input: no printing, no files, no
//! clock. `sanitise` makes every string from outside harmless before any format
//! sees it; each format then decides only on its own layout. `docs/reports.md`
//! says what each format carries.

mod concise;
mod github;
mod gitlab;
mod json;
mod junit;
mod page;
mod preview;
mod rdjson;
mod sanitise;
mod sarif;
mod snippet;
mod summary;
mod text;

#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;

use sanitise::Clean;
use wardline_engine::finding::Report;
use wardline_engine::plugin::manifest::Rule;

/// What a report looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, clap::ValueEnum)]
pub(crate) enum Format {
    /// For people: snippet, label, help, fix preview.
    #[default]
    Text,
    /// One line for each finding.
    Concise,
    /// Everything, for programs.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Workflow commands that GitHub shows as annotations.
    Github,
    /// GitLab's Code Quality report.
    Gitlab,
    /// JUnit XML.
    Junit,
    /// Reviewdog's diagnostic format.
    Rdjson,
}

/// A rule together with what surrounds it, as reports refer to it.
#[derive(Debug, Clone)]
pub(crate) struct RuleInfo<'a> {
    /// `plugin/rule`.
    pub(crate) name: String,
    /// Its declaration.
    pub(crate) rule: &'a Rule,
    /// Version of its plugin.
    pub(crate) plugin_version: String,
    /// Its page as Markdown.
    pub(crate) page: Option<&'a str>,
    /// Where the page can be read; empty for nowhere.
    pub(crate) help_uri: String,
}

/// What findings are shown besides the open ones. Only for people: programs
/// always get everything that their format can carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Show {
    /// What could not be decided.
    pub(crate) unknown: bool,
    /// Findings that are suppressed, in the baseline or known.
    pub(crate) suppressed: bool,
}

/// How a report is drawn. Only the formats for people look at this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Options {
    /// Whether to colour.
    pub(crate) color: bool,
    /// Whether to draw with ASCII alone.
    pub(crate) ascii: bool,
    /// Columns that there are.
    pub(crate) width: usize,
    /// Whether the terminal shows hyperlinks.
    pub(crate) links: bool,
    /// What else to show.
    pub(crate) show: Show,
    /// Whether to say that `--fix` would help.
    pub(crate) fix_hint: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { color: false, ascii: false, width: 80, links: false, show: Show::default(), fix_hint: true }
    }
}

/// What a report is made from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Context<'a> {
    /// What the check found.
    pub(crate) report: &'a Report,
    /// The rules that ran, in any order.
    pub(crate) rules: &'a [RuleInfo<'a>],
    /// How to draw it.
    pub(crate) options: Options,
}

/// Returns the report in the given format, as UTF-8 with a final newline.
pub(crate) fn render(format: Format, context: &Context<'_>) -> Vec<u8> {
    let clean = Clean::new(context);
    let text = match format {
        Format::Text => text::render(&clean),
        Format::Concise => concise::render(&clean),
        Format::Json => json::render(&clean),
        Format::Sarif => sarif::render(&clean),
        Format::Github => github::render(&clean),
        Format::Gitlab => gitlab::render(&clean),
        Format::Junit => junit::render(&clean),
        Format::Rdjson => rdjson::render(&clean),
    };
    text.into_bytes()
}

/// Makes the text of other commands harmless, as reports are.
pub(crate) fn harmless(text: &str) -> String {
    sanitise::paragraph(text)
}

/// Makes the JSON of other commands harmless: it stays JSON.
pub(crate) fn harmless_json(text: &str) -> String {
    sanitise::json(text)
}

/// Masks what looks like a credential in the text of an error that quotes a
/// file; columns stay as they are.
pub(crate) fn without_credentials(text: &str) -> String {
    sanitise::without_credentials(text)
}

/// Our version, as reports name it.
const VERSION: &str = env!("CARGO_PKG_VERSION");
/// Where to read about us.
const HOMEPAGE: &str = env!("CARGO_PKG_REPOSITORY");

/// Serialises a report for programs: indented, so that it can be read and
/// compared by line, and with a final newline.
fn to_json(value: &impl serde::Serialize) -> String {
    let mut text =
        serde_json::to_string_pretty(value).expect("reports have string keys and no failing parts");
    text.push('\n');
    text
}
