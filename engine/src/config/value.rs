//! Values of the configuration that check themselves while they are read, so
//! that an error points at the very value.

use super::Date;
use crate::finding::{Confidence, Severity};
use serde::de::{Deserialize, Deserializer, Error as _, Visitor};
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// Reads a value through its `FromStr`, and names a pattern or a description
/// for it in the schema.
macro_rules! read_from_text {
    ($type:ident, $($schema:tt)*) => {
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str(FromText(PhantomData))
            }
        }
        impl schemars::JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                stringify!($type).into()
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!($($schema)*)
            }
        }
    };
}

/// Parses inside the visitor: only there does the deserializer add the place.
struct FromText<T>(PhantomData<T>);

impl<T: FromStr<Err = String>> Visitor<'_> for FromText<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(E::custom)
    }
}

/// A name in which `*` stands for any characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wildcard(String);

impl Wildcard {
    /// Whether the whole of `name` matches.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        let Some((first, rest)) = self.0.split_once('*') else {
            return self.0 == name;
        };
        let Some(mut name) = name.strip_prefix(first) else {
            return false;
        };
        let (middle, last) = rest.rsplit_once('*').unwrap_or(("", rest));
        for part in middle.split('*') {
            // The leftmost place leaves the most for the parts to come.
            let Some(at) = name.find(part) else {
                return false;
            };
            name = &name[at + part.len()..];
        }
        name.ends_with(last)
    }

    /// The text as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Wildcard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "" => Err("it is empty".to_owned()),
            _ if text.len() > 256 => Err("it is longer than 256 bytes".to_owned()),
            _ if text.matches('*').count() > 8 => Err("it has more than 8 `*`".to_owned()),
            _ => Ok(Self(text.to_owned())),
        }
    }
}
read_from_text!(Wildcard, {
    "type": "string", "minLength": 1, "maxLength": 256, "description": "A name; `*` stands for any characters."
});

/// Rules by name: `plugin/rule`, or several with `*`, such as `plugin/*`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RulePattern(Wildcard);

/// The first part of the names of Wardline's own rules.
pub(crate) const OWN: &str = "wardline/";

impl RulePattern {
    /// Whether it names the rule. Wardline's own rules are reached only by a
    /// pattern that says so: nobody means them by `*`.
    #[must_use]
    pub fn matches(&self, rule: &str) -> bool {
        (self.is_own() || !rule.starts_with(OWN)) && self.0.matches(rule)
    }

    /// The text as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Whether it stands for one rule.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        !self.as_str().contains('*')
    }

    /// Whether it names rules of Wardline's own.
    #[must_use]
    pub(crate) fn is_own(&self) -> bool {
        self.as_str().starts_with(OWN)
    }

    /// The plugin, where the pattern names one.
    #[must_use]
    pub fn plugin(&self) -> Option<&str> {
        let (plugin, _) = self.as_str().split_once('/')?;
        (!plugin.contains('*')).then_some(plugin)
    }

    /// How narrow it is, to be compared: an exact name before any pattern, then
    /// by the number of letters that it fixes.
    pub(super) fn narrowness(&self) -> (bool, usize, &str) {
        let fixed = self.as_str().bytes().filter(|byte| *byte != b'*').count();
        (self.is_exact(), fixed, self.as_str())
    }
}

impl FromStr for RulePattern {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wildcard: Wildcard = text.parse()?;
        let plain = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'/' | b'*');
        match text.bytes().all(plain)
            && (text == "*" || text.split('/').filter(|part| !part.is_empty()).count() == 2)
        {
            true => Ok(Self(wildcard)),
            false => Err("expected a rule as `plugin/rule`, or several as `plugin/*`".to_owned()),
        }
    }
}

impl fmt::Display for RulePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
read_from_text!(RulePattern, {
    "type": "string", "pattern": r"^(\*|[a-z0-9*-]+/[a-z0-9*-]+)$",
    "description": "A rule as `plugin/rule`, or several with `*`, such as `plugin/*`."
});

