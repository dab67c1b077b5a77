//! The walk: one pass of a cursor over a tree, dispatching on the kind of node.
//!
//! It never recurses, so that text nested a million deep costs memory in
//! proportion and no stack.

use std::collections::HashMap;

use tree_sitter::{Node, TreeCursor};

use super::names::{self, Scopes, To};
use super::shape::{Pick, Role, Shape, named};
use super::{Capture, Item, Std, StdSet};
use crate::syntax::{Language, Parsed, slice};

/// Captures of one call beyond this are left out; generated tables have millions.
const MOST_CAPTURES: usize = 4096;

/// Walks a whole tree.
pub(super) fn walk(parsed: &Parsed, text: &str, wanted: StdSet) -> Vec<Item> {
    run(parsed, text, wanted, &[]).map(Walk::finish).unwrap_or_default()
}

/// What the nodes of these kinds stand for, by their ranges.
pub(super) fn chains(parsed: &Parsed, text: &str, kinds: &[&str]) -> HashMap<(usize, usize), Box<str>> {
    let grammar = parsed.tree.language();
    let kinds: Vec<u16> = kinds.iter().map(|kind| grammar.id_for_node_kind(kind, true)).collect();
    let Some(walk) = run(parsed, text, StdSet::default(), &kinds) else { return HashMap::new() };
    let names = walk.scopes.names(walk.language);
    let resolve = |&((start, end), scope): &((usize, usize), u32)| {
        ((start, end), names.symbol(text.get(start..end).unwrap_or_default(), scope))
    };
    walk.chains.iter().map(resolve).collect()
}

fn run<'t>(parsed: &'t Parsed, text: &'t str, wanted: StdSet, chains: &[u16]) -> Option<Walk<'t>> {
    let shape = Shape::of(parsed.language)?;
    let mut cursor = parsed.tree.walk();
    let mut walk = Walk {
        language: parsed.language,
        shape,
        text,
        wanted,
        items: Vec::new(),
        unresolved: Vec::new(),
        scopes: Scopes::default(),
        scope: 0,
        named: None,
        data_until: 0,
        chains: Vec::new(),
        scratch: parsed.tree.walk(),
    };
    walk.scope = walk.scopes.open(0, false);
    // Scopes that are open, with the depth of the node that opened each.
    let mut open: Vec<(usize, u32)> = Vec::new();
    let mut depth = 0;
    'nodes: loop {
        let node = cursor.node();
        let role = shape.role(node);
        if *role != Role::None {
            let outer = walk.scope;
            walk.enter(node, role);
            if walk.scope != outer {
                open.push((depth, outer));
            }
        }
        if chains.contains(&node.kind_id()) {
            walk.chains.push(((node.start_byte(), node.end_byte()), walk.scope));
        }
        if cursor.goto_first_child() {
            depth += 1;
            continue;
        }
        loop {
            if let Some((_, outer)) = open.pop_if(|(at, _)| *at == depth) {
                walk.scope = outer;
            }
            if cursor.goto_next_sibling() {
                break;
            }
            if !cursor.goto_parent() {
                break 'nodes;
            }
            depth -= 1;
        }
    }
    Some(walk)
}

/// A walk under way.
pub(super) struct Walk<'t> {
    pub(super) language: Language,
    pub(super) shape: &'static Shape,
    pub(super) text: &'t str,
    wanted: StdSet,
    items: Vec<Item>,
    /// Captures whose symbols depend on names that may be bound further down.
    unresolved: Vec<Unresolved>,
    pub(super) scopes: Scopes<'t>,
    pub(super) scope: u32,
    /// A function without a name of its own, and what it is assigned to.
    named: Option<(usize, Node<'t>)>,
    /// Up to here nothing is code (quoted lists, namespace declarations).
    pub(super) data_until: usize,
    /// Ranges of the nodes that a caller wants resolved, and their scopes.
    chains: Vec<((usize, usize), u32)>,
    scratch: TreeCursor<'t>,
}

struct Unresolved {
    item: u32,
    capture: u32,
    scope: u32,
    /// A callee always gets a symbol, a value only one that differs from its text.
    always: bool,
}

