//! Replacing a file as a whole or not at all.
//!
//! The new bytes go to a temporary file in the same folder, which then takes
//! the old one's name: whoever reads sees one or the other, and a full disk or
//! an interrupt leaves the old one. Folders are held open while this happens,
//! so that one which is swapped for a link in the meantime is not followed.

use crate::interrupt;
use miette::Diagnostic;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use thiserror::Error;

/// Why a file was not replaced. It is as it was.
#[derive(Debug, Error, Diagnostic)]
pub(crate) enum Error {
    /// The path is not one to be written to.
    #[error("cannot write `{}`: {reason}", path.display())]
    #[diagnostic(code(write::refused))]
    Refused {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: &'static str,
        /// What to do about it.
        #[help]
        help: Option<&'static str>,
    },
    /// The system said no.
    #[error("cannot write `{}`: {source}", path.display())]
    #[diagnostic(code(write::failed), help("the file is as it was before"))]
    Failed {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl Error {
    /// A refusal, with the reason and what to do about it.
    pub(crate) fn refused(path: &Path, reason: &'static str, help: Option<&'static str>) -> Self {
        Self::Refused { path: path.to_owned(), reason, help }
    }

    fn failed(path: &Path, source: io::Error) -> Self {
        Self::Failed { path: path.to_owned(), source }
    }
}

/// A folder that is held open.
pub(crate) struct Folder {
    path: PathBuf,
    #[cfg(unix)]
    handle: rustix::fd::OwnedFd,
}

/// A file's content and metadata, of one moment.
pub(crate) struct Original {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Its size, permissions and owner.
    pub metadata: fs::Metadata,
}

impl Folder {
    /// The folder that holds `path`, which lies below this one. No part of the
    /// path may be a link or lead upwards.
    ///
    /// # Errors
    /// If a part of the path is not a real folder below this one.
    pub(crate) fn holding(self, path: &Path) -> Result<Self, Error> {
        let whole = self.path.join(path);
        let mut folder = self;
        let parents = path.parent().into_iter().flat_map(Path::components);
        for part in parents {
            match part {
                Component::Normal(name) => folder = folder.below(name)?,
                Component::CurDir => {}
                _ => {
                    return Err(Error::refused(&whole, "it is outside the checked tree", None));
                }
            }
        }
        Ok(folder)
    }

    /// Replaces the file `name`, or makes it. Permissions and owner are those
    /// of `original`, or what the system gives to new files.
    ///
    /// # Errors
    /// If the file cannot be written whole; then it is as it was.
    pub(crate) fn replace(
        &self,
        name: &OsStr,
        bytes: &[u8],
        original: Option<&fs::Metadata>,
    ) -> Result<(), Error> {
        let target = self.path.join(name);
        let failed = |error| Error::failed(&target, error);
        let (mut file, temporary) = self.temporary(original.is_none()).map_err(failed)?;
        let written = file
            .write_all(bytes)
            .and_then(|()| original.map_or(Ok(()), |original| adopt(&file, original)))
            .and_then(|()| file.sync_data())
            .and_then(|()| self.rename(&temporary.name, name));
        drop(temporary);
        written.map_err(failed)
    }

    /// Makes a file under a name that no other has, which goes away again
    /// unless it is renamed.
    fn temporary(&self, for_everyone: bool) -> io::Result<(File, Temporary<'_>)> {
        static COUNTER: AtomicU32 = AtomicU32::new(0);
        loop {
            let count = COUNTER.fetch_add(1, Ordering::Relaxed);
            let name = format!(".wardline-{}-{count}.tmp", std::process::id());
            match self.create(name.as_ref(), for_everyone) {
                Ok(file) => {
                    let registered = interrupt::remove_on_exit(self.path.join(&name));
                    return Ok((file, Temporary { folder: self, name, _registered: registered }));
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && count < 10_000 => {}
                Err(error) => return Err(error),
            }
        }
    }
}

/// A file that goes away again, unless it got another name.
struct Temporary<'a> {
    folder: &'a Folder,
    name: String,
    _registered: interrupt::Registered,
}

impl Drop for Temporary<'_> {
    fn drop(&mut self) {
        self.folder.remove(&self.name);
    }
}

#[cfg(unix)]
mod system {
    //! Everything goes through the open folder; no link is followed.

    use super::{Error, File, Folder, Original, Read, fs, io};
    use rustix::fs::{AtFlags, CWD, Gid, Mode, OFlags, Uid, fchown, openat, renameat, unlinkat};
    use std::ffi::OsStr;
    use std::os::unix::fs::MetadataExt;
    use std::path::Path;

    impl Folder {
        /// Opens a folder that the user named; links on the way are the user's.
        pub(crate) fn open(path: &Path) -> Result<Self, Error> {
            let flags = OFlags::DIRECTORY | OFlags::RDONLY | OFlags::CLOEXEC;
            let handle = openat(CWD, path, flags, Mode::empty());
            let handle = handle.map_err(|error| Error::failed(path, error.into()))?;
            Ok(Self { path: path.to_owned(), handle })
        }

