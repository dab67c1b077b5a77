//! Terraform: the resources of one file, as far as that file tells.
//!
//! Variables, values and locals are read along as resources of kinds that begin
//! with `terraform:`; joining the files of a folder uses them up.

use super::hcl::{self, Block};
use super::{Format, Resource};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Resource types, and what they are in the common form.
const KINDS: &[(&str, &str)] = &[
    ("aws_instance", "aws:ec2:instance"),
    ("aws_launch_template", "aws:ec2:launch-template"),
    ("aws_launch_configuration", "aws:ec2:launch-template"),
    ("aws_s3_bucket", "aws:s3:bucket"),
    ("aws_s3_bucket_policy", POLICY),
    ("aws_s3_bucket_public_access_block", ACCESS_BLOCK),
];

pub(super) const POLICY: &str = "terraform:bucket-policy";
pub(super) const ACCESS_BLOCK: &str = "terraform:bucket-access-block";
pub(super) const VARIABLE: &str = "terraform:variable";
pub(super) const VALUE: &str = "terraform:value";
pub(super) const LOCAL: &str = "terraform:local";

/// Whether a text is worth parsing for its resources.
pub(super) fn is_likely(text: &str, path: &str) -> bool {
    let holds = |word: &str| memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some();
    is_values(path) || holds("variable") || holds("locals") || KINDS.iter().any(|(name, _)| holds(name))
}

/// Whether a file gives variables their values without being asked for.
fn is_values(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name == "terraform.tfvars" || name.ends_with(".auto.tfvars")
}

/// Reads the resources of a file.
pub(super) fn read(root: tree_sitter::Node<'_>, text: &str, path: &str) -> Vec<Resource> {
    let Some(body) = hcl::body(root) else { return Vec::new() };
    if is_values(path) {
        return named_values(VALUE, body, text);
    }
    if path.ends_with(".tfvars") {
        return Vec::new();
    }
    let mut found = Vec::new();
    for block in hcl::blocks(body, text) {
        match (block.kind, block.labels.as_slice()) {
            ("variable", [name]) => found.push(variable(&block, name, text)),
            ("locals", []) => {
                found.extend(block.body.map(|body| named_values(LOCAL, body, text)).unwrap_or_default())
            }
            ("resource", [kind, name]) => {
                if let Some((_, common)) = KINDS.iter().find(|(known, _)| known == kind) {
                    found.push(resource(&block, common, kind, format!("{kind}.{name}"), text));
                }
            }
            _ => {}
        }
    }
    found
}

fn variable(block: &Block<'_>, name: &str, text: &str) -> Resource {
    let mut resource = resource(block, VARIABLE, "variable", name.to_owned(), text);
    let default = resource.attributes.get("default").cloned();
    resource.attributes = default.map_or_else(|| json!({}), |default| json!({ "value": default }));
    resource
}

fn named_values(kind: &str, body: tree_sitter::Node<'_>, text: &str) -> Vec<Resource> {
    let read = |(name, expression, whole): (&str, tree_sitter::Node<'_>, tree_sitter::Node<'_>)| Resource {
        format: Format::Terraform,
        kind: kind.to_owned(),
        source_kind: String::new(),
        address: name.to_owned(),
        identity: None,
        attributes: json!({ "value": hcl::value(expression, text, 0) }),
        places: BTreeMap::new(),
        range: whole.byte_range(),
    };
    hcl::attributes(body, text).into_iter().map(read).collect()
}

fn resource(block: &Block<'_>, kind: &str, source_kind: &str, address: String, text: &str) -> Resource {
    let mut places = BTreeMap::from([(String::new(), block.head.clone())]);
    let attributes = match block.body {
        Some(body) => hcl::object(body, text, "", &mut places, 0),
        None => Value::Object(Map::new()),
    };
    Resource {
        format: Format::Terraform,
        kind: kind.to_owned(),
        source_kind: source_kind.to_owned(),
        address,
        identity: None,
        attributes,
        places,
        range: block.node.byte_range(),
    }
}
