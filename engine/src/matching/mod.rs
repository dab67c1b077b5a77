//! Matching: all queries of all plugins over one document.
//!
//! Text patterns run on the lines around their keywords, structural queries are
//! answered from one walk of the tree, code patterns from one traversal. What a
//! plugin gets is its own matches only, in order.

mod named;
pub mod pattern;
mod tree;

use crate::document::Document;
use crate::notice::Notice;
use crate::plugin::manifest::{Manifest, Matcher, Query, StdQuery};
use crate::plugin::wire;
use crate::prefilter::{Occurrences, Prefilter};
use crate::syntax::language::Language;
use crate::syntax::structure::{self, Item, Std, StdSet};
use crate::syntax::{self, Parsed};
use globset::{Glob, GlobBuilder, GlobSet, GlobSetBuilder};
use named::Named;
use pattern::{Pattern, PatternSet};
use regex::Regex;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::OnceLock;
use tree_sitter::StreamingIterator as _;

/// Matches that one plugin gets of one document.
const MOST_MATCHES: usize = 20_000;
/// Bytes of a compiled text pattern.
const PATTERN_BYTES: usize = 4 << 20;
/// Bytes of the globs of one query, together: what they compile to is bounded.
const GLOB_BYTES: usize = 16 << 10;
/// Bytes of a long line that are searched on each side of a keyword.
const LONG_LINE_REACH: usize = 2 << 10;
const LONG_LINE: usize = 16 << 10;
const NONE: u32 = u32::MAX;

/// The queries of all plugins, joined.
#[derive(Debug)]
pub struct Matchers {
    queries: Vec<Ready>,
    prefilter: Prefilter,
    named: Named,
    codes: Vec<OnceLock<CodeSet>>,
}

/// A query, ready to be matched; what is costly to build waits for first use.
#[derive(Debug)]
struct Ready {
    plugin: usize,
    query: u32,
    rule: usize,
    languages: u32,
    paths: Globs,
    exclude: Globs,
    skip: Vec<String>,
    how: How,
}

#[derive(Debug)]
enum How {
    Text { source: String, multiline: bool, regex: OnceLock<Result<Regex, String>> },
    Std { query: Std, filter: StdQuery, likes: OnceLock<Result<Likes, String>> },
    Code { patterns: Vec<String>, captures: Vec<String> },
    Tree { source: String, captures: Vec<String>, compiled: OnceLock<Result<tree_sitter::Query, String>> },
}

#[derive(Debug)]
struct Likes {
    name: Option<Regex>,
    value: Option<Regex>,
}

/// The code patterns of one language.
#[derive(Debug)]
struct CodeSet {
    set: PatternSet,
    /// By pattern id: index of the query, number of the pattern in it, and from
    /// the pattern's captures to the query's.
    of: Vec<(usize, u32, Vec<u16>)>,
    problems: Vec<(usize, String)>,
}

/// A match of one query.
#[derive(Debug, Clone)]
struct Found {
    query: u32,
    pattern: u32,
    captures: Vec<Capture>,
}

#[derive(Debug, Clone)]
struct Capture {
    name: u16,
    kind: Option<u16>,
    start: u32,
    end: u32,
    symbol: Option<Box<str>>,
}

/// What one plugin gets of one document.
#[derive(Debug)]
pub struct PluginMatches {
    /// Index of the plugin.
    pub plugin: usize,
    /// Its matches, in order.
    pub evidence: wire::Evidence,
}

/// What a document held.
#[derive(Debug, Default)]
pub struct Matched {
    /// By plugin.
    pub plugins: Vec<PluginMatches>,
    /// What could not be matched, and why.
    pub notices: Vec<Notice>,
}

/// A document with its tree, parsed on first use.
#[derive(Debug)]
pub struct Source<'d> {
    /// The document.
    pub document: &'d Document,
    /// The language to match it as.
    pub language: Language,
    /// The text to match.
    pub text: &'d str,
    parsed: OnceLock<Option<Parsed>>,
    hits: OnceLock<BTreeMap<u32, Occurrences>>,
}

