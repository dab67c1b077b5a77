//! Switches that show a program's inside to its visitors.

use crate::declared::debug_mode::*;
use crate::imports;
use crate::setting;
use wardline_plugin::prelude::*;

/// Libraries whose `run` starts a web server with a debugger.
const FRAMEWORKS: &[&str] = &["flask", "Flask", "bottle", "Dash(", "Quart(", "Sanic(", "connexion"];

/// Judges a switch.
pub fn check(found: &Match, report: &mut Report) {
    match found.query() {
        QUERY_DEBUG_FLASK_RUN => flask_run(found, report),
        QUERY_DEBUG_PYTHON_ASSIGN => python_assign(found, report),
        QUERY_DEBUG_DJANGO => django(found, report),
        QUERY_DEBUG_ENV_PRODUCTION => environment(found, report),
        QUERY_DEBUG_PHP_SET => php_set(found, report),
        QUERY_DEBUG_EXPRESS => express(found, report),
        QUERY_DEBUG_RAILS => {
            if let Some(value) = found.get(VALUE) {
                report
                    .finding(RULE, found.span())
                    .message("every visitor is shown errors with code and values")
                    .class(setting::class(found))
                    .fix("show errors to local requests only", Applicability::Suggestion, |fix| {
                        fix.replace(value.span(), "false")
                    });
            }
        }
        QUERY_DEBUG_SINATRA => {
            let on =
                found.argument(1).map_or(found.text().starts_with("enable"), |value| value.text() == "true");
            if on && !is_conditional(found) {
                say(found, "visitors are shown errors with code and values", report);
            }
        }
        QUERY_DEBUG_ASPNET => {
            if !is_conditional(found) {
                say(found, "every visitor is shown errors with code and values", report);
            }
        }
        QUERY_DEBUG_ASPNET_CONFIG => {
            let before = found.document().text().get(..found.span().start as usize).unwrap_or_default();
            let commented = before.rfind("<!--").is_some_and(|open| !before[open..].contains("-->"));
            let is_release = found.document().file_name().to_ascii_lowercase().starts_with("web.r")
                || found.text().to_ascii_lowercase().contains("customerrors");
            if !commented && is_release {
                say(found, "visitors are shown errors with code and values", report);
            }
        }
        QUERY_DEBUG_CLOJURE => {
            let line = found.document().line(found.span().start);
            if !is_conditional(found)
                && !["(if ", "(when ", "dev", "cond->"].iter().any(|word| line.contains(word))
            {
                say(found, "visitors are shown errors with code and values", report);
            }
        }
        QUERY_DEBUG_SPRING_SECURITY => {
            if found.text().replace(' ', "").contains("debug=true") {
                say(found, "Spring Security logs every request with its headers", report);
            }
        }
        QUERY_DEBUG_GIN => say(found, "Gin runs in debug mode whatever the environment says", report),
        QUERY_DEBUG_LARAVEL => {
            say(found, "debug pages are shown unless the environment switches them off", report)
        }
        QUERY_DEBUG_PHP_INI => say(found, "errors with paths and values are shown to visitors", report),
        _ => say(found, "a production configuration shows details of errors to visitors", report),
    }
}

/// Whether one of the lines above asks for development first.
fn is_conditional(found: &Match) -> bool {
    const WORDS: &[&str] =
        &["isdevelopment", "development", "env", "debug", "isdev", "islocal", "dev?", ":dev"];
    let before = found.document().text().get(..found.span().start as usize).unwrap_or_default();
    before.lines().rev().take(6).any(|line| {
        let line = line.to_ascii_lowercase();
        (line.contains("if")
            || line.contains("configure")
            || line.contains("when")
            || line.contains("case")
            || line.contains("cond"))
            && WORDS.iter().any(|word| line.contains(word))
    })
}

fn say(found: &Match, message: &str, report: &mut Report) {
    report
        .finding(RULE, found.span())
        .message(message)
        .severity(Severity::Medium)
        .class(setting::class(found));
}

