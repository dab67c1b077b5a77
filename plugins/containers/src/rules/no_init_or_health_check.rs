//! Services that nobody can tell to be healthy, and that no init looks after.

use crate::declared::no_init_or_health_check::RULE;
use crate::dockerfile::{Dockerfile, Instruction};
use crate::origin;
use wardline_plugin::prelude::*;

const INITS: [&str; 9] = [
    "tini",
    "dumb-init",
    "s6-overlay",
    "s6-svscan",
    "supervisord",
    "catatonit",
    "docker-init",
    "runit",
    "systemd",
];

/// Judges the image that a Dockerfile delivers.
pub fn check(found: &Match, report: &mut Report) {
    let document = found.document();
    let file = Dockerfile::parse(document.text());
    let Some(last) = file.last_stage() else { return };
    if file.is_template || origin::is_for_development(document.path()) {
        return;
    }
    let image = file.of_stage(last);
    let has = |keyword: &str| image.iter().find(|instruction| instruction.keyword == keyword);
    let starts = has("ENTRYPOINT").is_some() || has("CMD").is_some();
    let Some(expose) = has("EXPOSE").filter(|_| starts) else { return };
    let checks = image.iter().rev().find(|instruction| instruction.keyword == "HEALTHCHECK");
    let is_checked = checks.is_some_and(|check| !check.arguments.text.trim().eq_ignore_ascii_case("none"));
    if is_checked || image.iter().any(|instruction| has_init(instruction)) {
        return;
    }
    report
        .finding(RULE, expose.span)
        .message(
            "this service has neither a `HEALTHCHECK` nor an init that passes signals on and reaps processes",
        )
        .class(origin::class(document))
        .subject("health");
}

fn has_init(instruction: &Instruction) -> bool {
    if !matches!(instruction.keyword.as_str(), "RUN" | "CMD" | "ENTRYPOINT" | "ENV" | "ADD" | "COPY") {
        return false;
    }
    let is_init = |text: &str| {
        text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).any(|word| INITS.contains(&word))
    };
    is_init(&instruction.arguments.text) || instruction.heredocs.iter().any(|body| is_init(&body.text))
}
