//! Addresses of metadata services, in any spelling.

use crate::declared::metadata_endpoint::*;
use crate::names;
use crate::setting;
use crate::surroundings::Surroundings;
use wardline_plugin::prelude::*;

/// Spellings that browsers, `curl` and most libraries read as the address, and
/// that nobody writes except to get past a filter.
const DISGUISED: &[&str] = &[
    "2852039166",
    "0xa9fea9fe",
    "a9fe:a9fe",
    "0xa9.0xfe.",
    "0251.0376.",
    "025177524776",
    "169.254.43518",
    "169.16689662",
    "169.254.169.254.nip.io",
    "169.254.169.254.sslip.io",
    "169.254.169.254.xip.io",
];

/// What a request carries that is more than a page or a redirect can send.
const GUARDS: &[&str] = &[
    "x-aws-ec2-metadata-token",
    "metadata-flavor",
    "metadata: true",
    "metadata\": \"true",
    "metadata': 'true",
];

/// Words of lists and functions that keep such addresses out.
const REFUSING: &[&str] = &[
    "block",
    "blocked",
    "blocklist",
    "blacklist",
    "blacklisted",
    "deny",
    "denied",
    "denylist",
    "forbid",
    "forbidden",
    "disallow",
    "disallowed",
    "refuse",
    "refused",
    "reject",
    "rejected",
    "private",
    "reserved",
    "internal",
    "ssrf",
    "unsafe",
    "restricted",
    "dangerous",
    "banned",
    "invalid",
    "ignore",
    "ignored",
    "bypass",
    "noproxy",
    "exclude",
    "excluded",
    "loopback",
    "linklocal",
    "local",
    "is",
    "illegal",
    "prohibited",
    "untrusted",
];

/// What stands right before a value that another one is compared with.
const COMPARING: &[&str] = &[
    "==",
    "!=",
    "equals(",
    "Equals(",
    "startsWith(",
    "startswith(",
    "StartsWith(",
    "HasPrefix(",
    "starts_with(",
    "starts_with?(",
    "includes(",
    "contains(",
    "Contains(",
    "include?(",
    "has(",
    "strpos(",
    "in_array(",
    "Equal(",
];

/// Neighbours of the address in a list of addresses to keep out.
const NEIGHBOURS: &[&str] = &["127.0.0.1", "localhost", "10.0.0.0", "192.168.", "0.0.0.0", "::1"];

/// Judges a literal that holds such an address.
pub fn check(found: &Match, report: &mut Report) {
    let (literal, at) = match found.query() {
        QUERY_METADATA_STRING => match found.get(CONTENT) {
            Some(content) => (content.text(), content.span()),
            None => return,
        },
        QUERY_METADATA_MARKUP => match found.get(ADDRESS) {
            Some(address) => (address.text(), address.span()),
            None => return,
        },
        _ => (found.text(), found.span()),
    };
    let text = found.document().text();
    let lower = literal.to_ascii_lowercase();
    let disguised = DISGUISED.iter().any(|spelling| lower.contains(spelling));
    let in_page = found.query() == QUERY_METADATA_MARKUP;
    if !in_page && (!is_address(&lower) || refuses(found, at) || !disguised && asks_properly(text)) {
        return;
    }
    let reads = lower.contains("meta-data")
        || lower.contains("metadata/v1")
        || lower.contains("user-data")
        || lower.contains("/latest");
    let (message, severity, confidence) = if disguised {
        (
            "this is the metadata service in a spelling that gets past filters",
            Severity::High,
            Confidence::High,
        )
    } else if in_page {
        (
            "what renders this page asks the metadata service of its machine",
            Severity::High,
            Confidence::Medium,
        )
    } else if reads {
        (
            "the metadata service is asked without the token or header that protects it",
            Severity::Medium,
            Confidence::Medium,
        )
    } else if !lower.contains("://") {
        // A host alone is looked up, listed or compared.
        return;
    } else {
        (
            "this is the address of the metadata service, which hands out the machine's credentials",
            Severity::Low,
            Confidence::Low,
        )
    };
    report
        .finding(RULE, at)
        .message(message)
        .severity(severity)
        .confidence(confidence)
        .class(setting::class(found));
}

/// Whether a literal is an address, a command or markup, and not a sentence or
/// a network.
fn is_address(literal: &str) -> bool {
    let network = literal.contains("169.254.169.254/32")
        || literal.contains("169.254.169.254/16")
        || literal.contains("/24");
    let sentence = literal.trim().contains(' ')
        && !literal.contains("curl")
        && !literal.contains("wget")
        && !literal.contains("src=");
    !network && !sentence
}

/// Whether the place compares with the address, or lists what is kept out.
fn refuses(found: &Match, at: Span) -> bool {
    let document = found.document();
    let text = document.text();
    let around = Surroundings::at(text, at.start as usize);
    let words = |name: &str| names::words(name).iter().any(|word| REFUSING.contains(&word.as_str()));
    let line = document.line(at.start);
    let quotes = ['"', '\'', '`'];
    let before = text.get(..at.start as usize).unwrap_or_default().trim_end_matches(quotes).trim_end();
    let after = text.get(at.end as usize..).unwrap_or_default().trim_start_matches(quotes).trim_start();
    let compares = COMPARING.iter().any(|word| before.ends_with(word))
        || ["==", "!=", ".equals(", "=>"].iter().any(|word| after.starts_with(word))
        || [" in (", " in [", " in {", "case "].iter().any(|word| line.contains(word));
    let near =
        text.get(at.start.saturating_sub(300) as usize..).and_then(|rest| rest.get(..600.min(rest.len())));
    let listed =
        !line.contains("://") && near.is_none_or(|near| NEIGHBOURS.iter().any(|other| near.contains(other)));
    compares || listed || around.names().any(words) || words(document.file_name())
}

/// Whether the document's requests carry what a page can not send.
fn asks_properly(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    GUARDS.iter().any(|guard| lower.contains(guard))
}
