//! `check` opens no socket and starts no program: shown under a filter of
//! system calls that kills on either.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]
#![allow(unsafe_code)]

use crate::support::root;
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    TargetArch,
};
use std::collections::BTreeMap;
use std::ffi::CString;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

/// Kills on sockets, and on any program but the one at this address. A pair of
/// sockets that lead nowhere is how signals are waited for.
fn filter(program: *const libc::c_char) -> BpfProgram {
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = BTreeMap::new();
    for call in [libc::SYS_socket, libc::SYS_connect, libc::SYS_execveat, libc::SYS_bind] {
        rules.insert(call, vec![]);
    }
    let other = SeccompCondition::new(0, SeccompCmpArgLen::Qword, SeccompCmpOp::Ne, program as u64)
        .expect("a condition");
    rules.insert(libc::SYS_execve, vec![SeccompRule::new(vec![other]).expect("a rule")]);
    SeccompFilter::new(rules, SeccompAction::Allow, SeccompAction::KillProcess, TargetArch::x86_64)
        .and_then(TryInto::try_into)
        .expect("a filter")
}

fn run(program: &std::path::Path, arguments: &[&str], filtered: bool) -> (Option<i32>, String) {
    let path = CString::new(program.as_os_str().as_bytes()).expect("no NUL");
    let arguments: Vec<CString> = std::iter::once(path.clone())
        .chain(arguments.iter().map(|argument| CString::new(*argument).expect("no NUL")))
        .collect();
    let mut pointers: Vec<usize> = arguments.iter().map(|argument| argument.as_ptr() as usize).collect();
    pointers.push(0);
    let bpf = filter(path.as_ptr());
    let mut command = Command::new("/bin/true");
    command.current_dir(root()).stdout(Stdio::piped()).stderr(Stdio::null());
    // SAFETY: between fork and exec only system calls are made, on memory that
    // was made before the fork.
    unsafe {
        command.pre_exec(move || {
            if filtered {
                seccompiler::apply_filter(&bpf).map_err(|_| std::io::Error::other("filter"))?;
            }
            let environment: [*const libc::c_char; 1] = [std::ptr::null()];
            libc::execve(path.as_ptr(), pointers.as_ptr().cast(), environment.as_ptr());
            Err(std::io::Error::last_os_error())
        });
    }
    let mut child = command.spawn().expect("it starts");
    let mut out = String::new();
    child.stdout.take().expect("piped").read_to_string(&mut out).expect("UTF-8");
    (child.wait().expect("it ends").code(), out)
}

#[test]
fn check_opens_no_socket_and_starts_no_program() {
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_wardline"));
    let arguments = ["check", "tests/projects/acme", "--format", "json", "--exit-zero"];
    let (code, filtered) = run(program, &arguments, true);
    assert_eq!(code, Some(0));
    assert!(filtered == run(program, &arguments, false).1);
    assert!(filtered.contains("secrets/"));
}

#[test]
fn the_filter_would_notice() {
    let shell = std::path::Path::new("/bin/sh");
    assert_eq!(run(shell, &["-c", "exit 7"], true).0, Some(7));
    assert_ne!(run(shell, &["-c", "/bin/true && exit 7"], true).0, Some(7));
}
