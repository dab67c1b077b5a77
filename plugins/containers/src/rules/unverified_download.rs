//! Build steps that run or keep what a server sends, unseen.

use crate::declared::unverified_download::RULE;
use crate::dockerfile::{Dockerfile, unquote};
use crate::origin;
use crate::shell::{self, Command};
use wardline_plugin::prelude::*;

/// Judges all steps of a Dockerfile.
pub fn check(found: &Match, report: &mut Report) {
    let document = found.document();
    let file = Dockerfile::parse(document.text());
    if shell::is_for_windows(&file) {
        return;
    }
    for instruction in &file.instructions {
        match instruction.keyword.as_str() {
            "ADD" if instruction.flag("checksum").is_none() => {
                for word in
                    instruction.arguments.words().split_last().map(|(_, sources)| sources).unwrap_or_default()
                {
                    let source =
                        unquote(&word.text).trim_start_matches('[').trim_matches(['"', ',']).to_owned();
                    let is_remote = source.starts_with("http://") || source.starts_with("https://");
                    let is_git =
                        source.ends_with(".git") || source.contains(".git#") || source.contains(".git?");
                    if is_remote && !is_git {
                        report
                            .finding(RULE, word.span)
                            .message(
                                "`ADD` takes whatever the server sends: no `--checksum` says what is meant",
                            )
                            .class(origin::class(document))
                            .subject(source.split('?').next().unwrap_or_default());
                    }
                }
            }
            "RUN" => {
                let commands = shell::commands(instruction);
                for pair in commands.windows(2) {
                    let [from, to] = pair else { continue };
                    if to.is_piped && downloads(from) && runs_input(to) {
                        let span = Span { start: from.span.start, end: to.span.end.max(from.span.end) };
                        report
                            .finding(RULE, span)
                            .message(format!("what `{}` downloads is run by `{}` at once: nobody has seen it, and nothing checks it", from.program(), to.program()))
                            .class(origin::class(document))
                            .subject(address(from));
                    }
                }
                for command in &commands {
                    // `bash -c "$(curl ...)"`, `bash <(curl ...)`
                    let is_shell =
                        matches!(command.program(), "sh" | "bash" | "zsh" | "ash" | "eval" | "source" | ".");
                    let inner = command.words.iter().any(|word| {
                        ["$(curl", "$(wget", "<(curl", "<(wget", "`curl", "`wget"]
                            .iter()
                            .any(|start| word.contains(start))
                    });
                    if is_shell && inner {
                        report
                            .finding(RULE, command.span)
                            .message(format!("`{}` runs what is downloaded at once: nobody has seen it, and nothing checks it", command.program()))
                            .class(origin::class(document))
                            .subject(command.words.join(" "));
                    }
                }
            }
            _ => {}
        }
    }
}

fn downloads(command: &Command) -> bool {
    matches!(command.program(), "curl" | "wget" | "http" | "aria2c")
}

/// The address that a command downloads from, for fingerprints.
fn address(command: &Command) -> &str {
    command
        .arguments()
        .iter()
        .find(|word| word.contains("://") || word.contains('$'))
        .map_or("", String::as_str)
}

fn runs_input(command: &Command) -> bool {
    match command.program() {
        "sh" | "bash" | "zsh" | "ash" | "dash" => !command.has("-c"),
        "python" | "python3" | "perl" | "ruby" | "node" | "php" => {
            command.arguments().iter().all(|word| word == "-" || word == "--")
                || command.arguments().first().is_some_and(|word| word == "-" || word == "--")
        }
        _ => false,
    }
}
