//! Images whose system packages stay as the base image brought them.

use crate::declared::no_os_updates::RULE;
use crate::dockerfile::{Base, Dockerfile};
use crate::image::Image;
use crate::{origin, packages, shell};
use wardline_plugin::prelude::*;

/// Judges the image that a Dockerfile delivers.
pub fn check(found: &Match, report: &mut Report) {
    let document = found.document();
    let file = Dockerfile::parse(document.text());
    let Some(last) = file.last_stage() else { return };
    if file.is_template || origin::is_for_development(document.path()) {
        return;
    }
    let origin = file.origin(last);
    let Base::Image(name) = &origin.base else { return };
    let Some(image) = Image::parse(name) else { return };
    // What others publish may be patched where they make it.
    if image.official().is_none() || image.is_bare() || shell::is_for_windows(&file) {
        return;
    }
    let commands = shell::of_image(&file.of_stage(last));
    if commands.iter().any(packages::updates_system) {
        return;
    }
    let (severity, message) = if image.digest.is_some() {
        let message = format!(
            "`{}` is pinned by its digest and no step brings its packages up to date: fixes come only when the digest moves",
            image.without_tag()
        );
        (Severity::Low, message)
    } else {
        let message = format!(
            "no step brings the packages of `{name}` up to date: fixes come only when its publisher builds it anew"
        );
        (Severity::Info, message)
    };
    report
        .finding(RULE, origin.image.span)
        .message(message)
        .severity(severity)
        .class(crate::origin::class(document))
        .subject(image.without_tag());
}
