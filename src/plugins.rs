//! The plugins of a run: those inside this executable, and those that the user
//! gave. What a repository names is never loaded from there.

use miette::Diagnostic;
use std::path::{Path, PathBuf};
use thiserror::Error;
use wardline_engine::config::Config;
use wardline_engine::notice::Notice;
use wardline_engine::plugin::host::COMPONENT_BYTES;
use wardline_engine::plugin::section::NotAPlugin;
use wardline_engine::plugin::set::Plugin;

include!(concat!(env!("OUT_DIR"), "/bundles.rs"));

/// A plugin that the user named does not load.
#[derive(Debug, Error, Diagnostic)]
pub(crate) enum Error {
    /// Its file can not be read.
    #[error("the plugin `{}` can not be read: {reason}", path.display())]
    #[diagnostic(code(plugin::unreadable))]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// Its bytes are not a plugin for this Wardline.
    #[error("`{}` is not a plugin for this Wardline: {source}", path.display())]
    #[diagnostic(code(plugin::refused))]
    Refused {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: NotAPlugin,
        /// What to do.
        #[help]
        help: &'static str,
    },
    /// A plugin is not the one that the configuration pins.
    #[error("the plugin `{id}` has other bytes than the configuration pins")]
    #[diagnostic(code(plugin::other_bytes), help("pinned is {wanted}, given is {found}"))]
    OtherBytes {
        /// The plugin's id.
        id: String,
        /// The pinned digest.
        wanted: String,
        /// The digest of the given bytes.
        found: String,
    },
    /// Two plugins have one id.
    #[error("two plugins have the id `{id}`")]
    #[diagnostic(
        code(plugin::duplicate),
        help("an id names one plugin; those of the built-in plugins are taken")
    )]
    Duplicate {
        /// The id.
        id: String,
    },
}

/// The built-in plugins, by id.
pub(crate) fn built_in() -> Vec<Plugin> {
    BUNDLES.iter().map(Plugin::built_in).collect()
}

/// The built-in plugins and those that the user gave.
pub(crate) fn load(config: &Config, given: &[PathBuf]) -> Result<Vec<Plugin>, Error> {
    let mut plugins = built_in();
    let configured = config.plugins.values().filter_map(|plugin| plugin.path.as_ref());
    for path in given.iter().chain(configured) {
        let plugin = read(path)?;
        if plugins.iter().any(|known| known.manifest.id == plugin.manifest.id) {
            return Err(Error::Duplicate { id: plugin.manifest.id });
        }
        plugins.push(plugin);
    }
    Ok(plugins)
}

/// Says which plugins the configuration pins that are not loaded: what they
/// would find is not known. One that is loaded must have the pinned bytes.
pub(crate) fn absent(config: &Config, plugins: &[Plugin]) -> Result<Vec<Notice>, Error> {
    let mut notices = Vec::new();
    for (id, pinned) in config.plugins.iter().filter(|(_, plugin)| plugin.enabled) {
        let Some(digest) = &pinned.digest else { continue };
        let wanted = digest.value.to_string();
        match plugins.iter().find(|plugin| plugin.manifest.id == *id) {
            Some(plugin) if wanted.ends_with(&plugin.digest) => {}
            Some(plugin) => {
                let found = format!("sha256:{}", plugin.digest);
                return Err(Error::OtherBytes { id: id.clone(), wanted, found });
            }
            None => {
                let message =
                    format!("the configuration asks for this plugin ({wanted}), and it was not given");
                let help = "a repository only names plugins; load it with `--plugin FILE`";
                notices.push(Notice::incomplete("plugin::absent", message).of(id.as_str()).help(help));
            }
        }
    }
    Ok(notices)
}

/// Reads one plugin's file.
pub(crate) fn read(path: &Path) -> Result<Plugin, Error> {
    let unreadable = |reason: String| Error::Unreadable { path: path.to_owned(), reason };
    let metadata = std::fs::metadata(path).map_err(|error| unreadable(error.to_string()))?;
    if !metadata.is_file() {
        return Err(unreadable("it is not a regular file".into()));
    }
    if metadata.len() > COMPONENT_BYTES as u64 {
        return Err(unreadable(format!("it is larger than {} MiB", COMPONENT_BYTES >> 20)));
    }
    let bytes = std::fs::read(path).map_err(|error| unreadable(error.to_string()))?;
    Plugin::component(bytes).map_err(|source| {
        let help = match &source {
            NotAPlugin::WrongVersion { built, spoken } if newer(built, spoken) => "update Wardline",
            NotAPlugin::WrongVersion { .. } => {
                "rebuild the plugin with this Wardline: `wardline plugin build`"
            }
            NotAPlugin::NotWasm | NotAPlugin::CoreModule | NotAPlugin::NoManifest => {
                "make plugins with `wardline plugin build`"
            }
            NotAPlugin::Damaged { .. } | NotAPlugin::BadManifest { .. } => "get or build the plugin again",
        };
        Error::Refused { path: path.to_owned(), source, help }
    })
}

fn newer(built: &str, spoken: &str) -> bool {
    let number =
        |line: &str| line.split('.').map(|part| part.parse::<u32>().unwrap_or(0)).collect::<Vec<_>>();
    number(built) > number(spoken)
}
