//! The register of vendors that get data: that there is one, that each has a
//! contract for the data, and that somebody has looked at it lately.

use crate::declared::vendor_register::*;
use crate::policy::{self, Policy};
use wardline_plugin::prelude::*;

/// Judges a register, and records that there is one.
pub fn check(found: &Match, report: &mut Report) {
    let document = found.document();
    if found.query() == QUERY_ROOT {
        return policy::root(document, report);
    }
    policy::exists("vendor-register", report);
    let register = match Policy::read(document) {
        Ok(register) => register,
        Err((problem, at)) => {
            report
                .finding(RULE, at)
                .message(format!("the register can not be read: {problem}"))
                .subject("syntax");
            return;
        }
    };
    let vendors = register.tables("vendor");
    if vendors.is_empty() {
        report
            .finding(RULE, Span { start: 0, end: 0 })
            .message("the register has no `[[vendor]]`")
            .subject("vendor");
    }
    for (index, vendor) in vendors.into_iter().enumerate() {
        let text =
            |key: &str| vendor.get(key).and_then(toml::Value::as_str).filter(|text| !text.trim().is_empty());
        let name = text("name").unwrap_or("a vendor");
        let at = nth(document, index);
        let mut tell = |message: String, what: &str| {
            report.finding(RULE, at).message(message).subject(format!("{name} {what}"));
        };
        if text("name").is_none() {
            tell("a vendor has no `name`".into(), "name");
        }
        if text("data").is_none() {
            tell(format!("`{name}` does not say which `data` it gets"), "data");
        }
        // `dpa = false` says that no personal data is given, and why.
        let has_contract = text("dpa").is_some()
            || vendor.get("dpa").and_then(toml::Value::as_bool) == Some(false) && text("reason").is_some();
        if !has_contract {
            tell(
                format!(
                    "`{name}` has no `dpa`: where the contract for the data is, or `false` with a `reason`"
                ),
                "dpa",
            );
        }
        if let Some(problem) = register.overdue(vendor) {
            tell(format!("`{name}` {problem}"), "reviewed");
        }
    }
}

/// Where the vendor of this number begins.
fn nth(document: &Document, index: usize) -> Span {
    let text = document.text();
    let found = text.match_indices("[[vendor]]").nth(index);
    let word = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
    found.map_or(Span { start: 0, end: 0 }, |(at, mark)| Span { start: word(at), end: word(at + mark.len()) })
}

/// Judges whether there is a register.
pub fn correlate(group: &Group, report: &mut Report) {
    if group.facts("repository/vendor-register").next().is_some() {
        return;
    }
    let Some(root) = policy::root_of(group) else { return };
    report
        .finding(RULE, root.at())
        .message("there is no `vendors.toml`: nobody can say who gets which data")
        .subject("vendors.toml");
}
