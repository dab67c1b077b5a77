//! Block ciphers that encrypt each block by itself.

use crate::declared::ecb_mode::*;
use crate::setting;
use wardline_plugin::prelude::*;

/// Judges a call that makes a cipher.
pub fn check(found: &Match, report: &mut Report) {
    // These matches are findings by themselves.
    if [QUERY_ECB_CSHARP, QUERY_ECB_RUST, QUERY_ECB_SHELL].contains(&found.query()) {
        let message = "equal blocks of text become equal blocks of ciphertext in ECB mode";
        report.finding(RULE, found.span()).message(message).class(setting::class(found));
        return;
    }
    let Some(callee) = found.get(CALLEE) else { return };
    let mut arguments = found.arguments().into_iter();
    if callee.name().ends_with(".ECB") {
        report.finding(RULE, found.span()).class(setting::class(found));
        return;
    }
    let Some(mode) = arguments.find_map(|argument| names_ecb(&argument)) else { return };
    let message = if mode.text().to_ascii_lowercase().contains("ecb") {
        "equal blocks of text become equal blocks of ciphertext in ECB mode"
    } else {
        "`\"AES\"` alone means ECB mode, in which equal blocks become equal ciphertext"
    };
    report.finding(RULE, mode.span()).message(message).class(setting::class(found));
}

/// The node of an argument, or of a key of it, that asks for ECB.
fn names_ecb<'d>(argument: &Argument<'d>) -> Option<Node<'d>> {
    let asks = |node: &Node| {
        let text = node.text().trim_matches(['"', '\'', '`']).to_ascii_lowercase();
        text == "aes"
            || text.starts_with("aes/ecb")
            || text.ends_with("-ecb")
            || text.ends_with(".mode_ecb")
            || text == "mode_ecb"
            || text.ends_with("mode.ecb")
    };
    argument.keys.iter().map(|(_, value)| *value).find(asks).or_else(|| Some(argument.value).filter(asks))
}
