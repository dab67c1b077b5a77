//! Dangerous calls, weak cryptography and unsafe settings in application code.

mod address;
mod comparison;
mod imports;
mod jwt;
mod lifetime;
mod literal;
mod names;
mod place;
mod setting;
mod stranger;
mod surroundings;

wardline_plugin::plugin! {}
