//! What the commands of a build install: whether development dependencies come
//! along, and whether the system's packages are brought up to date.

use crate::shell::Command;

/// Whether a command brings the packages of the system up to date.
#[must_use]
pub fn updates_system(command: &Command) -> bool {
    let has = |words: &[&str]| words.iter().any(|word| command.has(word));
    match command.program() {
        "apt-get" | "apt" | "aptitude" => has(&["upgrade", "dist-upgrade", "full-upgrade", "safe-upgrade"]),
        "apk" => has(&["upgrade"]) || has(&["add"]) && has(&["-u", "--upgrade"]),
        "yum" | "dnf" | "microdnf" | "tdnf" | "dnf5" => {
            has(&["update", "upgrade", "distro-sync", "update-minimal"])
        }
        "zypper" => has(&["update", "up", "patch", "dup", "dist-upgrade"]),
        "pacman" => command.arguments().iter().any(|word| word.starts_with("-S") && word.contains('u')),
        "unattended-upgrade" | "unattended-upgrades" => true,
        _ => false,
    }
}

/// Where dependencies of a kind end up, and what leaves them out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ecosystem {
    /// The program that people know.
    pub name: &'static str,
    /// What to write instead.
    pub instead: &'static str,
    /// Folders that hold what is installed, as a part of a path.
    pub folders: &'static [&'static str],
}

const NODE: &[&str] = &["node_modules"];
const PHP: &[&str] = &["vendor"];
const PYTHON: &[&str] = &[".venv", "venv", "site-packages"];

/// What a command that installs development dependencies installs them with.
#[must_use]
pub fn installs_development(command: &Command, is_production: bool) -> Option<Ecosystem> {
    // What a variable holds may leave them out.
    if command.arguments().iter().any(|word| word.starts_with('$')) {
        return None;
    }
    let has = |words: &[&str]| words.iter().any(|word| command.has(word));
    let starts = |start: &str| command.arguments().iter().any(|word| word.starts_with(start));
    let set = |setting: &str| command.settings.iter().any(|known| known == setting);
    let is_production = is_production || set("NODE_ENV=production") || set("NPM_CONFIG_PRODUCTION=true");
    let includes = has(&["--include=dev", "--production=false", "--also=dev", "--dev"]);
    let ecosystem = |name, instead, folders| Some(Ecosystem { name, instead, folders });
    match command.program() {
        "npm" => {
            let is_install = matches!(subcommand(command), "ci" | "install" | "i" | "clean-install");
            let is_all = is_whole_project(command, &["ci", "install", "i", "clean-install"]);
            let omits = has(&[
                "--omit=dev",
                "--only=production",
                "--only=prod",
                "--production",
                "--production=true",
                "--prod",
            ]) || follows(command, "--omit", "dev")
                || follows(command, "--only", "production")
                || follows(command, "--only", "prod");
            let leaves_out = omits || is_production && !includes;
            (is_install && is_all && !leaves_out && !has(&["-g", "--global"])).then_some(())?;
            ecosystem("npm", "npm ci --omit=dev", NODE)
        }
        "yarn" => {
            let is_install =
                matches!(subcommand(command), "" | "install") && !has(&["--version", "-v", "--help"]);
            let omits = has(&["--production", "--prod", "--production=true"]);
            let leaves_out = omits || is_production && !includes;
            (is_install && !leaves_out).then_some(())?;
            ecosystem("yarn", "yarn install --production", NODE)
        }
        "pnpm" => {
            let is_install = matches!(subcommand(command), "install" | "i")
                && is_whole_project(command, &["install", "i"]);
            let omits = has(&["--prod", "--production", "-P"]);
            (is_install && !omits && !is_production && !has(&["-g", "--global"])).then_some(())?;
            ecosystem("pnpm", "pnpm install --prod", NODE)
        }
        "composer" | "composer.phar" => {
            let is_install = matches!(subcommand(command), "install" | "update" | "i" | "u");
            (is_install && !has(&["--no-dev"]) && !set("COMPOSER_NO_DEV=1")).then_some(())?;
            ecosystem("Composer", "composer install --no-dev", PHP)
        }
        "poetry" => {
            let is_install = command.subcommand() == "install";
            let omits =
                has(&["--no-dev", "--only-root", "--sync-only"]) || starts("--only") || starts("--without");
            (is_install && !omits).then_some(())?;
            ecosystem("Poetry", "poetry install --only main", PYTHON)
        }
        "uv" => {
            let is_sync = command.subcommand() == "sync";
            let omits =
                has(&["--no-dev", "--no-default-groups"]) || starts("--only-group") || set("UV_NO_DEV=1");
            (is_sync && !omits).then_some(())?;
            ecosystem("uv", "uv sync --no-dev", PYTHON)
        }
        "pipenv" => {
            (matches!(command.subcommand(), "install" | "sync") && has(&["--dev", "-d"])).then_some(())?;
            ecosystem("Pipenv", "pipenv sync", PYTHON)
        }
        "pip" | "pip3" => {
            let is_dev = |word: &String| {
                let name = word.rsplit('/').next().unwrap_or(word);
                let words: Vec<&str> = name.split(['.', '-', '_']).collect();
                name.ends_with(".txt")
                    && words
                        .iter()
                        .any(|word| matches!(*word, "dev" | "test" | "tests" | "develop" | "development"))
            };
            let from_folder = |word: &String| {
                ["dev.txt", "test.txt", "local.txt"]
                    .iter()
                    .any(|end| word.ends_with(&format!("requirements/{end}")))
            };
            let is_install = command.subcommand() == "install"
                && command.arguments().iter().any(|word| is_dev(word) || from_folder(word));
            is_install.then_some(())?;
            ecosystem("pip", "pip install --requirement requirements.txt", PYTHON)
        }
        _ => None,
    }
}

