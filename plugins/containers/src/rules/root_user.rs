//! Images that run their program as root, and services told to.

use crate::compose::{Compose, interpolate};
use crate::declared::root_user::*;
use crate::dockerfile::{Base, Dockerfile, Instruction, unquote};
use crate::image::Image;
use crate::{origin, shell};
use wardline_plugin::prelude::*;

/// Programs that take privileges away when the container starts.
const DROPPERS: [&str; 7] = ["gosu", "su-exec", "setpriv", "s6-setuidgid", "s6-overlay", "chpst", "fixuid"];

/// Judges the image that a Dockerfile delivers, or the services of a Compose file.
pub fn check(found: &Match, report: &mut Report) {
    let document = found.document();
    if found.query() == QUERY_ROOT_USER_COMPOSE {
        return services(document, report);
    }
    let file = Dockerfile::parse(document.text());
    let Some(last) = file.last_stage() else { return };
    if file.is_template || shell::is_for_windows(&file) {
        return;
    }
    let instructions = file.of_stage(last);
    let runs = instructions
        .iter()
        .rev()
        .find(|instruction| matches!(instruction.keyword.as_str(), "CMD" | "ENTRYPOINT"));
    // Nothing but files for somebody else to copy.
    if matches!(file.origin(last).base, Base::Scratch) && runs.is_none() {
        return;
    }
    let from = &file.instructions[file.stages[last].from];
    let user = instructions.iter().rev().find(|instruction| instruction.keyword == "USER");
    let Some(user) = user else {
        // Where the program is started, if that is in the last stage.
        let at = runs.filter(|runs| runs.stage == Some(last)).map_or(from.span, |runs| runs.keyword_span);
        match base_user(&file, last) {
            BaseUser::Other => {}
            BaseUser::Unknown(base) => {
                report.unknown(RULE, at, format!("`{base}` may set a user of its own"));
            }
            BaseUser::Root => no_user(document, &file, last, runs.copied(), at, report),
        }
        return;
    };
    let name = user.arguments.text.trim();
    let value = resolve(name, &instructions, user);
    let Some(value) = value else {
        report.unknown(RULE, user.span, format!("`{name}` has no value here"));
        return;
    };
    if !is_root(&value) {
        return;
    }
    if let Some(dropper) = dropper(&file) {
        report.unknown(RULE, user.span, format!("`{dropper}` may take root's privileges away at the start"));
        return;
    }
    let earlier =
        instructions.iter().filter(|instruction| instruction.keyword == "USER").find_map(|instruction| {
            let value = resolve(instruction.arguments.text.trim(), &instructions, instruction)?;
            (!is_root(&value)).then(|| instruction.arguments.text.trim().to_owned())
        });
    let finding = finding(document, user.span, report)
        .message(format!("the last user is `{name}`: what the container runs has root's rights in it"));
    if let Some(earlier) = earlier.filter(|_| user.stage == Some(last)) {
        finding.fix(format!("go back to `{earlier}`"), Applicability::Suggestion, |fix| {
            fix.replace(user.span, format!("USER {earlier}"))
        });
    }
}

fn finding<'r>(document: &Document, at: Span, report: &'r mut Report) -> wardline_plugin::FindingBuilder<'r> {
    let severity = if origin::is_for_development(document.path()) { Severity::Low } else { Severity::Medium };
    report.finding(RULE, at).severity(severity).class(origin::class(document)).subject("user")
}

/// Reports that nothing sets a user.
fn no_user(
    document: &Document,
    file: &Dockerfile,
    last: usize,
    runs: Option<&Instruction>,
    at: Span,
    report: &mut Report,
) {
    if let Some(dropper) = dropper(file) {
        report.unknown(RULE, at, format!("`{dropper}` may take root's privileges away at the start"));
        return;
    }
    let mut finding = finding(document, at, report)
        .message("no `USER` is set for the image: what the container runs has root's rights in it");
    // Without a program it may be there for others to build on, who set a user.
    if runs.is_none() {
        finding = finding.severity(Severity::Low);
    }
    let Some(runs) = runs.filter(|runs| runs.stage == Some(last)) else { return };
    // The first of those that start the program, in the last stage.
    let first = file
        .instructions
        .iter()
        .find(|known| known.stage == Some(last) && matches!(known.keyword.as_str(), "CMD" | "ENTRYPOINT"))
        .unwrap_or(runs);
    let has_node = matches!(&file.origin(last).base, Base::Image(name)
        if Image::parse(name).and_then(|image| image.official()) == Some("node"));
    let (user, title) = if has_node {
        ("node", "run it as `node`, which the image has")
    } else {
        ("65532:65532", "run it as a user without rights; files that it writes need that owner")
    };
    finding.fix(title, Applicability::Suggestion, |fix| {
        fix.insert(first.keyword_span.start, format!("USER {user}\n"))
    });
}

