//! Reports for tests, built from texts, so that positions are true.

use super::RuleInfo;
use wardline_engine::finding::{
    Applicability, Class, Confidence, Edit, Excerpt, Finding, Fix, Place, Position, Related, Report,
    Severity, Status, Step, StepRole, Trace, Unknown,
};
use wardline_engine::notice::Notice;
use wardline_engine::plugin::manifest::Rule;

pub(super) const PAGE: &str = "\
+++
title = \"Shell command built from a string\"
+++

A command line is put together from strings and handed to a shell.

## Why it matters

Whoever controls a part of the string runs commands.

## What to do instead

Pass the **arguments** as a list, as [the manual](https://docs.example.com) says, so that no shell reads them.
Or quote them.

## Examples
";

/// A text under check.
pub(super) struct Source {
    pub(super) path: &'static str,
    pub(super) text: String,
}

impl Source {
    pub(super) fn new(path: &'static str, text: &str) -> Self {
        Self { path, text: text.to_owned() }
    }

    /// The first place where `needle` is.
    pub(super) fn place(&self, needle: &str) -> Place {
        let start = self.text.find(needle).expect("the sample holds it");
        Place {
            path: self.path.to_owned(),
            start: self.position(start),
            end: self.position(start + needle.len()),
        }
    }

    fn position(&self, offset: usize) -> Position {
        let before = &self.text[..offset];
        let line = before.rsplit('\n').next().unwrap_or_default();
        let number = |count: usize| u32::try_from(count).expect("samples are small");
        Position {
            offset: number(offset),
            line: number(before.matches('\n').count() + 1),
            column: number(line.chars().count() + 1),
            utf16_column: number(line.encode_utf16().count() + 1),
            byte_column: number(line.len() + 1),
        }
    }

    /// A finding of high severity on `needle`, with a line of context around.
    pub(super) fn finding(&self, rule: &str, needle: &str, message: &str) -> Finding {
        let place = self.place(needle);
        let first = (place.start.line as usize).saturating_sub(2);
        let lines: Vec<_> = self.text.split('\n').collect();
        let last = (place.end.line as usize + 1).min(lines.len());
        let skipped: usize = lines[..first].iter().map(|line| line.len() + 1).sum();
        let highlight = place.start.offset as usize - skipped..place.end.offset as usize - skipped;
        Finding {
            rule: rule.to_owned(),
            severity: Severity::High,
            confidence: Confidence::High,
            class: Class::Real,
            message: message.to_owned(),
            place,
            excerpt: Some(Excerpt {
                first_line: u32::try_from(first + 1).expect("samples are small"),
                text: lines[first..last].join("\n"),
                highlight,
            }),
            related: Vec::new(),
            traces: Vec::new(),
            fixes: Vec::new(),
            fingerprint: format!("{rule}@{}:{needle}", self.path),
            moved_fingerprint: format!("{rule}@{needle}"),
            status: Status::Open,
            blocking: true,
            properties: Vec::new(),
        }
    }

    pub(super) fn fix(&self, title: &str, applicability: Applicability, edits: &[(&str, &str)]) -> Fix {
        let edits = edits.iter().map(|(old, new)| Edit { place: self.place(old), text: (*new).to_owned() });
        Fix { title: title.to_owned(), applicability, edits: edits.collect() }
    }

    pub(super) fn step(&self, role: StepRole, needle: &str, message: &str) -> Step {
        Step { role, place: self.place(needle), message: message.to_owned() }
    }
}

/// The declaration of a rule of high severity.
pub(super) fn rule(id: &str, title: &str) -> Rule {
    Rule {
        id: id.to_owned(),
        title: title.to_owned(),
        severity: Severity::High,
        confidence: Confidence::High,
        cwe: vec![78],
        owasp: Some("A03".to_owned()),
        requirements: vec!["S033".to_owned()],
        tags: vec!["injection".to_owned()],
        enabled: true,
        no_fix: None,
        message: None,
        references: Vec::new(),
    }
}

/// The declarations that `info` refers to.
pub(super) fn rules() -> Vec<Rule> {
    vec![
        rule("shell-string", "Shell command built from a string"),
        rule("weak-hash", "Weak hash"),
        Rule {
            severity: Severity::Critical,
            cwe: vec![798],
            owasp: None,
            requirements: vec!["S001".to_owned()],
            ..rule("sample-key", "Key in the source")
        },
        rule("never-found", "Never found"),
    ]
}

pub(super) fn infos(rules: &[Rule]) -> Vec<RuleInfo<'_>> {
    rules
        .iter()
        .map(|rule| RuleInfo {
            name: format!("{}/{}", if rule.id == "sample-key" { "secrets" } else { "code" }, rule.id),
            rule,
            plugin_version: "1.2.0".to_owned(),
            page: (rule.id == "shell-string").then_some(PAGE),
            help_uri: format!("https://rules.example.com/{}", rule.id),
        })
        .collect()
}

