//! The whole syntax tree of a document, where `plugin.toml` says `tree = true`
//! under `[input]`. Queries are cheaper: the host crosses into the sandbox with
//! every node.

use crate::{Document, Span};

const WORDS: usize = 5;
const NO_FIELD: u32 = 0xfff;
const IS_NAMED: u32 = 1 << 28;
const IS_ERROR: u32 = 1 << 29;
const IS_MISSING: u32 = 1 << 30;
const HAS_ERROR: u32 = 1 << 31;

/// A node of a document's syntax tree.
#[derive(Debug, Clone, Copy)]
pub struct Syntax<'d> {
    document: &'d Document,
    index: u32,
}

impl<'d> Syntax<'d> {
    /// The node at an index of the tree, in pre-order from 0.
    pub(crate) fn at(document: &'d Document, index: u32) -> Option<Self> {
        let words = document.evidence().tree.len() / WORDS;
        ((index as usize) < words).then_some(Self { document, index })
    }

    fn word(&self, word: usize) -> u32 {
        self.document.evidence().tree[self.index as usize * WORDS + word]
    }

    fn end(&self) -> u32 {
        self.word(4)
    }

    /// The grammar's name for it, such as `call`.
    #[must_use]
    pub fn kind(&self) -> &'d str {
        self.document.evidence().kinds.get((self.word(0) & 0xffff) as usize).map_or("", String::as_str)
    }

    /// Which part of its parent it is, such as `arguments`.
    #[must_use]
    pub fn field(&self) -> Option<&'d str> {
        match self.word(0) >> 16 & NO_FIELD {
            NO_FIELD => None,
            field => self.document.evidence().fields.get(field as usize).map(String::as_str),
        }
    }

    /// Where it is.
    #[must_use]
    pub fn span(&self) -> Span {
        Span { start: self.word(1), end: self.word(2) }
    }

    /// Its text.
    #[must_use]
    pub fn text(&self) -> &'d str {
        self.document.slice(self.span())
    }

    /// Whether the grammar names it; punctuation is not named.
    #[must_use]
    pub fn is_named(&self) -> bool {
        self.word(0) & IS_NAMED != 0
    }

    /// Whether the parser could not make sense of it.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.word(0) & IS_ERROR != 0
    }

    /// Whether the parser put it in where the text lacks it.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        self.word(0) & IS_MISSING != 0
    }

    /// Whether it or anything in it is an error.
    #[must_use]
    pub fn has_error(&self) -> bool {
        self.word(0) & HAS_ERROR != 0
    }

    /// The node around it.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        Self::at(self.document, self.word(3))
    }

    /// The nodes directly in it, in order.
    pub fn children(&self) -> impl Iterator<Item = Self> + use<'d> {
        let (document, end) = (self.document, self.end());
        let mut next = self.index + 1;
        std::iter::from_fn(move || {
            let child = Self::at(document, next).filter(|child| child.index < end)?;
            // An end that does not lie ahead would go round for ever.
            next = child.end().max(next + 1);
            Some(child)
        })
    }

    /// The child that is this part of it.
    #[must_use]
    pub fn child(&self, field: &str) -> Option<Self> {
        self.children().find(|child| child.field() == Some(field))
    }

    /// Everything in it, itself first, in the order of the text.
    pub fn descendants(&self) -> impl Iterator<Item = Self> + use<'d> {
        let document = self.document;
        (self.index..self.end()).map_while(move |index| Self::at(document, index))
    }
}
