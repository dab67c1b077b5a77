//! Files that everybody in the container may write.

use crate::declared::world_writable::RULE;
use crate::dockerfile::{Dockerfile, Instruction};
use crate::{origin, shell};
use wardline_plugin::prelude::*;

/// Judges all steps of a Dockerfile that end up in what is delivered.
pub fn check(found: &Match, report: &mut Report) {
    let document = found.document();
    let file = Dockerfile::parse(document.text());
    for instruction in file.last_image() {
        match instruction.keyword.as_str() {
            "RUN" => {
                for command in shell::commands(instruction) {
                    let mode = command
                        .arguments()
                        .iter()
                        .find(|word| !word.starts_with('-') || word.starts_with("-R"))
                        .map_or("", String::as_str);
                    let mode = if mode.starts_with('-') {
                        command.arguments().get(1).map_or("", String::as_str)
                    } else {
                        mode
                    };
                    if command.program() == "chmod" && opens(mode) && !is_shared(&command.words) {
                        tell(
                            document,
                            command.span,
                            mode,
                            command.words.last().map_or("", String::as_str),
                            report,
                        );
                    }
                }
            }
            "COPY" | "ADD" => mode_flag(instruction, document, report),
            _ => {}
        }
    }
}

fn mode_flag(instruction: &Instruction, document: &Document, report: &mut Report) {
    let Some(flag) = instruction.flags.iter().find(|flag| flag.text.starts_with("chmod=")) else { return };
    let mode = &flag.text["chmod=".len()..];
    if opens(mode) {
        let target = instruction.arguments.words().last().map_or(String::new(), |word| word.text.clone());
        tell(document, flag.span, mode, &target, report);
    }
}

fn tell(document: &Document, at: Span, mode: &str, target: &str, report: &mut Report) {
    report
        .finding(RULE, at)
        .message(format!("the mode `{mode}` lets every process in the container write `{target}`"))
        .class(origin::class(document))
        .subject(target);
}

/// Whether a mode lets everybody write: `777`, `0666`, `a+w`, `o+rw`, `+w` not.
fn opens(mode: &str) -> bool {
    if mode.len() >= 3 && mode.bytes().all(|byte| byte.is_ascii_digit()) {
        // With the sticky bit, as of `/tmp`, nobody removes another's files.
        let is_sticky = mode.len() == 4 && mode.starts_with('1');
        return !is_sticky && mode.ends_with(['2', '3', '6', '7']);
    }
    mode.split(',').any(|clause| {
        clause
            .find(['+', '='])
            .is_some_and(|at| clause[..at].contains(['o', 'a']) && clause[at..].contains('w'))
    })
}

/// Folders that are there for everybody.
fn is_shared(words: &[String]) -> bool {
    words.last().is_some_and(|target| {
        matches!(target.trim_end_matches('/'), "/tmp" | "/var/tmp" | "/dev/null" | "/run")
    })
}

#[cfg(test)]
mod tests {
    use super::opens;

    #[test]
    fn modes_are_read() {
        for mode in ["777", "0777", "666", "a+w", "o+w", "ugo+rwx", "u=rwx,o=rw", "a+rwX"] {
            assert!(opens(mode), "{mode}");
        }
        for mode in ["755", "0644", "770", "1777", "+x", "u+w", "g+w", "a+x", "go-w", "o=rx"] {
            assert!(!opens(mode), "{mode}");
        }
    }
}
