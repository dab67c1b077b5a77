//! What a secret is from where it stands: in use, a test's, or shown to people.

use crate::name;
use wardline_plugin::prelude::*;

/// What a plausible secret at a place is.
#[must_use]
pub fn class(document: &Document, span: Span) -> Class {
    if is_test(document) {
        Class::Test
    } else if is_template(document.file_name())
        || is_prose(document)
        || is_of_documentation(document)
        || is_quoted_in_markup(document, span)
        || is_shown_in_form(document, span)
    {
        Class::Example
    } else {
        Class::Real
    }
}

/// Whether the document tests, or helps to.
#[must_use]
pub fn is_test(document: &Document) -> bool {
    const WORDS: &[&str] = &[
        "test", "tests", "testing", "testdata", "mock", "mocks", "fixture", "fixtures", "stub", "stubs",
        "dummy", "e2e",
    ];
    document.has("test")
        || document.path().ends_with(".snap")
        || document
            .path()
            .split('/')
            .any(|part| name::words(part).iter().any(|word| WORDS.contains(&word.as_str())))
}

/// Whether somebody else wrote the document, and a machine has packed it.
#[must_use]
pub fn is_packed(document: &Document, span: Span) -> bool {
    const LONG_LINE: usize = 1500;
    const FOLDERS: &[&str] = &[".yarn/", "bower_components/", "node_modules/"];
    document.has("minified")
        || document.has("vendored")
        || FOLDERS.iter().any(|folder| document.path().contains(folder))
        || matches!(document.language(), "javascript" | "html" | "text")
            && document.line(span.start).len() > LONG_LINE
}

/// Whether it lies in a folder of documentation: code that is shown there.
fn is_of_documentation(document: &Document) -> bool {
    let shows = |word: &str| matches!(word, "doc" | "docs" | "documentation" | "tutorial" | "tutorials");
    let path = document.path().to_ascii_lowercase();
    path.split('/').rev().skip(1).any(|folder| folder.split(['-', '_', '.']).any(shows))
}

/// Whether people read the document rather than machines.
#[must_use]
pub fn is_prose(document: &Document) -> bool {
    let path = document.path().to_ascii_lowercase();
    let ending = path.rsplit('.').next().unwrap_or_default();
    let is_written = ["md", "mdx", "markdown", "rst", "adoc", "asciidoc", "textile", "pod"].contains(&ending);
    let may_be = ["html", "htm", "txt", "xhtml", "ipynb", "tex"].contains(&ending);
    is_written || may_be && path.split('/').rev().skip(1).any(is_page)
}

/// Whether a folder's name is one of documentation.
fn is_page(folder: &str) -> bool {
    folder.split(['-', '_', '.']).any(|word| {
        matches!(
            word,
            "doc"
                | "docs"
                | "documentation"
                | "tutorial"
                | "tutorials"
                | "guide"
                | "guides"
                | "manual"
                | "lesson"
                | "lessons"
                | "lessonplans"
                | "wiki"
        )
    })
}

/// `.env.example`, `settings-sample.py`, `config.dist.yml`: to be copied and
/// filled in.
#[must_use]
pub fn is_template(file_name: &str) -> bool {
    let name = file_name.to_ascii_lowercase();
    let mut words = name.split(['.', '-', '_']).filter(|word| !word.is_empty());
    words.any(|word| {
        ["example", "examples", "sample", "template", "dist", "tmpl", "tpl", "skel"].contains(&word)
    })
}

/// `placeholder: "glpat-..."`: what an empty field of a form shows.
fn is_shown_in_form(document: &Document, span: Span) -> bool {
    let start = document.text()[..span.start as usize].rfind('\n').map_or(0, |at| at + 1);
    document.text()[start..span.start as usize].to_ascii_lowercase().contains("placeholder")
}

/// Whether the document says what a pipeline does.
#[must_use]
pub fn is_pipeline(document: &Document) -> bool {
    const PARTS: &[&str] = &[
        ".github/workflows/",
        ".gitea/workflows/",
        ".forgejo/workflows/",
        ".circleci/",
        ".gitlab-ci",
        ".gitlab/ci/",
        "azure-pipelines",
        "bitbucket-pipelines",
        ".travis.yml",
        ".drone.yml",
        "appveyor.yml",
        "jenkinsfile",
    ];
    let path = document.path().to_ascii_lowercase();
    PARTS.iter().any(|part| path.contains(part))
}

/// Whether the place is inside of `<pre>` or `<code>` of a page in HTML.
fn is_quoted_in_markup(document: &Document, span: Span) -> bool {
    const REACH: usize = 4096;
    if document.language() != "html" {
        return false;
    }
    let end = span.start as usize;
    let text = document.text();
    let mut start = end.saturating_sub(REACH);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    let before = &text[start..end];
    ["pre", "code", "kbd", "samp"].iter().any(|tag| {
        let open = before.rfind(&format!("<{tag}"));
        open > before.rfind(&format!("</{tag}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_told_by_its_name() {
        for name in [".env.example", "env.sample", "config.dist.yml", "settings_template.py", "example.env"] {
            assert!(is_template(name), "{name}");
        }
        for name in [".env", "settings.py", "distance.py", "samples.py", ".env.production"] {
            assert!(!is_template(name), "{name}");
        }
    }
}
