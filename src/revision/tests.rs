//! Small repositories, made with git; hostile ones by changing them afterwards.

use super::*;
use std::fs;
use std::process::Command;
use tempfile::TempDir;

/// A checkout in a temporary folder, one level down, so that a test can put
/// things beside it that must not be read.
pub(crate) struct Checkout {
    folder: TempDir,
}

impl Checkout {
    /// An empty repository on the branch `main`.
    pub(crate) fn new() -> Self {
        let checkout = Self { folder: tempfile::tempdir().expect("a temporary folder can be made") };
        fs::create_dir(checkout.root()).expect("the temporary folder is writable");
        checkout.git(&["init", "--quiet", "--initial-branch=main"]);
        checkout
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().join("checkout")
    }

    pub(crate) fn write(&self, path: &str, text: &str) -> &Self {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().expect("a path in the checkout has a parent")).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    /// Runs git without any configuration but the repository's own.
    pub(crate) fn git(&self, arguments: &[&str]) -> &Self {
        let output = Command::new("git")
            .args(arguments)
            .current_dir(self.root())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.folder.path())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_AUTHOR_NAME", "author")
            .env("GIT_AUTHOR_EMAIL", "author@example.com")
            .env("GIT_COMMITTER_NAME", "author")
            .env("GIT_COMMITTER_EMAIL", "author@example.com")
            .output()
            .expect("tests need git");
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        self
    }

    fn commit(&self) -> &Self {
        self.git(&["add", "--all"]).git(&["commit", "--quiet", "--allow-empty", "-m", "a change"])
    }

    fn open(&self) -> Result<Repository, Error> {
        Repository::open(&self.root(), &Trusted::default())
    }
}

/// Paths and contents, as a test writes them down.
fn contents(repository: &Repository, blobs: &[Blob]) -> Vec<(String, String)> {
    let text = |blob: &Blob| String::from_utf8(repository.read(blob).expect("the blob can be read")).unwrap();
    blobs.iter().map(|blob| (blob.path.clone(), text(blob))).collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
}

fn check_tree(repository: &Repository, revision: &str, expected: &[(&str, &str)]) {
    let blobs = repository.tree(revision).unwrap();
    assert_eq!(contents(repository, &blobs), pairs(expected), "at {revision}");
}

fn check_staged(repository: &Repository, expected: &[(&str, &str)]) {
    let blobs = repository.staged().unwrap();
    assert_eq!(contents(repository, &blobs), pairs(expected));
}

fn code(error: &Error) -> String {
    miette::Diagnostic::code(error).expect("every error has a code").to_string()
}

/// Asserts the error of a read-through: opened, listed and staged.
fn check_refused(checkout: &Checkout, expected: &str) {
    let refused = checkout
        .open()
        .and_then(|repository| repository.tree("HEAD").and_then(|_| repository.staged()))
        .expect_err("the repository is refused");
    assert_eq!(code(&refused), expected, "{refused}");
}

#[test]
fn a_tree_lists_its_regular_files_by_path() {
    let checkout = Checkout::new();
    checkout.write("b.py", "one").write("a/deep/c.py", "two").write("a.py", "three");
    #[cfg(unix)]
    std::os::unix::fs::symlink("b.py", checkout.root().join("link.py")).unwrap();
    checkout.commit();
    let repository = checkout.open().unwrap();
    check_tree(&repository, "HEAD", &[("a.py", "three"), ("a/deep/c.py", "two"), ("b.py", "one")]);
}

#[test]
fn revisions_are_branches_tags_ancestors_and_abbreviated_names() {
    let checkout = Checkout::new();
    checkout.write("a", "old").commit().git(&["tag", "-a", "v1", "-m", "one"]);
    checkout.git(&["branch", "before"]).write("a", "new").commit();
    let repository = checkout.open().unwrap();
    for revision in ["v1", "before", "HEAD~1", "HEAD^", "main~1", "refs/tags/v1"] {
        check_tree(&repository, revision, &[("a", "old")]);
    }
    check_tree(&repository, "main", &[("a", "new")]);
    checkout.git(&["gc", "--quiet"]);
    check_tree(&checkout.open().unwrap(), "v1", &[("a", "old")]);
}

#[test]
fn a_folder_of_the_checkout_sees_only_its_own_files() {
    let checkout = Checkout::new();
    checkout.write("top", "no").write("service/a", "yes").write("service-two/a", "no").commit();
    checkout.write("service/b", "staged").write("other", "no").git(&["add", "--all"]);
    checkout.write("new/c", "not there before");
    let service = Repository::open(&checkout.root().join("service"), &Trusted::default()).unwrap();
    check_tree(&service, "HEAD", &[("a", "yes")]);
    check_staged(&service, &[("b", "staged")]);
    check_tree(&Repository::open(&checkout.root().join("new"), &Trusted::default()).unwrap(), "HEAD", &[]);
}

