//! Services that share the host's network, processes or users.

use crate::compose::Compose;
use crate::declared::host_namespace::RULE;
use crate::origin;
use wardline_plugin::prelude::*;

const SHARED: [(&str, &str); 6] = [
    (
        "network_mode",
        "the host's network: it reaches services that listen on the host alone, and its own ports are open",
    ),
    ("pid", "the host's processes: it sees them all, their arguments and their environment"),
    ("ipc", "the host's shared memory: it reads and writes what other processes keep there"),
    ("uts", "the host's name, which it can change"),
    ("userns_mode", "the host's users: root in it is root on the host"),
    ("cgroup", "the host's control groups"),
];

/// Judges all services of a Compose file.
pub fn check(found: &Match, report: &mut Report) {
    let document = found.document();
    let Some(compose) = Compose::parse(document.text()) else { return };
    let mut seen: Vec<u32> = Vec::new();
    for service in compose.services() {
        for (key, what) in SHARED {
            let Some((value, span)) = service.entry(key) else { continue };
            if value.text() != Some("host") || seen.contains(&span.start) {
                continue;
            }
            seen.push(span.start);
            let severity =
                if origin::is_for_development(document.path()) { Severity::Low } else { Severity::Medium };
            report
                .finding(RULE, span)
                .message(format!("`{}` shares {what}", service.name))
                .severity(severity)
                .class(origin::class(document))
                .subject(format!("{} {key}", service.name));
        }
    }
}
