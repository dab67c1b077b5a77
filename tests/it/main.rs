//! Black-box tests of the `wardline` binary, and of the engine with plugins
//! that misbehave.

mod acme;
mod built_in;
mod canaries;
mod command_line;
mod dependencies;
mod determinism;
mod docs;
mod documents;
mod faults;
mod forge;
mod forged_plugins;
mod golden;
mod grammars;
mod hostile_plugins;
mod isolation;
mod plugin_new;
mod support;
mod trees;
