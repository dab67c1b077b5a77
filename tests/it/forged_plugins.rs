//! Plugins that no compiler makes: written by hand against the host. Each test
//! is named after its case in `docs/hostile.md`.
#![cfg(target_os = "linux")]

use crate::forge::{Bytes, FINDING, Forged, REPLY, RESULT, at, escaped, findings_at, report, with_instances};
use crate::support::{
    check, command, day, measured, no_configuration, processor_seconds, root, text, tree, wardline, workers,
};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use wardline_engine::check::{Care, Checker, Outcome, Progress, Texts};
use wardline_engine::plugin::host::{Call, CallError};
use wardline_engine::plugin::pack;
use wardline_engine::plugin::set::Plugin;

const LOG_WORLD: &str = "import wardline:plugin/log@0.1.0;";
const LOG_IMPORT: &str = "(import \"wardline:plugin/log@0.1.0\" \"log\" (func $log (param i32 i32 i32)))";

/// What a finding says, without what is shown of the text around it: another
/// plugin may ask for parts of that to be masked.
fn essence(finding: &serde_json::Value) -> serde_json::Value {
    let mut finding = finding.clone();
    let members = finding.as_object_mut().expect("a finding is an object");
    for shown in ["excerpt", "fingerprint", "moved_fingerprint"] {
        members.remove(shown);
    }
    finding
}

/// A plugin that does no harm and finds the word `forged`.
fn good() -> Forged {
    Forged { id: "good".into(), reply: report(&[(0, 6, b"seen")]), ..Forged::new() }
}

/// Checks two documents beside a plugin that does no harm, whose findings must
/// be those of a run without the other one.
fn beside_a_good_one(hostile: Plugin) -> Outcome {
    let texts = [("a.txt", "forged by hand"), ("b.txt", "nothing")];
    let alone = check(vec![good().plugin()], &texts);
    let both = check(vec![good().plugin(), hostile], &texts);
    let of_good: Vec<_> =
        both.report.findings.iter().filter(|finding| finding.rule.starts_with("good/")).cloned().collect();
    assert_eq!(of_good, alone.report.findings);
    assert_eq!(of_good.len(), 1);
    both
}

/// The run is incomplete with exactly one notice, of this code, about the
/// plugin and the document.
fn fails(hostile: Plugin, code: &str) -> String {
    let outcome = beside_a_good_one(hostile);
    assert!(outcome.report.is_incomplete());
    assert_eq!(outcome.report.notices.len(), 1, "{:?}", outcome.report.notices);
    let notice = &outcome.report.notices[0];
    assert_eq!(notice.code, code, "{notice:?}");
    assert_eq!((notice.plugin.as_deref(), notice.path.as_deref()), (Some("forged"), Some("a.txt")));
    notice.message.clone()
}

/// Peak memory of the binary with this plugin, beyond that with a harmless one,
/// in MiB, and the time it took in milliseconds.
fn cost(bytes: &[u8]) -> (u64, u64) {
    let folder = tree(&[("a.txt", b"forged by hand\n")]);
    let outside = tree(&[("good.wasm", &good().bytes()), ("forged.wasm", bytes)]);
    let run = |name: &str| {
        let plugin = outside.path().join(name);
        let plugin = plugin.to_str().expect("UTF-8");
        measured(&command(folder.path(), &["check", "--plugin", plugin, "--only", "*/act", "--threads", "1"]))
    };
    let (base, forged) = (run("good.wasm"), run("forged.wasm"));
    assert_eq!(forged.output.status.code(), Some(3), "{:?}", text(&forged.output));
    (forged.peak_mib.saturating_sub(base.peak_mib), forged.milliseconds)
}

#[test]
fn a_forged_plugin_is_a_plugin() {
    let outcome = check(vec![good().plugin()], &[("a.txt", "a forged\nb")]);
    assert!(!outcome.report.is_incomplete(), "{:?}", outcome.report.notices);
    let messages: Vec<_> = outcome.report.findings.iter().map(|finding| finding.message.as_str()).collect();
    assert_eq!(messages, ["seen"]);
}

#[test]
fn p2_loops_outside_of_the_check_are_stopped_too() {
    let endless = "(loop $more (br $more))";
    for forged in [
        Forged { fields: format!("(func $s {endless}) (start $s)"), ..Forged::new() },
        Forged { realloc: format!("{endless} unreachable"), ..Forged::new() },
        Forged { clean_up: endless.into(), ..Forged::new() },
        Forged { configure: format!("{endless} unreachable"), ..Forged::new() },
    ] {
        fails(forged.plugin(), "plugin::out_of_fuel");
    }
}

/// Logs without end, a text of so many bytes each time.
fn chatter(bytes: u32) -> Forged {
    Forged {
        imports: LOG_IMPORT.into(),
        world: LOG_WORLD.into(),
        memory: "(memory (export \"memory\") 256)".into(),
        check: format!(
            "(loop $more (call $log (i32.const 2) (i32.const 4194304) (i32.const {bytes})) (br $more)) unreachable"
        ),
        ..Forged::new()
    }
}

#[test]
fn p3_a_busy_loop_of_host_calls_uses_up_fuel() {
    for bytes in [0, 1 << 20] {
        fails(chatter(bytes).plugin(), "plugin::out_of_fuel");
    }
    let (mib, _) = cost(&chatter(1 << 20).bytes());
    assert!(mib < 80, "{mib} MiB");
}

