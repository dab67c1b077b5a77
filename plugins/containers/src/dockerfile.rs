//! A Dockerfile as the builder reads it: instructions without their line
//! continuations and comments, heredocs, stages, and arguments with defaults.
//!
//! What an instruction means for security is for the rules to say.

use std::collections::BTreeMap;
use wardline_plugin::Span;

/// Instructions that are read of one file; more are no Dockerfile.
const MOST_INSTRUCTIONS: usize = 5_000;

/// A piece of text that has been put together from pieces of the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Logical {
    /// The text.
    pub text: String,
    /// For each of its bytes, where that stands in the file.
    offsets: Vec<u32>,
}

impl Logical {
    fn push(&mut self, text: &str, at: usize) {
        self.text.push_str(text);
        self.offsets.extend((at..at + text.len()).map(to_u32));
    }

    /// Where a part of it stands in the file.
    #[must_use]
    pub fn span(&self, start: usize, end: usize) -> Span {
        let Some(first) = self.offsets.get(start).or(self.offsets.last()) else {
            return Span { start: 0, end: 0 };
        };
        let end =
            if end > start { self.offsets.get(end - 1).map_or(*first, |last| last + 1) } else { *first };
        Span { start: *first, end: end.max(*first) }
    }

    /// From `start` on.
    #[must_use]
    pub fn from(&self, start: usize) -> Self {
        self.part(start, self.text.len())
    }

    /// From `start` to `end`.
    #[must_use]
    pub fn part(&self, start: usize, end: usize) -> Self {
        Self { text: self.text[start..end].to_owned(), offsets: self.offsets[start..end].to_vec() }
    }

    /// The words between spaces; quotes and escapes hold a word together, and
    /// stay in it.
    #[must_use]
    pub fn words(&self) -> Vec<Word> {
        let mut words = Vec::new();
        let bytes = self.text.as_bytes();
        let (mut start, mut quote) = (None, None);
        let mut at = 0;
        while at <= bytes.len() {
            let byte = bytes.get(at).copied();
            match (byte, quote) {
                (Some(b'\\'), _) if at + 1 < bytes.len() && quote != Some(b'\'') => {
                    start.get_or_insert(at);
                    at += 1;
                }
                (Some(byte), Some(open)) if byte == open => quote = None,
                (Some(_), Some(_)) => {}
                (Some(byte @ (b'"' | b'\'')), None) => {
                    start.get_or_insert(at);
                    quote = Some(byte);
                }
                (Some(byte), None) if !byte.is_ascii_whitespace() => {
                    start.get_or_insert(at);
                }
                _ => {
                    if let Some(start) = start.take() {
                        words.push(Word {
                            text: self.text[start..at].to_owned(),
                            span: self.span(start, at),
                            start,
                        });
                    }
                }
            }
            at += 1;
        }
        words
    }
}

/// A word of an instruction.
#[derive(Debug, Clone)]
pub struct Word {
    /// As written, quotes included.
    pub text: String,
    /// Where it stands in the file.
    pub span: Span,
    /// Where it starts in the instruction's arguments.
    pub start: usize,
}

impl Word {
    /// Without the quotes around it.
    #[must_use]
    pub fn plain(&self) -> &str {
        unquote(&self.text)
    }
}

/// Takes off one pair of quotes.
#[must_use]
pub fn unquote(text: &str) -> &str {
    for quote in ['"', '\''] {
        if let Some(inner) = text.strip_prefix(quote).and_then(|text| text.strip_suffix(quote)) {
            return inner;
        }
    }
    text
}

/// One instruction.
#[derive(Debug, Clone)]
pub struct Instruction {
    /// In upper case: `FROM`, `RUN`.
    pub keyword: String,
    /// All of it, without heredocs and the line's end.
    pub span: Span,
    /// The keyword alone.
    pub keyword_span: Span,
    /// Flags such as `--from=build`, without the dashes.
    pub flags: Vec<Word>,
    /// What follows the flags.
    pub arguments: Logical,
    /// The bodies of its heredocs.
    pub heredocs: Vec<Logical>,
    /// The stage that it is in; none before the first `FROM`.
    pub stage: Option<usize>,
}

