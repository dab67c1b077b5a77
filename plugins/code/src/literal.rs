//! Decides whether a piece of code has the same value in every run.
//!
//! It reads the text of one expression as a sequence of literals and names; it
//! knows nothing of what the names stand for.

use crate::surroundings;

/// Names that do not make an expression depend on its surroundings: words of
/// the language and conversions of a literal.
const NEUTRAL: &[&str] = &[
    "None",
    "null",
    "nil",
    "undefined",
    "True",
    "False",
    "true",
    "false",
    "new",
    "byte",
    "bytes",
    "bytearray",
    "char",
    "string",
    "String",
    "str",
    "int",
    "long",
    "Buffer.from",
    "Buffer.alloc",
    "bytes.fromhex",
    "list",
    "array",
    "StandardCharsets.UTF_8",
    "Uint8Array",
    "textwrap.dedent",
    "dedent",
    "Encoding.UTF8.GetBytes",
    "Encoding.ASCII.GetBytes",
    "System.Text.Encoding.UTF8.GetBytes",
    "System.Text.Encoding.ASCII.GetBytes",
    "Convert.FromBase64String",
    // Where a program lies is the same in every run of one machine.
    "__dirname",
    "__filename",
    "__file__",
    "__DIR__",
    "process.cwd",
    "path.join",
    "path.resolve",
    "os.path.join",
    "os.path.dirname",
    "os.path.abspath",
    "byteArrayOf",
    "byte_array",
    "vec",
];

/// The literals and names of one expression.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Reading<'t> {
    /// Contents of its string literals.
    pub strings: Vec<&'t str>,
    /// Names that its value depends on.
    pub names: Vec<&'t str>,
    /// Whether a string has values put into it.
    pub interpolates: bool,
}

impl Reading<'_> {
    /// Whether nothing but literals makes the value.
    pub fn is_constant(&self) -> bool {
        self.names.is_empty() && !self.interpolates
    }

    /// Whether all names are written like constants, such as `BACKUP_COMMAND`.
    pub fn names_are_constants(&self) -> bool {
        !self.names.is_empty()
            && self.names.iter().all(|name| {
                let last = name.rsplit('.').next().unwrap_or(name);
                last.len() > 1
                    && last.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
            })
    }
}

/// Returns whether an expression has the same value in every run.
pub fn is_constant(text: &str, language: &str) -> bool {
    read(text, language).is_constant()
}

/// Reads one expression.
pub fn read<'t>(text: &'t str, language: &str) -> Reading<'t> {
    let mut reading = Reading::default();
    let bytes = text.as_bytes();
    if text.trim_start().starts_with("<<<") {
        reading.interpolates = text.contains('$') && !text.trim_start().starts_with("<<<'");
        return reading;
    }
    let mut at = 0;
    while at < bytes.len() {
        let byte = bytes[at];
        if let Some(end) = comment_end(bytes, at, language) {
            at = end;
        } else if matches!(byte, b'"' | b'\'' | b'`') && !is_lisp_quote(byte, language) {
            let verbatim = language == "csharp" && text[..at].ends_with('@');
            at = read_string(text, at, if verbatim { "@" } else { "" }, language, &mut reading);
        } else if byte == b':' && is_symbol(bytes, at, language) {
            // `:name` in Ruby and Clojure is a constant.
            at = name_end(bytes, at + 1, language);
        } else if is_name_start(byte) {
            let end = name_end(bytes, at, language);
            let name = &text[at..end];
            let quoted = end < bytes.len() && matches!(bytes[end], b'"' | b'\'');
            if quoted && prefixes_strings(name, language) {
                at = read_string(text, end, name, language, &mut reading);
                continue;
            }
            if !is_member(text, at, language) && !is_argument_name(bytes, end) && !NEUTRAL.contains(&name) {
                reading.names.push(name);
            }
            at = end;
        } else if byte.is_ascii_digit() {
            at += bytes[at..]
                .iter()
                .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_'))
                .count();
        } else {
            at += 1;
        }
    }
    reading
}

