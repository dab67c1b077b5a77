//! What a file is for, from where it stands: production, development, tests, or
//! to show how it is done.

use wardline_plugin::{Class, Document};

/// The class of findings in a document.
#[must_use]
pub fn class(document: &Document) -> Class {
    if document.has("test") {
        Class::Test
    } else if document.has("example") {
        Class::Example
    } else {
        Class::Real
    }
}

/// Whether a file says that it is for developers or tests: `Dockerfile.dev`,
/// `docker-compose.override.yml`, `.devcontainer/Dockerfile`.
#[must_use]
pub fn is_for_development(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    let mut parts = lower.rsplit('/');
    let name = parts.next().unwrap_or_default();
    let in_name = name.split(['.', '-', '_']).any(is_development_word);
    in_name
        || parts
            .any(|folder| folder == ".devcontainer" || folder.split(['.', '-', '_']).any(is_development_word))
}

/// Whether a word says that something is for developers or tests.
#[must_use]
pub fn is_development_word(word: &str) -> bool {
    matches!(
        word,
        "dev"
            | "devel"
            | "develop"
            | "development"
            | "devcontainer"
            | "local"
            | "test"
            | "tests"
            | "testing"
            | "ci"
            | "debug"
            | "e2e"
            | "playwright"
            | "cypress"
            | "lint"
            | "override"
            | "integration"
            | "benchmark"
            | "bench"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_what_a_file_is_for() {
        for path in [
            "Dockerfile.dev",
            "docker/dev/Dockerfile",
            "docker-compose.override.yml",
            ".devcontainer/Dockerfile",
            "compose.test.yaml",
            "local-compose.yml",
        ] {
            assert!(is_for_development(path), "{path}");
        }
        for path in [
            "Dockerfile",
            "docker-compose.yml",
            "device/Dockerfile",
            "compose.prod.yaml",
            "src/latest/Dockerfile",
        ] {
            assert!(!is_for_development(path), "{path}");
        }
    }
}
