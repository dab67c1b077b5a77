//! Reads the plugin's declaration; see `wardline_plugin::build`. What the pages
//! match is written out once more, for text that the host can not decode.

use std::fmt::Write as _;
use std::path::PathBuf;
use wardline_plugin::Json;

fn main() {
    wardline_plugin::build::generate();
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    let manifest = std::fs::read_to_string(out.join("manifest.json")).expect("just written");
    let manifest: Json = manifest.parse().expect("JSON");
    std::fs::write(out.join("shapes.rs"), shapes(&manifest)).expect("OUT_DIR can be written to");
}

/// The patterns of vendors' keys that need nothing around them.
fn shapes(manifest: &Json) -> String {
    let list = |value: &Json| value.as_array().cloned().unwrap_or_default();
    let mut code = String::from("&[\n");
    for query in list(&manifest["query"]) {
        let rule = &manifest["rule"][query["rule"].as_u64().unwrap_or_default() as usize];
        let pattern = query["matcher"]["text"]["regex"].as_str().unwrap_or_default();
        let has = |capture: &str| list(&query["captures"]).iter().any(|known| known == capture);
        let is_on = rule["enabled"] != false;
        if !is_on || !has("key") || has("name") || has("data") {
            continue;
        }
        let keywords: Vec<String> =
            list(&query["keywords"]).iter().filter_map(Json::as_str).map(str::to_owned).collect();
        let what = rule["message"].as_str().or(rule["title"].as_str()).unwrap_or_default();
        let _ = writeln!(code, "Shape {{ what: {what:?}, keywords: &{keywords:?}, pattern: {pattern:?} }},");
    }
    code.push(']');
    code
}