/// Returns the text without calls of these functions: `"ls " + quote(x)` becomes
/// `"ls " + `.
pub fn without_calls(text: &str, functions: &[&str]) -> String {
    let mut rest = text.to_owned();
    for function in functions {
        while let Some(start) = rest.find(&format!("{function}(")) {
            let Some(end) = closing(&rest, start + function.len()) else {
                break;
            };
            rest.replace_range(start..end, "");
        }
    }
    rest
}

/// Returns the text with its comments blanked out, every byte at its place.
pub fn without_comments(text: &str, language: &str) -> String {
    let bytes = text.as_bytes();
    let mut code = bytes.to_vec();
    let mut at = 0;
    let mut ignored = Reading::default();
    while at < bytes.len() {
        let byte = bytes[at];
        let apostrophe = byte == b'\'' && matches!(language, "rust" | "clojure");
        let end = if let Some(end) = comment_end(bytes, at, language) {
            code[at..end].iter_mut().filter(|byte| **byte != b'\n').for_each(|byte| *byte = b' ');
            end
        } else if matches!(byte, b'"' | b'\'' | b'`') && !apostrophe {
            read_string(text, at, "", language, &mut ignored)
        } else {
            at + 1
        };
        at = end.max(at + 1);
    }
    String::from_utf8(code).unwrap_or_default()
}

/// Returns the end of the bracket that opens at `open`, exclusive.
pub fn closing(text: &str, open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, byte) in text.bytes().enumerate().skip(open) {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
    }
    None
}

/// Returns what a name was last given before `offset`, within the function
/// around it: `"ls " + x` for `cmd = "ls " + x`. An addition (`cmd += x`) comes
/// with the name in front, so that it never reads as constant.
pub fn assigned<'t>(text: &'t str, offset: usize, name: &str) -> Option<&'t str> {
    let name = name.trim_start_matches('$');
    let before = text.get(..offset)?;
    let mut end = before.rfind('\n')?;
    let mut opens_below = false;
    loop {
        let start = before[..end].rfind('\n').map_or(0, |at| at + 1);
        let line = &before[start..end];
        if is_function_header(line, opens_below) {
            return None;
        }
        opens_below = line.trim() == "{";
        if let Some(value) = value_of(line, name) {
            let from = start + value;
            let to = statement_end(text, from);
            return text.get(from..to).map(str::trim);
        }
        end = start.checked_sub(1)?;
    }
}

/// Returns what follows `=` wherever a name is given a value: the rest of the
/// text from there.
pub fn values_of<'t>(text: &'t str, name: &str) -> impl Iterator<Item = &'t str> {
    text.match_indices(name).filter_map(|(at, name)| {
        let whole = !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let value = text[at + name.len()..].trim_start().strip_prefix('=')?;
        (whole && !value.starts_with(['=', '>'])).then(|| value.trim_start())
    })
}

fn is_name_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte == b'$' || byte >= 0x80
}

fn name_end(bytes: &[u8], start: usize, language: &str) -> usize {
    let mut end = start;
    while end < bytes.len() {
        let byte = bytes[end];
        let joins =
            byte == b'.' && language != "php" && bytes.get(end + 1).copied().is_some_and(is_name_start);
        if !(is_name_start(byte) || byte.is_ascii_digit() || joins) {
            break;
        }
        end += 1;
    }
    end
}

/// Whether the name at `start` is a member of what stands before it, as in
/// `"text".encode`.
fn is_member(text: &str, start: usize, language: &str) -> bool {
    let before = text[..start].trim_end();
    before.ends_with("->") || before.ends_with("::") || (language != "php" && before.ends_with('.'))
}

