//! Taking the values of one file over, and writing values as TOML.

use super::ConfigError;
use super::file::Located;
use super::globs::Globs;
use super::origin::{Layer, Origin, Source};
use super::value::{PathGlob, RulePattern};
use std::cell::Cell;
use std::ops::Range;

/// What the values of one file have in common.
pub(super) struct Reader<'a> {
    pub(super) layer: Layer,
    pub(super) source: &'a Source,
    /// How many globs were compiled so far, and how many bytes of them.
    globs: Cell<(usize, usize)>,
}

/// More globs than this in one file would cost too much time and memory.
const MAX_GLOBS: usize = 1000;
const MAX_GLOB_BYTES: usize = 16 * 1024;

impl<'a> Reader<'a> {
    pub(super) fn new(layer: Layer, source: &'a Source) -> Self {
        Self { layer, source, globs: Cell::new((0, 0)) }
    }

    pub(super) fn origin(&self, span: Range<usize>) -> Origin {
        Origin { layer: self.layer, source: Some(self.source.clone()), span }
    }

    pub(super) fn value<T>(&self, located: Option<Located<T>>) -> Option<(T, Origin)> {
        let (value, span) = located?.into_parts();
        Some((value, self.origin(span)))
    }

    pub(super) fn globs(
        &self,
        key: &str,
        globs: Option<Located<Vec<PathGlob>>>,
    ) -> Result<Option<(Globs, Origin)>, ConfigError> {
        let Some((globs, origin)) = self.value(globs) else {
            return Ok(None);
        };
        let globs = self.compile(key, Some(globs), &origin)?;
        Ok(globs.map(|globs| (globs, origin)))
    }

    pub(super) fn compile(
        &self,
        key: &str,
        globs: Option<Vec<PathGlob>>,
        origin: &Origin,
    ) -> Result<Option<Globs>, ConfigError> {
        let Some(globs) = globs else { return Ok(None) };
        let (count, bytes) = self.globs.get();
        let (count, bytes) = globs
            .iter()
            .fold((count, bytes), |(count, bytes), glob| (count + 1, bytes + glob.as_str().len()));
        self.globs.set((count, bytes));
        let compiled = match count > MAX_GLOBS || bytes > MAX_GLOB_BYTES {
            true => {
                Err(format!("this file has more than {MAX_GLOBS} globs, or {MAX_GLOB_BYTES} bytes of them"))
            }
            false => Globs::new(&globs),
        };
        compiled
            .map(Some)
            .map_err(|reason| ConfigError::invalid(key.to_owned(), reason, origin.span.clone(), self.source))
    }

    /// Refuses a repository that would silence Wardline about itself.
    pub(super) fn refuse_own(
        &self,
        rules: &RulePattern,
        key: &str,
        origin: &Origin,
    ) -> Result<(), ConfigError> {
        match self.layer == Layer::Repository && rules.is_own() {
            true => Err(ConfigError::NotForRepositories {
                key: key.to_owned(),
                help: "findings about allowances themselves can be turned off in the user's file only",
                text: self.source.clone(),
                at: origin.span.clone().into(),
            }),
            false => Ok(()),
        }
    }
}

pub(super) fn quoted(value: impl ToString) -> String {
    toml::Value::String(value.to_string()).to_string()
}

pub(super) fn list<T: AsRef<str>>(values: impl IntoIterator<Item = T>) -> String {
    let values: Vec<_> = values.into_iter().map(|value| quoted(value.as_ref())).collect();
    format!("[{}]", values.join(", "))
}

pub(super) fn table<const N: usize>(fields: [(&str, Option<String>); N]) -> String {
    let fields: Vec<_> =
        fields.into_iter().filter_map(|(key, value)| Some(format!("{key} = {}", value?))).collect();
    format!("{{ {} }}", fields.join(", "))
}

/// TOML has dates, and numbers that JSON lacks; plugins see them as text.
pub(super) fn json(value: toml::Value) -> serde_json::Value {
    match value {
        toml::Value::String(text) => text.into(),
        toml::Value::Integer(number) => number.into(),
        toml::Value::Float(number) if number.is_finite() => number.into(),
        toml::Value::Float(number) => number.to_string().into(),
        toml::Value::Boolean(flag) => flag.into(),
        toml::Value::Datetime(date) => date.to_string().into(),
        toml::Value::Array(values) => values.into_iter().map(json).collect(),
        toml::Value::Table(table) => table.into_iter().map(|(key, value)| (key, json(value))).collect(),
    }
}
