//! Request data that becomes the address of an outbound request.

use crate::declared::request_to_outbound_call::RULE;
use wardline_plugin::prelude::*;

/// Judges a flow from a request to an address.
pub fn check_flow(flow: &Flow, report: &mut Report) {
    if flow.labels().skip(1).any(has_fixed_host) {
        return;
    }
    let source = flow.labels().next().unwrap_or_default();
    report
        .finding(RULE, flow.at())
        .message(format!("the server connects to an address that comes from `{source}`"))
        .flow(flow);
}

/// Whether a piece of code puts the value behind a host that it names itself:
/// `f"https://example.com/{id}"`, `f"{API}/{id}"`, `BASE + "/" + id`.
fn has_fixed_host(code: &str) -> bool {
    let literals = [("\"https://", '"'), ("\"http://", '"'), ("'https://", '\''), ("'http://", '\'')];
    let is_fixed = |(start, quote): &(&str, char)| {
        let Some((_, rest)) = code.split_once(start) else { return false };
        let (literal, after) = rest.split_once(*quote).unwrap_or((rest, ""));
        let Some((host, path)) = literal.split_once('/') else { return false };
        // The value has to go into this very string: a URL may as well be the
        // default of what is read from the request.
        let after = after.trim_start();
        let takes_value = path.contains(['{', '%']) || after.starts_with(['+', '%']);
        takes_value && !host.is_empty() && !host.contains(['{', '%', '@'])
    };
    literals.iter().any(is_fixed) || starts_with_constant(code)
}

/// Whether a template or a sum begins with a constant of the module.
fn starts_with_constant(code: &str) -> bool {
    let is_constant = |name: &str| {
        let name = name.rsplit('.').next().unwrap_or(name).trim();
        name.len() > 1
            && name.starts_with(|c: char| c.is_ascii_uppercase())
            && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
    };
    let template = ["f\"{", "f'{"].iter().filter_map(|start| code.split_once(start)).any(|(_, rest)| {
        rest.split_once('}').is_some_and(|(name, after)| is_constant(name) && after.starts_with('/'))
    });
    let is_sum = |part: &str| part.split_once('+').is_some_and(|(first, _)| is_constant(first.trim()));
    template || code.split(['=', '(', ',']).any(is_sum)
}
