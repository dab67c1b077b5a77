//! Checking: documents and plugins in, findings out.
//!
//! [`Checker::check_document`] is the one pure call behind the command line and
//! the language server. [`Checker::check_all`] runs it over many documents on
//! all cores, joins what only shows across documents, and settles which findings
//! count.

use crate::config::{Config, ConfigError, Date, KnownRule, Rules};
use crate::document::{Document, LineIndex, Masks, NotText};
use crate::finding::{
    Class, Edit, Excerpt, Finding, Fix, Place, Related, Report, Status, Step, Trace, Unknown,
};
use crate::flow;
use crate::matching::{Matchers, PluginMatches, Source};
use crate::notice::Notice;
use crate::plugin::account::{Quotas, STRIKES, Strikes};
use crate::plugin::host::{Call, CallError};
use crate::plugin::manifest::{Manifest, Matcher};
use crate::plugin::set::{Origin, Plugin};
use crate::plugin::verdict::{self, Places, Raw, RawFact, Spot};
use crate::plugin::wire;
use crate::resources::{self, Resource};
use crate::suppress::{self, Suppression};
use crate::syntax;
use crate::syntax::embedded::{self, OffsetMap};
use crate::syntax::language::Language;
use crate::walk::{ReadError, Root, Skip};
use crate::{plugin::host::Workers, project};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Findings of one plugin in a run; more are dropped, and the run is incomplete.
const FINDINGS_OF_A_PLUGIN: usize = 10_000;
/// Bytes that a plugin's answers about one document may take.
const WEIGHT_OF_A_DOCUMENT: usize = 16 << 20;

/// Plugins and configuration, ready to check documents.
#[derive(Debug)]
pub struct Checker {
    plugins: Vec<Plugin>,
    matchers: Matchers,
    rules: Rules,
    config: Config,
    date: Date,
    notices: Vec<Notice>,
}

/// A comment that allows findings, and where it stands.
type Located = (Suppression, Place, Option<Excerpt>);

/// What one plugin is asked about the flows of a text, with their ranges.
type FlowCall = (usize, Call, Option<Vec<Range<usize>>>);

/// What checking one document gave.
#[derive(Debug, Default)]
pub struct Checked {
    /// Before suppressions.
    pub findings: Vec<Finding>,
    /// What could not be decided.
    pub unknowns: Vec<Unknown>,
    /// Facts for correlations.
    pub facts: Vec<RawFact>,
    /// Cloud resources that it declares or reports.
    pub resources: Vec<Resource>,
    /// Comments that allow findings, with their places.
    suppressions: Vec<Located>,
    /// Ranges that are never to be shown.
    secrets: Vec<Range<usize>>,
    /// Problems, attributed to the document.
    pub notices: Vec<Notice>,
    /// Plugins that failed on it, once for each failure.
    failed: Vec<usize>,
    /// The plugins that were asked, and about how many bytes it takes to keep
    /// what each of them said.
    weights: BTreeMap<usize, usize>,
    /// The document, if later phases need its text.
    document: Option<Document>,
}

impl Checked {
    /// Whether to ask a plugin about one more part of the document. Says so
    /// when it is not asked any more.
    fn may_call(&mut self, plugin: usize, manifest: &Manifest, path: &str) -> bool {
        let failures = self.failed.iter().filter(|failed| **failed == plugin).count();
        let weight = self.weights.entry(plugin).or_default();
        let heavy = *weight > WEIGHT_OF_A_DOCUMENT;
        if heavy {
            let message = format!(
                "its answers about parts of this document take more than {} MiB; it was not asked about the rest",
                WEIGHT_OF_A_DOCUMENT >> 20
            );
            self.notices.push(Notice::incomplete("plugin::too_much", message).at(path).of(&*manifest.id));
        }
        failures < STRIKES && !heavy
    }

    /// Leaves out what one plugin said.
    fn forget(&mut self, manifest: &Manifest) {
        let is_of = |name: &str| name.split('/').next() == Some(manifest.id.as_str());
        self.findings.retain(|finding| !is_of(&finding.rule));
        self.unknowns.retain(|unknown| !is_of(&unknown.rule));
        self.facts.retain(|fact| !is_of(&fact.topic));
    }
}

/// Texts of a document that are never shown.
#[derive(Clone, Copy)]
struct Hidden<'h> {
    ranges: &'h [Range<usize>],
    masks: &'h Masks<'h>,
}

/// What a failed call becomes.
pub(crate) fn failure(error: &CallError) -> Notice {
    let (code, message) = error.describe();
    Notice::incomplete(code, verdict::cut(&message, verdict::MESSAGE_BYTES))
}

/// Where documents come from: files of a tree, or texts.
pub trait Documents: Sync {
    /// Paths relative to the root, sorted.
    fn paths(&self) -> &[String];
    /// The bytes of the document at a path.
    ///
    /// # Errors
    /// When it is not to be read, or can not be.
    fn bytes(&self, path: &str) -> Result<Vec<u8>, ReadError>;
}

/// The files of a tree.
#[derive(Debug)]
pub struct Files<'r> {
    /// The root.
    pub root: &'r Root,
    /// What the walk found.
    pub paths: Vec<String>,
    /// Bytes above which a file is left out.
    pub limit: u64,
}

