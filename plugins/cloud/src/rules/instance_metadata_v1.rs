//! Instances and launch templates whose metadata needs no session token.

use crate::declared::instance_metadata_v1::RULE;
use wardline_plugin::prelude::*;

const OPTIONS: &str = "/metadata_options";
const TOKENS: &str = "/metadata_options/http_tokens";
const ENDPOINT: &str = "/metadata_options/http_endpoint";

/// Judges one instance or launch template.
pub fn check_stack(resource: &Resource, stack: &Stack, report: &mut Report) {
    let is = |pointer: &str, value: &str| resource.setting(pointer) == Setting::Known(&json!(value));
    let is_gone = is("/state", "terminated") || is("/state", "shutting-down");
    if is_gone || is(ENDPOINT, "disabled") || is(TOKENS, "required") {
        return;
    }
    let address = resource.address();
    match resource.setting(TOKENS) {
        Setting::Unknown(reason) => report.unknown(RULE, resource.at(TOKENS), reason),
        // The instance takes the setting of its launch template.
        Setting::Absent if resource.setting("/launch_template") != Setting::Absent => {}
        Setting::Absent if stack.format() == "terraform" => {
            let at = if resource.setting(OPTIONS) == Setting::Absent { "" } else { OPTIONS };
            let message = format!(
                "`{address}` does not require session tokens for instance metadata, \
                 so the account's default decides whether IMDSv1 works"
            );
            report
                .finding(RULE, resource.at(at))
                .message(message)
                .confidence(Confidence::Medium)
                .subject(address);
        }
        Setting::Absent => {
            report.unknown(
                RULE,
                resource.at(OPTIONS),
                format!("{} was not reported", TOKENS.trim_start_matches('/')),
            );
        }
        Setting::Known(_) => {
            let at = resource.at(TOKENS);
            let message =
                format!("`{address}` answers requests for its metadata without a session token (IMDSv1)");
            report.finding(RULE, at).message(message).subject(address);
        }
    }
}
