//! What the machine does to a run: jumping clocks, signals, no memory, no
//! files, no threads. Each test is named after its case in `docs/hostile.md`.
#![cfg(target_os = "linux")]

use crate::forge::Forged;
use crate::support::{command, root, text, tree, wardline};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

const PICKLE: &[u8] = b"import pickle\npickle.loads(data)\n";
/// How long a test waits for what should take a moment.
const PATIENCE: Duration = Duration::from_secs(60);

/// No trouble of ours: no panic, no abort.
fn is_calm(output: &Output) {
    let (out, err) = text(output);
    assert!(!err.contains("internal error at") && !err.contains("panicked"), "{out}{err}");
}

fn until(what: &str, holds: impl Fn() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < PATIENCE, "{what} takes too long");
        std::thread::yield_now();
    }
}

// ------------------------------------------------------------------ F8: clocks

/// A library that lies about the time of day: by so many seconds, and earlier
/// each time it is asked if the second number says so.
fn lying_clock() -> &'static Path {
    static LIBRARY: OnceLock<PathBuf> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let folder = root().join("target/it-guests");
        std::fs::create_dir_all(&folder).expect("the target folder can be written to");
        let (source, library) = (folder.join("clock.c"), folder.join("clock.so"));
        let code = "#define _GNU_SOURCE
            #include <stdlib.h>
            #include <sys/syscall.h>
            #include <time.h>
            #include <unistd.h>
            static long calls;
            int clock_gettime(clockid_t id, struct timespec *at) {
                int result = syscall(SYS_clock_gettime, id, at);
                const char *by = getenv(\"LIE\"), *back = getenv(\"BACK\");
                if (id == CLOCK_REALTIME && by) at->tv_sec += atoll(by);
                if (id == CLOCK_REALTIME && back) at->tv_sec -= atoll(back) * calls++;
                return result;
            }";
        std::fs::write(&source, code).expect("a file");
        let built = Command::new("cc")
            .args(["-shared", "-fPIC", "-o"])
            .args([&library, &source])
            .output()
            .expect("there is a C compiler");
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        library
    })
}

#[test]
fn f8_jumping_clocks_change_dates_and_nothing_else() {
    let allowed = b"import pickle\npickle.loads(data)  # wardline: allow(code/unsafe-deserialization) until=2031-01-01 -- until it moves\n";
    let folder = tree(&[("a.py", allowed), ("b.py", PICKLE)]);
    let run = |lie: &str, back: &str, date: &[&str]| {
        let mut arguments = vec!["check", "--format", "json", "--exit-zero"];
        arguments.extend(date);
        let output = command(folder.path(), &arguments)
            .env("LD_PRELOAD", lying_clock())
            .env("LIE", lie)
            .env("BACK", back)
            .output()
            .expect("it runs");
        assert_eq!(output.status.code(), Some(0), "{:?}", text(&output));
        is_calm(&output);
        text(&output).0
    };
    let day = 86_400_i64;
    let lies =
        [0, -day, 3_650 * day, -80 * 365 * day, i64::from(i32::MAX), 9_000 * 365 * day, 1 << 40, 1 << 52];
    let given = ["--date", "2026-11-22"];
    let plain =
        text(&wardline(folder.path(), &["check", "--format", "json", "--exit-zero", given[0], given[1]])).0;
    for lie in lies {
        for back in ["0", "3600", "100000000"] {
            assert!(run(&lie.to_string(), back, &given) == plain, "{lie} {back}");
            let expired = run(&lie.to_string(), back, &[]).contains("wardline/expired-allowance");
            if back == "0" {
                assert_eq!(expired, lie >= 3_650 * day, "{lie}");
            }
        }
    }
}

// ----------------------------------------------------------------- F9: signals

/// The process that checks, below the one that was started.
fn worker_of(process: u32) -> Option<u32> {
    let children = std::fs::read_to_string(format!("/proc/{process}/task/{process}/children")).ok()?;
    children.split_whitespace().next()?.parse().ok()
}

/// Ticks of processor time that a process has used.
fn ticks(process: u32) -> Option<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    // Neither a name with blanks nor a dead process, which has no state to be in.
    (fields.first() != Some(&"Z")).then_some(())?;
    Some(fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?)
}

#[allow(unsafe_code)]
fn send(signal: i32, process: i32) {
    // SAFETY: a signal to a process or group that this test started.
    assert_eq!(unsafe { libc::kill(process, signal) }, 0);
}

