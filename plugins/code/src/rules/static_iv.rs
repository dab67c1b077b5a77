//! Initialisation vectors that are written in the code.

use crate::declared::static_iv::*;
use crate::literal;
use crate::setting;
use wardline_plugin::prelude::*;

/// Judges a call that starts a cipher.
pub fn check(found: &Match, report: &mut Report) {
    let language = found.document().language();
    let name = found.get(CALLEE).map(|callee| callee.name()).unwrap_or_default();
    let vector = match language {
        "ruby" | "csharp" => {
            let object = found.get(TARGET).is_some_and(|target| target.text().contains('.'));
            let decrypts =
                found.document().text().contains(".decrypt") && !found.document().text().contains(".encrypt");
            found.get(VALUE).filter(|_| object && !decrypts)
        }
        "python" if name.ends_with("AES.new") => {
            found.named("iv").or_else(|| found.named("nonce")).or_else(|| found.argument(2))
        }
        "php" => found.argument(4),
        "go" => found.argument(1),
        "python" | "java" | "kotlin" | "clojure" => found.argument(0),
        _ => found.argument(2),
    };
    let Some(vector) = vector else { return };
    let text = vector.text();
    let empty = matches!(text, "null" | "undefined" | "None" | "''" | "\"\"");
    let says_something =
        text.contains(['"', '\'', '`']) || text.contains("alloc(") || text.contains("bytes(");
    if empty || !says_something || !literal::is_constant(text, language) {
        return;
    }
    report
        .finding(RULE, vector.span())
        .message("the same initialisation vector is used for every message")
        .class(setting::class(found));
}