impl Instruction {
    /// The value of a flag.
    #[must_use]
    pub fn flag(&self, name: &str) -> Option<&str> {
        self.flags.iter().find_map(|flag| flag.text.strip_prefix(name)?.strip_prefix('='))
    }

    /// The elements of the JSON form, if it has that form.
    #[must_use]
    pub fn list(&self) -> Option<Vec<String>> {
        let text = self.arguments.text.trim();
        if !text.starts_with('[') {
            return None;
        }
        let json: wardline_plugin::Json = text.parse().ok()?;
        json.as_array()?.iter().map(|item| item.as_str().map(str::to_owned)).collect()
    }

    /// The pairs of `ENV`, `ARG` and `LABEL`: name, and value if there is one.
    #[must_use]
    pub fn pairs(&self) -> Vec<(Word, Option<Word>)> {
        let words = self.arguments.words();
        let old_form = self.keyword == "ENV" && words.first().is_some_and(|first| !first.text.contains('='));
        if old_form {
            let Some(name) = words.first().cloned() else { return Vec::new() };
            let value = words.get(1).map(|second| {
                let text = self.arguments.text[second.start..].trim_end().to_owned();
                Word {
                    span: self.arguments.span(second.start, second.start + text.len()),
                    start: second.start,
                    text,
                }
            });
            return vec![(name, value)];
        }
        let pair = |word: Word| {
            let Some((name, value)) = word.text.split_once('=') else { return (word, None) };
            let split = word.start + name.len();
            let whole = word.start + word.text.len();
            let name = Word {
                text: name.to_owned(),
                span: self.arguments.span(word.start, split),
                start: word.start,
            };
            let value = Word {
                text: value.to_owned(),
                span: self.arguments.span(split + 1, whole),
                start: split + 1,
            };
            (name, Some(value))
        };
        words.into_iter().map(pair).collect()
    }
}

/// What a stage starts from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Base {
    /// An earlier stage, by index.
    Stage(usize),
    /// Nothing.
    Scratch,
    /// An image of a registry, its arguments put in.
    Image(String),
    /// An image whose name has an argument without a default.
    Unknown {
        /// The argument.
        argument: String,
    },
}

/// A stage.
#[derive(Debug, Clone)]
pub struct Stage {
    /// Its name, in lower case.
    pub name: Option<String>,
    /// What it starts from.
    pub base: Base,
    /// The image as written.
    pub image: Word,
    /// Index of its `FROM`.
    pub from: usize,
}

/// A Dockerfile.
#[derive(Debug, Clone, Default)]
pub struct Dockerfile {
    /// In order.
    pub instructions: Vec<Instruction>,
    /// In order.
    pub stages: Vec<Stage>,
    /// Whether a template engine has still to fill it in.
    pub is_template: bool,
}

