//! What a fix would do to the lines that are shown: a small diff.

use similar::{ChangeTag, TextDiff};
use std::ops::Range;
use wardline_engine::finding::{Excerpt, Finding, Fix, Position};

/// A line of a diff.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// Its number in the file, before or after the change.
    pub(super) number: usize,
    /// `-`, `+` or a blank.
    pub(super) sign: char,
    /// The text, as raw as it came.
    pub(super) text: String,
}

/// Returns the lines that a fix changes, before and after.
///
/// The excerpt is all that a report has of the document. Where an edit lies
/// outside of it, only the new text can be shown.
pub(super) fn lines(finding: &Finding, fix: &Fix) -> Vec<Line> {
    finding.excerpt.as_ref().and_then(|excerpt| diff(finding, excerpt, fix)).unwrap_or_else(|| new_text(fix))
}

fn diff(finding: &Finding, excerpt: &Excerpt, fix: &Fix) -> Option<Vec<Line>> {
    let before = &excerpt.text;
    let mut after = String::new();
    let mut done = 0;
    for edit in &fix.edits {
        let Range { start, end } =
            shown_at(finding, excerpt, edit.place.start)?..shown_at(finding, excerpt, edit.place.end)?;
        after.push_str(before.get(done..start)?);
        after.push_str(&edit.text.replace("\r\n", "\n"));
        before.get(start..end)?;
        done = end;
    }
    after.push_str(&before[done..]);
    let first = excerpt.first_line as usize;
    let diff = TextDiff::from_lines(before.as_str(), after.as_str());
    let changed = diff.iter_all_changes().filter_map(|change| {
        let (sign, index) = match change.tag() {
            ChangeTag::Equal => return None,
            ChangeTag::Delete => ('-', change.old_index()?),
            ChangeTag::Insert => ('+', change.new_index()?),
        };
        Some(Line {
            number: first + index,
            sign,
            text: change.value().trim_end_matches(['\r', '\n']).to_owned(),
        })
    });
    Some(changed.collect())
}

fn new_text(fix: &Fix) -> Vec<Line> {
    let edits = fix.edits.iter().filter(|edit| !edit.text.is_empty());
    edits
        .flat_map(|edit| {
            let first = edit.place.start.line as usize;
            edit.text.lines().enumerate().map(move |(index, text)| Line {
                number: first + index,
                sign: '+',
                text: text.to_owned(),
            })
        })
        .collect()
}

/// Where a position of the document is in the excerpt, if it is.
///
/// The ends of the finding are known exactly. From there, columns count on the
/// same line; elsewhere they count from the start of a line that is not cut.
fn shown_at(finding: &Finding, excerpt: &Excerpt, position: Position) -> Option<usize> {
    let Range { start, end } = excerpt.highlight;
    let column = position.byte_column as usize;
    let from = |known: Position, at: usize| (at + column).checked_sub(known.byte_column as usize);
    let place = &finding.place;
    let index = (position.line.checked_sub(excerpt.first_line)?) as usize;
    let line_start = line_start(&excerpt.text, index)?;
    let line = excerpt.text[line_start..].split('\n').next()?;
    let at = if position.offset == place.start.offset {
        start
    } else if position.line == place.end.line && position.offset >= place.end.offset {
        from(place.end, end)?
    } else if position.line == place.start.line {
        from(place.start, start)?
    } else if line.starts_with('…') {
        return None;
    } else {
        (line_start + column).checked_sub(1)?
    };
    let end_of_line = line_start + line.len();
    // An insertion at the start of the next line, where that is not shown,
    // stands at the end of this one.
    (line_start..=end_of_line).contains(&at).then_some(at).filter(|at| excerpt.text.is_char_boundary(*at))
}

fn line_start(text: &str, index: usize) -> Option<usize> {
    match index {
        0 => Some(0),
        _ => text.match_indices('\n').nth(index - 1).map(|(at, _)| at + 1),
    }
}
