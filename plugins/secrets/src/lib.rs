//! Finds credentials in text: keys of known vendors, passwords in URLs, secrets
//! under a secret's name, literals put into the process environment.
//!
//! Most rules are a page alone: its regular expression knows the shape, and
//! `judge` decides for all of them what the matched text is worth.

mod bound;
mod encoding;
mod entropy;
mod judge;
mod name;
mod place;
mod placeholder;
mod shape;
mod token;
mod value;

wardline_plugin::plugin! { judge = crate::judge::secret }
