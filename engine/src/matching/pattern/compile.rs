//! From a parsed fragment to the shape that matches are compared with.

use super::fragment::{Fragment, Parsed};
use super::{
    Content, Pattern, PatternError, Shape, between_quotes, interpolates, is_plain_part, is_separator,
    is_string_kind,
};
use std::ops::Range;
use tree_sitter::{Language, Node};

const MAX_BYTES: usize = 8192;
const MAX_DEPTH: usize = 64;

/// Words in most files of their language: true, but useless to search for.
const COMMON: [&str; 12] = [
    "self",
    "this",
    "None",
    "null",
    "nil",
    "true",
    "false",
    "True",
    "False",
    "String",
    "string",
    "undefined",
];

pub(super) fn compile(language: &str, grammar: &Language, source: &str) -> Result<Pattern, PatternError> {
    if source.len() > MAX_BYTES {
        return Err(PatternError::TooLarge);
    }
    let fragment = Fragment::new(language, source);
    if !fragment.code().contains(|c: char| !c.is_whitespace()) {
        return Err(PatternError::Everything { pattern: source.to_owned() });
    }
    // Of several contexts, the first that yields a shape decides; otherwise the
    // first reason is the one closest to what was written.
    let mut reason = None;
    let found = fragment.parse(language, grammar, |parsed| {
        let mut compiler = Compiler { language, parsed, captures: vec!["match".to_owned()], repeats: false };
        match compiler.root(source) {
            Ok(shape) => Some((shape, compiler.captures, compiler.repeats)),
            Err(error) => {
                reason.get_or_insert(error);
                None
            }
        }
    })?;
    let Some((shape, captures, repeats)) = found else {
        let syntax = || PatternError::Syntax { pattern: source.to_owned(), language: language.to_owned() };
        return Err(reason.unwrap_or_else(syntax));
    };
    let keywords = keywords(&shape, grammar);
    Ok(Pattern {
        grammar: grammar.clone(),
        language: language.to_owned(),
        shape,
        captures,
        keywords,
        repeats,
    })
}

struct Compiler<'a> {
    language: &'a str,
    parsed: &'a Parsed,
    captures: Vec<String>,
    repeats: bool,
}

impl<'a> Compiler<'a> {
    fn root(&mut self, source: &str) -> Result<Shape, PatternError> {
        let syntax =
            || PatternError::Syntax { pattern: source.to_owned(), language: self.language.to_owned() };
        let mut node = self.parsed.root().ok_or_else(syntax)?;
        // A statement that is only an expression matches the expression.
        loop {
            let parts = self.parts(node);
            match parts[..] {
                [only] if only.is_named() && is_wrapper(node) => node = only,
                _ if node.parent().is_none() && parts.len() != 1 => {
                    return Err(PatternError::Several { pattern: source.to_owned() });
                }
                _ => break,
            }
        }
        match self.shape(node, 0)? {
            Shape::Any { .. } | Shape::Many { .. } => {
                Err(PatternError::Everything { pattern: source.to_owned() })
            }
            shape => Ok(shape),
        }
    }

    fn shape(&mut self, node: Node<'a>, depth: usize) -> Result<Shape, PatternError> {
        if depth > MAX_DEPTH {
            return Err(PatternError::TooLarge);
        }
        let parsed = self.parsed;
        let text = &parsed.text[node.byte_range()];
        let range = node.start_byte()..node.start_byte() + text.trim_end().len();
        // `$$$` in a block is not the block: an `else` after it would be one of many.
        let is_block = matches!(node.kind(), "block" | "then");
        if let Some((_, hole)) = parsed.holes.iter().find(|(hole, _)| encloses(hole, &range))
            && !(hole.many && is_block)
        {
            let capture = self.capture(hole.name.as_deref());
            return Ok(if hole.many { Shape::Many { capture } } else { Shape::Any { capture } });
        }
        let parts = self.parts(node);
        let is_plain =
            |parts: &[Node]| parts.iter().all(|part| !part.is_named() || is_plain_part(part.kind()));
        if is_string_kind(node.kind())
            && is_plain(&parts)
            && let Some(inner) = between_quotes(text)
            && !interpolates(self.language, &text[inner.clone()])
        {
            let content = self.content(node.start_byte() + inner.start..node.start_byte() + inner.end)?;
            return Ok(Shape::Text { content });
        }
        if !node.is_named() {
            return Ok(Shape::Token { kind: node.kind_id() });
        }
        let has_hole = parsed.holes.iter().any(|(hole, _)| hole.start < range.end && range.start < hole.end);
        if parts.is_empty() || !has_hole && has_text_of_its_own(node, &parsed.text) {
            if has_hole {
                return Err(PatternError::PartOfWord { word: self.as_written(&range) });
            }
            let fold = folds_case(self.language, node);
            return Ok(Shape::Leaf { kind: node.kind_id(), text: text.into(), fold });
        }
        let parts = parts.into_iter().map(|part| self.shape(part, depth + 1)).collect::<Result<_, _>>()?;
        Ok(Shape::Branch { kind: node.kind_id(), parts })
    }

