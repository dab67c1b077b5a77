//! Commands that a shell reads, put together from values.

use crate::declared::shell_string::*;
use crate::literal::{self, Reading};
use crate::place;
use crate::setting;
use crate::stranger;
use crate::surroundings;
use wardline_plugin::prelude::*;

/// Calls that make a value safe inside a command.
const QUOTING: &[&str] = &[
    "shlex.quote",
    "pipes.quote",
    "shlex.join",
    "subprocess.list2cmdline",
    "shellescape",
    "shellQuote.quote",
    "escapeshellarg",
    "escapeshellcmd",
    "intval",
    "shellescape.Quote",
    "Shellwords.escape",
    "Shellwords.join",
    "Shellwords.shellescape",
    "shell_escape::escape",
    "quote",
];

/// Judges a call that may start a shell.
pub fn check(found: &Match, report: &mut Report) {
    if found.query() == QUERY_SHELL_CSHARP_ARGUMENTS {
        if let Some(value) = found.get(VALUE) {
            judge(
                found,
                &Command { text: value.text(), shell: true, at: found.span(), name: "Process.Start" },
                report,
            );
        }
        return;
    }
    let Some(callee) = found.get(CALLEE) else { return };
    if callee.text() == "`" || callee.name() == "`" {
        let command =
            Command { text: found.text(), shell: true, at: found.span(), name: "the backtick operator" };
        judge(found, &command, report);
        return;
    }
    let is_php_method = found.document().language() == "php" && found.get(RECEIVER).is_some();
    if is_php_method {
        return;
    }
    let command = match found.document().language() {
        "python" => python(found),
        "java" | "kotlin" => java(found, callee),
        "go" | "clojure" => go(found),
        "ruby" => ruby(found, callee),
        "csharp" => csharp(found, callee),
        "rust" => rust(found, callee),
        "php" => found
            .argument(0)
            .filter(|command| !command.text().starts_with('['))
            .map(|command| (command.text(), true)),
        _ => javascript(found, callee),
    };
    if let Some((text, shell)) = command {
        judge(found, &Command { text, shell, at: callee.span(), name: callee.name() }, report);
    }
}

/// A command as a call gives it.
struct Command<'d> {
    text: &'d str,
    /// Whether a shell reads it, or only a splitter at blanks.
    shell: bool,
    at: Span,
    name: &'d str,
}

fn python<'d>(found: &Match<'d>) -> Option<(&'d str, bool)> {
    if found.query() == QUERY_SHELL_PYTHON_SUBPROCESS && found.named("shell")?.text() != "True" {
        return None;
    }
    let command = found.argument(0).or_else(|| found.named("args")).or_else(|| found.named("command"))?;
    Some((command.text(), true))
}

fn javascript<'d>(found: &Match<'d>, callee: Node<'d>) -> Option<(&'d str, bool)> {
    let spawns = callee.name().contains(".spawn");
    if spawns && found.named("shell").is_none_or(|shell| shell.text() == "false") {
        return None;
    }
    found.argument(0).map(|command| (command.text(), true))
}

/// One argument goes to a shell, several go to the program.
fn ruby<'d>(found: &Match<'d>, callee: Node<'d>) -> Option<(&'d str, bool)> {
    let receiver = found.get(RECEIVER).map(|receiver| receiver.text());
    if receiver.is_some_and(|receiver| !matches!(receiver, "Kernel" | "IO" | "Open3" | "Process")) {
        return None;
    }
    let positional: Vec<Node> = found
        .arguments()
        .into_iter()
        .filter(|argument| argument.name.is_none())
        .map(|argument| argument.value)
        .collect();
    let command = positional
        .iter()
        .find(|argument| !argument.text().starts_with('{') && !argument.text().ends_with("env"))?;
    let alone = positional.len() == 1
        || callee.name() == "IO.popen"
        || command.span().start != positional[0].span().start;
    (alone
        && !command.text().starts_with(['[', '*'])
        && !command.text().starts_with("%w")
        && !command.text().starts_with("%W"))
    .then(|| (command.text(), true))
}

