//! Services that are given the host's kernel: all privileges, or those that
//! amount to all.

use crate::compose::{Compose, interpolate};
use crate::declared::privileged_container::RULE;
use crate::origin;
use wardline_plugin::prelude::*;

/// Capabilities with which a container takes over its host.
const STRONG: [&str; 12] = [
    "ALL",
    "SYS_ADMIN",
    "SYS_MODULE",
    "SYS_PTRACE",
    "SYS_RAWIO",
    "SYS_BOOT",
    "DAC_READ_SEARCH",
    "MAC_ADMIN",
    "MAC_OVERRIDE",
    "SYSLOG",
    "BPF",
    "PERFMON",
];

/// Judges all services of a Compose file.
pub fn check(found: &Match, report: &mut Report) {
    let document = found.document();
    let Some(compose) = Compose::parse(document.text()) else { return };
    let is_low = origin::is_for_development(document.path());
    let mut seen: Vec<u32> = Vec::new();
    for service in compose.services() {
        let mut tell = |at: Span, severity: Severity, message: String, subject: &str| {
            if seen.contains(&at.start) {
                return;
            }
            seen.push(at.start);
            report
                .finding(RULE, at)
                .message(message)
                .severity(if is_low { Severity::Low } else { severity })
                .class(origin::class(document))
                .subject(format!("{} {subject}", service.name));
        };
        if let Some((_, span)) = service.entry("privileged").filter(|(value, _)| value.is_true()) {
            let message =
                format!("`{}` is privileged: it has every device and capability of its host", service.name);
            tell(span, Severity::High, message, "privileged");
        }
        for capability in service.texts("cap_add") {
            let name = capability.text.to_ascii_uppercase();
            let name = name.strip_prefix("CAP_").unwrap_or(&name);
            if STRONG.contains(&name) {
                let severity = if matches!(name, "ALL" | "SYS_ADMIN" | "SYS_MODULE") {
                    Severity::High
                } else {
                    Severity::Medium
                };
                let message = format!(
                    "`{}` is given the capability `{name}`, with which it can get at its host",
                    service.name
                );
                tell(capability.span, severity, message, name);
            }
        }
        for option in service.texts("security_opt") {
            let text = interpolate(&option.text).text.replace(' ', "");
            let off = [
                "seccomp:unconfined",
                "seccomp=unconfined",
                "apparmor:unconfined",
                "apparmor=unconfined",
                "label:disable",
                "label=disable",
            ];
            if off.contains(&text.as_str()) {
                let what = text.split([':', '=']).next().unwrap_or_default();
                let message = format!(
                    "`{}` runs without {what}: nothing keeps it from the kernel's rarely used calls",
                    service.name
                );
                tell(option.span, Severity::Medium, message, what);
            }
        }
    }
}