impl<'d> Source<'d> {
    /// A document as it is.
    #[must_use]
    pub fn of(document: &'d Document) -> Self {
        Self {
            document,
            language: document.language,
            text: &document.text,
            parsed: OnceLock::new(),
            hits: OnceLock::new(),
        }
    }

    /// A text embedded in a document.
    #[must_use]
    pub fn embedded(document: &'d Document, language: Language, text: &'d str) -> Self {
        Self { document, language, text, parsed: OnceLock::new(), hits: OnceLock::new() }
    }

    /// A document whose tree is known already.
    #[must_use]
    pub fn with_tree(document: &'d Document, parsed: Parsed) -> Self {
        let source = Self::of(document);
        let _ = source.parsed.set(Some(parsed));
        source
    }

    /// The tree; `None` where the language has none or the text is too long.
    pub fn parsed(&self) -> Option<&Parsed> {
        let parse = || {
            let minified = self.document.has("minified");
            if minified { None } else { syntax::parse(self.language, self.text, None) }
        };
        self.parsed.get_or_init(parse).as_ref()
    }
}

impl Matchers {
    /// Joins the queries of these plugins' rules that are on.
    #[must_use]
    pub fn new<'m>(
        manifests: impl Iterator<Item = &'m Manifest>,
        is_on: &dyn Fn(usize, usize) -> bool,
    ) -> (Self, Vec<Notice>) {
        let mut queries = Vec::new();
        let mut keywords: Vec<&[String]> = Vec::new();
        let mut notices = Vec::new();
        for (plugin, manifest) in manifests.enumerate() {
            for (index, query) in (0..).zip(&manifest.queries) {
                if !is_on(plugin, query.rule as usize) {
                    continue;
                }
                match Ready::new(plugin, index, query) {
                    Ok(ready) => {
                        queries.push(ready);
                        keywords.push(&query.keywords);
                    }
                    Err(problem) => notices.push(bad_query(&manifest.id, &query.id, &problem)),
                }
            }
        }
        let prefilter = Prefilter::new(keywords.into_iter());
        let named = Named::new(&queries);
        let codes = (0..Language::COUNT).map(|_| OnceLock::new()).collect();
        (Self { queries, prefilter, named, codes }, notices)
    }

    /// Where keywords occur, looked for once.
    fn hits<'s>(&self, source: &'s Source<'_>) -> &'s BTreeMap<u32, Occurrences> {
        source.hits.get_or_init(|| self.prefilter.scan(source.text))
    }

    /// Matches all queries over one document.
    #[must_use]
    pub fn find(&self, source: &Source<'_>, manifests: &[&Manifest]) -> Matched {
        let mut found: BTreeMap<usize, Vec<Found>> = BTreeMap::new();
        let mut matched = Matched::default();
        let mut wanted = StdSet::default();
        let mut structural: Vec<usize> = Vec::new();
        let mut code: Vec<usize> = Vec::new();
        for (index, places) in self.hits(source) {
            let index = *index as usize;
            let ready = &self.queries[index];
            if !ready.applies(source) {
                continue;
            }
            let into = found.entry(ready.plugin).or_default();
            let done = match &ready.how {
                How::Text { multiline, .. } => ready.text(source.text, places, *multiline, into),
                How::Std { query, .. } => ready.likes().map(|_| {
                    wanted.insert(*query);
                    structural.push(index);
                }),
                How::Code { .. } => {
                    code.push(index);
                    Ok(())
                }
                How::Tree { .. } => ready.tree(source, into),
            };
            if let Err(problem) = done {
                let manifest = manifests[ready.plugin];
                matched.notices.push(bad_query(
                    &manifest.id,
                    &manifest.queries[ready.query as usize].id,
                    &problem,
                ));
            }
        }
        if !structural.is_empty()
            && let Some(parsed) = source.parsed()
        {
            for item in structure::items_for(parsed, source.text, wanted) {
                self.named.each(&item, source.text, &mut |index, names| {
                    let ready = &self.queries[index];
                    if structural.binary_search(&index).is_ok() && ready.fits(&item, names, source.text) {
                        found.entry(ready.plugin).or_default().push(Found::of_item(ready.query, &item));
                    }
                });
            }
        }
        if !code.is_empty()
            && let Some(parsed) = source.parsed()
        {
            self.code(&code, parsed, source, manifests, &mut found, &mut matched.notices);
        }
        if source.parsed.get().and_then(Option::as_ref).is_some_and(|parsed| parsed.cut) {
            let message = "parsing was cut short: it cost far more than code of this size does";
            matched.notices.push(Notice::incomplete("syntax::cut", message).at(&*source.document.path));
        }
        for (plugin, mut matches) in found {
            if matches.is_empty() {
                continue;
            }
            matches.sort_by_key(|found| {
                (found.captures[0].start, found.captures[0].end, found.query, found.pattern)
            });
            if matches.len() > MOST_MATCHES {
                let message = format!("{} matches, of which {MOST_MATCHES} were judged", matches.len());
                let notice = Notice::incomplete("matching::too_many", message);
                matched.notices.push(notice.at(&*source.document.path).of(&*manifests[plugin].id));
                matches.truncate(MOST_MATCHES);
            }
            let wants_tree = manifests[plugin].input.tree;
            let parsed =
                if wants_tree { source.parsed() } else { source.parsed.get().and_then(Option::as_ref) };
            let grammar = parsed.map(|parsed| parsed.tree.language());
            let mut evidence = evidence(&matches, grammar.as_deref());
            if let (true, Some(parsed)) = (wants_tree, parsed) {
                tree::add(&mut evidence, &parsed.tree);
            }
            matched.plugins.push(PluginMatches { plugin, evidence });
        }
        matched
    }

    /// Whether a query of another language might match a text: whether it is
    /// worth looking for documents embedded in it.
    #[must_use]
    pub fn wants_embedded(&self, source: &Source<'_>) -> bool {
        let own = 1 << source.language as u32;
        self.hits(source).keys().any(|index| {
            let languages = self.queries[*index as usize].languages;
            languages != 0 && languages & own == 0
        })
    }

    fn code(
        &self,
        active: &[usize],
        parsed: &Parsed,
        source: &Source<'_>,
        manifests: &[&Manifest],
        found: &mut BTreeMap<usize, Vec<Found>>,
        notices: &mut Vec<Notice>,
    ) {
        let set = self.codes[parsed.language as usize].get_or_init(|| self.code_set(parsed.language));
        for (query, problem) in &set.problems {
            if active.contains(query) {
                let ready = &self.queries[*query];
                let manifest = manifests[ready.plugin];
                notices.push(bad_query(&manifest.id, &manifest.queries[ready.query as usize].id, problem));
            }
        }
        let outcome = set.set.matches(&parsed.tree, source.text);
        if outcome.cut {
            let message = "matching code patterns was cut short: the document is built to make it slow";
            notices.push(Notice::incomplete("matching::cut", message).at(&*source.document.path));
        }
        for hit in outcome.found {
            let (query, pattern, captures) = &set.of[hit.id as usize];
            if !active.contains(query) {
                continue;
            }
            let ready = &self.queries[*query];
            let captures = hit.captures.iter().map(|capture| Capture {
                name: captures.get(capture.index as usize).copied().unwrap_or_default(),
                kind: Some(capture.kind),
                start: capture.start,
                end: capture.end,
                symbol: None,
            });
            let mut all: Vec<Capture> = captures.collect();
            if all.first().is_none_or(|first| first.name != 0) {
                all.insert(0, Capture { name: 0, kind: None, start: hit.start, end: hit.end, symbol: None });
            }
            let matches = found.entry(ready.plugin).or_default();
            matches.push(Found { query: ready.query, pattern: *pattern, captures: all });
        }
    }

    fn code_set(&self, language: Language) -> CodeSet {
        let (mut ready, mut of, mut problems) = (Vec::new(), Vec::new(), Vec::new());
        let grammar = language.grammar();
        for (index, query) in self.queries.iter().enumerate() {
            let How::Code { patterns, captures } = &query.how else { continue };
            if query.languages & (1 << language as u32) == 0 {
                continue;
            }
            for (number, source) in (0..).zip(patterns) {
                let Some(grammar) = &grammar else { continue };
                match Pattern::compile(language.name(), grammar, source) {
                    Ok(pattern) => {
                        let place = |name: &String| {
                            captures.iter().position(|known| known == name).unwrap_or_default()
                        };
                        let names = pattern.captures().iter().map(|name| place(name) as u16).collect();
                        ready.push((of.len() as u32, pattern));
                        of.push((index, number, names));
                    }
                    Err(error) => problems.push((index, format!("pattern `{source}`: {error}"))),
                }
            }
        }
        CodeSet { set: PatternSet::new(ready), of, problems }
    }

    /// Compiles everything now and says what does not compile: for
    /// `wardline plugin test`.
    #[must_use]
    pub fn problems(&self, manifests: &[&Manifest]) -> Vec<Notice> {
        let mut notices = Vec::new();
        for (index, ready) in self.queries.iter().enumerate() {
            let manifest = manifests[ready.plugin];
            let mut problem = |problem: String| {
                notices.push(bad_query(&manifest.id, &manifest.queries[ready.query as usize].id, &problem));
            };
            match &ready.how {
                How::Text { .. } => {
                    let _ = ready.regex().map_err(&mut problem);
                }
                How::Std { .. } => {
                    let _ = ready.likes().map_err(&mut problem);
                }
                How::Code { .. } => {
                    for language in
                        Language::all().filter(|language| ready.languages & (1 << *language as u32) != 0)
                    {
                        let set = self.codes[language as usize].get_or_init(|| self.code_set(language));
                        for (_, text) in set.problems.iter().filter(|(query, _)| *query == index) {
                            problem(format!("{}: {text}", language.name()));
                        }
                    }
                }
                How::Tree { .. } => {
                    for language in
                        Language::all().filter(|language| ready.languages & (1 << *language as u32) != 0)
                    {
                        let _ = ready.compiled(language).map_err(&mut problem);
                    }
                }
            }
        }
        notices
    }

    /// The rule of each query that may match a text, with whether it applies
    /// to the document: what `wardline why` shows.
    #[must_use]
    pub fn candidates(&self, source: &Source<'_>) -> Vec<(usize, usize, bool)> {
        self.hits(source)
            .keys()
            .map(|index| &self.queries[*index as usize])
            .map(|ready| (ready.plugin, ready.rule, ready.applies(source)))
            .collect()
    }
}

