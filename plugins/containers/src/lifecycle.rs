//! Which releases are no longer maintained: the table `lifecycle.txt`, read on
//! demand, and the products that a tag speaks of.

use crate::image::Image;

const TABLE: &str = include_str!("../lifecycle.txt");

/// A release that is or was maintained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Release {
    /// The product's name for people.
    pub product: &'static str,
    /// The release, such as `3.18`.
    pub version: &'static str,
    /// The last day of maintenance, `YYYY-MM-DD`.
    pub end: Option<&'static str>,
    /// Where its maker says so.
    pub source: &'static str,
}

impl Release {
    /// Whether its maintenance had ended on a day.
    #[must_use]
    pub fn is_over(&self, today: &str) -> bool {
        self.end.is_some_and(|end| end < today)
    }
}

/// One product of the table.
#[derive(Debug, Clone, Copy)]
struct Product {
    name: &'static str,
    source: &'static str,
    releases: &'static str,
}

impl Product {
    fn of(id: &str) -> Option<Self> {
        TABLE.split("\n= ").skip(1).find_map(|block| {
            let (head, releases) = block.split_once('\n')?;
            let mut parts = head.split(" | ");
            (parts.next()? == id).then_some(())?;
            Some(Self { name: parts.next()?, source: parts.next()?, releases })
        })
    }

    fn releases(self) -> impl Iterator<Item = (Release, Option<&'static str>)> {
        self.releases.lines().filter_map(move |line| {
            let mut words = line.split(' ');
            let version = words.next().filter(|version| !version.is_empty())?;
            let end = words.next().filter(|end| *end != "-");
            Some((Release { product: self.name, version, end, source: self.source }, words.next()))
        })
    }
}

/// The release that a version belongs to. A version that leaves parts out, such
/// as the tag `7`, means the newest of them.
#[must_use]
pub fn release(product: &str, version: &str) -> Option<Release> {
    let product = Product::of(product)?;
    let parts: Vec<&str> = version.split('.').collect();
    let fits = |release: &str| {
        let release: Vec<&str> = release.split('.').collect();
        let common = release.len().min(parts.len());
        release[..common] == parts[..common]
    };
    product.releases().map(|(release, _)| release).find(|release| fits(release.version))
}

/// The release of this name, exactly: `nodejs16.x`.
#[must_use]
pub fn release_named(product: &str, name: &str) -> Option<Release> {
    Product::of(product)?.releases().map(|(release, _)| release).find(|release| release.version == name)
}

/// The release of this code name: `buster`.
fn release_by_codename(product: &str, codename: &str) -> Option<Release> {
    Product::of(product)?.releases().find(|(_, known)| *known == Some(codename)).map(|(release, _)| release)
}

/// The releases of a product that are maintained on a day, newest first.
#[must_use]
pub fn maintained(product: &str, today: &str) -> Vec<&'static str> {
    let releases = Product::of(product).into_iter().flat_map(Product::releases);
    releases.filter(|(release, _)| !release.is_over(today)).map(|(release, _)| release.version).collect()
}

/// What an image is known to hold: releases, with the product's id.
#[must_use]
pub fn of_image(image: &Image<'_>) -> Vec<(&'static str, Release)> {
    let mut found = Vec::new();
    let tag = image.tag.unwrap_or_default();
    if let Some(product) = product_of(image) {
        let tag = tag.strip_prefix('v').filter(|rest| starts_with_digit(rest)).unwrap_or(tag);
        let by_version = leading_version(tag).and_then(|version| release(product, version));
        let by_codename = || release_by_codename(product, tag.split('-').next().unwrap_or_default());
        found.extend(by_version.or_else(by_codename).map(|release| (product, release)));
    }
    // `17-jdk-focal`, `3.9-alpine3.15`, `11.4-ubuntu18.04`, `nodejs16-debian11`
    let name = image.name();
    for part in tag.split(['-', '_']).chain(name.split('-')) {
        let release = tagged(part);
        let is_new = |(product, _): &(&str, Release)| found.iter().all(|(known, _)| known != product);
        found.extend(release.filter(is_new));
    }
    found
}

