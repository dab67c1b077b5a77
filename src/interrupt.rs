//! What happens when the user interrupts a run: it ends within a moment,
//! leaves no temporary file behind, and says so with its exit code.
//!
//! Reports and fixes are written whole or not at all (see [`crate::replace`]),
//! so there is nothing else to undo.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Files that are only there while something is written.
static TEMPORARY: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// Starts watching for signals. Call it once, before other threads start.
///
/// SIGINT ends the process with 130, SIGTERM with 143 and SIGHUP with 129. A
/// closed pipe is no signal but an error of the write, see [`crate::output`].
///
/// # Errors
/// If the system refuses to install a handler.
#[cfg(unix)]
pub(crate) fn watch() -> std::io::Result<()> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGXFSZ};
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;
    // A file that may not grow further is an error of the write, like a full
    // disk, and no reason to die: the flag is never looked at.
    signal_hook::flag::register(SIGXFSZ, Arc::new(AtomicBool::new(false)))?;
    let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM, SIGHUP])?;
    std::thread::Builder::new().name("interrupt".to_owned()).spawn(move || {
        if let Some(signal) = signals.forever().next() {
            remove_temporary_files();
            // Without running destructors: other threads are still at work.
            signal_hook::low_level::exit(128 + signal);
        }
    })?;
    Ok(())
}

/// Starts watching for signals; this system ends the process by itself.
///
/// # Errors
/// None.
#[cfg(not(unix))]
pub(crate) fn watch() -> std::io::Result<()> {
    Ok(())
}

/// A file that is removed if the run is interrupted while this lives.
pub(crate) struct Registered(PathBuf);

/// Registers a temporary file.
pub(crate) fn remove_on_exit(path: PathBuf) -> Registered {
    temporary().insert(path.clone());
    Registered(path)
}

impl Drop for Registered {
    fn drop(&mut self) {
        temporary().remove(&self.0);
    }
}

fn remove_temporary_files() {
    for path in temporary().iter() {
        let _ = std::fs::remove_file(path);
    }
}

fn temporary() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    TEMPORARY.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::io::{BufRead, BufReader, Write};
    use std::process::{Command, Stdio};

    const FOLDER: &str = "WARDLINE_TEST_FOLDER";

    /// What the interrupted process does: it writes, and is not done yet.
    #[test]
    fn writing() {
        // Nothing to do unless the test below runs it as a process.
        let Some(folder) = std::env::var_os(FOLDER).map(PathBuf::from) else { return };
        watch().unwrap();
        drop(remove_on_exit(folder.join("done")));
        let _under_way = remove_on_exit(folder.join("under-way"));
        std::io::stdout().write_all(b"\nready\n").unwrap();
        loop {
            std::thread::park();
        }
    }

    #[test]
    fn f9_an_interrupted_run_removes_what_is_under_way_and_says_which_signal() {
        for (signal, code) in [("INT", 130), ("TERM", 143), ("HUP", 129)] {
            let folder = tempfile::tempdir().unwrap();
            std::fs::write(folder.path().join("done"), "whole").unwrap();
            std::fs::write(folder.path().join("under-way"), "half").unwrap();
            let mut child = Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "interrupt::tests::writing", "--nocapture"])
                .env(FOLDER, folder.path())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            let output = BufReader::new(child.stdout.take().unwrap());
            output.lines().map(Result::unwrap).find(|line| line == "ready").expect("the process starts");
            let sent = Command::new("kill").args(["-s", signal, &child.id().to_string()]).status().unwrap();
            assert!(sent.success());
            assert_eq!(child.wait().unwrap().code(), Some(code), "{signal}");
            assert!(folder.path().join("done").exists());
            assert!(!folder.path().join("under-way").exists());
        }
    }
}
