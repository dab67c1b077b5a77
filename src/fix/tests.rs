//! Fixes against a naive model, and files that must not be written.

use super::*;
use std::fs;
use wardline_engine::finding::{Class, Confidence, Edit, Place, Position, Severity, Status};

fn place(path: &str, range: Range<u32>) -> Place {
    let position = |offset| Position { offset, ..Position::default() };
    Place { path: path.to_owned(), start: position(range.start), end: position(range.end) }
}

fn fix(applicability: Applicability, path: &str, edits: &[(Range<u32>, &str)]) -> Fix {
    let edit = |(range, text): &(Range<u32>, &str)| Edit {
        place: place(path, range.clone()),
        text: (*text).to_owned(),
    };
    Fix { title: "change it".to_owned(), applicability, edits: edits.iter().map(edit).collect() }
}

fn finding(fixes: Vec<Fix>) -> Finding {
    Finding {
        rule: "test/rule".to_owned(),
        severity: Severity::High,
        confidence: Confidence::High,
        class: Class::Real,
        message: "wrong".to_owned(),
        place: place("file", 0..0),
        excerpt: None,
        related: Vec::new(),
        traces: Vec::new(),
        fixes,
        fingerprint: String::new(),
        moved_fingerprint: String::new(),
        status: Status::Open,
        blocking: true,
        properties: Vec::new(),
    }
}

fn safe(edits: &[(Range<u32>, &str)]) -> Finding {
    finding(vec![fix(Applicability::Safe, "file", edits)])
}

/// Applies one safe fix per entry; gives the text and the reasons of those
/// that were skipped.
fn run(original: &str, fixes: &[&[(Range<u32>, &str)]]) -> (String, Vec<Reason>) {
    let findings: Vec<Finding> = fixes.iter().map(|edits| safe(edits)).collect();
    let fixed = apply("file", original, &candidates(&findings, Applicability::Safe), |_| true);
    assert_eq!(fixed.applied.len() + fixed.skipped.len(), fixes.len());
    (fixed.text, fixed.skipped.iter().map(|(_, reason)| *reason).collect())
}

#[test]
fn disjoint_fixes_are_applied_together() {
    let (text, skipped) = run("one two three", &[&[(8..13, "3")], &[(0..3, "1"), (4..7, "2")]]);
    assert_eq!((text.as_str(), skipped), ("1 2 3", vec![]));
}

#[test]
fn of_two_that_overlap_the_first_in_the_file_wins_and_the_other_is_skipped_whole() {
    let (text, skipped) =
        run("one two three", &[&[(4..9, "x")], &[(0..5, "y")], &[(1..2, "z"), (9..10, "z")]]);
    assert_eq!((text.as_str(), skipped), ("ywo three", vec![Reason::Overlaps, Reason::Overlaps]));
}

#[test]
fn replacements_may_touch_but_not_start_at_the_same_place() {
    assert_eq!(run("abcd", &[&[(0..2, "1")], &[(2..4, "2")]]), ("12".to_owned(), vec![]));
    assert_eq!(run("abcd", &[&[(0..2, "1")], &[(2..2, "+")]]), ("1+cd".to_owned(), vec![]));
    assert_eq!(run("abcd", &[&[(2..2, "x")], &[(2..2, "y")]]), ("abxcd".to_owned(), vec![Reason::Overlaps]));
    assert_eq!(run("abcd", &[&[(2..2, "x")], &[(2..4, "y")]]), ("abxcd".to_owned(), vec![Reason::Overlaps]));
}

#[test]
fn the_same_change_is_made_once_for_both_findings() {
    assert_eq!(run("abcd", &[&[(0..2, "x")], &[(0..2, "x")]]), ("xcd".to_owned(), vec![]));
    assert_eq!(run("abcd", &[&[(2..2, "x")], &[(2..2, "x")]]), ("abxcd".to_owned(), vec![]));
}

#[test]
fn p16_edits_that_do_not_fit_refuse_the_whole_fix() {
    let malformed: &[&[(Range<u32>, &str)]] = &[
        &[],
        &[(0..1, "ok"), (9..10, "beyond the end")],
        &[(0..1, "ok"), (u32::MAX..u32::MAX, "far beyond")],
        &[(Range { start: 3, end: 1 }, "reversed")],
        &[(1..2, "inside a character")],
        &[(2..3, "second"), (0..1, "first")],
        &[(0..2, "overlapping"), (0..3, "itself")],
        &[(0..1, "identical"), (0..1, "identical")],
        &[(3..3, "two insertions"), (3..3, "at one place")],
    ];
    for edits in malformed {
        // Two bytes of é, then four of plain text.
        assert_eq!(run("éabcd", &[*edits]), ("éabcd".to_owned(), vec![Reason::Malformed]), "{edits:?}");
    }
    for path in ["../file", "/etc/passwd", "other", ""] {
        let finding = finding(vec![fix(Applicability::Safe, path, &[(0..1, "x")])]);
        let fixed = apply("file", "abc", &candidates([&finding], Applicability::Safe), |_| true);
        assert_eq!((fixed.text.as_str(), fixed.skipped[0].1), ("abc", Reason::Malformed), "{path}");
    }
}

