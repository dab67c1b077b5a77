//! Images that deliver development dependencies.

use crate::declared::development_dependencies::RULE;
use crate::dockerfile::{Dockerfile, Instruction};
use crate::origin;
use crate::packages::{self, Ecosystem};
use crate::shell::{self, Command};
use wardline_plugin::prelude::*;

/// Judges the image that a Dockerfile delivers.
pub fn check(found: &Match, report: &mut Report) {
    let document = found.document();
    let file = Dockerfile::parse(document.text());
    let Some(last) = file.last_stage() else { return };
    let is_named_for_development = file.stages[last].name.as_deref().is_some_and(is_for_development);
    if file.is_template
        || is_named_for_development
        || origin::is_for_development(document.path())
        || shell::is_for_windows(&file)
    {
        return;
    }
    let image = file.of_stage(last);
    if let Some((command, ecosystem)) = left_in(&image) {
        report
            .finding(RULE, command.span)
            .message(format!(
                "{} installs development dependencies into the image that is delivered; `{}` leaves them out",
                ecosystem.name, ecosystem.instead
            ))
            .class(origin::class(document))
            .subject(ecosystem.name);
        return;
    }
    for copy in image.iter().filter(|instruction| instruction.keyword == "COPY") {
        let stage = copy
            .flag("from")
            .and_then(|name| file.stage_named(name))
            .filter(|stage| Some(*stage) != copy.stage);
        let Some((command, ecosystem)) = stage.and_then(|stage| left_in(&file.of_stage(stage))) else {
            continue;
        };
        let words = copy.arguments.words();
        let sources = words.split_last().map(|(_, sources)| sources).unwrap_or_default();
        let takes = |word: &str| {
            let path = word.trim_end_matches('/');
            ecosystem.folders.iter().any(|folder| path.rsplit('/').next() == Some(folder))
        };
        if sources.iter().any(|word| takes(word.plain())) {
            report
                .finding(RULE, copy.span)
                .message(format!(
                    "what {} installed is copied with its development dependencies; `{}` leaves them out",
                    ecosystem.name, ecosystem.instead
                ))
                .related(command.span, "installed here")
                .class(origin::class(document))
                .subject(ecosystem.name);
        }
    }
}

fn is_for_development(stage: &str) -> bool {
    stage.split(['.', '-', '_']).any(origin::is_development_word)
}

/// A command that leaves development dependencies in what these instructions
/// make.
fn left_in(instructions: &[&Instruction]) -> Option<(Command, Ecosystem)> {
    let mut found: Option<(Command, Ecosystem)> = None;
    let mut is_production = false;
    for instruction in instructions {
        if matches!(instruction.keyword.as_str(), "ENV" | "ARG") {
            for (name, value) in instruction.pairs() {
                let value =
                    value.as_ref().map(|value| value.plain().to_ascii_lowercase()).unwrap_or_default();
                match name.plain() {
                    "NODE_ENV" => is_production = value == "production",
                    "NPM_CONFIG_PRODUCTION" | "COMPOSER_NO_DEV" | "UV_NO_DEV" => {
                        is_production |= value == "true" || value == "1";
                    }
                    _ => {}
                }
            }
        }
        for command in shell::of_image(&[*instruction]) {
            if packages::removes_development(&command) {
                found = None;
            }
            if let Some(ecosystem) = packages::installs_development(&command, is_production) {
                found.get_or_insert((command, ecosystem));
            }
        }
    }
    found
}
