//! Problems of the run itself: an unreadable file, a plugin that trapped.
//!
//! A notice never ends a run. One that is *incomplete* says that part of the
//! input was not checked, which has its own exit code.

use serde::Serialize;

/// A problem of the run itself, attributed to a file, a plugin or both.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, schemars::JsonSchema)]
pub struct Notice {
    /// Stable code, `module::reason`, such as `plugin::out_of_fuel`.
    pub code: String,
    /// Path of the document relative to the root, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Id of the plugin, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plugin: Option<String>,
    /// What happened: lower case, no full stop.
    pub message: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// Whether part of the input was not checked because of it.
    pub incomplete: bool,
}

impl Notice {
    /// A notice that makes the run incomplete: something failed.
    #[must_use]
    pub fn incomplete(code: &str, message: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            path: None,
            plugin: None,
            message: message.into(),
            help: None,
            incomplete: true,
        }
    }

    /// A notice that only informs.
    #[must_use]
    pub fn info(code: &str, message: impl Into<String>) -> Self {
        Self { incomplete: false, ..Self::incomplete(code, message) }
    }

    /// Names the document that it is about.
    #[must_use]
    pub fn at(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// Names the plugin that it is about.
    #[must_use]
    pub fn of(mut self, plugin: impl Into<String>) -> Self {
        self.plugin = Some(plugin.into());
        self
    }

    /// Says what to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}
