//! HCL as values: literals as they are, everything else as a marker.
//!
//! | marker | what stands there |
//! | ------ | ----------------- |
//! | `{"$unknown": reason}` | something that is not evaluated |
//! | `{"$ref": address, "attribute": name}` | another resource |
//! | `{"$variable": name, "path": [..]}`, `{"$local": ..}` | to be resolved once the whole folder is read |
//! | `{"$template": [..]}` | a string of several parts, of which some are markers |
//!
//! Only the first two outlive this module's folder.

use super::unknown;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::ops::Range;
use tree_sitter::Node;

/// Nesting that is read; what lies deeper is unknown.
const DEEPEST: usize = 48;

/// A block of the top level.
#[derive(Debug)]
pub(super) struct Block<'t> {
    pub(super) kind: &'t str,
    pub(super) labels: Vec<&'t str>,
    pub(super) node: Node<'t>,
    /// From its first word to its last label.
    pub(super) head: Range<usize>,
    pub(super) body: Option<Node<'t>>,
}

/// The blocks and attributes of a body.
pub(super) fn blocks<'t>(body: Node<'t>, text: &'t str) -> Vec<Block<'t>> {
    children(body).into_iter().filter(|node| node.kind() == "block").map(|node| block(node, text)).collect()
}

/// The body of a whole file.
pub(super) fn body(root: Node<'_>) -> Option<Node<'_>> {
    children(root).into_iter().find(|node| node.kind() == "body")
}

fn block<'t>(node: Node<'t>, text: &'t str) -> Block<'t> {
    let mut block = Block { kind: "", labels: Vec::new(), node, head: node.byte_range(), body: None };
    let mut first = true;
    for child in children(node) {
        match child.kind() {
            "identifier" if first => {
                block.kind = slice(text, child);
                block.head.end = child.end_byte();
                first = false;
            }
            "identifier" | "string_lit" => {
                block.labels.push(slice(text, child).trim_matches('"'));
                block.head.end = child.end_byte();
            }
            "body" => block.body = Some(child),
            _ => {}
        }
    }
    block
}

/// The attributes of a body: name, value, the whole attribute.
pub(super) fn attributes<'t>(body: Node<'t>, text: &'t str) -> Vec<(&'t str, Node<'t>, Node<'t>)> {
    let read = |node: Node<'t>| {
        let parts = children(node);
        Some((slice(text, *parts.first()?), *parts.get(1)?, node))
    };
    children(body).into_iter().filter(|node| node.kind() == "attribute").filter_map(read).collect()
}

/// A body as one object, and the places of what is in it.
pub(super) fn object(
    body: Node<'_>,
    text: &str,
    at: &str,
    places: &mut BTreeMap<String, Range<usize>>,
    depth: usize,
) -> Value {
    let mut object = Map::new();
    if depth > DEEPEST {
        return unknown("it is nested too deep");
    }
    for (name, expression, whole) in attributes(body, text) {
        object.insert(name.to_owned(), value(expression, text, depth + 1));
        places.insert(format!("{at}/{name}"), whole.byte_range());
    }
    let mut by_kind: BTreeMap<&str, Vec<Block<'_>>> = BTreeMap::new();
    for block in blocks(body, text) {
        match (block.kind, block.labels.first()) {
            ("dynamic", Some(name)) => {
                places.insert(format!("{at}/{name}"), block.head.clone());
                object.insert((*name).to_owned(), unknown(&format!("`{name}` is a dynamic block")));
            }
            _ => by_kind.entry(block.kind).or_default().push(block),
        }
    }
    for (kind, blocks) in by_kind {
        let alone = blocks.len() == 1;
        let mut values = Vec::new();
        for (index, block) in blocks.into_iter().enumerate() {
            let at = if alone { format!("{at}/{kind}") } else { format!("{at}/{kind}/{index}") };
            places.insert(at.clone(), block.head.clone());
            values.push(match block.body {
                Some(body) => self::object(body, text, &at, places, depth + 1),
                None => json!({}),
            });
        }
        // Beside a dynamic block of that name nobody knows which one counts.
        object.entry(kind).or_insert_with(|| match values.pop() {
            Some(value) if values.is_empty() => value,
            last => {
                values.extend(last);
                Value::Array(values)
            }
        });
    }
    Value::Object(object)
}

