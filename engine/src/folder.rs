//! Folders held open: files of a tree that is not trusted, read and written
//! without following links and without waiting on special files.
//!
//! A path is walked one name at a time from an open handle, so that a folder
//! swapped for a link half-way leads nowhere.

use std::io::{self, Read, Write};
use std::path::{Component, Path};

#[cfg(not(unix))]
pub use portable::Folder;
#[cfg(unix)]
pub use unix::Folder;

impl Folder {
    /// Reads a file of this folder as UTF-8; `None` if there is no such file.
    ///
    /// Anything but a regular file of at most `limit` bytes is an error, and no
    /// such thing is waited on: a pipe under the name of a configuration file
    /// must not hold up a run.
    pub fn read(&self, name: &str, limit: u64) -> io::Result<Option<String>> {
        let file = match self.open_file(name) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(refused("it is not a regular file"));
        }
        // The size is checked again while reading: the file may grow meanwhile.
        let mut bytes = Vec::new();
        if metadata.len() <= limit {
            file.take(limit + 1).read_to_end(&mut bytes)?;
        }
        if metadata.len().max(bytes.len() as u64) > limit {
            return Err(refused(&format!("it is larger than {limit} bytes")));
        }
        String::from_utf8(bytes).map(Some).map_err(|_| refused("it is not UTF-8"))
    }

    /// Writes a file of this folder: whole or not at all.
    pub fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let unfinished = format!(".{name}.unfinished");
        let mut file = match self.create_file(&unfinished) {
            // Left behind by a run that was killed while writing.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                self.remove(&unfinished)?;
                self.create_file(&unfinished)?
            }
            other => other?,
        };
        let written = file.write_all(bytes).and_then(|()| self.rename(&unfinished, name));
        if written.is_err() {
            // The first error says more than one about the clean-up would.
            let _ = self.remove(&unfinished);
        }
        written
    }
}

fn refused(reason: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason)
}

/// The names of a relative path, each a plain one.
fn names(relative: &Path) -> io::Result<Vec<&std::ffi::OsStr>> {
    relative
        .components()
        .filter(|component| !matches!(component, Component::CurDir))
        .map(|component| match component {
            Component::Normal(name) => Ok(name),
            _ => Err(refused("it leads out of the tree")),
        })
        .collect()
}

#[cfg(unix)]
mod unix {
    use super::{Path, io, names, refused};
    use rustix::fs::{AtFlags, CWD, Dir, Mode, OFlags, mkdirat, openat, renameat, unlinkat};
    use rustix::io::Errno;
    use std::fs::File;
    use std::os::fd::OwnedFd;

    /// A folder held open.
    #[derive(Debug)]
    pub struct Folder(OwnedFd);

    const FOLDER: OFlags = OFlags::DIRECTORY.union(OFlags::CLOEXEC);

    impl Folder {
        /// Opens a folder that the user named: links on the way to it are the
        /// user's own.
        pub fn open(path: &Path) -> io::Result<Self> {
            Ok(Self(openat(CWD, path, FOLDER, Mode::empty())?))
        }

        /// Opens a folder beneath this one, following no link.
        pub fn beneath(&self, relative: &Path) -> io::Result<Self> {
            self.descend(relative, false)
        }

        /// Opens a folder beneath this one, making those that are absent.
        pub fn create_beneath(&self, relative: &Path) -> io::Result<Self> {
            self.descend(relative, true)
        }

        fn descend(&self, relative: &Path, create: bool) -> io::Result<Self> {
            let mut folder = self.0.try_clone()?;
            for name in names(relative)? {
                if create {
                    match mkdirat(&folder, name, Mode::from_raw_mode(0o755)) {
                        Ok(()) | Err(Errno::EXIST) => {}
                        Err(error) => return Err(error.into()),
                    }
                }
                folder = openat(&folder, name, FOLDER | OFlags::NOFOLLOW, Mode::empty()).map_err(named)?;
            }
            Ok(Self(folder))
        }

        /// The names in this folder, sorted; those that are not UTF-8 in a
        /// form that no file has.
        pub fn names(&self) -> io::Result<Vec<String>> {
            let mut names = Vec::new();
            for entry in Dir::read_from(&self.0)? {
                let name = entry?.file_name().to_string_lossy().into_owned();
                if name != "." && name != ".." {
                    names.push(name);
                }
            }
            names.sort_unstable();
            Ok(names)
        }

        /// Removes a file of this folder.
        pub fn remove(&self, name: &str) -> io::Result<()> {
            Ok(unlinkat(&self.0, name, AtFlags::empty())?)
        }

        pub(super) fn open_file(&self, name: &str) -> io::Result<File> {
            let flags =
                OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
            Ok(openat(&self.0, name, flags, Mode::empty()).map_err(named)?.into())
        }

        pub(super) fn create_file(&self, name: &str) -> io::Result<File> {
            let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            Ok(openat(&self.0, name, flags, Mode::from_raw_mode(0o644))?.into())
        }

        pub(super) fn rename(&self, from: &str, to: &str) -> io::Result<()> {
            Ok(renameat(&self.0, from, &self.0, to)?)
        }
    }

    /// Says in words what the flags above refuse.
    fn named(error: Errno) -> io::Error {
        match error {
            Errno::LOOP => refused("it is a symbolic link"),
            Errno::NOTDIR => refused("it is not a folder, or a symbolic link"),
            // What opening a socket gives.
            Errno::NXIO => refused("it is not a regular file"),
            other => other.into(),
        }
    }
}

