//! The form of `wardline.toml`. The doc comments here are the reference: the
//! JSON schema is generated from them.

use super::Date;
use super::value::{Digest, FolderPath, PathGlob, PluginId, RulePattern, Threshold, Wildcard, Words};
use crate::finding::{Class, Severity};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::{MapAccess, Visitor, value::MapAccessDeserializer};
use serde::{Deserialize, Deserializer};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

/// The configuration of Wardline: what is checked, what fails a run, which
/// rules are on, and what is allowed.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct ConfigFile {
    /// Which files are checked.
    pub check: CheckTable,
    /// Which findings fail a run.
    pub gate: GateTable,
    /// Rules by name, or several by a name with `*`. The narrower name wins
    /// over the wider, and the later layer over the earlier.
    pub rules: BTreeMap<Located<RulePattern>, RuleSetting>,
    /// Plugins by id: those that the repository needs beyond the built-in ones,
    /// and options for any.
    pub plugins: BTreeMap<Located<PluginId>, PluginTable>,
    /// Findings that are allowed, each with its reason.
    pub allow: Vec<Located<AllowTable>>,
    /// Findings that the team has accepted.
    pub baseline: BaselineTable,
}

/// Which files are checked.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct CheckTable {
    /// Check only these paths. A file must be included by every layer that
    /// gives a list.
    pub include: Option<Located<Vec<PathGlob>>>,
    /// Leave these paths out. The lists of all layers are joined.
    pub exclude: Option<Located<Vec<PathGlob>>>,
    /// Leave out files of more bytes than this. The smallest of all layers
    /// holds, and 67108864 (64 MiB) in any case.
    #[schemars(range(min = 1, max = 67_108_864))]
    pub max_file_size: Option<Located<u64>>,
}

/// Which findings fail a run.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct GateTable {
    /// The severity from which on a finding fails the run, optionally with a
    /// confidence, as in `high:medium`; or `never`. Default: `high:medium`.
    pub fail_on: Option<Located<Threshold>>,
    /// The classes that fail the run. Default: `["real"]`.
    pub classes: Option<Located<Vec<Class>>>,
    /// Exceptions for paths or branches. The last that applies wins.
    pub when: Vec<Located<GateException>>,
}

/// A part of the tree, or some branches, with a gate of their own.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct GateException {
    /// Where it applies; everywhere if absent.
    pub paths: Option<Vec<PathGlob>>,
    /// The branches on which it applies; on all if absent. It does not apply
    /// where the branch is not known.
    pub branches: Option<Vec<Wildcard>>,
    /// As in `gate`.
    pub fail_on: Option<Threshold>,
    /// As in `gate`.
    pub classes: Option<Vec<Class>>,
}

/// What becomes of a rule: `"off"`, `"on"`, a severity (which also turns it
/// on), or a table.
#[derive(Debug, Clone, Default)]
pub(super) struct RuleSetting {
    /// Whether it runs, where this is said.
    pub enabled: Option<bool>,
    /// The severity of its findings, in place of its own.
    pub severity: Option<Severity>,
    /// Where it does not run.
    pub exclude: Vec<PathGlob>,
}

/// The long form of a rule's setting.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct RuleTable {
    /// Whether the rule runs.
    enabled: Option<bool>,
    /// The severity of its findings, in place of the rule's own.
    severity: Option<Severity>,
    /// Paths where it does not run.
    exclude: Vec<PathGlob>,
}

/// A plugin: which bytes it has, and its options.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct PluginTable {
    /// Whether its rules run. `false` in the user's file is final.
    pub enabled: Option<Located<bool>>,
    /// The bytes that are meant. A repository can pin a plugin in this way, but
    /// it loads only if the user trusts this digest.
    pub digest: Option<Located<Digest>>,
    /// Where the component is. Only in the user's file: a repository cannot
    /// bring plugins.
    pub path: Option<Located<Words>>,
    /// The plugin's own options; its page names them.
    #[schemars(with = "Option<BTreeMap<String, serde_json::Value>>")]
    pub options: Option<Located<toml::Table>>,
}

/// Findings that are allowed.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct AllowTable {
    /// The rule, or several with `*`.
    pub rule: Located<RulePattern>,
    /// Where; everywhere if absent.
    pub paths: Option<Vec<PathGlob>>,
    /// Why it is right to allow them.
    pub reason: Words,
    /// The last day on which it holds.
    pub until: Option<Date>,
    /// Who answers for it.
    pub owner: Option<Words>,
}

/// Findings that the team has accepted.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct BaselineTable {
    /// The folder with one file for each. Default: `.wardline/accepted`.
    pub dir: Option<Located<FolderPath>>,
}

/// A value and where it stands in its file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(transparent)]
pub(super) struct Located<T>(toml::Spanned<T>);

impl<T> Located<T> {
    /// The value.
    pub(super) fn value(&self) -> &T {
        self.0.get_ref()
    }

    /// Its bytes.
    pub(super) fn span(&self) -> Range<usize> {
        self.0.span()
    }

    /// The value and its bytes.
    pub(super) fn into_parts(self) -> (T, Range<usize>) {
        let span = self.span();
        (self.0.into_inner(), span)
    }
}

impl<T: JsonSchema> JsonSchema for Located<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }
    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }
    fn schema_id() -> Cow<'static, str> {
        T::schema_id()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

impl<'de> Deserialize<'de> for RuleSetting {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Form;
        impl<'de> Visitor<'de> for Form {
            type Value = RuleSetting;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("\"on\", \"off\", a severity or a table")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<RuleSetting, E> {
                text.parse().map_err(E::custom)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<RuleSetting, A::Error> {
                let table = RuleTable::deserialize(MapAccessDeserializer::new(map))?;
                Ok(RuleSetting { enabled: table.enabled, severity: table.severity, exclude: table.exclude })
            }
        }
        deserializer.deserialize_any(Form)
    }
}

impl std::str::FromStr for RuleSetting {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (enabled, severity) = match text {
            "on" => (true, None),
            "off" => (false, None),
            _ => (true, Some(text.parse().map_err(|error| format!("{error}, or `on` or `off`"))?)),
        };
        Ok(Self { enabled: Some(enabled), severity, exclude: Vec::new() })
    }
}

impl JsonSchema for RuleSetting {
    fn schema_name() -> Cow<'static, str> {
        "RuleSetting".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({
            "description": "`on`, `off`, a severity (which also turns the rule on), or a table.",
            "anyOf": [
                { "enum": ["off", "on", "info", "low", "medium", "high", "critical"] },
                generator.subschema_for::<RuleTable>(),
            ]
        })
    }
}

/// The JSON schema of `wardline.toml`, as text.
#[must_use]
pub fn schema() -> String {
    let mut schema = schemars::schema_for!(ConfigFile);
    schema.insert("title".to_owned(), "wardline.toml".into());
    let mut text = serde_json::to_string_pretty(&schema).expect("a schema is plain JSON");
    text.push('\n');
    text
}
