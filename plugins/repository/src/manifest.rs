//! Manifests: what a project says that it needs, in the words of each language's
//! package manager.

use serde_json::Value;
use std::collections::BTreeMap;

/// The package managers that are known, as the key of their facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ecosystem {
    /// npm, Yarn, pnpm and Bun.
    Node,
    /// Cargo.
    Cargo,
    /// Go modules.
    Go,
    /// Composer.
    Composer,
    /// Bundler.
    Bundler,
    /// Poetry, uv, PDM and Pipenv.
    Python,
}

impl Ecosystem {
    /// The key under which its facts meet.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Node => "node",
            Self::Cargo => "cargo",
            Self::Go => "go",
            Self::Composer => "composer",
            Self::Bundler => "bundler",
            Self::Python => "python",
        }
    }
}

/// What a manifest says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// Whose it is.
    pub ecosystem: Ecosystem,
    /// Names and ranges of direct dependencies that a lockfile has to know.
    pub dependencies: BTreeMap<String, String>,
    /// Whether it is a program that is run rather than a library; nothing where
    /// the manifest does not tell.
    pub is_program: Option<bool>,
    /// What to run to make the lockfile, and the file.
    pub lockfile: (&'static str, &'static str),
    /// The package's own name.
    pub name: Option<String>,
    /// Whether the folder is itself the root of a workspace.
    pub is_workspace: bool,
}

/// Reads a manifest by its file's name; nothing where it has no dependencies to
/// lock.
#[must_use]
pub fn read(file_name: &str, text: &str) -> Option<Manifest> {
    let manifest = match file_name {
        "package.json" => node(text)?,
        "Cargo.toml" => cargo(text)?,
        "go.mod" => go(text),
        "composer.json" => composer(text)?,
        "Gemfile" => bundler(text),
        "pyproject.toml" => pyproject(text)?,
        "Pipfile" => pipfile(text)?,
        _ => return None,
    };
    (!manifest.dependencies.is_empty() || manifest.is_workspace).then_some(manifest)
}

fn node(text: &str) -> Option<Manifest> {
    let json: Value = serde_json::from_str(text).ok()?;
    let json = json.as_object()?;
    let mut dependencies = BTreeMap::new();
    // Bun's lockfile is binary in older versions, and so not seen.
    let manager = json.get("packageManager").and_then(Value::as_str).unwrap_or_default();
    let overridden = |name: &str| {
        ["overrides", "resolutions"].iter().any(|key| {
            json.get(*key)
                .and_then(Value::as_object)
                .is_some_and(|map| map.keys().any(|known| known.contains(name)))
        }) || json
            .get("pnpm")
            .and_then(|pnpm| pnpm.get("overrides"))
            .and_then(Value::as_object)
            .is_some_and(|map| map.keys().any(|known| known.contains(name)))
    };
    for section in ["dependencies", "devDependencies", "optionalDependencies"] {
        for (name, range) in json.get(section).and_then(Value::as_object).into_iter().flatten() {
            let Some(range) = range.as_str() else { continue };
            if !is_local(range) && !overridden(name) {
                dependencies.insert(name.clone(), range.to_owned());
            }
        }
    }
    let has_script = |name: &str| json.get("scripts").is_some_and(|scripts| scripts.get(name).is_some());
    let is_private = json.get("private").and_then(Value::as_bool) == Some(true);
    // The registry takes nothing without a version.
    let is_program = is_private
        || json.get("version").is_none()
        || ["start", "serve", "deploy"].into_iter().any(has_script);
    let lockfile = if manager.starts_with("yarn") {
        ("yarn install", "yarn.lock")
    } else if manager.starts_with("pnpm") {
        ("pnpm install", "pnpm-lock.yaml")
    } else if manager.starts_with("bun")
        || dependencies.contains_key("bun-types")
        || dependencies.contains_key("@types/bun")
    {
        ("bun install", "bun.lock")
    } else {
        ("npm install --package-lock-only", "package-lock.json")
    };
    Some(Manifest {
        ecosystem: Ecosystem::Node,
        dependencies,
        is_program: is_program.then_some(true),
        lockfile,
        name: json.get("name").and_then(Value::as_str).map(str::to_owned),
        is_workspace: json.get("workspaces").is_some(),
    })
}