#[test]
fn p16_a_hundred_thousand_edits_are_applied_and_more_are_refused() {
    let original = "ab".repeat(MAX_EDITS + 1);
    let edits = |count: usize| (0..count as u32).map(|n| (2 * n..2 * n + 1, "x")).collect::<Vec<_>>();
    let (text, skipped) = run(&original, &[&edits(MAX_EDITS)]);
    assert_eq!((text, skipped), ("xb".repeat(MAX_EDITS) + "ab", vec![]));
    assert_eq!(run(&original, &[&edits(MAX_EDITS + 1)]).1, [Reason::Malformed]);
}

/// A small generator, so that a failure can be repeated from its seed.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }
}

/// What applying means, spelled out: a fix counts if no byte and no gap that it
/// starts at is taken; then edits are made from the back of the text.
fn model(original: &str, fixes: &[Vec<(Range<usize>, String)>]) -> String {
    let mut order: Vec<usize> = (0..fixes.len()).collect();
    order.sort_by_key(|index| fixes[*index].first().map(|(range, _)| range.start));
    let mut taken: Vec<(Range<usize>, String)> = Vec::new();
    for index in order {
        let fix = &fixes[index];
        let fits = !fix.is_empty()
            && fix.iter().all(|(range, _)| {
                range.start <= range.end
                    && range.end <= original.len()
                    && original.is_char_boundary(range.start)
                    && original.is_char_boundary(range.end)
            })
            && fix
                .windows(2)
                .all(|pair| pair[0].0.start < pair[1].0.start && pair[0].0.end <= pair[1].0.start);
        let meets =
            |a: &Range<usize>, b: &Range<usize>| a.start == b.start || (a.start < b.end && b.start < a.end);
        let free = |edit: &(Range<usize>, String)| taken.iter().all(|other| !meets(&edit.0, &other.0));
        if fits && fix.iter().all(free) {
            taken.extend(fix.iter().cloned());
        }
    }
    taken.sort_by_key(|(range, _)| (range.start, range.end));
    let mut text = original.to_owned();
    for (range, replacement) in taken.iter().rev() {
        text.replace_range(range.clone(), replacement);
    }
    text
}

#[test]
fn p16_random_fixes_agree_with_a_naive_model() {
    for seed in 0..20_000 {
        let random = &mut Random(seed);
        let original: String =
            (0..random.below(12)).map(|_| ['a', 'é', '\n', '😀', '\r'][random.below(5)]).collect();
        let mut fixes = Vec::new();
        for _ in 0..random.below(6) {
            let mut fix = Vec::new();
            for _ in 0..random.below(4) {
                let start = random.below(original.len() + 3);
                let end = (start + random.below(5)).saturating_sub(random.below(8) / 7);
                // Different texts, so that no two fixes are the same change.
                fix.push((start..end, format!("<{}.{}>", fixes.len(), fix.len())));
            }
            if random.below(3) > 0 {
                fix.sort_by_key(|(range, _)| range.start);
            }
            fixes.push(fix);
        }
        let narrow = |fix: &Vec<(Range<usize>, String)>| {
            let edit = |(range, text): &(Range<usize>, String)| Edit {
                place: place("file", range.start as u32..range.end as u32),
                text: text.clone(),
            };
            let edits = fix.iter().map(edit).collect();
            finding(vec![Fix { title: String::new(), applicability: Applicability::Safe, edits }])
        };
        let findings: Vec<Finding> = fixes.iter().map(narrow).collect();
        let fixed = apply("file", &original, &candidates(&findings, Applicability::Safe), |_| true);
        assert_eq!(fixed.text, model(&original, &fixes), "seed {seed}: {original:?} {fixes:?}");
    }
}

#[test]
fn the_best_fix_that_is_wanted_is_taken_and_templates_never_are() {
    let fix = |applicability, text| fix(applicability, "file", &[(0..1, text)]);
    let all = finding(vec![
        fix(Applicability::Template, "template"),
        fix(Applicability::Suggestion, "suggestion"),
        fix(Applicability::Safe, "safe"),
    ]);
    let text = |wanted| apply("file", "-", &candidates([&all], wanted), |_| true).text;
    assert_eq!(text(Applicability::Safe), "safe");
    assert_eq!(text(Applicability::Suggestion), "suggestion");
    assert_eq!(text(Applicability::Template), "suggestion");
}

