//! Syntax: parsing a document once, and what every plugin wants to know of it.

pub mod embedded;
pub mod language;
pub mod structure;