/// A part of a tag that names a system or a runtime.
fn tagged(part: &str) -> Option<(&'static str, Release)> {
    const CODENAMES: [&str; 2] = ["debian", "ubuntu"];
    const WITH_VERSION: [(&str, &str); 16] = [
        ("alpine", "alpine"),
        ("debian", "debian"),
        ("ubuntu", "ubuntu"),
        ("centos", "centos"),
        ("fedora", "fedora"),
        ("ubi", "rhel"),
        ("rhel", "rhel"),
        ("rockylinux", "rockylinux"),
        ("amazonlinux", "amazonlinux"),
        ("nanoserver", "nanoserver"),
        ("windowsservercore", "servercore"),
        ("python", "python"),
        ("nodejs", "node"),
        ("node", "node"),
        ("php", "php"),
        ("ruby", "ruby"),
    ];
    // Short English words among the code names would hit other tags.
    if part.len() >= 5 {
        for product in CODENAMES {
            if let Some(release) = release_by_codename(product, part) {
                return Some((product, release));
            }
        }
    }
    let split = part.find(|c: char| c.is_ascii_digit())?;
    let (name, version) = part.split_at(split);
    let (_, product) = WITH_VERSION.iter().find(|(known, _)| *known == name)?;
    let version = leading_version(version).filter(|found| found.len() == version.len())?;
    // `ubuntu2004`, `python39`, `python311`
    let version = match (*product, version.len()) {
        ("ubuntu", 4) if !version.contains('.') => format!("{}.{}", &version[..2], &version[2..]),
        ("python", 2 | 3) if version.starts_with('3') && !version.contains('.') => {
            format!("3.{}", &version[1..])
        }
        ("python", 2) if version.starts_with('2') => format!("2.{}", &version[1..]),
        ("php", 2) => format!("{}.{}", &version[..1], &version[1..]),
        // `python3` and `debian` alone say nothing.
        ("python" | "php" | "ruby", 1) => return None,
        _ => version.to_owned(),
    };
    release(product, &version).map(|release| (*product, release))
}

