//! Files as they were at a revision, or as they are staged.
//!
//! A repository is untrusted input. It is read by a library, in isolation: git
//! itself never runs, and neither hooks, filters, includes nor configuration of
//! the user or the system have any say. What `.git` holds is looked at by
//! [`layout`] before the library opens it. Objects are bytes and nothing else.

mod layout;

use gix::bstr::{BStr, BString, ByteSlice};
use gix::objs::tree::EntryKind;
pub(crate) use layout::Trusted;
use miette::Diagnostic;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Larger blobs are refused by their header, before they are unpacked.
pub(crate) const MAX_BLOB: u64 = 64 << 20;
/// More entries than this, of all folders together, are not listed.
const MAX_ENTRIES: usize = 1_000_000;
/// Folders deeper than this are not listed.
const MAX_DEPTH: usize = 128;
/// What the library may allocate for one object or for the index.
const MAX_ALLOCATION: usize = 256 << 20;

/// Why a revision cannot be read.
#[derive(Debug, Error, Diagnostic)]
pub(crate) enum Error {
    /// No `.git` in the folder nor above it.
    #[error("not a git repository: `{}`", path.display())]
    #[diagnostic(
        code(revision::not_a_repository),
        help("`--since` and `--staged` compare with what git knows; run Wardline inside a git checkout")
    )]
    NotARepository {
        /// Where the search began.
        path: PathBuf,
    },
    /// `.git`, or a part of it, leads out of the checked tree.
    #[error("`{}` points outside the checkout", path.display())]
    #[diagnostic(
        code(revision::outside),
        help(
            "a checkout could name anyone's files this way, so it is not followed; check the main checkout or a fresh clone, or name the repository from outside with the variable GIT_DIR"
        )
    )]
    Outside {
        /// What points outside.
        path: PathBuf,
    },
    /// A part of `.git` is not what git would write.
    #[error("`{}` {reason}", path.display())]
    #[diagnostic(code(revision::unsafe_layout), help("git does not write this; check a fresh clone instead"))]
    UnsafeLayout {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The library cannot open the repository.
    #[error("cannot open the git repository: {reason}")]
    #[diagnostic(
        code(revision::unreadable),
        help("`git fsck` says more; repositories with SHA-256 object names are not supported")
    )]
    Unreadable {
        /// What the library says.
        reason: String,
    },
    /// The revision is not known here.
    #[error("unknown revision `{revision}`")]
    #[diagnostic(code(revision::unknown))]
    Unknown {
        /// The revision as the user wrote it.
        revision: String,
        /// What to do, depending on the kind of clone.
        #[help]
        help: &'static str,
    },
    /// An object that the revision needs is not in this clone.
    #[error("the object {object} of {what} is missing or damaged")]
    #[diagnostic(code(revision::missing_object))]
    MissingObject {
        /// Its name.
        object: String,
        /// What it is part of.
        what: String,
        /// What to do, depending on the kind of clone.
        #[help]
        help: &'static str,
    },
    /// A file that is too large to be checked.
    #[error("`{path}` has {size} bytes at that revision; the limit is {MAX_BLOB}")]
    #[diagnostic(code(revision::too_large))]
    TooLarge {
        /// Path relative to the root.
        path: String,
        /// Its size.
        size: u64,
    },
    /// A tree that no honest repository has.
    #[error("the tree of {what} {reason}")]
    #[diagnostic(
        code(revision::malformed_tree),
        help("git does not write this; check a fresh clone instead")
    )]
    MalformedTree {
        /// The revision or folder.
        what: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// A regular file of a revision or of the index. Its bytes are read with
/// [`Repository::read`], so that a caller holds only the ones it works on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Blob {
    /// Path relative to the checked root, with `/` on every system.
    pub path: String,
    id: gix::ObjectId,
}

/// A repository that the checked root is part of. It can be shared by threads.
pub(crate) struct Repository {
    library: gix::ThreadSafeRepository,
    index: PathBuf,
    /// Path of the checked root inside the repository, ending in `/` or empty.
    prefix: BString,
}

impl Repository {
    /// Opens the repository whose checkout is `root` or a folder above it.
    ///
    /// # Errors
    /// If there is none, or if its layout leads out of the checkout.
    pub(crate) fn open(root: &Path, trusted: &Trusted) -> Result<Self, Error> {
        let layout = layout::find(root, trusted)?;
        let unreadable = |error: &dyn std::fmt::Display| Error::Unreadable { reason: error.to_string() };
        let options = gix::open::Options::isolated()
            // Reduced trust ignores every setting that could name a program or a path.
            .with(gix::sec::Trust::Reduced)
            .open_path_as_is(true)
            .config_overrides([
                format!("gitoxide.objects.allocLimit={MAX_ALLOCATION}"),
                "index.threads=1".to_owned(),
            ]);
        let library = gix::ThreadSafeRepository::open_opts(&layout.git_dir, options)
            .map_err(|error| unreadable(&error))?;
        Ok(Self { library, index: layout.index, prefix: layout.prefix.into() })
    }

