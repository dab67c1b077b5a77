//! Images that are named by a version, but not by what is in them.

use crate::bases;
use crate::declared::undigested_image::RULE;
use crate::image::Image;
use crate::origin;
use crate::rules::floating_image::floats;
use wardline_plugin::prelude::*;

/// Judges the images of a Dockerfile.
pub fn check(found: &Match, report: &mut Report) {
    let document = found.document();
    for named in bases::of_document(document) {
        let Some(name) = &named.name else { continue };
        let Some(image) = Image::parse(name) else { continue };
        // Without a version it is another rule's finding.
        if image.digest.is_some() || floats(&image).is_some() {
            continue;
        }
        report
            .finding(RULE, named.span)
            .message(format!(
                "`{name}` can be published anew with other content: no digest says which is meant"
            ))
            .class(origin::class(document))
            .subject(name);
    }
}
