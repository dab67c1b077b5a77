//! `wardline plugin bench`: what each rule costs, alone, over a tree.
//!
//! Parsing is measured once for all: in a check every rule shares it. What is
//! left of a rule is the host's matching and the plugin's judging.

use super::bed::{Bed, Compiled};
use super::{Done, Trouble, build, count};
use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};
use wardline_engine::document::{Document, MAX_TEXT_BYTES};
use wardline_engine::matching::{Matchers, Source};
use wardline_engine::plugin::host::Workers;
use wardline_engine::plugin::manifest::Manifest;
use wardline_engine::syntax::{self, Parsed};
use wardline_engine::walk::Root;

/// Times that matching is measured; the quickest counts.
const ROUNDS: usize = 3;
/// Words of one match in what a call carries.
const MATCH_WORDS: usize = 4;

/// What a rule costs.
struct Cost {
    rule: String,
    matching: Duration,
    judging: Duration,
    fuel: u64,
    calls: u64,
    matches: usize,
    findings: usize,
}

pub(super) fn run(plugin: &Path, tree: &Path) -> Result<Done, Trouble> {
    let (built, _) = build::load(plugin, true)?;
    let texts = read(tree)?;
    let documents: Vec<Document> =
        texts.iter().map(|(path, text)| Document::from_text(path, text.clone())).collect();
    // One thread, so that times add up.
    let workers = Workers::start(1).map_err(|problem| Trouble::Start { problem })?;
    let start = Instant::now();
    let parse = |document: &Document| syntax::parse(document.language, &document.text, None);
    let parsed: Vec<Option<Parsed>> = workers.run(|| documents.iter().map(parse).collect());
    let parsing = start.elapsed();
    let compiled = Compiled::new(built.bytes)?;
    let mut costs = Vec::new();
    for (index, rule) in built.manifest.rules.iter().enumerate() {
        let (matching, matches) = workers.run(|| matching(&built.manifest, index, &documents, &parsed));
        let bed = Bed::new(compiled.plugin()?, Some(index), &workers)?;
        let seen = bed.check(&texts);
        let spent = bed.plugin().spent();
        costs.push(Cost {
            rule: rule.id.clone(),
            matching,
            judging: spent.time(),
            fuel: spent.fuel(),
            calls: spent.calls(),
            matches,
            findings: seen.findings.len(),
        });
    }
    costs.sort_by_key(|cost| std::cmp::Reverse(cost.matching + cost.judging));
    let bytes: usize = texts.iter().map(|(_, text)| text.len()).sum();
    let mut text = format!(
        "{} {} over {}, {}; parsing all of them takes {}\n\n",
        built.manifest.id,
        built.manifest.version,
        count(documents.len(), "document"),
        super::size(bytes),
        milliseconds(parsing)
    );
    table(&mut text, &costs);
    Ok(Done { text, passed: true })
}

/// The text files of a tree.
fn read(tree: &Path) -> Result<Vec<(String, String)>, Trouble> {
    let root = Root::open(tree).map_err(Trouble::io(tree))?;
    let walked = root.walk(&[String::new()], &|_, _| false);
    let text = |path: String| {
        let bytes = root.read(&path, MAX_TEXT_BYTES).ok()?;
        let document = Document::from_bytes(&path, bytes).ok()?;
        Some((path, document.text.to_string()))
    };
    Ok(walked.files.into_iter().filter_map(text).collect())
}

/// The time that the host needs to match one rule's queries, and the matches.
fn matching(
    manifest: &Manifest,
    rule: usize,
    documents: &[Document],
    parsed: &[Option<Parsed>],
) -> (Duration, usize) {
    let (matchers, _) = Matchers::new(std::iter::once(manifest), &|_, of| of == rule);
    let mut best = (Duration::MAX, 0);
    for _ in 0..ROUNDS {
        let sources: Vec<Source<'_>> = documents
            .iter()
            .zip(parsed)
            .map(|(document, parsed)| match parsed {
                Some(parsed) => Source::with_tree(document, parsed.clone()),
                None => Source::of(document),
            })
            .collect();
        let start = Instant::now();
        let found = sources.iter().flat_map(|source| matchers.find(source, &[manifest]).plugins);
        let matches: usize = found.map(|of| of.evidence.matches.len() / MATCH_WORDS).sum();
        best = best.min((start.elapsed(), matches));
    }
    best
}

fn table(text: &mut String, costs: &[Cost]) {
    let width = costs.iter().map(|cost| cost.rule.len()).max().unwrap_or_default().max("rule".len());
    let _ = writeln!(
        text,
        "{:width$}  {:>10}  {:>10}  {:>12}  {:>6}  {:>8}  {:>8}",
        "rule", "matching", "judging", "fuel", "calls", "matches", "findings"
    );
    for cost in costs {
        let _ = writeln!(
            text,
            "{:width$}  {:>10}  {:>10}  {:>12}  {:>6}  {:>8}  {:>8}",
            cost.rule,
            milliseconds(cost.matching),
            milliseconds(cost.judging),
            cost.fuel,
            cost.calls,
            cost.matches,
            cost.findings
        );
    }
}

fn milliseconds(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1000.0)
}
