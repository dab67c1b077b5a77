//! The SDK's source, as this executable carries it.
//!
//! Until the SDK is published, `plugin new` writes it beside the new plugin, so
//! that an installed binary alone is enough to start one.

macro_rules! files {
    ($($path:literal),* $(,)?) => {
        /// Paths within the SDK, and what the files hold.
        pub(super) const FILES: &[(&str, &str)] =
            &[$(($path, include_str!(concat!("../../../plugin-sdk/", $path)))),*];
    };
}

files![
    "Cargo.toml",
    "src/bindings.rs",
    "src/build.rs",
    "src/declared.rs",
    "src/document.rs",
    "src/flow.rs",
    "src/glue.rs",
    "src/group.rs",
    "src/lib.rs",
    "src/report.rs",
    "src/setup.rs",
    "src/stack.rs",
    "src/tree.rs",
    "wit/wardline.wit",
];

#[cfg(test)]
mod tests {
    use super::FILES;
    use std::collections::BTreeSet;
    use std::path::Path;

    #[test]
    fn every_file_of_the_sdk_is_carried() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("plugin-sdk");
        let mut expected = BTreeSet::from(["Cargo.toml".to_owned()]);
        for folder in ["src", "wit"] {
            for entry in std::fs::read_dir(root.join(folder)).expect("the SDK lies in this workspace") {
                let name = entry.expect("it can be listed").file_name();
                expected.insert(format!("{folder}/{}", name.to_string_lossy()));
            }
        }
        let carried: BTreeSet<String> = FILES.iter().map(|(path, _)| (*path).to_owned()).collect();
        assert_eq!(carried, expected, "list the files in src/commands/plugin/sdk.rs");
    }

    #[test]
    fn the_sdk_needs_nothing_of_this_workspace() {
        let (_, manifest) = FILES.iter().find(|(path, _)| *path == "Cargo.toml").expect("listed");
        assert!(!manifest.contains("workspace"), "a copy of the SDK has no workspace above it");
    }
}
