//! `wardline doctor`: what a helper needs to know, ready to be pasted.
//!
//! It shows where things are and whether they are as they should be. It shows
//! no file's content, no variable's value but those of the terminal, and the
//! home folder as `~`.

use std::fmt::Write;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// What the caller knows about the run.
pub(crate) struct Facts {
    /// Configuration files that apply here, the strongest last.
    pub(crate) configuration: Vec<PathBuf>,
    /// Where compiled plugins are kept.
    pub(crate) cache: Option<PathBuf>,
    /// One line for each plugin: id, version, origin, number of rules.
    pub(crate) plugins: Vec<String>,
    /// Name and value of each limit.
    pub(crate) limits: Vec<(&'static str, String)>,
    /// The user's home folder.
    pub(crate) home: Option<PathBuf>,
    /// Columns of the terminal, if standard output is one.
    pub(crate) columns: Option<u16>,
    /// Number of threads that a check would use.
    pub(crate) threads: usize,
}

/// The report about this installation, seen from the current folder.
pub(crate) fn here() -> Result<String, crate::Failure> {
    use wardline_engine::{config, plugin::host};
    let user_file = config::user_file(|name| std::env::var_os(name));
    let found = crate::session::configuration(Path::new("."), config::Overrides::default())?;
    let repository = found.root.join(config::FILE_NAME);
    let plugins = crate::plugins::load(&found, &[])?;
    let line = |plugin: &wardline_engine::plugin::set::Plugin| {
        let manifest = &plugin.manifest;
        format!(
            "{} {}: {:?}, {} rules, sha256:{}",
            manifest.id,
            manifest.version,
            plugin.origin,
            manifest.rules.len(),
            plugin.digest
        )
    };
    let text = report(&Facts {
        configuration: user_file.into_iter().chain([repository]).filter(|path| path.exists()).collect(),
        cache: None,
        plugins: plugins.iter().map(line).collect(),
        limits: vec![
            ("fuel of a call", host::FUEL.to_string()),
            ("memory of a call", format!("{} MiB", host::MEMORY_BYTES >> 20)),
            ("WebAssembly stack", format!("{} KiB", host::WASM_STACK_BYTES >> 10)),
            ("data of a call", format!("{} MiB", host::LIFTED_BYTES >> 20)),
            (
                "component",
                format!("{} MiB, {} functions", host::COMPONENT_BYTES >> 20, host::COMPONENT_FUNCTIONS),
            ),
        ],
        home: std::env::var_os("HOME").map(PathBuf::from),
        columns: terminal_size::terminal_size().map(|(width, _)| width.0),
        threads: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
    });
    Ok(crate::report::harmless(&text))
}

/// The whole report, as plain text.
pub(crate) fn report(facts: &Facts) -> String {
    let mut text = format!("wardline {}\n", env!("CARGO_PKG_VERSION"));
    let build = if cfg!(debug_assertions) { "debug" } else { "release" };
    let platform = format!("{} {}", std::env::consts::OS, std::env::consts::ARCH);
    section(&mut text, "platform", [format!("{platform}, {build} build, {} threads", facts.threads)]);
    let configuration = facts.configuration.iter().map(|path| shorten(path, facts.home.as_deref()));
    section(&mut text, "configuration", configuration);
    let cache = facts
        .cache
        .as_deref()
        .map(|path| format!("{}: {}", shorten(path, facts.home.as_deref()), Privacy::of(path)));
    section(&mut text, "cache", cache);
    section(&mut text, "plugins", facts.plugins.iter().cloned());
    section(&mut text, "limits", facts.limits.iter().map(|(name, value)| format!("{name}: {value}")));
    section(&mut text, "terminal", terminal(facts.columns));
    text
}

fn section(text: &mut String, name: &str, lines: impl IntoIterator<Item = String>) {
    let mut lines = lines.into_iter().peekable();
    let _ = writeln!(text, "\n{name}");
    if lines.peek().is_none() {
        let _ = writeln!(text, "  none");
    }
    for line in lines {
        let _ = writeln!(text, "  {line}");
    }
}

fn shorten(path: &Path, home: Option<&Path>) -> String {
    match home.and_then(|home| path.strip_prefix(home).ok()) {
        Some(rest) => Path::new("~").join(rest).display().to_string(),
        None => path.display().to_string(),
    }
}

fn terminal(columns: Option<u16>) -> Vec<String> {
    let mut lines =
        vec![columns.map_or("standard output is not a terminal".to_owned(), |c| format!("{c} columns"))];
    for name in ["TERM", "COLORTERM", "NO_COLOR", "CLICOLOR_FORCE", "FORCE_COLOR", "CI", "LANG"] {
        if let Some(value) = std::env::var_os(name) {
            lines.push(format!("{name}={}", value.to_string_lossy()));
        }
    }
    lines
}

/// Whether compiled code can be kept in a folder: only where nobody else could
/// have put it.
#[derive(Debug, PartialEq, Eq)]
enum Privacy {
    Private,
    Absent,
    NotAFolder,
    Foreign,
    Shared(u32),
    Unknown(io::ErrorKind),
}

impl Privacy {
    fn of(path: &Path) -> Self {
        match fs::symlink_metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Self::Absent,
            Err(error) => Self::Unknown(error.kind()),
            Ok(metadata) if !metadata.is_dir() => Self::NotAFolder,
            Ok(metadata) => Self::of_folder(&metadata),
        }
    }

