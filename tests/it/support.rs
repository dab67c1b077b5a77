//! What the tests share: running the binary, trees, plugins, expectations.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Arc, OnceLock};
use wardline_engine::check::{Care, Checker, Outcome, Progress, Texts};
use wardline_engine::config::{Config, Date, Overrides, Sources};
use wardline_engine::plugin::host::Workers;
use wardline_engine::plugin::set::Plugin;

/// The repository's root.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A run of the binary, without the caller's environment.
pub(crate) fn wardline(folder: &Path, arguments: &[&str]) -> Output {
    command(folder, arguments).output().expect("the binary runs")
}

/// The same, to be changed before it is run.
pub(crate) fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wardline"));
    command
        .current_dir(folder)
        .args(arguments)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command
}

/// Standard output and error as text.
pub(crate) fn text(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("output is UTF-8");
    (text(&output.stdout), text(&output.stderr))
}

/// A temporary folder with these files.
pub(crate) fn tree(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (path, bytes) in files {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(path, bytes).expect("a file");
    }
    folder
}

/// Compares with a committed file, or rewrites it under `UPDATE=1`.
pub(crate) fn expect(path: &str, actual: &str) {
    let path = root().join(path);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(&path, actual).expect("the expectation can be written");
        return;
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        expected == actual,
        "{} is out of date; UPDATE=1 rewrites it\n--- expected\n{expected}\n--- actual\n{actual}",
        path.display()
    );
}

/// Builds a crate of `tests/guests` into a component.
pub(crate) fn guest(name: &str) -> Vec<u8> {
    let target = root().join("target/it-guests");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(root()).args([
        "build",
        "--quiet",
        "--locked",
        "--lib",
        "--profile",
        "guest",
        "--target",
        "wasm32-unknown-unknown",
        "-p",
    ]);
    cargo.arg(format!("wardline-{name}")).arg("--target-dir").arg(&target);
    for (key, _) in std::env::vars_os() {
        let key = key.to_string_lossy().into_owned();
        if key.starts_with("CARGO_") && key != "CARGO_HOME"
            || key.starts_with("RUSTFLAGS")
            || key.starts_with("RUSTC_W")
        {
            cargo.env_remove(key);
        }
    }
    let built = cargo.output().expect("cargo runs");
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let module =
        target.join(format!("wasm32-unknown-unknown/guest/wardline_{}.wasm", name.replace('-', "_")));
    let module = std::fs::read(module).expect("cargo wrote the module");
    wardline_engine::plugin::pack::pack(&module).expect("it packs")
}

/// The plugin that misbehaves as the document asks.
pub(crate) fn hostile() -> &'static [u8] {
    static BYTES: OnceLock<Vec<u8>> = OnceLock::new();
    BYTES.get_or_init(|| guest("hostile"))
}

/// A file with the bytes of the hostile plugin.
pub(crate) fn hostile_file() -> &'static Path {
    static FILE: OnceLock<PathBuf> = OnceLock::new();
    FILE.get_or_init(|| {
        let path = root().join("target/it-guests/hostile.wasm");
        std::fs::write(&path, hostile()).expect("the target folder can be written to");
        path
    })
}

/// Checks texts with plugins, in this process.
pub(crate) fn check(plugins: Vec<Plugin>, texts: &[(&str, &str)]) -> Outcome {
    let checker =
        Checker::new(plugins, no_configuration(), day()).expect("there is no configuration to be wrong");
    let texts = Texts::new(texts.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())));
    checker.check_all(workers(), &texts, &Progress::default(), &Care::NONE)
}

/// Threads for all tests.
pub(crate) fn workers() -> &'static Arc<Workers> {
    static WORKERS: OnceLock<Arc<Workers>> = OnceLock::new();
    WORKERS.get_or_init(|| Arc::new(Workers::start(2).expect("threads")))
}

/// The configuration of a folder without one.
pub(crate) fn no_configuration() -> Config {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let sources =
        Sources { start: folder.path().to_owned(), user_file: None, overrides: Overrides::default() };
    wardline_engine::config::load(&sources).expect("an empty folder has no bad configuration")
}

/// A day for allowances to expire on.
pub(crate) fn day() -> Date {
    Date::new(2026, 11, 22).expect("a day")
}