enum BaseUser {
    Root,
    Other,
    Unknown(String),
}

/// The user of what the last stage starts from.
fn base_user(file: &Dockerfile, last: usize) -> BaseUser {
    match &file.origin(last).base {
        Base::Scratch | Base::Stage(_) => BaseUser::Root,
        Base::Unknown { argument } => BaseUser::Unknown(format!("${argument}")),
        Base::Image(name) => {
            let Some(image) = Image::parse(name) else { return BaseUser::Unknown(name.clone()) };
            let says_so = [image.tag.unwrap_or_default(), image.repository].iter().any(|part| {
                ["nonroot", "rootless", "unprivileged", "chiseled"].iter().any(|word| part.contains(word))
            });
            if says_so || image.repository.contains("chainguard/") || image.registry == Some("cgr.dev") {
                return BaseUser::Other;
            }
            match image.official() {
                // Official images that set a user.
                Some(
                    "elasticsearch" | "kibana" | "logstash" | "solr" | "sonarqube" | "geonetwork" | "jetty"
                    | "varnish" | "haproxy" | "flink",
                ) => BaseUser::Other,
                Some(_) => BaseUser::Root,
                None if is_known_root(&image) => BaseUser::Root,
                None => BaseUser::Unknown(name.clone()),
            }
        }
    }
}

/// Images outside of the official ones that are known to leave the user root.
fn is_known_root(image: &Image) -> bool {
    let whole = image.without_tag();
    let starts = [
        "mcr.microsoft.com/dotnet/",
        "gcr.io/distroless/",
        "registry.access.redhat.com/ubi7/ubi",
        "registry.access.redhat.com/ubi8/ubi",
        "registry.access.redhat.com/ubi9/ubi",
        "registry.fedoraproject.org/fedora",
        "nvidia/cuda",
        "oven/bun",
        "denoland/deno",
        "public.ecr.aws/amazonlinux/",
        "public.ecr.aws/lambda/",
        "mcr.microsoft.com/vscode/devcontainers",
        "ghcr.io/astral-sh/uv",
        "tiangolo/",
        "phusion/",
        "opensuse/",
        "quay.io/centos/centos",
    ];
    starts.iter().any(|start| whole.starts_with(start))
}

/// A user's name with arguments and variables put in.
fn resolve(name: &str, instructions: &[&Instruction], at: &Instruction) -> Option<String> {
    let name = unquote(name);
    if !name.contains('$') {
        return Some(name.to_owned());
    }
    let filled = interpolate(name);
    if filled.missing.is_none() {
        return Some(filled.text);
    }
    let mut text = name.to_owned();
    for instruction in instructions.iter().take_while(|known| known.span.start != at.span.start) {
        if !matches!(instruction.keyword.as_str(), "ARG" | "ENV") {
            continue;
        }
        for (variable, value) in instruction.pairs() {
            if let Some(value) = value {
                let value = value.plain();
                text = text.replace(&format!("${{{}}}", variable.text), value);
                if text == format!("${}", variable.text) || text.starts_with(&format!("${}:", variable.text))
                {
                    text = text.replacen(&format!("${}", variable.text), value, 1);
                }
            }
        }
    }
    // The group does not matter.
    let user = text.split(':').next().unwrap_or_default().to_owned();
    (!user.contains('$')).then_some(user)
}

fn is_root(user: &str) -> bool {
    let name = user.split(':').next().unwrap_or_default().trim();
    matches!(name, "root" | "0" | "00") || name.is_empty() && !user.is_empty()
}

fn dropper(file: &Dockerfile) -> Option<&'static str> {
    let last = file.last_image();
    let of_last: Vec<&&Instruction> = last
        .iter()
        .filter(|instruction| {
            matches!(instruction.keyword.as_str(), "RUN" | "CMD" | "ENTRYPOINT" | "COPY" | "ADD")
        })
        .collect();
    DROPPERS.into_iter().find(|dropper| {
        let is_word = |text: &str| {
            text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).any(|word| word == *dropper)
        };
        of_last.iter().any(|instruction| {
            is_word(&instruction.arguments.text)
                || instruction.heredocs.iter().any(|body| is_word(&body.text))
        })
    })
}

fn services(document: &Document, report: &mut Report) {
    let Some(compose) = Compose::parse(document.text()) else { return };
    for service in compose.services() {
        for user in service.texts("user") {
            let filled = interpolate(&user.text);
            if filled.missing.is_none() && is_root(&filled.text) && !filled.has_default {
                finding(document, user.span, report)
                    .message(format!(
                        "`{}` runs as `{}`: it has root's rights in its container",
                        service.name, user.text
                    ))
                    .subject(service.name);
            }
        }
    }
}
