//! What the baseline accepts, and what its files look like.

use super::*;
use crate::finding::{Class, Confidence, Place, Position, Severity};
use std::fs;
use std::path::Path;

/// A finding of `rule` at `path`; `what` stands for the syntax around it.
fn finding(rule: &str, path: &str, what: &str) -> Finding {
    let hash = |text: String| blake3::hash(text.as_bytes()).to_hex()[..32].to_owned();
    Finding {
        rule: rule.to_owned(),
        severity: Severity::High,
        confidence: Confidence::High,
        class: Class::Real,
        message: format!("found {what}"),
        place: Place { path: path.to_owned(), start: Position::default(), end: Position::default() },
        excerpt: None,
        related: Vec::new(),
        traces: Vec::new(),
        fixes: Vec::new(),
        fingerprint: hash(format!("{rule} {path} {what}")),
        moved_fingerprint: hash(format!("{rule} {what}")),
        status: Status::Open,
        blocking: false,
        properties: Vec::new(),
    }
}

fn always(_: &str) -> bool {
    true
}

struct Tree {
    folder: tempfile::TempDir,
    store: Store,
}

impl Tree {
    fn accepting(findings: &[Finding], reason: Option<&str>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::new(folder.path(), Path::new(".wardline/accepted"));
        store.create(findings, reason).unwrap();
        Self { folder, store }
    }

    /// Names and contents of the files.
    fn files(&self) -> BTreeMap<String, String> {
        let entries = fs::read_dir(self.folder.path().join(".wardline/accepted")).unwrap();
        let read = |entry: fs::DirEntry| {
            let text = fs::read_to_string(entry.path()).unwrap();
            (entry.file_name().into_string().unwrap(), text)
        };
        entries.map(|entry| read(entry.unwrap())).collect()
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.folder.path().join(".wardline/accepted").join(name), text).unwrap();
    }

    /// The paths of the findings that stay open, and of the stale entries.
    fn apply(
        &self,
        mut findings: Vec<Finding>,
        settled: &dyn Fn(&str) -> bool,
    ) -> (Vec<String>, Vec<String>) {
        let baseline = self.store.load().unwrap().0;
        let stale = baseline.apply(&mut findings, settled).iter().map(|entry| entry.path.clone()).collect();
        let open = findings.into_iter().filter(|finding| finding.status == Status::Open);
        (open.map(|finding| finding.place.path).collect(), stale)
    }
}

#[test]
fn an_accepted_finding_is_marked_and_a_new_one_is_not() {
    let old = finding("a/b", "x.py", "one");
    let tree = Tree::accepting(std::slice::from_ref(&old), None);
    let (open, stale) = tree.apply(vec![old, finding("a/b", "y.py", "two")], &always);
    assert_eq!((open, stale), (vec!["y.py".to_owned()], vec![]));
}

#[test]
fn an_entry_follows_a_renamed_file_but_not_a_copied_one() {
    let (old, new) = (finding("a/b", "old.py", "one"), finding("a/b", "new.py", "one"));
    let second = finding("a/b", "second.py", "one");
    let tree = Tree::accepting(std::slice::from_ref(&old), None);
    for (name, findings, settled, open, stale) in [
        ("renamed", vec![&new], true, vec![], vec![]),
        ("copied", vec![&old, &new], true, vec!["new.py"], vec![]),
        ("renamed and copied", vec![&second, &new], true, vec!["second.py"], vec![]),
        ("the old path was not looked at", vec![&new], false, vec!["new.py"], vec![]),
        ("mended", vec![], true, vec![], vec!["old.py"]),
        ("not looked at", vec![], false, vec![], vec![]),
    ] {
        let findings = findings.into_iter().cloned().collect();
        let found = tree.apply(findings, &|_| settled);
        let expected =
            (open.into_iter().map(str::to_owned).collect(), stale.into_iter().map(str::to_owned).collect());
        assert_eq!(found, expected, "{name}");
    }
}