/// Whether the name that ends at `end` names an argument, as in `encoding="utf-8"`.
fn is_argument_name(bytes: &[u8], end: usize) -> bool {
    bytes.get(end) == Some(&b'=') && !matches!(bytes.get(end + 1), Some(b'=' | b'>'))
}

/// Whether letters before a quote belong to the string: `f"..."`, `$"..."`.
fn prefixes_strings(name: &str, language: &str) -> bool {
    match language {
        "python" => name.len() <= 2,
        "csharp" => name == "$",
        "rust" => matches!(name, "b" | "r" | "br"),
        _ => false,
    }
}

/// Whether a quote only marks data, as it does in Clojure.
fn is_lisp_quote(byte: u8, language: &str) -> bool {
    language == "clojure" && byte != b'"'
}

fn is_symbol(bytes: &[u8], at: usize, language: &str) -> bool {
    matches!(language, "ruby" | "clojure")
        && bytes.get(at + 1).copied().is_some_and(is_name_start)
        && at
            .checked_sub(1)
            .is_none_or(|before| !bytes[before].is_ascii_alphanumeric() && bytes[before] != b':')
}

fn comment_end(bytes: &[u8], at: usize, language: &str) -> Option<usize> {
    let rest = &bytes[at..];
    let hash = matches!(language, "python" | "ruby" | "bash" | "php");
    let to_line_end = match language {
        "clojure" => rest[0] == b';',
        _ if hash && rest[0] == b'#' => true,
        "python" | "ruby" | "bash" => false,
        _ => rest.starts_with(b"//"),
    };
    if to_line_end {
        return Some(at + rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len()));
    }
    if !matches!(language, "python" | "ruby" | "bash" | "clojure") && rest.starts_with(b"/*") {
        return Some(at + rest.windows(2).position(|w| w == b"*/").map_or(rest.len(), |end| end + 2));
    }
    None
}

/// Reads the string literal whose first quote is at `start`; returns its end.
fn read_string<'t>(
    text: &'t str,
    start: usize,
    prefix: &str,
    language: &str,
    reading: &mut Reading<'t>,
) -> usize {
    let rest = &text[start..];
    let quote =
        ["\"\"\"", "'''", "\"", "'", "`"].into_iter().find(|quote| rest.starts_with(quote)).unwrap_or("\"");
    let raw = prefix.contains(['r', 'R', '@']) || (language == "go" && quote == "`");
    let bytes = rest.as_bytes();
    let mut at = quote.len();
    while at < bytes.len() && !rest[at..].starts_with(quote) {
        at += if bytes[at] == b'\\' && !raw { 2 } else { 1 };
        while at < bytes.len() && !rest.is_char_boundary(at) {
            at += 1;
        }
    }
    let end = at.min(bytes.len());
    let content = rest.get(quote.len()..end).unwrap_or_default();
    reading.strings.push(content);
    for hole in holes(content, prefix, quote, language) {
        let inner = read(hole, language);
        reading.interpolates |= !inner.is_constant();
        reading.names.extend(inner.names);
    }
    (start + end + quote.len()).min(text.len())
}

/// The expressions that are put into a string.
fn holes<'t>(content: &'t str, prefix: &str, quote: &str, language: &str) -> Vec<&'t str> {
    match (language, quote) {
        ("python", _) if prefix.contains(['f', 'F', 't', 'T']) => braced(content, "{"),
        ("javascript" | "typescript" | "tsx", "`") => braced(content, "${"),
        ("php", "\"" | "`") => variables(content),
        ("kotlin", _) => [braced(content, "${"), variables(content)].concat(),
        ("bash", "\"" | "`") => {
            [braced(content, "${"), braced_by(content, "$(", ')'), variables(content)].concat()
        }
        ("ruby", "\"" | "`") => braced(content, "#{"),
        ("csharp", _) if prefix.contains('$') => braced(content, "{"),
        _ => Vec::new(),
    }
}

