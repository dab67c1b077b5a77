//! The project as a whole: stacks are judged, then facts are joined.
//!
//! Both kinds of call see only what a plugin's manifest asks for. What they
//! report is placed in documents here, so that it is finished like any other
//! finding.

#[cfg(test)]
mod tests;

use crate::notice::Notice;
use crate::plugin::account::{Quotas, Strikes};
use crate::plugin::host::{Call, CallError};
use crate::plugin::manifest::Manifest;
use crate::plugin::set::Plugin;
use crate::plugin::verdict::{self, Places, Raw, RawFact, Spot};
use crate::plugin::wire;
use crate::resources::{self, Resource, Stack, StackResource, is_public_bucket};
use rayon::prelude::*;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Bytes of attributes or facts in one call. Guests keep them several times
/// over, in a memory of 64 MiB.
const BATCH_BYTES: usize = 2 << 20;
/// Resources or facts in one call.
const BATCH_ITEMS: usize = 5_000;

/// A fact of a document or a stack, in the order in which correlations see it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct ProjectFact {
    path: String,
    range: (usize, usize),
    topic: String,
    value: String,
    key: String,
}

/// What is known of a project once its documents are checked.
#[derive(Debug, Default)]
pub struct Input {
    facts: Vec<ProjectFact>,
    resources: Vec<(String, Vec<Resource>)>,
    left_out: BTreeSet<usize>,
}

impl Input {
    /// Adds what the document at `path` gave.
    pub fn add(&mut self, path: &str, facts: Vec<RawFact>, resources: Vec<Resource>) {
        self.facts.extend(facts.into_iter().map(|fact| ProjectFact::new(fact, path)));
        if !resources.is_empty() {
            self.resources.push((path.to_owned(), resources));
        }
    }

    /// Leaves out the plugin of this number: it is not called.
    pub fn leave_out(&mut self, plugin: usize) {
        self.left_out.insert(plugin);
    }
}

/// A finding of the project, in one of its documents.
#[derive(Debug)]
pub struct Found {
    /// Number of the plugin.
    pub plugin: usize,
    /// The finding; its spots all lie in its own document.
    pub raw: Raw,
    path: String,
    elsewhere: Vec<(String, Range<usize>, String)>,
}

impl Found {
    /// The path of its document.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The finding, and what it says of other documents: path, range, message.
    #[must_use]
    pub fn split(self) -> (Raw, Vec<(String, Range<usize>, String)>) {
        (self.raw, self.elsewhere)
    }
}

/// What came of the project as a whole.
#[derive(Debug, Default)]
pub struct Outcome {
    /// In an order that depends on the input alone.
    pub findings: Vec<Found>,
    /// Plugin, rule, path, range, reason.
    pub unknowns: Vec<(usize, usize, String, Range<usize>, String)>,
    /// What failed.
    pub notices: Vec<Notice>,
}

