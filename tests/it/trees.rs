//! Trees that are huge, change under the walk, or lead somewhere else. Each
//! test is named after its case in `docs/hostile.md`.
#![cfg(target_os = "linux")]

use crate::forge::{Forged, report};
use crate::support::{command, measured, text, tree, wardline};
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use wardline_engine::walk::{Root, Walked};

const PICKLE: &str = "import pickle\npickle.loads(data)\n";

fn json(folder: &Path) -> serde_json::Value {
    let output = wardline(folder, &["check", "--format", "json", "--exit-zero"]);
    serde_json::from_str(&text(&output).0).unwrap_or_else(|_| panic!("{:?}", text(&output)))
}

/// The paths with a finding.
fn found(report: &serde_json::Value) -> BTreeSet<String> {
    let findings = report["findings"].as_array().expect("findings").iter();
    findings.filter_map(|finding| finding["place"]["path"].as_str().map(str::to_owned)).collect()
}

fn walk(root: &Root) -> Walked {
    root.walk(&[String::new()], &|_, _| false)
}

/// Runs `work` while `trouble` happens over and over in another thread.
fn during<R>(trouble: impl Fn(usize) + Sync, work: impl FnOnce() -> R) -> R {
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for round in 0.. {
                trouble(round);
                if stop.load(Ordering::Relaxed) {
                    break;
                }
            }
        });
        // Also when the work fails, or the scope would wait without end.
        struct Stop<'s>(&'s AtomicBool);
        impl Drop for Stop<'_> {
            fn drop(&mut self) {
                self.0.store(true, Ordering::Relaxed);
            }
        }
        let _stop = Stop(&stop);
        work()
    })
}

// ------------------------------------------------------------------- I1: sizes

#[test]
fn i1_large_files_cost_little() {
    let folder = tree(&[("a.py", PICKLE.as_bytes())]);
    let sparse = fs::File::create(folder.path().join("huge.py")).expect("a file");
    sparse.set_len(1 << 30).expect("a sparse file");
    let line = format!("[{}1]", "{\"key\":\"pickle value\"},".repeat(20 << 20 / 23));
    fs::write(folder.path().join("line.json"), line).expect("a file");
    let minified =
        format!("var a=\"JWT_SECRET\";{}", "f(function(){return pickle.loads(\"x\")});".repeat(130_000));
    fs::write(folder.path().join("app.min.js"), minified).expect("a file");
    let run = measured(&command(folder.path(), &["check", "--format", "json", "--exit-zero"]));
    let report: serde_json::Value = serde_json::from_str(&text(&run.output).0).expect("JSON");
    assert_eq!(found(&report), BTreeSet::from(["a.py".to_owned()]));
    println!("i1: {} ms, {} MiB", run.milliseconds, run.peak_mib);
    assert!(run.peak_mib < 512, "{} MiB", run.peak_mib);
}

