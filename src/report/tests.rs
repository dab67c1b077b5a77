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

/// Every character that a terminal or a reader could be fooled with.
const HOSTILE: &str = "\u{0}\u{7}\u{8}\u{b}\u{c}\u{1b}[31m\u{1b}]8;;https://bad.example\u{7}x\u{1b}]52;c;AAAA\u{7}\u{7f}\u{85}\u{9b}2J\
    \u{ad}\u{61c}\u{200b}\u{200d}\u{200e}\u{2028}\u{2029}\u{202a}\u{202e}\u{2060}\u{2066}\u{2069}\u{feff}\u{fe0f}\u{e0041}\u{fffe}\rlone";

/// What CI systems obey when they read it in a log.
const COMMANDS: &str = "\n::error::pwned\n  ::set-output name=a::b\n::stop-commands::x\n\
    ##vso[task.complete result=Failed;]\nmid ##[group]x ##VSO[a]b\nsection_start:1:x\r\u{1b}[0K]]>";

fn draw(format: Format, report: &Report, options: Options) -> String {
    let rules = rules();
    let infos = infos(&rules);
    String::from_utf8(render(
        format,
        &Context {
            report,
            rules: &infos,
            options,
        },
    ))
    .expect("reports are UTF-8")
}

/// Compares with a file, or rewrites it.
fn expect(path: &str, actual: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(path.parent().expect("it is in a folder"))
            .expect("the folder can be made");
        std::fs::write(&path, actual).expect("the file can be written");
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        expected == actual,
        "{} differs; UPDATE=1 rewrites it. Now:\n{actual}",
        path.display()
    );
}

fn expect_report(name: &str, format: Format, report: &Report, options: Options) {
    let actual = draw(format, report, options).replace(VERSION, "{version}");
    expect(&format!("tests/expectations/report/{name}"), &actual);
}

fn parse(format: Format, report: &Report) -> Value {
    serde_json::from_str(&draw(format, report, Options::default())).expect("it is JSON")
}

fn lines(report: &Report, options: Options) -> Vec<String> {
    draw(Format::Text, report, options)
        .lines()
        .map(str::to_owned)
        .collect()
}

/// A report in which every string is the given one.
fn everywhere(text: &str) -> Report {
    let mut report = everything();
    for Finding {
        message,
        place,
        excerpt,
        related,
        traces,
        fixes,
        status,
        properties,
        ..
    } in &mut report.findings
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
    for Notice {
        path,
        plugin,
        message,
        help,
        ..
    } in &mut report.notices
    {
        message.push_str(text);
        for part in [path, plugin, help] {
            *part = Some(text.to_owned());
        }
    }
    report
}

const ALL: Show = Show {
    unknown: true,
    suppressed: true,
};

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
        .map(|info| RuleInfo {
            page: Some(&page),
            help_uri: format!("https://a.example/{text}"),
            ..info
        })
        .collect();
    let options = Options {
        show: ALL,
        ..Options::default()
    };
    let context = Context {
        report: &report,
        rules: &infos,
        options,
    };
    Format::value_variants()
        .iter()
        .map(|format| {
            (
                *format,
                String::from_utf8(render(*format, &context)).expect("reports are UTF-8"),
            )
        })
        .collect()
}

#[test]
fn each_format_looks_as_expected() {
    let report = everything();
    let plain = Options::default();
    expect_report("text.txt", Format::Text, &report, plain);
    expect_report(
        "text-all.txt",
        Format::Text,
        &report,
        Options { show: ALL, ..plain },
    );
    expect_report(
        "text-color.txt",
        Format::Text,
        &report,
        Options {
            color: true,
            links: true,
            ..plain
        },
    );
    expect_report(
        "text-ascii.txt",
        Format::Text,
        &report,
        Options {
            ascii: true,
            width: 60,
            ..plain
        },
    );
    expect_report(
        "concise.txt",
        Format::Concise,
        &report,
        Options { show: ALL, ..plain },
    );
    expect_report("report.json", Format::Json, &report, plain);
    expect_report("report.sarif", Format::Sarif, &report, plain);
    expect_report("github.txt", Format::Github, &report, plain);
    expect_report("gitlab.json", Format::Gitlab, &report, plain);
    expect_report("junit.xml", Format::Junit, &report, plain);
    expect_report("rdjson.json", Format::Rdjson, &report, plain);
}

