//! Black-box tests of the `wardline` binary, and of the engine with plugins
//! that misbehave.

mod acme;
mod built_in;
mod command_line;
mod dependencies;
mod determinism;
mod docs;
mod documents;
mod golden;
mod hostile_plugins;
mod isolation;
mod plugin_new;
mod support;
