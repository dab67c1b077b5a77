//! `wardline plugin inspect`: what a plugin declares and needs. Nothing of it is
//! compiled or run.

use super::{Done, InspectFormat, Trouble, count, size};
use crate::plugins;
use serde_json::json;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use wardline_engine::plugin::manifest::{Manifest, Matcher};
use wardline_engine::plugin::section::{self, NotAPlugin};
use wardline_engine::plugin::set::digest;
use wasmparser::{Parser, Payload};

const OURS: &str = "wardline:plugin/";

/// What can be said of a plugin.
struct Inspected {
    manifest: Manifest,
    digest: String,
    /// Only of a file.
    file: Option<FileFacts>,
}

struct FileFacts {
    bytes: usize,
    imports: Vec<String>,
    exports: Vec<String>,
}

impl FileFacts {
    fn unknown_imports(&self) -> impl Iterator<Item = &String> {
        self.imports.iter().filter(|name| !name.starts_with(OURS))
    }
}

pub(super) fn run(plugin: &str, format: InspectFormat) -> Result<Done, Trouble> {
    let path = Path::new(plugin);
    let inspected = if path.is_file() {
        read(path)?
    } else {
        let mut known = plugins::built_in().into_iter();
        let found = known
            .find(|known| known.manifest.id == plugin)
            .ok_or_else(|| Trouble::Unknown { id: plugin.to_owned() })?;
        Inspected { digest: found.digest.clone(), manifest: found.manifest, file: None }
    };
    let text = match format {
        InspectFormat::Text => text(&inspected),
        InspectFormat::Json => json(&inspected),
    };
    Ok(Done { text, passed: true })
}

fn read(path: &Path) -> Result<Inspected, Trouble> {
    let refused = |source| Trouble::NotAPlugin { path: path.to_owned(), source };
    let bytes = std::fs::read(path).map_err(Trouble::io(path))?;
    let manifest = section::manifest(&bytes).map_err(refused)?;
    let (imports, exports) = interface(&bytes).map_err(refused)?;
    let file = Some(FileFacts { bytes: bytes.len(), imports, exports });
    Ok(Inspected { manifest, digest: digest(&bytes), file })
}

/// Names of a component's own imports and exports, sorted.
fn interface(component: &[u8]) -> Result<(Vec<String>, Vec<String>), NotAPlugin> {
    let damaged = |error: wasmparser::Error| NotAPlugin::Damaged { at: error.offset() };
    let (mut imports, mut exports) = (Vec::new(), Vec::new());
    // What lies inside has imports and exports too; they are its own business.
    let mut depth = 0_usize;
    for payload in Parser::new(0).parse_all(component) {
        match payload.map_err(damaged)? {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentImportSection(section) if depth == 0 => {
                for import in section {
                    imports.push(import.map_err(damaged)?.name.name.to_owned());
                }
            }
            Payload::ComponentExportSection(section) if depth == 0 => {
                for export in section {
                    exports.push(export.map_err(damaged)?.name.name.to_owned());
                }
            }
            _ => {}
        }
    }
    imports.sort();
    exports.sort();
    Ok((imports, exports))
}

fn text(inspected: &Inspected) -> String {
    let Inspected { manifest, digest, file } = inspected;
    let mut text = format!("{} {}\n", manifest.id, manifest.version);
    let mut line = |name: &str, value: &str| {
        if !value.is_empty() {
            let _ = writeln!(text, "  {name:<9} {}", value);
        }
    };
    line("about", &manifest.description);
    line("license", &manifest.license);
    line("api", &format!("wardline:plugin@{}", manifest.api));
    line("digest", &format!("sha256:{digest}"));
    match file {
        Some(file) => {
            line("size", &size(file.bytes));
            line("exports", &file.exports.join(", "));
            let imports = file.imports.join(", ");
            line("imports", if imports.is_empty() { "nothing" } else { &imports });
        }
        None => line("size", "built in"),
    }
    line("queries", &queries(manifest));
    line("flows", &specs(manifest.flows.len(), "flow"));
    line("stack", &manifest.stack.kinds.join(", "));
    line("emits", &manifest.emits.join(", "));
    line("joins", &specs(manifest.correlations.len(), "correlation"));
    let _ = writeln!(text, "\n{}", count(manifest.rules.len(), "rule"));
    let width = manifest.rules.iter().map(|rule| rule.id.len()).max().unwrap_or_default();
    for rule in &manifest.rules {
        let requirements = rule.requirements.join(" ");
        let off = if rule.enabled { "" } else { " (off)" };
        let row = format!(
            "  {:width$}  {:8}  {:6}  {}{off}  {requirements}",
            rule.id, rule.severity, rule.confidence, rule.title
        );
        let _ = writeln!(text, "{}", row.trim_end());
    }
    let unknown: Vec<&String> = file.iter().flat_map(FileFacts::unknown_imports).collect();
    if !unknown.is_empty() {
        let _ = writeln!(text, "\nwarning: no host gives a plugin these imports; calling one is a trap:");
        for name in unknown {
            let _ = writeln!(text, "  {}", name);
        }
    }
    text
}

/// How many queries there are of each sort.
fn queries(manifest: &Manifest) -> String {
    let mut sorts: BTreeMap<&str, usize> = BTreeMap::new();
    for query in &manifest.queries {
        let sort = match &query.matcher {
            Matcher::Text { .. } => "text",
            Matcher::Std(filter) => filter.name.as_str(),
            Matcher::Code { .. } => "pattern",
            Matcher::TreeSitter { .. } => "tree-sitter",
        };
        *sorts.entry(sort).or_default() += 1;
    }
    let sorts: Vec<String> = sorts.iter().map(|(sort, number)| format!("{number} {sort}")).collect();
    sorts.join(", ")
}

fn specs(number: usize, noun: &str) -> String {
    if number == 0 { String::new() } else { count(number, noun) }
}

fn json(inspected: &Inspected) -> String {
    let Inspected { manifest, digest, file } = inspected;
    let unknown: Vec<&String> = file.iter().flat_map(FileFacts::unknown_imports).collect();
    let value = json!({
        "id": manifest.id,
        "version": manifest.version,
        "api": manifest.api,
        "digest": format!("sha256:{digest}"),
        "built_in": file.is_none(),
        "bytes": file.as_ref().map(|file| file.bytes),
        "imports": file.as_ref().map(|file| &file.imports),
        "exports": file.as_ref().map(|file| &file.exports),
        "unknown_imports": unknown,
        "manifest": manifest,
    });
    crate::report::harmless_json(&format!("{value:#}\n"))
}
