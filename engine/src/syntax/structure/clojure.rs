//! Clojure: everything is a list, and its first symbol says what it is.

use tree_sitter::Node;

use super::names::To;
use super::walk::{Symbol, Walk};
use super::{Std, names};
use crate::syntax::slice;

/// Forms that are grammar rather than calls.
const SPECIAL: &[&str] = &["do", "if", "quote", "var", "recur", "comment"];

/// Reads one list.
pub(super) fn enter<'t>(walk: &mut Walk<'t>, list: Node<'t>) {
    let text = walk.text;
    if list.start_byte() < walk.data_until {
        return;
    }
    if list.kind() == "quoting_lit" {
        walk.data_until = list.end_byte();
        return;
    }
    let parts = values(walk, list);
    let Some((head, rest)) = parts.split_first() else {
        return;
    };
    // `(:key map)`, `((f) x)` and data call nothing that has a name.
    if head.kind() != "sym_lit" {
        return;
    }
    match slice(text, *head) {
        "ns" => {
            walk.data_until = list.end_byte();
            rest.iter().for_each(|clause| namespace_clause(walk, *clause));
        }
        "require" | "use" | "import" => {
            let java = slice(text, *head) == "import";
            rest.iter().for_each(|spec| library(walk, list, *spec, java));
        }
        "def" | "defonce" => {
            if let [name, .., value] = rest {
                walk.assign(list, Some(*name), Some(*value), false);
                walk.scopes.bind(walk.scope, slice(text, *name), To::Unknown);
            }
        }
        "defn" | "defn-" | "defmacro" | "defmethod" => {
            let name = rest.first().copied().filter(|name| name.kind() == "sym_lit");
            function(walk, list, name, rest);
        }
        "fn" | "fn*" => {
            let name = rest.first().copied().filter(|name| name.kind() == "sym_lit");
            function(walk, list, name, rest);
        }
        "let" | "loop" | "when-let" | "if-let" | "with-open" | "binding" | "with-redefs" => {
            walk.scope = walk.scopes.open(walk.scope, false);
            let bindings = rest.first().map(|bindings| values(walk, *bindings));
            for pair in bindings.unwrap_or_default().chunks_exact(2) {
                walk.assign(list, Some(pair[0]), Some(pair[1]), false);
                walk.bind_pattern(pair[0]);
            }
        }
        "new" => {
            if let Some((class, arguments)) = rest.split_first() {
                call(walk, list, *class, arguments);
            }
        }
        name if SPECIAL.contains(&name) => {}
        _ => call(walk, list, *head, rest),
    }
}

/// The name that a `def` form gives, for [`enclosing_name`](crate::syntax::enclosing_name).
pub(crate) fn defined_name<'t>(list: Node<'_>, text: &'t str) -> Option<&'t str> {
    let mut cursor = list.walk();
    let mut symbols = list.children_by_field_name("value", &mut cursor);
    let head = slice(text, symbols.next()?);
    let name = symbols.next()?;
    (head.starts_with("def") && name.kind() == "sym_lit").then(|| slice(text, name))
}

fn call<'t>(walk: &mut Walk<'t>, list: Node<'t>, callee: Node<'t>, arguments: &[Node<'t>]) {
    if !walk.wants(Std::Call) {
        return;
    }
    let text = walk.text;
    let item = walk.begin(Std::Call, list);
    let name = slice(text, callee);
    // `(.exec runtime "ls")` is a method, its object the first argument.
    let method = name.strip_prefix('.').filter(|method| !method.starts_with(['.', '-']));
    let arguments = match (method, arguments.split_first()) {
        (Some(method), Some((object, rest))) => {
            walk.capture(item, 1, callee, Symbol::Is(format!("*.{method}").into()));
            walk.capture(item, 2, *object, Symbol::IfOther);
            rest
        }
        _ => {
            walk.capture(item, 1, callee, Symbol::Resolve);
            arguments
        }
    };
    for argument in arguments.iter().take(256) {
        walk.capture(item, 4, *argument, Symbol::IfOther);
        if argument.kind() == "map_lit" {
            for pair in values(walk, *argument).chunks_exact(2).take(256) {
                walk.key(item, pair[0], pair[1]);
            }
        }
    }
}