fn bad_query(plugin: &str, query: &str, problem: &str) -> Notice {
    Notice::incomplete("plugin::bad_query", format!("query `{query}` can not be used: {problem}")).of(plugin)
}

impl Ready {
    fn new(plugin: usize, index: u32, query: &Query) -> Result<Self, String> {
        let mut languages = 0u32;
        for name in &query.languages {
            let mask = Language::all()
                .filter(|language| language.matches_name(name))
                .fold(0, |mask, language| mask | 1 << language as u32);
            if mask == 0 {
                return Err(format!("there is no language `{name}`"));
            }
            languages |= mask;
        }
        let captures = query.captures.clone();
        let how = match &query.matcher {
            Matcher::Text { regex, multiline } => {
                How::Text { source: regex.clone(), multiline: *multiline, regex: OnceLock::new() }
            }
            Matcher::Std(filter) => How::Std {
                query: Std::from_name(&filter.name)
                    .ok_or_else(|| format!("there is no shared query `{}`", filter.name))?,
                filter: filter.clone(),
                likes: OnceLock::new(),
            },
            Matcher::Code { patterns } => How::Code { patterns: patterns.clone(), captures },
            Matcher::TreeSitter { source } => {
                How::Tree { source: source.clone(), captures, compiled: OnceLock::new() }
            }
        };
        if matches!(how, How::Code { .. } | How::Tree { .. }) && languages == 0 {
            return Err("`languages` is missing".into());
        }
        Ok(Self {
            plugin,
            query: index,
            rule: query.rule as usize,
            languages,
            paths: Globs::new(&query.paths)?,
            exclude: Globs::new(&query.exclude)?,
            skip: query.skip.clone(),
            how,
        })
    }

