//! Decides what a value at some place in code ends up in: the variable or key
//! that it is given to, the calls that it is passed to, the function around it.
//!
//! It works on the text before the place alone, so it holds for all languages
//! with brackets, and for Python's indentation.

/// Lines above a place that can belong to its statement.
const STATEMENT_LINES: usize = 6;

/// What is around a place in code.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Surroundings<'t> {
    /// The statement up to the place.
    pub statement: &'t str,
    /// What the value is given to: `reset_token`, `user["token"]`.
    pub target: Option<&'t str>,
    /// Functions that it is passed to, from outside to inside.
    pub callees: Vec<&'t str>,
    /// The nearest named function around it.
    pub function: Option<&'t str>,
    /// Whether the function gives it back.
    pub returned: bool,
}

impl<'t> Surroundings<'t> {
    /// Looks around byte `offset` of `text`.
    pub fn at(text: &'t str, offset: usize) -> Self {
        let before = text.get(..offset).unwrap_or_default();
        let statement = &before[statement_start(before)..];
        let trimmed = statement.trim_start();
        Self {
            statement,
            target: target(statement),
            callees: open_calls(statement),
            function: function_around(before),
            returned: trimmed.starts_with("return ")
                || trimmed.starts_with("return(")
                || statement.contains("=> "),
        }
    }

    /// The target, the callees and the function, for looking at their words.
    pub fn names(&self) -> impl Iterator<Item = &'t str> {
        self.target.into_iter().chain(self.callees.iter().copied()).chain(self.function)
    }
}

/// Where the statement that `before` ends in begins.
fn statement_start(before: &str) -> usize {
    let mut start = line_start(before, before.len());
    for _ in 0..STATEMENT_LINES {
        if start == 0 {
            break;
        }
        let above = line_start(before, start - 1);
        let line = before[above..start].trim();
        let goes_on = line.ends_with(['(', '[', ',', '=', '+', '.', '\\', '?'])
            || line.ends_with("=>")
            || line.ends_with("return")
            || before[start..].trim_start().starts_with(['.', '+', '?']);
        if !goes_on || line.starts_with("//") || line.starts_with('#') {
            break;
        }
        start = above;
    }
    let line = &before[start..];
    start + line.rfind([';', '{', '}']).filter(|at| !in_string(line, *at)).map_or(0, |at| at + 1)
}

fn line_start(text: &str, end: usize) -> usize {
    text[..end].rfind('\n').map_or(0, |at| at + 1)
}

/// Whether a quote is open at `at`.
fn in_string(line: &str, at: usize) -> bool {
    ['"', '\'', '`'].iter().any(|quote| line[..at].matches(*quote).count() % 2 == 1)
}

/// What stands left of the last `=`, `:=`, `=>` or `:` of a statement.
fn target(statement: &str) -> Option<&str> {
    let bytes = statement.as_bytes();
    let at = (0..bytes.len()).rev().find(|&at| {
        let before = at.checked_sub(1).map_or(b' ', |at| bytes[at]);
        let after = bytes.get(at + 1).copied().unwrap_or(b' ');
        let assigns = bytes[at] == b'='
            && after != b'='
            && !matches!(before, b'=' | b'!' | b'<' | b'>')
            && (after != b'>' || !statement[..at].trim_end().ends_with(')'));
        let labels =
            bytes[at] == b':' && !matches!(after, b':' | b'=' | b'/') && before != b':' && before != b'?';
        (assigns || labels) && !in_string(statement, at)
    })?;
    let left = statement[..at].trim_end_matches([':', '+', '.', '-', '|', '?', ' ']);
    let left = left.rsplit([',', '(', '{', ';']).next().unwrap_or(left).trim();
    if left.is_empty() { None } else { Some(left) }
}