impl Dockerfile {
    /// Reads a file.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut file = Self::default();
        let escape = escape_character(text);
        let mut reader = Reader { text, at: 0, escape };
        while let Some(instruction) = reader.instruction() {
            if file.instructions.len() == MOST_INSTRUCTIONS {
                break;
            }
            file.is_template |=
                is_templated(&instruction.arguments.text) || is_templated(&instruction.keyword);
            file.instructions.push(instruction);
        }
        file.find_stages();
        file
    }

    /// The stage that is built where none is asked for.
    #[must_use]
    pub fn last_stage(&self) -> Option<usize> {
        self.stages.len().checked_sub(1)
    }

    /// A stage and those that it is made from, nearest first.
    #[must_use]
    pub fn lineage(&self, stage: usize) -> Vec<usize> {
        let mut lineage = vec![stage];
        let mut at = stage;
        while let Base::Stage(base) = self.stages[at].base {
            lineage.push(base);
            at = base;
        }
        lineage
    }

    /// The instructions that make the last stage, of its base first.
    #[must_use]
    pub fn last_image(&self) -> Vec<&Instruction> {
        let Some(last) = self.last_stage() else { return Vec::new() };
        self.of_stage(last)
    }

    /// The instructions that make a stage, of its base first.
    #[must_use]
    pub fn of_stage(&self, stage: usize) -> Vec<&Instruction> {
        let lineage = self.lineage(stage);
        let of = |stage: &usize| {
            let stage = *stage;
            self.instructions.iter().filter(move |instruction| instruction.stage == Some(stage))
        };
        lineage.iter().rev().flat_map(of).collect()
    }

    /// What the last stage starts from, beyond other stages: the stage that
    /// names it, and the base.
    #[must_use]
    pub fn origin(&self, stage: usize) -> &Stage {
        let lineage = self.lineage(stage);
        &self.stages[*lineage.last().expect("a lineage begins with its stage")]
    }

    /// The stage of this name or number.
    #[must_use]
    pub fn stage_named(&self, name: &str) -> Option<usize> {
        let name = name.to_ascii_lowercase();
        let named = self.stages.iter().position(|stage| stage.name.as_deref() == Some(&name));
        named.or_else(|| name.parse().ok().filter(|index| *index < self.stages.len()))
    }

    fn find_stages(&mut self) {
        let mut defaults: BTreeMap<String, Option<String>> = BTreeMap::new();
        for index in 0..self.instructions.len() {
            let stages = self.stages.len();
            let instruction = &mut self.instructions[index];
            if instruction.keyword == "ARG" && stages == 0 {
                for (name, value) in instruction.pairs() {
                    let value = value.map(|value| substitute(value.plain(), &defaults).0);
                    defaults.insert(name.text, value);
                }
            }
            if instruction.keyword == "FROM" {
                let words = instruction.arguments.words();
                let Some(image) = words.first().cloned() else { continue };
                instruction.stage = Some(stages);
                let is_as = words.get(1).is_some_and(|word| word.text.eq_ignore_ascii_case("as"));
                let name = words.get(2).filter(|_| is_as).map(|word| word.text.to_ascii_lowercase());
                let (text, missing) = substitute(image.plain(), &defaults);
                let base = match (missing, self.stage_named_before(&text, stages)) {
                    (Some(argument), _) => Base::Unknown { argument },
                    (None, Some(stage)) => Base::Stage(stage),
                    (None, None) if text.eq_ignore_ascii_case("scratch") => Base::Scratch,
                    (None, None) => Base::Image(text),
                };
                self.stages.push(Stage { name, base, image, from: index });
            } else {
                instruction.stage = stages.checked_sub(1);
            }
        }
    }

    fn stage_named_before(&self, name: &str, stages: usize) -> Option<usize> {
        let is_name =
            |stage: &Stage| stage.name.as_deref().is_some_and(|known| known.eq_ignore_ascii_case(name));
        // The nearest, should two have one name.
        self.stages[..stages].iter().rposition(is_name)
    }
}

/// Puts arguments in; the second part names one that has no default.
fn substitute(text: &str, defaults: &BTreeMap<String, Option<String>>) -> (String, Option<String>) {
    let (mut filled, mut missing) = (String::new(), None);
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        filled.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let (name, fallback, left) = match after.strip_prefix('{').and_then(|inner| inner.split_once('}')) {
            Some((inner, left)) => {
                let end = inner.find(|c: char| !is_name(c)).unwrap_or(inner.len());
                let fallback = inner[end..].strip_prefix(":-").or_else(|| inner[end..].strip_prefix('-'));
                (&inner[..end], fallback, left)
            }
            None => {
                let end = after.find(|c: char| !is_name(c)).unwrap_or(after.len());
                (&after[..end], None, &after[end..])
            }
        };
        match defaults
            .get(name)
            .cloned()
            .flatten()
            .filter(|value| !value.is_empty())
            .or(fallback.map(str::to_owned))
        {
            Some(value) => filled.push_str(&value),
            // An empty default is one: `FROM image${SUFFIX}`.
            None if defaults.get(name).is_some_and(Option::is_some) => {}
            None => missing = missing.or(Some(name.to_owned())),
        }
        rest = left;
    }
    filled.push_str(rest);
    (filled, missing)
}

fn is_templated(text: &str) -> bool {
    ["{{", "{%", "<%", "@@"].iter().any(|mark| text.contains(mark))
}

/// The escape character that a parser directive sets.
fn escape_character(text: &str) -> char {
    for line in text.lines() {
        let Some(directive) = line.trim().strip_prefix('#') else { break };
        let Some((name, value)) = directive.split_once('=') else { break };
        if name.trim().eq_ignore_ascii_case("escape") {
            return if value.trim() == "`" { '`' } else { '\\' };
        }
    }
    '\\'
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    escape: char,
}

