//! YAML read by a loader that builds any object.

use crate::declared::unsafe_yaml_load::*;
use crate::imports;
use crate::literal;
use crate::setting;
use wardline_plugin::prelude::*;

/// Judges a call that reads YAML.
pub fn check(found: &Match, report: &mut Report) {
    let Some(callee) = found.get(CALLEE) else { return };
    if found.query() == QUERY_YAML_PYTHON {
        python(found, callee, report);
    } else if found.query() == QUERY_YAML_JAVA {
        java(found, callee, report);
    } else if found.query() == QUERY_YAML_RUBY {
        ruby(found, callee, report);
    } else {
        report
            .finding(RULE, callee.span())
            .message("this schema of `js-yaml` builds functions from the text")
            .class(setting::class(found));
    }
}

fn python(found: &Match, callee: Node, report: &mut Report) {
    // A variable named `yaml`, such as ruamel's `YAML(typ="safe")`, is not the module.
    if !imports::provides(found, callee) || reassigns_module(found.document().text()) {
        return;
    }
    let text = callee.text();
    let loader = found.named("Loader").or_else(|| found.argument(1));
    let message = format!("`{}` builds any object that the document's tags name", callee.name());
    let loader_kind = loader.map(|loader| loader.name().rsplit('.').next().unwrap_or_default());
    match (loader, loader_kind) {
        (Some(loader), Some("Loader" | "UnsafeLoader" | "CLoader")) => {
            let finding = report.finding(RULE, callee.span()).message(message).confidence(Confidence::High);
            let finding = finding.class(setting::class(found));
            if let Some((module, kind)) = loader.text().rsplit_once('.') {
                let safe = if kind == "CLoader" { "CSafeLoader" } else { "SafeLoader" };
                finding.fix("read plain data only", Applicability::Suggestion, |fix| {
                    fix.replace(loader.span(), format!("{module}.{safe}"))
                });
            }
        }
        (Some(_), _) => {}
        (None, _) => {
            let finding = report.finding(RULE, callee.span()).message(message).class(setting::class(found));
            if let Some((module, function)) = text.rsplit_once('.') {
                let safe = if function.ends_with("_all") { "safe_load_all" } else { "safe_load" };
                finding.fix("read plain data only", Applicability::Suggestion, |fix| {
                    fix.replace(callee.span(), format!("{module}.{safe}"))
                });
            }
        }
    }
}

fn reassigns_module(text: &str) -> bool {
    text.lines().any(|line| {
        line.trim_start().strip_prefix("yaml").is_some_and(|rest| rest.trim_start().starts_with("= "))
    })
}

/// Since Psych 4, which comes with Ruby 3.1, `load` is safe; `unsafe_load` never is.
fn ruby(found: &Match, callee: Node, report: &mut Report) {
    let Some(input) = found.argument(0) else { return };
    let text = input.text();
    let named_unsafe = callee.name().contains("unsafe_");
    let own = ["File.", "IO.read", "Rails.root", "__dir__", "__FILE__", "ERB.new"]
        .iter()
        .any(|word| text.contains(word));
    if literal::is_constant(text, "ruby") || own || callee.name().ends_with("load_file") && !named_unsafe {
        return;
    }
    report
        .finding(RULE, callee.span())
        .message(format!("`{}` builds any object that the document's tags name", callee.name()))
        .confidence(if named_unsafe { Confidence::High } else { Confidence::Low })
        .class(setting::class(found))
        .fix("read plain data only", Applicability::Suggestion, |fix| {
            let (module, function) = callee.text().rsplit_once('.').unwrap_or(("YAML", "load"));
            let safe = if function.ends_with("_file") { "safe_load_file" } else { "safe_load" };
            fix.replace(callee.span(), format!("{module}.{safe}"))
        });
}

fn java(found: &Match, callee: Node, report: &mut Report) {
    let text = found.document().text();
    let arguments = found.text();
    let reads = text.contains(".load(") || text.contains(".loadAs(") || text.contains(".loadAll(");
    if !reads || arguments.contains("SafeConstructor") || text.contains("SafeConstructor") {
        return;
    }
    report
        .finding(RULE, callee.span())
        .message("before SnakeYAML 2 this builds any class that the document's tags name")
        .confidence(Confidence::Low)
        .class(setting::class(found));
}
