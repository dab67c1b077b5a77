//! Lockfiles: which dependencies they know. Only names, or names with ranges,
//! and of those only a number each, so that a fact stays small.

use crate::manifest::{Ecosystem, normal};
use serde::Deserialize;
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// What a lockfile knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lock {
    /// Whose it is.
    pub ecosystem: Ecosystem,
    /// How to compare a manifest with it.
    pub knows: Knows,
}

/// What a lockfile knows of dependencies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Knows {
    /// Nothing that could be compared.
    Nothing,
    /// Names, as numbers.
    Names(BTreeSet<u32>),
    /// Names with the ranges that they were resolved for, as numbers.
    Ranges(BTreeSet<u32>),
    /// For each folder of the workspace, names with ranges; and names whose
    /// ranges the workspace overrides.
    Folders(BTreeMap<String, BTreeSet<u32>>, BTreeSet<u32>),
}

/// The number of a name, or of a name with a range.
#[must_use]
pub fn number(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// Reads a lockfile by its file's name.
#[must_use]
pub fn read(file_name: &str, text: &str) -> Option<Lock> {
    let (ecosystem, knows) = match file_name {
        "package-lock.json" | "npm-shrinkwrap.json" => (Ecosystem::Node, npm(text)),
        "yarn.lock" => (Ecosystem::Node, Knows::Ranges(yarn(text))),
        "pnpm-lock.yaml" => (Ecosystem::Node, pnpm(text)),
        "bun.lock" => (Ecosystem::Node, Knows::Nothing),
        "Cargo.lock" => (Ecosystem::Cargo, Knows::Names(tables(text, str::to_owned))),
        "poetry.lock" | "uv.lock" | "pdm.lock" => (Ecosystem::Python, Knows::Names(tables(text, normal))),
        "Pipfile.lock" => (Ecosystem::Python, pipenv(text)),
        "go.sum" => (Ecosystem::Go, Knows::Ranges(go(text))),
        "composer.lock" => (Ecosystem::Composer, composer(text)),
        "Gemfile.lock" => (Ecosystem::Bundler, Knows::Names(bundler(text))),
        _ => return None,
    };
    Some(Lock { ecosystem, knows })
}

/// `packages` of npm's second form: what the folders of the workspace asked for.
/// Entries of installed packages are passed over, of which there are thousands.
struct Folders(BTreeMap<String, BTreeSet<u32>>);

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Asked {
    dependencies: BTreeMap<String, Value>,
    dev_dependencies: BTreeMap<String, Value>,
    optional_dependencies: BTreeMap<String, Value>,
}

impl<'de> Deserialize<'de> for Folders {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Folders;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("packages")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Folders, A::Error> {
                let mut folders = BTreeMap::new();
                while let Some(key) = map.next_key::<String>()? {
                    if key.starts_with("node_modules/") || key.contains("/node_modules/") {
                        map.next_value::<IgnoredAny>()?;
                        continue;
                    }
                    let asked: Asked = map.next_value()?;
                    let all = [asked.dependencies, asked.dev_dependencies, asked.optional_dependencies];
                    let ranges = all
                        .into_iter()
                        .flatten()
                        .filter_map(|(name, range)| Some(number(&format!("{name}@{}", range.as_str()?))));
                    folders.insert(key, ranges.collect());
                }
                Ok(Folders(folders))
            }
        }
        deserializer.deserialize_map(Reader)
    }
}

fn npm(text: &str) -> Knows {
    #[derive(Deserialize)]
    struct Lock {
        packages: Option<Folders>,
    }
    match serde_json::from_str::<Lock>(text) {
        Ok(Lock { packages: Some(folders) }) => Knows::Folders(folders.0, BTreeSet::new()),
        _ => Knows::Nothing,
    }
}

/// `"a@^1", b@2:` of Yarn 1, `"a@npm:^1, a@npm:^2":` of later ones.
fn yarn(text: &str) -> BTreeSet<u32> {
    let heads = text.lines().filter(|line| !line.starts_with([' ', '#']) && line.ends_with(':'));
    heads
        .flat_map(|line| line.trim_end_matches(':').split(", "))
        .map(|part| number(&part.trim_matches('"').replacen("@npm:", "@", 1)))
        .collect()
}

