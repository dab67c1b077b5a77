//! The crates depend on each other in one direction only, and nothing below the
//! editor's side can reach the network.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

fn metadata() -> serde_json::Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked"])
        .current_dir(crate::support::root())
        .output()
        .expect("cargo runs");
    serde_json::from_slice(&output.stdout).expect("cargo prints JSON")
}

fn edges(metadata: &serde_json::Value) -> BTreeMap<String, BTreeSet<(String, bool)>> {
    let packages = metadata["packages"].as_array().expect("packages");
    let ours = |package: &&serde_json::Value| package["source"].is_null();
    packages
        .iter()
        .filter(ours)
        .map(|package| {
            let name = package["name"].as_str().expect("a name").to_owned();
            let dependencies = package["dependencies"].as_array().expect("dependencies").iter();
            let of_ours =
                dependencies.filter(|dependency| dependency["path"].is_string()).map(|dependency| {
                    (dependency["name"].as_str().expect("a name").to_owned(), dependency["kind"] == "dev")
                });
            (name, of_ours.collect())
        })
        .collect()
}

#[test]
fn the_crates_depend_in_one_direction() {
    let edges = edges(&metadata());
    for (from, to) in &edges {
        for (to, is_dev) in to {
            let allowed = match (from.as_str(), to.as_str()) {
                ("wardline", "wardline-engine" | "wardline-lsp") => true,
                ("wardline-lsp", "wardline-engine") => true,
                // Benchmarks link the built-in plugins, to compare the sandbox with.
                ("wardline", _) => *is_dev,
                ("wardline-engine" | "wardline-plugin", _) => false,
                (_, "wardline-plugin") => true,
                // Plugins may run their fixtures natively.
                (_, "wardline-engine") => *is_dev,
                _ => false,
            };
            assert!(allowed, "{from} must not depend on {to}");
        }
    }
    assert!(edges.contains_key("wardline-secrets") && edges.contains_key("wardline-code"));
}

#[test]
fn the_engine_has_no_network_and_no_protocol() {
    let metadata = metadata();
    let nodes = metadata["resolve"]["nodes"].as_array().expect("nodes");
    let name = |id: &serde_json::Value| {
        id.as_str().unwrap_or_default().rsplit(['#', '/']).next().unwrap_or_default().to_owned()
    };
    let mut reached = BTreeSet::new();
    let mut todo: Vec<&serde_json::Value> =
        nodes.iter().filter(|node| node["id"].as_str().is_some_and(|id| id.contains("/engine#"))).collect();
    assert_eq!(todo.len(), 1);
    while let Some(node) = todo.pop() {
        for dependency in node["deps"].as_array().into_iter().flatten() {
            let is_run =
                dependency["dep_kinds"].as_array().into_iter().flatten().any(|kind| kind["kind"].is_null());
            if is_run && reached.insert(name(&dependency["pkg"])) {
                todo.extend(nodes.iter().filter(|node| node["id"] == dependency["pkg"]));
            }
        }
    }
    for banned in ["tokio", "reqwest", "hyper", "tower-lsp-server", "clap", "socket2", "wasmtime-wasi"] {
        assert!(!reached.iter().any(|name| name.starts_with(&format!("{banned}@"))), "{banned}");
    }
    assert!(reached.iter().any(|name| name.starts_with("wasmtime@")));
}

#[test]
fn the_sdk_carries_a_fresh_copy_of_the_contract() {
    let contract =
        std::fs::read_to_string(crate::support::root().join("wit/v0/wardline.wit")).expect("the contract");
    crate::support::expect("plugin-sdk/wit/wardline.wit", &contract);
}
