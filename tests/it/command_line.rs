//! The commands, as a user types them.

use crate::support::{command, root, text, tree, wardline};
use std::io::Write as _;
use std::process::Stdio;

const PICKLE: &[u8] = b"import pickle\npickle.loads(data)\n";

fn code(folder: &std::path::Path, arguments: &[&str]) -> Option<i32> {
    wardline(folder, arguments).status.code()
}

#[test]
fn exit_codes_say_what_happened() {
    let folder = tree(&[("a.py", PICKLE), ("clean.py", b"print(1)\n")]);
    let folder = folder.path();
    for (arguments, expected) in [
        (&["check"][..], 1),
        (&["check", "clean.py"], 0),
        (&["check", "--exit-zero"], 0),
        (&["check", "--fail-on", "critical:high"], 0),
        (&["check", "--fail-on", "info:low"], 1),
        (&["check", "--skip", "code/*"], 0),
        (&["check", "--only", "code/unsafe-deserialization"], 1),
        (&["check", "--only", "code/no-such-rule"], 2),
        (&["check", "--fail-on", "grave"], 2),
        (&["check", "--format", "morse"], 2),
        (&["check", "nowhere"], 2),
        (&["check", "--since", "HEAD"], 2),
        (&["frobnicate"], 2),
        (&["--help"], 0),
        (&["check", "--help"], 0),
        (&["rules"], 0),
        (&["explain", "code/unsafe-deserialization"], 0),
        (&["explain", "code/unsafe-deserialisation"], 2),
        (&["doctor"], 0),
        (&["completions", "bash"], 0),
        (&["man"], 0),
        (&["config", "show", "--origin"], 0),
        (&["config", "schema"], 0),
    ] {
        let output = wardline(folder, arguments);
        assert_eq!(output.status.code(), Some(expected), "{arguments:?}: {:?}", text(&output));
    }
}

#[test]
fn standard_input_is_checked_under_its_name() {
    let folder = tree(&[]);
    let mut child =
        command(folder.path(), &["check", "-", "--stdin-filename", "app/load.py", "--format", "concise"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it starts");
    child.stdin.take().expect("piped").write_all(PICKLE).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output).0.starts_with("app/load.py:2:1: "), "{}", text(&output).0);
}

#[test]
fn several_reports_come_out_of_one_run() {
    let folder = tree(&[("a.py", PICKLE)]);
    let folder = folder.path();
    let output =
        wardline(folder, &["check", "-f", "sarif=out.sarif", "-f", "json=out.json", "-f", "concise"]);
    assert_eq!(output.status.code(), Some(1));
    let sarif: serde_json::Value =
        serde_json::from_slice(&std::fs::read(folder.join("out.sarif")).expect("written")).expect("JSON");
    assert_eq!(sarif["version"], "2.1.0");
    let rule = sarif["runs"][0]["tool"]["driver"]["rules"]
        .as_array()
        .expect("rules")
        .iter()
        .find(|rule| rule["id"] == "code/unsafe-deserialization")
        .expect("listed");
    assert!(
        rule["properties"]["requirements"].as_array().is_some_and(|ids| ids.iter().any(|id| id == "S031")),
        "{rule}"
    );
    // The reports are not checked in the next run.
    let again = wardline(folder, &["check", "-f", "json=out.json", "-f", "sarif=out.sarif"]);
    assert_eq!(again.status.code(), Some(1));
}

#[test]
fn a_baseline_accepts_what_is_there_and_nothing_else() {
    let folder = tree(&[("a.py", PICKLE)]);
    let folder = folder.path();
    assert_eq!(code(folder, &["baseline", "create"]), Some(0));
    assert_eq!(code(folder, &["check"]), Some(0));
    // Edits above it, reformatting and a rename leave it accepted.
    std::fs::remove_file(folder.join("a.py")).expect("there");
    std::fs::write(folder.join("b.py"), "import pickle\n\n\n# moved\npickle.loads(\n    data\n)\n")
        .expect("a file");
    assert_eq!(code(folder, &["check"]), Some(0), "{:?}", text(&wardline(folder, &["check"])));
    std::fs::write(folder.join("c.py"), "import pickle\npickle.loads(other)\n").expect("a file");
    assert_eq!(code(folder, &["check"]), Some(1));
    assert_eq!(code(folder, &["baseline", "create"]), Some(2));
    assert_eq!(code(folder, &["baseline", "update"]), Some(0));
    assert_eq!(code(folder, &["check"]), Some(0));
    std::fs::remove_file(folder.join("c.py")).expect("there");
    assert_eq!(code(folder, &["baseline", "prune"]), Some(0));
    let left = std::fs::read_dir(folder.join(".wardline/accepted")).expect("a folder").count();
    assert_eq!(left, 1);
}

#[test]
fn the_configuration_decides_and_its_errors_point_into_it() {
    let config = b"[gate]\nfail-on = \"critical\"\n\n[rules]\n\"code/unsafe-deserialization\" = \"low\"\n";
    let folder = tree(&[("a.py", PICKLE), ("wardline.toml", config)]);
    let folder = folder.path();
    assert_eq!(code(folder, &["check"]), Some(0));
    let (out, _) = text(&wardline(folder, &["check", "-f", "concise"]));
    assert!(out.contains(": low code/unsafe-deserialization"), "{out}");
    std::fs::write(folder.join("wardline.toml"), "[rules]\n\"code/unsafe-deserialisation\" = \"off\"\n")
        .expect("a file");
    let output = wardline(folder, &["check"]);
    assert_eq!(output.status.code(), Some(2));
    let (_, err) = text(&output);
    assert!(err.contains("wardline.toml:2") && err.contains("code/unsafe-deserialization"), "{err}");
}

