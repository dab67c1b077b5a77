//! Reading suppressions from comments.
//!
//! The form is `wardline: allow(plugin/rule) -- reason`: it opens a comment, may
//! name several rules with commas between them, and may have `until=YYYY-MM-DD`
//! and `owner=name` between the parenthesis and the dashes. `plugin/*` stands
//! for all rules of a plugin; nothing stands for all rules.

use crate::config::{Date, RulePattern};
use memchr::{memchr, memchr_iter, memmem, memrchr};
use std::ops::{Range, RangeInclusive};

/// A comment that allows findings, or that was meant to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppression {
    /// The bytes of the comment from its first word on.
    pub span: Range<usize>,
    /// The lines that it is about, from 1.
    pub lines: RangeInclusive<u32>,
    /// What it says, or why it allows nothing.
    pub meaning: Result<Allowance, String>,
}

/// What a suppression says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Allowance {
    /// The rules that it allows.
    pub rules: Vec<RulePattern>,
    /// Why.
    pub reason: String,
    /// The last day on which it holds.
    pub until: Option<Date>,
    /// Who answers for it.
    pub owner: Option<String>,
}

const MARKER: &str = "wardline: allow";

/// More suppressions in one document are not read; the last one says so.
const MAX_SUPPRESSIONS: usize = 1000;
const MAX_RULES: usize = 32;
const MAX_REASON: usize = 1024;

/// Reads the suppressions of a text. `leaders` is what opens a comment in its
/// language, such as `//`, `/*` or `#`.
///
/// Whether a leader stands in a string is not looked into: that takes a parser,
/// and who can write such a string can write the comment just as well.
#[must_use]
pub fn comments(text: &str, leaders: &[&str]) -> Vec<Suppression> {
    let mut found: Vec<Suppression> = Vec::new();
    let (mut line, mut counted) = (1, 0);
    // Of the block of comments read last: where it ends, and its last line.
    let mut block = (0, 0);
    for at in memmem::find_iter(text.as_bytes(), MARKER) {
        line += number(memchr_iter(b'\n', &text.as_bytes()[counted..at]).count());
        counted = at;
        let start = memrchr(b'\n', &text.as_bytes()[..at]).map_or(0, |newline| newline + 1);
        let end = line_end(text, at);
        let Some(head) = before_comment(&text[start..at], leaders) else {
            continue;
        };
        let (content, rest) = up_to_closer(&text[at..end], leaders);
        let words = &content[MARKER.len()..];
        if words.starts_with(|next: char| next.is_alphanumeric() || matches!(next, '-' | '_')) {
            continue;
        }
        let span = at..at + content.trim_end().len();
        if found.len() == MAX_SUPPRESSIONS {
            let problem = format!(
                "it comes after {MAX_SUPPRESSIONS} others in this file and is not read, nor are more"
            );
            found.push(Suppression { span, lines: line..=line, meaning: Err(problem) });
            break;
        }
        let alone = matches!(head, "" | "{") && matches!(rest.trim(), "" | "}");
        let last = if !alone {
            line
        } else if end < block.0 {
            block.1
        } else {
            block = code_after(text, end, line, leaders);
            block.1
        };
        found.push(Suppression { span, lines: line..=last, meaning: read(words) });
    }
    found
}

/// What stands before the comment that opens with the end of `before`; `None`
/// if no comment does.
fn before_comment<'a>(before: &'a str, leaders: &[&str]) -> Option<&'a str> {
    const ORNAMENTS: &[char] = &['*', '!', '/', '#', '-', ';'];
    let before = before.trim();
    if before == "*" && leaders.contains(&"/*") {
        return Some("");
    }
    leaders.iter().find_map(|leader| {
        let at = before.rfind(leader)?;
        let only_ornaments = before[at + leader.len()..].trim_start_matches(ORNAMENTS).is_empty();
        only_ornaments.then(|| before[..at].trim_end_matches(ORNAMENTS).trim())
    })
}

/// Parts a comment from what follows it on its line.
fn up_to_closer<'a>(text: &'a str, leaders: &[&str]) -> (&'a str, &'a str) {
    let closers = [("/*", "*/"), ("<!--", "-->")].into_iter().filter(|(opener, _)| leaders.contains(opener));
    let closer = closers.filter_map(|(_, closer)| Some((text.find(closer)?, closer.len()))).min();
    match closer {
        Some((at, length)) => (&text[..at], &text[at + length..]),
        None => (text, ""),
    }
}