/// Why a path does not stay beneath the root, or would mean different things
/// on different machines.
fn vet_path(text: &str) -> Result<(), String> {
    let drive = text.as_bytes().get(1) == Some(&b':') && text.as_bytes()[0].is_ascii_alphabetic();
    let problem = if text.is_empty() {
        "it is empty"
    } else if text.len() > 256 {
        "it is longer than 256 bytes"
    } else if text.starts_with('/') || drive {
        "an absolute path is not allowed: paths are relative to the root"
    } else if text.starts_with('~') {
        "`~` is not allowed: paths are relative to the root"
    } else if text.contains('\\') {
        "`\\` is not allowed: write `/` between folders"
    } else if text.split('/').any(|part| part == "..") {
        "`..` is not allowed: paths stay beneath the root"
    } else if ["${", "$(", "{{", "`"].iter().any(|opener| text.contains(opener)) {
        "variables are not expanded here"
    } else if text.chars().any(char::is_control) {
        "it contains a control character"
    } else {
        return Ok(());
    };
    Err(problem.to_owned())
}

/// A glob over paths relative to the root.
#[derive(Debug, Clone)]
pub struct PathGlob {
    text: String,
    globs: [globset::Glob; 2],
}

impl PathGlob {
    /// The text as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The two globs that it stands for: the path, and all beneath it.
    pub(super) fn globs(&self) -> &[globset::Glob; 2] {
        &self.globs
    }
}

impl FromStr for PathGlob {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        vet_path(text)?;
        if text.starts_with('!') {
            return Err("`!` is not allowed: list what is meant".to_owned());
        }
        // Alternatives and classes are what makes globs costly to compile.
        if text.matches(['{', '[']).count() > 8 {
            return Err("it has more than 8 groups in `{}` or `[]`".to_owned());
        }
        let bare = text.strip_prefix("./").unwrap_or(text).trim_end_matches('/');
        let rooted = if bare.contains('/') { bare.to_owned() } else { format!("**/{bare}") };
        let compile = |glob: &str| {
            globset::GlobBuilder::new(glob)
                .literal_separator(true)
                .build()
                .map_err(|error| error.kind().to_string())
        };
        Ok(Self { text: text.to_owned(), globs: [compile(&rooted)?, compile(&format!("{rooted}/**"))?] })
    }
}
read_from_text!(PathGlob, {
    "type": "string", "minLength": 1, "maxLength": 256,
    "description": "A glob over paths relative to the root, with `/` between folders. \
        Without a `/` it means any file or folder of that name. A folder stands for all beneath it."
});

/// A folder beneath the root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FolderPath(PathBuf);

impl FolderPath {
    /// The path, relative to the root.
    #[must_use]
    pub(super) fn as_path(&self) -> &Path {
        &self.0
    }
}

impl FromStr for FolderPath {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        vet_path(text)?;
        match text.split('/').any(|part| part.eq_ignore_ascii_case(".git")) {
            true => Err("`.git` is not a place for files of ours".to_owned()),
            false => Ok(Self(PathBuf::from(text))),
        }
    }
}
read_from_text!(FolderPath, {
    "type": "string", "minLength": 1, "maxLength": 256, "description": "A folder, relative to the root and beneath it."
});

/// The id of a plugin.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PluginId(String);

impl PluginId {
    /// The id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PluginId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let plain = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
        match !text.is_empty() && text.len() <= 64 && text.bytes().all(plain) && text != "wardline" {
            true => Ok(Self(text.to_owned())),
            false => Err("expected the id of a plugin: small letters, digits and `-`".to_owned()),
        }
    }
}
read_from_text!(PluginId, { "type": "string", "pattern": "^[a-z0-9-]{1,64}$", "description": "The id of a plugin." });

/// The SHA-256 of a plugin's bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// A digest from its bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl FromStr for Digest {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parse = || {
            let hex = text.strip_prefix("sha256:")?;
            if hex.len() != 64 || !hex.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
                return None;
            }
            let mut bytes = [0; 32];
            for (index, byte) in bytes.iter_mut().enumerate() {
                *byte = u8::from_str_radix(&hex[2 * index..2 * index + 2], 16).ok()?;
            }
            Some(Self(bytes))
        };
        parse().ok_or_else(|| "expected `sha256:` and 64 hexadecimal digits in small letters".to_owned())
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sha256:")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
read_from_text!(Digest, {
    "type": "string", "pattern": "^sha256:[0-9a-f]{64}$", "description": "The SHA-256 of a plugin's bytes."
});

/// From where on a finding fails the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Threshold {
    /// Nothing does.
    Never,
    /// Findings at least so bad and at least so sure.
    From(Severity, Confidence),
}

