//! The shared structural queries: calls, imports, assignments, strings, functions, decorators.
//!
//! One walk over a tree gives the items of all six, with names resolved through
//! imports and aliases, for every plugin at once. Which of them a rule wants is
//! decided in `matching`.

pub(crate) mod clojure;
mod imports;
pub(crate) mod names;
pub(crate) mod shape;
mod shapes;
#[cfg(test)]
mod tests;
mod walk;

use std::collections::HashMap;

use super::Parsed;

/// A shared structural query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Std {
    /// Calls, constructors, and constructs that act like calls.
    Call,
    /// What a document takes from elsewhere.
    Import,
    /// Names, keys and fields that are given values.
    Assign,
    /// String literals.
    String,
    /// Functions, named or not.
    Function,
    /// Decorators, annotations, attributes.
    Decorator,
}

impl Std {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Call, Self::Import, Self::Assign, Self::String, Self::Function, Self::Decorator];

    /// The name that manifests use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Call => "std/call",
            Self::Import => "std/import",
            Self::Assign => "std/assign",
            Self::String => "std/string",
            Self::Function => "std/function",
            Self::Decorator => "std/decorator",
        }
    }

    /// The query of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|query| query.name() == name)
    }

    /// The names of its captures; [`Capture::name`] is an index into them.
    pub fn captures(self) -> &'static [&'static str] {
        match self {
            Self::Call => &["match", "callee", "receiver", "name", "argument", "key", "value"],
            Self::Import => &["match", "module", "name", "alias"],
            Self::Assign => &["match", "target", "value"],
            Self::String => &["match", "content"],
            Self::Function => &["match", "name", "parameter"],
            Self::Decorator => &["match", "name", "argument"],
        }
    }
}

/// A set of shared queries.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct StdSet(u8);

impl StdSet {
    /// All queries.
    pub const ALL: Self = Self(0b11_1111);

    /// Says whether the set holds a query.
    pub fn contains(self, query: Std) -> bool {
        self.0 & (1 << query as u8) != 0
    }

    /// Adds a query.
    pub fn insert(&mut self, query: Std) {
        self.0 |= 1 << query as u8;
    }

    /// Says whether there is nothing to look for.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl FromIterator<Std> for StdSet {
    fn from_iter<I: IntoIterator<Item = Std>>(queries: I) -> Self {
        let mut set = Self::default();
        queries.into_iter().for_each(|query| set.insert(query));
        set
    }
}

/// One place where a shared query matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Which query.
    pub query: Std,
    /// What it captured; the first is the whole match.
    pub captures: Vec<Capture>,
}

/// One capture of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capture {
    /// Index into [`Std::captures`].
    pub name: u16,
    /// The kind of node in the language's grammar.
    pub kind: u16,
    /// First byte.
    pub start: u32,
    /// The byte after the last.
    pub end: u32,
    /// The name it stands for, where that is more than its text. Callees,
    /// imports, decorators, keys and targets always have one.
    pub symbol: Option<Box<str>>,
}

/// The items of all queries, in the order of the text.
pub fn items(parsed: &Parsed, text: &str) -> Vec<Item> {
    items_for(parsed, text, StdSet::ALL)
}

/// The items of the queries wanted.
///
/// What nobody asks for is not built: strings alone are most of a data file.
pub fn items_for(parsed: &Parsed, text: &str, wanted: StdSet) -> Vec<Item> {
    if wanted.is_empty() {
        return Vec::new();
    }
    walk::walk(parsed, text, wanted)
}

/// What every node of these kinds stands for, by its range: its name resolved
/// through imports and aliases, or else its text.
pub(crate) fn chains(parsed: &Parsed, text: &str, kinds: &[&str]) -> HashMap<(usize, usize), Box<str>> {
    walk::chains(parsed, text, kinds)
}
