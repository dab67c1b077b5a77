//! Hostile and odd files; tests are named after their case in `docs/hostile.md`.

use crate::support::{command, measured, text, tree, wardline};
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
fn i4_yaml_bombs_stay_as_small_as_they_are_written() {
    let start = "# requests run script user_data\nrun: requests\n";
    let aliases = |width: usize, levels: usize| {
        (1..levels).fold(String::from("a0: &a0 lol\n"), |mut text, level| {
            let _ =
                writeln!(text, "a{level}: &a{level} [{}]", vec![format!("*a{}", level - 1); width].join(","));
            text
        })
    };
    let many = |count: usize, line: &dyn Fn(usize) -> String| (0..count).map(line).collect::<String>();
    let files = [
        ("9-5.yml", aliases(9, 5)),
        ("9-12.yml", aliases(9, 12)),
        ("9-200.yml", aliases(9, 200)),
        ("anchors.yml", many(1_000, &|index| format!("k{index}: &k{index} {{v: {index}}}\n"))),
        (
            "merge.yml",
            many(1_000, &|index| format!("m{}: &m{}\n  <<: [*m{index}, *m{index}]\n", index + 1, index + 1)),
        ),
        ("documents.yml", "---\na: 1\n".repeat(10_000)),
        ("tags.yml", many(10_000, &|index| format!("- !!python/object/apply:os.system{index} [id]\n"))),
        ("self.yml", "a: &a [*a, *a]\n<<: *a\n".into()),
        ("keys.yml", format!("? {}a\n", "&a !b ".repeat(20_000))),
    ]
    .map(|(name, text)| (format!(".github/workflows/{name}"), format!("{start}{text}").into_bytes()));
    let mut files: Vec<(&str, &[u8])> =
        files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())).collect();
    files.push(("a.py", PICKLE.as_bytes()));
    let folder = tree(&files);
    let run = measured(&command(folder.path(), &["check", "--format", "json", "--exit-zero"]));
    let report: serde_json::Value = serde_json::from_str(&text(&run.output).0).expect("JSON");
    assert_eq!(found(&report).len(), 1, "{report:#}");
    assert_eq!(report["summary"]["documents"], 10);
    println!("i4: {} ms, {} MiB", run.milliseconds, run.peak_mib);
    assert!(run.milliseconds < 5_000 && run.peak_mib < 512, "{} ms, {} MiB", run.milliseconds, run.peak_mib);
}

#[test]
fn i5_odd_json_is_read_or_left_and_never_ends_a_run() {
    let instance = |more: &str| {
        format!("{{\"Reservations\": [{{\"Instances\": [{{\"InstanceId\": \"i-1\", {more}}}]}}]}}")
    };
    let metadata = |token: &str| format!("\"MetadataOptions\": {{\"HttpTokens\": {token}}}");
    let open = metadata("\"optional\"");
    // What it is, and whether the instance in it is found to be open.
    let cases: Vec<(&str, String, bool)> = vec![
        ("plain", instance(&open), true),
        ("mark", format!("\u{feff}{}", instance(&open)), true),
        ("deep", format!("{}{}", instance(&open), "[".repeat(1_000_000)), false),
        (
            "deep-inside",
            instance(&format!("\"x\": {}{}, {open}", "[".repeat(1_000_000), "]".repeat(1_000_000))),
            false,
        ),
        ("number", instance(&format!("\"x\": {}, {open}", "9".repeat(1 << 20))), true),
        ("keys", instance(&format!("{}{open}", "\"x\": 1,".repeat(100_000))), true),
        ("surrogate", instance(&format!("\"x\": \"\\ud800\", {open}")), false),
        ("nan", instance(&format!("\"x\": NaN, {open}")), false),
        ("infinity", instance(&format!("\"x\": -Infinity, {open}")), false),
        ("comment", instance(&format!("/* x */ {open}")), false),
        ("nul", instance(&format!("\"x\": \"{}\0\", {open}", " ".repeat(9_000))), false),
        ("cut", instance(&open)[..60].to_owned(), false),
        ("trailing", format!("{}]", instance(&open)), false),
        ("empty", String::new(), false),
        ("two", format!("{}{}", instance(&open), instance(&open)), false),
    ];
    let files: Vec<(String, &[u8])> =
        cases.iter().map(|(name, text, _)| (format!("{name}.json"), text.as_bytes())).collect();
    let files: Vec<(&str, &[u8])> = files.iter().map(|(path, bytes)| (path.as_str(), *bytes)).collect();
    let folder = tree(&files);
    let run = measured(&command(folder.path(), &["check", "--format", "json", "--exit-zero"]));
    let (out, err) = text(&run.output);
    let report: serde_json::Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}"));
    let all = found(&report);
    for (name, _, is_open) in &cases {
        let open = all.iter().any(|finding| finding.starts_with(&format!("{name}.json:")));
        assert_eq!(open, *is_open, "{name}: {all:?}");
    }
    println!("i5: {} ms, {} MiB", run.milliseconds, run.peak_mib);
    assert!(run.milliseconds < 20_000, "{} ms", run.milliseconds);
}