/// One of everything.
pub(super) fn everything() -> Report {
    let app = Source::new(
        "src/app.py",
        "import hashlib\nimport subprocess as sp\n\ndef show(request):\n    name = request.args[\"name\"]\n    \
         emoji = \"😀\"; sp.run(\"ls \" + name, shell=True)\n    return hashlib.md5(name).hexdigest()\n",
    );
    let config = Source::new("docs/config example.yml", "# how to log in\nkey: KEY0****\n");

    let mut shell = app.finding(
        "code/shell-string",
        "sp.run(\"ls \" + name, shell=True)",
        "`subprocess.run` hands a string with `name` in it to a shell, and `name` comes from the request, so that any \
         visitor can run any command",
    );
    shell.severity = Severity::Critical;
    shell.related =
        vec![Related { place: app.place("import subprocess as sp"), message: "imported here".to_owned() }];
    shell.traces = vec![Trace {
        message: "from the request to the shell".to_owned(),
        steps: vec![
            app.step(StepRole::Source, "request.args[\"name\"]", "what a visitor sends"),
            app.step(StepRole::Via, "name = ", "kept in `name`"),
            app.step(StepRole::Sink, "\"ls \" + name", "read by the shell"),
        ],
    }];
    shell.fixes = vec![
        app.fix(
            "pass a list without a shell",
            Applicability::Suggestion,
            &[("\"ls \" + name", "[\"ls\", name]"), (", shell=True", "")],
        ),
        app.fix("quote the name", Applicability::Template, &[("\"ls \" + name", "\"ls \" + QUOTE(name)")]),
    ];
    shell.properties = vec![("callee".to_owned(), "subprocess.run".to_owned())];

    let mut hash = app.finding("code/weak-hash", "hashlib.md5", "MD5 is broken");
    hash.severity = Severity::Medium;
    hash.confidence = Confidence::Medium;
    hash.blocking = false;
    hash.fixes = vec![app.fix("use SHA-256", Applicability::Safe, &[("hashlib.md5", "hashlib.sha256")])];

    let mut suppressed = app.finding("code/weak-hash", "hexdigest", "a digest that somebody allowed");
    suppressed.status = Status::Suppressed { reason: "only a cache key".to_owned(), by: "comment" };
    suppressed.blocking = false;
    let mut baselined = app.finding("code/weak-hash", "hashlib", "an import that the baseline accepts");
    baselined.status = Status::Baselined;
    baselined.blocking = false;

    let mut example = config.finding("secrets/sample-key", "KEY0****", "a documented sample key");
    example.severity = Severity::Critical;
    example.class = Class::Example;
    example.blocking = false;

    Report {
        findings: vec![example, baselined, shell, hash, suppressed],
        unknowns: vec![Unknown {
            rule: "code/weak-hash".to_owned(),
            place: app.place("name)"),
            reason: "the module `vault` is not in the tree".to_owned(),
        }],
        notices: vec![
            Notice::incomplete("plugin::out_of_fuel", "the plugin used up its fuel")
                .at("src/large.py")
                .of("code")
                .help("report this to the plugin's author"),
            Notice::info("config::unused", "the option `depth` has no effect"),
        ],
        documents: 40,
        skipped: 3,
    }
}