impl Documents for Files<'_> {
    fn paths(&self) -> &[String] {
        &self.paths
    }

    fn bytes(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        self.root.read(path, self.limit)
    }
}

/// Texts in memory: an editor's, a revision's, standard input.
#[derive(Debug)]
pub struct Texts {
    paths: Vec<String>,
    texts: BTreeMap<String, Vec<u8>>,
}

impl Texts {
    /// Documents with these paths and bytes.
    #[must_use]
    pub fn new(texts: impl IntoIterator<Item = (String, Vec<u8>)>) -> Self {
        let texts: BTreeMap<String, Vec<u8>> = texts.into_iter().collect();
        Self { paths: texts.keys().cloned().collect(), texts }
    }
}

impl Documents for Texts {
    fn paths(&self) -> &[String] {
        &self.paths
    }

    fn bytes(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        self.texts.get(path).cloned().ok_or_else(|| ReadError::Io(std::io::ErrorKind::NotFound.into()))
    }
}

/// A report, with what `--show-files` and `--timings` tell besides.
#[derive(Debug, Default)]
pub struct Outcome {
    /// What was found.
    pub report: Report,
    /// Files that turned out not to be text, and why they were left out.
    pub skipped: Vec<(String, Skip)>,
    /// Ranges of documents with fixes that are never to be shown.
    pub hidden: BTreeMap<String, Vec<Range<usize>>>,
    /// Number of documents that were parsed.
    pub parsed: usize,
}

/// Says how far a run is, and lets it be given up.
#[derive(Debug, Default)]
pub struct Progress {
    /// Documents done so far.
    pub done: AtomicUsize,
    /// Set to give up.
    pub cancel: Arc<AtomicBool>,
    /// Called before a document is worked on, and after, with its number in
    /// path order: a supervisor learns from it what a crash was about.
    pub working: Option<fn(thread: usize, document: Option<usize>)>,
}

/// What is known of documents that crashed an earlier attempt, by their number
/// in path order.
#[derive(Debug, Clone, Copy)]
pub struct Care<'c> {
    /// Left out, with a notice.
    pub quarantined: &'c BTreeSet<usize>,
    /// Checked one at a time, before the others.
    pub suspects: &'c BTreeSet<usize>,
}

impl Care<'_> {
    /// Nothing is known.
    pub const NONE: Care<'static> = Care { quarantined: &BTreeSet::new(), suspects: &BTreeSet::new() };
}

impl Checker {
    /// Joins plugins and configuration.
    ///
    /// # Errors
    /// When the configuration names a rule that no plugin has.
    pub fn new(plugins: Vec<Plugin>, config: Config, date: Date) -> Result<Self, ConfigError> {
        let names: Vec<(String, bool)> = plugins
            .iter()
            .flat_map(|plugin| {
                let manifest = &plugin.manifest;
                manifest.rules.iter().map(|rule| (format!("{}/{}", manifest.id, rule.id), rule.enabled))
            })
            .collect();
        let known: Vec<KnownRule<'_>> =
            names.iter().map(|(name, enabled)| KnownRule { name, enabled: *enabled }).collect();
        let rules = config.resolve(&known)?;
        let is_on = |plugin: usize, rule: usize| {
            let manifest = &plugins[plugin].manifest;
            let switched_on = config.plugins.get(&manifest.id).is_none_or(|plugin| plugin.enabled);
            let name = format!("{}/{}", manifest.id, manifest.rules[rule].id);
            switched_on && rules.get(&name).is_some_and(|state| state.enabled)
        };
        let (matchers, notices) = Matchers::new(plugins.iter().map(|plugin| &plugin.manifest), &is_on);
        for (index, plugin) in plugins.iter().enumerate() {
            let rules = plugin.manifest.rules.len();
            let off = (0..rules).filter(|rule| !is_on(index, *rule)).map(to_u32).collect();
            let options = config.plugins.get(&plugin.manifest.id).map(|plugin| plugin.options.clone());
            plugin.configure(&options.unwrap_or_default(), off, Some(date));
        }
        Ok(Self { plugins, matchers, rules, config, date, notices })
    }

    /// Adds a notice to the report of every run.
    pub fn note(&mut self, notice: Notice) {
        self.notices.push(notice);
    }

    /// The plugins.
    #[must_use]
    pub fn plugins(&self) -> &[Plugin] {
        &self.plugins
    }

    /// The configuration.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// What the configuration makes of each rule.
    #[must_use]
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// The queries of all plugins.
    #[must_use]
    pub fn matchers(&self) -> &Matchers {
        &self.matchers
    }

    fn manifests(&self) -> Vec<&Manifest> {
        self.plugins.iter().map(|plugin| &plugin.manifest).collect()
    }

