//! Languages: their names, files and grammars.
//!
//! Which language a document is written in is decided here, by name and first
//! line alone; how its tree is read is `structure`'s business.

use std::fmt;

/// A language that documents are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Language {
    Python,
    JavaScript,
    TypeScript,
    Tsx,
    Java,
    Php,
    Go,
    Ruby,
    CSharp,
    Kotlin,
    Rust,
    Clojure,
    Bash,
    Hcl,
    Yaml,
    Json,
    Toml,
    Dockerfile,
    Html,
    Sql,
    /// Anything without a grammar: only text patterns apply.
    Text,
}

use Language::{
    Bash, CSharp, Clojure, Dockerfile, Go, Hcl, Html, Java, JavaScript, Json, Kotlin, Php, Python, Ruby,
    Rust, Sql, Text, Toml, Tsx, TypeScript, Yaml,
};

/// Languages by the names that manifests and reports use.
const NAMES: [(&str, Language); Language::COUNT] = [
    ("python", Python),
    ("javascript", JavaScript),
    ("typescript", TypeScript),
    ("tsx", Tsx),
    ("java", Java),
    ("php", Php),
    ("go", Go),
    ("ruby", Ruby),
    ("csharp", CSharp),
    ("kotlin", Kotlin),
    ("rust", Rust),
    ("clojure", Clojure),
    ("bash", Bash),
    ("hcl", Hcl),
    ("yaml", Yaml),
    ("json", Json),
    ("toml", Toml),
    ("dockerfile", Dockerfile),
    ("html", Html),
    ("sql", Sql),
    ("text", Text),
];

/// Whole file names, in lower case.
const FILES: &[(&str, Language)] = &[
    ("gemfile", Ruby),
    ("rakefile", Ruby),
    ("guardfile", Ruby),
    ("vagrantfile", Ruby),
    ("podfile", Ruby),
    ("fastfile", Ruby),
    ("capfile", Ruby),
    ("brewfile", Ruby),
    ("config.ru", Ruby),
    ("dockerfile", Dockerfile),
    ("containerfile", Dockerfile),
    ("cargo.lock", Toml),
    ("poetry.lock", Toml),
    ("uv.lock", Toml),
    ("pdm.lock", Toml),
    ("pipfile", Toml),
    ("pipfile.lock", Json),
    ("composer.lock", Json),
    ("flake.lock", Json),
    ("deno.lock", Json),
    ("bun.lock", Json),
    ("package.resolved", Json),
    ("pubspec.lock", Yaml),
    ("podfile.lock", Yaml),
    ("chart.lock", Yaml),
    ("requirements.lock", Text),
    (".terraform.lock.hcl", Hcl),
    (".babelrc", Json),
    (".eslintrc", Json),
    (".jshintrc", Json),
    (".swcrc", Json),
    (".clang-format", Yaml),
    (".clang-tidy", Yaml),
    ("jenkinsfile", Text),
    ("sconstruct", Python),
    ("sconscript", Python),
    ("pkgbuild", Bash),
    ("apkbuild", Bash),
    (".bashrc", Bash),
    (".bash_profile", Bash),
    (".bash_aliases", Bash),
    (".profile", Bash),
    (".zshrc", Bash),
    (".zshenv", Bash),
    (".zprofile", Bash),
    (".envrc", Bash),
];

/// Extensions, in lower case.
const EXTENSIONS: &[(&str, Language)] = &[
    ("py", Python),
    ("pyi", Python),
    ("pyw", Python),
    ("wsgi", Python),
    ("js", JavaScript),
    ("jsx", JavaScript),
    ("mjs", JavaScript),
    ("cjs", JavaScript),
    ("ts", TypeScript),
    ("mts", TypeScript),
    ("cts", TypeScript),
    ("tsx", Tsx),
    ("java", Java),
    ("php", Php),
    ("phtml", Php),
    ("php5", Php),
    ("php7", Php),
    ("php8", Php),
    ("inc", Php),
    ("go", Go),
    ("rb", Ruby),
    ("rake", Ruby),
    ("gemspec", Ruby),
    ("ru", Ruby),
    ("cs", CSharp),
    ("csx", CSharp),
    ("kt", Kotlin),
    ("kts", Kotlin),
    ("rs", Rust),
    ("clj", Clojure),
    ("cljs", Clojure),
    ("cljc", Clojure),
    ("edn", Clojure),
    ("bb", Clojure),
    ("sh", Bash),
    ("bash", Bash),
    ("zsh", Bash),
    ("ksh", Bash),
    ("bats", Bash),
    ("tf", Hcl),
    ("tfvars", Hcl),
    ("hcl", Hcl),
    ("nomad", Hcl),
    ("tofu", Hcl),
    ("yml", Yaml),
    ("yaml", Yaml),
    ("json", Json),
    ("jsonc", Json),
    ("json5", Json),
    ("tfstate", Json),
    ("ipynb", Json),
    ("webmanifest", Json),
    ("geojson", Json),
    ("har", Json),
    ("toml", Toml),
    ("dockerfile", Dockerfile),
    ("containerfile", Dockerfile),
    ("html", Html),
    ("htm", Html),
    ("xhtml", Html),
    ("sql", Sql),
    ("ddl", Sql),
    ("psql", Sql),
];

