//! The baseline's files: reading them with care, and changing few of them.

use super::{Baseline, Entry, can_be_accepted, reopened};
use crate::finding::{Finding, Status};
use crate::folder::Folder;
use crate::notice::Notice;
use miette::Diagnostic;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Where a baseline is kept.
#[derive(Debug, Clone)]
pub struct Store {
    root: PathBuf,
    folder: PathBuf,
}

/// What became of the files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// Findings that are accepted now.
    pub added: usize,
    /// Entries that followed a file to its new path.
    pub moved: usize,
    /// Entries that are gone.
    pub removed: usize,
}

/// The baseline's folder cannot be read or written.
#[derive(Debug, Error, Diagnostic)]
#[error("the baseline in `{folder}` cannot be {action}: {reason}")]
#[diagnostic(
    code(baseline::unusable),
    help("a baseline is a folder of its own, reached through no symbolic link")
)]
pub struct BaselineError {
    folder: String,
    action: &'static str,
    reason: io::Error,
}

const MAX_ENTRY_SIZE: u64 = 16 * 1024;
const MAX_ENTRIES: usize = 100_000;
/// How much of a fingerprint names the file.
const NAME_LENGTH: usize = 16;

impl Store {
    /// The baseline in a folder. A relative one is beneath `root`, and reached
    /// without following links; an absolute one is the user's own choice.
    #[must_use]
    pub fn new(root: &Path, folder: &Path) -> Self {
        Self { root: root.to_owned(), folder: folder.to_owned() }
    }

    /// Reads the baseline; it is empty where there is no such folder. An entry
    /// that cannot be read becomes a notice and accepts nothing.
    pub fn load(&self) -> Result<(Baseline, Vec<Notice>), BaselineError> {
        let opened = match self.folder.is_absolute() {
            true => Folder::open(&self.folder),
            false => Folder::open(&self.root).and_then(|root| root.beneath(&self.folder)),
        };
        let folder = match opened {
            Ok(folder) => folder,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(<_>::default()),
            Err(error) => return Err(self.error("read", error)),
        };
        let mut names = folder.names().map_err(|error| self.error("read", error))?;
        // Others are not ours: a note on how the team decides, a file half written.
        names.retain(|name| name.ends_with(".toml") && !name.starts_with('.'));
        let mut notices = Vec::new();
        if names.len() > MAX_ENTRIES {
            let message = format!("the baseline has more than {MAX_ENTRIES} entries; the rest is not read");
            notices.push(Notice::info("baseline::too_large", message).at(self.shown("")));
            names.truncate(MAX_ENTRIES);
        }
        let mut baseline = Baseline::default();
        for name in names {
            match read_entry(&folder, &name) {
                Ok(entry) => drop(baseline.entries.insert(entry.fingerprint.clone(), entry)),
                Err(reason) => notices.push(
                    Notice::info(
                        "baseline::broken_entry",
                        format!("this entry of the baseline accepts nothing: {reason}"),
                    )
                    .at(self.shown(&name))
                    .help("remove the file, and accept the finding again"),
                ),
            }
        }
        Ok((baseline, notices))
    }

    /// Accepts all open findings. An error if there is a baseline already:
    /// starting over by mistake would lose its reasons.
    pub fn create(&self, findings: &[Finding], reason: Option<&str>) -> Result<Changes, BaselineError> {
        if !self.load()?.0.entries.is_empty() {
            let exists =
                io::Error::new(io::ErrorKind::AlreadyExists, "there is one already, which can be updated");
            return Err(self.error("created", exists));
        }
        self.update(findings, &|_| false, reason)
    }