fn flask_run(found: &Match, report: &mut Report) {
    let Some(callee) = found.get(CALLEE) else { return };
    let name = callee.name();
    let text = found.document().text();
    let (switch, message) = if name.starts_with("werkzeug.") {
        let switch = found.named("use_debugger").or_else(|| found.named("evalex"));
        (switch, "Werkzeug's debugger runs the code that a visitor types")
    } else {
        let object = name.rsplit('.').nth(1).unwrap_or_default();
        let foreign =
            matches!(object, "asyncio" | "subprocess" | "uvicorn" | "loop" | "runner" | "trio" | "anyio");
        // What listens somewhere is a server, wherever it was made.
        let listens = found.named("host").is_some() || found.named("port").is_some();
        if foreign || !listens && !FRAMEWORKS.iter().any(|framework| text.contains(framework)) {
            return;
        }
        (found.named("debug"), "the debugger runs the code that a visitor types")
    };
    let Some(switch) = switch.filter(|switch| switch.text() == "True") else { return };
    report.finding(RULE, callee.span()).message(message).class(setting::class(found)).fix(
        "switch the debugger off",
        Applicability::Suggestion,
        |fix| fix.replace(switch.span(), "False"),
    );
}

fn python_assign(found: &Match, report: &mut Report) {
    let (Some(target), Some(value)) = (found.get(TARGET), found.get(VALUE)) else { return };
    let text = found.document().text();
    let target = target.text();
    let is_application = ["app.debug", "application.debug", "config[\"DEBUG\"]", "config['DEBUG']"]
        .iter()
        .any(|end| target.ends_with(end));
    if is_application && FRAMEWORKS.iter().any(|framework| text.contains(framework)) {
        switched_on(found, value, report);
    }
}

fn switched_on(found: &Match, value: Node, report: &mut Report) {
    report
        .finding(RULE, found.span())
        .message("debug pages show code and settings to anyone who causes an error")
        .class(setting::class(found))
        .fix("switch it off", Applicability::Suggestion, |fix| fix.replace(value.span(), "False"));
}

fn django(found: &Match, report: &mut Report) {
    let (Some(target), Some(value)) = (found.get(TARGET), found.get(VALUE)) else { return };
    let document = found.document();
    // Under a condition it is somebody's considered choice.
    if target.text() != "DEBUG" || document.line(found.span().start).starts_with([' ', '\t']) {
        return;
    }
    if value.text() == "True" {
        switched_on(found, value, report);
    } else {
        say(found, "debug pages are shown unless the environment switches them off", report);
    }
}

fn environment(found: &Match, report: &mut Report) {
    let document = found.document();
    let is_plain = document.file_name() == ".env";
    let says_production = ["APP_ENV=prod", "APP_ENV=\"prod", "FLASK_ENV=prod", "NODE_ENV=prod"]
        .iter()
        .any(|line| document.text().contains(line));
    if !is_plain || says_production {
        say(found, "a production environment shows details of errors to visitors", report);
    }
}

fn php_set(found: &Match, report: &mut Report) {
    let (Some(option), Some(value)) = (found.argument(0), found.argument(1)) else { return };
    let shown = value.text().trim_matches(['"', '\'']).to_ascii_lowercase();
    if !matches!(shown.as_str(), "1" | "on" | "true" | "stdout") || !option.text().contains("display") {
        return;
    }
    let before = &found.document().text()[..found.span().start as usize];
    let above: Vec<&str> = before.lines().rev().take(4).collect();
    let conditional = above.iter().any(|line| {
        let line = line.to_ascii_lowercase();
        line.contains("if")
            && ["debug", "dev", "env", "local", "cli", "test"].iter().any(|word| line.contains(word))
    });
    if conditional {
        return;
    }
    report
        .finding(RULE, found.span())
        .message("errors with paths and values are shown to visitors")
        .severity(Severity::Low)
        .class(setting::class(found))
        .fix("hide errors from visitors", Applicability::Suggestion, |fix| fix.replace(value.span(), "'0'"));
}

fn express(found: &Match, report: &mut Report) {
    let text = found.document().text();
    let is_library = found.get(CALLEE).is_some_and(|callee| imports::provides(found, callee));
    if is_library
        && !text.contains("NODE_ENV")
        && !text.contains("get('env')")
        && !text.contains("get(\"env\")")
    {
        say(found, "`errorhandler` shows stack traces and is meant for development only", report);
    }
}
