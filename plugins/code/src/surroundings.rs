//! Decides what a value at some place in code ends up in: the variable or key
//! that it is given to, the calls that it is passed to, the function around it.
//!
//! It works on the text before the place alone, so it holds for all languages
//! with brackets, and for Python's indentation.

/// Lines above a place that can belong to its statement.
const STATEMENT_LINES: usize = 6;

/// Bytes before a place that can belong to its statement.
const STATEMENT_BYTES: usize = 1500;

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
            function: enclosing(before).map(|(_, name)| name),
            returned: before[line_start(before, before.len())..].trim_start().starts_with("return ")
                || trimmed.starts_with("return ")
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
            || ["({", "= {", ": {", ", {", "[{"].iter().any(|opening| line.ends_with(opening))
            || before[start..].trim_start().starts_with(['.', '+', '?']);
        if !goes_on || line.starts_with("//") || line.starts_with('#') {
            break;
        }
        start = above;
    }
    // What is further away, as in minified code, says nothing about the place.
    if before.len() - start > STATEMENT_BYTES {
        start = before.len() - STATEMENT_BYTES;
        while !before.is_char_boundary(start) {
            start += 1;
        }
    }
    let line = &before[start..];
    let mut cuts = line.match_indices([';', '{', '}']).filter(|(at, mark)| {
        let (left, right) = (line[..*at].trim_end(), line[at + 1..].trim_start());
        let separates = match *mark {
            // The brace of an object belongs to the statement.
            "{" => !left.ends_with(['(', '=', ':', ',', '[', '?', '|']),
            "}" => !right.starts_with([',', ')', '.', ']', ';']) && !in_string(line, *at),
            _ => true,
        };
        separates && !in_string(line, *at)
    });
    start + cuts.next_back().map_or(0, |(at, _)| at + 1)
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

/// The text of the innermost named function around byte `offset`; the whole
/// text outside of functions.
pub fn function_text(text: &str, offset: usize) -> &str {
    let Some((start, _)) = enclosing(text.get(..offset).unwrap_or_default()) else { return text };
    let header = text[start..].split('\n').next().unwrap_or_default();
    let indent = indent_of(header);
    let mut at = start + header.len();
    for line in text[at..].split_inclusive('\n') {
        let code = line.trim();
        let goes_on = code.is_empty()
            || indent_of(line) > indent
            || code.starts_with(['{', '}', ')', ']', '#'])
            || code == "end"
            || at + line.len() <= offset;
        if !goes_on {
            break;
        }
        at += line.len();
    }
    &text[start..at]
}

/// The statement around byte `offset`, with the lines that a chain of calls or
/// open brackets add to it.
pub fn statement(text: &str, offset: usize) -> &str {
    let before = text.get(..offset).unwrap_or_default();
    let start = statement_start(before);
    let bytes = text.as_bytes();
    let mut depth = 0_i32;
    let mut at = offset;
    while at < bytes.len() {
        match bytes[at] {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth -= 1,
            b';' if depth <= 0 => break,
            b'\n' if depth <= 0 && !text[at..].trim_start().starts_with(['.', '?', '+', '-']) => break,
            _ => {}
        }
        at += 1;
    }
    text.get(start..at).unwrap_or_default()
}

/// The innermost function whose header stands above with less indentation:
/// where its line begins, and its name.
fn enclosing(before: &str) -> Option<(usize, &str)> {
    let own_start = line_start(before, before.len());
    let own = &before[own_start..];
    if let Some(name) = function_name(own) {
        return Some((own_start, name));
    }
    let mut indent = indent_of(own);
    let mut below = own.trim();
    let mut end = own_start.checked_sub(1)?;
    loop {
        let start = line_start(before, end);
        let line = &before[start..end];
        let code = line.trim();
        let opens_below =
            below == "{" || below.starts_with("throws ") || below.starts_with(") ") && below.ends_with('{');
        if !code.is_empty() && indent_of(line) < indent {
            let header = if opens_below { header_name(code) } else { None };
            if let Some(name) = function_name(line).or(header) {
                return Some((start, name));
            }
            // Below a header that goes over several lines, or stands above its
            // brace, there is a line with its own indentation.
            let closes = code == "{" || code.starts_with(')');
            indent = indent_of(line) + usize::from(closes);
        }
        if !code.is_empty() {
            below = code;
        }
        end = start.checked_sub(1)?;
    }
}

