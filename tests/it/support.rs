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

/// A run of the binary and what it cost.
pub(crate) struct Measured {
    /// What it wrote and how it ended.
    pub(crate) output: Output,
    /// Time of a processor that it used; a busy machine makes no difference.
    pub(crate) milliseconds: u64,
    /// The most memory that one of its processes had at once.
    pub(crate) peak_mib: u64,
}

const MEASURED: &str = "WARDLINE_TEST_MEASURED";

/// Runs a command and measures it.
///
/// Another process starts it, a small one: the memory of whoever starts a
/// process counts as that of the process.
#[cfg(target_os = "linux")]
pub(crate) fn measured(command: &Command) -> Measured {
    let text = |word: &std::ffi::OsStr| word.to_str().expect("UTF-8").to_owned();
    let variables: Vec<(String, Option<String>)> =
        command.get_envs().map(|(key, value)| (text(key), value.map(text))).collect();
    let words: Vec<String> =
        std::iter::once(command.get_program()).chain(command.get_args()).map(text).collect();
    let folder = command.get_current_dir().map_or_else(|| PathBuf::from("."), Path::to_owned);
    let outcome = tempfile::tempdir().expect("a temporary folder");
    let task = serde_json::json!({
        "words": words, "variables": variables, "folder": folder, "outcome": outcome.path(),
    });
    let status = Command::new(std::env::current_exe().expect("this process has a file"))
        .args(["--exact", "support::measuring"])
        .env(MEASURED, task.to_string())
        .output()
        .expect("this process can be started again");
    assert!(status.status.success(), "{}", String::from_utf8_lossy(&status.stderr));
    let read = |name: &str| std::fs::read(outcome.path().join(name)).expect("it was written");
    let numbers = String::from_utf8(read("numbers")).expect("digits");
    let numbers: Vec<i64> = numbers.split(' ').map(|number| number.parse().expect("a number")).collect();
    let unsigned = |number: i64| u64::try_from(number).expect("not negative");
    Measured {
        output: Output {
            status: std::os::unix::process::ExitStatusExt::from_raw(
                i32::try_from(numbers[0]).expect("a status"),
            ),
            stdout: read("out"),
            stderr: read("err"),
        },
        milliseconds: unsigned(numbers[1]),
        peak_mib: unsigned(numbers[2]),
    }
}

/// What the small process of [`measured`] does.
#[cfg(target_os = "linux")]
#[test]
#[allow(unsafe_code)]
fn measuring() {
    #[derive(serde::Deserialize)]
    struct Task {
        words: Vec<String>,
        variables: Vec<(String, Option<String>)>,
        folder: PathBuf,
        outcome: PathBuf,
    }
    let Some(task) = std::env::var_os(MEASURED) else { return };
    let task: Task = serde_json::from_str(task.to_str().expect("UTF-8")).expect("a task");
    let file = |name: &str| std::fs::File::create(task.outcome.join(name)).expect("a file");
    let mut command = Command::new(&task.words[0]);
    command.args(&task.words[1..]).current_dir(task.folder).stdin(std::process::Stdio::null());
    command.env_clear().stdout(file("out")).stderr(file("err"));
    command.envs(task.variables.into_iter().filter_map(|(key, value)| Some((key, value?))));
    let child = command.spawn().expect("it starts");
    let process = libc::pid_t::try_from(child.id()).expect("a process id");
    let mut status = 0;
    // SAFETY: all zeros is a value of this structure; both outlive the call.
    let (ended, usage) = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        (libc::wait4(process, &raw mut status, 0, &raw mut usage), usage)
    };
    assert_eq!(ended, process, "{}", std::io::Error::last_os_error());
    let milliseconds: i64 =
        [usage.ru_utime, usage.ru_stime].iter().map(|time| time.tv_sec * 1_000 + time.tv_usec / 1_000).sum();
    let numbers = format!("{status} {milliseconds} {}", usage.ru_maxrss / 1024);
    std::fs::write(task.outcome.join("numbers"), numbers).expect("a file");
}

/// Seconds of a processor that this process used so far.
pub(crate) fn processor_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("Linux has it");
    let fields: Vec<&str> = stat.rsplit_once(')').expect("the name ends").1.split_whitespace().collect();
    // In hundredths of a second, on every Linux there is.
    fields[11..13].iter().map(|ticks| ticks.parse::<f64>().expect("a number") / 100.0).sum()
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
