//! Connections that do not ask who is at the other end.

use crate::declared::tls_verification_disabled::*;
use crate::imports;
use crate::setting;
use wardline_plugin::prelude::*;

/// Methods and constructors of HTTP clients that take `verify` and the like.
const CLIENTS: &[&str] = &[
    "get",
    "post",
    "put",
    "patch",
    "delete",
    "head",
    "options",
    "request",
    "send",
    "stream",
    "Client",
    "AsyncClient",
    "Session",
    "client",
    "resource",
    "ws_connect",
    "TCPConnector",
    "PoolManager",
    "HTTPSConnectionPool",
    "ProxyManager",
    "wrap_socket",
    "connect",
    "fetch",
    "Elasticsearch",
    "OpenSearch",
    "ApiClient",
    "api",
    "HTTPAdapter",
    "HTTPTransport",
    "AsyncHTTPTransport",
    "urlopen",
    "connection_from_url",
    "proxy_from_url",
    "_make_request",
    "get_session",
];

/// Judges a setting or call that may switch verification off.
pub fn check(found: &Match, report: &mut Report) {
    match found.query() {
        QUERY_TLS_PYTHON_CALL => python_call(found, report),
        QUERY_TLS_PYTHON_ASSIGN => python_assign(found, report),
        QUERY_TLS_JAVASCRIPT => javascript(found, report),
        QUERY_TLS_JAVA_METHOD => java_method(found, report),
        QUERY_TLS_KOTLIN_METHOD => java_method(found, report),
        QUERY_TLS_KOTLIN_LAMBDA => {
            if !found.document().line(found.span().start).trim_start().starts_with("//") {
                say(found, found.span(), "a certificate for any other host is accepted", report);
            }
        }
        QUERY_TLS_RUBY => ruby(found, report),
        QUERY_TLS_CSHARP => csharp(found, report),
        QUERY_TLS_RUST => rust(found, report),
        QUERY_TLS_SHELL => shell(found, report),
        QUERY_TLS_PHP_SETOPT => php_setopt(found, report),
        QUERY_TLS_PHP_KEY => php_key(found, report),
        QUERY_TLS_GO => go(found, report),
        QUERY_TLS_NODE_ENVIRONMENT => {
            say(found, found.span(), "every TLS connection of the process accepts any certificate", report);
        }
        QUERY_TLS_JAVA_CALL => say(
            found,
            found.get(CALLEE).map_or(found.span(), |callee| callee.span()),
            "any certificate or host name is accepted",
            report,
        ),
        _ => say(found, found.span(), "any certificate is accepted", report),
    }
}

fn say(found: &Match, at: Span, message: &str, report: &mut Report) {
    report.finding(RULE, at).message(message).class(setting::class(found));
}

/// Reports a value that switches verification off, and offers the other value.
fn switched_off(found: &Match, at: Span, value: Node, on: &str, report: &mut Report) {
    let chosen = is_chosen(found.document().text(), at.start as usize);
    report
        .finding(RULE, at)
        .message(format!("`{}` accepts any certificate", found.document().slice(at)))
        .confidence(if chosen { Confidence::Low } else { Confidence::High })
        .class(setting::class(found))
        .fix("verify the certificate", Applicability::Suggestion, |fix| fix.replace(value.span(), on));
}

/// Whether the lines above ask somebody first: `if insecure:`.
fn is_chosen(text: &str, offset: usize) -> bool {
    let before = text.get(..offset).unwrap_or_default();
    let indent = |line: &str| line.len() - line.trim_start().len();
    let mut lines = before.lines().rev();
    let own = lines.next().map_or(0, indent);
    lines.take(5).filter(|line| indent(line) < own && !line.trim().is_empty()).any(|line| {
        let line = line.trim_start().trim_start_matches("} else ").to_ascii_lowercase();
        line.starts_with("if")
            && ["insecure", "verify", "skip", "self_signed", "selfsigned", "allow"]
                .iter()
                .any(|word| line.contains(word))
    })
}

fn python_call(found: &Match, report: &mut Report) {
    let Some(callee) = found.get(CALLEE) else { return };
    let name = callee.name();
    let text = found.document().text();
    let method = name.rsplit('.').next().unwrap_or(name);
    if !CLIENTS.contains(&method) || name.contains("jwt") {
        return;
    }
    for argument in found.arguments() {
        let off = argument.value.text();
        let on = match argument.name {
            Some("verify") if off == "False" => "True",
            Some("verify_ssl" | "ssl") if off == "False" && text.contains("aiohttp") => "True",
            Some("verify_certs" | "verify_ssl") if off == "False" => "True",
            Some("cert_reqs") if off.starts_with(['"', '\'']) => "\"CERT_REQUIRED\"",
            Some("cert_reqs") if off.ends_with("CERT_NONE") => "ssl.CERT_REQUIRED",
            _ => continue,
        };
        // `verify` is also an argument of functions that open no connection.
        let known = imports::provides(found, callee) || mentions_client(text);
        if known {
            switched_off(found, around_value(found, argument.value), argument.value, on, report);
        }
    }
}

