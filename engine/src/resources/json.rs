//! JSON with the place of each value: what snapshots of accounts are read with.

use serde_json::{Map, Value};
use std::ops::Range;

/// Nesting that is read; deeper files are nobody's snapshot.
const DEEPEST: usize = 64;

/// A value and where it stands.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) range: Range<usize>,
    pub(super) kind: Kind,
}

/// What a value is.
#[derive(Debug)]
pub(super) enum Kind {
    /// Members: name, range from the name to the end of the value, value.
    Object(Vec<(String, Range<usize>, Node)>),
    Array(Vec<Node>),
    /// A string, a number, `true`, `false` or `null`.
    Plain(Value),
}

/// Reads a whole text; `None` if it is not JSON.
pub(super) fn read(text: &str) -> Option<Node> {
    let mut reader = Reader { text, at: 0 };
    let node = reader.value(0)?;
    reader.blanks();
    (reader.at == text.len()).then_some(node)
}

impl Node {
    /// The member of this name.
    pub(super) fn get(&self, name: &str) -> Option<&Self> {
        self.member(name).map(|(_, value)| value)
    }

    /// The member of this name, with the range of the whole member; the last
    /// one, as everybody reads it.
    pub(super) fn member(&self, name: &str) -> Option<(Range<usize>, &Self)> {
        match &self.kind {
            Kind::Object(members) => members
                .iter()
                .rfind(|(known, ..)| known == name)
                .map(|(_, range, value)| (range.clone(), value)),
            _ => None,
        }
    }

    /// The elements of an array; none of anything else.
    pub(super) fn items(&self) -> &[Self] {
        match &self.kind {
            Kind::Array(items) => items,
            _ => &[],
        }
    }

    pub(super) fn str(&self) -> Option<&str> {
        match &self.kind {
            Kind::Plain(Value::String(text)) => Some(text),
            _ => None,
        }
    }

    /// The value without places.
    pub(super) fn plain(&self) -> Value {
        match &self.kind {
            Kind::Object(members) => {
                let members = members.iter().map(|(name, _, value)| (name.clone(), value.plain()));
                Value::Object(members.collect::<Map<_, _>>())
            }
            Kind::Array(items) => Value::Array(items.iter().map(Self::plain).collect()),
            Kind::Plain(value) => value.clone(),
        }
    }
}

/// A number or a word.
fn plain(text: &str) -> Option<Value> {
    let value = serde_json::from_str(text).ok();
    let is_number = || text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    // A number beyond all bounds is no reason to drop what stands around it.
    value
        .or_else(|| (!text.is_empty() && is_number()).then(|| Value::String(text.chars().take(64).collect())))
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl Reader<'_> {
    fn blanks(&mut self) {
        let rest = &self.text.as_bytes()[self.at..];
        self.at += rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r')).count();
    }

    fn next(&mut self, expected: u8) -> bool {
        self.blanks();
        let there = self.text.as_bytes().get(self.at) == Some(&expected);
        self.at += usize::from(there);
        there
    }

    fn value(&mut self, depth: usize) -> Option<Node> {
        if depth > DEEPEST {
            return None;
        }
        self.blanks();
        let start = self.at;
        let kind = match self.text.as_bytes().get(start)? {
            b'{' => self.object(depth)?,
            b'[' => self.array(depth)?,
            b'"' => Kind::Plain(Value::String(self.string()?)),
            _ => {
                let rest = &self.text[start..];
                let length = rest.find([',', ']', '}', ' ', '\t', '\n', '\r']).unwrap_or(rest.len());
                self.at += length;
                Kind::Plain(plain(&rest[..length])?)
            }
        };
        Some(Node { range: start..self.at, kind })
    }

    fn object(&mut self, depth: usize) -> Option<Kind> {
        self.at += 1;
        let mut members = Vec::new();
        if self.next(b'}') {
            return Some(Kind::Object(members));
        }
        loop {
            self.blanks();
            let start = self.at;
            let name = self.string()?;
            if !self.next(b':') {
                return None;
            }
            let value = self.value(depth + 1)?;
            members.push((name, start..self.at, value));
            if !self.next(b',') {
                return self.next(b'}').then_some(Kind::Object(members));
            }
        }
    }

    fn array(&mut self, depth: usize) -> Option<Kind> {
        self.at += 1;
        let mut items = Vec::new();
        if self.next(b']') {
            return Some(Kind::Array(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            if !self.next(b',') {
                return self.next(b']').then_some(Kind::Array(items));
            }
        }
    }

    fn string(&mut self) -> Option<String> {
        let bytes = self.text.as_bytes();
        let start = self.at;
        if bytes.get(start) != Some(&b'"') {
            return None;
        }
        let mut end = start + 1;
        loop {
            match bytes.get(end)? {
                b'"' => break,
                b'\\' => end += 2,
                _ => end += 1,
            }
        }
        self.at = end + 1;
        serde_json::from_str(self.text.get(start..=end)?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_reads_what_serde_reads() {
        for text in [
            "{}",
            " [ ] ",
            r#"{"a": [1, -2.5e3, true, null, "x\"\u00e9\\"], "b": {"c": "é"}}"#,
            "3",
            r#""a""#,
            "{",
            "[1,]",
            r#"{"a" 1}"#,
            r#"{"a": tru}"#,
            r#""\"#,
            "1 2",
            "",
        ] {
            let expected = serde_json::from_str::<Value>(text).ok();
            assert_eq!(read(text).map(|node| node.plain()), expected, "{text}");
        }
        assert!(read(&"[".repeat(100_000)).is_none());
        let text = r#"{"a": {"b": 12}}"#;
        let node = read(text).expect("JSON");
        let (range, value) = node.get("a").and_then(|a| a.member("b")).expect("there");
        assert_eq!((&text[range], &text[value.range.clone()]), (r#""b": 12"#, "12"));
    }
}
