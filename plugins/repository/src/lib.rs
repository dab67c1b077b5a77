//! What a repository holds and what it lacks: files of secrets, lockfiles,
//! ignore files, owners, plans.

mod lock;
mod manifest;
mod names;
mod place;
mod policy;

wardline_plugin::plugin! {}
