//! What the literals of YAML, JSON, HCL and base64 stand for, byte by byte.

use super::map::Builder;
use std::ops::Range;
use tree_sitter::Node;

/// Decodes a YAML scalar of any style.
pub(super) fn yaml<'a>(scalar: Node, indent: usize, text: &'a str) -> Option<Builder<'a>> {
    let range = scalar.byte_range();
    match scalar.kind() {
        "block_scalar" => yaml_block(range, indent, text),
        "plain_scalar" => Some(yaml_flow(range, text, |_| None)),
        "single_quote_scalar" => {
            let escape = |text: &str| text.starts_with("''").then(|| (2, "'".to_owned()));
            Some(yaml_flow(inside(range, text)?, text, escape))
        }
        "double_quote_scalar" => Some(yaml_flow(inside(range, text)?, text, escape)),
        _ => None,
    }
}

/// Decodes a JSON string.
pub(super) fn json<'a>(string: Node, text: &'a str) -> Option<Builder<'a>> {
    (string.kind() == "string").then(|| quoted(inside(string.byte_range(), text)?, text))?
}

/// Decodes what stands between double quotes with backslash escapes.
pub(super) fn quoted(range: Range<usize>, text: &str) -> Option<Builder<'_>> {
    let mut builder = Builder::new(text);
    let mut at = range.start;
    while at < range.end {
        let next = text[at..range.end].find('\\').map_or(range.end, |offset| at + offset);
        builder.copy(at..next);
        at = next;
        if at < range.end {
            let (length, meaning) = escape(&text[at..range.end])?;
            builder.decode(at..at + length, &meaning);
            at += length;
        }
    }
    Some(builder)
}

/// Returns what is between the quotes; `None` where one is missing.
fn inside(range: Range<usize>, text: &str) -> Option<Range<usize>> {
    let quote = text[range.clone()].chars().next().filter(|first| matches!(first, '"' | '\''))?;
    (range.len() >= 2 && text[range.clone()].ends_with(quote)).then(|| range.start + 1..range.end - 1)
}

/// Reads an escape sequence at the start of the text: its length and meaning.
fn escape(text: &str) -> Option<(usize, String)> {
    let code = text.strip_prefix('\\')?.chars().next()?;
    let digits = match code {
        'x' => 2,
        'u' => 4,
        'U' => 8,
        _ => 0,
    };
    let meaning = match code {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        '0' => '\0',
        'x' | 'u' | 'U' => {
            let value = u32::from_str_radix(text.get(2..2 + digits)?, 16).ok()?;
            // A surrogate is one half of a character; its place is what counts.
            char::from_u32(value).unwrap_or(char::REPLACEMENT_CHARACTER)
        }
        'b' | 'f' | 'a' | 'e' | 'v' => ' ',
        other => other,
    };
    Some((1 + code.len_utf8() + digits, meaning.to_string()))
}

/// Decodes a scalar whose lines are folded: plain or quoted.
fn yaml_flow(
    range: Range<usize>,
    text: &str,
    escape: impl Fn(&str) -> Option<(usize, String)>,
) -> Builder<'_> {
    let mut builder = Builder::new(text);
    let source = &text[..range.end];
    let is_escaped = escape("\\n").is_some();
    let mut at = range.start;
    while let Some(next) = source[at..].chars().next() {
        if is_escaped && source[at..].starts_with("\\\n") {
            // An escaped line break stands for nothing.
            let rest = source[at + 2..].trim_start_matches([' ', '\t']);
            at = source.len() - rest.len();
        } else if let Some((length, meaning)) = escape(&source[at..]) {
            builder.decode(at..at + length, &meaning);
            at += length;
        } else if next.is_ascii_whitespace() {
            let end = source.len() - source[at..].trim_start_matches([' ', '\t', '\r', '\n']).len();
            match source[at..end].matches('\n').count() {
                0 => builder.copy(at..end),
                1 => builder.decode(at..end, " "),
                breaks => builder.decode(at..end, &"\n".repeat(breaks - 1)),
            }
            at = end;
        } else {
            builder.copy(at..at + next.len_utf8());
            at += next.len_utf8();
        }
    }
    builder
}

