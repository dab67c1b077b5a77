//! Reports a literal that is bound to a secret's name: by assignment, as a
//! default, or in the environment. The rules differ only in how it is bound.

use crate::name;
use crate::value::{self, Sure};
use wardline_plugin::prelude::*;

/// A literal and the name that it is bound to.
#[derive(Debug, Clone, Copy)]
pub struct Bound<'d> {
    /// The name.
    pub name: Node<'d>,
    /// The literal, without its quotes.
    pub value: Node<'d>,
}

impl<'d> Bound<'d> {
    /// Returns the pair that a match has captured.
    #[must_use]
    pub fn new(found: &Match<'d>, name: Capture, value: Capture) -> Option<Self> {
        Some(Self { name: found.get(name)?, value: found.get(value)? })
    }

    /// Returns how sure it is that the literal is a secret. Nothing where it is
    /// none, or where a rule for a vendor's tokens speaks of it.
    #[must_use]
    pub fn sure(&self) -> Option<Sure> {
        let (name, value) = (self.name.text(), self.value.text());
        let noun = name::noun(name)?;
        if value::belongs_to_a_vendor(name, value) {
            return None;
        }
        value::secret(name, noun, value)
    }

    /// Reports it, masked.
    pub fn report<'r>(
        &self,
        rule: Rule,
        document: &Document,
        sure: Sure,
        message: String,
        report: &'r mut Report,
    ) -> wardline_plugin::FindingBuilder<'r> {
        let confidence = match sure {
            _ if is_prose(document) => Confidence::Low,
            Sure::Hardly => Confidence::Low,
            Sure::Fairly => Confidence::Medium,
            Sure::Very => Confidence::High,
        };
        report
            .finding(rule, self.value.span())
            .message(message)
            .confidence(confidence)
            .class(class(document))
            .subject(self.name.text())
            .redact(self.value.span())
    }
}

/// What a secret in this document is, from where it stands.
#[must_use]
pub fn class(document: &Document) -> Class {
    let name = document.file_name().to_ascii_lowercase();
    let is_template = ["example", "sample", "template", "dist"]
        .iter()
        .any(|word| name.split(['.', '-', '_']).skip(1).any(|part| part == *word));
    if document.has("test") {
        Class::Test
    } else if is_template || document.has("example") {
        Class::Example
    } else {
        Class::Real
    }
}

/// Whether people read the document rather than machines.
#[must_use]
pub fn is_prose(document: &Document) -> bool {
    [".md", ".rst", ".adoc", ".mdx", ".html", ".txt"].iter().any(|ending| document.path().ends_with(ending))
}
