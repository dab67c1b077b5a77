//! Decides whether a name that looks like a library's really is one.
//!
//! The host gives every callee a name, be it resolved or merely written:
//! `yaml.load` of `import yaml` and of `yaml = YAML()` look alike.

use wardline_plugin::prelude::*;

/// Returns whether the document imports the module that a callee's name begins
/// with.
pub fn provides(found: &Match, callee: Node) -> bool {
    let name = callee.name();
    let text = found.document().text();
    // A name that differs from what is written was resolved through an import.
    name != callee.text().replace("::", ".").trim_start_matches('\\') && !name.starts_with("*.")
        || imports(text, found.document().language(), name)
}

fn imports(text: &str, language: &str, name: &str) -> bool {
    if language != "python" {
        let module = name.split('.').next().unwrap_or(name);
        let imports = |quote: &char| {
            ["require(", "import(", "from "]
                .iter()
                .any(|word| text.contains(&format!("{word}{quote}{module}{quote}")))
        };
        return ['"', '\'', '`'].iter().any(imports);
    }
    let module = name.split('.').next().unwrap_or(name);
    text.lines().map(str::trim_start).any(|line| {
        let imported = line.strip_prefix("import ").unwrap_or_default();
        let from =
            line.strip_prefix("from ").and_then(|rest| rest.split_whitespace().next()).unwrap_or_default();
        let first = |path: &str| path.trim().split(['.', ' ']).next() == Some(module);
        imported.split(',').any(first) || first(from)
    })
}

#[cfg(test)]
mod tests {
    use super::imports;

    #[test]
    fn only_the_module_itself_provides_its_names() {
        assert!(imports("import os, yaml\n", "python", "yaml.load"));
        assert!(imports("import os.path\n", "python", "os.system"));
        assert!(imports("from yaml import load\n", "python", "yaml.load"));
        assert!(!imports("from ruamel.yaml import YAML\n", "python", "yaml.load"));
        assert!(imports("const a = require('errorhandler')", "javascript", "errorhandler"));
        assert!(!imports("function md5(x) {} createHash('md5')", "javascript", "md5"));
    }
}
