//! Origins: which layer a value comes from, and where it stands there.

use crate::finding::{Place, Position};
use miette::NamedSource;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// The layers of the configuration, the later over the earlier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    /// What holds if nobody says anything.
    Default,
    /// The user's own file.
    User,
    /// `wardline.toml` of the repository.
    Repository,
    /// Options of the command.
    CommandLine,
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Default => "default",
            Self::User => "user",
            Self::Repository => "repository",
            Self::CommandLine => "command line",
        })
    }
}

/// The text of a layer, shared by all that points into it.
pub type Source = Arc<NamedSource<String>>;

/// Where a value comes from.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The layer.
    pub layer: Layer,
    /// The file, where there is one.
    pub source: Option<Source>,
    /// The value's bytes in the file.
    pub span: Range<usize>,
}

impl Origin {
    /// The origin of values that no file gives.
    pub(super) fn without_file(layer: Layer) -> Self {
        Self { layer, source: None, span: 0..0 }
    }

    /// The origin of an argument: its own text is the source to point into.
    pub(super) fn on_command_line(argument: &str) -> Self {
        let source = Arc::new(NamedSource::new("command line", argument.to_owned()));
        Self { layer: Layer::CommandLine, source: Some(source), span: 0..argument.len() }
    }

    /// The place in the repository's file; `None` for other layers, whose files
    /// lie outside of the tree.
    #[must_use]
    pub fn place(&self) -> Option<Place> {
        let source = self.source.as_ref().filter(|_| self.layer == Layer::Repository)?;
        Some(Place {
            path: super::FILE_NAME.to_owned(),
            start: position(source.inner(), self.span.start),
            end: position(source.inner(), self.span.end),
        })
    }
}

/// `repository (wardline.toml:3)`, as `config show --origin` has it.
impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.layer.fmt(f)?;
        match &self.source {
            Some(source) => {
                write!(f, " ({}:{})", source.name(), position(source.inner(), self.span.start).line)
            }
            None => Ok(()),
        }
    }
}

fn position(text: &str, offset: usize) -> Position {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.rsplit('\n').next().unwrap_or_default();
    let number = |count: usize| u32::try_from(count).expect("a configuration file is small");
    Position {
        offset: number(before.len()),
        line: number(before.matches('\n').count() + 1),
        column: number(line.chars().count() + 1),
        utf16_column: number(line.encode_utf16().count() + 1),
        byte_column: number(line.len() + 1),
    }
}

/// A value with its origin.
#[derive(Debug, Clone)]
pub struct Sourced<T> {
    /// The value.
    pub value: T,
    /// Where it comes from.
    pub origin: Origin,
}
