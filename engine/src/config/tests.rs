//! What the layers add up to, and what a configuration may not say.

use super::*;
use crate::finding::{Class, Confidence, Finding, Place, Position, Severity, Status};
use miette::Diagnostic;
use std::fs;

/// The configuration that a user's file and a repository's give together.
pub(crate) fn config_of(user: &str, repository: &str, overrides: &Overrides) -> Result<Config, ConfigError> {
    let mut config = Config::new(PathBuf::from("/root"));
    for (layer, name, text) in [(Layer::User, "user.toml", user), (Layer::Repository, FILE_NAME, repository)]
    {
        let source = Arc::new(NamedSource::new(name, text.to_owned()));
        config.add(layer, &source, read_as(&source)?, Path::new("/home/ann"))?;
    }
    config.add_command_line(overrides);
    Ok(config)
}

fn repository(text: &str) -> Result<Config, ConfigError> {
    config_of("", text, &Overrides::default())
}

const KNOWN: &[KnownRule<'static>] = &[
    KnownRule { name: "code/eval", enabled: true },
    KnownRule { name: "code/noisy", enabled: false },
    KnownRule { name: "secrets/aws-access-key", enabled: true },
    KnownRule { name: "secrets/github-token", enabled: true },
];

/// The rules that run on `src/a.py`, with the severity where it is set.
fn running(config: &Config) -> Vec<String> {
    let rules = config.resolve(KNOWN).unwrap();
    let shown = |(name, state): (&str, &RuleState)| match state.severity {
        Some(severity) => format!("{name}={severity}"),
        None => name.to_owned(),
    };
    let on = |(name, state): &(&str, &RuleState)| !name.starts_with(OWN) && state.runs_on("src/a.py");
    rules.iter().filter(on).map(shown).collect()
}

/// The text that an error's label covers.
fn labelled(error: &ConfigError) -> String {
    let label = error.labels().unwrap().next().unwrap();
    let span = error.source_code().unwrap().read_span(label.inner(), 0, 0).unwrap();
    String::from_utf8(span.data().to_vec()).unwrap()
}

#[test]
fn i17_whatever_widens_or_means_nothing_is_refused_and_the_key_named() {
    let digest = "a".repeat(64);
    for (text, key, label) in [
        ("include = [\"other.toml\"]", "include", "include"),
        ("extends = \"https://example.com/x.toml\"", "extends", "extends"),
        ("cache-dir = \"/tmp/x\"", "cache-dir", "cache-dir"),
        ("[check]\nexlude = []", "check.exlude", "exlude"),
        ("[check]\nexclude = [\"/etc\"]", "check.exclude", "\"/etc\""),
        ("[check]\nexclude = [\"ok\", \"~/x\"]", "check.exclude", "\"~/x\""),
        ("[check]\ninclude = ['\\\\host\\share']", "check.include", "'\\\\host\\share'"),
        ("[check]\ninclude = [\"a/../../b\"]", "check.include", "\"a/../../b\""),
        ("[check]\ninclude = [\"${HOME}/x\"]", "check.include", "\"${HOME}/x\""),
        ("[check]\ninclude = \"src\"", "check.include", "\"src\""),
        ("[check]\nmax-file-size = 0", "check.max-file-size", "0"),
        ("[check]\nmax-file-size = -1", "check.max-file-size", "-1"),
        ("[gate]\nfail-on = \"severe\"", "gate.fail-on", "\"severe\""),
        ("[gate]\nclasses = [\"fake\"]", "gate.classes", "\"fake\""),
        ("[[gate.when]]\nfail-on = \"low\"", "gate.when", "[[gate.when]]"),
        ("[[gate.when]]\npaths = [\"a\"]", "gate.when", "[[gate.when]]"),
        ("[rules]\neval = \"off\"", "rules.eval", "eval"),
        ("[rules]\n\"code/eval\" = \"of\"", "rules.\"code/eval\"", "\"of\""),
        ("[rules]\n\"code/eval\" = { severty = \"low\" }", "rules.\"code/eval\".severty", "severty"),
        ("[rules.\"code/eval\"]\nexclude = [\"/x\"]", "rules.\"code/eval\".exclude", "\"/x\""),
        ("[plugins.acme]\npath = \"evil.wasm\"", "plugins.acme.path", "\"evil.wasm\""),
        ("[plugins.acme]\nurl = \"https://example.com\"", "plugins.acme.url", "url"),
        ("[plugins.acme]\nmemory = 1", "plugins.acme.memory", "memory"),
        ("[plugins.acme]\ncapabilities = [\"net\"]", "plugins.acme.capabilities", "capabilities"),
        ("[plugins.acme]\ndigest = \"latest\"", "plugins.acme.digest", "\"latest\""),
        ("[plugins.\"../acme\"]\nenabled = true", "plugins.\"../acme\"", "\"../acme\""),
        ("[baseline]\ndir = \"/tmp\"", "baseline.dir", "\"/tmp\""),
        ("[baseline]\ndir = \"a/.git/b\"", "baseline.dir", "\"a/.git/b\""),
        ("[[allow]]\nrule = \"code/eval\"\nreason = \"  \"", "allow.reason", "\"  \""),
        ("[[allow]]\nrule = \"code/eval\"\nreason = \"r\"\nuntil = \"soon\"", "allow.until", "\"soon\""),
        ("[[allow]]\nrule = \"code/eval\"\nreason = \"r\"\nuntil = 7", "allow.until", "7"),
    ] {
        let error = repository(text).unwrap_err();
        assert!(error.to_string().contains(&format!("`{key}`")), "{text}: {error}");
        assert_eq!(labelled(&error), label, "{text}: {error}");
    }
    repository(&format!("[plugins.acme]\ndigest = \"sha256:{digest}\"")).unwrap();
}

