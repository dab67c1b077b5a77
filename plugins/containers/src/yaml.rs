//! YAML as a tree whose values know where they stand. A file that is broken is
//! read as far as it goes.

use saphyr_parser::{Event, Parser, ScalarStyle};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use wardline_plugin::Span;

/// Values inside each other.
const DEPTH: usize = 64;
/// Values in a file.
const MOST_VALUES: usize = 200_000;

/// A value and where it stands. One that is named by an anchor stands where it
/// was written, however often it is used.
#[derive(Debug, Clone)]
pub struct Value {
    /// What it is.
    pub is: Is,
    /// Where it stands; quotes included.
    pub span: Span,
}

/// What a value is.
#[derive(Debug, Clone)]
pub enum Is {
    /// A scalar: its text, and whether it is written without quotes.
    Scalar {
        /// Decoded.
        text: String,
        /// Without quotes, so that `true` is a boolean.
        plain: bool,
    },
    /// A list.
    List(Vec<Rc<Value>>),
    /// A mapping, in order.
    Map(Vec<(Rc<Value>, Rc<Value>)>),
}

impl Value {
    /// The text of a scalar.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match &self.is {
            Is::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The items of a list.
    #[must_use]
    pub fn items(&self) -> &[Rc<Self>] {
        match &self.is {
            Is::List(items) => items,
            _ => &[],
        }
    }

    /// The entries of a mapping with those that `<<` merges into it, whose keys
    /// it has not itself.
    #[must_use]
    pub fn entries(&self) -> Vec<(&Self, &Self)> {
        let mut entries: Vec<(&Self, &Self)> = Vec::new();
        self.collect(&mut entries, 0);
        entries
    }

    fn collect<'v>(&'v self, into: &mut Vec<(&'v Self, &'v Self)>, depth: usize) {
        let Is::Map(entries) = &self.is else { return };
        if depth > 8 || into.len() > 10_000 {
            return;
        }
        for (key, value) in entries.iter().filter(|(key, _)| key.text() != Some("<<")) {
            if into.iter().all(|(known, _)| known.text() != key.text()) {
                into.push((key, value));
            }
        }
        for (_, merged) in entries.iter().filter(|(key, _)| key.text() == Some("<<")) {
            match &merged.is {
                Is::List(items) => items.iter().for_each(|item| item.collect(into, depth + 1)),
                _ => merged.collect(into, depth + 1),
            }
        }
    }

    /// The value of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entry(key).map(|(_, value)| value)
    }

    /// The entry of a key.
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<(&Self, &Self)> {
        self.entries().into_iter().find(|(known, _)| known.text() == Some(key))
    }

    /// Whether it is a boolean that says yes.
    #[must_use]
    pub fn is_true(&self) -> bool {
        matches!(&self.is, Is::Scalar { text, .. } if matches!(text.as_str(), "true" | "True" | "TRUE" | "yes" | "on"))
    }
}

/// What is being read: a list, or a mapping with the key that waits for its
/// value.
enum Open {
    List(Vec<Rc<Value>>, usize, usize),
    Map(Vec<(Rc<Value>, Rc<Value>)>, Option<Rc<Value>>, usize, usize),
}

thread_local! {
    /// The text that was read last, and its document: each rule asks for it anew.
    static LAST: RefCell<Option<(String, Option<Rc<Value>>)>> = const { RefCell::new(None) };
}

/// The first document of a file.
#[must_use]
pub fn parse(text: &str) -> Option<Rc<Value>> {
    LAST.with_borrow_mut(|last| match last {
        Some((known, document)) if known == text => document.clone(),
        _ => {
            let document = read(text);
            *last = Some((text.to_owned(), document.clone()));
            document
        }
    })
}

