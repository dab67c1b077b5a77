//! Judges what the pages of vendors' keys have matched: real, sample, malformed
//! or nothing. The pages say what a key opens; `token` knows what it is worth,
//! and where it stands decides whether it is in use there.

use crate::bound;
use crate::name;
use crate::place;
use crate::token::{self, Standing, Sum, Token};
use wardline_plugin::prelude::*;

/// The secret itself. Every page without a rule file names its capture so.
pub const KEY: Capture = Capture("key");

/// A secret that ends too early to work.
const CUT: Capture = Capture("cut");

/// The part of it that the vendor draws at random; without it, all of it is.
const RANDOM: Capture = Capture("random");

/// The name that the secret is bound to, where its shape alone says too little.
const NAME: Capture = Capture("name");

/// A secret that is made of words.
const WORDS: Capture = Capture("words");

/// A literal that is a secret by what it is bound to.
pub const SECRET: Capture = Capture("secret");

/// Reports a vendor's key, masked, unless it only stands for one; or a literal
/// that is bound to a secret's name.
pub fn secret(rule: Rule, found: &Match, report: &mut Report) {
    if found.get(SECRET).is_some() {
        return bound::literal(rule, found, report);
    }
    let document = found.document();
    let Some(key) = found.get(KEY).or_else(|| found.get(CUT)) else { return };
    let token = Token {
        text: key.text(),
        random: found.get(RANDOM).map_or(token::without_prefix(key.text()), |node| node.text()),
        sum: Sum::ALL
            .into_iter()
            .find_map(|sum| found.get(Capture(sum.capture())).map(|node| (sum, node.text()))),
        cut: found.get(KEY).is_none(),
    };
    let name = found.get(NAME).map_or("", |node| node.text());
    let named = !name.is_empty();
    // Packed code is somebody else's, and its names mean nothing.
    if named && (place::is_packed(document, key.span()) || name::is_of_something_else(name)) {
        return;
    }
    let standing = match token.standing() {
        Some(Standing::Typed) if found.get(WORDS).is_some() => Standing::Plausible,
        Some(Standing::Typed) if named => return,
        Some(standing) => standing,
        None => return,
    };
    tell(rule, document, key.span(), &token, standing, "", report);
}

/// Reports a token at a place; `hidden` says how it is encoded there.
pub fn tell(
    rule: Rule,
    document: &Document,
    span: Span,
    token: &Token,
    standing: Standing,
    hidden: &str,
    report: &mut Report,
) {
    let class = match standing {
        Standing::Verified => Class::Real,
        Standing::Sample => Class::Example,
        Standing::Malformed => Class::Malformed,
        Standing::Plausible | Standing::Typed => place::class(document, span),
    };
    let what = if rule.message.is_empty() { rule.title() } else { rule.message };
    let message = match standing {
        Standing::Verified => format!("{what}; its checksum is right{hidden}"),
        Standing::Sample => format!("{what}, but this is a sample value{hidden}"),
        Standing::Malformed => {
            format!("{what}, but this one cannot work: it is cut short or its checksum is wrong{hidden}")
        }
        Standing::Plausible | Standing::Typed => format!("{what}{hidden}"),
    };
    let mut finding =
        report.finding(rule, span).message(message).class(class).subject(rule.id()).redact(span);
    match standing {
        Standing::Verified => finding = finding.confidence(Confidence::High),
        Standing::Typed => finding = finding.confidence(Confidence::Low),
        Standing::Plausible if class == Class::Example => finding = finding.confidence(Confidence::Low),
        _ => {}
    }
    if let Some(account) = token::aws_account(token.text) {
        finding.property("aws-account", account);
    }
}

/// Whether a page of a vendor's keys has matched here: then that page speaks.
#[must_use]
pub fn is_spoken_for(document: &Document, span: Span) -> bool {
    document.matches().any(|other| meets(other.get(KEY).or_else(|| other.get(CUT)), span))
}

/// Whether a page for files of some kind has matched this literal: it says more
/// than the page for all files.
#[must_use]
pub fn is_bound_elsewhere(document: &Document, span: Span) -> bool {
    document.matches().any(|other| meets(other.get(SECRET), span))
}

fn meets(node: Option<Node>, span: Span) -> bool {
    node.is_some_and(|node| node.span().start < span.end && span.start < node.span().end)
}
