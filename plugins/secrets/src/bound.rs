//! Reports a literal that is bound to a secret's name: by assignment, as a
//! default, or in the environment. The rules differ only in how it is bound.

use crate::judge;
use crate::name;
use crate::place;
use crate::value::{self, Sure};
use wardline_plugin::prelude::*;

/// A literal and the name that it is bound to.
#[derive(Debug, Clone, Copy)]
pub struct Bound<'d> {
    /// The name.
    pub name: Node<'d>,
    /// The literal, without its quotes.
    pub value: Node<'d>,
    document: &'d Document,
}

impl<'d> Bound<'d> {
    /// Returns the pair that a match has captured.
    #[must_use]
    pub fn new(found: &Match<'d>, name: Capture, value: Capture) -> Option<Self> {
        Some(Self { name: found.get(name)?, value: found.get(value)?, document: found.document() })
    }

    /// Returns how sure it is that the literal is a secret. Nothing where it is
    /// none, or where a rule for a vendor's tokens speaks of it.
    #[must_use]
    pub fn sure(&self) -> Option<Sure> {
        let (name, value) = (self.name.text(), self.value.text());
        let noun = name::noun(name)?;
        let sure = value::secret(name, noun, value)?;
        (!judge::is_spoken_for(self.document, self.value.span())).then_some(sure)
    }

    /// Reports it, masked.
    pub fn report<'r>(
        &self,
        rule: Rule,
        sure: Sure,
        message: String,
        report: &'r mut Report,
    ) -> wardline_plugin::FindingBuilder<'r> {
        let document = self.document;
        let class = match place::class(document, self.value.span()) {
            Class::Real if document.has("example") => Class::Example,
            class => class,
        };
        let confidence = match sure {
            _ if place::is_prose(document) => Confidence::Low,
            Sure::Hardly => Confidence::Low,
            Sure::Fairly => Confidence::Medium,
            Sure::Very => Confidence::High,
        };
        report
            .finding(rule, self.value.span())
            .message(message)
            .confidence(confidence)
            .class(class)
            .subject(self.name.text())
            .redact(self.value.span())
    }
}
