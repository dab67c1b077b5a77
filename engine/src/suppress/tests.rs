//! What allowances do to findings.

use super::*;
use crate::config::{Config, KnownRule, Overrides, config_of};
use crate::finding::Position;

const TODAY: &str = "2026-11-22";

fn rules(repository: &str) -> (Config, Rules) {
    let config = config_of("", repository, &Overrides::default()).unwrap();
    let known =
        ["code/eval", "code/shell", "secrets/aws-access-key"].map(|name| KnownRule { name, enabled: true });
    let rules = config.resolve(&known).unwrap();
    (config, rules)
}

/// A finding from `rule:line`, or `rule:first-last`.
fn finding(at: &str) -> Finding {
    let (rule, lines) = at.split_once(':').unwrap();
    let (first, last) = lines.split_once('-').unwrap_or((lines, lines));
    let position = |line: &str| Position { line: line.parse().unwrap(), ..Position::default() };
    let place = Place { path: "a.py".to_owned(), start: position(first), end: position(last) };
    let rules = Rules::default();
    let mut own = OwnFindings::new(&rules);
    own.push(&INVALID, "found".to_owned(), place, None);
    Finding { rule: rule.to_owned(), ..own.findings.remove(0) }
}

/// Checks which of the findings stay open, and what is said about the
/// allowances: `rule: part of the message`.
fn check(text: &str, findings: &[&str], open: &[&str], said: &[&str]) {
    check_with("", &|_| true, text, findings, open, said);
}

fn check_with(
    config: &str,
    decided: &dyn Fn(&str) -> bool,
    text: &str,
    findings: &[&str],
    open: &[&str],
    said: &[&str],
) {
    let (_, rules) = rules(config);
    let run = Run { date: TODAY.parse().unwrap(), rules: &rules, decided };
    let mut found: Vec<_> = findings.iter().map(|at| finding(at)).collect();
    let locate = |span: Range<usize>| {
        let place = finding("x:1").place;
        let text = text[span.clone()].to_owned();
        (place, Some(Excerpt { first_line: 1, text, highlight: span }))
    };
    let own = apply(&mut found, &comments(text, &["#"]), "a.py", run, &locate);
    let still_open = found.iter().zip(findings).filter(|(finding, _)| finding.status == Status::Open);
    assert_eq!(still_open.map(|(_, at)| *at).collect::<Vec<_>>(), open, "{text}");
    let messages: Vec<_> = own.iter().map(|own| format!("{}: {}", own.rule, own.message)).collect();
    assert_eq!(messages.len(), said.len(), "{text}: {messages:?}");
    for (message, part) in messages.iter().zip(said) {
        let (rule, part) = part.split_once(": ").unwrap();
        assert!(
            message.starts_with(&format!("wardline/{rule}")) && message.contains(part),
            "{text}: {message}"
        );
    }
}

#[test]
fn a_suppression_covers_its_line_and_the_next() {
    let text = "# wardline: allow(code/eval) -- r\neval(x)\neval(y)";
    check(text, &["code/eval:1", "code/eval:2", "code/eval:3"], &["code/eval:3"], &[]);
}

#[test]
fn a_suppression_covers_only_its_rules() {
    let text = "x # wardline: allow(code/eval, secrets/*) -- r";
    check(text, &["code/eval:1", "code/shell:1", "secrets/aws-access-key:1"], &["code/shell:1"], &[]);
}

#[test]
fn a_suppression_after_the_last_line_of_the_code_covers_all_of_it() {
    check("f(\n  x) # wardline: allow(code/eval) -- r", &["code/eval:1-2"], &[], &[]);
    check(
        "f(\n  x)\n# wardline: allow(code/eval) -- r",
        &["code/eval:1-2"],
        &["code/eval:1-2"],
        &["unused: code/eval"],
    );
}

#[test]
fn the_reason_is_kept_with_the_finding() {
    let (_, rules) = rules("");
    let run = Run { date: TODAY.parse().unwrap(), rules: &rules, decided: &|_| true };
    let mut findings = [finding("code/eval:1")];
    let text = "x # wardline: allow(code/eval) -- the input is ours";
    let own =
        apply(&mut findings, &comments(text, &["#"]), "a.py", run, &|_| unreachable!("nothing is said"));
    assert!(own.is_empty());
    let reason = "the input is ours".to_owned();
    assert_eq!(findings[0].status, Status::Suppressed { reason, by: "comment" });
}

#[test]
fn an_allowance_holds_on_its_last_day_and_not_after() {
    let text = |until| format!("x # wardline: allow(code/eval) until={until} -- r");
    check(&text(TODAY), &["code/eval:1"], &[], &[]);
    check(&text("2026-11-21"), &["code/eval:1"], &["code/eval:1"], &["expired-allowance: 2026-11-21"]);
    check(&text("2026-11-21"), &[], &[], &["expired-allowance: 2026-11-21"]);
}

#[test]
fn an_allowance_without_a_reason_allows_nothing_and_is_a_finding() {
    check(
        "x # wardline: allow(code/eval)",
        &["code/eval:1"],
        &["code/eval:1"],
        &["invalid-allowance: no reason"],
    );
}

#[test]
fn an_unknown_rule_is_a_finding_and_the_others_hold() {
    let text = "x # wardline: allow(code/evil, code/eval) -- r";
    check(text, &["code/eval:1"], &[], &["invalid-allowance: did you mean `code/eval`?"]);
}

