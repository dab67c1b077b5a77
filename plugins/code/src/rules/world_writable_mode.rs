//! Files and folders that everybody may change, and keys that everybody may read.

use crate::declared::world_writable_mode::*;
use crate::imports;
use crate::names;
use crate::setting;
use wardline_plugin::FindingBuilder;
use wardline_plugin::prelude::*;

/// The right of others to write, and to read.
const OTHERS_WRITE: u32 = 0o002;
const OTHERS_READ: u32 = 0o004;
/// Only the owner of a file removes it from a folder with this bit.
const STICKY: u32 = 0o1000;

/// Words of paths whose files only their owner reads.
const SECRET_FILES: &[&str] =
    &["key", "keys", "secret", "secrets", "password", "passwd", "credentials", "private", "token", "pem"];

/// Judges a call that sets a mode.
pub fn check(found: &Match, report: &mut Report) {
    match found.query() {
        QUERY_MODE_JAVA => java(found, report),
        QUERY_MODE_JAVA_CONSTANT => {
            let read = found.text().contains("WORLD_READABLE") && !found.text().contains("WRIT");
            let message =
                if read { "every app may read this file" } else { "everybody may change this file" };
            say(found, found.span(), message, Severity::Medium, report);
        }
        QUERY_MODE_CSHARP => csharp(found, report),
        QUERY_MODE_CLOJURE => permissions_text(found, report),
        QUERY_MODE_DOCKERFILE => {
            let sticky = found.text().split_whitespace().any(|word| {
                word.len() == 4
                    && word.starts_with(['1', '3', '5', '7'])
                    && word.bytes().all(|b| b.is_ascii_digit())
            });
            if !sticky && !in_comment(found) {
                say(found, found.span(), "everybody may change what is there", Severity::Medium, report);
            }
        }
        QUERY_MODE_SHELL => shell(found, report),
        _ => numbers(found, report),
    }
}

fn say<'r>(
    found: &Match,
    at: Span,
    message: &str,
    severity: Severity,
    report: &'r mut Report,
) -> FindingBuilder<'r> {
    report.finding(RULE, at).message(message).severity(severity).class(setting::class(found))
}

fn in_comment(found: &Match) -> bool {
    found.document().line(found.span().start).trim_start().starts_with('#')
}

/// Judges a call with a numeric mode, or constants joined by `|`.
fn numbers(found: &Match, report: &mut Report) {
    let Some(callee) = found.get(CALLEE) else { return };
    let document = found.document();
    let name = callee.name();
    let last = name.rsplit(['.', ':']).next().unwrap_or(name);
    let is_function = name == last;
    if document.language() == "php" && !is_function
        || document.language() == "python"
            && !name.starts_with("*.")
            && name.starts_with("os.")
            && !imports::provides(found, callee)
    {
        return;
    }
    if last.eq_ignore_ascii_case("umask") {
        umask(found, callee, report);
        return;
    }
    let arguments = found.arguments();
    let values = arguments.iter().flat_map(|argument| {
        argument
            .keys
            .iter()
            .filter(|(key, _)| key.unquoted() == "mode")
            .map(|(_, value)| *value)
            .chain([argument.value])
    });
    let Some((node, mode)) = values
        .into_iter()
        .find_map(|node| mode_of(node.text(), document.language()).map(|mode| (node, mode)))
    else {
        symbolic(found, callee, report);
        return;
    };
    let sets = matches!(
        last,
        "chmod"
            | "chmodSync"
            | "fchmod"
            | "fchmodSync"
            | "lchmod"
            | "chmod_R"
            | "Chmod"
            | "from_mode"
            | "set_mode"
    );
    let path = arguments
        .iter()
        .filter(|argument| argument.value.span().start != node.span().start)
        .map(|argument| argument.value.text())
        .chain(found.get(RECEIVER).map(|receiver| receiver.text()));
    let is_secret = path.clone().any(is_secret_file);
    if mode & STICKY != 0 {
        return;
    }
    // What is made with these modes loses them to the umask; logs and keys are
    // worth saying it all the same.
    let is_log = path
        .clone()
        .any(|path| names::words(path).iter().any(|word| matches!(word.as_str(), "log" | "logs")));
    if mode & OTHERS_WRITE != 0 && !sets && !is_secret && !is_log {
        return;
    }
    if mode & OTHERS_WRITE != 0 {
        let (severity, message) = match (sets, is_secret) {
            (_, true) => (Severity::High, "everybody may change this key or secret"),
            (true, _) => (Severity::Medium, "everybody may change this"),
            // The process's umask usually takes the right away again.
            (false, _) => (Severity::Low, "everybody may change this, unless the umask prevents it"),
        };
        let confidence = if sets || is_secret { Confidence::High } else { Confidence::Low };
        let mended = node.text().replacen(
            &format!("{mode:o}"),
            &format!("{:o}", mode & !(OTHERS_WRITE | OTHERS_READ | 1)),
            1,
        );
        let finding = say(found, node.span(), message, severity, report).confidence(confidence);
        if sets && mended != node.text() {
            finding.fix("keep others out", Applicability::Suggestion, |fix| fix.replace(node.span(), mended));
        }
    } else if mode & OTHERS_READ != 0 && is_secret {
        say(
            found,
            node.span(),
            "everybody on the machine may read this key or secret",
            Severity::Medium,
            report,
        )
        .confidence(Confidence::Medium);
    }
}

/// Whether a path is that of a key or secret, and not of a public one.
fn is_secret_file(path: &str) -> bool {
    let words = names::words(path);
    let secret = words.iter().any(|word| SECRET_FILES.contains(&word.as_str()));
    let open = ["public", "pub", "keyboard", "keymap", "keywords", "crt", "cert", "keystore", "dir"];
    path.contains(['"', '\'', '`']) && secret && !words.iter().any(|word| open.contains(&word.as_str()))
}

