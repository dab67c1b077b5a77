//! The worker: a check runs in a child of this process, so that a parser that
//! crashes takes down the child and not the run.
//!
//! The child is a fork, made before there is any other thread, and costs less
//! than a millisecond. It notes in a shared page which document each of its
//! threads works on. When it dies, the parent starts another one: a document
//! that was alone at work is left out, with a notice; where there were several,
//! the next child takes them one at a time first, to find the culprit.

use std::collections::BTreeSet;

/// What a worker has to know of those that died before it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Care {
    /// Documents to leave out, by their number in path order.
    pub(crate) quarantined: BTreeSet<usize>,
    /// Documents to take one at a time, before the others.
    pub(crate) suspects: BTreeSet<usize>,
}

#[cfg(unix)]
pub(crate) use unix::{note, supervise};

/// Without `fork`, the check runs in this process.
#[cfg(not(unix))]
pub(crate) fn supervise(work: impl Fn(&Care) -> u8) -> u8 {
    work(&Care::default())
}

/// Notes what a thread works on.
#[cfg(not(unix))]
pub(crate) fn note(_thread: usize, _document: Option<usize>) {}

#[cfg(unix)]
#[allow(unsafe_code)]
mod unix {
    use super::Care;
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU32, Ordering};

    /// Threads that have a place in the page; others share the last.
    const THREADS: usize = 256;
    /// Deaths after which the run is given up.
    const DEATHS: usize = 50;
    /// The exit code for trouble of our own.
    const INTERNAL: u8 = 4;

    static PAGE: OnceLock<&'static [AtomicU32; THREADS]> = OnceLock::new();

    /// Notes what a thread works on: a document's number in path order.
    pub(crate) fn note(thread: usize, document: Option<usize>) {
        if let Some(page) = PAGE.get() {
            let word = document.and_then(|document| u32::try_from(document + 1).ok()).unwrap_or(0);
            page[thread.min(THREADS - 1)].store(word, Ordering::Relaxed);
        }
    }

    /// Runs `work` in a child, again as long as it crashes and a document can
    /// be blamed, and gives its exit code.
    pub(crate) fn supervise(work: impl Fn(&Care) -> u8) -> u8 {
        let Some(page) = map() else { return work(&Care::default()) };
        let _ = PAGE.set(page);
        let mut care = Care::default();
        let mut unexplained = 0;
        for _ in 0..DEATHS {
            for word in page {
                word.store(0, Ordering::Relaxed);
            }
            // SAFETY: there is no other thread yet, so the child has all of
            // this process's state and no lock that nobody will release.
            let child = unsafe { libc::fork() };
            match child {
                0 => {
                    die_with_parent();
                    std::process::exit(i32::from(work(&care)));
                }
                // No child can be had: this process has to do.
                -1 => return work(&care),
                _ => {}
            }
            match wait(child) {
                Ended::Exit(code) => return code,
                Ended::ByUser(signal) => return 128 + signal,
                Ended::Crash => {
                    let at_work: Vec<usize> = page
                        .iter()
                        .map(|word| word.load(Ordering::Relaxed) as usize)
                        .filter(|word| *word > 0)
                        .map(|word| word - 1)
                        .collect();
                    match at_work.as_slice() {
                        // Killed from outside before its first document, perhaps.
                        [] if unexplained < 2 => unexplained += 1,
                        [] => return INTERNAL,
                        [culprit] => {
                            care.quarantined.insert(*culprit);
                            care.suspects.remove(culprit);
                        }
                        several => care.suspects.extend(several),
                    }
                }
            }
        }
        INTERNAL
    }

    /// A page that parent and child share.
    fn map() -> Option<&'static [AtomicU32; THREADS]> {
        let size = size_of::<[AtomicU32; THREADS]>();
        let (rights, kind) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_SHARED | libc::MAP_ANONYMOUS);
        // SAFETY: a new anonymous mapping of this size, never unmapped; all
        // zeros is a value of every atomic in it.
        unsafe {
            let page = libc::mmap(std::ptr::null_mut(), size, rights, kind, -1, 0);
            if page == libc::MAP_FAILED { None } else { page.cast::<[AtomicU32; THREADS]>().as_ref() }
        }
    }

    /// Asks the system to end this child when its parent is gone.
    fn die_with_parent() {
        #[cfg(target_os = "linux")]
        // SAFETY: a system call without pointers.
        unsafe {
            libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGTERM);
        }
    }

    enum Ended {
        Exit(u8),
        ByUser(u8),
        Crash,
    }

    fn wait(child: libc::pid_t) -> Ended {
        let mut status = 0;
        // SAFETY: `status` outlives the call.
        while unsafe { libc::waitpid(child, &raw mut status, 0) } == -1 {
            if std::io::Error::last_os_error().raw_os_error() != Some(libc::EINTR) {
                return Ended::Exit(INTERNAL);
            }
        }
        if libc::WIFEXITED(status) {
            return Ended::Exit(u8::try_from(libc::WEXITSTATUS(status)).unwrap_or(INTERNAL));
        }
        match libc::WTERMSIG(status) {
            signal @ (libc::SIGINT | libc::SIGTERM | libc::SIGHUP) => {
                Ended::ByUser(u8::try_from(signal).unwrap_or_default())
            }
            _ => Ended::Crash,
        }
    }
}
