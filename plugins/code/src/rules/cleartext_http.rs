//! Requests that anybody in between can read.

use crate::address;
use crate::declared::cleartext_http::*;
use crate::setting;
use crate::surroundings;
use wardline_plugin::prelude::*;

/// Last parts of calls that open a connection, whatever library they are of.
const SENDS: &[&str] = &[
    "get",
    "post",
    "put",
    "patch",
    "delete",
    "head",
    "request",
    "send",
    "open",
    "urlopen",
    "urlretrieve",
    "fetch",
    "axios",
    "create",
    "file_get_contents",
    "fopen",
    "curl_init",
    "curl_setopt",
    "Get",
    "Post",
    "PostForm",
    "Head",
    "NewRequest",
    "NewRequestWithContext",
    "GetAsync",
    "PostAsync",
    "PutAsync",
    "DeleteAsync",
    "GetStringAsync",
    "GetByteArrayAsync",
    "GetStreamAsync",
    "GetFromJsonAsync",
    "PostAsJsonAsync",
    "DownloadString",
    "DownloadFile",
    "DownloadData",
    "UploadString",
    "WebSocket",
    "connect",
    "Dial",
    "DialContext",
    "URL",
    "URI",
    "Uri",
    "HttpGet",
    "HttpPost",
    "HttpPut",
    "HttpRequestMessage",
    "getForObject",
    "getForEntity",
    "postForObject",
    "postForEntity",
    "exchange",
    "baseUrl",
    "loadUrl",
    "getJSON",
    "ajax",
    "got",
    "slurp",
    "readText",
    "download",
    "url",
    "newBuilder",
    "create_connection",
    "ServerProxy",
    "HTTParty",
    "parse",
];

/// Calls of the same names that send nothing, or that only take an address apart.
const QUIET: &[&str] =
    &["replace", "startsWith", "assert", "expect", "print", "log", "params", "headers", "Namespace", "cache"];

/// Judges an address in a call or a setting.
pub fn check(found: &Match, report: &mut Report) {
    match found.query() {
        QUERY_CLEARTEXT_CALL => call(found, report),
        QUERY_CLEARTEXT_SHELL => shell(found, report),
        QUERY_CLEARTEXT_SETTING => {
            if let (Some(target), Some(value)) = (found.get(TARGET), found.get(VALUE)) {
                let name = target.text().to_ascii_lowercase();
                if ![
                    "proxy",
                    "doc",
                    "help",
                    "namespace",
                    "schema",
                    "example",
                    "test",
                    "default_site",
                    "issuer",
                ]
                .iter()
                .any(|word| name.contains(word))
                {
                    say(found, value, Confidence::Medium, report);
                }
            }
        }
        QUERY_CLEARTEXT_VARIABLE => variable(found, report),
        QUERY_CLEARTEXT_ANDROID => android(found, report),
        _ => {
            report
                .finding(RULE, found.span())
                .message("the app may send any request without encryption")
                .class(setting::class(found));
        }
    }
}

/// Reports an address that leads out in the open, with the encrypted one.
fn say(found: &Match, address: Node, confidence: Confidence, report: &mut Report) {
    let text = address.text();
    let Some(start) = text.find("http://").or_else(|| text.find("ws://")) else { return };
    let literal = text[start..].trim_end_matches(['"', '\'', '`', ')']);
    let Some(host) = address::cleartext_host(literal) else { return };
    let scheme_end = start + text[start..].find(':').unwrap_or_default();
    let at = address.span().start + u32::try_from(scheme_end).unwrap_or(0);
    report
        .finding(RULE, address.span())
        .message(format!("what is exchanged with `{host}` can be read and changed on the way"))
        .confidence(confidence)
        .class(setting::class(found))
        .fix("encrypt the connection", Applicability::Suggestion, |fix| fix.insert(at, "s"));
}

fn call(found: &Match, report: &mut Report) {
    let Some(callee) = found.get(CALLEE) else { return };
    let name = callee.name();
    let last = name.rsplit(['.', '/', ':', '\\', '>']).next().unwrap_or(name);
    if !SENDS.contains(&last) || QUIET.iter().any(|word| name.contains(word)) || is_compared(found) {
        return;
    }
    let literals = found.arguments().into_iter().flat_map(|argument| {
        let keys = argument
            .keys
            .into_iter()
            .filter(|(key, _)| is_address_key(key.unquoted()))
            .map(|(_, value)| value);
        keys.chain([argument.value]).collect::<Vec<Node>>()
    });
    let literal = literals.into_iter().find(|node| {
        let text = node.text().trim_start_matches(['r', 'R', 'b', 'u', '@', '$']);
        text.starts_with(['"', '\'', '`'])
            && (text[1..].starts_with("http://") || text[1..].starts_with("ws://"))
    });
    if let Some(literal) = literal {
        // Taking an address apart is not yet a request.
        let sure = !matches!(last, "URL" | "URI" | "Uri" | "parse" | "url" | "create" | "connect");
        say(found, literal, if sure { Confidence::High } else { Confidence::Medium }, report);
    }
}

/// A variable that the same function hands to a call that opens a connection.
fn variable(found: &Match, report: &mut Report) {
    let (Some(target), Some(value)) = (found.get(TARGET), found.get(VALUE)) else { return };
    let name = target.text().rsplit(' ').next().unwrap_or_default();
    let document = found.document();
    let near = surroundings::function_text(document.text(), found.span().start as usize);
    let handed = format!("({name}");
    let sent = near.match_indices(&handed).any(|(at, _)| {
        let line = near[..at].rsplit('\n').next().unwrap_or_default();
        let send = line.rsplit(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap_or_default();
        let whole = near[at + handed.len()..].starts_with([',', ')', '.']);
        let commented = line.trim_start().starts_with("//") || line.trim_start().starts_with('#');
        let takes_apart = matches!(send, "parse" | "create" | "open" | "connect")
            || send == "url" && !line.contains("Builder()");
        whole && !commented && !takes_apart && SENDS.contains(&send)
    });
    if sent {
        say(found, value, Confidence::Medium, report);
    }
}

fn is_address_key(key: &str) -> bool {
    matches!(
        key.to_ascii_lowercase().as_str(),
        "url" | "uri" | "baseurl" | "base_url" | "base_uri" | "endpoint" | "prefixurl"
    )
}

/// Whether the call stands in a comparison or a check of a test.
fn is_compared(found: &Match) -> bool {
    let line = found.document().line(found.span().start);
    ["==", "assert", "expect(", "should"].iter().any(|word| line.contains(word))
}

fn shell(found: &Match, report: &mut Report) {
    for argument in found.arguments() {
        if argument.value.text().trim_start_matches(['"', '\'']).starts_with("http://") {
            say(found, argument.value, Confidence::High, report);
        }
    }
}

fn android(found: &Match, report: &mut Report) {
    // Inside of `<domain-config>` it is an exception for single hosts.
    let before = found.document().text().get(..found.span().start as usize).unwrap_or_default();
    let opened = before.rfind('<').map_or("", |at| &before[at..]);
    let path = found.document().path();
    if path.contains("/debug/") || path.contains("/androidTest/") {
        return;
    }
    if !opened.starts_with("<domain-config") && !opened.starts_with("<debug-overrides") {
        report
            .finding(RULE, found.span())
            .message("the app may send any request without encryption")
            .confidence(Confidence::High)
            .class(setting::class(found));
    }
}
