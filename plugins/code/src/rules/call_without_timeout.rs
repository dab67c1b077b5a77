//! Calls to other programs that may wait for an answer forever.

use crate::declared::call_without_timeout::*;
use crate::imports;
use crate::literal;
use crate::setting;
use crate::surroundings;
use wardline_plugin::prelude::*;

/// Where a limit is likely to be set for all calls of a Python program.
const PYTHON_DEFAULTS: &[&str] = &["HTTPAdapter", "functools.partial", ".request = ", "TimeoutSession"];

/// Marks of JavaScript that runs on a server.
const SERVER: &[&str] = &[
    "'express'",
    "\"express\"",
    "'fastify'",
    "\"fastify\"",
    "'koa'",
    "\"koa\"",
    "@nestjs/",
    "'node:",
    "\"node:",
    "'http'",
    "\"http\"",
    "node-fetch",
    "process.env.",
];

/// Marks of JavaScript that runs in a browser.
const BROWSER: &[&str] = &[
    "'react'",
    "\"react\"",
    "'vue'",
    "\"vue\"",
    "@angular/",
    "svelte",
    "useEffect",
    "window.",
    "document.",
    "localStorage",
    "import.meta.env",
    "NEXT_PUBLIC",
    "REACT_APP",
    "VUE_APP",
    "'use client'",
];

/// Bytes of a file of JavaScript that people still write by hand.
const MOST_BYTES: usize = 200_000;

/// Judges a call that opens a connection, or a setting of one.
pub fn check(found: &Match, report: &mut Report) {
    match found.query() {
        QUERY_TIMEOUT_PYTHON_REQUESTS => python_requests(found, report),
        QUERY_TIMEOUT_PYTHON_SESSION => python_session(found, report),
        QUERY_TIMEOUT_PYTHON_STANDARD => python_standard(found, report),
        QUERY_TIMEOUT_PYTHON_NONE => {
            if let Some(none) = found.named("timeout").filter(|limit| limit.text() == "None") {
                say(
                    found,
                    none.span(),
                    "the limit that the client has by default is switched off",
                    Confidence::High,
                    report,
                );
            }
        }
        QUERY_TIMEOUT_JAVASCRIPT => javascript(found, report),
        QUERY_TIMEOUT_JAVA => java(found, report),
        QUERY_TIMEOUT_PHP => php(found, report),
        QUERY_TIMEOUT_GO => go(found, report),
        QUERY_TIMEOUT_RUBY => ruby(found, report),
        QUERY_TIMEOUT_RUST => rust(found, report),
        QUERY_TIMEOUT_CLOJURE => clojure(found, report),
        QUERY_TIMEOUT_RUBY_NONE if !found.text().contains("timeout = nil") => {}
        // A web socket is quiet for as long as nothing happens.
        QUERY_TIMEOUT_JAVA_ZERO if found.document().text().contains("WebSocket") => {}
        _ => say(found, found.span(), "this limit means that there is none", Confidence::Medium, report),
    }
}

fn say(found: &Match, at: Span, message: &str, confidence: Confidence, report: &mut Report) {
    report.finding(RULE, at).message(message).confidence(confidence).class(setting::class(found));
}

fn waits(name: &str) -> String {
    format!("`{name}` waits for an answer forever unless it is given a limit")
}

/// Whether a call brings arguments that are not seen here.
fn spreads(found: &Match) -> bool {
    found
        .arguments()
        .iter()
        .any(|argument| argument.value.text().starts_with("**") || argument.value.text().starts_with('*'))
}

fn python_requests(found: &Match, report: &mut Report) {
    let Some(callee) = found.get(CALLEE) else { return };
    if imports::provides(found, callee) {
        python_call(found, callee, 100, Confidence::High, report);
    }
}

/// A method of a session that this document made.
fn python_session(found: &Match, report: &mut Report) {
    let (Some(callee), Some(receiver)) = (found.get(CALLEE), found.get(RECEIVER)) else { return };
    let text = found.document().text();
    let sends = found.argument(0).is_some_and(|url| could_be_address(url.text()));
    if sends && is_session(text, receiver.text()) && !PYTHON_DEFAULTS.iter().any(|word| text.contains(word)) {
        python_call(found, callee, 100, Confidence::Medium, report);
    }
}

/// Whether an argument could be an address, rather than the key of a table.
fn could_be_address(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    ["http", "url", "uri", "endpoint", "link", "/"].iter().any(|word| lower.contains(word))
}

fn is_session(text: &str, receiver: &str) -> bool {
    let made = |line: &str| {
        line.split_once('=').is_some_and(|(left, right)| {
            left.trim() == receiver
                && right.trim_start().to_ascii_lowercase().starts_with("requests.session(")
        }) || line.to_ascii_lowercase().contains("with requests.session(")
            && line.contains(&format!(" as {receiver}:"))
    };
    receiver.to_ascii_lowercase().starts_with("requests.session(") || text.lines().any(made)
}