/// The expressions between `open` and `}`; a doubled brace is plain text.
fn braced<'t>(content: &'t str, open: &str) -> Vec<&'t str> {
    let mut holes = Vec::new();
    let mut at = 0;
    while let Some(found) = content[at..].find(open) {
        let brace = at + found + open.len() - 1;
        if open == "{" && content[brace + 1..].starts_with('{') {
            at = brace + 2;
            continue;
        }
        let end = closing(content, brace).unwrap_or(content.len());
        let hole = content.get(brace + 1..end.saturating_sub(1)).unwrap_or_default();
        holes.push(if open == "{" { hole.split('!').next().unwrap_or(hole) } else { hole });
        at = end;
    }
    holes
}

/// The commands between `open` and `close` in a string of a shell.
fn braced_by<'t>(content: &'t str, open: &str, close: char) -> Vec<&'t str> {
    content.match_indices(open).filter_map(|(at, _)| content[at + open.len()..].split(close).next()).collect()
}

/// The variables in a string of PHP, Kotlin or a shell: `$name`, `{$user->name}`.
fn variables(content: &str) -> Vec<&str> {
    let bytes = content.as_bytes();
    let mut holes = Vec::new();
    for (at, _) in content.match_indices('$') {
        let escaped = at > 0 && bytes[at - 1] == b'\\';
        let names =
            bytes.get(at + 1).is_some_and(|next| is_name_start(*next) && *next != b'$' || *next == b'{');
        if !escaped && names {
            let braced = at > 0 && bytes[at - 1] == b'{';
            let end = match closing(content, at.saturating_sub(1)) {
                Some(end) if braced => end - 1,
                _ => {
                    at + 1
                        + bytes[at + 1..]
                            .iter()
                            .take_while(|b| b.is_ascii_alphanumeric() || **b == b'_')
                            .count()
                }
            };
            holes.push(content.get(at..end).unwrap_or("$"));
        }
    }
    holes
}

fn is_function_header(line: &str, opens_below: bool) -> bool {
    line.trim_start().starts_with("class ")
        || surroundings::function_name(line).is_some()
        || opens_below && surroundings::header_name(line.trim()).is_some()
}

/// Where the value begins in a line that gives `name` a value.
fn value_of(line: &str, name: &str) -> Option<usize> {
    let mut from = 0;
    while let Some(found) = line.get(from..)?.find(name) {
        let start = from + found;
        let end = start + name.len();
        from = end;
        let bytes = line.as_bytes();
        let inside = start > 0
            && (bytes[start - 1].is_ascii_alphanumeric() || matches!(bytes[start - 1], b'_' | b'.'));
        if inside || line[..start].contains(['(', '"', '\'', '#']) {
            continue;
        }
        let rest = &line[end..];
        let gap = rest.len() - rest.trim_start().len();
        let rest = rest.trim_start();
        for (operator, adds) in [("+=", true), (".=", true), (":=", false), ("=", false)] {
            if let Some(value) = rest.strip_prefix(operator) {
                if value.starts_with(['=', '>']) {
                    break;
                }
                return Some(if adds { start } else { end + gap + operator.len() });
            }
        }
    }
    None
}