fn mentions_client(text: &str) -> bool {
    ["requests", "httpx", "aiohttp", "urllib3", "boto3", "Session", "elasticsearch"]
        .iter()
        .any(|word| text.contains(word))
}

/// The argument with its name: `verify=False`.
fn around_value(found: &Match, value: Node) -> Span {
    let span = value.span();
    let before = found.document().slice(Span { start: found.span().start, end: span.start });
    let start = before.rfind(['(', ',', '\n']).map_or(0, |at| at + 1);
    let blank = before[start..].len() - before[start..].trim_start().len();
    Span { start: found.span().start + u32::try_from(start + blank).unwrap_or(0), end: span.end }
}

fn python_assign(found: &Match, report: &mut Report) {
    let (Some(target), Some(value)) = (found.get(TARGET), found.get(VALUE)) else { return };
    let text = found.document().text();
    let Some((object, attribute)) = target.text().rsplit_once('.') else { return };
    let on = match (attribute, value.text()) {
        ("check_hostname", "False") => {
            // The next line usually drops the certificate too; that one is reported.
            let also_drops_certificate = text.contains("CERT_NONE");
            if also_drops_certificate || !text.contains("ssl") {
                return;
            }
            "True"
        }
        ("verify_mode", "ssl.CERT_NONE") => "ssl.CERT_REQUIRED",
        ("verify_mode", "CERT_NONE") => "CERT_REQUIRED",
        ("_create_default_https_context", value) if value.ends_with("_create_unverified_context") => {
            "ssl.create_default_context"
        }
        ("verify", "False") if is_session(object, text) => "True",
        _ => return,
    };
    switched_off(found, found.span(), value, on, report);
}

fn is_session(object: &str, text: &str) -> bool {
    let name = object.rsplit('.').next().unwrap_or(object).to_ascii_lowercase();
    let client =
        ["session", "sess", "client", "http", "api"].iter().any(|word| name.contains(word)) || name == "s";
    client && (text.contains("requests") || text.contains("httpx"))
}

fn javascript(found: &Match, report: &mut Report) {
    let (Some(target), Some(value)) = (found.get(TARGET), found.get(VALUE)) else { return };
    let text = value.text();
    if target.text().contains("checkServerIdentity") {
        let body: String = text.split_once("=>").map_or("", |(_, body)| body).split_whitespace().collect();
        if matches!(
            body.as_str(),
            "undefined" | "null" | "{}" | "{return;}" | "{returnundefined;}" | "{returnnull;}"
        ) {
            say(found, found.span(), "the certificate's host name is not compared with the host", report);
        }
    } else if text == "false" {
        switched_off(found, found.span(), value, "true", report);
    }
}

fn java_method(found: &Match, report: &mut Report) {
    let (Some(name), Some(parameters), Some(body)) =
        (found.get(NAME), found.get(PARAMETERS), found.get(BODY))
    else {
        return;
    };
    let code = without_comments(body.text());
    if name.text() == "checkServerTrusted"
        && parameters.text().contains("X509Certificate")
        && matches!(code.as_str(), "{}" | "{return;}" | "{return}" | "=Unit")
    {
        say(found, name.span(), "this trust manager accepts any certificate", report);
    }
    if name.text() == "verify"
        && parameters.text().contains("SSLSession")
        && matches!(code.as_str(), "{returntrue;}" | "{returntrue}" | "=true")
    {
        say(found, name.span(), "this verifier accepts a certificate for any other host", report);
    }
}

/// The code of a block without comments and blanks.
fn without_comments(block: &str) -> String {
    let mut rest = block.to_owned();
    while let Some(start) = rest.find("/*") {
        let end = rest[start..].find("*/").map_or(rest.len(), |end| start + end + 2);
        rest.replace_range(start..end, "");
    }
    rest.lines().flat_map(|line| line.split("//").next().unwrap_or("").split_whitespace()).collect()
}

fn php_setopt(found: &Match, report: &mut Report) {
    let (Some(option), Some(value)) = (found.argument(1), found.argument(2)) else { return };
    php_option(found, option.text(), value, report);
}