#[test]
fn p4_filling_all_memory_uses_up_fuel() {
    let forged = Forged {
        memory: "(memory (export \"memory\") 1000)".into(),
        check: "(loop $more
                (memory.fill (i32.const 2000000) (i32.const 7) (i32.const 63000000))
                (br $more)) unreachable"
            .into(),
        ..Forged::new()
    };
    fails(forged.plugin(), "plugin::out_of_fuel");
}

#[test]
fn p5_growing_page_by_page_stops_at_the_cap() {
    // It traps if it gets more than it should, and comes to its end otherwise.
    let forged = Forged {
        check: "(local $page i32)
            (block $full
                (loop $more
                    (local.set $page (memory.grow (i32.const 1)))
                    (br_if $full (i32.eq (local.get $page) (i32.const -1)))
                    (memory.fill (i32.shl (local.get $page) (i32.const 16)) (i32.const 1) (i32.const 65536))
                    (br $more)))
            (if (i32.ne (memory.size) (i32.const 1024)) (then unreachable))
            (loop $never (br $never)) unreachable"
            .into(),
        ..Forged::new()
    };
    fails(forged.plugin(), "plugin::out_of_fuel");
    let (mib, _) = cost(&forged.bytes());
    assert!((60..=72).contains(&mib), "{mib} MiB");
}

#[test]
fn p6_memory_that_is_declared_counts_as_memory_that_is_grown() {
    let plain = Forged::new().bytes();
    let twenty = "(memory 1)".repeat(20);
    for (name, bytes) in [
        ("4 GiB", Forged { memory: "(memory (export \"memory\") 65536)".into(), ..Forged::new() }.bytes()),
        ("five of 16 MiB", with_instances(&plain, "(module (memory 256))", 5)),
        ("1000 instances", with_instances(&plain, "(module (memory 1))", 1_000)),
        ("1000 instances without memory", with_instances(&plain, "(module)", 1_000)),
        ("20 memories in a module", with_instances(&plain, &format!("(module {twenty})"), 1)),
        ("memory of 64 bits", with_instances(&plain, "(module (memory i64 1))", 1)),
        ("shared memory", with_instances(&plain, "(module (memory 1 1 shared))", 1)),
        ("small pages", with_instances(&plain, "(module (memory 1 (pagesize 1)))", 1)),
    ] {
        let plugin = Plugin::component(bytes.clone()).expect("it has a manifest");
        let message = fails(plugin, "plugin::start");
        assert!(!message.is_empty(), "{name}");
        let (mib, _) = cost(&bytes);
        assert!(mib < 100, "{name}: {mib} MiB");
    }
    // One that keeps within the limits may have more than one.
    let fits = with_instances(&Forged { id: "fits".into(), ..good() }.bytes(), "(module (memory 64))", 3);
    let outcome = check(vec![Plugin::component(fits).expect("a plugin")], &[("a.txt", "forged")]);
    assert!(!outcome.report.is_incomplete(), "{:?}", outcome.report.notices);
    assert_eq!(outcome.report.findings.len(), 1);
}

#[test]
fn p7_tables_are_capped() {
    let declared = Forged { fields: "(table 4000000000 funcref)".into(), ..Forged::new() };
    fails(declared.plugin(), "plugin::start");
    let grown = Forged {
        fields: "(table $t 1 funcref)".into(),
        check: format!(
            "(loop $more
                (br_if $more (i32.ne (table.grow $t (ref.null func) (i32.const 1000)) (i32.const -1))))
            (if (i32.ne (table.size $t) (i32.const 9001)) (then unreachable))
            (i32.const {REPLY})"
        ),
        ..Forged::new()
    };
    assert!(!beside_a_good_one(grown.plugin()).report.is_incomplete());
}

#[test]
fn p8_recursion_through_the_host_is_a_trap_on_every_thread_that_runs_guests() {
    let through_host = Forged {
        imports: LOG_IMPORT.into(),
        world: LOG_WORLD.into(),
        fields: "(func $deep (param i32) (result i32)
                (call $log (i32.const 4) (i32.const 65536) (i32.const 100))
                (i32.add (call $deep (i32.add (local.get 0) (i32.const 1))) (local.get 0)))"
            .into(),
        check: "(call $deep (i32.const 0))".into(),
        ..Forged::new()
    };
    fails(through_host.plugin(), "plugin::trap");
    let in_guest = Forged {
        fields: "(func $deep (param i32) (result i32)
                (i32.add (call $deep (i32.add (local.get 0) (i32.const 1))) (local.get 0)))"
            .into(),
        check: "(call $deep (i32.const 0))".into(),
        ..Forged::new()
    };
    // As many threads at once as a machine may have.
    let texts: Vec<(String, &str)> = (0..64).map(|index| (format!("{index:02}.txt"), "forged")).collect();
    let texts: Vec<(&str, &str)> = texts.iter().map(|(path, text)| (path.as_str(), *text)).collect();
    let outcome = check(vec![in_guest.plugin(), good().plugin()], &texts);
    assert_eq!(outcome.report.findings.len(), 64);

    // On a thread whose stack may be too small there is a refusal, no abort.
    let plugin = in_guest.plugin();
    let refused = std::thread::Builder::new()
        .stack_size(64 << 10)
        .spawn(move || plugin.call(&Call::Correlate(vec![]), &Arc::new(AtomicBool::new(false))).err())
        .expect("a thread")
        .join()
        .expect("it does not panic");
    assert!(matches!(&refused, Some(CallError::Start(why)) if why.contains("stack")), "{refused:?}");
}

