//! `wardline baseline`: findings that a team accepts.

use crate::arguments::BaselineAction;
use crate::{Failure, report, session};
use wardline_engine::baseline::Store;
use wardline_engine::check::{Care, Progress};
use wardline_engine::config::Overrides;
use wardline_engine::plugin::host::Workers;
use wardline_engine::walk::Root;

/// Creates, updates or prunes the baseline.
pub(crate) fn run(action: &BaselineAction) -> Result<String, Failure> {
    let (BaselineAction::Create(options) | BaselineAction::Update(options) | BaselineAction::Prune(options)) =
        action;
    let overrides = Overrides {
        baseline: options.baseline.as_ref().and_then(|folder| std::path::absolute(folder).ok()),
        ..Overrides::default()
    };
    let checker = session::checker(&options.folder, overrides, &options.plugins, None)?;
    let root = Root::open(&checker.config().root).map_err(|error| {
        miette::miette!("`{}` can not be opened: {error}", checker.config().root.display())
    })?;
    let walked = session::walk(&checker, &root, std::slice::from_ref(&options.folder))?;
    let workers = Workers::start(0).map_err(|error| Failure::internal(miette::miette!("{error}")))?;
    let documents = session::files(&checker, &root, &walked);
    let outcome = checker.check_all(&workers, &documents, &Progress::default(), &Care::NONE);
    if outcome.report.is_incomplete() {
        let first = outcome.report.notices.iter().find(|notice| notice.incomplete);
        let message = first.map(|notice| notice.message.clone()).unwrap_or_default();
        return Err(Failure {
            exit: crate::Exit::Incomplete,
            report: miette::miette!(
                code = "baseline::incomplete",
                help = "`wardline check` shows what could not be checked",
                "part of the input was not checked, so the baseline stays as it is: {message}"
            ),
        });
    }
    let is_whole = session::relative(&root, &options.folder)?.is_empty();
    let settled = |_: &str| is_whole;
    let store = Store::new(root.path(), &checker.config().baseline);
    let findings = &outcome.report.findings;
    let (verb, changes) = match action {
        BaselineAction::Create(_) => ("created", store.create(findings, None)?),
        BaselineAction::Update(_) => ("updated", store.update(findings, &settled, None)?),
        BaselineAction::Prune(_) => ("pruned", store.prune(findings, &settled)?),
    };
    let folder = checker.config().baseline.display();
    Ok(report::harmless(&format!(
        "{verb} {folder}: {} added, {} moved, {} removed\n",
        changes.added, changes.moved, changes.removed
    )))
}
