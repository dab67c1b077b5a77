//! Keywords: which queries may match a text at all.
//!
//! One automaton over the keywords of all plugins runs over each text once. A
//! text in which nothing occurs is not parsed, and no plugin is called for it.
//!
//! The automaton that is quick to run takes ten times as long to build as the
//! small one, longer than a few files take to check: it is built when enough
//! text has gone by. Both find the same.

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Occurrences that are remembered of one keyword; a text with more is searched
/// whole.
const MOST_OCCURRENCES: usize = 50_000;
/// Bytes of text after which the quick automaton is worth its making.
const WORTH_BUILDING: usize = 1 << 20;

/// Matches of keywords that a text may have; one with more is searched whole,
/// for all queries. No real text comes near: keywords inside each other are
/// what it takes.
const MOST_MATCHES: usize = 20_000_000;

/// Bytes of keywords that a table of all states is made for.
const MOST_IN_A_TABLE: usize = 128 << 10;

/// The keywords of all queries.
#[derive(Debug)]
pub struct Prefilter {
    keywords: Vec<String>,
    small: AhoCorasick,
    quick: OnceLock<AhoCorasick>,
    /// Bytes of text so far.
    scanned: AtomicUsize,
    /// By keyword: the queries that name it.
    queries: Vec<Vec<u32>>,
    /// Queries without keywords.
    always: Vec<u32>,
}

/// Where one query's keywords occur in a text, as byte offsets in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Occurrences {
    /// The whole text is to be searched.
    Everywhere,
    /// Around these offsets.
    At(Vec<u32>),
}

impl Prefilter {
    /// Joins the keywords of all queries; one without any applies always. ASCII
    /// case is ignored.
    ///
    /// # Panics
    /// Never for the keywords of a few thousand rules.
    #[must_use]
    pub fn new<'k>(queries: impl Iterator<Item = &'k [String]>) -> Self {
        let mut of_keyword: BTreeMap<String, Vec<u32>> = BTreeMap::new();
        let mut always = Vec::new();
        for (query, keywords) in (0..).zip(queries) {
            if keywords.is_empty() {
                always.push(query);
            }
            for keyword in keywords {
                let named = of_keyword.entry(keyword.to_ascii_lowercase()).or_default();
                if named.last() != Some(&query) {
                    named.push(query);
                }
            }
        }
        let (keywords, queries): (Vec<String>, _) = of_keyword.into_iter().unzip();
        let small = build(&keywords, AhoCorasickKind::ContiguousNFA);
        Self { keywords, small, quick: OnceLock::new(), scanned: AtomicUsize::new(0), queries, always }
    }

    fn automaton(&self, length: usize) -> &AhoCorasick {
        let bytes = || self.keywords.iter().map(String::len).sum::<usize>();
        if self.scanned.fetch_add(length, Ordering::Relaxed) < WORTH_BUILDING || bytes() > MOST_IN_A_TABLE {
            return &self.small;
        }
        self.quick.get_or_init(|| build(&self.keywords, AhoCorasickKind::DFA))
    }

    /// The queries that may match, each with the places of its keywords.
    #[must_use]
    pub fn scan(&self, text: &str) -> BTreeMap<u32, Occurrences> {
        let mut of_keyword: BTreeMap<usize, Vec<u32>> = BTreeMap::new();
        for (number, found) in self.automaton(text.len()).find_overlapping_iter(text).enumerate() {
            if number == MOST_MATCHES {
                let all = self.queries.iter().flatten().chain(&self.always);
                return all.map(|query| (*query, Occurrences::Everywhere)).collect();
            }
            let places = of_keyword.entry(found.pattern().as_usize()).or_default();
            if places.len() <= MOST_OCCURRENCES {
                places.push(u32::try_from(found.start()).unwrap_or(u32::MAX));
            }
        }
        let mut hits: BTreeMap<u32, Occurrences> = BTreeMap::new();
        for (keyword, places) in of_keyword {
            for query in &self.queries[keyword] {
                let hit = hits.entry(*query).or_insert_with(|| Occurrences::At(Vec::new()));
                match hit {
                    Occurrences::At(at) if at.len() + places.len() <= MOST_OCCURRENCES => at.extend(&places),
                    _ => *hit = Occurrences::Everywhere,
                }
            }
        }
        for hit in hits.values_mut() {
            if let Occurrences::At(at) = hit {
                at.sort_unstable();
            }
        }
        hits.extend(self.always.iter().map(|query| (*query, Occurrences::Everywhere)));
        hits
    }
}

fn build(keywords: &[String], kind: AhoCorasickKind) -> AhoCorasick {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::Standard)
        .kind(Some(kind))
        .build(keywords)
        .expect("keywords are few and short")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_are_found_inside_each_other_and_in_any_case() {
        let keywords: Vec<Vec<String>> = [&["pass"][..], &["password", "key"], &[]]
            .iter()
            .map(|of| of.iter().map(ToString::to_string).collect())
            .collect();
        let filter = Prefilter::new(keywords.iter().map(Vec::as_slice));
        let hits = filter.scan("my PASSWORD and key");
        assert_eq!(hits[&0], Occurrences::At(vec![3]));
        assert_eq!(hits[&1], Occurrences::At(vec![3, 16]));
        assert_eq!(hits[&2], Occurrences::Everywhere);
        assert_eq!(filter.scan("nothing").len(), 1);
        filter.scanned.store(WORTH_BUILDING, Ordering::Relaxed);
        assert_eq!(filter.scan("my PASSWORD and key"), hits, "both automata find the same");
    }

    #[test]
    fn i6_keywords_inside_each_other_do_not_multiply() {
        let keywords: Vec<Vec<String>> = (1..200).map(|length| vec!["a".repeat(length)]).collect();
        let filter = Prefilter::new(keywords.iter().map(Vec::as_slice));
        let hits = filter.scan(&"a".repeat(8 << 20));
        assert_eq!(hits.len(), 199);
        assert!(hits.values().all(|places| *places == Occurrences::Everywhere));
    }
}
