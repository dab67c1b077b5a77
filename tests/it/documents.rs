//! Hostile and odd files; tests are named after their case in `docs/hostile.md`.

use crate::support::{command, text, tree, wardline};
use std::fmt::Write as _;

fn json(folder: &std::path::Path) -> serde_json::Value {
    let output = wardline(folder, &["check", "--format", "json", "--exit-zero"]);
    serde_json::from_str(&text(&output).0).unwrap_or_else(|_| panic!("{:?}", text(&output)))
}

fn found(report: &serde_json::Value) -> Vec<String> {
    let findings = report["findings"].as_array().expect("findings").iter();
    findings
        .map(|finding| {
            let place = &finding["place"];
            format!(
                "{}:{}:{} {}",
                place["path"].as_str().unwrap_or("?"),
                place["start"]["line"],
                place["start"]["column"],
                finding["rule"].as_str().unwrap_or("?")
            )
        })
        .collect()
}

const PICKLE: &str = "import pickle\npickle.loads(data)\n";

#[test]
fn i1_long_lines_and_large_files_are_searched_or_listed() {
    let line = format!(
        "var a = \"{}\"; JWT_SECRET = \"supersecretjwtkey\";{}",
        "x".repeat(300_000),
        "y".repeat(300_000)
    );
    let folder = tree(&[("long.js", line.as_bytes()), ("a.py", PICKLE.as_bytes())]);
    let sparse = std::fs::File::create(folder.path().join("huge.txt")).expect("a file");
    sparse.set_len(1 << 30).expect("a sparse file");
    let report = json(folder.path());
    assert!(found(&report).iter().any(|finding| finding.starts_with("long.js:1:")), "{report}");
    assert!(found(&report).iter().any(|finding| finding.starts_with("a.py:2:")));
    let (files, _) = text(&wardline(folder.path(), &["check", "--show-files"]));
    assert!(files.contains("huge.txt: skipped: larger than 64 MiB"), "{files}");
}

#[test]
fn i2_deep_nesting_crashes_nothing() {
    let mut files: Vec<(String, Vec<u8>)> = vec![("a.py".into(), PICKLE.into())];
    for (name, open, lead) in [
        ("n.json", "[", ""),
        ("n.py", "(", "import pickle\npickle.loads("),
        ("n.js", "[{a:", "eval("),
        ("n.tf", "a {\n", "resource \"aws_launch_template\" \"a\" {\n"),
        ("n.yaml", "[", "a: "),
        ("n.go", "{", "package a\nfunc a() { exec.Command("),
        ("n.php", "(", "<?php eval("),
        ("n.java", "(", "class A { Object a = Runtime.getRuntime().exec("),
    ] {
        files.push((name.into(), format!("{lead}{}", open.repeat(100_000)).into_bytes()));
    }
    let files: Vec<(&str, &[u8])> =
        files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())).collect();
    let folder = tree(&files);
    let report = json(folder.path());
    assert!(found(&report).iter().any(|finding| finding.starts_with("a.py:2:")), "{report}");
}

#[test]
fn i3_junk_is_cut_and_still_searched_for_text() {
    let mut random = 12_345_u32;
    let alphabet: Vec<char> = "{}[]()=\"$<>-%#/*ab1 \n,.:?!&|~".chars().collect();
    let mut junk = String::from("JWT_SECRET = \"supersecretjwtkey\"\nuser_data = <<EOF\nrequests\n");
    for _ in 0..200_000 {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        junk.push(alphabet[(random >> 16) as usize % alphabet.len()]);
    }
    let folder = tree(&[("junk.tf", junk.as_bytes()), ("junk.js", junk.as_bytes())]);
    let report = json(folder.path());
    assert!(found(&report).iter().any(|finding| finding.starts_with("junk.tf:1:")), "{report}");
}

#[test]
fn i11_binaries_are_skipped_by_policy() {
    let mut bytes = b"JWT_SECRET = \"supersecretjwtkey\"".to_vec();
    bytes.push(0);
    let folder = tree(&[("a.bin", &bytes), ("b.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")]);
    let report = json(folder.path());
    assert_eq!(found(&report), Vec::<String>::new());
    assert_eq!(wardline(folder.path(), &["check"]).status.code(), Some(0));
}

#[test]
fn i12_encodings_are_decoded_with_right_columns() {
    let secret = "# \u{e9}\u{1f600} JWT\nJWT_SECRET = \"supersecretjwtkey\"\n";
    let utf16: Vec<u8> =
        [0xff, 0xfe].into_iter().chain(secret.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let big: Vec<u8> =
        [0xfe, 0xff].into_iter().chain(secret.encode_utf16().flat_map(u16::to_be_bytes)).collect();
    let marked: Vec<u8> = [0xef, 0xbb, 0xbf].into_iter().chain(secret.bytes()).collect();
    let latin: Vec<u8> =
        [b'#', b' ', 0xe9, b'\n'].into_iter().chain(*b"JWT_SECRET = \"supersecretjwtkey\"").collect();
    let carriage = secret.replace('\n', "\r");
    let folder = tree(&[
        ("utf16le.py", &utf16),
        ("utf16be.py", &big),
        ("mark.py", &marked),
        ("latin.py", &latin),
        ("cr.py", carriage.as_bytes()),
        ("crlf.py", secret.replace('\n', "\r\n").as_bytes()),
    ]);
    let report = json(folder.path());
    let mut paths: Vec<String> =
        found(&report).iter().map(|finding| finding.split(' ').next().unwrap_or("").to_owned()).collect();
    paths.sort();
    let names = ["cr.py", "crlf.py", "latin.py", "mark.py", "utf16be.py", "utf16le.py"];
    let columns: Vec<&str> = paths.iter().filter_map(|path| path.split_once(':')).map(|(_, at)| at).collect();
    assert_eq!(paths.len(), names.len(), "{report}");
    assert!(columns.windows(2).all(|pair| pair[0] == pair[1]) && columns[0].starts_with("2:"), "{paths:?}");
}

#[test]
fn i10_odd_names_and_many_files_are_complete() {
    let mut files: Vec<(String, Vec<u8>)> =
        (0..3_000).map(|index| (format!("d/{index}.txt"), b"x\n".to_vec())).collect();
    for name in [
        "-leading.py",
        "with space.py",
        "new\nline.py",
        "esc\u{1b}[31m.py",
        "CON",
        "bidi\u{202e}.py",
        "#%?.py",
    ] {
        files.push((name.to_owned(), PICKLE.into()));
    }
    let files: Vec<(&str, &[u8])> =
        files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())).collect();
    let folder = tree(&files);
    let report = json(folder.path());
    assert_eq!(found(&report).len(), 6, "{report}");
    let (out, _) = text(&wardline(folder.path(), &["check", "--exit-zero"]));
    assert!(!out.contains('\u{1b}') && !out.contains('\u{202e}'));
}

