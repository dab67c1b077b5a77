//! Where reports go: standard output, or files that appear whole.
//!
//! A report is never half there under its final name, and never written
//! through a link that somebody put into the checked tree.

use crate::replace::{Error, Folder};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Where a report goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    /// Standard output.
    Stdout,
    /// A file.
    File(PathBuf),
}

impl From<&str> for Target {
    /// `-` is standard output; anything else is a path.
    fn from(text: &str) -> Self {
        if text == "-" { Self::Stdout } else { Self::File(PathBuf::from(text)) }
    }
}

/// Writes a whole report.
///
/// A reader that closes standard output early, as `head` does, has read what
/// it wanted: that is no error.
///
/// # Errors
/// If the target may not be written to, or not whole; an earlier report is
/// still there then. The caller ends with exit code 4.
pub(crate) fn write(target: &Target, report: &[u8]) -> Result<(), Error> {
    match target {
        Target::Stdout => {
            let mut stdout = io::stdout().lock();
            let written = stdout.write_all(report).and_then(|()| stdout.flush());
            accept_closed(written)
                .map_err(|source| Error::Failed { path: PathBuf::from("standard output"), source })
        }
        Target::File(path) => write_file(path, report),
    }
}

/// Turns the error of a closed pipe into success.
///
/// # Errors
/// Any other error.
pub(crate) fn accept_closed(written: io::Result<()>) -> io::Result<()> {
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

fn write_file(path: &Path, report: &[u8]) -> Result<(), Error> {
    let Some(name) = path.file_name() else {
        return Err(Error::refused(path, "it is not the name of a file", Some("`-` is standard output")));
    };
    if is_descriptor(path) {
        return write_special(path, report);
    }
    let original = fs::symlink_metadata(path).ok();
    if let Some(original) = &original {
        let kind = original.file_type();
        if kind.is_symlink() {
            return Err(Error::refused(
                path,
                "it is a link",
                Some("give the path of the file that it points to"),
            ));
        }
        if kind.is_dir() {
            return Err(Error::refused(path, "it is a folder", Some("give the path of a file in it")));
        }
        if !kind.is_file() {
            return write_special(path, report);
        }
    }
    // A relative path leads through the checked tree, where a link may lead
    // anywhere; an absolute one is the user's own.
    let parent = path.parent().unwrap_or(Path::new(""));
    let folder = if path.is_relative() && !path.starts_with("..") {
        Folder::open(Path::new("."))?.holding(path)?
    } else {
        Folder::open(parent)?
    };
    folder.replace(name, report, original.as_ref())
}

/// Names under which a shell hands over open files, as with `>(command)`.
fn is_descriptor(path: &Path) -> bool {
    path.starts_with("/dev/fd") || path == Path::new("/dev/stdout") || path == Path::new("/dev/stderr")
}

/// Writes to a pipe or device, which cannot be replaced. A pipe that nobody
/// reads is an error instead of a wait without end.
fn write_special(path: &Path, report: &[u8]) -> Result<(), Error> {
    let written = open_special(path).and_then(|mut file| file.write_all(report).and_then(|()| file.flush()));
    accept_closed(written).map_err(|source| Error::Failed { path: path.to_owned(), source })
}

#[cfg(unix)]
fn open_special(path: &Path) -> io::Result<fs::File> {
    use rustix::fs::{Mode, OFlags};
    let flags = OFlags::WRONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let handle = rustix::fs::open(path, flags, Mode::empty()).map_err(|error| match error {
        rustix::io::Errno::NXIO => io::Error::other("nobody reads from this pipe"),
        error => error.into(),
    })?;
    rustix::fs::fcntl_setfl(&handle, rustix::fs::fcntl_getfl(&handle)? - OFlags::NONBLOCK)?;
    Ok(fs::File::from(handle))
}

#[cfg(not(unix))]
fn open_special(path: &Path) -> io::Result<fs::File> {
    fs::OpenOptions::new().write(true).open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &Path, report: &str) -> Result<(), Error> {
        write(&Target::File(path.to_owned()), report.as_bytes())
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn r7_a_report_replaces_an_older_one_and_keeps_its_permissions() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.json");
        check(&path, "a long first report").unwrap();
        #[cfg(unix)]
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o640)).unwrap();
        check(&path, "second").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "second");
        #[cfg(unix)]
        {
            let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&path).unwrap().permissions());
            assert_eq!(mode & 0o777, 0o640);
        }
        assert_eq!(names(folder.path()), ["report.json"]);
    }

    #[cfg(unix)]
    #[test]
    fn r7_links_and_folders_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let outside = folder.path().join("outside");
        fs::write(&outside, "untouched").unwrap();
        let link = folder.path().join("report.json");
        std::os::unix::fs::symlink(&outside, &link).unwrap();
        for path in [link.as_path(), folder.path(), Path::new("/"), Path::new("")] {
            let error = check(path, "report").unwrap_err();
            assert!(matches!(error, Error::Refused { .. }), "{}: {error}", path.display());
        }
        assert_eq!(fs::read_to_string(&outside).unwrap(), "untouched");
        assert!(check(&folder.path().join("no-such-folder/report.json"), "report").is_err());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn f2_a_full_disk_is_an_error_and_leaves_no_half_report() {
        let error = check(Path::new("/dev/full"), "report").unwrap_err();
        assert!(error.to_string().contains("/dev/full"), "{error}");
        assert!(error.to_string().contains("No space left"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn r7_a_pipe_is_written_to_when_somebody_reads_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pipe");
        let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
        rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, mode, 0).unwrap();
        let error = check(&path, "report").unwrap_err();
        assert!(error.to_string().contains("nobody reads"), "{error}");
        // Opened for both, a pipe has a reader from the start.
        let mut reader = fs::OpenOptions::new().read(true).write(true).open(&path).unwrap();
        check(&path, "report").unwrap();
        let mut read = [0; 6];
        io::Read::read_exact(&mut reader, &mut read).unwrap();
        assert_eq!(&read, b"report");
    }

    #[test]
    fn f11_a_closed_pipe_is_no_error() {
        accept_closed(Err(io::ErrorKind::BrokenPipe.into())).unwrap();
        accept_closed(Err(io::ErrorKind::StorageFull.into())).unwrap_err();
    }

    #[test]
    fn a_dash_is_standard_output() {
        assert_eq!(Target::from("-"), Target::Stdout);
        assert_eq!(Target::from("./-"), Target::File(PathBuf::from("./-")));
    }
}
