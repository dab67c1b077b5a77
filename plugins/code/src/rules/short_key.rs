//! RSA and DSA keys of fewer than 2048 bits.

use crate::declared::short_key::*;
use crate::setting;
use wardline_plugin::prelude::*;

/// Lengths that are asked for in earnest; 256, 384 and 521 belong to curves.
const SHORT: &[&str] = &["512", "768", "1024", "1536"];

/// Judges a call that makes a key.
pub fn check(found: &Match, report: &mut Report) {
    let Some(length) = length(found).filter(|length| SHORT.contains(&length.text())) else { return };
    report
        .finding(RULE, length.span())
        .message(format!("a key of {} bits can be broken; use 3072 or more", length.text()))
        .class(setting::class(found))
        .fix("make it 3072 bits long", Applicability::Suggestion, |fix| fix.replace(length.span(), "3072"));
}

fn length<'d>(found: &Match<'d>) -> Option<Node<'d>> {
    let name = found.get(CALLEE)?.name();
    match found.document().language() {
        "python" => {
            let positional = usize::from(name.contains("rsa.generate_private_key"));
            found.named("key_size").or_else(|| found.named("bits")).or_else(|| found.argument(positional))
        }
        "java" => {
            let text = found.document().text();
            let is_long_kind = text.contains("\"RSA\"") || text.contains("\"DSA\"");
            found.argument(0).filter(|_| is_long_kind)
        }
        "php" => found.named("private_key_bits"),
        "go" => found.argument(1),
        _ if name.contains("generateKeyPair") && !name.contains("forge") => found.named("modulusLength"),
        _ => found.named("bits").or_else(|| found.named("b")).or_else(|| found.argument(0)),
    }
}
