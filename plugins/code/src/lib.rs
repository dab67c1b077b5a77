//! Dangerous calls, weak cryptography and unsafe settings in application code.

mod imports;
mod literal;
mod names;
mod setting;
mod surroundings;

wardline_plugin::plugin! {}