/// Whether a range names something of this machine or repository.
fn is_local(range: &str) -> bool {
    ["workspace:", "file:", "link:", "portal:", "patch:", ".", "/"]
        .iter()
        .any(|start| range.starts_with(start))
}

fn cargo(text: &str) -> Option<Manifest> {
    let table: toml::Table = toml::from_str(text).ok()?;
    let mut dependencies = BTreeMap::new();
    let mut add = |section: Option<&toml::Value>| {
        for (name, value) in section.and_then(toml::Value::as_table).into_iter().flatten() {
            let renamed = value.get("package").and_then(toml::Value::as_str).unwrap_or(name);
            let is_here = value.get("path").is_some()
                || value.get("workspace").and_then(toml::Value::as_bool) == Some(true);
            let version = value.as_str().or_else(|| value.get("version").and_then(toml::Value::as_str));
            if !is_here {
                dependencies.insert(renamed.to_owned(), version.unwrap_or_default().to_owned());
            }
        }
    };
    const SECTIONS: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];
    SECTIONS.iter().for_each(|section| add(table.get(*section)));
    for target in
        table.get("target").and_then(toml::Value::as_table).into_iter().flat_map(toml::Table::values)
    {
        SECTIONS.iter().for_each(|section| add(target.get(*section)));
    }
    Some(Manifest {
        ecosystem: Ecosystem::Cargo,
        dependencies,
        is_program: table.get("bin").map(|_| true),
        lockfile: ("cargo generate-lockfile", "Cargo.lock"),
        name: table.get("package")?.get("name").and_then(toml::Value::as_str).map(str::to_owned),
        is_workspace: table.get("workspace").is_some(),
    })
}

fn go(text: &str) -> Manifest {
    let mut dependencies = BTreeMap::new();
    let mut replaced: Vec<String> = Vec::new();
    let mut block = "";
    for line in text.lines() {
        let line = line.split("//").next().unwrap_or_default().trim();
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        match (words.as_slice(), block) {
            ([word, "("], _) => block = word,
            ([")"], _) => block = "",
            (["require", name, version, ..], _) | ([name, version, ..], "require") => {
                dependencies.insert((*name).to_owned(), (*version).to_owned());
            }
            (["replace", name, ..], _) | ([name, ..], "replace") => replaced.push((*name).to_owned()),
            _ => {}
        }
    }
    replaced.iter().for_each(|name| {
        dependencies.remove(name);
    });
    Manifest {
        ecosystem: Ecosystem::Go,
        dependencies,
        is_program: Some(true),
        lockfile: ("go mod tidy", "go.sum"),
        name: None,
        is_workspace: false,
    }
}

fn composer(text: &str) -> Option<Manifest> {
    let json: Value = serde_json::from_str(text).ok()?;
    let mut dependencies = BTreeMap::new();
    for section in ["require", "require-dev"] {
        for (name, range) in json.get(section).and_then(Value::as_object).into_iter().flatten() {
            // `php`, `ext-json` and `composer-plugin-api` come with the platform.
            if name.contains('/') {
                dependencies.insert(name.to_ascii_lowercase(), range.as_str().unwrap_or_default().to_owned());
            }
        }
    }
    // Where packages come from a folder of the repository, names may be its own.
    if json.get("repositories").is_some() {
        dependencies.retain(|_, range| !range.contains("dev") && !range.starts_with('@'));
    }
    let kind = json.get("type").and_then(Value::as_str);
    let is_program = match kind {
        Some("project") => Some(true),
        Some(_) => Some(false),
        None => json.get("name").is_none().then_some(true),
    };
    Some(Manifest {
        ecosystem: Ecosystem::Composer,
        dependencies,
        is_program,
        lockfile: ("composer update --lock", "composer.lock"),
        name: json.get("name").and_then(Value::as_str).map(str::to_owned),
        is_workspace: false,
    })
}

