//! Does what the document says.

use crate::declared::act::*;
use std::cell::Cell;
use wardline_plugin::prelude::*;

thread_local! {
    static CALLS: Cell<u32> = const { Cell::new(0) };
}

/// Misbehaves.
pub fn check(found: &Match, report: &mut Report) {
    let what = found.get(WHAT).map_or("", |node| node.text());
    let span = |start, end| Span { start, end };
    CALLS.set(CALLS.get() + 1);
    match what {
        "nothing" => {
            report.finding(RULE, found.span()).message(format!("call {}", CALLS.get()));
        }
        "loop" => loop {
            CALLS.set(CALLS.get().wrapping_add(1));
        },
        "panic" => panic!("as asked"),
        "divide" => {
            let zero = std::hint::black_box(0);
            report.finding(RULE, found.span()).message(format!("{}", std::hint::black_box(1) / zero));
        }
        "recurse" => {
            report.finding(RULE, found.span()).message(deep(found.span().start).to_string());
        }
        "memory" => {
            let mut hoard: Vec<Vec<u8>> = Vec::new();
            loop {
                hoard.push(vec![1; 1 << 20]);
                std::hint::black_box(&hoard);
            }
        }
        "flood" => {
            for index in 0..50_000 {
                report.finding(RULE, found.span()).message(format!("finding {index}"));
            }
        }
        "flood-some" => {
            for index in 0..900 {
                report.finding(RULE, span(index, index + 1)).message(format!("finding {index}")).subject(index.to_string());
            }
        }
        "big-message" => {
            report.finding(RULE, found.span()).message("x".repeat(100 << 10));
        }
        "huge-message" => {
            report.finding(RULE, found.span()).message("x".repeat(40 << 20));
        }
        "spans" => {
            let length = found.document().text().len() as u32;
            for (start, end) in [
                (9, 3),
                (length, length + 1),
                (u32::MAX, u32::MAX),
                (0, u32::MAX),
                (u32::MAX - 1, 0),
            ] {
                report.finding(RULE, span(start, end)).message(format!("{start}..{end}"));
            }
            // Inside a character, if the document has one of several bytes.
            if let Some((at, _)) = found.document().text().char_indices().find(|(_, c)| c.len_utf8() > 1) {
                let at = at as u32 + 1;
                report.finding(RULE, span(at, at)).message("inside a character");
            }
        }
        "edits" => {
            let here = found.span();
            let overlap = |fix: wardline_plugin::Edits| fix.replace(here, "a").replace(here, "b");
            report
                .finding(RULE, here)
                .message("edits")
                .fix("overlapping", Applicability::Safe, overlap)
                .fix("out of range", Applicability::Safe, |fix| fix.replace(span(0, u32::MAX), "a"))
                .fix("too large", Applicability::Safe, |fix| fix.replace(here, "a".repeat(100 << 10)))
                .fix("too many", Applicability::Safe, |mut fix| {
                    for _ in 0..1_000 {
                        fix = fix.replace(here, "a");
                    }
                    fix
                });
        }
        "places" => {
            report.finding(RULE, Location::Place(3)).message("a place of another phase");
            report.finding(RULE, Location::Fact(0)).message("a fact of another phase");
        }
        "facts" => {
            for index in 0..20_000 {
                report.fact("seen", "key", &json!(index), found.span());
            }
            report.fact("undeclared", "key", &json!(1), found.span());
        }
        "escape" => {
            report
                .finding(RULE, found.span())
                .message("a\u{1b}[31mred\u{7} \u{202e}bidi \u{9b}x\n::error::gotcha\r##vso[task.x]");
        }
        _ => {
            report.finding(RULE, found.span());
        }
    }
}

#[allow(unconditional_recursion)]
fn deep(depth: u32) -> u32 {
    let here = std::hint::black_box([depth; 64]);
    deep(here[0].wrapping_add(1)).wrapping_add(here[1])
}