impl<'t> Reader<'t> {
    /// The next line, without its end, and where it starts.
    fn line(&mut self) -> Option<(usize, &'t str)> {
        if self.at >= self.text.len() {
            return None;
        }
        let start = self.at;
        let rest = &self.text[start..];
        let end = rest.find('\n').unwrap_or(rest.len());
        self.at = (start + end + 1).min(self.text.len());
        Some((start, rest[..end].trim_end_matches('\r')))
    }

    fn instruction(&mut self) -> Option<Instruction> {
        let (start, first) = loop {
            let (start, line) = self.line()?;
            let trimmed = line.trim_start();
            if !trimmed.is_empty() && !trimmed.starts_with('#') {
                break (start, line);
            }
        };
        let mut logical = Logical::default();
        let mut end = self.add(&mut logical, start, first);
        let mut continues = self.continues(first);
        while continues {
            let Some((at, line)) = self.line() else { break };
            let trimmed = line.trim_start();
            if trimmed.is_empty() || trimmed.starts_with('#') {
                continue;
            }
            logical.push(" ", at.saturating_sub(1));
            end = self.add(&mut logical, at, line);
            continues = self.continues(line);
        }
        let indent = logical.text.len() - logical.text.trim_start().len();
        let body = &logical.text[indent..];
        let length = body.find(|c: char| c.is_ascii_whitespace()).unwrap_or(body.len());
        let keyword = body[..length].to_ascii_uppercase();
        let keyword_span = logical.span(indent, indent + length);
        let mut from = indent + length;
        let mut flags = Vec::new();
        let tail = logical.from(from);
        let lead = tail.text.len() - tail.text.trim_start().len();
        let mut cut = lead;
        for word in tail.words() {
            if !word.text.starts_with("--")
                || !matches!(keyword.as_str(), "FROM" | "RUN" | "COPY" | "ADD" | "HEALTHCHECK")
            {
                break;
            }
            cut = word.start + word.text.len();
            flags.push(Word { text: word.text[2..].to_owned(), ..word });
        }
        from += cut;
        let arguments = logical.from(from);
        let skip = arguments.text.len() - arguments.text.trim_start().len();
        let arguments = arguments.from(skip);
        let heredocs = if matches!(keyword.as_str(), "RUN" | "COPY" | "ADD") {
            self.heredocs(&arguments.text)
        } else {
            Vec::new()
        };
        let span = Span { start: keyword_span.start, end: to_u32(end) };
        Some(Instruction { keyword, span, keyword_span, flags, arguments, heredocs, stage: None })
    }

    /// Adds a line without its continuation; gives where its text ends.
    fn add(&self, logical: &mut Logical, at: usize, line: &str) -> usize {
        let trimmed = line.trim_end();
        let kept = if self.continues(line) { &trimmed[..trimmed.len() - 1] } else { trimmed };
        logical.push(kept, at);
        at + kept.trim_end().len()
    }

    fn continues(&self, line: &str) -> bool {
        line.trim_end().ends_with(self.escape)
    }

    /// The bodies of the heredocs that a line opens.
    fn heredocs(&mut self, arguments: &str) -> Vec<Logical> {
        let mut bodies = Vec::new();
        for (name, strip) in heredoc_names(arguments) {
            let mut body = Logical::default();
            while let Some((at, line)) = self.line() {
                let shown = if strip { line.trim_start_matches('\t') } else { line };
                if shown == name {
                    break;
                }
                body.push(shown, at + line.len() - shown.len());
                body.push("\n", at + line.len());
            }
            bodies.push(body);
        }
        bodies
    }
}

/// The names of the heredocs that a line opens, and whether tabs before their
/// lines go away: `<<EOF`, `<<-"EOF"`, `3<<EOF`.
fn heredoc_names(arguments: &str) -> Vec<(String, bool)> {
    let mut names = Vec::new();
    for word in arguments.split_ascii_whitespace() {
        let word = word.trim_start_matches(|c: char| c.is_ascii_digit());
        let Some(rest) = word.strip_prefix("<<") else { continue };
        let (strip, rest) = rest.strip_prefix('-').map_or((false, rest), |rest| (true, rest));
        let name = unquote(rest);
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if !name.is_empty() && name.chars().all(is_name) {
            names.push((name.to_owned(), strip));
        }
    }
    names
}

