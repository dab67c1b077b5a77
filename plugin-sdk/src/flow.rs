//! Data flows that the host found.

use crate::Location;
use crate::bindings::wardline::plugin::types as wire;
use crate::report::FindingBuilder;

/// A data flow from a declared source to a declared sink.
#[derive(Debug, Clone, Copy)]
pub struct Flow<'c> {
    pub(crate) places: &'c [wire::Place],
    pub(crate) inner: &'c wire::Flow,
}

impl<'c> Flow<'c> {
    /// Index of the declared source, within its flow spec.
    #[must_use]
    pub fn source(&self) -> usize {
        self.inner.source as usize
    }

    /// Index of the declared sink, within its flow spec.
    #[must_use]
    pub fn sink(&self) -> usize {
        self.inner.sink as usize
    }

    /// The texts of the steps, from source to sink, shortened.
    pub fn labels(&self) -> impl DoubleEndedIterator<Item = &'c str> {
        let places = self.places;
        self.inner
            .steps
            .iter()
            .map(move |step| places.get(*step as usize).map_or("", |place| place.label.as_str()))
    }

    /// Where the value does harm.
    #[must_use]
    pub fn at(&self) -> Location {
        Location::Place(self.inner.steps.last().copied().unwrap_or_default())
    }

    /// Path of the document that the sink is in.
    #[must_use]
    pub fn path(&self) -> &'c str {
        let last = self.inner.steps.last().copied().unwrap_or_default();
        self.places.get(last as usize).map_or("", |place| place.path.as_str())
    }
}

impl FindingBuilder<'_> {
    /// Shows the path of a flow.
    pub fn flow(self, flow: &Flow<'_>) -> Self {
        let last = flow.inner.steps.len().saturating_sub(1);
        let steps = flow
            .inner
            .steps
            .iter()
            .enumerate()
            .map(|(index, step)| {
                let (role, verb) = match index {
                    0 => (wire::StepRole::Source, "comes from"),
                    _ if index == last => (wire::StepRole::Sink, "is used in"),
                    _ => (wire::StepRole::Via, "passes through"),
                };
                let label = flow.places.get(*step as usize).map_or("", |place| place.label.as_str());
                wire::Step { role, at: Location::Place(*step), message: format!("{verb} `{label}`") }
            })
            .collect();
        self.trace("how the value gets here", steps)
    }
}
