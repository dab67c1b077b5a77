//! Syntax: parsing a document once, and what every plugin wants to know of it.
//!
//! A parse is bounded by bytes and by steps of the parser, never by time, so
//! that the same text is cut at the same place on every machine. What the
//! trees mean is read in [`structure`].

mod allocated;
pub mod embedded;
pub mod language;
pub mod structure;

use std::cell::{Cell, RefCell};
use std::ops::ControlFlow;

use tree_sitter::{Node, ParseOptions, Parser, Tree};

pub use language::Language;
use structure::shape::{Pick, Role, Shape};

/// Longer texts are not parsed; text patterns still see them.
pub const LONGEST: usize = 2 << 20;

/// Progress callbacks that any parse may use, whatever its length.
///
/// The parser calls back once in a hundred of its steps.
const CALLBACKS: usize = 2_000;

/// Progress callbacks for each KiB of text.
///
/// Measured: code takes 3 to 28, random characters of an HCL file 65.
const CALLBACKS_PER_KIB: usize = 60;

/// Bytes that the parser may ask for, in sum, whatever a text's length.
const BYTES: usize = 4 << 20;

/// Bytes that the parser may ask for, in sum, for each byte of text.
///
/// Measured over 51 000 files of sixty projects: code takes 10 to 40, at most
/// 124 where a file is short and 80 where it is not.
const BYTES_PER_BYTE: usize = 100;

/// Bytes of text that the parser is given at once.
const PIECE: usize = 1 << 10;

/// Pieces that the parser may ask for, whatever a text's length.
const PIECES: usize = 2_000;

/// How many times the parser may ask for each piece, on average.
const READS: usize = 60;

/// Texts up to this length are parsed whatever they hold: it takes half a second at worst.
const SHORT: usize = 16 << 10;

/// Brackets nested deeper than this are no code, and cost the square of their depth.
const DEEPEST: usize = 1_500;

/// Blocks of YAML nested deeper than this are not parsed.
const DEEPEST_YAML: usize = 110;

/// Elements of HTML nested deeper than this are not parsed; browsers give up at 512.
const DEEPEST_HTML: usize = 300;

/// Elements of HTML that hold nothing, or that people leave open.
const UNCLOSED_HTML: &[&str] = &[
    "area", "base", "basefont", "bgsound", "br", "col", "command", "dd", "dt", "embed", "frame", "hr",
    "image", "img", "input", "isindex", "keygen", "li", "link", "meta", "menuitem", "nextid", "option", "p",
    "param", "rp", "rt", "source", "tbody", "td", "tfoot", "th", "thead", "tr", "track", "wbr",
];

/// The parser's own clean-up recurses, up to once for each byte of text, and
/// uses about a hundred bytes of stack each time.
const STACK_PER_BYTE: usize = 160;

/// The syntax tree of one document.
#[derive(Debug, Clone)]
pub struct Parsed {
    /// The language whose grammar made the tree.
    pub language: Language,
    /// The tree; of a cut parse, one of the first part of the text only.
    pub tree: Tree,
    /// Says that the parser gave up before the end: the run is incomplete.
    pub cut: bool,
}

/// Parses a text; `None` if the language has no grammar or the text is too long.
///
/// `old` is the tree of an earlier version, already edited, whose unchanged
/// parts are taken over. A text that costs the parser far more than code does
/// is cut, and the tree then covers a prefix of it.
pub fn parse(language: Language, text: &str, old: Option<&Tree>) -> Option<Parsed> {
    thread_local! {
        static PARSERS: RefCell<[Option<Parser>; Language::COUNT]> =
            const { RefCell::new([const { None }; Language::COUNT]) };
    }
    if text.len() > LONGEST {
        return None;
    }
    PARSERS.with_borrow_mut(|parsers| {
        let slot = &mut parsers[language as usize];
        if slot.is_none() {
            *slot = Some(new_parser(language)?);
        }
        let parser = slot.as_mut()?;
        let shallow = match language {
            Language::Yaml => shallow_yaml(shallow(text)),
            Language::Html => shallow_html(shallow(text)),
            _ => shallow(text),
        };
        if shallow.len() < text.len() {
            let parsed = with_stack(parser, language, shallow, None)?;
            return Some(Parsed { cut: true, ..parsed });
        }
        with_stack(parser, language, text, old)
    })
}

