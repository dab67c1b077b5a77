//! The one place where strings from outside are made harmless.
//!
//! Paths, messages, source lines and rule pages can hold escape sequences for
//! the terminal, characters that reorder or hide text, and commands that a CI
//! system obeys when it reads them in a log. All of these become visible as
//! `\u{..}`. `Clean` does this for a whole report at once, so that no format
//! can forget a field.

use super::{Context, Options, RuleInfo};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::ops::Range;
use wardline_engine::finding::{Excerpt, Finding, Fix, Place, Report, Status, Step, Trace, Unknown};
use wardline_engine::notice::Notice;
use wardline_engine::plugin::manifest::Rule;

/// A report whose every string is harmless, and what came in.
pub(super) struct Clean<'a> {
    /// The report, harmless.
    pub(super) report: Report,
    /// The report as it came, in the same order. Only for what must be exact:
    /// URIs, which are percent-encoded, and edits, which `carries` vets.
    pub(super) raw: &'a Report,
    /// The rules that the report mentions, by name.
    pub(super) rules: BTreeMap<String, CleanRule>,
    /// How to draw it.
    pub(super) options: Options,
}

/// A rule whose every string is harmless.
#[derive(Clone)]
pub(super) struct CleanRule {
    /// Its declaration.
    pub(super) rule: Rule,
    /// Version of its plugin.
    pub(super) plugin_version: String,
    /// Its page as Markdown.
    pub(super) page: Option<String>,
    /// Where the page can be read: an `https` address, or nowhere.
    pub(super) help_uri: Option<String>,
}

impl<'a> Clean<'a> {
    pub(super) fn new(context: &Context<'a>) -> Self {
        let raw = context.report;
        let mentioned: BTreeSet<&str> = raw
            .findings
            .iter()
            .map(|finding| finding.rule.as_str())
            .chain(raw.unknowns.iter().map(|unknown| unknown.rule.as_str()))
            .collect();
        let rules = context
            .rules
            .iter()
            .filter(|info| mentioned.contains(info.name.as_str()))
            .map(|info| (line(&info.name), rule(info)))
            .collect();
        let report = Report {
            findings: raw.findings.iter().map(finding).collect(),
            unknowns: raw.unknowns.iter().map(unknown).collect(),
            notices: raw.notices.iter().map(notice).collect(),
            documents: raw.documents,
            skipped: raw.skipped,
        };
        Self { report, raw, rules, options: context.options }
    }

    /// The open findings with the findings as they came.
    pub(super) fn open(&self) -> impl Iterator<Item = (&Finding, &'a Finding)> {
        self.report
            .findings
            .iter()
            .zip(&self.raw.findings)
            .filter(|(finding, _)| finding.status == Status::Open)
    }

    /// The notices that make the run incomplete.
    pub(super) fn problems(&self) -> impl Iterator<Item = &Notice> {
        self.report.notices.iter().filter(|notice| notice.incomplete)
    }
}

/// Whether a format for programs can carry a fix: none of its new text had to
/// be changed. A fix with a hidden character is shown to people only.
pub(super) fn carries(raw: &Fix) -> bool {
    raw.edits.iter().all(|edit| verbatim(&edit.text) == edit.text)
}

/// Makes a text of several lines harmless. Line ends become `\n`.
pub(super) fn paragraph(text: &str) -> String {
    rewrite(text, Breaks::Unified, |_, _| ())
}

/// Makes a text harmless and puts it on one line.
pub(super) fn line(text: &str) -> String {
    paragraph(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Makes a path harmless. Line breaks in it are as strange as control
/// characters, and become visible too.
pub(super) fn path(path: &str) -> String {
    rewrite(path, Breaks::Escaped, |_, _| ())
}

/// Makes new text of a fix harmless, keeping its line ends.
fn verbatim(text: &str) -> String {
    rewrite(text, Breaks::Kept, |_, _| ())
}

/// Makes an excerpt harmless and moves its highlight along, so that carets
/// stay below what they point at.
pub(super) fn excerpt(excerpt: &Excerpt) -> Excerpt {
    let Range { start, end } = excerpt.highlight;
    let mut highlight = 0..0;
    let text = rewrite(&excerpt.text, Breaks::Unified, |from, to| {
        if from <= start {
            highlight.start = to;
        }
        if from <= end {
            highlight.end = to;
        }
    });
    Excerpt { first_line: excerpt.first_line, text, highlight }
}

/// Makes serialised JSON harmless by JSON's own escapes. What is hidden can
/// only stand in its strings.
pub(super) fn json(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for (at, character) in text.char_indices() {
        if character != '\n' && is_hidden(character) || character == '#' && starts_command(&text[at..]) {
            for unit in character.encode_utf16(&mut [0; 2]) {
                let _ = write!(shown, "\\u{unit:04x}");
            }
        } else {
            shown.push(character);
        }
    }
    shown
}

/// Takes the meaning from lines that a CI system would obey: it looks for `::`
/// at the start of a line, leading blanks ignored. Run over finished text,
/// because wrapping can bring anything to the start of a line.
pub(super) fn without_commands(text: &str) -> String {
    let mut inert = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let content = line.trim_start();
        if content.starts_with("::") {
            inert.push_str(&line[..line.len() - content.len()]);
            inert.extend(':'.escape_unicode());
            inert.push_str(&content[1..]);
        } else {
            inert.push_str(line);
        }
    }
    inert
}

/// What happens to line ends and tabs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Breaks {
    /// `\r\n` becomes `\n`; tabs stay.
    Unified,
    /// `\r\n`, `\n` and tabs stay.
    Kept,
    /// All become visible.
    Escaped,
}