/// Decodes a literal (`|`) or folded (`>`) scalar.
fn yaml_block(range: Range<usize>, parent: usize, text: &str) -> Option<Builder<'_>> {
    let header_end = range.start + text[range.clone()].find('\n')? + 1;
    let header = text[range.start..header_end].split('#').next()?;
    let lines = lines(header_end..range.end, text);
    let is_blank = |line: &Range<usize>| text[line.clone()].trim().is_empty();
    let explicit = header.chars().find_map(|c| c.to_digit(10));
    let indent = match explicit {
        Some(digit) => parent + digit as usize,
        None => indent_of(&text[lines.iter().find(|line| !is_blank(line))?.clone()]),
    };
    let cut = |line: &Range<usize>| line.start + indent_of(&text[line.clone()]).min(indent);
    if header.starts_with('|') {
        let mut builder = Builder::new(text);
        for line in &lines {
            copy_line(&mut builder, cut(line)..line.end, text);
        }
        return Some(builder);
    }
    Some(fold(&lines, cut, text))
}

fn fold<'a>(lines: &[Range<usize>], cut: impl Fn(&Range<usize>) -> usize, text: &'a str) -> Builder<'a> {
    let mut builder = Builder::new(text);
    // Where the last text ended, whether it was indented further, and how many
    // lines have ended since.
    let mut last: Option<(usize, bool, usize)> = None;
    for line in lines {
        let content = cut(line)..line.start + text[line.clone()].trim_end_matches(['\r', '\n']).len();
        if content.start >= content.end || text[content.clone()].trim().is_empty() {
            if let Some((.., breaks)) = &mut last {
                *breaks += 1;
            }
            continue;
        }
        let is_indented = text[content.clone()].starts_with([' ', '\t']);
        if let Some((end, was_indented, breaks)) = last {
            let gap = end..content.start;
            match (breaks, is_indented || was_indented) {
                (1, false) => builder.decode(gap, " "),
                (breaks, true) => builder.decode(gap, &"\n".repeat(breaks)),
                (breaks, false) => builder.decode(gap, &"\n".repeat(breaks - 1)),
            }
        }
        builder.copy(content.clone());
        last = Some((content.end, is_indented, 1));
    }
    builder
}

/// Takes the marker and, for `<<-`, the common indentation from a heredoc.
pub(super) fn heredoc<'a>(range: Range<usize>, text: &'a str) -> Option<Builder<'a>> {
    let first = range.start + text[range.clone()].find('\n')? + 1;
    let mut lines = lines(first..range.end, text);
    let marker = text[range.start..first]
        .trim_start_matches('<')
        .trim_start_matches(['-', '~'])
        .trim()
        .trim_matches(['"', '\'']);
    if lines.last().is_some_and(|last| text[last.clone()].trim() == marker) {
        lines.pop();
    }
    let is_dedented = text[range.start..].starts_with("<<-") || text[range.start..].starts_with("<<~");
    let indents = lines
        .iter()
        .filter(|line| !text[(*line).clone()].trim().is_empty())
        .map(|line| indent_of(&text[line.clone()]));
    let indent = if is_dedented { indents.min().unwrap_or(0) } else { 0 };
    let mut builder = Builder::new(text);
    for line in &lines {
        copy_line(&mut builder, line.start + indent_of(&text[line.clone()]).min(indent)..line.end, text);
    }
    Some(builder)
}

/// Decodes base64 with or without padding, in either alphabet, to text.
pub(super) fn base64(literal: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(literal.len() / 4 * 3);
    let (mut bits, mut count) = (0u32, 0);
    for byte in literal.bytes().filter(|byte| !byte.is_ascii_whitespace()) {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => break,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count & 0xff) as u8);
        }
    }
    String::from_utf8(bytes).ok()
}

fn copy_line(builder: &mut Builder, line: Range<usize>, text: &str) {
    let content = text[line.clone()].trim_end_matches(['\r', '\n']).len();
    builder.copy(line.start..line.start + content);
    if line.start + content < line.end {
        builder.decode(line.start + content..line.end, "\n");
    }
}

/// Returns the lines of a range, each with its line break.
fn lines(range: Range<usize>, text: &str) -> Vec<Range<usize>> {
    let mut at = range.start;
    let line = |line: &str| {
        at += line.len();
        at - line.len()..at
    };
    text[range].split_inclusive('\n').map(line).collect()
}

fn indent_of(line: &str) -> usize {
    line.bytes().take_while(|byte| matches!(byte, b' ' | b'\t')).count()
}
