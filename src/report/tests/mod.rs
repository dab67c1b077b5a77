//! What each format looks like, and that nothing from outside can harm it.

use super::sample::{Source, everything, infos, rule, rules};
use super::sanitise::Clean;
use super::{Context, Format, Options, RuleInfo, Show, VERSION, json, render};
use clap::ValueEnum;
use serde_json::Value;
use std::path::Path;
use wardline_engine::finding::{
    Applicability, Class, Finding, Related, Report, Severity, Status, Trace, Unknown,
};
use wardline_engine::notice::Notice;

mod hostile;
mod sarif;

/// Every character that a terminal or a reader could be fooled with.
const HOSTILE: &str = "\u{0}\u{7}\u{8}\u{b}\u{c}\u{1b}[31m\u{1b}]8;;https://bad.example\u{7}x\u{1b}]52;c;AAAA\u{7}\u{7f}\u{85}\u{9b}2J\
    \u{ad}\u{61c}\u{200b}\u{200d}\u{200e}\u{2028}\u{2029}\u{202a}\u{202e}\u{2060}\u{2066}\u{2069}\u{feff}\u{fe0f}\u{e0041}\u{fffe}\rlone";

/// What CI systems obey when they read it in a log.
const COMMANDS: &str = "\n::error::pwned\n  ::set-output name=a::b\n::stop-commands::x\n\
    ##vso[task.complete result=Failed;]\nmid ##[group]x ##VSO[a]b\nsection_start:1:x\r\u{1b}[0K]]>";

fn draw(format: Format, report: &Report, options: Options) -> String {
    let rules = rules();
    let infos = infos(&rules);
    String::from_utf8(render(format, &Context { report, rules: &infos, options })).expect("reports are UTF-8")
}

/// Compares with a file, or rewrites it.
fn expect(path: &str, actual: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(path.parent().expect("it is in a folder")).expect("the folder can be made");
        std::fs::write(&path, actual).expect("the file can be written");
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(expected == actual, "{} differs; UPDATE=1 rewrites it. Now:\n{actual}", path.display());
}

fn expect_report(name: &str, format: Format, report: &Report, options: Options) {
    let actual = draw(format, report, options).replace(VERSION, "{version}");
    expect(&format!("tests/expectations/report/{name}"), &actual);
}

fn parse(format: Format, report: &Report) -> Value {
    serde_json::from_str(&draw(format, report, Options::default())).expect("it is JSON")
}

fn lines(report: &Report, options: Options) -> Vec<String> {
    draw(Format::Text, report, options).lines().map(str::to_owned).collect()
}

/// A report in which every string is the given one.
fn everywhere(text: &str) -> Report {
    let mut report = everything();
    for Finding { message, place, excerpt, related, traces, fixes, status, properties, .. } in
        &mut report.findings
    {
        message.push_str(text);
        place.path.push_str(text);
        if let Some(excerpt) = excerpt {
            excerpt.text.insert_str(excerpt.highlight.start, text);
            excerpt.highlight.start += text.len();
            excerpt.highlight.end += text.len();
        }
        for Related { place, message } in related {
            place.path.push_str(text);
            message.push_str(text);
        }
        for Trace { message, steps } in traces {
            message.push_str(text);
            for step in steps {
                step.message.push_str(text);
                step.place.path.push_str(text);
            }
        }
        for fix in fixes {
            fix.title.push_str(text);
            for edit in &mut fix.edits {
                edit.place.path.push_str(text);
                edit.text.push_str(text);
            }
        }
        if let Status::Suppressed { reason, .. } = status {
            reason.push_str(text);
        }
        properties.push((text.to_owned(), text.to_owned()));
    }
    for Unknown { place, reason, .. } in &mut report.unknowns {
        place.path.push_str(text);
        reason.push_str(text);
    }
    for Notice { path, plugin, message, help, .. } in &mut report.notices {
        message.push_str(text);
        for part in [path, plugin, help] {
            *part = Some(text.to_owned());
        }
    }
    report
}

const ALL: Show = Show { unknown: true, suppressed: true };

