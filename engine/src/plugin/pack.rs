//! Packing: from a core module that a compiler wrote to a plugin.
//!
//! The SDK leaves the manifest and the pages in the module as custom sections.
//! Packing moves them to the component around it, where they can be read
//! without looking at the code.

use super::section::{self, NotAPlugin};

/// Why a module can not be packed.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// The compiler's output is not a module with the SDK's sections.
    #[error(
        "the module holds no `{0}`: does its `build.rs` call `wardline_plugin::build::generate()` and its `lib.rs` `wardline_plugin::plugin!`?"
    )]
    NoSection(&'static str),
    /// It does not make a component.
    #[error("the module does not make a component: {0}")]
    Encode(String),
    /// The manifest does not fit.
    #[error(transparent)]
    Manifest(#[from] NotAPlugin),
}

/// Makes a plugin of a core module built with the SDK.
///
/// # Errors
/// When the module was not built with the SDK, or its manifest does not fit.
pub fn pack(module: &[u8]) -> Result<Vec<u8>, PackError> {
    let (module, manifest, pages) = take_sections(module)?;
    section::parse_manifest(&manifest)?;
    let mut component = wit_component::ComponentEncoder::default()
        .module(&module)
        .and_then(|encoder| encoder.validate(true).encode())
        .map_err(|error| PackError::Encode(format!("{error:#}")))?;
    section::append(&mut component, section::MANIFEST, &manifest);
    section::append(&mut component, section::PAGES, &pages);
    Ok(component)
}

/// A module without the SDK's sections, the manifest, and the pages.
type Parts = (Vec<u8>, Vec<u8>, Vec<u8>);

/// Takes the SDK's sections out of a module.
fn take_sections(module: &[u8]) -> Result<Parts, PackError> {
    let mut rest = module.get(..8).unwrap_or_default().to_vec();
    let (mut manifest, mut pages) = (None, None);
    let mut end = rest.len();
    for section in section::sections(module) {
        let (id, content, start) = section?;
        let stop = content.as_ptr() as usize - module.as_ptr() as usize + content.len();
        let named = |name: &str| {
            let mut at = 0;
            let length = section::leb(content, &mut at)?;
            (id == 0 && content.get(at..at + length)? == name.as_bytes())
                .then(|| content[at + length..].to_vec())
        };
        if let Some(content) = named(section::MANIFEST) {
            manifest = Some(content);
        } else if let Some(content) = named(section::PAGES) {
            pages = Some(content);
        } else {
            rest.extend_from_slice(&module[start..stop]);
        }
        end = stop;
    }
    debug_assert!(end <= module.len(), "sections end within the module");
    Ok((
        rest,
        manifest.ok_or(PackError::NoSection(section::MANIFEST))?,
        pages.ok_or(PackError::NoSection(section::PAGES))?,
    ))
}