fn to_u32(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(text: &str) -> Vec<String> {
        let file = Dockerfile::parse(text);
        let show = |instruction: &Instruction| {
            let flags: Vec<&str> = instruction.flags.iter().map(|flag| flag.text.as_str()).collect();
            let words: Vec<&str> = instruction.arguments.text.split_ascii_whitespace().collect();
            format!("{} {:?} {}", instruction.keyword, flags, words.join(" "))
        };
        file.instructions.iter().map(show).collect()
    }

    #[test]
    fn lines_continue_past_comments_and_empty_lines() {
        assert_eq!(
            show(
                "from  --platform=$BUILDPLATFORM alpine AS x\r\nRUN a \\\r\n  # note\n\n && b \\  \n && c\nUSER y"
            ),
            ["FROM [\"platform=$BUILDPLATFORM\"] alpine AS x", "RUN [] a && b && c", "USER [] y"]
        );
        assert_eq!(
            show("# escape=`\nFROM x\nRUN a `\n b\\\nCMD c"),
            ["FROM [] x", "RUN [] a b\\", "CMD [] c"]
        );
    }

    #[test]
    fn heredocs_are_bodies() {
        let file = Dockerfile::parse(
            "FROM x\nRUN <<EOF\nUSER nobody\nEOF\nCOPY <<-\"A\" <<B /x/\n\tone\nA\ntwo\nB\nUSER y\n",
        );
        let keywords: Vec<&str> =
            file.instructions.iter().map(|instruction| instruction.keyword.as_str()).collect();
        assert_eq!(keywords, ["FROM", "RUN", "COPY", "USER"]);
        let bodies: Vec<&str> = file.instructions[2].heredocs.iter().map(|body| body.text.as_str()).collect();
        assert_eq!(bodies, ["one\n", "two\n"]);
    }

    #[test]
    fn stages_know_their_base() {
        let file = Dockerfile::parse(
            "ARG V=3.20\nARG IMAGE=alpine:${V}\nARG NONE\nFROM ${IMAGE} AS Base\nFROM base\nFROM $NONE\nFROM scratch\nFROM x${SUFFIX:-y}\n",
        );
        let bases: Vec<Base> = file.stages.into_iter().map(|stage| stage.base).collect();
        let image = |text: &str| Base::Image(text.to_owned());
        assert_eq!(
            bases,
            [
                image("alpine:3.20"),
                Base::Stage(0),
                Base::Unknown { argument: "NONE".into() },
                Base::Scratch,
                image("xy")
            ]
        );
    }

    #[test]
    fn pairs_come_in_three_forms() {
        let file = Dockerfile::parse("ENV A=1 \"B\"='x y' C=\"z\" \\\n  D=4\nENV E one two \nARG F\nARG G=");
        let pairs: Vec<String> = file
            .instructions
            .iter()
            .flat_map(Instruction::pairs)
            .map(|(name, value)| {
                format!("{}={}", name.text, value.map_or("-".to_owned(), |value| value.plain().to_owned()))
            })
            .collect();
        assert_eq!(pairs, ["A=1", "\"B\"=x y", "C=z", "D=4", "E=one two", "F=-", "G="]);
    }

    #[test]
    fn spans_point_into_the_file() {
        let text = "FROM x\nENV A=1 \\\n    SECRET=abc\n";
        let file = Dockerfile::parse(text);
        let (name, value) = file.instructions[1].pairs().remove(1);
        let slice = |span: Span| &text[span.start as usize..span.end as usize];
        assert_eq!((slice(name.span), slice(value.expect("there").span)), ("SECRET", "abc"));
        assert_eq!(slice(file.instructions[1].span), "ENV A=1 \\\n    SECRET=abc");
    }

    #[test]
    fn anything_can_be_read() {
        for text in [
            "",
            "\\",
            "FROM",
            "RUN <<",
            "RUN <<EOF",
            "ENV",
            "ENV A",
            "FROM \"",
            "ARG ${",
            "FROM ${x",
            "\\\n\\\n",
        ] {
            let _ = Dockerfile::parse(text);
        }
    }
}