/// Checks a line of many characters with 900 findings on it.
fn long_line(bytes: usize) -> crate::support::Measured {
    let piece = format!("forged{}", "é".repeat(bytes / 900 / 2));
    let folder = tree(&[("long.txt", piece.repeat(900).as_bytes())]);
    let starts = (0..900).map(|index| u32::try_from(index * piece.len()).expect("small"));
    let findings: Vec<(u32, u32, &[u8])> = starts.map(|start| (start, start + 6, &b"seen"[..])).collect();
    let forged = Forged {
        // The allocator grows the memory for the text, and what is forged stays below.
        reply: report(&findings),
        ..Forged::new()
    };
    let outside = tree(&[("forged.wasm", &forged.bytes())]);
    let plugin = outside.path().join("forged.wasm");
    let plugin = plugin.to_str().expect("UTF-8");
    let arguments = ["check", "--format", "json", "--exit-zero", "--plugin", plugin, "--only", "forged/act"];
    let run = measured(&command(folder.path(), &arguments));
    let out: serde_json::Value = serde_json::from_str(&text(&run.output).0).expect("JSON");
    let columns: Vec<u64> = out["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .filter_map(|finding| finding["place"]["start"]["utf16_column"].as_u64())
        .collect();
    let characters = 6 + bytes / 900 / 2;
    let expected: Vec<u64> =
        (0..900).map(|index| u64::try_from(index * characters + 1).expect("small")).collect();
    assert!(columns == expected, "{:?}", out["notices"]);
    run
}

#[test]
fn i1_a_thousand_findings_on_one_line_have_columns_in_no_time() {
    let run = long_line(30_000_000);
    println!("i1: 900 columns on a line of 30 MB: {} ms, {} MiB", run.milliseconds, run.peak_mib);
    assert!(run.milliseconds < 10_000, "{} ms", run.milliseconds);
}

// --------------------------------------------------------- I8, I9: other places

/// A folder is exchanged for a link to one outside, and back, while it is
/// walked: nothing from outside is ever named or read.
fn exchanged(tries: usize) {
    let inside = tree(&[("d/inside.py", PICKLE.as_bytes()), ("d/e/deep.py", PICKLE.as_bytes())]);
    let outside = tree(&[("canary.py", b"canary"), ("e/canary.py", b"canary")]);
    let link = inside.path().join("link");
    symlink(outside.path(), &link).expect("a link");
    let folder = inside.path().join("d");
    let exchange = |_| {
        rustix::fs::renameat_with(
            rustix::fs::CWD,
            &folder,
            rustix::fs::CWD,
            &link,
            rustix::fs::RenameFlags::EXCHANGE,
        )
        .expect("both are there");
    };
    let root = Root::open(inside.path()).expect("a root");
    let mut seen = 0;
    during(exchange, || {
        for _ in 0..tries {
            let walked = walk(&root);
            let all = walked.files.iter().chain(walked.skipped.iter().map(|(path, _)| path));
            for path in all {
                assert!(!path.contains("canary"), "{path}");
            }
            for notice in &walked.notices {
                assert!(!format!("{notice:?}").contains("canary"), "{notice:?}");
            }
            for path in ["d/canary.py", "link/canary.py", "d/e/canary.py", "link/e/canary.py"] {
                assert!(root.read(path, 1_000).is_err(), "{path}");
            }
            seen += usize::from(walked.files.iter().any(|path| path.ends_with("inside.py")));
        }
    });
    assert!(seen > 0, "the walk never saw the folder itself");
}

#[test]
fn i8_a_folder_exchanged_for_a_link_leads_nowhere() {
    exchanged(500);
}

#[test]
#[ignore = "minutes: run by the command in docs/hostile.md"]
fn full_i8_a_folder_exchanged_for_a_link_leads_nowhere() {
    exchanged(10_000);
}

#[test]
fn i8_links_of_every_kind_are_listed_and_not_followed() {
    let folder = tree(&[("a.py", PICKLE.as_bytes())]);
    let outside = tree(&[("canary.py", PICKLE.as_bytes())]);
    let path = |name: &str| folder.path().join(name);
    symlink("self.py", path("self.py")).expect("a link");
    symlink("two.py", path("one.py")).expect("a link");
    symlink("one.py", path("two.py")).expect("a link");
    for index in 0..100 {
        symlink(format!("chain{}", index + 1), path(&format!("chain{index}"))).expect("a link");
    }
    symlink("a.py", path("chain100")).expect("a link");
    for (name, target) in [
        ("root", Path::new("/")),
        ("zero", Path::new("/dev/zero")),
        ("environment", Path::new("/proc/self/environ")),
        ("parent", Path::new("..")),
        ("here", Path::new(".")),
        ("nowhere", Path::new("/no/such/file")),
        ("outside", outside.path()),
        (".gitignore", Path::new("/dev/zero")),
    ] {
        symlink(target, path(name)).expect("a link");
    }
    let report = json(folder.path());
    assert_eq!(found(&report), BTreeSet::from(["a.py".to_owned()]));
    let (files, _) = text(&wardline(folder.path(), &["check", "--show-files"]));
    assert_eq!(
        files.lines().filter(|line| line.ends_with("skipped: a symbolic link")).count(),
        112,
        "{files}"
    );
    assert!(!files.contains("canary"), "{files}");
}

fn hard_links(count: usize) {
    let folder = tree(&[("d/0.py", PICKLE.as_bytes())]);
    for index in 1..count {
        fs::hard_link(folder.path().join("d/0.py"), folder.path().join(format!("d/{index}.py")))
            .expect("a link");
    }
    let report = json(folder.path());
    assert_eq!(found(&report).len(), count);
}

#[test]
fn i9_hard_links_are_files_like_others() {
    hard_links(500);
}

#[test]
#[ignore = "minutes: run by the command in docs/hostile.md"]
fn full_i9_hard_links_are_files_like_others() {
    hard_links(10_000);
}

#[test]
fn i9_other_file_systems_are_listed_and_not_entered() {
    let folder = tree(&[("a.py", PICKLE.as_bytes()), ("mounted/empty", b"")]);
    let script = "mount -t tmpfs none mounted && printf 'import pickle\\npickle.loads(data)\\n' > mounted/b.py && \"$0\" check --show-files && exec \"$0\" check --format concise --exit-zero";
    let output = std::process::Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "sh", "-c", script, env!("CARGO_BIN_EXE_wardline")])
        .current_dir(folder.path())
        .output();
    let Ok(output) = output else { return };
    let (out, err) = text(&output);
    if err.contains("unshare") || err.contains("mount:") {
        // This system lets nobody mount anything.
        return;
    }
    assert!(out.contains("mounted: skipped: another file system"), "{out}{err}");
    assert!(out.contains("a.py:2:1: ") && !out.contains("b.py"), "{out}{err}");
}

