//! Data flow: from declared sources to declared sinks, inside one function.
//!
//! A value is tainted if it comes from a source; what it touches is tainted
//! too, until a sanitizer or a new value ends it. Where the code branches both
//! ways are followed and joined. What a flow means is for plugins to say; flows
//! that cross functions are not followed.

mod grammar;
#[cfg(test)]
mod tests;

use crate::matching::name_fits;
use crate::plugin::manifest::{FlowSink, FlowSpec};
use crate::syntax::{Parsed, structure};
use grammar::{Grammar, Role};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;
use tree_sitter::Node;

/// Nodes that are looked at in one document, times that each is.
const MOST_VISITS: usize = 1_000_000;
/// Nesting that is followed; deeper code is built to make it slow.
const DEEPEST: usize = 200;
/// Rounds of a loop: after these, nothing new reaches its start.
const MOST_ROUNDS: usize = 4;
/// Sources that one value may come from.
const MOST_TAINTS: usize = 8;
/// Flows of one document.
const MOST_FLOWS: usize = 500;
/// Steps of a flow that are shown.
const MOST_STEPS: usize = 32;
/// Characters of a step's label.
const LABEL: usize = 80;

/// A flow from a source to a sink.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundFlow {
    /// The number that the spec was given with.
    pub spec: usize,
    /// Index of the source in its spec.
    pub source: usize,
    /// Index of the sink in its spec.
    pub sink: usize,
    /// From source to sink.
    pub steps: Vec<Step>,
}

/// A place that a value passes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Bytes of the text.
    pub range: Range<usize>,
    /// The text there, shortened.
    pub label: String,
}

/// The flows of one document.
#[derive(Debug, Default)]
pub struct Flows {
    /// Ordered by sink, spec and source.
    pub found: Vec<FoundFlow>,
    /// Whether the search stopped early: the run is incomplete.
    pub cut: bool,
}

/// Says whether a text might hold a flow of this spec: cheap, and enough to
/// spare most documents the search.
#[must_use]
pub fn may_hold(text: &str, spec: &FlowSpec) -> bool {
    let holds = |name: &str| {
        let mut words = name.split(['.', ':', '/']).filter(|word| !word.is_empty() && *word != "*");
        words.all(|word| memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some())
    };
    spec.sources.iter().any(|source| holds(source)) && spec.sinks.iter().any(|sink| holds(&sink.call))
}

/// Finds the flows of these specs, each given with a number to tell it by.
#[must_use]
pub fn find(parsed: &Parsed, text: &str, specs: &[(usize, &FlowSpec)]) -> Flows {
    let Some(grammar) = Grammar::of(parsed.language) else { return Flows::default() };
    let applies = |spec: &FlowSpec| {
        spec.languages.iter().any(|name| parsed.language.matches_name(name)) && may_hold(text, spec)
    };
    let specs: Vec<_> = specs.iter().copied().filter(|(_, spec)| applies(spec)).collect();
    if specs.is_empty() {
        return Flows::default();
    }
    let symbols = structure::chains(parsed, text, grammar.chains);
    let mut search = Search {
        grammar,
        text,
        specs,
        symbols,
        trail: Vec::new(),
        flows: Flows::default(),
        seen: HashSet::new(),
        visits: 0,
    };
    search.value(parsed.tree.root_node(), &mut State::default(), 0);
    search.flows.found.sort_by_key(|flow| {
        let ends = (flow.steps.last().map(|step| step.range.start), flow.steps[0].range.start);
        (ends.0, flow.spec, ends.1, flow.sink)
    });
    search.flows
}

