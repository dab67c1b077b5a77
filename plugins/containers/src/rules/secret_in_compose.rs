//! Literal secrets in the environment of a Compose service.

use crate::compose::Compose;
use crate::declared::secret_in_compose::RULE;
use crate::{credentials, origin};
use wardline_plugin::prelude::*;

/// Judges all services of a Compose file.
pub fn check(found: &Match, report: &mut Report) {
    let document = found.document();
    let Some(compose) = Compose::parse(document.text()) else { return };
    let services = compose.services();
    let names: Vec<&str> = services.iter().map(|service| service.name).collect();
    let for_developers = origin::is_for_development(document.path());
    let mut seen: Vec<u32> = Vec::new();
    for service in &services {
        for credential in credentials::of_service(service, &names) {
            // A password that everybody tries first is another rule's.
            if credential.is_weak || seen.contains(&credential.text.span.start) {
                continue;
            }
            seen.push(credential.text.span.start);
            let message = if credential.is_default {
                format!("`{}` of `{}` falls back to a literal secret", credential.name, service.name)
            } else {
                format!(
                    "`{}` of `{}` is a literal secret: whoever reads the repository has it",
                    credential.name, service.name
                )
            };
            let severity = match (for_developers, credential.is_default) {
                (true, _) => Severity::Low,
                (false, true) => Severity::Medium,
                (false, false) => Severity::High,
            };
            report
                .finding(RULE, credential.text.span)
                .message(message)
                .severity(severity)
                .class(origin::class(document))
                .subject(format!("{} {}", service.name, credential.name))
                .redact(credential.text.span);
        }
    }
}
