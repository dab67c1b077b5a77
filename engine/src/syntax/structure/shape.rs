//! What the node kinds of each grammar mean, compiled from tables of names.
//!
//! The tables themselves are in `shapes`; here a table becomes an array that is
//! indexed by kind, so that a walk decides on a node with one look.

use std::collections::HashMap;
use std::sync::OnceLock;

use tree_sitter::{Node, TreeCursor};

use super::shapes::{self, Row};
use crate::syntax::Language;

/// Which child of a node is meant.
///
/// In the tables a word: `""` none, `"."` the node itself, `"0"` the first named
/// child, `"0/2"` the first of at least two, `"-1"` the last, `"="` the one after
/// the token `=`, `"<a|b>"` the first of these kinds, anything else a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Pick {
    None,
    Itself,
    Field(u16),
    First { of: usize },
    Last,
    After(u16),
    Kinds(Box<[u16]>),
}

/// What a node kind is to the shared queries. `P` is a [`Pick`], or the word for one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Role<P = Pick> {
    #[default]
    None,
    /// A call whose callee is one node.
    Call {
        callee: P,
        arguments: P,
    },
    /// A call that names object and method separately.
    Method {
        object: P,
        name: P,
        arguments: P,
    },
    /// A construct of the language that acts like a call.
    Keyword {
        symbol: &'static str,
        arguments: P,
    },
    /// A macro call: its arguments are tokens.
    Macro {
        name: P,
        arguments: P,
    },
    /// An import; each language has its own reader.
    Import,
    /// Gives a name a value.
    Assign {
        target: P,
        value: P,
    },
    /// Gives a value to a key, a field or an argument, and binds no name.
    Pair {
        target: P,
        value: P,
    },
    /// A string literal. With a pick, the content is what those children span.
    String {
        content: P,
    },
    /// A function, which opens a scope.
    Function {
        name: P,
        parameters: P,
    },
    /// A class or whatever else gives its content a name.
    Class {
        name: P,
    },
    /// A block with names of its own.
    Block,
    Decorator {
        name: P,
        arguments: P,
    },
    /// Binds names to something unknown.
    Bind {
        name: P,
    },
    Comment,
    /// Code inside a string.
    Interpolation,
    /// A Clojure list, whose first symbol says what it is.
    List,
}

/// What one grammar's node kinds mean.
pub(crate) struct Shape {
    roles: Box<[Role]>,
    /// Around an argument: kind, its name, its value.
    pub(crate) arguments: Box<[(u16, Pick, Pick)]>,
    /// Nodes with an object and a member, with the object.
    pub(crate) members: Box<[(u16, Pick)]>,
    /// Nodes that only wrap one other.
    pub(crate) wrappers: Box<[u16]>,
    /// Literals with keys.
    pub(crate) literals: Box<[u16]>,
    /// Nodes whose child may be a literal with keys.
    pub(crate) through: Box<[u16]>,
    /// Children of a call that are no arguments.
    pub(crate) not_arguments: Box<[u16]>,
    /// Nodes that hold several patterns, each with names to bind.
    pub(crate) patterns: Box<[u16]>,
    /// Tuples: their elements are assigned one by one.
    pub(crate) tuples: Box<[u16]>,
    /// Keys stand for names (data formats).
    pub(crate) keys_are_names: bool,
}

impl Shape {
    /// The shape of a language, built on first use.
    pub(crate) fn of(language: Language) -> Option<&'static Self> {
        static SHAPES: [OnceLock<Option<Shape>>; Language::COUNT] =
            [const { OnceLock::new() }; Language::COUNT];
        SHAPES[language as usize].get_or_init(|| Self::compile(language)).as_ref()
    }

    fn compile(language: Language) -> Option<Self> {
        let grammar = language.grammar()?;
        let names = Names::of(&grammar);
        let table = shapes::table(language);
        let kinds = |words: &[&str]| words.iter().flat_map(|word| names.ids(word)).copied().collect();
        let mut roles = vec![Role::None; names.grammar.node_kind_count()].into_boxed_slice();
        for (name, ids) in &names.kinds {
            if name.ends_with("comment") {
                ids.iter().for_each(|id| roles[usize::from(*id)] = Role::Comment);
            }
        }
        for Row(words, role) in table.shared.iter().copied().flatten().chain(table.roles) {
            for id in words.iter().flat_map(|word| names.ids(word)) {
                roles[usize::from(*id)] = role.map(|word| names.pick(word));
            }
        }
        let mut arguments = Vec::new();
        for (kind, name, value) in table.arguments {
            for id in names.ids(kind) {
                arguments.push((*id, names.pick(name), names.pick(value)));
            }
        }
        let mut members = Vec::new();
        for (kind, object) in table.members {
            members.extend(names.ids(kind).iter().map(|id| (*id, names.pick(object))));
        }
        Some(Self {
            roles,
            arguments: arguments.into(),
            members: members.into(),
            wrappers: kinds(table.wrappers),
            literals: kinds(table.literals),
            through: kinds(table.through),
            not_arguments: kinds(table.not_arguments),
            patterns: kinds(table.patterns),
            tuples: kinds(table.tuples),
            keys_are_names: table.keys_are_names,
        })
    }

    /// What a node is.
    pub(crate) fn role(&self, node: Node<'_>) -> &Role {
        // Error nodes have an id beyond the table.
        self.roles.get(usize::from(node.kind_id())).unwrap_or(&Role::None)
    }

    /// The child that is meant.
    pub(crate) fn pick<'t>(&self, node: Node<'t>, pick: &Pick) -> Option<Node<'t>> {
        match pick {
            Pick::None => None,
            Pick::Itself => Some(node),
            Pick::Field(id) => node.child_by_field_id(*id),
            Pick::First { of: 1 } => {
                let mut cursor = node.walk();
                named(node, &mut cursor).next()
            }
            Pick::First { of } => {
                let mut cursor = node.walk();
                let mut children = named(node, &mut cursor);
                let first = children.next()?;
                (children.take(of - 1).count() == of - 1).then_some(first)
            }
            Pick::Last => {
                let count = node.child_count();
                (0..count)
                    .rev()
                    .filter_map(|index| node.child(index))
                    .find(|child| child.is_named() && !child.is_extra())
            }
            Pick::After(token) => {
                let mut cursor = node.walk();
                let mut children = node.children(&mut cursor);
                children.find(|child| child.kind_id() == *token)?;
                children.find(|child| child.is_named() && !child.is_extra())
            }
            Pick::Kinds(kinds) => {
                let mut cursor = node.walk();
                named(node, &mut cursor).find(|child| kinds.contains(&child.kind_id()))
            }
        }
    }

    /// Follows nodes that wrap exactly one other down to what they wrap.
    pub(crate) fn unwrap<'t>(&self, mut node: Node<'t>) -> Node<'t> {
        while self.wrappers.contains(&node.kind_id()) && node.named_child_count() == 1 {
            let Some(child) = node.named_child(0) else {
                break;
            };
            node = child;
        }
        node
    }
}

