//! Cloud resources, with three kinds of settings: known, unknown and absent.

use crate::bindings::wardline::plugin::types as wire;
use crate::{Json, Location};

/// Resources that are deployed or were observed together.
#[derive(Debug)]
pub struct Stack {
    inner: wire::Stack,
    attributes: Vec<Json>,
}

impl Stack {
    pub(crate) fn new(inner: wire::Stack) -> Self {
        let attributes = inner
            .resources
            .iter()
            .map(|resource| serde_json::from_str(&resource.attributes).unwrap_or(Json::Null))
            .collect();
        Self { inner, attributes }
    }

    /// What it was read from: `terraform`, `aws-snapshot`, ...
    #[must_use]
    pub fn format(&self) -> &str {
        &self.inner.format
    }

    /// Its resources, by address.
    pub fn resources(&self) -> impl Iterator<Item = Resource<'_>> {
        (0..self.inner.resources.len()).map(|index| Resource { stack: self, index })
    }

    /// The resources that `resource` refers to.
    pub fn links(&self, resource: &Resource<'_>) -> impl Iterator<Item = Resource<'_>> {
        let from = resource.index as u32;
        self.inner
            .links
            .iter()
            .filter(move |link| link.source.of == from)
            .map(|link| Resource { stack: self, index: link.target as usize })
    }
}

/// One resource of a stack, in the common form.
#[derive(Debug, Clone, Copy)]
pub struct Resource<'s> {
    stack: &'s Stack,
    index: usize,
}

/// What is known of a setting.
#[derive(Debug, Clone, PartialEq)]
pub enum Setting<'s> {
    /// It is set to this.
    Known(&'s Json),
    /// It can not be known here; the reason.
    Unknown(String),
    /// It is not set.
    Absent,
}

impl<'s> Resource<'s> {
    fn inner(&self) -> &'s wire::CloudResource {
        &self.stack.inner.resources[self.index]
    }

    /// The common kind, such as `aws:ec2:instance`.
    #[must_use]
    pub fn kind(&self) -> &'s str {
        &self.inner().kind
    }

    /// The type as the source names it, such as `aws_launch_template`.
    #[must_use]
    pub fn source_kind(&self) -> &'s str {
        &self.inner().source_kind
    }

    /// The stack that it is part of.
    #[must_use]
    pub fn stack(&self) -> &'s Stack {
        self.stack
    }

    /// The address in its source: `aws_launch_template.web`, an instance id.
    #[must_use]
    pub fn address(&self) -> &'s str {
        &self.inner().address
    }

    /// The setting at a JSON pointer such as `/metadata_options/http_tokens`.
    #[must_use]
    pub fn setting(&self, pointer: &str) -> Setting<'s> {
        let mut value = &self.stack.attributes[self.index];
        for part in pointer.split('/').skip(1) {
            if let Some(reason) = unknown(value) {
                return Setting::Unknown(reason);
            }
            let next = match value {
                Json::Array(items) => part.parse().ok().and_then(|index: usize| items.get(index)),
                other => other.get(part),
            };
            match next {
                Some(next) => value = next,
                None => return Setting::Absent,
            }
        }
        match unknown(value) {
            Some(reason) => Setting::Unknown(reason),
            None if value.is_null() => Setting::Absent,
            None => Setting::Known(value),
        }
    }

    /// The place of the setting at a JSON pointer, or of its nearest parent.
    #[must_use]
    pub fn at(&self, pointer: &str) -> Location {
        Location::Attribute(wire::AttributeRef { of: self.index as u32, at: pointer.to_owned() })
    }
}

fn unknown(value: &Json) -> Option<String> {
    if let Some(reason) = value.get("$unknown").and_then(Json::as_str) {
        return Some(reason.to_owned());
    }
    let address = value.get("$ref").and_then(Json::as_str)?;
    let attribute = value.get("attribute").and_then(Json::as_str).unwrap_or_default();
    Some(format!("`{address}.{attribute}` is not known before deployment"))
}