fn bundler(text: &str) -> Manifest {
    let mut dependencies = BTreeMap::new();
    // What is behind a condition may be in the lockfile or not.
    let is_conditional =
        ["eval_gemfile", "if ", "unless ", "case ", "gemspec", "Dir["].iter().any(|word| text.contains(word));
    for line in text.lines() {
        let Some(rest) = line.trim().strip_prefix("gem").filter(|rest| rest.starts_with([' ', '('])) else {
            continue;
        };
        let rest = rest.trim_start_matches([' ', '(']);
        let Some(quote) = rest.chars().next().filter(|c| matches!(c, '"' | '\'')) else { continue };
        let Some((name, options)) = rest[1..].split_once(quote) else { continue };
        if !options.contains("path:") && !options.contains(":path") {
            dependencies.insert(name.to_owned(), if is_conditional { "?".to_owned() } else { String::new() });
        }
    }
    Manifest {
        ecosystem: Ecosystem::Bundler,
        dependencies,
        // A library's Gemfile asks for its gemspec.
        is_program: if text.contains("gemspec") { Some(false) } else { Some(true) },
        lockfile: ("bundle lock", "Gemfile.lock"),
        name: None,
        is_workspace: false,
    }
}

fn pyproject(text: &str) -> Option<Manifest> {
    let table: toml::Table = toml::from_str(text).ok()?;
    let tool = table.get("tool");
    let of_tool = |name: &str| tool.and_then(|tool| tool.get(name));
    let mut dependencies = BTreeMap::new();
    let name = table
        .get("project")
        .and_then(|project| project.get("name"))
        .or_else(|| of_tool("poetry")?.get("name"));
    let name = name.and_then(toml::Value::as_str).map(str::to_owned);
    let project = table.get("project").and_then(|project| project.get("dependencies"));
    for requirement in
        project.and_then(toml::Value::as_array).into_iter().flatten().filter_map(toml::Value::as_str)
    {
        let end = requirement
            .find(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c)))
            .unwrap_or(requirement.len());
        // A marker may leave it out on every platform that was locked for.
        if !requirement.contains(';') {
            dependencies.insert(normal(&requirement[..end]), requirement[end..].trim().to_owned());
        }
    }
    let lockfile = if let Some(poetry) = of_tool("poetry") {
        let mut add = |section: Option<&toml::Value>| {
            for (name, value) in section.and_then(toml::Value::as_table).into_iter().flatten() {
                let is_here = value.get("path").is_some() || value.get("optional").is_some();
                if name != "python" && !is_here {
                    dependencies.insert(normal(name), value.as_str().unwrap_or_default().to_owned());
                }
            }
        };
        add(poetry.get("dependencies"));
        add(poetry.get("dev-dependencies"));
        for group in
            poetry.get("group").and_then(toml::Value::as_table).into_iter().flat_map(toml::Table::values)
        {
            add(group.get("dependencies"));
        }
        ("poetry lock", "poetry.lock")
    } else if let Some(uv) = of_tool("uv") {
        // Members of the workspace are sources.
        for (name, _) in uv.get("sources").and_then(toml::Value::as_table).into_iter().flatten() {
            dependencies.remove(&normal(name));
        }
        ("uv lock", "uv.lock")
    } else if of_tool("pdm").is_some() {
        ("pdm lock", "pdm.lock")
    } else {
        // Other tools make libraries, which lock nothing.
        return None;
    };
    let is_library = table.get("build-system").is_some()
        && of_tool("poetry").is_none_or(|poetry| poetry.get("package-mode").is_none());
    Some(Manifest {
        ecosystem: Ecosystem::Python,
        dependencies,
        is_program: if is_library { None } else { Some(true) },
        lockfile,
        name: name.map(|name| normal(&name)),
        is_workspace: false,
    })
}