    /// Checks one document. Problems along the way become notices. `skip` names
    /// plugins that are not to be called. Only on a thread of [`Workers`].
    #[must_use]
    pub fn check_document(
        &self,
        document: &Document,
        skip: &dyn Fn(usize) -> bool,
        cancel: &Arc<AtomicBool>,
    ) -> Checked {
        let mut checked = Checked::default();
        let manifests = self.manifests();
        let source = Source::of(document);
        let mut raws: Vec<(usize, Raw)> = Vec::new();
        let mut unknowns = Vec::new();
        self.judge(&source, None, &manifests, skip, cancel, &mut raws, &mut unknowns, &mut checked);
        self.judge_embedded(
            &source,
            None,
            1,
            &mut |inner, map, checked| {
                self.judge(inner, Some(map), &manifests, skip, cancel, &mut raws, &mut unknowns, checked);
            },
            &mut checked,
        );
        if self.plugins.iter().any(|plugin| !plugin.manifest.stack.kinds.is_empty()) {
            checked.resources =
                resources::read(document.language, &document.text, &document.path, &|| source.parsed());
        }
        if !checked.facts.is_empty() || !checked.resources.is_empty() {
            checked.document = Some(document.clone());
        }
        let comments = suppress::comments(&document.text, document.language.comment_leaders());
        if raws.is_empty() && unknowns.is_empty() && comments.is_empty() {
            return checked;
        }
        let lines = LineIndex::new(&document.text);
        checked.secrets.sort_by_key(|range| (range.start, range.end));
        checked.secrets.dedup();
        let hidden = Hidden { ranges: &checked.secrets, masks: &Masks::of(&document.text, &checked.secrets) };
        for notice in &mut checked.notices {
            notice.message = hidden.masks.apply(&notice.message);
        }
        checked.findings = self.finish(document, &lines, raws, hidden, &|rule: &str, offset| {
            let syntactic = self.is_syntactic(rule);
            let parsed = if syntactic { source.parsed() } else { None };
            parsed.and_then(|parsed| syntax::enclosing_name(parsed, &document.text, offset))
        });
        checked.unknowns = unknowns
            .into_iter()
            .filter(|(plugin, rule, ..)| self.runs(*plugin, *rule, &document.path))
            .map(|(plugin, rule, range, reason)| Unknown {
                rule: self.rule_name(plugin, rule),
                place: lines.place(&document.path, range),
                reason: hidden.masks.apply(&reason),
            })
            .collect();
        checked.suppressions = comments
            .into_iter()
            .map(|mut suppression| {
                match &mut suppression.meaning {
                    Ok(allowance) => allowance.reason = hidden.masks.apply(&allowance.reason),
                    Err(problem) => *problem = hidden.masks.apply(problem),
                }
                let span = suppression.span.clone();
                let place = lines.place(&document.path, span.clone());
                let excerpt = lines.excerpt(span, hidden.ranges);
                (suppression, place, Some(excerpt))
            })
            .collect();
        checked
    }

