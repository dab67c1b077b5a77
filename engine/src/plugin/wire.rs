//! What wasmtime makes of the contract. Its types stop at this folder.
#![allow(missing_docs, unreachable_pub, clippy::all)]

wasmtime::component::bindgen!({
    path: "../wit/v0",
    world: "plugin",
    additional_derives: [Clone, serde::Serialize, serde::Deserialize],
});

pub use exports::wardline::plugin::{correlator, document_checker, flow_checker, lifecycle, stack_checker};
pub use wardline::plugin::log;
pub use wardline::plugin::types::*;
