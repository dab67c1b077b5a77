//! The walk: which files of a tree are documents, and reading them.
//!
//! Everything below the root is untrusted. Links are not followed, special
//! files are not opened, ignore files are vetted before use, and every file is
//! opened beneath the root's own handle, so that a folder that is swapped for a
//! link during the walk leads nowhere.

use crate::notice::Notice;
use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use rustix::fs::{AtFlags, Dev, Dir, FileType, Mode, OFlags};
use std::ffi::CString;
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Bytes of an ignore file; a larger one is not used.
const IGNORE_FILE_BYTES: u64 = 256 << 10;
/// Patterns of an ignore file; of a longer one the rest is not used.
const IGNORE_PATTERNS: usize = 5_000;
/// Characters of one pattern with their alternatives written out.
const IGNORE_PATTERN_BYTES: usize = 1 << 10;
/// Folders inside each other.
const DEPTH: usize = 128;
/// Entries of a tree.
const ENTRIES: usize = 1_000_000;

/// Folders that hold a tool's state or other people's code by convention.
const TOOL_FOLDERS: &[&str] = &[
    ".git",
    ".hg",
    ".svn",
    ".jj",
    "node_modules",
    "bower_components",
    ".venv",
    "__pycache__",
    ".terraform",
    ".tox",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    ".gradle",
    ".wardline",
];

/// Why a file is not checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Skip {
    /// An ignore file names it.
    Ignored,
    /// The configuration excludes it.
    Excluded,
    /// A folder with a tool's state or other people's code.
    ToolFolder,
    /// A symbolic link.
    Link,
    /// A FIFO, socket or device.
    Special,
    /// Not text.
    Binary,
    /// Above the size limit.
    TooLarge,
    /// A folder that another file system is mounted at.
    OtherFileSystem,
}

impl Skip {
    /// The reason in words.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::Ignored => "named in an ignore file",
            Self::Excluded => "excluded by the configuration",
            Self::ToolFolder => "a folder of tools or dependencies",
            Self::Link => "a symbolic link",
            Self::Special => "not a regular file",
            Self::Binary => "binary",
            Self::TooLarge => "larger than 64 MiB",
            Self::OtherFileSystem => "another file system",
        }
    }
}

/// The files of a tree, sorted by path.
#[derive(Debug, Default)]
pub struct Walked {
    /// Paths relative to the root, with `/`.
    pub files: Vec<String>,
    /// What policy left out, and why; a folder stands for what is in it.
    pub skipped: Vec<(String, Skip)>,
    /// What could not be walked.
    pub notices: Vec<Notice>,
}

/// The root of a tree under check.
#[derive(Debug)]
pub struct Root {
    path: PathBuf,
    handle: OwnedFd,
}

/// Why a file could not be read.
#[derive(Debug)]
pub enum ReadError {
    /// Policy: it is not to be read.
    Skip(Skip),
    /// The system said no.
    Io(io::Error),
}

impl Root {
    /// Opens a folder.
    ///
    /// # Errors
    /// When it can not be opened.
    pub fn open(path: &Path) -> io::Result<Self> {
        let path = path.canonicalize()?;
        let handle =
            rustix::fs::open(&path, OFlags::DIRECTORY | OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())?;
        Ok(Self { path, handle })
    }

