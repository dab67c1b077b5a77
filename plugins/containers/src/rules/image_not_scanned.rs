//! Repositories that publish images which nothing looks at for known flaws.

use crate::declared::image_not_scanned::*;
use wardline_plugin::prelude::*;

/// Lines below a step in which it says whether it publishes.
const STEP_LINES: usize = 40;

/// Records what pipelines publish and what they scan.
pub fn check(found: &Match, report: &mut Report) {
    let document = found.document();
    let span = found.span();
    let line = document.line(span.start);
    let trimmed = line.trim_start();
    let leaders: &[&str] = if document.language() == "hcl" { &["#", "//"] } else { &["#", "//", "*"] };
    if leaders.iter().any(|leader| trimmed.starts_with(leader)) {
        return;
    }
    let topic = match found.query() {
        QUERY_PUSH if !publishes(document, span) => return,
        QUERY_PUSH => "image-push",
        QUERY_SCAN | QUERY_SCAN_REGISTRY => "image-scan",
        _ => "external-pipeline",
    };
    report.fact(topic, "", &json!({}), span);
}

/// Whether the step at a place publishes: an action does if it is told to.
fn publishes(document: &Document, span: Span) -> bool {
    let text = document.slice(span);
    if !text.contains("action@") {
        return true;
    }
    let below = document.text().get(span.end as usize..).unwrap_or_default();
    for line in below.lines().skip(1).take(STEP_LINES) {
        let trimmed = line.trim();
        if trimmed.starts_with("- ") {
            return false;
        }
        if let Some(value) = trimmed.strip_prefix("push:") {
            return value.trim().trim_matches(['"', '\'']) != "false";
        }
        if trimmed.starts_with("outputs:") && trimmed.contains("push=true") {
            return true;
        }
    }
    false
}

/// Judges the repository.
pub fn correlate(group: &Group, report: &mut Report) {
    if group.facts("containers/image-scan").next().is_some() {
        return;
    }
    let mut pushes = group.facts("containers/image-push");
    let Some(first) = pushes.next() else { return };
    if let Some(external) = group.facts("containers/external-pipeline").next() {
        let reason =
            format!("a pipeline of another repository, which `{}` uses, may scan the image", external.path());
        report.unknown(RULE, first.at(), reason);
        return;
    }
    let mut finding = report
        .finding(RULE, first.at())
        .message("this publishes an image, and no pipeline of the repository scans one for known flaws")
        .subject("image");
    for other in pushes.take(8) {
        finding = finding.related(other.at(), "published here as well");
    }
}
