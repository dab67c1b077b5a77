//! The layers of the configuration, joined into one.

use super::file::{AllowTable, ConfigFile, GateException, Located, PluginTable, RuleSetting};
use super::gate::{self, Gate, Step};
use super::globs::Globs;
use super::origin::{Layer, Origin, Source, Sourced};
use super::reader::{Reader, json, list, quoted, table};
use super::rules::Statement;
use super::value::{Digest, RulePattern, Threshold};
use super::{ConfigError, Date};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The configuration that holds: all layers joined.
#[derive(Debug, Clone)]
pub struct Config {
    /// The folder that all paths are relative to.
    pub root: PathBuf,
    /// Which files are checked.
    pub check: Check,
    /// Which findings fail a run.
    pub gate: Gate,
    /// What is said about plugins, by id.
    pub plugins: BTreeMap<String, Plugin>,
    /// Findings that are allowed.
    pub allows: Vec<Allow>,
    /// The baseline's folder: relative to the root, unless the command line says
    /// otherwise.
    pub baseline: PathBuf,
    pub(super) statements: Vec<Statement>,
    pub(super) only: Vec<RulePattern>,
    pub(super) skip: Vec<RulePattern>,
    entries: Vec<Entry>,
}

/// Which files are checked.
#[derive(Debug, Clone)]
pub struct Check {
    include: Vec<Globs>,
    exclude: Vec<Globs>,
    /// Files of more bytes are left out.
    pub max_file_size: u64,
}

/// What is said about a plugin.
#[derive(Debug, Clone)]
pub struct Plugin {
    /// Whether its rules run.
    pub enabled: bool,
    /// The bytes that are meant: others do not load under this id.
    pub digest: Option<Sourced<Digest>>,
    /// Where the component is, where the user says so.
    pub path: Option<PathBuf>,
    /// Its options.
    pub options: serde_json::Map<String, serde_json::Value>,
}

/// Findings that the configuration allows.
#[derive(Debug, Clone)]
pub struct Allow {
    /// The rules.
    pub rule: RulePattern,
    /// Where; everywhere if absent.
    pub paths: Option<Globs>,
    /// Why.
    pub reason: String,
    /// The last day on which it holds.
    pub until: Option<Date>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Where it is written.
    pub origin: Origin,
}

/// What the command line says.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    /// `--fail-on`.
    pub fail_on: Option<Threshold>,
    /// `--only`: these rules and no others.
    pub only: Vec<RulePattern>,
    /// `--skip`: not these rules.
    pub skip: Vec<RulePattern>,
    /// `--baseline`.
    pub baseline: Option<PathBuf>,
    /// Components to load, by the id of their plugin.
    pub plugins: BTreeMap<String, PathBuf>,
}

/// One value that a layer gives, for `config show`.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The key, dotted.
    pub key: String,
    /// The value, as TOML.
    pub value: String,
    /// Where it comes from.
    pub origin: Origin,
    /// Whether it counts: no other layer replaces it.
    pub effective: bool,
}

/// Files beyond this are not searched by anything.
const MAX_FILE_SIZE: u64 = 64 * 1024 * 1024;
const DEFAULT_BASELINE: &str = ".wardline/accepted";

impl Check {
    /// Whether a file is checked.
    #[must_use]
    pub fn admits(&self, path: &str) -> bool {
        !self.excludes(path) && self.include.iter().all(|globs| globs.matches(path))
    }

    /// Whether a file, or a folder with all beneath it, is left out.
    #[must_use]
    pub fn excludes(&self, path: &str) -> bool {
        self.exclude.iter().any(|globs| globs.matches(path))
    }
}

impl Allow {
    /// Whether it is about a finding of this rule at this path.
    #[must_use]
    pub fn covers(&self, rule: &str, path: &str) -> bool {
        self.rule.matches(rule) && self.paths.as_ref().is_none_or(|paths| paths.matches(path))
    }
}

impl Default for Plugin {
    fn default() -> Self {
        Self { enabled: true, digest: None, path: None, options: serde_json::Map::new() }
    }
}

impl Config {
    /// The defaults, for a tree.
    #[must_use]
    pub fn new(root: PathBuf) -> Self {
        let mut config = Self {
            root,
            check: Check { include: Vec::new(), exclude: Vec::new(), max_file_size: MAX_FILE_SIZE },
            gate: Gate::default(),
            plugins: BTreeMap::new(),
            allows: Vec::new(),
            baseline: PathBuf::from(DEFAULT_BASELINE),
            statements: Vec::new(),
            only: Vec::new(),
            skip: Vec::new(),
            entries: Vec::new(),
        };
        let origin = Origin::without_file(Layer::Default);
        config.replace("check.max-file-size", MAX_FILE_SIZE.to_string(), &origin);
        config.replace("gate.fail-on", quoted(gate::DEFAULT), &origin);
        config.replace("gate.classes", list(["real"]), &origin);
        config.replace("baseline.dir", quoted(DEFAULT_BASELINE), &origin);
        config
    }

