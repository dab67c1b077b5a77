//! Between the contract and a plugin's rules: what `plugin!` refers to.

use crate::bindings::exports::wardline::plugin::{
    correlator, document_checker, flow_checker, lifecycle, stack_checker,
};
use crate::bindings::wardline::plugin::types as wire;
use crate::{Document, Flow, Group, Match, Report, Resource, Rule, Stack};
use serde::{Deserialize, Serialize};
use std::io::{BufRead, Write};
use std::marker::PhantomData;

/// Judges the matches of a rule that is a page alone.
pub type Judge = fn(Rule, &Match<'_>, &mut Report);

/// What `build::generate` writes for a plugin.
pub trait Plugin {
    /// Capture names of each query.
    const CAPTURES: &'static [&'static [&'static str]];

    /// Judges a match.
    fn check(found: &Match<'_>, report: &mut Report);
    /// Judges a data flow.
    fn check_flow(flow: &Flow<'_>, spec: u32, report: &mut Report);
    /// Judges a resource.
    fn check_stack(resource: &Resource<'_>, stack: &Stack, report: &mut Report);
    /// Judges facts that share a key.
    fn correlate(group: &Group<'_>, correlation: u32, report: &mut Report);
}

/// Whether a kind fits a declared one, in which a last `*` stands for any end.
#[must_use]
pub fn kind_matches(declared: &str, kind: &str) -> bool {
    match declared.strip_suffix('*') {
        Some(start) => kind.starts_with(start),
        None => declared == kind,
    }
}

/// The judge of plugins that name no other: each match is a finding with the
/// page's message, in which `$NAME` stands for a capture's text.
pub fn report_message(rule: Rule, found: &Match<'_>, report: &mut Report) {
    let mut message = if rule.message.is_empty() { rule.title } else { rule.message }.to_owned();
    let names = ["match", "callee", "value", "target", "key", "X", "Y"];
    for name in names {
        let marker = format!("${name}");
        if let (true, Some(node)) = (message.contains(&marker), found.get(crate::Capture(name))) {
            message = message.replace(&marker, node.name());
        }
    }
    report.finding(rule, found.span()).message(message);
}

/// Exports a plugin through the contract.
#[derive(Debug)]
pub struct Glue<P>(PhantomData<P>);

impl<P: Plugin> lifecycle::Guest for Glue<P> {
    fn configure(with_setup: wire::Setup) -> Result<(), Vec<wire::ConfigProblem>> {
        crate::setup::set(with_setup)
    }
}

impl<P: Plugin> document_checker::Guest for Glue<P> {
    fn check_document(input: wire::Document) -> Result<wire::Report, String> {
        let document = Document::new(input, P::CAPTURES);
        let mut report = Report::new();
        for found in document.matches() {
            P::check(&found, &mut report);
        }
        Ok(report.inner)
    }
}

impl<P: Plugin> flow_checker::Guest for Glue<P> {
    fn check_flows(places: Vec<wire::Place>, flows: Vec<wire::Flow>) -> Result<wire::Report, String> {
        let mut report = Report::new();
        for flow in &flows {
            P::check_flow(&Flow { places: &places, inner: flow }, flow.spec, &mut report);
        }
        Ok(report.inner)
    }
}

impl<P: Plugin> stack_checker::Guest for Glue<P> {
    fn check_stack(input: wire::Stack) -> Result<wire::Report, String> {
        let stack = Stack::new(input);
        let mut report = Report::new();
        for resource in stack.resources() {
            P::check_stack(&resource, &stack, &mut report);
        }
        Ok(report.inner)
    }
}

impl<P: Plugin> correlator::Guest for Glue<P> {
    fn correlate(groups: Vec<wire::FactGroup>) -> Result<Vec<wire::Report>, String> {
        let judge = |group: &wire::FactGroup| {
            let mut report = Report::new();
            P::correlate(&Group { inner: group }, group.correlation, &mut report);
            report.inner
        };
        Ok(groups.iter().map(judge).collect())
    }
}

/// A call of the host, in a native build.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)]
pub enum Call {
    CheckDocument(wire::Document),
    CheckStack(wire::Stack),
    CheckFlows(Vec<wire::Place>, Vec<wire::Flow>),
    Correlate(Vec<wire::FactGroup>),
}

/// Answers calls from standard input until it ends, as `wardline plugin test`
/// sends them: one JSON array a line, of the setup and the call.
pub fn serve<P: Plugin>() {
    let mut output = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let Ok(line) = line else { return };
        let reply = serde_json::from_str(&line)
            .map_err(|error| format!("not a call: {error}"))
            .and_then(|(setup, call)| answer::<P>(setup, call));
        let written = serde_json::to_writer(&mut output, &reply).is_ok() && writeln!(output).is_ok();
        if !written || output.flush().is_err() {
            return;
        }
    }
}

/// Answers one call, as a new instance does.
///
/// # Errors
/// What the plugin says.
pub fn answer<P: Plugin>(setup: wire::Setup, call: Call) -> Result<Vec<wire::Report>, String> {
    if let Err(problems) = <Glue<P> as lifecycle::Guest>::configure(setup) {
        let problem = problems.first().map_or("", |problem| &problem.message);
        return Err(format!("it refuses its options: {problem}"));
    }
    match call {
        Call::CheckDocument(document) => {
            <Glue<P> as document_checker::Guest>::check_document(document).map(|report| vec![report])
        }
        Call::CheckStack(stack) => {
            <Glue<P> as stack_checker::Guest>::check_stack(stack).map(|report| vec![report])
        }
        Call::CheckFlows(places, flows) => {
            <Glue<P> as flow_checker::Guest>::check_flows(places, flows).map(|report| vec![report])
        }
        Call::Correlate(groups) => <Glue<P> as correlator::Guest>::correlate(groups),
    }
}