fn indent_of(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// The function that a line begins: `def f(`, `function f(`, `func (r T) f(`,
/// `const f = (`, `public String f(`, `f(x) {`.
pub(crate) fn function_name(line: &str) -> Option<&str> {
    let trimmed = line.trim();
    for word in ["def ", "function ", "func ", "fun ", "fn ", "(defn ", "(defn- "] {
        if let Some(at) = find_word(trimmed, word) {
            let mut rest = trimmed[at + word.len()..].trim_start();
            if word == "func " && rest.starts_with('(') {
                rest = rest[rest.find(')')? + 1..].trim_start();
            }
            // `def self.make` of Ruby, `fun String.digest` of Kotlin.
            if matches!(word, "def " | "fun ")
                && let Some((owner, method)) = rest.split_once('.')
                && owner.chars().all(|c| c.is_alphanumeric() || c == '_')
            {
                rest = method;
            }
            let lisp = word.starts_with('(');
            let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || lisp && "-?!*".contains(c)));
            match &rest[..end.unwrap_or(rest.len())] {
                "" => {}
                name => return Some(name),
            }
        }
    }
    let opens = trimmed.ends_with('{') || trimmed.contains("=>");
    if !opens {
        return None;
    }
    if let Some((left, right)) = trimmed.split_once('=')
        && (is_arrow(right) || right.contains("function"))
    {
        let left = left.split(':').next().unwrap_or(left).trim();
        return left.rsplit([' ', '.']).next().filter(|name| !name.is_empty());
    }
    // An arm of a `match` has no type before its name.
    let is_arm =
        trimmed.contains("=>") && !trimmed.split('(').next().unwrap_or_default().trim_end().contains(' ');
    header_name(trimmed).filter(|_| !is_arm)
}

/// Whether a value is a function with an arrow: `(a, b) => `, `async x => `.
fn is_arrow(value: &str) -> bool {
    let value = value.trim_start();
    let value = value.strip_prefix("async").unwrap_or(value).trim_start();
    let Some((parameters, _)) = value.split_once("=>") else { return false };
    let parameters = parameters.trim();
    let one =
        !parameters.is_empty() && parameters.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '$'));
    one || parameters.starts_with('(') || parameters.starts_with("fn")
}

/// The name before the parameters of a function in a language with braces:
/// `public String f(`, `f(x)`.
pub(crate) fn header_name(header: &str) -> Option<&str> {
    const KEYWORDS: &[&str] = &[
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
        "using",
        "lock",
        "when",
    ];
    let left = header.split('(').next()?.trim_end();
    let name = left.rsplit([' ', '*', '&']).next()?;
    let plain = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    let is_header = plain
        && header.contains('(')
        && !KEYWORDS.contains(&name)
        && !left.contains(['=', '.', ','])
        && !left.starts_with("new ");
    is_header.then_some(name)
}

fn find_word(text: &str, word: &str) -> Option<usize> {
    text.match_indices(word).map(|(at, _)| at).find(|at| {
        *at == 0 || !text.as_bytes()[at - 1].is_ascii_alphanumeric() && text.as_bytes()[at - 1] != b'_'
    })
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
            ("function f() {\n  $a = ['b' => 1];\n  if (x) {\n    @", Some("f")),
            ("fn f() {\n  match x {\n    Some(y) => {\n      @", Some("f")),
            ("  public string NewToken(int n)\n  {\n    return @", Some("NewToken")),
            ("def make_token(\n    size,\n):\n    return @", Some("make_token")),
            ("  void newToken(Request r)\n      throws IOException {\n    @", Some("newToken")),
            ("fun newToken(\n  size: Int\n): String {\n  return @", Some("newToken")),
            ("def self.make_token\n  @", Some("make_token")),
            ("(defn make-token [n]\n  (f @", Some("make-token")),
        ] {
            assert_eq!(look(text).function, expected, "{text}");
        }
    }

    #[test]
    fn the_text_of_a_function_ends_with_it() {
        for (text, expected) in [
            ("a\ndef f():\n    x\n    @\n\n    y\nb", "def f():\n    x\n    @\n\n    y\n"),
            ("void f()\n{\n  @\n}\nvoid g()\n{\n}", "void f()\n{\n  @\n}\n"),
            ("def f\n  @\nend\ndef g\nend", "def f\n  @\nend\n"),
            ("x = @\ny", "x = @\ny"),
        ] {
            let offset = text.find('@').expect("the place is marked with @");
            assert_eq!(function_text(text, offset), expected, "{text}");
        }
    }

    #[test]
    fn open_calls_are_named() {
        assert_eq!(look("user.setToken(str(@").callees, ["user.setToken", "str"]);
        assert_eq!(look("f(a) + g(@").callees, ["g"]);
        assert_eq!(look("return jsonify({'a': {'b': str(@").callees, ["jsonify", "str"]);
        assert_eq!(look("function f() { g(@").callees, ["g"]);
    }
}
