//! Calls that read or write a bucket which Terraform makes public.

use crate::declared::public_bucket_used_by_code::*;
use wardline_plugin::prelude::*;

/// Records which bucket a call uses, where the code says so.
pub fn check(found: &Match, report: &mut Report) {
    let Some(callee) = found.get(CALLEE) else { return };
    let method = callee.name().rsplit('.').next().unwrap_or_default();
    let position = match method {
        "Bucket" | "download_file" | "download_fileobj" => Some(0),
        "upload_file" | "upload_fileobj" => Some(1),
        _ => None,
    };
    // As an argument, or as a key of one: `Params={"Bucket": name}`.
    let given = found.named("Bucket").or_else(|| position.and_then(|position| found.argument(position)));
    let Some((node, name)) = given.and_then(|node| Some((node, node.string()?))) else { return };
    if is_bucket_name(&name) {
        report.fact(
            "bucket",
            format!("arn:aws:s3:::{name}"),
            &json!({ "name": name, "call": method }),
            node.span(),
        );
    }
}

fn is_bucket_name(name: &str) -> bool {
    let sound = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
    (3..=63).contains(&name.len()) && name.chars().all(sound)
}

/// Joins the calls of one bucket with the bucket.
pub fn correlate(group: &Group, report: &mut Report) {
    let is = |fact: &Fact, public: Json| fact.value().get("public") == Some(&public);
    let public: Vec<Fact> = group.facts("host/resource").filter(|fact| is(fact, json!(true))).collect();
    let unknown = group.facts("host/resource").any(|fact| is(&fact, json!("unknown")));
    for call in group.facts("cloud/bucket") {
        let value = call.value();
        let name = value["name"].as_str().unwrap_or_default();
        if public.is_empty() {
            if unknown {
                report.unknown(
                    RULE,
                    call.at(),
                    format!("who may read `{name}` is not known before deployment"),
                );
            }
            continue;
        }
        let mut finding = report
            .finding(RULE, call.at())
            .message(format!("`{name}` is a bucket that anyone may read"))
            .subject(name);
        for bucket in &public {
            let value = bucket.value();
            let address = value["address"].as_str().unwrap_or_default();
            finding = finding.related(bucket.at(), format!("`{address}` is made public here"));
        }
    }
}