/// A run that is in the middle of a long call to a plugin.
fn busy(folder: &Path, outside: &Path) -> (Child, u32) {
    let endless = Forged { check: "(loop $more (br $more)) unreachable".into(), ..Forged::new() }.bytes();
    let plugin = outside.join("endless.wasm");
    std::fs::write(&plugin, endless).expect("a file");
    let plugin = plugin.to_str().expect("UTF-8");
    let report = format!("json={}", outside.join("report.json").display());
    let mut command = command(folder, &["check", "--plugin", plugin, "-f", &report, "--threads", "1"]);
    let child =
        command.process_group(0).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    until("starting", || worker_of(child.id()).and_then(ticks).is_some_and(|ticks| ticks > 20));
    let worker = worker_of(child.id()).expect("it was there");
    (child, worker)
}

#[test]
fn f9_a_signal_ends_the_run_and_leaves_no_half_report() {
    let files: Vec<(String, &[u8])> =
        (0..3).map(|index| (format!("{index}.txt"), &b"forged\n"[..])).collect();
    let files: Vec<(&str, &[u8])> = files.iter().map(|(path, bytes)| (path.as_str(), *bytes)).collect();
    let folder = tree(&files);
    for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGHUP] {
        // To the whole group, as a terminal does it, and to one process alone.
        for to_group in [true, false] {
            let outside = tree(&[("report.json", b"an older report")]);
            let (child, worker) = busy(folder.path(), outside.path());
            let process = i32::try_from(child.id()).expect("a process id");
            send(signal, if to_group { -process } else { process });
            if to_group {
                // An impatient second one changes nothing.
                send(signal, -process);
            }
            let sent = Instant::now();
            let output = child.wait_with_output().expect("it ends");
            until("ending", || ticks(worker).is_none());
            assert!(sent.elapsed() < Duration::from_secs(10), "{:?}", sent.elapsed());
            let ended = output.status.code().or(output.status.signal().map(|signal| 128 + signal));
            assert_eq!(ended, Some(128 + signal), "{:?}", text(&output));
            is_calm(&output);
            let left: Vec<String> = std::fs::read_dir(outside.path())
                .expect("a folder")
                .map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8"))
                .filter(|name| name != "endless.wasm")
                .collect();
            assert_eq!(left, ["report.json"]);
            let report = std::fs::read(outside.path().join("report.json")).expect("there");
            assert_eq!(report, b"an older report");
        }
    }
}

#[test]
fn f9_a_worker_does_not_outlive_its_parent() {
    let folder = tree(&[("a.txt", b"forged\n")]);
    let outside = tree(&[]);
    let (mut child, worker) = busy(folder.path(), outside.path());
    send(libc::SIGKILL, i32::try_from(child.id()).expect("a process id"));
    child.wait().expect("it ends");
    until("ending", || ticks(worker).is_none());
}

// ------------------------------------------------- F10, F12: nothing to be had

/// Runs the binary under a limit of the shell's.
fn under(limit: &str, folder: &Path, arguments: &[&str]) -> Output {
    let script = format!("ulimit {limit} && exec \"$0\" \"$@\"");
    Command::new("sh")
        .args(["-c", &script, env!("CARGO_BIN_EXE_wardline")])
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .stdin(Stdio::null())
        .output()
        .expect("there is a shell")
}

#[test]
fn f10_without_memory_the_run_is_incomplete_or_fails_and_never_hangs() {
    let folder = tree(&[("a.py", PICKLE), ("b.txt", b"x\n")]);
    let mut codes = Vec::new();
    for mebibytes in [200, 256, 300, 400, 500, 700, 1_000, 2_000, 4_000, 8_000] {
        let output = under(&format!("-v {}", mebibytes << 10), folder.path(), &["check", "--threads", "2"]);
        let (out, err) = text(&output);
        let code = output.status.code();
        // It never looks clean.
        assert!(matches!(code, Some(1 | 3 | 4)), "{mebibytes} MiB: {:?} {out}{err}", output.status);
        if code != Some(1) {
            assert!(!(out.clone() + &err).is_empty(), "{mebibytes} MiB: nothing is said");
        }
        codes.push(code);
    }
    println!("f10: {codes:?}");
}