#[test]
fn an_unknown_key_is_an_error_with_the_nearest_one() {
    for (text, help) in [
        ("[check]\nexlude = []", "did you mean `exclude`?"),
        ("[gate]\nfail_on = \"high\"", "did you mean `fail-on`?"),
        ("[gates]", "did you mean `gate`?"),
        ("[baseline]\nzzz = 1", "the keys here are dir"),
    ] {
        assert_eq!(repository(text).unwrap_err().help().unwrap().to_string(), help);
    }
}

#[test]
fn what_is_absent_from_an_allowance_is_named() {
    let error = repository("[[allow]]\nrule = \"code/eval\"").unwrap_err().to_string();
    assert!(error.contains("`reason`"), "{error}");
}

#[test]
fn what_is_not_toml_is_an_error_at_its_place() {
    let error = repository("[check]\nexclude = [").unwrap_err();
    assert!(error.to_string().contains("not TOML"), "{error}");
    assert_eq!(error.code().unwrap().to_string(), "config::syntax");
}

#[test]
fn a_rule_that_nobody_provides_is_an_error_with_the_nearest_one() {
    for (text, rule, help) in [
        ("[rules]\n\"code/evil\" = \"off\"", "code/evil", "did you mean `code/eval`?"),
        ("[rules]\n\"cod/*\" = \"off\"", "cod/*", "`wardline rules` lists the rules"),
        (
            "[[allow]]\nrule = \"secrets/aws-acess-key\"\nreason = \"r\"",
            "secrets/aws-acess-key",
            "did you mean `secrets/aws-access-key`?",
        ),
    ] {
        let error = repository(text).unwrap().resolve(KNOWN).unwrap_err();
        assert_eq!(error.to_string(), format!("unknown rule `{rule}`"));
        assert_eq!(error.help().unwrap().to_string(), help);
        assert_eq!(labelled(&error).trim_matches('"'), rule);
    }
    let overrides = Overrides { skip: vec!["code/evil".parse().unwrap()], ..Overrides::default() };
    let error = config_of("", "", &overrides).unwrap().resolve(KNOWN).unwrap_err();
    assert_eq!(labelled(&error), "code/evil");
}

#[test]
fn a_rule_of_a_plugin_that_is_not_loaded_yet_is_no_mistake() {
    let text = "[rules]\n\"acme/x\" = \"off\"\n\"acme/*\" = \"on\"\n[plugins.acme]\n";
    repository(text).unwrap().resolve(KNOWN).unwrap();
    repository(&text.replace("plugins.acme", "plugins.other")).unwrap().resolve(KNOWN).unwrap_err();
}

