//! The same bytes out, whatever the machine does.

use crate::support::{command, root, text, tree, wardline};

fn report(folder: &std::path::Path, arguments: &[&str]) -> String {
    let mut all = vec!["check", "--exit-zero", "--date", "2026-11-22"];
    all.extend(arguments);
    text(&wardline(folder, &all)).0
}

#[test]
fn d1_the_number_of_threads_does_not_show() {
    let acme = root().join("tests/projects/acme");
    for format in ["json", "sarif", "text"] {
        let one = report(&acme, &["--format", format, "--threads", "1"]);
        for threads in ["2", "8", "32"] {
            assert!(
                one == report(&acme, &["--format", format, "--threads", threads]),
                "{format} with {threads} threads"
            );
        }
    }
}

#[test]
fn d3_place_and_environment_do_not_show() {
    let acme = root().join("tests/projects/acme");
    let here = report(&acme, &["--format", "json"]);
    assert!(here == report(root(), &["tests/projects/acme", "--format", "json"]));
    let output = command(&acme, &["check", "--exit-zero", "--date", "2026-11-22", "--format", "json"])
        .env("HOME", "/nowhere")
        .env("LANG", "de_DE.UTF-8")
        .env("TZ", "Asia/Tokyo")
        .env("COLUMNS", "200")
        .output()
        .expect("it runs");
    assert!(here == text(&output).0);
}

#[test]
fn d2_the_order_of_creation_does_not_show() {
    let files: Vec<(String, Vec<u8>)> = (0..40)
        .map(|index| {
            (format!("f{index}.py"), format!("import pickle\npickle.loads(data{index})\n").into_bytes())
        })
        .collect();
    let forward: Vec<(&str, &[u8])> =
        files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())).collect();
    let mut backward = forward.clone();
    backward.reverse();
    let first = tree(&forward);
    let second = tree(&backward);
    let reports: Vec<String> =
        [&first, &second].iter().map(|folder| report(folder.path(), &["--format", "json"])).collect();
    assert!(reports[0] == reports[1]);
    assert!(reports[0].contains("f39.py"));
}
