//! Repositories in which nobody has to look at a change.

use crate::declared::code_owners_missing::*;
use crate::policy;
use wardline_plugin::prelude::*;

/// Records the repository's root and its owners.
pub fn check(found: &Match, report: &mut Report) {
    let document = found.document();
    if found.query() == QUERY_ROOT {
        return policy::root(document, report);
    }
    let rules: Vec<&str> = document
        .text()
        .lines()
        .map(|line| line.split('#').next().unwrap_or_default().trim())
        .filter(|line| !line.is_empty() && !line.starts_with('['))
        .collect();
    let owns = |line: &&str| line.split_ascii_whitespace().skip(1).any(|owner| owner.contains('@'));
    let everything =
        |line: &&str| matches!(line.split_ascii_whitespace().next(), Some("*" | "/" | "**" | "/**"));
    let has_owner = rules.iter().any(owns);
    let has_default = rules.iter().any(|line| everything(line) && owns(line));
    let value = json!({ "path": document.path(), "owner": has_owner, "default": has_default });
    report.fact("code-owners", "", &value, Span { start: 0, end: 0 });
}

/// Judges the repository.
pub fn correlate(group: &Group, report: &mut Report) {
    let places = ["CODEOWNERS", ".github/CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"];
    let mut files = group.facts("repository/code-owners").filter(|fact| places.contains(&fact.path()));
    let Some(file) = files.next() else {
        let Some(root) = policy::root_of(group) else { return };
        report
            .finding(RULE, root.at())
            .message("no `CODEOWNERS` says who has to look at a change")
            .subject("CODEOWNERS");
        return;
    };
    let value = file.value();
    if value["owner"] == json!(false) {
        report.finding(RULE, file.at()).message("`CODEOWNERS` names nobody").subject("CODEOWNERS owner");
    } else if value["default"] == json!(false) {
        report
            .finding(RULE, file.at())
            .message("`CODEOWNERS` has no owner for `*`: files without a rule of their own are changed without one")
            .severity(Severity::Info)
            .subject("CODEOWNERS default");
    }
}
