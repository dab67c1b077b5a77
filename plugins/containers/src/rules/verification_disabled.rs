//! Build steps that switch the checking of certificates or signatures off.

use crate::declared::verification_disabled::RULE;
use crate::dockerfile::{Dockerfile, Instruction};
use crate::origin;
use crate::shell::{self, Command};
use wardline_plugin::prelude::*;

/// Judges all steps of a Dockerfile.
pub fn check(found: &Match, report: &mut Report) {
    let document = found.document();
    let file = Dockerfile::parse(document.text());
    for instruction in &file.instructions {
        match instruction.keyword.as_str() {
            "ENV" | "ARG" => variables(instruction, document, report),
            "RUN" => {
                for command in shell::commands(instruction) {
                    let Some(what) = switched_off(&command) else { continue };
                    report
                        .finding(RULE, command.span)
                        .message(format!("`{}` {what}", command.program()))
                        .class(origin::class(document))
                        .subject(format!("{} {}", command.program(), command.subcommand()));
                }
            }
            _ => {}
        }
    }
}

fn variables(instruction: &Instruction, document: &Document, report: &mut Report) {
    for (name, value) in instruction.pairs() {
        let Some(value) = value else { continue };
        let plain = value.plain().to_ascii_lowercase();
        let is_off = match name.plain() {
            "NODE_TLS_REJECT_UNAUTHORIZED" | "PYTHONHTTPSVERIFY" => plain == "0",
            "GIT_SSL_NO_VERIFY" => matches!(plain.as_str(), "1" | "true"),
            "NPM_CONFIG_STRICT_SSL" | "npm_config_strict_ssl" | "HTTPX_VERIFY" => {
                matches!(plain.as_str(), "false" | "0")
            }
            "GOINSECURE" | "GONOSUMCHECK" => !plain.is_empty(),
            "GOFLAGS" => plain.contains("-insecure"),
            "GONOSUMDB" | "GOSUMDB" => plain == "off" || plain == "*",
            "PIP_TRUSTED_HOST" => !plain.is_empty() && !plain.contains('$'),
            _ => false,
        };
        if is_off {
            report
                .finding(RULE, Span { start: name.span.start, end: value.span.end })
                .message(format!(
                    "`{}` switches the checking of certificates or checksums off, for all that follows",
                    name.plain()
                ))
                .class(origin::class(document))
                .subject(name.plain());
        }
    }
}

/// What a command does not check.
fn switched_off(command: &Command) -> Option<&'static str> {
    const CERTIFICATE: &str = "does not check the server's certificate";
    const SIGNATURE: &str = "installs packages without checking their signatures";
    let has = |words: &[&str]| words.iter().any(|word| command.has(word));
    let any = |test: &dyn Fn(&str) -> bool| command.arguments().iter().any(|word| test(word));
    let to_this_machine =
        any(&|word| ["://localhost", "://127.0.0.1", "://[::1]"].iter().any(|host| word.contains(host)));
    let found = match command.program() {
        "curl" => {
            let short = |word: &str| {
                word.starts_with('-')
                    && !word.starts_with("--")
                    && word[1..].chars().all(|c| c.is_ascii_alphabetic())
                    && word.contains('k')
            };
            (has(&["--insecure"]) || any(&short)).then_some(CERTIFICATE).filter(|_| !to_this_machine)
        }
        "wget" => has(&["--no-check-certificate"]).then_some(CERTIFICATE),
        "git" => any(&|word| {
            word.replace(' ', "").to_ascii_lowercase().contains("http.sslverify=false")
                || word.eq_ignore_ascii_case("http.sslVerify")
        })
        .then_some(CERTIFICATE)
        .filter(|_| any(&|word| word.to_ascii_lowercase().ends_with("false"))),
        "npm" | "yarn" | "pnpm" => {
            let strict = any(&|word| word.contains("strict-ssl"));
            let off = any(&|word| word == "false" || word.ends_with("strict-ssl=false"));
            (strict && off).then_some(CERTIFICATE)
        }
        "pip" | "pip3" | "python" | "python3" => {
            any(&|word| word.starts_with("--trusted-host")).then_some(CERTIFICATE)
        }
        "apt-get" | "apt" => {
            let unsigned = ["--allow-unauthenticated", "--force-yes", "--allow-insecure-repositories"];
            let option = any(&|word| {
                word.contains("AllowUnauthenticated=true")
                    || word.contains("AllowInsecureRepositories=true")
                    || word.contains("Verify-Peer=false")
            });
            (has(&unsigned) || option).then_some(SIGNATURE)
        }
        "apk" => has(&["--allow-untrusted"]).then_some(SIGNATURE),
        "yum" | "dnf" | "microdnf" | "tdnf" | "rpm" | "zypper" => {
            let unsigned =
                has(&["--nogpgcheck", "--nogpg", "--nosignature", "--no-gpg-checks", "--no-gpgcheck"]);
            let option = any(&|word| {
                word.contains("gpgcheck=0")
                    || word.contains("sslverify=false")
                    || word.contains("sslverify=0")
            });
            (unsigned || option).then_some(SIGNATURE)
        }
        "gem" => any(&|word| word.contains("ssl_verify_mode: 0")).then_some(CERTIFICATE),
        "composer" => any(&|word| word == "disable-tls" || word == "secure-http")
            .then_some(CERTIFICATE)
            .filter(|_| any(&|word| word == "true" || word == "false")),
        _ => None,
    };
    let setting = command.settings.iter().any(|setting| {
        matches!(
            setting.as_str(),
            "NODE_TLS_REJECT_UNAUTHORIZED=0"
                | "PYTHONHTTPSVERIFY=0"
                | "GIT_SSL_NO_VERIFY=1"
                | "GIT_SSL_NO_VERIFY=true"
        )
    });
    found.or(setting.then_some(CERTIFICATE))
}
