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
    let others =
        [L::Go, L::Ruby, L::CSharp, L::Kotlin, L::Rust, L::Clojure, L::Bash];
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
    let text = |capture: &Capture| {
        source[capture.start as usize..capture.end as usize].replace('\n', "⏎")
    };
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
    let all = |name: &'static str| {
        item.captures.iter().filter(move |capture| names[capture.name as usize] == name)
    };
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
