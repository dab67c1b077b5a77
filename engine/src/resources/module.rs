//! A Terraform folder: its variables put in, its parts of buckets put together.

use super::terraform::{ACCESS_BLOCK, LOCAL, POLICY, VALUE, VARIABLE};
use super::{Resource, StackResource, unknown};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Names that refer to names are followed this far.
const DEEPEST: usize = 16;
/// Bytes of a value that variables are put into.
const LONGEST: usize = 1 << 20;

/// Joins the resources of a folder's files, given with their file's number.
pub(super) fn join(resources: Vec<(usize, Resource)>) -> Vec<StackResource> {
    let mut names = Names::default();
    let mut parts = Vec::new();
    let mut found = Vec::new();
    for (document, mut resource) in resources {
        let value = resource.attributes.get_mut("value").map(Value::take);
        match resource.kind.as_str() {
            VARIABLE => {
                names.variables.entry(resource.address).or_insert(value);
            }
            VALUE => {
                names.values.insert(resource.address, value.unwrap_or_default());
            }
            LOCAL => {
                names.locals.insert(resource.address, value.unwrap_or_default());
            }
            POLICY | ACCESS_BLOCK => parts.push((document, put_back(resource, value))),
            _ => found.push(StackResource::new(document, put_back(resource, value))),
        }
    }
    for resource in &mut found {
        names.resolve(&mut resource.attributes);
        read_policy(&mut resource.attributes);
        drop_texts(&mut resource.attributes);
        if resource.kind == "aws:s3:bucket" {
            resource.identity = resource.attributes.get("bucket").and_then(Value::as_str).map(bucket_arn);
        }
    }
    for (document, mut part) in parts {
        names.resolve(&mut part.attributes);
        read_policy(&mut part.attributes);
        drop_texts(&mut part.attributes);
        merge(&mut found, document, part);
    }
    found
}

/// Undoes taking a `value` that was an attribute of a real resource.
fn put_back(mut resource: Resource, value: Option<Value>) -> Resource {
    if let Some(value) = value {
        resource.attributes["value"] = value;
    }
    resource
}

fn bucket_arn(name: &str) -> String {
    format!("arn:aws:s3:::{name}")
}

/// Puts a bucket's policy or access block into the bucket that it names.
fn merge(found: &mut Vec<StackResource>, document: usize, part: Resource) {
    let bucket = part.attributes.get("bucket").cloned().unwrap_or_default();
    let address = bucket.get("$ref").and_then(Value::as_str);
    let identity = bucket.as_str().map(|name| bucket_arn(name.strip_prefix("arn:aws:s3:::").unwrap_or(name)));
    let owner = found.iter().position(|known| {
        known.kind == "aws:s3:bucket"
            && (address == Some(known.address.as_str()) || identity.is_some() && known.identity == identity)
    });
    let owner = owner.unwrap_or_else(|| {
        // The bucket is not in this folder; what is said of it still counts.
        let places = part.places.get("").map(|range| (String::new(), (document, range.clone())));
        found.push(StackResource {
            kind: "aws:s3:bucket".into(),
            source_kind: part.source_kind.clone(),
            address: part.address.clone(),
            identity,
            document,
            attributes: json!({ "bucket": bucket }),
            places: places.into_iter().collect(),
        });
        found.len() - 1
    });
    let owner = &mut found[owner];
    let under = match part.kind.as_str() {
        POLICY => "",
        _ => "/public_access_block",
    };
    let Value::Object(mut attributes) = part.attributes else { return };
    attributes.remove("bucket");
    match under {
        "" => {
            if let Some(policy) = attributes.remove("policy") {
                owner.attributes["policy"] = policy;
            }
        }
        _ => owner.attributes["public_access_block"] = Value::Object(attributes),
    }
    for (pointer, range) in part.places {
        let wanted = if under.is_empty() { pointer.starts_with("/policy") } else { pointer != "/bucket" };
        if wanted {
            owner.places.insert(format!("{under}{pointer}"), (document, range));
        }
    }
}

/// Reads a policy that is written as a string; interpolations in it are unknown.
fn read_policy(attributes: &mut Value) {
    let Some(policy) = attributes.get_mut("policy") else { return };
    let text = match &*policy {
        Value::String(text) => text.clone(),
        Value::Object(marker) => match marker.get("$text").and_then(Value::as_str) {
            Some(text) => text.to_owned(),
            None => return,
        },
        _ => return,
    };
    *policy = match serde_json::from_str::<Value>(&text) {
        Ok(mut read) => {
            hide_interpolations(&mut read);
            read
        }
        Err(_) => unknown("the policy is not JSON that can be read here"),
    };
}