#[test]
fn p9_each_kind_of_trap_is_one_notice() {
    for (kind, fields, body) in [
        ("unreachable", "", "unreachable"),
        ("out of bounds", "", "(i32.load (i32.const -4))"),
        ("division by zero", "", "(i32.div_s (i32.const 1) (i32.const 0))"),
        ("overflow", "", "(i32.div_s (i32.const 0x80000000) (i32.const -1))"),
        ("no integer", "", "(i32.trunc_f32_s (f32.const nan))"),
        (
            "null reference",
            "(table 1 funcref) (type $f (func (result i32)))",
            "(call_indirect (type $f) (i32.const 0))",
        ),
        (
            "wrong signature",
            "(table funcref (elem $g)) (type $f (func (result i32))) (func $g)",
            "(call_indirect (type $f) (i32.const 0))",
        ),
        ("table index", "(table 1 funcref)", "(drop (table.get (i32.const 7))) (i32.const 0)"),
        ("in start", "(func $s unreachable) (start $s)", "(i32.const 1024)"),
        ("data out of bounds", "(data (i32.const -1) \"x\")", "(i32.const 1024)"),
    ] {
        let forged = Forged { fields: fields.into(), check: body.into(), ..Forged::new() };
        let message = fails(forged.plugin(), "plugin::trap");
        assert!(message.starts_with("the plugin trapped: "), "{kind}: {message}");
    }
}

#[test]
fn p10_a_store_is_gone_after_an_answer_that_can_not_be_read() {
    // It answers well or badly, depending on the length of the text, and traps
    // when it finds traces of an earlier call.
    let bad = u32::try_from(report(&[(0, 6, b"seen")]).len()).expect("small") + REPLY + 64;
    let forged = Forged {
        fields: format!("(global $calls (mut i32) (i32.const 0)) (data (i32.const {bad}) \"\\07\")"),
        check: format!(
            "(if (global.get $calls) (then unreachable))
            (global.set $calls (i32.const 1))
            (select (i32.const {REPLY}) (i32.const {bad}) (i32.eq (i32.load offset=28 (local.get 0)) (i32.const 6)))"
        ),
        ..good()
    };
    let texts = [("a.txt", "forged"), ("b.txt", "forged badly"), ("c.txt", "forged"), ("d.txt", "forged")];
    let outcome = check(vec![forged.plugin()], &texts);
    let paths: Vec<_> = outcome.report.findings.iter().map(|finding| finding.place.path.as_str()).collect();
    assert_eq!(paths, ["a.txt", "c.txt", "d.txt"], "{:?}", outcome.report.notices);
    assert_eq!(outcome.report.notices.len(), 1);
    assert_eq!(outcome.report.notices[0].code, "plugin::bad_reply");
}

#[test]
fn p11_lengths_and_addresses_out_of_bounds_are_refused() {
    let one = || findings_at(&[(0, 6, b"seen")]);
    for (name, reply) in [
        ("a string of 1 GiB", one().word(RESULT + at::MESSAGE + 4, 1 << 30)),
        ("a string of 4 GiB", one().word(RESULT + at::MESSAGE + 4, u32::MAX)),
        ("a string at the end of the world", one().word(RESULT + at::MESSAGE, u32::MAX - 1)),
        ("findings at the end of the world", one().word(4, 0xffff_fff8)),
        ("4 G findings", one().word(8, u32::MAX)),
        ("findings at an odd address", one().word(4, REPLY + 33)),
        ("facts without end", one().word(12, REPLY).word(16, 1 << 30)),
    ] {
        let forged = Forged { reply: reply.done(), ..Forged::new() };
        assert!(!fails(forged.plugin(), "plugin::bad_reply").is_empty(), "{name}");
    }
    for address in ["-4", "0x7fffffff", "1025"] {
        let forged = Forged { check: format!("(i32.const {address})"), ..Forged::new() };
        fails(forged.plugin(), "plugin::bad_reply");
    }
    let forged = Forged { realloc: "(i32.const -8)".into(), ..Forged::new() };
    fails(forged.plugin(), "plugin::bad_reply");
}

/// One finding with a million properties, each of whose two strings is the same
/// KiB of memory.
fn aliased() -> Forged {
    let list = 4 << 20;
    Forged {
        memory: "(memory (export \"memory\") 512)".into(),
        check: format!(
            "(local $at i32) (local $end i32)
            (local.set $at (i32.const {list}))
            (local.set $end (i32.const {}))
            (loop $more
                (i32.store (local.get $at) (i32.const 65536))
                (i32.store offset=4 (local.get $at) (i32.const 1024))
                (i32.store offset=8 (local.get $at) (i32.const 65536))
                (i32.store offset=12 (local.get $at) (i32.const 1024))
                (local.set $at (i32.add (local.get $at) (i32.const 16)))
                (br_if $more (i32.lt_u (local.get $at) (local.get $end))))
            (i32.const {REPLY})",
            list + (1 << 20) * 16
        ),
        reply: findings_at(&[(0, 6, b"seen")]).word(RESULT + 80, list).word(RESULT + 84, 1 << 20).done(),
        ..Forged::new()
    }
}

