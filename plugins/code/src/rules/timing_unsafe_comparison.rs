//! Comparisons of signatures that take longer the more is right.

use crate::comparison;
use crate::declared::timing_unsafe_comparison::*;
use crate::literal;
use crate::names;
use crate::setting;
use wardline_plugin::prelude::*;

/// Parts of expressions that compute a keyed hash.
const COMPUTES: &[&str] = &[
    "hmac.new(",
    "hmac.digest(",
    "createHmac(",
    "hash_hmac(",
    "OpenSSL::HMAC",
    "hmacSha",
    "hmacHex",
    "HmacUtils",
    "HMACSHA",
    "doFinal(",
    "hmac.New(",
    "mac/hash",
];

/// Words that name a keyed hash.
const SIGNATURES: &[&str] = &["signature", "sig", "hmac", "mac"];

/// Words of what both sides of a comparison of signatures may be called beside
/// that: `expected`, `computed`.
const COMPUTED: &[&str] = &[
    "expected",
    "computed",
    "calculated",
    "generated",
    "actual",
    "given",
    "received",
    "digest",
    "hash",
    "signed",
    "header",
    "provided",
];

/// Judges a comparison.
pub fn check(found: &Match, report: &mut Report) {
    let document = found.document();
    let Some((left, right)) = comparison::sides(found) else { return };
    // The document is looked at only where the names may be what is meant.
    let sides = [left, right];
    if !sides.iter().any(|side| computes(side.text()) || is_named_so(side.text()))
        || !works_with_them(document.text())
    {
        return;
    }
    let language = document.language();
    if [left, right].iter().any(|side| is_fixed(side.text(), language)) {
        return;
    }
    let at = found.span().start as usize;
    let given = |side: &Node| {
        let made = literal::assigned(document.text(), at, side.text().trim_start_matches('&'));
        computes(side.text())
            || finishes(document, at, side.text())
            || made.is_some_and(|made| computes(made) || finishes(document, at, made))
    };
    let confidence = if given(&left) || given(&right) {
        Confidence::High
    } else if is_named_so(left.text())
        && is_named_so(right.text())
        && (is_signature(left.text()) || is_signature(right.text()))
    {
        Confidence::Medium
    } else {
        return;
    };
    let finding = report
        .finding(RULE, found.span())
        .message(
            "the comparison stops at the first difference, and so tells how much of a signature is right",
        )
        .confidence(confidence)
        .class(setting::class(found));
    if let Some((call, negated)) = replacement(found, left, right) {
        let not = match (negated, language) {
            (false, _) => "",
            (true, "python") => "not ",
            (true, _) => "!",
        };
        finding.fix("compare in constant time", Applicability::Suggestion, |fix| {
            fix.replace(found.span(), format!("{not}{call}"))
        });
    }
}

/// Whether an expression computes a keyed hash.
fn computes(expression: &str) -> bool {
    COMPUTES.iter().any(|word| expression.contains(word))
}

/// Whether a document computes keyed hashes; imports may have another name.
fn works_with_them(text: &str) -> bool {
    const IMPORTS: &[&str] =
        &["import hmac", "from hmac import", "createHmac", "\"crypto/hmac\"", "javax.crypto.Mac", "hmac::"];
    computes(text) || IMPORTS.iter().any(|import| text.contains(import))
}

/// Whether an expression takes the result of a keyed hash: `mac.Sum(nil)` of a
/// `mac` that is one.
fn finishes(document: &Document, offset: usize, expression: &str) -> bool {
    const RESULTS: &[&str] = &[
        ".Sum(nil)",
        ".hexdigest(",
        ".digest(",
        ".doFinal(",
        ".ComputeHash(",
        ".finalize()",
        ".into_bytes()",
    ];
    let keyed = |text: &str| {
        let lower = text.to_ascii_lowercase();
        ["hmac", "mac.getinstance", "mac::new", ": mac", "mac.new("].iter().any(|word| lower.contains(word))
    };
    RESULTS.iter().any(|result| {
        let Some(at) = expression.find(result) else { return false };
        let before = &expression[..at];
        let start = before.rfind(|c: char| !(c.is_alphanumeric() || c == '_')).map_or(0, |at| at + 1);
        let maker = &before[start..];
        keyed(before)
            || !maker.is_empty()
                && (literal::assigned(document.text(), offset, maker).is_some_and(keyed)
                    || document.text().contains(&format!("{maker}: Mac"))
                    || document.text().contains(&format!("Mac {maker}")))
    })
}

/// Whether a side is the same in every run, or is about a value: a literal,
/// nothing, a length, a type, a constant's name.
fn is_fixed(text: &str, language: &str) -> bool {
    let reading = literal::read(text, language);
    let about = [
        "len(",
        "strlen(",
        ".length",
        ".Length",
        ".size",
        ".len()",
        "typeof ",
        "type(",
        "count(",
        ".nil?",
        "Content-Type",
        "algorithm",
        "Algorithm",
    ];
    reading.is_constant()
        || reading.names_are_constants()
        || text.trim() == "nil"
        || about.iter().any(|word| text.contains(word))
}

fn is_signature(text: &str) -> bool {
    let words = names::words(names::of_expression(text));
    words.iter().any(|word| SIGNATURES.contains(&word.as_str()))
        && !words.iter().any(|word| {
            matches!(
                word.as_str(),
                "type"
                    | "name"
                    | "version"
                    | "method"
                    | "length"
                    | "size"
                    | "algorithm"
                    | "id"
                    | "count"
                    | "status"
                    | "address"
            )
        })
}

fn is_named_so(text: &str) -> bool {
    let words = names::words(names::of_expression(text));
    is_signature(text) || words.iter().any(|word| COMPUTED.contains(&word.as_str()))
}

/// The same comparison in constant time, and whether the result is turned
/// around; only where nothing has to be imported for it.
fn replacement(found: &Match, left: Node, right: Node) -> Option<(String, bool)> {
    let text = found.document().text();
    let (left, right) = (left.text(), right.text());
    let negated = found.query() != QUERY_SIGNATURE_CALL && found.pattern() % 2 == 1;
    let called = found.get(CALLEE).map(|callee| callee.name());
    let function = match (found.document().language(), called) {
        ("python", _) if text.contains("import hmac\n") => "hmac.compare_digest",
        ("php", None) => "hash_equals",
        ("java", Some("java.util.Arrays.equals" | "Arrays.equals")) => "java.security.MessageDigest.isEqual",
        // The import of `bytes` must not be left without a use.
        ("go", Some("bytes.Equal")) if text.matches("bytes.").count() > 1 => "hmac.Equal",
        _ => return None,
    };
    Some((format!("{function}({left}, {right})"), negated))
}
