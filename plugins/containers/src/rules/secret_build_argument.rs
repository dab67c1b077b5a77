//! Secrets that are given to a build as arguments.

use crate::declared::secret_build_argument::RULE;
use crate::dockerfile::Dockerfile;
use crate::{origin, secret};
use wardline_plugin::prelude::*;

/// Judges the arguments of a Dockerfile.
pub fn check(found: &Match, report: &mut Report) {
    let document = found.document();
    let file = Dockerfile::parse(document.text());
    let last = file.last_stage().map(|last| file.lineage(last)).unwrap_or_default();
    let mut seen: Vec<String> = Vec::new();
    for instruction in file.instructions.iter().filter(|instruction| instruction.keyword == "ARG") {
        for (name, value) in instruction.pairs() {
            let plain = name.plain().to_owned();
            let has_value = value.as_ref().is_some_and(|value| !value.plain().is_empty());
            if has_value || !secret::is_secret_name(&plain) || seen.contains(&plain) {
                continue;
            }
            let stage = instruction.stage;
            let kept = file.instructions.iter().filter(|known| known.keyword == "ENV").find_map(|env| {
                env.pairs().into_iter().find_map(|(_, value)| {
                    let value = value?;
                    let uses = [format!("${plain}"), format!("${{{plain}}}")];
                    uses.iter().any(|used| value.plain() == used).then_some(value.span)
                })
            });
            let in_last = stage.is_some_and(|stage| last.contains(&stage));
            let severity = if in_last { Severity::Medium } else { Severity::Low };
            let shown = if in_last { "the image's history" } else { "the build's cache and provenance" };
            let finding = report
                .finding(RULE, name.span)
                .message(format!("`{plain}` is given to the build as an argument: {shown} shows its value"))
                .severity(severity)
                .class(origin::class(document))
                .subject(plain.as_str());
            if let Some(span) = kept {
                finding.related(span, "and the image's configuration keeps it");
            }
            seen.push(plain);
        }
    }
}
