//! What must never come out: secrets, and characters that steer terminals.
//! Each test is named after its case in `docs/hostile.md`.
#![cfg(target_os = "linux")]

use crate::forge::{Forged, REPLY, RESULT, at, findings_at, report};
use crate::support::{check, command, root, text, tree, wardline};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

/// The same placeholders as on the pages of rules.
#[path = "../../src/example/generate.rs"]
#[allow(dead_code)]
mod generate;

const FORMATS: [&str; 8] = ["text", "concise", "json", "sarif", "github", "gitlab", "junit", "rdjson"];

// ---------------------------------------------------------------- R1: secrets

/// Rules whose examples hold public halves of keys beside the secret ones.
const HALF_PUBLIC: [&str; 3] = ["json-web-key", "putty-private-key", "woocommerce-key"];

/// A file with secrets that were made for it.
struct Canary {
    path: String,
    content: String,
    secrets: Vec<String>,
}

/// The examples on the pages of `secrets` that must be found.
fn canaries() -> Vec<Canary> {
    let placeholder =
        regex::Regex::new(r"\{\{(?:crc32|(?:upper|lower|digit|alnum|hex|base32|base64|base64url) (\d+))\}\}")
            .expect("a pattern");
    let block = regex::Regex::new(r"(?ms)^```([a-z]+) bad ?([^\n]*)\n(.*?)^```$").expect("a pattern");
    let mut all = Vec::new();
    let mut pages: Vec<_> = std::fs::read_dir(root().join("plugins/secrets/docs"))
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    pages.sort();
    for page in pages {
        let rule = page.file_stem().and_then(|name| name.to_str()).expect("UTF-8").to_owned();
        let page = std::fs::read_to_string(&page).expect("a page");
        // What nobody looks for can not be masked.
        if page.lines().any(|line| line == "enabled = false") || HALF_PUBLIC.contains(&&*rule) {
            continue;
        }
        for (index, example) in block.captures_iter(&page).enumerate() {
            let (language, attributes, template) = (&example[1], &example[2], &example[3]);
            let content = generate::expand(template);
            // Where each placeholder went; what touches is one secret.
            let (mut secrets, mut shift, mut end) = (Vec::<String>::new(), 0_isize, None);
            for found in placeholder.captures_iter(template) {
                let whole = found.get(0).expect("the match");
                let length: usize = found.get(1).map_or(6, |digits| digits.as_str().parse().expect("digits"));
                let start = whole.start().checked_add_signed(shift).expect("it fits");
                let made = &content[start..start + length];
                match (&mut secrets.last_mut(), end == Some(start)) {
                    (Some(last), true) => last.push_str(made),
                    _ => secrets.push(made.to_owned()),
                }
                end = Some(start + length);
                shift +=
                    isize::try_from(length).expect("small") - isize::try_from(whole.len()).expect("small");
            }
            // Numbers alone, and what stands before the secret of a webhook, are
            // its public part, such as an account.
            secrets.retain(|secret| secret.len() >= 12 && !secret.bytes().all(|byte| byte.is_ascii_digit()));
            if rule.ends_with("-webhook") {
                secrets.drain(..secrets.len().saturating_sub(1));
            }
            let extension = match language {
                "python" => "py",
                "yaml" => "yml",
                "bash" => "sh",
                "javascript" => "js",
                "typescript" => "ts",
                "csharp" => "cs",
                "ruby" => "rb",
                "rust" => "rs",
                "text" => "txt",
                other => other,
            };
            let file = attributes.split(' ').find_map(|word| word.strip_prefix("file="));
            let file = file.map_or_else(|| format!("a.{extension}"), str::to_owned);
            all.push(Canary { path: format!("{rule}/{index}/{file}"), content, secrets });
        }
    }
    all
}

/// Parts of secrets that give them away.
fn giveaways(canaries: &[Canary]) -> BTreeSet<&str> {
    const LENGTH: usize = 10;
    let secrets = canaries.iter().flat_map(|canary| &canary.secrets);
    secrets.flat_map(|secret| (0..=secret.len() - LENGTH).map(move |at| &secret[at..at + LENGTH])).collect()
}

