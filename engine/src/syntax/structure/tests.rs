//! Data-driven tests of the shared queries, and hostile texts.
#![allow(clippy::print_stderr)]

use super::{Capture, Item, Std, StdSet, items, items_for};
use crate::syntax::{Language, Parsed, enclosing_name, is_comment_or_string, parse};

/// Cases open with `=== language query note`, give a source and, behind `---`, a
/// line for each item. `UPDATE=1` writes these lines anew.
const CASES: &str = include_str!("cases.txt");

struct Case {
    head: &'static str,
    language: Language,
    query: Std,
    source: &'static str,
    expected: &'static str,
}

fn cases() -> impl Iterator<Item = Case> {
    CASES.split("=== ").skip(1).map(|case| {
        let (head, body) = case.split_once('\n').expect("a case has a head");
        let mut words = head.split(' ');
        let language = words.next().and_then(Language::from_name).expect("a language comes first");
        let query = words.next().map(|word| format!("std/{word}"));
        let query = query.as_deref().and_then(Std::from_name).expect("then a query");
        let (source, expected) = body.split_once("---\n").unwrap_or((body, ""));
        Case { head, language, query, source, expected }
    })
}

#[test]
fn every_query_finds_its_items_in_every_language() {
    let shown: Vec<(Case, String)> = cases()
        .map(|case| {
            let parsed = parse(case.language, case.source, None).expect("languages have grammars");
            let wanted = StdSet::from_iter([case.query]);
            let lines = items_for(&parsed, case.source, wanted)
                .iter()
                .map(|item| show(item, case.source) + "\n")
                .collect();
            (case, lines)
        })
        .collect();
    if std::env::var_os("UPDATE").is_some() {
        let text: String = shown
            .iter()
            .map(|(case, lines)| format!("=== {}\n{}---\n{lines}", case.head, case.source))
            .collect();
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/syntax/structure/cases.txt");
        std::fs::write(path, text).expect("the sources can be written");
        return;
    }
    for (case, lines) in shown {
        assert_eq!(lines, case.expected, "{}", case.head);
    }
}

#[test]
fn the_table_has_a_row_for_each_query_in_each_programming_language() {
    use Language as L;
    let all = [L::Python, L::JavaScript, L::TypeScript, L::Tsx, L::Java, L::Php];
    let others = [L::Go, L::Ruby, L::CSharp, L::Kotlin, L::Rust, L::Clojure, L::Bash];
    let rows: Vec<_> = cases().map(|case| (case.language, case.query)).collect();
    for query in Std::ALL {
        for language in all.iter().chain(others.iter().filter(|_| query != Std::Decorator)) {
            assert!(rows.contains(&(*language, query)), "{language} has no row for {query:?}");
        }
    }
}

/// An item as a line: `call subprocess.run("ls", shell=True)`.
fn show(item: &Item, source: &str) -> String {
    let names = item.query.captures();
    let text = |capture: &Capture| source[capture.start as usize..capture.end as usize].replace('\n', "⏎");
    let symbol = |capture: &Capture| match &capture.symbol {
        Some(symbol) => symbol.to_string(),
        None => text(capture),
    };
    // A value shows what it resolves to behind its text.
    let value = |capture: &Capture| match &capture.symbol {
        Some(symbol) => format!("{} ({symbol})", text(capture)),
        None => text(capture),
    };
    let find = |name: &str| item.captures.iter().find(|capture| names[capture.name as usize] == name);
    let all =
        |name: &'static str| item.captures.iter().filter(move |capture| names[capture.name as usize] == name);
    let join = |parts: Vec<String>| parts.join(", ");
    assert_eq!(names[item.captures[0].name as usize], "match");
    match item.query {
        Std::Call => {
            let mut line = format!("call {}(", symbol(find("callee").expect("calls have callees")));
            let mut fresh = true;
            for capture in &item.captures[1..] {
                let (before, after) = match names[capture.name as usize] {
                    "name" => (if fresh { "" } else { ", " }, format!("{}=", symbol(capture))),
                    "argument" if line.ends_with('=') => ("", value(capture)),
                    "argument" => (if fresh { "" } else { ", " }, value(capture)),
                    "key" => (" ", format!("[{}: ", symbol(capture))),
                    "value" => ("", value(capture) + "]"),
                    _ => continue,
                };
                line += before;
                line += &after;
                fresh = false;
            }
            line += ")";
            if let Some(receiver) = find("receiver") {
                line += &format!(" on {}", value(receiver));
            }
            line
        }
        Std::Import => {
            let mut line = format!("import {}", symbol(find("module").expect("imports have modules")));
            if let Some(name) = find("name") {
                line += &format!(" takes {}", symbol(name));
            }
            if let Some(alias) = find("alias") {
                line += &format!(" as {}", text(alias));
            }
            line
        }
        Std::Assign => {
            let target = find("target").expect("assignments have targets");
            let given = find("value").expect("assignments have values");
            format!("assign {} <{}> = {}", symbol(target), text(target), value(given))
        }
        Std::String => format!("string <{}>", text(find("content").expect("strings have content"))),
        Std::Function => {
            let name = find("name").map_or("-".to_owned(), symbol);
            format!("function {name}({})", join(all("parameter").map(text).collect()))
        }
        Std::Decorator => {
            let name = find("name").map(symbol).expect("decorators have names");
            format!("decorator {name}({})", join(all("argument").map(text).collect()))
        }
    }
}