/// The mode that an expression means, if it can be seen.
fn mode_of(text: &str, language: &str) -> Option<u32> {
    let text = text.trim().trim_matches(['"', '\'']);
    if text.contains("S_IWOTH")
        || text.contains("S_IRWXO")
        || text.contains("os.ModePerm")
        || text.contains("fs.ModePerm")
    {
        return Some(0o777).filter(|_| !text.contains('~') && !text.contains('^'));
    }
    let digits = text.strip_prefix("0o").or_else(|| text.strip_prefix("0O"));
    let c_like = matches!(language, "php" | "go" | "ruby" | "javascript" | "typescript" | "tsx");
    let digits = digits
        .or_else(|| text.strip_prefix('0').filter(|_| c_like))
        .or(if text.len() == 3 && language == "javascript" { Some(text) } else { None })?;
    let octal = (3..=4).contains(&digits.len()) && digits.bytes().all(|byte| (b'0'..=b'7').contains(&byte));
    octal.then(|| u32::from_str_radix(digits, 8).ok()).flatten()
}

/// Judges `umask(0)`, unless its result is kept to be put back.
fn umask(found: &Match, callee: Node, report: &mut Report) {
    let zero =
        found.argument(0).is_some_and(|mask| matches!(mask.text(), "0" | "0o0" | "000" | "0o000" | "0000"));
    let line = found.document().line(found.span().start);
    let kept = line
        .split_once(callee.text())
        .is_some_and(|(before, _)| before.contains('=') || before.contains("with "));
    // A daemon clears it on purpose and then asks for the modes it wants.
    if zero && !kept && !found.document().text().contains("setsid") {
        say(
            found,
            found.span(),
            "every file made from now on may be changed by everybody",
            Severity::Medium,
            report,
        );
    }
}

/// Judges a symbolic mode: `FileUtils.chmod 'a+w'`.
fn symbolic(found: &Match, callee: Node, report: &mut Report) {
    let mode = found.argument(0).and_then(|mode| mode.string());
    if callee.name().contains("FileUtils.chmod") && mode.is_some_and(|mode| lets_others_write(&mode)) {
        say(found, found.span(), "everybody may change this", Severity::Medium, report);
    }
}

/// Whether a symbolic mode gives others the right to write: `a+w`, `o=rw`, `ugo+rw`.
fn lets_others_write(mode: &str) -> bool {
    mode.split(',').any(|part| {
        part.split_once(['+', '='])
            .is_some_and(|(who, what)| (who.contains('a') || who.contains('o')) && what.contains('w'))
    })
}

fn java(found: &Match, report: &mut Report) {
    let Some(callee) = found.get(CALLEE) else { return };
    let owner_only = found.argument(1).map(|owner| owner.text());
    let on = found.argument(0).is_some_and(|on| on.text() == "true");
    match callee.name().rsplit('.').next() {
        Some("setWritable") if on && owner_only == Some("false") => {
            say(found, found.span(), "everybody may change this file", Severity::Medium, report);
        }
        Some("setReadable")
            if on
                && owner_only == Some("false")
                && found
                    .get(RECEIVER)
                    .is_some_and(|file| is_secret_file(&format!("\"{}\"", file.text()))) =>
        {
            say(
                found,
                found.span(),
                "everybody on the machine may read this key or secret",
                Severity::Medium,
                report,
            )
            .confidence(Confidence::Medium);
        }
        Some("fromString") => permissions_text(found, report),
        _ => {}
    }
}

/// Judges `rwxrwxrwx`.
fn permissions_text(found: &Match, report: &mut Report) {
    let text = found.argument(0).and_then(|text| text.string());
    if text.is_some_and(|text| text.len() == 9 && text.as_bytes()[7] == b'w') {
        say(found, found.span(), "everybody may change this file", Severity::Medium, report);
    }
}

fn csharp(found: &Match, report: &mut Report) {
    let text = found.text();
    let everyone = text.contains("\"Everyone\"") || text.contains("WorldSid");
    let writes = ["FullControl", "Write", "Modify"].iter().any(|right| text.contains(right));
    if text.contains("OtherWrite") || everyone && writes && text.contains("AccessControlType.Allow") {
        say(found, found.span(), "everybody may change this file", Severity::Medium, report);
    }
}

fn shell(found: &Match, report: &mut Report) {
    let Some(callee) = found.get(CALLEE) else { return };
    let arguments = found.arguments();
    let words: Vec<&str> =
        arguments.iter().map(|argument| argument.value.text().trim_matches(['"', '\''])).collect();
    if callee.name() == "umask" {
        if words.first().is_some_and(|mask| matches!(*mask, "0" | "00" | "000" | "0000")) {
            say(
                found,
                found.span(),
                "every file made from now on may be changed by everybody",
                Severity::Medium,
                report,
            );
        }
        return;
    }
    let mode = match callee.name() {
        "chmod" => words.iter().find(|word| !word.starts_with('-')).copied(),
        _ => words
            .iter()
            .position(|word| matches!(*word, "-m" | "--mode"))
            .and_then(|at| words.get(at + 1).copied()),
    };
    let Some(mode) = mode else { return };
    let numeric =
        mode.len() >= 3 && mode.len() <= 4 && mode.bytes().all(|byte| (b'0'..=b'7').contains(&byte));
    let bits = if numeric { u32::from_str_radix(mode, 8).unwrap_or(0) } else { 0 };
    if bits & OTHERS_WRITE != 0 && bits & STICKY == 0 || !numeric && lets_others_write(mode) {
        say(found, found.span(), "everybody may change what is there", Severity::Medium, report);
    }
}
