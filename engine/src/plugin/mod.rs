//! Plugins: from bytes to rules that can be asked.

pub mod manifest;
