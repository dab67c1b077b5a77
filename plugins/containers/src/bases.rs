//! The images that a file names: what stages start from, what is copied out of,
//! what services run.

use crate::compose::{Compose, interpolate};
use crate::dockerfile::{Base, Dockerfile};
use wardline_plugin::{Document, Span};

/// An image that a file names.
#[derive(Debug, Clone)]
pub struct Named {
    /// The name with arguments put in; nothing where one has no default.
    pub name: Option<String>,
    /// The argument that has none.
    pub missing: String,
    /// Where it stands.
    pub span: Span,
    /// What it is used for.
    pub used: Use,
}

/// What an image is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// What is delivered is made from it.
    Final,
    /// It only helps to build.
    Build,
    /// A service runs it.
    Service,
}

/// The images of a Dockerfile, each name once.
#[must_use]
pub fn of_dockerfile(file: &Dockerfile) -> Vec<Named> {
    let mut found: Vec<Named> = Vec::new();
    let last = file.last_stage().map(|last| file.lineage(last)).unwrap_or_default();
    for (index, stage) in file.stages.iter().enumerate() {
        let (name, missing) = match &stage.base {
            Base::Image(name) => (Some(name.clone()), String::new()),
            Base::Unknown { argument } => (None, argument.clone()),
            Base::Stage(_) | Base::Scratch => continue,
        };
        let used = if last.contains(&index) { Use::Final } else { Use::Build };
        found.push(Named { name, missing, span: stage.image.span, used });
    }
    for instruction in &file.instructions {
        let from = instruction
            .flags
            .iter()
            .find(|flag| flag.text.starts_with("from=") && instruction.keyword == "COPY");
        let Some((flag, name)) = from.and_then(|flag| Some((flag, flag.text.strip_prefix("from=")?))) else {
            continue;
        };
        if file.stage_named(name).is_none() && !name.contains('$') && name.contains(['/', ':', '.']) {
            let span = Span { start: flag.span.start + "--from=".len() as u32, end: flag.span.end };
            let named = Named { name: Some(name.to_owned()), missing: String::new(), span, used: Use::Build };
            found.push(named);
        }
    }
    // What is delivered comes first where two stages name one image.
    found.sort_by_key(|named| named.used != Use::Final);
    let mut unique: Vec<Named> = Vec::new();
    for named in found {
        if unique.iter().all(|known| (&known.name, &known.missing) != (&named.name, &named.missing)) {
            unique.push(named);
        }
    }
    unique.sort_by_key(|named| named.span.start);
    unique
}

/// The images that a Compose file's services run, each name once.
#[must_use]
pub fn of_compose(compose: &Compose) -> Vec<Named> {
    let mut found: Vec<Named> = Vec::new();
    for service in compose.services() {
        let Some(image) = service.image() else { continue };
        let filled = interpolate(&image.text);
        let missing = filled.missing.clone().unwrap_or_default();
        let name = filled.missing.is_none().then_some(filled.text);
        let named = Named { name, missing, span: image.span, used: Use::Service };
        if found.iter().all(|known| (&known.name, &known.missing) != (&named.name, &named.missing)) {
            found.push(named);
        }
    }
    found
}

/// The images of a document, whichever kind of file it is.
#[must_use]
pub fn of_document(document: &Document) -> Vec<Named> {
    if document.language() == "dockerfile" {
        return of_dockerfile(&Dockerfile::parse(document.text()));
    }
    Compose::parse(document.text()).map(|compose| of_compose(&compose)).unwrap_or_default()
}
