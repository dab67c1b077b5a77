//! The name of an image: registry, repository, tag and digest, and which of the
//! well-known images it is wherever it is mirrored.

/// The name of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Image<'t> {
    /// The registry's host, where one is named.
    pub registry: Option<&'t str>,
    /// The repository, without the registry: `library/node`, `node`.
    pub repository: &'t str,
    /// The tag.
    pub tag: Option<&'t str>,
    /// The digest, such as `sha256:...`.
    pub digest: Option<&'t str>,
}

impl<'t> Image<'t> {
    /// Reads a name; nothing where it is none.
    #[must_use]
    pub fn parse(name: &'t str) -> Option<Self> {
        let name = name.trim();
        let name =
            name.strip_prefix("docker://").or_else(|| name.strip_prefix("docker-image://")).unwrap_or(name);
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-/:@+".contains(c);
        // An image of this machine alone has no name, only a number.
        let is_number =
            name.starts_with("sha256:") || name.len() == 64 && name.chars().all(|c| c.is_ascii_hexdigit());
        if name.is_empty() || is_number || !name.chars().all(is_plain) {
            return None;
        }
        let (name, digest) = match name.split_once('@') {
            Some((name, digest)) => (name, Some(digest)),
            None => (name, None),
        };
        let slash = name.rfind('/').map_or(0, |at| at + 1);
        let (path, tag) = match name[slash..].split_once(':') {
            Some((last, tag)) => (&name[..slash + last.len()], Some(tag)),
            None => (name, None),
        };
        let is_host = |part: &str| part.contains(['.', ':']) || part == "localhost";
        let (registry, repository) = match path.split_once('/') {
            Some((host, rest)) if is_host(host) => (Some(host), rest),
            _ => (None, path),
        };
        (!repository.is_empty()).then_some(Self { registry, repository, tag, digest })
    }

    /// The name of the official image that it is or mirrors: `node` for
    /// `docker.io/library/node`, `public.ecr.aws/docker/library/node`,
    /// `arm64v8/node` or a company's `mirror/library/node`.
    #[must_use]
    pub fn official(&self) -> Option<&'t str> {
        let (folder, name) = self.repository.rsplit_once('/').unwrap_or(("", self.repository));
        let hub =
            matches!(self.registry, None | Some("docker.io" | "index.docker.io" | "registry-1.docker.io"));
        let is_architecture =
            ["amd64", "arm32v5", "arm32v6", "arm32v7", "arm64v8", "i386", "ppc64le", "riscv64", "s390x"]
                .contains(&folder);
        let is_library = folder == "library" || folder.ends_with("/library");
        (folder.is_empty() && hub || is_library || is_architecture && hub).then_some(name)
    }

    /// The last part of the repository.
    #[must_use]
    pub fn name(&self) -> &'t str {
        self.repository.rsplit('/').next().unwrap_or(self.repository)
    }

    /// The name as people write it, without tag and digest.
    #[must_use]
    pub fn without_tag(&self) -> String {
        match self.registry {
            Some(registry) => format!("{registry}/{}", self.repository),
            None => self.repository.to_owned(),
        }
    }

    /// Whether there is nothing in it but a program and what that needs: no
    /// shell, no package manager.
    #[must_use]
    pub fn is_bare(&self) -> bool {
        let repository = self.repository;
        ["distroless", "chainguard/", "chiseled"].iter().any(|word| repository.contains(word))
            || self.registry.is_some_and(|registry| registry.ends_with("cgr.dev") || registry == "dhi.io")
            || self.tag.is_some_and(|tag| tag.contains("chiseled") || tag.contains("distroless"))
            || matches!(self.official(), Some("scratch" | "busybox" | "hello-world"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fall_into_their_parts() {
        for (name, registry, repository, tag, digest) in [
            ("node", None, "node", None, None),
            ("node:18-alpine", None, "node", Some("18-alpine"), None),
            ("localhost:5000/a/b", Some("localhost:5000"), "a/b", None, None),
            ("ghcr.io/a/b:1@sha256:00", Some("ghcr.io"), "a/b", Some("1"), Some("sha256:00")),
            ("bitnami/redis:7", None, "bitnami/redis", Some("7"), None),
        ] {
            let image = Image::parse(name).expect("a name");
            assert_eq!(
                (image.registry, image.repository, image.tag, image.digest),
                (registry, repository, tag, digest)
            );
        }
        for name in ["", "${IMAGE}", "{{ image }}", "a b", "sha256:0123"] {
            assert!(Image::parse(name).is_none(), "{name}");
        }
    }

    #[test]
    fn official_images_are_known_where_they_are_mirrored() {
        for (name, official) in [
            ("node:1", Some("node")),
            ("docker.io/node", Some("node")),
            ("docker.io/library/node", Some("node")),
            ("public.ecr.aws/docker/library/node", Some("node")),
            ("registry.acme.io/library/node", Some("node")),
            ("arm64v8/node", Some("node")),
            ("acme/node", None),
            ("registry.acme.io/node", None),
        ] {
            assert_eq!(Image::parse(name).and_then(|image| image.official()), official, "{name}");
        }
    }
}
