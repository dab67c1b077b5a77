//! Literal secrets in an image's variables, arguments and build steps.

use crate::declared::secret_in_image::RULE;
use crate::dockerfile::{Dockerfile, Instruction, Logical, unquote};
use crate::secret::{self, Held};
use crate::{origin, shell};
use wardline_plugin::prelude::*;

/// Judges all instructions of a Dockerfile.
pub fn check(found: &Match, report: &mut Report) {
    let document = found.document();
    let file = Dockerfile::parse(document.text());
    for instruction in &file.instructions {
        match instruction.keyword.as_str() {
            "ENV" | "ARG" => variables(instruction, document, report),
            "RUN" => {
                arguments(instruction, document, report);
                steps(&instruction.arguments, document, report);
                instruction.heredocs.iter().for_each(|body| steps(body, document, report));
            }
            _ => {}
        }
    }
}

fn variables(instruction: &Instruction, document: &Document, report: &mut Report) {
    for (name, value) in instruction.pairs() {
        let (name, Some(value)) = (name.plain().to_owned(), value) else { continue };
        let plain = value.plain();
        let kept = if instruction.keyword == "ENV" {
            "every container and everybody who has the image reads it"
        } else {
            "the image's history shows it"
        };
        judge(&name, plain, inner(value.span, &value.text), kept, document, report);
    }
}

/// Passwords that programs are given as arguments of their own.
fn arguments(instruction: &Instruction, document: &Document, report: &mut Report) {
    for command in shell::commands(instruction) {
        let options: &[&str] = match command.program() {
            "curl" => &["-u", "--user", "--proxy-user"],
            "sshpass" => &["-p"],
            "docker" | "podman" | "skopeo" | "helm" | "buildah" if command.subcommand() == "login" => {
                &["-p", "--password"]
            }
            "svn" | "mysql" | "mysqladmin" | "wget" | "smbclient" => &["--password"],
            _ => continue,
        };
        for pair in command.arguments().windows(2).filter(|pair| options.contains(&pair[0].as_str())) {
            let password = match command.program() {
                "curl" => pair[1].split_once(':').map_or("", |(_, password)| password),
                _ => pair[1].as_str(),
            };
            let is_secret = secret::held("password", password).is_some();
            let at = instruction.arguments.text.find(&pair[1]).filter(|_| is_secret);
            let Some(at) = at.map(|at| at + pair[1].len() - password.len()) else { continue };
            let span = instruction.arguments.span(at, at + password.len());
            report
                .finding(RULE, span)
                .message(format!(
                    "`{}` is given a literal password: the image's history shows it",
                    command.program()
                ))
                .class(origin::class(document))
                .subject(command.program())
                .redact(span);
        }
    }
}

/// Commands that build files and start the program for it, which refuses to
/// without some key: `SECRET_KEY=build ./manage.py collectstatic`.
const BUILDS_FILES: [&str; 6] =
    ["collectstatic", "compilemessages", "compress", "precompile", "assets:build", "webpack"];

/// `export TOKEN=...`, `TOKEN=... command`, `echo user:password | chpasswd`.
fn steps(script: &Logical, document: &Document, report: &mut Report) {
    for word in script.words() {
        let Some((name, value)) = word.text.split_once('=') else { continue };
        let rest = &script.text[word.start..];
        let command = &rest[..rest.find(['&', ';', '|']).unwrap_or(rest.len())];
        if BUILDS_FILES.iter().any(|word| command.contains(word)) {
            continue;
        }
        let name = name.trim_start_matches('-');
        let is_name =
            !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
        // A path such as `id=npm_token,target=...` is a mount.
        if !is_name || value.is_empty() || value.contains(',') {
            continue;
        }
        let value = value.trim_end_matches([';', ')', '&']);
        let start = word.span.end - (word.text.len() - (word.text.find('=').unwrap_or(0) + 1)) as u32;
        let span = Span { start, end: start + value.len() as u32 };
        judge(name, unquote(value), inner(span, value), "the image's history shows it", document, report);
    }
    for (at, _) in script.text.match_indices("chpasswd") {
        let line = script.text[..at].rfind(['\n', ';']).map_or(0, |line| line + 1);
        let before = &script.text[line..at];
        let Some(colon) = before.find(':') else { continue };
        let user_start = before[..colon].rfind([' ', '"', '\'']).map_or(0, |at| at + 1);
        let user = &before[user_start..colon];
        let rest = &before[colon + 1..];
        let end = rest.find([' ', '"', '\'', '|', '\n', '\\']).unwrap_or(rest.len());
        let password = &rest[..end];
        if user.is_empty() || password.is_empty() || password.contains(['$', '`', '<', '{']) {
            continue;
        }
        let start = line + colon + 1;
        report
            .finding(RULE, script.span(start, start + end))
            .message(format!("the password of `{user}` is set in the build: everybody who has the Dockerfile or the image has it"))
            .class(origin::class(document))
            .confidence(Confidence::High)
            .subject(user)
            .redact(script.span(start, start + end));
    }
}

/// Without the quotes around it.
fn inner(span: Span, text: &str) -> Span {
    if unquote(text).len() < text.len() { Span { start: span.start + 1, end: span.end - 1 } } else { span }
}

fn judge(name: &str, value: &str, span: Span, kept: &str, document: &Document, report: &mut Report) {
    if !secret::is_secret_name(name) {
        return;
    }
    let Some(held) = secret::held(name, value) else { return };
    let confidence = match held {
        Held::Secret if origin::is_for_development(document.path()) => Confidence::Medium,
        Held::Secret => Confidence::High,
        Held::Weak => Confidence::Medium,
    };
    let severity = if held == Held::Weak { Severity::Medium } else { Severity::High };
    report
        .finding(RULE, span)
        .message(format!("`{name}` is a literal in the Dockerfile: {kept}"))
        .severity(severity)
        .confidence(confidence)
        .class(origin::class(document))
        .subject(name)
        .redact(span);
}
