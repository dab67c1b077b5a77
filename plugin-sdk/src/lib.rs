//! Write checks for Wardline in Rust.
//!
//! A plugin is a crate with a `plugin.toml`, a page per rule in `docs/` and,
//! where a rule needs more than its page can say, a file per rule in
//! `src/rules/`. Its `build.rs` calls [`build::generate`] and its `src/lib.rs`
//! is one line:
//!
//! ```ignore
//! wardline_plugin::plugin! {}
//! ```
//!
//! The host does the matching; a rule's `check` is called with each match and
//! judges it. Plugins reach no file, network, clock or environment.

#[doc(hidden)]
pub mod bindings;
#[cfg(feature = "build")]
pub mod build;
mod declared;
mod document;
mod flow;
#[doc(hidden)]
pub mod glue;
mod group;
mod report;
mod setup;
mod stack;
mod tree;

pub use bindings::wardline::plugin::types::{Applicability, Class, Confidence, Location, Severity, Span};
pub use declared::{Capture, Query, Rule};
pub use document::{Argument, Document, Match, Node};
pub use flow::Flow;
pub use group::{Fact, Group};
pub use report::{Edits, FindingBuilder, Report};
pub use serde_json::{Value as Json, json};
pub use setup::{is_on, option, today};
pub use stack::{Resource, Setting, Stack};
pub use tree::Syntax;

/// What a rule's file needs.
pub mod prelude {
    pub use crate::{
        Applicability, Argument, Capture, Class, Confidence, Document, Fact, Flow, Group, Json, Location,
        Match, Node, Query, Report, Resource, Rule, Setting, Severity, Span, Stack, Syntax, json,
    };
}

/// Makes the crate a plugin: brings in what `build::generate` wrote and exports
/// it to the host.
///
/// `judge = path` names a function `fn(Rule, &Match, &mut Report)` for the rules
/// that have a page but no file; without it, each of their matches is a finding
/// with the page's `message`.
#[macro_export]
macro_rules! plugin {
    () => { $crate::plugin! { judge = $crate::glue::report_message } };
    (judge = $judge:path) => {
        const JUDGE: $crate::glue::Judge = $judge;

        include!(concat!(env!("OUT_DIR"), "/wardline_plugin.rs"));

        #[doc(hidden)]
        pub type Exported = $crate::glue::Glue<Declared>;

        #[cfg(target_arch = "wasm32")]
        $crate::bindings::export!(Exported with_types_in $crate::bindings);

        /// Answers the calls of `wardline plugin test` natively, under a
        /// debugger if need be.
        #[cfg(not(target_arch = "wasm32"))]
        pub fn serve() {
            $crate::glue::serve::<Declared>();
        }

        /// Answers one call natively: for benchmarks, where this crate is linked.
        #[doc(hidden)]
        #[cfg(not(target_arch = "wasm32"))]
        pub fn answer(
            setup: $crate::bindings::wardline::plugin::types::Setup,
            call: $crate::glue::Call,
        ) -> ::core::result::Result<
            ::std::vec::Vec<$crate::bindings::wardline::plugin::types::Report>,
            ::std::string::String,
        > {
            $crate::glue::answer::<Declared>(setup, call)
        }
    };
}
