//! Where a byte of an embedded document stands in the document around it.

use std::ops::Range;

/// Maps ranges of an embedded text to ranges of the outer text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OffsetMap {
    /// Ordered by their place in the embedded text, without gaps.
    pieces: Vec<Piece>,
}

/// Adjoining bytes with a common origin.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Piece {
    inner: Range<usize>,
    outer: Range<usize>,
    /// Whether each byte has its own origin. If not, as in an escape sequence,
    /// all of them come from all of the outer range.
    verbatim: bool,
}

impl OffsetMap {
    /// Returns where a range of the embedded text stands in the outer text.
    ///
    /// A range that touches an escape sequence, or anything else that was
    /// decoded, covers all of it. Offsets past the end are taken for the end.
    #[must_use]
    pub fn to_outer(&self, range: Range<usize>) -> Range<usize> {
        let start = match self.piece_at(range.start) {
            Some(piece) if piece.verbatim => piece.outer.start + (range.start - piece.inner.start),
            Some(piece) => piece.outer.start,
            None => self.pieces.last().map_or(0, |last| last.outer.end),
        };
        if range.end <= range.start {
            return start..start;
        }
        let end = match self.piece_at(range.end - 1) {
            Some(piece) if piece.verbatim => piece.outer.start + (range.end - piece.inner.start),
            Some(piece) => piece.outer.end,
            None => self.pieces.last().map_or(0, |last| last.outer.end),
        };
        start..end.max(start)
    }

    /// Returns the map from this embedded text to what is around `outer`, given
    /// that this one is embedded in that one.
    #[must_use]
    pub fn within(&self, outer: &OffsetMap) -> OffsetMap {
        let mut pieces = Vec::with_capacity(self.pieces.len());
        for piece in &self.pieces {
            if !piece.verbatim {
                pieces.push(Piece { outer: outer.to_outer(piece.outer.clone()), ..piece.clone() });
                continue;
            }
            let mut at = piece.outer.start;
            while let Some(host) = outer.piece_at(at).filter(|_| at < piece.outer.end) {
                let end = host.inner.end.min(piece.outer.end);
                let shift = |offset: usize| piece.inner.start + (offset - piece.outer.start);
                pieces.push(Piece {
                    inner: shift(at)..shift(end),
                    outer: outer.to_outer(at..end),
                    verbatim: host.verbatim,
                });
                at = end;
            }
        }
        OffsetMap { pieces }
    }

    fn piece_at(&self, offset: usize) -> Option<&Piece> {
        let index = self.pieces.partition_point(|piece| piece.inner.end <= offset);
        self.pieces.get(index)
    }
}

/// An embedded text while it is put together from parts of the outer one.
#[derive(Debug)]
pub(super) struct Builder<'a> {
    source: &'a str,
    pub(super) text: String,
    map: OffsetMap,
}

impl<'a> Builder<'a> {
    pub(super) fn new(source: &'a str) -> Self {
        Self { source, text: String::new(), map: OffsetMap::default() }
    }

    /// Appends a part of the outer text as it is.
    pub(super) fn copy(&mut self, outer: Range<usize>) {
        let start = self.text.len();
        self.text.push_str(&self.source[outer.clone()]);
        match self.map.pieces.last_mut() {
            _ if outer.is_empty() => {}
            Some(last) if last.verbatim && last.outer.end == outer.start => {
                last.inner.end = self.text.len();
                last.outer.end = outer.end;
            }
            _ => self.map.pieces.push(Piece { inner: start..self.text.len(), outer, verbatim: true }),
        }
    }

    /// Appends what a part of the outer text stands for.
    pub(super) fn decode(&mut self, outer: Range<usize>, meaning: &str) {
        if self.source[outer.clone()] == *meaning {
            return self.copy(outer);
        }
        let start = self.text.len();
        self.text.push_str(meaning);
        if !meaning.is_empty() {
            self.map.pieces.push(Piece { inner: start..self.text.len(), outer, verbatim: false });
        }
    }

    pub(super) fn finish(self) -> (String, OffsetMap) {
        (self.text, self.map)
    }
}
