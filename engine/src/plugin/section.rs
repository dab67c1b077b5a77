//! Custom sections of a component: where a plugin's manifest and pages are.
//!
//! They are read from the bytes alone: nothing is compiled or run, and a
//! section that is not asked for is not looked into.

use super::manifest::{Manifest, Matcher};
use std::collections::BTreeMap;

/// Section with the manifest, as JSON.
pub const MANIFEST: &str = "wardline:manifest";
/// Section with the pages, as a JSON object of Markdown by rule id.
pub const PAGES: &str = "wardline:pages";

const HEADER: usize = 8;
const COMPONENT: [u8; HEADER] = [0, b'a', b's', b'm', 0x0d, 0, 1, 0];
const MODULE: [u8; HEADER] = [0, b'a', b's', b'm', 1, 0, 0, 0];

/// Why bytes are not a plugin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAPlugin {
    /// Not WebAssembly.
    #[error("it is not a WebAssembly component")]
    NotWasm,
    /// WebAssembly, but not a component.
    #[error("it is a core WebAssembly module, not a component; `wardline plugin build` makes components")]
    CoreModule,
    /// Cut off or damaged.
    #[error("it is damaged at byte {at}")]
    Damaged {
        /// Byte offset.
        at: usize,
    },
    /// No manifest inside.
    #[error("it holds no Wardline manifest; `wardline plugin build` embeds one")]
    NoManifest,
    /// A manifest that does not fit.
    #[error("its manifest does not fit: {problem}")]
    BadManifest {
        /// What is wrong.
        problem: String,
    },
    /// Built for another version of the contract.
    #[error(
        "it was built for `wardline:plugin@{built}`, and this Wardline speaks `wardline:plugin@{spoken}`"
    )]
    WrongVersion {
        /// The plugin's.
        built: String,
        /// The host's.
        spoken: &'static str,
    },
}

/// Reads the manifest of a component and checks that it makes sense.
///
/// # Errors
/// When the bytes are not a plugin for this host.
pub fn manifest(component: &[u8]) -> Result<Manifest, NotAPlugin> {
    let bytes = find(component, MANIFEST)?.ok_or(NotAPlugin::NoManifest)?;
    parse_manifest(bytes)
}

/// Reads a manifest's JSON and checks that it makes sense.
///
/// # Errors
/// When it does not.
pub fn parse_manifest(json: &[u8]) -> Result<Manifest, NotAPlugin> {
    let bad = |problem: String| NotAPlugin::BadManifest { problem };
    // The version first: a manifest of another line may have other fields.
    let value: serde_json::Value = serde_json::from_slice(json).map_err(|error| bad(error.to_string()))?;
    let built = value.get("api").and_then(serde_json::Value::as_str).unwrap_or("none");
    if built != super::API_LINE {
        return Err(NotAPlugin::WrongVersion { built: built.to_owned(), spoken: super::API_LINE });
    }
    let manifest: Manifest = serde_json::from_value(value).map_err(|error| bad(error.to_string()))?;
    check(&manifest).map_err(bad)?;
    Ok(manifest)
}