    /// Its absolute path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads a file beneath the root, up to `limit` bytes.
    ///
    /// # Errors
    /// When it is no regular file, too large, or can not be read.
    pub fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, ReadError> {
        let mut file = self.open_file(path).map_err(|error| match error.raw_os_error() {
            Some(libc::ELOOP) => ReadError::Skip(Skip::Link),
            Some(libc::ENXIO | libc::EOPNOTSUPP) => ReadError::Skip(Skip::Special),
            _ => ReadError::Io(error),
        })?;
        let metadata = file.metadata().map_err(ReadError::Io)?;
        if !metadata.is_file() {
            return Err(ReadError::Skip(Skip::Special));
        }
        if metadata.len() > limit {
            return Err(ReadError::Skip(Skip::TooLarge));
        }
        let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or_default() + 1);
        // The file may grow while it is read; never take more than the limit.
        (&mut file).take(limit + 1).read_to_end(&mut bytes).map_err(ReadError::Io)?;
        if bytes.len() as u64 > limit {
            return Err(ReadError::Skip(Skip::TooLarge));
        }
        Ok(bytes)
    }

    fn open_file(&self, path: &str) -> io::Result<File> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
        Ok(self.open_beneath(path, flags)?.into())
    }

    fn open_folder(&self, path: &str) -> io::Result<OwnedFd> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::DIRECTORY | OFlags::CLOEXEC;
        self.open_beneath(if path.is_empty() { "." } else { path }, flags)
    }

    /// Opens a path beneath the root. No part of it may be a link, whatever
    /// was there when the folder above it was listed.
    fn open_beneath(&self, path: &str, flags: OFlags) -> io::Result<OwnedFd> {
        #[cfg(target_os = "linux")]
        {
            use rustix::fs::ResolveFlags;
            let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
            match rustix::fs::openat2(&self.handle, path, flags, Mode::empty(), resolve) {
                Ok(opened) => return Ok(opened),
                // Kernels before 5.6, and some sandboxes, do not have the call.
                Err(rustix::io::Errno::NOSYS | rustix::io::Errno::PERM) => {}
                Err(error) => return Err(error.into()),
            }
        }
        self.descend(path, flags)
    }

    /// The same, one name after the other.
    fn descend(&self, path: &str, flags: OFlags) -> io::Result<OwnedFd> {
        let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
        let folder_flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let mut folder = self.handle.try_clone()?;
        for part in folders.split('/').filter(|part| !part.is_empty()) {
            if part == ".." {
                return Err(io::ErrorKind::PermissionDenied.into());
            }
            folder = rustix::fs::openat(&folder, part, folder_flags, Mode::empty())?;
        }
        if name == ".." || path.starts_with('/') {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        Ok(rustix::fs::openat(&folder, name, flags, Mode::empty())?)
    }

    /// Finds the files at and below `starts`, which are relative to the root.
    /// `excluded` says what the configuration leaves out.
    #[must_use]
    pub fn walk(&self, starts: &[String], excluded: &dyn Fn(&str, bool) -> bool) -> Walked {
        let mut walked = Walked::default();
        for start in starts {
            let mut ignores = Vec::new();
            if !start.is_empty() {
                // A file that is named by the user is checked even if ignored;
                // what lies in a named folder still follows the ignore files.
                let mut above = String::new();
                for part in start.split('/') {
                    self.ignore_file(&above, &mut ignores, &mut walked);
                    above = join(&above, part);
                }
            }
            match self.path.join(start).symlink_metadata() {
                Ok(metadata) if metadata.is_dir() => self.folder(start, ignores, excluded, &mut walked),
                Ok(metadata) if metadata.is_file() => walked.files.push(start.clone()),
                Ok(metadata) if metadata.is_symlink() => walked.skipped.push((start.clone(), Skip::Link)),
                Ok(_) => walked.skipped.push((start.clone(), Skip::Special)),
                Err(error) => {
                    walked
                        .notices
                        .push(Notice::incomplete("walk::unreadable", error.to_string()).at(start.as_str()));
                }
            }
        }
        walked.files.sort_unstable();
        walked.files.dedup();
        walked.skipped.sort_unstable();
        walked.skipped.dedup();
        walked.notices.sort();
        walked.notices.dedup();
        walked
    }

    /// Walks one folder and those below it, without recursion.
    fn folder(
        &self,
        start: &str,
        ignores: Vec<Ignore>,
        excluded: &dyn Fn(&str, bool) -> bool,
        walked: &mut Walked,
    ) {
        let mut folders = vec![(start.to_owned(), ignores)];
        let mut device = None;
        while let Some((folder, mut ignores)) = folders.pop() {
            if folder.split('/').count() > DEPTH {
                let message = format!("folders are nested deeper than {DEPTH}");
                walked.notices.push(Notice::incomplete("walk::too_deep", message).at(folder));
                continue;
            }
            let listed = self.list(&folder);
            let unreadable = |error: &io::Error| {
                Notice::incomplete("walk::unreadable", error.to_string()).at(folder.as_str())
            };
            let (entries, own_device) = match listed {
                Ok(listed) => listed,
                Err(error) if error.raw_os_error() == Some(libc::ELOOP) => {
                    walked.skipped.push((folder, Skip::Link));
                    continue;
                }
                Err(error) => {
                    walked.notices.push(unreadable(&error));
                    continue;
                }
            };
            if *device.get_or_insert(own_device) != own_device {
                walked.skipped.push((folder, Skip::OtherFileSystem));
                continue;
            }
            self.ignore_file(&folder, &mut ignores, walked);
            for entry in entries {
                let (name, kind) = match entry {
                    Ok(entry) => entry,
                    Err(error) => {
                        walked.notices.push(unreadable(&error));
                        continue;
                    }
                };
                if walked.files.len() + walked.skipped.len() >= ENTRIES {
                    let message = format!("the tree has more than {ENTRIES} entries");
                    walked.notices.push(Notice::incomplete("walk::too_many", message));
                    return;
                }
                let Ok(name) = name.to_str() else {
                    let path = join(&folder, &name.to_string_lossy());
                    let message = "its name is not UTF-8, so no report could name it";
                    walked.notices.push(Notice::incomplete("walk::name", message).at(path));
                    continue;
                };
                let path = join(&folder, name);
                if kind.is_symlink() {
                    walked.skipped.push((path, Skip::Link));
                } else if kind.is_dir() && TOOL_FOLDERS.contains(&name) {
                    walked.skipped.push((path, Skip::ToolFolder));
                } else if is_ignored(&ignores, &path, kind.is_dir()) {
                    walked.skipped.push((path, Skip::Ignored));
                } else if excluded(&path, kind.is_dir()) {
                    walked.skipped.push((path, Skip::Excluded));
                } else if kind.is_dir() {
                    folders.push((path, ignores.clone()));
                } else if kind.is_file() {
                    walked.files.push(path);
                } else {
                    walked.skipped.push((path, Skip::Special));
                }
            }
        }
    }

    /// What is in a folder, and the device that it is on.
    fn list(&self, folder: &str) -> io::Result<(Vec<io::Result<(CString, FileType)>>, Dev)> {
        let handle = self.open_folder(folder)?;
        let device = rustix::fs::fstat(&handle)?.st_dev;
        let entries = Dir::read_from(&handle)?.filter_map(|entry| {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => return Some(Err(error.into())),
            };
            let name = entry.file_name();
            if matches!(name.to_bytes(), b"." | b"..") {
                return None;
            }
            let kind = match entry.file_type() {
                // Some file systems do not say it here.
                FileType::Unknown => rustix::fs::statat(&handle, name, AtFlags::SYMLINK_NOFOLLOW)
                    .map(|metadata| FileType::from_raw_mode(metadata.st_mode)),
                kind => Ok(kind),
            };
            Some(kind.map(|kind| (name.to_owned(), kind)).map_err(Into::into))
        });
        Ok((entries.collect(), device))
    }

    /// Adds the ignore file of a folder, if it has a sound one.
    fn ignore_file(&self, folder: &str, ignores: &mut Vec<Ignore>, walked: &mut Walked) {
        let path = join(folder, ".gitignore");
        let bytes = match self.read(&path, IGNORE_FILE_BYTES) {
            Ok(bytes) => bytes,
            Err(ReadError::Io(error)) if error.kind() == io::ErrorKind::NotFound => return,
            Err(ReadError::Io(error)) if error.raw_os_error() == Some(libc::ENOTDIR) => return,
            Err(ReadError::Skip(Skip::TooLarge)) => {
                let message =
                    format!("this ignore file is larger than {IGNORE_FILE_BYTES} bytes and was not used");
                walked.notices.push(Notice::info("walk::ignore_file", message).at(path));
                return;
            }
            Err(_) => {
                let message = "this ignore file is no readable regular file and was not used";
                walked.notices.push(Notice::info("walk::ignore_file", message).at(path));
                return;
            }
        };
        let text = String::from_utf8_lossy(&bytes);
        let mut builder = GitignoreBuilder::new("");
        let (mut used, mut refused) = (0, 0);
        for line in text.lines() {
            let alternatives = line.matches(['{', ',', '*', '[']).count();
            if used >= IGNORE_PATTERNS
                || line.len() > IGNORE_PATTERN_BYTES
                || alternatives > 64
                || builder.add_line(None, line).is_err()
            {
                refused += 1;
            } else {
                used += 1;
            }
        }
        if refused > 0 {
            let message = format!(
                "{refused} patterns of this ignore file are too long, too many or wrong and were not used"
            );
            walked.notices.push(Notice::info("walk::ignore_file", message).at(path.clone()));
        }
        match builder.build() {
            Ok(ignore) if !ignore.is_empty() => {
                ignores.push(Ignore { folder: folder.to_owned(), rules: Arc::new(ignore) });
            }
            Ok(_) => {}
            Err(error) => walked.notices.push(Notice::info("walk::ignore_file", error.to_string()).at(path)),
        }
    }
}

