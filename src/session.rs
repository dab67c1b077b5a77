//! What most commands start with: configuration, plugins, and a checker.

use crate::Failure;
use crate::arguments::PluginOptions;
use crate::report::RuleInfo;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};
use wardline_engine::check::{Checker, Files};
use wardline_engine::config::{self, Config, Date, Overrides, Sources};
use wardline_engine::plugin::set::Plugin;
use wardline_engine::walk::{Root, Walked};

/// Where pages can be read on the web, by plugin and rule.
const PAGES: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/plugins");

/// Reads the configuration that holds at a place.
pub(crate) fn configuration(start: &Path, overrides: Overrides) -> Result<Config, Failure> {
    let user_file = config::user_file(|name| std::env::var_os(name));
    Ok(config::load(&Sources { start: start.to_owned(), user_file, overrides })?)
}

/// A checker for a place.
pub(crate) fn checker(
    start: &Path,
    overrides: Overrides,
    options: &PluginOptions,
    date: Option<Date>,
) -> Result<Checker, Failure> {
    let config = configuration(start, overrides)?;
    let plugins = crate::plugins::load(&config, &options.plugins)?;
    let absent = crate::plugins::absent(&config, &plugins)?;
    let mut checker = Checker::new(plugins, config, date.unwrap_or_else(today))?;
    for notice in absent {
        checker.note(notice);
    }
    Ok(checker)
}

/// The current day in UTC.
pub(crate) fn today() -> Date {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Date::from_unix_seconds(since.as_secs())
}

/// Walks the given paths, which must lie beneath the checker's root.
pub(crate) fn walk(checker: &Checker, root: &Root, paths: &[PathBuf]) -> Result<Walked, Failure> {
    let mut starts = Vec::new();
    for path in paths {
        starts.push(relative(root, path)?);
    }
    let check = &checker.config().check;
    let excluded = |path: &str, is_folder: bool| check.excludes(path) || !is_folder && !check.admits(path);
    Ok(root.walk(&starts, &excluded))
}

/// A path relative to the root, with `/`.
pub(crate) fn relative(root: &Root, path: &Path) -> Result<String, Failure> {
    // The folder is resolved, its last part is not: a link is not followed.
    let unreadable = |error: std::io::Error| {
        miette::miette!(code = "check::no_such_path", "`{}` can not be checked: {error}", path.display())
    };
    let full = match (path.parent(), path.file_name()) {
        (Some(parent), Some(name)) => {
            let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
            let full = parent.canonicalize().map_err(unreadable)?.join(name);
            full.symlink_metadata().map_err(unreadable)?;
            full
        }
        _ => path.canonicalize().map_err(unreadable)?,
    };
    // A link that the user names is meant: what it leads to is checked.
    let full = if full.is_symlink() { full.canonicalize().map_err(unreadable)? } else { full };
    let relative = full.strip_prefix(root.path()).map_err(|_| {
        miette::miette!(
            code = "check::outside",
            help = "check each project on its own",
            "`{}` is outside `{}`, the project of the first path",
            path.display(),
            root.path().display()
        )
    })?;
    Ok(relative.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/"))
}

/// The documents of a walk.
pub(crate) fn files<'r>(checker: &Checker, root: &'r Root, walked: &Walked) -> Files<'r> {
    Files { root, paths: walked.files.clone(), limit: checker.config().check.max_file_size }
}

/// The pages of the plugins that are wanted, by plugin; of others none.
pub(crate) fn pages(plugins: &[Plugin], wanted: impl Fn(&Plugin) -> bool) -> Vec<BTreeMap<String, String>> {
    plugins.iter().map(|plugin| if wanted(plugin) { plugin.pages() } else { BTreeMap::new() }).collect()
}

/// The rules of all plugins, for reports.
pub(crate) fn rules<'p>(plugins: &'p [Plugin], pages: &'p [BTreeMap<String, String>]) -> Vec<RuleInfo<'p>> {
    let mut rules = Vec::new();
    for (plugin, pages) in plugins.iter().zip(pages) {
        let manifest = &plugin.manifest;
        let is_built_in = plugin.origin == wardline_engine::plugin::set::Origin::BuiltIn;
        for rule in &manifest.rules {
            let help_uri = format!("{PAGES}/{}/docs/{}.md", manifest.id, rule.id);
            rules.push(RuleInfo {
                name: format!("{}/{}", manifest.id, rule.id),
                rule,
                plugin_version: manifest.version.clone(),
                page: pages.get(&rule.id).map(String::as_str),
                help_uri: if is_built_in { help_uri } else { String::new() },
            });
        }
    }
    rules
}
