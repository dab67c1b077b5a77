//! Details of errors in what a user is sent.

use crate::declared::stack_trace_to_user::*;
use crate::imports;
use crate::literal;
use crate::setting;
use crate::surroundings::{self, Surroundings};
use wardline_plugin::prelude::*;

/// Last parts of calls that make an answer.
const ANSWERS: &[&str] = &[
    "HttpResponse",
    "HttpResponseServerError",
    "HttpResponseBadRequest",
    "JsonResponse",
    "Response",
    "make_response",
    "jsonify",
    "HTMLResponse",
    "PlainTextResponse",
    "JSONResponse",
    "render",
    "render_template",
    "abort",
    "HTTPException",
    "json_response",
    "body",
    "write",
    "Write",
    "Fprint",
    "Fprintf",
    "Fprintln",
    "Error",
    "String",
    "JSON",
    "HTML",
    "respond",
    "respondText",
    "print",
    "println",
    "send",
    "entity",
    "ok",
    "internalServerError",
    "badRequest",
    "sendError",
];

/// Words of code that only runs, or only answers so, while somebody debugs.
const SWITCHES: &[&str] = &[
    "debug",
    "DEBUG",
    "Debug",
    "NODE_ENV",
    "development",
    "isDev",
    "is_dev",
    "IsDevelopment",
    "testing",
    "verbose",
    "get('env')",
];

/// Judges a place where details of an error are made or sent.
pub fn check(found: &Match, report: &mut Report) {
    let document = found.document();
    if is_switched(found) {
        return;
    }
    let at = found.get(CALLEE).map_or(found.span(), |callee| callee.span());
    match found.query() {
        QUERY_TRACE_PYTHON => python(found, at, report),
        QUERY_TRACE_PYTHON_EXCEPTION => python_exception(found, report),
        QUERY_TRACE_JAVASCRIPT => {
            let receiver = found.get(RECEIVER).map(|receiver| receiver.text()).unwrap_or_default();
            let object = receiver.split(['.', '(']).next().unwrap_or_default();
            if matches!(object, "res" | "response" | "reply" | "resp" | "ctx" | "c" | "context") {
                say(found, at, report);
            }
        }
        QUERY_TRACE_JAVASCRIPT_BODY => {
            let target = found.get(TARGET).map(|target| target.text()).unwrap_or_default();
            if ["ctx.", "this.body", "context."].iter().any(|start| target.starts_with(start)) {
                say(found, found.span(), report);
            }
        }
        QUERY_TRACE_JAVA => java_writer(found, at, report),
        QUERY_TRACE_JAVA_TEXT => java(found, at, report),
        QUERY_TRACE_PHP => php(found, report),
        QUERY_TRACE_GO => go(found, at, report),
        QUERY_TRACE_CSHARP => csharp(found, at, report),
        QUERY_TRACE_CLOJURE => {
            let before = document.text().get(..found.span().start as usize).unwrap_or_default();
            let near = literal::without_comments(before.rsplit("\n\n").next().unwrap_or_default(), "clojure");
            if near.contains(":body") && near.contains("with-out-str") {
                say(found, at, report);
            }
        }
        _ => say(found, at, report),
    }
}

fn say(found: &Match, at: Span, report: &mut Report) {
    report
        .finding(RULE, at)
        .message("the user is shown where and how the program failed")
        .class(setting::class(found));
}

/// Whether the lines above, or the statement, ask for a switch first.
fn is_switched(found: &Match) -> bool {
    let text = found.document().text();
    let start = found.span().start as usize;
    let before = text.get(..start).unwrap_or_default();
    let near = before.lines().rev().take(4).any(|line| {
        (line.contains("if") || line.contains('?') || line.contains("unless"))
            && SWITCHES.iter().any(|word| line.contains(word))
    });
    // In Go, the package of the trace itself is called `debug`.
    near || found.document().language() != "go" && SWITCHES.iter().any(|word| found.text().contains(word))
}

/// Whether a document serves the web.
fn is_web(text: &str) -> bool {
    [
        "flask",
        "django",
        "fastapi",
        "starlette",
        "aiohttp",
        "sanic",
        "bottle",
        "tornado",
        "rest_framework",
        "falcon",
        "pyramid",
        "@app.",
        "HttpResponse",
    ]
    .iter()
    .any(|word| text.contains(word))
}

/// The call around a place that makes an answer.
fn answers<'t>(around: &Surroundings<'t>) -> Option<&'t str> {
    around.callees.iter().copied().find(|name| {
        let last = name.rsplit(['.', ':', '>']).next().unwrap_or(name);
        let terminal = ["stdout", "stderr", "style.", "messages."].iter().any(|word| name.contains(word));
        ANSWERS.contains(&last)
            && !terminal
            && !name.to_ascii_lowercase().contains("log")
            && !matches!(*name, "print" | "println" | "write")
    })
}

