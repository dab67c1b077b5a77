//! Examples: what a rule's page and its fixtures say that the rule does.
//!
//! Decides which blocks of a page are examples and what each promises. Running
//! them is left to `commands::plugin::test`; the documentation and the tests of
//! the built-in plugins read the same pages through here.

mod fixture;
mod generate;

pub(crate) use fixture::{expectations, fixed_name};
pub(crate) use generate::expand;

use wardline_engine::finding::Class;

/// What a rule does with an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It has at least one finding.
    Bad,
    /// It has none.
    Good,
}

/// One example of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Example {
    /// The line of its opening fence in the page, from 1.
    pub(crate) line: usize,
    /// What the rule does with it.
    pub(crate) verdict: Verdict,
    /// The requirements that it shows being met.
    pub(crate) requirements: Vec<String>,
    /// The class that its findings have, if the page says so.
    pub(crate) class: Option<Class>,
    /// Its own file: a path and a text with placeholders expanded.
    pub(crate) file: SourceFile,
    /// Files beside it that it needs.
    pub(crate) context: Vec<SourceFile>,
    /// The text of its own file after the rule's fixes.
    pub(crate) fixed: Option<String>,
}

/// A file that an example puts in front of a plugin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SourceFile {
    /// Path relative to the example's own root.
    pub(crate) path: String,
    /// Its text.
    pub(crate) text: String,
}

/// Something in a page that looks like an example and is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mistake {
    /// The line, from 1.
    pub(crate) line: usize,
    /// What is wrong: lower case, no full stop.
    pub(crate) message: String,
}

/// The examples of a page, in order, and the mistakes in it.
///
/// A block is an example if a second word follows its language. A page may
/// start with its front matter or without.
#[must_use]
pub(crate) fn parse(page: &str) -> (Vec<Example>, Vec<Mistake>) {
    let mut reader = Reader::default();
    for block in blocks(page) {
        if let Err(message) = reader.block(&block) {
            reader.mistakes.push(Mistake { line: block.line, message });
        }
    }
    if let Some((line, _)) = reader.context.first() {
        let message = "no `bad` or `good` example follows this context".to_owned();
        reader.mistakes.push(Mistake { line: *line, message });
    }
    (reader.examples, reader.mistakes)
}

#[derive(Default)]
struct Reader {
    examples: Vec<Example>,
    mistakes: Vec<Mistake>,
    /// Files for the next example, and where they stand.
    context: Vec<(usize, SourceFile)>,
}

impl Reader {
    fn block(&mut self, block: &Block) -> Result<(), String> {
        let mut words = block.info.split_whitespace();
        let (Some(language), Some(kind)) = (words.next(), words.next()) else { return Ok(()) };
        let labels = Labels::parse(words)?;
        let path = labels.file.clone();
        match kind {
            "bad" | "good" => {
                let verdict = if kind == "bad" { Verdict::Bad } else { Verdict::Good };
                if verdict == Verdict::Good && (labels.class.is_some() || !labels.requirements.is_empty()) {
                    return Err(
                        "a `good` example has no findings that a requirement or class could be of".into()
                    );
                }
                let path = path.unwrap_or_else(|| default_path(language));
                let context: Vec<SourceFile> = self.context.drain(..).map(|(_, file)| file).collect();
                if context.iter().any(|file| file.path == path) {
                    return Err(format!("`{path}` is also the path of its context"));
                }
                self.examples.push(Example {
                    line: block.line,
                    verdict,
                    requirements: labels.requirements,
                    class: labels.class,
                    file: SourceFile { path, text: expand(&block.text) },
                    context,
                    fixed: None,
                });
            }
            "fixed" => {
                let bad = self
                    .examples
                    .last_mut()
                    .filter(|last| last.verdict == Verdict::Bad && last.fixed.is_none());
                let bad = bad.filter(|_| self.context.is_empty());
                bad.ok_or("a `fixed` block follows the `bad` example that it is of")?.fixed =
                    Some(expand(&block.text));
            }
            "context" => {
                let path = path.ok_or("a `context` block needs `file=PATH`")?;
                if self.context.iter().any(|(_, file)| file.path == path) {
                    return Err(format!("`{path}` is there twice"));
                }
                self.context.push((block.line, SourceFile { path, text: expand(&block.text) }));
            }
            other => {
                return Err(format!(
                    "`{other}` is none of `bad`, `good`, `fixed` and `context`; plain code has its language alone"
                ));
            }
        }
        Ok(())
    }
}

/// What follows the verdict in a block's first line.
#[derive(Default)]
struct Labels {
    requirements: Vec<String>,
    class: Option<Class>,
    file: Option<String>,
}

impl Labels {
    fn parse<'t>(words: impl Iterator<Item = &'t str>) -> Result<Self, String> {
        let mut labels = Self::default();
        for word in words {
            if let Some(path) = word.strip_prefix("file=") {
                labels.file = Some(relative(path)?.to_owned());
            } else if let Some(class) = word.strip_prefix("class=") {
                labels.class =
                    Some(class.parse::<Class>().map_err(|error| format!("class `{class}`: {error}"))?);
            } else if is_requirement(word) {
                labels.requirements.push(word.to_owned());
            } else {
                return Err(format!(
                    "`{word}` is no requirement such as `S031`, and neither `file=` nor `class=`"
                ));
            }
        }
        Ok(labels)
    }
}

