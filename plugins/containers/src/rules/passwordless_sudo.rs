//! Images in which a user becomes root without a password.

use crate::declared::passwordless_sudo::RULE;
use crate::dockerfile::{Dockerfile, Logical};
use crate::origin;
use wardline_plugin::prelude::*;

/// Judges the steps of a Dockerfile that end up in what is delivered.
pub fn check(found: &Match, report: &mut Report) {
    let document = found.document();
    let file = Dockerfile::parse(document.text());
    let severity =
        if origin::is_for_development(document.path()) { Severity::Info } else { Severity::Medium };
    for instruction in file
        .last_image()
        .into_iter()
        .filter(|instruction| matches!(instruction.keyword.as_str(), "RUN" | "COPY"))
    {
        for script in std::iter::once(&instruction.arguments).chain(&instruction.heredocs) {
            let Some(span) = rule(script) else { continue };
            report
                .finding(RULE, span)
                .message("a user of the image becomes root with `sudo`, without a password: `USER` protects nothing")
                .severity(severity)
                .class(origin::class(document))
                .subject("sudo");
            break;
        }
    }
}

/// `ALL=(ALL) NOPASSWD: ALL`, whatever the spaces.
fn rule(script: &Logical) -> Option<Span> {
    let at = script.text.find("NOPASSWD")?;
    let after = script.text[at + "NOPASSWD".len()..].trim_start_matches([':', ' ', '\t']);
    let is_all = after.starts_with("ALL");
    is_all.then(|| script.span(at, at + "NOPASSWD".len()))
}