/// Where a statement ends: at the first line end outside of brackets.
fn statement_end(text: &str, start: usize) -> usize {
    let mut depth = 0_i32;
    for (at, byte) in text.bytes().enumerate().skip(start) {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth -= 1,
            b'\n' | b';' if depth <= 0 => return at,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_are_constant() {
        for (language, text) in [
            ("python", "\"ls -l\""),
            ("python", "b'abc' * 2"),
            ("python", "(\"ls \"\n  'more')"),
            ("python", "f\"no {{hole}}\""),
            ("python", "\"key\".encode('utf-8')"),
            ("javascript", "`plain`"),
            ("javascript", "Buffer.from('0000')"),
            ("java", "\"a\" + \"b\""),
            ("php", "'costs $5'"),
            ("php", "\"costs $5\" . 'x'"),
            ("go", "[]byte(\"abc\")"),
            ("python", "42"),
            ("ruby", "'costs #{x}' # y"),
            ("ruby", "{ :a => 'b' }"),
            ("kotlin", "\"plain\".toByteArray()"),
            ("csharp", "Encoding.UTF8.GetBytes(\"abc\")"),
            ("csharp", "\"costs {5}\""),
            ("csharp", "@\"c:\\\""),
            ("rust", "b\"abc\""),
            ("clojure", "\"abc\" ; x"),
            ("bash", "'$x'"),
        ] {
            assert!(is_constant(text, language), "{language}: {text}");
        }
    }

    #[test]
    fn names_and_holes_are_not() {
        for (language, text) in [
            ("python", "f\"ls {path}\""),
            ("python", "\"ls %s\" % path"),
            ("python", "\"ls {}\".format(path)"),
            ("javascript", "`rm ${file}`"),
            ("javascript", "'rm ' + file"),
            ("php", "\"rm $file\""),
            ("php", "\"rm {$file}\""),
            ("php", "'rm ' . $file"),
            ("go", "fmt.Sprintf(\"rm %s\", file)"),
            ("ruby", "\"rm #{file}\""),
            ("kotlin", "\"rm $file\""),
            ("kotlin", "\"rm ${file.name}\""),
            ("csharp", "$\"rm {file}\""),
            ("rust", "format!(\"rm {file}\")"),
            ("clojure", "(str \"rm \" file)"),
            ("bash", "\"rm $file\""),
        ] {
            assert!(!is_constant(text, language), "{language}: {text}");
        }
    }

    #[test]
    fn what_is_put_into_a_string_is_read() {
        for (language, text, names) in [
            ("python", "f\"ls {folder!r} {user.name:>9} {{x}}\"", vec!["folder", "user.name"]),
            ("javascript", "`rm ${folder}/${file.name}`", vec!["folder", "file.name"]),
            ("php", "\"rm $folder/{$file->name} \\$5\"", vec!["$folder", "$file"]),
            ("python", "f\"{'a'} b\"", vec![]),
        ] {
            assert_eq!(read(text, language).names, names, "{language}: {text}");
        }
    }

    #[test]
    fn values_of_a_name_are_found() {
        let values: Vec<&str> = values_of("a = 1; aa = 2; if (a == 3) {} a= 4", "a").collect();
        assert_eq!(values, ["1; aa = 2; if (a == 3) {} a= 4", "4"]);
    }

    #[test]
    fn quoting_calls_can_be_taken_away() {
        let rest = without_calls("f\"ls {shlex.quote(str(x))} -l\"", &["shlex.quote"]);
        assert_eq!(rest, "f\"ls {} -l\"");
        assert!(is_constant(&rest, "python"));
    }

    #[test]
    fn comments_are_blanked_and_strings_kept() {
        for (language, text, expected) in [
            ("java", "a(\"http://x\"); // b\n/* c\n */ d", "a(\"http://x\");     \n    \n    d"),
            ("python", "a('#') # b\nc", "a('#')    \nc"),
            ("clojure", "(a 'b) ; c\n(d)", "(a 'b)    \n(d)"),
        ] {
            assert_eq!(without_comments(text, language), expected, "{language}");
        }
    }

    #[test]
    fn the_last_assignment_is_found_within_the_function() {
        let text = "cmd = 'a'\ndef f(x):\n    cmd = 'ls ' + x\n    run(cmd)\n";
        assert_eq!(assigned(text, text.len() - 9, "cmd"), Some("'ls ' + x"));
        let text = "cmd = 'a'\ndef f(cmd):\n    run(cmd)\n";
        assert_eq!(assigned(text, text.len() - 9, "cmd"), None);
        let text = "  cmd := \"ls\"\n  cmd += x\n  run(cmd)\n";
        assert_eq!(assigned(text, text.len() - 9, "cmd"), Some("cmd += x"));
    }
}