    /// Every regular file below the checked root at `revision`, by path. Links
    /// and submodules are left out, as in a walk of the disk.
    ///
    /// # Errors
    /// If the revision is unknown, or its trees are missing or too large.
    pub(crate) fn tree(&self, revision: &str) -> Result<Vec<Blob>, Error> {
        let library = self.library.to_thread_local();
        let id = library
            .rev_parse_single(BStr::new(revision))
            .map_err(|_| Error::Unknown { revision: revision.to_owned(), help: advice(&library) })?;
        let what = format!("`{revision}`");
        let tree = library
            .find_object(id)
            .ok()
            .and_then(|object| object.peel_to_tree().ok())
            .ok_or_else(|| missing(&library, &id, &what))?;
        let files = files_below(&library, tree.id, self.prefix.as_bstr(), &what)?;
        let mut blobs: Vec<Blob> =
            files.into_iter().map(|(path, id)| self.blob(path.as_bstr(), id)).collect();
        blobs.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(blobs)
    }

    /// The files below the checked root that the next commit would add or
    /// change, with their staged content.
    ///
    /// # Errors
    /// If the index or the last commit cannot be read.
    pub(crate) fn staged(&self) -> Result<Vec<Blob>, Error> {
        let library = self.library.to_thread_local();
        let what = "the last commit";
        let committed: HashMap<BString, gix::ObjectId> = match library.head_tree_id_or_empty() {
            Ok(id) if id.is_empty_tree() => HashMap::new(),
            Ok(id) => files_below(&library, id.detach(), self.prefix.as_bstr(), what)?.into_iter().collect(),
            Err(_) => {
                let help = advice(&library);
                return Err(Error::Unknown { revision: "HEAD".to_owned(), help });
            }
        };
        if !self.index.exists() {
            return Ok(Vec::new());
        }
        layout::regular(&self.index, layout::MAX_INDEX)?;
        let options = gix::index::decode::Options {
            thread_limit: Some(1),
            alloc_limit_bytes: Some(MAX_ALLOCATION),
            ..Default::default()
        };
        let index = gix::index::File::at(&self.index, library.object_hash(), false, options)
            .map_err(|error| Error::Unreadable { reason: format!("the index: {error}") })?;
        let mut blobs = Vec::new();
        for entry in index.entries() {
            let path = entry.path(&index);
            let listed = path.starts_with(&self.prefix)
                && !entry.flags.contains(gix::index::entry::Flags::INTENT_TO_ADD)
                // Of a conflict, the committer's own side.
                && matches!(entry.stage_raw(), 0 | 2);
            if !listed {
                continue;
            }
            check_path(path, "the index")?;
            if entry.mode.is_sparse() {
                let folder = path.trim_end_with(|c| c == '/');
                for (path, id) in tree_files(&library, entry.id, folder.as_bstr(), "the index")? {
                    if committed.get(&path) != Some(&id) {
                        blobs.push(self.blob(path.as_bstr(), id));
                    }
                }
            } else if is_regular(entry.mode) && committed.get(path) != Some(&entry.id) {
                blobs.push(self.blob(path, entry.id));
            }
        }
        blobs.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(blobs)
    }

    /// The content of a file.
    ///
    /// # Errors
    /// If it is larger than [`MAX_BLOB`], missing or damaged.
    pub(crate) fn read(&self, blob: &Blob) -> Result<Vec<u8>, Error> {
        let library = self.library.to_thread_local();
        let missing = || missing(&library, &blob.id, &format!("`{}`", blob.path));
        let size = library.find_header(blob.id).map_err(|_| missing())?.size();
        if size > MAX_BLOB {
            return Err(Error::TooLarge { path: blob.path.clone(), size });
        }
        let mut object = library.find_blob(blob.id).map_err(|_| missing())?;
        Ok(object.take_data())
    }

    fn blob(&self, path: &BStr, id: gix::ObjectId) -> Blob {
        Blob { path: path[self.prefix.len()..].to_str_lossy().into_owned(), id }
    }
}

/// The branch that is checked out, if one is: gates may depend on it. It takes
/// one small read, unlike opening the repository.
///
/// # Errors
/// If `.git` leads out of the checkout. No repository at all is no branch.
pub(crate) fn current_branch(root: &Path, trusted: &Trusted) -> Result<Option<String>, Error> {
    let git_dir = match layout::find_git_dir(root, trusted) {
        Ok(found) => found.git_dir,
        Err(Error::NotARepository { .. }) => return Ok(None),
        Err(error) => return Err(error),
    };
    let head = layout::read_small(&git_dir.join("HEAD"))?;
    Ok(head.trim().strip_prefix("ref: refs/heads/").map(str::to_owned))
}

/// The folder that holds the repository's own files, such as its hooks.
///
/// # Errors
/// As for [`Repository::open`].
pub(crate) fn git_dir(root: &Path, trusted: &Trusted) -> Result<PathBuf, Error> {
    layout::find_git_dir(root, trusted).map(|found| found.git_dir)
}

