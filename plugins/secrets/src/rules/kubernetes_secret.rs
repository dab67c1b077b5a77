//! A literal in a container's environment, or a value in base 64 in the data of
//! a `Secret`.

use crate::bound;
use crate::declared::kubernetes_secret::*;
use crate::encoding;
use crate::judge;
use crate::name::{self, Noun};
use crate::value::{self, Sure};
use wardline_plugin::prelude::*;

/// Reports the literal, or what the data decode to.
pub fn check(found: &Match, report: &mut Report) {
    if found.query() == QUERY_ENVIRONMENT {
        return bound::literal(RULE, found, report);
    }
    let (Some(key), Some(data)) = (found.get(NAME), found.get(DATA)) else { return };
    let document = found.document();
    if !is_data_of_secret(&document.text()[..data.span().start as usize], document.text()) {
        return;
    }
    let Some(decoded) = encoding::base64_text(data.text()) else { return };
    let said = decoded.text.trim();
    // A key that names nothing is a secret all the same, if it looks like one.
    let noun = name::noun(key.text()).unwrap_or(Noun::Issued);
    let Some(sure) = value::secret(key.text(), noun, said) else { return };
    if sure == Sure::Hardly || judge::is_spoken_for(document, data.span()) {
        return;
    }
    let what = format!(
        "`{}` of a `Secret` decodes to a secret: base 64 is no encryption, and everyone who reads the repository reads it",
        key.text()
    );
    bound::tell(RULE, document, key.text(), data.span(), sure, what, report);
}

/// Whether the line after `before` is below `data:` of a `Secret`.
fn is_data_of_secret(before: &str, text: &str) -> bool {
    let start = before.rfind("\n---").map_or(0, |at| at + 1);
    let end = text[before.len()..].find("\n---").map_or(text.len(), |at| before.len() + at);
    let is_secret = text[start..end].lines().any(|line| line.trim_end() == "kind: Secret");
    let mut above = before[start..].lines().rev();
    // The match's own line first.
    above.next();
    let holder = above.find(|line| !line.starts_with([' ', '#']) && !line.trim().is_empty());
    is_secret && holder.is_some_and(|line| line.trim_end() == "data:")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_belong_to_the_document_around_them() {
        let text = "kind: Secret\ndata:\n  a: x\n---\nkind: ConfigMap\ndata:\n  b: y\n";
        let at = |line: &str| &text[..text.find(line).expect("in the text") + 5];
        assert!(is_data_of_secret(at("  a: x"), text));
        assert!(!is_data_of_secret(at("  b: y"), text));
    }
}