/// Judges the stacks, then joins the facts.
///
/// `text` gives the text of a document. Call it on a thread of `Workers`.
#[must_use]
pub fn check<'t>(
    plugins: &[Plugin],
    input: Input,
    text: &dyn Fn(&str) -> &'t str,
    cancel: &Arc<AtomicBool>,
) -> Outcome {
    let Input { mut facts, resources, left_out } = input;
    let paths = facts.iter().map(|fact| &fact.path).chain(resources.iter().map(|(path, _)| path));
    let texts: Texts<'t> = paths.map(|path| (path.clone(), text(path))).collect();
    let stacks = resources::stacks(resources);
    let called = || plugins.iter().enumerate().filter(|(plugin, _)| !left_out.contains(plugin));
    let mut outcome = Outcome::default();
    let account = Account { strikes: Strikes::new(plugins.len()), quotas: Quotas::new(plugins.len()) };

    let mut work = Vec::new();
    for (plugin, of) in called() {
        for stack in &stacks {
            let batches = batches(stack, &of.manifest.stack.kinds).into_iter();
            work.extend(batches.map(|batch| (plugin, StackPlaces { texts: &texts, stack, batch })));
        }
    }
    let stack_calls = work.len();
    let judge = |(number, (plugin, places)): (usize, (usize, StackPlaces<'_>))| {
        let manifest = &plugins[plugin].manifest;
        let verdicts = account.call(plugin, number, || {
            let reports = call(&plugins[plugin], Call::CheckStack(places.call()), cancel)?;
            Ok(reports.into_iter().map(|report| Judged::new(plugin, report, manifest, &places)).collect())
        });
        (plugin, places.path(0).map(str::to_owned), verdicts)
    };
    let done: Vec<_> = work.into_par_iter().enumerate().map(judge).collect();
    for (number, (plugin, path, verdicts)) in done.into_iter().enumerate() {
        match verdicts.filter(|_| account.counts(plugin, number)) {
            Some(Ok(verdicts)) => verdicts.into_iter().for_each(|judged| facts.extend(outcome.take(judged))),
            Some(Err(error)) => outcome.failed(&plugins[plugin].manifest, path, &error),
            None => {}
        }
    }

    facts.extend(stacks.iter().flat_map(host_facts));
    facts.sort();
    facts.dedup();
    let mut work = Vec::new();
    for (plugin, of) in called() {
        let batches = groups(&of.manifest, &facts, &mut outcome.notices);
        work.extend(batches.into_iter().map(|batch| (plugin, batch)));
    }
    let judge = |(number, (plugin, batch)): (usize, (usize, Vec<Group>))| {
        let manifest = &plugins[plugin].manifest;
        let verdicts = account.call(plugin, stack_calls + number, || {
            let groups = batch.iter().map(|group| group.wire(&facts)).collect();
            let reports = call(&plugins[plugin], Call::Correlate(groups), cancel)?;
            let (sent, came) = (batch.len(), reports.len());
            if sent != came {
                return Err(CallError::BadReply(format!("{came} reports for {sent} groups of facts")));
            }
            let judge = |(group, report)| {
                let places = GroupPlaces { texts: &texts, facts: &facts, group };
                Judged::new(plugin, report, manifest, &places)
            };
            Ok(batch.iter().zip(reports).map(judge).collect())
        });
        (plugin, verdicts)
    };
    let done: Vec<_> = work.into_par_iter().enumerate().map(judge).collect();
    for (number, (plugin, verdicts)) in done.into_iter().enumerate() {
        match verdicts.filter(|_| account.counts(plugin, stack_calls + number)) {
            // Nothing joins the facts that a join records.
            Some(Ok(verdicts)) => verdicts.into_iter().for_each(|judged| drop(outcome.take(judged))),
            Some(Err(error)) => outcome.failed(&plugins[plugin].manifest, None, &error),
            None => {}
        }
    }
    outcome.notices.extend(account.notices(plugins));
    outcome
}

/// What plugins may do in this phase; the calls are counted in the order in
/// which they were planned.
struct Account {
    strikes: Strikes,
    quotas: Quotas,
}

impl Account {
    /// Makes a call, unless the plugin is known to be out.
    fn call(
        &self,
        plugin: usize,
        number: usize,
        judge: impl FnOnce() -> Result<Vec<Judged>, CallError>,
    ) -> Option<Result<Vec<Judged>, CallError>> {
        if self.strikes.is_out(plugin, number) {
            return None;
        }
        let verdicts = judge();
        let keeps = match &verdicts {
            Ok(verdicts) => {
                let weight = verdicts.iter().map(|judged| judged.weight).sum();
                self.quotas.keep(plugin, number, weight)
            }
            Err(_) => {
                self.strikes.add(plugin, number);
                true
            }
        };
        keeps.then_some(verdicts)
    }

    /// Whether what came of a call counts, now that all of them are done.
    fn counts(&self, plugin: usize, number: usize) -> bool {
        !self.strikes.is_out(plugin, number) && !self.quotas.is_beyond(plugin, number)
    }

    fn notices(&self, plugins: &[Plugin]) -> Vec<Notice> {
        let manifests: Vec<&Manifest> = plugins.iter().map(|plugin| &plugin.manifest).collect();
        let mut notices = self.strikes.notices(&manifests);
        notices.extend(self.quotas.notices(&manifests, &|plugin| self.strikes.is_out(plugin, usize::MAX)));
        notices
    }
}

fn call(plugin: &Plugin, call: Call, cancel: &Arc<AtomicBool>) -> Result<Vec<wire::Report>, CallError> {
    plugin.call(&call, cancel).map(|answer| answer.reports)
}

/// The texts of the documents that stacks and facts name, by path.
type Texts<'t> = BTreeMap<String, &'t str>;

/// Places whose documents have paths.
trait Local: Places {
    /// The path of a document of the call.
    fn path(&self, document: usize) -> Option<&str>;
}

/// A report, checked and placed.
struct Judged {
    findings: Vec<Found>,
    facts: Vec<ProjectFact>,
    unknowns: Vec<(usize, usize, String, Range<usize>, String)>,
    notices: Vec<Notice>,
    /// About how many bytes it takes to keep it.
    weight: usize,
}

impl Judged {
    fn new(plugin: usize, report: wire::Report, manifest: &Manifest, places: &dyn Local) -> Self {
        let verdict = verdict::check(report, manifest, places);
        let weight = verdict.weight();
        let path = |spot: &Spot| places.path(spot.document).unwrap_or_default().to_owned();
        let refused = |problem: &String| {
            let message = format!("part of the plugin's answer was refused: {problem}");
            Notice::incomplete("plugin::bad_reply", message).of(&*manifest.id)
        };
        Self {
            weight,
            facts: verdict
                .facts
                .into_iter()
                .map(|fact| (path(&fact.spot), fact))
                .map(|(path, fact)| ProjectFact::new(fact, &path))
                .collect(),
            unknowns: verdict
                .unknowns
                .into_iter()
                .map(|(rule, spot, reason)| (plugin, rule, path(&spot), spot.range, reason))
                .collect(),
            notices: verdict.problems.iter().map(refused).collect(),
            findings: verdict.findings.into_iter().map(|raw| Found::new(plugin, raw, places)).collect(),
        }
    }
}

impl Found {
    fn new(plugin: usize, mut raw: Raw, places: &dyn Local) -> Self {
        let path_of = |spot: &Spot| places.path(spot.document).unwrap_or_default().to_owned();
        let path = path_of(&raw.spot);
        let mut elsewhere = Vec::new();
        // Keeps what lies in the finding's own document, and notes the rest.
        let mut own = |spot: &mut Spot, message: &str| {
            let there = path_of(spot);
            if there != path {
                elsewhere.push((there, spot.range.clone(), message.to_owned()));
                return false;
            }
            spot.document = 0;
            true
        };
        raw.related.retain_mut(|(spot, message)| own(spot, message));
        for (_, steps) in &mut raw.traces {
            steps.retain_mut(|(_, spot, message)| own(spot, message));
        }
        // A fix stays within the finding's document, or was refused.
        raw.fixes.iter_mut().flat_map(|fix| &mut fix.edits).for_each(|(spot, _)| spot.document = 0);
        raw.spot.document = 0;
        Self { plugin, raw, path, elsewhere }
    }
}

impl ProjectFact {
    fn new(fact: RawFact, path: &str) -> Self {
        let RawFact { topic, key, value, spot } = fact;
        let range = (spot.range.start, spot.range.end);
        Self { path: path.to_owned(), range, topic, value, key }
    }
}

impl Outcome {
    fn take(&mut self, judged: Judged) -> Vec<ProjectFact> {
        self.findings.extend(judged.findings);
        self.unknowns.extend(judged.unknowns);
        self.notices.extend(judged.notices);
        judged.facts
    }

    fn failed(&mut self, manifest: &Manifest, path: Option<String>, error: &CallError) {
        let notice = crate::check::failure(error).of(&*manifest.id);
        self.notices.push(match path {
            Some(path) => notice.at(path),
            None => notice,
        });
    }
}

// --------------------------------------------------------------------- stacks

/// The resources of a stack that a plugin asks for, by index, in pieces that a
/// call can carry. References between two pieces are not seen.
fn batches(stack: &Stack, kinds: &[String]) -> Vec<Vec<usize>> {
    let wanted = |resource: &StackResource| {
        kinds.iter().any(|kind| match kind.strip_suffix('*') {
            Some(start) => resource.kind.starts_with(start),
            None => resource.kind == *kind,
        })
    };
    let found = stack.resources.iter().enumerate().filter(|(_, resource)| wanted(resource));
    pieces(found.map(|(index, resource)| (index, resource.attributes.to_string().len())))
}

fn pieces<T>(items: impl Iterator<Item = (T, usize)>) -> Vec<Vec<T>> {
    let mut pieces: Vec<Vec<T>> = Vec::new();
    let mut bytes = 0;
    for (item, size) in items {
        bytes += size;
        match pieces.last_mut() {
            Some(last) if bytes <= BATCH_BYTES && last.len() < BATCH_ITEMS => last.push(item),
            _ => {
                pieces.push(vec![item]);
                bytes = size;
            }
        }
    }
    pieces
}

/// The places of one call to `check-stack`.
struct StackPlaces<'a> {
    texts: &'a Texts<'a>,
    stack: &'a Stack,
    /// The resources of the call.
    batch: Vec<usize>,
}

