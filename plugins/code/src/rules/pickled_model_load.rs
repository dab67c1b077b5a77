//! Models, arrays and tables in a format that contains a pickle.

use crate::declared::pickled_model_load::*;
use crate::imports;
use crate::setting;
use wardline_plugin::prelude::*;

/// Judges a call that reads a model, an array or a table.
pub fn check(found: &Match, report: &mut Report) {
    let Some(callee) = found.get(CALLEE) else { return };
    if !imports::provides(found, callee) {
        return;
    }
    let message = format!("`{}` runs the pickle in the file it reads", callee.name());
    let class = setting::class(found);
    match callee.name() {
        "torch.load" => match found.named("weights_only") {
            Some(value) if value.text() == "False" => {
                report
                    .finding(RULE, callee.span())
                    .message(message)
                    .confidence(Confidence::Medium)
                    .class(class)
                    .fix("read weights only", Applicability::Suggestion, |fix| {
                        fix.replace(value.span(), "True")
                    });
            }
            Some(_) => {}
            None => {
                let finding = report.finding(RULE, callee.span()).message(message).class(class);
                if let Some(last) = found.arguments().last() {
                    finding.fix("read weights only", Applicability::Suggestion, |fix| {
                        fix.insert(last.value.span().end, ", weights_only=True")
                    });
                }
            }
        },
        "numpy.load" if found.named("allow_pickle").is_none_or(|value| value.text() != "True") => {}
        _ => {
            report.finding(RULE, callee.span()).message(message).class(class);
        }
    }
}