    /// Every value that a layer gives, by key and layer. Those that do not count
    /// are there too, and say so.
    #[must_use]
    pub fn entries(&self) -> Vec<&Entry> {
        let mut entries: Vec<_> = self.entries.iter().collect();
        entries.sort_by(|a, b| (&a.key, a.origin.layer).cmp(&(&b.key, b.origin.layer)));
        entries
    }

    /// Adds what a file says. `folder` is what paths in the user's file are
    /// relative to.
    pub(super) fn add(
        &mut self,
        layer: Layer,
        source: &Source,
        file: ConfigFile,
        folder: &Path,
    ) -> Result<(), ConfigError> {
        let reader = Reader::new(layer, source);
        if let Some((globs, origin)) = reader.globs("check.include", file.check.include)? {
            self.join("check.include", list(globs.texts()), &origin);
            self.check.include.push(globs);
        }
        if let Some((globs, origin)) = reader.globs("check.exclude", file.check.exclude)? {
            self.join("check.exclude", list(globs.texts()), &origin);
            self.check.exclude.push(globs);
        }
        if let Some((size, origin)) = reader.value(file.check.max_file_size) {
            if size == 0 {
                let reason = "no file would be checked".to_owned();
                return Err(ConfigError::invalid(
                    "check.max-file-size".to_owned(),
                    reason,
                    origin.span,
                    source,
                ));
            }
            // Of several sizes, the smallest holds: a layer cannot widen it.
            let narrower = size <= self.check.max_file_size;
            self.check.max_file_size = size.min(self.check.max_file_size);
            self.record("check.max-file-size", size.to_string(), &origin, narrower);
        }

        let mut step = Step::default();
        if let Some((threshold, origin)) = reader.value(file.gate.fail_on) {
            self.replace("gate.fail-on", quoted(threshold), &origin);
            step.fail_on = Some(threshold);
        }
        if let Some((classes, origin)) = reader.value(file.gate.classes) {
            self.replace("gate.classes", list(classes.iter().map(|class| class.name())), &origin);
            step.classes = Some(classes);
        }
        self.gate.push(step);
        for exception in file.gate.when {
            self.add_exception(&reader, exception)?;
        }

        let mut rules: Vec<_> = file.rules.into_iter().collect();
        rules.sort_by(|(a, _), (b, _)| a.value().narrowness().cmp(&b.value().narrowness()));
        for (rules, setting) in rules {
            self.add_rules(&reader, rules, setting)?;
        }
        for (id, plugin) in file.plugins {
            self.add_plugin(&reader, id.value().as_str(), plugin, folder)?;
        }
        for allow in file.allow {
            self.add_allow(&reader, allow)?;
        }
        if let Some((dir, origin)) = reader.value(file.baseline.dir) {
            self.replace("baseline.dir", quoted(dir.as_path().display()), &origin);
            dir.as_path().clone_into(&mut self.baseline);
        }
        Ok(())
    }

    fn add_exception(
        &mut self,
        reader: &Reader<'_>,
        exception: Located<GateException>,
    ) -> Result<(), ConfigError> {
        let (exception, span) = exception.into_parts();
        let origin = reader.origin(span);
        let GateException { paths, branches, fail_on, classes } = exception;
        let problem = if paths.is_none() && branches.is_none() {
            Some("it has neither `paths` nor `branches`, so it is no exception")
        } else if fail_on.is_none() && classes.is_none() {
            Some("it has neither `fail-on` nor `classes`, so it changes nothing")
        } else {
            None
        };
        if let Some(problem) = problem {
            return Err(ConfigError::invalid(
                "gate.when".to_owned(),
                problem.to_owned(),
                origin.span,
                reader.source,
            ));
        }
        let paths = reader.compile("gate.when.paths", paths, &origin)?;
        let value = table([
            ("paths", paths.as_ref().map(|paths| list(paths.texts()))),
            (
                "branches",
                branches.as_ref().map(|branches| list(branches.iter().map(|branch| branch.as_str()))),
            ),
            ("fail-on", fail_on.map(quoted)),
            ("classes", classes.as_ref().map(|classes| list(classes.iter().map(|class| class.name())))),
        ]);
        self.join("gate.when", value, &origin);
        self.gate.push(Step { paths, branches, fail_on, classes });
        Ok(())
    }

    fn add_rules(
        &mut self,
        reader: &Reader<'_>,
        rules: Located<RulePattern>,
        setting: RuleSetting,
    ) -> Result<(), ConfigError> {
        let (rules, span) = rules.into_parts();
        let origin = reader.origin(span);
        let key = format!("rules.{}", quoted(&rules));
        reader.refuse_own(&rules, &key, &origin)?;
        let RuleSetting { enabled, severity, exclude } = setting;
        let exclude = reader.compile(&key, (!exclude.is_empty()).then_some(exclude), &origin)?;
        let value = table([
            ("enabled", enabled.map(|enabled| enabled.to_string())),
            ("severity", severity.map(quoted)),
            ("exclude", exclude.as_ref().map(|globs| list(globs.texts()))),
        ]);
        self.join(&key, value, &origin);
        self.statements.push(Statement { rules, enabled, severity, exclude: exclude.map(Arc::new), origin });
        Ok(())
    }

