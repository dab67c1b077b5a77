//! Syntax: parsing a document once, and what every plugin wants to know of it.
//!
//! A parse is bounded by bytes and by steps of the parser, never by time, so
//! that the same text is cut at the same place on every machine. What the
//! trees mean is read in [`structure`].

pub mod language;
pub mod structure;

use std::cell::RefCell;
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
/// Real code takes 3 to 25 (the highest of them C#), junk hundreds, so the two are far apart.
const CALLBACKS_PER_KIB: usize = 60;

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
            let mut parser = Parser::new();
            parser.set_language(&language.grammar()?).expect("a test sets every grammar");
            *slot = Some(parser);
        }
        let parser = slot.as_mut()?;
        let budget = CALLBACKS + text.len() * CALLBACKS_PER_KIB / 1024;
        let reached = match run(parser, text, old, budget) {
            Ok(tree) => return Some(Parsed { language, tree, cut: false }),
            Err(reached) => reached,
        };
        // What was read before the trouble began still deserves checking.
        let prefix = &text[..text.floor_char_boundary(reached / 2)];
        let tree = run(parser, prefix, None, budget / 2)
            .or_else(|_| run(parser, "", None, CALLBACKS))
            .expect("nothing takes no steps to parse");
        Some(Parsed { language, tree, cut: true })
    })
}

/// Runs the parser; an error carries the offset that it had reached.
fn run(parser: &mut Parser, text: &str, old: Option<&Tree>, budget: usize) -> Result<Tree, usize> {
    let mut left = budget;
    let mut reached = 0;
    let mut progress = |state: &tree_sitter::ParseState| {
        reached = state.current_byte_offset();
        match left.checked_sub(1) {
            Some(rest) => {
                left = rest;
                ControlFlow::Continue(())
            }
            None => ControlFlow::Break(()),
        }
    };
    let options = ParseOptions::new().progress_callback(&mut progress);
    let bytes = text.as_bytes();
    let tree = parser.parse_with_options(
        &mut |offset, _| bytes.get(offset..).unwrap_or_default(),
        old,
        Some(options),
    );
    tree.ok_or_else(|| {
        parser.reset();
        reached.min(text.len())
    })
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
                names.extend(
                    shape
                        .pick(node, target)
                        .map(|key| structure::names::unquoted(slice(text, key))),
                );
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
    let Some(shape) = Shape::of(parsed.language) else { return false };
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
        if cursor.goto_first_child_for_byte(offset).is_some()
            && cursor.node().start_byte() <= offset
        {
            next = Some(cursor.node());
        }
        Some(node)
    })
}

/// The text of a node; empty where the tree belongs to another text.
fn slice<'t>(text: &'t str, node: Node<'_>) -> &'t str {
    text.get(node.byte_range()).unwrap_or_default()
}