/// Languages with grammars, and something typical of each.
fn samples() -> Vec<(Language, String)> {
    let mut samples: Vec<(Language, String)> = Vec::new();
    for case in cases() {
        match samples.last_mut() {
            Some((language, text)) if *language == case.language => *text += case.source,
            _ => samples.push((case.language, case.source.to_owned())),
        }
    }
    samples
}

/// Walks a tree in every way there is, and checks what comes out of it.
fn check(parsed: &Parsed, text: &str) {
    for item in items(parsed, text) {
        for capture in &item.captures {
            assert!(usize::from(capture.name) < item.query.captures().len());
            let range = capture.start as usize..capture.end as usize;
            assert!(text.get(range).is_some(), "{capture:?} lies on characters of the text");
        }
    }
    let middle = text.floor_char_boundary(text.len() / 2);
    enclosing_name(parsed, text, middle);
    is_comment_or_string(parsed, middle);
}

#[test]
fn a_text_may_end_anywhere() {
    for case in cases() {
        for end in (0..case.source.len()).filter(|end| case.source.is_char_boundary(*end)) {
            let text = &case.source[..end];
            check(&parse(case.language, text, None).expect("it is short"), text);
        }
    }
}

#[test]
fn nesting_has_no_limit() {
    let brackets = [("(", ")"), ("[", "]"), ("{", "}"), ("f(", ")"), ("{a:", "}")];
    let others = [("a.", ""), ("- ", ""), ("x=>", ""), ("!", ""), ("<a>", "</a>"), ("a?", ":b")];
    let deep = brackets.iter().map(|pair| (pair, 100_000));
    for ((open, close), times) in deep.chain(others.iter().map(|pair| (pair, 1_000))) {
        let text = open.repeat(times) + &close.repeat(times);
        for (language, _) in samples() {
            eprintln!("{language} {open} {times}");
            for text in [&text, &text[..open.len() * times]] {
                let parsed = parse(language, text, None).expect("it is below the limit");
                assert!(parsed.cut || times < 100_000, "{language} is cut at {open}");
                check(&parsed, text);
            }
        }
    }
}

#[test]
fn junk_is_survived() {
    for (language, text) in samples() {
        let junk = junk(&text, 200 << 10);
        let parsed = parse(language, &junk, None).expect("it is below the limit");
        check(&parsed, &junk);
    }
}

#[test]
fn d6_edits_one_by_one_give_what_a_new_parse_gives() {
    let mut random = 11_u32;
    let mut next = |bound: usize| {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (random >> 8) as usize % bound.max(1)
    };
    let (mut edits, mut other) = (0, std::collections::BTreeMap::new());
    for (language, sample) in samples() {
        let mut text = sample.clone();
        let mut parsed = parse(language, &text, None).expect("it is short");
        for _ in 0..100 {
            let start = text.floor_char_boundary(next(text.len() + 1));
            let end = text.floor_char_boundary((start + next(12)).min(text.len()));
            let from = sample.floor_char_boundary(next(sample.len()));
            let to = sample.floor_char_boundary((from + next(12)).min(sample.len()));
            let new = sample[from..to].to_owned();
            let point = |text: &str, offset: usize| {
                let before = &text[..offset];
                let row = before.matches('\n').count();
                tree_sitter::Point { row, column: offset - before.rfind('\n').map_or(0, |at| at + 1) }
            };
            let mut old = parsed.tree.clone();
            let (old_start, old_end) = (point(&text, start), point(&text, end));
            text.replace_range(start..end, &new);
            old.edit(&tree_sitter::InputEdit {
                start_byte: start,
                old_end_byte: end,
                new_end_byte: start + new.len(),
                start_position: old_start,
                old_end_position: old_end,
                new_end_position: point(&text, start + new.len()),
            });
            parsed = parse(language, &text, Some(&old)).expect("it is short");
            let fresh = parse(language, &text, None).expect("it is short");
            edits += 1;
            if items(&parsed, &text) != items(&fresh, &text) {
                *other.entry(language.name()).or_insert(0) += 1;
            }
        }
    }
    assert!(other.is_empty(), "{other:?} of {edits} edits");
}

