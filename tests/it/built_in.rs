//! The built-in plugins pass what any plugin has to pass: every example on every
//! page runs in the sandbox and natively, and gives the same.

use crate::support::{command, root, text};

#[test]
fn every_page_and_fixture_of_the_built_in_plugins_holds() {
    let plugins = std::fs::read_dir(root().join("plugins")).expect("plugins/").flatten();
    for plugin in plugins.filter(|plugin| plugin.path().join("plugin.toml").exists()) {
        let folder = format!("plugins/{}", plugin.file_name().to_string_lossy());
        let output = wardline_with_home(&["plugin", "test", &folder]);
        let (out, err) = text(&output);
        assert_eq!(output.status.code(), Some(0), "{out}{err}");
        assert!(out.contains("everything passed"), "{out}");
        assert!(!out.contains("not compared"), "{out}");
    }
}

/// cargo needs its own environment to build a plugin.
fn wardline_with_home(arguments: &[&str]) -> std::process::Output {
    let mut command = command(root(), arguments);
    for key in ["HOME", "CARGO_HOME", "RUSTUP_HOME", "CARGO_NET_OFFLINE"] {
        if let Some(value) = std::env::var_os(key) {
            command.env(key, value);
        }
    }
    command.output().expect("the binary runs")
}