#[test]
fn p12_a_million_entries_that_share_a_buffer_are_refused() {
    fails(aliased().plugin(), "plugin::bad_reply");
    let (mib, _) = cost(&aliased().bytes());
    // Some 20 MiB are the guest's own memory.
    assert!(mib < 60, "{mib} MiB");
    let empty = Forged { reply: findings_at(&[]).word(8, 10_000_000).done(), ..Forged::new() };
    fails(empty.plugin(), "plugin::bad_reply");
}

#[test]
fn p14_values_that_no_type_has_are_refused() {
    let one = || findings_at(&[(0, 6, b"seen")]);
    let base = RESULT;
    for (name, reply) in [
        ("bytes that are not UTF-8", findings_at(&[(0, 6, b"\xff\xfe")])),
        ("half of a surrogate pair", findings_at(&[(0, 6, b"\xed\xa0\x80")])),
        ("an overlong NUL", findings_at(&[(0, 6, b"\xc0\x80")])),
        ("a cut character", findings_at(&[(0, 6, b"\xe2\x82")])),
        ("no result", one().byte(0, 2)),
        ("no place", one().byte(base + at::LOCATION, 5)),
        ("no severity", one().byte(base + at::SEVERITY, 1).byte(base + at::SEVERITY + 1, 5)),
        ("no option", one().byte(base + at::SEVERITY, 2)),
        ("no confidence", one().byte(base + at::CONFIDENCE, 1).byte(base + at::CONFIDENCE + 1, 255)),
        ("no class", one().byte(base + at::CLASS, 4)),
        ("no subject", one().byte(base + at::SUBJECT, 9)),
    ] {
        let forged = Forged { reply: reply.done(), ..Forged::new() };
        assert!(!fails(forged.plugin(), "plugin::bad_reply").is_empty(), "{name}");
    }
    // What a type has and the contract does not is dropped, and said.
    let unknown_rule = Forged { reply: one().word(base + at::RULE, 7).done(), ..Forged::new() };
    fails(unknown_rule.plugin(), "plugin::bad_reply");
}

#[test]
fn p18_the_same_input_gives_the_same_bytes() {
    // Bits of numbers that are none, and memory that nobody wrote to.
    let forged = Forged {
        fields: "(func $hex (param $at i32) (param $bits i32)
                (local $index i32) (local $nibble i32)
                (loop $more
                    (local.set $nibble (i32.and (i32.shr_u (local.get $bits) (i32.const 28)) (i32.const 15)))
                    (local.set $bits (i32.shl (local.get $bits) (i32.const 4)))
                    (i32.store8 (i32.add (local.get $at) (local.get $index))
                        (i32.add (local.get $nibble)
                            (select (i32.const 48) (i32.const 87) (i32.lt_u (local.get $nibble) (i32.const 10)))))
                    (local.set $index (i32.add (local.get $index) (i32.const 1)))
                    (br_if $more (i32.lt_u (local.get $index) (i32.const 8)))))
            (func $bits (param f32) (result i32) (i32.reinterpret_f32 (local.get 0)))"
            .into(),
        check: format!(
            "(local $zero f32) (local $at i32) (local $sum i32)
            (call $hex (i32.const {0}) (call $bits (f32.div (local.get $zero) (local.get $zero))))
            (call $hex (i32.const {1}) (call $bits (f32.sqrt (f32.const -1))))
            (call $hex (i32.const {2}) (call $bits (f32.add (f32.const -nan:0x12345) (local.get $zero))))
            (local.set $at (i32.const 1500000))
            (loop $more
                (local.set $sum (i32.or (local.get $sum) (i32.load (local.get $at))))
                (local.set $at (i32.add (local.get $at) (i32.const 4)))
                (br_if $more (i32.lt_u (local.get $at) (i32.const 2000000))))
            (call $hex (i32.const {3}) (local.get $sum))
            (i32.const {REPLY})",
            70_000, 70_008, 70_016, 70_024
        ),
        reply: findings_at(&[(0, 6, b"")])
            .word(RESULT + at::MESSAGE, 70_000)
            .word(RESULT + at::MESSAGE + 4, 32)
            .done(),
        ..Forged::new()
    };
    for _ in 0..20 {
        let outcome = check(vec![forged.plugin()], &[("a.txt", "forged"), ("b.txt", "forged")]);
        let messages: Vec<_> =
            outcome.report.findings.iter().map(|finding| finding.message.as_str()).collect();
        assert_eq!(messages, ["7fc000007fc000007fc0000000000000"; 2], "{:?}", outcome.report.notices);
    }
}

