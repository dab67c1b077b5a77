//! Errors of the configuration, each pointing into the file it is about, and
//! how the errors of the TOML library become ours.

use super::origin::Source;
use miette::{Diagnostic, SourceSpan};
use std::ops::Range;
use thiserror::Error;
use toml::de::{DeTable, DeValue};

/// The configuration cannot be used as it is.
#[derive(Debug, Error, Diagnostic)]
#[allow(missing_docs, reason = "the fields are what the messages and labels name")]
pub enum ConfigError {
    /// There is something under the file's name that is not read.
    #[error("`{path}` cannot be read: {reason}")]
    #[diagnostic(
        code(config::unreadable),
        help("configuration is a regular file of UTF-8 text, in its own place, of at most {} KiB", super::MAX_SIZE / 1024)
    )]
    Unreadable { path: String, reason: String },

    /// The file is not TOML.
    #[error("this is not TOML: {reason}")]
    #[diagnostic(code(config::syntax))]
    Syntax {
        reason: String,
        #[source_code]
        text: Source,
        #[label("here")]
        at: SourceSpan,
    },

    /// A key that means nothing.
    #[error("unknown key `{key}`")]
    #[diagnostic(code(config::unknown_key))]
    UnknownKey {
        key: String,
        #[help]
        help: String,
        #[source_code]
        text: Source,
        #[label("there is no such key")]
        at: SourceSpan,
    },

    /// A value that its key cannot have.
    #[error("`{key}` cannot have this value: {reason}")]
    #[diagnostic(code(config::invalid_value))]
    InvalidValue {
        key: String,
        reason: String,
        #[source_code]
        text: Source,
        #[label("this value")]
        at: SourceSpan,
    },

    /// A key by which a repository would widen what the user allows.
    #[error("a repository cannot set `{key}`")]
    #[diagnostic(code(config::not_for_repositories))]
    NotForRepositories {
        key: String,
        #[help]
        help: &'static str,
        #[source_code]
        text: Source,
        #[label("only the user decides this")]
        at: SourceSpan,
    },

    /// A rule that no loaded plugin provides.
    #[error("unknown rule `{rule}`")]
    #[diagnostic(code(config::unknown_rule))]
    UnknownRule {
        rule: String,
        #[help]
        help: String,
        #[source_code]
        text: Source,
        #[label("no loaded plugin provides this")]
        at: SourceSpan,
    },
}

impl ConfigError {
    /// An error while the text was read as TOML, before any key had a meaning.
    pub(super) fn syntax(error: &toml::de::Error, text: &Source) -> Self {
        Self::Syntax {
            reason: one_line(error.message()),
            text: text.clone(),
            at: whole_if_none(error.span()).into(),
        }
    }

    /// An error while tables and values became the configuration.
    pub(super) fn form(error: &toml::de::Error, table: &DeTable<'_>, text: &Source) -> Self {
        let span = whole_if_none(error.span());
        let key = key_at(table, span.start);
        let message = error.message();
        let (text, at) = (text.clone(), span.into());
        if message.starts_with("unknown field") {
            // The message goes on with the known keys, each in backticks.
            let known = message.split_once(", expected").map_or("", |(_, known)| known);
            let known: Vec<_> = known.split('`').skip(1).step_by(2).collect();
            let name = key.rsplit('.').next().unwrap_or_default();
            let help = match nearest(name, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("the keys here are {}", known.join(", ")),
            };
            return Self::UnknownKey { key, help, text, at };
        }
        Self::InvalidValue { key, reason: one_line(message), text, at }
    }

    /// A value that reads well but cannot be used.
    pub(super) fn invalid(key: String, reason: String, span: Range<usize>, text: &Source) -> Self {
        Self::InvalidValue { key, reason, text: text.clone(), at: span.into() }
    }
}

fn whole_if_none(span: Option<Range<usize>>) -> Range<usize> {
    span.unwrap_or(0..0)
}

/// Keeps a message short: it may quote the file.
fn one_line(message: &str) -> String {
    let line: String = message.chars().map(|char| if char == '\n' { ' ' } else { char }).take(200).collect();
    line.trim().to_owned()
}

/// The known name that the user most likely meant.
#[must_use]
pub fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    // What is long is no slip of the pen, and comparing it would take long.
    let name = name.get(..name.len().min(128))?;
    known
        .map(|candidate| (strsim::damerau_levenshtein(name, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= candidate.len().max(3) / 3)
        .min()
        .map(|(_, candidate)| candidate)
}

/// The dotted name of the key that stands at an offset, or whose value does.
fn key_at(table: &DeTable<'_>, offset: usize) -> String {
    let mut names = Vec::new();
    descend(table, offset, &mut names);
    names.join(".")
}

fn descend(table: &DeTable<'_>, offset: usize, names: &mut Vec<String>) -> bool {
    for (key, value) in table {
        names.push(quoted(key.get_ref()));
        let here = key.span().contains(&offset);
        if here || inside(value.get_ref(), offset, names) || covers(value, offset) {
            return true;
        }
        names.pop();
    }
    false
}

fn inside(value: &DeValue<'_>, offset: usize, names: &mut Vec<String>) -> bool {
    match value {
        DeValue::Table(table) => descend(table, offset, names),
        DeValue::Array(array) => array.iter().any(|item| inside(item.get_ref(), offset, names)),
        _ => false,
    }
}

fn covers(value: &toml::Spanned<DeValue<'_>>, offset: usize) -> bool {
    let items = |array: &toml::de::DeArray<'_>| array.iter().any(|item| item.span().contains(&offset));
    value.span().contains(&offset) || matches!(value.get_ref(), DeValue::Array(array) if items(array))
}

fn quoted(key: &str) -> String {
    let bare = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    match key.bytes().all(bare) {
        true => key.to_owned(),
        false => format!("\"{}\"", one_line(key)),
    }
}
