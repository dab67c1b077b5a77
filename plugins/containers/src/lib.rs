//! Dockerfiles, Containerfiles and Compose files: what goes into an image, as
//! whom it runs, and what it may reach.

mod bases;
mod compose;
mod credentials;
mod dockerfile;
mod image;
mod lifecycle;
mod origin;
mod packages;
mod secret;
mod shell;
mod yaml;

wardline_plugin::plugin! {}
