//! Resources: cloud configuration from several sources in one form.
//!
//! A resource has a common kind, attributes with common names, and the place of
//! each. What is not known before deployment is said with its reason; it is
//! never left out. Joining files to stacks is done here; judging is not.

mod hcl;
mod json;
mod module;
mod snapshot;
mod terraform;
#[cfg(test)]
mod tests;

use crate::syntax::{Language, Parsed};
use serde_json::Value;
use std::collections::BTreeMap;
use std::ops::Range;

/// What a resource was read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// Terraform's own language.
    Terraform,
    /// What AWS reports of a live account.
    AwsSnapshot,
}

impl Format {
    /// The name that plugins see.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Terraform => "terraform",
            Self::AwsSnapshot => "aws-snapshot",
        }
    }
}

/// A resource as one document tells it.
#[derive(Debug, Clone)]
pub struct Resource {
    /// What it was read from.
    pub format: Format,
    /// The common kind, or an intermediate one that joining uses up.
    pub kind: String,
    /// The type as the source names it.
    pub source_kind: String,
    /// Where it is called so within its source.
    pub address: String,
    /// A name that holds across sources.
    pub identity: Option<String>,
    /// Settings in the common form.
    pub attributes: Value,
    /// Places of settings by JSON pointer; the empty one is the resource.
    pub places: BTreeMap<String, Range<usize>>,
    /// All of it.
    pub range: Range<usize>,
}

/// Resources that are deployed or were observed together.
#[derive(Debug, Clone)]
pub struct Stack {
    /// The folder, or the snapshot's path.
    pub name: String,
    /// What it was read from.
    pub format: Format,
    /// Paths of its files.
    pub documents: Vec<String>,
    /// By address.
    pub resources: Vec<StackResource>,
    /// References between them.
    pub links: Vec<Link>,
}

/// A resource of a stack, put together from all files.
#[derive(Debug, Clone)]
pub struct StackResource {
    /// The common kind.
    pub kind: String,
    /// The type as the source names it.
    pub source_kind: String,
    /// Where it is called so within its source.
    pub address: String,
    /// A name that holds across sources.
    pub identity: Option<String>,
    /// Index of the file that declares it.
    pub document: usize,
    /// Settings in the common form.
    pub attributes: Value,
    /// Places of settings by JSON pointer, each with the index of its file.
    pub places: BTreeMap<String, (usize, Range<usize>)>,
}

/// A reference from a setting to another resource of the stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Index of the resource that refers.
    pub source: usize,
    /// JSON pointer of the setting.
    pub at: String,
    /// Index of the resource referred to.
    pub target: usize,
}

impl StackResource {
    fn new(document: usize, resource: Resource) -> Self {
        Self {
            kind: resource.kind,
            source_kind: resource.source_kind,
            address: resource.address,
            identity: resource.identity,
            document,
            attributes: resource.attributes,
            places: resource
                .places
                .into_iter()
                .map(|(pointer, range)| (pointer, (document, range)))
                .collect(),
        }
    }

    /// The place of a setting, or of the nearest parent that has one.
    #[must_use]
    pub fn place(&self, pointer: &str) -> Option<&(usize, Range<usize>)> {
        let mut pointer = pointer;
        loop {
            if let Some(place) = self.places.get(pointer) {
                return Some(place);
            }
            pointer = &pointer[..pointer.rfind('/')?];
        }
    }
}

/// Reads the resources of a document; most documents have none, and are found
/// out without being parsed.
#[must_use]
pub fn read<'p>(
    language: Language,
    text: &str,
    path: &str,
    parsed: &dyn Fn() -> Option<&'p Parsed>,
) -> Vec<Resource> {
    match language {
        Language::Json => snapshot::read(text, path),
        Language::Hcl if terraform::is_likely(text, path) => {
            parsed().map(|parsed| terraform::read(parsed.tree.root_node(), text, path)).unwrap_or_default()
        }
        _ => Vec::new(),
    }
}

/// Joins the resources of all documents: a stack for each Terraform folder, and
/// one for each snapshot.
#[must_use]
pub fn stacks(documents: Vec<(String, Vec<Resource>)>) -> Vec<Stack> {
    /// A path and what it holds.
    type Read = (String, Vec<Resource>);
    let mut groups: BTreeMap<(String, Format), Vec<Read>> = BTreeMap::new();
    for (path, resources) in documents {
        let Some(format) = resources.first().map(|resource| resource.format) else { continue };
        let name = match format {
            Format::Terraform => path.rsplit_once('/').map_or(".", |(folder, _)| folder).to_owned(),
            Format::AwsSnapshot => path.clone(),
        };
        groups.entry((name, format)).or_default().push((path, resources));
    }
    groups
        .into_iter()
        .map(|((name, format), files)| stack(name, format, files))
        .filter(|stack| !stack.resources.is_empty())
        .collect()
}

