//! Judges what the pages of vendors' keys have matched: real, sample, malformed
//! or nothing. The pages say what a key opens; `token` knows what it is worth.

use crate::token::{self, Standing};
use wardline_plugin::prelude::*;

/// The secret itself. Every page without a rule file names its capture so.
const KEY: Capture = Capture("key");

/// Reports a vendor's key, masked, unless it only stands for one.
pub fn secret(rule: Rule, found: &Match, report: &mut Report) {
    let Some(key) = found.get(KEY) else { return };
    let document = found.document();
    let Some(standing) = token::standing(key.text()) else {
        return;
    };
    let class = match standing {
        Standing::Verified | Standing::Plausible => Class::Real,
        Standing::Sample => Class::Example,
        Standing::Malformed => Class::Malformed,
        Standing::Typed if document.has("test") => Class::Test,
        Standing::Typed => Class::Real,
    };
    let what = if rule.message.is_empty() { rule.title() } else { rule.message };
    let message = match standing {
        Standing::Verified => format!("{what}; its checksum is right"),
        Standing::Sample => format!("{what}, but this is a sample value"),
        Standing::Malformed => {
            format!("{what}, but this one cannot work: it is cut short or its checksum is wrong")
        }
        Standing::Plausible | Standing::Typed => what.to_owned(),
    };
    let mut finding =
        report.finding(rule, key.span()).message(message).class(class).subject(rule.id()).redact(key.span());
    match standing {
        Standing::Verified => finding = finding.confidence(Confidence::High),
        Standing::Typed => finding = finding.confidence(Confidence::Low),
        _ => {}
    }
    if let Some(account) = token::aws_account(key.text()) {
        finding.property("aws-account", account);
    }
}
