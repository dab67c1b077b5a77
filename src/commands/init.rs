//! `wardline init`: the files that bring Wardline into a project.
//!
//! It writes what is asked for and nothing else, and never over a file that is
//! there: then it says what to add to that file. All targets are looked at
//! before the first one is written.

use crate::revision::{self, Trusted};
use miette::Diagnostic;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use thiserror::Error;

const CONFIGURATION: &str = include_str!("init/wardline.toml");
const HOOK: &str = include_str!("init/pre-commit");
const GITHUB: &str = include_str!("init/github.yml");
const GITLAB: &str = include_str!("init/gitlab.yml");

/// The continuous integration that a job is written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Ci {
    /// `.github/workflows/wardline.yml`
    Github,
    /// `.gitlab-ci.yml`
    Gitlab,
}

/// What to write, and where.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    /// The project's folder.
    pub(crate) root: PathBuf,
    /// Also write a git pre-commit hook.
    pub(crate) pre_commit: bool,
    /// Also write a job.
    pub(crate) ci: Option<Ci>,
}

/// Why nothing was written.
#[derive(Debug, Error, Diagnostic)]
pub(crate) enum Error {
    /// A file is there already.
    #[error("`{}` is there already", path.display())]
    #[diagnostic(code(init::exists))]
    Exists {
        /// The file.
        path: PathBuf,
        /// What to do instead.
        #[help]
        help: String,
    },
    /// A hook needs a repository.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Repository(#[from] revision::Error),
    /// The system said no.
    #[error("cannot write `{}`: {source}", path.display())]
    #[diagnostic(code(init::cannot_write))]
    CannotWrite {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// A file to write.
struct Target {
    /// The project, checkout or repository that the file belongs to.
    base: PathBuf,
    path: PathBuf,
    text: String,
    executable: bool,
}

/// Writes the files. Gives back what to tell the user.
pub(crate) fn run(options: &Options, trusted: &Trusted) -> Result<String, Error> {
    let targets = targets(options, trusted)?;
    for target in &targets {
        make(target).map_err(|source| Error::CannotWrite { path: target.path.clone(), source })?;
    }
    let mut said = String::new();
    for target in &targets {
        said.push_str(&format!("wrote {}\n", target.path.display()));
    }
    said.push_str("\nNext: `wardline check` shows the findings of today.\n");
    said.push_str("To start from them and see only new ones: `wardline baseline create`.\n");
    if options.pre_commit {
        said.push_str(
            "git runs the hook before each commit, unless `core.hooksPath` names another folder.\n",
        );
    }
    Ok(said)
}

fn targets(options: &Options, trusted: &Trusted) -> Result<Vec<Target>, Error> {
    let mut targets = Vec::new();
    let configuration = options.root.join("wardline.toml");
    if !exists(&configuration) {
        let (base, text) = (options.root.clone(), CONFIGURATION.to_owned());
        targets.push(Target { base, path: configuration, text, executable: false });
    } else if !options.pre_commit && options.ci.is_none() {
        let help = "edit it; `wardline config show --origin` shows what is in force and where it comes from";
        return Err(Error::Exists { path: configuration, help: help.to_owned() });
    }
    if options.pre_commit {
        targets.push(hook(&options.root, trusted)?);
    }
    if let Some(ci) = options.ci {
        targets.push(job(&options.root, ci, trusted)?);
    }
    Ok(targets)
}

fn hook(root: &Path, trusted: &Trusted) -> Result<Target, Error> {
    let framework = revision::checkout(root, trusted)?.join(".pre-commit-config.yaml");
    if exists(&framework) {
        let help = format!(
            "the pre-commit framework runs this project's hooks; add this to its `repos`:\n\n{}",
            include_str!("init/pre-commit-config.yaml")
        );
        return Err(Error::Exists { path: framework, help });
    }
    let base = revision::git_dir(root, trusted)?;
    let path = base.join("hooks/pre-commit");
    if exists(&path) {
        let help = "add the line `wardline check --staged` to it".to_owned();
        return Err(Error::Exists { path, help });
    }
    Ok(Target { base, path, text: HOOK.to_owned(), executable: true })
}

fn job(root: &Path, ci: Ci, trusted: &Trusted) -> Result<Target, Error> {
    // Jobs are only found at the top of a repository.
    let top = revision::checkout(root, trusted).unwrap_or_else(|_| root.to_owned());
    let (path, text) = match ci {
        Ci::Github => (top.join(".github/workflows/wardline.yml"), GITHUB),
        Ci::Gitlab => (top.join(".gitlab-ci.yml"), GITLAB),
    };
    let text = text
        .replace("@VERSION@", env!("CARGO_PKG_VERSION"))
        .replace("@REPOSITORY@", env!("CARGO_PKG_REPOSITORY"));
    if exists(&path) {
        let help = match ci {
            Ci::Github => "remove or rename it, then run this command again".to_owned(),
            Ci::Gitlab => format!("add this job to it:\n\n{text}"),
        };
        return Err(Error::Exists { path, help });
    }
    Ok(Target { base: top, path, text, executable: false })
}

/// Makes a new file. It fails where a file or a link is, even one that appeared
/// a moment ago.
fn make(target: &Target) -> io::Result<()> {
    let folders = target.path.ancestors().skip(1).take_while(|folder| *folder != target.base);
    for folder in folders {
        if folder.symlink_metadata().is_ok_and(|metadata| metadata.is_symlink()) {
            return Err(io::Error::other("a folder on the way is a link"));
        }
    }
    fs::create_dir_all(target.path.parent().unwrap_or(&target.base))?;
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if target.executable {
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o777);
    }
    options.open(&target.path)?.write_all(target.text.as_bytes())
}

fn exists(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

#[cfg(test)]
mod tests;