        pub(super) fn below(self, name: &OsStr) -> Result<Self, Error> {
            let path = self.path.join(name);
            let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::RDONLY | OFlags::CLOEXEC;
            match openat(&self.handle, name, flags, Mode::empty()) {
                Ok(handle) => Ok(Self { path, handle }),
                Err(rustix::io::Errno::LOOP | rustix::io::Errno::NOTDIR) => {
                    Err(Error::refused(&path, "it is not a real folder", None))
                }
                Err(error) => Err(Error::failed(&path, error.into())),
            }
        }

        /// Reads a regular file of at most `limit` bytes.
        pub(crate) fn read(&self, name: &OsStr, limit: u64) -> Result<Original, Error> {
            let path = self.path.join(name);
            let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::RDONLY | OFlags::CLOEXEC;
            let handle = openat(&self.handle, name, flags, Mode::empty()).map_err(|error| match error {
                rustix::io::Errno::LOOP => Error::refused(&path, "it is a link", None),
                error => Error::failed(&path, error.into()),
            })?;
            let failed = |error| Error::failed(&path, error);
            let file = File::from(handle);
            let metadata = file.metadata().map_err(failed)?;
            if !metadata.is_file() {
                return Err(Error::refused(&path, "it is not a regular file", None));
            }
            let mut bytes = Vec::new();
            file.take(limit + 1).read_to_end(&mut bytes).map_err(failed)?;
            if bytes.len() as u64 > limit {
                return Err(Error::refused(&path, "it is too large", None));
            }
            Ok(Original { bytes, metadata })
        }

        pub(super) fn create(&self, name: &OsStr, for_everyone: bool) -> io::Result<File> {
            let flags = OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::WRONLY | OFlags::CLOEXEC;
            let mode = if for_everyone { 0o666 } else { 0o600 };
            Ok(File::from(openat(&self.handle, name, flags, Mode::from_raw_mode(mode))?))
        }

        pub(super) fn rename(&self, from: &str, to: &OsStr) -> io::Result<()> {
            Ok(renameat(&self.handle, from, &self.handle, to)?)
        }

        pub(super) fn remove(&self, name: &str) {
            let _ = unlinkat(&self.handle, name, AtFlags::empty());
        }
    }

    /// Gives a new file the owner and permissions of the old one.
    pub(super) fn adopt(file: &File, original: &fs::Metadata) -> io::Result<()> {
        let new = file.metadata()?;
        if (new.uid(), new.gid()) != (original.uid(), original.gid()) {
            // Only a privileged user can; for others the file becomes theirs,
            // as with an editor.
            let _ = fchown(file, Some(Uid::from_raw(original.uid())), Some(Gid::from_raw(original.gid())));
        }
        file.set_permissions(original.permissions())
    }
}

#[cfg(not(unix))]
mod system {
    //! By path; links are looked for before each step.

    use super::{Error, File, Folder, Original, Read, fs, io};
    use std::ffi::OsStr;
    use std::path::Path;

    impl Folder {
        /// Opens a folder that the user named; links on the way are the user's.
        pub(crate) fn open(path: &Path) -> Result<Self, Error> {
            Ok(Self { path: path.to_owned() })
        }

        pub(super) fn below(self, name: &OsStr) -> Result<Self, Error> {
            let path = self.path.join(name);
            let metadata = fs::symlink_metadata(&path).map_err(|error| Error::failed(&path, error))?;
            if !metadata.is_dir() {
                return Err(Error::refused(&path, "it is not a real folder", None));
            }
            Ok(Self { path })
        }

        /// Reads a regular file of at most `limit` bytes.
        pub(crate) fn read(&self, name: &OsStr, limit: u64) -> Result<Original, Error> {
            let path = self.path.join(name);
            let failed = |error| Error::failed(&path, error);
            let metadata = fs::symlink_metadata(&path).map_err(failed)?;
            if !metadata.is_file() {
                return Err(Error::refused(&path, "it is not a regular file", None));
            }
            let mut bytes = Vec::new();
            File::open(&path)
                .and_then(|file| file.take(limit + 1).read_to_end(&mut bytes))
                .map_err(failed)?;
            if bytes.len() as u64 > limit {
                return Err(Error::refused(&path, "it is too large", None));
            }
            Ok(Original { bytes, metadata })
        }

        pub(super) fn create(&self, name: &OsStr, _for_everyone: bool) -> io::Result<File> {
            fs::OpenOptions::new().write(true).create_new(true).open(self.path.join(name))
        }

        pub(super) fn rename(&self, from: &str, to: &OsStr) -> io::Result<()> {
            fs::rename(self.path.join(from), self.path.join(to))
        }

        pub(super) fn remove(&self, name: &str) {
            let _ = fs::remove_file(self.path.join(name));
        }
    }

    /// Gives a new file the permissions of the old one.
    pub(super) fn adopt(file: &File, original: &fs::Metadata) -> io::Result<()> {
        file.set_permissions(original.permissions())
    }
}

use system::adopt;
