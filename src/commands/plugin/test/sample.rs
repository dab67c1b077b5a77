//! Samples: the examples of pages and the fixtures, ready to be run.

use super::judge::Failure;
use crate::commands::plugin::Trouble;
use crate::example::{self, Verdict};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use wardline_engine::finding::Class;

/// Texts, and what a plugin is to find in them.
#[derive(Debug, Clone)]
pub(super) struct Sample {
    /// The file that holds it, relative to the plugin's folder.
    pub(super) file: String,
    /// Where in it, from 1.
    pub(super) line: usize,
    /// All texts, by path.
    pub(super) texts: Vec<(String, String)>,
    /// The path that the promise is about.
    pub(super) path: String,
    /// What is to be found.
    pub(super) promise: Promise,
    /// The requirements that it shows being met.
    pub(super) requirements: Vec<String>,
    /// The text at `path` after fixes.
    pub(super) fixed: Option<String>,
}

/// What is to be found in a sample.
#[derive(Debug, Clone)]
pub(super) enum Promise {
    /// At least one finding of a rule, of a class if one is given.
    Fires { rule: String, class: Option<Class> },
    /// No finding of a rule.
    Silent { rule: String },
    /// These findings, by line and rule, and no others.
    Exactly(BTreeSet<(usize, String)>),
}

impl Sample {
    /// The verdict of an example; a fixture has none.
    pub(super) fn verdict(&self) -> Option<Verdict> {
        match &self.promise {
            Promise::Fires { .. } => Some(Verdict::Bad),
            Promise::Silent { .. } => Some(Verdict::Good),
            Promise::Exactly(_) => None,
        }
    }

    /// How many findings are promised at least.
    pub(super) fn promised(&self) -> usize {
        match &self.promise {
            Promise::Fires { .. } => 1,
            Promise::Silent { .. } => 0,
            Promise::Exactly(expected) => expected.len(),
        }
    }

    /// The text that the promise is about.
    pub(super) fn text(&self) -> &str {
        self.texts.iter().find(|(path, _)| *path == self.path).map_or("", |(_, text)| text)
    }
}

/// Everything that a plugin is tested with.
#[derive(Debug, Default)]
pub(super) struct Samples {
    /// By the rule whose page they are from.
    pages: BTreeMap<String, Vec<Sample>>,
    fixtures: Vec<Sample>,
    /// By rule or fixture.
    mistakes: Vec<(String, Failure)>,
}

impl Samples {
    pub(super) fn of_rule(&self, rule: &str) -> impl Iterator<Item = &Sample> {
        self.pages.get(rule).into_iter().flatten()
    }

    pub(super) fn fixtures(&self) -> impl Iterator<Item = &Sample> {
        self.fixtures.iter()
    }

    /// What is wrong with a rule's page, or with a fixture.
    pub(super) fn mistakes_of<'s>(&'s self, owner: &'s str) -> impl Iterator<Item = &'s Failure> {
        self.mistakes.iter().filter(move |(of, _)| of == owner).map(|(_, failure)| failure)
    }

    fn page(&mut self, rule: &str, page: &str) {
        let file = format!("docs/{rule}.md");
        let (examples, mistakes) = example::parse(page);
        let failures =
            mistakes.into_iter().map(|mistake| Failure::new(&file, mistake.message).at_line(mistake.line));
        self.mistakes.extend(failures.map(|failure| (rule.to_owned(), failure)));
        let samples = examples.into_iter().map(|example| {
            let promise = match example.verdict {
                Verdict::Bad => Promise::Fires { rule: rule.to_owned(), class: example.class },
                Verdict::Good => Promise::Silent { rule: rule.to_owned() },
            };
            let path = example.file.path.clone();
            let files = example.context.into_iter().chain([example.file]);
            Sample {
                file: file.clone(),
                line: example.line,
                texts: files.map(|file| (file.path, file.text)).collect(),
                path,
                promise,
                requirements: example.requirements,
                fixed: example.fixed,
            }
        });
        self.pages.insert(rule.to_owned(), samples.collect());
    }

    /// A fixture lies in a folder of its rule, or of its language, which is the
    /// root as far as the plugin is concerned.
    fn fixture(&mut self, folder: &Path, file: &Path) -> Result<(), Trouble> {
        let shown = relative(folder, file);
        let path = shown.split_once('/').map_or(shown.as_str(), |(_, rest)| rest).to_owned();
        let text = std::fs::read_to_string(file).map_err(Trouble::io(file))?;
        let text = example::expand(&text);
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let fixed = std::fs::read_to_string(file.with_file_name(example::fixed_name(&name))).ok();
        self.fixtures.push(Sample {
            file: format!("fixtures/{shown}"),
            line: 1,
            promise: Promise::Exactly(example::expectations(&text)),
            texts: vec![(path.clone(), text)],
            path,
            requirements: Vec::new(),
            fixed: fixed.as_deref().map(example::expand),
        });
        Ok(())
    }
}

/// The samples of pages alone, such as a built plugin holds.
pub(super) fn of_pages(pages: BTreeMap<String, String>) -> Samples {
    let mut samples = Samples::default();
    for (rule, page) in pages {
        samples.page(&rule, &page);
    }
    samples
}

/// The pages and fixtures of a plugin's folder.
pub(super) fn of_folder(root: &Path) -> Result<Samples, Trouble> {
    let mut samples = Samples::default();
    for file in files(&root.join("docs"))? {
        if file.extension().is_some_and(|extension| extension == "md") {
            let page = std::fs::read_to_string(&file).map_err(Trouble::io(&file))?;
            samples.page(&file.file_stem().unwrap_or_default().to_string_lossy(), &page);
        }
    }
    let folder = root.join("fixtures");
    let all = if folder.is_dir() { files(&folder)? } else { Vec::new() };
    let fixed: BTreeSet<PathBuf> = all
        .iter()
        .map(|file| {
            file.with_file_name(example::fixed_name(&file.file_name().unwrap_or_default().to_string_lossy()))
        })
        .collect();
    for file in all.iter().filter(|file| !fixed.contains(*file)) {
        samples.fixture(&folder, file)?;
    }
    Ok(samples)
}

/// All files below a folder, sorted.
fn files(folder: &Path) -> Result<Vec<PathBuf>, Trouble> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).map_err(Trouble::io(&folder))? {
            let entry = entry.map_err(Trouble::io(&folder))?;
            let kind = entry.file_type().map_err(Trouble::io(&folder))?;
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() {
                files.push(entry.path());
            }
        }
    }
    files.sort();
    Ok(files)
}

fn relative(folder: &Path, file: &Path) -> String {
    let path = file.strip_prefix(folder).unwrap_or(file);
    let parts: Vec<String> = path.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    parts.join("/")
}
