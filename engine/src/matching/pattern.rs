//! Code patterns with metavariables: code that looks like what it finds.
//!
//! | written       | matches                                                       |
//! | ------------- | ------------------------------------------------------------- |
//! | `$X`          | one node; where it is repeated, the same text, spaces ignored |
//! | `$_`          | one node, without a name                                      |
//! | `$$$ARGS`     | any number of siblings: arguments, statements, elements       |
//! | `$$$`         | the same, without a name                                      |
//! | `"x"`         | a string literal with this content, in any quotes             |
//! | `"$X"`        | a string literal without interpolation; `$X` is its content   |
//! | `"$$$X"`      | any string literal; `$X` is what stands between the quotes    |
//! | `\$X`         | the variable `$X` of PHP, Ruby or Bash                        |
//!
//! Only names in upper case are metavariables, and PHP's superglobals are not,
//! so `$request` and `$_GET` stand for themselves. Comments, commas and
//! semicolons between nodes do not matter; every other token does.
//!
//! `fragment` finds the syntax of a piece of code, `compile` makes it a shape,
//! `set` finds the shapes of many patterns in one walk over a tree. What a
//! pattern is for, and when it is tried at all, is for others to say.

mod compile;
mod fragment;
mod set;
#[cfg(test)]
mod tests;

pub use set::{Capture, Matched, PatternMatch, PatternSet};

use miette::Diagnostic;
use thiserror::Error;

/// A pattern, compiled for one grammar.
#[derive(Debug, Clone)]
pub struct Pattern {
    grammar: tree_sitter::Language,
    language: String,
    shape: Shape,
    captures: Vec<String>,
    keywords: Vec<String>,
    /// Whether a metavariable occurs twice, so that matching must backtrack.
    repeats: bool,
}

/// What one node of a tree has to look like.
#[derive(Debug, Clone)]
enum Shape {
    /// Any one node.
    Any { capture: Option<u16> },
    /// Any number of siblings.
    Many { capture: Option<u16> },
    /// An operator, keyword or bracket.
    Token { kind: u16 },
    /// A node without parts, such as an identifier.
    Leaf { kind: u16, text: Box<str>, fold: bool },
    /// A string literal, in any quotes.
    Text { content: Content },
    /// A node and its parts in order.
    Branch { kind: u16, parts: Box<[Shape]> },
}

/// What stands between the quotes of a string literal.
#[derive(Debug, Clone)]
enum Content {
    Exactly(Box<str>),
    Plain { capture: Option<u16> },
    Anything { capture: Option<u16> },
}

/// Why a pattern cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error, Diagnostic)]
pub enum PatternError {
    /// No part of a program of this language looks like it.
    #[error("`{pattern}` is not valid {language}")]
    #[diagnostic(
        code(pattern::syntax),
        help("write it as it would stand in a file: an expression, a statement or a declaration")
    )]
    Syntax {
        /// The pattern.
        pattern: String,
        /// The language's name.
        language: String,
    },
    /// It is several statements or expressions.
    #[error("`{pattern}` is more than one node")]
    #[diagnostic(code(pattern::several), help("put the statements into the block that they stand in"))]
    Several {
        /// The pattern.
        pattern: String,
    },
    /// It would match everything.
    #[error("`{pattern}` matches everything")]
    #[diagnostic(code(pattern::everything), help("name at least one identifier, literal or keyword"))]
    Everything {
        /// The pattern.
        pattern: String,
    },
    /// A metavariable is only a part of a word or string.
    #[error("a metavariable is only a part of `{word}`")]
    #[diagnostic(
        code(pattern::part_of_word),
        help("a metavariable stands for a whole node or a whole string; write a variable as `\\$X`")
    )]
    PartOfWord {
        /// The word or string.
        word: String,
    },
    /// It is longer or deeper than any sensible pattern.
    #[error("the pattern is too large")]
    #[diagnostic(code(pattern::too_large), help("patterns have at most 8192 bytes and 64 levels"))]
    TooLarge,
    /// The grammar cannot be loaded by this parser.
    #[error("the grammar of {language} does not fit the parser")]
    #[diagnostic(code(pattern::grammar))]
    Grammar {
        /// The language's name.
        language: String,
    },
}

