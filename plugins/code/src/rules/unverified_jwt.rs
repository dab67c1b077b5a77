//! Tokens whose signature is not checked.

use crate::declared::unverified_jwt::*;
use crate::imports;
use crate::setting;
use wardline_plugin::prelude::*;

/// Judges a call that reads or makes a token.
pub fn check(found: &Match, report: &mut Report) {
    match found.query() {
        QUERY_JWT_PYTHON => python(found, report),
        QUERY_JWT_JAVASCRIPT => javascript(found, report),
        QUERY_JWT_JAVA => java(found, report),
        QUERY_JWT_PHP => php(found, report),
        QUERY_JWT_RUBY => ruby(found, report),
        QUERY_JWT_CSHARP => csharp(found, report),
        QUERY_JWT_RUST => {
            // Reading alone may be for display, or to find the key.
            let reads = found.text().contains("insecure_decode");
            let confidence = if reads { Confidence::Low } else { Confidence::High };
            say(found, found.span(), "the token's signature is not checked", confidence, report);
        }
        QUERY_JWT_GO_PARSE => {
            let at = found.get(CALLEE).map_or(found.span(), |callee| callee.span());
            let verifies = found.document().text().contains("jwt.Parse(")
                || found.document().text().contains("ParseWithClaims(");
            if !verifies {
                say(found, at, "the token's signature is not checked", Confidence::Low, report);
            }
        }
        _ => say(found, found.span(), "tokens without a signature are accepted", Confidence::High, report),
    }
}

fn say(found: &Match, at: Span, message: &str, confidence: Confidence, report: &mut Report) {
    report.finding(RULE, at).message(message).confidence(confidence).class(setting::class(found));
}

fn python(found: &Match, report: &mut Report) {
    let Some(callee) = found.get(CALLEE).filter(|callee| imports::provides(found, *callee)) else { return };
    let (at, name) = (callee.span(), callee.name());
    if name.ends_with("get_unverified_claims") {
        if !found.document().text().contains("jwt.decode(") {
            say(found, at, "the claims are read without checking the signature", Confidence::Low, report);
        }
        return;
    }
    let is_false = |node: &Node| node.text() == "False";
    let off =
        found.named("verify").filter(is_false).or_else(|| found.named("verify_signature").filter(is_false));
    if let Some(off) = off {
        say(found, off.span(), "the token's signature is not checked", Confidence::High, report);
    } else if let Some(algorithms) = found.named("algorithms").or_else(|| found.argument(2)) {
        accepts_none(found, algorithms, report);
    } else if name.starts_with("jwt.") && found.named("options").is_none() && !spreads(found) {
        say(found, at, "without `algorithms`, the token chooses how it is checked", Confidence::Low, report);
    }
}

/// Whether arguments come from a dictionary that is not seen here.
fn spreads(found: &Match) -> bool {
    found.text().contains("**") || found.text().contains("(*")
}

/// Reports a list of algorithms that contains `none`, and offers one without.
fn accepts_none(found: &Match, algorithms: Node, report: &mut Report) {
    let text = algorithms.text();
    let Some((start, end)) = none_in(text) else { return };
    let finding = report
        .finding(RULE, algorithms.span())
        .message("tokens without a signature are accepted")
        .class(setting::class(found));
    let from = algorithms.span().start;
    let at = |offset: usize| from + u32::try_from(offset).unwrap_or(0);
    let before = text[..start].trim_end();
    if let Some(rest) = before.strip_suffix(',') {
        let span = Span { start: at(rest.len()), end: at(end) };
        finding.fix("accept signed tokens only", Applicability::Suggestion, |fix| fix.delete(span));
    } else if let Some(rest) = text[end..].trim_start().strip_prefix(',') {
        let next = text.len() - rest.trim_start().len();
        let span = Span { start: at(start), end: at(next) };
        finding.fix("accept signed tokens only", Applicability::Suggestion, |fix| fix.delete(span));
    }
}

/// Where the literal `none` stands in a list.
fn none_in(text: &str) -> Option<(usize, usize)> {
    let lower = text.to_ascii_lowercase();
    ["\"none\"", "'none'", "`none`"].iter().find_map(|none| lower.find(none).map(|at| (at, at + none.len())))
}