    /// Finds the documents embedded in a text, and those embedded in them.
    fn judge_embedded(
        &self,
        source: &Source<'_>,
        outer: Option<&OffsetMap>,
        depth: usize,
        judge: &mut dyn FnMut(&Source<'_>, &OffsetMap, &mut Checked),
        checked: &mut Checked,
    ) {
        let (name, path) = (source.language.name(), &*source.document.path);
        if depth > embedded::MAX_DEPTH
            || !embedded::may_hold(name, source.text, path)
            || !self.matchers.wants_embedded(source)
        {
            return;
        }
        let Some(parsed) = source.parsed() else { return };
        let inside = embedded::find(name, &parsed.tree, source.text, path);
        if inside.cut {
            let message = "it holds too many or too large embedded documents; the rest was not checked";
            checked.notices.push(Notice::incomplete("syntax::embedded", message).at(path));
        }
        for inner in inside.found {
            let Some(language) = Language::from_name(inner.language) else { continue };
            let inner = match outer {
                Some(outer) => inner.within(outer),
                None => inner,
            };
            let source = Source::embedded(source.document, language, &inner.text);
            judge(&source, &inner.map, checked);
            self.judge_embedded(&source, Some(&inner.map), depth + 1, judge, checked);
        }
    }

    /// Matches one text and has every interested plugin judge it.
    #[allow(clippy::too_many_arguments)]
    fn judge(
        &self,
        source: &Source<'_>,
        map: Option<&OffsetMap>,
        manifests: &[&Manifest],
        skip: &dyn Fn(usize) -> bool,
        cancel: &Arc<AtomicBool>,
        raws: &mut Vec<(usize, Raw)>,
        unknowns: &mut Vec<(usize, usize, Range<usize>, String)>,
        checked: &mut Checked,
    ) {
        let document = source.document;
        let mut matched = self.matchers.find(source, manifests);
        checked.notices.append(&mut matched.notices);
        let places = TextPlaces { text: source.text, outer: &document.text, map };
        let calls = matched.plugins.into_iter().filter(|of| !skip(of.plugin)).map(|of| {
            let call = Call::CheckDocument(document_call(
                source,
                &manifests[of.plugin].input,
                of.evidence,
                map.is_some(),
            ));
            (of.plugin, call, None)
        });
        let flows = self.flows(source, manifests, checked).into_iter().filter(|(plugin, ..)| !skip(*plugin));
        for (plugin, call, flow_places) in calls.chain(flows).collect::<Vec<_>>() {
            // A document can have thousands of parts, each a call of its own.
            if !checked.may_call(plugin, manifests[plugin], &document.path) {
                continue;
            }
            match self.plugins[plugin].call(&call, cancel) {
                Ok(answer) => {
                    for report in answer.reports {
                        let verdict = match &flow_places {
                            Some(ranges) => {
                                let places = FlowPlaces { inner: &places, ranges };
                                verdict::check(report, manifests[plugin], &places)
                            }
                            None => verdict::check(report, manifests[plugin], &places),
                        };
                        *checked.weights.entry(plugin).or_default() += verdict.weight();
                        checked.secrets.extend(verdict.redact);
                        raws.extend(verdict.findings.into_iter().map(|raw| (plugin, raw)));
                        checked.facts.extend(verdict.facts);
                        unknowns.extend(
                            verdict
                                .unknowns
                                .into_iter()
                                .map(|(rule, spot, reason)| (plugin, rule, spot.range, reason)),
                        );
                        for problem in verdict.problems {
                            let notice =
                                Notice::incomplete("plugin::bad_reply", format!("the plugin sent {problem}"));
                            checked.notices.push(notice.at(&*document.path).of(&*manifests[plugin].id));
                        }
                    }
                }
                Err(error) => {
                    checked.notices.push(failure(&error).at(&*document.path).of(&*manifests[plugin].id));
                    checked.failed.push(plugin);
                }
            }
        }
    }

    /// The data flows of one text, as calls.
    fn flows(&self, source: &Source<'_>, manifests: &[&Manifest], checked: &mut Checked) -> Vec<FlowCall> {
        let mut calls = Vec::new();
        for (plugin, manifest) in manifests.iter().enumerate() {
            let specs: Vec<_> = manifest
                .flows
                .iter()
                .enumerate()
                .filter(|(_, spec)| {
                    spec.languages.iter().any(|name| source.language.matches_name(name))
                        && self.runs(plugin, spec.rule as usize, &source.document.path)
                        && flow::may_hold(source.text, spec)
                })
                .collect();
            if specs.is_empty() {
                continue;
            }
            let Some(parsed) = source.parsed() else { continue };
            let flows = flow::find(parsed, source.text, &specs);
            if flows.cut {
                let message = "following data flows was cut short: the document is built to make it slow";
                checked.notices.push(
                    Notice::incomplete("flow::cut", message).at(&*source.document.path).of(&*manifest.id),
                );
            }
            let found = flows.found;
            if found.is_empty() {
                continue;
            }
            let (mut places, mut ranges, mut flows) = (Vec::new(), Vec::new(), Vec::new());
            for flow in found {
                let steps = flow.steps.into_iter().map(|step| {
                    places.push(wire::Place {
                        path: source.document.path.to_string(),
                        range: wire::Span { start: to_u32(step.range.start), end: to_u32(step.range.end) },
                        label: step.label,
                    });
                    ranges.push(step.range);
                    to_u32(places.len() - 1)
                });
                flows.push(wire::Flow {
                    steps: steps.collect(),
                    spec: to_u32(flow.spec),
                    source: to_u32(flow.source),
                    sink: to_u32(flow.sink),
                    endpoint: None,
                });
            }
            calls.push((plugin, Call::CheckFlows(places, flows), Some(ranges)));
        }
        calls
    }

    fn rule_name(&self, plugin: usize, rule: usize) -> String {
        let manifest = &self.plugins[plugin].manifest;
        format!("{}/{}", manifest.id, manifest.rules[rule].id)
    }

    fn runs(&self, plugin: usize, rule: usize, path: &str) -> bool {
        self.rules.runs_on(&self.rule_name(plugin, rule), path)
    }

    /// Whether all queries of a rule look at the syntax: its findings' documents
    /// are then parsed whatever else is on.
    fn is_syntactic(&self, rule: &str) -> bool {
        let Some((plugin, id)) = rule.split_once('/') else { return false };
        self.plugins.iter().filter(|known| known.manifest.id == plugin).any(|known| {
            let manifest = &known.manifest;
            let mut queries =
                manifest.queries.iter().filter(|query| manifest.rules[query.rule as usize].id == id);
            queries.all(|query| !matches!(query.matcher, Matcher::Text { .. }))
        })
    }

    /// Turns what plugins found in one document into findings.
    fn finish(
        &self,
        document: &Document,
        lines: &LineIndex<'_>,
        mut raws: Vec<(usize, Raw)>,
        hidden: Hidden<'_>,
        scope: &dyn Fn(&str, usize) -> Option<String>,
    ) -> Vec<Finding> {
        raws.retain(|(plugin, raw)| self.runs(*plugin, raw.rule, &document.path));
        raws.sort_by(|(a_plugin, a), (b_plugin, b)| {
            let key =
                |plugin: &usize, raw: &Raw| (raw.spot.range.start, raw.spot.range.end, *plugin, raw.rule);
            key(a_plugin, a).cmp(&key(b_plugin, b)).then_with(|| a.message.cmp(&b.message))
        });
        let mut ordinals: BTreeMap<(String, String), usize> = BTreeMap::new();
        let mut findings = Vec::new();
        for (plugin, raw) in merge(raws, &self.plugins) {
            let rule = self.rule_name(plugin, raw.rule);
            let range = raw.spot.range.clone();
            let anchor = anchor(&raw, &document.text, hidden, scope(&rule, range.start));
            let ordinal = ordinals.entry((rule.clone(), anchor.clone())).or_default();
            let fingerprint = |path: &str| fingerprint(&[&rule, path, &anchor, &ordinal.to_string()]);
            let (fingerprint, moved_fingerprint) = (fingerprint(&document.path), fingerprint(""));
            *ordinal += 1;
            findings.push(self.finding(document, lines, &raw, rule, hidden, fingerprint, moved_fingerprint));
        }
        findings
    }

    #[allow(clippy::too_many_arguments)]
    fn finding(
        &self,
        document: &Document,
        lines: &LineIndex<'_>,
        raw: &Raw,
        rule: String,
        hidden: Hidden<'_>,
        fingerprint: String,
        moved_fingerprint: String,
    ) -> Finding {
        let say = |message: &str| hidden.masks.apply(message);
        let place = |spot: &Spot| lines.place(&document.path, spot.range.clone());
        let severity = self.rules.get(&rule).and_then(|state| state.severity).unwrap_or(raw.severity);
        Finding {
            severity,
            confidence: raw.confidence,
            class: raw.class,
            message: say(&raw.message),
            place: place(&raw.spot),
            excerpt: Some(lines.excerpt(raw.spot.range.clone(), hidden.ranges)),
            related: raw
                .related
                .iter()
                .map(|(spot, message)| Related { place: place(spot), message: say(message) })
                .collect(),
            traces: raw
                .traces
                .iter()
                .map(|(message, steps)| Trace {
                    message: say(message),
                    steps: steps
                        .iter()
                        .map(|(role, spot, message)| Step {
                            role: *role,
                            place: place(spot),
                            message: say(message),
                        })
                        .collect(),
                })
                .collect(),
            fixes: raw
                .fixes
                .iter()
                // A fix that repeats a secret can neither be shown nor, masked, be applied.
                .filter(|fix| fix.edits.iter().all(|(_, text)| say(text) == *text))
                .map(|fix| Fix {
                    title: say(&fix.title),
                    applicability: fix.applicability,
                    edits: fix
                        .edits
                        .iter()
                        .map(|(spot, text)| Edit { place: place(spot), text: text.clone() })
                        .collect(),
                })
                .collect(),
            fingerprint,
            moved_fingerprint,
            status: Status::Open,
            blocking: false,
            properties: raw.properties.iter().map(|(key, value)| (say(key), say(value))).collect(),
            rule,
        }
    }

    /// Checks documents on all threads, joins what shows only across them, and
    /// settles which findings count. `known` says which documents are checked
    /// of all that there are: without it, every document is.
    pub fn check_all(
        &self,
        workers: &Workers,
        documents: &dyn Documents,
        progress: &Progress,
        care: &Care<'_>,
    ) -> Outcome {
        let paths = documents.paths();
        let strikes = Strikes::new(self.plugins.len());
        let quotas = Quotas::new(self.plugins.len());
        let one = |index: usize, path: &str| {
            if care.quarantined.contains(&index) {
                return Err(Left::Notice(Box::new(crashed(path))));
            }
            let thread = rayon::current_thread_index().unwrap_or_default();
            let note = |document| {
                if let Some(working) = progress.working {
                    working(thread, document);
                }
            };
            note(Some(index));
            let check = || self.check_file(documents, path, index, &strikes, &quotas, progress);
            let checked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(check));
            note(None);
            progress.done.fetch_add(1, Ordering::Relaxed);
            checked.unwrap_or_else(|_| Err(Left::Notice(Box::new(crashed(path)))))
        };
        let results: Vec<Result<Checked, Left>> = workers.run(|| {
            let mut alone: BTreeMap<usize, Result<Checked, Left>> = BTreeMap::new();
            for index in care.suspects.iter().filter(|index| **index < paths.len()) {
                alone.insert(*index, one(*index, &paths[*index]));
            }
            let others = paths.par_iter().enumerate().with_max_len(8);
            let mut results: Vec<Option<Result<Checked, Left>>> =
                others.map(|(index, path)| (!alone.contains_key(&index)).then(|| one(index, path))).collect();
            for (index, result) in alone {
                results[index] = Some(result);
            }
            // A plugin that is out has judged some documents after its last
            // strike, depending on the threads, and its secrets are masked in
            // the findings of others: those documents are checked again.
            let spoilt = |checked: &Checked, index| {
                checked.weights.keys().any(|plugin| strikes.is_out(*plugin, index))
            };
            results.par_iter_mut().enumerate().with_max_len(8).for_each(|(index, result)| {
                if result.as_ref().is_some_and(|result| result.as_ref().is_ok_and(|ok| spoilt(ok, index))) {
                    *result = Some(one(index, &paths[index]));
                }
            });
            results
                .into_iter()
                .map(|result| result.expect("each was checked, alone or with others"))
                .collect()
        });
        workers.run(|| self.join(paths, results, &strikes, &quotas, progress))
    }