fn is_requirement(word: &str) -> bool {
    let digits = word.trim_start_matches(|letter: char| letter.is_ascii_uppercase());
    digits.len() < word.len() && !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn relative(path: &str) -> Result<&str, String> {
    let fits = !path.is_empty() && path.split('/').all(|part| !matches!(part, "" | "." | ".."));
    if fits { Ok(path) } else { Err(format!("`{path}` is no path of a file below the example's root")) }
}

/// The file that an example of a language stands in, unless it says another.
fn default_path(language: &str) -> String {
    match language {
        "python" => "example.py",
        "javascript" => "example.js",
        "typescript" => "example.ts",
        "java" => "Example.java",
        "ruby" => "example.rb",
        "csharp" => "Example.cs",
        "kotlin" => "Example.kt",
        "rust" => "example.rs",
        "clojure" => "example.clj",
        "bash" => "example.sh",
        "hcl" => "main.tf",
        "dockerfile" => "Dockerfile",
        "text" => "example.txt",
        other => return format!("example.{other}"),
    }
    .to_owned()
}

/// A fenced block.
struct Block {
    line: usize,
    info: String,
    text: String,
}

/// The fenced blocks of a page.
fn blocks(page: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut lines = (1..).zip(page.lines());
    if page.starts_with("+++\n") {
        lines.next();
        let _ = lines.find(|(_, line)| *line == "+++");
    }
    while let Some((number, line)) = lines.next() {
        let Some((fence, info)) = opening(line) else { continue };
        let mut text = String::new();
        for (_, line) in lines.by_ref() {
            if opening(line).is_some_and(|(close, rest)| rest.is_empty() && close.starts_with(fence)) {
                break;
            }
            text.push_str(line);
            text.push('\n');
        }
        blocks.push(Block { line: number, info: info.to_owned(), text });
    }
    blocks
}

/// The marks of a fence and what follows them.
fn opening(line: &str) -> Option<(&str, &str)> {
    let unindented = line.trim_start_matches(' ');
    if line.len() - unindented.len() > 3 {
        return None;
    }
    let mark = unindented.chars().next().filter(|mark| matches!(mark, '`' | '~'))?;
    let rest = unindented.trim_start_matches(mark);
    let fence = &unindented[..unindented.len() - rest.len()];
    (fence.len() >= 3 && !(mark == '`' && rest.contains('`'))).then_some((fence, rest.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(page: &str) -> Vec<String> {
        let (examples, mistakes) = parse(page);
        let verdict = |example: &Example| if example.verdict == Verdict::Bad { "bad" } else { "good" };
        let examples = examples.iter().map(|example| {
            let files: Vec<&str> = example.context.iter().map(|file| file.path.as_str()).collect();
            format!(
                "{}: {} {} {:?} {:?} {:?} {:?}",
                example.line,
                verdict(example),
                example.file.path,
                example.requirements,
                example.file.text,
                files,
                example.fixed
            )
        });
        examples
            .chain(mistakes.iter().map(|mistake| format!("{}! {}", mistake.line, mistake.message)))
            .collect()
    }

    #[test]
    fn a_page_is_its_labelled_blocks() {
        let page = "+++\ntitle = \"```python bad\"\n+++\nText.\n\n```toml\nplain = 1\n```\n\n\
            ```python bad S031 S033\neval(x)\n```\n\n```python fixed\nx\n```\n\n\
            ~~~~dockerfile good\nRUN x\n~~~\n~~~~\n";
        assert_eq!(
            check(page),
            [
                r#"10: bad example.py ["S031", "S033"] "eval(x)\n" [] Some("x\n")"#,
                r#"18: good Dockerfile [] "RUN x\n~~~\n" [] None"#,
            ]
        );
    }

    #[test]
    fn context_belongs_to_the_next_example() {
        let page = "```hcl context file=roles.tf\na\n```\n```python context file=a/b.py\nb\n```\n\
            ```python bad file=a/c.py\nc\n```\n```python good\nd\n```\n";
        assert_eq!(
            check(page),
            [
                r#"7: bad a/c.py [] "c\n" ["roles.tf", "a/b.py"] None"#,
                r#"10: good example.py [] "d\n" [] None"#,
            ]
        );
    }

    #[test]
    fn a_class_is_kept() {
        let (examples, _) = parse("```text bad class=example\nx\n```\n");
        assert_eq!(examples[0].class, Some(Class::Example));
    }

    #[test]
    fn mistakes_are_named_with_their_line() {
        for (page, message) in [
            ("```python baad\n```\n", "`baad` is none of"),
            ("```python bad s31\n```\n", "`s31` is no requirement"),
            ("```python bad class=odd\n```\n", "class `odd`"),
            ("```python bad file=../x.py\n```\n", "`../x.py` is no path"),
            ("```python good S031\n```\n", "a `good` example has no findings"),
            ("```python fixed\n```\n", "a `fixed` block follows"),
            ("```python good\n```\n```python fixed\n```\n", "a `fixed` block follows"),
            ("```python context\n```\n", "needs `file=PATH`"),
            ("```python context file=a.py\n```\n", "no `bad` or `good` example follows"),
            ("```python context file=example.py\n```\n```python good\n```\n", "also the path"),
        ] {
            let (_, mistakes) = parse(page);
            assert_eq!(mistakes.len(), 1, "{page}: {mistakes:?}");
            assert!(mistakes[0].message.contains(message), "{page}: {mistakes:?}");
        }
    }

    #[test]
    fn a_fence_that_is_never_closed_runs_to_the_end() {
        assert_eq!(check("```go bad\nx\n"), [r#"1: bad example.go [] "x\n" [] None"#]);
    }
}