#[track_caller]
fn gives_nothing_away(giveaways: &BTreeSet<&str>, output: &str, channel: &str) {
    const LENGTH: usize = 10;
    let windows = (0..output.len().saturating_sub(LENGTH)).filter_map(|at| output.get(at..at + LENGTH));
    for window in windows {
        let is_leak = giveaways.contains(window);
        let line = || output.lines().find(|line| line.contains(window)).unwrap_or_default();
        assert!(!is_leak, "{channel} shows `{window}`: {}", line());
    }
}

/// Repeats the text of the document in everything that it may say.
fn parrot(id: &str, refuses: bool) -> Forged {
    let text = "(i32.load offset=24 (local.get 0))";
    let most = 4_000;
    let length = format!(
        "(select (i32.load offset=28 (local.get 0)) (i32.const {most}) (i32.lt_u (i32.load offset=28 (local.get 0)) (i32.const {most})))"
    );
    // The same string everywhere: the message, the subject, the reason of an
    // unknown, a property's key and value, a fix's title and text.
    let finding = REPLY as usize + RESULT;
    let properties = REPLY as usize + 400;
    let unknown = REPLY as usize + 440;
    let mut strings =
        vec![finding + at::MESSAGE, finding + at::SUBJECT + 4, properties, properties + 8, unknown + 20];
    let mut reply = findings_at(&[(0, 1, b"x")]);
    if refuses {
        strings = vec![REPLY as usize + 4];
        reply = reply.byte(0, 1);
    } else {
        reply = reply
            .byte(RESULT + at::SUBJECT, 1)
            .word(RESULT + 80, u32::try_from(properties).expect("small"))
            .word(RESULT + 84, 1)
            .word(20, u32::try_from(unknown).expect("small"))
            .word(24, 1);
    }
    let copies = strings.iter().fold(String::new(), |mut code, at| {
        let _ =
            write!(code, "(i32.store (i32.const {at}) {text}) (i32.store (i32.const {}) {length})", at + 4);
        code
    });
    Forged {
        id: id.into(),
        check: format!("{copies} (i32.const {REPLY})"),
        reply: reply.done(),
        manifest: serde_json::json!({"query": [{
            "id": "act", "rule": 0, "keywords": ["e", "a", "i", "o"], "captures": ["match"],
            "matcher": {"text": {"regex": "[eaio]"}},
        }]}),
        ..Forged::new()
    }
}

