//! `wardline config`: the configuration that holds, and its schema.

use crate::arguments::ConfigAction;
use crate::{Failure, report, session};
use std::fmt::Write as _;
use wardline_engine::config::{self, Overrides};

/// Shows the configuration, or its schema.
pub(crate) fn run(action: &ConfigAction) -> Result<String, Failure> {
    let (origin, folder) = match action {
        ConfigAction::Schema => return Ok(config::schema()),
        ConfigAction::Show { origin, folder } => (*origin, folder),
    };
    let config = session::configuration(folder, Overrides::default())?;
    let mut text = String::new();
    for entry in config.entries() {
        if !entry.effective && !origin {
            continue;
        }
        let _ = write!(text, "{} = {}", entry.key, entry.value);
        if origin {
            let replaced = if entry.effective { "" } else { ", replaced" };
            let _ = write!(text, "  # {}{replaced}", entry.origin);
        }
        text.push('\n');
    }
    Ok(report::harmless(&text))
}