impl FromStr for Threshold {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "never" {
            return Ok(Self::Never);
        }
        let (severity, confidence) = text.split_once(':').unwrap_or((text, "medium"));
        let severity = severity.parse().map_err(|error| format!("for the severity, {error}, or `never`"))?;
        let confidence = confidence.parse().map_err(|error| format!("for the confidence, {error}"))?;
        Ok(Self::From(severity, confidence))
    }
}

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Never => f.write_str("never"),
            Self::From(severity, confidence) => write!(f, "{severity}:{confidence}"),
        }
    }
}
read_from_text!(Threshold, {
    "type": "string", "pattern": "^(never|(info|low|medium|high|critical)(:(low|medium|high))?)$",
    "description": "A severity, or `severity:confidence`; without a confidence, `medium`. Or `never`."
});

/// Words that say something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Words(String);

impl Words {
    /// The words.
    #[must_use]
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Words {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.trim() {
            "" => Err("it is empty".to_owned()),
            words if words.len() > 1024 => Err("it is longer than 1024 bytes".to_owned()),
            words => Ok(Self(words.to_owned())),
        }
    }
}
read_from_text!(Words, { "type": "string", "minLength": 1, "maxLength": 1024 });

/// A date may be written as a string or as TOML's own local date.
impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match toml::Value::deserialize(deserializer)? {
            toml::Value::String(text) => text.parse(),
            toml::Value::Datetime(date) => date.to_string().parse(),
            _ => Err("expected a date as YYYY-MM-DD".to_owned()),
        }
        .map_err(D::Error::custom)
    }
}

impl schemars::JsonSchema for Date {
    fn schema_name() -> Cow<'static, str> {
        "Date".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$", "description": "A day as YYYY-MM-DD."
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_characters() {
        for (pattern, name, expected) in [
            ("secrets/*", "secrets/aws-access-key", true),
            ("secrets/*", "secrets2/aws", false),
            ("*/eval", "code/eval", true),
            ("*/eval", "code/evaluate", false),
            ("code/*-hash*", "code/weak-hash-md5", true),
            ("code/*-hash*", "code/hash", false),
            ("*a*ba", "aba", true),
            ("*ab*ba", "aba", false),
            ("*", "anything", true),
            ("release/*", "release/1/2", true),
            ("main", "main", true),
            ("main", "mainly", false),
        ] {
            assert_eq!(pattern.parse::<Wildcard>().unwrap().matches(name), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn wardlines_own_rules_are_meant_only_by_their_name() {
        for (pattern, expected) in
            [("*", false), ("*/*", false), ("w*/expired-allowance", false), ("wardline/*", true)]
        {
            let pattern: RulePattern = pattern.parse().unwrap();
            assert_eq!(pattern.matches("wardline/expired-allowance"), expected, "{pattern}");
        }
    }

    #[test]
    fn a_rule_is_a_plugin_and_a_name() {
        for text in
            ["eval", "code/", "/eval", "a/b/c", "Code/Eval", "code/eval\n", "code eval", "", "**/x\u{202e}"]
        {
            assert!(text.parse::<RulePattern>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn i17_a_path_that_leaves_the_tree_is_refused_with_the_reason() {
        for (path, reason) in [
            ("/etc/passwd", "absolute"),
            ("C:/Windows", "absolute"),
            ("c:x", "absolute"),
            ("~/x", "`~`"),
            ("~root/x", "`~`"),
            (r"\\host\share", "`\\`"),
            ("//host/share", "absolute"),
            ("../x", "`..`"),
            ("a/../../x", "`..`"),
            ("${HOME}/x", "variables"),
            ("$(id)", "variables"),
            ("a\u{1b}[2J", "control"),
            ("", "empty"),
            (&"x".repeat(257), "longer"),
        ] {
            assert!(path.parse::<PathGlob>().unwrap_err().contains(reason), "{path}");
            assert!(path.parse::<FolderPath>().unwrap_err().contains(reason), "{path}");
        }
    }

    #[test]
    fn a_digest_reads_back_as_it_was_written() {
        let text = format!("sha256:{}", "0f".repeat(32));
        assert_eq!(text.parse::<Digest>().unwrap().to_string(), text);
        for text in
            ["sha256:", "md5:00", &text[1..], &text.to_uppercase(), &format!("sha256:{}", "é".repeat(32))]
        {
            assert!(text.parse::<Digest>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_threshold_has_a_severity_and_a_confidence() {
        for (text, expected) in [("high", "high:medium"), ("low:high", "low:high"), ("never", "never")] {
            assert_eq!(text.parse::<Threshold>().unwrap().to_string(), expected);
        }
        for text in ["", "severe", "high:", "high:sure", ":low", "never:low"] {
            assert!(text.parse::<Threshold>().is_err(), "{text}");
        }
    }
}