/// Imports of worlds that Wardline does not have, and how they are called.
const FOREIGN: [(&str, &str, &str); 3] = [
    (
        "import wasi:clocks/monotonic-clock@0.2.0;",
        "package wasi:clocks@0.2.0 { interface monotonic-clock { now: func() -> u64; } }",
        "(import \"wasi:clocks/monotonic-clock@0.2.0\" \"now\" (func $foreign (result i64)))",
    ),
    (
        "import acme:files/read@1.0.0;",
        "package acme:files@1.0.0 { interface read { size: func() -> u64; } }",
        "(import \"acme:files/read@1.0.0\" \"size\" (func $foreign (result i64)))",
    ),
    ("import now: func() -> u64;", "", "(import \"$root\" \"now\" (func $foreign (result i64)))"),
];

#[test]
fn p19_unknown_imports_are_named_and_lead_nowhere() {
    let folder = tree(&[]);
    for (import, package, core) in FOREIGN {
        let forged = |check: &str| Forged {
            imports: core.into(),
            world: import.into(),
            packages: package.into(),
            check: check.into(),
            ..Forged::new()
        };
        // One that is never called does no harm.
        let outcome = beside_a_good_one(forged("(i32.const 1024)").plugin());
        assert!(!outcome.report.is_incomplete(), "{:?}", outcome.report.notices);
        let calls = forged("(drop (call $foreign)) (i32.const 1024)");
        fails(calls.plugin(), "plugin::trap");
        let name = import.trim_start_matches("import ").split([';', ' ']).next().unwrap_or_default();
        let name = name.trim_end_matches(':');
        assert_eq!(calls.plugin().code().expect("it links").unknown_imports, [name]);
        std::fs::write(folder.path().join("forged.wasm"), calls.bytes()).expect("a file");
        let (out, err) = text(&wardline(folder.path(), &["plugin", "inspect", "forged.wasm"]));
        assert!(out.contains(name), "{out}{err}");
    }
    // A part of the contract that there is not yet, and one from later.
    for (version, side) in [("0.2.0", "update Wardline"), ("0.0.9", "newer SDK")] {
        let other = Forged { api: version.into(), ..Forged::new() };
        let message = fails(other.plugin(), "plugin::start");
        assert!(message.contains(side), "{message}");
    }
}

#[test]
fn p20_the_contract_offers_a_log_and_nothing_else() {
    let mut resolve = wit_parser::Resolve::default();
    let (package, _) = resolve.push_path(root().join("wit/v0")).expect("the contract parses");
    let mut offered: Vec<String> = Vec::new();
    for (name, world) in &resolve.packages[package].worlds {
        for (key, item) in &resolve.worlds[*world].imports {
            let wit_parser::WorldItem::Interface { id, .. } = item else {
                panic!("{name} imports a function")
            };
            offered.extend(
                resolve.interfaces[*id]
                    .functions
                    .keys()
                    .map(|function| format!("{}.{function}", resolve.name_world_key(key))),
            );
        }
    }
    assert_eq!(offered, ["wardline:plugin/log@0.1.0.log"]);
}

// -------------------------------------------------- P13, P15, P25: much of it

/// A rule whose findings do not merge.
fn without_weakness() -> serde_json::Value {
    serde_json::json!({"rule": [{"id": "act", "title": "x", "severity": "low", "confidence": "low"}]})
}

#[test]
fn p13_large_answers_about_many_documents_do_not_fill_the_memory() {
    // A thousand findings of 8 KiB about each document: 6 GiB of messages.
    let message = vec![b'x'; 8_000];
    let message_at = 400_000_u32;
    let mut reply = findings_at(&vec![(0, 6, &b""[..]); 1_000]);
    for index in 0..1_000 {
        reply = reply
            .word(RESULT + index * FINDING + at::MESSAGE, message_at)
            .word(RESULT + index * FINDING + at::MESSAGE + 4, 8_000)
            .word(RESULT + index * FINDING + at::START, u32::try_from(index).expect("small"))
            .word(RESULT + index * FINDING + at::END, u32::try_from(index + 1).expect("small"));
    }
    let forged = Forged {
        fields: format!("(data (i32.const {message_at}) \"{}\")", escaped(&message)),
        reply: reply.done(),
        manifest: without_weakness(),
        ..Forged::new()
    };
    let document = format!("forged {}\n", "x".repeat(1_000));
    let files: Vec<(String, &[u8])> =
        (0..800).map(|index| (format!("{index:03}.txt"), document.as_bytes())).collect();
    let files: Vec<(&str, &[u8])> = files.iter().map(|(path, bytes)| (path.as_str(), *bytes)).collect();
    let folder = tree(&files);
    let outside = tree(&[("good.wasm", &good().bytes()), ("forged.wasm", &forged.bytes())]);
    let path = |name: &str| outside.path().join(name).to_str().expect("UTF-8").to_owned();
    let (good, forged) = (path("good.wasm"), path("forged.wasm"));
    let arguments = ["check", "--format", "json", "--only", "*/act", "--plugin", &good, "--plugin", &forged];
    let reports: Vec<String> = ["1", "2"]
        .iter()
        .map(|threads| {
            let run = measured(&command(folder.path(), &[&arguments[..], &["--threads", threads]].concat()));
            println!("p13: {} ms, {} MiB", run.milliseconds, run.peak_mib);
            assert!(run.peak_mib < 1_024, "{} MiB", run.peak_mib);
            text(&run.output).0
        })
        .collect();
    assert!(reports[0] == reports[1], "the number of threads shows");
    let report: serde_json::Value = serde_json::from_str(&reports[0]).expect("JSON");
    let of = |rule: &str| {
        report["findings"]
            .as_array()
            .expect("findings")
            .iter()
            .filter(|finding| finding["rule"] == rule)
            .count()
    };
    assert_eq!(of("good/act"), 800);
    assert!((1_000..=10_000).contains(&of("forged/act")), "{}", of("forged/act"));
    assert!(reports[0].contains("plugin::too_much"));
}