#[test]
fn an_allowance_is_unused_only_if_its_rules_ran() {
    let text = "x # wardline: allow(code/eval) -- r\ny # wardline: allow(code/*) -- r";
    let failed = |failed: &'static str| move |rule: &str| rule != failed;
    let off = "[rules]\n\"code/eval\" = \"off\"";
    let elsewhere = "[rules]\n\"code/eval\" = { exclude = [\"a.py\"] }";
    let all_off = "[rules]\n\"code/*\" = \"off\"";
    let both: &[&str] = &["unused-allowance: `code/eval`", "unused-allowance: `code/*`"];
    check_with("", &|_| true, text, &[], &[], both);
    check_with("", &failed("code/eval"), text, &[], &[], &[]);
    check_with("", &failed("code/shell"), text, &[], &[], &both[..1]);
    check_with(off, &|_| true, text, &[], &[], &both[1..]);
    check_with(elsewhere, &|_| true, text, &[], &[], &both[1..]);
    check_with(all_off, &|_| true, text, &[], &[], &[]);
}

#[test]
fn each_rule_of_a_list_is_used_for_itself() {
    let text = "x # wardline: allow(code/eval, code/shell) -- r";
    check(text, &["code/eval:1"], &[], &["unused-allowance: `code/shell`"]);
}

#[test]
fn what_is_said_twice_has_two_fingerprints() {
    let (_, rules) = rules("");
    let run = Run { date: TODAY.parse().unwrap(), rules: &rules, decided: &|_| true };
    let text = "x # wardline: allow(code/eval) -- r\n".repeat(2);
    let locate = |_| (finding("x:1").place, None);
    let own = apply(&mut [], &comments(&text, &["#"]), "a.py", run, &locate);
    assert_ne!(own[0].fingerprint, own[1].fingerprint);
    assert_ne!(own[0].fingerprint, own[0].moved_fingerprint);
}

#[test]
fn i18_nothing_in_the_tree_silences_findings_about_allowances() {
    let own = "wardline/invalid-allowance:1";
    for text in [
        "# wardline: allow(wardline/*) -- r",
        "# wardline: allow(wardline/invalid-allowance) -- r",
        "# wardline: allow(*) -- r",
    ] {
        check(text, &[own, "code/eval:1"], &[own, "code/eval:1"], &["invalid-allowance: "]);
    }
    for text in [
        "[[allow]]\nrule = \"wardline/*\"\nreason = \"r\"",
        "[rules]\n\"wardline/expired-allowance\" = \"off\"",
    ] {
        config_of("", text, &Overrides::default()).unwrap_err();
    }
    // `*` is accepted in the configuration, but does not reach so far.
    let (config, rules) = rules("[[allow]]\nrule = \"*\"\nreason = \"r\"\n[rules]\n\"*\" = \"off\"");
    let mut findings = [finding(own), finding("code/eval:1")];
    assert_eq!(allow(&mut findings, &config.allows, TODAY.parse().unwrap()), BTreeSet::from([0]));
    assert_eq!(findings[0].status, Status::Open);
    assert!(rules.runs_on("wardline/unused-allowance", "a.py") && !rules.runs_on("code/eval", "a.py"));
}

#[test]
fn i18_a_hundred_thousand_suppressions_are_counted_quickly() {
    let text = "# wardline: allow(code/eval) -- r\n".repeat(100_000);
    let (_, rules) = rules("");
    let run = Run { date: TODAY.parse().unwrap(), rules: &rules, decided: &|_| true };
    let mut findings: Vec<_> = (0..1000).map(|line| finding(&format!("code/shell:{line}"))).collect();
    let own = apply(&mut findings, &comments(&text, &["#"]), "a.py", run, &|_| (finding("x:1").place, None));
    assert_eq!(own.len(), 1001);
    assert!(own.last().unwrap().message.contains("not read"));
}

const ALLOWS: &str = r#"
[[allow]]
rule = "code/eval"
paths = ["a.py"]
reason = "the input is ours"

[[allow]]
rule = "code/shell"
until = 2026-11-21
reason = "until the move"

[[allow]]
rule = "secrets/*"
paths = ["docs"]
reason = "examples"
"#;

#[test]
fn the_configuration_allows_by_rule_and_path() {
    let (config, rules) = rules(ALLOWS);
    let date = TODAY.parse().unwrap();
    let mut findings = ["code/eval:1", "code/shell:1", "secrets/aws-access-key:1"].map(finding);
    let used = allow(&mut findings, &config.allows, date);
    let reason = "the input is ours".to_owned();
    assert_eq!(findings[0].status, Status::Suppressed { reason, by: "configuration" });
    assert!(findings[1..].iter().all(|finding| finding.status == Status::Open));

    let (own, notices) = judge_allows(&config.allows, &used, Run { date, rules: &rules, decided: &|_| true });
    let said: Vec<_> =
        own.iter().map(|own| (own.rule.as_str(), own.place.path.as_str(), own.place.start.line)).collect();
    assert_eq!(
        said,
        [
            ("wardline/expired-allowance", "wardline.toml", 8),
            ("wardline/unused-allowance", "wardline.toml", 13)
        ]
    );
    assert_eq!(notices, []);
    let (own, _) = judge_allows(&config.allows, &used, Run { date, rules: &rules, decided: &|_| false });
    assert_eq!(own.len(), 1, "what was not decided is not called unused");
}

#[test]
fn the_users_own_allowances_are_judged_in_notices() {
    let config = config_of(ALLOWS, "", &Overrides::default()).unwrap();
    let (_, rules) = rules("");
    let run = Run { date: TODAY.parse().unwrap(), rules: &rules, decided: &|_| true };
    let (own, notices) = judge_allows(&config.allows, &BTreeSet::new(), run);
    assert_eq!(own, []);
    let codes: Vec<_> = notices.iter().map(|notice| notice.code.as_str()).collect();
    assert_eq!(
        codes,
        ["suppress::unused_allowance", "suppress::expired_allowance", "suppress::unused_allowance"]
    );
}