    /// Accepts the open findings that are not accepted yet, and lets entries
    /// follow files that moved. Entries that exist are left as they are, with
    /// their reasons. For `settled`, see [`Baseline::apply`].
    pub fn update(
        &self,
        findings: &[Finding],
        settled: &dyn Fn(&str) -> bool,
        reason: Option<&str>,
    ) -> Result<Changes, BaselineError> {
        let (baseline, _) = self.load()?;
        let folder = self.create_folder()?;
        let mut changes = Changes::default();
        let mut findings = reopened(findings);
        let unmet = baseline.meet(&mut findings, settled);
        let moves: BTreeMap<usize, &Entry> = baseline.moves(&findings, &unmet).into_iter().collect();
        for (index, finding) in findings.iter().enumerate() {
            if finding.status != Status::Open || !can_be_accepted(finding) {
                continue;
            }
            let old = moves.get(&index);
            let reason = old.map_or(reason, |old| old.reason.as_deref());
            self.write(&folder, &Entry::of(finding, reason))?;
            match old {
                Some(old) => {
                    self.remove(&folder, old)?;
                    changes.moved += 1;
                }
                None => changes.added += 1,
            }
        }
        Ok(changes)
    }

    /// Removes the stale entries. For `settled`, see [`Baseline::apply`].
    pub fn prune(
        &self,
        findings: &[Finding],
        settled: &dyn Fn(&str) -> bool,
    ) -> Result<Changes, BaselineError> {
        let (baseline, _) = self.load()?;
        let mut findings = reopened(findings);
        let stale = baseline.apply(&mut findings, settled);
        if stale.is_empty() {
            return Ok(Changes::default());
        }
        let folder = self.create_folder()?;
        for entry in &stale {
            self.remove(&folder, entry)?;
        }
        Ok(Changes { removed: stale.len(), ..Changes::default() })
    }

    fn create_folder(&self) -> Result<Folder, BaselineError> {
        let folder = match self.folder.is_absolute() {
            true => std::fs::create_dir_all(&self.folder).and_then(|()| Folder::open(&self.folder)),
            false => Folder::open(&self.root).and_then(|root| root.create_beneath(&self.folder)),
        };
        folder.map_err(|error| self.error("written", error))
    }

    fn write(&self, folder: &Folder, entry: &Entry) -> Result<(), BaselineError> {
        let text = toml::to_string(entry).expect("an entry is a table of strings");
        folder.write(&entry.file_name(), text.as_bytes()).map_err(|error| self.error("written", error))
    }

    fn remove(&self, folder: &Folder, entry: &Entry) -> Result<(), BaselineError> {
        folder.remove(&entry.file_name()).map_err(|error| self.error("written", error))
    }

    fn error(&self, action: &'static str, reason: io::Error) -> BaselineError {
        BaselineError { folder: self.shown(""), action, reason }
    }

    /// The folder, or a file in it, as reports name it.
    fn shown(&self, name: &str) -> String {
        let folder = self.folder.display().to_string().replace('\\', "/");
        if name.is_empty() { folder } else { format!("{folder}/{name}") }
    }
}

impl Entry {
    pub(super) fn of(finding: &Finding, reason: Option<&str>) -> Self {
        Self {
            rule: finding.rule.clone(),
            path: finding.place.path.clone(),
            message: finding.message.chars().take(1024).collect(),
            reason: reason.map(str::to_owned),
            fingerprint: finding.fingerprint.clone(),
            moved_fingerprint: finding.moved_fingerprint.clone(),
        }
    }

    pub(super) fn file_name(&self) -> String {
        format!("{}.toml", &self.fingerprint[..NAME_LENGTH.min(self.fingerprint.len())])
    }
}

fn read_entry(folder: &Folder, name: &str) -> Result<Entry, String> {
    let text = folder.read(name, MAX_ENTRY_SIZE).map_err(|error| error.to_string())?;
    let text = text.ok_or("it is gone")?;
    let entry: Entry = toml::from_str(&text).map_err(|error| error.message().replace('\n', " "))?;
    for fingerprint in [&entry.fingerprint, &entry.moved_fingerprint] {
        let hexadecimal = fingerprint.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if !hexadecimal || fingerprint.len() < NAME_LENGTH {
            return Err("a fingerprint is not hexadecimal".to_owned());
        }
    }
    // One finding in two files would let a removal on one branch go unnoticed.
    match entry.file_name() == name {
        true => Ok(entry),
        false => Err(format!("by its fingerprint it would be `{}`", entry.file_name())),
    }
}
