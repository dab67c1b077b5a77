#![allow(dead_code)]
//! The binary.

mod commands;
mod fix;
mod interrupt;
mod output;
mod replace;
mod revision;

fn main() {}
