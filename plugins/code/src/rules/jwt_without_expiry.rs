//! Tokens that nothing ends.

use crate::declared::jwt_without_expiry::*;
use crate::imports;
use crate::jwt::{Claim, Token};
use crate::setting;
use wardline_plugin::prelude::*;

/// Judges a call that makes a token.
pub fn check(found: &Match, report: &mut Report) {
    let Some(callee) = found.get(CALLEE) else { return };
    let document = found.document();
    let ours = match document.language() {
        "python" => imports::provides(found, callee),
        // Reading a token uses the same constructor.
        "csharp" => found.arguments().len() > 1,
        _ => true,
    };
    if !ours {
        return;
    }
    match Token::of(found).expiry(found) {
        Claim::Set => {}
        Claim::Absent => {
            report
                .finding(RULE, callee.span())
                .message("this token never expires")
                .class(setting::class(found));
        }
        Claim::Unknown => report.unknown(RULE, callee.span(), "the claims come from elsewhere"),
    }
}
