//! Projects whose dependencies no lockfile fixes, or one that is behind.

use crate::declared::unlocked_dependencies::*;
use crate::lock::{self, Knows};
use crate::manifest::{self, Ecosystem};
use crate::place;
use wardline_plugin::prelude::*;

/// Names that a message lists.
const NAMED: usize = 5;

/// Records manifests, lockfiles and what tells a program from a library.
pub fn check(found: &Match, report: &mut Report) {
    let document = found.document();
    let folder = place::folder(document.path());
    match found.query() {
        QUERY_LOCKFILE => {
            let Some(lock) = lock::read(document.file_name(), document.text()) else { return };
            let knows = match lock.knows {
                Knows::Nothing => json!({}),
                Knows::Names(names) => json!({ "names": names }),
                Knows::Ranges(ranges) => json!({ "ranges": ranges }),
                Knows::Folders(folders, free) => json!({ "folders": folders, "free": free }),
            };
            let value = json!({ "dir": folder, "file": document.file_name(), "knows": knows });
            report.fact("lockfile", lock.ecosystem.key(), &value, Span { start: 0, end: 0 });
        }
        QUERY_PROGRAM => {
            let package = folder.strip_suffix("src").map_or(folder, |above| above.trim_end_matches('/'));
            report.fact(
                "program",
                Ecosystem::Cargo.key(),
                &json!({ "dir": package }),
                Span { start: 0, end: 0 },
            );
        }
        _ => {
            if place::is_aside(document) {
                return;
            }
            let Some(manifest) = manifest::read(document.file_name(), document.text()) else { return };
            let value = json!({
                "dir": folder,
                "ecosystem": manifest.ecosystem.key(),
                "dependencies": manifest.dependencies,
                "program": manifest.is_program,
                "command": manifest.lockfile.0,
                "lockfile": manifest.lockfile.1,
                "name": manifest.name,
                "workspace": manifest.is_workspace,
            });
            let at = ["\"dependencies\"", "[dependencies]", "require", "dependencies", "[packages]", "gem "]
                .into_iter()
                .map(|word| place::span_of(document, word))
                .find(|span| span.end > 0);
            report.fact(
                "manifest",
                manifest.ecosystem.key(),
                &value,
                at.unwrap_or(Span { start: 0, end: 0 }),
            );
        }
    }
}

/// What a lockfile's fact says.
struct Locked<'c> {
    fact: Fact<'c>,
    value: Json,
}