#[test]
fn a_suppressed_finding_keeps_its_mark_and_its_entry() {
    let mut old = finding("a/b", "x.py", "one");
    let tree = Tree::accepting(std::slice::from_ref(&old), None);
    old.status = Status::Suppressed { reason: "r".to_owned(), by: "comment" };
    let mut findings = [old];
    assert!(tree.store.load().unwrap().0.apply(&mut findings, &always).is_empty());
    assert!(matches!(findings[0].status, Status::Suppressed { .. }));
}

#[test]
fn an_entry_is_a_small_file_that_people_can_read() {
    let tree = Tree::accepting(&[finding("a/b", "x \"y\".py", "one")], Some("agreed with ann"));
    let (name, text) = tree.files().into_iter().next().unwrap();
    assert_eq!(name.len(), 16 + ".toml".len());
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(
        lines[..4],
        ["rule = \"a/b\"", "path = 'x \"y\".py'", "message = \"found one\"", "reason = \"agreed with ann\"",]
    );
    assert!(lines[4].starts_with("fingerprint = ") && lines[5].starts_with("moved-fingerprint = "));
    assert_eq!(lines.len(), 6);
}

#[test]
fn an_update_adds_what_is_new_and_leaves_the_rest_as_it_is() {
    let (one, two) = (finding("a/b", "x.py", "one"), finding("a/b", "x.py", "two"));
    let tree = Tree::accepting(std::slice::from_ref(&one), Some("because"));
    let before = tree.files();
    let changes = tree.store.update(&[one, two], &always, Some("later")).unwrap();
    assert_eq!(changes, Changes { added: 1, ..Changes::default() });
    let after = tree.files();
    assert_eq!(after.len(), 2);
    assert!(before.iter().all(|(name, text)| after[name] == *text));
}

#[test]
fn an_update_lets_entries_follow_with_their_reasons() {
    let (old, mut new) = (finding("a/b", "old.py", "one"), finding("a/b", "new.py", "one"));
    let tree = Tree::accepting(&[old], Some("because"));
    new.status = Status::Baselined;
    let changes = tree.store.update(&[new], &always, Some("later")).unwrap();
    assert_eq!(changes, Changes { moved: 1, ..Changes::default() });
    let files: Vec<_> = tree.files().into_values().collect();
    assert!(files.len() == 1 && files[0].contains("new.py") && files[0].contains("because"), "{files:?}");
}

#[test]
fn pruning_removes_stale_entries_only() {
    let (one, two) = (finding("a/b", "x.py", "one"), finding("a/b", "y.py", "two"));
    let tree = Tree::accepting(&[one.clone(), two], None);
    let unsure = tree.store.prune(std::slice::from_ref(&one), &|path| path != "y.py").unwrap();
    assert_eq!(unsure, Changes::default());
    let changes = tree.store.prune(&[one], &always).unwrap();
    assert_eq!(changes, Changes { removed: 1, ..Changes::default() });
    assert!(tree.files().values().all(|text| text.contains("x.py")));
}

#[test]
fn a_baseline_is_not_started_over_by_mistake() {
    let one = finding("a/b", "x.py", "one");
    let tree = Tree::accepting(std::slice::from_ref(&one), None);
    assert!(tree.store.create(&[one], None).unwrap_err().to_string().contains("there is one already"));
}

#[test]
fn two_branches_that_accept_different_findings_never_touch_the_same_file() {
    let common: Vec<_> = (0..50).map(|n| finding("a/b", "x.py", &format!("common {n}"))).collect();
    let accept_on_branch = |branch: &str| {
        let tree = Tree::accepting(&common, Some("at the start"));
        let before = tree.files();
        let own = (0..50).map(|n| finding("a/b", "x.py", &format!("{branch} {n}")));
        tree.store.update(&common.iter().cloned().chain(own).collect::<Vec<_>>(), &always, None).unwrap();
        let changed = tree.files().into_iter().filter(|(name, text)| before.get(name) != Some(text));
        let changed: BTreeSet<_> = changed.map(|(name, _)| name).collect();
        (before, changed)
    };
    let ((base, ours), (same_base, theirs)) = (accept_on_branch("ours"), accept_on_branch("theirs"));
    assert_eq!(base, same_base);
    assert_eq!((ours.len(), theirs.len()), (50, 50));
    assert!(ours.is_disjoint(&theirs));
}