/// The product of a well-known image, by the id that the table has for it.
fn product_of(image: &Image<'_>) -> Option<&'static str> {
    const OFFICIAL: &[(&str, &str)] = &[
        ("golang", "go"),
        ("eclipse-temurin", "temurin"),
        ("amazoncorretto", "corretto"),
        ("eclipse-jetty", "jetty"),
    ];
    const SAME: &[&str] = &[
        "node",
        "python",
        "ruby",
        "php",
        "openjdk",
        "elixir",
        "erlang",
        "perl",
        "alpine",
        "debian",
        "ubuntu",
        "centos",
        "fedora",
        "almalinux",
        "rockylinux",
        "amazonlinux",
        "oraclelinux",
        "photon",
        "postgres",
        "mysql",
        "mariadb",
        "mongo",
        "redis",
        "elasticsearch",
        "kibana",
        "logstash",
        "rabbitmq",
        "cassandra",
        "couchdb",
        "solr",
        "zookeeper",
        "memcached",
        "nginx",
        "httpd",
        "tomcat",
        "jetty",
        "traefik",
        "haproxy",
        "consul",
        "vault",
        "sonarqube",
        "nextcloud",
        "drupal",
        "wordpress",
        "mediawiki",
    ];
    // Others that publish a known product under its own versions.
    const OTHERS: &[(&str, &str)] = &[
        ("dotnet/sdk", "dotnet"),
        ("dotnet/aspnet", "dotnet"),
        ("dotnet/runtime", "dotnet"),
        ("dotnet/runtime-deps", "dotnet"),
        ("dotnet/core/sdk", "dotnet"),
        ("dotnet/core/aspnet", "dotnet"),
        ("dotnet/core/runtime", "dotnet"),
        ("microsoft/dotnet", "dotnet"),
        ("microsoft/aspnetcore", "dotnet"),
        ("windows/nanoserver", "nanoserver"),
        ("windows/servercore", "servercore"),
        ("elasticsearch/elasticsearch", "elasticsearch"),
        ("kibana/kibana", "kibana"),
        ("logstash/logstash", "logstash"),
        ("opensearchproject/opensearch", "opensearch"),
        ("grafana/grafana", "grafana"),
        ("grafana/grafana-oss", "grafana"),
        ("grafana/grafana-enterprise", "grafana"),
        ("keycloak/keycloak", "keycloak"),
        ("jboss/keycloak", "keycloak"),
        ("apache/kafka", "kafka"),
        ("bitnami/kafka", "kafka"),
        ("bitnami/node", "node"),
        ("bitnami/python", "python"),
        ("bitnami/php-fpm", "php"),
        ("bitnami/ruby", "ruby"),
        ("bitnami/golang", "go"),
        ("bitnami/postgresql", "postgres"),
        ("bitnami/mysql", "mysql"),
        ("bitnami/mariadb", "mariadb"),
        ("bitnami/mongodb", "mongo"),
        ("bitnami/redis", "redis"),
        ("bitnami/elasticsearch", "elasticsearch"),
        ("bitnami/rabbitmq", "rabbitmq"),
        ("bitnami/zookeeper", "zookeeper"),
        ("bitnami/nginx", "nginx"),
        ("bitnami/dotnet-sdk", "dotnet"),
        ("cimg/node", "node"),
        ("cimg/python", "python"),
        ("cimg/ruby", "ruby"),
        ("cimg/go", "go"),
        ("cimg/php", "php"),
        ("circleci/node", "node"),
        ("circleci/python", "python"),
        ("circleci/ruby", "ruby"),
        ("circleci/golang", "go"),
        ("circleci/php", "php"),
        ("lambda/nodejs", "node"),
        ("lambda/python", "python"),
        ("lambda/ruby", "ruby"),
        ("devcontainers/python", "python"),
        ("devcontainers/javascript-node", "node"),
        ("devcontainers/typescript-node", "node"),
        ("devcontainers/php", "php"),
        ("devcontainers/ruby", "ruby"),
        ("devcontainers/go", "go"),
        ("opensuse/leap", "opensuse"),
        ("postgis/postgis", "postgres"),
        ("percona/percona-server", "mysql"),
        ("mysql/mysql-server", "mysql"),
        ("apache/activemq-classic", "activemq"),
        ("hashicorp/consul", "consul"),
        ("hashicorp/vault", "vault"),
        ("nginxinc/nginx-unprivileged", "nginx"),
        ("nginx/nginx-unprivileged", "nginx"),
        ("adoptopenjdk", "openjdk"),
    ];
    if let Some(name) = image.official() {
        let renamed = OFFICIAL.iter().find(|(known, _)| *known == name).map(|(_, product)| *product);
        let found = renamed.or_else(|| SAME.iter().find(|known| **known == name).copied());
        if found.is_some() {
            return found;
        }
    }
    if image.repository == "centos/centos" && image.tag.is_some_and(|tag| tag.starts_with("stream")) {
        return Some("centos-stream");
    }
    let ends = |known: &str| {
        let start = image.repository.strip_suffix(known);
        start.is_some_and(|start| start.is_empty() || start.ends_with('/'))
    };
    OTHERS.iter().find(|(known, _)| ends(known)).map(|(_, product)| *product)
}

/// Digits and dots that a text begins with: `3.9` of `3.9-alpine`, `8` of
/// `8u292`, `2012-r2` only as `2012`.
fn leading_version(text: &str) -> Option<&str> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let version = text[..end].trim_end_matches('.');
    // A build such as `nginx:1.21rc1` or `python:3.13b2` names its release all the same.
    (!version.is_empty() && starts_with_digit(version)).then_some(version)
}

fn starts_with_digit(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
}

/// Images that nobody publishes any more, whatever the tag: the repository,
/// since when, what there is instead.
const RETIRED: &[(&str, &str, &str)] = &[
    // https://hub.docker.com/_/centos
    ("centos", "2024-06-30", "AlmaLinux, Rocky Linux or CentOS Stream"),
    // https://hub.docker.com/_/java
    ("java", "2017-01-01", "`eclipse-temurin` or another maintained build"),
    // https://circleci.com/docs/guides/execution-managed/next-gen-migration-guide/
    ("circleci/", "2021-12-31", "the `cimg/` images"),
    // https://github.com/bitnami/containers/issues/83267
    ("bitnamilegacy/", "2025-08-28", "the product's own image"),
    // https://hub.docker.com/r/microsoft/dotnet
    ("microsoft/dotnet", "2019-12-31", "`mcr.microsoft.com/dotnet`"),
    ("microsoft/aspnetcore", "2019-12-31", "`mcr.microsoft.com/dotnet/aspnet`"),
    // https://hub.docker.com/_/adoptopenjdk
    ("adoptopenjdk", "2021-08-01", "`eclipse-temurin`"),
    // https://hub.docker.com/_/jenkins
    ("jenkins", "2018-07-17", "`jenkins/jenkins`"),
    // https://kubernetes.io/blog/2023/02/06/k8s-gcr-io-freeze-announcement/
    ("k8s.gcr.io/", "2023-04-03", "`registry.k8s.io`"),
];