/// Judges all manifests of one ecosystem.
pub fn correlate(group: &Group, report: &mut Report) {
    let locks: Vec<Locked<'_>> =
        group.facts("repository/lockfile").map(|fact| Locked { value: fact.value(), fact }).collect();
    let programs: Vec<Json> = group.facts("repository/program").map(|fact| fact.value()).collect();
    let manifests: Vec<(Fact<'_>, Json)> =
        group.facts("repository/manifest").map(|fact| (fact, fact.value())).collect();
    for (fact, manifest) in &manifests {
        let folder = text(manifest, "dir");
        let nearest = place::ancestors(folder)
            .find(|above| locks.iter().any(|lock| text(&lock.value, "dir") == *above));
        let own_folder_only = matches!(group.key(), "go" | "composer" | "bundler");
        let nearest = nearest.filter(|above| !own_folder_only || *above == folder);
        let Some(nearest) = nearest else {
            // A member is locked, or not, with its workspace.
            let has_root = place::ancestors(folder).skip(1).any(|above| {
                manifests
                    .iter()
                    .any(|(_, other)| text(other, "dir") == above && other["workspace"] == json!(true))
            });
            if !has_root {
                missing(group.key(), fact, manifest, &programs, report);
            }
            continue;
        };
        let here: Vec<&Locked<'_>> =
            locks.iter().filter(|lock| text(&lock.value, "dir") == nearest).collect();
        let stale: Vec<Vec<String>> =
            here.iter().map(|lock| behind(manifest, &lock.value, folder, nearest)).collect();
        // Where two managers have their lockfiles side by side, one is enough.
        let Some(names) = stale.iter().min_by_key(|names| names.len()).filter(|names| !names.is_empty())
        else {
            continue;
        };
        let file = text(&here[0].value, "file");
        report
            .finding(RULE, fact.at())
            .message(format!(
                "`{file}` does not know {} as they are asked for here, so it is behind: run `{}`",
                list(names),
                text(manifest, "command")
            ))
            .confidence(Confidence::High)
            .subject(format!("{folder} behind"))
            .related(here[0].fact.at(), "the lockfile");
    }
}

/// Reports that there is no lockfile.
fn missing(ecosystem: &str, fact: &Fact, manifest: &Json, programs: &[Json], report: &mut Report) {
    let count = manifest["dependencies"].as_object().map_or(0, serde_json::Map::len);
    let folder = text(manifest, "dir");
    let lockfile = text(manifest, "lockfile");
    let has_main = programs.iter().any(|program| text(program, "dir") == folder);
    let is_program = manifest["program"].as_bool().or_else(|| has_main.then_some(true));
    if lockfile == "bun.lock" {
        // Older Bun writes a binary file, which is not read.
        report.unknown(RULE, fact.at(), "whether there is a binary `bun.lockb` is not known");
        return;
    }
    // Libraries leave versions to those who use them.
    if count == 0 || is_program == Some(false) || is_program.is_none() && ecosystem != "node" {
        return;
    }
    let dependencies =
        if count == 1 { "its dependency".to_owned() } else { format!("its {count} dependencies") };
    let finding = report
        .finding(RULE, fact.at())
        .message(format!(
            "no `{lockfile}` fixes the versions of {dependencies}, nor of what they need: every install may get others; run `{}`",
            text(manifest, "command")
        ))
        .subject(format!("{folder} missing"));
    if is_program.is_none() {
        finding.severity(Severity::Low).confidence(Confidence::Low);
    }
}

/// The dependencies that a lockfile does not know as the manifest asks for
/// them.
fn behind(manifest: &Json, lock: &Json, folder: &str, root: &str) -> Vec<String> {
    let knows = &lock["knows"];
    let dependencies = manifest["dependencies"].as_object().into_iter().flatten();
    let dependencies = dependencies.map(|(name, range)| (name, range.as_str().unwrap_or_default()));
    let has = |known: &Json, text: &str| {
        let number = u64::from(lock::number(text));
        known.as_array().is_some_and(|all| all.iter().any(|item| item.as_u64() == Some(number)))
    };
    if let Some(folders) = knows.get("folders") {
        let Some(known) = place::relative(folder, root).and_then(|relative| folders.get(relative)) else {
            return Vec::new();
        };
        return dependencies
            .filter(|(name, range)| !has(known, &format!("{name}@{range}")) && !has(&knows["free"], name))
            .map(|(name, _)| name.clone())
            .collect();
    }
    // Which manifests below belong to it, only the forms above say.
    if folder != root {
        return Vec::new();
    }
    if let Some(known) = knows.get("ranges") {
        let unknown = |(name, range): &(&String, &str)| !has(known, &format!("{name}@{range}"));
        return dependencies.filter(unknown).map(|(name, _)| name.clone()).collect();
    }
    if let Some(known) = knows.get("names") {
        // `?` stands for a condition that decides whether it is needed.
        let unknown = |(name, range): &(&String, &str)| *range != "?" && !has(known, name);
        return dependencies.filter(unknown).map(|(name, _)| name.clone()).collect();
    }
    Vec::new()
}

fn list(names: &[String]) -> String {
    let shown: Vec<String> = names.iter().take(NAMED).map(|name| format!("`{name}`")).collect();
    let more = names.len().saturating_sub(NAMED);
    if more > 0 { format!("{} and {more} more", shown.join(", ")) } else { shown.join(", ") }
}

fn text<'j>(json: &'j Json, key: &str) -> &'j str {
    json.get(key).and_then(Json::as_str).unwrap_or_default()
}
