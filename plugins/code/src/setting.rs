//! Decides what sort of finding a flaw in this document is.

use wardline_plugin::prelude::*;

/// Whether a file is a tool of the people who write the program: a script for
/// building, releasing or checking it, to which nobody else hands values.
pub fn is_tooling(document: &Document) -> bool {
    const FOLDERS: &[&str] =
        &["tools", "tasks", "ci", ".ci", "build", "hack", "release", ".github", "benchmarks", "playwright"];
    // Where JavaScript keeps them; in other languages these also run in production.
    const SCRIPTS: &[&str] = &["scripts", "script", "bin"];
    const FILES: &[&str] =
        &["gruntfile", "gulpfile", "rakefile", "build", "release", "makefile", "noxfile", "fabfile", "setup"];
    let path = document.path().to_ascii_lowercase();
    let (folders, file) = path.rsplit_once('/').unwrap_or(("", &path));
    let stem = file.split('.').next().unwrap_or(file);
    let script = matches!(document.language(), "javascript" | "typescript");
    let in_folder =
        folders.split('/').any(|folder| FOLDERS.contains(&folder) || script && SCRIPTS.contains(&folder));
    in_folder || FILES.contains(&stem) || file.ends_with(".rake")
}

/// Returns `Class::Test` in tests: shown, but nothing that blocks.
pub fn class(found: &Match) -> Class {
    if found.document().has("test") { Class::Test } else { Class::Real }
}
