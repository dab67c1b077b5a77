//! The project as a whole: stacks are judged, then facts are joined.
//!
//! Both kinds of call see only what a plugin's manifest asks for. What they
//! report is placed in documents here, so that it is finished like any other
//! finding.

#[cfg(test)]
mod tests;

use crate::notice::Notice;
use crate::plugin::host::{Call, CallError};
use crate::plugin::manifest::Manifest;
use crate::plugin::set::Plugin;
use crate::plugin::verdict::{self, Places, Raw, Spot, Verdict};
use crate::plugin::wire;
use crate::resources::{Stack, StackResource, is_public_bucket};
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

/// A fact of a document or a stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectFact {
    /// With its owner: `cloud/bucket`.
    pub topic: String,
    /// The join key.
    pub key: String,
    /// JSON.
    pub value: String,
    /// Path of its document.
    pub path: String,
    /// Bytes of the document's text.
    pub range: Range<usize>,
}

/// What is known of a project once its documents are checked.
pub struct Input<'a> {
    /// All plugins of the run.
    pub plugins: &'a [Plugin],
    /// Whether a rule is on: plugin, rule.
    pub is_on: &'a (dyn Fn(usize, usize) -> bool + Sync),
    /// As `resources::stacks` gives them.
    pub stacks: &'a [Stack],
    /// What the documents' checks recorded.
    pub facts: Vec<ProjectFact>,
    /// The text of a document that a stack or a fact names.
    pub text: &'a (dyn Fn(&str) -> Option<Arc<str>> + Sync),
}

impl std::fmt::Debug for Input<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Input").field("stacks", &self.stacks).field("facts", &self.facts).finish_non_exhaustive()
    }
}

/// What came of the project as a whole.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Paths that the spots below refer to by index, sorted.
    pub documents: Vec<String>,
    /// Plugin and finding.
    pub findings: Vec<(usize, Raw)>,
    /// Plugin, rule, where and why.
    pub unknowns: Vec<(usize, usize, Spot, String)>,
    /// What failed.
    pub notices: Vec<Notice>,
}

/// Judges the stacks, then joins the facts.
///
/// Call it on a thread of `Workers`. The order of what it gives depends on the
/// input alone.
#[must_use]
pub fn check(input: Input<'_>, cancel: &Arc<AtomicBool>) -> Outcome {
    let documents: BTreeSet<&str> = input
        .stacks
        .iter()
        .flat_map(|stack| stack.documents.iter().map(String::as_str))
        .chain(input.facts.iter().map(|fact| fact.path.as_str()))
        .collect();
    let documents: Vec<String> = documents.into_iter().map(str::to_owned).collect();
    let texts: Vec<Arc<str>> = documents.iter().map(|path| (input.text)(path).unwrap_or_default()).collect();
    let project = Project { documents, texts };
    let mut outcome = Outcome::default();

    let mut work = Vec::new();
    for (plugin, of) in input.plugins.iter().enumerate() {
        let kinds = &of.manifest.stack.kinds;
        let on = (0..of.manifest.rules.len()).any(|rule| (input.is_on)(plugin, rule));
        if kinds.is_empty() || !on {
            continue;
        }
        for stack in input.stacks {
            work.extend(batches(stack, kinds).into_iter().map(|batch| (plugin, stack, batch)));
        }
    }
    let judged: Vec<_> = work
        .into_par_iter()
        .map(|(plugin, stack, batch)| {
            let places = StackPlaces { project: &project, stack, batch };
            let verdicts = call(&input.plugins[plugin], Call::CheckStack(places.call()), cancel)
                .map(|mut reports| reports.pop().unwrap_or_else(empty))
                .map(|report| verdict::check(report, &input.plugins[plugin].manifest, &places));
            (plugin, stack.documents.first().cloned(), verdicts.map(|verdict| project.settle(verdict, &places)))
        })
        .collect();
    let mut facts = input.facts;
    for (plugin, path, verdict) in judged {
        let manifest = &input.plugins[plugin].manifest;
        match verdict {
            Ok(verdict) => {
                facts.extend(verdict.facts.iter().map(|fact| ProjectFact {
                    topic: fact.topic.clone(),
                    key: fact.key.clone(),
                    value: fact.value.clone(),
                    path: project.documents.get(fact.spot.document).cloned().unwrap_or_default(),
                    range: fact.spot.range.clone(),
                }));
                outcome.take(plugin, manifest, verdict, &input.is_on);
            }
            Err(error) => outcome.failed(manifest, path, &error),
        }
    }

    facts.extend(input.stacks.iter().flat_map(host_facts));
    facts.sort_by(|a, b| {
        let key = |fact: &ProjectFact| (fact.path.clone(), fact.range.start, fact.topic.clone(), fact.value.clone());
        key(a).cmp(&key(b))
    });
    facts.dedup();
    let mut work = Vec::new();
    for (plugin, of) in input.plugins.iter().enumerate() {
        let on = (0..of.manifest.rules.len()).any(|rule| (input.is_on)(plugin, rule));
        if on {
            work.extend(groups(&of.manifest, &facts, &mut outcome.notices).into_iter().map(|batch| (plugin, batch)));
        }
    }
    let judged: Vec<_> = work
        .into_par_iter()
        .map(|(plugin, batch)| {
            let of = &input.plugins[plugin];
            let groups = batch.iter().map(|group| group.wire(&facts)).collect();
            let reports = call(of, Call::Correlate(groups), cancel).and_then(|reports| {
                let (sent, came) = (batch.len(), reports.len());
                let fits = || CallError::BadReply(format!("{came} reports for {sent} groups of facts"));
                (sent == came).then_some(reports).ok_or_else(fits)
            });
            let judge = |(group, report): (&Group, wire::Report)| {
                let report = wire::Report { facts: Vec::new(), ..report };
                let places = GroupPlaces { project: &project, facts: &facts, group };
                project.settle(verdict::check(report, &of.manifest, &places), &places)
            };
            (plugin, reports.map(|reports| batch.iter().zip(reports).map(judge).collect::<Vec<_>>()))
        })
        .collect();
    for (plugin, verdicts) in judged {
        let manifest = &input.plugins[plugin].manifest;
        match verdicts {
            Ok(verdicts) => {
                verdicts.into_iter().for_each(|verdict| outcome.take(plugin, manifest, verdict, &input.is_on));
            }
            Err(error) => outcome.failed(manifest, None, &error),
        }
    }
    outcome.documents = project.documents;
    outcome
}

