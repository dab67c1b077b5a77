//! Finding the matches of many patterns in one walk over a tree.
//!
//! Each pattern is filed under its anchor, the longest identifier or string that
//! it contains. The walk looks up the text of each such node once, so that a
//! pattern costs nothing where its anchor does not occur; patterns without an
//! anchor, such as `$A == $B`, are tried at each node of their root's kind.

use super::{
    Content, Pattern, Shape, between_quotes, compile, interpolates, is_plain_part, is_separator,
    is_string_kind,
};
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use tree_sitter::{Node, Tree, TreeCursor};

/// Comparisons that patterns which backtrack may take at one node and in one
/// document. Only patterns with a repeated metavariable backtrack.
const NODE_STEPS: u32 = 20_000;
const DOCUMENT_STEPS: u32 = 5_000_000;

/// One place where a pattern matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatternMatch {
    /// The pattern's id, as it was given.
    pub id: u32,
    /// Where the match starts, in bytes.
    pub start: u32,
    /// Where it ends, exclusive.
    pub end: u32,
    /// The whole match, then what its metavariables stand for, by position. A
    /// `$$$X` has one entry for each sibling.
    pub captures: Vec<Capture>,
}

/// What a metavariable stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capture {
    /// Index into [`Pattern::captures`].
    pub index: u16,
    /// Kind of the node, as the grammar numbers it. For the content of a string
    /// literal, the kind of the literal.
    pub kind: u16,
    /// Where it starts, in bytes.
    pub start: u32,
    /// Where it ends, exclusive.
    pub end: u32,
}

/// The matches in one document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Matched {
    /// Ordered by start, end and id.
    pub found: Vec<PatternMatch>,
    /// Whether the limit on comparisons was reached, so that some may be missing.
    pub cut: bool,
}

/// The patterns of one language.
#[derive(Debug, Default)]
pub struct PatternSet {
    patterns: Vec<(u32, Pattern)>,
    /// What to do at a node, by kind.
    kinds: Vec<u8>,
    /// Patterns by the hash of their anchor; with each, the anchor's depth.
    anchored: HashMap<u64, Vec<(u32, u32)>>,
    /// Whether any anchor has this hash, modulo the number of bits.
    sieve: Vec<u64>,
    longest_anchor: usize,
    /// Patterns without an anchor, by the kind of their root.
    by_root: HashMap<u16, Vec<u32>>,
}

/// Nodes of the kind may be anchors.
const ANCHOR: u8 = 1;
/// Nodes of the kind are string literals, and some anchor is one.
const STRING_ANCHOR: u8 = 2;
/// Nodes of the kind may be roots of patterns without an anchor.
const ROOT: u8 = 4;
/// Tokens of the kind are passed over.
const SEPARATOR: u8 = 8;
/// Nodes of the kind are string literals.
const STRING: u8 = 16;
/// Nodes of the kind are plain text in a string literal.
const PLAIN: u8 = 32;

/// Nodes of the kind are the statements of a block, which an empty block lacks.
const LIST: u8 = 64;

const SIEVE_WORDS: usize = 128;

impl PatternSet {
    /// Joins patterns, all of one language, each with an id to report it by.
    #[must_use]
    pub fn new(patterns: Vec<(u32, Pattern)>) -> Self {
        let mut set = Self { patterns, sieve: vec![0; SIEVE_WORDS], ..Self::default() };
        let Some((_, first)) = set.patterns.first() else {
            return set;
        };
        set.kinds = kinds(first);
        for index in 0..set.patterns.len() {
            set.file(index);
        }
        set
    }

    /// Whether there is nothing to match.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    fn file(&mut self, index: usize) {
        let shape = &self.patterns[index].1.shape;
        let number = u32::try_from(index).expect("fewer than 2^32 patterns");
        if let Some((text, depth, kind)) = compile::anchor(shape) {
            match kind {
                Some(kind) => self.kinds[usize::from(kind)] |= ANCHOR,
                None => self
                    .kinds
                    .iter_mut()
                    .filter(|flags| **flags & STRING != 0)
                    .for_each(|flags| *flags |= STRING_ANCHOR),
            }
            let hash = hash(text.as_bytes());
            self.sieve[sieve_word(hash)] |= 1 << (hash % 64);
            self.longest_anchor = self.longest_anchor.max(text.len());
            self.anchored.entry(hash).or_default().push((number, u32::try_from(depth).expect("at most 64")));
            return;
        }
        let roots: Vec<u16> = match shape {
            Shape::Token { kind } | Shape::Leaf { kind, .. } | Shape::Branch { kind, .. } => {
                vec![*kind]
            }
            Shape::Text { .. } | Shape::Any { .. } | Shape::Many { .. } => {
                let is_string = |(_, flags): &(usize, &u8)| **flags & STRING != 0;
                let strings = self.kinds.iter().enumerate().filter(is_string);
                strings.map(|(kind, _)| u16::try_from(kind).expect("kinds are u16")).collect()
            }
        };
        for kind in roots {
            self.kinds[usize::from(kind)] |= ROOT;
            self.by_root.entry(kind).or_default().push(number);
        }
    }

    /// Finds all matches in a tree of the patterns' language.
    #[must_use]
    pub fn matches(&self, tree: &Tree, text: &str) -> Matched {
        if self.patterns.is_empty() {
            return Matched::default();
        }
        let mut walk = Walk {
            set: self,
            text,
            cursor: tree.walk(),
            nodes: Vec::new(),
            bound: Vec::new(),
            captures: Vec::new(),
            steps: 0,
            steps_left: DOCUMENT_STEPS,
            tried: HashSet::new(),
            matched: Matched::default(),
        };
        walk.tree(tree);
        let mut matched = walk.matched;
        matched.found.sort_by_key(|found| (found.start, found.end, found.id));
        matched.found.dedup_by_key(|found| (found.start, found.end, found.id));
        matched
    }
}