struct Search<'t, 's> {
    grammar: &'static Grammar,
    text: &'t str,
    specs: Vec<(usize, &'s FlowSpec)>,
    /// Full names by range.
    symbols: HashMap<(usize, usize), Box<str>>,
    /// Steps, each with the one before it.
    trail: Vec<(Range<usize>, Option<usize>)>,
    flows: Flows,
    /// Spec, sink, range of the source, range of the sink.
    seen: HashSet<(usize, usize, usize, usize, usize)>,
    visits: usize,
}

/// What is known of variables at one point.
#[derive(Debug, Clone, Default)]
struct State<'t> {
    /// By name or chain of names (`self.url`); empty means harmless.
    variables: BTreeMap<&'t str, Taints>,
    /// Whether the function was left before.
    left: bool,
}

/// One source that a value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Taint {
    spec: usize,
    source: usize,
    /// Offset of the source, which tells it from others.
    origin: usize,
    /// Index of the last step.
    step: usize,
}

type Taints = Vec<Taint>;

fn add(into: &mut Taints, more: &[Taint]) -> bool {
    let before = into.len();
    for taint in more {
        let same = |known: &Taint| {
            (known.spec, known.source, known.origin) == (taint.spec, taint.source, taint.origin)
        };
        if into.len() < MOST_TAINTS && !into.iter().any(same) {
            into.push(*taint);
        }
    }
    into.len() > before
}

impl<'t> State<'t> {
    /// Adds what another way through the code gives; says whether that is news.
    fn join(&mut self, other: &Self) -> bool {
        if other.left {
            return false;
        }
        if self.left {
            *self = other.clone();
            return true;
        }
        let mut news = false;
        for (name, taints) in &other.variables {
            news |= add(self.variables.entry(name).or_default(), taints);
        }
        news
    }

    /// Gives a name a new value.
    fn set(&mut self, name: &'t str, taints: Taints) {
        let member = |known: &str| known.strip_prefix(name).is_some_and(|rest| rest.starts_with('.'));
        self.variables.retain(|known, _| !member(known));
        // What is harmless is left out, but for members of what is not.
        let root = name.split('.').next().unwrap_or(name);
        if taints.is_empty() && (root == name || !self.variables.contains_key(root)) {
            self.variables.remove(name);
        } else {
            self.variables.insert(name, taints);
        }
    }
}

