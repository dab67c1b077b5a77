//! Names that a plugin declares, as constants that `build::generate` writes: a
//! typo in a rule, query or capture does not compile.

/// A rule of this plugin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rule {
    #[doc(hidden)]
    pub index: u32,
    #[doc(hidden)]
    pub id: &'static str,
    #[doc(hidden)]
    pub title: &'static str,
    #[doc(hidden)]
    pub message: &'static str,
}

impl Rule {
    /// Its id within the plugin: the stem of its page.
    #[must_use]
    pub fn id(self) -> &'static str {
        self.id
    }

    /// What it finds, as its page's front matter says.
    #[must_use]
    pub fn title(self) -> &'static str {
        self.title
    }
}

/// A query of this plugin: one `[[match]]` of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Query(#[doc(hidden)] pub u32);

/// The name of a capture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Capture(#[doc(hidden)] pub &'static str);

impl Capture {
    /// The name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.0
    }
}