#[test]
fn staged_are_the_added_and_the_changed_with_their_staged_content() {
    let checkout = Checkout::new();
    checkout.write("same", "same").write("changed", "old").write("gone", "gone").commit();
    checkout.write("changed", "staged").write("added", "new").git(&["add", "--all"]);
    checkout.git(&["rm", "--quiet", "gone"]).write("changed", "edited again").write("untracked", "no");
    checkout.write("intended", "later").git(&["add", "--intent-to-add", "intended"]);
    check_staged(&checkout.open().unwrap(), &[("added", "new"), ("changed", "staged")]);
}

#[test]
fn before_the_first_commit_everything_in_the_index_is_staged() {
    let checkout = Checkout::new();
    check_staged(&checkout.open().unwrap(), &[]);
    checkout.write("a", "first").git(&["add", "a"]);
    check_staged(&checkout.open().unwrap(), &[("a", "first")]);
}

#[test]
fn the_index_of_a_commit_under_way_is_taken_from_the_environment() {
    let checkout = Checkout::new();
    checkout.write("a", "old").commit().write("a", "new");
    let index = checkout.root().join(".git/next-index.lock");
    fs::copy(checkout.root().join(".git/index"), &index).unwrap();
    checkout.git(&["add", "a"]);
    fs::rename(checkout.root().join(".git/index"), checkout.root().join(".git/other")).unwrap();
    fs::rename(&index, checkout.root().join(".git/index")).unwrap();
    check_staged(&checkout.open().unwrap(), &[]);
    let trusted = Trusted { index: Some(checkout.root().join(".git/other")), ..Trusted::default() };
    check_staged(&Repository::open(&checkout.root(), &trusted).unwrap(), &[("a", "new")]);
}

#[test]
fn the_current_branch_is_read_without_opening_the_repository() {
    let checkout = Checkout::new();
    let branch = || current_branch(&checkout.root(), &Trusted::default()).unwrap();
    checkout.write("a", "a").commit();
    assert_eq!(branch().as_deref(), Some("main"));
    checkout.git(&["switch", "--quiet", "-c", "feature/x"]);
    assert_eq!(branch().as_deref(), Some("feature/x"));
    checkout.git(&["switch", "--quiet", "--detach"]);
    assert_eq!(branch(), None);
}

#[test]
fn errors_say_what_to_do_next() {
    let empty = tempfile::tempdir().unwrap();
    let error = Repository::open(empty.path(), &Trusted::default()).err().unwrap();
    assert_eq!(code(&error), "revision::not_a_repository");

    let checkout = Checkout::new();
    checkout.write("a", "a").commit();
    let error = checkout.open().unwrap().tree("no-such-branch").unwrap_err();
    assert_eq!(error.to_string(), "unknown revision `no-such-branch`");
    let help = miette::Diagnostic::help(&error).unwrap().to_string();
    assert!(help.contains("origin/main"), "{help}");
}

#[test]
fn a_shallow_clone_is_told_to_fetch_more() {
    let origin = Checkout::new();
    origin.write("a", "old").commit().write("a", "new").commit();
    let clone = Checkout::new();
    let url = format!("file://{}", origin.root().display());
    clone.git(&["fetch", "--quiet", "--depth=1", &url, "main"]).git(&[
        "reset",
        "--quiet",
        "--hard",
        "FETCH_HEAD",
    ]);
    let repository = clone.open().unwrap();
    check_tree(&repository, "HEAD", &[("a", "new")]);
    let error = repository.tree("HEAD~1").unwrap_err();
    let help = miette::Diagnostic::help(&error).unwrap().to_string();
    assert!(help.contains("shallow"), "{help}");
}

#[test]
fn a_missing_object_is_an_error_not_an_empty_file() {
    let checkout = Checkout::new();
    checkout.write("a", "content").commit();
    let repository = checkout.open().unwrap();
    let blobs = repository.tree("HEAD").unwrap();
    let name = blobs[0].id.to_string();
    fs::remove_file(checkout.root().join(".git/objects").join(&name[..2]).join(&name[2..])).unwrap();
    let error = checkout.open().unwrap().read(&blobs[0]).unwrap_err();
    assert_eq!(code(&error), "revision::missing_object");
}