#[test]
fn a_run_without_findings_says_so_in_one_line() {
    let report = Report {
        documents: 7,
        ..Report::default()
    };
    assert_eq!(
        draw(Format::Text, &report, Options::default()),
        "no findings in 7 files\n"
    );
    assert_eq!(
        draw(Format::Concise, &report, Options::default()),
        "no findings in 7 files\n"
    );
    assert!(
        draw(Format::Junit, &report, Options::default())
            .contains("tests=\"1\" failures=\"0\" errors=\"0\"")
    );
    assert_eq!(parse(Format::Gitlab, &report), serde_json::json!([]));
}

#[test]
fn an_incomplete_run_never_looks_clean() {
    let notices = vec![Notice::incomplete("document::unreadable", "permission denied").at("a.py")];
    let report = Report {
        notices,
        documents: 7,
        ..Report::default()
    };
    for format in Format::value_variants() {
        let text = draw(*format, &report, Options::default()).to_lowercase();
        assert!(text.contains("permission denied"), "{format:?}: {text}");
    }
    let last = lines(&report, Options::default())
        .pop()
        .expect("there is a summary");
    assert!(last.starts_with("INCOMPLETE: 1 problem"), "{last}");
    assert!(draw(Format::Junit, &report, Options::default()).contains("<error"));
    assert!(
        draw(Format::Github, &report, Options::default()).starts_with("::error title=incomplete")
    );
    assert_eq!(
        parse(Format::Sarif, &report)["runs"][0]["invocations"][0]["executionSuccessful"],
        false
    );
    assert_eq!(parse(Format::Json, &report)["summary"]["incomplete"], true);
}

#[test]
fn text_keeps_to_its_width() {
    let long = format!(
        "{}key = \"needle\"{}",
        "x = 1; ".repeat(9_000),
        "; y = 2".repeat(9_000)
    );
    let report = Report {
        findings: vec![Source::new("long.js", &long).finding(
            "code/weak-hash",
            "needle",
            "a needle in a long line",
        )],
        documents: 1,
        ..everything()
    };
    for width in [60, 80, 100] {
        let lines = lines(
            &report,
            Options {
                width,
                show: ALL,
                ..Options::default()
            },
        );
        let widest = lines
            .iter()
            .max_by_key(|line| line.chars().count())
            .expect("there are lines");
        assert!(widest.chars().count() <= width, "{width}: {widest}");
        assert!(
            lines.iter().any(|line| line.contains("needle\"")),
            "{lines:?}"
        );
    }
}

#[test]
fn colour_is_only_there_when_asked_for() {
    let report = everything();
    assert!(!draw(Format::Text, &report, Options::default()).contains('\u{1b}'));
    let coloured = draw(
        Format::Text,
        &report,
        Options {
            color: true,
            ..Options::default()
        },
    );
    assert!(coloured.contains("\u{1b}["));
    // Without hyperlinks, colour adds nothing but colour.
    assert_eq!(
        tidy(&without_sgr(&coloured)),
        tidy(&draw(Format::Text, &report, Options::default()))
    );
}

fn tidy(text: &str) -> String {
    text.lines()
        .map(str::trim_end)
        .collect::<Vec<_>>()
        .join("\n")
}

fn without_sgr(text: &str) -> String {
    regex::Regex::new("\u{1b}\\[[0-9;]*m")
        .expect("it is a regex")
        .replace_all(text, "")
        .into_owned()
}

