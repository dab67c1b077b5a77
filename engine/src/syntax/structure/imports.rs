//! Imports: what each language writes, and which names it binds to which symbols.

use tree_sitter::Node;

use super::Std;
use super::names::{self, To};
use super::shape::Role;
use super::walk::{Symbol, Walk};
use crate::syntax::{Language, slice};

/// Prefixes longer than this come from a generator of trouble.
const LONGEST_MODULE: usize = 1024;

/// Reads an import statement.
pub(super) fn read<'t>(walk: &mut Walk<'t>, node: Node<'t>) {
    match walk.language {
        Language::Python => python(walk, node),
        Language::JavaScript | Language::TypeScript | Language::Tsx => ecmascript(walk, node),
        Language::Java => java(walk, node),
        Language::Kotlin => kotlin(walk, node),
        Language::Php => php(walk, node),
        Language::Go => go(walk, node),
        Language::CSharp => csharp(walk, node),
        Language::Rust => rust(walk, node),
        Language::Dockerfile => dockerfile(walk, node),
        _ => {}
    }
}

/// Reads calls that import: `require 'json'`, `require('fs')`, `. ./env.sh`.
pub(super) fn read_call<'t>(walk: &mut Walk<'t>, node: Node<'t>, callee: &str, arguments: Option<Node<'t>>) {
    let imports = match walk.language {
        Language::JavaScript | Language::TypeScript | Language::Tsx => {
            matches!(callee, "require" | "import")
        }
        Language::Ruby => matches!(callee, "require" | "require_relative" | "load"),
        Language::Bash => matches!(callee, "source" | "."),
        Language::Python => matches!(callee, "__import__" | "importlib.import_module"),
        _ => false,
    };
    if !imports || !walk.wants(Std::Import) {
        return;
    }
    let Some(arguments) = arguments else { return };
    let skipped = usize::from(walk.language == Language::Bash);
    let Some(module) = walk.children(arguments).into_iter().nth(skipped) else {
        return;
    };
    let literal = matches!(walk.shape.role(module), Role::String { .. });
    if !literal && walk.language != Language::Bash {
        return;
    }
    let symbol = quoted(walk, module);
    Import { statement: node, module: Some((module, symbol)), name: None, alias: None }.add(walk);
}

/// One imported thing.
struct Import<'t> {
    statement: Node<'t>,
    module: Option<(Node<'t>, &'t str)>,
    name: Option<(Node<'t>, String)>,
    alias: Option<(Node<'t>, String)>,
}

impl<'t> Import<'t> {
    fn add(self, walk: &mut Walk<'t>) {
        if !walk.wants(Std::Import) {
            return;
        }
        let item = walk.begin(Std::Import, self.statement);
        if let Some((module, symbol)) = self.module {
            walk.capture(item, 1, module, Symbol::Is(symbol.into()));
        }
        if let Some((name, symbol)) = self.name {
            walk.capture(item, 2, name, Symbol::Is(symbol.into()));
        }
        if let Some((alias, symbol)) = self.alias {
            walk.capture(item, 3, alias, Symbol::Is(symbol.into()));
        }
    }
}

fn bind<'t>(walk: &mut Walk<'t>, name: &'t str, symbol: &str) {
    walk.scopes.bind(walk.scope, name, To::Symbol(symbol.into()));
}

/// A module's name without quotes and without the prefix of Node's own.
fn quoted<'t>(walk: &Walk<'t>, node: Node<'t>) -> &'t str {
    let name = names::unquoted(slice(walk.text, node));
    name.strip_prefix("node:").unwrap_or(name)
}

fn field<'t>(node: Node<'t>, name: &str) -> Option<Node<'t>> {
    node.child_by_field_name(name)
}