    #[cfg(unix)]
    fn of_folder(metadata: &fs::Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        let mode = metadata.mode() & 0o7777;
        // A new file belongs to whoever makes it.
        let own = tempfile::tempfile().and_then(|file| file.metadata());
        if own.is_ok_and(|own| own.uid() != metadata.uid()) {
            Self::Foreign
        } else if mode & 0o022 != 0 {
            Self::Shared(mode)
        } else {
            Self::Private
        }
    }

    #[cfg(not(unix))]
    fn of_folder(_metadata: &fs::Metadata) -> Self {
        Self::Private
    }
}

impl std::fmt::Display for Privacy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Private => f.write_str("private"),
            Self::Absent => f.write_str("not there yet; made on first use"),
            Self::NotAFolder => f.write_str("not used: it is a link or a file"),
            Self::Foreign => f.write_str("not used: it belongs to another user"),
            Self::Shared(mode) => {
                write!(f, "not used: others may write to it (mode {mode:04o}); run `chmod go-w` on it")
            }
            Self::Unknown(kind) => write!(f, "not used: {kind}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(home: &Path) -> Facts {
        Facts {
            configuration: vec![
                home.join("project/wardline.toml"),
                PathBuf::from("/elsewhere/wardline.toml"),
            ],
            cache: Some(home.join("no-cache")),
            plugins: vec!["secrets 0.1.0, built in, 61 rules".to_owned()],
            limits: vec![("fuel", "2 s".to_owned())],
            home: Some(home.to_owned()),
            columns: None,
            threads: 2,
        }
    }

    #[test]
    fn the_report_names_everything_and_hides_the_home_folder() {
        let home = tempfile::tempdir().unwrap();
        let report = report(&facts(home.path()));
        for expected in [
            concat!("wardline ", env!("CARGO_PKG_VERSION")),
            "~/project/wardline.toml",
            "/elsewhere/wardline.toml",
            "~/no-cache: not there yet",
            "secrets 0.1.0",
            "fuel: 2 s",
            "not a terminal",
        ] {
            assert!(report.contains(expected), "{expected}: {report}");
        }
        assert!(!report.contains(&home.path().display().to_string()), "{report}");
    }

    #[cfg(unix)]
    #[test]
    fn f4_a_cache_that_others_can_write_to_is_not_private() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let check = |mode: u32, expected: Privacy| {
            fs::set_permissions(folder.path(), fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(Privacy::of(folder.path()), expected);
        };
        check(0o700, Privacy::Private);
        check(0o777, Privacy::Shared(0o777));
        check(0o720, Privacy::Shared(0o720));
        check(0o700, Privacy::Private);
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(folder.path(), &link).unwrap();
        assert_eq!(Privacy::of(&link), Privacy::NotAFolder);
    }
}