#[test]
fn r2_no_string_from_outside_steers_the_terminal() {
    for (format, text) in hostile_outputs(HOSTILE) {
        let harmful = |character: &char| {
            (character.is_control() && *character != '\n' && *character != '\t')
                || (HOSTILE.contains(*character) && !character.is_ascii())
        };
        let found: Vec<_> = text.chars().filter(harmful).collect();
        assert!(found.is_empty(), "{format:?} holds {found:?}");
        if matches!(
            format,
            Format::Text | Format::Concise | Format::Github | Format::Junit
        ) {
            assert!(
                text.contains("\\u{202e}"),
                "{format:?} does not show what it replaced"
            );
        }
    }
}

#[test]
fn r2_carets_stay_below_what_they_point_at() {
    let source = Source::new(
        "a.py",
        "x = '\u{202e}\u{1b}[0m\t'; needle('ab\u{200b}c') # \u{202c}",
    );
    let report = Report {
        findings: vec![source.finding("code/none", "needle('ab\u{200b}c')", "here")],
        documents: 1,
        ..Report::default()
    };
    let lines = lines(
        &report,
        Options {
            ascii: true,
            ..Options::default()
        },
    );
    let at = lines
        .iter()
        .position(|line| line.contains("needle"))
        .expect("the line is shown");
    let shown = "needle('ab\\u{200b}c')";
    let start = lines[at].find(shown).expect("it is made visible");
    let carets = lines[at + 1].trim_end();
    let underline = carets.trim_start_matches([' ', ':', '·', '.']);
    assert_eq!(
        (carets.len() - underline.len(), underline.len()),
        (start, shown.len()),
        "{lines:#?}"
    );
}

#[test]
fn r3_no_string_from_outside_commands_the_ci() {
    for (format, text) in hostile_outputs(COMMANDS) {
        for line in text.lines() {
            let lower = line.to_lowercase();
            assert!(
                !lower.contains("##[") && !lower.contains("##vso["),
                "{format:?}: {line}"
            );
            let content = line.trim_start();
            let own = format == Format::Github
                && ["::error title=", "::warning title=", "::notice title="]
                    .iter()
                    .any(|own| content.starts_with(own));
            assert!(own || !content.starts_with("::"), "{format:?}: {line}");
            assert!(
                !line.contains('\u{1b}') && !line.contains('\r'),
                "{format:?}: {line}"
            );
        }
    }
}

#[test]
fn r3_wrapping_brings_no_command_to_the_start_of_a_line() {
    for pad in 0..90 {
        let mut report = everything();
        report.notices[0].help = Some(format!(
            "{}::error::pwned {0} ::error::pwned",
            "a".repeat(pad)
        ));
        report.findings[0].place.path = "::error::pwned".to_owned();
        for format in [Format::Text, Format::Concise, Format::Junit] {
            let text = draw(format, &report, Options::default());
            assert!(
                !text.lines().any(|line| line.trim_start().starts_with("::")),
                "{format:?}: {text}"
            );
        }
    }
}

#[test]
fn r3_github_encodes_what_ends_a_property() {
    let mut report = everything();
    report.findings.truncate(1);
    report.findings[0].place.path = "a,b:c%.py".to_owned();
    report.findings[0].message = "100%\nof: it, all".to_owned();
    let text = draw(Format::Github, &report, Options::default());
    assert!(text.contains("file=a%2Cb%3Ac%25.py,"), "{text}");
    assert!(text.contains("::100%25%0Aof: it, all"), "{text}");
}

