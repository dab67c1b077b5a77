//! The engine of Wardline: documents and plugins in, findings out.
//!
//! The modules stand in the order in which a check runs them; reading this file
//! downwards follows one document from disk to report. The engine neither
//! prints nor is async, and reads and writes files in a few named modules only:
//! `folder`, `config`, `walk`, `baseline` and `plugin::cache`.

pub mod baseline;
pub mod check;
pub mod config;
pub mod document;
pub mod finding;
pub mod flow;
pub mod folder;
pub mod matching;
pub mod notice;
pub mod plugin;
pub mod prefilter;
pub mod project;
pub mod resources;
pub mod suppress;
pub mod syntax;
pub mod walk;
