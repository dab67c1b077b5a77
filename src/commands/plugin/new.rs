//! `wardline plugin new`: a crate that builds and passes its tests as it is.

use super::{Done, Trouble, sdk};
use std::path::Path;

/// The folder within a plugin that the SDK's source goes to.
const SDK_FOLDER: &str = "wardline-plugin-sdk";

macro_rules! template {
    ($($path:literal from $file:literal),* $(,)?) => {
        /// Paths within the new crate, and what goes there. `NAME` stands for
        /// the plugin's id and `CRATE` for the crate's name in Rust.
        const TEMPLATE: &[(&str, &str)] = &[$(($path, include_str!(concat!("template/", $file)))),*];
    };
}

// Their own names would make cargo and git take the templates for the real thing.
template![
    ".gitignore" from "gitignore.txt",
    "Cargo.toml" from "Cargo.toml.txt",
    "README.md" from "README.md",
    "build.rs" from "build.rs.txt",
    "plugin.toml" from "plugin.toml",
    "docs/unverified-context.md" from "unverified-context.md",
    "examples/native.rs" from "native.rs.txt",
    "fixtures/unverified-context/client.fixed.py" from "client.fixed.py.txt",
    "fixtures/unverified-context/client.py" from "client.py.txt",
    "src/lib.rs" from "lib.rs.txt",
    "src/rules/unverified_context.rs" from "unverified_context.rs.txt",
];

pub(super) fn run(name: &str, folder: Option<&Path>) -> Result<Done, Trouble> {
    if let Some(problem) = problem(name) {
        return Err(Trouble::BadName { name: name.to_owned(), problem });
    }
    let folder = folder.unwrap_or(Path::new(name));
    let is_empty = |mut entries: std::fs::ReadDir| entries.next().is_none();
    if folder.symlink_metadata().is_ok() && !std::fs::read_dir(folder).is_ok_and(is_empty) {
        return Err(Trouble::NotEmpty { path: folder.to_owned() });
    }
    let crate_name = format!("wardline_{}", name.replace('-', "_"));
    for (path, text) in TEMPLATE {
        write(&folder.join(path), &text.replace("NAME", name).replace("CRATE", &crate_name))?;
    }
    for (path, text) in sdk::FILES {
        write(&folder.join(SDK_FOLDER).join(path), text)?;
    }
    let shown = folder.display();
    let text = format!(
        "started plugin `{name}` in {shown}\n\n\
         \x20 docs/unverified-context.md           the rule: what it looks for, its page, its examples\n\
         \x20 src/rules/unverified_context.rs      what it decides about each match\n\
         \x20 fixtures/unverified-context/         a real-looking file with its findings in comments\n\
         \x20 {SDK_FOLDER}/                 the SDK, until it is published\n\n\
         next: wardline plugin test {shown}\n"
    );
    Ok(Done { text, passed: true })
}

/// Why an id can not be a plugin's.
fn problem(name: &str) -> Option<&'static str> {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if name.is_empty() || name.len() > 64 {
        Some("it has between 1 and 64 characters")
    } else if !name.bytes().all(fits) || !name.starts_with(|first: char| first.is_ascii_lowercase()) {
        Some("it starts with a small letter, and goes on with small letters, digits and `-`")
    } else if matches!(name, "host" | "wardline" | "plugin" | "engine" | "lsp") {
        Some("Wardline itself uses it")
    } else {
        None
    }
}

fn write(path: &Path, text: &str) -> Result<(), Trouble> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(Trouble::io(folder))?;
    }
    std::fs::write(path, text).map_err(Trouble::io(path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example;

    #[test]
    fn names_that_no_plugin_can_have_are_refused() {
        for name in ["", "Acme", "acme_rules", "acme/rules", "..", "2fa", "-x", "host", "plugin"] {
            assert!(problem(name).is_some(), "{name}");
        }
        for name in ["acme", "acme-rules", "a2"] {
            assert_eq!(problem(name), None, "{name}");
        }
    }

    #[test]
    fn a_folder_with_something_in_it_is_left_alone() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::fs::write(folder.path().join("notes.txt"), "mine").expect("it can be written");
        assert!(matches!(run("acme", Some(folder.path())), Err(Trouble::NotEmpty { .. })));
        assert_eq!(std::fs::read_dir(folder.path()).expect("it can be listed").count(), 1);
    }

    #[test]
    fn the_new_page_has_examples_of_every_sort() {
        let (_, page) = TEMPLATE.iter().find(|(path, _)| path.starts_with("docs/")).expect("listed");
        let (examples, mistakes) = example::parse(page);
        assert_eq!(mistakes, []);
        assert!(examples.iter().any(|example| example.verdict == example::Verdict::Good));
        assert!(examples.iter().any(|example| example.fixed.is_some()));
    }
}
