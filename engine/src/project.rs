//! What only shows across documents: stacks, facts, correlations.
use crate::plugin::verdict::{Raw, RawFact};
use crate::plugin::set::Plugin;
use crate::notice::Notice;
use crate::resources::Resource;
use std::ops::Range;
#[derive(Default)]
pub struct Input {}
impl Input { pub fn add(&mut self, _path: &str, _facts: Vec<RawFact>, _resources: Vec<Resource>) {} }
pub struct Found { pub plugin: usize, pub raw: Raw, path: String }
impl Found {
    pub fn path(&self) -> &str { &self.path }
    pub fn split(self) -> (Raw, Vec<(String, Range<usize>, String)>) { (self.raw, Vec::new()) }
}
#[derive(Default)]
pub struct Outcome { pub findings: Vec<Found>, pub notices: Vec<Notice>, pub unknowns: Vec<(usize, usize, String, Range<usize>, String)> }
pub fn check<'t>(_p: &[Plugin], _i: Input, _t: &dyn Fn(&str) -> &'t str, _c: &std::sync::Arc<std::sync::atomic::AtomicBool>) -> Outcome { Outcome::default() }