/// Judges a call whose limit is named `timeout`, or stands at `position`.
fn python_call(found: &Match, callee: Node, position: usize, confidence: Confidence, report: &mut Report) {
    let limit = found.named("timeout").or_else(|| found.argument(position));
    if let Some(limit) = limit {
        if limit.text() == "None" {
            report
                .finding(RULE, limit.span())
                .message(waits(callee.name()))
                .confidence(confidence)
                .class(setting::class(found))
                .fix("wait 30 seconds at most", Applicability::Suggestion, |fix| {
                    fix.replace(limit.span(), "30")
                });
        }
        return;
    }
    let arguments = found.arguments();
    let Some(last) = arguments.last().filter(|_| !spreads(found)) else { return };
    report
        .finding(RULE, callee.span())
        .message(waits(callee.name()))
        .confidence(confidence)
        .class(setting::class(found))
        .fix("wait 30 seconds at most", Applicability::Suggestion, |fix| {
            fix.insert(last.value.span().end, ", timeout=30")
        });
}

fn python_standard(found: &Match, report: &mut Report) {
    let Some(callee) = found.get(CALLEE) else { return };
    let text = found.document().text();
    if !imports::provides(found, callee) || text.contains("setdefaulttimeout(") {
        return;
    }
    let name = callee.name();
    let position = match name.rsplit('.').next() {
        Some("SMTP" | "HTTPConnection" | "HTTPSConnection") => 3,
        Some("SMTP_SSL" | "FTP" | "FTP_TLS") => 4,
        _ => 2,
    };
    // A local file or a constant address of a test is no risk, nor is an object
    // that is connected later.
    let address = found.argument(0).or_else(|| found.named("url")).or_else(|| found.named("host"));
    if address.is_none_or(|address| address.text().contains("file:") || address.text().contains("localhost"))
    {
        return;
    }
    python_call(found, callee, position, Confidence::Medium, report);
}

fn javascript(found: &Match, report: &mut Report) {
    let Some(callee) = found.get(CALLEE) else { return };
    let (text, name) = (found.document().text(), callee.name());
    let is_axios = name.starts_with("axios");
    let last = name.rsplit('.').next().unwrap_or(name);
    let first = found.argument(0).map(|first| first.text()).unwrap_or_default();
    let options = match last {
        "post" | "put" | "patch" if is_axios => found.argument(2),
        "create" | "request" => found.argument(0),
        "axios" if first.starts_with('{') => found.argument(0),
        _ => found.argument(1),
    };
    let shown = match options {
        Some(options) => options.text().starts_with('{') && !options.text().contains("..."),
        // `axios(config)`, `fetch(request)`: what the one argument holds is not known.
        None => !matches!(last, "axios" | "create" | "request"),
    };
    let limited = found.named("timeout").is_some() || found.named("signal").is_some();
    let own_site = first.starts_with("'/") || first.starts_with("\"/");
    if !shown || limited || own_site || text.len() > MOST_BYTES {
        return;
    }
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let elsewhere =
        ["axios.defaults.timeout", "defaults.timeout =", "AbortSignal.timeout", "AbortController"];
    let ours = !is_axios || imports::provides(found, callee);
    if ours && !has(BROWSER) && has(SERVER) && !has(&elsewhere) {
        report
            .finding(RULE, callee.span())
            .message(waits(name))
            .severity(Severity::Low)
            .confidence(Confidence::Low)
            .class(setting::class(found));
    }
}

fn java(found: &Match, report: &mut Report) {
    let Some(callee) = found.get(CALLEE) else { return };
    let text = found.document().text();
    let method = callee.name().rsplit('.').next().unwrap_or_default();
    let receiver = found.get(RECEIVER).map(|receiver| receiver.text()).unwrap_or_default();
    if method == "RestTemplate" {
        let limited = ["setConnectTimeout", "setReadTimeout", "RestTemplateBuilder", "setRequestFactory"];
        if found.arguments().is_empty() && !limited.iter().any(|word| text.contains(word)) {
            say(found, callee.span(), &waits("RestTemplate"), Confidence::Low, report);
        }
        return;
    }
    let makes_url = receiver.contains("URL(") || receiver.contains(".toURL()");
    if !makes_url && (method == "readText" || !is_given_url(text, receiver)) || is_local(text, receiver) {
        return;
    }
    let around = surroundings::function_text(text, found.span().start as usize);
    let opened = method == "openConnection";
    let limited = ["onnectTimeout", "eadTimeout"].iter().any(|word| text.contains(word));
    let is_http =
        around.contains("Http") || text.contains("HttpURLConnection") || text.contains("HttpsURLConnection");
    if opened && (limited || !is_http || around.contains("JarURLConnection")) {
        return;
    }
    let name = format!("URL.{method}");
    say(
        found,
        callee.span(),
        &waits(&name),
        if makes_url || opened { Confidence::Medium } else { Confidence::Low },
        report,
    );
}