#[test]
fn p13_lies_of_many_kinds_are_a_few_notices() {
    // Facts of a thousand topics, none of which is declared.
    let facts = 500_000_u32;
    let mut bytes = Bytes::zeros(1_000 * 40);
    for index in 0..1_000_usize {
        bytes = bytes.string(index * 40, format!("topic-{index}").as_bytes());
    }
    let moved: Vec<u8> = bytes.done();
    // The addresses in it count from where answers lie; it lies elsewhere.
    let shift = facts - REPLY;
    let mut moved = moved;
    for index in 0..1_000_usize {
        let place = index * 40..index * 40 + 4;
        let address = u32::from_le_bytes(moved[place.clone()].try_into().expect("four bytes")) + shift;
        moved[place].copy_from_slice(&address.to_le_bytes());
    }
    let forged = Forged {
        fields: format!("(data (i32.const {facts}) \"{}\")", escaped(&moved)),
        reply: findings_at(&[]).word(12, facts).word(16, 1_000).done(),
        ..Forged::new()
    };
    let outcome = check(vec![forged.plugin()], &[("a.txt", "forged")]);
    let notices = &outcome.report.notices;
    assert!((2..10).contains(&notices.len()), "{notices:?}");
    assert!(notices.iter().all(|notice| notice.code == "plugin::bad_reply"), "{notices:?}");
}

#[test]
fn p15_findings_of_the_whole_of_a_large_document_cost_little() {
    // Nine hundred findings, each of nearly 20 MB.
    let length = 20_000_000_u32;
    let findings: Vec<(u32, u32, &[u8])> = (0..900).map(|index| (index, length, &b"all of it"[..])).collect();
    let forged = Forged { reply: report(&findings), manifest: without_weakness(), ..Forged::new() };
    let text_of_it = format!("forged{}", "x y\n".repeat(length as usize / 4));
    let folder = tree(&[("a.txt", text_of_it.as_bytes())]);
    let outside = tree(&[("forged.wasm", &forged.bytes())]);
    let plugin = outside.path().join("forged.wasm");
    let plugin = plugin.to_str().expect("UTF-8");
    let arguments = ["check", "--format", "json", "--exit-zero", "--only", "forged/act", "--plugin", plugin];
    let run = measured(&command(folder.path(), &arguments));
    let report: serde_json::Value = serde_json::from_str(&text(&run.output).0).expect("JSON");
    assert_eq!(report["summary"]["findings"], 900, "{:?}", report["notices"]);
    println!("p15: {} ms, {} MiB", run.milliseconds, run.peak_mib);
    assert!(run.milliseconds < 20_000, "{} ms", run.milliseconds);
    assert!(run.peak_mib < 512, "{} MiB", run.peak_mib);
}

#[test]
fn p25_what_a_plugin_said_after_its_last_failure_leaves_no_trace() {
    // It asks for everything to be masked, and fails where the text is longer.
    let forged = || Forged {
        id: "bad".into(),
        check: format!(
            "(if (i32.gt_u (i32.load offset=28 (local.get 0)) (i32.const 6)) (then unreachable)) (i32.const {REPLY})"
        ),
        reply: findings_at(&[(0, 6, b"mine")])
            .word(RESULT + at::REDACT, REPLY + 512)
            .word(RESULT + at::REDACT + 4, 1)
            .done(),
        fields: format!("(data (i32.const {}) \"\\00\\00\\00\\00\\06\\00\\00\\00\")", REPLY + 512),
        ..Forged::new()
    };
    let texts: Vec<(String, &str)> = (0..8)
        .map(|index| (format!("{index}.txt"), if index < 3 { "forged badly" } else { "forged" }))
        .collect();
    let texts = || Texts::new(texts.iter().map(|(path, text)| (path.clone(), text.as_bytes().to_vec())));
    let run = |suspects: &[usize]| {
        let plugins = vec![good().plugin(), forged().plugin()];
        let checker = Checker::new(plugins, no_configuration(), day()).expect("no configuration");
        let care = Care { quarantined: &BTreeSet::new(), suspects: &suspects.iter().copied().collect() };
        checker.check_all(workers(), &texts(), &Progress::default(), &care).report
    };
    // Documents after the third failure may be checked before it.
    let (in_order, out_of_order) = (run(&[]), run(&[4, 7]));
    assert_eq!(in_order.findings, out_of_order.findings);
    assert_eq!(in_order.notices, out_of_order.notices);
    assert_eq!(in_order.findings.len(), 8);
    assert!(in_order.findings.iter().all(|finding| finding.rule == "good/act"));
    let shown = in_order.findings[5].excerpt.as_ref().expect("an excerpt");
    assert_eq!(shown.text, "forged");
}