impl StackPlaces<'_> {
    fn call(&self) -> wire::Stack {
        let word = |index: usize| u32::try_from(index).unwrap_or(u32::MAX);
        let position = |index: usize| self.batch.binary_search(&index).ok().map(word);
        let resources = self.batch.iter().map(|index| {
            let resource = &self.stack.resources[*index];
            wire::CloudResource {
                kind: resource.kind.clone(),
                source_kind: resource.source_kind.clone(),
                address: resource.address.clone(),
                identity: resource.identity.clone(),
                document: word(resource.document),
                // Its keys are sorted already.
                attributes: resource.attributes.to_string(),
            }
        });
        let links = self.stack.links.iter().filter_map(|link| {
            let source = wire::AttributeRef { of: position(link.source)?, at: link.at.clone() };
            Some(wire::Link { source, target: position(link.target)? })
        });
        wire::Stack {
            name: self.stack.name.clone(),
            format: self.stack.format.name().to_owned(),
            documents: self.stack.documents.clone(),
            resources: resources.collect(),
            links: links.collect(),
        }
    }
}

impl Places for StackPlaces<'_> {
    fn spot(&self, at: &wire::Location) -> Option<Spot> {
        match at {
            wire::Location::Whole => Some(Spot { document: 0, range: 0..0 }),
            wire::Location::Attribute(setting) => {
                let resource = &self.stack.resources[*self.batch.get(setting.of as usize)?];
                let (document, range) = resource.place(&setting.at)?;
                Some(Spot { document: *document, range: range.clone() })
            }
            _ => None,
        }
    }

    fn text(&self, document: usize) -> &str {
        self.path(document).and_then(|path| self.texts.get(path)).copied().unwrap_or_default()
    }
}