fn php_option(found: &Match, option: &str, value: Node, report: &mut Report) {
    let off = value.text().to_ascii_lowercase();
    let on = match option.trim_matches(['"', '\'', '\\']) {
        "CURLOPT_SSL_VERIFYPEER" if off == "false" || off == "0" => "true",
        "CURLOPT_SSL_VERIFYHOST" if off == "false" || off == "0" => "2",
        _ => return,
    };
    switched_off(found, found.span(), value, on, report);
}

fn php_key(found: &Match, report: &mut Report) {
    let (Some(target), Some(value)) = (found.get(TARGET), found.get(VALUE)) else { return };
    let text = found.document().text();
    let key = target.text().trim_matches(['"', '\'']);
    let fits = match key {
        "verify" => ["Guzzle", "Http::", "HttpClient", "http_client"].iter().any(|word| text.contains(word)),
        "verify_peer" | "verify_peer_name" | "sslverify" => true,
        _ => return php_option(found, key, value, report),
    };
    if fits {
        switched_off(found, found.span(), value, "true", report);
    }
}

fn ruby(found: &Match, report: &mut Report) {
    let (Some(target), Some(value)) = (found.get(TARGET), found.get(VALUE)) else { return };
    let text = found.document().text();
    let name = target.name();
    if value.text().ends_with("VERIFY_NONE") {
        let on = value.text().replace("VERIFY_NONE", "VERIFY_PEER");
        switched_off(found, found.span(), value, &on, report);
        return;
    }
    let client = [
        "HTTParty",
        "RestClient",
        "Faraday",
        "Excon",
        "Typhoeus",
        "Net::HTTP",
        "HTTPX",
        "OpenURI",
        "URI.open",
    ];
    let line = found.document().line(found.span().start);
    let named = match name {
        "verify" => client.iter().any(|word| line.contains(word)) || line.contains("ssl"),
        "verify_peer" => line.contains("ssl") || line.contains("SMTP") || line.contains("smtp"),
        _ => client.iter().any(|word| text.contains(word)) || line.contains("ssl"),
    };
    if named && value.text() == "false" {
        switched_off(found, found.span(), value, "true", report);
    } else if named && value.text() == ":none" {
        switched_off(found, found.span(), value, ":peer", report);
    }
}

fn csharp(found: &Match, report: &mut Report) {
    let Some(value) = found.get(VALUE) else { return };
    let code: String = without_comments(value.text());
    let accepts = code.ends_with("=>true")
        || code.contains("{returntrue;}")
        || code.ends_with("DangerousAcceptAnyServerCertificateValidator");
    if accepts {
        let chosen = is_chosen(found.document().text(), found.span().start as usize);
        report
            .finding(RULE, found.span())
            .message("any certificate is accepted")
            .confidence(if chosen { Confidence::Low } else { Confidence::High })
            .class(setting::class(found));
    }
}

fn rust(found: &Match, report: &mut Report) {
    let Some(callee) = found.get(CALLEE) else { return };
    let Some(value) = found.argument(0) else { return };
    let dot = callee.text().rfind('.').map_or(0, |at| at + 1);
    let at = Span { start: callee.span().start + u32::try_from(dot).unwrap_or(0), end: found.span().end };
    let on = if value.text() == "true" { "false".to_owned() } else { value.text().replace("NONE", "PEER") };
    switched_off(found, at, value, &on, report);
}

/// `curl -k`, `wget --no-check-certificate`: not for this machine.
fn shell(found: &Match, report: &mut Report) {
    let Some(callee) = found.get(CALLEE) else { return };
    let text = found.text();
    let local = ["localhost", "127.0.0.1", "[::1]", "0.0.0.0", "kubernetes.default", ".local", ".svc"]
        .iter()
        .any(|host| text.contains(host));
    let off = found.arguments().into_iter().map(|argument| argument.value).find(|value| {
        let word = value.text();
        match callee.name() {
            "curl" => {
                word == "--insecure" || word.starts_with('-') && !word.starts_with("--") && word.contains('k')
            }
            "wget" => word == "--no-check-certificate",
            "git" => word == "http.sslVerify=false",
            _ => word == "strict-ssl=false",
        }
    });
    // A health check asks the service next to it.
    let health = found.document().file_name().contains("health");
    if let Some(off) = off.filter(|_| !local && !health) {
        let name = callee.name();
        report
            .finding(RULE, off.span())
            .message(format!("`{name} {}` accepts any certificate", off.text()))
            .confidence(Confidence::Medium)
            .class(setting::class(found));
    }
}

fn go(found: &Match, report: &mut Report) {
    let Some(value) = found.get(VALUE) else { return };
    let text = found.document().text();
    if text.contains("VerifyPeerCertificate") || text.contains("VerifyConnection") {
        return;
    }
    switched_off(found, found.span(), value, "false", report);
}
