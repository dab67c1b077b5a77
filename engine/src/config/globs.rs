//! Lists of path globs, compiled.

use super::value::PathGlob;
use globset::{GlobSet, GlobSetBuilder};

/// Globs of paths, of which any may match.
#[derive(Debug, Clone, Default)]
pub struct Globs {
    set: GlobSet,
    texts: Vec<String>,
}

impl Globs {
    /// Compiles the globs; an error says why they are too much.
    pub fn new(globs: &[PathGlob]) -> Result<Self, String> {
        let mut builder = GlobSetBuilder::new();
        for glob in globs.iter().flat_map(PathGlob::globs) {
            builder.add(glob.clone());
        }
        let set =
            builder.build().map_err(|_| "its globs are too costly: use fewer, or simpler ones".to_owned())?;
        Ok(Self { set, texts: globs.iter().map(|glob| glob.as_str().to_owned()).collect() })
    }

    /// Whether any of them matches a path relative to the root.
    #[must_use]
    pub fn matches(&self, path: &str) -> bool {
        self.set.is_match(path)
    }

    /// The globs as they were written.
    #[must_use]
    pub fn texts(&self) -> &[String] {
        &self.texts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_glob_means_a_path_or_all_beneath_it() {
        for (glob, path, expected) in [
            ("docs", "docs/a/b.md", true),
            ("docs/", "docs/a.md", true),
            ("docs", "service/docs/a.md", true),
            ("docs", "docs.md", false),
            ("./docs/*.md", "docs/a.md", true),
            ("docs/*.md", "docs/a/b.md", false),
            ("docs/**/*.md", "docs/a/b.md", true),
            ("*.md", "a/b.md", true),
            ("src/{a,b}/", "src/b/x.py", true),
            ("src/[ab]", "src/c/x.py", false),
            (".env", "service/.env", true),
        ] {
            let globs = Globs::new(&[glob.parse().unwrap()]).unwrap();
            assert_eq!(globs.matches(path), expected, "{glob} {path}");
        }
    }
}
