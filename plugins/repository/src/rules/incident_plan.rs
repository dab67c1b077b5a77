//! The plan for incidents: that there is one, that it says what it has to, and
//! that somebody has looked at it lately.

use crate::declared::incident_plan::*;
use crate::policy::{self, Policy};
use wardline_plugin::prelude::*;

/// The least severity that an incident of a kind has.
const LEAST: [(&str, &str); 4] = [
    ("data_breach", "critical"),
    ("system_compromise", "high"),
    ("service_disruption", "medium"),
    ("suspicious_activity", "low"),
];

const SEVERITIES: [&str; 4] = ["low", "medium", "high", "critical"];

/// Judges a plan, and records that there is one.
pub fn check(found: &Match, report: &mut Report) {
    let document = found.document();
    if found.query() == QUERY_ROOT {
        return policy::root(document, report);
    }
    policy::exists("incident-plan", report);
    let plan = match Policy::read(document) {
        Ok(plan) => plan,
        Err((problem, at)) => {
            report
                .finding(RULE, at)
                .message(format!("the plan can not be read: {problem}"))
                .subject("syntax");
            return;
        }
    };
    let mut tell = |at: Span, message: String, subject: &str| {
        report.finding(RULE, at).message(message).subject(subject);
    };
    if let Some(problem) = plan.overdue(&plan.table) {
        tell(plan.at("reviewed"), format!("the plan {problem}"), "reviewed");
    }
    let roles = plan.tables("role");
    if roles.is_empty() {
        tell(Span { start: 0, end: 0 }, "the plan has no `[[role]]`: nobody knows who leads".into(), "role");
    }
    for role in roles {
        let name = role.get("name").and_then(toml::Value::as_str).unwrap_or("a role");
        let contact = role.get("contact").and_then(toml::Value::as_str).unwrap_or_default();
        if !policy::is_contact(contact) {
            tell(
                plan.at("role"),
                format!("`{name}` has no `contact` at which somebody can be reached"),
                name,
            );
        }
    }
    if !plan.tables("template").iter().any(|template| {
        template.get("text").and_then(toml::Value::as_str).is_some_and(|text| !text.trim().is_empty())
    }) {
        tell(
            Span { start: 0, end: 0 },
            "the plan has no `[[template]]` for what is told to customers".into(),
            "template",
        );
    }
    let levels = plan.table.get("severity").and_then(toml::Value::as_table);
    for (kind, least) in LEAST {
        let level = levels.and_then(|levels| levels.get(kind)).and_then(toml::Value::as_str);
        let rank = |severity: &str| SEVERITIES.iter().position(|known| known.eq_ignore_ascii_case(severity));
        match level.map(|level| (level, rank(level))) {
            None => {
                tell(plan.at("severity"), format!("`[severity]` does not say how bad a `{kind}` is"), kind)
            }
            Some((level, None)) => {
                tell(plan.at(kind), format!("`{level}` is none of low, medium, high and critical"), kind);
            }
            Some((level, found)) if found < rank(least) => {
                tell(plan.at(kind), format!("a `{kind}` is at least {least}, not {level}"), kind);
            }
            Some(_) => {}
        }
    }
}

/// Judges whether there is a plan.
pub fn correlate(group: &Group, report: &mut Report) {
    if group.facts("repository/incident-plan").next().is_some() {
        return;
    }
    let Some(root) = policy::root_of(group) else { return };
    report
        .finding(RULE, root.at())
        .message("there is no `incident-plan.toml`: what to do in an incident is for chance")
        .subject("incident-plan.toml");
}
