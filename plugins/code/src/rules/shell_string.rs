//! Commands that a shell reads, put together from values.

use crate::declared::shell_string::*;
use crate::literal::{self, Reading};
use crate::setting;
use wardline_plugin::prelude::*;

/// Calls that make a value safe inside a command.
const QUOTING: &[&str] = &[
    "shlex.quote", "pipes.quote", "shlex.join", "subprocess.list2cmdline", "shellescape", "shellQuote.quote",
    "escapeshellarg", "escapeshellcmd", "intval", "shellescape.Quote", "quote",
];

/// Words of expressions that a stranger may have written.
const UNTRUSTED: &[&str] = &[
    "request.", "req.body", "req.query", "req.params", "$_GET", "$_POST", "$_REQUEST", "$_COOKIE", "getParameter",
    "FormValue", "input(",
];

/// Judges a call that may start a shell.
pub fn check(found: &Match, report: &mut Report) {
    let Some(callee) = found.get(CALLEE) else { return };
    if callee.text() == "`" {
        let command = Command { text: found.text(), shell: true, at: found.span(), name: "the backtick operator" };
        judge(found, &command, report);
        return;
    }
    let is_php_method = found.document().language() == "php" && found.get(RECEIVER).is_some();
    if is_php_method {
        return;
    }
    let command = match found.document().language() {
        "python" => python(found),
        "java" => java(found, callee),
        "go" => go(found),
        "php" => found.argument(0).filter(|command| !command.text().starts_with('[')).map(|command| (command.text(), true)),
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

fn java<'d>(found: &Match<'d>, callee: Node<'d>) -> Option<(&'d str, bool)> {
    let arguments = found.arguments();
    let first = arguments.first()?.value;
    let all = found.document().slice(Span { start: first.span().start, end: arguments.last()?.value.span().end });
    if starts_shell(all) {
        return Some((after_flag(all), true));
    }
    let receiver = found.get(RECEIVER).map(|receiver| receiver.text()).unwrap_or_default();
    let is_runtime = receiver.contains("getRuntime")
        || found.document().text().lines().any(|line| line.contains("getRuntime()") && declares(line, receiver));
    let splits = callee.text().ends_with("exec") && is_runtime && first.text().contains('"') && !first.text().contains('{');
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
    let reading = literal::read(&built, language);
    let harmless = |name: &&str| is_harmless(document, command.at, name);
    if !reading.names.is_empty() && reading.names.iter().all(harmless) {
        return;
    }
    let name = command.name;
    let class = setting::class(found);
    if reading.is_constant() {
        if language == "python" && is_command_line(&reading) {
            report
                .finding(RULE, command.at)
                .message(format!("`{name}` hands a constant command to a shell; `subprocess.run` with a list needs none"))
                .severity(Severity::Low)
                .confidence(Confidence::Low)
                .class(class);
        }
        return;
    }
    let untrusted = UNTRUSTED.iter().any(|word| built.contains(word));
    let (severity, confidence) = match () {
        () if untrusted => (Severity::Critical, Confidence::High),
        // A bare parameter, or a list or call that is built elsewhere: what it
        // holds is not known here.
        () if given || (!reading.interpolates && reading.strings.is_empty()) => (Severity::Medium, Confidence::Low),
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

/// Whether a variable was given a constant or a quoted value.
fn is_harmless(document: &Document, at: Span, name: &str) -> bool {
    literal::assigned(document.text(), at.start as usize, name)
        .is_some_and(|value| literal::is_constant(&literal::without_calls(value, QUOTING), document.language()))
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
