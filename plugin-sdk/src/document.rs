//! A document and what matched in it.

use crate::bindings::wardline::plugin::types as wire;
use crate::{Capture, Query, Span, Syntax};

const NONE: u32 = u32::MAX;
const MATCH_WORDS: usize = 4;
const CAPTURE_WORDS: usize = 5;

/// One text document: a file, or a document embedded in one.
#[derive(Debug)]
pub struct Document {
    inner: wire::Document,
    text: String,
    captures: &'static [&'static [&'static str]],
}

impl Document {
    pub(crate) fn new(mut inner: wire::Document, captures: &'static [&'static [&'static str]]) -> Self {
        let bytes = std::mem::take(&mut inner.text);
        let text = String::from_utf8(bytes)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
        Self { inner, text, captures }
    }

    /// Path relative to the project's root, with `/` on every system.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.inner.path
    }

    /// The last part of its path.
    #[must_use]
    pub fn file_name(&self) -> &str {
        self.inner.path.rsplit('/').next().unwrap_or_default()
    }

    /// The language: `python`, `typescript`, `yaml`; `text` where there is none.
    #[must_use]
    pub fn language(&self) -> &str {
        &self.inner.language
    }

    /// Whether the host knows this of the file: `test`, `example`, `generated`,
    /// `minified`, `vendored`, `embedded`.
    #[must_use]
    pub fn has(&self, word: &str) -> bool {
        self.inner.traits.iter().any(|known| known == word)
    }

    /// The whole text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text of a range; empty where it is out of bounds.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.start as usize..span.end as usize).unwrap_or_default()
    }

    /// The line around a byte offset, without its end.
    #[must_use]
    pub fn line(&self, offset: u32) -> &str {
        let offset = (offset as usize).min(self.text.len());
        let bytes = self.text.as_bytes();
        let start = bytes[..offset].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let end =
            bytes[offset..].iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |at| offset + at);
        self.text.get(start..end).unwrap_or_default().trim_end_matches('\r')
    }

    /// All matches of this plugin's queries, in order.
    pub fn matches(&self) -> impl Iterator<Item = Match<'_>> {
        self.inner.evidence.matches.chunks_exact(MATCH_WORDS).map(|words| Match { document: self, words })
    }

    /// The root of the syntax tree: only where `plugin.toml` says `tree = true`
    /// under `[input]` and the document could be parsed.
    #[must_use]
    pub fn tree(&self) -> Option<Syntax<'_>> {
        Syntax::at(self, 0)
    }

    pub(crate) fn evidence(&self) -> &wire::Evidence {
        &self.inner.evidence
    }

    fn kind(&self, index: u32) -> &str {
        self.inner.evidence.kinds.get(index as usize).map_or("", String::as_str)
    }

    fn symbol(&self, index: u32) -> Option<&str> {
        self.inner.evidence.symbols.get(index as usize).map(String::as_str)
    }
}

/// One match of one query.
#[derive(Debug, Clone, Copy)]
pub struct Match<'d> {
    document: &'d Document,
    words: &'d [u32],
}

impl<'d> Match<'d> {
    /// The document that it is in.
    #[must_use]
    pub fn document(&self) -> &'d Document {
        self.document
    }

    /// The query that matched.
    #[must_use]
    pub fn query(&self) -> Query {
        Query(self.words[0])
    }

    /// Which of the query's patterns matched, from 0.
    #[must_use]
    pub fn pattern(&self) -> usize {
        self.words[1] as usize
    }

    /// The whole match.
    #[must_use]
    pub fn span(&self) -> Span {
        self.nodes().next().map_or(Span { start: 0, end: 0 }, |(_, node)| node.span())
    }

    /// The text of the whole match.
    #[must_use]
    pub fn text(&self) -> &'d str {
        self.document.slice(self.span())
    }

    /// The first node captured under this name.
    #[must_use]
    pub fn get(&self, capture: Capture) -> Option<Node<'d>> {
        self.all(capture).next()
    }

    /// All nodes captured under this name, in order.
    pub fn all(&self, capture: Capture) -> impl Iterator<Item = Node<'d>> + use<'d> {
        self.nodes().filter(move |(name, _)| *name == capture.0).map(|(_, node)| node)
    }

    /// The arguments of a call, in order. Only for `std/call` and
    /// `std/decorator`.
    #[must_use]
    pub fn arguments(&self) -> Vec<Argument<'d>> {
        let mut arguments: Vec<Argument<'d>> = Vec::new();
        let mut name = None;
        let mut key = None;
        for (capture, node) in self.nodes() {
            match capture {
                "name" => name = Some(node),
                "argument" => arguments.push(Argument {
                    name: name.take().map(|name| name.text()),
                    value: node,
                    keys: Vec::new(),
                }),
                "key" => key = Some(node),
                "value" => {
                    if let (Some(argument), Some(key)) = (arguments.last_mut(), key.take()) {
                        argument.keys.push((key, node));
                    }
                }
                _ => {}
            }
        }
        arguments
    }

    /// The positional argument at `index`, from 0.
    #[must_use]
    pub fn argument(&self, index: usize) -> Option<Node<'d>> {
        self.arguments()
            .into_iter()
            .filter(|argument| argument.name.is_none())
            .nth(index)
            .map(|argument| argument.value)
    }

    /// The value of a named argument, or of a key of an object argument.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<Node<'d>> {
        self.arguments().into_iter().find_map(|argument| {
            if argument.name == Some(name) {
                return Some(argument.value);
            }
            argument.keys.into_iter().find(|(key, _)| key.unquoted() == name).map(|(_, value)| value)
        })
    }

    fn nodes(&self) -> impl Iterator<Item = (&'static str, Node<'d>)> + use<'d> {
        let names = self.document.captures.get(self.words[0] as usize).copied().unwrap_or_default();
        let first = self.words[2] as usize * CAPTURE_WORDS;
        let end = first + self.words[3] as usize * CAPTURE_WORDS;
        let document = self.document;
        let words: &'d [u32] = document.inner.evidence.captures.get(first..end).unwrap_or_default();
        words.chunks_exact(CAPTURE_WORDS).map(move |words| {
            let name = names.get((words[0] & 0xffff) as usize).copied().unwrap_or("");
            (name, Node { document, words })
        })
    }
}

