//! Servers whose answers every website may read.

use crate::declared::open_cors::*;
use crate::imports;
use crate::literal;
use crate::setting;
use crate::surroundings;
use wardline_plugin::prelude::*;

/// Words of code that compares an origin with something.
const COMPARES: &[&str] = &[
    "includes(",
    "indexOf(",
    "in_array",
    "allowed",
    "Allowed",
    "ALLOWED",
    "whitelist",
    "WHITELIST",
    "trusted",
    "Trusted",
    "contains(",
    "Contains(",
    "endsWith(",
    "endswith(",
    "preg_match",
    "match(",
    ".test(",
    " in ",
    "==",
    "has(",
    "include?",
    "isValid",
    "is_valid",
    "HasSuffix",
    "regex",
    "permitted",
];

/// Judges a setting that says who may read answers.
pub fn check(found: &Match, report: &mut Report) {
    match found.query() {
        QUERY_CORS_HEADER_CALL => {
            let value = match found.document().language() {
                "php" => found.argument(0),
                _ => found.argument(1),
            };
            if let Some(value) = value {
                header(found, value, report);
            }
        }
        QUERY_CORS_HEADER_ASSIGN => {
            if let Some(value) = found.get(VALUE) {
                header(found, value, report);
            }
        }
        QUERY_CORS_PYTHON => python(found, report),
        QUERY_CORS_DJANGO => {
            let with_credentials = found.document().text().contains("CORS_ALLOW_CREDENTIALS = True");
            say(found, found.span(), with_credentials, report);
        }
        QUERY_CORS_JAVASCRIPT => javascript(found, report),
        QUERY_CORS_JAVA => java(found, report),
        QUERY_CORS_JAVA_ANNOTATION => annotation(found, report),
        QUERY_CORS_GO => go(found, report),
        QUERY_CORS_LARAVEL => {
            let text = found.document().text().replace([' ', '"'], "").replace("['*']", "'*'");
            if text.contains("'allowed_origins'=>'*'") {
                say(found, found.span(), true, report);
            }
        }
        QUERY_CORS_RUBY => {
            let near = surroundings::statement(found.document().text(), found.span().start as usize);
            let block = after(found, 400).split("\n  end").next().unwrap_or(near);
            say(found, found.span(), block.contains("credentials: true"), report);
        }
        QUERY_CORS_CSHARP => csharp(found, report),
        QUERY_CORS_RUST => {
            let with_credentials =
                !found.text().contains("::permissive") || found.text().starts_with("Cors::");
            say(found, found.span(), with_credentials, report);
        }
        _ => clojure(found, report),
    }
}

/// Reports that all sites may read the answers, and how bad that is.
fn say(found: &Match, at: Span, with_credentials: bool, report: &mut Report) {
    let (message, severity, confidence) = if with_credentials {
        (
            "any website may read these answers in the name of its signed-in visitors",
            Severity::High,
            Confidence::High,
        )
    } else {
        ("any website may read these answers", Severity::Low, Confidence::Low)
    };
    report
        .finding(RULE, at)
        .message(message)
        .severity(severity)
        .confidence(confidence)
        .class(setting::class(found));
}

/// The text behind a match, up to a number of bytes.
fn after<'d>(found: &Match<'d>, bytes: usize) -> &'d str {
    let text = found.document().text();
    let start = found.span().end as usize;
    let mut end = (start + bytes).min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(start..end).unwrap_or_default()
}

/// Judges the header itself.
fn header(found: &Match, value: Node, report: &mut Report) {
    let document = found.document();
    let near = surroundings::function_text(document.text(), found.span().start as usize);
    let near = literal::without_comments(near, document.language());
    let credentials = allows_credentials(&near);
    let text = value.text();
    let reflects =
        ["req.headers.origin", "req.header('origin')", "HTTP_ORIGIN", "headers.origin", "headers['origin']"]
            .iter()
            .any(|word| text.to_ascii_lowercase().replace('"', "'").contains(&word.to_ascii_lowercase()))
            || text.to_ascii_lowercase().replace(['\'', '"'], "").contains("(origin)")
            || text.trim_end_matches(['"', '\'', ']']).ends_with("HTTP_ORIGIN");
    let any = text.trim_matches(['"', '\'', '`']) == "*" || text.trim_matches(['"', '\'']).ends_with(": *");
    if any {
        // A browser refuses a plain `*` with credentials, so nothing is lost.
        say(found, found.span(), false, report);
    } else if reflects && !COMPARES.iter().any(|word| near.contains(word)) {
        say(found, found.span(), credentials, report);
    }
}

fn allows_credentials(near: &str) -> bool {
    near.match_indices("Access-Control-Allow-Credentials").any(|(at, word)| {
        let rest = near[at + word.len()..].trim_start_matches(['"', '\'', '`', ']', ',', ':', '=', '>', ' ']);
        rest.starts_with("true") || rest.starts_with("True")
    })
}

