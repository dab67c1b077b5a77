//! Which rules run, where, and with which severity.

use super::error::nearest;
use super::value::OWN;
use super::{Config, ConfigError, Globs, Origin, RulePattern};
use crate::finding::Severity;
use crate::suppress;
use miette::NamedSource;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A rule that some loaded plugin provides.
#[derive(Debug, Clone, Copy)]
pub struct KnownRule<'a> {
    /// `plugin/rule`.
    pub name: &'a str,
    /// Whether it is on if nobody says anything.
    pub enabled: bool,
}

/// What one layer says about some rules.
#[derive(Debug, Clone)]
pub(super) struct Statement {
    pub(super) rules: RulePattern,
    pub(super) enabled: Option<bool>,
    pub(super) severity: Option<Severity>,
    pub(super) exclude: Option<Arc<Globs>>,
    pub(super) origin: Origin,
}

/// The known rules, and what the configuration makes of each.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    states: BTreeMap<String, RuleState>,
}

/// What the configuration makes of a rule.
#[derive(Debug, Clone)]
pub struct RuleState {
    /// Whether it runs.
    pub enabled: bool,
    /// The severity of its findings, in place of its own.
    pub severity: Option<Severity>,
    exclude: Vec<Arc<Globs>>,
}

impl Rules {
    /// What the configuration makes of a rule; `None` if it is not known.
    #[must_use]
    pub fn get(&self, rule: &str) -> Option<&RuleState> {
        self.states.get(rule)
    }

    /// Whether a rule runs on a path.
    #[must_use]
    pub fn runs_on(&self, rule: &str, path: &str) -> bool {
        self.get(rule).is_some_and(|state| state.runs_on(path))
    }

    /// The known rules, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &RuleState)> {
        self.states.iter().map(|(name, state)| (name.as_str(), state))
    }

    /// The known rule that the user most likely meant.
    #[must_use]
    pub fn nearest(&self, rule: &str) -> Option<&str> {
        nearest(rule, self.states.keys().map(String::as_str))
    }
}

impl RuleState {
    /// Whether the rule runs on a path.
    #[must_use]
    pub fn runs_on(&self, path: &str) -> bool {
        self.enabled && !self.exclude.iter().any(|globs| globs.matches(path))
    }
}

impl Config {
    /// Decides about every known rule. A name in the configuration that stands
    /// for none of them is an error: a rule that is misspelt is one that
    /// everybody believes to be on.
    pub fn resolve(&self, known: &[KnownRule<'_>]) -> Result<Rules, ConfigError> {
        let own = suppress::RULES.iter().map(|rule| KnownRule { name: rule.name, enabled: true });
        let mut states: BTreeMap<String, RuleState> = known
            .iter()
            .copied()
            .chain(own)
            .map(|rule| {
                let state = RuleState { enabled: rule.enabled, severity: None, exclude: Vec::new() };
                (rule.name.to_owned(), state)
            })
            .collect();
        let allowed = self.allows.iter().map(|allow| (&allow.rule, &allow.origin));
        for (pattern, origin) in self.statements.iter().map(|said| (&said.rules, &said.origin)).chain(allowed)
        {
            self.expect_known(pattern, origin, &states)?;
        }
        for pattern in self.only.iter().chain(&self.skip) {
            self.expect_known(pattern, &Origin::on_command_line(pattern.as_str()), &states)?;
        }

        for (name, state) in &mut states {
            for said in self.statements.iter().filter(|said| said.rules.matches(name)) {
                state.enabled = said.enabled.unwrap_or(state.enabled);
                state.severity = said.severity.or(state.severity);
                state.exclude.extend(said.exclude.clone());
            }
            let plugin = name.split('/').next().unwrap_or_default();
            let names = |patterns: &[RulePattern]| patterns.iter().any(|pattern| pattern.matches(name));
            if !self.only.is_empty() && !name.starts_with(OWN) {
                state.enabled = names(&self.only);
            }
            if names(&self.skip) || self.plugins.get(plugin).is_some_and(|plugin| !plugin.enabled) {
                state.enabled = false;
            }
        }
        Ok(Rules { states })
    }

    fn expect_known(
        &self,
        pattern: &RulePattern,
        origin: &Origin,
        states: &BTreeMap<String, RuleState>,
    ) -> Result<(), ConfigError> {
        let of_plugin = |plugin: &str| states.keys().any(|name| name.split('/').next() == Some(plugin));
        // A plugin that is configured but not loaded, for want of trust, has a
        // notice of its own, and its rules are not the user's mistake.
        let awaited = |plugin: &str| self.plugins.contains_key(plugin) && !of_plugin(plugin);
        if states.keys().any(|name| pattern.matches(name)) || pattern.plugin().is_some_and(awaited) {
            return Ok(());
        }
        let help = match nearest(pattern.as_str(), states.keys().map(String::as_str)) {
            Some(near) if pattern.is_exact() => format!("did you mean `{near}`?"),
            _ => "`wardline rules` lists the rules".to_owned(),
        };
        Err(ConfigError::UnknownRule {
            rule: pattern.to_string(),
            help,
            text: origin.source.clone().unwrap_or_else(|| Arc::new(NamedSource::new("", String::new()))),
            at: origin.span.clone().into(),
        })
    }
}
