//! Configuration: `wardline.toml` and its layers.
//!
//! Decides what is checked, which rules run, what fails a run and what is
//! allowed. The layers are the defaults, the user's file, the repository's file
//! and the command line, the later over the earlier; but a repository is not
//! trusted, so whatever gives access (plugins, sizes) it can only narrow.
//! Loading plugins, and asking which branch or day it is, is left to others.

mod date;
mod error;
mod file;
mod gate;
mod globs;
mod layers;
mod origin;
mod reader;
mod rules;
mod trust;
mod value;

pub use date::Date;
pub use error::{ConfigError, nearest};
pub use file::schema;
pub use gate::Gate;
pub use globs::Globs;
pub use layers::{Allow, Check, Config, Entry, Overrides, Plugin};
pub use origin::{Layer, Origin, Source, Sourced};
pub use rules::{KnownRule, RuleState, Rules};
pub use trust::TrustStore;
pub(crate) use value::OWN;
pub use value::{Digest, PathGlob, PluginId, RulePattern, Threshold, Wildcard};

use crate::folder::Folder;
use file::ConfigFile;
use miette::NamedSource;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use toml::de::DeTable;

/// The name of a configuration file, in a repository and for the user.
pub const FILE_NAME: &str = "wardline.toml";

/// No configuration that a person writes comes near this.
const MAX_SIZE: u64 = 256 * 1024;

/// Where configuration comes from.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// Where to start looking for the repository's file: a folder or a file.
    pub start: PathBuf,
    /// The user's own file, which need not exist; see [`user_file`].
    pub user_file: Option<PathBuf>,
    /// What the command line says.
    pub overrides: Overrides,
}

/// Where the user's file is, given the environment's variables: below
/// `$XDG_CONFIG_HOME`, or else below `~/.config`.
pub fn user_file(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let absolute = |name| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let folder = absolute("XDG_CONFIG_HOME").or_else(|| Some(absolute("HOME")?.join(".config")))?;
    Some(folder.join("wardline").join(FILE_NAME))
}

/// Reads the configuration that holds at `sources.start`.
pub fn load(sources: &Sources) -> Result<Config, ConfigError> {
    let (root, has_file) = find_root(&sources.start)?;
    let mut config = Config::new(root.clone());
    if let Some(path) = &sources.user_file {
        // The user may well keep this file elsewhere and link to it.
        let place = path.canonicalize().unwrap_or_else(|_| path.clone());
        if let Some((source, file)) = read(&place, &path.display().to_string())? {
            let folder = place.parent().unwrap_or(Path::new(""));
            config.add(Layer::User, &source, file, folder)?;
        }
    }
    if has_file && let Some((source, file)) = read(&root.join(FILE_NAME), FILE_NAME)? {
        config.add(Layer::Repository, &source, file, &root)?;
    }
    config.add_command_line(&sources.overrides);
    Ok(config)
}

/// Finds the folder that paths are relative to: the nearest one upwards with a
/// configuration, up to the repository's root and never beyond. Without a
/// repository, only the start itself is looked at: a file in a shared folder
/// above, such as `/tmp`, is somebody else's.
fn find_root(start: &Path) -> Result<(PathBuf, bool), ConfigError> {
    let unreadable = |error: std::io::Error| ConfigError::Unreadable {
        path: start.display().to_string(),
        reason: error.to_string(),
    };
    let mut start = start.canonicalize().map_err(unreadable)?;
    if !start.is_dir() {
        start.pop();
    }
    let has = |folder: &Path, name: &str| folder.join(name).symlink_metadata().is_ok();
    let root = start.ancestors().find(|folder| has(folder, ".git")).unwrap_or(&start);
    let found =
        start.ancestors().take_while(|folder| folder.starts_with(root)).find(|folder| has(folder, FILE_NAME));
    Ok((found.unwrap_or(root).to_owned(), found.is_some()))
}

/// Reads a file of configuration; `None` if there is none.
fn read(path: &Path, shown: &str) -> Result<Option<(Source, ConfigFile)>, ConfigError> {
    let unreadable = |reason: String| ConfigError::Unreadable { path: shown.to_owned(), reason };
    let (Some(folder), Some(name)) = (path.parent(), path.file_name().and_then(|name| name.to_str())) else {
        return Err(unreadable("it is not a file".to_owned()));
    };
    let text = match Folder::open(folder).and_then(|folder| folder.read(name, MAX_SIZE)) {
        Ok(Some(text)) => text,
        Ok(None) => return Ok(None),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(error.to_string())),
    };
    let source = Arc::new(NamedSource::new(shown, text).with_language("toml"));
    let file = read_as(&source)?;
    Ok(Some((source, file)))
}

/// Reads a text as a form of TOML, with errors that point into it.
fn read_as<T: serde::de::DeserializeOwned>(source: &Source) -> Result<T, ConfigError> {
    let table = DeTable::parse(source.inner()).map_err(|error| ConfigError::syntax(&error, source))?;
    T::deserialize(toml::Deserializer::from(table)).map_err(|error| {
        // Taken apart once more only for the sake of the message.
        match DeTable::parse(source.inner()) {
            Ok(table) => ConfigError::form(&error, table.get_ref(), source),
            Err(error) => ConfigError::syntax(&error, source),
        }
    })
}

#[cfg(test)]
pub(crate) use tests::config_of;

#[cfg(test)]
mod tests;