#[test]
fn i5_a_key_that_is_there_twice_counts_as_parsers_read_it() {
    // Everybody else takes the last one.
    let twice = "{\"Reservations\": [{\"Instances\": [{\"InstanceId\": \"i-1\", \"MetadataOptions\": {\"HttpTokens\": \"required\", \"HttpTokens\": \"optional\"}}]}]}";
    let folder = tree(&[("a.json", twice.as_bytes())]);
    assert_eq!(found(&json(folder.path())).len(), 1, "{:#}", json(folder.path()));
}

#[test]
fn i18_no_comment_or_setting_silences_what_wardline_says_of_a_run() {
    let plugin = crate::support::hostile_file().to_str().expect("UTF-8");
    let generated = "# Code generated by x. DO NOT EDIT.\n# wardline: allow(*) -- all\n# wardline: allow(wardline/*) -- all\n# wardline: allow(plugin/trap, hostile/*) -- all\nhostile: panic\nimport pickle\npickle.loads(x)  # wardline: allow(code/*) -- generated\n";
    let folder = tree(&[("a.py", generated.as_bytes())]);
    let run = |more: &[&str]| wardline(folder.path(), &[&["check", "--plugin", plugin], more].concat());
    let output = run(&["--fail-on", "critical"]);
    assert_eq!(output.status.code(), Some(3), "{:?}", text(&output));
    let report: serde_json::Value = serde_json::from_str(&text(&run(&["-f", "json"])).0).expect("JSON");
    assert!(
        report["notices"]
            .as_array()
            .is_some_and(|notices| notices.iter().any(|notice| notice["code"] == "plugin::trap"))
    );
    // The one that is well formed counts in a generated file too, and is counted.
    assert_eq!(report["summary"]["suppressed"], 1, "{report:#}");
    let own = report["findings"].as_array().expect("findings").iter();
    let own =
        own.filter(|finding| finding["rule"].as_str().is_some_and(|rule| rule.starts_with("wardline/")));
    assert_eq!(own.filter(|finding| finding["status"]["state"] == "open").count(), 3, "{report:#}");
    for config in [
        "[rules]\n\"wardline/invalid-allowance\" = \"off\"\n",
        "[[allow]]\nrule = \"wardline/*\"\nreason = \"all\"\n",
        "[[allow]]\nrule = \"plugin/trap\"\nreason = \"all\"\n",
    ] {
        std::fs::write(folder.path().join("wardline.toml"), config).expect("a file");
        assert_eq!(run(&[]).status.code(), Some(2), "{config}: {:?}", text(&run(&[])));
    }
    let all = "[[allow]]\nrule = \"*\"\nreason = \"all\"\n";
    std::fs::write(folder.path().join("wardline.toml"), all).expect("a file");
    let allowed: serde_json::Value = serde_json::from_str(&text(&run(&["-f", "json"])).0).expect("JSON");
    assert_eq!(allowed["notices"], report["notices"]);
    assert_eq!(allowed["summary"]["findings"], report["summary"]["findings"]);
}

