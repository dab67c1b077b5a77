//! Plugins that loop, trap, flood and lie; each test is named after its case in
//! `docs/hostile.md`.

use crate::support::{check, hostile, hostile_file, text, tree, wardline};
use wardline_engine::check::Outcome;
use wardline_engine::plugin::section::NotAPlugin;
use wardline_engine::plugin::set::Plugin;

fn ask(directive: &str) -> Outcome {
    let plugin = Plugin::component(hostile().to_vec()).expect("it is a plugin");
    let document = format!("a\u{e9}\nhostile: {directive}\n");
    check(vec![plugin], &[("a.txt", &document), ("b.txt", "hostile: nothing\n")])
}

/// The codes of the notices about `a.txt`, which must be attributed.
fn codes(outcome: &Outcome) -> Vec<&str> {
    assert!(outcome.report.is_incomplete());
    let about = |notice: &&wardline_engine::notice::Notice| notice.path.as_deref() == Some("a.txt");
    let notices: Vec<_> = outcome.report.notices.iter().filter(about).collect();
    assert!(notices.iter().all(|notice| notice.plugin.as_deref() == Some("hostile")), "{notices:?}");
    notices.iter().map(|notice| notice.code.as_str()).collect()
}

/// The other document is checked as if nothing had happened.
fn other_is_fine(outcome: &Outcome) {
    let of_other: Vec<_> =
        outcome.report.findings.iter().filter(|finding| finding.place.path == "b.txt").collect();
    assert_eq!(of_other.len(), 1);
    assert_eq!(of_other[0].message, "call 1");
}

fn fails_with(directive: &str, code: &str) {
    let outcome = ask(directive);
    assert_eq!(codes(&outcome), [code], "{:?}", outcome.report.notices);
    other_is_fine(&outcome);
}

#[test]
fn p1_an_endless_loop_uses_up_its_fuel() {
    fails_with("loop", "plugin::out_of_fuel");
}

#[test]
fn p5_memory_is_capped() {
    fails_with("memory", "plugin::trap");
}

#[test]
fn p8_recursion_is_a_trap() {
    fails_with("recurse", "plugin::trap");
}

#[test]
fn p9_traps_are_notices() {
    fails_with("panic", "plugin::trap");
    fails_with("divide", "plugin::trap");
}

#[test]
fn p10_a_later_call_has_a_fresh_instance() {
    let plugin = Plugin::component(hostile().to_vec()).expect("it is a plugin");
    let outcome = check(
        vec![plugin],
        &[("a.txt", "hostile: nothing"), ("b.txt", "hostile: panic"), ("c.txt", "hostile: nothing")],
    );
    let messages: Vec<&str> =
        outcome.report.findings.iter().map(|finding| finding.message.as_str()).collect();
    assert_eq!(messages, ["call 1", "call 1"]);
}

#[test]
fn p11_huge_strings_are_refused() {
    fails_with("huge-message", "plugin::bad_reply");
    let outcome = ask("big-message");
    let longest = outcome.report.findings.iter().map(|finding| finding.message.len()).max();
    assert!(longest.is_some_and(|length| length <= 8 * 1024 + 3));
}

#[test]
fn p13_floods_of_findings_are_cut_in_a_stable_order() {
    let outcome = ask("flood");
    // 50 000 findings are more data than a call may send.
    assert_eq!(codes(&outcome), ["plugin::bad_reply"]);
    other_is_fine(&outcome);
    let texts: Vec<(String, String)> = (0..14)
        .map(|index| (format!("{index:02}.txt"), format!("hostile: flood-some {}", ".".repeat(1_000))))
        .collect();
    let texts: Vec<(&str, &str)> = texts.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let outcome = check(vec![Plugin::component(hostile().to_vec()).expect("a plugin")], &texts);
    assert_eq!(outcome.report.findings.len(), 10_000);
    assert!(outcome.report.notices.iter().any(|notice| notice.code == "plugin::too_many_findings"));
    assert!(outcome.report.findings.iter().all(|finding| finding.place.path.as_str() <= "11.txt"));
}

#[test]
fn p15_ranges_out_of_bounds_become_findings_of_the_document() {
    let outcome = ask("spans");
    assert_eq!(codes(&outcome), ["plugin::bad_reply"]);
    let of_a = outcome.report.findings.iter().filter(|finding| finding.place.path == "a.txt");
    assert!(of_a.clone().count() > 0);
    assert!(of_a.clone().all(|finding| finding.place.start.offset == 0 && finding.place.end.offset == 0));
    assert_eq!(codes(&ask("places")), ["plugin::bad_reply"]);
}

#[test]
fn p16_fixes_with_bad_edits_are_refused_whole() {
    let outcome = ask("edits");
    let finding =
        outcome.report.findings.iter().find(|finding| finding.message == "edits").expect("reported");
    assert_eq!(finding.fixes, []);
    assert_eq!(codes(&outcome), ["plugin::bad_reply"]);
}