impl<'t> Search<'t, '_> {
    /// Follows a node, statement or expression, and says what its value holds.
    fn value(&mut self, node: Node<'t>, state: &mut State<'t>, depth: usize) -> Taints {
        self.visits += 1;
        if self.visits > MOST_VISITS || depth > DEEPEST || self.flows.found.len() >= MOST_FLOWS {
            self.flows.cut = true;
            return Taints::new();
        }
        let depth = depth + 1;
        match self.grammar.role(node.kind_id()) {
            Role::Union => self.children(node, state, depth),
            Role::Arm | Role::Finally => {
                self.children(node, state, depth);
                Taints::new()
            }
            Role::Nothing => {
                self.children(node, state, depth);
                Taints::new()
            }
            Role::Leave => {
                self.children(node, state, depth);
                state.left = true;
                Taints::new()
            }
            Role::Name => match state.variables.get(self.slice(node)) {
                Some(taints) if !taints.is_empty() => taints.clone(),
                _ => self.source(node, node),
            },
            Role::Member { object } | Role::Index { object } => self.part(node, object, state, depth),
            Role::Call { callee, arguments } => {
                let callee = node.child_by_field_name(callee);
                self.call(node, callee, node.child_by_field_name(arguments), state, depth)
            }
            Role::Assign { target, value } => {
                let target = node.child_by_field_name(target);
                match (target, node.child_by_field_name(value)) {
                    (Some(target), Some(value)) => self.assign(node, target, value, state, depth),
                    _ => Taints::new(),
                }
            }
            Role::Augment { target, value } => {
                let (target, value) = (node.child_by_field_name(target), node.child_by_field_name(value));
                let Some((target, value)) = target.zip(value) else { return Taints::new() };
                let taints = self.value(value, state, depth);
                let taints = self.through(node.byte_range(), taints);
                self.fill(target, &taints, state);
                Taints::new()
            }
            Role::Alias { target } => {
                let taints = node.named_child(0).map(|value| self.value(value, state, depth));
                let taints = taints.unwrap_or_default();
                if let Some(target) = node.child_by_field_name(target) {
                    let passed = self.through(node.byte_range(), taints.clone());
                    self.bind(target, passed, state);
                }
                taints
            }
            Role::Choice { condition } => {
                let mut all = Taints::new();
                for (index, child) in named(node).into_iter().enumerate() {
                    let taints = self.value(child, state, depth);
                    if index != condition {
                        add(&mut all, &taints);
                    }
                }
                all
            }
            Role::Branch { last } => self.branch(node, last, state, depth),
            Role::Loop { target, value, body } => self.repeat(node, [target, value, body], state, depth),
            Role::Try { body } => self.attempt(node, body, state, depth),
            Role::Function { parameters, body } => {
                let mut inner = self.fork(state);
                inner.left = false;
                if let Some(parameters) = node.child_by_field_name(parameters) {
                    // Default values belong to the surroundings.
                    self.children(parameters, state, depth);
                    self.bind(parameters, Taints::new(), &mut inner);
                }
                if let Some(body) = node.child_by_field_name(body) {
                    self.value(body, &mut inner, depth);
                }
                if let Some(name) = node.child_by_field_name("name") {
                    state.set(self.slice(name), Taints::new());
                }
                Taints::new()
            }
            Role::Scope { clauses } => {
                let mut inner = self.fork(state);
                let (first, rest): (Vec<_>, Vec<_>) =
                    named(node).into_iter().partition(|child| child.kind() == clauses);
                let mut all = Taints::new();
                for clause in first {
                    self.value(clause, &mut inner, depth);
                }
                for child in rest {
                    add(&mut all, &self.value(child, &mut inner, depth));
                }
                all
            }
        }
    }

    fn children(&mut self, node: Node<'t>, state: &mut State<'t>, depth: usize) -> Taints {
        let mut all = Taints::new();
        for child in named(node) {
            let taints = self.value(child, state, depth);
            add(&mut all, &taints);
        }
        all
    }

    // ------------------------------------------------------------ expressions

    /// A member or an element: as tainted as what it is part of.
    fn part(&mut self, node: Node<'t>, object: &str, state: &mut State<'t>, depth: usize) -> Taints {
        if let Some(taints) = state.variables.get(self.slice(node)) {
            return taints.clone();
        }
        let Some(object) = node.child_by_field_name(object) else { return Taints::new() };
        if !self.is_variable(node, state) {
            let fresh = self.source(head(self.grammar, node), node);
            if !fresh.is_empty() {
                return fresh;
            }
        }
        // The index itself is looked at for calls only.
        if matches!(self.grammar.role(node.kind_id()), Role::Index { .. }) {
            for child in named(node).into_iter().filter(|child| *child != object) {
                self.value(child, state, depth);
            }
        }
        self.value(object, state, depth)
    }

    fn call(
        &mut self,
        node: Node<'t>,
        callee: Option<Node<'t>>,
        arguments: Option<Node<'t>>,
        state: &mut State<'t>,
        depth: usize,
    ) -> Taints {
        let Some(callee) = callee else { return Taints::new() };
        let symbol = self.symbols.get(&(callee.start_byte(), callee.end_byte())).cloned().unwrap_or_default();
        let object = match self.grammar.role(callee.kind_id()) {
            Role::Member { object } => callee.child_by_field_name(object),
            _ => None,
        };
        let mut result = object.map(|object| self.value(object, state, depth)).unwrap_or_default();
        let mut given = Taints::new();
        let mut position = 0;
        let (named_kind, name_field, value_field) = self.grammar.named;
        let list = arguments.map(|list| match list.kind() {
            "generator_expression" => vec![list],
            _ => named(list),
        });
        for argument in list.unwrap_or_default() {
            let (name, value) = match argument.kind() == named_kind {
                true => (argument.child_by_field_name(name_field), argument.child_by_field_name(value_field)),
                false => (None, Some(argument)),
            };
            let Some(value) = value else { continue };
            let taints = self.value(value, state, depth);
            let at = match name {
                Some(name) => Err(self.slice(name)),
                None => Ok(position),
            };
            position += u32::from(name.is_none());
            if !taints.is_empty() {
                self.sinks(node, &symbol, at, &taints);
            }
            add(&mut given, &taints);
        }
        if self.grammar.harmless.contains(&&*symbol) {
            return Taints::new();
        }
        if !self.is_variable(callee, state) {
            let fresh = self.source(head(self.grammar, node), node);
            if !fresh.is_empty() {
                return fresh;
            }
        }
        let member = symbol.rsplit('.').next().unwrap_or_default();
        if let Some(object) = object.filter(|_| !given.is_empty() && self.grammar.fills.contains(&member)) {
            let passed = self.through(node.byte_range(), given.clone());
            self.fill(object, &passed, state);
        }
        add(&mut result, &given);
        let specs = &self.specs;
        result.retain(|taint| !specs[taint.spec].1.sanitizers.iter().any(|name| name_fits(name, &symbol)));
        result
    }

    /// Notes the flows that end in an argument.
    fn sinks(&mut self, call: Node<'t>, symbol: &str, at: Result<u32, &str>, taints: &[Taint]) {
        for taint in taints {
            let (number, spec) = self.specs[taint.spec];
            for (index, sink) in spec.sinks.iter().enumerate() {
                if !name_fits(&sink.call, symbol) || !matters(sink, at) {
                    continue;
                }
                let key = (number, index, taint.origin, call.start_byte(), call.end_byte());
                if !self.seen.insert(key) {
                    continue;
                }
                let mut ranges = vec![call.byte_range()];
                let mut step = Some(taint.step);
                while let Some((range, before)) = step.map(|step| self.trail[step].clone()) {
                    ranges.push(range);
                    step = before;
                }
                ranges.reverse();
                if ranges.len() > MOST_STEPS {
                    ranges.drain(MOST_STEPS / 2..ranges.len() - MOST_STEPS / 2);
                }
                let steps = ranges.into_iter().map(|range| Step { label: label(self.text, &range), range });
                let steps = steps.collect();
                self.flows.found.push(FoundFlow { spec: number, source: taint.source, sink: index, steps });
            }
        }
    }

    /// The taints of an expression `whole` whose name `chain` is a source's.
    fn source(&mut self, chain: Node<'t>, whole: Node<'t>) -> Taints {
        let Some(symbol) = self.symbols.get(&(chain.start_byte(), chain.end_byte())) else {
            return Taints::new();
        };
        let mut taints = Taints::new();
        for (index, (_, spec)) in self.specs.iter().enumerate() {
            if let Some(source) = spec.sources.iter().position(|wanted| is_source(wanted, symbol)) {
                let step = self.trail.len();
                taints.push(Taint { spec: index, source, origin: whole.start_byte(), step });
            }
        }
        if !taints.is_empty() {
            self.trail.push((whole.byte_range(), None));
        }
        taints
    }

    /// Whether an expression begins with a variable that is known to be tainted.
    fn is_variable(&self, node: Node<'t>, state: &State<'t>) -> bool {
        let root = root(self.grammar, node);
        state.variables.get(self.slice(root)).is_some_and(|taints| !taints.is_empty())
    }

    // ------------------------------------------------------------- assignments

    fn assign(
        &mut self,
        node: Node<'t>,
        target: Node<'t>,
        value: Node<'t>,
        state: &mut State<'t>,
        depth: usize,
    ) -> Taints {
        let lists = self.grammar.lists;
        let is_list = |node: Node<'_>| lists.contains(&node.kind());
        let (targets, values) = (named(target), named(value));
        let plain = |node: &Node<'_>| !node.kind().contains("splat");
        if is_list(target)
            && is_list(value)
            && targets.len() == values.len()
            && targets.iter().chain(&values).all(plain)
        {
            // All values first: `a, b = b, a`.
            let all: Vec<Taints> = values.into_iter().map(|value| self.value(value, state, depth)).collect();
            let mut union = Taints::new();
            for (target, taints) in targets.into_iter().zip(all) {
                add(&mut union, &taints);
                let passed = self.through(node.byte_range(), taints);
                self.bind(target, passed, state);
            }
            return union;
        }
        let taints = self.value(value, state, depth);
        let passed = self.through(node.byte_range(), taints.clone());
        self.bind(target, passed, state);
        taints
    }

    /// The same taints one step on.
    fn through(&mut self, range: Range<usize>, taints: Taints) -> Taints {
        let next = |taint: Taint| {
            self.trail.push((range.clone(), Some(taint.step)));
            Taint { step: self.trail.len() - 1, ..taint }
        };
        taints.into_iter().map(next).collect()
    }

    /// Gives every name of a target a value.
    fn bind(&mut self, target: Node<'t>, taints: Taints, state: &mut State<'t>) {
        let mut left = vec![target];
        while let Some(node) = left.pop() {
            match self.grammar.role(node.kind_id()) {
                Role::Name => state.set(self.slice(node), taints.clone()),
                Role::Member { .. } if head(self.grammar, node) == node && is_chain(self.slice(node)) => {
                    state.set(self.slice(node), taints.clone());
                }
                Role::Member { .. } | Role::Index { .. } => self.fill(node, &taints, state),
                Role::Nothing => {}
                // Of a parameter with a default, the name alone.
                _ => match node.child_by_field_name("name") {
                    Some(name) => left.push(name),
                    None => left.extend(named(node)),
                },
            }
        }
    }

    /// Adds to what the variable at the root of an expression holds.
    fn fill(&mut self, target: Node<'t>, taints: &[Taint], state: &mut State<'t>) {
        let root = root(self.grammar, target);
        if matches!(self.grammar.role(root.kind_id()), Role::Name) {
            add(state.variables.entry(self.slice(root)).or_default(), taints);
        }
    }

    // --------------------------------------------------------------- branches

    fn branch(&mut self, node: Node<'t>, last: &str, state: &mut State<'t>, depth: usize) -> Taints {
        let mut ends: Vec<State<'t>> = Vec::new();
        let mut complete = false;
        for child in named(node) {
            if !matches!(self.grammar.role(child.kind_id()), Role::Arm) {
                self.value(child, state, depth);
                continue;
            }
            complete |= child.kind() == last;
            let arms = match child.kind() {
                // `match` keeps its cases in a block.
                "block" if last.is_empty() => named(child),
                _ => vec![child],
            };
            for arm in arms {
                let mut way = self.fork(state);
                self.value(arm, &mut way, depth);
                ends.push(way);
            }
        }
        // With a last arm, the code before it never goes on by itself.
        state.left |= complete;
        for end in &ends {
            state.join(end);
        }
        Taints::new()
    }

    fn repeat(&mut self, node: Node<'t>, fields: [&str; 3], state: &mut State<'t>, depth: usize) -> Taints {
        let [target, value, body] = fields.map(|field| node.child_by_field_name(field));
        for _ in 0..MOST_ROUNDS {
            let mut round = self.fork(state);
            let taints = value.map(|value| self.value(value, &mut round, depth)).unwrap_or_default();
            if let Some(target) = target {
                let end = value.map_or(target.end_byte(), |value| value.end_byte());
                let passed = self.through(target.start_byte()..end, taints);
                self.bind(target, passed, &mut round);
            }
            if let Some(body) = body {
                self.value(body, &mut round, depth);
            }
            if !state.join(&round) {
                break;
            }
        }
        for child in named(node) {
            if ![target, value, body].contains(&Some(child)) {
                self.value(child, state, depth);
            }
        }
        Taints::new()
    }

    fn attempt(&mut self, node: Node<'t>, body: &str, state: &mut State<'t>, depth: usize) -> Taints {
        let body = node.child_by_field_name(body);
        let before = self.fork(state);
        if let Some(body) = body {
            self.value(body, state, depth);
        }
        // It may have stopped anywhere in its body.
        let mut stopped = before;
        stopped.join(&State { left: false, ..state.clone() });
        let mut ends = Vec::new();
        for child in named(node).into_iter().filter(|child| Some(*child) != body) {
            match self.grammar.role(child.kind_id()) {
                Role::Arm if child.kind() != "else_clause" => {
                    let mut way = self.fork(&stopped);
                    self.value(child, &mut way, depth);
                    ends.push(way);
                }
                Role::Finally => {
                    for end in ends.drain(..) {
                        state.join(&end);
                    }
                    self.value(child, state, depth);
                }
                _ => {
                    self.value(child, state, depth);
                }
            }
        }
        for end in &ends {
            state.join(end);
        }
        Taints::new()
    }

    /// A copy of the state, paid for like a visit.
    fn fork(&mut self, state: &State<'t>) -> State<'t> {
        self.visits += state.variables.len();
        state.clone()
    }

    fn slice(&self, node: Node<'_>) -> &'t str {
        self.text.get(node.byte_range()).unwrap_or_default()
    }
}

/// Whether a source of this name gives the value of a chain: the name itself,
/// or anything reached through it.
fn is_source(wanted: &str, symbol: &str) -> bool {
    let ends = symbol.match_indices('.').map(|(at, _)| at).chain([symbol.len()]);
    ends.into_iter().any(|end| name_fits(wanted, &symbol[..end]))
}

/// Whether a sink cares about the argument at a position, or of a name.
fn matters(sink: &FlowSink, at: Result<u32, &str>) -> bool {
    match at {
        _ if sink.argument.is_none() && sink.name.is_none() => true,
        Ok(position) => sink.argument == Some(position),
        Err(name) => sink.name.as_deref() == Some(name),
    }
}

/// What is called or indexed at the start of an expression, as a chain of names.
fn head<'t>(grammar: &Grammar, mut node: Node<'t>) -> Node<'t> {
    for _ in 0..DEEPEST {
        let inner = match grammar.role(node.kind_id()) {
            Role::Call { callee, .. } => callee,
            Role::Index { object } => object,
            _ => break,
        };
        match node.child_by_field_name(inner) {
            Some(inner) => node = inner,
            None => break,
        }
    }
    node
}

/// The innermost object of an expression: `a` of `a.b["c"].d()`.
fn root<'t>(grammar: &Grammar, mut node: Node<'t>) -> Node<'t> {
    for _ in 0..DEEPEST {
        let inner = match grammar.role(node.kind_id()) {
            Role::Call { callee, .. } => callee,
            Role::Index { object } | Role::Member { object } => object,
            _ => break,
        };
        match node.child_by_field_name(inner) {
            Some(inner) => node = inner,
            None => break,
        }
    }
    node
}

fn is_chain(text: &str) -> bool {
    text.len() <= 128 && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.'))
}

fn named(node: Node<'_>) -> Vec<Node<'_>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).filter(|child| !child.is_extra()).collect()
}

/// A piece of code on one line, shortened.
fn label(text: &str, range: &Range<usize>) -> String {
    let mut label = String::new();
    for word in text.get(range.clone()).unwrap_or_default().split_whitespace() {
        if !label.is_empty() {
            label.push(' ');
        }
        label.push_str(word);
        if label.len() > 4 * LABEL {
            break;
        }
    }
    match label.char_indices().nth(LABEL) {
        Some((end, _)) => format!("{}…", &label[..end]),
        None => label,
    }
}