fn python(found: &Match, report: &mut Report) {
    let Some(callee) = found.get(CALLEE) else { return };
    if callee.name().contains("flask_cors") {
        if !imports::provides(found, callee) {
            return;
        }
        let origins = found.named("origins").or_else(|| found.named("resources"));
        let any = origins.is_none_or(|origins| origins.text().trim_matches(['[', ']', '"', '\'']) == "*");
        if any && !found.document().text().contains("CORS_ORIGINS") && !found.text().contains("**") {
            let credentials = found.named("supports_credentials").is_some_and(|on| on.text() == "True");
            say(found, callee.span(), credentials, report);
        }
        return;
    }
    let origins = found.named("allow_origins").map(|origins| origins.text());
    let pattern =
        found.named("allow_origin_regex").map(|pattern| pattern.text().trim_matches(['r', '"', '\'']));
    let any = origins.is_some_and(|origins| matches!(origins, "[\"*\"]" | "['*']" | "(\"*\",)"))
        || pattern == Some(".*");
    if any {
        let credentials = found.named("allow_credentials").is_some_and(|on| on.text() == "True");
        say(found, callee.span(), credentials, report);
    }
}

fn javascript(found: &Match, report: &mut Report) {
    let Some(callee) = found.get(CALLEE) else { return };
    let name = callee.name();
    let is_method = name.contains(".enableCors") || name.contains(".register");
    if !is_method && !imports::provides(found, callee)
        || name.ends_with(".register") && !found.text().contains("cors")
    {
        return;
    }
    let credentials = found.named("credentials").is_some_and(|on| on.text() == "true");
    let origin = found.named("origin");
    let any = match origin {
        Some(origin) => {
            let text: String = origin.text().split_whitespace().collect();
            let plain = text.trim_matches(['"', '\'', '`']) == "*" || text == "true" || text == "['*']";
            let accepts_all = (text.contains("(null,true)") || text.ends_with("=>true"))
                && !COMPARES.iter().any(|word| origin.text().contains(word))
                && !text.contains("if(")
                && !text.contains('?');
            plain || accepts_all
        }
        // Without options, the libraries answer `*`, and `@koa/cors` the request's origin.
        None => credentials && !found.text().contains("...") || found.arguments().is_empty() && !is_method,
    };
    if any {
        let plain = origin.is_some_and(|origin| origin.text().contains('*'));
        say(found, callee.span(), credentials && !plain, report);
    }
}

fn java(found: &Match, report: &mut Report) {
    let Some(callee) = found.get(CALLEE) else { return };
    let document = found.document();
    let near = surroundings::function_text(document.text(), found.span().start as usize);
    let near = literal::without_comments(near, document.language());
    let any_host = callee.text().ends_with("anyHost");
    if any_host && !document.text().contains("CORS") {
        return;
    }
    let any = any_host
        || found
            .arguments()
            .iter()
            .any(|argument| argument.value.text().trim_matches(['(', ')']).ends_with("\"*\""));
    if any {
        let allowed = ["allowCredentials(true)", "setAllowCredentials(true)", "allowCredentials = true"];
        say(found, callee.span(), allowed.iter().any(|word| near.contains(word)), report);
    }
}

fn annotation(found: &Match, report: &mut Report) {
    let text = found.text().replace(' ', "");
    let named = text.contains("origins=") || text.contains("originPatterns=") || text.contains("(\"");
    if !named || text.contains("\"*\"") {
        say(found, found.span(), text.contains("allowCredentials=\"true\""), report);
    }
}

fn go(found: &Match, report: &mut Report) {
    let Some(callee) = found.get(CALLEE) else { return };
    let last = callee.name().rsplit('.').next().unwrap_or_default();
    let text: String = literal::without_comments(found.text(), "go").split_whitespace().collect();
    let any = matches!(last, "AllowAll" | "Default")
        || [
            "AllowedOrigins:[]string{\"*\"}",
            "AllowOrigins:[]string{\"*\"}",
            "AllowOrigins:\"*\"",
            "AllowAllOrigins:true",
        ]
        .iter()
        .any(|setting| text.contains(setting))
        || text.contains("AllowOriginFunc:func(") && text.contains("{returntrue}");
    if any {
        say(found, callee.span(), text.contains("AllowCredentials:true"), report);
    }
}

fn csharp(found: &Match, report: &mut Report) {
    let Some(callee) = found.get(CALLEE) else { return };
    let accepts_all = callee.text().ends_with("AllowAnyOrigin")
        || found.argument(0).is_some_and(|check| check.text().replace(' ', "").ends_with("=>true"));
    if accepts_all {
        let chain = surroundings::statement(found.document().text(), found.span().start as usize);
        say(found, callee.span(), chain.contains("AllowCredentials()"), report);
    }
}

fn clojure(found: &Match, report: &mut Report) {
    let text = found.text();
    if text.contains("#\".*\"") {
        say(found, found.span(), text.contains("allow-credentials"), report);
    }
}
