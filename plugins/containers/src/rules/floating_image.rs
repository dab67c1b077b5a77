//! Images by a name that means another image tomorrow.

use crate::bases::{self, Use};
use crate::declared::floating_image::RULE;
use crate::image::Image;
use crate::{lifecycle, origin};
use wardline_plugin::prelude::*;

/// Judges all images of a file.
pub fn check(found: &Match, report: &mut Report) {
    let document = found.document();
    for named in bases::of_document(document) {
        let Some(name) = &named.name else {
            report.unknown(
                RULE,
                named.span,
                format!("`{}` has no default, so the image is not known here", named.missing),
            );
            continue;
        };
        let Some(image) = Image::parse(name) else { continue };
        let Some(reason) = floats(&image) else { continue };
        let severity = match named.used {
            Use::Final | Use::Service if !origin::is_for_development(document.path()) => Severity::Medium,
            _ => Severity::Low,
        };
        report
            .finding(RULE, named.span)
            .message(format!("`{name}` {reason}, so the same file builds or runs something else tomorrow"))
            .severity(severity)
            .class(origin::class(document))
            .subject(name);
    }
}

/// Why the name means another image tomorrow.
pub fn floats(image: &Image) -> Option<String> {
    if image.digest.is_some() {
        return None;
    }
    let Some(tag) = image.tag else { return Some("names no version".to_owned()) };
    let is_latest = tag.split(['-', '_']).any(|part| part == "latest");
    if is_latest {
        return Some(format!("asks for `{tag}`"));
    }
    // `node:alpine`, `nginx:stable`; but `debian:bookworm` is a release.
    let is_bare = !tag.contains(|c: char| c.is_ascii_digit()) && lifecycle::of_image(image).is_empty();
    (image.official().is_some() && is_bare).then(|| format!("names no version: `{tag}` moves on"))
}