/// An ignore file and the folder that it is in, relative to the root.
#[derive(Debug, Clone)]
struct Ignore {
    folder: String,
    rules: Arc<Gitignore>,
}

/// The nearest ignore file that says anything decides.
fn is_ignored(ignores: &[Ignore], path: &str, is_folder: bool) -> bool {
    for ignore in ignores.iter().rev() {
        let below = path.strip_prefix(ignore.folder.as_str()).unwrap_or(path).trim_start_matches('/');
        match ignore.rules.matched(below, is_folder) {
            Match::Ignore(_) => return true,
            Match::Whitelist(_) => return false,
            Match::None => {}
        }
    }
    false
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn tree(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("temporary folder");
        for (path, text) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().expect("parent")).expect("folder");
            fs::write(path, text).expect("file");
        }
        folder
    }

    fn walk(folder: &Path) -> Walked {
        Root::open(folder).expect("root").walk(&[String::new()], &|_, _| false)
    }

    #[test]
    fn the_nearest_ignore_file_decides_and_hidden_files_count() {
        let folder = tree(&[
            (".gitignore", "*.log\n/build/\n"),
            (".env", ""),
            ("a.log", ""),
            ("build/x", ""),
            ("sub/.gitignore", "!keep.log\nlocal\n"),
            ("sub/keep.log", ""),
            ("sub/build/y", ""),
            ("sub/local", ""),
            ("node_modules/m/index.js", ""),
        ]);
        let walked = walk(folder.path());
        assert_eq!(walked.files, [".env", ".gitignore", "sub/.gitignore", "sub/build/y", "sub/keep.log"]);
        let skipped: Vec<&str> = walked.skipped.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(skipped, ["a.log", "build", "node_modules", "sub/local"]);
    }

    #[test]
    fn i8_links_lead_nowhere() {
        let folder = tree(&[("in/a", "inside")]);
        let outside = tree(&[("secret", "outside")]);
        std::os::unix::fs::symlink(outside.path(), folder.path().join("link")).expect("link");
        std::os::unix::fs::symlink(outside.path().join("secret"), folder.path().join("file")).expect("link");
        std::os::unix::fs::symlink("/dev/zero", folder.path().join(".gitignore")).expect("link");
        let walked = walk(folder.path());
        assert_eq!(walked.files, ["in/a"]);
        assert_eq!(walked.notices.len(), 1);
        let root = Root::open(folder.path()).expect("root");
        for path in ["link/secret", "file", "../x", "/etc/passwd"] {
            assert!(root.read(path, 100).is_err(), "{path}");
            assert!(root.descend(path, OFlags::RDONLY | OFlags::NOFOLLOW).is_err(), "{path}");
        }
        assert!(root.descend("in/a", OFlags::RDONLY | OFlags::NOFOLLOW).is_ok());
    }

    #[test]
    fn i7_special_files_are_not_opened() {
        let folder = tree(&[("a", "")]);
        for name in ["pipe", ".gitignore"] {
            let path =
                std::ffi::CString::new(folder.path().join(name).to_str().expect("utf-8")).expect("no nul");
            rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, Mode::RWXU, 0)
                .expect("fifo");
        }
        let walked = walk(folder.path());
        assert_eq!(walked.files, ["a"]);
        assert_eq!(walked.skipped.len(), 2);
    }

    #[test]
    fn i16_ignore_bombs_are_refused_with_a_notice() {
        let bomb = "{a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p}{a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p}{a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t,u,v,w,x,y,z}{a,b,c,d,e,f,g,h,i,j}\n".repeat(1000);
        let folder = tree(&[(".gitignore", &bomb), ("a", "")]);
        let walked = walk(folder.path());
        assert_eq!(walked.files, [".gitignore", "a"]);
        assert_eq!(walked.notices.len(), 1);
    }
}
