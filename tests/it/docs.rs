//! Generated documents are fresh; `UPDATE=1` rewrites them.

use crate::support::{expect, root, text, wardline};
use std::collections::BTreeMap;
use std::fmt::Write as _;

fn rules() -> Vec<serde_json::Value> {
    let (json, _) = text(&wardline(root(), &["rules", "--format", "json"]));
    serde_json::from_str(&json).expect("JSON")
}

fn field<'v>(rule: &'v serde_json::Value, key: &str) -> &'v str {
    rule[key].as_str().unwrap_or_default()
}

fn link(rule: &serde_json::Value, from: &str) -> String {
    let name = field(rule, "name");
    let (plugin, id) = name.split_once('/').unwrap_or_default();
    format!("[`{name}`]({from}plugins/{plugin}/docs/{id}.md)")
}

#[test]
fn the_table_of_rules_is_fresh() {
    let mut page = String::from(
        "# Rules\n\nGenerated from the plugins' pages.\n\n| rule | finds | severity | confidence | CWE | requirements | fix |\n|---|---|---|---|---|---|---|\n",
    );
    for rule in rules() {
        let list = |key: &str| -> String {
            let values = rule[key].as_array().into_iter().flatten();
            values
                .map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
                .collect::<Vec<_>>()
                .join(", ")
        };
        let fix = if rule["no_fix"].is_null() { "yes" } else { "" };
        let _ = writeln!(
            page,
            "| {} | {} | {} | {} | {} | {} | {fix} |",
            link(&rule, "../../"),
            field(&rule, "title"),
            field(&rule, "severity"),
            field(&rule, "confidence"),
            list("cwe"),
            list("requirements")
        );
    }
    expect("docs/rules/README.md", &page);
}

#[test]
fn the_table_of_requirements_is_fresh() {
    let mut served: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for rule in rules() {
        for id in rule["requirements"].as_array().into_iter().flatten().filter_map(|id| id.as_str()) {
            served.entry(id.to_owned()).or_default().push(link(&rule, "../"));
        }
    }
    let mut page = String::from(
        "# Requirements served\n\nEach rule names the requirements that it serves, in its page's front matter (`requirements`).\n`wardline rules --format json` prints them, and SARIF carries them as the rule's `properties.requirements`.\nAn id counts only where a bad example on the rule's page is labelled with it: `wardline plugin test` checks that.\n\nGenerated from the plugins' pages.\n\n| requirement | rules |\n|---|---|\n",
    );
    for (id, rules) in served {
        let shown = if rules.len() > 6 {
            format!("{} and {} more", rules[..6].join(", "), rules.len() - 6)
        } else {
            rules.join(", ")
        };
        let _ = writeln!(page, "| {id} | {shown} |");
    }
    expect("docs/requirements.md", &page);
}

#[test]
fn the_schema_of_the_configuration_is_what_the_command_prints() {
    let (schema, _) = text(&wardline(root(), &["config", "schema"]));
    let committed =
        std::fs::read_to_string(root().join("docs/schemas/wardline.schema.json")).expect("committed");
    assert!(schema == committed);
}