// ------------------------------------------------------------------ I10: names

#[test]
fn i10_names_of_every_kind_are_told_apart() {
    let folder = tree(&[]);
    let long = format!("{}.py", "n".repeat(252));
    let names: [&str; 17] = [
        &long,
        "-rf.py",
        "--plugin=x.py",
        "new\nline.py",
        "esc\u{1b}]0;x\u{7}.py",
        "bidi\u{202e}yp.py",
        "CON.py",
        "aux",
        "dot.",
        "space ",
        "caf\u{e9}.py",
        "cafe\u{301}.py",
        "case.py",
        "CASE.py",
        "a\\b.py",
        "*?[.py",
        "::error::x.py",
    ];
    for name in names {
        fs::write(folder.path().join(name), PICKLE).expect("a file");
    }
    fs::write(folder.path().join(OsStr::from_bytes(b"latin\xe9.py")), PICKLE).expect("a file");
    let output = wardline(folder.path(), &["check", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&text(&output).0).expect("JSON");
    // All with the name of a language, each under a name of its own.
    assert_eq!(found(&report).len(), 14, "{report:#}");
    let notices = report["notices"].as_array().expect("notices");
    assert!(notices.iter().any(|notice| notice["code"] == "walk::name"), "{notices:?}");
    assert_eq!(report["summary"]["documents"], 17);
    for format in ["text", "concise", "github", "gitlab", "junit", "rdjson", "sarif"] {
        let (out, _) = text(&wardline(folder.path(), &["check", "--exit-zero", "--format", format]));
        assert!(!out.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{format}");
        assert!(!out.lines().any(|line| line.trim_start().starts_with("::error::x")), "{format}: {out}");
    }
}

fn many_files(count: usize, folders: usize) {
    let folder = tree(&[]);
    for index in 0..count {
        let path = folder.path().join(format!("d{}/{index}.py", index % folders));
        if index < folders {
            fs::create_dir(path.parent().expect("a folder")).expect("a folder");
        }
        let content = if index % 1_000 == 0 { PICKLE } else { "print(1)\n" };
        fs::write(path, content).expect("a file");
    }
    let run = measured(&command(folder.path(), &["check", "--format", "json", "--exit-zero"]));
    let report: serde_json::Value = serde_json::from_str(&text(&run.output).0).expect("JSON");
    assert_eq!(report["summary"]["documents"], count);
    assert_eq!(found(&report).len(), count.div_ceil(1_000));
    println!("i10: {count} files in {folders} folders: {} ms, {} MiB", run.milliseconds, run.peak_mib);
    assert!(run.peak_mib < 512, "{} MiB", run.peak_mib);
    assert!(run.milliseconds < 600_000, "{} ms", run.milliseconds);
}

#[test]
fn i10_many_files_are_all_checked() {
    many_files(5_000, 1);
}

#[test]
#[ignore = "minutes: run by the command in docs/hostile.md"]
fn full_i10_a_hundred_thousand_files_in_a_folder() {
    many_files(100_000, 1);
}

#[test]
#[ignore = "minutes: run by the command in docs/hostile.md"]
fn full_i10_a_million_files() {
    many_files(999_000, 1_000);
}

fn deep(levels: usize) {
    let folder = tree(&[("a.py", PICKLE.as_bytes())]);
    let mut path = String::new();
    let mut handle =
        rustix::fs::open(folder.path(), rustix::fs::OFlags::DIRECTORY, rustix::fs::Mode::empty())
            .expect("a folder");
    for _ in 0..levels {
        rustix::fs::mkdirat(&handle, "d", rustix::fs::Mode::RWXU).expect("a folder");
        handle = rustix::fs::openat(&handle, "d", rustix::fs::OFlags::DIRECTORY, rustix::fs::Mode::empty())
            .expect("a folder");
        path.push_str("d/");
    }
    drop(handle);
    let report = json(folder.path());
    assert_eq!(found(&report), BTreeSet::from(["a.py".to_owned()]));
    let notices = report["notices"].as_array().expect("notices");
    assert_eq!(notices.len(), 1, "{notices:?}");
    assert_eq!(notices[0]["code"], "walk::too_deep");
}

#[test]
fn i10_folders_a_thousand_deep_are_left_and_said() {
    deep(1_000);
}

// ----------------------------------------------------------------- I14: changes

/// Files change while they are checked, in every way.
fn changing(runs: usize) {
    let folder = tree(&[("still.py", PICKLE.as_bytes()), ("d/moving.py", PICKLE.as_bytes())]);
    let outside = tree(&[("canary.py", b"import pickle\npickle.loads(canary)\n")]);
    let moving = folder.path().join("d/moving.py");
    let clear = || {
        let _ = fs::remove_dir(&moving);
        let _ = fs::remove_file(&moving);
    };
    let trouble = |round: usize| match round % 10 {
        0 => drop(fs::OpenOptions::new().write(true).truncate(true).open(&moving)),
        1 => drop(fs::File::create(&moving).and_then(|file| file.set_len(1 << 30))),
        2 => {
            clear();
            let _ = fs::write(&moving, format!("# longer\n{}", PICKLE.repeat(100)));
        }
        3 => clear(),
        4 => {
            let _ = symlink(outside.path().join("canary.py"), &moving);
        }
        5 => {
            clear();
            let _ = fs::create_dir(&moving);
        }
        6 => {
            clear();
            let _ = rustix::fs::mkfifoat(rustix::fs::CWD, &moving, rustix::fs::Mode::RWXU);
        }
        7 => {
            clear();
            let _ = fs::write(&moving, b"\xff\xfe\0\0\xd8");
            let _ = fs::set_permissions(&moving, fs::Permissions::from_mode(0o000));
        }
        8 => {
            let _ = fs::write(&moving, PICKLE);
            let old = std::time::UNIX_EPOCH;
            let _ = fs::File::open(&moving).and_then(|file| file.set_modified(old));
        }
        _ => {
            let _ = fs::rename(folder.path().join("d"), folder.path().join("e"));
            let _ = fs::rename(folder.path().join("e"), folder.path().join("d"));
        }
    };
    during(trouble, || {
        for _ in 0..runs {
            let output = wardline(folder.path(), &["check", "--format", "json", "--exit-zero"]);
            let (out, err) = text(&output);
            assert_eq!(output.status.code(), Some(0), "{out}{err}");
            let report: serde_json::Value =
                serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}"));
            assert!(found(&report).contains("still.py"), "{out}");
            assert!(!out.contains("canary") && !out.contains("check::crashed"), "{out}");
        }
    });
}

#[test]
fn i14_files_that_change_are_read_once_or_said_to_be_unreadable() {
    changing(20);
}

#[test]
#[ignore = "minutes: run by the command in docs/hostile.md"]
fn full_i14_files_that_change_are_read_once_or_said_to_be_unreadable() {
    changing(1_000);
}