fn check(manifest: &Manifest) -> Result<(), String> {
    let fits = |id: &str| {
        (1..=128).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    if !fits(&manifest.id) || matches!(manifest.id.as_str(), "host" | "wardline") {
        return Err(format!("`{}` is no id for a plugin: use a-z, 0-9 and -", manifest.id.escape_debug()));
    }
    let mut ids = std::collections::BTreeSet::new();
    for rule in &manifest.rules {
        if !fits(&rule.id) {
            return Err(format!("`{}` is no id for a rule: use a-z, 0-9 and -", rule.id.escape_debug()));
        }
        if !ids.insert(&rule.id) {
            return Err(format!("rule `{}` is declared twice", rule.id));
        }
    }
    bounded(manifest)?;
    let rules = manifest.rules.len();
    for query in &manifest.queries {
        if query.rule as usize >= rules || query.captures.first().is_none_or(|first| first != "match") {
            return Err(format!("query `{}` does not fit its rule", query.id.escape_debug()));
        }
    }
    if manifest.flows.iter().any(|flow| flow.rule as usize >= rules) {
        return Err("a flow belongs to no rule".into());
    }
    Ok(())
}

/// Bounds what all documents of a run have to pay for a plugin's declaration.
fn bounded(manifest: &Manifest) -> Result<(), String> {
    const RULES: usize = 1_000;
    const QUERIES: usize = 4_000;
    const CAPTURES: usize = 64;
    const KEYWORD_BYTES: usize = 256;
    const KEYWORDS_BYTES: usize = 32 << 10;
    for (count, most, what) in [
        (manifest.rules.len(), RULES, "rules"),
        (manifest.queries.len(), QUERIES, "queries"),
        (manifest.flows.len(), RULES, "flows"),
        (manifest.correlations.len(), RULES, "correlations"),
        (manifest.stack.kinds.len(), RULES, "kinds of resources"),
        (manifest.emits.len(), RULES, "topics"),
    ] {
        if count > most {
            return Err(format!("it declares {count} {what}; at most {most} can be used"));
        }
    }
    let mut keywords = 0;
    for query in &manifest.queries {
        let id = query.id.escape_debug();
        if query.captures.len() > CAPTURES {
            return Err(format!("query `{id}` has more than {CAPTURES} captures"));
        }
        if query.keywords.iter().any(|keyword| !(1..=KEYWORD_BYTES).contains(&keyword.len())) {
            return Err(format!("a keyword of query `{id}` is empty or longer than {KEYWORD_BYTES} bytes"));
        }
        let is_narrow = !query.keywords.is_empty() || !query.paths.is_empty();
        if !is_narrow && matches!(query.matcher, Matcher::Text { .. }) {
            return Err(format!("query `{id}` is a text pattern without keywords or paths"));
        }
        keywords += query.keywords.iter().map(String::len).sum::<usize>();
    }
    if keywords > KEYWORDS_BYTES {
        return Err(format!(
            "its keywords have {keywords} bytes together; at most {KEYWORDS_BYTES} can be used"
        ));
    }
    Ok(())
}

/// Reads the pages of a component, by rule id.
///
/// # Errors
/// When the bytes are damaged.
pub fn pages(component: &[u8]) -> Result<BTreeMap<String, String>, NotAPlugin> {
    let bytes = find(component, PAGES)?.unwrap_or(b"{}");
    serde_json::from_slice(bytes).map_err(|error| NotAPlugin::BadManifest { problem: error.to_string() })
}

/// The content of a top-level custom section.
///
/// # Errors
/// When the bytes are not a component, or damaged.
pub fn find<'b>(component: &'b [u8], name: &str) -> Result<Option<&'b [u8]>, NotAPlugin> {
    if component.starts_with(&MODULE) {
        return Err(NotAPlugin::CoreModule);
    }
    if !component.starts_with(&COMPONENT) {
        return Err(NotAPlugin::NotWasm);
    }
    for section in sections(component) {
        let (id, content, _) = section?;
        if id == 0 {
            let mut at = 0;
            let length = leb(content, &mut at).ok_or(NotAPlugin::Damaged { at: 0 })?;
            let end = at.saturating_add(length);
            if content.get(at..end) == Some(name.as_bytes()) {
                return Ok(content.get(end..));
            }
        }
    }
    Ok(None)
}

/// A section: its id, its content, and where it starts.
type Section<'b> = (u8, &'b [u8], usize);

/// The sections after the header.
pub(super) fn sections(bytes: &[u8]) -> impl Iterator<Item = Result<Section<'_>, NotAPlugin>> {
    let mut at = HEADER;
    std::iter::from_fn(move || {
        let start = at;
        let id = *bytes.get(at)?;
        at += 1;
        let section = leb(bytes, &mut at).and_then(|length| bytes.get(at..at.checked_add(length)?));
        match section {
            Some(content) => {
                at += content.len();
                Some(Ok((id, content, start)))
            }
            None => {
                at = usize::MAX;
                Some(Err(NotAPlugin::Damaged { at: start }))
            }
        }
    })
}

/// An unsigned LEB128 number of at most 32 bits.
pub(super) fn leb(bytes: &[u8], at: &mut usize) -> Option<usize> {
    let mut value = 0u64;
    for shift in (0..35).step_by(7) {
        let byte = *bytes.get(*at)?;
        *at += 1;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return usize::try_from(value).ok().filter(|value| u32::try_from(*value).is_ok());
        }
    }
    None
}

/// Appends a custom section.
pub(super) fn append(bytes: &mut Vec<u8>, name: &str, content: &[u8]) {
    let mut payload = Vec::new();
    push_leb(&mut payload, name.len());
    payload.extend_from_slice(name.as_bytes());
    payload.extend_from_slice(content);
    bytes.push(0);
    push_leb(bytes, payload.len());
    bytes.extend_from_slice(&payload);
}

fn push_leb(bytes: &mut Vec<u8>, mut value: usize) {
    loop {
        let low = (value & 0x7f) as u8;
        value >>= 7;
        if value == 0 {
            bytes.push(low);
            return;
        }
        bytes.push(low | 0x80);
    }
}