/// Whether a command takes development dependencies out again.
#[must_use]
pub fn removes_development(command: &Command) -> bool {
    let has = |words: &[&str]| words.iter().any(|word| command.has(word));
    match command.program() {
        "npm" | "pnpm" => {
            command.subcommand() == "prune"
                || has(&["--omit=dev", "--production", "--prod"]) && has(&["install", "ci", "i"])
        }
        "yarn" => {
            has(&["--production", "--production=true"])
                || has(&["focus"]) && has(&["--production"])
                || has(&["autoclean"])
        }
        "composer" | "composer.phar" => has(&["--no-dev"]),
        "rm" => command
            .arguments()
            .iter()
            .any(|word| ["node_modules", "vendor", ".venv"].iter().any(|folder| word.ends_with(folder))),
        _ => false,
    }
}

/// Whether nothing is named after the subcommand: the whole project is meant.
fn is_whole_project(command: &Command, subcommands: &[&str]) -> bool {
    let mut words =
        command.arguments().iter().skip_while(|word| !subcommands.contains(&word.as_str())).skip(1);
    let mut previous = "";
    words.all(|word| {
        let is_value =
            previous.starts_with("--") && !previous.contains('=') && TAKE_VALUE.contains(&previous);
        let is_redirection = word.starts_with(['>', '<']) || word.starts_with("2>");
        previous = word.as_str();
        word.starts_with('-') || is_value || is_redirection || word == "."
    })
}

/// The first argument that is neither an option nor the value of one.
fn subcommand(command: &Command) -> &str {
    let mut previous = "";
    for word in command.arguments() {
        if !word.starts_with('-') && !TAKE_VALUE.contains(&previous) {
            return word;
        }
        previous = word;
    }
    ""
}

/// Options whose value is a word of its own.
const TAKE_VALUE: [&str; 16] = [
    "--prefix",
    "--registry",
    "--loglevel",
    "--cache",
    "--omit",
    "--only",
    "--include",
    "--workspace",
    "--filter",
    "--dir",
    "--store-dir",
    "--cwd",
    "-C",
    "--network-timeout",
    "--fetch-timeout",
    "--reporter",
];

fn follows(command: &Command, option: &str, value: &str) -> bool {
    command.arguments().windows(2).any(|pair| pair[0] == option && pair[1] == value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dockerfile::Dockerfile;
    use crate::shell;

    fn commands(run: &str) -> Vec<Command> {
        shell::commands(&Dockerfile::parse(&format!("FROM x\nRUN {run}\n")).instructions[1])
    }

    #[test]
    fn development_dependencies_come_along() {
        for run in [
            "npm ci",
            "npm install",
            "npm i --silent",
            "yarn",
            "yarn install --frozen-lockfile",
            "pnpm install --frozen-lockfile",
            "composer install",
            "poetry install --no-root",
            "uv sync --frozen",
            "pipenv install --dev --system",
            "pip install -r requirements-dev.txt",
            "npm ci --prefix web",
            "npm --prefix web ci",
        ] {
            assert!(
                commands(run).iter().any(|command| installs_development(command, false).is_some()),
                "{run}"
            );
        }
        for run in [
            "npm ci --omit=dev",
            "npm ci --only=production",
            "npm ci --only production",
            "npm install -g pnpm",
            "npm install express",
            "NODE_ENV=production npm ci",
            "yarn install --production",
            "yarn build",
            "pnpm i --prod",
            "composer install --no-dev",
            "poetry install --only main",
            "poetry install --without dev",
            "uv sync --no-dev",
            "pipenv install --system",
            "pip install -r requirements.txt",
            "npm run ci",
            "uv sync $OPTIONS",
            "yarn --version",
            "pip install pytest",
        ] {
            assert!(
                commands(run).iter().all(|command| installs_development(command, false).is_none()),
                "{run}"
            );
        }
    }

    #[test]
    fn systems_are_updated() {
        for run in [
            "apt-get update && apt-get -y upgrade",
            "apk upgrade --no-cache",
            "dnf -y update",
            "zypper --non-interactive patch",
        ] {
            assert!(commands(run).iter().any(updates_system), "{run}");
        }
        for run in
            ["apt-get update", "apk add --no-cache curl", "dnf install -y x", "pip install --upgrade pip"]
        {
            assert!(!commands(run).iter().any(updates_system), "{run}");
        }
    }
}
