//! Running cargo on a plugin's crate, the same way whatever the surroundings.

use super::Trouble;
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const TARGET: &str = "wasm32-unknown-unknown";

/// Variables that change how cargo builds. A plugin is built for a machine that
/// does not exist, so flags, wrappers and linkers for this one do not apply.
const CLEARED: [&str; 9] = [
    "RUSTFLAGS",
    "CARGO_BUILD_RUSTFLAGS",
    "CARGO_BUILD_TARGET",
    "CARGO_BUILD_RUSTC_WRAPPER",
    "CARGO_BUILD_RUSTC_WORKSPACE_WRAPPER",
    "CARGO_MAKEFLAGS",
    "MAKEFLAGS",
    "CARGO_INCREMENTAL",
    "CARGO_UNSTABLE_BUILD_STD",
];
/// These are set to nothing, which overrides configuration files as well.
const EMPTIED: [&str; 3] = ["CARGO_ENCODED_RUSTFLAGS", "RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER"];

/// Quick to build; both builds share what runs on this machine.
const QUICK: [&str; 3] =
    ["profile.dev.opt-level=1", "profile.dev.debug=false", "profile.dev.build-override.opt-level=0"];
/// Small and quick to run.
const SMALL: [&str; 5] = [
    "profile.release.opt-level=3",
    "profile.release.codegen-units=1",
    "profile.release.lto=true",
    "profile.release.panic=\"abort\"",
    "profile.release.strip=\"debuginfo\"",
];

/// A plugin's crate.
#[derive(Debug)]
pub(super) struct Package {
    /// Its folder.
    pub(super) root: PathBuf,
    /// Cargo's folder for what it builds.
    pub(super) target: PathBuf,
    manifest: PathBuf,
}

impl Package {
    /// The crate in a folder.
    pub(super) fn find(folder: &Path) -> Result<Self, Trouble> {
        #[derive(Deserialize)]
        struct Metadata {
            target_directory: PathBuf,
        }
        let root = folder.canonicalize().map_err(Trouble::io(folder))?;
        for missing in ["Cargo.toml", "plugin.toml"] {
            if !root.join(missing).is_file() {
                return Err(Trouble::NoPlugin { path: folder.to_owned(), missing });
            }
        }
        let manifest = root.join("Cargo.toml");
        let mut command = cargo(&root);
        command.args(["metadata", "--no-deps", "--format-version=1", "--manifest-path"]).arg(&manifest);
        let output = run(&mut command)?;
        let failed = || Trouble::BuildFailed { path: root.clone() };
        let metadata: Metadata = serde_json::from_slice(&output.ok_or_else(failed)?).map_err(|_| failed())?;
        Ok(Self { manifest, target: metadata.target_directory, root })
    }

    /// Builds the core module.
    pub(super) fn module(&self, release: bool) -> Result<PathBuf, Trouble> {
        self.require_target()?;
        let mut command = self.build(release);
        command.args(["--lib", "--target", TARGET]);
        let is_module = |artifact: &Artifact| artifact.target.kind.iter().any(|kind| kind == "cdylib");
        self.artifact(command, is_module)?.ok_or(Trouble::NothingBuilt {
            path: self.root.clone(),
            what: "WebAssembly module",
            help: "its `Cargo.toml` needs `[lib]` with `crate-type = [\"cdylib\", \"rlib\"]`",
        })
    }

    /// Builds the program that answers as the plugin, natively; `None` where
    /// the crate has none.
    pub(super) fn native(&self) -> Result<Option<PathBuf>, Trouble> {
        if !self.root.join("examples/native.rs").is_file() {
            return Ok(None);
        }
        let mut command = self.build(false);
        // Whatever it is called: two crates of one workspace can not both call
        // theirs `native`.
        command.arg("--examples");
        let is_native = |artifact: &Artifact| artifact.target.src_path.ends_with("examples/native.rs");
        self.artifact(command, is_native)
    }

    fn build(&self, release: bool) -> Command {
        let mut command = cargo(&self.root);
        command
            .args(["build", "--message-format=json-render-diagnostics", "--manifest-path"])
            .arg(&self.manifest);
        let settings: &[&str] = if release { &SMALL } else { &QUICK };
        command.args(release.then_some("--release"));
        command.args(settings.iter().flat_map(|setting| ["--config", *setting]));
        command
    }

    /// Runs a build and finds the file that it made.
    fn artifact(
        &self,
        mut command: Command,
        wanted: impl Fn(&Artifact) -> bool,
    ) -> Result<Option<PathBuf>, Trouble> {
        let output = run(&mut command)?.ok_or_else(|| Trouble::BuildFailed { path: self.root.clone() })?;
        let artifacts = output
            .split(|byte| *byte == b'\n')
            .filter_map(|line| serde_json::from_slice::<Artifact>(line).ok())
            .filter(|artifact| artifact.manifest_path == self.manifest && wanted(artifact));
        let mut files = artifacts.flat_map(|artifact| match artifact.executable {
            Some(program) => vec![program],
            None => artifact.filenames,
        });
        let is_program = |path: &PathBuf| {
            path.extension()
                .is_none_or(|extension| extension == "wasm" || extension == std::env::consts::EXE_EXTENSION)
        };
        Ok(files.find(is_program))
    }

    fn require_target(&self) -> Result<(), Trouble> {
        let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        let mut command = clean(Command::new(rustc));
        command.args(["--print", "target-libdir", "--target", TARGET]).current_dir(&self.root);
        let output = run(&mut command)?.ok_or(Trouble::NoTarget)?;
        let folder = String::from_utf8_lossy(&output).trim().to_owned();
        if Path::new(&folder).is_dir() { Ok(()) } else { Err(Trouble::NoTarget) }
    }
}

/// What cargo says of a file that it made.
#[derive(Deserialize)]
struct Artifact {
    manifest_path: PathBuf,
    target: ArtifactTarget,
    filenames: Vec<PathBuf>,
    executable: Option<PathBuf>,
}

#[derive(Deserialize)]
struct ArtifactTarget {
    kind: Vec<String>,
    src_path: PathBuf,
}

fn cargo(folder: &Path) -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = clean(Command::new(program));
    command.current_dir(folder);
    command
}

fn clean(mut command: Command) -> Command {
    for name in CLEARED {
        command.env_remove(name);
    }
    for name in EMPTIED {
        command.env(name, "");
    }
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        let of_target = text.starts_with("CARGO_TARGET_") && text != "CARGO_TARGET_DIR";
        if of_target || text.starts_with("CARGO_PROFILE_") {
            command.env_remove(&name);
        }
    }
    command
}

/// Runs a program whose complaints go to standard error; `None` if it failed.
fn run(command: &mut Command) -> Result<Option<Vec<u8>>, Trouble> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output();
    let output = output.map_err(|source| Trouble::NoToolchain { program, source })?;
    Ok(output.status.success().then_some(output.stdout))
}