    fn applies(&self, source: &Source<'_>) -> bool {
        (self.languages == 0 || self.languages & (1 << source.language as u32) != 0)
            && !self.skip.iter().any(|word| source.document.has(word))
            && (self.paths.is_empty() || self.paths.match_any(&source.document.path))
            && !self.exclude.match_any(&source.document.path)
    }

    fn regex(&self) -> Result<&Regex, String> {
        let How::Text { source, multiline, regex } = &self.how else {
            return Err("not a text pattern".into());
        };
        let build = || {
            let mut builder = regex::RegexBuilder::new(source);
            builder.size_limit(PATTERN_BYTES).multi_line(*multiline);
            builder.build().map_err(|error| error.to_string())
        };
        regex.get_or_init(build).as_ref().map_err(Clone::clone)
    }

    fn likes(&self) -> Result<&Likes, String> {
        let How::Std { filter, likes, .. } = &self.how else { return Err("not a shared query".into()) };
        let build = || {
            let like = |source: &Option<String>| {
                let build =
                    |source: &String| regex::RegexBuilder::new(source).size_limit(PATTERN_BYTES).build();
                source.as_ref().map(build).transpose().map_err(|error| error.to_string())
            };
            Ok(Likes { name: like(&filter.name_like)?, value: like(&filter.value_like)? })
        };
        likes.get_or_init(build).as_ref().map_err(Clone::clone)
    }