#[test]
fn p17_ids_are_checked_and_text_is_made_harmless() {
    let folder = tree(&[("a.txt", b"hostile: escape\n"), ("b\nc.txt", b"hostile: escape\n")]);
    let plugin = hostile_file().to_str().expect("UTF-8");
    for format in ["text", "concise", "json", "sarif", "github", "gitlab", "junit", "rdjson"] {
        let output =
            wardline(folder.path(), &["check", "--plugin", plugin, "--format", format, "--exit-zero"]);
        let (out, err) = text(&output);
        assert_eq!(output.status.code(), Some(0), "{format}: {err}");
        let bad =
            |c: char| c.is_control() && c != '\n' && c != '\t' || ('\u{202a}'..='\u{202e}').contains(&c);
        assert_eq!(out.chars().find(|c| bad(*c)), None, "{format}");
        assert!(
            !out.lines().any(|line| line.starts_with("::error::gotcha") || line.starts_with("##vso")),
            "{format}"
        );
    }
}

#[test]
fn p19_unknown_imports_load_as_traps_and_are_named() {
    let module = crate::support::hostile();
    let plugin = Plugin::component(module.to_vec()).expect("a plugin");
    assert_eq!(plugin.code().expect("it links").unknown_imports, Vec::<String>::new());
}

#[test]
fn p22_malformed_bytes_are_refused() {
    let good = hostile();
    for (bytes, expected) in [
        (&b""[..], NotAPlugin::NotWasm),
        (b"(component)", NotAPlugin::NotWasm),
        (b"\x7fELF\x02\x01\x01\0", NotAPlugin::NotWasm),
        (b"\x1f\x8b\x08\0\0\0\0\0", NotAPlugin::NotWasm),
        (b"\0asm\x01\0\0\0", NotAPlugin::CoreModule),
        (b"\0asm\x0d\0\x01\0", NotAPlugin::NoManifest),
    ] {
        assert_eq!(Plugin::component(bytes.to_vec()).err(), Some(expected));
    }
    // Cut anywhere, it is refused before anything is compiled.
    for length in (0..good.len()).step_by(997) {
        assert!(Plugin::component(good[..length].to_vec()).is_err(), "{length}");
    }
    // Damaged anywhere, it is refused or still a component; it never panics.
    let mut random = 0x9e37_79b9_u32;
    for _ in 0..500 {
        let mut bytes = good.to_vec();
        for _ in 0..8 {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let at = random as usize % bytes.len();
            bytes[at] ^= (random >> 24) as u8 | 1;
        }
        let _ = Plugin::component(bytes);
    }
}

#[test]
fn p24_a_wrong_version_says_which_side_to_update() {
    let folder = tree(&[("a.txt", b"x")]);
    let at =
        hostile().windows(11).rposition(|window| window == b"\"api\":\"0.1\"").expect("the manifest says it");
    for (version, side) in [("0.9", "update Wardline"), ("0.0", "rebuild the plugin")] {
        let mut bytes = hostile().to_vec();
        bytes[at + 7..at + 10].copy_from_slice(version.as_bytes());
        let file = folder.path().join("other.wasm");
        std::fs::write(&file, bytes).expect("a file");
        let output = wardline(folder.path(), &["check", "--plugin", "other.wasm"]);
        let (_, err) = text(&output);
        assert_eq!(output.status.code(), Some(2), "{err}");
        assert!(err.contains(side) && err.contains("other.wasm"), "{err}");
    }
}

#[test]
fn p25_a_plugin_is_out_after_three_failures() {
    let texts: Vec<(String, &str)> = (0..9)
        .map(|index| {
            (format!("{index}.txt"), if index % 2 == 1 { "hostile: panic" } else { "hostile: nothing" })
        })
        .collect();
    let texts: Vec<(&str, &str)> = texts.iter().map(|(path, text)| (path.as_str(), *text)).collect();
    let outcome = check(vec![Plugin::component(hostile().to_vec()).expect("a plugin")], &texts);
    // It fails on 1, 3 and 5; what it says of 6 and 8 does not count.
    let paths: Vec<&str> =
        outcome.report.findings.iter().map(|finding| finding.place.path.as_str()).collect();
    assert_eq!(paths, ["0.txt", "2.txt", "4.txt"]);
    assert!(outcome.report.notices.iter().any(|notice| notice.code == "plugin::quarantined"));
}

#[test]
fn a_flood_of_facts_is_cut() {
    let outcome = ask("facts");
    assert_eq!(
        codes(&outcome).iter().filter(|code| **code == "plugin::bad_reply").count(),
        codes(&outcome).len()
    );
}

#[test]
fn a_failing_plugin_ends_with_three_and_hides_nothing() {
    let folder =
        tree(&[("a.txt", b"hostile: panic\n"), ("config.py", b"JWT_SECRET = \"supersecretjwtkey\"\n")]);
    let plugin = hostile_file().to_str().expect("UTF-8");
    let alone = wardline(folder.path(), &["check", "--format", "concise", "--exit-zero"]);
    let output = wardline(
        folder.path(),
        &["check", "--plugin", plugin, "--format", "concise", "--fail-on", "critical"],
    );
    assert_eq!(output.status.code(), Some(3), "{:?}", text(&output));
    let line = text(&alone).0.lines().find(|line| line.contains("config.py")).expect("found").to_owned();
    assert!(text(&output).0.contains(&line));
    assert!(text(&output).0.contains("plugin::trap") || text(&output).0.contains("trapped"));
}