/// `import a.b as c`, `from .a import b as c`
fn python<'t>(walk: &mut Walk<'t>, statement: Node<'t>) {
    let text = walk.text;
    let module = field(statement, "module_name");
    for child in walk.children(statement) {
        if Some(child) == module {
            continue;
        }
        let (name, alias) = match child.kind() {
            "aliased_import" => match field(child, "name").zip(field(child, "alias")) {
                Some((name, alias)) => (name, Some(alias)),
                None => continue,
            },
            "dotted_name" | "wildcard_import" => (child, None),
            _ => continue,
        };
        let own = slice(text, name);
        let Some(module) = module else {
            match alias {
                Some(alias) => bind(walk, slice(text, alias), own),
                // `import os.path` binds `os`.
                None => {
                    let first = own.split('.').next().unwrap_or(own);
                    bind(walk, first, first);
                }
            }
            let alias = alias.map(|alias| (alias, own.to_owned()));
            Import { statement, module: Some((name, own)), name: None, alias }.add(walk);
            continue;
        };
        let from = slice(text, module);
        let symbol = match from.ends_with('.') {
            true => format!("{from}{own}"),
            false => format!("{from}.{own}"),
        };
        if child.kind() != "wildcard_import" {
            bind(walk, slice(text, alias.unwrap_or(name)), &symbol);
        }
        Import {
            statement,
            module: Some((module, from)),
            name: Some((name, symbol.clone())),
            alias: alias.map(|alias| (alias, symbol)),
        }
        .add(walk);
    }
}

/// `import x, {a as b} from 'm'`, `import * as x`, `import x = require('m')`
fn ecmascript<'t>(walk: &mut Walk<'t>, statement: Node<'t>) {
    let text = walk.text;
    let clause = walk
        .children(statement)
        .into_iter()
        .find(|child| matches!(child.kind(), "import_clause" | "import_require_clause"));
    let source = field(statement, "source").or(clause.and_then(|clause| field(clause, "source")));
    let Some(source) = source else { return };
    let module = quoted(walk, source);
    let parts = clause.map(|clause| walk.children(clause)).unwrap_or_default();
    let mut whole = parts.is_empty();
    for part in parts {
        match part.kind() {
            "identifier" => {
                bind(walk, slice(text, part), module);
                let alias = Some((part, module.to_owned()));
                Import { statement, module: Some((source, module)), name: None, alias }.add(walk);
            }
            "namespace_import" => {
                let Some(name) = part.named_child(0) else {
                    continue;
                };
                bind(walk, slice(text, name), module);
                let alias = Some((name, module.to_owned()));
                Import { statement, module: Some((source, module)), name: None, alias }.add(walk);
            }
            "named_imports" => {
                let members = walk.children(part);
                whole |= members.is_empty();
                for member in members {
                    let Some(name) = field(member, "name") else {
                        continue;
                    };
                    let alias = field(member, "alias");
                    let symbol = match names::unquoted(slice(text, name)) {
                        "default" => module.to_owned(),
                        own => format!("{module}.{own}"),
                    };
                    bind(walk, slice(text, alias.unwrap_or(name)), &symbol);
                    Import {
                        statement,
                        module: Some((source, module)),
                        name: Some((name, symbol.clone())),
                        alias: alias.map(|alias| (alias, symbol)),
                    }
                    .add(walk);
                }
            }
            _ => {}
        }
    }
    if whole {
        let module = Some((source, module));
        Import { statement, module, name: None, alias: None }.add(walk);
    }
}

/// `import a.b.C;`, `import static a.b.C.m;`, `import a.b.*;`
fn java<'t>(walk: &mut Walk<'t>, statement: Node<'t>) {
    let text = walk.text;
    let children = walk.children(statement);
    let Some(path) = children.first().copied() else {
        return;
    };
    let whole = slice(text, path);
    let words = slice(text, statement).strip_prefix("import").unwrap_or_default();
    let of_static = words.trim_start().starts_with("static");
    let asterisk = children.into_iter().find(|child| child.kind() == "asterisk");
    let member = field(path, "name").zip(field(path, "scope")).filter(|_| of_static);
    if let Some(asterisk) = asterisk {
        let name = Some((asterisk, format!("{whole}.*")));
        Import { statement, module: Some((path, whole)), name, alias: None }.add(walk);
        return;
    }
    bind(walk, names::last(whole), whole);
    let (module, name) = match member {
        Some((name, scope)) => ((scope, slice(text, scope)), Some((name, whole.to_owned()))),
        None => ((path, whole), None),
    };
    Import { statement, module: Some(module), name, alias: None }.add(walk);
}