fn function<'t>(walk: &mut Walk<'t>, list: Node<'t>, name: Option<Node<'t>>, rest: &[Node<'t>]) {
    let parameters = rest.iter().copied().find(|part| part.kind() == "vec_lit");
    walk.function(list, name, parameters);
}

/// `(:require [a.b :as c :refer [d]])`, `(:import (java.io File) java.util.Date)`
fn namespace_clause<'t>(walk: &mut Walk<'t>, clause: Node<'t>) {
    let parts = values(walk, clause);
    let Some((head, specs)) = parts.split_first() else {
        return;
    };
    match slice(walk.text, *head) {
        ":require" | ":use" | ":require-macros" => {
            specs.iter().for_each(|spec| library(walk, clause, *spec, false));
        }
        ":import" => specs.iter().for_each(|spec| library(walk, clause, *spec, true)),
        _ => {}
    }
}

fn library<'t>(walk: &mut Walk<'t>, statement: Node<'t>, spec: Node<'t>, java: bool) {
    let text = walk.text;
    let spec = if spec.kind() == "quoting_lit" {
        match values(walk, spec).first() {
            Some(quoted) => *quoted,
            None => return,
        }
    } else {
        spec
    };
    if spec.kind() == "sym_lit" {
        let name = slice(text, spec);
        if java {
            let class = name.rsplit('.').next().unwrap_or(name);
            walk.scopes.bind(0, class, To::Symbol(name.into()));
        }
        add(walk, statement, spec, name, None, None);
        return;
    }
    let parts = values(walk, spec);
    let Some((module, options)) = parts.split_first() else {
        return;
    };
    let from = slice(text, *module);
    if java {
        for class in options {
            let symbol = format!("{from}.{}", slice(text, *class));
            walk.scopes.bind(0, slice(text, *class), To::Symbol(symbol.as_str().into()));
            add(walk, statement, *module, from, Some((*class, &symbol)), None);
        }
        return;
    }
    let mut alone = true;
    for option in options.chunks_exact(2) {
        match slice(text, option[0]) {
            ":as" | ":as-alias" => {
                walk.scopes.bind(0, slice(text, option[1]), To::Symbol(from.into()));
                add(walk, statement, *module, from, None, Some(option[1]));
                alone = false;
            }
            ":refer" | ":only" => {
                for name in values(walk, option[1]) {
                    let symbol = format!("{from}/{}", slice(text, name));
                    walk.scopes.bind(0, slice(text, name), To::Symbol(symbol.as_str().into()));
                    add(walk, statement, *module, from, Some((name, &symbol)), None);
                    alone = false;
                }
            }
            _ => {}
        }
    }
    if alone {
        add(walk, statement, *module, from, None, None);
    }
}

fn add<'t>(
    walk: &mut Walk<'t>,
    statement: Node<'t>,
    module: Node<'t>,
    symbol: &str,
    name: Option<(Node<'t>, &str)>,
    alias: Option<Node<'t>>,
) {
    if !walk.wants(Std::Import) {
        return;
    }
    let item = walk.begin(Std::Import, statement);
    walk.capture(item, 1, module, Symbol::Is(symbol.into()));
    if let Some((name, symbol)) = name {
        walk.capture(item, 2, name, Symbol::Is(names::unquoted(symbol).into()));
    }
    if let Some(alias) = alias {
        walk.capture(item, 3, alias, Symbol::Is(symbol.into()));
    }
}

/// The forms inside a form, without metadata and comments.
fn values<'t>(walk: &mut Walk<'t>, form: Node<'t>) -> Vec<Node<'t>> {
    let mut values = walk.children(form);
    values.retain(|value| !matches!(value.kind(), "meta_lit" | "old_meta_lit" | "dis_expr" | "comment"));
    values
}