#[test]
fn r1_no_secret_comes_out_anywhere() {
    let canaries = canaries();
    let giveaways = giveaways(&canaries);
    let mut files: Vec<(String, String)> =
        canaries.iter().map(|canary| (canary.path.clone(), canary.content.clone())).collect();
    // In the reason of an allowance, beside a fix, and on a long line.
    let secret = canaries.iter().find(|canary| canary.path == "github-token/0/a.py").expect("there is one");
    let line = secret.content.trim_end();
    files.push((
        "allowed.py".into(),
        format!("{line}  # wardline: allow(secrets/github-token) -- not {line}\n"),
    ));
    files.push(("wrong.py".into(), format!("{line}  # wardline: allow(secrets/github-token {line}\n")));
    files.push(("fix.py".into(), format!("import yaml\n{line}\nconfig = yaml.load(text)\n{line}\n")));
    files.push(("fixed.py".into(), format!("import yaml\nconfig = yaml.load(text)  # {line}\n")));
    files.push(("long.txt".into(), format!("{}{line}{}", "x ".repeat(20_000), " y".repeat(20_000))));
    let files: Vec<(&str, &[u8])> =
        files.iter().map(|(path, content)| (path.as_str(), content.as_bytes())).collect();
    let folder = tree(&files);
    let outside = tree(&[
        ("parrot.wasm", &parrot("parrot", false).bytes()),
        ("refuser.wasm", &parrot("refuser", true).bytes()),
    ]);
    let plugin = |name: &str| outside.path().join(name).to_str().expect("UTF-8").to_owned();
    let (parrot, refuser) = (plugin("parrot.wasm"), plugin("refuser.wasm"));
    let run = |channel: &str, arguments: &[&str]| {
        let mut command = command(folder.path(), arguments);
        // Whoever runs it has secrets as well.
        for (index, secret) in canaries.iter().flat_map(|canary| &canary.secrets).enumerate() {
            command.env(format!("SECRET_{index}"), secret);
        }
        command
            .env("RUST_LOG", "trace")
            .env("RUST_BACKTRACE", "full")
            .env("WARDLINE_BRANCH", &secret.secrets[0]);
        let (out, err) = text(&command.output().expect("it runs"));
        gives_nothing_away(&giveaways, &out, channel);
        gives_nothing_away(&giveaways, &err, channel);
        out
    };
    let mut found = BTreeSet::new();
    for format in FORMATS {
        let shown = ["check", "-f", format, "--show", "unknown", "--show", "suppressed", "--plugin", &parrot];
        let out = run(format, &[&shown[..], &["--plugin", &refuser, "--timings"]].concat());
        if format == "json" {
            let report: serde_json::Value = serde_json::from_str(&out).expect("JSON");
            let findings = report["findings"].as_array().expect("findings").iter();
            found.extend(findings.filter_map(|finding| finding["rule"].as_str().map(str::to_owned)));
            assert!(out.contains("not GITHUB_TOKEN"), "the reason of the allowance is not shown");
            assert!(out.contains("plugin::refused"), "{out}");
        }
    }
    let rules = found.iter().filter(|rule| rule.starts_with("secrets/")).count();
    assert!(rules >= 40 && found.contains("parrot/act"), "{found:?}");
    run("doctor", &["doctor"]);
    run("help", &["check", "--help"]);
    run("files", &["check", "--show-files"]);
    run("why", &["why", "github-token/0/a.py:1", "secrets/github-token"]);
    run("why not", &["why", "allowed.py:1", "secrets/github-token"]);
    run("difference", &["check", "--diff", "--unsafe-fixes"]);
    run("baseline", &["baseline", "create"]);
    for entry in std::fs::read_dir(folder.path().join(".wardline/accepted")).expect("a folder") {
        let path = entry.expect("an entry").path();
        let entry = std::fs::read_to_string(&path).expect("UTF-8");
        gives_nothing_away(&giveaways, &entry, "an entry of the baseline");
    }
    run("fixing", &["check", "--fix", "--unsafe-fixes"]);
    let fixed = std::fs::read_to_string(folder.path().join("fix.py")).expect("there");
    assert!(fixed.contains("yaml.safe_load") && fixed.contains(line), "{fixed}");
    println!("r1: {} secrets on {} pages, {rules} rules", giveaways.len(), canaries.len());
}

#[test]
fn r1_no_secret_of_the_configuration_comes_out() {
    let canaries = canaries();
    let giveaways = giveaways(&canaries);
    let secret =
        &canaries.iter().find(|canary| canary.path == "github-token/0/a.py").expect("there").secrets[0];
    for config in [
        format!("[plugins.code]\ntoken = \"{secret}\"\n"),
        format!("[plugins.code.options]\ntoken = \"{secret}\"\nwrong\n"),
        format!("[gate]\nfail-on = \"{secret}\"\n"),
        format!("[gate]\n{secret} = 1\n"),
        format!("[rules]\n\"{secret}\" = \"off\"\n"),
        format!("[[allow]]\nrule = \"code/*\"\nreason = \"{secret}\"\nuntil = \"{secret}\"\n"),
    ] {
        let folder = tree(&[("a.py", b"print(1)\n"), ("wardline.toml", config.as_bytes())]);
        let output = wardline(folder.path(), &["check"]);
        let (out, err) = text(&output);
        assert_eq!(output.status.code(), Some(2), "{config}: {out}{err}");
        gives_nothing_away(&giveaways, &out, "the configuration");
        gives_nothing_away(&giveaways, &err, &config);
        assert!(err.contains("wardline.toml:"), "{err}");
    }
}

#[test]
fn r1_secrets_beyond_the_cap_of_findings_are_masked_all_the_same() {
    // Each line names a secret; the last finding that is kept stands beside
    // one that is not.
    let lines: String = (0..1_500).fold(String::new(), |mut lines, index| {
        let _ = writeln!(lines, "JWT_SECRET = \"tr0ub4dor-and-more-{index:04}\"");
        lines
    });
    let folder = tree(&[("many.py", lines.as_bytes())]);
    for format in FORMATS {
        let output = wardline(folder.path(), &["check", "--exit-zero", "-f", format]);
        let (out, _) = text(&output);
        assert!(!out.contains("tr0ub4dor-and-more"), "{format}");
    }
}

