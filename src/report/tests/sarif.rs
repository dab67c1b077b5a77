//! SARIF against its schema, GitHub's profile and limits: hostile case R4.

use super::*;

/// Checks against the schema of SARIF and what GitHub's profile adds to it.
fn assert_sarif(report: &Value) {
    // The schema's own pattern for languages has an unbalanced bracket.
    let schema = include_str!("../../../tests/schemas/sarif-2.1.0.json").replace("]?$\"", "$\"");
    let schema: Value = serde_json::from_str(&schema).expect("it is JSON");
    let validator = jsonschema::validator_for(&schema).expect("the schema is one");
    let errors: Vec<_> =
        validator.iter_errors(report).map(|error| format!("{} {error}", error.instance_path())).collect();
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
                rule.pointer(field).is_some_and(|it| it.as_str().is_some_and(|it| !it.is_empty())),
                "{field}: {rule}"
            );
        }
        let properties = &rule["properties"];
        let score: f64 =
            properties["security-severity"].as_str().expect("a string").parse().expect("a number");
        assert!((0.1..=10.0).contains(&score), "{score}");
        assert!(
            ["low", "medium", "high", "very-high"]
                .contains(&properties["precision"].as_str().expect("precision"))
        );
        let tags = properties["tags"].as_array().expect("tags");
        assert!(tags.len() <= 20 && tags.contains(&"security".into()), "{tags:?}");
        assert!(properties["requirements"].is_array());
    }
    let results = run["results"].as_array().expect("results");
    assert!(results.len() <= 25_000);
    for result in results {
        let index = result["ruleIndex"].as_u64().expect("an index") as usize;
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(result["partialFingerprints"]["wardline/v1"].is_string());
        assert!(result["partialFingerprints"].get("primaryLocationLineHash").is_none());
        let region = &result["locations"][0]["physicalLocation"]["region"];
        for field in ["startLine", "startColumn", "endLine", "endColumn"] {
            assert!(region[field].as_u64().is_some_and(|number| number > 0), "{region}");
        }
        let related = result["relatedLocations"].as_array().map_or(0, Vec::len);
        let flows = result["codeFlows"].as_array().into_iter().flatten();
        let steps: usize =
            flows.map(|flow| flow["threadFlows"][0]["locations"].as_array().map_or(0, Vec::len)).sum();
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
        for (_, output) in hostile_outputs(text).iter().filter(|(format, _)| *format == Format::Sarif) {
            assert_sarif(&serde_json::from_str(output).expect("it is JSON"));
        }
    }
}

#[test]
fn r4_sarif_names_any_path() {
    for path in
        ["a b/c#d.py", "100%.py", "what?.py", "c:d.py", "ü\u{fffd}.py", "line\nbreak\u{202e}.py", "a\\b.py"]
    {
        let mut report = everything();
        report.findings.truncate(1);
        report.findings[0].place.path = path.to_owned();
        let sarif = parse(Format::Sarif, &report);
        assert_sarif(&sarif);
        let uri =
            sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
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
    let report =
        Report { findings: vec![source.finding("code/none", "needle", "here")], ..Report::default() };
    let region =
        &parse(Format::Sarif, &report)["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"];
    assert_eq!((region["startColumn"].as_u64(), region["endColumn"].as_u64()), (Some(13), Some(19)));
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
    let mut worst = Finding { severity: Severity::Critical, ..finding.clone() };
    worst.related = vec![Related { place: source.place("needle"), message: "again".to_owned() }; 1_500];
    let mut findings = vec![finding; 25_001];
    findings.push(worst);
    let report = Report { findings, ..Report::default() };
    let mut tagged = rule("many", "Many tags");
    tagged.tags = (0..30).map(|number| format!("tag-{number}")).collect();
    let infos = [RuleInfo {
        name: "code/many".to_owned(),
        rule: &tagged,
        plugin_version: "1.0.0".to_owned(),
        page: None,
        help_uri: String::new(),
    }];
    let context = Context { report: &report, rules: &infos, options: Options::default() };
    let sarif: Value = serde_json::from_slice(&render(Format::Sarif, &context)).expect("it is JSON");
    let run = &sarif["runs"][0];
    let results = run["results"].as_array().expect("results");
    assert_eq!(results.len(), 25_000);
    assert_eq!(results[0]["properties"]["severity"], "critical");
    assert_eq!(results[0]["relatedLocations"].as_array().map(Vec::len), Some(999));
    assert_eq!(run["tool"]["driver"]["rules"][0]["properties"]["tags"].as_array().map(Vec::len), Some(20));
    let notifications =
        run["invocations"][0]["toolExecutionNotifications"].as_array().expect("notifications");
    let messages: Vec<_> = notifications.iter().filter_map(|it| it["message"]["text"].as_str()).collect();
    assert_eq!(
        messages,
        [
            "2 results left out to stay within GitHub's limits",
            "501 locations left out to stay within GitHub's limits",
            "13 tags left out to stay within GitHub's limits",
        ]
    );
}
