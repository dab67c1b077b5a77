//! `wardline plugin`: what authors of plugins need, from nothing to a tested
//! component.
//!
//! Each command gives back the text to print and whether all is well. Building runs
//! cargo, and with it the code of the plugin's own build script: these commands
//! are for one's own plugins. Nothing here is reached from `check` or `lsp`.

mod bed;
mod bench;
mod build;
mod cargo;
mod inspect;
mod new;
mod sdk;
mod test;

use crate::{Exit, Failure, print};
use miette::Diagnostic;
use std::path::PathBuf;
use thiserror::Error;
use wardline_engine::plugin::pack::PackError;
use wardline_engine::plugin::section::NotAPlugin;

/// The command line of `wardline plugin`.
#[derive(Debug, Clone, clap::Subcommand)]
pub(crate) enum PluginCommand {
    /// Start a plugin: a crate with a rule that fires, its page and a fixture
    New {
        /// The plugin's id: small letters, digits and `-`
        name: String,
        /// Where to put it [default: a folder of that name]
        #[arg(long, value_name = "DIR")]
        dir: Option<PathBuf>,
    },
    /// Build a plugin into one file
    Build {
        /// The plugin's folder
        #[arg(value_name = "DIR", default_value = ".")]
        dir: PathBuf,
        /// Make it small and quick, for use
        #[arg(long)]
        release: bool,
    },
    /// Run the examples of a plugin's pages and its fixtures
    Test {
        /// The plugin's folder, or a built plugin
        #[arg(value_name = "DIR|FILE", default_value = ".")]
        plugin: PathBuf,
    },
    /// Show what a plugin declares and needs, without running it
    Inspect {
        /// A built plugin, or the id of one that is built in
        #[arg(value_name = "FILE|ID")]
        plugin: String,
        /// How to show it
        #[arg(long, value_enum, default_value_t)]
        format: InspectFormat,
    },
    /// Measure what each rule of a plugin costs over a tree
    Bench {
        /// The plugin's folder, or a built plugin
        #[arg(value_name = "DIR|FILE", default_value = ".")]
        plugin: PathBuf,
        /// The tree
        #[arg(value_name = "PATH", default_value = ".")]
        tree: PathBuf,
    },
}

/// How `inspect` shows a plugin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub(crate) enum InspectFormat {
    /// For people.
    #[default]
    Text,
    /// Everything, for programs.
    Json,
}

/// What a command did.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Done {
    /// For standard output.
    text: String,
    /// Whether no test failed.
    passed: bool,
}

/// Why a command could not do its work. The exit status is 2.
#[derive(Debug, Error, Diagnostic)]
pub(crate) enum Trouble {
    /// A name that no plugin can have.
    #[error("`{name}` is no name for a plugin: {problem}")]
    #[diagnostic(code(plugin::bad_name), help("use small letters, digits and `-`, such as `acme-rules`"))]
    BadName { name: String, problem: &'static str },
    /// There is something where the plugin is to go.
    #[error("`{}` is there already and is not empty", path.display())]
    #[diagnostic(code(plugin::not_empty), help("choose another folder with `--dir DIR`"))]
    NotEmpty { path: PathBuf },
    /// A file or folder gives trouble.
    #[error("`{}`: {source}", path.display())]
    #[diagnostic(code(plugin::io))]
    Io { path: PathBuf, source: std::io::Error },
    /// There is no crate.
    #[error("`{}` holds no plugin: there is no `{missing}` in it", path.display())]
    #[diagnostic(code(plugin::no_plugin), help("`wardline plugin new NAME` starts one"))]
    NoPlugin { path: PathBuf, missing: &'static str },
    /// The toolchain has no standard library for the guest.
    #[error("the Rust toolchain has no target `wasm32-unknown-unknown`")]
    #[diagnostic(code(plugin::no_target), help("run `rustup target add wasm32-unknown-unknown`"))]
    NoTarget,
    /// Cargo or rustc is not there.
    #[error("`{program}` can not be started: {source}")]
    #[diagnostic(
        code(plugin::no_toolchain),
        help("building a plugin needs a Rust toolchain: see https://rustup.rs")
    )]
    NoToolchain { program: String, source: std::io::Error },
    /// Cargo said no; its own words are on standard error already.
    #[error("cargo could not build `{}`", path.display())]
    #[diagnostic(code(plugin::build_failed))]
    BuildFailed { path: PathBuf },
    /// Cargo built something else.
    #[error("cargo built no {what} of `{}`", path.display())]
    #[diagnostic(code(plugin::nothing_built), help("{help}"))]
    NothingBuilt { path: PathBuf, what: &'static str, help: &'static str },
    /// The module can not become a plugin.
    #[error("`{}`: {source}", path.display())]
    #[diagnostic(code(plugin::pack))]
    Pack { path: PathBuf, source: PackError },
    /// A file that is no plugin.
    #[error("`{}`: {source}", path.display())]
    #[diagnostic(code(plugin::not_a_plugin))]
    NotAPlugin { path: PathBuf, source: NotAPlugin },
    /// An id that no built-in plugin has.
    #[error("`{id}` is neither a file nor the id of a built-in plugin")]
    #[diagnostic(code(plugin::unknown))]
    Unknown { id: String },
    /// The component can not be run here.
    #[error("the plugin can not be run: {problem}")]
    #[diagnostic(code(plugin::start))]
    Start { problem: String },
}

impl Trouble {
    fn io(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::Io { path: path.into(), source }
    }
}

/// Runs a command and prints what it says.
pub(crate) fn run(command: &PluginCommand) -> Result<Exit, Failure> {
    let done = match command {
        PluginCommand::New { name, dir } => new::run(name, dir.as_deref()),
        PluginCommand::Build { dir, release } => build::run(dir, *release),
        PluginCommand::Test { plugin } => test::run(plugin),
        PluginCommand::Inspect { plugin, format } => inspect::run(plugin, *format),
        PluginCommand::Bench { plugin, tree } => bench::run(plugin, tree),
    }?;
    // A plugin is described in its own words.
    print(&crate::report::harmless(&done.text))?;
    Ok(if done.passed { Exit::Clean } else { Exit::Blocking })
}

/// A size for people.
fn size(bytes: usize) -> String {
    match bytes {
        0..1024 => format!("{bytes} B"),
        1024..1_048_576 => format!("{} KiB", bytes / 1024),
        _ => format!("{}.{} MiB", bytes >> 20, ((bytes & 0xf_ffff) * 10) >> 20),
    }
}

/// A count and its noun.
fn count(number: usize, noun: &str) -> String {
    let plural = noun.strip_suffix('y').map_or_else(|| format!("{noun}s"), |stem| format!("{stem}ies"));
    if number == 1 { format!("1 {noun}") } else { format!("{number} {plural}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_counts_read_well() {
        assert_eq!([size(7), size(2048), size(2_621_440)], ["7 B", "2 KiB", "2.5 MiB"]);
        assert_eq!(
            [count(1, "query"), count(2, "query"), count(0, "rule")],
            ["1 query", "2 queries", "0 rules"]
        );
    }
}