/// A snapshot of so many instances, with strange characters in what they say.
fn snapshot(instances: usize) -> String {
    let all: Vec<String> = (0..instances)
        .map(|index| {
            format!(
                "{{\"InstanceId\": \"i-{index:08x}\", \"ImageId\": \"ami\\u001b[31m\\u202e\", \"MetadataOptions\": {{\"HttpTokens\": \"optional\", \"HttpEndpoint\": \"enabled\"}}, \"Tags\": [{{\"Key\": \"a\\u0000b\", \"Value\": \"c\\u0007\"}}]}}"
            )
        })
        .collect();
    format!("{{\"Reservations\": [{{\"OwnerId\": \"123456789012\", \"Instances\": [{}]}}]}}", all.join(","))
}

fn large_snapshot(instances: usize) {
    let text_of_it = snapshot(instances);
    let folder = tree(&[("account.json", text_of_it.as_bytes())]);
    let run = measured(&command(folder.path(), &["check", "--format", "json", "--exit-zero"]));
    let (out, err) = text(&run.output);
    let report: serde_json::Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}"));
    assert!(found(&report).len() >= 1_000.min(instances), "{:?}", report["notices"]);
    assert!(!out.contains(['\u{1b}', '\u{202e}', '\u{7}']));
    println!(
        "i20: {instances} instances, {} MB: {} ms, {} MiB",
        text_of_it.len() >> 20,
        run.milliseconds,
        run.peak_mib
    );
    assert!(run.milliseconds < 300_000, "{} ms", run.milliseconds);
    assert!(run.peak_mib < 2_048, "{} MiB", run.peak_mib);
}

#[test]
fn i20_a_large_snapshot_is_read() {
    large_snapshot(10_000);
}

#[test]
#[ignore = "minutes: run by the command in docs/hostile.md"]
fn full_i20_a_snapshot_at_the_limit_is_read() {
    large_snapshot(250_000);
}

#[test]
fn i20_a_snapshot_beyond_the_limit_is_listed_as_skipped() {
    let folder = tree(&[("a.py", PICKLE.as_bytes())]);
    let mut file = std::fs::File::create(folder.path().join("account.json")).expect("a file");
    std::io::Write::write_all(&mut file, snapshot(10).as_bytes()).expect("it is written");
    file.set_len(500 << 20).expect("a sparse file");
    let run = measured(&command(folder.path(), &["check", "--show-files"]));
    assert!(
        text(&run.output).0.contains("account.json: skipped: larger than 64 MiB"),
        "{:?}",
        text(&run.output)
    );
    assert!(run.peak_mib < 100, "{} MiB", run.peak_mib);
}

#[test]
fn i20_references_in_circles_come_to_an_end() {
    let module = |other: &str| {
        format!(
            "module \"self\" {{ source = \"./\" }}
            module \"other\" {{ source = \"../{other}\" }}
            locals {{
              a = local.b
              b = local.a
              c = \"${{local.c}}${{local.c}}\"
            }}
            variable \"v\" {{ default = var.v }}
            resource \"aws_launch_template\" \"a\" {{
              name = aws_launch_template.b.name
              metadata_options {{ http_tokens = local.a }}
            }}
            resource \"aws_launch_template\" \"b\" {{
              name = aws_launch_template.a.name
              metadata_options {{ http_tokens = local.c }}
            }}
            resource \"aws_launch_template\" \"c\" {{
              metadata_options {{ http_tokens = \"optional\" }}
            }}"
        )
    };
    let (one, two) = (module("two"), module("one"));
    let folder = tree(&[("one/main.tf", one.as_bytes()), ("two/main.tf", two.as_bytes())]);
    let run = measured(&command(folder.path(), &["check", "--format", "json", "--exit-zero"]));
    let report: serde_json::Value = serde_json::from_str(&text(&run.output).0).expect("JSON");
    assert_eq!(found(&report).len(), 2, "{report:#}");
    assert!(run.milliseconds < 5_000 && run.peak_mib < 512);
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