fn read(text: &str) -> Option<Rc<Value>> {
    let bytes = Bytes::new(text);
    let mut open: Vec<Open> = Vec::new();
    let mut anchors: BTreeMap<usize, Rc<Value>> = BTreeMap::new();
    let mut root = None;
    let mut count = 0;
    for event in Parser::new_from_str(text) {
        let Ok((event, span)) = event else { break };
        count += 1;
        if open.len() > DEPTH || count > MOST_VALUES {
            break;
        }
        let (start, end) = (bytes.offset(span.start.index()), bytes.offset(span.end.index()));
        let (value, anchor) = match event {
            Event::Scalar(content, style, anchor, _) => {
                let plain = matches!(style, ScalarStyle::Plain);
                let is = Is::Scalar { text: content.into_owned(), plain };
                (Rc::new(Value { is, span: to_span(start, end) }), anchor)
            }
            Event::Alias(anchor) => {
                let unknown = || Rc::new(Value { is: Is::List(Vec::new()), span: to_span(start, end) });
                (anchors.get(&anchor).cloned().unwrap_or_else(unknown), 0)
            }
            Event::SequenceStart(anchor, _) => {
                open.push(Open::List(Vec::new(), start, anchor));
                continue;
            }
            Event::MappingStart(anchor, _) => {
                open.push(Open::Map(Vec::new(), None, start, anchor));
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(closed) = open.pop() else { break };
                close(closed, end)
            }
            Event::DocumentEnd => break,
            _ => continue,
        };
        if anchor > 0 {
            anchors.insert(anchor, Rc::clone(&value));
        }
        add(&mut open, value, &mut root);
    }
    // A broken file: what was open ends here.
    while let Some(closed) = open.pop() {
        let (value, _) = close(closed, text.len());
        add(&mut open, value, &mut root);
    }
    root
}

fn close(open: Open, end: usize) -> (Rc<Value>, usize) {
    let (is, start, anchor) = match open {
        Open::List(items, start, anchor) => (Is::List(items), start, anchor),
        Open::Map(entries, _, start, anchor) => (Is::Map(entries), start, anchor),
    };
    (Rc::new(Value { is, span: to_span(start, end) }), anchor)
}

fn add(open: &mut [Open], value: Rc<Value>, root: &mut Option<Rc<Value>>) {
    match open.last_mut() {
        Some(Open::List(items, ..)) => items.push(value),
        Some(Open::Map(entries, key, ..)) => match key.take() {
            Some(key) => entries.push((key, value)),
            None => *key = Some(value),
        },
        None => {
            root.get_or_insert(value);
        }
    }
}

fn to_span(start: usize, end: usize) -> Span {
    let word = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
    Span { start: word(start), end: word(end.max(start)) }
}

/// From characters, which the parser counts, to bytes.
struct Bytes<'t> {
    text: &'t str,
    /// Nothing where the two are the same.
    offsets: Option<Vec<u32>>,
}

impl<'t> Bytes<'t> {
    fn new(text: &'t str) -> Self {
        let offsets = || text.char_indices().map(|(at, _)| u32::try_from(at).unwrap_or(u32::MAX)).collect();
        Self { text, offsets: (!text.is_ascii()).then(offsets) }
    }

    fn offset(&self, character: usize) -> usize {
        match &self.offsets {
            None => character.min(self.text.len()),
            Some(offsets) => offsets.get(character).map_or(self.text.len(), |at| *at as usize),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_know_where_they_stand() {
        let text = "é: 1\nx-base: &base\n  a: one\n  b: 'two'\nservice:\n  <<: *base\n  a: own\n  list: [q, \"r\"]\n";
        let root = parse(text).expect("a document");
        let service = root.get("service").expect("there");
        let slice = |value: &Value| &text[value.span.start as usize..value.span.end as usize];
        assert_eq!(service.get("a").map(slice), Some("own"));
        assert_eq!(service.get("b").map(slice), Some("'two'"));
        assert_eq!(service.get("b").and_then(Value::text), Some("two"));
        assert_eq!(slice(&service.get("list").expect("there").items()[1]), "\"r\"");
    }

    #[test]
    fn a_broken_file_is_read_as_far_as_it_goes() {
        let root = parse("services:\n  a:\n    image: x\n  b: {{ y }}\n  c: [\n").expect("a document");
        assert!(root.get("services").and_then(|services| services.get("a")).is_some());
        for text in ["", "a: *none\n", "&a [*a]", "- - - -", "a: &a\n  <<: *a\n", "%", "\t"] {
            let _ = parse(text).map(|root| root.entries().len());
        }
    }
}
