//! Files in the tree that are there to hold secrets.

use crate::declared::secret_file::*;
use crate::{names, place};
use wardline_plugin::prelude::*;

/// Judges one file.
pub fn check(found: &Match, report: &mut Report) {
    let document = found.document();
    if document.has("embedded") {
        return;
    }
    let text = document.text();
    let Some((at, what)) = (match found.query() {
        QUERY_ENVIRONMENT => environment(document),
        QUERY_KEY => text.find("-----BEGIN ").filter(|_| is_private_key(text)).map(|at| {
            let end = text[at..].find(['\n', '\r', '\\']).map_or(text.len(), |line| at + line);
            (span(at, end), "a private key")
        }),
        QUERY_STATE => text.find("\"terraform_version\"").filter(|_| is_state(text)).map(|at| {
            (
                span(at, at + "\"terraform_version\"".len()),
                "Terraform's state, which has the secrets of all that it made in clear",
            )
        }),
        _ => credentials(document),
    }) else {
        return;
    };
    let class = match document.file_name() {
        name if is_named(name, &SAMPLES) => Class::Example,
        name if is_named(name, &TESTS) => Class::Test,
        _ => place::class(document),
    };
    report
        .finding(RULE, at)
        .message(format!("`{}` holds {what} and is part of the repository", document.file_name()))
        .class(class)
        .subject(document.file_name());
}

/// The first variable of a `.env` that holds a secret.
fn environment(document: &Document) -> Option<(Span, &'static str)> {
    let mut start = 0;
    for line in document.text().split_inclusive('\n') {
        let trimmed = line.trim_start();
        let lead = line.len() - trimmed.len();
        let rest = trimmed.strip_prefix("export ").unwrap_or(trimmed);
        let offset = start + lead + (trimmed.len() - rest.len());
        start += line.len();
        let Some((name, value)) = rest.split_once('=') else { continue };
        let name = name.trim_end();
        // A comment after the value is none of it.
        let value = value.split(" #").next().unwrap_or_default();
        if !name.starts_with('#') && names::is_secret(name) && names::is_value(value) {
            return Some((span(offset, offset + name.len()), "secrets"));
        }
    }
    None
}

fn is_private_key(text: &str) -> bool {
    text.lines().any(|line| line.contains("-----BEGIN ") && line.contains("PRIVATE KEY"))
        && !text.contains("Proc-Type: 4,ENCRYPTED")
        && !text.contains("BEGIN ENCRYPTED")
}

/// A state with something in it.
fn is_state(text: &str) -> bool {
    text.contains("\"serial\"") && (text.contains("\"attributes\"") || text.contains("\"modules\""))
}

/// Files in which tools keep how to sign in.
fn credentials(document: &Document) -> Option<(Span, &'static str)> {
    let text = document.text();
    let name = document.file_name();
    let after = |mark: &str| {
        let at = text.find(mark)?;
        let value = text[at + mark.len()..].lines().next()?.trim_start_matches([' ', '=', ':', '\t']);
        names::is_value(value).then(|| span(at, at + mark.len()))
    };
    match name {
        ".git-credentials" => text.contains("@").then(|| (span(0, 0), "passwords of Git servers")),
        ".pgpass" => text
            .lines()
            .any(|line| line.split(':').count() == 5)
            .then(|| (span(0, 0), "passwords of databases")),
        ".netrc" | "_netrc" => after("password ").map(|at| (at, "passwords of servers")),
        ".htpasswd" => text.contains(":$").then(|| (span(0, 0), "hashes of passwords")),
        "kubeconfig" | "config" | "admin.conf" => {
            after("client-key-data:").or_else(|| after("token:")).map(|at| (at, "the keys of a cluster"))
        }
        _ => after("aws_secret_access_key").map(|at| (at, "the keys of a cloud account")),
    }
}

const SAMPLES: [&str; 8] = ["example", "sample", "template", "dist", "defaults", "tmpl", "tpl", "demo"];
const TESTS: [&str; 4] = ["test", "tests", "testing", "ci"];

/// Whether a part of a file's name is one of these words.
fn is_named(name: &str, words: &[&str]) -> bool {
    let lower = name.to_ascii_lowercase();
    lower.split(['.', '-', '_']).any(|part| words.contains(&part))
}

fn span(start: usize, end: usize) -> Span {
    let word = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
    Span { start: word(start), end: word(end) }
}
