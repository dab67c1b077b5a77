//! Decides what sort of finding a flaw in this document is.

use wardline_plugin::prelude::*;

/// Returns `Class::Test` in tests: shown, but nothing that blocks.
pub fn class(found: &Match) -> Class {
    if found.document().has("test") { Class::Test } else { Class::Real }
}
