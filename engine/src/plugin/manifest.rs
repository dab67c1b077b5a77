//! The manifest: what a plugin declares, readable without compiling it.
//!
//! Authors write `plugin.toml` and one page per rule; `plugin::pack` joins both
//! into this form and embeds it, as JSON, in the component's custom section
//! `wardline:manifest`. The pages themselves go into `wardline:pages`, which a
//! check never reads.

use crate::finding::{Confidence, Severity};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a plugin declares.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Version of this form: 1.
    pub schema: u32,
    /// The plugin's id, `[a-z0-9-]+`: the first part of its rules' names.
    pub id: String,
    /// The plugin's own version.
    pub version: String,
    /// The line of `wardline:plugin` that it was built for, such as `0.1`.
    pub api: String,
    /// One sentence.
    #[serde(default)]
    pub description: String,
    /// SPDX expression.
    #[serde(default)]
    pub license: String,
    /// What a call carries.
    #[serde(default)]
    pub input: Input,
    /// By id.
    #[serde(default, rename = "rule")]
    pub rules: Vec<Rule>,
    /// In the order of the rules that they belong to.
    #[serde(default, rename = "query")]
    pub queries: Vec<Query>,
    /// What `check-stack` is to be called with.
    #[serde(default)]
    pub stack: StackInterest,
    /// Topics of the facts that the plugin records.
    #[serde(default)]
    pub emits: Vec<String>,
    /// Joins over facts.
    #[serde(default, rename = "correlation")]
    pub correlations: Vec<Correlation>,
    /// Data flows that the host is to look for.
    #[serde(default, rename = "flow")]
    pub flows: Vec<FlowSpec>,
    /// Default values of the plugin's options.
    #[serde(default)]
    pub config: BTreeMap<String, serde_json::Value>,
}

/// What a call to `check-document` carries.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The document's text.
    #[serde(default = "yes")]
    pub text: bool,
    /// The whole syntax tree.
    #[serde(default)]
    pub tree: bool,
    /// The day of the run.
    #[serde(default)]
    pub date: bool,
}

impl Default for Input {
    fn default() -> Self {
        Self { text: true, tree: false, date: false }
    }
}

fn yes() -> bool {
    true
}

fn is_true(value: &bool) -> bool {
    *value
}

/// One check.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// `[a-z0-9-]+`, named after what it finds.
    pub id: String,
    /// What it finds, as a noun phrase.
    pub title: String,
    /// Default severity of its findings.
    pub severity: Severity,
    /// Default confidence of its findings.
    pub confidence: Confidence,
    /// Numbers of the Common Weakness Enumeration.
    #[serde(default)]
    pub cwe: Vec<u32>,
    /// Category of the OWASP Top Ten 2021, such as `A03`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owasp: Option<String>,
    /// Requirements that it serves, such as `S031`; see `docs/requirements.md`.
    #[serde(default)]
    pub requirements: Vec<String>,
    /// Words to select rules by.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Whether it is on by default.
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    pub enabled: bool,
    /// Why there is no fix; absent where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_fix: Option<String>,
    /// The finding's message, for a rule that is a page alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Documents that its facts come from.
    #[serde(default)]
    pub references: Vec<String>,
}

/// Something that a plugin wants to see, matched by the host.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Query {
    /// Unique within the plugin.
    pub id: String,
    /// Index of the rule that it belongs to; it is skipped when that is off.
    pub rule: u32,
    /// Languages it applies to; empty for all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub languages: Vec<String>,
    /// Globs of paths it applies to; empty for all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<String>,
    /// Globs of paths it does not apply to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exclude: Vec<String>,
    /// Traits of documents it does not apply to, such as `test`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skip: Vec<String>,
    /// Literals of which one must occur in the text, ASCII case ignored. Derived
    /// from the matcher by the packer where the author gives none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<String>,
    /// Names of the captures, in the order of their indices; the first is
    /// `match`, the whole match.
    pub captures: Vec<String>,
    /// How it is matched.
    pub matcher: Matcher,
}

/// How a query is matched.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Matcher {
    /// A regular expression over the text.
    Text {
        /// Syntax of the `regex` crate.
        regex: String,
        /// Whether a match may span lines. If not, only lines with a keyword
        /// are searched.
        #[serde(default)]
        multiline: bool,
    },
    /// A shared structural query, independent of the grammar.
    Std(StdQuery),
    /// Code with metavariables.
    Code {
        /// Any of them; index is the match's pattern.
        patterns: Vec<String>,
    },
    /// A raw tree-sitter query.
    TreeSitter {
        /// The query's source.
        source: String,
    },
}

/// A shared structural query with its filters. All filters that are given must
/// hold; each holds if any of its values does.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StdQuery {
    /// `std/call`, `std/import`, `std/assign`, `std/string`, `std/function` or
    /// `std/decorator`.
    #[serde(rename = "use")]
    pub name: String,
    /// Names, resolved through imports: `eval`, `subprocess.run`, `*.execute`
    /// (any receiver), `hashlib.*` (any member).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub name_is: Vec<String>,
    /// A regular expression over the resolved name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_like: Option<String>,
    /// A regular expression over the text of the value or of any argument.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value_like: Option<String>,
}

/// Resources that `check-stack` is to be called with.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StackInterest {
    /// Kinds, such as `aws:ec2:instance` or `aws:s3:*`.
    #[serde(default)]
    pub kinds: Vec<String>,
}

/// A join over facts that share a key.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Correlation {
    /// Unique within the plugin.
    pub id: String,
    /// Topics with their owner: `code/bucket-name`, `host/resource`.
    pub topics: Vec<String>,
    /// Topics that a group must have; others are not called for.
    #[serde(default)]
    pub require: Vec<String>,
}

/// A data flow that the host is to look for.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlowSpec {
    /// Unique within the plugin.
    pub id: String,
    /// Index of the rule that it belongs to.
    pub rule: u32,
    /// Languages it applies to.
    pub languages: Vec<String>,
    /// Names whose value is not to be trusted: `flask.request.args`.
    pub sources: Vec<String>,
    /// Where such a value does harm.
    pub sinks: Vec<FlowSink>,
    /// Calls that make it harmless.
    #[serde(default)]
    pub sanitizers: Vec<String>,
}

/// Where an untrusted value does harm.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlowSink {
    /// The function's resolved name.
    pub call: String,
    /// The argument that matters, from 0; absent for any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub argument: Option<u32>,
    /// The named argument that matters as well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}
