//! The engine behind the language server protocol.
//!
//! The server itself is not here yet; the crate holds its place in the direction
//! of dependencies: it may use the engine, and only the binary may use it.