/// The top folder of the checkout that `root` is part of.
///
/// # Errors
/// As for [`Repository::open`].
pub(crate) fn checkout(root: &Path, trusted: &Trusted) -> Result<PathBuf, Error> {
    layout::find_git_dir(root, trusted).map(|found| found.checkout)
}

/// The regular files of the tree `root` that lie below `prefix`, with their
/// paths from the repository's top.
fn files_below(
    library: &gix::Repository,
    root: gix::ObjectId,
    prefix: &BStr,
    what: &str,
) -> Result<Vec<(BString, gix::ObjectId)>, Error> {
    let mut id = root;
    let folder = prefix.trim_end_with(|c| c == '/').as_bstr();
    for name in folder.split_str("/").filter(|name| !name.is_empty()) {
        let data = tree_data(library, id, what)?;
        let entries = gix::objs::TreeRefIter::from_bytes(&data, library.object_hash());
        // Before the folder existed, there were no files in it.
        match entries.filter_map(Result::ok).find(|entry| entry.filename == name && entry.mode.is_tree()) {
            Some(entry) => id = entry.oid.to_owned(),
            None => return Ok(Vec::new()),
        }
    }
    tree_files(library, id, folder, what)
}

/// The regular files of one tree, in no particular order.
fn tree_files(
    library: &gix::Repository,
    root: gix::ObjectId,
    folder: &BStr,
    what: &str,
) -> Result<Vec<(BString, gix::ObjectId)>, Error> {
    let malformed = |reason: String| Error::MalformedTree { what: what.to_owned(), reason };
    let mut files = Vec::new();
    let mut seen = 0;
    let mut pending = vec![(folder.to_owned(), root, 0)];
    while let Some((folder, id, depth)) = pending.pop() {
        if depth > MAX_DEPTH {
            return Err(malformed(format!("is more than {MAX_DEPTH} folders deep")));
        }
        let data = tree_data(library, id, what)?;
        for entry in gix::objs::TreeRefIter::from_bytes(&data, library.object_hash()) {
            let entry = entry.map_err(|_| malformed("is damaged".to_owned()))?;
            seen += 1;
            // A tree can name the same folder a thousand times on a thousand
            // levels: entries are counted wherever they occur.
            if seen > MAX_ENTRIES {
                return Err(malformed(format!("has more than {MAX_ENTRIES} entries")));
            }
            check_name(entry.filename, what)?;
            let mut path = folder.clone();
            if !path.is_empty() {
                path.push(b'/');
            }
            path.extend_from_slice(entry.filename);
            match entry.mode.kind() {
                EntryKind::Tree => pending.push((path, entry.oid.to_owned(), depth + 1)),
                EntryKind::Blob | EntryKind::BlobExecutable => files.push((path, entry.oid.to_owned())),
                EntryKind::Link | EntryKind::Commit => {}
            }
        }
    }
    Ok(files)
}

fn tree_data(library: &gix::Repository, id: gix::ObjectId, what: &str) -> Result<Vec<u8>, Error> {
    let size = library.find_header(id).map_err(|_| missing(library, &id, what))?.size();
    if size > MAX_BLOB {
        return Err(Error::MalformedTree {
            what: what.to_owned(),
            reason: format!("has a folder of {size} bytes"),
        });
    }
    let mut tree = library.find_tree(id).map_err(|_| missing(library, &id, what))?;
    Ok(std::mem::take(&mut tree.data))
}

fn check_path(path: &BStr, what: &str) -> Result<(), Error> {
    let path = path.strip_suffix(b"/").unwrap_or(path);
    path.split_str("/").try_for_each(|name| check_name(name.as_bstr(), what))
}

fn check_name(name: &BStr, what: &str) -> Result<(), Error> {
    let odd = name.is_empty()
        || name == "."
        || name == ".."
        || name.eq_ignore_ascii_case(b".git")
        || name.iter().any(|byte| matches!(byte, b'/' | 0));
    if odd {
        return Err(Error::MalformedTree {
            what: what.to_owned(),
            reason: format!("has an entry named `{}`", name.to_str_lossy().escape_debug()),
        });
    }
    Ok(())
}

fn is_regular(mode: gix::index::entry::Mode) -> bool {
    mode == gix::index::entry::Mode::FILE || mode == gix::index::entry::Mode::FILE_EXECUTABLE
}

fn missing(library: &gix::Repository, id: &gix::oid, what: &str) -> Error {
    Error::MissingObject { object: id.to_hex().to_string(), what: what.to_owned(), help: advice(library) }
}

fn advice(library: &gix::Repository) -> &'static str {
    if library.is_shallow().unwrap_or(false) {
        "this clone is shallow; fetch more history, as with `git fetch --unshallow` or `fetch-depth: 0` in a workflow"
    } else {
        "`git fetch` brings what the remote has; a branch of the remote is written `origin/main`"
    }
}

#[cfg(test)]
pub(crate) mod tests;