    /// Whether an item that goes by these names passes a shared query's filters.
    fn fits(&self, item: &Item, names: &[Cow<'_, str>], text: &str) -> bool {
        let (How::Std { filter, .. }, Ok(likes)) = (&self.how, self.likes()) else { return false };
        let exact = filter.name_is.is_empty()
            || filter.name_is.iter().any(|wanted| names.iter().any(|name| name_fits(wanted, name)));
        exact
            && likes.name.as_ref().is_none_or(|like| names.iter().any(|name| like.is_match(name)))
            && likes.value.as_ref().is_none_or(|like| {
                let titles = item.query.captures();
                item.captures.iter().any(|capture| {
                    let title = titles.get(capture.name as usize).copied().unwrap_or_default();
                    matches!(title, "argument" | "value" | "content")
                        && like.is_match(named::slice(text, capture))
                })
            })
    }

    fn compiled(&self, language: Language) -> Result<&tree_sitter::Query, String> {
        let How::Tree { source, compiled, .. } = &self.how else {
            return Err("not a tree-sitter query".into());
        };
        let build = || {
            let grammar = language.grammar().ok_or("the language has no grammar")?;
            tree_sitter::Query::new(&grammar, source).map_err(|error| error.to_string())
        };
        compiled.get_or_init(build).as_ref().map_err(Clone::clone)
    }

    /// Runs a text pattern.
    fn text(
        &self,
        text: &str,
        places: &Occurrences,
        multiline: bool,
        into: &mut Vec<Found>,
    ) -> Result<(), String> {
        let regex = self.regex()?;
        let mut search = |window: Range<usize>| {
            let piece = &text[window.clone()];
            if !regex.is_match(piece) {
                return;
            }
            for captures in regex.captures_iter(piece) {
                if into.len() > MOST_MATCHES {
                    return;
                }
                into.push(Found::of_text(self.query, regex, &captures, window.start));
            }
        };
        match places {
            Occurrences::At(places) if !multiline => {
                let mut end = 0;
                for place in places {
                    if (*place as usize) < end {
                        continue;
                    }
                    let window = window(text, *place as usize, end);
                    end = window.end.max(*place as usize + 1);
                    search(window);
                }
            }
            _ if multiline => search(0..text.len()),
            _ => {
                let mut start = 0;
                for line in text.split_inclusive('\n') {
                    search(start..start + line.trim_end_matches(['\n', '\r']).len());
                    start += line.len();
                }
            }
        }
        Ok(())
    }

    /// Runs a raw tree-sitter query.
    fn tree(&self, source: &Source<'_>, into: &mut Vec<Found>) -> Result<(), String> {
        let Some(parsed) = source.parsed() else { return Ok(()) };
        let query = self.compiled(parsed.language)?;
        let How::Tree { captures: names, .. } = &self.how else { return Ok(()) };
        let of: Vec<Option<u16>> = query
            .capture_names()
            .iter()
            .map(|name| names.iter().position(|known| known == name).map(|index| index as u16))
            .collect();
        let mut cursor = tree_sitter::QueryCursor::new();
        cursor.set_match_limit(10_000);
        let mut matches = cursor.matches(query, parsed.tree.root_node(), source.text.as_bytes());
        while let Some(hit) = matches.next() {
            if into.len() > MOST_MATCHES {
                break;
            }
            let mut captures: Vec<Capture> = hit
                .captures()
                .iter()
                .filter_map(|capture| {
                    Some(Capture {
                        name: of.get(capture.index as usize).copied().flatten()?,
                        kind: Some(capture.node.kind_id()),
                        start: capture.node.start_byte() as u32,
                        end: capture.node.end_byte() as u32,
                        symbol: None,
                    })
                })
                .collect();
            let Some(whole) = captures
                .iter()
                .map(|capture| capture.start)
                .min()
                .zip(captures.iter().map(|capture| capture.end).max())
            else {
                continue;
            };
            match captures.iter().position(|capture| capture.name == 0) {
                Some(index) => captures[..=index].rotate_right(1),
                None => captures
                    .insert(0, Capture { name: 0, kind: None, start: whole.0, end: whole.1, symbol: None }),
            }
            into.push(Found { query: self.query, pattern: hit.pattern_index as u32, captures });
        }
        Ok(())
    }
}

/// The line around a keyword; of a very long line, the surroundings.
fn window(text: &str, place: usize, from: usize) -> Range<usize> {
    // No further than it takes to see that the line is long.
    let bytes = text.as_bytes();
    let first = from.max(place.saturating_sub(LONG_LINE + 1));
    let last = bytes.len().min(place + LONG_LINE + 1);
    let start = memchr::memrchr(b'\n', &bytes[first..place]).map_or(first, |at| first + at + 1);
    let end = memchr::memchr(b'\n', &bytes[place..last]).map_or(last, |at| place + at);
    if end - start <= LONG_LINE {
        let line = &text[start..end];
        return start..start + line.trim_end_matches('\r').len();
    }
    text.floor_char_boundary(place.saturating_sub(LONG_LINE_REACH).max(start))
        ..text.floor_char_boundary((place + LONG_LINE_REACH).min(end))
}

/// Globs of paths, compiled when the first path is held against them: most
/// queries are of no interest in most runs.
#[derive(Debug)]
struct Globs {
    globs: Vec<Glob>,
    set: OnceLock<GlobSet>,
}

impl Globs {
    fn new(patterns: &[String]) -> Result<Self, String> {
        if patterns.iter().map(String::len).sum::<usize>() > GLOB_BYTES {
            return Err(format!("its globs are longer than {GLOB_BYTES} bytes together"));
        }
        let build = |pattern: &String| {
            GlobBuilder::new(pattern).literal_separator(true).build().map_err(|error| error.to_string())
        };
        let globs = patterns.iter().map(build).collect::<Result<_, _>>()?;
        Ok(Self { globs, set: OnceLock::new() })
    }