impl Pattern {
    /// Compiles a pattern for a language.
    pub fn compile(
        language_name: &str,
        grammar: &tree_sitter::Language,
        source: &str,
    ) -> Result<Self, PatternError> {
        compile::compile(language_name, grammar, source)
    }

    /// Returns the names of the captures by index; the first is `match`.
    #[must_use]
    pub fn captures(&self) -> &[String] {
        &self.captures
    }

    /// Returns words of which each occurs in every match, ASCII case ignored.
    ///
    /// Identifiers and string contents of at least three bytes; keywords of the
    /// language only where there is nothing better. Empty for a pattern such as
    /// `$A == $B`, which can occur in any document.
    #[must_use]
    pub fn keywords(&self) -> &[String] {
        &self.keywords
    }
}

/// Returns the range between the quotes of a string literal's text.
///
/// Prefixes (`r"…"`, `b'…'`, `@"…"`) and any kind of quotes are taken off.
/// `None` for other notations, such as heredocs or Ruby's `%q(…)`.
fn between_quotes(literal: &str) -> Option<std::ops::Range<usize>> {
    let bytes = literal.as_bytes();
    let is_prefix = |byte: &u8| byte.is_ascii_alphabetic() || matches!(byte, b'@' | b'$' | b'#');
    let prefix = bytes.iter().take_while(|byte| is_prefix(byte)).count();
    let hashes = bytes[..prefix].iter().filter(|byte| **byte == b'#').count();
    let quote = *bytes.get(prefix)?;
    if !matches!(quote, b'"' | b'\'' | b'`') {
        return None;
    }
    let body = &bytes[prefix..bytes.len().checked_sub(hashes)?.max(prefix)];
    let is_triple = body.len() >= 6 && body[..3] == [quote; 3] && body[body.len() - 3..] == [quote; 3];
    let width = if is_triple { 3 } else { 1 };
    let closed = body.len() >= 2 * width && body.last() == Some(&quote);
    closed.then(|| prefix + width..prefix + body.len() - width)
}

/// Whether the content of a string has an interpolation that its grammar takes
/// for text: Kotlin's `$name`.
fn interpolates(language: &str, content: &str) -> bool {
    let starts = |next: &str| next.starts_with(|c: char| c.is_alphabetic() || c == '_' || c == '{');
    language == "kotlin" && content.split('$').skip(1).any(starts)
}

/// Whether nodes of this kind are string literals in some language.
fn is_string_kind(kind: &str) -> bool {
    matches!(
        kind,
        "string"
            | "string_literal"
            | "raw_string_literal"
            | "interpreted_string_literal"
            | "verbatim_string_literal"
            | "multiline_string_literal"
            | "encapsed_string"
            | "template_string"
            | "raw_string"
            | "ansi_c_string"
            | "string_lit"
            | "str_lit"
            | "double_quote_scalar"
            | "single_quote_scalar"
            | "quoted_attribute_value"
    )
}

/// Whether nodes of this kind are plain text within a string literal, as
/// opposed to an interpolation.
fn is_plain_part(kind: &str) -> bool {
    const PARTS: [&str; 10] = [
        "content",
        "fragment",
        "escape",
        "start",
        "end",
        "literal",
        "chars",
        "attribute_value",
        "quote",
        "text",
    ];
    PARTS.iter().any(|part| kind.contains(part))
}

/// Whether this token only separates siblings, so that its absence is fine.
fn is_separator(language: &str, kind: &str) -> bool {
    matches!(kind, "," | ";")
        || kind.bytes().all(|byte| byte.is_ascii_whitespace())
        // Parentheses around the arguments of a Ruby call are optional.
        || (language == "ruby" && matches!(kind, "(" | ")"))
}
