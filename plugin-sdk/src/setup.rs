//! What the run told the plugin before its first input.

use crate::bindings::wardline::plugin::types as wire;
use crate::{Json, Rule};
use std::cell::RefCell;

#[derive(Default)]
struct Told {
    options: serde_json::Map<String, Json>,
    rules_off: Vec<u32>,
    date: Option<String>,
}

thread_local! {
    static TOLD: RefCell<Told> = RefCell::default();
}

/// Keeps it for [`option`], [`is_on`] and [`today`].
pub(crate) fn set(setup: wire::Setup) -> Result<(), Vec<wire::ConfigProblem>> {
    let options = match serde_json::from_str(&setup.config) {
        Ok(Json::Object(options)) => options,
        _ => {
            let message = "the options are not a table".to_owned();
            return Err(vec![wire::ConfigProblem { at: String::new(), message }]);
        }
    };
    TOLD.set(Told { options, rules_off: setup.rules_off, date: setup.date });
    Ok(())
}

/// An option of this plugin, from `[plugins.<id>.options]` in the configuration
/// or, without it, from `[config]` in `plugin.toml`.
#[must_use]
pub fn option(name: &str) -> Option<Json> {
    TOLD.with_borrow(|told| told.options.get(name).cloned())
}

/// Whether a rule is on. The findings of one that is off are dropped; asking
/// saves the work.
#[must_use]
pub fn is_on(rule: Rule) -> bool {
    TOLD.with_borrow(|told| !told.rules_off.contains(&rule.index))
}

/// The day of the run as `YYYY-MM-DD`, which compares as text; only where
/// `plugin.toml` says `date = true` under `[input]`.
#[must_use]
pub fn today() -> Option<String> {
    TOLD.with_borrow(|told| told.date.clone())
}
