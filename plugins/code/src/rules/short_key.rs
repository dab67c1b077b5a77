//! RSA and DSA keys of fewer than 2048 bits.

use crate::declared::short_key::*;
use crate::setting;
use wardline_plugin::prelude::*;

/// Lengths that are asked for in earnest; 256, 384 and 521 belong to curves.
const SHORT: &[&str] = &["512", "768", "1024", "1536"];

/// Judges a call that makes a key.
pub fn check(found: &Match, report: &mut Report) {
    if found.query() == QUERY_KEY_SHELL {
        shell(found, report);
        return;
    }
    let Some(length) = length(found).filter(|length| SHORT.contains(&length.text())) else { return };
    report
        .finding(RULE, length.span())
        .message(format!("a key of {} bits can be broken; use 3072 or more", length.text()))
        .class(setting::class(found))
        .fix("make it 3072 bits long", Applicability::Suggestion, |fix| fix.replace(length.span(), "3072"));
}

/// `openssl genrsa 1024`, `openssl req -newkey rsa:1024`, `ssh-keygen -b 1024`
fn shell(found: &Match, report: &mut Report) {
    let arguments: Vec<Node> = found.arguments().into_iter().map(|argument| argument.value).collect();
    let makes = ["genrsa", "gendsa", "req", "genpkey", "-b", "dsaparam"];
    if !arguments.iter().any(|argument| makes.contains(&argument.text())) {
        return;
    }
    let short = arguments.iter().find_map(|argument| {
        let text = argument.text();
        let length = text.rsplit(':').next()?;
        SHORT.contains(&length).then_some((*argument, length))
    });
    if let Some((argument, length)) = short {
        let mended = argument.text().replace(length, "3072");
        report
            .finding(RULE, argument.span())
            .message(format!("a key of {length} bits can be broken; use 3072 or more"))
            .class(setting::class(found))
            .fix("make it 3072 bits long", Applicability::Suggestion, |fix| {
                fix.replace(argument.span(), mended)
            });
    }
}

fn length<'d>(found: &Match<'d>) -> Option<Node<'d>> {
    let name = found.get(CALLEE)?.name();
    match found.document().language() {
        "python" => {
            let positional = usize::from(name.contains("rsa.generate_private_key"));
            found.named("key_size").or_else(|| found.named("bits")).or_else(|| found.argument(positional))
        }
        "ruby" | "csharp" => found.argument(0),
        "rust" if name.ends_with("generate") => found.argument(0),
        "rust" => found.argument(1),
        "java" | "kotlin" => {
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