/// Since when an image is no longer published, and what to use instead.
#[must_use]
pub fn retired(image: &Image<'_>) -> Option<(&'static str, &'static str)> {
    let whole = image.without_tag();
    let name = image.official().unwrap_or(&whole);
    let whole = whole.strip_prefix("docker.io/").unwrap_or(&whole);
    let fits = |known: &str| match known.strip_suffix('/') {
        Some(folder) => whole.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/')),
        None => name == known || whole == known,
    };
    RETIRED.iter().find(|(known, ..)| fits(known)).map(|(_, since, instead)| (*since, *instead))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(name: &str) -> Vec<String> {
        let image = Image::parse(name).expect("a name");
        of_image(&image)
            .into_iter()
            .map(|(product, release)| format!("{product} {}", release.version))
            .collect()
    }

    #[test]
    fn a_tag_says_what_is_inside() {
        for (name, expected) in [
            ("node:18-alpine", &["node 18"][..]),
            ("node:18.17.1-buster-slim", &["node 18", "debian 10"]),
            ("node:lts-alpine3.15", &["alpine 3.15"]),
            ("python:3", &["python 3.14"]),
            ("python:3.9-slim-bullseye", &["python 3.9", "debian 11"]),
            ("redis:7", &["redis 7.4"]),
            ("mysql:8", &["mysql 8.4"]),
            ("postgres:9", &["postgres 9.6"]),
            ("ubuntu:focal-20230301", &["ubuntu 20.04"]),
            ("debian:buster-slim", &["debian 10"]),
            ("eclipse-temurin:8u292-b10-jdk-focal", &["temurin 8", "ubuntu 20.04"]),
            ("nvidia/cuda:11.4.0-base-ubuntu18.04", &["ubuntu 18.04"]),
            ("nvidia/cuda:11.4.0-base-ubuntu2004", &["ubuntu 20.04"]),
            ("gcr.io/distroless/nodejs16-debian11", &["node 16", "debian 11"]),
            ("gcr.io/distroless/python3-debian12", &["debian 12"]),
            ("mcr.microsoft.com/dotnet/aspnet:6.0-alpine3.17", &["dotnet 6", "alpine 3.17"]),
            ("public.ecr.aws/lambda/python:3.8", &["python 3.8"]),
            ("registry.access.redhat.com/ubi7/ubi:latest", &[]),
            ("tiangolo/uvicorn-gunicorn-fastapi:python3.7", &["python 3.7"]),
            ("traefik:v2.4", &["traefik 2.4"]),
            ("docker.elastic.co/elasticsearch/elasticsearch:7.17.4", &["elasticsearch 7"]),
            ("acme/node:14", &[]),
            ("acme/app:1.2.3", &[]),
            ("node", &[]),
            ("node:99", &[]),
        ] {
            assert_eq!(known(name), expected, "{name}");
        }
    }

    #[test]
    fn the_table_is_in_order() {
        let mut products = 0;
        for block in TABLE.split("\n= ").skip(1) {
            let id = block.split(' ').next().expect("an id");
            let product = Product::of(id).expect("a product");
            assert!(product.source.starts_with("https://"), "{id}");
            assert!(product.releases().next().is_some(), "{id}");
            for (release, _) in product.releases() {
                assert!(
                    release.end.is_none_or(|end| end.len() == 10 && end.as_bytes()[4] == b'-'),
                    "{id} {}",
                    release.version
                );
            }
            products += 1;
        }
        assert!(products > 50);
    }

    #[test]
    fn the_day_decides() {
        let release = release("node", "18.1.0").expect("known");
        assert!(!release.is_over("2025-04-30") && release.is_over("2025-05-01"));
        assert_eq!(maintained("alpine", "2026-11-24").first(), Some(&"3.24"));
    }

    #[test]
    fn retired_images_are_known_by_name() {
        for (name, is_retired) in [
            ("centos:7", true),
            ("docker.io/library/centos", true),
            ("circleci/node:14", true),
            ("k8s.gcr.io/pause:3.2", true),
            ("jenkins/jenkins:lts", false),
            ("quay.io/centos/centos:stream9", false),
        ] {
            assert_eq!(retired(&Image::parse(name).expect("a name")).is_some(), is_retired, "{name}");
        }
    }
}