/// The first part of a text, up to where it nests too deep.
fn shallow(text: &str) -> &str {
    let mut depth = 0_usize;
    for (offset, byte) in text.bytes().enumerate() {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEEPEST {
            return &text[..offset];
        }
    }
    text
}

/// The same for blocks that nest by indentation.
///
/// The grammar's scanner keeps its levels in a buffer of fixed size and aborts
/// the process when it is full, which takes 254 of them. A column can hold two
/// levels, a mapping's and that of the sequence it contains.
fn shallow_yaml(text: &str) -> &str {
    let mut columns: Vec<usize> = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let mut open = true;
        for (column, byte) in line.bytes().enumerate() {
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' => continue,
                _ if !open => break,
                _ => {}
            }
            let deeper = columns.partition_point(|known| *known < column);
            columns.truncate(deeper);
            columns.push(column);
            // After one of these a block may begin on the same line.
            let next = line.as_bytes().get(column + 1);
            open = matches!(byte, b'-' | b'?' | b':') && matches!(next, Some(b' ' | b'\t'));
        }
        if columns.len() > DEEPEST_YAML {
            return &text[..start];
        }
        start += line.len();
    }
    text
}

/// The same for elements that enclose others.
///
/// For each word the grammar's scanner goes through all that are open.
fn shallow_html(text: &str) -> &str {
    let mut depth = 0_usize;
    for at in memchr::memchr_iter(b'<', text.as_bytes()) {
        let after = &text[at + 1..];
        let length = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(after.len());
        let name = &after[..length];
        if after.starts_with('/') {
            depth = depth.saturating_sub(1);
        } else if name.starts_with(|c: char| c.is_ascii_alphabetic())
            && !UNCLOSED_HTML.iter().any(|known| known.eq_ignore_ascii_case(name))
        {
            depth += 1;
        }
        if depth > DEEPEST_HTML {
            return &text[..at];
        }
    }
    text
}

/// Parses on this thread, or on one with more stack if the text might need it.
fn with_stack(parser: &mut Parser, language: Language, text: &str, old: Option<&Tree>) -> Option<Parsed> {
    if text.len() <= SHORT {
        return Some(bounded(parser, language, text, old));
    }
    // A longer text could nest deeper than this thread's stack.
    let run = std::thread::scope(|scope| {
        std::thread::Builder::new()
            .stack_size((1 << 20) + text.len() * STACK_PER_BYTE)
            .spawn_scoped(scope, || bounded(&mut *parser, language, text, old))
            .ok()?
            .join()
            .ok()
    });
    run.or_else(|| {
        let tree = parser.parse("", None)?;
        Some(Parsed { language, tree, cut: true })
    })
}

fn new_parser(language: Language) -> Option<Parser> {
    let mut parser = Parser::new();
    parser.set_language(&language.grammar()?).expect("a test sets every grammar");
    Some(parser)
}

/// Parses as much of a text as the budget allows.
fn bounded(parser: &mut Parser, language: Language, text: &str, old: Option<&Tree>) -> Parsed {
    let (tree, reached) = Budget::of(text).parse(parser, text, old);
    if let Some(tree) = tree {
        return Parsed { language, tree, cut: false };
    }
    // The first part is parsed again on its own, without what it was cut for.
    // What was cheap to read may be costly to end: that may take several steps.
    let mut end = reached - reached / 4;
    loop {
        parser.reset();
        let part = &text[..text.floor_char_boundary(end)];
        if let (Some(tree), _) = Budget::of(part).parse(parser, part, None) {
            return Parsed { language, tree, cut: true };
        }
        end /= 2;
    }
}

/// What a parse may cost.
struct Budget {
    callbacks: usize,
    bytes: usize,
    pieces: usize,
}

impl Budget {
    fn of(text: &str) -> Self {
        Self {
            callbacks: CALLBACKS + text.len() * CALLBACKS_PER_KIB / 1024,
            bytes: BYTES + text.len() * BYTES_PER_BYTE,
            pieces: PIECES + text.len() * READS / PIECE,
        }
    }