#[test]
fn why_names_the_first_condition_that_fails() {
    let folder = tree(&[
        ("a.py", PICKLE),
        ("b.js", b"pickle.loads(x)\n"),
        (".gitignore", b"ignored.py\n"),
        ("ignored.py", PICKLE),
    ]);
    for (place, rule, expected) in [
        ("a.py:2", "code/unsafe-deserialization", "yes it fails the run"),
        ("a.py:1", "code/unsafe-deserialization", "elsewhere in this file it fires: line 2"),
        ("b.js:1", "code/unsafe-deserialization", "NO  its languages, paths and traits fit the file"),
        ("a.py:2", "secrets/github-token", "NO  one of its keywords occurs in the file"),
        (
            "ignored.py:2",
            "code/unsafe-deserialization",
            "NO  `check` skips `ignored.py`: named in an ignore file",
        ),
    ] {
        let (out, err) = text(&wardline(folder.path(), &["why", place, rule]));
        assert!(out.contains(expected), "{place} {rule}: {out}{err}");
    }
}

#[test]
fn since_counts_only_what_is_new() {
    let folder = tree(&[("a.py", PICKLE)]);
    let git = |arguments: &[&str]| {
        let done = std::process::Command::new("git")
            .args(["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main"])
            .args(arguments)
            .current_dir(folder.path())
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .output()
            .expect("git runs");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    };
    git(&["init", "-q"]);
    git(&["add", "."]);
    git(&["commit", "-qm", "first"]);
    assert_eq!(
        code(folder.path(), &["check", "--since", "HEAD"]),
        Some(0),
        "{:?}",
        text(&wardline(folder.path(), &["check", "--since", "HEAD"]))
    );
    std::fs::write(folder.path().join("b.py"), "import pickle\n\npickle.loads(fresh)\n").expect("a file");
    assert_eq!(code(folder.path(), &["check", "--since", "HEAD"]), Some(1));
    // Staged is what counts with --staged, not what lies in the folder.
    assert_eq!(code(folder.path(), &["check", "--staged"]), Some(0));
    git(&["add", "."]);
    assert_eq!(code(folder.path(), &["check", "--staged"]), Some(1));
}

#[test]
fn fixes_are_shown_applied_and_checked_again() {
    let before = b"import yaml\n\nconfig = yaml.load(text)\n";
    let folder = tree(&[("a.py", before)]);
    let (diff, _) = text(&wardline(folder.path(), &["check", "--diff", "--unsafe-fixes"]));
    assert!(diff.contains("+config = yaml.safe_load(text)"), "{diff}");
    assert_eq!(std::fs::read(folder.path().join("a.py")).expect("there"), before);
    let output = wardline(folder.path(), &["check", "--fix", "--unsafe-fixes"]);
    assert_eq!(output.status.code(), Some(0), "{:?}", text(&output));
    assert_eq!(
        std::fs::read(folder.path().join("a.py")).expect("there"),
        b"import yaml\n\nconfig = yaml.safe_load(text)\n"
    );
}

#[test]
fn built_in_plugins_are_deserialised_not_compiled() {
    let output = wardline(
        root(),
        &["check", "tests/projects/acme", "--exit-zero", "--timings", "--format", "concise"],
    );
    let (_, err) = text(&output);
    assert!(err.contains("; 0 components compiled"), "{err}");
    assert!(err.contains("secrets"), "{err}");
}

#[test]
fn colour_is_for_those_who_want_it() {
    let folder = tree(&[("a.py", PICKLE)]);
    let plain = text(&wardline(folder.path(), &["check"])).0;
    assert!(!plain.contains('\u{1b}'));
    let coloured = text(&wardline(folder.path(), &["check", "--color", "always"])).0;
    assert!(coloured.contains("\u{1b}["));
    let forced = command(folder.path(), &["check"]).env("CLICOLOR_FORCE", "1").output().expect("it runs");
    assert!(text(&forced).0.contains("\u{1b}["));
    let both = command(folder.path(), &["check"])
        .env("CLICOLOR_FORCE", "1")
        .env("NO_COLOR", "1")
        .output()
        .expect("it runs");
    assert!(!text(&both).0.contains('\u{1b}'));
}

#[test]
fn a_repository_only_names_plugins() {
    let pinned = format!("[plugins.acme]\ndigest = \"sha256:{}\"\n", "0".repeat(64));
    let folder = tree(&[("a.py", b"print(1)\n"), ("wardline.toml", pinned.as_bytes())]);
    let output = wardline(folder.path(), &["check"]);
    assert_eq!(output.status.code(), Some(3), "{:?}", text(&output));
    assert!(text(&output).0.contains("acme"), "{:?}", text(&output));
    std::fs::write(folder.path().join("wardline.toml"), "[plugins.acme]\npath = \"./acme.wasm\"\n")
        .expect("a file");
    assert_eq!(code(folder.path(), &["check"]), Some(2));
}