/// The `specifier`s of each importer, by indentation.
fn pnpm(text: &str) -> Knows {
    let mut folders: BTreeMap<String, BTreeSet<u32>> = BTreeMap::new();
    let mut overridden = BTreeSet::new();
    let (mut in_importers, mut in_overrides, mut folder, mut name) =
        (false, false, String::new(), String::new());
    for line in text.lines() {
        let trimmed = line.trim_start();
        let indent = line.len() - trimmed.len();
        let key = trimmed.trim_end().trim_end_matches(':').trim_matches(['"', '\'']);
        match indent {
            0 if !trimmed.is_empty() => {
                in_importers = trimmed == "importers:";
                in_overrides = trimmed == "overrides:";
            }
            2 if in_overrides => {
                // `'@x/y@1': 2` overrides some ranges of `@x/y`.
                let key = trimmed.rsplit_once(':').map_or(trimmed, |(key, _)| key).trim_matches(['"', '\'']);
                let end = key[1..].find(['@', ':']).map_or(key.len(), |at| at + 1);
                overridden.insert(number(key[..end].trim_matches(['"', '\''])));
            }
            2 if in_importers => {
                key.trim_start_matches("./").trim_end_matches('.').clone_into(&mut folder);
                folders.entry(folder.clone()).or_default();
            }
            6 if in_importers => key.clone_into(&mut name),
            8 if in_importers => {
                if let Some(range) = trimmed.strip_prefix("specifier:") {
                    let range = range.trim().trim_matches(['"', '\'']);
                    folders.entry(folder.clone()).or_default().insert(number(&format!("{name}@{range}")));
                }
            }
            _ => {}
        }
    }
    // Older forms list specifiers elsewhere.
    let knows_any = folders.values().any(|ranges| !ranges.is_empty());
    if knows_any { Knows::Folders(folders, overridden) } else { Knows::Nothing }
}

/// The names of `[[package]]` tables.
fn tables(text: &str, name: fn(&str) -> String) -> BTreeSet<u32> {
    let names = text.lines().filter_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"'));
    names.map(|found| number(&name(found))).collect()
}

fn pipenv(text: &str) -> Knows {
    let Ok(json) = serde_json::from_str::<Value>(text) else { return Knows::Nothing };
    let sections: Vec<_> =
        ["default", "develop"].iter().filter_map(|section| json.get(section)?.as_object()).collect();
    // Pipenv writes both, empty or not.
    if sections.is_empty() {
        return Knows::Nothing;
    }
    Knows::Names(
        sections.into_iter().flat_map(|section| section.keys()).map(|name| number(&normal(name))).collect(),
    )
}

/// `module version` of each line; one for `go.mod` alone counts as well.
fn go(text: &str) -> BTreeSet<u32> {
    let pairs = text.lines().filter_map(|line| {
        let mut words = line.split_ascii_whitespace();
        let (module, version) = (words.next()?, words.next()?);
        Some(number(&format!("{module}@{}", version.trim_end_matches("/go.mod"))))
    });
    pairs.collect()
}

fn composer(text: &str) -> Knows {
    if !text.trim_start().starts_with('{') {
        return Knows::Nothing;
    }
    #[derive(Deserialize)]
    struct Lock {
        #[serde(default)]
        packages: Vec<Package>,
        #[serde(default, rename = "packages-dev")]
        packages_dev: Vec<Package>,
    }
    #[derive(Deserialize)]
    struct Package {
        name: String,
        #[serde(default)]
        provide: Value,
        #[serde(default)]
        replace: Value,
    }
    let Ok(lock) = serde_json::from_str::<Lock>(text) else { return Knows::Nothing };
    let mut names = BTreeSet::new();
    for package in lock.packages.into_iter().chain(lock.packages_dev) {
        names.insert(number(&package.name.to_ascii_lowercase()));
        for stands_for in [package.provide, package.replace] {
            let keys = stands_for.as_object().into_iter().flat_map(|map| map.keys());
            names.extend(keys.map(|name| number(&name.to_ascii_lowercase())));
        }
    }
    Knows::Names(names)
}

