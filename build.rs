//! Builds the built-in plugins and embeds them.
//!
//! Each is built for WebAssembly into a target folder of its own, packed as
//! `wardline plugin build` packs any plugin, and compiled ahead of time for the
//! baseline CPU of this build's target. Nothing of them is committed.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use wardline_engine::plugin::{host, pack, section, set};

const TARGET: &str = "wasm32-unknown-unknown";

fn main() {
    let root = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets CARGO_MANIFEST_DIR"));
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    for input in ["plugins", "plugin-sdk", "wit", "Cargo.lock", "build.rs"] {
        println!("cargo::rerun-if-changed={}", root.join(input).display());
    }
    let names = plugins(&root.join("plugins"));
    if let Err(problem) = build(&root, &out, &names) {
        println!("cargo::error={problem}");
        std::process::exit(1);
    }
    let mut code = String::from(
        "/// The built-in plugins, by id.\npub(crate) const BUNDLES: &[wardline_engine::plugin::set::Bundle] = &[\n",
    );
    for name in &names {
        match embed(&out, name) {
            Ok(digest) => {
                let _ = writeln!(
                    code,
                    "wardline_engine::plugin::set::Bundle {{ manifest: include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{name}.json\")), pages: include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{name}.pages\")), digest: \"{digest}\", native: include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{name}.native\")) }},"
                );
            }
            Err(problem) => {
                println!("cargo::error=plugin `{name}`: {problem}");
                std::process::exit(1);
            }
        }
    }
    code.push_str("];\n");
    std::fs::write(out.join("bundles.rs"), code).expect("OUT_DIR can be written to");
}

/// The folders in `plugins/`, sorted.
fn plugins(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("plugins/ is part of the sources");
    let mut names: Vec<String> = entries
        .flatten()
        .filter(|entry| entry.path().join("plugin.toml").exists())
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    names.sort();
    names
}

/// Builds all plugins with one cargo run.
fn build(root: &Path, out: &Path, names: &[String]) -> Result<(), String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command
        .current_dir(root)
        .args(["build", "--locked", "--lib", "--profile", "guest", "--target", TARGET, "--target-dir"])
        .arg(out.join("guests"));
    for name in names {
        command.args(["-p", &format!("wardline-{name}")]);
    }
    // What was set for the machine's own code is not meant for the guests.
    for (key, _) in std::env::vars_os() {
        let key = key.to_string_lossy().into_owned();
        let of_cargo = key.starts_with("CARGO_")
            && key != "CARGO_HOME"
            && !key.starts_with("CARGO_NET_")
            && !key.starts_with("CARGO_HTTP_")
            && !key.starts_with("CARGO_REGISTRIES_")
            && !key.starts_with("CARGO_SOURCE_");
        let of_rustc = key.starts_with("RUSTC")
            || matches!(
                key.as_str(),
                "RUSTFLAGS"
                    | "RUSTDOCFLAGS"
                    | "TARGET"
                    | "HOST"
                    | "OUT_DIR"
                    | "OPT_LEVEL"
                    | "DEBUG"
                    | "PROFILE"
            );
        if of_cargo || (of_rustc && !matches!(key.as_str(), "RUSTC" | "RUSTC_BOOTSTRAP")) {
            command.env_remove(key);
        }
    }
    command.env("CARGO_ENCODED_RUSTFLAGS", "");
    let output = command.output().map_err(|error| format!("cargo can not be run: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    if said.contains("can't find crate for `core`") || said.contains("target may not be installed") {
        return Err(format!(
            "the built-in plugins need the target {TARGET}: run `rustup target add {TARGET}`"
        ));
    }
    let lines: Vec<&str> = said.lines().collect();
    Err(format!(
        "building the built-in plugins failed:\n{}",
        lines[lines.len().saturating_sub(60)..].join("\n")
    ))
}

/// Packs one plugin, compiles it ahead of time, and gives its digest.
fn embed(out: &Path, name: &str) -> Result<String, String> {
    let module = out.join(format!("guests/{TARGET}/guest/wardline_{}.wasm", name.replace('-', "_")));
    let module = std::fs::read(&module).map_err(|error| format!("{}: {error}", module.display()))?;
    let component = pack::pack(&module).map_err(|error| error.to_string())?;
    let manifest = section::manifest(&component).map_err(|error| error.to_string())?;
    if manifest.id != name {
        return Err(format!("its id is `{}`", manifest.id));
    }
    let native = host::compile_ahead(&component, true)?;
    let part = |section: &str| section::find(&component, section).ok().flatten().unwrap_or(b"{}").to_vec();
    for (extension, bytes) in
        [("json", part(section::MANIFEST)), ("pages", part(section::PAGES)), ("native", native)]
    {
        std::fs::write(out.join(format!("{name}.{extension}")), bytes).map_err(|error| error.to_string())?;
    }
    Ok(set::digest(&component))
}
