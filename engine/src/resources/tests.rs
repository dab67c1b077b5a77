//! Resources by example: the files, and the resources that come of them.

use super::*;
use crate::syntax::parse;

fn read_one(path: &str, text: &str) -> Vec<Resource> {
    let language = Language::of_path(path, "");
    let tree = parse(language, text, None);
    read(language, text, path, &|| tree.as_ref())
}

fn stacks_of(files: &[(&str, &str)]) -> Vec<Stack> {
    stacks(files.iter().map(|(path, text)| ((*path).to_owned(), read_one(path, text))).collect())
}

/// One line a resource: kind, address, identity, and the settings asked for.
fn check(files: &[(&str, &str)], pointers: &[&str], expected: &[&str]) {
    let mut lines = Vec::new();
    for stack in stacks_of(files) {
        for resource in &stack.resources {
            let mut line = format!("{} {} {}", stack.name, resource.kind, resource.address);
            line += &resource.identity.as_ref().map(|identity| format!(" {identity}")).unwrap_or_default();
            for pointer in pointers {
                let value = resource.attributes.pointer(pointer).map_or("-".into(), Value::to_string);
                line += &format!(" {value}");
            }
            lines.push(line);
        }
    }
    assert_eq!(lines, expected);
}

#[test]
fn an_instance_of_a_snapshot_says_what_was_reported() {
    let instances = r#"{ "Reservations": [{ "OwnerId": "123456789012", "Instances": [
        {"InstanceId": "i-1", "MetadataOptions": {"HttpTokens": "optional", "HttpEndpoint": "enabled"}},
        {"InstanceId": "i-2", "Placement": {"AvailabilityZone": "us-east-1b"}}]}]}"#;
    let merged = format!(r#"{{"iam-get-account-summary": {{}}, "ec2-describe-instances": {instances}}}"#);
    for (path, text) in
        [("aws/eu-west-1/anything.json", instances), ("aws/eu-west-1/all.json", merged.as_str())]
    {
        let unknown = r#"{"$unknown":"describe-instances did not report the metadata options"}"#;
        check(
            &[(path, text)],
            &["/metadata_options"],
            &[
                &format!(
                    "{path} aws:ec2:instance i-1 arn:aws:ec2:eu-west-1:123456789012:instance/i-1 \
                     {{\"http_endpoint\":\"enabled\",\"http_tokens\":\"optional\"}}"
                ),
                &format!(
                    "{path} aws:ec2:instance i-2 arn:aws:ec2:us-east-1:123456789012:instance/i-2 {unknown}"
                ),
            ],
        );
    }
    for text in [
        "{}",
        "[]",
        r#"{"Reservations": 1}"#,
        r#"{"Reservations": [{"Instances": [{}]}]}"#,
        "{\"Reservations\"",
    ] {
        check(&[("a.json", text)], &[], &[]);
    }
}

