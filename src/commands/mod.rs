//! The commands, a module each. `check` prints its reports itself; the others
//! give back the text to print.

pub(crate) mod baseline;
pub(crate) mod check;
pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod doctor;
pub(crate) mod init;
pub(crate) mod man;
pub(crate) mod plugin;
pub(crate) mod rules;
pub(crate) mod why;
