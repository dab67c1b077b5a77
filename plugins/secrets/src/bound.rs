//! Reports a literal that is bound to a secret's name: by assignment, as a
//! default, or in the environment. The rules differ only in how it is bound.

use crate::judge;
use crate::name;
use crate::place;
use crate::value::{self, Sure};
use wardline_plugin::prelude::*;

/// Reports a literal that a page has captured as `secret`, bound to what it has
/// captured as `name`; without a name, it stands where passwords stand.
pub fn literal(rule: Rule, found: &Match, report: &mut Report) {
    let (Some(secret), document) = (found.get(judge::SECRET), found.document()) else { return };
    let value = secret.text();
    let (name, message) = match found.get(NAME) {
        Some(name) => (name.text(), format!("`{}` {}", name.text(), rule.message)),
        None => ("password", rule.message.to_owned()),
    };
    let Some(sure) = sure(document, name, value, secret.span()) else { return };
    // Services that live as long as a job, and types and references in YAML.
    if sure == Sure::Hardly && (document.language() == "yaml" || place::is_pipeline(document)) {
        return;
    }
    tell(rule, document, name, secret.span(), sure, message, report);
}

const NAME: Capture = Capture("name");

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
        let (document, span) = (self.document, self.value.span());
        let sure = sure(document, self.name.text(), self.value.text(), span)?;
        (!judge::is_bound_elsewhere(document, span)).then_some(sure)
    }

    /// Reports it, masked.
    pub fn report<'r>(
        &self,
        rule: Rule,
        sure: Sure,
        message: String,
        report: &'r mut Report,
    ) -> wardline_plugin::FindingBuilder<'r> {
        tell(rule, self.document, self.name.text(), self.value.span(), sure, message, report)
    }
}

/// How sure it is that a literal bound to a name is a secret that no page of a
/// vendor speaks of.
#[must_use]
pub fn sure(document: &Document, name: &str, value: &str, span: Span) -> Option<Sure> {
    let sure = value::secret(name, name::noun(name)?, value)?;
    // Packed code binds names of its own; only what looks random is a lead there.
    if place::is_packed(document, span) && document.has("vendored") && sure != Sure::Very {
        return None;
    }
    (!judge::is_spoken_for(document, span)).then_some(sure)
}

/// Reports a literal, masked, with what its place and looks make of it.
pub fn tell<'r>(
    rule: Rule,
    document: &Document,
    name: &str,
    span: Span,
    sure: Sure,
    message: String,
    report: &'r mut Report,
) -> wardline_plugin::FindingBuilder<'r> {
    let class = match place::class(document, span) {
        Class::Real if document.has("example") => Class::Example,
        class => class,
    };
    let confidence = match sure {
        _ if place::is_prose(document) || place::is_packed(document, span) => Confidence::Low,
        Sure::Hardly => Confidence::Low,
        // Tests make up the users that they sign in as.
        Sure::Fairly if class == Class::Test => Confidence::Low,
        Sure::Fairly => Confidence::Medium,
        Sure::Very => Confidence::High,
    };
    report.finding(rule, span).message(message).confidence(confidence).class(class).subject(name).redact(span)
}