/// Returns what the grammar alone says of each kind.
fn kinds(pattern: &Pattern) -> Vec<u8> {
    let grammar = &pattern.grammar;
    let flags = |kind: usize| {
        let kind = u16::try_from(kind).expect("kinds are u16");
        let name = grammar.node_kind_for_id(kind).unwrap_or_default();
        match grammar.node_kind_is_named(kind) {
            false if is_separator(&pattern.language, name) => SEPARATOR,
            false => 0,
            true if is_string_kind(name) => STRING,
            true if matches!(name, "statement_list" | "body" | "body_statement" | "block_body") => LIST,
            true if is_plain_part(name) => PLAIN,
            true => 0,
        }
    };
    (0..grammar.node_kind_count()).map(flags).collect()
}

/// FNV-1a over ASCII lower case.
fn hash(text: &[u8]) -> u64 {
    let step =
        |hash: u64, byte: &u8| (hash ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0000_01b3);
    text.iter().fold(0xcbf2_9ce4_8422_2325, step)
}

fn sieve_word(hash: u64) -> usize {
    (hash >> 32) as usize % SIEVE_WORDS
}

/// One walk over one tree.
struct Walk<'a, 'tree> {
    set: &'a PatternSet,
    text: &'a str,
    /// For collecting children.
    cursor: TreeCursor<'tree>,
    /// The children of the nodes that are being compared.
    nodes: Vec<Node<'tree>>,
    /// What repeated metavariables stand for.
    bound: Vec<(u16, Range<usize>)>,
    captures: Vec<Capture>,
    /// Steps left at this node, and after it in the document.
    steps: u32,
    steps_left: u32,
    /// Patterns with the nodes at which they have been tried.
    tried: HashSet<(u32, usize)>,
    matched: Matched,
}