/// `import a.b.C as D`, `import a.b.*`
fn kotlin<'t>(walk: &mut Walk<'t>, statement: Node<'t>) {
    let text = walk.text;
    let children = walk.children(statement);
    let Some(path) = children.first().copied() else {
        return;
    };
    let whole = slice(text, path);
    let alias = children.get(1).copied();
    let asterisk = statement.child(statement.child_count().saturating_sub(1));
    let asterisk = asterisk.filter(|last| last.kind() == "*");
    if asterisk.is_none() {
        let name = alias.map_or(names::last(whole), |alias| slice(text, alias));
        bind(walk, name, whole);
    }
    let name = asterisk.map(|asterisk| (asterisk, format!("{whole}.*")));
    let alias = alias.map(|alias| (alias, whole.to_owned()));
    Import { statement, module: Some((path, whole)), name, alias }.add(walk);
}

/// `use A\B as C;`, `use function A\f;`, `use A\{B, C as D};`
fn php<'t>(walk: &mut Walk<'t>, statement: Node<'t>) {
    let text = walk.text;
    let mut prefix = "";
    let mut clauses = Vec::new();
    for child in walk.children(statement) {
        match child.kind() {
            "namespace_name" => prefix = slice(text, child),
            "namespace_use_group" => clauses.extend(walk.children(child)),
            "namespace_use_clause" => clauses.push(child),
            _ => {}
        }
    }
    for clause in clauses {
        let alias = field(clause, "alias");
        let path = walk
            .children(clause)
            .into_iter()
            .find(|child| matches!(child.kind(), "name" | "qualified_name") && Some(*child) != alias);
        let Some(path) = path else { continue };
        let own = slice(text, path).trim_start_matches('\\');
        let symbol = match prefix {
            "" => own.to_owned(),
            prefix => format!("{}\\{own}", prefix.trim_start_matches('\\')),
        };
        let last = own.rsplit('\\').next().unwrap_or(own);
        bind(walk, alias.map_or(last, |alias| slice(text, alias)), &symbol);
        if !walk.wants(Std::Import) {
            continue;
        }
        let item = walk.begin(Std::Import, statement);
        walk.capture(item, 1, path, Symbol::Is(symbol.as_str().into()));
        if let Some(alias) = alias {
            walk.capture(item, 3, alias, Symbol::Is(symbol.into()));
        }
    }
}

/// `import x "a/b"`, where a package goes by the last part of its path.
fn go<'t>(walk: &mut Walk<'t>, spec: Node<'t>) {
    let text = walk.text;
    let Some(path) = field(spec, "path") else {
        return;
    };
    let module = quoted(walk, path);
    let alias = field(spec, "name");
    match alias.map(|alias| slice(text, alias)) {
        Some("." | "_") => {}
        Some(name) => bind(walk, name, module),
        None => package_names(module).into_iter().for_each(|name| bind(walk, name, module)),
    }
    let alias = alias.map(|alias| (alias, module.to_owned()));
    Import { statement: spec, module: Some((path, module)), name: None, alias }.add(walk);
}

