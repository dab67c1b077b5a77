//! Matching: all queries of all plugins over one document.

pub mod pattern;