/// Writes a tree object that git itself would not write.
fn hostile_tree(checkout: &Checkout, entries: &[(&str, &str, gix::ObjectId)]) -> gix::ObjectId {
    let mut data = Vec::new();
    for (mode, name, id) in entries {
        data.extend_from_slice(format!("{mode} {name}\0").as_bytes());
        data.extend_from_slice(id.as_slice());
    }
    let library = gix::open(checkout.root()).unwrap();
    gix::objs::Write::write_buf(&library.objects, gix::objs::Kind::Tree, &data).unwrap()
}

#[test]
fn a_tree_with_impossible_names_is_refused() {
    let checkout = Checkout::new();
    checkout.write("a", "a").commit();
    let blob = checkout.open().unwrap().tree("HEAD").unwrap()[0].id;
    for name in ["..", ".", ".GIT", "../../escape"] {
        let tree = hostile_tree(&checkout, &[("100644", name, blob)]);
        let error = checkout.open().unwrap().tree(&tree.to_string()).unwrap_err();
        assert_eq!(code(&error), "revision::malformed_tree", "{name}");
    }
}

#[test]
fn a_tree_that_multiplies_is_cut() {
    let checkout = Checkout::new();
    checkout.write("a", "a").commit();
    let blob = checkout.open().unwrap().tree("HEAD").unwrap()[0].id;
    let names: Vec<String> = (0..100).map(|n| format!("{n:03}")).collect();
    let mut id = blob;
    for level in 0..10 {
        let mode = if level == 0 { "100644" } else { "40000" };
        let entries: Vec<_> = names.iter().map(|name| (mode, name.as_str(), id)).collect();
        id = hostile_tree(&checkout, &entries);
    }
    let error = checkout.open().unwrap().tree(&id.to_string()).unwrap_err();
    assert_eq!(code(&error), "revision::malformed_tree");
}

#[test]
fn a_blob_over_the_limit_is_refused_by_its_header() {
    let checkout = Checkout::new();
    let file = fs::File::create(checkout.root().join("big")).unwrap();
    file.set_len(MAX_BLOB + 1).unwrap();
    checkout.commit();
    let repository = checkout.open().unwrap();
    let error = repository.read(&repository.tree("HEAD").unwrap()[0]).unwrap_err();
    assert_eq!(code(&error), "revision::too_large");
}

#[test]
fn i19_configuration_of_the_repository_runs_nothing() {
    let checkout = Checkout::new();
    checkout.write("a", "a").commit();
    let canary = checkout.folder.path().join("canary");
    let touch = format!("touch {}", canary.display());
    let included = checkout.folder.path().join("included");
    fs::write(&included, format!("[core]\n\tfsmonitor = {touch}\n\tbare = true\n")).unwrap();
    let config = format!(
        "[core]\n\trepositoryformatversion = 0\n\tfsmonitor = {touch}\n\thooksPath = {hooks}\n\tsshCommand = {touch}\n\
         \tworktree = /\n\tpager = {touch}\n\tattributesFile = /etc/passwd\n\
         [include]\n\tpath = {included}\n[filter \"x\"]\n\tclean = {touch}\n\tsmudge = {touch}\n\tprocess = {touch}\n\
         [diff]\n\texternal = {touch}\n[extensions]\n\tworktreeConfig = true\n",
        hooks = checkout.folder.path().display(),
        included = included.display(),
    );
    checkout.write(".gitattributes", "* filter=x diff=x\n");
    checkout.git(&["add", "--all"]);
    fs::write(checkout.root().join(".git/config"), config).unwrap();
    for hook in ["post-index-change", "reference-transaction", "post-checkout"] {
        let path = checkout.root().join(".git/hooks").join(hook);
        fs::write(&path, format!("#!/bin/sh\n{touch}\n")).unwrap();
        #[cfg(unix)]
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    }
    let repository = checkout.open().unwrap();
    check_tree(&repository, "HEAD", &[("a", "a")]);
    check_staged(&repository, &[(".gitattributes", "* filter=x diff=x\n")]);
    assert!(!canary.exists());
}

#[test]
fn i19_a_pointer_out_of_the_checkout_is_refused_unless_the_environment_names_it() {
    let checkout = Checkout::new();
    checkout.write("a", "a").commit();
    let outside = checkout.folder.path().join("elsewhere.git");
    fs::rename(checkout.root().join(".git"), &outside).unwrap();
    for pointer in [outside.display().to_string(), "../elsewhere.git".to_owned()] {
        checkout.write(".git", &format!("gitdir: {pointer}\n"));
        check_refused(&checkout, "revision::outside");
        assert!(current_branch(&checkout.root(), &Trusted::default()).is_err());
    }
    let trusted = Trusted { git_dir: Some(outside.clone()), ..Trusted::default() };
    let repository = Repository::open(&checkout.root(), &trusted).unwrap();
    check_tree(&repository, "HEAD", &[("a", "a")]);
    #[cfg(unix)]
    {
        fs::remove_file(checkout.root().join(".git")).unwrap();
        std::os::unix::fs::symlink(&outside, checkout.root().join(".git")).unwrap();
        check_refused(&checkout, "revision::outside");
    }
}