#[test]
fn p16_a_fix_that_breaks_the_file_is_left_out_and_the_others_stay() {
    let findings = [safe(&[(0..1, "1")]), safe(&[(2..3, ")")]), safe(&[(4..5, "3")])];
    let fixed =
        apply("file", "a b c", &candidates(&findings, Applicability::Safe), |text| !text.contains(')'));
    assert_eq!(fixed.text, "1 b 3");
    assert_eq!(fixed.applied.len(), 2);
    assert_eq!(fixed.skipped, [(fixed.skipped[0].0, Reason::Breaks)]);
}

#[test]
fn a_diff_can_be_read_by_patch() {
    let diff = unified_diff("src/a.py", "one\ntwo\nthree", "one\n2\nthree");
    let expected = "--- a/src/a.py\n+++ b/src/a.py\n@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n\\ No newline at end of file\n";
    assert_eq!(diff, expected);
    assert_eq!(unified_diff("a", "same", "same"), "");
}

/// A folder with a file in it, and one beside it.
fn tree() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("root/src")).unwrap();
    fs::write(folder.path().join("root/src/a.py"), "old").unwrap();
    fs::write(folder.path().join("outside"), "old").unwrap();
    folder
}

/// Everything below a folder, by path.
fn state(folder: &Path) -> Vec<(String, String)> {
    let mut files = Vec::new();
    let mut pending = vec![folder.to_owned()];
    while let Some(folder) = pending.pop() {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            match entry.file_type().unwrap() {
                kind if kind.is_dir() => pending.push(entry.path()),
                kind if kind.is_file() => {
                    let text = fs::read(entry.path()).unwrap();
                    files.push((
                        entry.path().display().to_string(),
                        String::from_utf8_lossy(&text).into_owned(),
                    ));
                }
                _ => {}
            }
        }
    }
    files.sort();
    files
}

#[test]
fn a_fixed_file_keeps_its_permissions_and_byte_order_mark() {
    let folder = tree();
    let root = folder.path().join("root");
    let file = root.join("src/a.py");
    fs::write(&file, "\u{feff}old").unwrap();
    #[cfg(unix)]
    fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    write(&root, "src/a.py", "old", "new").unwrap();
    assert_eq!(fs::read_to_string(&file).unwrap(), "\u{feff}new");
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&file).unwrap().permissions());
        assert_eq!(mode & 0o777, 0o755);
    }
    assert_eq!(fs::read_dir(root.join("src")).unwrap().count(), 1);
}

#[test]
fn p16_nothing_outside_the_tree_and_no_link_is_written() {
    let folder = tree();
    let root = folder.path().join("root");
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("../outside", root.join("link")).unwrap();
        std::os::unix::fs::symlink(folder.path(), root.join("folder-link")).unwrap();
        std::os::unix::fs::symlink("link", root.join("loop")).unwrap();
    }
    let before = state(folder.path());
    let absolute = folder.path().join("outside").display().to_string();
    for path in [
        "../outside",
        "src/../../outside",
        &absolute,
        "link",
        "folder-link/outside",
        "loop",
        "src",
        "",
        ".",
        "none",
    ] {
        assert!(write(&root, path, "old", "new").is_err(), "{path}");
        assert_eq!(state(folder.path()), before, "{path}");
    }
}

#[test]
fn i14_a_file_that_changed_since_it_was_read_is_left_alone() {
    let folder = tree();
    let root = folder.path().join("root");
    for changed in ["newer", "", "old\n", "o\u{0}l\u{0}d\u{0}"] {
        fs::write(root.join("src/a.py"), changed).unwrap();
        let error = write(&root, "src/a.py", "old", "new").unwrap_err();
        assert!(error.to_string().contains("not what was checked"), "{error}");
        assert_eq!(fs::read_to_string(root.join("src/a.py")).unwrap(), changed);
    }
    fs::remove_file(root.join("src/a.py")).unwrap();
    write(&root, "src/a.py", "old", "new").unwrap_err();
    assert!(!root.join("src/a.py").exists());
}

#[cfg(unix)]
#[test]
fn read_only_files_and_pipes_are_left_alone() {
    let folder = tree();
    let root = folder.path().join("root");
    let file = root.join("src/a.py");
    fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o444)).unwrap();
    write(&root, "src/a.py", "old", "new").unwrap_err();
    assert_eq!(fs::read_to_string(&file).unwrap(), "old");
    let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
    rustix::fs::mknodat(rustix::fs::CWD, root.join("pipe"), rustix::fs::FileType::Fifo, mode, 0).unwrap();
    write(&root, "pipe", "old", "new").unwrap_err();
}