fn python(found: &Match, at: Span, report: &mut Report) {
    let Some(callee) = found.get(CALLEE).filter(|callee| imports::provides(found, *callee)) else { return };
    let document = found.document();
    let around = Surroundings::at(document.text(), found.span().start as usize);
    if callee.name().ends_with("print_exc") {
        let to_user = found
            .named("file")
            .is_some_and(|file| file.text().contains("response") || file.text().contains("wfile"));
        if to_user {
            say(found, at, report);
        }
        return;
    }
    // A function that only makes a text is not yet an answer; a view is.
    let function = surroundings::function_text(document.text(), found.span().start as usize);
    let start = function.as_ptr() as usize - document.text().as_ptr() as usize;
    let decorators = document.text()[..start].trim_end().rsplit('\n').next().unwrap_or_default().trim_start();
    let is_view = decorators.starts_with('@')
        && [".route(", ".errorhandler(", ".get(", ".post(", ".exception_handler(", "api_view", ".put("]
            .iter()
            .any(|word| decorators.contains(word))
        || function.split('\n').next().unwrap_or_default().contains("(request");
    if answers(&around).is_some() || around.returned && is_view {
        say(found, at, report);
    }
}

/// `str(e)` in an answer.
fn python_exception(found: &Match, report: &mut Report) {
    let text = found.document().text();
    let around = Surroundings::at(text, found.span().start as usize);
    let logged = around.callees.iter().any(|name| name.contains("log"));
    if is_web(text) && answers(&around).is_some() && !logged {
        report
            .finding(RULE, found.span())
            .message("the user is shown the text of whatever went wrong")
            .severity(Severity::Low)
            .confidence(Confidence::Low)
            .class(setting::class(found));
    }
}

/// `e.printStackTrace(response.getWriter())`, or a variable that is given the writer.
fn java_writer(found: &Match, at: Span, report: &mut Report) {
    let writer = found.argument(0).map(|writer| writer.text()).unwrap_or_default();
    let to_user = |text: &str| text.contains("getWriter()") || text.contains("getOutputStream()");
    let plain = !writer.contains(['.', '(', ' ']);
    let opened = plain
        && literal::values_of(found.document().text(), writer)
            .any(|value| to_user(value.split(';').next().unwrap_or_default()));
    if to_user(writer) || opened {
        say(found, at, report);
    }
}

fn java(found: &Match, at: Span, report: &mut Report) {
    let document = found.document();
    let around = Surroundings::at(document.text(), found.span().start as usize);
    let Some(answer) =
        answers(&around).or_else(|| around.callees.iter().copied().find(|name| name.contains("respond")))
    else {
        return;
    };
    let arrays = found.get(CALLEE).is_some_and(|callee| callee.name().ends_with("toString"))
        && !found.text().contains("getStackTrace");
    let web = ["ResponseEntity", "response.", "Response.", "respond", "resp."]
        .iter()
        .any(|word| around.statement.contains(word));
    // `Arrays.toString(e.getStackTrace())` is one flaw.
    let inside_array = around.callees.iter().any(|name| name.ends_with("Arrays.toString"));
    if web && !arrays && !inside_array && !matches!(answer, "System.out.println" | "System.err.println") {
        say(found, at, report);
    }
}

fn php(found: &Match, report: &mut Report) {
    let text = found.text();
    let document = found.document();
    // A command's own output goes to a terminal.
    if document.text().starts_with("#!") || document.text().contains("PHP_SAPI") || text.contains("STDERR") {
        return;
    }
    let line = document.line(found.span().start);
    if ["error_log", "log(", "->error(", "->debug("].iter().any(|word| line.contains(word)) {
        return;
    }
    let database = text.contains("_error(") || text.contains("errorInfo");
    let message = if database {
        "the user is shown the words of the database"
    } else {
        "the user is shown where and how the program failed"
    };
    report.finding(RULE, found.span()).message(message).class(setting::class(found));
}

fn go(found: &Match, at: Span, report: &mut Report) {
    let around = Surroundings::at(found.document().text(), found.span().start as usize);
    let sends = around.callees.iter().any(|name| {
        let last = name.rsplit('.').next().unwrap_or(name);
        let object = name.split('.').next().unwrap_or(name);
        match last {
            "Write" | "WriteString" | "JSON" | "String" | "HTML" | "Data" | "AbortWithStatusJSON" => {
                matches!(object, "w" | "rw" | "writer" | "c" | "ctx" | "resp" | "response")
            }
            "Fprint" | "Fprintf" | "Fprintln" => {
                ["(w,", "(rw,", "(writer,", "(res,"].iter().any(|first| around.statement.contains(first))
            }
            "Error" => object == "http",
            _ => false,
        }
    });
    if sends {
        say(found, at, report);
    }
}

fn csharp(found: &Match, at: Span, report: &mut Report) {
    let Some(callee) = found.get(CALLEE) else { return };
    let writes = callee.name().ends_with(".Write") || callee.name().ends_with(".WriteAsync");
    let to_response = !writes || callee.text().contains("Response");
    if to_response && !callee.text().contains("log") {
        say(found, at, report);
    }
}
