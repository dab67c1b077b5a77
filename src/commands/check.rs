//! `wardline check`: from paths to reports and an exit code.

use crate::arguments::{Check, ColorChoice, Shown};
use crate::report::{self, Context, Format, Options, Show};
use crate::revision::{Blob, Repository, Trusted};
use crate::{Exit, Failure, fix, output, session, worker};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{IsTerminal as _, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use wardline_engine::baseline::Store;
use wardline_engine::check::{Care, Checker, Documents, Outcome, Progress, Texts};
use wardline_engine::config::Overrides;
use wardline_engine::document::Masks;
use wardline_engine::finding::{Applicability, Finding, Status};
use wardline_engine::notice::Notice;
use wardline_engine::plugin::host::{Host, Workers};
use wardline_engine::plugin::set::Plugin;
use wardline_engine::syntax::{self, language::Language};
use wardline_engine::walk::{ReadError, Root, Skip, Walked};

/// Checks, reports, and says how to end.
pub(crate) fn run(options: &Check, color: ColorChoice, care: &worker::Care) -> Result<Exit, Failure> {
    let care = Care { quarantined: &care.quarantined, suspects: &care.suspects };
    let start = Instant::now();
    let overrides = Overrides {
        fail_on: options.fail_on,
        only: options.only.clone(),
        skip: options.skip.clone(),
        baseline: options.baseline.as_deref().map(absolute),
        ..Overrides::default()
    };
    let from_stdin = options.paths.iter().any(|path| path.as_os_str() == "-");
    let folder = match options.paths.first() {
        Some(path) if !from_stdin => path.clone(),
        _ => PathBuf::from("."),
    };
    let checker = session::checker(&folder, overrides, &options.plugins, options.date)?;
    let root = Root::open(&checker.config().root).map_err(|error| {
        miette::miette!("`{}` can not be opened: {error}", checker.config().root.display())
    })?;
    let workers = Workers::start(options.threads)
        .map_err(|error| Failure::internal(miette::miette!("no thread can be started: {error}")))?;

    let mut walked = Walked::default();
    let documents: Box<dyn Documents> = if from_stdin {
        let mut bytes = Vec::new();
        let mut input = std::io::stdin().lock().take(checker.config().check.max_file_size);
        input
            .read_to_end(&mut bytes)
            .map_err(|error| miette::miette!("standard input can not be read: {error}"))?;
        Box::new(Texts::new([(options.stdin_filename.clone(), bytes)]))
    } else if options.staged {
        let repository = Repository::open(root.path(), &Trusted::from_environment())?;
        let blobs = repository.staged()?;
        Box::new(Revision::new(repository, blobs, &checker))
    } else {
        walked = session::walk(&checker, &root, &options.paths)?;
        let reports: Vec<PathBuf> =
            options.format.iter().filter_map(|(_, file)| file.as_deref().map(absolute)).collect();
        walked.files.retain(|path| !reports.contains(&root.path().join(path)));
        Box::new(session::files(&checker, &root, &walked))
    };
    if options.show_files {
        return crate::print(&show_files(&walked, &*documents));
    }

    let progress = Arc::new(Progress {
        cancel: Arc::new(AtomicBool::new(false)),
        working: Some(worker::note),
        ..Progress::default()
    });
    let bar = Bar::start(&progress, documents.paths().len(), options);
    let mut outcome = checker.check_all(&workers, &*documents, &progress, &care);
    bar.stop();
    outcome.report.notices.append(&mut walked.notices);
    outcome.report.notices.sort();
    outcome.report.skipped = walked.skipped.len() + outcome.skipped.len();

    if options.fix || options.diff {
        let changed = fixes(options, &root, &*documents, &outcome)?;
        if options.diff {
            return crate::print(&changed);
        }
        if !changed.is_empty() {
            // What was mended is checked again, as it is now.
            let progress = Progress::default();
            let notices = std::mem::take(&mut outcome.report.notices);
            outcome = checker.check_all(&workers, &*documents, &progress, &care);
            outcome.report.notices.extend(notices);
            outcome.report.notices.sort();
            outcome.report.notices.dedup();
            outcome.report.skipped = walked.skipped.len() + outcome.skipped.len();
            complain(&changed);
        }
    }
    if let Some(revision) = &options.since {
        mark_known(revision, &checker, &workers, &root, &mut outcome)?;
    }
    let is_whole =
        options.paths.iter().all(|path| session::relative(&root, path).is_ok_and(|path| path.is_empty()));
    apply_baseline(&checker, &root, is_whole && !from_stdin && !options.staged, &mut outcome)?;
    let branch = options.branch.clone().or_else(|| {
        crate::revision::current_branch(root.path(), &Trusted::from_environment()).ok().flatten()
    });
    checker.config().gate.apply(&mut outcome.report.findings, branch.as_deref());

    write_reports(options, color, &checker, &outcome)?;
    if options.timings {
        complain(&timings(&checker, &outcome, &workers, start.elapsed()));
    }
    Ok(exit(options, &outcome))
}

fn exit(options: &Check, outcome: &Outcome) -> Exit {
    if options.exit_zero {
        Exit::Clean
    } else if outcome.report.blocking().next().is_some() {
        Exit::Blocking
    } else if outcome.report.is_incomplete() && !options.allow_incomplete {
        Exit::Incomplete
    } else {
        Exit::Clean
    }
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// Writes every report that was asked for.
fn write_reports(
    options: &Check,
    color: ColorChoice,
    checker: &Checker,
    outcome: &Outcome,
) -> Result<(), Failure> {
    // Pages are long: text shows those of what was found, SARIF carries all.
    let has_all = options.format.iter().any(|(format, _)| *format == Format::Sarif);
    let has_found = |plugin: &Plugin| {
        let of_plugin = |rule: &str| rule.split('/').next() == Some(&*plugin.manifest.id);
        outcome.report.findings.iter().any(|finding| of_plugin(&finding.rule))
    };
    let pages = session::pages(checker.plugins(), |plugin| has_all || has_found(plugin));
    let rules = session::rules(checker.plugins(), &pages);
    let stdout_is_terminal = std::io::stdout().is_terminal();
    for (format, file) in &options.format {
        let to_terminal = file.is_none();
        let options = Options {
            color: to_terminal && crate::use_color(color, stdout_is_terminal),
            ascii: std::env::var_os("TERM").is_some_and(|term| term == "dumb"),
            width: if to_terminal { crate::columns() } else { 80 },
            links: to_terminal
                && stdout_is_terminal
                && supports_hyperlinks::on(supports_hyperlinks::Stream::Stdout),
            show: Show {
                unknown: options.show.contains(&Shown::Unknown),
                suppressed: options.show.contains(&Shown::Suppressed),
            },
            fix_hint: !options.fix,
        };
        let bytes = report::render(*format, &Context { report: &outcome.report, rules: &rules, options });
        let target = file.clone().map_or(output::Target::Stdout, output::Target::File);
        output::write(&target, &bytes).map_err(Failure::internal)?;
    }
    // Whoever only writes files still wants to see how it went.
    if options.format.iter().all(|(_, file)| file.is_some()) {
        let context = Context { report: &outcome.report, rules: &rules, options: Options::default() };
        let text = report::render(Format::Concise, &context);
        let summary = String::from_utf8_lossy(&text);
        if let Some(last) = summary.lines().last() {
            complain(&format!("{last}\n"));
        }
    }
    Ok(())
}

/// Writes to standard error; a closed one is no reason to fail.
fn complain(text: &str) {
    use std::io::Write as _;
    let _ = std::io::stderr().lock().write_all(report::harmless(text).as_bytes());
}

/// Marks what the baseline accepts, and says which of its entries are stale.
fn apply_baseline(
    checker: &Checker,
    root: &Root,
    is_whole: bool,
    outcome: &mut Outcome,
) -> Result<(), Failure> {
    let store = Store::new(root.path(), &checker.config().baseline);
    let (baseline, notices) = store.load()?;
    outcome.report.notices.extend(notices);
    let stale = baseline.apply(&mut outcome.report.findings, &|_| is_whole).len();
    if stale > 0 {
        let message = format!("{stale} entries of the baseline are not found any more");
        let notice = Notice::info("baseline::stale", message).help("`wardline baseline prune` removes them");
        outcome.report.notices.push(notice);
    }
    outcome.report.notices.sort();
    Ok(())
}

/// The files of a revision, or of the index.
struct Revision {
    repository: Repository,
    blobs: Vec<Blob>,
    paths: Vec<String>,
}

impl Revision {
    fn new(repository: Repository, mut blobs: Vec<Blob>, checker: &Checker) -> Self {
        blobs.retain(|blob| checker.config().check.admits(&blob.path));
        blobs.sort_by(|a, b| a.path.cmp(&b.path));
        let paths = blobs.iter().map(|blob| blob.path.clone()).collect();
        Self { repository, blobs, paths }
    }
}

impl Documents for Revision {
    fn paths(&self) -> &[String] {
        &self.paths
    }

    fn bytes(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        let at = self.paths.binary_search_by(|known| known.as_str().cmp(path));
        let blob = at.map(|at| &self.blobs[at]).map_err(|_| ReadError::Skip(Skip::Ignored))?;
        self.repository.read(blob).map_err(|error| ReadError::Io(std::io::Error::other(error.to_string())))
    }
}

/// Marks findings that were there at a revision already.
fn mark_known(
    revision: &str,
    checker: &Checker,
    workers: &Workers,
    root: &Root,
    outcome: &mut Outcome,
) -> Result<(), Failure> {
    let repository = Repository::open(root.path(), &Trusted::from_environment())?;
    let blobs = repository.tree(revision)?;
    let documents = Revision::new(repository, blobs, checker);
    let before = checker.check_all(workers, &documents, &Progress::default(), &Care::NONE);
    let known: BTreeSet<&str> =
        before.report.findings.iter().map(|finding| finding.fingerprint.as_str()).collect();
    let paths: BTreeSet<&str> = documents.paths.iter().map(String::as_str).collect();
    // A file that is gone may have been renamed: its findings are known too.
    let is_gone = |path: &str| root.path().join(path).symlink_metadata().is_err();
    let moved: BTreeSet<&str> = before
        .report
        .findings
        .iter()
        .filter(|finding| is_gone(&finding.place.path))
        .map(|finding| finding.moved_fingerprint.as_str())
        .collect();
    for finding in &mut outcome.report.findings {
        let is_new_file = !paths.contains(finding.place.path.as_str());
        let is_known = known.contains(finding.fingerprint.as_str())
            || is_new_file && moved.contains(finding.moved_fingerprint.as_str());
        if finding.status == Status::Open && is_known {
            finding.status = Status::Known;
        }
    }
    // What could not be checked there may hide what was there, never what is
    // here: findings count as new then, and the reason is said.
    for mut notice in before.report.notices.into_iter().filter(|notice| notice.incomplete) {
        notice.message = format!("at `{revision}`: {}", notice.message);
        notice.incomplete = false;
        outcome.report.notices.push(notice);
    }
    outcome.report.notices.sort();
    Ok(())
}

/// Applies fixes, or shows them: gives back the differences, or what was done.
fn fixes(
    options: &Check,
    root: &Root,
    documents: &dyn Documents,
    outcome: &Outcome,
) -> Result<String, Failure> {
    let wanted = if options.unsafe_fixes { Applicability::Suggestion } else { Applicability::Safe };
    let open = |finding: &&Finding| finding.status == Status::Open;
    let mut text = String::new();
    let mut paths: Vec<&str> =
        outcome.report.findings.iter().map(|finding| finding.place.path.as_str()).collect();
    paths.dedup();
    for path in paths {
        let of_path =
            outcome.report.findings.iter().filter(open).filter(|finding| finding.place.path == path);
        let candidates = fix::candidates(of_path, wanted);
        if candidates.is_empty() {
            continue;
        }
        let Some(original) = documents.bytes(path).ok().and_then(|bytes| String::from_utf8(bytes).ok())
        else {
            let _ = writeln!(text, "{path}: not fixed, since it is not UTF-8");
            continue;
        };
        // A byte order mark is not part of the text that findings count in.
        let body = original.strip_prefix('\u{feff}').unwrap_or(&original);
        let language = Language::of_path(path, body.lines().next().unwrap_or_default());
        let errors =
            |text: &str| syntax::parse(language, text, None).map_or(0, |parsed| syntax::errors(&parsed));
        let before = errors(body);
        let fixed = fix::apply(path, body, &candidates, |new| errors(new) <= before);
        let mark = &original[..original.len() - body.len()];
        if options.diff {
            let secrets = outcome.hidden.get(path).map(Vec::as_slice).unwrap_or_default();
            let masks = Masks::by_line(body, secrets);
            let (old, new) = (masks.apply(body), masks.apply(&fixed.text));
            text.push_str(&fix::unified_diff(path, &old, &new));
        } else if !fixed.applied.is_empty() {
            fix::write(root.path(), path, &original, &format!("{mark}{}", fixed.text))
                .map_err(Failure::internal)?;
            let _ = writeln!(text, "{path}: {} fixed", fixed.applied.len());
        }
        for (candidate, reason) in &fixed.skipped {
            let line = candidate.finding.place.start.line;
            let _ = writeln!(text, "{path}:{line}: not fixed ({}): {reason}", candidate.finding.rule);
        }
    }
    Ok(report::harmless(&text))
}

/// One line a file: what `check` would do with it.
fn show_files(walked: &Walked, documents: &dyn Documents) -> String {
    let mut lines: Vec<(String, String)> = Vec::new();
    for path in documents.paths() {
        let shown = match documents.bytes(path) {
            Ok(bytes) => match wardline_engine::document::Document::from_bytes(path, bytes) {
                Ok(document) => format!("checked as {}", document.language.name()),
                Err(_) => format!("skipped: {}", Skip::Binary.reason()),
            },
            Err(ReadError::Skip(skip)) => format!("skipped: {}", skip.reason()),
            Err(ReadError::Io(error)) => format!("unreadable: {error}"),
        };
        lines.push((path.clone(), shown));
    }
    for (path, skip) in &walked.skipped {
        lines.push((path.clone(), format!("skipped: {}", skip.reason())));
    }
    lines.sort();
    let text: String = lines.iter().fold(String::new(), |mut text, (path, shown)| {
        let _ = writeln!(text, "{path}: {shown}");
        text
    });
    report::harmless(&text)
}

/// What each plugin cost.
fn timings(checker: &Checker, outcome: &Outcome, workers: &Workers, total: Duration) -> String {
    let mut text = format!("{:<24} {:>8} {:>12} {:>14}\n", "plugin", "calls", "time (ms)", "fuel");
    for plugin in checker.plugins() {
        let spent = plugin.spent();
        let milliseconds = spent.time().as_secs_f64() * 1e3;
        let _ = writeln!(
            text,
            "{:<24} {:>8} {milliseconds:>12.1} {:>14}",
            plugin.manifest.id,
            spent.calls(),
            spent.fuel()
        );
    }
    let _ = writeln!(
        text,
        "{} documents in {:.0} ms on {} threads; {} components compiled",
        outcome.report.documents,
        total.as_secs_f64() * 1e3,
        workers.threads(),
        Host::shared().compiled()
    );
    text
}

/// A progress bar on a terminal, once a run takes longer than a second.
struct Bar {
    stop: Arc<AtomicBool>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Bar {
    fn start(progress: &Arc<Progress>, total: usize, options: &Check) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        if options.no_progress || !std::io::stderr().is_terminal() {
            return Self { stop, thread: None };
        }
        let (stopped, progress) = (Arc::clone(&stop), Arc::clone(progress));
        let show = move || {
            let start = Instant::now();
            let mut bar: Option<indicatif::ProgressBar> = None;
            while !stopped.load(Ordering::Relaxed) {
                std::thread::park_timeout(Duration::from_millis(100));
                if start.elapsed() < Duration::from_secs(1) {
                    continue;
                }
                let bar = bar.get_or_insert_with(|| {
                    let style =
                        indicatif::ProgressStyle::with_template("{bar:30} {pos}/{len} files {elapsed}");
                    let bar = indicatif::ProgressBar::new(total as u64);
                    bar.set_style(style.unwrap_or_else(|_| indicatif::ProgressStyle::default_bar()));
                    bar
                });
                bar.set_position(progress.done.load(Ordering::Relaxed) as u64);
            }
            if let Some(bar) = bar {
                bar.finish_and_clear();
            }
        };
        let thread = std::thread::Builder::new().name("wardline-progress".into()).spawn(show).ok();
        Self { stop, thread }
    }

    fn stop(self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread {
            thread.thread().unpark();
            let _ = thread.join();
        }
    }
}
