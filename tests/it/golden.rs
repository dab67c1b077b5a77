//! The articles' snippets: each must fire where it is wrong and stay silent
//! where it is right.

use crate::support::{root, text, wardline};
use std::collections::{BTreeMap, BTreeSet};

/// The snippets of this stage; the others belong to later issues.
const STAGE: &[&str] =
    &["g1", "g2", "g3", "g6", "g7", "g8", "g8-mounted", "g10", "g12", "g14", "g15", "g16", "g19"];

fn requirements() -> BTreeMap<String, BTreeSet<String>> {
    let (rules, _) = text(&wardline(root(), &["rules", "--format", "json"]));
    let rules: Vec<serde_json::Value> = serde_json::from_str(&rules).expect("JSON");
    rules
        .iter()
        .map(|rule| {
            let ids = rule["requirements"].as_array().into_iter().flatten().filter_map(|id| id.as_str());
            (rule["name"].as_str().unwrap_or_default().to_owned(), ids.map(str::to_owned).collect())
        })
        .collect()
}

#[test]
fn the_golden_snippets_fire_and_stay_silent() {
    let of_rule = requirements();
    let served: BTreeSet<&String> = of_rule.values().flatten().collect();
    let mut wrong = Vec::new();
    for name in STAGE {
        let source = root().join("tests/golden").join(name);
        // Copied out of `tests/`: a snippet is not test code.
        let folder = tempfile::tempdir().expect("a temporary folder");
        copy(&source, folder.path());
        let (json, error) = text(&wardline(folder.path(), &["check", "--format", "json", "--exit-zero"]));
        let report: serde_json::Value =
            serde_json::from_str(&json).unwrap_or_else(|_| panic!("{name}: {error}"));
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        let mut sure: BTreeSet<&str> = BTreeSet::new();
        for finding in report["findings"].as_array().expect("findings") {
            let rule = finding["rule"].as_str().unwrap_or_default();
            let is_lead = finding["confidence"] == "low";
            for id in of_rule.get(rule).into_iter().flatten() {
                *counts.entry(id).or_default() += 1;
                if !is_lead {
                    sure.insert(id);
                }
            }
            if finding["class"] == "example" {
                *counts.entry("S005").or_default() += 1;
            }
        }
        let expected: toml::Table =
            toml::from_str(&std::fs::read_to_string(source.join("expect.toml")).expect("expect.toml"))
                .expect("TOML");
        let list = |key: &str| -> Vec<String> {
            let values = expected.get(key).and_then(toml::Value::as_array).into_iter().flatten();
            values.filter_map(toml::Value::as_str).map(str::to_owned).collect()
        };
        for id in list("fires") {
            let at_least = expected
                .get("counts")
                .and_then(|counts| counts.get(&id))
                .and_then(toml::Value::as_integer)
                .and_then(|count| usize::try_from(count).ok())
                .unwrap_or(1);
            let got = counts.get(id.as_str()).copied().unwrap_or_default();
            if served.contains(&id) && got < at_least {
                wrong.push(format!("{name}: {id} fires {got} times, not {at_least}"));
            }
        }
        for id in list("silent") {
            if counts.contains_key(id.as_str()) {
                wrong.push(format!("{name}: {id} fires and should be silent"));
            }
        }
        for id in list("leads") {
            if sure.contains(id.as_str()) {
                wrong.push(format!("{name}: {id} fires as more than a lead"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    for entry in std::fs::read_dir(from).expect("a folder").flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            std::fs::create_dir_all(&target).expect("a folder");
            copy(&entry.path(), &target);
        } else if entry.file_name() != "expect.toml" {
            std::fs::copy(entry.path(), target).expect("a file");
        }
    }
}