    /// Parses until the budget is spent. Says how far it came.
    fn parse(self, parser: &mut Parser, text: &str, old: Option<&Tree>) -> (Option<Tree>, usize) {
        let begun = allocated::bytes();
        let (mut callbacks, mut reached) = (0, 0);
        let pieces = Cell::new(0);
        let mut progress = |state: &tree_sitter::ParseState| {
            reached = state.current_byte_offset().min(text.len());
            callbacks += 1;
            let bytes = allocated::bytes().wrapping_sub(begun);
            let spent = callbacks > self.callbacks || bytes > self.bytes || pieces.get() > self.pieces;
            if spent { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let options = ParseOptions::new().progress_callback(&mut progress);
        let mut read = |offset: usize, _| {
            pieces.set(pieces.get() + 1);
            // Some scanners look for an end through the whole text, again and
            // again: beyond the budget, the text ends here.
            let end = if pieces.get() > self.pieces { offset } else { text.len().min(offset + PIECE) };
            text.as_bytes().get(offset..end).unwrap_or_default()
        };
        let tree = parser.parse_with_options(&mut read, old, Some(options));
        // Without a callback after the last piece, the tree is one of half a text.
        (tree.filter(|_| pieces.get() <= self.pieces), reached)
    }
}

/// The dotted names of the functions and classes around an offset.
///
/// In data formats the keys stand for them. It is what fingerprints hang on to,
/// because it outlives edits elsewhere in the file.
pub fn enclosing_name(parsed: &Parsed, text: &str, offset: usize) -> Option<String> {
    let shape = Shape::of(parsed.language)?;
    let mut names: Vec<&str> = Vec::new();
    // An anonymous function goes by the name of what it is assigned to.
    let mut assigned: Option<Node> = None;
    for node in path_to(parsed, offset) {
        match shape.role(node) {
            Role::Function { name, .. } => match shape.pick(node, name).or(assigned.take()) {
                Some(name) => names.push(structure::names::last(slice(text, name))),
                None => continue,
            },
            Role::Class { name: Pick::Kinds(kinds) } => {
                let mut cursor = node.walk();
                names.extend(
                    node.named_children(&mut cursor)
                        .filter(|child| kinds.contains(&child.kind_id()))
                        .map(|child| structure::names::unquoted(slice(text, child))),
                );
            }
            Role::Class { name } => {
                names.extend(shape.pick(node, name).map(|name| slice(text, name)));
            }
            Role::Pair { target, .. } if shape.keys_are_names => {
                names
                    .extend(shape.pick(node, target).map(|key| structure::names::unquoted(slice(text, key))));
            }
            Role::Assign { target, .. } | Role::Pair { target, .. } => {
                assigned = shape.pick(node, target);
            }
            Role::List => names.extend(structure::clojure::defined_name(node, text)),
            _ => {}
        }
    }
    // A name as long as a book, or a thousand levels of keys, names nothing.
    names.retain(|name| !name.is_empty() && name.len() <= 200);
    names.truncate(32);
    (!names.is_empty()).then(|| names.join("."))
}

/// Says whether an offset lies in a comment or in the text of a string.
///
/// Code inside an interpolation is code.
pub fn is_comment_or_string(parsed: &Parsed, offset: usize) -> bool {
    let Some(shape) = Shape::of(parsed.language) else {
        return false;
    };
    let mut inside = false;
    for node in path_to(parsed, offset) {
        match shape.role(node) {
            Role::Comment | Role::String { .. } => inside = true,
            Role::Interpolation => inside = false,
            _ => {}
        }
    }
    inside
}

/// The nodes around an offset, outermost first.
fn path_to(parsed: &Parsed, offset: usize) -> impl Iterator<Item = Node<'_>> {
    let mut cursor = parsed.tree.walk();
    let mut next = Some(cursor.node());
    std::iter::from_fn(move || {
        let node = next.take()?;
        if cursor.goto_first_child_for_byte(offset).is_some() && cursor.node().start_byte() <= offset {
            next = Some(cursor.node());
        }
        Some(node)
    })
}

/// The text of a node; empty where the tree belongs to another text.
fn slice<'t>(text: &'t str, node: Node<'_>) -> &'t str {
    text.get(node.byte_range()).unwrap_or_default()
}

/// The number of places where a text does not fit the grammar.
#[must_use]
pub fn errors(parsed: &Parsed) -> usize {
    let mut cursor = parsed.tree.walk();
    let mut count = 0;
    loop {
        let node = cursor.node();
        count += usize::from(node.is_error() || node.is_missing());
        if node.has_error() && cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return count;
            }
        }
    }
}