impl<'t> Walk<'t> {
    fn enter(&mut self, node: Node<'t>, role: &'static Role) {
        match role {
            Role::None | Role::Comment | Role::Interpolation => {}
            Role::Call { callee, arguments } => self.call(node, callee, arguments),
            Role::Method { object, name, arguments } => {
                self.method(node, [object, name, arguments]);
            }
            Role::Keyword { symbol, arguments } => self.keyword(node, symbol, arguments),
            Role::Macro { name, arguments } => self.macro_call(node, name, arguments),
            Role::Import => super::imports::read(self, node),
            Role::Assign { target, value } => {
                let target = self.shape.pick(node, target);
                let value = self.shape.pick(node, value);
                match (self.language, target, value) {
                    // `var a, b = 1, 2` has no list around its names.
                    (Language::Go, Some(first), Some(value)) if first.kind() == "identifier" => {
                        self.go_names(node, value);
                    }
                    _ => self.assign(node, target, value, true),
                }
            }
            Role::Pair { target, value } => {
                let target = self.shape.pick(node, target);
                let value = self.shape.pick(node, value);
                self.assign(node, target, value, false);
            }
            Role::String { content } => self.string(node, content),
            Role::Function { name, parameters } => {
                let name = self.shape.pick(node, name);
                let parameters = self.shape.pick(node, parameters);
                self.function(node, name, parameters);
            }
            Role::Class { name } => {
                if let Some(name) = self.shape.pick(node, name) {
                    self.scopes.bind(self.scope, slice(self.text, name), To::Unknown);
                }
                self.scope = self.scopes.open(self.scope, true);
            }
            Role::Block => self.scope = self.scopes.open(self.scope, false),
            Role::Decorator { name, arguments } => self.decorator(node, name, arguments),
            Role::Bind { name } => {
                if let Some(name) = self.shape.pick(node, name) {
                    self.bind_pattern(name);
                }
            }
            Role::List => super::clojure::enter(self, node),
        }
    }

    // ------------------------------------------------------------------ items

    fn call(&mut self, node: Node<'t>, callee: &Pick, arguments: &Pick) {
        let Some(callee) = self.shape.pick(node, callee) else {
            return;
        };
        let arguments = self.shape.pick(node, arguments);
        // `f(x) { … }`: the call is inside, around it only the lambda.
        if arguments.is_none() && callee.kind_id() == node.kind_id() {
            return;
        }
        super::imports::read_call(self, node, slice(self.text, callee), arguments);
        if !self.wants(Std::Call) || (self.language == Language::Go && is_plain_data(callee)) {
            return;
        }
        let item = self.begin(Std::Call, node);
        self.capture(item, 1, callee, Symbol::Resolve);
        let object = self.shape.members.iter().find(|(kind, _)| *kind == callee.kind_id());
        if let Some(object) = object.and_then(|(_, object)| self.shape.pick(callee, object)) {
            self.capture(item, 2, object, Symbol::IfOther);
        }
        if let Some(arguments) = arguments {
            self.arguments(item, arguments, Some(callee));
        }
    }

    fn method(&mut self, node: Node<'t>, [object, name, arguments]: [&Pick; 3]) {
        let object = self.shape.pick(node, object);
        let arguments = self.shape.pick(node, arguments);
        // `f.()` in Ruby has no name; the whole is all there is.
        let Some(name) = self.shape.pick(node, name) else {
            return;
        };
        super::imports::read_call(self, node, slice(self.text, name), arguments);
        if !self.wants(Std::Call) {
            return;
        }
        let item = self.begin(Std::Call, node);
        match object {
            Some(object) => {
                let callee = object.start_byte()..name.end_byte();
                self.capture_range(item, 1, node.kind_id(), callee, Symbol::Resolve);
                self.capture(item, 2, object, Symbol::IfOther);
            }
            None => self.capture(item, 1, name, Symbol::Resolve),
        }
        if let Some(arguments) = arguments {
            self.arguments(item, arguments, None);
        }
    }

    fn keyword(&mut self, node: Node<'t>, symbol: &'static str, arguments: &Pick) {
        if !self.wants(Std::Call) {
            return;
        }
        let item = self.begin(Std::Call, node);
        // The keyword itself is the callee; it begins the node.
        let word = slice(self.text, node);
        let word = word.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(word.len());
        let (start, end) = (node.start_byte(), node.end_byte());
        let callee = start..start + word.max(1);
        self.capture_range(item, 1, node.kind_id(), callee, Symbol::Is(symbol.into()));
        // Between backticks stands one command, whatever it is made of.
        if word == 0 && end > start + 1 {
            return self.capture_range(item, 4, node.kind_id(), start + 1..end - 1, Symbol::None);
        }
        if let Some(arguments) = self.shape.pick(node, arguments) {
            self.arguments(item, arguments, None);
        }
    }

