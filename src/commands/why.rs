//! `wardline why`: why a rule fired at a line, or the first condition that did
//! not hold.

use crate::arguments::Why;
use crate::{Failure, report, session};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use wardline_engine::check::{Care, Progress, Texts};
use wardline_engine::config::Overrides;
use wardline_engine::document::Document;
use wardline_engine::finding::Status;
use wardline_engine::matching::Source;
use wardline_engine::plugin::host::Workers;
use wardline_engine::walk::{ReadError, Root};

/// Says why.
pub(crate) fn run(options: &Why) -> Result<String, Failure> {
    let (path, line) = options
        .place
        .rsplit_once(':')
        .and_then(|(path, line)| Some((PathBuf::from(path), line.parse::<u32>().ok()?)))
        .ok_or_else(|| {
            miette::miette!(help = "for example `src/app.py:12`", "`{}` is not PATH:LINE", options.place)
        })?;
    let checker = session::checker(&path, Overrides::default(), &options.plugins, None)?;
    let root = Root::open(&checker.config().root).map_err(|error| {
        miette::miette!("`{}` can not be opened: {error}", checker.config().root.display())
    })?;
    let mut text = format!("{} at {}\n", options.rule, options.place);
    let mut say = |holds: bool, what: &str| {
        let _ = writeln!(text, "  {} {what}", if holds { "yes" } else { "NO " });
    };
    let Some((plugin, rule)) = checker.plugins().iter().enumerate().find_map(|(index, plugin)| {
        let id = options.rule.strip_prefix(plugin.manifest.id.as_str())?.strip_prefix('/')?;
        let rule = plugin.manifest.rules.iter().position(|rule| rule.id == id)?;
        Some((index, rule))
    }) else {
        let nearest = checker.rules().nearest(&options.rule).unwrap_or_default().to_owned();
        return Err(miette::miette!(
            help = format!("did you mean `{nearest}`?"),
            "there is no rule `{}`",
            options.rule
        )
        .into());
    };
    let relative = session::relative(&root, &path)?;
    decide(&checker, &root, &relative, line, (plugin, rule), &options.rule, &mut say)?;
    Ok(report::harmless(&text))
}

/// Says of each condition whether it holds, up to the first that does not.
fn decide(
    checker: &wardline_engine::check::Checker,
    root: &Root,
    relative: &str,
    line: u32,
    (plugin, rule): (usize, usize),
    name: &str,
    say: &mut dyn FnMut(bool, &str),
) -> Result<(), Failure> {
    let walked = session::walk(checker, root, &[root.path().to_owned()])?;
    let skipped = walked.skipped.iter().find(|(skipped, _)| Path::new(relative).starts_with(skipped));
    if let Some((skipped, skip)) = skipped {
        say(false, &format!("`check` skips `{skipped}`: {}", skip.reason()));
        return Ok(());
    }
    say(true, "`check` looks at the file");
    let bytes = match root.read(relative, checker.config().check.max_file_size) {
        Ok(bytes) => bytes,
        Err(ReadError::Skip(skip)) => {
            say(false, &format!("the file can be read: {}", skip.reason()));
            return Ok(());
        }
        Err(ReadError::Io(error)) => {
            return Err(miette::miette!("`{relative}` can not be read: {error}").into());
        }
    };
    let Ok(document) = Document::from_bytes(relative, bytes.clone()) else {
        say(false, "the file is text");
        return Ok(());
    };
    let traits =
        if document.traits.is_empty() { String::new() } else { format!(" ({})", document.traits.join(", ")) };
    say(true, &format!("the file is read as {}{traits}", document.language.name()));
    let state = checker.rules().get(name);
    let is_on = state.is_some_and(|state| state.enabled);
    say(is_on, "the rule is on");
    if !is_on {
        return Ok(());
    }
    let runs = checker.rules().runs_on(name, relative);
    say(runs, "the configuration lets the rule run on this path");
    if !runs {
        return Ok(());
    }
    let manifest = &checker.plugins()[plugin].manifest;
    let has_queries = manifest.queries.iter().any(|query| query.rule as usize == rule);
    if has_queries {
        let source = Source::of(&document);
        let candidates = checker.matchers().candidates(&source);
        let of_rule: Vec<bool> =
            candidates.iter().filter(|of| (of.0, of.1) == (plugin, rule)).map(|of| of.2).collect();
        say(!of_rule.is_empty(), "one of its keywords occurs in the file");
        if of_rule.is_empty() {
            return Ok(());
        }
        let applies = of_rule.contains(&true);
        say(applies, "its languages, paths and traits fit the file");
        if !applies {
            return Ok(());
        }
    }
    let workers = Workers::start(1).map_err(|error| Failure::internal(miette::miette!("{error}")))?;
    let documents = Texts::new([(relative.to_owned(), bytes)]);
    let outcome = checker.check_all(&workers, &documents, &Progress::default(), &Care::NONE);
    let of_rule: Vec<_> = outcome.report.findings.iter().filter(|finding| finding.rule == name).collect();
    let here =
        of_rule.iter().find(|finding| (finding.place.start.line..=finding.place.end.line).contains(&line));
    for notice in outcome.report.notices.iter().filter(|notice| notice.incomplete) {
        say(false, &format!("the file was checked whole: {}", notice.message));
    }
    if let Some(unknown) = outcome
        .report
        .unknowns
        .iter()
        .find(|unknown| unknown.rule == name && unknown.place.start.line == line)
    {
        say(false, &format!("it can be decided here: {}", unknown.reason));
        return Ok(());
    }
    match here {
        None => {
            say(false, "something on this line matches, and the plugin judges it to be a problem");
            let lines: Vec<String> =
                of_rule.iter().map(|finding| finding.place.start.line.to_string()).collect();
            if !lines.is_empty() {
                say(true, &format!("elsewhere in this file it fires: line {}", lines.join(", ")));
            }
        }
        Some(finding) => {
            say(true, &format!("the plugin judges it to be a problem: {}", finding.message));
            match &finding.status {
                Status::Suppressed { reason, by } => {
                    say(false, &format!("nothing allows it: a {by} does, because: {reason}"))
                }
                _ => say(true, "nothing allows it"),
            }
            let mut findings = vec![(*finding).clone()];
            checker.config().gate.apply(&mut findings, None);
            let what = format!(
                "it fails the run ({} severity, {} confidence, class {})",
                finding.severity, finding.confidence, finding.class
            );
            say(findings[0].blocking, &what);
        }
    }
    Ok(())
}
