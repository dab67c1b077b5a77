//! `wardline plugin`: from nothing to a tested plugin, as an outsider would.
//!
//! The plugin's crate lies outside of this workspace and knows nothing of it.
//! Its dependencies are those of the SDK, which this workspace has at hand.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// What cargo builds for the plugin is kept, so that a second run is quick.
fn scratch(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("plugin-new").join(name)
}

fn wardline(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_wardline"))
        .args(arguments)
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", scratch("target"))
        .env("CARGO_NET_OFFLINE", "true")
        .output()
        .expect("the binary runs")
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[track_caller]
fn check(folder: &Path, arguments: &[&str], status: i32, says: &[&str]) -> String {
    let output = wardline(folder, arguments);
    let text = text(&output);
    assert_eq!(output.status.code(), Some(status), "{arguments:?}:\n{text}");
    for words in says {
        assert!(text.contains(words), "{arguments:?} does not say `{words}`:\n{text}");
    }
    text
}

fn edit(file: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(file).expect("the new plugin has this file");
    assert!(text.contains(from), "{} holds no `{from}`", file.display());
    fs::write(file, text.replace(from, to)).expect("it can be written");
}

#[test]
fn a_new_plugin_passes_its_tests_until_it_is_broken() {
    let folder = scratch("crates");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("the test's own folder");
    check(&folder, &["plugin", "new", "acme-rules"], 0, &["started plugin `acme-rules`"]);
    let plugin = folder.join("acme-rules");
    // The versions that are at hand, so that the test needs no network.
    let lock = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.lock");
    fs::copy(lock, plugin.join("Cargo.lock")).expect("it can be copied");

    let passed = check(&folder, &["plugin", "test", "acme-rules"], 0, &["everything passed"]);
    assert!(passed.contains("ok    unverified-context") && !passed.contains("FAIL"), "{passed}");
    assert!(!passed.contains("not compared with a native build"), "{passed}");

    // What was built is a plugin like any other.
    let file = scratch("target").join("wardline/acme-rules.wasm");
    let file = file.to_str().expect("a path in UTF-8");
    check(&folder, &["plugin", "test", file], 0, &["everything passed"]);
    check(&folder, &["plugin", "inspect", file], 0, &["exports   wardline:plugin/", "std/call"]);
    let json = check(&folder, &["plugin", "inspect", file, "--format", "json"], 0, &["\"built_in\": false"]);
    assert!(json.contains("\"unknown_imports\": []"), "{json}");
    fs::create_dir_all(folder.join("project")).expect("it can be made");
    fs::copy(plugin.join("fixtures/unverified-context/client.py"), folder.join("project/client.py"))
        .expect("it can be copied");
    // A project of its own, whatever repository the folder is in.
    fs::write(folder.join("project/wardline.toml"), "").expect("it can be written");
    let arguments = ["check", "--format", "concise", "--plugin", file, "project"];
    check(&folder, &arguments, 1, &["acme-rules/unverified-context"]);

    // Breaking what it finds, or how it mends it, does not go unnoticed.
    edit(
        &plugin.join("src/rules/unverified_context.rs"),
        "\"create_default_context\"",
        "\"create_context(\"",
    );
    check(&folder, &["plugin", "test", "acme-rules"], 1, &["does not parse", "docs/unverified-context.md:"]);
    edit(
        &plugin.join("docs/unverified-context.md"),
        "ssl._create_unverified_context\"]",
        "ssl.wrap_socket\"]",
    );
    let says = [
        "FAIL  unverified-context",
        "this `bad` example has no finding",
        "expected  a finding of acme-rules/unverified-context",
        "fixtures/unverified-context/client.py:18: an expected finding is missing",
    ];
    check(&folder, &["plugin", "test", "acme-rules"], 1, &says);
}

#[test]
fn what_is_no_plugin_is_said_so() {
    let folder = scratch("odd");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("empty")).expect("the test's own folder");
    fs::write(folder.join("notes.wasm"), "not WebAssembly").expect("it can be written");
    for (arguments, says) in [
        (["plugin", "new", "Acme"], "no name for a plugin"),
        (["plugin", "test", "empty"], "wardline plugin new NAME"),
        (["plugin", "build", "empty"], "no `Cargo.toml`"),
        (["plugin", "test", "notes.wasm"], "not a WebAssembly component"),
        (["plugin", "inspect", "notes.wasm"], "not a WebAssembly component"),
        (["plugin", "inspect", "nobody"], "neither a file nor the id"),
    ] {
        check(&folder, &arguments, 2, &[says]);
    }
}