/// Interpreters as a `#!` line names them, versions removed.
const INTERPRETERS: &[(&str, Language)] = &[
    ("python", Python),
    ("pypy", Python),
    ("node", JavaScript),
    ("nodejs", JavaScript),
    ("deno", TypeScript),
    ("bun", TypeScript),
    ("ts-node", TypeScript),
    ("tsx", TypeScript),
    ("php", Php),
    ("ruby", Ruby),
    ("sh", Bash),
    ("bash", Bash),
    ("zsh", Bash),
    ("dash", Bash),
    ("ksh", Bash),
    ("ash", Bash),
    ("bats", Bash),
    ("bb", Clojure),
    ("clojure", Clojure),
    ("kotlin", Kotlin),
    ("rust-script", Rust),
];

impl Language {
    /// How many there are.
    pub const COUNT: usize = Text as usize + 1;

    /// Every language, in the order of their declaration.
    pub fn all() -> impl Iterator<Item = Self> {
        NAMES.iter().map(|(_, language)| *language)
    }

    /// The name that manifests and reports use.
    pub fn name(self) -> &'static str {
        NAMES[self as usize].0
    }

    /// The language of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        NAMES.iter().find(|(known, _)| *known == name).map(|(_, language)| *language)
    }

    /// Says whether a manifest that names this language means documents in `self`.
    ///
    /// `typescript` covers TSX too: authors think of one language, and only the
    /// grammar tells the two apart.
    pub fn matches_name(&self, name: &str) -> bool {
        self.name() == name || (*self == Tsx && name == TypeScript.name())
    }

    /// Decides a document's language by its path (with `/`) and its first line.
    ///
    /// Names decide before the first line does: a `#!` line in a `.yml` file is
    /// somebody's comment.
    pub fn of_path(path: &str, first_line: &str) -> Self {
        let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
        if let Some(language) = find(FILES, &name) {
            return language;
        }
        let (stem, extension) = name.rsplit_once('.').unwrap_or((&name, ""));
        if let Some(language) = find(EXTENSIONS, extension) {
            return match language {
                // An include file is PHP only if it says so.
                Php if extension == "inc" && !first_line.starts_with("<?") => Text,
                other => other,
            };
        }
        // `Dockerfile.prod`, `web.Dockerfile.tmpl`, `Containerfile-test`
        if ["dockerfile", "containerfile"]
            .iter()
            .any(|prefix| name.strip_prefix(prefix).is_some_and(|rest| rest.starts_with(['.', '-', '_'])))
        {
            return Dockerfile;
        }
        // `config.yml.example` reads as what it is an example of.
        if ["example", "sample", "dist", "template", "tmpl", "bak", "orig", "default"].contains(&extension)
            && stem.contains('.')
        {
            return Self::of_path(stem, first_line);
        }
        if extension == "lock" {
            return if first_line.starts_with('{') { Json } else { Text };
        }
        interpreter(first_line).unwrap_or(Text)
    }

    /// The grammar, where there is one.
    pub fn grammar(self) -> Option<tree_sitter::Language> {
        // Whoever makes a parser comes by here first.
        super::allocated::count();
        Some(match self {
            Python => tree_sitter_python::LANGUAGE.into(),
            JavaScript => tree_sitter_javascript::LANGUAGE.into(),
            TypeScript => tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into(),
            Tsx => tree_sitter_typescript::LANGUAGE_TSX.into(),
            Java => tree_sitter_java::LANGUAGE.into(),
            Php => tree_sitter_php::LANGUAGE_PHP.into(),
            Go => tree_sitter_go::LANGUAGE.into(),
            Ruby => tree_sitter_ruby::LANGUAGE.into(),
            CSharp => tree_sitter_c_sharp::LANGUAGE.into(),
            Kotlin => tree_sitter_kotlin_ng::LANGUAGE.into(),
            Rust => tree_sitter_rust::LANGUAGE.into(),
            Clojure => tree_sitter_clojure_orchard::LANGUAGE.into(),
            Bash => tree_sitter_bash::LANGUAGE.into(),
            Hcl => tree_sitter_hcl::LANGUAGE.into(),
            Yaml => tree_sitter_yaml::LANGUAGE.into(),
            Json => tree_sitter_json::LANGUAGE.into(),
            Toml => tree_sitter_toml_ng::LANGUAGE.into(),
            Dockerfile => tree_sitter_containerfile::LANGUAGE.into(),
            Html => tree_sitter_html::LANGUAGE.into(),
            Sql => tree_sitter_sequel::LANGUAGE.into(),
            Text => return None,
        })
    }

    /// What opens a comment: suppressions are looked for behind these.
    pub fn comment_leaders(self) -> &'static [&'static str] {
        match self {
            Python | Ruby | Bash | Yaml | Toml | Dockerfile => &["#"],
            JavaScript | TypeScript | Tsx | Java | Go | CSharp | Kotlin | Rust | Json => &["//", "/*"],
            Php | Hcl => &["#", "//", "/*"],
            Clojure => &[";", "#_"],
            Html => &["<!--"],
            Sql => &["--", "/*", "#"],
            Text => &["#", "//", "/*", "--", ";", "<!--"],
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

fn find(table: &[(&str, Language)], key: &str) -> Option<Language> {
    table.iter().find(|(known, _)| *known == key).map(|(_, language)| *language)
}

/// Reads `#!/usr/bin/env -S python3.12 -u` and its like.
fn interpreter(first_line: &str) -> Option<Language> {
    let command = first_line.strip_prefix("#!")?;
    let program = command
        .split_ascii_whitespace()
        .map(|word| word.rsplit('/').next().unwrap_or(word))
        .find(|word| *word != "env" && !word.starts_with('-') && !word.contains('='))?;
    let name = program.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    find(INTERPRETERS, name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_declaration() {
        for (index, (name, language)) in NAMES.iter().enumerate() {
            assert_eq!(*language as usize, index, "{name} stands elsewhere");
            assert_eq!(Language::from_name(name), Some(*language));
        }
    }

    #[test]
    fn a_path_and_a_first_line_decide() {
        for (path, first_line, name) in [
            ("src/app.py", "", "python"),
            ("a/B.JSX", "", "javascript"),
            ("a.mjs", "", "javascript"),
            ("a.cjs", "", "javascript"),
            ("a.mts", "", "typescript"),
            ("a.d.ts", "", "typescript"),
            ("a.tsx", "", "tsx"),
            ("view.phtml", "", "php"),
            ("defs.inc", "<?php", "php"),
            ("defs.inc", "# assembler", "text"),
            ("Program.cs", "", "csharp"),
            ("build.gradle.kts", "", "kotlin"),
            ("core.cljs", "", "clojure"),
            ("main.tf", "", "hcl"),
            ("prod.tfvars", "", "hcl"),
            ("a.zsh", "", "bash"),
            ("ci.yml", "#!/bin/sh", "yaml"),
            ("tsconfig.jsonc", "", "json"),
            ("Gemfile", "", "ruby"),
            ("Rakefile", "", "ruby"),
            ("Dockerfile", "", "dockerfile"),
            ("deploy/Dockerfile.prod", "", "dockerfile"),
            ("web.Dockerfile", "", "dockerfile"),
            ("Containerfile", "", "dockerfile"),
            ("Cargo.lock", "", "toml"),
            ("composer.lock", "{", "json"),
            ("other.lock", "{", "json"),
            ("yarn.lock", "# yarn lockfile v1", "text"),
            ("config.yml.example", "", "yaml"),
            ("bin/tool", "#!/usr/bin/env python3.12", "python"),
            ("bin/tool", "#!/usr/bin/env -S deno run", "typescript"),
            ("bin/tool", "#!/bin/bash -e", "bash"),
            ("bin/tool", "", "text"),
            (".env", "", "text"),
            ("README", "#!", "text"),
        ] {
            assert_eq!(Language::of_path(path, first_line).name(), name, "{path}");
        }
    }

    #[test]
    fn typescript_covers_tsx_and_nothing_else() {
        assert!(Tsx.matches_name("typescript") && Tsx.matches_name("tsx"));
        assert!(!TypeScript.matches_name("tsx") && !TypeScript.matches_name("javascript"));
    }

    #[test]
    fn every_grammar_fits_the_parser() {
        for language in Language::all().filter(|language| *language != Text) {
            let grammar = language.grammar().expect("all but text have one");
            tree_sitter::Parser::new().set_language(&grammar).expect("versions fit");
        }
    }
}
