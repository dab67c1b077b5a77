//! What the pages of vendors' keys match, for text that the plugin has decoded
//! itself: there the host matches nothing.

use crate::token::{self, Standing, Sum, Token};
use regex_lite::{Captures, Regex};
use std::ops::Range;

/// A vendor's key, as its page declares it.
struct Shape {
    /// What it opens.
    what: &'static str,
    /// One of these is in every text that the pattern matches.
    keywords: &'static [&'static str],
    pattern: &'static str,
}

/// A key in a decoded text.
#[derive(Debug)]
pub struct Found {
    /// What it opens.
    pub what: &'static str,
    /// Where it is.
    pub range: Range<usize>,
    /// What it is worth.
    pub standing: Standing,
}

const SHAPES: &[Shape] = include!(concat!(env!("OUT_DIR"), "/shapes.rs"));

/// Returns the first key in a text that is more than a mask or a template.
#[must_use]
pub fn find(text: &str) -> Option<Found> {
    let candidates =
        SHAPES.iter().filter(|shape| shape.keywords.iter().any(|keyword| text.contains(keyword)));
    candidates.into_iter().find_map(|shape| {
        // A pattern that this small engine can not read is left to the host.
        let pattern = Regex::new(shape.pattern).ok()?;
        let found = pattern.captures(text)?;
        let key = found.name("key")?;
        let standing = token(&found).standing()?;
        Some(Found { what: shape.what, range: key.range(), standing })
    })
}

fn token<'t>(found: &Captures<'t>) -> Token<'t> {
    let text = found.name("key").map_or("", |key| key.as_str());
    let random = found.name("random").map_or(token::without_prefix(text), |part| part.as_str());
    let sum = Sum::ALL.into_iter().find_map(|sum| found.name(sum.capture()).map(|part| (sum, part.as_str())));
    Token { text, random, sum, cut: false }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_compiles_here_too() {
        let broken: Vec<_> = SHAPES.iter().filter(|shape| Regex::new(shape.pattern).is_err()).collect();
        let names: Vec<_> = broken.iter().map(|shape| shape.pattern).collect();
        assert!(names.is_empty(), "{}", names.join("\n"));
        assert!(SHAPES.len() > 100);
    }

    #[test]
    fn a_key_is_found_within_a_text() {
        let text = "region: x\nid: AKIAIOSFODNN7EXAMPLE\n";
        let found = find(text).expect("a sample");
        assert_eq!((&text[found.range], found.standing), ("AKIAIOSFODNN7EXAMPLE", Standing::Sample));
    }
}
