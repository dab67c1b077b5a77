//! Everything that a run found, for programs, in a versioned form.
//!
//! The form is the engine's own, so that it cannot lag behind. Its schema is
//! `docs/schemas/report.schema.json`, generated from the types below.

use super::sanitise::{Clean, CleanRule, carries};
use super::summary::Summary;
use super::{VERSION, to_json};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;
use wardline_engine::finding::{Confidence, Finding, Severity, Unknown};
use wardline_engine::notice::Notice;

/// Raised when a field is removed or changes its meaning.
const SCHEMA_VERSION: u32 = 1;

/// What `wardline check --format json` writes.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "Report")]
pub(super) struct JsonReport<'a> {
    /// Version of this form: 1.
    schema_version: u32,
    /// What wrote it.
    tool: Tool,
    /// The counts.
    summary: Summary,
    /// The rules that are mentioned below, by name.
    rules: BTreeMap<&'a str, JsonRule<'a>>,
    /// By path, range, rule and message; also those that do not count, marked
    /// by their status. A fix whose text has hidden characters is left out.
    findings: Vec<Finding>,
    /// What could not be decided.
    unknowns: &'a [Unknown],
    /// Problems of the run itself.
    notices: &'a [Notice],
}

/// The program that wrote the report.
#[derive(Debug, Serialize, JsonSchema)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

/// A rule as far as findings need it.
#[derive(Debug, Serialize, JsonSchema)]
struct JsonRule<'a> {
    /// What it finds, as a noun phrase.
    title: &'a str,
    /// Version of its plugin.
    plugin_version: &'a str,
    /// Default severity of its findings.
    severity: Severity,
    /// Default confidence of its findings.
    confidence: Confidence,
    /// Numbers of the Common Weakness Enumeration.
    cwe: &'a [u32],
    /// Category of the OWASP Top Ten 2021.
    #[serde(skip_serializing_if = "Option::is_none")]
    owasp: Option<&'a str>,
    /// Requirements that it serves.
    requirements: &'a [String],
    /// Words to select rules by.
    tags: &'a [String],
    /// Where its page can be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    help_uri: Option<&'a str>,
}

/// Renders the report with everything in it.
pub(super) fn render(clean: &Clean<'_>) -> String {
    let mut findings = clean.report.findings.clone();
    for (finding, raw) in findings.iter_mut().zip(&clean.raw.findings) {
        let mut carried = raw.fixes.iter().map(carries);
        finding.fixes.retain(|_| carried.next().unwrap_or_default());
    }
    to_json(&JsonReport {
        schema_version: SCHEMA_VERSION,
        tool: Tool { name: "wardline", version: VERSION },
        summary: Summary::of(&clean.report),
        rules: clean.rules.iter().map(|(name, rule)| (name.as_str(), json_rule(rule))).collect(),
        findings,
        unknowns: &clean.report.unknowns,
        notices: &clean.report.notices,
    })
}

fn json_rule(CleanRule { rule, plugin_version, page: _, help_uri }: &CleanRule) -> JsonRule<'_> {
    JsonRule {
        title: &rule.title,
        plugin_version,
        severity: rule.severity,
        confidence: rule.confidence,
        cwe: &rule.cwe,
        owasp: rule.owasp.as_deref(),
        requirements: &rule.requirements,
        tags: &rule.tags,
        help_uri: help_uri.as_deref(),
    }
}
