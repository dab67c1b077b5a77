//! Images that are logged in to from outside.

use crate::declared::ssh_server::RULE;
use crate::dockerfile::Dockerfile;
use crate::origin;
use wardline_plugin::prelude::*;

/// Judges the ports of what a Dockerfile delivers.
pub fn check(found: &Match, report: &mut Report) {
    let document = found.document();
    let file = Dockerfile::parse(document.text());
    for expose in file.last_image().into_iter().filter(|instruction| instruction.keyword == "EXPOSE") {
        for word in expose.arguments.words() {
            if matches!(word.plain(), "22" | "22/tcp") {
                let severity =
                    if origin::is_for_development(document.path()) { Severity::Info } else { Severity::Low };
                report
                    .finding(RULE, word.span)
                    .message("the image offers SSH: a second way in, with its own keys and passwords")
                    .severity(severity)
                    .class(origin::class(document))
                    .subject("22");
            }
        }
    }
}
