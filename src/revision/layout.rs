//! Where a repository's own files are, and whether they can be opened safely.
//!
//! The library follows links, waits for pipes and reads whole files. So every
//! path that it will open is looked at first: real folders and regular files of
//! sane sizes, all inside the checkout. Only the environment, which is the
//! user's, may say otherwise.

use super::Error;
use std::fs::{self, FileType};
use std::io::Read;
use std::path::{Path, PathBuf};

/// The largest index that is read.
pub(super) const MAX_INDEX: u64 = 256 << 20;
/// The largest file of references that is read.
const MAX_REFERENCES: u64 = 64 << 20;
/// The largest other file of `.git` that is read.
const MAX_SMALL: u64 = 1 << 20;
/// References and loose objects beyond this many are taken for an attack.
const MAX_FILES: usize = 4_000_000;

/// What the user's environment says about the repository. git sets these for
/// its hooks: for commits of chosen files, and in linked checkouts.
#[derive(Debug, Clone, Default)]
pub(crate) struct Trusted {
    /// `GIT_DIR`: a folder that may lie outside the checkout.
    pub git_dir: Option<PathBuf>,
    /// `GIT_INDEX_FILE`: the index of the commit under way.
    pub index: Option<PathBuf>,
}

impl Trusted {
    /// Reads `GIT_DIR` and `GIT_INDEX_FILE`.
    #[must_use]
    pub(crate) fn from_environment() -> Self {
        let path = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        Self { git_dir: path("GIT_DIR"), index: path("GIT_INDEX_FILE") }
    }
}

/// A repository whose layout was looked at.
pub(super) struct Layout {
    pub(super) git_dir: PathBuf,
    pub(super) index: PathBuf,
    /// Path of the checked root inside the checkout, ending in `/` or empty.
    pub(super) prefix: String,
}

/// Finds the repository of `root` and looks at everything the library reads.
pub(super) fn find(root: &Path, trusted: &Trusted) -> Result<Layout, Error> {
    let found = find_git_dir(root, trusted)?;
    let common = common_dir(&found)?;
    for folder in [&found.git_dir, &common] {
        check_top(folder)?;
    }
    let mut budget = MAX_FILES;
    for folder in [common.join("refs"), common.join("logs"), common.join("objects")] {
        check_below(&folder, &mut budget)?;
    }
    if found.git_dir != common {
        check_below(&found.git_dir.join("refs"), &mut budget)?;
        check_below(&found.git_dir.join("logs"), &mut budget)?;
    }
    // Alternates name object stores anywhere on the disk.
    let alternates = common.join("objects/info/alternates");
    if !found.trusted && fs::symlink_metadata(&alternates).is_ok() {
        return Err(Error::Outside { path: alternates });
    }
    let index = trusted.index.clone().unwrap_or_else(|| found.git_dir.join("index"));
    Ok(Layout { git_dir: found.git_dir, index, prefix: found.prefix })
}

/// Where `.git` leads.
pub(super) struct Found {
    pub(super) checkout: PathBuf,
    pub(super) git_dir: PathBuf,
    prefix: String,
    trusted: bool,
}

/// Finds the repository of `root` without looking into it.
pub(super) fn find_git_dir(root: &Path, trusted: &Trusted) -> Result<Found, Error> {
    let not_found = || Error::NotARepository { path: root.to_owned() };
    let root = fs::canonicalize(root).map_err(|_| not_found())?;
    let checkout = root
        .ancestors()
        .find(|folder| fs::symlink_metadata(folder.join(".git")).is_ok())
        .ok_or_else(not_found)?
        .to_owned();
    let dot_git = checkout.join(".git");
    let target = match kind(&dot_git) {
        Some(kind) if kind.is_dir() => dot_git.clone(),
        Some(kind) if kind.is_symlink() => dot_git.clone(),
        _ => {
            let text = read_small(&dot_git)?;
            let reason = "is neither a folder nor a pointer to one";
            let path = text.strip_prefix("gitdir:").map(str::trim).filter(|path| !path.is_empty());
            checkout.join(path.ok_or(Error::UnsafeLayout { path: dot_git.clone(), reason })?)
        }
    };
    let vouched = trusted.git_dir.as_ref().and_then(|path| fs::canonicalize(path).ok());
    // Where the target does not exist or loops, nothing is said about the disk
    // outside: the answer is the same as for one that exists.
    let git_dir = fs::canonicalize(&target).map_err(|_| Error::Outside { path: dot_git.clone() })?;
    let is_trusted = vouched.as_deref() == Some(&git_dir);
    if !is_trusted && !git_dir.starts_with(&checkout) {
        return Err(Error::Outside { path: dot_git });
    }
    if !git_dir.is_dir() {
        return Err(Error::UnsafeLayout { path: dot_git, reason: "is a pointer to a file" });
    }
    let below = root.strip_prefix(&checkout).expect("a folder lies below its ancestors");
    let mut prefix = String::new();
    for part in below {
        prefix.push_str(&part.to_string_lossy());
        prefix.push('/');
    }
    Ok(Found { checkout, git_dir, prefix, trusted: is_trusted })
}