/// The names that a package of this path may have, by custom.
fn package_names(module: &str) -> Vec<&str> {
    let version = |part: &str| {
        part.strip_prefix('v')
            .is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let last = module.rsplit('/').find(|part| !version(part)).unwrap_or(module);
    // `gopkg.in/yaml.v3`
    let last = last.rsplit_once('.').filter(|(_, end)| version(end)).map_or(last, |(name, _)| name);
    let bare = last.strip_prefix("go-").unwrap_or(last);
    let bare = bare.strip_suffix("-go").or(bare.strip_suffix(".go")).unwrap_or(bare);
    if bare == last { vec![last] } else { vec![last, bare] }
}

/// `using A.B;`, `using static A.B;`, `using X = A.B;`
fn csharp<'t>(walk: &mut Walk<'t>, statement: Node<'t>) {
    let text = walk.text;
    let alias = field(statement, "name");
    let path = walk.children(statement).into_iter().find(|child| Some(*child) != alias);
    let Some(path) = path else { return };
    let module = slice(text, path);
    if let Some(alias) = alias {
        bind(walk, slice(text, alias), module);
    }
    let alias = alias.map(|alias| (alias, module.to_owned()));
    Import { statement, module: Some((path, module)), name: None, alias }.add(walk);
}

/// `use a::{b, c as d, e::*};`
fn rust<'t>(walk: &mut Walk<'t>, statement: Node<'t>) {
    let text = walk.text;
    let Some(tree) = field(statement, "argument") else {
        return;
    };
    let mut left = vec![(tree, String::new())];
    while let Some((node, prefix)) = left.pop() {
        let join = |part: &str| match (prefix.as_str(), part) {
            ("", part) => part.to_owned(),
            (prefix, "self") => prefix.to_owned(),
            (prefix, part) => format!("{prefix}::{part}"),
        };
        if prefix.len() > LONGEST_MODULE {
            continue;
        }
        let (path, alias) = match node.kind() {
            "use_list" => {
                let parts = walk.children(node);
                left.extend(parts.into_iter().rev().map(|part| (part, prefix.clone())));
                continue;
            }
            "scoped_use_list" => {
                let path = field(node, "path").map(|path| join(slice(text, path)));
                let path = path.unwrap_or_else(|| prefix.clone());
                left.extend(field(node, "list").map(|list| (list, path)));
                continue;
            }
            "use_as_clause" => match field(node, "path").zip(field(node, "alias")) {
                Some((path, alias)) => (path, Some(alias)),
                None => continue,
            },
            _ => (node, None),
        };
        let wildcard = node.kind() == "use_wildcard";
        let path = if wildcard { node.named_child(0).unwrap_or(node) } else { path };
        let symbol = join(slice(text, path)).trim_start_matches("::").to_owned();
        let own = names::last(slice(text, path));
        let name = match alias {
            Some(alias) => slice(text, alias),
            // `use a::b::{self}` binds `b`; its last segment lives in the prefix.
            None if own == "self" => last_of(text, statement, &symbol),
            None => own,
        };
        if !wildcard && name != "_" {
            bind(walk, name, &symbol);
        }
        if walk.wants(Std::Import) {
            let item = walk.begin(Std::Import, statement);
            walk.capture(item, 1, path, Symbol::Is(symbol.as_str().into()));
            if wildcard && let Some(asterisk) = node.child(node.child_count().saturating_sub(1)) {
                walk.capture(item, 2, asterisk, Symbol::Is(format!("{symbol}::*").into()));
            }
            if let Some(alias) = alias {
                walk.capture(item, 3, alias, Symbol::Is(symbol.into()));
            }
        }
    }
}

/// The last segment of a path, as it stands in the statement.
fn last_of<'t>(text: &'t str, statement: Node<'t>, path: &str) -> &'t str {
    let statement = slice(text, statement);
    let last = path.rsplit("::").next().unwrap_or(path);
    statement.find(last).map_or("", |at| &statement[at..at + last.len()])
}

/// `FROM image:tag AS name`
fn dockerfile<'t>(walk: &mut Walk<'t>, statement: Node<'t>) {
    let text = walk.text;
    let alias = field(statement, "as");
    let image = walk.children(statement).into_iter().find(|child| child.kind() == "image_spec");
    let Some(image) = image else { return };
    let symbol = slice(text, image);
    let alias = alias.map(|alias| (alias, symbol.to_owned()));
    Import { statement, module: Some((image, symbol)), name: None, alias }.add(walk);
}