fn call(plugin: &Plugin, call: Call, cancel: &Arc<AtomicBool>) -> Result<Vec<wire::Report>, CallError> {
    plugin.call(&call, cancel).map(|answer| answer.reports)
}

fn empty() -> wire::Report {
    wire::Report { findings: Vec::new(), facts: Vec::new(), unknowns: Vec::new() }
}

impl Outcome {
    fn take(
        &mut self,
        plugin: usize,
        manifest: &Manifest,
        verdict: Verdict,
        is_on: &(dyn Fn(usize, usize) -> bool + Sync),
    ) {
        let on = |rule: usize| is_on(plugin, rule);
        self.findings.extend(verdict.findings.into_iter().filter(|raw| on(raw.rule)).map(|raw| (plugin, raw)));
        let unknowns = verdict.unknowns.into_iter().filter(|(rule, ..)| on(*rule));
        self.unknowns.extend(unknowns.map(|(rule, spot, reason)| (plugin, rule, spot, reason)));
        let refused = verdict.problems.iter().map(|problem| {
            let message = format!("part of the plugin's answer was refused: {problem}");
            Notice::incomplete("plugin::bad_reply", message).of(&*manifest.id)
        });
        self.notices.extend(refused);
    }

    fn failed(&mut self, manifest: &Manifest, path: Option<String>, error: &CallError) {
        let (code, message) = error.describe();
        let notice = Notice::incomplete(code, message).of(&*manifest.id);
        self.notices.push(match path {
            Some(path) => notice.at(path),
            None => notice,
        });
    }
}

/// The documents of the project, in the order in which an outcome names them.
struct Project {
    documents: Vec<String>,
    texts: Vec<Arc<str>>,
}

/// Places whose documents have numbers of their own.
trait Local: Places {
    /// The path of a document of the call.
    fn path(&self, document: usize) -> Option<&str>;
}

impl Project {
    fn index(&self, path: &str) -> Option<usize> {
        self.documents.binary_search_by(|known| known.as_str().cmp(path)).ok()
    }

    fn text(&self, path: &str) -> &str {
        self.index(path).map_or("", |index| &self.texts[index])
    }

    /// Turns the documents of a call into those of the project.
    fn settle(&self, mut verdict: Verdict, places: &dyn Local) -> Verdict {
        let settle = |spot: &mut Spot| {
            let index = places.path(spot.document).and_then(|path| self.index(path));
            spot.document = index.unwrap_or_default();
        };
        for raw in &mut verdict.findings {
            settle(&mut raw.spot);
            raw.related.iter_mut().for_each(|(spot, _)| settle(spot));
            raw.traces.iter_mut().flat_map(|(_, steps)| steps).for_each(|(_, spot, _)| settle(spot));
            raw.fixes.iter_mut().flat_map(|fix| &mut fix.edits).for_each(|(spot, _)| settle(spot));
        }
        verdict.facts.iter_mut().for_each(|fact| settle(&mut fact.spot));
        verdict.unknowns.iter_mut().for_each(|(_, spot, _)| settle(spot));
        verdict
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
    project: &'a Project,
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
                // Maps are sorted by key, and so is what they print.
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
        self.path(document).map_or("", |path| self.project.text(path))
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
        Some(ProjectFact {
            topic: "host/resource".into(),
            key: resource.identity.clone()?,
            value: value.to_string(),
            path: stack.documents.get(*document)?.clone(),
            range: range.clone(),
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
        for (index, fact) in facts.iter().enumerate().filter(|(_, fact)| declared.topics.contains(&fact.topic)) {
            by_key.entry(&fact.key).or_default().push(index);
        }
        for (key, mut members) in by_key {
            let has = |topic: &String| members.iter().any(|index| facts[*index].topic == *topic);
            if !declared.require.iter().all(has) {
                continue;
            }
            if members.len() > BATCH_ITEMS {
                let message = format!("{} facts share one key, of which {BATCH_ITEMS} were joined", members.len());
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
    project: &'a Project,
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
                self.fact(index).map(|fact| Spot { document: index, range: fact.range.clone() })
            }
            _ => None,
        }
    }

    fn text(&self, document: usize) -> &str {
        self.path(document).map_or("", |path| self.project.text(path))
    }
}

impl Local for GroupPlaces<'_> {
    fn path(&self, document: usize) -> Option<&str> {
        self.fact(document).map(|fact| fact.path.as_str())
    }
}