impl<'tree> Walk<'_, 'tree> {
    fn tree(&mut self, tree: &'tree Tree) {
        let mut cursor = tree.walk();
        let mut ancestors: Vec<Node<'tree>> = Vec::new();
        loop {
            let node = cursor.node();
            let flags = self.flags(node);
            if flags & (ANCHOR | STRING_ANCHOR | ROOT) != 0 {
                self.visit(node, flags, &ancestors);
            }
            if cursor.goto_first_child() {
                ancestors.push(node);
                continue;
            }
            while !cursor.goto_next_sibling() {
                if !cursor.goto_parent() {
                    return;
                }
                ancestors.pop();
            }
        }
    }

    fn visit(&mut self, node: Node<'tree>, flags: u8, ancestors: &[Node<'tree>]) {
        let set = self.set;
        let range = node.byte_range();
        if flags & ANCHOR != 0 && range.len() <= set.longest_anchor {
            self.anchor(node, range.clone(), ancestors);
        }
        // Six bytes for the longest quotes, some for a prefix.
        if flags & STRING_ANCHOR != 0
            && range.len() <= set.longest_anchor + 12
            && let Some(inner) = between_quotes(&self.text[range.clone()])
        {
            self.anchor(node, range.start + inner.start..range.start + inner.end, ancestors);
        }
        if flags & ROOT != 0 {
            for pattern in set.by_root.get(&node.kind_id()).into_iter().flatten() {
                self.attempt(*pattern, node);
            }
        }
    }

    /// Tries the patterns whose anchor is this text.
    fn anchor(&mut self, node: Node<'tree>, range: Range<usize>, ancestors: &[Node<'tree>]) {
        let set = self.set;
        let hash = hash(&self.text.as_bytes()[range]);
        if set.sieve[sieve_word(hash)] & 1 << (hash % 64) == 0 {
            return;
        }
        for (pattern, depth) in set.anchored.get(&hash).into_iter().flatten() {
            let depth = *depth as usize;
            let root = match depth.checked_sub(1) {
                None => Some(node),
                Some(_) => ancestors.len().checked_sub(depth).map(|at| ancestors[at]),
            };
            // The anchor may occur several times below one root.
            if let Some(root) = root
                && self.may_be_root(*pattern, root)
                && (depth == 0 || self.tried.insert((*pattern, root.id())))
            {
                self.attempt(*pattern, root);
            }
        }
    }

    fn may_be_root(&self, pattern: u32, node: Node) -> bool {
        match &self.set.patterns[pattern as usize].1.shape {
            Shape::Token { kind } | Shape::Leaf { kind, .. } | Shape::Branch { kind, .. } => {
                *kind == node.kind_id()
            }
            Shape::Text { .. } => self.flags(node) & STRING != 0,
            Shape::Any { .. } | Shape::Many { .. } => false,
        }
    }

    fn attempt(&mut self, pattern: u32, root: Node<'tree>) {
        let set = self.set;
        let (id, pattern) = &set.patterns[pattern as usize];
        self.bound.clear();
        self.captures.clear();
        let granted = if pattern.repeats { self.steps_left.min(NODE_STEPS) } else { u32::MAX };
        self.steps = granted;
        let is_match = self.node(&pattern.shape, root, pattern.repeats);
        if pattern.repeats {
            self.steps_left -= granted - self.steps;
            self.matched.cut |= self.steps == 0;
        }
        if !is_match {
            return;
        }
        let whole = capture(0, root.kind_id(), root.byte_range());
        let mut captures = vec![whole];
        captures.append(&mut self.captures);
        captures[1..].sort_by_key(|capture| (capture.start, capture.end, capture.index));
        self.matched.found.push(PatternMatch { id: *id, start: whole.start, end: whole.end, captures });
    }

    /// Compares one node. Recursion is as deep as the pattern.
    fn node(&mut self, shape: &Shape, node: Node<'tree>, repeats: bool) -> bool {
        if !self.spend(1) {
            return false;
        }
        match shape {
            Shape::Any { capture } => {
                let is_word = || self.text[node.byte_range()].starts_with(|c: char| c.is_ascii_alphabetic());
                !node.is_error() && (node.is_named() || is_word()) && self.bind(*capture, &[node], repeats)
            }
            // Only a part of a branch can be many.
            Shape::Many { .. } => false,
            Shape::Token { kind } => node.kind_id() == *kind,
            Shape::Leaf { kind, text, fold } => {
                node.kind_id() == *kind && {
                    let found = &self.text[node.byte_range()];
                    if *fold { found.eq_ignore_ascii_case(text) } else { found == &**text }
                }
            }
            Shape::Text { content } => self.flags(node) & STRING != 0 && self.string(content, node, repeats),
            Shape::Branch { kind, parts } => {
                node.kind_id() == *kind && {
                    let start = self.nodes.len();
                    self.collect(node);
                    let is_match = self.siblings(parts, start, self.nodes.len(), repeats);
                    self.nodes.truncate(start);
                    is_match
                }
            }
        }
    }

    /// Compares siblings with parts of a shape. Without repeated metavariables,
    /// what stands between two `$$$` is taken where it first fits, since
    /// nothing that follows can prefer a later place.
    fn siblings(&mut self, parts: &[Shape], start: usize, end: usize, repeats: bool) -> bool {
        let fixed = parts.iter().take_while(|part| !matches!(part, Shape::Many { .. })).count();
        if end - start < fixed || !self.run(&parts[..fixed], start, repeats) {
            return false;
        }
        let start = start + fixed;
        let Some(Shape::Many { capture }) = parts.get(fixed) else {
            return start == end;
        };
        let rest = &parts[fixed + 1..];
        let next = rest.iter().take_while(|part| !matches!(part, Shape::Many { .. })).count();
        let is_last = next == rest.len();
        if end - start < next {
            return false;
        }
        let first = if is_last { end - next } else { start };
        for at in first..=end - next {
            let (bound, captures) = (self.bound.len(), self.captures.len());
            if self.run(&rest[..next], at, repeats) && self.many(*capture, start..at, repeats) {
                if self.siblings(&rest[next..], at + next, end, repeats) {
                    return true;
                }
                if !repeats {
                    return false;
                }
            }
            self.bound.truncate(bound);
            self.captures.truncate(captures);
            if repeats && self.steps == 0 {
                return false;
            }
        }
        false
    }

    fn run(&mut self, parts: &[Shape], start: usize, repeats: bool) -> bool {
        parts.iter().enumerate().all(|(index, part)| self.node(part, self.nodes[start + index], repeats))
    }

    fn many(&mut self, capture: Option<u16>, siblings: Range<usize>, repeats: bool) -> bool {
        if capture.is_none() {
            return true;
        }
        if !self.spend(siblings.len()) {
            return false;
        }
        let start = self.nodes.len();
        match self.nodes[siblings.clone()] {
            [only] if self.flags(only) & LIST != 0 => self.collect(only),
            _ => self.nodes.extend_from_within(siblings),
        }
        let siblings = self.nodes.split_off(start);
        self.bind(capture, &siblings, repeats)
    }

    /// Lets a metavariable stand for nodes, if it does not stand for something
    /// else already.
    fn bind(&mut self, index: Option<u16>, nodes: &[Node<'tree>], repeats: bool) -> bool {
        let Some(index) = index else { return true };
        if repeats {
            let range = match nodes {
                [first, .., last] => first.start_byte()..last.end_byte(),
                [only] => only.byte_range(),
                [] => 0..0,
            };
            match self.bind_text(index, range) {
                Bound::New => {}
                Bound::Same => return true,
                Bound::Other => return false,
            }
        }
        let innermost =
            nodes.iter().filter(|node| node.is_named() || nodes.len() == 1).map(|node| innermost(*node));
        self.captures.extend(innermost.map(|node| capture(index, node.kind_id(), node.byte_range())));
        true
    }

    fn bind_text(&mut self, index: u16, range: Range<usize>) -> Bound {
        let Some((_, known)) = self.bound.iter().find(|(bound, _)| *bound == index) else {
            self.bound.push((index, range));
            return Bound::New;
        };
        let known = known.clone();
        let is_same = self.spend(known.len().min(range.len()) / 16)
            && is_same_text(&self.text[known], &self.text[range]);
        if is_same { Bound::Same } else { Bound::Other }
    }

    fn string(&mut self, content: &Content, node: Node<'tree>, repeats: bool) -> bool {
        let start = node.start_byte();
        let Some(inner) = between_quotes(&self.text[node.byte_range()]) else {
            return false;
        };
        let inner = start + inner.start..start + inner.end;
        let index = match content {
            Content::Exactly(text) => {
                return self.text[inner.clone()] == **text && self.is_plain(node, inner);
            }
            Content::Plain { capture } if self.is_plain(node, inner.clone()) => capture,
            Content::Plain { .. } => return false,
            Content::Anything { capture } => capture,
        };
        let Some(index) = *index else { return true };
        match if repeats { self.bind_text(index, inner.clone()) } else { Bound::New } {
            Bound::New => self.captures.push(capture(index, node.kind_id(), inner)),
            Bound::Same => {}
            Bound::Other => return false,
        }
        true
    }

    /// Whether a string literal has no interpolation.
    fn is_plain(&mut self, node: Node<'tree>, content: Range<usize>) -> bool {
        if interpolates(&self.set.patterns[0].1.language, &self.text[content]) {
            return false;
        }
        let start = self.nodes.len();
        self.collect(node);
        let is_plain =
            self.nodes[start..].iter().all(|part| !part.is_named() || self.flags(*part) & PLAIN != 0);
        self.nodes.truncate(start);
        is_plain
    }

    /// Appends the children that matter.
    fn collect(&mut self, node: Node<'tree>) {
        self.cursor.reset(node);
        let mut more = self.cursor.goto_first_child();
        while more {
            let child = self.cursor.node();
            if self.flags(child) & SEPARATOR == 0
                && !child.is_extra()
                && child.start_byte() < child.end_byte()
            {
                self.nodes.push(child);
            }
            more = self.cursor.goto_next_sibling();
        }
    }

    fn flags(&self, node: Node) -> u8 {
        self.set.kinds.get(usize::from(node.kind_id())).copied().unwrap_or_default()
    }

    /// Takes steps, of which patterns that backtrack have a limited number.
    fn spend(&mut self, steps: usize) -> bool {
        self.steps = self.steps.saturating_sub(u32::try_from(steps).unwrap_or(u32::MAX));
        self.steps > 0
    }
}

enum Bound {
    New,
    Same,
    Other,
}

fn capture(index: u16, kind: u16, range: Range<usize>) -> Capture {
    let offset = |at: usize| u32::try_from(at).expect("documents are smaller than 4 GiB");
    Capture { index, kind, start: offset(range.start), end: offset(range.end) }
}

/// Returns the innermost node with the same text: the call in an argument.
fn innermost(mut node: Node) -> Node {
    while node.child_count() == 1
        && let Some(child) = node.named_child(0)
        && child.byte_range() == node.byte_range()
    {
        node = child;
    }
    node
}

fn is_same_text(one: &str, other: &str) -> bool {
    let significant = |text| str::bytes(text).filter(|byte| !byte.is_ascii_whitespace());
    significant(one).eq(significant(other))
}