#[test]
fn the_narrower_name_wins_and_the_later_layer_over_the_earlier() {
    let none = Overrides::default();
    let only = Overrides { only: vec!["code/*".parse().unwrap()], ..Overrides::default() };
    let skip = Overrides { skip: vec!["secrets/*".parse().unwrap()], ..Overrides::default() };
    let all = ["code/eval", "secrets/aws-access-key", "secrets/github-token"];
    for (name, user, repository, overrides, expected) in [
        ("defaults", "", "", &none, &all[..]),
        ("off", "", "'code/eval' = 'off'", &none, &all[1..]),
        ("on", "", "'code/noisy' = 'on'", &none, &["code/eval", "code/noisy", all[1], all[2]]),
        (
            "a severity turns on",
            "",
            "'code/noisy' = 'low'",
            &none,
            &["code/eval", "code/noisy=low", all[1], all[2]],
        ),
        ("a table does not", "", "'code/noisy' = { severity = 'low' }", &none, &all),
        ("exact over glob", "", "'code/eval' = 'info'\n'*' = 'off'", &none, &["code/eval=info"]),
        ("longer over shorter", "", "'secrets/*' = 'off'\n'secrets/aws-*' = 'on'", &none, &all[..2]),
        (
            "later layer",
            "'code/eval' = 'off'",
            "'code/*' = 'on'",
            &none,
            &["code/eval", "code/noisy", all[1], all[2]],
        ),
        (
            "field by field",
            "'code/eval' = 'low'",
            "'code/eval' = 'on'",
            &none,
            &["code/eval=low", all[1], all[2]],
        ),
        ("excluded", "", "'code/eval' = { exclude = ['src'] }", &none, &all[1..]),
        ("excluded elsewhere", "", "'code/eval' = { exclude = ['lib'] }", &none, &all),
        ("only", "", "'code/eval' = 'low'", &only, &["code/eval=low", "code/noisy"]),
        ("skip", "", "'secrets/*' = 'on'", &skip, &all[..1]),
    ] {
        let rules = |text: &str| format!("[rules]\n{text}");
        let config = config_of(&rules(user), &rules(repository), overrides).unwrap();
        assert_eq!(running(&config), expected, "{name}");
    }
}

/// `critical`, `high` ... with a confidence, in a class, at a path.
fn finding(severity: Severity, confidence: Confidence, class: Class, path: &str) -> Finding {
    Finding {
        rule: "code/eval".to_owned(),
        severity,
        confidence,
        class,
        message: String::new(),
        place: Place { path: path.to_owned(), start: Position::default(), end: Position::default() },
        excerpt: None,
        related: Vec::new(),
        traces: Vec::new(),
        fixes: Vec::new(),
        fingerprint: String::new(),
        moved_fingerprint: String::new(),
        status: Status::Open,
        blocking: false,
        properties: Vec::new(),
    }
}

#[test]
fn the_gate_blocks_from_its_severity_and_confidence_on() {
    use Confidence::{High, Low, Medium};
    use Severity as S;
    for (gate, severity, confidence, class, expected) in [
        ("", S::High, Medium, Class::Real, true),
        ("", S::Critical, Low, Class::Real, false),
        ("", S::Medium, High, Class::Real, false),
        ("", S::Critical, High, Class::Example, false),
        ("fail-on = 'low'", S::Low, Medium, Class::Real, true),
        ("fail-on = 'low:high'", S::Low, Medium, Class::Real, false),
        ("fail-on = 'never'", S::Critical, High, Class::Real, false),
        ("classes = ['real', 'test']", S::High, Medium, Class::Test, true),
        ("classes = []", S::Critical, High, Class::Real, false),
    ] {
        let gate = repository(&format!("[gate]\n{gate}")).unwrap().gate;
        assert_eq!(gate.decide(&finding(severity, confidence, class, "a"), None), expected, "{gate:?}");
    }
}