#[test]
fn r1_more_secrets_than_can_be_told_apart_hide_all_between_them() {
    // 20 000 redactions, the characters of the text one by one.
    let spans: Vec<u8> = (0..20_000_u32)
        .flat_map(|index| [(7 + index).to_le_bytes(), (8 + index).to_le_bytes()].concat())
        .collect();
    let list = 300_000;
    let forged = Forged {
        fields: format!("(data (i32.const {list}) \"{}\")", crate::forge::escaped(&spans)),
        reply: findings_at(&[(0, 6, b"seen")])
            .word(RESULT + at::REDACT, list)
            .word(RESULT + at::REDACT + 4, 20_000)
            .done(),
        ..Forged::new()
    };
    let document = format!("forged {}", "abcdefghij".repeat(2_100));
    let outcome = check(vec![forged.plugin()], &[("a.txt", &document)]);
    assert_eq!(outcome.report.findings.len(), 1);
    let shown = outcome.report.findings[0].excerpt.as_ref().expect("an excerpt");
    assert!(!shown.text.contains("abc"), "{}", shown.text);
}

#[test]
fn r8_nothing_of_the_environment_comes_out() {
    let folder =
        tree(&[("a.py", b"import pickle\npickle.loads(data)\n"), ("wardline.toml", b"[gate]\nwrong = 1\n")]);
    for arguments in [&["check"][..], &["check", "--help"], &["doctor"], &["check", "--format", "nothing"]] {
        let output = command(folder.path(), arguments)
            .env("CANARY", "canary-value")
            .env("WARDLINE_BRANCH", "canary-value")
            .env("WARDLINE_THREADS", "canary-value")
            .env("RUST_BACKTRACE", "full")
            .env("RUST_LOG", "trace")
            .output()
            .expect("it runs");
        let (out, err) = text(&output);
        // The one that is wrong is named with its value, to be mended.
        let named = format!("{out}{err}").matches("canary-value").count();
        let is_about_it = err.contains("invalid value 'canary-value'");
        assert_eq!(named, usize::from(is_about_it), "{arguments:?}: {out}{err}");
    }
}

// ------------------------------------------------------------- R2: characters

