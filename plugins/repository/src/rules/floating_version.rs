//! Dependencies that are asked for without an upper end, or from a branch.

use crate::declared::floating_version::*;
use crate::place;
use wardline_plugin::prelude::*;

/// Judges one dependency.
pub fn check(found: &Match, report: &mut Report) {
    let document = found.document();
    if place::is_aside(document) {
        return;
    }
    let line = document.line(found.span().start).trim_start();
    if line.starts_with("//") || line.starts_with('#') {
        return;
    }
    if found.query() == QUERY_REQUIREMENTS {
        return requirements(found, report);
    }
    let name = found.get(NAME).map_or("", |name| name.text());
    let Some(version) = found.get(VERSION) else { return };
    let text = version.text();
    let Some(reason) = (match found.query() {
        QUERY_NPM => npm(document, name, text),
        QUERY_CARGO => (text.trim() == "*").then_some("takes any version"),
        // It is there to be the newest list of what not to install.
        QUERY_COMPOSER if name == "roave/security-advisories" => None,
        QUERY_COMPOSER => composer(text),
        QUERY_MODULE => module(text),
        _ => poetry(text),
    }) else {
        return;
    };
    let what = if name.is_empty() { text } else { name };
    report
        .finding(RULE, version.span())
        .message(format!("`{what}` {reason}: what is published next is taken without anybody looking"))
        .subject(what);
}

/// Reports the lines of a list that name no version, once, at the first.
fn requirements(found: &Match, report: &mut Report) {
    let document = found.document();
    let mut lines = document.matches().filter(|other| other.query() == found.query()).peekable();
    if lines.peek().is_none_or(|first| first.span().start != found.span().start) || is_locked(document.text())
    {
        return;
    }
    let lines = lines.filter_map(|line| line.get(VERSION));
    let floating: Vec<(Node<'_>, &'static str)> =
        lines.filter_map(|line| Some((line, requirement(line.text())?))).collect();
    let Some((first, reason)) = floating.first() else { return };
    let text = first.text().split(" #").next().unwrap_or_default().trim();
    let more = match floating.len() {
        1 => String::new(),
        count => format!(", and so it is with {} more", count - 1),
    };
    report
        .finding(RULE, first.span())
        .message(format!("`{text}` {reason}{more}: what is published next is taken without anybody looking"))
        .subject("requirements");
}

/// Whether a list is fixed as a whole: `pip-compile` or `uv` has written it, or
/// constraints pin what it leaves open.
fn is_locked(text: &str) -> bool {
    let mut head = text.lines().take(12).filter(|line| line.starts_with('#'));
    let is_compiled = head.any(|line| line.contains("pip-compile") || line.contains("uv pip compile"));
    is_compiled || text.lines().any(|line| line.starts_with("-c ") || line.starts_with("--constraint"))
}

fn npm(document: &Document, name: &str, range: &str) -> Option<&'static str> {
    let json: Json = document.text().parse().ok()?;
    let is_dependency = ["dependencies", "devDependencies", "optionalDependencies"].iter().any(|section| {
        json.get(*section).and_then(|map| map.get(name)).and_then(Json::as_str) == Some(range)
    });
    is_dependency.then_some(())?;
    match range.trim() {
        "" | "*" | "x" | "X" => Some("takes any version"),
        "latest" | "next" | "canary" | "beta" | "nightly" => Some("follows a tag that moves"),
        range if range.starts_with('>') && !range.contains('<') => Some("has no upper end"),
        range => git(range),
    }
}

/// A repository without a commit or a version.
fn git(range: &str) -> Option<&'static str> {
    let is_git = range.starts_with("git") || range.starts_with("github:") || range.contains(".git") || {
        let mut parts = range.split('/');
        let is_name = |part: &str| {
            !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || "-_.#".contains(c))
        };
        !range.starts_with(['@', '.', '/'])
            && !range.contains(':')
            && parts.clone().count() == 2
            && parts.all(is_name)
    };
    if !is_git {
        return None;
    }
    let reference = range.split_once('#').map_or("", |(_, reference)| reference);
    let is_commit = reference.len() >= 7 && reference.chars().all(|c| c.is_ascii_hexdigit());
    let is_version = reference.starts_with("semver:")
        || reference.trim_start_matches('v').starts_with(|c: char| c.is_ascii_digit());
    (!is_commit && !is_version).then_some("follows a branch")
}

/// A line of `requirements.txt` that names no version.
fn requirement(line: &str) -> Option<&'static str> {
    let line = line.split(" #").next().unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if line.starts_with("git+") || line.contains("@ git+") {
        let reference = line.split_once("git+").map_or("", |(_, address)| address);
        let path = reference.split_once("://").map_or(reference, |(_, path)| path);
        // `git+ssh://git@host/...` has an `@` of its own.
        let path = path.split_once('/').map_or("", |(_, path)| path);
        let is_pinned = path.split_once('@').is_some_and(|(_, at)| {
            !matches!(at.split('#').next(), Some("main" | "master" | "develop" | "HEAD" | ""))
        });
        return (!is_pinned).then_some("follows a branch");
    }
    if line.contains("==")
        || line.contains("~=")
        || line.contains("===")
        || line.contains('@')
        || line.contains("://")
    {
        return None;
    }
    if line.contains('<') {
        return None;
    }
    if line.contains('>') || line.contains("!=") {
        Some("has no upper end")
    } else {
        Some("names no version")
    }
}

fn composer(range: &str) -> Option<&'static str> {
    match range.trim() {
        "*" => Some("takes any version"),
        range if (range.starts_with("dev-") || range.starts_with("@dev")) && !range.contains('#') => {
            Some("follows a branch")
        }
        range if range.starts_with('>') && !range.contains('<') && !range.contains('|') => {
            Some("has no upper end")
        }
        _ => None,
    }
}

fn poetry(range: &str) -> Option<&'static str> {
    match range.trim() {
        "*" | "latest" => Some("takes any version"),
        _ => None,
    }
}

/// The source of a Terraform module in a repository.
fn module(source: &str) -> Option<&'static str> {
    let reference =
        source.split_once("ref=").map(|(_, reference)| reference.split('&').next().unwrap_or_default());
    match reference {
        None => Some("follows a branch"),
        Some("main" | "master" | "develop" | "HEAD") => Some("follows a branch"),
        Some(_) => None,
    }
}
