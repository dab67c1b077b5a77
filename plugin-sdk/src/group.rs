//! Facts that share a join key.

use crate::bindings::wardline::plugin::types as wire;
use crate::{Json, Location};

/// All facts of one correlation that share one key.
#[derive(Debug, Clone, Copy)]
pub struct Group<'c> {
    pub(crate) inner: &'c wire::FactGroup,
}

impl<'c> Group<'c> {
    /// The key that they share.
    #[must_use]
    pub fn key(&self) -> &'c str {
        &self.inner.key
    }

    /// The facts of one topic, such as `code/bucket` or `host/resource`.
    pub fn facts(&self, topic: &'c str) -> impl Iterator<Item = Fact<'c>> {
        self.inner
            .facts
            .iter()
            .enumerate()
            .filter(move |(_, fact)| fact.topic == topic)
            .map(|(index, fact)| Fact { index, inner: fact })
    }
}

/// One fact of a group.
#[derive(Debug, Clone, Copy)]
pub struct Fact<'c> {
    index: usize,
    inner: &'c wire::FactView,
}

impl<'c> Fact<'c> {
    /// Where it was recorded.
    #[must_use]
    pub fn at(&self) -> Location {
        Location::Fact(u32::try_from(self.index).unwrap_or(u32::MAX))
    }

    /// Path of its document.
    #[must_use]
    pub fn path(&self) -> &'c str {
        &self.inner.path
    }

    /// What was recorded.
    #[must_use]
    pub fn value(&self) -> Json {
        serde_json::from_str(&self.inner.value).unwrap_or(Json::Null)
    }
}