#[test]
fn the_gate_has_exceptions_for_paths_and_branches() {
    let text = "
        [gate]
        fail-on = 'medium'
        [[gate.when]]
        paths = ['legacy']
        fail-on = 'critical'
        [[gate.when]]
        branches = ['release/*']
        fail-on = 'low'
        [[gate.when]]
        paths = ['docs']
        branches = ['release/*']
        classes = []";
    let strict = Overrides { fail_on: Some("info".parse().unwrap()), ..Overrides::default() };
    for (path, branch, severity, expected, expected_if_strict) in [
        ("src/a", None, Severity::Medium, true, true),
        ("legacy/a", None, Severity::High, false, true),
        ("legacy/a", Some("main"), Severity::Critical, true, true),
        ("legacy/a", Some("release/1"), Severity::Low, true, true),
        ("src/a", Some("release/1"), Severity::Info, false, true),
        ("docs/a", Some("release/1"), Severity::Critical, false, false),
    ] {
        for (overrides, expected) in [(&Overrides::default(), expected), (&strict, expected_if_strict)] {
            let gate = config_of("", text, overrides).unwrap().gate;
            let mut findings = [finding(severity, Confidence::Medium, Class::Real, path)];
            gate.apply(&mut findings, branch);
            assert_eq!(findings[0].blocking, expected, "{path} {branch:?} {severity}");
        }
    }
}

#[test]
fn only_an_open_finding_blocks() {
    for status in
        [Status::Baselined, Status::Known, Status::Suppressed { reason: String::new(), by: "comment" }]
    {
        let finding = finding(Severity::Critical, Confidence::High, Class::Real, "a");
        assert!(!Gate::default().decide(&Finding { status, ..finding }, None));
    }
}

#[test]
fn t2_a_repository_narrows_what_the_user_allows_and_never_widens_it() {
    let users = [
        "",
        "[check]\ninclude = ['src']\nmax-file-size = 100",
        "[check]\nexclude = ['src/x']",
        "[plugins.code]\nenabled = false",
    ];
    let repositories = [
        "[check]\ninclude = ['**']\nmax-file-size = 1000",
        "[check]\nexclude = ['src/y']\nmax-file-size = 10",
        "[check]\ninclude = ['lib']",
        "[plugins.code]\nenabled = true\n[rules]\n'code/*' = 'on'",
        "[plugins.secrets]\nenabled = false",
    ];
    let paths = ["src/x", "src/y", "lib/z", "a"];
    for user in users {
        let alone = config_of(user, "", &Overrides::default()).unwrap();
        for repository in repositories {
            let both = config_of(user, repository, &Overrides::default()).unwrap();
            assert!(both.check.max_file_size <= alone.check.max_file_size, "{user} {repository}");
            for path in paths {
                assert!(!both.check.admits(path) || alone.check.admits(path), "{user} {repository} {path}");
            }
            let off = |config: &Config| config.plugins.values().filter(|plugin| !plugin.enabled).count();
            assert!(off(&both) >= off(&alone), "{user} {repository}");
            let code_runs = |config: &Config| running(config).iter().any(|rule| rule.starts_with("code/"));
            assert!(!code_runs(&both) || code_runs(&alone), "{user} {repository}");
        }
    }
}

#[test]
fn a_plugin_is_pinned_once_and_brought_by_the_user() {
    let pin = |byte: &str| format!("[plugins.acme]\ndigest = 'sha256:{}'", byte.repeat(32));
    let user = format!("{}\npath = 'acme.wasm'\noptions = {{ depth = 1, since = 2026-01-01 }}", pin("ab"));
    let overrides = Overrides::default();
    let config = config_of(&user, &format!("{}\noptions.depth = 2", pin("ab")), &overrides).unwrap();
    let acme = &config.plugins["acme"];
    assert_eq!(acme.path.as_deref(), Some(Path::new("/home/ann/acme.wasm")));
    assert_eq!(serde_json::to_string(&acme.options).unwrap(), "{\"depth\":2,\"since\":\"2026-01-01\"}");
    let error = config_of(&user, &pin("cd"), &overrides).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("`plugins.acme.digest` cannot have this value: it is pinned to sha256:abab"),
        "{error}"
    );
    let given = Overrides { plugins: [("acme".to_owned(), PathBuf::from("mine.wasm"))].into(), ..overrides };
    assert_eq!(
        config_of(&user, "", &given).unwrap().plugins["acme"].path.as_deref(),
        Some(Path::new("mine.wasm"))
    );
}

