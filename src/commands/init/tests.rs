//! What is written, and what is not.

use super::*;
use crate::revision::tests::Checkout;

fn options(root: &Path, pre_commit: bool, ci: Option<Ci>) -> Options {
    Options { root: root.to_owned(), pre_commit, ci }
}

fn init(root: &Path, pre_commit: bool, ci: Option<Ci>) -> Result<String, Error> {
    run(&options(root, pre_commit, ci), &Trusted::default())
}

/// Asserts that nothing is written, and what the help says.
fn check_refused(checkout: &Checkout, pre_commit: bool, ci: Option<Ci>, file: &str, expected: &str) {
    let before = fs::read_to_string(checkout.root().join(file)).unwrap();
    let error = init(&checkout.root(), pre_commit, ci).unwrap_err();
    let help = error.help().expect("the error says what to do").to_string();
    assert!(help.contains(expected), "{help}");
    assert_eq!(fs::read_to_string(checkout.root().join(file)).unwrap(), before);
}

#[test]
fn the_configuration_is_commented_and_valid() {
    let folder = tempfile::tempdir().unwrap();
    let said = init(folder.path(), false, None).unwrap();
    assert!(said.contains("wardline.toml") && said.contains("wardline check"), "{said}");
    let text = fs::read_to_string(folder.path().join("wardline.toml")).unwrap();
    text.parse::<toml::Table>().unwrap();
    // What is commented out is valid too, but for keys shown twice.
    let uncommented = text.replace("# fail-on = \"high:medium\"\n", "");
    let code = |line: &str| line.starts_with("# ") && (line.starts_with("# [") || line.contains(" = "));
    let uncommented: Vec<&str> =
        uncommented.lines().map(|line| if code(line) { &line[2..] } else { line }).collect();
    let table = uncommented.join("\n").parse::<toml::Table>().unwrap();
    for key in ["check", "gate", "rules", "allow"] {
        assert!(table.contains_key(key), "{key}");
    }
}

#[test]
fn nothing_is_written_over() {
    let checkout = Checkout::new();
    checkout.write("wardline.toml", "mine");
    check_refused(&checkout, false, None, "wardline.toml", "config show");
    checkout.write(".git/hooks/pre-commit", "mine");
    check_refused(&checkout, true, None, ".git/hooks/pre-commit", "wardline check --staged");
    checkout.write(".pre-commit-config.yaml", "repos: []");
    check_refused(&checkout, true, None, ".pre-commit-config.yaml", "- id: wardline");
    checkout.write(".gitlab-ci.yml", "mine");
    check_refused(&checkout, false, Some(Ci::Gitlab), ".gitlab-ci.yml", "wardline check --format");
    checkout.write(".github/workflows/wardline.yml", "mine");
    check_refused(&checkout, false, Some(Ci::Github), ".github/workflows/wardline.yml", "rename");
}

#[test]
fn where_one_file_is_in_the_way_none_is_written() {
    let checkout = Checkout::new();
    checkout.write(".gitlab-ci.yml", "mine");
    init(&checkout.root(), true, Some(Ci::Gitlab)).unwrap_err();
    assert!(!checkout.root().join("wardline.toml").exists());
    assert!(!checkout.root().join(".git/hooks/pre-commit").exists());
}

#[test]
fn hooks_and_jobs_can_be_added_later_and_from_a_folder_inside() {
    let checkout = Checkout::new();
    checkout.write("service/wardline.toml", "# mine\n");
    let service = checkout.root().join("service");
    init(&service, true, Some(Ci::Github)).unwrap();
    assert_eq!(fs::read_to_string(service.join("wardline.toml")).unwrap(), "# mine\n");
    let job = fs::read_to_string(checkout.root().join(".github/workflows/wardline.yml")).unwrap();
    assert!(!job.contains('@') || !job.contains("@VERSION@"), "{job}");
    #[cfg(unix)]
    {
        let hook = fs::metadata(checkout.root().join(".git/hooks/pre-commit")).unwrap();
        let mode = std::os::unix::fs::PermissionsExt::mode(&hook.permissions());
        assert_eq!(mode & 0o100, 0o100);
    }
}

#[test]
fn a_hook_needs_a_repository_and_a_configuration_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let error = init(folder.path(), true, None).unwrap_err();
    assert!(matches!(error, Error::Repository(_)), "{error}");
    init(folder.path(), false, Some(Ci::Gitlab)).unwrap();
}

#[cfg(unix)]
#[test]
fn links_are_not_written_through() {
    let checkout = Checkout::new();
    let outside = checkout.root().join("../outside");
    std::os::unix::fs::symlink(&outside, checkout.root().join("wardline.toml")).unwrap();
    init(&checkout.root(), false, None).unwrap_err();
    fs::create_dir(&outside).unwrap();
    fs::remove_dir_all(checkout.root().join(".git/hooks")).unwrap();
    std::os::unix::fs::symlink(&outside, checkout.root().join(".git/hooks")).unwrap();
    init(&checkout.root(), true, None).unwrap_err();
    std::os::unix::fs::symlink(&outside, checkout.root().join(".github")).unwrap();
    init(&checkout.root(), false, Some(Ci::Github)).unwrap_err();
    assert_eq!(fs::read_dir(&outside).unwrap().count(), 0);
}
