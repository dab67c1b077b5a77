//! The example company, as the README shows it.

use crate::support::{expect, root, text, wardline};

#[test]
fn the_example_project_gives_the_expected_findings() {
    let output = wardline(
        root(),
        &[
            "check",
            "tests/projects/acme",
            "--exit-zero",
            "--format",
            "concise",
            "--show",
            "unknown",
            "--date",
            "2026-11-22",
        ],
    );
    assert_eq!(output.status.code(), Some(0), "{}", text(&output).1);
    expect("tests/expectations/acme.txt", &text(&output).0);
}

#[test]
fn the_readme_shows_the_summary_of_the_example_project() {
    let output = wardline(root(), &["check", "tests/projects/acme", "--exit-zero", "--date", "2026-11-22"]);
    let (out, _) = text(&output);
    let summary = out.trim_end().rsplit("\n\n").next().expect("a summary");
    let readme = std::fs::read_to_string(root().join("README.md")).expect("a README");
    assert!(readme.contains(summary), "the README should show:\n{summary}");
}

#[test]
fn nothing_is_shown_of_a_secret_but_its_start() {
    for format in ["text", "json", "sarif", "github", "gitlab", "junit", "rdjson", "concise"] {
        let output = wardline(root(), &["check", "tests/projects/acme", "--exit-zero", "--format", format]);
        let (mut out, err) = text(&output);
        if format == "sarif" {
            // The rules' pages have examples of their own.
            let mut log: serde_json::Value = serde_json::from_str(&out).expect("JSON");
            log["runs"][0]["tool"]["driver"]["rules"].take();
            out = log.to_string();
        }
        for secret in
            ["supersecretjwtkey", "password123", "wJalrXUtnFEMI/K7MDENG", "sk_live_51234567890abcdef"]
        {
            assert!(!out.contains(secret) && !err.contains(secret), "{format} shows {secret}");
        }
    }
}
