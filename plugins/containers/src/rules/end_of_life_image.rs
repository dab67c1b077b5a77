//! Images whose system or runtime is no longer maintained on the day of the run.

use crate::bases::{self, Use};
use crate::compose::Compose;
use crate::declared::end_of_life_image::*;
use crate::image::Image;
use crate::{lifecycle, origin};
use wardline_plugin::prelude::*;

/// Judges all images of a file.
pub fn check(found: &Match, report: &mut Report) {
    let document = found.document();
    let Some(today) = wardline_plugin::today() else { return };
    let today: &str = today.as_ref();
    if found.query() == QUERY_MANIFEST {
        return manifest(found, today, report);
    }
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
        let Some(message) = over(&image, name, today) else { continue };
        let severity = if named.used == Use::Build { Severity::Low } else { Severity::Medium };
        report
            .finding(RULE, named.span)
            .message(message)
            .severity(severity)
            .class(origin::class(document))
            .subject(name);
    }
}

/// Judges one image of a manifest or a pipeline.
fn manifest(found: &Match, today: &str, report: &mut Report) {
    let document = found.document();
    let Some(named) = found.get(IMAGE) else { return };
    let name = named.text();
    let images = document.matches().filter(|other| other.query() == found.query());
    let is_first = images
        .filter_map(|other| other.get(IMAGE))
        .find(|other| other.text() == name)
        .is_some_and(|first| first.span().start == named.span().start);
    let Some(message) = Image::parse(name).and_then(|image| over(&image, name, today)) else { return };
    // The services of a Compose file are judged as such.
    if !is_first || Compose::parse(document.text()).is_some() {
        return;
    }
    let is_pipeline =
        [".github/", ".gitlab", ".circleci/", "azure-pipelines", ".travis", ".drone", "bitbucket-pipelines"]
            .iter()
            .any(|part| document.path().contains(part));
    let is_low = is_pipeline || origin::is_for_development(document.path());
    report
        .finding(RULE, named.span())
        .message(message)
        .severity(if is_low { Severity::Low } else { Severity::Medium })
        .class(origin::class(document))
        .subject(name);
}

/// What is no longer maintained in an image.
fn over(image: &Image, name: &str, today: &str) -> Option<String> {
    if let Some((since, instead)) = lifecycle::retired(image)
        && since < today
    {
        return Some(format!("`{name}` has not been published since {since}; use {instead}"));
    }
    let releases = lifecycle::of_image(image);
    let mut parts =
        releases.iter().filter(|(_, release)| release.is_over(today)).map(|(product, release)| {
            let mut newer = lifecycle::maintained(product, today);
            newer.truncate(3);
            let newer =
                if newer.is_empty() { String::new() } else { format!(" (maintained: {})", newer.join(", ")) };
            let end = release.end.unwrap_or_default();
            format!("{} {}, whose maintenance ended on {end}{newer}", release.product, release.version)
        });
    let first = parts.next()?;
    Some(parts.fold(format!("`{name}` holds {first}"), |message, part| format!("{message}, and {part}")))
}