/// A captured piece of a document.
#[derive(Debug, Clone, Copy)]
pub struct Node<'d> {
    document: &'d Document,
    words: &'d [u32],
}

impl<'d> Node<'d> {
    /// Where it is.
    #[must_use]
    pub fn span(&self) -> Span {
        Span { start: self.words[1], end: self.words[2] }
    }

    /// Its text.
    #[must_use]
    pub fn text(&self) -> &'d str {
        self.document.slice(self.span())
    }

    /// The grammar's name for it, such as `identifier`; empty for a text match.
    #[must_use]
    pub fn kind(&self) -> &'d str {
        self.document.kind(self.words[0] >> 16)
    }

    /// The node in the document's tree; see [`Document::tree`].
    #[must_use]
    pub fn syntax(&self) -> Option<Syntax<'d>> {
        Syntax::at(self.document, self.words[4])
    }

    /// Its full name as resolved through the document's imports, such as
    /// `subprocess.run` for `sp.run`.
    #[must_use]
    pub fn symbol(&self) -> Option<&'d str> {
        if self.words[3] == NONE { None } else { self.document.symbol(self.words[3]) }
    }

    /// Its full name if that is known, else its text.
    #[must_use]
    pub fn name(&self) -> &'d str {
        self.symbol().unwrap_or_else(|| self.text())
    }

    /// The content of a plain string literal; `None` for anything else, such as
    /// a string with interpolation.
    #[must_use]
    pub fn string(&self) -> Option<String> {
        let text = self.text();
        let kind = self.kind();
        let body = text.trim_start_matches(|c: char| c.is_ascii_alphabetic() || c == '@' || c == '$');
        let prefix = &text[..text.len() - body.len()];
        let quote = ["\"\"\"", "'''", "\"", "'", "`"].into_iter().find(|quote| {
            body.len() >= 2 * quote.len() && body.starts_with(quote) && body.ends_with(quote)
        })?;
        let content = &body[quote.len()..body.len() - quote.len()];
        let interpolates = match (self.document.language(), quote) {
            ("python", _) => prefix.contains(['f', 'F', 't', 'T']) && content.contains('{'),
            ("javascript" | "typescript" | "tsx", "`") => content.contains("${"),
            ("php", "\"") => content.contains('$'),
            ("php" | "bash", "`") => true,
            ("bash", "\"") => content.contains(['$', '`']),
            ("ruby", "\"") => content.contains("#{"),
            ("kotlin", "\"" | "\"\"\"") => content.contains('$'),
            ("csharp", _) => prefix.contains('$') && content.contains('{'),
            ("hcl", _) => content.contains("${") || content.contains("%{"),
            _ => false,
        };
        if interpolates || kind.contains("binary") || kind.contains("concatenated") || content.contains(quote)
        {
            return None;
        }
        Some(unescape(content))
    }

    /// Its text without the quotes around it, if there are any.
    #[must_use]
    pub fn unquoted(&self) -> &'d str {
        let text = self.text();
        for quote in ["\"", "'", "`"] {
            if let Some(inner) = text.strip_prefix(quote).and_then(|text| text.strip_suffix(quote)) {
                return inner;
            }
        }
        text.strip_prefix(':').unwrap_or(text)
    }
}

/// Undoes the escapes that every language has; leaves others as they are.
fn unescape(content: &str) -> String {
    if !content.contains('\\') {
        return content.to_owned();
    }
    let mut plain = String::with_capacity(content.len());
    let mut characters = content.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            plain.push(character);
            continue;
        }
        match characters.next() {
            Some('n') => plain.push('\n'),
            Some('t') => plain.push('\t'),
            Some('r') => plain.push('\r'),
            Some(quote @ ('"' | '\'' | '`' | '\\' | '/' | '$')) => plain.push(quote),
            Some(other) => plain.extend(['\\', other]),
            None => plain.push('\\'),
        }
    }
    plain
}

/// An argument of a call.
#[derive(Debug, Clone)]
pub struct Argument<'d> {
    /// The name of a named argument.
    pub name: Option<&'d str>,
    /// Its value.
    pub value: Node<'d>,
    /// Keys and values, one level deep, where it is an object literal.
    pub keys: Vec<(Node<'d>, Node<'d>)>,
}
