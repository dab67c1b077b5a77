//! What reports quote from a rule's page.

/// The first sentence of the page's "What to do instead", as plain text.
pub(super) fn what_to_do(page: &str) -> Option<String> {
    let (_, section) = page.split_once("\n## What to do instead")?;
    first_sentence(section.split("\n## ").next()?)
}

/// The first sentence of the page: what is found.
pub(super) fn what_is_found(page: &str) -> Option<String> {
    first_sentence(body(page).split("\n## ").next()?)
}

/// The page without its front matter.
pub(super) fn body(page: &str) -> &str {
    page.trim_start()
        .strip_prefix("+++")
        .and_then(|rest| rest.split_once("\n+++"))
        .map_or(page, |(_, body)| body)
        .trim_start()
}

/// The first sentence among the lines that are prose. Pages have one sentence
/// per line.
fn first_sentence(text: &str) -> Option<String> {
    let line = text
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty() && !line.starts_with(['#', '`', '|', '<']))?;
    let line = line.trim_start_matches(['-', '*', ' ']);
    let sentence = line.find(". ").map_or(line, |end| &line[..=end]);
    Some(without_links(sentence).replace("**", ""))
}

/// Replaces `[text](address)` by its text.
fn without_links(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, link)) = rest.split_once('[') {
        plain.push_str(before);
        match link.split_once("](").and_then(|(shown, after)| Some((shown, after.split_once(')')?.1))) {
            Some((shown, after)) => {
                plain.push_str(shown);
                rest = after;
            }
            None => {
                plain.push('[');
                rest = link;
            }
        }
    }
    plain.push_str(rest);
    plain
}
