//! Services with a password that everybody tries first, or with none.

use crate::compose::{Compose, Service, Text, interpolate};
use crate::credentials::{self, Credential};
use crate::declared::default_password::RULE;
use crate::{origin, secret};
use wardline_plugin::prelude::*;

/// Variables that switch the password off, with the values that do.
const OPEN: &[(&str, &[&str])] = &[
    ("MYSQL_ALLOW_EMPTY_PASSWORD", &["1", "yes", "true"]),
    ("MARIADB_ALLOW_EMPTY_ROOT_PASSWORD", &["1", "yes", "true"]),
    ("MARIADB_ALLOW_EMPTY_PASSWORD", &["1", "yes", "true"]),
    ("ALLOW_EMPTY_PASSWORD", &["1", "yes", "true"]),
    ("POSTGRES_HOST_AUTH_METHOD", &["trust"]),
    ("NEO4J_AUTH", &["none"]),
    ("GF_AUTH_ANONYMOUS_ORG_ROLE", &["admin"]),
    ("xpack.security.enabled", &["false"]),
    ("DISABLE_SECURITY_PLUGIN", &["true"]),
    ("plugins.security.disabled", &["true"]),
];

const WEAK: &str = "a password that everybody tries first";

/// A service without a password that keeps anybody out.
struct Weak<'s> {
    service: &'s Service<'s>,
    name: String,
    value: String,
    at: Text,
    is_default: bool,
    problem: &'static str,
    /// Whether this service asks for the password.
    is_own: bool,
}

/// Judges all services of a Compose file.
pub fn check(found: &Match, report: &mut Report) {
    let document = found.document();
    let Some(compose) = Compose::parse(document.text()) else { return };
    let services = compose.services();
    let names: Vec<&str> = services.iter().map(|service| service.name).collect();
    let mut all: Vec<Weak<'_>> = Vec::new();
    for service in &services {
        all.extend(open(service));
        for credential in
            credentials::of_service(service, &names).into_iter().filter(|credential| credential.is_weak)
        {
            let is_own = credentials::is_own(service, &credential.name);
            let problem =
                if is_password(&credential.name) { WEAK } else { "a secret that everybody tries first" };
            let Credential { name, value, text, is_default, .. } = credential;
            all.push(Weak { service, name, value, at: text, is_default, problem, is_own });
        }
    }
    let mut seen: Vec<u32> = Vec::new();
    for weak in &all {
        // Who only gives it to a service of this file repeats that one's finding.
        let is_repeated = !weak.is_own
            && is_password(&weak.name)
            && all.iter().any(|other| other.is_own && other.value == weak.value);
        if is_repeated || seen.contains(&weak.at.span.start) {
            continue;
        }
        seen.push(weak.at.span.start);
        tell(document, weak, report);
    }
}

fn tell(document: &Document, weak: &Weak, report: &mut Report) {
    let is_public = weak.is_own && weak.service.ports().iter().any(|port| !port.is_local);
    let severity = if origin::is_for_development(document.path()) {
        Severity::Low
    } else if is_for_production(document.path()) {
        Severity::High
    } else {
        Severity::Medium
    };
    let stands = match (weak.is_own, weak.is_default) {
        (_, true) => "falls back to",
        (true, false) => "has",
        (false, false) => "is given",
    };
    let reach = if is_public { ", and its port is published on all addresses of the host" } else { "" };
    let (name, problem) = (weak.service.name, weak.problem);
    report
        .finding(RULE, weak.at.span)
        .message(format!("`{name}` {stands} {problem} (`{}`){reach}", weak.name))
        .severity(severity)
        .class(origin::class(document))
        .subject(format!("{name} {}", weak.name));
}

/// What switches the password of a service off.
fn open<'s>(service: &'s Service<'s>) -> Vec<Weak<'s>> {
    let of_variable = |variable: crate::compose::Variable| {
        let text = variable.value?;
        let filled = interpolate(&text.text);
        filled.missing.is_none().then_some(())?;
        let lower = filled.text.to_ascii_lowercase();
        let is_open =
            OPEN.iter().any(|(name, values)| *name == variable.name && values.contains(&lower.as_str()));
        // `neo4j/test`
        let password = filled
            .text
            .split_once('/')
            .filter(|_| variable.name == "NEO4J_AUTH")
            .map(|(_, password)| password);
        let problem = match (is_open, password) {
            (true, _) => "no password at all",
            (false, Some(password)) if secret::is_weak(password) => WEAK,
            _ => return None,
        };
        let is_default = filled.has_default;
        Some(Weak {
            service,
            name: variable.name,
            value: filled.text,
            at: text,
            is_default,
            problem,
            is_own: true,
        })
    };
    service.environment().into_iter().filter_map(of_variable).collect()
}

fn is_password(variable: &str) -> bool {
    variable.to_ascii_lowercase().contains("pass")
}

/// Whether a file says that it is for production.
fn is_for_production(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    name.split(['.', '-', '_'])
        .any(|word| matches!(word, "prod" | "production" | "staging" | "deploy" | "stack" | "swarm"))
}