/// The contract's other interface that is called once for many documents.
fn judge_of_stacks(body: &str) -> Forged {
    Forged {
        world: "export wardline:plugin/stack-checker@0.1.0;".into(),
        fields: format!(
            "(func (export \"wardline:plugin/stack-checker@0.1.0#check-stack\")
                (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32) {body})"
        ),
        manifest: serde_json::json!({ "query": [], "stack": { "kinds": ["aws:ec2:instance"] } }),
        ..Forged::new()
    }
}

#[test]
fn p25_three_stacks_are_enough_to_fail_on() {
    let snapshot = |index: usize| {
        format!("{{\"Reservations\": [{{\"Instances\": [{{\"InstanceId\": \"i-{index:08x}\"}}]}}]}}")
    };
    let texts: Vec<(String, String)> =
        (0..20).map(|index| (format!("{index:02}.json"), snapshot(index))).collect();
    let texts: Vec<(&str, &str)> = texts.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let works = check(vec![judge_of_stacks(&format!("(i32.const {REPLY})")).plugin()], &texts);
    assert!(!works.report.is_incomplete(), "{:?}", works.report.notices);
    let outcome = check(vec![judge_of_stacks("unreachable").plugin()], &texts);
    let codes: Vec<&str> = outcome.report.notices.iter().map(|notice| notice.code.as_str()).collect();
    assert_eq!(codes, ["plugin::quarantined", "plugin::trap", "plugin::trap", "plugin::trap"]);
    let paths: Vec<_> = outcome.report.notices.iter().filter_map(|notice| notice.path.as_deref()).collect();
    assert_eq!(paths, ["00.json", "01.json", "02.json"]);
}

#[test]
fn p25_three_parts_of_a_document_are_enough_to_fail_on() {
    let steps = (0..40).fold(String::new(), |mut steps, index| {
        let _ = write!(steps, "      - run: |\n          echo forged {index}\n");
        steps
    });
    let workflow = format!("on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n{steps}");
    let forged = |check: &str| Forged {
        check: check.into(),
        manifest: serde_json::json!({"query": [{
            "id": "act", "rule": 0, "keywords": ["forged"], "captures": ["match"], "languages": ["bash"],
            "matcher": {"std": {"use": "std/call"}},
        }]}),
        ..Forged::new()
    };
    let calls = |forged: Forged| {
        let checker =
            Checker::new(vec![forged.plugin()], no_configuration(), day()).expect("no configuration");
        let texts = Texts::new([(".github/workflows/a.yml".to_owned(), workflow.clone().into_bytes())]);
        let report = checker.check_all(workers(), &texts, &Progress::default(), &Care::NONE).report;
        (checker.plugins()[0].spent().calls(), report)
    };
    assert_eq!(calls(forged(&format!("(i32.const {REPLY})"))).0, 40);
    let (count, report) = calls(forged("unreachable"));
    assert_eq!(count, 3);
    assert!(report.is_incomplete());
}

// ---------------------------------------------------- P17: what a manifest says

#[test]
fn p17_names_that_are_not_its_own_are_refused() {
    let rule = |id: &str| serde_json::json!({"rule": [{"id": id, "title": "x", "severity": "low", "confidence": "low"}]});
    let long = "a".repeat(10 << 10);
    for manifest in [
        serde_json::json!({"id": "wardline"}),
        serde_json::json!({"id": "host"}),
        serde_json::json!({"id": "a/b"}),
        serde_json::json!({"id": "A"}),
        serde_json::json!({"id": ""}),
        serde_json::json!({"id": long}),
        serde_json::json!({"id": "a\n::error::x"}),
        serde_json::json!({"id": "a\u{1b}[31m"}),
        rule("secrets/act"),
        rule("a\u{202e}b"),
        rule(&long),
        rule(""),
        serde_json::json!({"unknown": 1}),
        serde_json::json!({"query": [{
            "id": "act", "rule": 9, "keywords": ["x"], "captures": ["match"], "matcher": {"text": {"regex": "x"}},
        }]}),
        // What every document would have to pay for.
        serde_json::json!({"query": [{
            "id": "act", "rule": 0, "keywords": [""], "captures": ["match"], "matcher": {"text": {"regex": "x"}},
        }]}),
        serde_json::json!({"query": [{
            "id": "act", "rule": 0, "keywords": [], "captures": ["match"], "matcher": {"text": {"regex": "x"}},
        }]}),
        serde_json::json!({"query": [{
            "id": "act", "rule": 0, "captures": ["match"], "matcher": {"text": {"regex": "x"}},
            "keywords": (0..5_000).map(|index| format!("keyword-{index}")).collect::<Vec<_>>(),
        }]}),
        serde_json::json!({"emits": vec!["topic"; 5_000]}),
    ] {
        let forged = Forged { manifest: manifest.clone(), ..Forged::new() };
        let packed = pack::pack(&forged.module());
        assert!(packed.is_err(), "{manifest}");
    }
    // The name of a built-in plugin is taken.
    let folder = tree(&[("a.txt", b"forged\n")]);
    let outside = tree(&[("secrets.wasm", &Forged { id: "secrets".into(), ..good() }.bytes())]);
    let plugin = outside.path().join("secrets.wasm");
    let output = wardline(folder.path(), &["check", "--plugin", plugin.to_str().expect("UTF-8")]);
    assert_eq!(output.status.code(), Some(2), "{:?}", text(&output));
}