/// Unknown strings keep what is known of their text only until policies are read.
fn drop_texts(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(drop_texts),
        Value::Object(members) => {
            members.remove("$text");
            members.values_mut().for_each(drop_texts);
        }
        _ => {}
    }
}

fn hide_interpolations(value: &mut Value) {
    match value {
        Value::String(text) if text.contains("${") => {
            *value = unknown(&format!("`{text}` is not known before deployment"));
        }
        Value::Array(items) => items.iter_mut().for_each(hide_interpolations),
        Value::Object(members) => members.values_mut().for_each(hide_interpolations),
        _ => {}
    }
}

/// What names stand for in a folder.
#[derive(Default)]
struct Names {
    /// With their defaults.
    variables: BTreeMap<String, Option<Value>>,
    /// From `terraform.tfvars`.
    values: BTreeMap<String, Value>,
    locals: BTreeMap<String, Value>,
}

impl Names {
    fn resolve(&self, value: &mut Value) {
        let mut left = LONGEST;
        self.walk(value, 0, &mut left);
    }

    /// Puts in what names stand for; `left` bounds what copies may add up to.
    fn walk(&self, value: &mut Value, depth: usize, left: &mut usize) {
        match value {
            Value::Array(items) => items.iter_mut().for_each(|item| self.walk(item, depth, left)),
            Value::Object(members) => {
                if let Some(resolved) = self.marker(members, depth, left) {
                    *value = resolved;
                    return;
                }
                members.values_mut().for_each(|member| self.walk(member, depth, left));
            }
            _ => {}
        }
    }

    fn marker(&self, members: &mut Map<String, Value>, depth: usize, left: &mut usize) -> Option<Value> {
        if let Some(Value::Array(parts)) = members.get_mut("$template") {
            let mut parts = std::mem::take(parts);
            parts.iter_mut().for_each(|part| self.walk(part, depth, left));
            return Some(joined(&parts));
        }
        let (kind, name) = ["$variable", "$local"]
            .into_iter()
            .find_map(|kind| Some((kind, members.get(kind)?.as_str()?.to_owned())))?;
        let path = members.get("path").and_then(Value::as_array).cloned().unwrap_or_default();
        let known = match kind {
            "$variable" => match (self.values.get(&name), self.variables.get(&name)) {
                (Some(value), _) | (None, Some(Some(value))) => value,
                (None, Some(None)) => return Some(unknown(&format!("variable `{name}` has no default"))),
                (None, None) => return Some(unknown(&format!("variable `{name}` is not declared here"))),
            },
            _ => match self.locals.get(&name) {
                Some(value) => value,
                None => return Some(unknown(&format!("local `{name}` is not declared here"))),
            },
        };
        let size = known.to_string().len();
        if depth >= DEEPEST || size > *left {
            return Some(unknown(&format!("`{name}` refers to too much")));
        }
        *left -= size;
        let mut value = known.clone();
        self.walk(&mut value, depth + 1, left);
        for part in path {
            if value.get("$unknown").is_some() {
                return Some(value);
            }
            value = match value.get_mut(part.as_str().unwrap_or_default()) {
                Some(inner) => inner.take(),
                None => return Some(unknown(&format!("a part of `{name}` is not known here"))),
            };
        }
        Some(value)
    }
}

/// A template's parts as one string; unknown if one of them is, yet with its
/// text for those who can read around the gaps.
fn joined(parts: &[Value]) -> Value {
    let mut text = String::new();
    let mut reason = None;
    for part in parts {
        match part {
            Value::String(part) => text.push_str(part),
            Value::Number(_) | Value::Bool(_) => text.push_str(&part.to_string()),
            other => {
                let address = other.get("$ref").and_then(Value::as_str);
                let why = other.get("$unknown").and_then(Value::as_str);
                let name = address.unwrap_or("...");
                text.push_str(&format!("${{{name}}}"));
                reason.get_or_insert_with(|| match (address, why) {
                    (Some(address), _) => format!("`{address}` is not known before deployment"),
                    (None, Some(why)) => why.to_owned(),
                    (None, None) => "a part of the string is not known here".to_owned(),
                });
            }
        }
    }
    match reason {
        None => Value::String(text),
        Some(reason) => json!({ "$unknown": reason, "$text": text }),
    }
}