/// The names before the brackets that are still open.
fn open_calls(statement: &str) -> Vec<&str> {
    let mut open = Vec::new();
    for (at, byte) in statement.bytes().enumerate() {
        match byte {
            b'(' if !in_string(statement, at) => open.push(at),
            b')' if !in_string(statement, at) => {
                open.pop();
            }
            _ => {}
        }
    }
    open.into_iter()
        .map(|at| {
            let before = &statement[..at];
            let start = before
                .rfind(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.' | '$' | '>' | '-' | ':')))
                .map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
            &before[start..]
        })
        .filter(|name| !name.is_empty())
        .collect()
}

/// The name of the nearest function whose header stands above with less
/// indentation.
fn function_around(before: &str) -> Option<&str> {
    let own = &before[line_start(before, before.len())..];
    if let Some(name) = function_name(own) {
        return Some(name);
    }
    let mut indent = indent_of(own);
    let mut end = line_start(before, before.len()).checked_sub(1)?;
    loop {
        let start = line_start(before, end);
        let line = &before[start..end];
        if !line.trim().is_empty() && indent_of(line) < indent {
            if let Some(name) = function_name(line) {
                return Some(name);
            }
            indent = indent_of(line);
        }
        end = start.checked_sub(1)?;
    }
}

fn indent_of(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// The function that a line begins: `def f(`, `function f(`, `func (r T) f(`,
/// `const f = (`, `public String f(`, `f(x) {`.
fn function_name(line: &str) -> Option<&str> {
    let trimmed = line.trim();
    for word in ["def ", "function ", "func "] {
        if let Some(at) = find_word(trimmed, word) {
            let mut rest = trimmed[at + word.len()..].trim_start();
            if word == "func " && rest.starts_with('(') {
                rest = rest[rest.find(')')? + 1..].trim_start();
            }
            if let Some(name) = leading_name(rest) {
                return Some(name);
            }
        }
    }
    let opens = trimmed.ends_with('{') || trimmed.contains("=>");
    if !opens {
        return None;
    }
    if let Some((left, right)) = trimmed.split_once('=')
        && (right.contains("=>") || right.contains("function"))
    {
        let left = left.split(':').next().unwrap_or(left).trim();
        return left.rsplit([' ', '.']).next().filter(|name| !name.is_empty());
    }
    let left = trimmed.split('(').next()?.trim_end();
    let name = left.rsplit([' ', '*', '&']).next()?;
    let keyword = [
        "if",
        "for",
        "while",
        "switch",
        "catch",
        "else",
        "foreach",
        "match",
        "try",
        "synchronized",
        "return",
    ];
    let plain = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    (plain && trimmed.contains('(') && !keyword.contains(&name) && !left.contains(['=', '.', ',']))
        .then_some(name)
}

fn find_word(text: &str, word: &str) -> Option<usize> {
    text.match_indices(word).map(|(at, _)| at).find(|at| {
        *at == 0 || !text.as_bytes()[at - 1].is_ascii_alphanumeric() && text.as_bytes()[at - 1] != b'_'
    })
}

fn leading_name(text: &str) -> Option<&str> {
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(text.len());
    (end > 0).then(|| &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(text: &str) -> Surroundings<'_> {
        Surroundings::at(text, text.find('@').expect("the place is marked with @"))
    }

    #[test]
    fn the_target_is_what_a_value_is_given_to() {
        for (text, expected) in [
            ("reset_token = @", Some("reset_token")),
            ("reset_token = ''.join(@", Some("reset_token")),
            ("const token = Math.floor(@", Some("const token")),
            ("$user['token'] = md5(@", Some("$user['token']")),
            ("return {\n  token: @", Some("token")),
            ("token := @", Some("token")),
            ("token +=\n  @", Some("token")),
            ("['token' => @", Some("['token'")),
            ("x = {'token': @", Some("'token'")),
            ("if a == @", None),
            ("call(@", None),
        ] {
            assert_eq!(look(text).target, expected, "{text}");
        }
    }

    #[test]
    fn the_function_is_the_nearest_around() {
        for (text, expected) in [
            ("def make_token(n):\n    x = ''\n    for i in range(n):\n        x += @", Some("make_token")),
            ("function makeToken() {\n  return @", Some("makeToken")),
            ("func (s *Store) NewToken() string {\n\treturn @", Some("NewToken")),
            ("  private String newToken(int n) {\n    return @", Some("newToken")),
            ("const makeToken = (n) => {\n  return @", Some("makeToken")),
            ("class A {\n  makeToken() {\n    if (x) {\n      return @", Some("makeToken")),
            ("def other():\n    pass\nx = @", None),
        ] {
            assert_eq!(look(text).function, expected, "{text}");
        }
    }

    #[test]
    fn open_calls_are_named() {
        assert_eq!(look("user.setToken(str(@").callees, ["user.setToken", "str"]);
        assert_eq!(look("f(a) + g(@").callees, ["g"]);
    }
}