/// Every format of a report in which every string, pages and titles included,
/// holds `text`.
fn hostile_outputs(text: &str) -> Vec<(Format, String)> {
    let report = everywhere(text);
    let rules: Vec<_> = rules()
        .into_iter()
        .map(|mut rule| {
            rule.title.push_str(text);
            rule.tags.push(text.to_owned());
            rule.requirements.push(text.to_owned());
            rule
        })
        .collect();
    let page = format!("{text}\n## What to do instead\n{text} x\n");
    let infos: Vec<_> = infos(&rules)
        .into_iter()
        .map(|info| RuleInfo { page: Some(&page), help_uri: format!("https://a.example/{text}"), ..info })
        .collect();
    let options = Options { show: ALL, ..Options::default() };
    let context = Context { report: &report, rules: &infos, options };
    Format::value_variants()
        .iter()
        .map(|format| (*format, String::from_utf8(render(*format, &context)).expect("reports are UTF-8")))
        .collect()
}

#[test]
fn each_format_looks_as_expected() {
    let report = everything();
    let plain = Options::default();
    expect_report("text.txt", Format::Text, &report, plain);
    expect_report("text-all.txt", Format::Text, &report, Options { show: ALL, ..plain });
    expect_report("text-color.txt", Format::Text, &report, Options { color: true, links: true, ..plain });
    expect_report("text-ascii.txt", Format::Text, &report, Options { ascii: true, width: 60, ..plain });
    expect_report("concise.txt", Format::Concise, &report, Options { show: ALL, ..plain });
    expect_report("report.json", Format::Json, &report, plain);
    expect_report("report.sarif", Format::Sarif, &report, plain);
    expect_report("github.txt", Format::Github, &report, plain);
    expect_report("gitlab.json", Format::Gitlab, &report, plain);
    expect_report("junit.xml", Format::Junit, &report, plain);
    expect_report("rdjson.json", Format::Rdjson, &report, plain);
}

#[test]
fn a_run_without_findings_says_so_in_one_line() {
    let report = Report { documents: 7, ..Report::default() };
    assert_eq!(draw(Format::Text, &report, Options::default()), "no findings in 7 files\n");
    assert_eq!(draw(Format::Concise, &report, Options::default()), "no findings in 7 files\n");
    let junit = draw(Format::Junit, &report, Options::default());
    assert!(junit.contains("tests=\"1\"") && !junit.contains("<failure"), "{junit}");
    assert_eq!(parse(Format::Gitlab, &report), serde_json::json!([]));
}

#[test]
fn an_incomplete_run_never_looks_clean() {
    let notices = vec![Notice::incomplete("document::unreadable", "permission denied").at("a.py")];
    let report = Report { notices, documents: 7, ..Report::default() };
    for format in Format::value_variants() {
        let text = draw(*format, &report, Options::default()).to_lowercase();
        assert!(text.contains("permission denied"), "{format:?}: {text}");
    }
    let last = lines(&report, Options::default()).pop().expect("there is a summary");
    assert!(last.starts_with("INCOMPLETE: 1 problem"), "{last}");
    assert!(draw(Format::Junit, &report, Options::default()).contains("<error"));
    assert!(draw(Format::Github, &report, Options::default()).starts_with("::error title=incomplete"));
    assert_eq!(parse(Format::Sarif, &report)["runs"][0]["invocations"][0]["executionSuccessful"], false);
    assert_eq!(parse(Format::Json, &report)["summary"]["incomplete"], true);
}

#[test]
fn text_keeps_to_its_width() {
    let long = format!("{}key = \"needle\"{}", "x = 1; ".repeat(9_000), "; y = 2".repeat(9_000));
    let far = format!("{}needle\"", " ".repeat(58));
    let finding =
        |path, text: &str| Source::new(path, text).finding("code/shell-string", "needle", "a needle");
    let report = Report {
        findings: vec![finding("far.js", &far), finding("long.js", &long)],
        documents: 1,
        ..everything()
    };
    for width in [60, 80, 100] {
        let lines = lines(&report, Options { width, show: ALL, ..Options::default() });
        let widest = lines.iter().max_by_key(|line| line.chars().count()).expect("there are lines");
        assert!(widest.chars().count() <= width, "{width}: {widest}");
        assert!(lines.iter().any(|line| line.contains("needle\"")), "{lines:?}");
    }
}