/// Characters that steer a terminal, reorder text or hide it.
fn steers(character: char) -> bool {
    character.is_control() && character != '\n' && character != '\t'
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

const EVIL: &str = "x\u{1b}[31m\u{1b}]0;t\u{7}\u{1b}]8;;https://bad.example\u{7}\u{9b}2J\u{7f}\u{202e}\u{200b}\u{2028}\u{feff}\rz";

#[track_caller]
fn is_harmless(output: &std::process::Output, channel: &str) {
    let (out, err) = text(output);
    for text in [out, err] {
        // Our own colours are off: nothing here is a terminal.
        assert_eq!(text.chars().find(|character| steers(*character)), None, "{channel}: {text:?}");
    }
}

#[test]
fn r2_arguments_are_quoted_harmlessly() {
    let folder = tree(&[("a.py", b"print(1)\n")]);
    let option = format!("--{EVIL}");
    for arguments in [
        &[EVIL][..],
        &[option.as_str()],
        &["check", EVIL],
        &["check", &option],
        &["check", "--fail-on", EVIL],
        &["check", "--format", EVIL],
        &["check", "--only", EVIL],
        &["check", "--since", EVIL],
        &["check", "--date", EVIL],
        &["check", "--plugin", EVIL],
        &["check", "--threads", EVIL],
        &["explain", EVIL],
        &["why", EVIL, EVIL],
        &["why", "a.py:1", EVIL],
        &["man", EVIL],
        &["plugin", "inspect", EVIL],
        &["plugin", "test", EVIL],
        &["plugin", "new", EVIL],
    ] {
        let output = wardline(folder.path(), arguments);
        is_harmless(&output, &format!("{arguments:?}"));
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {:?}", text(&output));
    }
}

#[test]
fn r2_configuration_is_quoted_harmlessly() {
    let quoted = serde_json::to_string(EVIL).expect("JSON").replace("\\u007f", "\u{7f}");
    let quoted = quoted.replace('\u{9b}', "\\u009b").replace('\u{7f}', "\\u007f");
    for config in [
        format!("{EVIL} = 1\n"),
        format!("# {EVIL}\nwrong\n"),
        format!("[gate]\n{quoted} = 1\n"),
        format!("[gate]\nfail-on = {quoted}\n"),
        format!("[rules]\n{quoted} = \"off\"\n"),
        format!("[plugins.{quoted}]\ndigest = \"sha256:0\"\n"),
        format!("[[allow]]\nrule = \"code/*\"\nreason = {quoted}\n"),
        format!("[check]\nexclude = [{quoted}]\n"),
    ] {
        let folder =
            tree(&[("a.py", b"import pickle\npickle.loads(x)\n"), ("wardline.toml", config.as_bytes())]);
        for arguments in
            [&["check"][..], &["check", "-f", "json"], &["config", "show", "--origin"], &["doctor"]]
        {
            is_harmless(&wardline(folder.path(), arguments), &format!("{config:?} {arguments:?}"));
        }
    }
}

#[test]
fn r2_plugins_are_quoted_harmlessly() {
    let strings = |what: &str| -> serde_json::Value {
        match what {
            "rule" => serde_json::json!([{
                "id": "act", "title": EVIL, "severity": "medium", "confidence": "high", "cwe": [1],
                "owasp": EVIL, "requirements": [EVIL], "tags": [EVIL], "no_fix": EVIL, "references": [EVIL],
            }]),
            "query" => serde_json::json!([{
                "id": EVIL, "rule": 0, "keywords": ["forged"], "captures": ["match", EVIL],
                "matcher": {"text": {"regex": "forged("}},
            }]),
            "emits" => serde_json::json!([EVIL]),
            _ => serde_json::json!(EVIL),
        }
    };
    for what in ["version", "description", "license", "rule", "query", "emits"] {
        let forged = Forged {
            reply: report(&[(0, 6, EVIL.as_bytes())]),
            manifest: serde_json::json!({ what: strings(what) }),
            ..Forged::new()
        };
        says_nothing_harmful(&forged, what);
    }
    // A trap whose stack has functions with such names, and a refusal.
    let name = crate::forge::escaped(EVIL.as_bytes());
    let trap = Forged {
        fields: format!("(func $x (@name \"{name}\") unreachable)"),
        check: "(call $x) (i32.const 1024)".into(),
        ..Forged::new()
    };
    says_nothing_harmful(&trap, "trap");
    let refusal = Forged {
        reply: crate::forge::Bytes::zeros(RESULT).byte(0, 1).string(4, EVIL.as_bytes()).done(),
        ..Forged::new()
    };
    says_nothing_harmful(&refusal, "refusal");
    let page =
        serde_json::json!({ "act": format!("+++\ntitle = \"x\"\n+++\n{EVIL}\n## Why it matters\n{EVIL}\n") });
    says_nothing_harmful(&Forged { pages: page, reply: report(&[(0, 6, b"x")]), ..Forged::new() }, "page");
}

fn says_nothing_harmful(forged: &Forged, what: &str) {
    let folder = tree(&[("a.txt", b"forged\n")]);
    let outside = tree(&[("forged.wasm", &forged.bytes())]);
    let plugin = outside.path().join("forged.wasm");
    let plugin = plugin.to_str().expect("UTF-8");
    let mut runs: Vec<Vec<&str>> =
        FORMATS.iter().map(|format| vec!["check", "-f", format, "--timings", "--plugin", plugin]).collect();
    runs.extend([
        vec!["rules", "--plugin", plugin],
        vec!["rules", "--format", "json", "--plugin", plugin],
        vec!["explain", "forged/act", "--plugin", plugin],
        vec!["why", "a.txt:1", "forged/act", "--plugin", plugin],
        vec!["plugin", "inspect", plugin],
        vec!["plugin", "inspect", "--format", "json", plugin],
    ]);
    for arguments in runs {
        let output = wardline(folder.path(), &arguments);
        is_harmless(&output, &format!("{what} {arguments:?}"));
        if arguments.iter().any(|argument| ["json", "sarif", "gitlab", "rdjson"].contains(argument)) {
            let (out, err) = text(&output);
            serde_json::from_str::<serde_json::Value>(&out)
                .unwrap_or_else(|error| panic!("{error}: {out}{err}"));
        }
        assert!(!text(&output).1.contains("unexpected argument"), "{arguments:?}: {:?}", text(&output));
    }
    assert!(Path::new(plugin).exists());
}