    fn macro_call(&mut self, node: Node<'t>, name: &Pick, arguments: &Pick) {
        if !self.wants(Std::Call) {
            return;
        }
        let Some(name) = self.shape.pick(node, name) else {
            return;
        };
        let item = self.begin(Std::Call, node);
        let symbol = format!("{}!", slice(self.text, name)).into();
        self.capture(item, 1, name, Symbol::Is(symbol));
        let Some(tokens) = self.shape.pick(node, arguments) else {
            return;
        };
        // Between the brackets, what commas separate.
        let mut run: Option<(u16, usize, usize)> = None;
        let mut cursor = tokens.walk();
        let last = tokens.child_count().saturating_sub(1);
        for (index, token) in (0..).zip(tokens.children(&mut cursor)) {
            let comma = token.kind() == ",";
            if (comma || index == last)
                && let Some((kind, start, end)) = run.take()
            {
                self.capture_range(item, 4, kind, start..end, Symbol::None);
            }
            if index == 0 || index == last || comma || token.is_extra() {
                continue;
            }
            run = match run {
                None => Some((token.kind_id(), token.start_byte(), token.end_byte())),
                Some((_, start, _)) => Some((tokens.kind_id(), start, token.end_byte())),
            };
        }
    }

    /// Gives a target its value; `binds` says that the target is a name in scope.
    pub(super) fn assign(
        &mut self,
        node: Node<'t>,
        target: Option<Node<'t>>,
        value: Option<Node<'t>>,
        binds: bool,
    ) {
        let Some(target) = target else { return };
        let value = value.map(|value| self.innermost(node, value));
        if let Some((targets, values)) = value.and_then(|value| self.pairs(target, value)) {
            for (target, value) in targets.into_iter().zip(values) {
                self.assign_one(node, target, Some(value), binds);
            }
            return;
        }
        self.assign_one(node, target, value, binds);
    }

    fn go_names(&mut self, node: Node<'t>, value: Node<'t>) {
        self.scratch.reset(node);
        let names: Vec<_> =
            node.children_by_field_name("name", &mut self.scratch).filter(|name| name.is_named()).collect();
        let values = self.children(value);
        if names.len() == values.len() {
            for (name, value) in names.into_iter().zip(values) {
                self.assign_one(node, name, Some(value), true);
            }
        } else {
            names.into_iter().for_each(|name| self.assign_one(node, name, Some(value), true));
        }
    }

    fn assign_one(&mut self, node: Node<'t>, target: Node<'t>, value: Option<Node<'t>>, binds: bool) {
        let mut target = self.shape.unwrap(target);
        // Kotlin keeps a name and its type together.
        if target.kind() == "variable_declaration" {
            target = target.named_child(0).unwrap_or(target);
        }
        let value = value.map(|value| self.shape.unwrap(value));
        if binds {
            self.bind(target, value);
        }
        let Some(value) = value.filter(|value| *value != target) else {
            return;
        };
        if matches!(self.shape.role(value), Role::Function { name: Pick::None, .. }) {
            self.named = Some((value.id(), target));
        }
        if !self.wants(Std::Assign) {
            return;
        }
        let item = self.begin(Std::Assign, node);
        let name = names::last(slice(self.text, target));
        self.capture(item, 1, target, Symbol::Is(name.into()));
        self.capture(item, 2, value, Symbol::IfOther);
    }

