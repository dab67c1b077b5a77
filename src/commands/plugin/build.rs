//! `wardline plugin build`: from a crate to one file.

use super::cargo::Package;
use super::{Done, Trouble, count, size};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use wardline_engine::plugin::manifest::Manifest;
use wardline_engine::plugin::pack::pack;
use wardline_engine::plugin::section;
use wardline_engine::plugin::set::digest;

/// A plugin above this many bytes takes long to fetch and to compile.
const LARGE: usize = 2 << 20;

/// A plugin that was built.
#[derive(Debug)]
pub(super) struct Built {
    /// The component.
    pub(super) bytes: Vec<u8>,
    /// What it declares.
    pub(super) manifest: Manifest,
    /// The file that holds it.
    pub(super) file: PathBuf,
}

pub(super) fn run(folder: &Path, release: bool) -> Result<Done, Trouble> {
    let built = build(&Package::find(folder)?, release)?;
    let Built { bytes, manifest, file } = &built;
    let mut text = format!("built {} {}\n", manifest.id, manifest.version);
    let _ = writeln!(text, "  file    {}", shown(file).display());
    let _ = writeln!(text, "  size    {}", size(bytes.len()));
    let _ = writeln!(
        text,
        "  rules   {}, {}",
        count(manifest.rules.len(), "rule"),
        count(manifest.queries.len(), "query")
    );
    let _ = writeln!(text, "  digest  sha256:{}", digest(bytes));
    if bytes.len() > LARGE && release {
        let _ = writeln!(text, "\nwarning: a plugin of more than 2 MiB takes long to fetch and to compile");
    } else if !release {
        let _ = writeln!(text, "\n`--release` makes it small and quick.");
    }
    Ok(Done { text, passed: true })
}

/// Builds and packs a crate.
pub(super) fn build(package: &Package, release: bool) -> Result<Built, Trouble> {
    let path = package.module(release)?;
    let module = std::fs::read(&path).map_err(Trouble::io(&path))?;
    let bytes = pack(&module).map_err(|source| Trouble::Pack { path: package.root.clone(), source })?;
    let manifest = section::manifest(&bytes)
        .map_err(|source| Trouble::NotAPlugin { path: package.root.clone(), source })?;
    let folder = package.target.join("wardline");
    std::fs::create_dir_all(&folder).map_err(Trouble::io(&folder))?;
    let file = folder.join(format!("{}.wasm", manifest.id));
    std::fs::write(&file, &bytes).map_err(Trouble::io(&file))?;
    Ok(Built { bytes, manifest, file })
}

/// A plugin's folder, built first, or a file that holds a built one.
pub(super) fn load(plugin: &Path, release: bool) -> Result<(Built, Option<Package>), Trouble> {
    if plugin.is_file() {
        let bytes = std::fs::read(plugin).map_err(Trouble::io(plugin))?;
        let manifest = section::manifest(&bytes)
            .map_err(|source| Trouble::NotAPlugin { path: plugin.to_owned(), source })?;
        return Ok((Built { bytes, manifest, file: plugin.to_owned() }, None));
    }
    let package = Package::find(plugin)?;
    Ok((build(&package, release)?, Some(package)))
}

/// A path as the user would write it.
fn shown(path: &Path) -> &Path {
    std::env::current_dir().ok().and_then(|here| path.strip_prefix(here).ok()).unwrap_or(path)
}