/// Checks against the schema of SARIF and what GitHub's profile adds to it.
fn assert_sarif(report: &Value) {
    let schema: Value =
        serde_json::from_str(include_str!("../../tests/schemas/sarif-2.1.0.json")).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("the schema is one");
    let errors: Vec<_> = validator
        .iter_errors(report)
        .map(|error| format!("{} {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");

    let run = &report["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
    for rule in rules {
        for field in [
            "/id",
            "/name",
            "/shortDescription/text",
            "/fullDescription/text",
            "/help/text",
            "/help/markdown",
        ] {
            assert!(
                rule.pointer(field)
                    .is_some_and(|it| it.as_str().is_some_and(|it| !it.is_empty())),
                "{field}: {rule}"
            );
        }
        let properties = &rule["properties"];
        let score: f64 = properties["security-severity"]
            .as_str()
            .expect("a string")
            .parse()
            .expect("a number");
        assert!((0.1..=10.0).contains(&score), "{score}");
        assert!(
            ["low", "medium", "high", "very-high"]
                .contains(&properties["precision"].as_str().expect("precision"))
        );
        let tags = properties["tags"].as_array().expect("tags");
        assert!(
            tags.len() <= 20 && tags.contains(&"security".into()),
            "{tags:?}"
        );
        assert!(properties["requirements"].is_array());
    }
    let results = run["results"].as_array().expect("results");
    assert!(results.len() <= 25_000);
    for result in results {
        let index = result["ruleIndex"].as_u64().expect("an index") as usize;
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(result["partialFingerprints"]["wardline/v1"].is_string());
        assert!(
            result["partialFingerprints"]
                .get("primaryLocationLineHash")
                .is_none()
        );
        let region = &result["locations"][0]["physicalLocation"]["region"];
        for field in ["startLine", "startColumn", "endLine", "endColumn"] {
            assert!(
                region[field].as_u64().is_some_and(|number| number > 0),
                "{region}"
            );
        }
        let related = result["relatedLocations"].as_array().map_or(0, Vec::len);
        let flows = result["codeFlows"].as_array().into_iter().flatten();
        let steps: usize = flows
            .map(|flow| {
                flow["threadFlows"][0]["locations"]
                    .as_array()
                    .map_or(0, Vec::len)
            })
            .sum();
        assert!(1 + related + steps <= 1_000);
    }
    each_uri(report, &mut |uri| {
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/%".contains(&byte);
        assert!(uri.bytes().all(legal) && !uri.starts_with('/'), "{uri}");
    });
    assert_eq!(run["columnKind"], "utf16CodeUnits");
}

fn each_uri(value: &Value, check: &mut impl FnMut(&str)) {
    match value {
        Value::Object(fields) => {
            if let Some(uri) = fields.get("uri").and_then(Value::as_str) {
                check(uri);
            }
            fields.values().for_each(|value| each_uri(value, check));
        }
        Value::Array(values) => values.iter().for_each(|value| each_uri(value, check)),
        _ => (),
    }
}

#[test]
fn r4_sarif_is_valid_and_has_what_github_asks_for() {
    assert_sarif(&parse(Format::Sarif, &everything()));
    assert_sarif(&parse(Format::Sarif, &Report::default()));
    for text in [HOSTILE, COMMANDS] {
        for (_, output) in hostile_outputs(text)
            .iter()
            .filter(|(format, _)| *format == Format::Sarif)
        {
            assert_sarif(&serde_json::from_str(output).expect("it is JSON"));
        }
    }
}

#[test]
fn r4_sarif_names_any_path() {
    for path in [
        "a b/c#d.py",
        "100%.py",
        "what?.py",
        "c:d.py",
        "ü\u{fffd}.py",
        "line\nbreak\u{202e}.py",
        "a\\b.py",
    ] {
        let mut report = everything();
        report.findings.truncate(1);
        report.findings[0].place.path = path.to_owned();
        let sarif = parse(Format::Sarif, &report);
        assert_sarif(&sarif);
        let uri =
            sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
                ["uri"]
                .clone();
        let bytes = decoded(uri.as_str().expect("a string"));
        assert_eq!(String::from_utf8(bytes).expect("UTF-8"), path);
    }
}

fn decoded(uri: &str) -> Vec<u8> {
    let mut parts = uri.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        bytes.push(u8::from_str_radix(&part[..2], 16).expect("hexadecimal"));
        bytes.extend(part[2..].bytes());
    }
    bytes
}

#[test]
fn r4_sarif_counts_columns_in_utf16() {
    let source = Source::new("a.py", "s = '😀😀'; needle");
    let report = Report {
        findings: vec![source.finding("code/none", "needle", "here")],
        ..Report::default()
    };
    let region = &parse(Format::Sarif, &report)["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
        ["region"];
    assert_eq!(
        (region["startColumn"].as_u64(), region["endColumn"].as_u64()),
        (Some(13), Some(19))
    );
    let range = &parse(Format::Rdjson, &report)["diagnostics"][0]["location"]["range"];
    assert_eq!(range["start"]["column"], 17);
}

#[test]
fn r4_sarif_marks_what_does_not_count() {
    let sarif = parse(Format::Sarif, &everything());
    let results = sarif["runs"][0]["results"].as_array().expect("results");
    let states: Vec<_> = results
        .iter()
        .map(|result| {
            let kind = result["suppressions"][0]["kind"].as_str();
            (
                result["baselineState"].as_str().expect("a state"),
                kind,
                result["level"].as_str().expect("a level"),
            )
        })
        .collect();
    assert_eq!(
        states,
        [
            ("new", None, "error"),
            ("new", None, "warning"),
            ("new", None, "note"),
            ("unchanged", Some("external"), "error"),
            ("new", Some("inSource"), "error"),
        ]
    );
}

#[test]
fn r4_sarif_keeps_within_the_limits_and_says_so() {
    let source = Source::new("a.py", "needle");
    let finding = source.finding("code/many", "needle", "here");
    let mut worst = Finding {
        severity: Severity::Critical,
        ..finding.clone()
    };
    worst.related = vec![
        Related {
            place: source.place("needle"),
            message: "again".to_owned()
        };
        1_500
    ];
    let mut findings = vec![finding; 25_001];
    findings.push(worst);
    let report = Report {
        findings,
        ..Report::default()
    };
    let mut tagged = rule("many", "Many tags");
    tagged.tags = (0..30).map(|number| format!("tag-{number}")).collect();
    let infos = [RuleInfo {
        name: "code/many".to_owned(),
        rule: &tagged,
        plugin_version: "1.0.0".to_owned(),
        page: None,
        help_uri: String::new(),
    }];
    let context = Context {
        report: &report,
        rules: &infos,
        options: Options::default(),
    };
    let sarif: Value =
        serde_json::from_slice(&render(Format::Sarif, &context)).expect("it is JSON");
    let run = &sarif["runs"][0];
    let results = run["results"].as_array().expect("results");
    assert_eq!(results.len(), 25_000);
    assert_eq!(results[0]["properties"]["severity"], "critical");
    assert_eq!(
        results[0]["relatedLocations"].as_array().map(Vec::len),
        Some(999)
    );
    assert_eq!(
        run["tool"]["driver"]["rules"][0]["properties"]["tags"]
            .as_array()
            .map(Vec::len),
        Some(20)
    );
    let notifications = run["invocations"][0]["toolExecutionNotifications"]
        .as_array()
        .expect("notifications");
    let messages: Vec<_> = notifications
        .iter()
        .filter_map(|it| it["message"]["text"].as_str())
        .collect();
    assert_eq!(
        messages,
        [
            "2 results left out to stay within GitHub's limits",
            "501 locations left out to stay within GitHub's limits",
            "13 tags left out to stay within GitHub's limits",
        ]
    );
}

#[test]
fn r5_formats_for_programs_parse_whatever_the_input() {
    for text in [
        HOSTILE,
        COMMANDS,
        "]]><script>alert(1)</script>&amp;\"'<!--",
    ] {
        for (format, output) in hostile_outputs(text) {
            match format {
                Format::Json | Format::Sarif | Format::Gitlab | Format::Rdjson => {
                    serde_json::from_str::<Value>(&output)
                        .unwrap_or_else(|error| panic!("{format:?}: {error}"));
                }
                Format::Junit => {
                    quick_junit::Report::deserialize_from_str(&output)
                        .unwrap_or_else(|error| panic!("{error}: {output}"));
                    assert!(!output.contains("<script>"), "{output}");
                }
                Format::Text | Format::Concise | Format::Github => (),
            }
        }
    }
}

#[test]
fn r5_a_fix_with_hidden_characters_is_not_for_programs() {
    let source = Source::new("a.py", "needle\r\nmore");
    let mut finding = source.finding("code/none", "needle", "here");
    finding.fixes = vec![
        source.fix("hide", Applicability::Safe, &[("needle", "a\u{202e}b")]),
        source.fix("split", Applicability::Safe, &[("needle", "a\r\nb")]),
    ];
    let report = Report {
        findings: vec![finding],
        ..Report::default()
    };
    let json = parse(Format::Json, &report);
    assert_eq!(
        json["findings"][0]["fixes"].as_array().map(Vec::len),
        Some(1)
    );
    assert_eq!(
        json["findings"][0]["fixes"][0]["edits"][0]["text"],
        "a\r\nb"
    );
    assert_eq!(
        parse(Format::Rdjson, &report)["diagnostics"][0]["suggestions"]
            .as_array()
            .map(Vec::len),
        Some(1)
    );
    assert_eq!(
        parse(Format::Sarif, &report)["runs"][0]["results"][0]["fixes"]
            .as_array()
            .map(Vec::len),
        Some(1)
    );
    assert!(draw(Format::Text, &report, Options::default()).contains("a\\u{202e}b"));
}

#[test]
fn formats_for_reviews_hold_open_findings_only() {
    let report = everything();
    assert_eq!(
        parse(Format::Gitlab, &report).as_array().map(Vec::len),
        Some(4)
    );
    assert_eq!(
        parse(Format::Rdjson, &report)["diagnostics"]
            .as_array()
            .map(Vec::len),
        Some(4)
    );
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
    let clean = Clean::new(&Context {
        report: &report,
        rules: &infos,
        options: Options::default(),
    });
    assert!(clean.rules.keys().all(|name| name != "code/never-found"));
    assert_eq!(clean.rules.len(), 3);
}

#[test]
fn a_link_that_is_not_plain_https_is_no_link() {
    let report = everything();
    let rules = rules();
    for address in [
        "javascript:alert(1)",
        "http://a.example",
        "https://a.example/\u{1b}",
        "https://a b",
        "file:///etc",
    ] {
        let infos: Vec<_> = infos(&rules)
            .into_iter()
            .map(|info| RuleInfo {
                help_uri: address.to_owned(),
                ..info
            })
            .collect();
        let options = Options {
            links: true,
            color: true,
            ..Options::default()
        };
        for format in Format::value_variants() {
            let bytes = render(
                *format,
                &Context {
                    report: &report,
                    rules: &infos,
                    options,
                },
            );
            let text = String::from_utf8(bytes).expect("reports are UTF-8");
            assert!(
                !text.contains(address) && !text.contains("\u{1b}]8"),
                "{format:?}: {text}"
            );
        }
    }
}

#[test]
fn the_json_schema_is_fresh_and_holds() {
    let schema =
        serde_json::to_value(schemars::schema_for!(json::JsonReport<'static>)).expect("it is JSON");
    let mut text = serde_json::to_string_pretty(&schema).expect("it is JSON");
    text.push('\n');
    expect("docs/schemas/report.schema.json", &text);
    let validator = jsonschema::validator_for(&schema).expect("the schema is one");
    for report in [everything(), Report::default(), everywhere(HOSTILE)] {
        let errors: Vec<_> = validator
            .iter_errors(&parse(Format::Json, &report))
            .map(|error| error.to_string())
            .collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }
}

#[test]
fn other_classes_are_named_and_not_loud() {
    let report = everything();
    assert!(
        lines(&report, Options::default())
            .iter()
            .any(|line| line == "critical[secrets/sample-key] example")
    );
    assert_eq!(report.findings[0].class, Class::Example);
    assert!(
        draw(Format::Github, &report, Options::default())
            .contains("::notice title=critical secrets/sample-key (example)")
    );
}