    /// The value at the end of `a = b = value`.
    fn innermost(&self, node: Node<'t>, mut value: Node<'t>) -> Node<'t> {
        for _ in 0..16 {
            match self.shape.role(value) {
                Role::Assign { value: next, .. } if value.kind_id() == node.kind_id() => {
                    match self.shape.pick(value, next) {
                        Some(inner) => value = inner,
                        None => break,
                    }
                }
                _ => break,
            }
        }
        value
    }

    /// The elements of `a, b = x, y`, if there are as many on both sides.
    fn pairs(&mut self, target: Node<'t>, value: Node<'t>) -> Option<(Vec<Node<'t>>, Vec<Node<'t>>)> {
        let tuples = &self.shape.tuples;
        if !tuples.contains(&value.kind_id()) {
            return None;
        }
        let values = self.children(value);
        let targets = match tuples.contains(&target.kind_id()) {
            true => self.children(target),
            // Go wraps even a single value into a list.
            false if self.language == Language::Go => vec![target],
            false => return None,
        };
        (targets.len() == values.len()).then_some((targets, values))
    }

    fn string(&mut self, node: Node<'t>, content: &Pick) {
        if !self.wants(Std::String) {
            return;
        }
        let literal = slice(self.text, node);
        if self.language == Language::Sql && !literal.starts_with(['\'', '"', '$', 'E', 'N']) {
            return;
        }
        let range = match content {
            Pick::None => {
                let content = names::content(self.language, literal);
                node.start_byte() + content.start..node.start_byte() + content.end
            }
            Pick::Kinds(kinds) => {
                let mut range = node.end_byte()..node.end_byte();
                self.scratch.reset(node);
                for child in node.children(&mut self.scratch) {
                    if kinds.contains(&child.kind_id()) {
                        range.start = range.start.min(child.start_byte());
                        range.end = child.end_byte();
                    }
                }
                // A heredoc begins on the line after its opening.
                let opening = self.text.get(range.clone()).is_some_and(|text| text.starts_with('\n'));
                range.start + usize::from(opening)..range.end
            }
            pick => self.shape.pick(node, pick).unwrap_or(node).byte_range(),
        };
        let item = self.begin(Std::String, node);
        self.capture_range(item, 1, node.kind_id(), range, Symbol::None);
    }

    /// Opens a function's scope.
    pub(super) fn function(&mut self, node: Node<'t>, name: Option<Node<'t>>, parameters: Option<Node<'t>>) {
        if let Some(name) = name {
            self.scopes.bind(self.scope, slice(self.text, name), To::Unknown);
        }
        let given = self.named.take().filter(|(id, _)| *id == node.id()).map(|(_, name)| name);
        self.scope = self.scopes.open(self.scope, false);
        let item = self.wants(Std::Function).then(|| self.begin(Std::Function, node));
        if let (Some(item), Some(name)) = (item, name.or(given)) {
            let symbol = names::last(slice(self.text, name));
            self.capture(item, 1, name, Symbol::Is(symbol.into()));
        }
        let parameters = match parameters {
            // `x => …` has one without a list.
            Some(one) if matches!(one.kind(), "identifier" | "implicit_parameter") => vec![one],
            Some(list) => self.children(list),
            None => return,
        };
        for parameter in parameters {
            // Kotlin puts defaults beside the parameters, C# the type of `params`.
            let beside = match self.language {
                Language::Kotlin => !matches!(parameter.kind(), "parameter" | "variable_declaration"),
                Language::CSharp => !matches!(parameter.kind(), "parameter" | "identifier"),
                _ => false,
            };
            if beside && parameter.kind() != "implicit_parameter" {
                continue;
            }
            if let Some(item) = item {
                self.capture(item, 2, parameter, Symbol::None);
            }
            self.bind_pattern(parameter);
        }
    }

    fn decorator(&mut self, node: Node<'t>, name: &Pick, arguments: &Pick) {
        if !self.wants(Std::Decorator) {
            return;
        }
        let Some(mut name) = self.shape.pick(node, name) else {
            return;
        };
        let mut arguments = self.shape.pick(node, arguments);
        // `@app.route("/")` is a call whose callee is the name.
        if let Role::Call { callee, arguments: called } = self.shape.role(name)
            && let Some(callee) = self.shape.pick(name, callee)
        {
            arguments = self.shape.pick(name, called);
            name = callee;
        }
        let item = self.begin(Std::Decorator, node);
        self.capture(item, 1, name, Symbol::Resolve);
        if let Some(arguments) = arguments {
            for argument in self.children(arguments) {
                self.capture(item, 2, argument, Symbol::None);
            }
        }
    }

    // -------------------------------------------------------------- arguments

    fn arguments(&mut self, item: usize, list: Node<'t>, callee: Option<Node<'t>>) {
        let shape = self.shape;
        // A tagged template is its own argument.
        if matches!(shape.role(list), Role::String { .. } | Role::Function { .. }) {
            return self.capture(item, 4, list, Symbol::None);
        }
        let list = if list.kind() == "generator_expression" { vec![list] } else { self.children(list) };
        for argument in list {
            if Some(argument) == callee || shape.not_arguments.contains(&argument.kind_id()) {
                continue;
            }
            if self.items[item].captures.len() > MOST_CAPTURES {
                return;
            }
            let around = shape.arguments.iter().find(|(kind, ..)| *kind == argument.kind_id());
            let (name, value) = match around {
                Some((_, name, value)) => {
                    (shape.pick(argument, name), shape.pick(argument, value).unwrap_or(argument))
                }
                None => (None, argument),
            };
            self.argument(item, name, value);
        }
    }

    /// Captures one argument, and the keys of a literal that has some.
    pub(super) fn argument(&mut self, item: usize, name: Option<Node<'t>>, value: Node<'t>) {
        if let Some(name) = name {
            let symbol = names::last(slice(self.text, name));
            self.capture(item, 3, self.shape.unwrap(name), Symbol::Is(symbol.into()));
        }
        let value = self.shape.unwrap(value);
        self.capture(item, 4, value, Symbol::IfOther);
        self.keys(item, value);
    }

    fn keys(&mut self, item: usize, value: Node<'t>) {
        let shape = self.shape;
        let mut literal = value;
        for _ in 0..8 {
            if shape.literals.contains(&literal.kind_id()) {
                break;
            }
            if !shape.through.contains(&literal.kind_id()) {
                return;
            }
            let inner = self.children(literal).into_iter().find(|child| {
                let kind = child.kind_id();
                shape.literals.contains(&kind) || shape.through.contains(&kind)
            });
            let Some(inner) = inner else { return };
            literal = inner;
        }
        for entry in self.children(literal) {
            if self.items[item].captures.len() > MOST_CAPTURES {
                return;
            }
            let pair = match shape.role(entry) {
                Role::Pair { target, value } => shape.pick(entry, target).zip(shape.pick(entry, value)),
                _ if entry.kind() == "shorthand_property_identifier" => Some((entry, entry)),
                _ => None,
            };
            if let Some((key, value)) = pair {
                self.key(item, key, value);
            }
        }
    }

    /// Captures a key and its value.
    pub(super) fn key(&mut self, item: usize, key: Node<'t>, value: Node<'t>) {
        let key = self.shape.unwrap(key);
        let symbol = names::last(slice(self.text, key));
        self.capture(item, 5, key, Symbol::Is(symbol.into()));
        self.capture(item, 6, self.shape.unwrap(value), Symbol::IfOther);
    }

    // --------------------------------------------------------------- bindings

    fn bind(&mut self, target: Node<'t>, value: Option<Node<'t>>) {
        let name = slice(self.text, target);
        let alias = value.map(|value| names::unwrapped(slice(self.text, value)));
        let alias = alias.filter(|text| names::is_chain(self.language, text));
        match target.kind() {
            "identifier" | "variable_name" | "constant" | "name" | "global_variable"
            | "package_identifier" => {
                let to = alias.map_or(To::Unknown, |text| To::Chain(text, None));
                self.scopes.bind(self.scope, name, to);
            }
            // `const {a: b} = require('m')`
            "object_pattern" if alias.is_some() => {
                for entry in self.children(target) {
                    let (member, bound) = match entry.kind() {
                        "shorthand_property_identifier_pattern" => (entry, entry),
                        "pair_pattern" => match self.ends(entry) {
                            Some((key, bound)) if bound.kind() == "identifier" => (key, bound),
                            _ => {
                                self.bind_pattern(entry);
                                continue;
                            }
                        },
                        _ => {
                            self.bind_pattern(entry);
                            continue;
                        }
                    };
                    let member = names::unquoted(slice(self.text, member));
                    let to = alias.map_or(To::Unknown, |text| To::Chain(text, Some(member)));
                    self.scopes.bind(self.scope, slice(self.text, bound), to);
                }
            }
            _ => self.bind_pattern(target),
        }
    }

    /// Binds every name of a pattern or a parameter to something unknown.
    pub(super) fn bind_pattern(&mut self, pattern: Node<'t>) {
        let mut left = vec![pattern];
        // Patterns may nest as deep as anything.
        while let Some(node) = left.pop() {
            match node.kind() {
                "identifier"
                | "variable_name"
                | "shorthand_property_identifier_pattern"
                | "constant"
                | "sym_lit"
                | "implicit_parameter" => {
                    self.scopes.bind(self.scope, slice(self.text, node), To::Unknown);
                }
                "assignment_pattern" | "object_assignment_pattern" => {
                    left.extend(self.ends(node).map(|(name, _)| name).or(node.named_child(0)));
                }
                "pair_pattern" => left.extend(self.ends(node).map(|(_, bound)| bound)),
                _ if self.shape.patterns.contains(&node.kind_id()) => {
                    left.extend(self.children(node));
                }
                _ => left.extend(self.parameter_name(node)),
            }
        }
    }

    fn parameter_name(&mut self, node: Node<'t>) -> Option<Node<'t>> {
        let named = node.child_by_field_name("name").or_else(|| node.child_by_field_name("pattern"));
        let simple = |child: &Node<'_>| matches!(child.kind(), "identifier" | "variable_name");
        match named {
            Some(name) => Some(name),
            // `typed_parameter` keeps its name first, without a field.
            None => self.children(node).into_iter().find(simple),
        }
        .filter(|name| *name != node)
    }

    // ---------------------------------------------------------------- helpers

    /// Says whether a query's items are wanted.
    pub(super) fn wants(&self, query: Std) -> bool {
        self.wanted.contains(query)
    }

    /// Starts an item with its first capture.
    pub(super) fn begin(&mut self, query: Std, node: Node<'t>) -> usize {
        self.items.push(Item { query, captures: Vec::with_capacity(4) });
        let item = self.items.len() - 1;
        self.capture(item, 0, node, Symbol::None);
        item
    }

    /// Adds a node to an item.
    pub(super) fn capture(&mut self, item: usize, name: u16, node: Node<'t>, symbol: Symbol) {
        self.capture_range(item, name, node.kind_id(), node.byte_range(), symbol);
    }

    /// Adds a range to an item.
    pub(super) fn capture_range(
        &mut self,
        item: usize,
        name: u16,
        kind: u16,
        range: std::ops::Range<usize>,
        symbol: Symbol,
    ) {
        // Texts are two MiB at most, so offsets and counts fit.
        let fits = |value: usize| u32::try_from(value).expect("parsed texts are short");
        let captures = &mut self.items[item].captures;
        let later = |always| Unresolved {
            item: fits(item),
            capture: fits(captures.len()),
            scope: self.scope,
            always,
        };
        let symbol = match symbol {
            Symbol::None => None,
            Symbol::Is(symbol) => Some(symbol),
            Symbol::Resolve => {
                self.unresolved.push(later(true));
                None
            }
            Symbol::IfOther => {
                self.unresolved.push(later(false));
                None
            }
        };
        captures.push(Capture { name, kind, start: fits(range.start), end: fits(range.end), symbol });
    }

    /// The named children of a node without comments.
    pub(super) fn children(&mut self, node: Node<'t>) -> Vec<Node<'t>> {
        named(node, &mut self.scratch).collect()
    }

    /// The first and the last named child, if there are two.
    fn ends(&mut self, node: Node<'t>) -> Option<(Node<'t>, Node<'t>)> {
        let children = self.children(node);
        match children.as_slice() {
            [first, .., last] => Some((*first, *last)),
            _ => None,
        }
    }

    fn finish(mut self) -> Vec<Item> {
        let names = self.scopes.names(self.language);
        for Unresolved { item, capture, scope, always } in &self.unresolved {
            let capture = &mut self.items[*item as usize].captures[*capture as usize];
            let text = self.text.get(capture.start as usize..capture.end as usize);
            let text = text.unwrap_or_default();
            capture.symbol = match always {
                true => Some(names.symbol(text, *scope)),
                false => names.value(text, *scope),
            };
        }
        self.items
    }
}

/// How a capture gets its symbol.
pub(super) enum Symbol {
    None,
    Is(Box<str>),
    /// By what its text resolves to, or else its text.
    Resolve,
    /// By what its text resolves to, if that is something else.
    IfOther,
}

/// Slices and maps are literals of data, not of a type's own.
fn is_plain_data(kind: Node<'_>) -> bool {
    matches!(kind.kind(), "slice_type" | "map_type" | "array_type" | "implicit_length_array_type")
}
