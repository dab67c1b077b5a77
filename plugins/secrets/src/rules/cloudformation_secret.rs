//! A literal secret in a CloudFormation template: the default of a parameter, a
//! property, user data; or one that an output or a parameter shows.

use crate::bound;
use crate::declared::cloudformation_secret::*;
use crate::judge;
use crate::name;
use crate::value::{self, Sure};
use wardline_plugin::prelude::*;

/// Reports what the template gives away.
pub fn check(found: &Match, report: &mut Report) {
    let document = found.document();
    match found.query() {
        QUERY_PARAMETER | QUERY_PARAMETER_JSON => parameter(found, report),
        QUERY_OUTPUT => {
            let Some(shown) = found.get(SHOWN) else { return };
            if name::noun(shown.text()).is_some() {
                report.finding(RULE, shown.span()).confidence(Confidence::Medium).message(format!(
                    "an output shows `{}` to everyone who may describe the stack",
                    shown.text()
                ));
            }
        }
        _ => {
            let (Some(name), Some(secret)) = (found.get(NAME), found.get(judge::SECRET)) else { return };
            if secret.text().contains("resolve:") {
                return;
            }
            let sure = bound::sure(document, name.text(), secret.text(), secret.span());
            let Some(sure) = sure.filter(|sure| *sure != Sure::Hardly) else { return };
            let what = format!(
                "`{}` is a literal in a template, where a dynamic reference to a secret manager belongs",
                name.text()
            );
            bound::tell(RULE, document, name.text(), secret.span(), sure, what, report);
        }
    }
}

/// A parameter that is named after a secret: with a default, or shown to those
/// who describe the stack.
fn parameter(found: &Match, report: &mut Report) {
    let (Some(name), Some(body)) = (found.get(NAME), found.get(BODY)) else { return };
    let document = found.document();
    let indent = found.get(INDENT).map_or(0, |node| node.text().len());
    if name::noun(name.text()).is_none() {
        return;
    }
    let (mut of_string, mut hidden, mut default) = (false, false, None);
    let mut at = body.span().start;
    for line in body.text().split_inclusive('\n') {
        let start = at;
        at += line.len() as u32;
        let deep = line.len() - line.trim_start().len();
        if found.query() == QUERY_PARAMETER && !line.trim().is_empty() && deep <= indent {
            break;
        }
        let parts = if found.query() == QUERY_PARAMETER { vec![line] } else { line.split(',').collect() };
        let mut from = start;
        for part in parts {
            let plain = part.trim().trim_matches(['{', '}', ',']).trim();
            if let Some((key, value)) = plain.split_once(':') {
                let value = value.trim().trim_matches(['"', '\'']);
                match key.trim().trim_matches(['"', '\'']) {
                    "Type" => of_string = value == "String",
                    "NoEcho" => hidden = value.eq_ignore_ascii_case("true"),
                    "Default" if !value.is_empty() => {
                        let offset = part.rfind(value).unwrap_or_default() as u32;
                        default = Some((value, Span { start: from + offset, end: from + offset + value.len() as u32 }));
                    }
                    _ => {}
                }
            }
            from += part.len() as u32 + 1;
        }
    }
    if !of_string {
        return;
    }
    match default {
        Some((value, span)) => {
            let sure = value::secret(name.text(), name::Noun::Chosen, value);
            if let Some(sure) = sure.filter(|_| !judge::is_spoken_for(document, span)) {
                let what = format!("`{}` has a literal default: everyone who may read the template has it", name.text());
                bound::tell(RULE, document, name.text(), span, sure, what, report);
            }
        }
        None if !hidden => {
            report.finding(RULE, name.span()).severity(Severity::Medium).confidence(Confidence::Medium).message(format!(
                "`{}` is a parameter without `NoEcho: true`: everyone who may describe the stack reads it",
                name.text()
            ));
        }
        None => {}
    }
}