fn javascript(found: &Match, report: &mut Report) {
    let Some(callee) = found.get(CALLEE) else { return };
    let (at, name) = (callee.span(), callee.name());
    let text = found.document().text();
    let verifies = ["jwt.verify(", "jsonwebtoken.verify(", "jwtVerify(", "verify("]
        .iter()
        .any(|call| text.contains(call));
    match name.rsplit('.').next() {
        Some("verify" | "sign") => {
            let algorithms = found.named("algorithms").or_else(|| found.named("algorithm"));
            if let Some(algorithms) = algorithms {
                accepts_none(found, algorithms, report);
            }
        }
        Some("decode") if found.argument(2).is_some_and(|skip| skip.text() == "true") => {
            say(found, at, "the token's signature is not checked", Confidence::High, report);
        }
        Some("decode" | "decodeJwt") if !verifies && !name.starts_with("jwt-simple") => {
            say(found, at, "the token is read without checking its signature", Confidence::Low, report);
        }
        _ => {}
    }
}

fn java(found: &Match, report: &mut Report) {
    let Some(callee) = found.get(CALLEE) else { return };
    let text = found.document().text();
    let (message, confidence) = match callee.name().rsplit('.').next() {
        Some("decode") if text.contains(".verify(") || !text.contains("com.auth0.jwt") => return,
        Some("decode") => ("the token is read without checking its signature", Confidence::Low),
        Some("none") => ("the algorithm `none` makes tokens that anyone can write", Confidence::High),
        Some("unsecured") if text.contains("Jwts") => {
            ("tokens without a signature are accepted", Confidence::High)
        }
        Some("parseClaimsJwt" | "parsePlaintextJwt" | "parseUnsecuredClaims") if text.contains("Jwts") => {
            ("only tokens without a signature are read here", Confidence::High)
        }
        Some("parse") => ("a token without a signature is believed", Confidence::Medium),
        _ => return,
    };
    say(found, callee.span(), message, confidence, report);
}

fn ruby(found: &Match, report: &mut Report) {
    let Some(callee) = found.get(CALLEE) else { return };
    let unchecked = found.argument(2).is_some_and(|verify| verify.text() == "false")
        || found.argument(1).is_some_and(|skip| skip.text() == ":skip_verification");
    if unchecked {
        // Some read the head of a token first to find its key.
        let verifies = found.document().text().matches("JWT.decode").count() > 1;
        let confidence = if verifies { Confidence::Low } else { Confidence::High };
        say(found, callee.span(), "the token's signature is not checked", confidence, report);
    } else if found
        .named("algorithm")
        .or_else(|| found.named("algorithms"))
        .is_some_and(|algorithm| none_in(algorithm.text()).is_some())
    {
        say(found, callee.span(), "tokens without a signature are accepted", Confidence::High, report);
    }
}

fn csharp(found: &Match, report: &mut Report) {
    let (Some(target), Some(value)) = (found.get(TARGET), found.get(VALUE)) else { return };
    let off = value.text() == "false";
    let text = found.document().text();
    match target.name() {
        "RequireSignedTokens" if off => {
            say(found, found.span(), "tokens without a signature are accepted", Confidence::High, report)
        }
        "SignatureValidator"
            if value.text().contains("=>")
                && !value.text().contains("alidate")
                && !value.text().contains("erify") =>
        {
            say(
                found,
                found.span(),
                "this takes the place of checking the signature, and checks nothing",
                Confidence::High,
                report,
            );
        }
        // With a key, the signature is checked all the same; only the key's own validity is not.
        "ValidateIssuerSigningKey"
            if off
                && !text.contains("IssuerSigningKey =")
                && !text.contains("Authority")
                && !text.contains("IssuerSigningKeyResolver") =>
        {
            say(found, found.span(), "no key is given to check the signature with", Confidence::Low, report);
        }
        _ => {}
    }
}

fn php(found: &Match, report: &mut Report) {
    let Some(callee) = found.get(CALLEE) else { return };
    if callee.text().ends_with("forUnsecuredSigner") {
        say(found, callee.span(), "tokens without a signature are accepted", Confidence::High, report);
    } else if let Some(algorithms) = found.argument(2) {
        accepts_none(found, algorithms, report);
    }
}
