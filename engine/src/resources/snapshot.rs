//! Snapshots of an AWS account, as its command line prints them.
//!
//! A snapshot is known by its keys, never by its file's name; the path gives
//! the region where nothing in the file does.

use super::json::{self, Node};
use super::{Format, Resource, unknown};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::ops::Range;

/// Our names of an instance's settings, and where the snapshot has them.
const SETTINGS: &[(&str, &[&str])] = &[
    ("/instance_id", &["InstanceId"]),
    ("/state", &["State", "Name"]),
    ("/ami", &["ImageId"]),
    ("/instance_type", &["InstanceType"]),
    ("/public_ip", &["PublicIpAddress"]),
    ("/subnet_id", &["SubnetId"]),
    ("/vpc_id", &["VpcId"]),
    ("/iam_instance_profile", &["IamInstanceProfile", "Arn"]),
    ("/metadata_options/http_tokens", &["MetadataOptions", "HttpTokens"]),
    ("/metadata_options/http_endpoint", &["MetadataOptions", "HttpEndpoint"]),
    ("/metadata_options/http_put_response_hop_limit", &["MetadataOptions", "HttpPutResponseHopLimit"]),
];

/// Reads the resources of a snapshot; none if the text is something else.
pub(super) fn read(text: &str, path: &str) -> Vec<Resource> {
    if memchr::memmem::find(text.as_bytes(), b"\"Reservations\"").is_none() {
        return Vec::new();
    }
    let Some(root) = json::read(text) else { return Vec::new() };
    // One call's output, or several in one map.
    let answers = [Some(&root), root.get("ec2-describe-instances")];
    let reservations = answers.into_iter().flatten().filter_map(|answer| answer.get("Reservations"));
    let mut found = Vec::new();
    for reservation in reservations.flat_map(Node::items) {
        let owner = reservation.get("OwnerId").and_then(Node::str);
        let instances = reservation.get("Instances").map(Node::items).unwrap_or_default();
        found.extend(instances.iter().filter_map(|node| instance(node, owner, path)));
    }
    found
}

fn instance(node: &Node, owner: Option<&str>, path: &str) -> Option<Resource> {
    let (head, id) = node.member("InstanceId")?;
    let id = id.str()?;
    let mut attributes = Map::new();
    let mut places: BTreeMap<String, Range<usize>> = BTreeMap::new();
    places.insert(String::new(), head);
    for (pointer, keys) in SETTINGS {
        let mut at = Some((node.range.clone(), node));
        for key in *keys {
            at = at.and_then(|(_, node)| node.member(key));
        }
        let Some((range, value)) = at else { continue };
        let mut parts = pointer.split('/').skip(1);
        let (first, second) = (parts.next().unwrap_or_default(), parts.next());
        match second {
            Some(second) => {
                let group = attributes.entry(first).or_insert_with(|| json!({}));
                group[second] = value.plain();
            }
            None => {
                attributes.insert(first.to_owned(), value.plain());
            }
        }
        places.insert((*pointer).to_owned(), range);
    }
    match node.member("MetadataOptions") {
        Some((range, _)) => {
            places.insert("/metadata_options".into(), range);
            attributes.entry("metadata_options").or_insert_with(|| json!({}));
        }
        None => {
            let reason = "describe-instances did not report the metadata options";
            attributes.insert("metadata_options".into(), unknown(reason));
        }
    }
    if let Some((range, tags)) = node.member("Tags") {
        let tag = |tag: &Node| Some((tag.get("Key")?.str()?.to_owned(), tag.get("Value")?.plain()));
        attributes.insert("tags".into(), Value::Object(tags.items().iter().filter_map(tag).collect()));
        places.insert("/tags".into(), range);
    }
    let zone =
        node.get("Placement").and_then(|placement| placement.get("AvailabilityZone")).and_then(Node::str);
    let region = zone
        .map(|zone| zone.trim_end_matches(|c: char| c.is_ascii_lowercase()))
        .or_else(|| path.split('/').find(|part| is_region(part)));
    let identity = match (region, owner) {
        (Some(region), Some(owner)) => {
            format!("arn:{}:ec2:{region}:{owner}:instance/{id}", partition(region))
        }
        _ => id.to_owned(),
    };
    Some(Resource {
        format: Format::AwsSnapshot,
        kind: "aws:ec2:instance".into(),
        source_kind: "AWS::EC2::Instance".into(),
        address: id.to_owned(),
        identity: Some(identity),
        attributes: Value::Object(attributes),
        places,
        range: node.range.clone(),
    })
}

/// Whether a folder is named after a region: `eu-west-1`, `us-gov-east-1`.
fn is_region(part: &str) -> bool {
    let words: Vec<&str> = part.split('-').collect();
    let letters = |word: &&str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase());
    match words.as_slice() {
        [first, middle @ .., number] => {
            first.len() == 2
                && matches!(middle.len(), 1 | 2)
                && middle.iter().all(letters)
                && letters(first)
                && number.len() == 1
                && number.bytes().all(|byte| byte.is_ascii_digit())
        }
        _ => false,
    }
}

fn partition(region: &str) -> &'static str {
    match region {
        _ if region.starts_with("cn-") => "aws-cn",
        _ if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    }
}