#[test]
fn a_setting_is_where_it_was_written() {
    let text = "resource \"aws_launch_template\" \"web\" {\n  metadata_options {\n    http_tokens = \"optional\"\n  }\n}";
    let stack = &stacks_of(&[("main.tf", text)])[0];
    let at = |pointer| &text[stack.resources[0].place(pointer).expect("placed").1.clone()];
    assert_eq!(at("/metadata_options/http_tokens"), "http_tokens = \"optional\"");
    assert_eq!(at("/metadata_options/http_endpoint"), "metadata_options");
    assert_eq!(at("/nothing/there"), "resource \"aws_launch_template\" \"web\"");
    let text = r#"{"Reservations":[{"Instances":[{"InstanceId":"i-1","MetadataOptions":{"HttpTokens":"optional"}}]}]}"#;
    let stack = &stacks_of(&[("a.json", text)])[0];
    let at = |pointer| &text[stack.resources[0].place(pointer).expect("placed").1.clone()];
    assert_eq!(at("/metadata_options/http_tokens"), r#""HttpTokens":"optional""#);
    assert_eq!(at("/vpc_id"), r#""InstanceId":"i-1""#);
}

#[test]
fn values_are_known_or_unknown_with_a_reason() {
    let rest = "variable \"given\" { default = \"required\" }\nvariable \"open\" { type = string }\n\
                variable \"set\" {}\nlocals {\n  tokens = var.given\n  loop = local.loop\n  all = { tokens = \"a\" }\n}";
    for (expression, expected) in [
        ("\"optional\"", "\"optional\""),
        ("var.given", "\"required\""),
        ("var.set", "\"from tfvars\""),
        ("local.tokens", "\"required\""),
        ("local.all.tokens", "\"a\""),
        ("\"a-${var.given}-b\"", "\"a-required-b\""),
        ("\"\\\"q\\\"\"", "\"\\\"q\\\"\""),
        ("2", "2"),
        ("true", "true"),
        ("null", "null"),
        ("(\"x\")", "\"x\""),
        ("var.open", "{\"$unknown\":\"variable `open` has no default\"}"),
        ("var.missing", "{\"$unknown\":\"variable `missing` is not declared here\"}"),
        ("local.loop", "{\"$unknown\":\"`loop` refers to too much\"}"),
        ("lower(\"X\")", "{\"$unknown\":\"`lower(...)` is not evaluated\"}"),
        ("var.a ? 1 : 2", "{\"$unknown\":\"it depends on a condition\"}"),
        ("each.value", "{\"$unknown\":\"`each.value` is not known before deployment\"}"),
        ("aws_kms_key.k[0].arn", "{\"$ref\":\"aws_kms_key.k\",\"attribute\":\"arn\"}"),
        ("data.aws_ami.a.id", "{\"$ref\":\"data.aws_ami.a\",\"attribute\":\"id\"}"),
        ("module.m.x", "{\"$ref\":\"module.m\",\"attribute\":\"x\"}"),
    ] {
        let text = format!(
            "resource \"aws_launch_template\" \"web\" {{\n  metadata_options {{\n    http_tokens = {expression}\n  }}\n}}"
        );
        let mut files = vec![("infra/main.tf", text.as_str()), ("infra/rest.tf", rest)];
        files.push(("infra/terraform.tfvars", "set = \"from tfvars\""));
        let line = format!("infra aws:ec2:launch-template aws_launch_template.web {expected}");
        let value =
            stacks_of(&files)[0].resources[0].attributes["metadata_options"]["http_tokens"].to_string();
        assert_eq!(sorted(&value), sorted(expected), "{expression}: {line}");
    }
}

fn sorted(json: &str) -> Value {
    serde_json::from_str(json).expect("JSON")
}

#[test]
fn a_dynamic_block_is_unknown() {
    let text = "resource \"aws_instance\" \"a\" {\n  dynamic \"metadata_options\" {\n    for_each = var.x\n    content {}\n  }\n}";
    let expected =
        ". aws:ec2:instance aws_instance.a {\"$unknown\":\"`metadata_options` is a dynamic block\"}";
    check(&[("main.tf", text)], &["/metadata_options"], &[expected]);
}

#[test]
fn the_parts_of_a_bucket_come_together_across_files() {
    let bucket = "resource \"aws_s3_bucket\" \"a\" {\n  bucket = \"acme-${var.stage}\"\n}\nvariable \"stage\" { default = \"live\" }";
    let policy = "resource \"aws_s3_bucket_policy\" \"a\" {\n  bucket = aws_s3_bucket.a.id\n  policy = <<-JSON\n    \
                  {\"Statement\": [{\"Effect\": \"Allow\", \"Principal\": \"*\", \"Resource\": \"${aws_s3_bucket.a.arn}/*\"}]}\n  JSON\n}";
    let block = "resource \"aws_s3_bucket_public_access_block\" \"a\" {\n  bucket = aws_s3_bucket.a.bucket\n  restrict_public_buckets = false\n}";
    let files = [("m/bucket.tf", bucket), ("m/policy.tf", policy), ("m/z.tf", block)];
    check(
        &files,
        &["/policy/Statement/0/Principal", "/public_access_block/restrict_public_buckets"],
        &["m aws:s3:bucket aws_s3_bucket.a arn:aws:s3:::acme-live \"*\" false"],
    );
    let stack = &stacks_of(&files)[0];
    let (document, range) = stack.resources[0].place("/policy/Statement/0").expect("placed").clone();
    assert_eq!(stack.documents[document], "m/policy.tf");
    assert!(policy[range].starts_with("policy = <<-JSON"));
    assert_eq!(is_public_bucket(&stack.resources[0].attributes), Some(true));
    let alone = "resource \"aws_s3_bucket_policy\" \"b\" {\n  bucket = \"elsewhere\"\n  policy = jsonencode({ Statement = { Effect = \"Allow\", Principal = { AWS = \"*\" } } })\n}";
    check(
        &[("p.tf", alone)],
        &["/policy/Statement/Effect"],
        &[". aws:s3:bucket aws_s3_bucket_policy.b arn:aws:s3:::elsewhere \"Allow\""],
    );
}

#[test]
fn a_bucket_is_public_private_or_not_known_to_be_either() {
    for (attributes, expected) in [
        (r#"{}"#, Some(false)),
        (r#"{"acl": "public-read"}"#, Some(true)),
        (r#"{"acl": "public-read", "public_access_block": {"ignore_public_acls": true}}"#, Some(false)),
        (r#"{"policy": {"Statement": [{"Effect": "Allow", "Principal": "*"}]}}"#, Some(true)),
        (r#"{"policy": {"Statement": {"Effect": "Allow", "Principal": {"AWS": ["x", "*"]}}}}"#, Some(true)),
        (r#"{"policy": {"Statement": [{"Effect": "Deny", "Principal": "*"}]}}"#, Some(false)),
        (
            r#"{"policy": {"Statement": [{"Effect": "Allow", "Principal": "*", "Condition": {}}]}}"#,
            Some(false),
        ),
        (r#"{"policy": {"Statement": [{"Effect": "Allow", "Principal": {"$unknown": "x"}}]}}"#, None),
        (r#"{"policy": {"$ref": "data.x.y", "attribute": "json"}}"#, None),
        (
            r#"{"policy": {"Statement": [{"Effect": "Allow", "Principal": "*"}]}, "public_access_block": {"restrict_public_buckets": true}}"#,
            Some(false),
        ),
    ] {
        let value = serde_json::from_str(attributes).expect("JSON");
        assert_eq!(is_public_bucket(&value), expected, "{attributes}");
    }
}

#[test]
fn references_within_a_stack_are_links() {
    let text = "resource \"aws_launch_template\" \"t\" {}\nresource \"aws_instance\" \"i\" {\n  launch_template {\n    id = aws_launch_template.t.id\n  }\n}";
    let stack = &stacks_of(&[("main.tf", text)])[0];
    let addresses: Vec<_> = stack.resources.iter().map(|resource| resource.address.as_str()).collect();
    assert_eq!(addresses, ["aws_instance.i", "aws_launch_template.t"]);
    assert_eq!(stack.links, [Link { source: 0, at: "/launch_template/id".into(), target: 1 }]);
}

#[test]
fn the_golden_launch_template_has_no_metadata_options() {
    let text = include_str!("../../../tests/golden/g15/terraform/modules/ec2/main.tf");
    check(
        &[("m/main.tf", text)],
        &["/metadata_options"],
        &["m aws:ec2:launch-template aws_launch_template.app -"],
    );
}