fn pipfile(text: &str) -> Option<Manifest> {
    let table: toml::Table = toml::from_str(text).ok()?;
    let mut dependencies = BTreeMap::new();
    for section in ["packages", "dev-packages"] {
        for (name, value) in table.get(section).and_then(toml::Value::as_table).into_iter().flatten() {
            let is_here = ["path", "file", "git"].iter().any(|key| value.get(key).is_some());
            if !is_here {
                dependencies.insert(normal(name), value.as_str().unwrap_or_default().to_owned());
            }
        }
    }
    Some(Manifest {
        ecosystem: Ecosystem::Python,
        dependencies,
        is_program: Some(true),
        lockfile: ("pipenv lock", "Pipfile.lock"),
        name: None,
        is_workspace: false,
    })
}

/// The name of a Python package as indexes compare it.
#[must_use]
pub fn normal(name: &str) -> String {
    let mut normal = String::with_capacity(name.len());
    for character in name.chars() {
        let character =
            if matches!(character, '-' | '_' | '.') { '-' } else { character.to_ascii_lowercase() };
        if !(character == '-' && normal.ends_with('-')) {
            normal.push(character);
        }
    }
    normal
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(file: &str, text: &str) -> Vec<String> {
        read(file, text).map(|manifest| manifest.dependencies.into_keys().collect()).unwrap_or_default()
    }

    #[test]
    fn manifests_name_what_they_need() {
        assert_eq!(
            names(
                "package.json",
                r#"{"dependencies": {"a": "^1", "b": "workspace:*", "c": "file:../c"}, "devDependencies": {"d": "2"}, "overrides": {"d": "3"}}"#
            ),
            ["a"]
        );
        assert_eq!(
            names(
                "Cargo.toml",
                "[package]\nname = \"x\"\n[dependencies]\na = \"1\"\nb = { path = \"b\" }\nc = { package = \"cc\", version = \"1\" }\n[target.'cfg(unix)'.dependencies]\nd = \"1\"\n"
            ),
            ["a", "cc", "d"]
        );
        assert_eq!(
            names(
                "go.mod",
                "module x\ngo 1.25\nrequire (\n\ta.b/c v1.0.0 // indirect\n\td.e/f v2.0.0\n)\nreplace d.e/f => ../f\nrequire g.h/i v1.0.0\n"
            ),
            ["a.b/c", "g.h/i"]
        );
        assert_eq!(
            names("composer.json", r#"{"require": {"php": "^8", "ext-json": "*", "A/b": "^1"}}"#),
            ["a/b"]
        );
        assert_eq!(
            names("Gemfile", "gem \"a\", \"~> 1\"\ngem('b')\n# gem 'c'\ngem 'd', path: '../d'\n"),
            ["a", "b"]
        );
        assert_eq!(
            names(
                "pyproject.toml",
                "[project]\nname = \"x\"\ndependencies = [\"A_b>=1\", \"c; sys_platform == 'win32'\"]\n[tool.uv]\n"
            ),
            ["a-b"]
        );
        assert_eq!(names("pyproject.toml", "[project]\nname = \"x\"\ndependencies = [\"a\"]\n"), [""; 0]);
        assert_eq!(names("Pipfile", "[packages]\nDjango = \"*\"\n"), ["django"]);
    }

    #[test]
    fn broken_manifests_are_none() {
        for file in ["package.json", "Cargo.toml", "composer.json", "pyproject.toml", "Pipfile"] {
            for text in ["", "{", "[", "null", "[]", "\"x\"", "a = 1", "dependencies = 1"] {
                assert_eq!(names(file, text), [""; 0], "{file} {text}");
            }
        }
    }
}
