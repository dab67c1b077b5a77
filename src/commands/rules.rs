//! `wardline rules` and `wardline explain`: what can be found, and the page of
//! each rule.

use crate::arguments::{Explain, Listing, Rules};
use crate::{Failure, report, session};
use serde_json::json;
use std::fmt::Write as _;
use std::path::Path;
use wardline_engine::config::Overrides;
use wardline_engine::suppress;

/// Lists the rules of all plugins.
pub(crate) fn list(options: &Rules) -> Result<String, Failure> {
    let config = session::configuration(Path::new("."), Overrides::default())?;
    let plugins = crate::plugins::load(&config, &options.plugins.plugins)?;
    let mut text = String::new();
    if options.format == Listing::Json {
        let rules: Vec<serde_json::Value> = plugins
            .iter()
            .flat_map(|plugin| {
                let manifest = &plugin.manifest;
                manifest.rules.iter().map(|rule| {
                    json!({
                        "name": format!("{}/{}", manifest.id, rule.id),
                        "plugin": manifest.id,
                        "plugin_version": manifest.version,
                        "title": rule.title,
                        "severity": rule.severity,
                        "confidence": rule.confidence,
                        "cwe": rule.cwe,
                        "owasp": rule.owasp,
                        "requirements": rule.requirements,
                        "tags": rule.tags,
                        "enabled": rule.enabled,
                        "no_fix": rule.no_fix,
                        "references": rule.references,
                    })
                })
            })
            .collect();
        text = serde_json::to_string_pretty(&rules).expect("rules are plain values");
        text.push('\n');
        return Ok(report::harmless_json(&text));
    }
    let mut count = 0;
    for plugin in &plugins {
        let manifest = &plugin.manifest;
        let _ = writeln!(text, "{} {}: {}", manifest.id, manifest.version, manifest.description);
        for rule in &manifest.rules {
            count += 1;
            let off = if rule.enabled { "" } else { " (off)" };
            let name = format!("{}/{}{off}", manifest.id, rule.id);
            let _ = writeln!(text, "  {name:<44} {:<9} {}", rule.severity, rule.title);
        }
        text.push('\n');
    }
    let _ = writeln!(text, "wardline: rules about allowances, always on");
    for rule in suppress::RULES {
        let _ = writeln!(text, "  {:<44} {:<9} {}", rule.name, rule.severity, rule.title);
    }
    let _ = writeln!(
        text,
        "\n{count} rules in {} plugins; `wardline explain RULE` shows a rule's page",
        plugins.len()
    );
    Ok(report::harmless(&text))
}

/// Shows the page of one rule.
pub(crate) fn explain(options: &Explain) -> Result<String, Failure> {
    let config = session::configuration(Path::new("."), Overrides::default())?;
    let plugins = crate::plugins::load(&config, &options.plugins.plugins)?;
    let pages = session::pages(&plugins, |_| true);
    let rules = session::rules(&plugins, &pages);
    let Some(info) = rules.iter().find(|info| info.name == options.rule) else {
        let names = rules.iter().map(|info| info.name.as_str());
        let question = match wardline_engine::config::nearest(&options.rule, names) {
            Some(nearest) => format!("did you mean `{nearest}`? "),
            None => String::new(),
        };
        return Err(miette::miette!(
            code = "explain::unknown_rule",
            help = format!("{question}`wardline rules` lists them all"),
            "there is no rule `{}`",
            options.rule
        )
        .into());
    };
    let rule = info.rule;
    let page = info.page.unwrap_or("This rule has no page.\n");
    if options.format == Listing::Json {
        let value = json!({ "name": info.name, "rule": rule, "page": page, "url": info.help_uri });
        let text = serde_json::to_string_pretty(&value).expect("rules are plain values");
        return Ok(report::harmless_json(&format!("{text}\n")));
    }
    let mut text = format!("{} — {}\n", info.name, rule.title);
    let cwe: Vec<String> = rule.cwe.iter().map(|number| format!("CWE-{number}")).collect();
    let facts = [
        format!("severity {}", rule.severity),
        format!("confidence {}", rule.confidence),
        cwe.join(", "),
        rule.owasp.as_ref().map(|category| format!("OWASP {category}:2021")).unwrap_or_default(),
        rule.requirements.join(", "),
    ];
    let facts: Vec<String> = facts.into_iter().filter(|fact| !fact.is_empty()).collect();
    let _ = writeln!(text, "{}\n\n{}", facts.join(" · "), page.trim_end());
    if let Some(reason) = &rule.no_fix {
        let _ = writeln!(text, "\nNo fix: {reason}");
    }
    if !rule.references.is_empty() {
        let _ = writeln!(text, "\nReferences:");
        for reference in &rule.references {
            let _ = writeln!(text, "  {reference}");
        }
    }
    Ok(report::harmless(&text))
}