/// The folder that linked checkouts share.
fn common_dir(found: &Found) -> Result<PathBuf, Error> {
    let pointer = found.git_dir.join("commondir");
    if fs::symlink_metadata(&pointer).is_err() {
        return Ok(found.git_dir.clone());
    }
    let text = read_small(&pointer)?;
    let common = fs::canonicalize(found.git_dir.join(text.trim()));
    match common {
        Ok(common) if found.trusted || common.starts_with(&found.checkout) => Ok(common),
        _ => Err(Error::Outside { path: pointer }),
    }
}

/// Checks the files that the library opens by name in a repository's folder.
fn check_top(folder: &Path) -> Result<(), Error> {
    let unreadable = |error: std::io::Error| Error::Unreadable { reason: error.to_string() };
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let path = entry.path();
        match &*name {
            "objects" | "refs" | "logs" => folder_only(&path)?,
            "packed-refs" => regular(&path, MAX_REFERENCES)?,
            "config" | "config.worktree" | "commondir" | "gitdir" | "shallow" => regular(&path, MAX_SMALL)?,
            "index" => regular(&path, MAX_INDEX)?,
            name if name.starts_with("sharedindex.") => regular(&path, MAX_INDEX)?,
            // HEAD, ORIG_HEAD and any other name that a revision may spell.
            name if name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_') => {
                regular(&path, MAX_SMALL)?
            }
            _ => {}
        }
    }
    Ok(())
}

/// Checks that there are only folders and regular files below a folder.
fn check_below(folder: &Path, budget: &mut usize) -> Result<(), Error> {
    if fs::symlink_metadata(folder).is_err() {
        return Ok(());
    }
    folder_only(folder)?;
    let mut pending = vec![(folder.to_owned(), 0)];
    while let Some((folder, depth)) = pending.pop() {
        let entries =
            fs::read_dir(&folder).map_err(|error| Error::Unreadable { reason: error.to_string() })?;
        for entry in entries.flatten() {
            *budget = budget.saturating_sub(1);
            if *budget == 0 || depth > 64 {
                return Err(Error::UnsafeLayout { path: folder, reason: "has too many or too deep entries" });
            }
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => pending.push((entry.path(), depth + 1)),
                Ok(kind) if kind.is_file() => {}
                _ => {
                    return Err(Error::UnsafeLayout { path: entry.path(), reason: NOT_REGULAR });
                }
            }
        }
    }
    Ok(())
}

const NOT_REGULAR: &str = "is a link or a special file";

fn folder_only(path: &Path) -> Result<(), Error> {
    match kind(path) {
        Some(kind) if kind.is_dir() => Ok(()),
        _ => Err(Error::UnsafeLayout { path: path.to_owned(), reason: "is not a folder" }),
    }
}

/// Checks that a path is a regular file of at most `limit` bytes.
pub(super) fn regular(path: &Path, limit: u64) -> Result<(), Error> {
    let wrong = |reason| Err(Error::UnsafeLayout { path: path.to_owned(), reason });
    match fs::symlink_metadata(path) {
        Ok(metadata) if !metadata.is_file() => wrong(NOT_REGULAR),
        Ok(metadata) if metadata.len() > limit => wrong("is too large"),
        Ok(_) => Ok(()),
        Err(_) => wrong("cannot be read"),
    }
}

/// Reads a small text file, and nothing that only looks like one.
pub(super) fn read_small(path: &Path) -> Result<String, Error> {
    regular(path, MAX_SMALL)?;
    let wrong = |reason| Error::UnsafeLayout { path: path.to_owned(), reason };
    let mut text = String::new();
    fs::File::open(path)
        .and_then(|file| file.take(MAX_SMALL).read_to_string(&mut text))
        .map_err(|_| wrong("cannot be read as text"))?;
    Ok(text)
}

fn kind(path: &Path) -> Option<FileType> {
    fs::symlink_metadata(path).ok().map(|metadata| metadata.file_type())
}