// ----------------------------------------------------------------- I6: patterns

#[test]
fn i6_patterns_are_linear_or_refused() {
    let long = "a|".repeat(500_000);
    for (regex, usable) in [
        ("(a{1000}){1000}", false),
        ("((a{100}){100}){100}", false),
        (long.as_str(), false),
        ("(", false),
        ("(?P<x>a)(?P<x>b)", false),
        (r"(a)\1", false),
        ("(?=a)", false),
        ("(a*)*b", true),
        ("(a+)+$", true),
        ("(a|aa)+$", true),
        ("(.*)(.*)(.*)(.*)(.*)x", true),
        ("(?:a?){200}a{200}b", true),
        ("([a-z]+)*[A-Z]", true),
    ] {
        let forged = || Forged {
            manifest: serde_json::json!({"query": [{
                "id": "act", "rule": 0, "keywords": ["forged"], "captures": ["match"],
                "matcher": {"text": {"regex": regex, "multiline": true}},
            }]}),
            ..Forged::new()
        };
        let text = format!("forged {}", "a".repeat(1 << 20));
        let plugin = forged().plugin();
        let before = processor_seconds();
        let outcome = check(vec![plugin], &[("a.txt", &text)]);
        let seconds = processor_seconds() - before;
        let shown = &regex[..regex.len().min(40)];
        let codes: Vec<&str> = outcome.report.notices.iter().map(|notice| notice.code.as_str()).collect();
        assert_eq!(codes.is_empty(), usable, "{shown}: {:?}", outcome.report.notices);
        assert!(codes.iter().all(|code| *code == "plugin::bad_query"), "{shown}: {codes:?}");
        println!("i6: `{shown}`: {seconds:.2} s");
        assert!(seconds < 10.0, "{shown}: {seconds} s");
    }
}

/// Plugins of every kind of malice, so many of them.
fn malice(count: usize) -> Vec<Forged> {
    let endless = "(loop $more (br $more)) unreachable";
    let kinds: [&dyn Fn() -> Forged; 8] = [
        &|| Forged { check: endless.into(), ..Forged::new() },
        &|| Forged { check: "unreachable".into(), ..Forged::new() },
        &|| Forged { memory: "(memory (export \"memory\") 65536)".into(), ..Forged::new() },
        &aliased,
        &|| Forged { reply: findings_at(&[(9, 3, b"\xff")]).done(), ..Forged::new() },
        &|| Forged {
            fields: "(func $deep (result i32) (i32.add (call $deep) (i32.const 1)))".into(),
            check: "(call $deep)".into(),
            ..Forged::new()
        },
        &|| Forged { reply: report(&vec![(0, 6, &b"flood"[..]); 5_000]), ..Forged::new() },
        // It claims what others find, and asks for everything to be hidden.
        &|| Forged {
            reply: findings_at(&[(0, 14, b"mine")])
                .byte(RESULT + at::CLASS, 1)
                .word(RESULT + at::REDACT, REPLY + 512)
                .word(RESULT + at::REDACT + 4, 1)
                .done(),
            fields: format!("(data (i32.const {}) \"\\00\\00\\00\\00\\01\\00\\00\\00\")", REPLY + 512),
            ..Forged::new()
        },
    ];
    (0..count).map(|index| Forged { id: format!("bad-{index}"), ..kinds[index % kinds.len()]() }).collect()
}

fn many_at_once(count: usize) {
    let folder = tree(&[("a.txt", b"forged by hand\n"), ("b.txt", b"nothing\n")]);
    let outside = tree(&[("good.wasm", &good().bytes())]);
    let path = |name: &str| outside.path().join(name).to_str().expect("UTF-8").to_owned();
    let mut arguments: Vec<String> = ["check", "--format", "json", "--plugin"].map(str::to_owned).to_vec();
    arguments.push(path("good.wasm"));
    let run = |arguments: &[String]| {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        measured(&command(folder.path(), &arguments))
    };
    let findings = |out: &str| -> Vec<serde_json::Value> {
        let report: serde_json::Value = serde_json::from_str(out).expect("JSON");
        let all = report["findings"].as_array().expect("findings").iter();
        all.filter(|finding| finding["rule"].as_str().is_some_and(|rule| rule.starts_with("good/")))
            .map(essence)
            .collect()
    };
    let alone = findings(&text(&run(&arguments).output).0);
    for (index, forged) in malice(count).iter().enumerate() {
        let name = format!("{index}.wasm");
        std::fs::write(outside.path().join(&name), forged.bytes()).expect("a file");
        arguments.extend(["--plugin".to_owned(), path(&name)]);
    }
    let all = run(&arguments);
    let (out, err) = text(&all.output);
    assert_eq!(findings(&out), alone, "{err}");
    assert_eq!(alone.len(), 1);
    assert!(all.peak_mib < 1_024, "{} MiB", all.peak_mib);
    println!("p26: {count} hostile plugins: {} ms, {} MiB", all.milliseconds, all.peak_mib);
}

#[test]
fn p26_hostile_plugins_together_spoil_nothing_for_a_good_one() {
    many_at_once(8);
}

#[test]
#[ignore = "minutes: run by the command in docs/hostile.md"]
fn full_p26_fifty_hostile_plugins() {
    many_at_once(50);
}
