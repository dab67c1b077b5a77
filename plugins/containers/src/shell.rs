//! The commands of a `RUN`: split at what separates commands, without the
//! words that only introduce one. Enough to see which programs run with which
//! arguments; it expands and executes nothing.

use crate::dockerfile::{Dockerfile, Instruction, Logical, Word, unquote};
use wardline_plugin::Span;

/// One simple command.
#[derive(Debug, Clone)]
pub struct Command {
    /// Variables that are set for it alone: `NODE_ENV=production npm ci`.
    pub settings: Vec<String>,
    /// The program and its arguments, without quotes.
    pub words: Vec<String>,
    /// From its first word to its last.
    pub span: Span,
    /// Whether it reads what the command before it writes.
    pub is_piped: bool,
}

impl Command {
    /// The program, without its folder.
    #[must_use]
    pub fn program(&self) -> &str {
        let program = self.words.first().map_or("", String::as_str);
        program.rsplit('/').next().unwrap_or(program)
    }

    /// Its arguments.
    #[must_use]
    pub fn arguments(&self) -> &[String] {
        self.words.get(1..).unwrap_or_default()
    }

    /// The first argument that is no option.
    #[must_use]
    pub fn subcommand(&self) -> &str {
        self.arguments().iter().find(|word| !word.starts_with('-')).map_or("", String::as_str)
    }

    /// Whether an argument is this word.
    #[must_use]
    pub fn has(&self, word: &str) -> bool {
        self.arguments().iter().any(|argument| argument == word)
    }
}

/// The commands of an instruction, in order. None where they are not those of a
/// POSIX shell.
#[must_use]
pub fn commands(instruction: &Instruction) -> Vec<Command> {
    if let Some(words) = instruction.list() {
        return of_list(words, instruction.span);
    }
    let mut all = split(&instruction.arguments);
    let is_shell = |command: &Command| {
        matches!(command.program(), "sh" | "bash" | "ash" | "dash") || command.program().starts_with("<<")
    };
    let is_script = all.iter().all(is_shell);
    if is_script && !instruction.heredocs.is_empty() {
        all.extend(instruction.heredocs.iter().flat_map(split));
    }
    all
}

/// All commands that make an image, in order.
#[must_use]
pub fn of_image(instructions: &[&Instruction]) -> Vec<Command> {
    let mut all = Vec::new();
    let mut is_posix = true;
    for instruction in instructions {
        match instruction.keyword.as_str() {
            "SHELL" => is_posix = !is_windows(&instruction.arguments.text),
            "RUN" if is_posix => all.extend(commands(instruction)),
            _ => {}
        }
    }
    all
}

/// Whether a file is for Windows containers, whose shell is another.
#[must_use]
pub fn is_for_windows(file: &Dockerfile) -> bool {
    file.instructions.iter().any(|instruction| match instruction.keyword.as_str() {
        "SHELL" => is_windows(&instruction.arguments.text),
        "FROM" => ["nanoserver", "servercore", "windowsservercore"]
            .iter()
            .any(|word| instruction.arguments.text.contains(word)),
        _ => false,
    })
}

fn is_windows(shell: &str) -> bool {
    let shell = shell.to_ascii_lowercase();
    ["powershell", "pwsh", "cmd"].iter().any(|word| shell.contains(word))
}

/// `["sh", "-c", "..."]` is its script, anything else one command.
fn of_list(words: Vec<String>, span: Span) -> Vec<Command> {
    let is_shell = words
        .first()
        .is_some_and(|word| matches!(word.rsplit('/').next(), Some("sh" | "bash" | "ash" | "dash" | "zsh")));
    if is_shell && words.len() >= 3 && words[words.len() - 2].starts_with('-') {
        let script = &words[words.len() - 1];
        let commands = pieces(script).into_iter().map(|(start, end, is_piped)| {
            let words = script[start..end].split_ascii_whitespace().map(|word| unquote(word).to_owned());
            command(words.collect(), span, is_piped)
        });
        return commands.filter(|command| !command.words.is_empty()).collect();
    }
    vec![command(words, span, false)]
}

fn split(script: &Logical) -> Vec<Command> {
    let mut found = Vec::new();
    for (start, end, is_piped) in pieces(&script.text) {
        let part = script.part(start, end);
        let words = part.words();
        let Some((first, last)) = words.first().zip(words.last()) else { continue };
        let span = Span { start: first.span.start, end: last.span.end };
        let plain = words.iter().map(Word::plain).map(str::to_owned).collect();
        let command = command(plain, span, is_piped);
        if !command.words.is_empty() {
            found.push(command);
        }
    }
    found
}

fn command(mut words: Vec<String>, span: Span, is_piped: bool) -> Command {
    let mut settings = Vec::new();
    while let Some(first) = words.first() {
        let is_setting = first.split_once('=').is_some_and(|(name, _)| {
            !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        });
        if is_setting {
            settings.push(words.remove(0));
            continue;
        }
        let introduces = matches!(
            first.as_str(),
            "if" | "then"
                | "else"
                | "elif"
                | "do"
                | "while"
                | "until"
                | "!"
                | "time"
                | "exec"
                | "env"
                | "sudo"
                | "command"
                | "nice"
                | "eatmydata"
                | "&&"
                | "||"
                | "function"
        );
        let is_option = !settings.is_empty() && first.starts_with('-');
        if !introduces && !is_option {
            break;
        }
        // `sudo -E -u app npm ci`
        let was_sudo = first == "sudo";
        words.remove(0);
        while was_sudo && words.first().is_some_and(|word| word.starts_with('-')) {
            let takes_value = matches!(words[0].as_str(), "-u" | "-g" | "--user" | "--group");
            words.remove(0);
            if takes_value && !words.is_empty() {
                words.remove(0);
            }
        }
    }
    Command { settings, words, span, is_piped }
}

