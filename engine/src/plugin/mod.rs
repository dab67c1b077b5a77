//! Plugins: from bytes to rules that can be asked.

pub(crate) mod account;
pub mod host;
pub mod manifest;
pub mod pack;
pub mod section;
pub mod set;
pub mod verdict;
#[doc(hidden)]
pub mod wire;

/// The line of `wardline:plugin` that this engine speaks.
pub const API_LINE: &str = "0.1";