/// The names below `DEPENDENCIES`.
fn bundler(text: &str) -> BTreeSet<u32> {
    let below = text.lines().skip_while(|line| *line != "DEPENDENCIES").skip(1);
    let names = below
        .take_while(|line| line.starts_with("  "))
        .filter_map(|line| line.split_ascii_whitespace().next());
    names.map(|name| number(name.trim_end_matches('!'))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranges(all: &[&str]) -> BTreeSet<u32> {
        all.iter().map(|text| number(text)).collect()
    }

    fn knows(file: &str, text: &str) -> Knows {
        read(file, text).expect("a lockfile").knows
    }

    #[test]
    fn lockfiles_know_what_was_asked_for() {
        let folders = |all: &[(&str, &[&str])], free: &[&str]| {
            let all = all.iter().map(|(folder, asked)| ((*folder).to_owned(), ranges(asked))).collect();
            Knows::Folders(all, ranges(free))
        };
        assert_eq!(
            knows(
                "package-lock.json",
                r#"{"packages": {"": {"dependencies": {"a": "^1"}, "devDependencies": {"b": "2"}}, "node_modules/a": {"version": "1.0.0"}, "web": {}}}"#
            ),
            folders(&[("", &["a@^1", "b@2"]), ("web", &[])], &[])
        );
        assert_eq!(
            knows(
                "yarn.lock",
                "# yarn lockfile v1\n\n\"@x/y@^1\", a@2:\n  version \"1\"\n\n\"b@npm:^3\":\n  version: 3\n"
            ),
            Knows::Ranges(ranges(&["@x/y@^1", "a@2", "b@^3"]))
        );
        assert_eq!(
            knows(
                "pnpm-lock.yaml",
                "overrides:\n  vite: npm:x@1\n  '@q/r': 1\n\nimporters:\n\n  .:\n    dependencies:\n      '@x/y':\n        specifier: ^1\n        version: 1.0.0\n\n  web:\n    devDependencies:\n      a:\n        specifier: 'catalog:'\n\npackages:\n"
            ),
            folders(&[("", &["@x/y@^1"]), ("web", &["a@catalog:"])], &["vite", "@q/r"])
        );
        assert_eq!(
            knows("Cargo.lock", "[[package]]\nname = \"a\"\nversion = \"1\"\n"),
            Knows::Names(ranges(&["a"]))
        );
        assert_eq!(knows("uv.lock", "[[package]]\nname = \"A_b\"\n"), Knows::Names(ranges(&["a-b"])));
        assert_eq!(
            knows("go.sum", "a.b/c v1.0.0 h1:x\na.b/c v1.0.0/go.mod h1:y\n"),
            Knows::Ranges(ranges(&["a.b/c@v1.0.0"]))
        );
        assert_eq!(
            knows(
                "composer.lock",
                r#"{"packages": [{"name": "A/b", "provide": {"psr/log": "1"}}], "packages-dev": [{"name": "c/d"}]}"#
            ),
            Knows::Names(ranges(&["a/b", "psr/log", "c/d"]))
        );
        assert_eq!(
            knows(
                "Gemfile.lock",
                "GEM\n  specs:\n    x (1)\n\nDEPENDENCIES\n  a (~> 1)\n  b!\n\nBUNDLED WITH\n"
            ),
            Knows::Names(ranges(&["a", "b"]))
        );
    }

    #[test]
    fn broken_lockfiles_know_nothing() {
        for file in ["package-lock.json", "composer.lock", "Pipfile.lock", "pnpm-lock.yaml"] {
            for text in ["", "{", "[]", "{\"packages\": 1}"] {
                assert!(matches!(knows(file, text), Knows::Nothing), "{file} {text}");
            }
        }
    }
}