/// The line after a block of comment lines, and where the block ends. `end` is
/// the end of a comment line with the given number.
fn code_after(text: &str, mut end: usize, mut line: u32, leaders: &[&str]) -> (usize, u32) {
    while end < text.len() {
        let next = end + 1;
        line += 1;
        let next_end = line_end(text, next);
        if !is_comment(text[next..next_end].trim(), leaders) {
            break;
        }
        end = next_end;
    }
    (end + 1, line)
}

fn is_comment(line: &str, leaders: &[&str]) -> bool {
    let line = line.strip_prefix('{').unwrap_or(line);
    let continues =
        leaders.contains(&"/*") && (line == "*" || line.starts_with("* ") || line.starts_with("*/"));
    continues || line == "-->" || leaders.iter().any(|leader| line.starts_with(leader))
}

/// Reads what follows the marker.
fn read(words: &str) -> Result<Allowance, String> {
    let inner = words
        .trim_start()
        .strip_prefix('(')
        .ok_or("the rule is missing: write `allow(plugin/rule) -- reason`")?;
    let (rules, rest) = inner.split_once(')').ok_or("the closing `)` is missing")?;
    let (options, reason) = rest.split_once("--").unwrap_or((rest, ""));
    let mut allowance = Allowance { reason: reason.trim().to_owned(), ..Allowance::default() };
    for rule in rules.split(',') {
        allowance.rules.push(read_rule(rule.trim())?);
    }
    for option in options.split_whitespace() {
        match option.split_once('=') {
            Some(("until", date)) => {
                allowance.until = Some(date.parse().map_err(|error| format!("`until`: {error}"))?)
            }
            Some(("owner", owner)) if !owner.is_empty() => allowance.owner = Some(owner.to_owned()),
            _ => {
                return Err(
                    "between `)` and `-- reason`, only `until=YYYY-MM-DD` and `owner=name` may stand"
                        .to_owned(),
                );
            }
        }
    }
    if allowance.rules.len() > MAX_RULES {
        return Err(format!("it names more than {MAX_RULES} rules"));
    }
    if !allowance.reason.contains(char::is_alphanumeric) {
        return Err("it gives no reason: end it with `-- reason`".to_owned());
    }
    if allowance.reason.len() > MAX_REASON {
        return Err(format!("its reason is longer than {MAX_REASON} bytes"));
    }
    Ok(allowance)
}

fn read_rule(text: &str) -> Result<RulePattern, String> {
    let rule: RulePattern = text.parse()?;
    let whole_plugin = text.strip_suffix("/*").is_some_and(|plugin| !plugin.contains('*'));
    if !rule.is_exact() && !whole_plugin {
        return Err(format!("`{rule}` allows too much: name the rule, or `plugin/*`"));
    }
    if rule.is_own() {
        return Err("findings about allowances themselves cannot be allowed".to_owned());
    }
    Ok(rule)
}

fn line_end(text: &str, from: usize) -> usize {
    memchr(b'\n', &text.as_bytes()[from..]).map_or(text.len(), |length| from + length)
}

fn number(count: usize) -> u32 {
    u32::try_from(count).expect("a document has fewer than 2^32 lines")
}

#[cfg(test)]
mod tests {
    use super::*;

    const C: &[&str] = &["//", "/*"];
    const HASH: &[&str] = &["#"];

    /// The covered lines of each suppression that is well formed.
    fn lines(text: &str, leaders: &[&str]) -> Vec<(u32, u32)> {
        let well_formed =
            |found: Suppression| found.meaning.is_ok().then_some((*found.lines.start(), *found.lines.end()));
        comments(text, leaders).into_iter().filter_map(well_formed).collect()
    }

    #[test]
    fn a_suppression_is_about_its_line_or_the_code_below_its_comment() {
        for (name, text, leaders, expected) in [
            ("after code", "a\nb # wardline: allow(x/y) -- r\nc", HASH, (2, 2)),
            ("above code", "# wardline: allow(x/y) -- r\nb", HASH, (1, 2)),
            ("in a block", "# a\n# wardline: allow(x/y) -- r\n# b\n  # c\ncode\nd", HASH, (2, 5)),
            ("then a blank line", "# wardline: allow(x/y) -- r\n\ncode", HASH, (1, 2)),
            ("at the end", "a\n# wardline: allow(x/y) -- r", HASH, (2, 2)),
            ("carriage returns", "# wardline: allow(x/y) -- r\r\n# b\r\ncode\r\n", HASH, (1, 3)),
            ("block comment", "/* wardline: allow(x/y) -- r */\ncode", C, (1, 2)),
            ("block comment before code", "/* wardline: allow(x/y) -- r */ code\nmore", C, (1, 1)),
            ("many lines", "/*\n * wardline: allow(x/y) -- r\n */\ncode", C, (2, 4)),
            ("documentation", "/** wardline: allow(x/y) -- r */\ncode", C, (1, 2)),
            ("documentation lines", "/// wardline: allow(x/y) -- r\ncode", C, (1, 2)),
            ("inner documentation", "//! wardline: allow(x/y) -- r\ncode", C, (1, 2)),
            ("markup", "<p>\n<!-- wardline: allow(x/y) -- r -->\n<a>", &["<!--"], (2, 3)),
            ("markup over lines", "<!-- wardline: allow(x/y) -- r\n-->\n<a>", &["<!--"], (1, 3)),
            ("expression in markup", "{/* wardline: allow(x/y) -- r */}\n<a>", C, (1, 2)),
            ("dashes", "-- wardline: allow(x/y) -- r\nselect", &["--"], (1, 2)),
            ("second comment", "x = 1  # noqa # wardline: allow(x/y) -- r", HASH, (1, 1)),
        ] {
            assert_eq!(lines(text, leaders), [expected], "{name}");
        }
    }