/// The value of an expression.
pub(super) fn value(node: Node<'_>, text: &str, depth: usize) -> Value {
    if depth > DEEPEST {
        return unknown("it is nested too deep");
    }
    let parts = children(node);
    let inner = |index: usize| parts.get(index).copied();
    match node.kind() {
        "expression" if parts.first().is_some_and(|first| first.kind() == "variable_expr") => {
            reference(slice(text, node))
        }
        "expression" | "literal_value" | "collection_value" | "template_expr" if parts.len() == 1 => {
            value(parts[0], text, depth + 1)
        }
        "string_lit" => Value::String(unquoted(slice(text, node))),
        "numeric_lit" => {
            serde_json::from_str(slice(text, node)).unwrap_or_else(|_| unknown("it is no number"))
        }
        "bool_lit" => Value::Bool(slice(text, node) == "true"),
        "null_lit" => Value::Null,
        "quoted_template" | "heredoc_template" => template(node, text, depth),
        "variable_expr" => reference(slice(text, node)),
        "tuple" => {
            let items = parts.iter().filter(|part| part.kind() == "expression");
            Value::Array(items.map(|item| value(*item, text, depth + 1)).collect())
        }
        "object" => {
            let mut object = Map::new();
            for element in parts.iter().filter(|part| part.kind() == "object_elem") {
                let key = element.child_by_field_name("key");
                let item = element.child_by_field_name("val");
                if let Some((key, item)) = key.zip(item) {
                    let name = slice(text, key).trim_matches(['"', '(', ')']).to_owned();
                    object.insert(name, value(item, text, depth + 1));
                }
            }
            Value::Object(object)
        }
        "function_call" => {
            let name = inner(0).map_or("", |name| slice(text, name));
            let arguments: Vec<Node<'_>> = inner(1)
                .map(children)
                .unwrap_or_default()
                .into_iter()
                .filter(|argument| argument.kind() == "expression")
                .collect();
            match (name, arguments.as_slice()) {
                // What it makes is read back at once.
                ("jsonencode", [one]) => value(*one, text, depth + 1),
                _ => unknown(&format!("`{name}(...)` is not evaluated")),
            }
        }
        "conditional" => unknown("it depends on a condition"),
        _ => unknown("the expression is not evaluated"),
    }
}

fn template(node: Node<'_>, text: &str, depth: usize) -> Value {
    let mut parts = Vec::new();
    for part in children(node) {
        match part.kind() {
            "template_literal" => {
                let literal = slice(text, part);
                let literal = match node.kind() {
                    "quoted_template" => unquoted(&format!("\"{literal}\"")),
                    _ => literal.to_owned(),
                };
                parts.push(Value::String(literal));
            }
            "template_interpolation" => {
                let expression = children(part).into_iter().find(|child| child.kind() == "expression");
                parts.push(expression.map_or_else(
                    || unknown("the interpolation is empty"),
                    |expression| value(expression, text, depth + 1),
                ));
            }
            "template_directive" => parts.push(unknown("the template has directives")),
            _ => {}
        }
    }
    match parts.as_slice() {
        [] => Value::String(String::new()),
        [Value::String(_)] => parts.remove(0),
        _ if parts.iter().all(Value::is_string) => {
            Value::String(parts.iter().filter_map(Value::as_str).collect())
        }
        _ => json!({ "$template": parts }),
    }
}

/// `var.a.b`, `local.a`, `aws_s3_bucket.x[0].id`, `module.m.output`
fn reference(text: &str) -> Value {
    let mut names: Vec<String> = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['.', '[']) {
        let (name, after) = rest.split_at(at);
        names.extend(Some(name.trim().to_owned()).filter(|name| !name.is_empty()));
        rest = &after[1..];
        if after.starts_with('[') {
            // Which of several instances it is makes no difference here.
            let Some((index, after)) = rest.split_once(']') else {
                return unknown("the index is not evaluated");
            };
            let key = index.trim();
            if key.starts_with('"') {
                names.push(key.trim_matches('"').to_owned());
            }
            rest = after;
        }
    }
    names.extend(Some(rest.trim().to_owned()).filter(|name| !name.is_empty()));
    let words: Vec<&str> = names.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["var", name, path @ ..] => json!({ "$variable": name, "path": path }),
        ["local", name, path @ ..] => json!({ "$local": name, "path": path }),
        ["each" | "count" | "self" | "path" | "terraform", ..] => {
            unknown(&format!("`{text}` is not known before deployment"))
        }
        ["data", kind, name, path @ ..] => {
            json!({ "$ref": format!("data.{kind}.{name}"), "attribute": path.join(".") })
        }
        [kind, name, path @ ..] => json!({ "$ref": format!("{kind}.{name}"), "attribute": path.join(".") }),
        _ => unknown(&format!("`{text}` is not known here")),
    }
}

/// A quoted string's content.
fn unquoted(quoted: &str) -> String {
    let text = serde_json::from_str(quoted).unwrap_or_else(|_| quoted.trim_matches('"').to_owned());
    text.replace("$${", "${").replace("%%{", "%{")
}

fn children(node: Node<'_>) -> Vec<Node<'_>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).filter(|child| !child.is_extra()).collect()
}

fn slice<'t>(text: &'t str, node: Node<'_>) -> &'t str {
    text.get(node.byte_range()).unwrap_or_default()
}
