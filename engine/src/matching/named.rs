//! Which shared queries may want an item, by the names it goes by.
//!
//! Hundreds of queries name what they look for, and a large file has ten
//! thousands of items: each is looked up instead of being held against every
//! query.

use super::{How, Ready};
use crate::syntax::structure::{Capture, Item, Std};
use std::borrow::Cow;
use std::collections::HashMap;

/// Queries by the last part of the names that they ask for.
#[derive(Debug, Default)]
pub(super) struct Named {
    by_last: [HashMap<Box<str>, Vec<usize>>; Std::ALL.len()],
    /// Queries whose names end in anything, and those that name nothing.
    others: [Vec<usize>; Std::ALL.len()],
}

impl Named {
    pub(super) fn new(queries: &[Ready]) -> Self {
        let mut named = Self::default();
        for (index, ready) in queries.iter().enumerate() {
            let How::Std { query, filter, .. } = &ready.how else { continue };
            let query = *query as usize;
            if filter.name_is.is_empty() || filter.name_is.iter().any(|name| last(name) == "*") {
                named.others[query].push(index);
                continue;
            }
            for name in &filter.name_is {
                let of_last = named.by_last[query].entry(last(name).into()).or_default();
                if of_last.last() != Some(&index) {
                    of_last.push(index);
                }
            }
        }
        named
    }

    /// Calls back with each query that may want an item, once, and its names.
    pub(super) fn each(&self, item: &Item, text: &str, then: &mut dyn FnMut(usize, &[Cow<'_, str>])) {
        let query = item.query as usize;
        let names = names(item, text);
        for index in &self.others[query] {
            then(*index, &names);
        }
        let mut asked: Vec<usize> =
            names.iter().filter_map(|name| self.by_last[query].get(last(name))).flatten().copied().collect();
        asked.sort_unstable();
        asked.dedup();
        for index in asked {
            then(index, &names);
        }
    }
}

fn last(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or_default()
}

/// The names by which a query may ask for an item. An import goes by its module,
/// and by the module and the name joined.
fn names<'n>(item: &'n Item, text: &'n str) -> Vec<Cow<'n, str>> {
    let wanted: &[&str] = match item.query {
        Std::Call => &["callee"],
        Std::Import => &["module", "name"],
        Std::Assign => &["target"],
        Std::String => &[],
        Std::Function | Std::Decorator => &["name"],
    };
    let titles = item.query.captures();
    let mut names: Vec<Cow<'n, str>> = Vec::new();
    for capture in &item.captures {
        let title = titles.get(capture.name as usize).copied().unwrap_or_default();
        if !wanted.contains(&title) {
            continue;
        }
        let name = capture.symbol.as_deref().unwrap_or_else(|| slice(text, capture));
        let is_member = title == "name" && item.query == Std::Import && capture.symbol.is_none();
        match names.first() {
            Some(module) if is_member => names.push(format!("{module}.{name}").into()),
            None if is_member => {}
            _ => names.push(name.into()),
        }
    }
    names
}

/// The text of a capture.
pub(super) fn slice<'t>(text: &'t str, capture: &Capture) -> &'t str {
    text.get(capture.start as usize..capture.end as usize).unwrap_or_default()
}
