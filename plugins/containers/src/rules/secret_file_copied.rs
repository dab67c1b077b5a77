//! Files of secrets that are copied into an image.

use crate::declared::secret_file_copied::RULE;
use crate::dockerfile::{Dockerfile, unquote};
use crate::origin;
use wardline_plugin::prelude::*;

/// Judges what a Dockerfile copies from its context.
pub fn check(found: &Match, report: &mut Report) {
    let document = found.document();
    let file = Dockerfile::parse(document.text());
    let last = file.last_stage().map(|last| file.lineage(last)).unwrap_or_default();
    for copy in &file.instructions {
        if !matches!(copy.keyword.as_str(), "COPY" | "ADD") || copy.flag("from").is_some() {
            continue;
        }
        let in_list = copy.list();
        let words = copy.arguments.words();
        let sources: Vec<(String, Span)> = match in_list {
            Some(list) => list.into_iter().map(|word| (word, copy.span)).collect(),
            None => words.iter().map(|word| (unquote(&word.text).to_owned(), word.span)).collect(),
        };
        let Some((_, sources)) = sources.split_last() else { continue };
        for (source, span) in sources {
            let Some((what, is_sure)) = secret_file(source) else { continue };
            let in_last = copy.stage.is_some_and(|stage| last.contains(&stage));
            let severity = match (in_last, is_sure) {
                (false, _) => Severity::Low,
                (true, true) => Severity::High,
                (true, false) => Severity::Medium,
            };
            let holds = if is_sure { "holds" } else { "may hold" };
            let shown = if in_last { "whoever has the image" } else { "whoever has the build's cache" };
            report
                .finding(RULE, *span)
                .message(format!(
                    "`{source}` {holds} {what}: {shown} has it, even if a later step removes it"
                ))
                .severity(severity)
                .confidence(if is_sure { Confidence::Medium } else { Confidence::Low })
                .class(origin::class(document))
                .subject(source.as_str());
        }
    }
}

/// What secrets a file of this name holds, and whether such a file always does.
fn secret_file(path: &str) -> Option<(&'static str, bool)> {
    let name = path.trim_end_matches('/').rsplit('/').next().unwrap_or(path);
    let lower = name.to_ascii_lowercase();
    let is_sample = ["example", "sample", "template", "dist", "defaults", "tmpl", "test", "public"]
        .iter()
        .any(|word| lower.split(['.', '-', '_']).any(|part| part == *word));
    if is_sample {
        return None;
    }
    let ends = |endings: &[&str]| endings.iter().any(|ending| lower.ends_with(ending));
    let found = match lower.as_str() {
        ".env" => ("the environment's secrets", true),
        "id_rsa" | "id_dsa" | "id_ecdsa" | "id_ed25519" => ("a private key", true),
        ".ssh" => ("private keys", true),
        ".aws" | ".gcloud" | ".azure" | ".kube" => ("cloud credentials", true),
        ".netrc" | "_netrc" | ".git-credentials" | ".dockercfg" | ".pgpass" => ("credentials", true),
        // Often settings alone, with the token in a variable.
        ".npmrc" | ".pypirc" => ("credentials", false),
        "kubeconfig"
        | "service-account.json"
        | "serviceaccount.json"
        | "credentials.json"
        | "gcp-key.json" => ("cloud credentials", true),
        "credentials" if path.contains(".aws/") => ("cloud credentials", true),
        "config.json" if path.contains(".docker/") => ("credentials", true),
        "terraform.tfstate" => ("the secrets of what Terraform made", true),
        ".htpasswd" => ("password hashes", false),
        _ if lower.starts_with(".env.") => ("the environment's secrets", false),
        _ if ends(&[".p12", ".pfx", ".jks", ".keystore", ".ppk"]) => ("a private key", true),
        _ if ends(&["privkey.pem", "-key.pem", "_key.pem", "private.pem", ".key", "key.pem"]) => {
            ("a private key", true)
        }
        _ => return None,
    };
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::secret_file;

    #[test]
    fn names_say_what_a_file_holds() {
        for path in [
            ".env",
            "./config/.env.production",
            "deploy/id_rsa",
            "certs/server.key",
            "tls/key.pem",
            ".npmrc",
            "~/.aws/credentials",
        ] {
            assert!(secret_file(path).is_some(), "{path}");
        }
        for path in [
            ".env.example",
            ".env.sample",
            "env.sh",
            "cert.pem",
            "ca.pem",
            "id_rsa.pub",
            "apt.key.gpg",
            "public.key",
            ".",
            "src",
            ".env.test",
        ] {
            assert!(secret_file(path).is_none(), "{path}");
        }
    }
}
