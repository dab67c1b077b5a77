//! Services that mount what belongs to the host.

use crate::compose::Compose;
use crate::declared::sensitive_host_path::RULE;
use crate::origin;
use wardline_plugin::prelude::*;

/// Folders of the host with which a container takes it over, or reads its
/// secrets. A folder stands for what is directly in it where the second is set.
const PATHS: [(&str, bool); 14] = [
    ("/", false),
    ("/etc", false),
    ("/etc/shadow", false),
    ("/etc/sudoers", false),
    ("/etc/cron.d", false),
    ("/root", true),
    ("/boot", true),
    ("/dev", false),
    ("/proc", false),
    ("/sys", false),
    ("/usr", false),
    ("/lib/modules", false),
    ("/var/lib/docker", false),
    ("/var/run", false),
];

/// Judges all services of a Compose file.
pub fn check(found: &Match, report: &mut Report) {
    let document = found.document();
    let Some(compose) = Compose::parse(document.text()) else { return };
    let mut seen: Vec<u32> = Vec::new();
    for service in compose.services() {
        for mount in service.mounts() {
            let source = if mount.source == "/" { "/" } else { mount.source.trim_end_matches('/') };
            let is_home = ["/.ssh", "/.aws", "/.kube", "/.gnupg"].iter().any(|end| source.ends_with(end));
            let is_sensitive = PATHS
                .iter()
                .any(|(path, below)| source == *path || *below && source.starts_with(&format!("{path}/")));
            if !is_sensitive && !is_home || seen.contains(&mount.span.start) {
                continue;
            }
            // Reading these shows little that is secret.
            let is_harmless =
                mount.is_read_only && matches!(source, "/sys" | "/lib/modules" | "/proc" | "/usr" | "/dev");
            if is_harmless {
                continue;
            }
            seen.push(mount.span.start);
            let severity = match (origin::is_for_development(document.path()), mount.is_read_only) {
                (true, _) => Severity::Low,
                (false, true) => Severity::Medium,
                (false, false) if is_home || source == "/lib/modules" => Severity::Medium,
                (false, false) => Severity::High,
            };
            let can = if mount.is_read_only { "read" } else { "change" };
            report
                .finding(RULE, mount.span)
                .message(format!("`{}` can {can} `{source}` of its host", service.name))
                .severity(severity)
                .class(origin::class(document))
                .subject(format!("{} {source}", service.name));
        }
    }
}
