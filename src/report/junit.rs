//! JUnit XML: a suite for each document with open findings.
//!
//! A failing test is what fails a run, so only findings that block are
//! failures; the other open ones are skipped tests with the same text.

use super::sanitise::{Clean, line, without_commands};
use super::summary::Summary;
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use wardline_engine::finding::Finding;

/// Renders the problems as errors and the open findings by document. A run
/// without any has one test that passes.
pub(super) fn render(clean: &Clean<'_>) -> String {
    let summary = Summary::of(&clean.report);
    let mut run = TestSuite::new("wardline");
    for problem in clean.problems() {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        let help = problem.help.as_ref().map(|help| format!("\n{help}")).unwrap_or_default();
        let message = line(&problem.message);
        status.set_type(problem.code.as_str()).set_message(message.as_str());
        status.set_description(format!("{}{help}", problem.message));
        let about = [problem.path.as_deref(), problem.plugin.as_deref()].into_iter().flatten();
        let name = std::iter::once("incomplete").chain(about).collect::<Vec<_>>().join(" ");
        add(&mut run, &name, "wardline", status);
    }
    if run.test_cases.is_empty() {
        add(&mut run, &summary.sentence(false), "wardline", TestCaseStatus::success());
    }
    let mut report = Report::new("wardline");
    report.add_test_suite(run);
    let open: Vec<_> = clean.open().map(|(finding, _)| finding).collect();
    for group in open.chunk_by(|left, right| left.place.path == right.place.path) {
        let mut suite = TestSuite::new(group[0].place.path.as_str());
        for finding in group {
            case(&mut suite, finding);
        }
        report.add_test_suite(suite);
    }
    let text = report.to_string().expect("text without control characters is valid in XML");
    without_commands(&text)
}

fn case(suite: &mut TestSuite, finding: &Finding) {
    let Finding { rule, severity, confidence, class, place, message, .. } = finding;
    let mut status = match finding.blocking {
        true => TestCaseStatus::non_success(NonSuccessKind::Failure),
        false => TestCaseStatus::skipped(),
    };
    let at = format!("{}:{}:{}", place.path, place.start.line, place.start.column);
    status.set_type(rule.as_str()).set_message(line(message));
    status.set_description(format!(
        "{message}\nat {at}\nseverity {severity}, confidence {confidence}, class {class}"
    ));
    add(suite, &format!("{rule} {at}"), &place.path, status);
}

fn add(suite: &mut TestSuite, name: &str, class: &str, status: TestCaseStatus) {
    let mut case = TestCase::new(name, status);
    case.set_classname(class);
    suite.add_test_case(case);
}
