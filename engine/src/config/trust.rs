//! Trust: which plugin bytes the user has agreed to run.
//!
//! The list lies outside of every repository: one that came with the code under
//! check would be the code vouching for itself.

use super::file::Located;
use super::{ConfigError, Digest, read_as};
use crate::folder::Folder;
use miette::NamedSource;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

/// The digests of the plugins that the user trusts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustStore {
    digests: BTreeSet<Digest>,
}

/// The form of the file: digests, with a comment beside each that says whose it
/// is.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TrustFile {
    digests: Vec<Located<Digest>>,
}

/// More than any list that a person has looked at.
const MAX_SIZE: u64 = 1024 * 1024;

impl TrustStore {
    /// Reads a list that the user named; nothing is trusted where there is no
    /// such file. A list inside `root`, the tree under check, is refused.
    pub fn load(path: &Path, root: &Path) -> Result<Self, ConfigError> {
        let unreadable =
            |reason: String| ConfigError::Unreadable { path: path.display().to_string(), reason };
        let path = match path.canonicalize() {
            Ok(path) => path,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Self::default());
            }
            Err(error) => return Err(unreadable(error.to_string())),
        };
        let root = root.canonicalize().map_err(|error| unreadable(error.to_string()))?;
        if path.starts_with(root) {
            return Err(unreadable(
                "it lies inside the tree under check, which cannot vouch for itself".to_owned(),
            ));
        }
        let (Some(folder), Some(name)) = (path.parent(), path.file_name().and_then(|name| name.to_str()))
        else {
            return Err(unreadable("it is not a file".to_owned()));
        };
        let text = Folder::open(folder).and_then(|folder| folder.read(name, MAX_SIZE));
        match text.map_err(|error| unreadable(error.to_string()))? {
            Some(text) => Self::parse(&path.display().to_string(), text),
            None => Ok(Self::default()),
        }
    }

    fn parse(name: &str, text: String) -> Result<Self, ConfigError> {
        let file: TrustFile = read_as(&Arc::new(NamedSource::new(name, text)))?;
        Ok(Self { digests: file.digests.iter().map(|digest| *digest.value()).collect() })
    }

    /// Trusts what another list trusts as well.
    pub fn join(&mut self, other: Self) {
        self.digests.extend(other.digests);
    }

    /// Whether these bytes may run.
    #[must_use]
    pub fn contains(&self, digest: &Digest) -> bool {
        self.digests.contains(digest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn digest(byte: &str) -> String {
        format!("sha256:{}", byte.repeat(32))
    }

    #[test]
    fn what_is_listed_is_trusted_and_nothing_else() {
        let text = format!("digests = [\n  \"{}\", # acme 1.2, read by ann\n]\n", digest("ab"));
        let store = TrustStore::parse("trust.toml", text).unwrap();
        assert!(store.contains(&digest("ab").parse().unwrap()));
        assert!(!store.contains(&digest("cd").parse().unwrap()));
    }

    #[test]
    fn lists_are_joined() {
        let list = |byte| TrustStore::parse("t", format!("digests = [\"{}\"]", digest(byte))).unwrap();
        let mut store = list("ab");
        store.join(list("cd"));
        assert!(["ab", "cd"].into_iter().all(|byte| store.contains(&digest(byte).parse().unwrap())));
    }

    #[test]
    fn a_list_that_does_not_exist_trusts_nothing() {
        let (root, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let store = TrustStore::load(&outside.path().join("trust.toml"), root.path()).unwrap();
        assert_eq!(store, TrustStore::default());
    }

    #[test]
    fn i17_a_list_inside_the_tree_is_refused_also_by_a_link() {
        let (root, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let inside = root.path().join("trust.toml");
        fs::write(&inside, format!("digests = [\"{}\"]", digest("ab"))).unwrap();
        TrustStore::load(&inside, root.path()).unwrap_err();
        #[cfg(unix)]
        {
            let link = outside.path().join("trust.toml");
            std::os::unix::fs::symlink(&inside, &link).unwrap();
            TrustStore::load(&link, root.path()).unwrap_err();
        }
        let copy = outside.path().join("copy.toml");
        fs::copy(&inside, &copy).unwrap();
        assert!(TrustStore::load(&copy, root.path()).unwrap().contains(&digest("ab").parse().unwrap()));
    }

    #[test]
    fn a_broken_list_is_an_error_that_names_the_key() {
        for (text, part) in [
            ("digests = [\"md5:1\"]", "`digests`"),
            ("digest = []", "unknown key `digest`"),
            ("digests = [", "not TOML"),
        ] {
            let error = TrustStore::parse("t", text.to_owned()).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}