/// Makes a text harmless. `mark` is told where each character went.
fn rewrite(text: &str, breaks: Breaks, mut mark: impl FnMut(usize, usize)) -> String {
    let mut shown = String::with_capacity(text.len());
    for (at, character) in text.char_indices() {
        mark(at, shown.len());
        let escape = match character {
            '\n' | '\t' => breaks == Breaks::Escaped,
            '\r' if breaks != Breaks::Escaped && text[at + 1..].starts_with('\n') => {
                if breaks == Breaks::Kept {
                    shown.push('\r');
                }
                continue;
            }
            '#' => starts_command(&text[at..]),
            _ => is_hidden(character),
        };
        match escape {
            true => shown.extend(character.escape_unicode()),
            false => shown.push(character),
        }
    }
    mark(text.len(), shown.len());
    shown
}

/// Whether CI systems read this as a command wherever it stands in a line, as
/// with `##[error]` or `##vso[task.complete]`.
fn starts_command(text: &str) -> bool {
    text.strip_prefix("##").is_some_and(|rest| {
        rest.trim_start_matches(|character: char| character.is_ascii_alphabetic()).starts_with('[')
    })
}

/// Whether a character steers the terminal, reorders text, draws nothing, or
/// is not a character at all.
fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}'
                | '\u{34f}'
                | '\u{61c}'
                | '\u{115f}'..='\u{1160}'
                | '\u{17b4}'..='\u{17b5}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{3164}'
                | '\u{fdd0}'..='\u{fdef}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff0}'..='\u{fffb}'
                | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{e0fff}'
        )
        || character as u32 & 0xfffe == 0xfffe
}

fn rule(info: &RuleInfo<'_>) -> CleanRule {
    let Rule {
        id,
        title,
        severity,
        confidence,
        cwe,
        owasp,
        requirements,
        tags,
        enabled,
        no_fix,
        message,
        references,
    } = info.rule;
    let lines = |texts: &[String]| texts.iter().map(|text| line(text)).collect();
    CleanRule {
        rule: Rule {
            id: line(id),
            title: line(title),
            severity: *severity,
            confidence: *confidence,
            cwe: cwe.clone(),
            owasp: owasp.as_deref().map(line),
            requirements: lines(requirements),
            tags: lines(tags),
            enabled: *enabled,
            no_fix: no_fix.as_deref().map(line),
            message: message.as_deref().map(line),
            references: lines(references),
        },
        plugin_version: line(&info.plugin_version),
        page: info.page.map(paragraph),
        help_uri: is_link(&info.help_uri).then(|| info.help_uri.clone()),
    }
}

/// Masks long words of letters and digits beyond their first four characters.
/// A digest is not one: an error that names two of them is about just these.
pub(super) fn without_credentials(text: &str) -> String {
    const LEAST: usize = 20;
    let is_part = |character: char| character.is_ascii_alphanumeric() || "_-+=".contains(character);
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(is_part) {
        let length = rest[start..].find(|character| !is_part(character)).unwrap_or(rest.len() - start);
        let word = &rest[start..start + length];
        let is_mixed = word.contains(|c: char| c.is_ascii_digit()) && word.contains(char::is_alphabetic);
        masked.push_str(&rest[..start]);
        if length >= LEAST && is_mixed && !masked.ends_with("sha256:") {
            masked.push_str(&word[..4]);
            masked.extend(std::iter::repeat_n('*', length - 4));
        } else {
            masked.push_str(word);
        }
        rest = &rest[start + length..];
    }
    masked + rest
}

/// Whether an address may become a link: a plain `https` one.
fn is_link(address: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte);
    address.strip_prefix("https://").is_some_and(|rest| !rest.is_empty() && rest.bytes().all(plain))
}

fn place(place: &Place) -> Place {
    Place { path: path(&place.path), start: place.start, end: place.end }
}

fn finding(finding: &Finding) -> Finding {
    let mut clean = finding.clone();
    clean.rule = line(&finding.rule);
    clean.message = paragraph(&finding.message);
    clean.place = place(&finding.place);
    clean.excerpt = finding.excerpt.as_ref().map(excerpt);
    for related in &mut clean.related {
        related.place = place(&related.place);
        related.message = paragraph(&related.message);
    }
    for Trace { message, steps } in &mut clean.traces {
        *message = paragraph(message);
        for Step { place: at, message, role: _ } in steps {
            *at = place(at);
            *message = paragraph(message);
        }
    }
    for fix in &mut clean.fixes {
        fix.title = line(&fix.title);
        for edit in &mut fix.edits {
            edit.place = place(&edit.place);
            edit.text = verbatim(&edit.text);
        }
    }
    clean.fingerprint = line(&finding.fingerprint);
    clean.moved_fingerprint = line(&finding.moved_fingerprint);
    if let Status::Suppressed { reason, by: _ } = &mut clean.status {
        *reason = line(reason);
    }
    for (key, value) in &mut clean.properties {
        *key = line(key);
        *value = paragraph(value);
    }
    clean
}

fn unknown(unknown: &Unknown) -> Unknown {
    Unknown { rule: line(&unknown.rule), place: place(&unknown.place), reason: paragraph(&unknown.reason) }
}

fn notice(notice: &Notice) -> Notice {
    Notice {
        code: line(&notice.code),
        path: notice.path.as_deref().map(path),
        plugin: notice.plugin.as_deref().map(line),
        message: paragraph(&notice.message),
        help: notice.help.as_deref().map(paragraph),
        incomplete: notice.incomplete,
    }
}