fn csharp<'d>(found: &Match<'d>, _callee: Node<'d>) -> Option<(&'d str, bool)> {
    let program = found.argument(0)?.string()?.to_ascii_lowercase();
    let program = program.rsplit(['/', '\\']).next()?;
    let is_shell = matches!(program.trim_end_matches(".exe"), "sh" | "bash" | "cmd" | "powershell" | "pwsh");
    found.argument(1).filter(|_| is_shell).map(|arguments| (arguments.text(), true))
}

/// `Command::new("sh").arg("-c").arg(text)`, `.args(["-c", &text])`
fn rust<'d>(found: &Match<'d>, callee: Node<'d>) -> Option<(&'d str, bool)> {
    let receiver: String = found.get(RECEIVER)?.text().split_whitespace().collect();
    let shells = ["\"sh\")", "\"bash\")", "\"/bin/sh\")", "\"/bin/bash\")", "\"cmd\")"];
    let starts = shells.iter().any(|shell| receiver.contains(&format!("Command::new({shell}")));
    let argument = found.argument(0)?;
    if callee.name().ends_with(".args") {
        let text = argument.text();
        let flagged = ["\"-c\"", "\"/C\"", "\"/c\""].iter().any(|flag| text.contains(flag));
        return (starts && flagged).then(|| (after_flag(text), true));
    }
    let flagged =
        [".arg(\"-c\")", ".arg(\"/C\")", ".arg(\"/c\")"].iter().any(|flag| receiver.ends_with(flag));
    (starts && flagged).then(|| (argument.text(), true))
}

fn java<'d>(found: &Match<'d>, callee: Node<'d>) -> Option<(&'d str, bool)> {
    let arguments = found.arguments();
    let first = arguments.first()?.value;
    let all =
        found.document().slice(Span { start: first.span().start, end: arguments.last()?.value.span().end });
    if starts_shell(all) {
        return Some((after_flag(all), true));
    }
    let receiver = found.get(RECEIVER).map(|receiver| receiver.text()).unwrap_or_default();
    let is_runtime = receiver.contains("getRuntime")
        || found
            .document()
            .text()
            .lines()
            .any(|line| line.contains("getRuntime()") && declares(line, receiver));
    // Braces make an array in Java, and a template in Kotlin.
    let document_is_kotlin = found.document().language() == "kotlin";
    let splits = callee.text().ends_with("exec")
        && is_runtime
        && first.text().contains('"')
        && !first.text().contains("arrayOf")
        && (document_is_kotlin || !first.text().contains('{'));
    splits.then(|| (first.text(), false))
}

fn declares(line: &str, name: &str) -> bool {
    !name.is_empty() && line.split('=').next().is_some_and(|left| left.trim_end().ends_with(name))
}

fn go<'d>(found: &Match<'d>) -> Option<(&'d str, bool)> {
    let arguments = found.arguments();
    let (first, last) = (arguments.first()?.value, arguments.last()?.value);
    let all = found.document().slice(Span { start: first.span().start, end: last.span().end });
    starts_shell(all).then(|| (after_flag(all), true))
}

/// Whether a list of arguments begins with a shell and its flag for a command.
fn starts_shell(arguments: &str) -> bool {
    let strings = literal::read(arguments, "java").strings;
    strings.windows(2).any(|pair| {
        let program = pair[0].rsplit('/').next().unwrap_or_default();
        matches!(program, "sh" | "bash" | "zsh" | "dash" | "ksh" | "cmd" | "cmd.exe" | "powershell" | "pwsh")
            && matches!(pair[1], "-c" | "-lc" | "-ec" | "-ic" | "/c" | "/C" | "-Command")
    })
}

/// What follows the flag for a command.
fn after_flag(arguments: &str) -> &str {
    ["\"-c\"", "\"-lc\"", "\"-ec\"", "\"-ic\"", "\"/c\"", "\"/C\"", "\"-Command\""]
        .iter()
        .find_map(|flag| arguments.split_once(flag))
        .map_or(arguments, |(_, after)| after)
}