/// The named children of a node without comments.
pub(crate) fn named<'c, 't>(
    node: Node<'t>,
    cursor: &'c mut TreeCursor<'t>,
) -> impl Iterator<Item = Node<'t>> + use<'c, 't> {
    cursor.reset(node);
    let mut more = cursor.goto_first_child();
    std::iter::from_fn(move || {
        while more {
            let child = cursor.node();
            more = cursor.goto_next_sibling();
            if child.is_named() && !child.is_extra() {
                return Some(child);
            }
        }
        None
    })
}

impl Role<&'static str> {
    fn map(&self, pick: impl Fn(&str) -> Pick) -> Role {
        match *self {
            Role::None => Role::None,
            Role::Call { callee, arguments } => {
                Role::Call { callee: pick(callee), arguments: pick(arguments) }
            }
            Role::Method { object, name, arguments } => {
                Role::Method { object: pick(object), name: pick(name), arguments: pick(arguments) }
            }
            Role::Keyword { symbol, arguments } => Role::Keyword { symbol, arguments: pick(arguments) },
            Role::Macro { name, arguments } => Role::Macro { name: pick(name), arguments: pick(arguments) },
            Role::Import => Role::Import,
            Role::Assign { target, value } => Role::Assign { target: pick(target), value: pick(value) },
            Role::Pair { target, value } => Role::Pair { target: pick(target), value: pick(value) },
            Role::String { content } => Role::String { content: pick(content) },
            Role::Function { name, parameters } => {
                Role::Function { name: pick(name), parameters: pick(parameters) }
            }
            Role::Class { name } => Role::Class { name: pick(name) },
            Role::Block => Role::Block,
            Role::Decorator { name, arguments } => {
                Role::Decorator { name: pick(name), arguments: pick(arguments) }
            }
            Role::Bind { name } => Role::Bind { name: pick(name) },
            Role::Comment => Role::Comment,
            Role::Interpolation => Role::Interpolation,
            Role::List => Role::List,
        }
    }
}

/// A grammar's kinds by name; a grammar may have several of one name.
struct Names<'g> {
    grammar: &'g tree_sitter::Language,
    kinds: HashMap<&'g str, Vec<u16>>,
}

impl<'g> Names<'g> {
    fn of(grammar: &'g tree_sitter::Language) -> Self {
        let mut kinds: HashMap<&str, Vec<u16>> = HashMap::new();
        for id in 0..u16::try_from(grammar.node_kind_count()).unwrap_or(u16::MAX) {
            if grammar.node_kind_is_named(id)
                && let Some(name) = grammar.node_kind_for_id(id)
            {
                kinds.entry(name).or_default().push(id);
            }
        }
        Self { grammar, kinds }
    }

    fn ids(&self, name: &str) -> &[u16] {
        let ids = self.kinds.get(name).map(Vec::as_slice).unwrap_or_default();
        debug_assert!(!ids.is_empty(), "the grammar has no kind `{name}`");
        ids
    }

    fn pick(&self, word: &str) -> Pick {
        match word {
            "" => Pick::None,
            "." => Pick::Itself,
            "0" => Pick::First { of: 1 },
            "0/2" => Pick::First { of: 2 },
            "-1" => Pick::Last,
            "=" => Pick::After(self.grammar.id_for_node_kind("=", false)),
            _ => match word.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')) {
                Some(kinds) => {
                    Pick::Kinds(kinds.split('|').flat_map(|kind| self.ids(kind)).copied().collect())
                }
                None => {
                    let field = self.grammar.field_id_for_name(word);
                    debug_assert!(field.is_some(), "the grammar has no field `{word}`");
                    field.map_or(Pick::None, |id| Pick::Field(id.get()))
                }
            },
        }
    }
}
