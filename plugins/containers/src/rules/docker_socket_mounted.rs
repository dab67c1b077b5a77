//! Services that are handed the Docker daemon.

use crate::compose::Compose;
use crate::declared::docker_socket_mounted::RULE;
use crate::origin;
use wardline_plugin::prelude::*;

/// Sockets over which a daemon is told to start containers.
const SOCKETS: [&str; 5] = ["docker.sock", "containerd.sock", "podman.sock", "crio.sock", "dockershim.sock"];

/// Judges all services of a Compose file.
pub fn check(found: &Match, report: &mut Report) {
    let document = found.document();
    let Some(compose) = Compose::parse(document.text()) else { return };
    let mut seen: Vec<u32> = Vec::new();
    for service in compose.services() {
        for mount in service.mounts() {
            let Some(socket) = SOCKETS.into_iter().find(|socket| mount.source.ends_with(socket)) else {
                continue;
            };
            if seen.contains(&mount.span.start) {
                continue;
            }
            seen.push(mount.span.start);
            let but =
                if mount.is_read_only { "; that it is mounted read-only does not change that" } else { "" };
            let severity =
                if origin::is_for_development(document.path()) { Severity::Low } else { Severity::Medium };
            report
                .finding(RULE, mount.span)
                .message(format!("`{}` gets `{socket}`, with which it can start any container, and so be root on its host{but}", service.name))
                .severity(severity)
                .class(origin::class(document))
                .subject(service.name);
        }
    }
}