#[test]
fn an_error_does_not_cut_a_long_text() {
    for (language, text) in samples() {
        if language == Language::Kotlin {
            // Its imports must come first, so repeating the sample is an error throughout.
            continue;
        }
        let text = text.replacen("\"unterminated\n", "", 1).repeat(12);
        let (at, _) = text.char_indices().nth(text.chars().count() / 3).expect("it is long");
        let text = format!("{}\n)]}} oops\n{}", &text[..at], &text[at..]);
        assert!(!parse(language, &text, None).expect("it is short").cut, "{language} is whole");
    }
}

#[test]
fn a_text_too_long_or_without_grammar_has_no_tree() {
    assert!(parse(Language::Text, "", None).is_none());
    assert!(parse(Language::Json, &" ".repeat(crate::syntax::LONGEST + 1), None).is_none());
}

#[test]
fn an_offset_has_a_name_and_may_be_in_a_string() {
    for (language, text, name, quoted) in [
        (Language::Python, "class A:\n def b(self):\n  x = '^'", Some("A.b"), true),
        (Language::Python, "def a():\n def b():\n  ^x", Some("a.b"), false),
        (Language::Python, "# ^", None, true),
        (Language::Python, "f'{^x}'", None, false),
        (Language::JavaScript, "class A { b() { return ^x } }", Some("A.b"), false),
        (Language::JavaScript, "const f = () => { ^x }", Some("f"), false),
        (Language::JavaScript, "x = {f: function () { `${^x}` }}", Some("f"), false),
        (Language::Java, "class A { void b() { /* ^ */ } }", Some("A.b"), true),
        (Language::Go, "package p\nfunc F() { ^x() }", Some("F"), false),
        (Language::Php, "<?php class A { function b() { ^x(); } }", Some("A.b"), false),
        (Language::Ruby, "module A\n class B\n def c\n ^x\nend end end", Some("A.B.c"), false),
        (Language::Rust, "impl T { fn f() { ^x } }", Some("T.f"), false),
        (Language::Clojure, "(defn f [] ^x)", Some("f"), false),
        (Language::Hcl, "resource \"t\" \"n\" {\n a = ^x\n}", Some("resource.t.n.a"), false),
        (Language::Json, "{\"a\": {\"b\": ^1}}", Some("a.b"), false),
        (Language::Yaml, "a:\n  b: ^1\n", Some("a.b"), false),
        (Language::Toml, "[a]\nb = ^1\n", Some("a.b"), false),
    ] {
        let offset = text.find('^').expect("a mark");
        let source = text.replacen('^', " ", 1);
        let parsed = parse(language, &source, None).expect("it is short");
        let offset = if quoted { offset } else { offset + 1 };
        assert_eq!(enclosing_name(&parsed, &source, offset).as_deref(), name, "{text}");
        assert_eq!(is_comment_or_string(&parsed, offset), quoted, "{text}");
    }
}

/// Random characters of a text's own alphabet; the same on every machine.
fn junk(text: &str, length: usize) -> String {
    let alphabet: Vec<char> = text.chars().collect();
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut junk = String::with_capacity(length + 4);
    while junk.len() < length {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        junk.push(alphabet[(state >> 33) as usize % alphabet.len()]);
    }
    junk
}

#[test]
#[ignore = "a measurement: cargo test -p wardline-engine measure -- --ignored --nocapture"]
fn measure_parse_and_items() {
    use std::time::Instant;
    for (language, text) in samples() {
        let text = text.replacen("\"unterminated\n", "", 1);
        let text = text.repeat((1 << 20) / text.len());
        parse(language, "", None);
        let before = Instant::now();
        let parsed = parse(language, &text, None).expect("it is below the limit");
        let parsing = before.elapsed();
        let before = Instant::now();
        let found = items(&parsed, &text).len();
        let walking = before.elapsed();
        let junk = junk(&text, 1 << 20);
        let before = Instant::now();
        let cut = parse(language, &junk, None).is_some_and(|parsed| parsed.cut);
        eprintln!(
            "{:12} parse {:6.1} ms (cut {}), {:6} items in {:5.1} ms; junk {:7.1} ms (cut {cut})",
            language.name(),
            parsing.as_secs_f64() * 1e3,
            parsed.cut,
            found,
            walking.as_secs_f64() * 1e3,
            before.elapsed().as_secs_f64() * 1e3,
        );
    }
}
/// Scanners written by hand keep stacks of their own, in buffers of fixed size.
#[test]
fn no_scanner_overflows() {
    let openers = [
        "- ", "? ", "a: ", "<<A ", "<<~A\n", "<<<A\n", "\"#{", "\"${", "f\"{", "$\"{", "%w[", "$(", "`${",
        "r#\"", "<div>", "/*", "#{<<A\n",
    ];
    let mut texts: Vec<String> = openers.iter().map(|open| open.repeat(600)).collect();
    for step in ["if x:\n", "- a:\n", "a:\n"] {
        texts.push((0..600).map(|depth| " ".repeat(depth) + step).collect());
    }
    for (language, _) in samples() {
        for text in &texts {
            check(&parse(language, text, None).expect("it is below the limit"), text);
        }
    }
}