    fn content(&mut self, range: Range<usize>) -> Result<Content, PatternError> {
        let parsed = self.parsed;
        let Some((hole, variable)) =
            parsed.holes.iter().find(|(hole, _)| hole.start < range.end && range.start < hole.end)
        else {
            return Ok(Content::Exactly(parsed.text[range].into()));
        };
        if *hole != range {
            return Err(PatternError::PartOfWord { word: self.as_written(&range) });
        }
        let capture = self.capture(variable.name.as_deref());
        Ok(if variable.many { Content::Anything { capture } } else { Content::Plain { capture } })
    }

    fn capture(&mut self, name: Option<&str>) -> Option<u16> {
        let name = name?;
        let known = self.captures.iter().position(|capture| capture == name);
        self.repeats |= known.is_some();
        let index = known.unwrap_or_else(|| {
            self.captures.push(name.to_owned());
            self.captures.len() - 1
        });
        Some(u16::try_from(index).expect("a pattern of 8192 bytes has fewer captures"))
    }

    /// Returns the children that matter.
    fn parts(&self, node: Node<'a>) -> Vec<Node<'a>> {
        let mut cursor = node.walk();
        let matters = |part: &Node| {
            !part.is_extra()
                && part.start_byte() < part.end_byte()
                && (part.is_named() || !is_separator(self.language, part.kind()))
        };
        node.children(&mut cursor).filter(matters).collect()
    }

    /// Returns a part of the text with the metavariables as they were written.
    fn as_written(&self, range: &Range<usize>) -> String {
        let mut written = String::new();
        let mut at = range.start;
        for (hole, variable) in self.parsed.holes.iter().filter(|(hole, _)| encloses(range, hole)) {
            written.push_str(&self.parsed.text[at..hole.start]);
            written.push_str(if variable.many { "$$$" } else { "$" });
            written.push_str(variable.name.as_deref().unwrap_or("_"));
            at = hole.end;
        }
        written.push_str(&self.parsed.text[at..range.end]);
        written
    }
}

/// Whether a node with one part adds nothing to it.
fn is_wrapper(node: Node) -> bool {
    node.parent().is_none()
        || matches!(
            node.kind(),
            "expression_statement" | "global_statement" | "statement" | "stream" | "document"
        )
}

fn encloses(outer: &Range<usize>, inner: &Range<usize>) -> bool {
    outer.start <= inner.start && inner.end <= outer.end && inner.start < inner.end
}

/// Whether some of the node's text belongs to none of its children.
fn has_text_of_its_own(node: Node, text: &str) -> bool {
    let mut cursor = node.walk();
    let mut at = node.start_byte();
    for child in node.children(&mut cursor) {
        if !is_blank(&text[at..child.start_byte().max(at)]) {
            return true;
        }
        at = child.end_byte();
    }
    !is_blank(&text[at..node.end_byte().max(at)])
}

fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || c == '\\')
}

/// Whether the language ignores the case of this word.
fn folds_case(language: &str, node: Node) -> bool {
    match language {
        "sql" | "html" => true,
        "php" => node.parent().is_some_and(|parent| {
            matches!(
                parent.kind(),
                "function_call_expression"
                    | "object_creation_expression"
                    | "member_call_expression"
                    | "scoped_call_expression"
                    | "qualified_name"
            )
        }),
        _ => false,
    }
}

/// Returns the word by which occurrences of a shape are found and its depth
/// below the shape's root: the longest identifier or string.
pub(super) fn anchor(shape: &Shape) -> Option<(String, usize, Option<u16>)> {
    let mut best: Option<(String, usize, Option<u16>)> = None;
    each(shape, 0, &mut |shape, depth| {
        let (text, kind) = match shape {
            Shape::Leaf { kind, text, .. } => (text, Some(*kind)),
            Shape::Text { content: Content::Exactly(text) } if !text.is_empty() => (text, None),
            _ => return,
        };
        let weight = |text: &str| {
            if COMMON.contains(&text) { 0 } else { text.len() }
        };
        if best.as_ref().is_none_or(|(known, ..)| weight(text) > weight(known)) {
            best = Some((text.to_string(), depth, kind));
        }
    });
    best
}

/// Returns words that each match contains.
fn keywords(shape: &Shape, grammar: &Language) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut tokens: Vec<String> = Vec::new();
    each(shape, 0, &mut |shape, _| match shape {
        Shape::Leaf { text, .. } | Shape::Text { content: Content::Exactly(text) } => {
            words.push(text.to_string())
        }
        Shape::Token { kind } => {
            let token = grammar.node_kind_for_id(*kind).unwrap_or_default();
            if token.bytes().all(|byte| byte.is_ascii_alphabetic()) {
                tokens.push(token.to_owned());
            }
        }
        _ => {}
    });
    let is_useful = |word: &String| word.len() >= 3 && !word.contains(char::is_whitespace);
    words.retain(is_useful);
    tokens.retain(is_useful);
    let uncommon: Vec<_> = words.iter().filter(|word| !COMMON.contains(&&***word)).cloned().collect();
    let mut keywords =
        [uncommon, words, tokens].into_iter().find(|list| !list.is_empty()).unwrap_or_default();
    let mut seen = std::collections::BTreeSet::new();
    keywords.retain(|word| seen.insert(word.clone()));
    keywords
}

fn each<'a>(shape: &'a Shape, depth: usize, visit: &mut impl FnMut(&'a Shape, usize)) {
    visit(shape, depth);
    if let Shape::Branch { parts, .. } = shape {
        for part in parts {
            each(part, depth + 1, visit);
        }
    }
}
