//! Services that a team runs itself although others offer them: a lead.

use crate::declared::self_run_service::*;
use crate::place;
use wardline_plugin::prelude::*;

/// Images by the service that they are.
const SERVICES: &[(&str, &str)] = &[
    ("postgres", "a database"),
    ("postgresql", "a database"),
    ("mysql", "a database"),
    ("mariadb", "a database"),
    ("mongo", "a database"),
    ("mongodb", "a database"),
    ("elasticsearch", "a search server"),
    ("opensearch", "a search server"),
    ("solr", "a search server"),
    ("meilisearch", "a search server"),
    ("postfix", "a mail server"),
    ("docker-mailserver", "a mail server"),
    ("mailu", "a mail server"),
    ("poste.io", "a mail server"),
    ("soketi", "a websocket server"),
    ("centrifugo", "a websocket server"),
    ("unleash-server", "a server for feature flags"),
    ("flagsmith", "a server for feature flags"),
    ("sentry", "an error tracker"),
];

/// Judges one image.
pub fn check(found: &Match, report: &mut Report) {
    let document = found.document();
    let line = document.line(found.span().start).trim_start();
    if place::is_aside(document) || line.starts_with('#') || is_for_development(document.path()) {
        return;
    }
    let Some(image) = found.get(IMAGE) else { return };
    let name = image.text().rsplit('/').next().unwrap_or_default();
    let Some((_, what)) = SERVICES.iter().find(|(known, _)| *known == name) else { return };
    report.fact("service", name, &json!({ "what": what }), image.span());
}

/// Whether a file says that it is for developers or tests.
fn is_for_development(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    let words = [
        "dev",
        "devel",
        "development",
        "local",
        "test",
        "tests",
        "testing",
        "ci",
        "e2e",
        "override",
        "debug",
        "devcontainer",
        ".devcontainer",
        "integration",
        "benchmark",
    ];
    lower.split(['/', '.', '-', '_']).any(|part| words.contains(&part))
}

/// Judges one service.
pub fn correlate(group: &Group, report: &mut Report) {
    let Some(first) = group.facts("repository/service").next() else { return };
    let value = first.value();
    let what = value["what"].as_str().unwrap_or_default();
    report
        .finding(RULE, first.at())
        .message(format!(
            "`{}` is {what} that you run yourselves: its backups, patches and failover are yours",
            group.key()
        ))
        .subject(group.key());
}