    fn is_empty(&self) -> bool {
        self.globs.is_empty()
    }

    fn match_any(&self, path: &str) -> bool {
        let compile = || {
            let mut set = GlobSetBuilder::new();
            for glob in &self.globs {
                set.add(glob.clone());
            }
            set.build().expect("short globs make short expressions")
        };
        !self.globs.is_empty() && self.set.get_or_init(compile).is_match(path)
    }
}

impl Found {
    fn of_text(query: u32, regex: &Regex, captures: &regex::Captures<'_>, offset: usize) -> Self {
        let mut name = 0;
        let mut all = Vec::new();
        for (group, title) in captures.iter().zip(regex.capture_names()) {
            let index = if all.is_empty() {
                Some(0)
            } else {
                title.map(|_| {
                    name += 1;
                    name
                })
            };
            if let (Some(group), Some(index)) = (group, index) {
                all.push(Capture {
                    name: index,
                    kind: None,
                    start: (offset + group.start()) as u32,
                    end: (offset + group.end()) as u32,
                    symbol: None,
                });
            }
        }
        Self { query, pattern: 0, captures: all }
    }

    fn of_item(query: u32, item: &Item) -> Self {
        let captures = item.captures.iter().map(|capture| Capture {
            name: capture.name,
            kind: Some(capture.kind),
            start: capture.start,
            end: capture.end,
            symbol: capture.symbol.clone(),
        });
        Self { query, pattern: 0, captures: captures.collect() }
    }
}

/// Whether a resolved name is one that a rule asks for: `a.b`, `*.b`, `a.*`.
#[must_use]
pub fn name_fits(wanted: &str, name: &str) -> bool {
    if let Some(member) = wanted.strip_prefix("*.") {
        return name.strip_suffix(member).is_some_and(|rest| rest.ends_with('.'));
    }
    match wanted.strip_suffix(".*") {
        Some(owner) => name.strip_prefix(owner).is_some_and(|rest| rest.starts_with('.')),
        None => wanted == name,
    }
}

/// Matches as the contract's flat words.
fn evidence(matches: &[Found], grammar: Option<&tree_sitter::Language>) -> wire::Evidence {
    let mut evidence = wire::Evidence {
        kinds: Vec::new(),
        fields: Vec::new(),
        symbols: Vec::new(),
        matches: Vec::with_capacity(matches.len() * 4),
        captures: Vec::new(),
        tree: Vec::new(),
    };
    let mut kinds: BTreeMap<u16, u32> = BTreeMap::new();
    let mut symbols: BTreeMap<Box<str>, u32> = BTreeMap::new();
    let mut count = 0u32;
    for found in matches {
        evidence.matches.extend([found.query, found.pattern, count, found.captures.len() as u32]);
        count += found.captures.len() as u32;
        for capture in &found.captures {
            let kind = match (capture.kind, grammar) {
                (Some(id), Some(grammar)) => *kinds.entry(id).or_insert_with(|| {
                    evidence.kinds.push(grammar.node_kind_for_id(id).unwrap_or_default().to_owned());
                    evidence.kinds.len() as u32 - 1
                }),
                _ => 0xffff,
            };
            let symbol = capture.symbol.as_ref().map_or(NONE, |symbol| {
                *symbols.entry(symbol.clone()).or_insert_with(|| {
                    evidence.symbols.push(symbol.to_string());
                    evidence.symbols.len() as u32 - 1
                })
            });
            evidence.captures.extend([
                u32::from(capture.name) | kind << 16,
                capture.start,
                capture.end,
                symbol,
                NONE,
            ]);
        }
    }
    evidence
}