#[cfg(not(unix))]
mod portable {
    use super::{Path, io, names, refused};
    use std::fs::{self, File, OpenOptions};
    use std::path::PathBuf;

    /// A folder by its path. Without handles to walk from, links are looked for
    /// before each step: one swapped in between is not noticed here.
    #[derive(Debug)]
    pub struct Folder(PathBuf);

    impl Folder {
        /// Opens a folder that the user named.
        pub fn open(path: &Path) -> io::Result<Self> {
            fs::read_dir(path).map(|_| Self(path.to_owned()))
        }

        /// Opens a folder beneath this one, following no link.
        pub fn beneath(&self, relative: &Path) -> io::Result<Self> {
            self.descend(relative, false)
        }

        /// Opens a folder beneath this one, making those that are absent.
        pub fn create_beneath(&self, relative: &Path) -> io::Result<Self> {
            self.descend(relative, true)
        }

        fn descend(&self, relative: &Path, create: bool) -> io::Result<Self> {
            let mut path = self.0.clone();
            for name in names(relative)? {
                path.push(name);
                if create && fs::symlink_metadata(&path).is_err() {
                    fs::create_dir(&path)?;
                }
                if !fs::symlink_metadata(&path)?.is_dir() {
                    return Err(refused("it is not a folder, or a symbolic link"));
                }
            }
            Ok(Self(path))
        }

        /// The names in this folder, sorted; those that are not Unicode in a
        /// form that no file has.
        pub fn names(&self) -> io::Result<Vec<String>> {
            let mut names = Vec::new();
            for entry in fs::read_dir(&self.0)? {
                names.push(entry?.file_name().to_string_lossy().into_owned());
            }
            names.sort_unstable();
            Ok(names)
        }

        /// Removes a file of this folder.
        pub fn remove(&self, name: &str) -> io::Result<()> {
            fs::remove_file(self.0.join(name))
        }

        pub(super) fn open_file(&self, name: &str) -> io::Result<File> {
            let path = self.0.join(name);
            if !fs::symlink_metadata(&path)?.is_file() {
                return Err(refused("it is not a regular file"));
            }
            File::open(path)
        }

        pub(super) fn create_file(&self, name: &str) -> io::Result<File> {
            OpenOptions::new().write(true).create_new(true).open(self.0.join(name))
        }

        pub(super) fn rename(&self, from: &str, to: &str) -> io::Result<()> {
            fs::rename(self.0.join(from), self.0.join(to))
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    fn tree() -> (tempfile::TempDir, Folder) {
        let tree = tempfile::tempdir().unwrap();
        let folder = Folder::open(tree.path()).unwrap();
        (tree, folder)
    }

    #[test]
    fn what_is_written_is_read_back_and_nothing_else_is_left() {
        let (_tree, folder) = tree();
        let inner = folder.create_beneath(Path::new("a/b")).unwrap();
        inner.write("x.toml", b"one").unwrap();
        inner.write("x.toml", b"two").unwrap();
        assert_eq!(inner.read("x.toml", 10).unwrap().as_deref(), Some("two"));
        assert_eq!(inner.names().unwrap(), ["x.toml"]);
        inner.remove("x.toml").unwrap();
        assert_eq!(inner.read("x.toml", 10).unwrap(), None);
    }

    #[test]
    fn i7_special_files_are_refused_without_waiting() {
        let (tree, folder) = tree();
        rustix::fs::mkfifoat(rustix::fs::CWD, tree.path().join("pipe"), rustix::fs::Mode::RWXU).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(tree.path().join("socket")).unwrap();
        std::fs::create_dir(tree.path().join("folder")).unwrap();
        for name in ["pipe", "socket", "folder"] {
            let error = folder.read(name, 10).unwrap_err();
            assert_eq!(error.to_string(), "it is not a regular file", "{name}");
        }
    }

    #[test]
    fn i8_links_are_not_followed_at_any_step() {
        let (tree, folder) = tree();
        let outside = tempfile::tempdir().unwrap();
        std::fs::write(outside.path().join("canary"), "canary").unwrap();
        symlink(outside.path(), tree.path().join("out")).unwrap();
        symlink(outside.path().join("canary"), tree.path().join("canary")).unwrap();
        symlink("/dev/zero", tree.path().join("zero")).unwrap();
        symlink("self", tree.path().join("self")).unwrap();
        for name in ["canary", "zero", "self"] {
            assert_eq!(folder.read(name, 10).unwrap_err().to_string(), "it is a symbolic link", "{name}");
        }
        for path in ["out", "out/deeper", "../up", "/etc"] {
            folder.beneath(Path::new(path)).unwrap_err();
            folder.create_beneath(Path::new(path)).unwrap_err();
        }
        // Writing replaces the link and leaves its target alone.
        folder.write("canary", b"mine").unwrap();
        assert_eq!(std::fs::read_to_string(outside.path().join("canary")).unwrap(), "canary");
        assert_eq!(folder.read("canary", 10).unwrap().as_deref(), Some("mine"));
    }

    #[test]
    fn a_file_beyond_the_limit_or_not_utf8_is_refused() {
        let (tree, folder) = tree();
        std::fs::write(tree.path().join("large"), "12345").unwrap();
        std::fs::write(tree.path().join("latin"), b"\xff").unwrap();
        assert_eq!(folder.read("large", 4).unwrap_err().to_string(), "it is larger than 4 bytes");
        assert_eq!(folder.read("latin", 4).unwrap_err().to_string(), "it is not UTF-8");
        assert_eq!(folder.read("large", 5).unwrap().as_deref(), Some("12345"));
    }
}