    fn add_plugin(
        &mut self,
        reader: &Reader<'_>,
        id: &str,
        table: PluginTable,
        folder: &Path,
    ) -> Result<(), ConfigError> {
        let mut plugin = self.plugins.remove(id).unwrap_or_default();
        if let Some((path, origin)) = reader.value(table.path) {
            let key = format!("plugins.{id}.path");
            if reader.layer == Layer::Repository {
                let help =
                    "a repository names a plugin by id and digest; the user brings it, or trusts its digest";
                return Err(ConfigError::NotForRepositories {
                    key,
                    help,
                    text: reader.source.clone(),
                    at: origin.span.into(),
                });
            }
            self.replace(&key, quoted(path.as_str()), &origin);
            plugin.path = Some(folder.join(path.as_str()));
        }
        if let Some((enabled, origin)) = reader.value(table.enabled) {
            // What one layer turns off stays off.
            self.record(&format!("plugins.{id}.enabled"), enabled.to_string(), &origin, plugin.enabled);
            plugin.enabled &= enabled;
        }
        if let Some((digest, origin)) = reader.value(table.digest) {
            let key = format!("plugins.{id}.digest");
            if let Some(pinned) = plugin.digest.filter(|pinned| pinned.value != digest) {
                let reason = format!("it is pinned to {} by {}", pinned.value, pinned.origin);
                return Err(ConfigError::invalid(key, reason, origin.span, reader.source));
            }
            self.replace(&key, quoted(digest), &origin);
            plugin.digest = Some(Sourced { value: digest, origin });
        }
        if let Some((options, origin)) = reader.value(table.options) {
            for (name, value) in options {
                self.replace(&format!("plugins.{id}.options.{name}"), value.to_string(), &origin);
                plugin.options.insert(name, json(value));
            }
        }
        self.plugins.insert(id.to_owned(), plugin);
        Ok(())
    }

    fn add_allow(&mut self, reader: &Reader<'_>, allow: Located<AllowTable>) -> Result<(), ConfigError> {
        let AllowTable { rule, paths, reason, until, owner } = allow.into_parts().0;
        let (rule, span) = rule.into_parts();
        let origin = reader.origin(span);
        reader.refuse_own(&rule, "allow.rule", &origin)?;
        let allow = Allow {
            paths: reader.compile("allow.paths", paths, &origin)?,
            rule,
            reason: reason.as_str().to_owned(),
            until,
            owner: owner.map(|owner| owner.as_str().to_owned()),
            origin,
        };
        let value = table([
            ("rule", Some(quoted(&allow.rule))),
            ("paths", allow.paths.as_ref().map(|paths| list(paths.texts()))),
            ("reason", Some(quoted(&allow.reason))),
            ("until", allow.until.map(quoted)),
            ("owner", allow.owner.as_deref().map(quoted)),
        ]);
        self.join("allow", value, &allow.origin);
        self.allows.push(allow);
        Ok(())
    }

    /// Adds what the command line says: the user, so nothing is off limits.
    pub(super) fn add_command_line(&mut self, overrides: &Overrides) {
        let origin = Origin::without_file(Layer::CommandLine);
        if let Some(fail_on) = overrides.fail_on {
            self.replace("gate.fail-on", quoted(fail_on), &origin);
            self.gate.push(Step { fail_on: Some(fail_on), ..Step::default() });
        }
        if let Some(baseline) = &overrides.baseline {
            self.replace("baseline.dir", quoted(baseline.display()), &origin);
            self.baseline.clone_from(baseline);
        }
        for (id, path) in &overrides.plugins {
            self.replace(&format!("plugins.{id}.path"), quoted(path.display()), &origin);
            self.plugins.entry(id.clone()).or_default().path = Some(path.clone());
        }
        for (key, patterns) in [("rules (--only)", &overrides.only), ("rules (--skip)", &overrides.skip)] {
            if !patterns.is_empty() {
                self.replace(key, list(patterns.iter().map(RulePattern::as_str)), &origin);
            }
        }
        self.only.clone_from(&overrides.only);
        self.skip.clone_from(&overrides.skip);
    }

    /// Records a value that stands beside those of other layers.
    fn join(&mut self, key: &str, value: String, origin: &Origin) {
        self.entries.push(Entry { key: key.to_owned(), value, origin: origin.clone(), effective: true });
    }

    /// Records a value that takes the place of those of earlier layers.
    fn replace(&mut self, key: &str, value: String, origin: &Origin) {
        self.record(key, value, origin, true);
    }

    fn record(&mut self, key: &str, value: String, origin: &Origin, effective: bool) {
        if effective {
            self.entries
                .iter_mut()
                .filter(|entry| entry.key == key)
                .for_each(|entry| entry.effective = false);
        }
        self.entries.push(Entry { key: key.to_owned(), value, origin: origin.clone(), effective });
    }
}