fn judge(found: &Match, command: &Command, report: &mut Report) {
    let document = found.document();
    let language = document.language();
    let unquoted = literal::without_calls(command.text, QUOTING);
    if unquoted != command.text && literal::is_constant(&unquoted, language) {
        return;
    }
    let reading = literal::read(command.text, language);
    let (built, given) = match lone_name(&reading, command.text) {
        Some(name) => match literal::assigned(document.text(), command.at.start as usize, name) {
            Some(value) => (literal::without_calls(value, QUOTING), false),
            None => (command.text.to_owned(), true),
        },
        None => (command.text.to_owned(), false),
    };
    // `implode(' ', array_map(escapeshellarg(...), $arguments))`
    if built.contains("escapeshellarg") && built.contains("array_map") {
        return;
    }
    let reading = literal::read(&built, language);
    let harmless = |name: &&str| name.ends_with(".shellescape") || is_harmless(document, command.at, name);
    if !reading.names.is_empty() && reading.names.iter().all(harmless) {
        return;
    }
    let name = command.name;
    let class = setting::class(found);
    if reading.is_constant() {
        if language == "python" && is_command_line(&reading) {
            report
                .finding(RULE, command.at)
                .message(format!(
                    "`{name}` hands a constant command to a shell; `subprocess.run` with a list needs none"
                ))
                .severity(Severity::Low)
                .confidence(Confidence::Low)
                .class(class);
        }
        return;
    }
    let untrusted = stranger::wrote(&built);
    let (severity, confidence) = match () {
        () if untrusted => (Severity::Critical, Confidence::High),
        // A bare parameter, or a list or call that is built elsewhere: what it
        // holds is not known here.
        () if given || (!reading.interpolates && reading.strings.is_empty()) => {
            (Severity::Medium, Confidence::Low)
        }
        () if is_checked(document, command.at) => (Severity::Medium, Confidence::Low),
        () if setting::is_tooling(document) => (Severity::Medium, Confidence::Low),
        () if reading.names_are_constants() => (Severity::Medium, Confidence::Low),
        () if !command.shell => (Severity::Medium, Confidence::Medium),
        () => (Severity::High, Confidence::Medium),
    };
    let message = if command.shell {
        format!("`{name}` lets a shell read a command that is put together from values")
    } else {
        format!("`{name}` splits a command that is put together from values at its blanks")
    };
    report.finding(RULE, command.at).message(message).severity(severity).confidence(confidence).class(class);
}

/// Whether the code above looks at what a value consists of: only data flow can
/// say whether it is this value.
fn is_checked(document: &Document, at: Span) -> bool {
    const CHECKS: &[&str] = &[
        "is_numeric(",
        "filter_var(",
        "ctype_",
        ".isdigit()",
        ".isalnum()",
        "ip_address(",
        "fullmatch(",
        "Number.isInteger(",
        "parseInt(",
        "preg_match(",
    ];
    let start = at.start as usize;
    let function = surroundings::function_text(document.text(), start);
    let above = place::of(document, function).map_or(0, |place| place.start as usize);
    let above = document.text().get(above..start).unwrap_or_default();
    CHECKS.iter().any(|check| above.contains(check))
}

/// Whether a variable was given a constant or a quoted value.
fn is_harmless(document: &Document, at: Span, name: &str) -> bool {
    literal::assigned(document.text(), at.start as usize, name).is_some_and(|value| {
        value.contains("array_map") && value.contains("escapeshellarg")
            || literal::is_constant(&literal::without_calls(value, QUOTING), document.language())
    })
}

/// The variable that a command consists of, if it is nothing else.
fn lone_name<'t>(reading: &Reading<'t>, text: &str) -> Option<&'t str> {
    match reading.names.as_slice() {
        [name] if reading.strings.is_empty() && text.trim() == *name => Some(name),
        _ => None,
    }
}

/// Whether a constant is a program with arguments, rather than a word such as
/// `clear`.
fn is_command_line(reading: &Reading) -> bool {
    reading.strings.iter().any(|string| string.trim().contains(' '))
}