#[test]
fn a_fix_is_previewed_where_it_changes_lines() {
    let source = Source::new("a.py", "import os\n\n\nkey = 1\nh = md5(key)\n");
    let mut finding = source.finding("code/none", "md5", "here");
    for (edits, expected) in [
        (vec![("md5", "sha256")], vec!["     5 - h = md5(key)", "     5 + h = sha256(key)"]),
        (vec![("key = 1\n", "")], vec!["     4 - key = 1"]),
        (vec![("key = 1\n", "key = 1\nsalt = 2\n")], vec!["     5 + salt = 2"]),
        (
            vec![("import os", "import hmac\nimport os"), ("md5", "hmac")],
            vec!["     1 + import hmac", "     2 + import os", "     5 + hmac"],
        ),
    ] {
        finding.fixes = vec![source.fix("mend it", Applicability::Safe, &edits)];
        let lines =
            lines(&Report { findings: vec![finding.clone()], ..Report::default() }, Options::default());
        let at = lines.iter().position(|line| line.contains("fix: mend it")).expect("there is a fix");
        assert_eq!(lines[at + 1..at + 1 + expected.len()], expected, "{lines:#?}");
    }
}

#[test]
fn colour_is_only_there_when_asked_for() {
    let report = everything();
    assert!(!draw(Format::Text, &report, Options::default()).contains('\u{1b}'));
    let coloured = draw(Format::Text, &report, Options { color: true, ..Options::default() });
    assert!(coloured.contains("\u{1b}["));
    // Without hyperlinks, colour adds nothing but colour.
    assert_eq!(tidy(&without_sgr(&coloured)), tidy(&draw(Format::Text, &report, Options::default())));
}

fn tidy(text: &str) -> String {
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

fn without_sgr(text: &str) -> String {
    regex::Regex::new("\u{1b}\\[[0-9;]*m").expect("it is a regex").replace_all(text, "").into_owned()
}

#[test]
fn formats_for_reviews_hold_open_findings_only() {
    let report = everything();
    assert_eq!(parse(Format::Gitlab, &report).as_array().map(Vec::len), Some(4));
    assert_eq!(parse(Format::Rdjson, &report)["diagnostics"].as_array().map(Vec::len), Some(4));
    for format in [Format::Github, Format::Junit, Format::Concise] {
        let text = draw(format, &report, Options::default());
        assert!(
            !text.contains("somebody allowed") && !text.contains("baseline accepts"),
            "{format:?}: {text}"
        );
    }
}

#[test]
fn rules_that_are_not_mentioned_are_left_out() {
    let report = everything();
    let rules = rules();
    let infos = infos(&rules);
    let clean = Clean::new(&Context { report: &report, rules: &infos, options: Options::default() });
    assert!(clean.rules.keys().all(|name| name != "code/never-found"));
    assert_eq!(clean.rules.len(), 3);
}

#[test]
fn a_link_that_is_not_plain_https_is_no_link() {
    let report = everything();
    let rules = rules();
    for address in
        ["javascript:alert(1)", "http://a.example", "https://a.example/\u{1b}", "https://a b", "file:///etc"]
    {
        let infos: Vec<_> =
            infos(&rules).into_iter().map(|info| RuleInfo { help_uri: address.to_owned(), ..info }).collect();
        let options = Options { links: true, color: true, ..Options::default() };
        for format in Format::value_variants() {
            let bytes = render(*format, &Context { report: &report, rules: &infos, options });
            let text = String::from_utf8(bytes).expect("reports are UTF-8");
            assert!(!text.contains(address) && !text.contains("\u{1b}]8"), "{format:?}: {text}");
        }
    }
}

#[test]
fn the_json_schema_is_fresh_and_holds() {
    let settings = schemars::generate::SchemaSettings::default().for_serialize();
    let schema = settings.into_generator().into_root_schema_for::<json::JsonReport<'static>>();
    let schema = serde_json::to_value(schema).expect("it is JSON");
    let mut text = serde_json::to_string_pretty(&schema).expect("it is JSON");
    text.push('\n');
    expect("docs/schemas/report.schema.json", &text);
    let validator = jsonschema::validator_for(&schema).expect("the schema is one");
    for report in [everything(), Report::default(), everywhere(HOSTILE)] {
        let errors: Vec<_> =
            validator.iter_errors(&parse(Format::Json, &report)).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }
}

#[test]
fn other_classes_are_named_and_not_loud() {
    let report = everything();
    assert!(
        lines(&report, Options::default()).iter().any(|line| line == "critical[secrets/sample-key] example")
    );
    assert_eq!(report.findings[0].class, Class::Example);
    assert!(
        draw(Format::Github, &report, Options::default())
            .contains("::notice title=critical secrets/sample-key (example)")
    );
}