    fn check_file(
        &self,
        documents: &dyn Documents,
        path: &str,
        index: usize,
        strikes: &Strikes,
        quotas: &Quotas,
        progress: &Progress,
    ) -> Result<Checked, Left> {
        let bytes = documents.bytes(path).map_err(|error| match error {
            ReadError::Skip(skip) => Left::Skip(skip),
            ReadError::Io(error) => {
                Left::Notice(Box::new(Notice::incomplete("walk::unreadable", error.to_string()).at(path)))
            }
        })?;
        let document =
            Document::from_bytes(path, bytes).map_err(|NotText::Binary| Left::Skip(Skip::Binary))?;
        let mut checked =
            self.check_document(&document, &|plugin| strikes.is_out(plugin, index), &progress.cancel);
        for plugin in &checked.failed {
            strikes.add(*plugin, index);
        }
        for (plugin, weight) in checked.weights.clone() {
            if !quotas.keep(plugin, index, weight) {
                checked.forget(&self.plugins[plugin].manifest);
            }
        }
        Ok(checked)
    }

    /// Joins the results of all documents, in path order.
    fn join(
        &self,
        paths: &[String],
        results: Vec<Result<Checked, Left>>,
        strikes: &Strikes,
        quotas: &Quotas,
        progress: &Progress,
    ) -> Outcome {
        let mut outcome = Outcome::default();
        let report = &mut outcome.report;
        report.notices = self.notices.clone();
        let mut project = project::Input::default();
        let mut suppressions: BTreeMap<&str, Vec<_>> = BTreeMap::new();
        let mut kept: BTreeMap<String, (Document, Vec<Range<usize>>)> = BTreeMap::new();
        let mut failed = false;
        for (index, (path, result)) in paths.iter().zip(results).enumerate() {
            let mut checked = match result {
                Ok(checked) => checked,
                Err(Left::Skip(skip)) => {
                    outcome.skipped.push((path.clone(), skip));
                    continue;
                }
                Err(Left::Notice(notice)) => {
                    report.notices.push(*notice);
                    continue;
                }
            };
            report.documents += 1;
            if !checked.secrets.is_empty() && checked.findings.iter().any(|finding| !finding.fixes.is_empty())
            {
                outcome.hidden.insert(path.clone(), checked.secrets.clone());
            }
            for plugin in checked.weights.keys().copied().collect::<Vec<_>>() {
                if quotas.is_beyond(plugin, index) {
                    checked.forget(&self.plugins[plugin].manifest);
                    failed = true;
                }
            }
            failed |= checked.notices.iter().any(|notice| notice.incomplete);
            report.findings.append(&mut checked.findings);
            report.unknowns.append(&mut checked.unknowns);
            report.notices.append(&mut checked.notices);
            if !checked.suppressions.is_empty() {
                suppressions.insert(path, checked.suppressions);
            }
            project.add(path, checked.facts, checked.resources);
            if let Some(document) = checked.document {
                kept.insert(path.clone(), (document, checked.secrets));
            }
        }
        let manifests = self.manifests();
        report.notices.extend(strikes.notices(&manifests));
        let is_out = |plugin| strikes.is_out(plugin, usize::MAX);
        report.notices.extend(quotas.notices(&manifests, &is_out));
        for plugin in 0..self.plugins.len() {
            if strikes.is_out(plugin, paths.len()) {
                project.leave_out(plugin);
            }
        }
        self.project(project, &kept, report, &progress.cancel);
        self.cap(report);
        self.settle(&suppressions, failed, report);
        outcome
    }