#[test]
fn a_pointer_inside_the_checkout_is_followed() {
    let checkout = Checkout::new();
    checkout.write("a", "a").commit();
    fs::rename(checkout.root().join(".git"), checkout.root().join(".bare")).unwrap();
    checkout.write(".git", "gitdir: ./.bare\n");
    check_tree(&checkout.open().unwrap(), "HEAD", &[("a", "a")]);
}

#[test]
fn a_linked_checkout_works_in_a_hook() {
    let checkout = Checkout::new();
    checkout.write("a", "a").commit().git(&["worktree", "add", "--quiet", "-b", "side", "../linked"]);
    let linked = checkout.folder.path().join("linked");
    fs::write(linked.join("a"), "changed").unwrap();
    checkout.git(&["-C", "../linked", "add", "a"]);
    let error = Repository::open(&linked, &Trusted::default()).err().unwrap();
    assert_eq!(code(&error), "revision::outside");
    let trusted =
        Trusted { git_dir: Some(checkout.root().join(".git/worktrees/linked")), ..Trusted::default() };
    check_staged(&Repository::open(&linked, &trusted).unwrap(), &[("a", "changed")]);
    assert_eq!(current_branch(&linked, &trusted).unwrap().as_deref(), Some("side"));
}

#[test]
fn i19_pointers_that_loop_or_lie_are_refused() {
    for (pointer, expected) in [
        ("gitdir: .git\n", "revision::unsafe_layout"),
        ("gitdir: ./.git/.git\n", "revision::outside"),
        ("gitdir: no-such-folder\n", "revision::outside"),
        ("gitdir:\n", "revision::unsafe_layout"),
        ("\u{0}\u{1b}[31m", "revision::unsafe_layout"),
    ] {
        let checkout = Checkout::new();
        fs::remove_dir_all(checkout.root().join(".git")).unwrap();
        checkout.write(".git", pointer);
        check_refused(&checkout, expected);
    }
}

#[test]
fn i19_borrowed_objects_and_common_folders_outside_are_refused() {
    let other = Checkout::new();
    other.write("a", "a").commit();
    let checkout = Checkout::new();
    checkout.write("b", "b").commit();
    let objects = other.root().join(".git/objects").display().to_string();
    checkout.write(".git/objects/info/alternates", &objects);
    check_refused(&checkout, "revision::outside");

    let checkout = Checkout::new();
    checkout.write("b", "b").commit();
    checkout.write(".git/commondir", &other.root().join(".git").display().to_string());
    check_refused(&checkout, "revision::outside");
}

#[test]
fn i19_an_index_of_a_gigabyte_is_not_read() {
    let checkout = Checkout::new();
    checkout.write("a", "a").commit();
    let index = fs::OpenOptions::new().write(true).open(checkout.root().join(".git/index")).unwrap();
    index.set_len(1 << 30).unwrap();
    check_refused(&checkout, "revision::unsafe_layout");
}

#[test]
fn a_damaged_index_is_an_error() {
    let checkout = Checkout::new();
    checkout.write("a", "a").commit();
    let path = checkout.root().join(".git/index");
    let bytes = fs::read(&path).unwrap();
    for cut in [0, 4, 11, 40, bytes.len() - 1] {
        fs::write(&path, &bytes[..cut]).unwrap();
        let error = checkout.open().unwrap().staged().unwrap_err();
        assert_eq!(code(&error), "revision::unreadable", "{cut} bytes");
    }
}

#[cfg(unix)]
#[test]
fn i19_links_and_pipes_inside_the_repository_are_not_opened() {
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    let pipe = |path: &Path| mknodat(CWD, path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
    let link = |path: &Path| std::os::unix::fs::symlink("/dev/zero", path).unwrap();
    let makers: [&dyn Fn(&Path); 2] = [&pipe, &link];
    for make in makers {
        for name in [
            "HEAD",
            "config",
            "packed-refs",
            "index",
            "shallow",
            "ORIG_HEAD",
            "refs/heads/x",
            "objects/pack/x.idx",
        ] {
            let checkout = Checkout::new();
            checkout.write("a", "a").commit();
            let path = checkout.root().join(".git").join(name);
            let _ = fs::remove_file(&path);
            make(&path);
            check_refused(&checkout, "revision::unsafe_layout");
        }
    }
}