impl Local for StackPlaces<'_> {
    fn path(&self, document: usize) -> Option<&str> {
        self.stack.documents.get(document).map(String::as_str)
    }
}

// ---------------------------------------------------------------------- facts

/// What the host itself knows of a stack: its resources that have an identity.
fn host_facts(stack: &Stack) -> impl Iterator<Item = ProjectFact> + '_ {
    stack.resources.iter().filter_map(|resource| {
        let (document, range) = resource.place("")?;
        let mut value = json!({ "kind": resource.kind, "address": resource.address });
        if resource.kind == "aws:s3:bucket" {
            value["public"] = is_public_bucket(&resource.attributes).map_or(json!("unknown"), Value::Bool);
        }
        value.sort_all_objects();
        Some(ProjectFact {
            topic: "host/resource".into(),
            key: resource.identity.clone()?,
            value: value.to_string(),
            path: stack.documents.get(*document)?.clone(),
            range: (range.start, range.end),
        })
    })
}

/// Facts of one correlation that share a key, by index.
struct Group {
    correlation: u32,
    key: String,
    facts: Vec<usize>,
}

/// The groups of a plugin's correlations that have all they need, in pieces
/// that a call can carry.
fn groups(manifest: &Manifest, facts: &[ProjectFact], notices: &mut Vec<Notice>) -> Vec<Vec<Group>> {
    let mut found = Vec::new();
    for (correlation, declared) in (0..).zip(&manifest.correlations) {
        let mut by_key: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (index, fact) in
            facts.iter().enumerate().filter(|(_, fact)| declared.topics.contains(&fact.topic))
        {
            by_key.entry(&fact.key).or_default().push(index);
        }
        for (key, mut members) in by_key {
            let has = |topic: &String| members.iter().any(|index| facts[*index].topic == *topic);
            if !declared.require.iter().all(has) {
                continue;
            }
            if members.len() > BATCH_ITEMS {
                let message =
                    format!("{} facts share one key, of which {BATCH_ITEMS} were joined", members.len());
                notices.push(Notice::incomplete("project::too_many", message).of(&*manifest.id));
                members.truncate(BATCH_ITEMS);
            }
            found.push(Group { correlation, key: key.to_owned(), facts: members });
        }
    }
    let size = |group: &Group| group.facts.iter().map(|index| facts[*index].value.len() + 64).sum();
    pieces(found.into_iter().map(|group| {
        let size = size(&group);
        (group, size)
    }))
}

impl Group {
    fn wire(&self, facts: &[ProjectFact]) -> wire::FactGroup {
        let view = |index: &usize| {
            let fact = &facts[*index];
            wire::FactView { topic: fact.topic.clone(), value: fact.value.clone(), path: fact.path.clone() }
        };
        wire::FactGroup {
            correlation: self.correlation,
            key: self.key.clone(),
            facts: self.facts.iter().map(view).collect(),
        }
    }
}

/// The places of one group: each fact is a document of its own.
struct GroupPlaces<'a> {
    texts: &'a Texts<'a>,
    facts: &'a [ProjectFact],
    group: &'a Group,
}

impl GroupPlaces<'_> {
    fn fact(&self, index: usize) -> Option<&ProjectFact> {
        self.group.facts.get(index).map(|index| &self.facts[*index])
    }
}

impl Places for GroupPlaces<'_> {
    fn spot(&self, at: &wire::Location) -> Option<Spot> {
        match at {
            wire::Location::Whole => Some(Spot { document: 0, range: 0..0 }),
            wire::Location::Fact(index) => {
                let index = *index as usize;
                self.fact(index).map(|fact| Spot { document: index, range: fact.range.0..fact.range.1 })
            }
            _ => None,
        }
    }

    fn text(&self, document: usize) -> &str {
        self.path(document).and_then(|path| self.texts.get(path)).copied().unwrap_or_default()
    }
}

impl Local for GroupPlaces<'_> {
    fn path(&self, document: usize) -> Option<&str> {
        self.fact(document).map(|fact| fact.path.as_str())
    }
}
