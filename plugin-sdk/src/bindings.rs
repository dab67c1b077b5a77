//! What wit-bindgen makes of the contract.
#![allow(missing_docs, clippy::all)]

wit_bindgen::generate!({
    path: "wit",
    world: "plugin",
    pub_export_macro: true,
    export_macro_name: "export",
    default_bindings_module: "wardline_plugin::bindings",
    additional_derives: [Clone, serde::Serialize, serde::Deserialize],
});
