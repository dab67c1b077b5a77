//! Folders and files by their paths.

use wardline_plugin::{Class, Document, Span};

/// The folder of a path; empty for the root.
#[must_use]
pub fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// A folder and those that it is in, nearest first, down to the root.
pub fn ancestors(folder: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(folder), |at| {
        let at: &str = at;
        (!at.is_empty()).then(|| at.rsplit_once('/').map_or("", |(above, _)| above))
    })
}

/// A folder as seen from one that it is in; nothing where it is not.
#[must_use]
pub fn relative<'p>(folder: &'p str, from: &str) -> Option<&'p str> {
    if from.is_empty() {
        return Some(folder);
    }
    let rest = folder.strip_prefix(from)?;
    if rest.is_empty() { Some("") } else { rest.strip_prefix('/') }
}

/// The class of findings in a document.
#[must_use]
pub fn class(document: &Document) -> Class {
    let folders = folder(document.path());
    if document.has("test") || folders.split('/').any(|part| matches!(part, "integration" | "playwright")) {
        Class::Test
    } else if document.has("example") {
        Class::Example
    } else {
        Class::Real
    }
}

/// Whether a path leads into what is not the project's own program: tests,
/// examples, templates, other people's code.
#[must_use]
pub fn is_aside(document: &Document) -> bool {
    let words = [
        "template",
        "templates",
        "boilerplate",
        "boilerplates",
        "generators",
        "skeleton",
        "playground",
        "playgrounds",
        "starters",
        "playwright",
    ];
    let in_folder =
        folder(document.path()).split('/').any(|part| words.contains(&part.to_ascii_lowercase().as_str()));
    in_folder || ["test", "example", "vendored"].iter().any(|word| document.has(word))
}

/// The range of the first occurrence of a text, or of nothing at the start.
#[must_use]
pub fn span_of(document: &Document, text: &str) -> Span {
    let start = document.text().find(text).filter(|_| !text.is_empty());
    let word = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
    start
        .map_or(Span { start: 0, end: 0 }, |start| Span { start: word(start), end: word(start + text.len()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_lie_in_each_other() {
        assert_eq!(ancestors("a/b/c").collect::<Vec<_>>(), ["a/b/c", "a/b", "a", ""]);
        assert_eq!(ancestors("").collect::<Vec<_>>(), [""]);
        assert_eq!(
            (relative("a/b", "a"), relative("a/b", ""), relative("ab", "a"), relative("a", "a")),
            (Some("b"), Some("a/b"), None, Some(""))
        );
        assert_eq!((folder("a/b"), folder("b")), ("a", ""));
    }
}