#[test]
fn the_same_findings_give_the_same_bytes_in_any_order() {
    let mut findings: Vec<_> = (0..20).map(|n| finding("a/b", "x.py", &n.to_string())).collect();
    let forwards = Tree::accepting(&findings, None).files();
    findings.reverse();
    assert_eq!(Tree::accepting(&findings, None).files(), forwards);
}

#[test]
fn a_broken_entry_is_a_notice_and_accepts_nothing() {
    let one = finding("a/b", "x.py", "one");
    let tree = Tree::accepting(std::slice::from_ref(&one), None);
    let good = tree.files().into_values().next().unwrap();
    tree.write("0123456789abcdef.toml", &good);
    tree.write("1.toml", "rule = ");
    tree.write("2.toml", &good.replace("path", "paths"));
    tree.write("3.toml", &good.replace("fingerprint = \"", "fingerprint = \"é"));
    tree.write("4.toml", &format!("{good}# {}", "x".repeat(20_000)));
    tree.write("README.md", "how we decide");
    let (baseline, notices) = tree.store.load().unwrap();
    assert_eq!(baseline.entries().count(), 1);
    let about: Vec<_> = notices.iter().map(|notice| notice.path.as_deref().unwrap()).collect();
    let names =
        ["0123456789abcdef", "1", "2", "3", "4"].map(|name| format!(".wardline/accepted/{name}.toml"));
    assert_eq!(about, names);
    assert!(notices.iter().all(|notice| notice.code == "baseline::broken_entry" && !notice.incomplete));
}

#[test]
fn no_baseline_is_an_empty_one() {
    let root = tempfile::tempdir().unwrap();
    let store = Store::new(root.path(), Path::new("nowhere"));
    assert_eq!(store.load().unwrap(), (Baseline::default(), vec![]));
}

#[test]
fn i18_findings_about_allowances_cannot_be_accepted() {
    let own = finding("wardline/expired-allowance", "x.py", "one");
    let tree = Tree::accepting(std::slice::from_ref(&own), None);
    assert!(tree.files().is_empty());
    let forged = Entry::of(&own, None);
    tree.write(&forged.file_name(), &toml::to_string(&forged).unwrap());
    assert_eq!(tree.apply(vec![own], &|_| false).0, ["x.py"]);
}

#[cfg(unix)]
#[test]
fn i7_i8_links_and_special_files_are_not_read_or_written_through() {
    use std::os::unix::fs::symlink;
    let one = finding("a/b", "x.py", "one");
    let outside = Tree::accepting(std::slice::from_ref(&one), None);
    let target = outside.folder.path().join(".wardline/accepted");
    let before = outside.files();

    // The folder, or one on the way to it, is a link out of the tree.
    for (made, link, to) in [
        ("", ".wardline", outside.folder.path().join(".wardline")),
        (".wardline", ".wardline/accepted", target.clone()),
    ] {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join(made)).unwrap();
        symlink(&to, root.path().join(link)).unwrap();
        let store = Store::new(root.path(), Path::new(".wardline/accepted"));
        store.load().unwrap_err();
        store.update(&[finding("a/b", "y.py", "two")], &always, None).unwrap_err();
    }
    assert_eq!(outside.files(), before);

    // An entry is a link or a pipe.
    let tree = Tree::accepting(&[], None);
    let folder = tree.folder.path().join(".wardline/accepted");
    let name = before.keys().next().unwrap();
    symlink(target.join(name), folder.join(name)).unwrap();
    rustix::fs::mkfifoat(rustix::fs::CWD, folder.join("pipe.toml"), rustix::fs::Mode::RWXU).unwrap();
    let (baseline, notices) = tree.store.load().unwrap();
    assert_eq!((baseline.entries().count(), notices.len()), (0, 2));
}