    /// What shows only across documents.
    fn project(
        &self,
        input: project::Input,
        kept: &BTreeMap<String, (Document, Vec<Range<usize>>)>,
        report: &mut Report,
        cancel: &Arc<AtomicBool>,
    ) {
        let text = |path: &str| kept.get(path).map_or("", |(document, _)| &*document.text);
        let found = project::check(&self.plugins, input, &text, cancel);
        // Facts carry texts from one document to another.
        let mut masks = Masks::default();
        for (document, secrets) in kept.values() {
            masks.add(&document.text, secrets);
        }
        report.notices.extend(found.notices.into_iter().map(|mut notice| {
            notice.message = masks.apply(&notice.message);
            notice
        }));
        let mut by_path: BTreeMap<String, Vec<project::Found>> = BTreeMap::new();
        for found in found.findings {
            by_path.entry(found.path().to_owned()).or_default().push(found);
        }
        let lines: BTreeMap<&String, LineIndex<'_>> =
            kept.iter().map(|(path, (document, _))| (path, LineIndex::new(&document.text))).collect();
        let place =
            |path: &String, range: Range<usize>| lines.get(path).map(|lines| lines.place(path, range));
        for (path, all) in by_path {
            let Some((document, secrets)) = kept.get(&path) else { continue };
            let of_path = &lines[&path];
            let hidden = Hidden { ranges: secrets, masks: &masks };
            let mut ordinals: BTreeMap<(String, String), usize> = BTreeMap::new();
            for found in all {
                if !self.runs(found.plugin, found.raw.rule, &path) {
                    continue;
                }
                let rule = self.rule_name(found.plugin, found.raw.rule);
                let anchor = anchor(&found.raw, &document.text, hidden, None);
                let ordinal = ordinals.entry((rule.clone(), anchor.clone())).or_default();
                let print = |path: &str| fingerprint(&[&rule, path, &anchor, &ordinal.to_string()]);
                let (own, moved) = (print(&path), print(""));
                *ordinal += 1;
                let (raw, elsewhere) = found.split();
                let mut finding = self.finding(document, of_path, &raw, rule, hidden, own, moved);
                finding.related.extend(elsewhere.into_iter().filter_map(|(path, range, message)| {
                    Some(Related { place: place(&path, range)?, message: masks.apply(&message) })
                }));
                report.findings.push(finding);
            }
        }
        for (plugin, rule, path, range, reason) in found.unknowns {
            if let Some(place) = place(&path, range)
                && self.runs(plugin, rule, &path)
            {
                let (rule, reason) = (self.rule_name(plugin, rule), masks.apply(&reason));
                report.unknowns.push(Unknown { rule, place, reason });
            }
        }
    }