#[test]
fn f12_few_files_are_enough_or_the_run_says_so() {
    let files: Vec<(String, &[u8])> = (0..200).map(|index| (format!("{index}/{index}.py"), PICKLE)).collect();
    let files: Vec<(&str, &[u8])> = files.iter().map(|(path, bytes)| (path.as_str(), *bytes)).collect();
    let folder = tree(&files);
    let whole = text(&wardline(folder.path(), &["check", "--format", "json", "--exit-zero"])).0;
    let output = under("-n 64", folder.path(), &["check", "--format", "json", "--exit-zero"]);
    assert_eq!(output.status.code(), Some(0), "{:?}", text(&output));
    assert!(text(&output).0 == whole);
    for most in 4..24 {
        let output = under(&format!("-n {most}"), folder.path(), &["check", "--format", "json"]);
        let code = output.status.code();
        let (out, err) = text(&output);
        is_calm(&output);
        assert!(matches!(code, Some(1..=4)), "{most} files: {:?} {out}{err}", output.status);
        if code == Some(1) && out != whole {
            assert!(out.contains("\"incomplete\": true"), "{most} files: {out}");
        }
    }
}

#[test]
fn f12_any_number_of_threads_may_be_asked_for() {
    let folder = tree(&[("a.py", PICKLE)]);
    for threads in ["1", "1000", "100000", "4294967295", "18446744073709551615"] {
        let output = wardline(folder.path(), &["check", "--threads", threads]);
        is_calm(&output);
        assert!(matches!(output.status.code(), Some(1 | 4)), "{threads}: {:?}", text(&output));
    }
}

/// Makes every new thread fail, and new processes succeed.
#[cfg(target_arch = "x86_64")]
#[test]
#[allow(unsafe_code)]
fn f12_without_threads_the_run_fails_with_a_message() {
    use seccompiler::{
        BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
        SeccompRule, TargetArch,
    };
    let program = |rules: Vec<(i64, Vec<SeccompRule>)>, error: i32| -> BpfProgram {
        let action = SeccompAction::Errno(error.unsigned_abs());
        SeccompFilter::new(rules.into_iter().collect(), SeccompAction::Allow, action, TargetArch::x86_64)
            .and_then(TryInto::try_into)
            .expect("a filter")
    };
    let thread = u64::try_from(libc::CLONE_THREAD).expect("a flag");
    let flag = SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::MaskedEq(thread), thread);
    let of_threads = SeccompRule::new(vec![flag.expect("a condition")]).expect("a rule");
    // Without the newer call, the C library takes the older one, whose flags
    // can be seen.
    let newer = program(vec![(libc::SYS_clone3, vec![])], libc::ENOSYS);
    let older = program(vec![(libc::SYS_clone, vec![of_threads])], libc::EAGAIN);
    let folder = tree(&[("a.py", PICKLE)]);
    let mut command = command(folder.path(), &["check"]);
    // SAFETY: between fork and exec only system calls are made, on memory that
    // was made before the fork.
    unsafe {
        command.pre_exec(move || {
            for filter in [&newer, &older] {
                seccompiler::apply_filter(filter).map_err(|_| std::io::Error::other("filter"))?;
            }
            Ok(())
        });
    }
    let output = command.output().expect("it runs");
    is_calm(&output);
    assert_eq!(output.status.code(), Some(4), "{:?}", text(&output));
    assert!(text(&output).1.contains("thread"), "{:?}", text(&output));
}

// --------------------------------------------------------- F2, F11: no way out

#[test]
fn f2_a_report_that_can_not_be_written_is_said_and_half_of_one_is_nowhere() {
    let folder = tree(&[("a.py", PICKLE)]);
    let output = wardline(folder.path(), &["check", "-f", "json=/dev/full", "--exit-zero"]);
    assert_eq!(output.status.code(), Some(4), "{:?}", text(&output));
    assert!(text(&output).1.contains("/dev/full"), "{:?}", text(&output));
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("Linux has it");
    let output = command(folder.path(), &["check", "--exit-zero"]).stdout(full).output().expect("it runs");
    assert_eq!(output.status.code(), Some(4), "{:?}", text(&output));
    is_calm(&output);
    // The system refuses to write more than a KiB to any file.
    let outside = tree(&[("report.json", b"an older report")]);
    let report = format!("json={}", outside.path().join("report.json").display());
    let output = under("-f 1", folder.path(), &["check", "--exit-zero", "-f", &report]);
    assert_eq!(output.status.code(), Some(4), "{:?}", text(&output));
    let left: Vec<_> = std::fs::read_dir(outside.path()).expect("a folder").collect();
    assert_eq!(left.len(), 1, "{left:?}");
    assert_eq!(std::fs::read(outside.path().join("report.json")).expect("there"), b"an older report");
}
