//! Decides where a piece of a document's text stands in it.

use wardline_plugin::prelude::*;

/// Returns the range of `part`, which must be a slice of the document's text.
pub fn of(document: &Document, part: &str) -> Option<Span> {
    let offset = (part.as_ptr() as usize).checked_sub(document.text().as_ptr() as usize)?;
    let end = offset + part.len();
    (end <= document.text().len()).then_some(())?;
    Some(Span { start: u32::try_from(offset).ok()?, end: u32::try_from(end).ok()? })
}