    /// Drops what a plugin reports beyond the cap of a run, and says so.
    fn cap(&self, report: &mut Report) {
        sort(&mut report.findings);
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        report.findings.retain(|finding| {
            let plugin = finding.rule.split('/').next().unwrap_or_default().to_owned();
            let count = counts.entry(plugin).or_default();
            *count += 1;
            *count <= FINDINGS_OF_A_PLUGIN
        });
        for (plugin, count) in counts.into_iter().filter(|(_, count)| *count > FINDINGS_OF_A_PLUGIN) {
            let message =
                format!("{count} findings in this run, of which the first {FINDINGS_OF_A_PLUGIN} were kept");
            report.notices.push(Notice::incomplete("plugin::too_many_findings", message).of(plugin));
        }
    }

    /// Applies suppressions, and sorts.
    fn settle(&self, suppressions: &BTreeMap<&str, Vec<Located>>, failed: bool, report: &mut Report) {
        let decided = |_: &str| !failed;
        let run = suppress::Run { date: self.date, rules: &self.rules, decided: &decided };
        let mut own = Vec::new();
        for (path, comments) in suppressions {
            fn of_path(finding: &Finding) -> &str {
                &finding.place.path
            }
            let start = report.findings.partition_point(|finding| of_path(finding) < *path);
            let end = report.findings.partition_point(|finding| of_path(finding) <= *path);
            let plain: Vec<Suppression> =
                comments.iter().map(|(suppression, ..)| suppression.clone()).collect();
            let locate = |span: Range<usize>| {
                let at = comments.iter().find(|(suppression, ..)| suppression.span == span);
                let (_, place, excerpt) = at.expect("spans come from these suppressions");
                (place.clone(), excerpt.clone())
            };
            own.extend(suppress::apply(&mut report.findings[start..end], &plain, path, run, &locate));
        }
        let used = suppress::allow(&mut report.findings, &self.config.allows, self.date);
        let (findings, notices) = suppress::judge_allows(&self.config.allows, &used, run);
        report.findings.extend(own);
        report.findings.extend(findings);
        report.notices.extend(notices);
        sort(&mut report.findings);
        report.unknowns.sort_by(|a, b| (&a.place, &a.rule, &a.reason).cmp(&(&b.place, &b.rule, &b.reason)));
        report.unknowns.dedup();
        report.notices.sort();
        report.notices.dedup();
    }
}

fn sort(findings: &mut [Finding]) {
    findings.sort_by(|a, b| (&a.place, &a.rule, &a.message).cmp(&(&b.place, &b.rule, &b.message)));
}

/// Why a file gave no result.
enum Left {
    Skip(Skip),
    Notice(Box<Notice>),
}

fn crashed(path: &str) -> Notice {
    Notice::incomplete("check::crashed", "checking this file crashed the worker, so it was left out").at(path)
}

/// One flaw, one finding: of findings with a common CWE whose ranges lie inside
/// each other, the surest stays.
///
/// A plugin that the user gave merges with itself alone: one that claims what
/// others find could otherwise hide it.
fn merge(raws: Vec<(usize, Raw)>, plugins: &[Plugin]) -> Vec<(usize, Raw)> {
    let rule_of = |plugin: usize, raw: &Raw| &plugins[plugin].manifest.rules[raw.rule];
    let is_built_in = |plugin: usize| plugins[plugin].origin == Origin::BuiltIn;
    let mut kept: Vec<(usize, Raw)> = Vec::new();
    for (plugin, raw) in raws {
        let cwe = &rule_of(plugin, &raw).cwe;
        let same = kept.iter_mut().rev().take(16).find(|(other, known)| {
            let (a, b) = (&known.spot.range, &raw.spot.range);
            let nested = a.start <= b.start && b.end <= a.end || b.start <= a.start && a.end <= b.end;
            let shared = rule_of(*other, known).cwe.iter().any(|number| cwe.contains(number));
            nested
                && (*other == plugin || is_built_in(*other) && is_built_in(plugin))
                && !b.is_empty()
                && !a.is_empty()
                && (shared || (*other, known.rule) == (plugin, raw.rule) && a == b)
        });
        match same {
            None => kept.push((plugin, raw)),
            Some(known) => {
                let rank = |plugin: usize, raw: &Raw| {
                    let precise = std::cmp::Reverse(raw.spot.range.len());
                    (
                        raw.confidence,
                        raw.severity,
                        raw.class == Class::Example,
                        precise,
                        std::cmp::Reverse((plugin, raw.rule)),
                    )
                };
                let better = rank(plugin, &raw) > rank(known.0, &known.1);
                let (mut winner, loser) = if better {
                    ((plugin, raw), std::mem::replace(known, (0, known.1.clone())))
                } else {
                    (known.clone(), (plugin, raw))
                };
                if (winner.0, winner.1.rule) != (loser.0, loser.1.rule) {
                    let rule = rule_of(loser.0, &loser.1);
                    let message =
                        format!("also: {} ({}/{})", rule.title, plugins[loser.0].manifest.id, rule.id);
                    winner.1.related.push((loser.1.spot, message));
                }
                *known = winner;
            }
        }
    }
    kept
}

