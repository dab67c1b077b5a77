//! Nothing from outside steers a terminal, commands a CI system or breaks a
//! format: hostile cases R2, R3 and R5.

use super::*;

#[test]
fn r2_no_string_from_outside_steers_the_terminal() {
    for (format, text) in hostile_outputs(HOSTILE) {
        let harmful = |character: &char| {
            (character.is_control() && *character != '\n' && *character != '\t')
                || (HOSTILE.contains(*character) && !character.is_ascii())
        };
        let found: Vec<_> = text.chars().filter(harmful).collect();
        assert!(found.is_empty(), "{format:?} holds {found:?}");
        if matches!(format, Format::Text | Format::Concise | Format::Github | Format::Junit) {
            assert!(text.contains("\\u{202e}"), "{format:?} does not show what it replaced");
        }
    }
}

#[test]
fn r2_carets_stay_below_what_they_point_at() {
    let source = Source::new("a.py", "x = '\u{202e}\u{1b}[0m\t'; needle('ab\u{200b}c') # \u{202c}");
    let report = Report {
        findings: vec![source.finding("code/none", "needle('ab\u{200b}c')", "here")],
        documents: 1,
        ..Report::default()
    };
    let lines = lines(&report, Options { ascii: true, ..Options::default() });
    let at = lines.iter().position(|line| line.contains("needle")).expect("the line is shown");
    let shown = "needle('ab\\u{200b}c')";
    let start = lines[at].find(shown).expect("it is made visible");
    let carets = lines[at + 1].trim_end();
    let underline = carets.trim_start_matches([' ', ':', '·', '.']);
    assert_eq!((carets.len() - underline.len(), underline.len()), (start, shown.len()), "{lines:#?}");
}

#[test]
fn r3_no_string_from_outside_commands_the_ci() {
    for (format, text) in hostile_outputs(COMMANDS) {
        for line in text.lines() {
            let lower = line.to_lowercase();
            assert!(!lower.contains("##[") && !lower.contains("##vso["), "{format:?}: {line}");
            let content = line.trim_start();
            let own = format == Format::Github
                && ["::error title=", "::warning title=", "::notice title="]
                    .iter()
                    .any(|own| content.starts_with(own));
            assert!(own || !content.starts_with("::"), "{format:?}: {line}");
            assert!(!line.contains('\u{1b}') && !line.contains('\r'), "{format:?}: {line}");
        }
    }
}

#[test]
fn r3_wrapping_brings_no_command_to_the_start_of_a_line() {
    for pad in 0..90 {
        let mut report = everything();
        report.notices[0].help = Some(format!("{}::error::pwned {0} ::error::pwned", "a".repeat(pad)));
        report.findings[0].place.path = "::error::pwned".to_owned();
        for format in [Format::Text, Format::Concise, Format::Junit] {
            let text = draw(format, &report, Options::default());
            assert!(!text.lines().any(|line| line.trim_start().starts_with("::")), "{format:?}: {text}");
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

#[test]
fn r5_formats_for_programs_parse_whatever_the_input() {
    for text in [HOSTILE, COMMANDS, "]]><script>alert(1)</script>&amp;\"'<!--"] {
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
fn r5_json_of_other_commands_stays_json() {
    for text in [HOSTILE, COMMANDS, "\u{e0041}##[x]"] {
        let json = serde_json::to_string_pretty(&[text]).expect("JSON");
        let shown = crate::report::harmless_json(&json);
        assert_eq!(serde_json::from_str::<Vec<String>>(&shown).expect("JSON"), [text]);
        assert!(
            !shown.contains("##[") && !shown.contains(['\u{7f}', '\u{9b}', '\u{202e}', '\u{e0041}']),
            "{shown}"
        );
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
    let report = Report { findings: vec![finding], ..Report::default() };
    let json = parse(Format::Json, &report);
    assert_eq!(json["findings"][0]["fixes"].as_array().map(Vec::len), Some(1));
    assert_eq!(json["findings"][0]["fixes"][0]["edits"][0]["text"], "a\r\nb");
    assert_eq!(
        parse(Format::Rdjson, &report)["diagnostics"][0]["suggestions"].as_array().map(Vec::len),
        Some(1)
    );
    assert_eq!(
        parse(Format::Sarif, &report)["runs"][0]["results"][0]["fixes"].as_array().map(Vec::len),
        Some(1)
    );
    assert!(draw(Format::Text, &report, Options::default()).contains("a\\u{202e}b"));
}

#[test]
fn r1_an_error_that_quotes_a_file_hides_credentials_and_keeps_columns() {
    let digest = format!("sha256:{}", "0a".repeat(32));
    for (text, expected) in [
        ("token = \"abcd1234efgh5678ijkl\"", "token = \"abcd****************\""),
        ("`secrets/google-service-account-key`", "`secrets/google-service-account-key`"),
        ("fail-on = \"grave\"  # é", "fail-on = \"grave\"  # é"),
        (digest.as_str(), digest.as_str()),
        ("", ""),
    ] {
        assert_eq!(crate::report::without_credentials(text), expected);
    }
}