#[test]
fn every_value_remembers_where_it_comes_from() {
    let user = "[gate]\nfail-on = 'low'\n[check]\nmax-file-size = 100\n";
    let repository = "\n[check]\nexclude = ['docs']\nmax-file-size = 1000\n[gate]\nfail-on = 'high'\n[rules]\n'code/eval' = 'off'\n\
        [[allow]]\nrule = 'code/noisy'\nreason = 'r'\n[plugins.code]\noptions = { a = 1 }";
    let overrides = Overrides { fail_on: Some(Threshold::Never), ..Overrides::default() };
    let config = config_of(user, repository, &overrides).unwrap();
    let shown: Vec<_> = config
        .entries()
        .iter()
        .map(|entry| {
            let mark = if entry.effective { "" } else { "# " };
            format!("{mark}{} = {} | {}", entry.key, entry.value, entry.origin)
        })
        .collect();
    assert_eq!(
        shown,
        [
            "allow = { rule = \"code/noisy\", reason = \"r\" } | repository (wardline.toml:10)",
            "baseline.dir = \".wardline/accepted\" | default",
            "check.exclude = [\"docs\"] | repository (wardline.toml:3)",
            "# check.max-file-size = 67108864 | default",
            "check.max-file-size = 100 | user (user.toml:4)",
            "# check.max-file-size = 1000 | repository (wardline.toml:4)",
            "gate.classes = [\"real\"] | default",
            "# gate.fail-on = \"high:medium\" | default",
            "# gate.fail-on = \"low:medium\" | user (user.toml:2)",
            "# gate.fail-on = \"high:medium\" | repository (wardline.toml:6)",
            "gate.fail-on = \"never\" | command line",
            "plugins.code.options.a = 1 | repository (wardline.toml:13)",
            "rules.\"code/eval\" = { enabled = false } | repository (wardline.toml:8)",
        ]
    );
}

/// Loads from a folder of a fresh tree that has these files.
fn load_in(files: &[(&str, &str)], start: &str) -> Result<(PathBuf, Config), ConfigError> {
    let tree = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = tree.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let start = tree.path().join(start);
    fs::create_dir_all(&start).unwrap();
    let config = load(&Sources { start, ..Sources::default() })?;
    let root = config.root.strip_prefix(tree.path().canonicalize().unwrap()).unwrap().to_owned();
    Ok((root, config))
}

#[test]
fn the_file_is_looked_for_upwards_and_never_beyond_the_repository() {
    const MINE: (&str, &str) = ("repo/wardline.toml", "[gate]\nfail-on = 'low'");
    const NEAR: (&str, &str) = ("repo/a/wardline.toml", "[gate]\nfail-on = 'info'");
    const ABOVE: (&str, &str) = ("wardline.toml", "[gate]\nfail-on = 'never'");
    const GIT: (&str, &str) = ("repo/.git/HEAD", "");
    for (name, files, root, fail_on) in [
        ("at the root", &[MINE, GIT][..], "repo", "low:medium"),
        ("the nearest", &[MINE, NEAR, GIT], "repo/a", "info:medium"),
        ("not above the root", &[ABOVE, GIT], "repo", "high:medium"),
        ("without a repository, not above the start", &[MINE], "repo/a/b", "high:medium"),
    ] {
        let (found, config) = load_in(files, "repo/a/b").unwrap();
        assert_eq!(found, Path::new(root), "{name}");
        let entry = config.entries().into_iter().find(|entry| entry.key == "gate.fail-on" && entry.effective);
        assert_eq!(entry.unwrap().value.trim_matches('"'), fail_on, "{name}");
    }
}

#[test]
fn the_users_file_is_read_where_the_environment_says() {
    for (variables, expected) in [
        (&[("HOME", "/h")][..], Some("/h/.config/wardline/wardline.toml")),
        (&[("HOME", "/h"), ("XDG_CONFIG_HOME", "/x")], Some("/x/wardline/wardline.toml")),
        (&[("HOME", "/h"), ("XDG_CONFIG_HOME", "relative")], Some("/h/.config/wardline/wardline.toml")),
        (&[], None),
    ] {
        let variable =
            |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| value.into());
        assert_eq!(user_file(variable).as_deref(), expected.map(Path::new));
    }
    let home = tempfile::tempdir().unwrap();
    let user_file = Some(home.path().join("absent/wardline.toml"));
    load(&Sources { start: home.path().to_owned(), user_file, ..Sources::default() }).unwrap();
}

