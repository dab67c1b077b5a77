//! Fixtures: real-looking files that say in comments what is found in them.

use std::collections::BTreeSet;

/// What a comment starts with, in any language that a fixture may be in.
const LEADERS: [&str; 11] = ["//", "#", "--", ";", "/*", "<!--", "*", "%", "'", "{#", "(*"];
const MARK: &str = "expect:";

/// The findings that a fixture expects: a line, from 1, and a rule's id.
///
/// `expect: rule` stands in a comment on the finding's line, or in a comment of
/// its own on a line before it. Several rules are separated by commas.
#[must_use]
pub(crate) fn expectations(text: &str) -> BTreeSet<(usize, String)> {
    let mut expected = BTreeSet::new();
    let mut waiting: Vec<String> = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        match annotation(line) {
            Some((true, rules)) => waiting.extend(rules),
            found => {
                let here = found.map(|(_, rules)| rules).unwrap_or_default();
                expected.extend(waiting.drain(..).chain(here).map(|rule| (number, rule)));
            }
        }
    }
    let last = text.lines().count();
    expected.extend(waiting.into_iter().map(|rule| (last, rule)));
    expected
}

/// The rules that a line's comment expects, and whether the comment is all
/// that the line holds.
fn annotation(line: &str) -> Option<(bool, Vec<String>)> {
    let at = line.rfind(MARK)?;
    let before = line[..at].trim_end();
    let leader =
        LEADERS.iter().filter(|leader| before.ends_with(**leader)).max_by_key(|leader| leader.len())?;
    let code = before[..before.len() - leader.len()].trim();
    let alone = code.chars().all(|character| LEADERS.iter().any(|leader| leader.contains(character)));
    let is_id = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let rules = line[at + MARK.len()..].split(',').map_while(|part| {
        // What closes a comment, such as `-->`, is no rule.
        let rule = part.split_whitespace().next()?;
        rule.bytes().all(is_id).then(|| rule.to_owned())
    });
    let rules: Vec<String> = rules.collect();
    (!rules.is_empty()).then_some((alone, rules))
}

/// The name of the file that holds a fixture after its fixes: `name.fixed.py`
/// for `name.py`.
#[must_use]
pub(crate) fn fixed_name(name: &str) -> String {
    match name.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() => format!("{stem}.fixed.{extension}"),
        _ => format!("{name}.fixed"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(usize, &str)]) {
        let expected: BTreeSet<(usize, String)> =
            expected.iter().map(|(line, rule)| (*line, (*rule).to_owned())).collect();
        assert_eq!(expectations(text), expected, "{text}");
    }

    #[test]
    fn an_annotation_is_about_its_own_line() {
        check("a\neval(x)  # expect: dynamic-code\n", &[(2, "dynamic-code")]);
        check("f(); // expect: one, two\n", &[(1, "one"), (1, "two")]);
        check("<b> <!-- expect: one -->\n", &[(1, "one")]);
        check("x /* expect: one */\n", &[(1, "one")]);
    }

    #[test]
    fn an_annotation_alone_is_about_the_next_line() {
        check("  // expect: one\nf();\n", &[(2, "one")]);
        check(
            "# expect: one\n# expect: two\nf()  # expect: three\n",
            &[(3, "one"), (3, "two"), (3, "three")],
        );
        check("<!-- expect: one -->\n<b>\n", &[(2, "one")]);
    }

    #[test]
    fn other_text_is_no_annotation() {
        check("expect: one\nheaders = {'expect': x}\nwe expect: nothing\n# expect: Nothing\n", &[]);
    }

    #[test]
    fn the_fixed_file_stands_beside() {
        for (name, fixed) in
            [("a.py", "a.fixed.py"), ("Dockerfile", "Dockerfile.fixed"), (".env", ".env.fixed")]
        {
            assert_eq!(fixed_name(name), fixed);
        }
    }
}