/// The ranges of a script between what separates commands, with whether a pipe
/// stands before each.
fn pieces(script: &str) -> Vec<(usize, usize, bool)> {
    let bytes = script.as_bytes();
    let mut pieces = Vec::new();
    let (mut start, mut at, mut quote, mut piped) = (0, 0, None, false);
    while at < bytes.len() {
        let byte = bytes[at];
        match (byte, quote) {
            (b'\\', open) if open != Some(b'\'') => at += 1,
            (_, Some(open)) if byte == open => quote = None,
            (_, Some(_)) => {}
            (b'"' | b'\'', None) => quote = Some(byte),
            (b'#', None) if at == 0 || bytes[at - 1].is_ascii_whitespace() => {
                // A comment, up to the line's end.
                pieces.push((start, at, piped));
                while at < bytes.len() && bytes[at] != b'\n' {
                    at += 1;
                }
                (start, piped) = (at, false);
                continue;
            }
            // `2>&1`, `&>log`
            (b'&', None)
                if at > 0 && matches!(bytes[at - 1], b'>' | b'<') || bytes.get(at + 1) == Some(&b'>') => {}
            (b';' | b'&' | b'|' | b'\n' | b'(' | b')' | b'{' | b'}' | b'`', None) => {
                // `${NAME}` is one word, `$(command)` is a command.
                if byte == b'{' && at > 0 && bytes[at - 1] == b'$' {
                    while at < bytes.len() && bytes[at] != b'}' {
                        at += 1;
                    }
                } else if matches!(byte, b'{' | b'}') && !is_alone(bytes, at) {
                    // `{a,b}` is part of a word.
                } else {
                    pieces.push((start, at, piped));
                    piped = byte == b'|'
                        && bytes.get(at + 1) != Some(&b'|')
                        && (at == 0 || bytes[at - 1] != b'|');
                    start = at + 1;
                }
            }
            _ => {}
        }
        at += 1;
    }
    pieces.push((start.min(bytes.len()), bytes.len(), piped));
    pieces.retain(|(start, end, _)| script.get(*start..*end).is_some_and(|piece| !piece.trim().is_empty()));
    pieces
}

fn is_alone(bytes: &[u8], at: usize) -> bool {
    let space = |at: usize| bytes.get(at).is_none_or(|byte| byte.is_ascii_whitespace() || *byte == b';');
    (at == 0 || space(at - 1)) && space(at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(run: &str) -> Vec<String> {
        let file = Dockerfile::parse(&format!("FROM x\nRUN {run}\n"));
        let show = |command: Command| {
            let pipe = if command.is_piped { "| " } else { "" };
            let settings = command.settings.iter().map(|setting| format!("{setting} ")).collect::<String>();
            format!("{pipe}{settings}{}", command.words.join(" "))
        };
        commands(&file.instructions[1]).into_iter().map(show).collect()
    }

    #[test]
    fn commands_are_split() {
        assert_eq!(show("npm install \\\n  pm2 \\\n  # note\n  serve"), ["npm install pm2 serve"]);
        assert_eq!(
            show(
                "set -eux; \\\n  A=1 apt-get  install -y \"a b\" && \\\n # note\n (cd x && npm ci) || true 2>&1 & y"
            ),
            ["set -eux", "A=1 apt-get install -y a b", "cd x", "npm ci", "true 2>&1", "y"]
        );
        assert_eq!(show("curl -fsSL ${URL} | sudo -E bash -"), ["curl -fsSL ${URL}", "| bash -"]);
        assert_eq!(
            show("if [ -f yarn.lock ]; then yarn install; fi"),
            ["[ -f yarn.lock ]", "yarn install", "fi"]
        );
        assert_eq!(show("mkdir {a,b} && x=$(npm ci)"), ["mkdir {a,b}", "npm ci"]);
        assert_eq!(show("[\"npm\", \"ci\"]"), ["npm ci"]);
        assert_eq!(show("[\"bash\", \"-lc\", \"a && b\"]"), ["a", "b"]);
        assert_eq!(show("--mount=type=secret,id=x npm ci"), ["npm ci"]);
    }

    #[test]
    fn a_heredoc_is_a_script_if_a_shell_reads_it() {
        assert_eq!(show("<<EOF\nnpm ci\n# no\nUSER x\nEOF"), ["<<EOF", "npm ci", "USER x"]);
        assert_eq!(show("python3 <<EOF\nnpm ci\nEOF"), ["python3 <<EOF"]);
    }

    #[test]
    fn anything_can_be_split() {
        for script in ["", "\\", "'", "${", "é|é", "((", "`", "{", "a\\"] {
            let _ = show(script);
        }
    }
}
