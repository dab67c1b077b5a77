//! The built-in rules without their sandbox: linked into this program, they
//! answer the same calls.

use std::path::Path;
use std::sync::Arc;
use wardline_engine::check::{Care, Checker, Files, Progress};
use wardline_engine::config::{Config, Date};
use wardline_engine::plugin::host::{Call, CallError, Workers};
use wardline_engine::plugin::set::{Answers, Bundle, Plugin};
use wardline_engine::plugin::wire;
use wardline_engine::walk::Root;
use wardline_plugin::bindings::wardline::plugin::types as guest;
use wardline_plugin::glue;

include!(concat!(env!("OUT_DIR"), "/bundles.rs"));

type Answer = fn(guest::Setup, glue::Call) -> Result<Vec<guest::Report>, String>;

const LINKED: &[(&str, Answer)] = &[
    ("cloud", wardline_cloud::answer),
    ("code", wardline_code::answer),
    ("containers", wardline_containers::answer),
    ("repository", wardline_repository::answer),
    ("secrets", wardline_secrets::answer),
];

/// Checks a folder, with the rules linked or sandboxed.
pub(crate) fn run(folder: &Path, is_linked: bool) {
    let plugins = BUNDLES.iter().map(|bundle| plugin(bundle, is_linked)).collect();
    let date = Date::new(2026, 1, 1).expect("a day of the calendar");
    let checker =
        Checker::new(plugins, Config::new(folder.to_owned()), date).expect("the defaults are valid");
    let root = Root::open(folder).expect("the folder can be opened");
    let walked = root.walk(&[String::new()], &|_, _| false);
    let files = Files { root: &root, paths: walked.files, limit: checker.config().check.max_file_size };
    let workers = Workers::start(0).expect("threads can be had");
    let outcome = checker.check_all(&workers, &files, &Progress::default(), &Care::NONE);
    println!("{} findings", outcome.report.findings.len());
}

fn plugin(bundle: &Bundle, is_linked: bool) -> Plugin {
    let sandboxed = Plugin::built_in(bundle);
    if !is_linked {
        return sandboxed;
    }
    let id = sandboxed.manifest.id.as_str();
    let (_, answer) = LINKED.iter().find(|(known, _)| *known == id).expect("every built-in plugin is listed");
    Plugin::stand_in(sandboxed.manifest.clone(), Arc::new(Linked(*answer)))
}

struct Linked(Answer);

impl Answers for Linked {
    fn answer(&self, setup: &wire::Setup, call: &Call) -> Result<Vec<wire::Report>, CallError> {
        let setup = guest::Setup {
            api: setup.api.clone(),
            config: setup.config.clone(),
            rules_off: setup.rules_off.clone(),
            date: setup.date.clone(),
        };
        let call = match call {
            // Copied as the sandbox copies it.
            Call::CheckDocument(document) => glue::Call::CheckDocument(copied(document)),
            // Rare enough for the long way round.
            other => converted(other),
        };
        let reports = (self.0)(setup, call).map_err(CallError::Refused)?;
        let is_empty = |report: &guest::Report| {
            report.findings.is_empty() && report.facts.is_empty() && report.unknowns.is_empty()
        };
        Ok(reports
            .iter()
            .map(|report| if is_empty(report) { nothing() } else { converted(report) })
            .collect())
    }
}

fn nothing() -> wire::Report {
    wire::Report { findings: Vec::new(), facts: Vec::new(), unknowns: Vec::new() }
}

fn copied(document: &wire::Document) -> guest::Document {
    let evidence = &document.evidence;
    guest::Document {
        path: document.path.clone(),
        language: document.language.clone(),
        traits: document.traits.clone(),
        text: document.text.clone(),
        evidence: guest::Evidence {
            kinds: evidence.kinds.clone(),
            fields: evidence.fields.clone(),
            symbols: evidence.symbols.clone(),
            matches: evidence.matches.clone(),
            captures: evidence.captures.clone(),
            tree: evidence.tree.clone(),
        },
    }
}

/// Between the two sides' types of the contract, which are the same.
fn converted<A: serde::Serialize, B: serde::de::DeserializeOwned>(value: &A) -> B {
    let value = serde_json::to_value(value).expect("plain data");
    serde_json::from_value(value).expect("both sides have the same contract")
}