/// What a fingerprint holds on to: words that survive edits and reformatting,
/// without any secret.
fn anchor(raw: &Raw, text: &str, hidden: Hidden<'_>, scope: Option<String>) -> String {
    /// Of a longer range only the start counts.
    const LONGEST: usize = 4 << 10;
    let mut anchor = scope.unwrap_or_default();
    anchor.push('\0');
    match &raw.subject {
        Some(subject) => anchor.push_str(&hidden.masks.apply(subject)),
        None => {
            let mut range = raw.spot.range.clone();
            range.end = range.end.min(text.floor_char_boundary(range.start + LONGEST));
            let mut at = range.start;
            let mut push =
                |piece: &str| anchor.extend(piece.chars().filter(|c| !c.is_whitespace() && *c != ','));
            let inside = |secret: &&Range<usize>| secret.start < range.end && secret.end > range.start;
            for secret in hidden.ranges.iter().filter(inside) {
                push(text.get(at..secret.start.max(at)).unwrap_or_default());
                at = secret.end.max(at);
            }
            push(text.get(at..range.end.max(at)).unwrap_or_default());
        }
    }
    anchor
}

fn fingerprint(parts: &[&str]) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(part.as_bytes());
        hasher.update(&[0]);
    }
    hasher.finalize().to_hex()[..32].to_owned()
}

/// A document as the contract has it.
fn document_call(
    source: &Source<'_>,
    input: &crate::plugin::manifest::Input,
    evidence: wire::Evidence,
    is_embedded: bool,
) -> wire::Document {
    let mut traits: Vec<String> = source.document.traits.iter().map(|word| (*word).to_owned()).collect();
    if is_embedded {
        traits.push("embedded".to_owned());
        traits.sort();
    }
    wire::Document {
        path: source.document.path.to_string(),
        language: source.language.name().to_owned(),
        traits,
        text: if input.text { source.text.as_bytes().to_vec() } else { Vec::new() },
        evidence,
    }
}

/// Places in one text, mapped out of it where it is embedded.
struct TextPlaces<'t> {
    text: &'t str,
    outer: &'t str,
    map: Option<&'t OffsetMap>,
}

impl TextPlaces<'_> {
    fn out(&self, range: Range<usize>) -> Range<usize> {
        self.map.map_or(range.clone(), |map| map.to_outer(range))
    }
}

impl Places for TextPlaces<'_> {
    fn spot(&self, at: &wire::Location) -> Option<Spot> {
        match at {
            wire::Location::Whole => Some(Spot { document: 0, range: 0..0 }),
            wire::Location::Text(span) => {
                let range = self.out(verdict::range(span, self.text)?);
                self.outer.get(range.clone())?;
                Some(Spot { document: 0, range })
            }
            _ => None,
        }
    }

    fn text(&self, _document: usize) -> &str {
        self.text
    }

    fn edit(&self, at: &wire::Location) -> Option<Spot> {
        let spot = self.spot(at)?;
        let wire::Location::Text(span) = at else { return None };
        // Only where the text stands in the outer document as it is.
        let inner = verdict::range(span, self.text)?;
        (self.outer.get(spot.range.clone()) == self.text.get(inner)).then_some(spot)
    }

    fn range(&self, span: &wire::Span) -> Option<Range<usize>> {
        let range = self.out(verdict::range(span, self.text)?);
        self.outer.get(range.clone()).map(|_| range)
    }
}

/// Places of flows, besides those of the text.
struct FlowPlaces<'t> {
    inner: &'t TextPlaces<'t>,
    ranges: &'t [Range<usize>],
}

impl Places for FlowPlaces<'_> {
    fn spot(&self, at: &wire::Location) -> Option<Spot> {
        match at {
            wire::Location::Place(index) => {
                let range = self.inner.out(self.ranges.get(*index as usize)?.clone());
                Some(Spot { document: 0, range })
            }
            other => self.inner.spot(other),
        }
    }

    fn text(&self, document: usize) -> &str {
        self.inner.text(document)
    }

    fn edit(&self, at: &wire::Location) -> Option<Spot> {
        self.inner.edit(at)
    }

    fn range(&self, span: &wire::Span) -> Option<Range<usize>> {
        self.inner.range(span)
    }
}

fn to_u32(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

/// What one plugin gets of a document: for benchmarks.
#[doc(hidden)]
#[must_use]
pub fn calls(matched: Vec<PluginMatches>, source: &Source<'_>) -> Vec<(usize, wire::Document)> {
    let input = crate::plugin::manifest::Input::default();
    matched.into_iter().map(|of| (of.plugin, document_call(source, &input, of.evidence, false))).collect()
}
