//! Fetches by functions that follow more than HTTP.

use crate::declared::any_scheme_fetch::*;
use crate::imports;
use crate::literal;
use crate::names;
use crate::setting;
use wardline_plugin::prelude::*;

/// Words of expressions that a stranger may have written.
const UNTRUSTED: &[&str] = &[
    "$_GET",
    "$_POST",
    "$_REQUEST",
    "$_COOKIE",
    "request.GET",
    "request.POST",
    "request.args",
    "request.form",
    "request.values",
    "request.json",
    "request.query_params",
    "getParameter(",
    "queryParameters",
    "params[",
    "Request.Query",
    "Request.Form",
    "Request.QueryString",
    ":params",
    "->input(",
    "->query(",
];

/// Signs that a file looks at an address before it fetches it.
const LOOKS: &[&str] = &[
    "scheme",
    "Scheme",
    "SCHEME",
    "getProtocol",
    "startsWith(\"http",
    "startswith(\"http",
    "startswith('http",
    "startsWith('http",
    "StartsWith(\"http",
    "start_with?('http",
    "start_with?(\"http",
    "FILTER_VALIDATE_URL",
    "CURLOPT_PROTOCOLS",
    "parse_url",
    "strpos($url, 'http",
    "starts_with($",
    "https?:",
    "http[s]?:",
    "preg_match('/^http",
    "preg_match('#^http",
];

/// Signs that a file takes addresses from HTML that somebody wrote.
const EXTRACTS: &[&str] = &[
    "src=",
    "getAttribute('src')",
    "getAttribute(\"src\")",
    "[\"src\"]",
    "['src']",
    "attr('src')",
    "attr(\"src\")",
    "[:src]",
];

/// Words of names that say that a variable is an address.
const ADDRESSES: &[&str] = &["url", "uri", "link", "href"];

/// Judges a call that fetches.
pub fn check(found: &Match, report: &mut Report) {
    let Some(callee) = found.get(CALLEE) else { return };
    let document = found.document();
    let language = document.language();
    let Some(address) = address(found, callee) else { return };
    let text = address.text();
    let untrusted = UNTRUSTED.iter().any(|word| text.contains(word));
    let code = literal::without_comments(document.text(), language);
    if starts_with_scheme(text) || LOOKS.iter().any(|word| code.contains(word)) {
        return;
    }
    let reading = literal::read(text, language);
    if !untrusted && (reading.is_constant() || reading.names_are_constants()) {
        return;
    }
    // Something in front of the variable decides on the scheme.
    let alone = reading.strings.is_empty() || untrusted;
    let name = names::words(names::of_expression(text));
    let is_address = name.iter().any(|word| ADDRESSES.contains(&word.as_str()));
    let from_html = EXTRACTS.iter().any(|word| code.contains(word))
        && (is_address || name.iter().any(|word| matches!(word.as_str(), "src" | "source" | "image")));
    let (severity, confidence) = match () {
        () if untrusted => (Severity::High, Confidence::High),
        () if alone && from_html && is_given(document, text, found.span().start) => {
            (Severity::Medium, Confidence::Medium)
        }
        () => return,
    };
    report
        .finding(RULE, callee.span())
        .message(format!("`{}` reads local files as well as addresses of the web", callee.name()))
        .severity(severity)
        .confidence(confidence)
        .class(setting::class(found));
}

/// What a call fetches.
fn address<'d>(found: &Match<'d>, callee: Node<'d>) -> Option<Node<'d>> {
    let name = callee.name();
    let last = name.rsplit(['.', '/']).next().unwrap_or(name);
    let receiver = found.get(RECEIVER);
    match found.document().language() {
        "python" if !imports::provides(found, callee) => None,
        "php" if receiver.is_some() => None,
        "php" if last == "curl_setopt" => found
            .argument(2)
            .filter(|_| found.argument(1).is_some_and(|option| option.text() == "CURLOPT_URL")),
        "java" | "kotlin" if last.starts_with("open") || last.starts_with("read") => {
            let receiver = receiver.filter(|receiver| receiver.text().contains("URL("))?;
            // `new URL(x).openStream()`: what stands in the brackets.
            Some(receiver)
        }
        "java" | "kotlin" => found.argument(0).filter(|argument| argument.text().contains("URL(")),
        "ruby" if last == "open" && receiver.is_none() && !found.document().text().contains("open-uri") => {
            None
        }
        _ => found.argument(0),
    }
}

/// Whether an expression begins with a literal that names a scheme or a path.
fn starts_with_scheme(text: &str) -> bool {
    let inner = text.split_once("URL(").map_or(text, |(_, inner)| inner);
    let inner = inner.trim_start_matches(['f', 'r', '$', '@', '(']);
    inner.starts_with(['"', '\'', '`']) && !inner[1..].starts_with(['{', '$', '#'])
}

/// Whether a variable is not given a constant in this document.
fn is_given(document: &Document, text: &str, offset: u32) -> bool {
    let inner = text.split_once("URL(").map_or(text, |(_, inner)| inner.trim_end_matches(')'));
    let made = literal::assigned(document.text(), offset as usize, inner.trim());
    made.is_none_or(|made| !literal::is_constant(made, document.language()) && !starts_with_scheme(made))
}