/// Whether a variable is declared as, or given, a `URL`.
fn is_given_url(text: &str, receiver: &str) -> bool {
    let name = receiver.trim_start_matches("this.");
    let plain = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    plain
        && (text.contains(&format!("URL {name}"))
            || text.contains(&format!("{name}: URL"))
            || literal::values_of(text, name)
                .any(|value| value.trim_start_matches("new ").starts_with("URL(")))
}

/// Whether a `URL` is that of a resource or a file.
fn is_local(text: &str, receiver: &str) -> bool {
    let local = |text: &str| {
        ["getResource", "toURI", "file:", "jar:", "classpath", "ClassLoader"]
            .iter()
            .any(|word| text.contains(word))
    };
    let lower = receiver.to_ascii_lowercase();
    local(receiver)
        || ["resource", "jar", "file", "class", "schema", "config"].iter().any(|word| lower.contains(word))
        || literal::values_of(text, receiver)
            .any(|value| local(value.split(['\n', ';']).next().unwrap_or_default()))
}

fn php(found: &Match, report: &mut Report) {
    let Some(callee) = found.get(CALLEE) else { return };
    let text = found.document().text();
    let name = callee.name();
    if name == "curl_exec" {
        let limited = ["CURLOPT_TIMEOUT", "CURLOPT_CONNECTTIMEOUT", "CURLOPT_LOW_SPEED"]
            .iter()
            .any(|word| text.contains(word));
        // A handle that comes from elsewhere was set up elsewhere.
        if !limited && found.get(RECEIVER).is_none() && text.contains("curl_init(") {
            say(found, callee.span(), &waits(name), Confidence::Medium, report);
        }
        return;
    }
    let options = found.argument(0);
    let shown =
        options.is_none_or(|options| options.text().starts_with('[') || options.text().starts_with("array("));
    let limited = text.contains("'timeout'")
        || text.contains("\"timeout\"")
        || text.contains("RequestOptions::TIMEOUT");
    if name == "GuzzleHttp\\Client" && shown && !limited {
        say(found, callee.span(), &waits("GuzzleHttp\\Client"), Confidence::Medium, report);
    }
}

fn go(found: &Match, report: &mut Report) {
    let Some(callee) = found.get(CALLEE) else { return };
    let text = found.document().text();
    let limited_elsewhere = ["DefaultClient.Timeout", "DefaultClient = ", "DefaultTransport = "]
        .iter()
        .any(|word| text.contains(word));
    if limited_elsewhere {
        return;
    }
    if !callee.name().ends_with(".Client") {
        say(found, callee.span(), &waits(callee.text()), Confidence::High, report);
        return;
    }
    let set_later = [
        "NewRequestWithContext",
        ".WithContext(",
        ".Timeout = ",
        "ResponseHeaderTimeout",
        "context.WithTimeout",
    ];
    if found.named("Timeout").is_some()
        || set_later.iter().any(|word| text.contains(word))
        || !found.text().contains('{')
    {
        return;
    }
    let finding = report
        .finding(RULE, callee.span())
        .message(waits("http.Client"))
        .confidence(Confidence::Medium)
        .class(setting::class(found));
    let last = found.arguments().last().map(|argument| argument.value.span().end);
    if let Some(end) = last.filter(|_| text.contains("\t\"time\"\n") && !found.text().contains('\n')) {
        finding.fix("wait 30 seconds at most", Applicability::Suggestion, |fix| {
            fix.insert(end, ", Timeout: 30 * time.Second")
        });
    }
}

fn ruby(found: &Match, report: &mut Report) {
    let Some(callee) = found.get(CALLEE) else { return };
    let text = found.document().text();
    let library = callee.name().split(['.', ':']).next().unwrap_or_default();
    let loaded =
        library == "Typhoeus" || text.contains("require 'http'") || text.contains("require \"http\"");
    let limited = ["timeout", "connecttimeout", "timeout_ms"].iter().any(|name| found.named(name).is_some());
    let spreads = found.arguments().iter().skip(1).any(|argument| {
        argument.name.is_none() && literal::read(argument.value.text(), "ruby").strings.is_empty()
    });
    if loaded && !limited && !spreads {
        say(found, callee.span(), &waits(callee.name()), Confidence::Medium, report);
    }
}

fn rust(found: &Match, report: &mut Report) {
    let Some(callee) = found.get(CALLEE) else { return };
    let text = found.document().text();
    let limited =
        ["timeout(", "tokio::time::timeout", "reqwest_middleware"].iter().any(|word| text.contains(word));
    if !limited && !text.contains("reqwest::blocking") {
        say(found, callee.span(), &waits(callee.name()), Confidence::Medium, report);
    }
}

fn clojure(found: &Match, report: &mut Report) {
    let Some(callee) = found.get(CALLEE) else { return };
    let options = found.arguments().len() > 1;
    let shown = !options || found.argument(1).is_some_and(|options| options.text().starts_with('{'));
    let limited =
        found.text().contains("timeout") || found.document().text().contains("with-connection-pool");
    if shown && !limited {
        say(found, callee.span(), &waits(callee.name()), Confidence::Medium, report);
    }
}
