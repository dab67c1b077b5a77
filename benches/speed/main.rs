//! How long whole runs take, as ratios within one run of this benchmark:
//!
//! ```sh
//! cargo bench --locked --bench speed -- FOLDER...
//! ```
//!
//! Each row is a whole process: start, walk, check, report. The rows of one
//! table take turns, so that a machine that slows down slows down all of them.
//! Other scanners are measured where they are installed. `--runs N` sets how
//! often, `--only WORD` chooses rows.

mod linked;
mod measure;
mod parse;

use measure::{Row, Table};
use std::path::{Path, PathBuf};
use std::process::Command;

fn main() {
    let mut arguments: Vec<String> =
        std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    // The benchmark runs itself for what `wardline` has no command for.
    match arguments.first().map(String::as_str) {
        Some("parse") => return parse::run(Path::new(&arguments[1])),
        Some("linked") => return linked::run(Path::new(&arguments[1]), true),
        Some("sandboxed") => return linked::run(Path::new(&arguments[1]), false),
        _ => {}
    }
    let mut option = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        let value = arguments.get(at + 1).cloned();
        arguments.drain(at..(at + 2).min(arguments.len()));
        value
    };
    let runs = option("--runs").and_then(|runs| runs.parse().ok()).unwrap_or(5);
    let only = option("--only").unwrap_or_default();
    println!("{runs} runs each, {} cores; seconds are medians", cores());
    small_file(runs, &only);
    for folder in &arguments {
        let folder = Path::new(folder).canonicalize().expect("the folder exists");
        project(&folder, runs, &only);
    }
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// `wardline check` as installed.
fn wardline(arguments: &[&str], path: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wardline"));
    command.args(["check", "--exit-zero", "--allow-incomplete", "--no-progress"]).args(arguments).arg(path);
    command
}

/// Another program with its arguments; the path comes last.
fn other(program: &str, arguments: &[&str], path: &Path) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).arg(path);
    command
}

fn itself(mode: &str, path: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this program has a path"));
    command.arg(mode).arg(path);
    command
}

/// What a developer waits for on every commit.
fn small_file(runs: usize, only: &str) {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let file = folder.path().join("app.py");
    let text =
        "import subprocess\n\n\ndef backup(name):\n    subprocess.run(f\"pg_dump {name}\", shell=True)\n";
    std::fs::write(&file, text).expect("it can be written");
    let file: PathBuf = file.canonicalize().expect("it is there");
    Table::new("one small file", runs, only)
        .row(Row::new("wardline check", || wardline(&[], &file)))
        .row(Row::new("ruff check", || {
            other("ruff", &["check", "--isolated", "--no-cache", "--exit-zero"], &file)
        }))
        .row(Row::new("zizmor --version", || other("zizmor", &["--version"], Path::new("."))))
        .row(Row::new("detect-secrets scan", || other("detect-secrets", &["scan"], &file)))
        .print();
}

/// A folder as a whole.
fn project(folder: &Path, runs: usize, only: &str) {
    let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Table::new(&name, runs, only)
        .row(Row::new("wardline check", || wardline(&[], folder)))
        .row(Row::new("wardline check, secrets only", || wardline(&["--only", "secrets/*"], folder)))
        .row(Row::new("ripgrep, one literal", || {
            other("rg", &["-c", "--hidden", "AKIAIOSFODNN7EXAMPLE"], folder)
        }))
        .row(Row::new("tree-sitter alone", || itself("parse", folder)))
        .row(Row::new("rules linked natively", || itself("linked", folder)))
        .row(Row::new("rules in the sandbox", || itself("sandboxed", folder)))
        .ratio("wardline check", "tree-sitter alone")
        .ratio("wardline check, secrets only", "ripgrep, one literal")
        .ratio("rules in the sandbox", "rules linked natively")
        .print();
}
