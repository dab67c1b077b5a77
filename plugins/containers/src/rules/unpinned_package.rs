//! Build steps that install whatever version of a package is newest.

use crate::declared::unpinned_package::RULE;
use crate::dockerfile::Dockerfile;
use crate::origin;
use crate::shell::{self, Command};
use wardline_plugin::prelude::*;

/// Judges all steps of a Dockerfile.
pub fn check(found: &Match, report: &mut Report) {
    let document = found.document();
    let file = Dockerfile::parse(document.text());
    if origin::is_for_development(document.path()) || shell::is_for_windows(&file) {
        return;
    }
    let is_for_developers = |stage: usize| {
        let name = file.stages[stage].name.as_deref().unwrap_or_default();
        name.split(['.', '-', '_']).any(origin::is_development_word)
    };
    for instruction in file.instructions.iter().filter(|instruction| instruction.keyword == "RUN") {
        if instruction.stage.is_some_and(is_for_developers) {
            continue;
        }
        for command in shell::commands(instruction) {
            let names = unpinned(&command);
            let Some(first) = names.first() else { continue };
            let what = match names.len() {
                1 => format!("`{first}` is"),
                count => format!("`{first}` and {} more are", count - 1),
            };
            report
                .finding(RULE, command.span)
                .message(format!("{what} installed in whatever version is newest when the image is built"))
                .class(origin::class(document))
                .subject(first.as_str());
        }
    }
}

/// The packages that a command installs without a version.
fn unpinned(command: &Command) -> Vec<String> {
    let arguments = command.arguments();
    let has = |words: &[&str]| words.iter().any(|word| command.has(word));
    let after = |word: &str| {
        let at = arguments.iter().position(|known| known == word).map_or(arguments.len(), |at| at + 1);
        arguments[at..].iter()
    };
    // What is installed for the build alone, or comes from somewhere else.
    let is_name = |name: &&String| {
        let starts = name.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '@');
        starts
            && !name.contains(['$', '/', '>', '<', '*'])
            && !name.ends_with(".txt")
            && !name.ends_with(".whl")
    };
    let scoped = |name: &&String| {
        let rest = name.strip_prefix('@').unwrap_or(name);
        name.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '@')
            && !rest.contains('$')
            && !rest.contains(':')
    };
    match command.program() {
        "pip" | "pip3" if command.subcommand() == "install" => {
            const TAKE_VALUE: [&str; 16] = [
                "-r",
                "--requirement",
                "-c",
                "--constraint",
                "-i",
                "--index-url",
                "--extra-index-url",
                "-t",
                "--target",
                "-f",
                "--find-links",
                "--prefix",
                "--root",
                "--trusted-host",
                "-e",
                "--editable",
            ];
            if has(&["-c", "--constraint", "--require-hashes"]) {
                return Vec::new();
            }
            let mut previous = "";
            let mut names = Vec::new();
            for word in after("install") {
                let is_value = TAKE_VALUE.contains(&previous);
                previous = word;
                let plain = word.trim_matches(['"', '\'']);
                let has_version = plain.contains("==")
                    || plain.contains("~=")
                    || plain.contains('@')
                    || plain.contains('<');
                // The tools that install others are renewed on purpose.
                let is_tool = matches!(plain.split('[').next(), Some("pip" | "setuptools" | "wheel" | "."));
                if !is_value && !has_version && !is_tool && is_name(&&plain.to_owned()) {
                    names.push(plain.to_owned());
                }
            }
            names
        }
        "npm" if matches!(command.subcommand(), "install" | "i" | "add") => {
            let sub = command.subcommand().to_owned();
            let is_plain = |name: &&String| {
                scoped(name) && !name.contains(".tgz") && (name.starts_with('@') || !name.contains('/'))
            };
            let has_version = |name: &str| {
                name.rfind('@').is_some_and(|at| at > 0 && !matches!(&name[at + 1..], "latest" | "next" | ""))
            };
            let mut previous = "";
            let mut names = Vec::new();
            for word in after(&sub) {
                let is_value = matches!(previous, "--prefix" | "--registry" | "--loglevel" | "--cache");
                previous = word;
                if !is_value && is_plain(&word) && !has_version(word) {
                    names.push(word.clone());
                }
            }
            names
        }
        "gem" if command.subcommand() == "install" => {
            if has(&["-v", "--version"]) || arguments.iter().any(|word| word.starts_with("--version=")) {
                return Vec::new();
            }
            after("install")
                .filter(is_name)
                .filter(|name| !name.contains(':') && !name.ends_with(".gem"))
                .cloned()
                .collect()
        }
        "go" if command.subcommand() == "install" => {
            after("install").filter(|word| word.ends_with("@latest")).cloned().collect()
        }
        "cargo" if matches!(command.subcommand(), "install" | "binstall") => {
            let is_fixed = has(&["--version", "--vers", "--path", "--git", "--rev"])
                || arguments.iter().any(|word| word.starts_with("--version="));
            let names = after(command.subcommand()).filter(is_name).filter(|name| !name.contains('@'));
            if is_fixed { Vec::new() } else { names.take(1).cloned().collect() }
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(run: &str) -> Vec<String> {
        let file = Dockerfile::parse(&format!("FROM x\nRUN {run}\n"));
        shell::commands(&file.instructions[1]).iter().flat_map(unpinned).collect()
    }

    #[test]
    fn names_without_versions_are_found() {
        for (run, expected) in [
            ("pip install --no-cache-dir flask 'uvicorn[standard]>=0.3' requests==2", &["flask"][..]),
            ("pip install -r requirements.txt --upgrade pip", &[]),
            ("pip install -i https://pypi.acme.io/simple kit", &["kit"]),
            ("pip install . && pip3 install gunicorn", &["gunicorn"]),
            ("npm install -g pm2 @acme/cli serve@14 yarn@latest", &["pm2", "@acme/cli", "yarn@latest"]),
            ("npm install", &[]),
            ("npm i -g npm@10.2.0", &[]),
            ("gem install bundler", &["bundler"]),
            ("gem install bundler -v 2.6.0", &[]),
            ("go install github.com/acme/tool@latest", &["github.com/acme/tool@latest"]),
            ("go install ./...", &[]),
            ("cargo install cargo-chef", &["cargo-chef"]),
            ("cargo install cargo-chef --version 0.1.71", &[]),
            ("cargo install --path .", &[]),
        ] {
            assert_eq!(names(run), expected, "{run}");
        }
    }
}
