//! Where customers are told of trouble: that it is declared.

use crate::declared::status_page::*;
use crate::policy::{self, Policy};
use wardline_plugin::prelude::*;

/// Judges a declaration, and records that there is one.
pub fn check(found: &Match, report: &mut Report) {
    let document = found.document();
    if found.query() == QUERY_ROOT {
        return policy::root(document, report);
    }
    policy::exists("status-page", report);
    let declared = match Policy::read(document) {
        Ok(declared) => declared,
        Err((problem, at)) => {
            report
                .finding(RULE, at)
                .message(format!("the declaration can not be read: {problem}"))
                .subject("syntax");
            return;
        }
    };
    let mut tell = |at: Span, message: String, subject: &str| {
        report.finding(RULE, at).message(message).subject(subject);
    };
    match declared.text("url") {
        Some(url) if url.starts_with("https://") => {}
        Some(url) => {
            tell(declared.at("url"), format!("`{url}` is no address that begins with https://"), "url")
        }
        None => {
            tell(Span { start: 0, end: 0 }, "no `url` says where customers look in an outage".into(), "url")
        }
    }
    if !declared.text("channel").is_some_and(policy::is_contact) {
        let at = declared.at("channel");
        tell(at, "no `channel` says where those who work on an outage meet".into(), "channel");
    }
    if let Some(problem) = declared.overdue(&declared.table) {
        tell(declared.at("reviewed"), format!("the declaration {problem}"), "reviewed");
    }
}

/// Judges whether there is a declaration.
pub fn correlate(group: &Group, report: &mut Report) {
    if group.facts("repository/status-page").next().is_some() {
        return;
    }
    let Some(root) = policy::root_of(group) else { return };
    report
        .finding(RULE, root.at())
        .message("there is no `status-page.toml`: where customers are told of trouble is not declared")
        .subject("status-page.toml");
}
