//! An excerpt as miette reads it: fitted to the width, numbered as in the file.

use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};
use std::ops::Range;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};
use wardline_engine::finding::{Excerpt, Place, Position};

/// Columns of a tab.
pub(super) const TAB_WIDTH: usize = 4;
/// Lines that a snippet has at most.
const MOST_LINES: usize = 12;
/// Stands for what was cut.
const CUT: char = '…';

/// Lines of source with the range that a label points at.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Snippet {
    path: String,
    start: Position,
    first_line: usize,
    text: String,
    /// What is pointed at, in bytes of the text.
    pub(super) highlight: Range<usize>,
}

impl Snippet {
    /// Returns the excerpt with every line cut to `width` columns. The line
    /// where the highlight starts keeps its start in view.
    pub(super) fn new(place: &Place, excerpt: &Excerpt, width: usize) -> Self {
        let mut snippet = Self {
            path: place.path.clone(),
            start: place.start,
            first_line: excerpt.first_line as usize,
            text: String::new(),
            highlight: 0..0,
        };
        let whole = &excerpt.text;
        let start = whole.floor_char_boundary(excerpt.highlight.start);
        let end = whole.floor_char_boundary(excerpt.highlight.end.max(start));
        let mut offset = 0;
        for (index, line) in whole.split('\n').take(MOST_LINES).enumerate() {
            if index > 0 {
                snippet.text.push('\n');
            }
            let span = offset..offset + line.len();
            let holds_start = (span.start..=span.end).contains(&start);
            let kept = window(line, if holds_start { start - span.start } else { 0 }, width);
            let cut_before = kept.start > 0;
            let cut_after = kept.end < line.len();
            snippet.text.extend(cut_before.then_some(CUT));
            let base = snippet.text.len();
            let shown_at = |at: usize| base + (at - span.start).clamp(kept.start, kept.end) - kept.start;
            if holds_start {
                snippet.highlight.start = shown_at(start);
            }
            if start <= span.end && end >= span.start {
                snippet.highlight.end = shown_at(end.min(span.end));
            }
            snippet.text.push_str(&line[kept.clone()]);
            snippet.text.extend(cut_after.then_some(CUT));
            offset = span.end + 1;
        }
        snippet.highlight.start = snippet.highlight.start.min(snippet.highlight.end);
        snippet
    }
}

impl Snippet {
    /// The columns before the middle of the highlight, where its label hangs.
    pub(super) fn columns_before_label(&self) -> usize {
        let start = self.text[..self.highlight.start].rfind('\n').map_or(0, |at| at + 1);
        let pointed_at = self.text[self.highlight.clone()].split('\n').next().unwrap_or_default();
        columns(&self.text[start..self.highlight.start]) + columns(pointed_at) / 2
    }
}

impl SourceCode for Snippet {
    /// The whole snippet for any label. Without context lines, miette only
    /// asks where the label starts in the file.
    fn read_span<'a>(
        &'a self,
        _: &SourceSpan,
        lines_before: usize,
        lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let (line, column) = match (lines_before, lines_after) {
            (0, 0) => {
                (self.start.line.saturating_sub(1) as usize, self.start.column.saturating_sub(1) as usize)
            }
            _ => (self.first_line.saturating_sub(1), 0),
        };
        let span = (0, self.text.len()).into();
        let lines = self.text.split('\n').count();
        let text = self.text.as_bytes();
        Ok(Box::new(MietteSpanContents::new_named(self.path.clone(), text, span, line, column, lines)))
    }
}

/// Cuts a line to `width` columns; what is left starts with its start.
pub(super) fn fitted(line: &str, width: usize) -> String {
    let kept = window(line, 0, width);
    let mut text = line[kept.clone()].to_owned();
    text.extend((kept.end < line.len()).then_some(CUT));
    text
}

/// The part of a line that fits into `width` columns and holds `centre`.
fn window(line: &str, centre: usize, width: usize) -> Range<usize> {
    // A line of at most this many bytes cannot be wider, and needs no measuring.
    if line.len() <= width && !line.contains('\t') || columns(line) <= width {
        return 0..line.len();
    }
    let room = width.saturating_sub(2).max(1);
    let mut before = 0;
    let from = match columns(&line[..centre]) + room / 3 <= room {
        true => 0,
        false => line[..centre]
            .char_indices()
            .rev()
            .take_while(|(_, character)| {
                before += character_columns(*character);
                before <= room / 3
            })
            .last()
            .map_or(centre, |(at, _)| at),
    };
    let mut used = 0;
    let to = line[from..]
        .char_indices()
        .find(|(_, character)| {
            used += character_columns(*character);
            used > room
        })
        .map_or(line.len(), |(at, _)| from + at);
    from..to
}

fn columns(text: &str) -> usize {
    text.width() + text.matches('\t').count() * TAB_WIDTH
}

fn character_columns(character: char) -> usize {
    if character == '\t' { TAB_WIDTH } else { character.width().unwrap_or_default() }
}