fn stack(name: String, format: Format, mut files: Vec<(String, Vec<Resource>)>) -> Stack {
    files.sort_by(|a, b| a.0.cmp(&b.0));
    let mut documents = Vec::new();
    let mut all = Vec::new();
    for (index, (path, resources)) in files.into_iter().enumerate() {
        documents.push(path);
        all.extend(resources.into_iter().map(|resource| (index, resource)));
    }
    let mut resources = match format {
        Format::Terraform => module::join(all),
        Format::AwsSnapshot => {
            all.into_iter().map(|(document, resource)| StackResource::new(document, resource)).collect()
        }
    };
    // Whether maps keep their order or sort depends on other crates' wishes.
    resources.iter_mut().for_each(|resource| resource.attributes.sort_all_objects());
    resources.sort_by(|a, b| (&a.address, a.document).cmp(&(&b.address, b.document)));
    let links = links(&resources);
    Stack { name, format, documents, resources, links }
}

/// The references between resources.
fn links(resources: &[StackResource]) -> Vec<Link> {
    let by_address: BTreeMap<&str, usize> =
        resources.iter().enumerate().map(|(index, resource)| (resource.address.as_str(), index)).collect();
    let mut links = Vec::new();
    for (source, resource) in resources.iter().enumerate() {
        let mut left = vec![(String::new(), &resource.attributes)];
        while let Some((at, value)) = left.pop() {
            let target =
                value.get("$ref").and_then(Value::as_str).and_then(|address| by_address.get(address));
            match (target, value) {
                (Some(target), _) => links.push(Link { source, at, target: *target }),
                (None, Value::Object(members)) => {
                    let escaped = |name: &str| name.replace('~', "~0").replace('/', "~1");
                    left.extend(
                        members.iter().map(|(name, value)| (format!("{at}/{}", escaped(name)), value)),
                    );
                }
                (None, Value::Array(items)) => {
                    left.extend(
                        items.iter().enumerate().map(|(index, value)| (format!("{at}/{index}"), value)),
                    );
                }
                _ => {}
            }
        }
    }
    links.sort_by(|a, b| (a.source, &a.at).cmp(&(b.source, &b.at)));
    links
}

/// Whether anyone may read a bucket; `None` if that is not known here.
///
/// That is so if its policy lets everyone in, and no access block keeps such
/// policies from working.
#[must_use]
pub fn is_public_bucket(attributes: &Value) -> Option<bool> {
    let block = attributes.get("public_access_block");
    let set = |name: &str| block.and_then(|block| block.get(name)).and_then(Value::as_bool);
    if set("restrict_public_buckets") == Some(true) {
        return Some(false);
    }
    let listed = matches!(
        attributes.get("acl").and_then(Value::as_str),
        Some("public-read" | "public-read-write" | "website")
    );
    if listed && set("ignore_public_acls") != Some(true) {
        return Some(true);
    }
    let Some(policy) = attributes.get("policy") else { return Some(false) };
    if is_unknown(policy) {
        return None;
    }
    let statements = match policy.get("Statement") {
        Some(Value::Array(statements)) => statements.iter().collect(),
        Some(one) => vec![one],
        None => Vec::new(),
    };
    let mut known = true;
    for statement in statements {
        if statement.get("Effect").and_then(Value::as_str) != Some("Allow")
            || statement.get("Condition").is_some()
        {
            known &= !statement.get("Effect").is_some_and(is_unknown);
            continue;
        }
        match statement.get("Principal").map(everyone) {
            Some(Some(true)) => return Some(true),
            Some(None) => known = false,
            _ => {}
        }
    }
    known.then_some(false)
}

fn everyone(principal: &Value) -> Option<bool> {
    match principal {
        _ if is_unknown(principal) => None,
        Value::String(name) => Some(name == "*"),
        Value::Object(by_kind) => by_kind.get("AWS").map_or(Some(false), everyone),
        Value::Array(names) => {
            let all: Vec<Option<bool>> = names.iter().map(everyone).collect();
            if all.contains(&Some(true)) {
                Some(true)
            } else {
                all.iter().all(Option::is_some).then_some(false)
            }
        }
        _ => Some(false),
    }
}

fn is_unknown(value: &Value) -> bool {
    value.get("$unknown").is_some() || value.get("$ref").is_some()
}

fn unknown(reason: &str) -> Value {
    serde_json::json!({ "$unknown": reason })
}