#[test]
fn i14_a_file_that_vanishes_is_a_notice() {
    let folder = tree(&[("a.py", PICKLE.as_bytes())]);
    let output = wardline(folder.path(), &["check", "missing.py"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output).1.contains("missing.py"));
}

#[test]
fn i15_an_unreadable_file_makes_the_run_incomplete() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tree(&[("a.txt", b"x"), ("closed.txt", b"x")]);
    let closed = folder.path().join("closed.txt");
    std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o000)).expect("permissions");
    if std::fs::read(&closed).is_ok() {
        // The superuser reads everything.
        return;
    }
    assert_eq!(wardline(folder.path(), &["check"]).status.code(), Some(3));
    assert_eq!(wardline(folder.path(), &["check", "--allow-incomplete"]).status.code(), Some(0));
}

#[test]
fn i18_suppressions_are_counted_and_own_findings_can_not_be_allowed() {
    let mut many = String::new();
    for _ in 0..10_000 {
        let _ = writeln!(many, "x = 1  # wardline: allow(secrets/hardcoded-secret)");
    }
    let folder = tree(&[
        ("many.py", many.as_bytes()),
        (
            "one.py",
            b"import pickle\npickle.loads(data)  # wardline: allow(code/unsafe-deserialization) -- trusted\n",
        ),
        ("star.py", b"import pickle\npickle.loads(data)  # wardline: allow(*) -- all\n"),
    ]);
    let report = json(folder.path());
    let states = |path: &str| -> Vec<String> {
        report["findings"]
            .as_array()
            .expect("findings")
            .iter()
            .filter(|finding| finding["place"]["path"] == path)
            .map(|finding| {
                format!(
                    "{} {}",
                    finding["rule"].as_str().unwrap_or("?"),
                    finding["status"]["state"].as_str().unwrap_or("?")
                )
            })
            .collect()
    };
    assert_eq!(states("one.py"), ["code/unsafe-deserialization suppressed"]);
    assert_eq!(states("star.py"), ["code/unsafe-deserialization open", "wardline/invalid-allowance open"]);
    assert!(states("many.py").len() >= 1_000);
}

#[test]
fn embedded_documents_are_reported_where_they_stand() {
    let workflow = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - shell: python\n        run: |\n          import pickle\n          pickle.loads(open(\"x\", \"rb\").read())\n";
    let folder = tree(&[(".github/workflows/ci.yml", workflow.as_bytes())]);
    let report = json(folder.path());
    let all = found(&report);
    assert!(
        all.iter().any(|finding| finding == ".github/workflows/ci.yml:9:11 code/unsafe-deserialization"),
        "{all:?}"
    );
}

#[test]
fn f11_a_closed_output_ends_quietly() {
    use std::process::Stdio;
    let folder = tree(&[("a.py", PICKLE.repeat(500).as_bytes())]);
    let mut child = command(folder.path(), &["check", "--exit-zero"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output).1);
    assert!(!text(&output).1.contains("panicked"));
}

/// The process that checks, below the one that was started.
#[cfg(target_os = "linux")]
fn worker_of(process: u32) -> Option<i32> {
    let children = std::fs::read_to_string(format!("/proc/{process}/task/{process}/children")).ok()?;
    children.split_whitespace().next()?.parse().ok()
}

#[test]
#[cfg(target_os = "linux")]
#[allow(unsafe_code)]
fn f10_a_worker_that_dies_is_replaced_without_the_culprit() {
    use std::process::Stdio;
    let folder = tree(&[("a.txt", b"hostile: loop\n"), ("b.py", PICKLE.as_bytes())]);
    let plugin = crate::support::hostile_file().to_str().expect("UTF-8");
    let mut command =
        command(folder.path(), &["check", "--plugin", plugin, "--format", "json", "--threads", "1"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    // The loop runs for about two seconds; the worker is shot while it does.
    let shot = std::time::Instant::now();
    let mut worker = None;
    while worker.is_none() && shot.elapsed().as_secs() < 20 {
        worker = worker_of(child.id());
    }
    std::thread::sleep(std::time::Duration::from_millis(900));
    // SAFETY: a signal to a process that this test started.
    unsafe { libc::kill(worker.expect("there is a worker"), libc::SIGSEGV) };
    let output = child.wait_with_output().expect("it ends");
    let (out, err) = text(&output);
    let report: serde_json::Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}"));
    assert_eq!(output.status.code(), Some(1), "{out}{err}");
    assert!(found(&report).iter().any(|finding| finding.starts_with("b.py:2:")), "{out}");
    assert!(out.contains("check::crashed") || out.contains("plugin::out_of_fuel"), "{out}");
}
