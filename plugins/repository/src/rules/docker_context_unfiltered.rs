//! Images into which everything of the build's folder is copied, with nothing
//! that leaves secrets out.

use crate::declared::docker_context_unfiltered::*;
use crate::place;
use wardline_plugin::prelude::*;

/// Records what copies everything, and what leaves files out.
pub fn check(found: &Match, report: &mut Report) {
    let document = found.document();
    let folder = place::folder(document.path());
    if found.query() == QUERY_IGNORE {
        let name = document.file_name();
        let is_used = document.text().lines().any(|line| {
            let line = line.trim();
            !line.is_empty() && !line.starts_with('#') && !line.starts_with('!')
        });
        if is_used {
            let of = name.strip_suffix(".dockerignore").filter(|of| !of.is_empty()).map(str::to_owned);
            report.fact("ignore", "", &json!({ "dir": folder, "of": of }), Span { start: 0, end: 0 });
        }
        return;
    }
    if place::is_aside(document) || is_in_heredoc(document, found.span().start) {
        return;
    }
    let is_last = !document.text()[found.span().end as usize..]
        .lines()
        .any(|line| line.trim_start().get(..5).is_some_and(|word| word.eq_ignore_ascii_case("from ")));
    let value = json!({ "dir": folder, "file": document.file_name(), "last": is_last });
    report.fact("copies-all", "", &value, found.span());
}

/// Whether a line is part of a script rather than an instruction: a line above
/// it ends in a continuation.
fn is_in_heredoc(document: &Document, offset: u32) -> bool {
    let before = document.text()[..offset as usize].trim_end_matches([' ', '\t']);
    let above = before.strip_suffix('\n').unwrap_or(before);
    let line = above.rsplit('\n').next().unwrap_or_default().trim_end();
    line.ends_with('\\') && !line.trim_start().starts_with('#')
}

/// Judges all images of the repository.
pub fn correlate(group: &Group, report: &mut Report) {
    let ignores: Vec<Json> = group.facts("repository/ignore").map(|fact| fact.value()).collect();
    let mut seen: Vec<String> = Vec::new();
    for fact in group.facts("repository/copies-all") {
        let value = fact.value();
        let (folder, file) =
            (value["dir"].as_str().unwrap_or_default(), value["file"].as_str().unwrap_or_default());
        if seen.iter().any(|path| path == fact.path()) {
            continue;
        }
        // The context may be the folder itself or one that it is in.
        let is_filtered = ignores.iter().any(|ignore| {
            let dir = ignore["dir"].as_str().unwrap_or_default();
            match ignore["of"].as_str() {
                Some(of) => dir == folder && of == file,
                None => place::ancestors(folder).any(|above| above == dir),
            }
        });
        if is_filtered {
            continue;
        }
        seen.push(fact.path().to_owned());
        let is_last = value["last"] == json!(true);
        let what = if is_last { "the image" } else { "a stage of the build" };
        report
            .finding(RULE, fact.at())
            .message(format!("everything of the build's folder is copied into {what}, and no `.dockerignore` keeps `.git`, `.env` and keys out"))
            .severity(if is_last { Severity::Medium } else { Severity::Low })
            .subject("copies everything");
    }
}