    #[test]
    fn what_does_not_open_a_comment_is_no_suppression() {
        for (text, leaders) in [
            ("wardline: allow(x/y) -- r", HASH),
            ("s = \"wardline: allow(x/y) -- r\"", HASH),
            ("# wardline: allow(x/y) -- r", C),
            ("{\"a\": \"# wardline: allow(x/y) -- r\"}", &[][..]),
            ("# see wardline: allow(x/y) -- r", HASH),
            ("# wardline: allowances are listed below", HASH),
            ("# wardline: allow-list", HASH),
            ("* wardline: allow(x/y) -- r", HASH),
        ] {
            assert_eq!(comments(text, leaders), [], "{text}");
        }
    }

    #[test]
    fn a_suppression_says_which_rules_why_until_when_and_who() {
        let text = "# wardline: allow(a/b, c/*) until=2027-01-01 owner=ann -- rotated -- twice ";
        let meaning = comments(text, HASH).remove(0).meaning.unwrap();
        assert_eq!(
            meaning,
            Allowance {
                rules: vec!["a/b".parse().unwrap(), "c/*".parse().unwrap()],
                reason: "rotated -- twice".to_owned(),
                until: "2027-01-01".parse().ok(),
                owner: Some("ann".to_owned()),
            }
        );
    }

    #[test]
    fn a_suppression_that_is_not_well_formed_says_why() {
        for (text, reason) in [
            ("allow(a/b)", "no reason"),
            ("allow(a/b) --", "no reason"),
            ("allow(a/b) -- ...", "no reason"),
            ("allow(a/b) because", "only `until=YYYY-MM-DD`"),
            ("allow a/b -- r", "the rule is missing"),
            ("allow() -- r", "empty"),
            ("allow(a/b -- r", "`)`"),
            ("allow(*) -- r", "too much"),
            ("allow(*/*) -- r", "too much"),
            ("allow(a*/*) -- r", "too much"),
            ("allow(a/b*) -- r", "too much"),
            ("allow(all) -- r", "plugin/rule"),
            ("allow(a/b, ) -- r", "empty"),
            ("allow(a/b) until=tomorrow -- r", "`until`"),
            ("allow(a/b) until=2026-02-30 -- r", "`until`"),
            ("allow(a/b) owner= -- r", "only `until=YYYY-MM-DD`"),
            ("allow(wardline/unused-allowance) -- r", "cannot be allowed"),
            ("allow(wardline/*) -- r", "cannot be allowed"),
            (&format!("allow({}) -- r", ["a/b"; 33].join(",")), "more than 32 rules"),
            (&format!("allow(a/b) -- {}", "r".repeat(1025)), "longer than 1024"),
        ] {
            let found = comments(&format!("# wardline: {text}"), HASH);
            let problem = found[0].meaning.as_ref().unwrap_err();
            assert!(problem.contains(reason), "{text}: {problem}");
        }
    }

    #[test]
    fn the_span_is_the_comment_without_its_signs() {
        let text = "é = 1 /* wardline: allow(a/b) -- r */";
        let found = comments(text, C);
        assert_eq!(&text[found[0].span.clone()], "wardline: allow(a/b) -- r");
    }

    #[test]
    fn i18_a_flood_of_suppressions_is_cut_and_says_so() {
        let text = "# wardline: allow(a/b) -- r\n".repeat(100_000);
        let found = comments(&text, HASH);
        assert_eq!(found.len(), MAX_SUPPRESSIONS + 1);
        assert!(found[..MAX_SUPPRESSIONS].iter().all(|found| found.meaning.is_ok()));
        assert!(found[MAX_SUPPRESSIONS].meaning.as_ref().unwrap_err().contains("not read"));
    }
}
