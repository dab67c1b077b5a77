//! A vendor's key that is encoded: decoded here, found by the pages' own
//! patterns, and reported where it stands in the encoded text.

use crate::declared::encoded_secret::*;
use crate::encoding::{self, Decoded};
use crate::judge;
use crate::shape;
use crate::token::Token;
use wardline_plugin::prelude::*;

/// Longer texts hold something else besides a key.
const LONGEST: usize = 64 << 10;

/// Reports the key that the text says, if it says one.
pub fn check(found: &Match, report: &mut Report) {
    let Some(data) = found.get(DATA).filter(|data| data.text().len() <= LONGEST) else { return };
    let (text, start) = (data.text(), data.span().start);
    let (decoded, how) = match found.query() {
        QUERY_BASE64 => (from_base64(text), ", in base 64"),
        QUERY_HEXADECIMAL => (encoding::hex_text(text), ", in hexadecimal"),
        QUERY_PERCENT => (encoding::percent_text(text), ", after an encoded `=`"),
        _ => (encoding::percent_text(text), ", after an encoded line end"),
    };
    let Some(decoded) = decoded else { return };
    let Some(key) = shape::find(&decoded.text) else { return };
    let source = decoded.source(key.range.clone());
    let span = Span { start: start + source.start as u32, end: start + source.end as u32 };
    let token = Token { text: &decoded.text[key.range], random: "", sum: None, cut: false };
    let rule = Rule { message: key.what, ..RULE };
    judge::tell(rule, found.document(), span, &token, key.standing, how, report);
}

/// Decodes base 64 of which the start may be missing: a window into a very long
/// line need not begin with a whole group.
fn from_base64(text: &str) -> Option<Decoded> {
    (0..4usize).find_map(|skip| {
        let digits = text.get(skip..)?.trim_end_matches('=');
        // Without its end a text still says what stands before it.
        let whole = digits.len() - usize::from(digits.len() % 4 == 1);
        encoding::base64_text(&digits[..whole]).map(|decoded| decoded.moved(skip))
    })
}