#[cfg(unix)]
#[test]
fn i7_i8_a_configuration_that_is_no_regular_file_is_refused() {
    use std::os::unix::fs::symlink;
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("canary"), "canary = 1").unwrap();
    type Make<'a> = &'a dyn Fn(&Path);
    let makes: [(&str, Make<'_>); 4] = [
        ("a link out of the tree", &|path| symlink(outside.path().join("canary"), path).unwrap()),
        ("a link to /dev/zero", &|path| symlink("/dev/zero", path).unwrap()),
        ("a pipe", &|path| rustix::fs::mkfifoat(rustix::fs::CWD, path, rustix::fs::Mode::RWXU).unwrap()),
        ("a folder", &|path| fs::create_dir(path).unwrap()),
    ];
    for (name, make) in makes {
        let tree = tempfile::tempdir().unwrap();
        make(&tree.path().join(FILE_NAME));
        let error = load(&Sources { start: tree.path().to_owned(), ..Sources::default() }).unwrap_err();
        assert_eq!(error.code().unwrap().to_string(), "config::unreadable", "{name}");
        assert!(!error.to_string().contains("canary"), "{name}");
    }
}

#[test]
fn i16_configuration_bombs_are_refused_or_cheap() {
    let large = format!("# {}", "x".repeat(300 * 1024));
    let error = load_in(&[("wardline.toml", &large)], ".").unwrap_err();
    assert!(error.to_string().contains("larger than 262144 bytes"), "{error}");

    let globs = |count: usize, glob: &str| {
        format!("[check]\nexclude = [{}]", vec![format!("'{glob}'"); count].join(","))
    };
    let braces = "{a*,b*}".repeat(8) + "/**/" + &"*x".repeat(80);
    for (name, text, refused) in [
        ("many globs", globs(20_000, "a/*"), Some("more than 1000 globs")),
        ("as many as may be", globs(1000, "*a*b*c*d*e*f*g*"), None),
        ("many braces", globs(1, &"{a,b}".repeat(9)), Some("more than 8 groups")),
        ("costly globs", globs(60, &braces), None),
        ("plain globs", globs(75, &("a/".repeat(100) + "*.md")), None),
        ("one long line", format!("[check]\nexclude = ['{}']", "x".repeat(200_000)), Some("longer than 256")),
        ("nested arrays", format!("a = {}{}", "[".repeat(100_000), "]".repeat(100_000)), Some("")),
        ("nested tables", format!("a = {}", "{a=".repeat(60_000)), Some("")),
        ("dotted keys", format!("{}a = 1", "a.".repeat(120_000)), Some("")),
        ("dotted header", format!("[{}a]", "a.".repeat(120_000)), Some("")),
        (
            "many rules",
            (0..9000).fold("[rules]\n".to_owned(), |text, n| text + &format!("'code/r{n}-*' = 'off'\n")),
            None,
        ),
    ] {
        let started = std::time::Instant::now();
        match (repository(&text), refused) {
            (Err(error), Some(reason)) => {
                assert!(error.to_string().contains(reason), "{name}: {error}")
            }
            (Ok(config), None) => drop(config.resolve(KNOWN)),
            (result, _) => panic!("{name}: {:?}", result.map(|_| ())),
        }
        let taken = started.elapsed();
        assert!(taken.as_secs() < 10, "{name} took {taken:?}");
    }
}

#[test]
fn the_schema_and_the_documentation_are_fresh() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    let path = docs.join("schemas/wardline.schema.json");
    if std::env::var_os("UPDATE").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, schema()).unwrap();
    }
    assert_eq!(fs::read_to_string(&path).unwrap_or_default(), schema(), "run the tests with UPDATE=1");

    let page = fs::read_to_string(docs.join("configuration.md")).unwrap();
    let schema: serde_json::Value = serde_json::from_str(&schema()).unwrap();
    let mut keys = Vec::new();
    collect_keys(&schema, &mut keys);
    assert!(keys.len() > 20, "{keys:?}");
    let absent: Vec<_> = keys.iter().filter(|key| !page.contains(&format!("`{key}`"))).collect();
    assert!(absent.is_empty(), "docs/configuration.md does not name {absent:?}");
}

/// The names of all properties that a schema declares.
fn collect_keys(schema: &serde_json::Value, keys: &mut Vec<String>) {
    match schema {
        serde_json::Value::Object(object) => {
            if let Some(serde_json::Value::Object(properties)) = object.get("properties") {
                keys.extend(properties.keys().cloned());
            }
            object.values().for_each(|value| collect_keys(value, keys));
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| collect_keys(item, keys)),
        _ => {}
    }
}
