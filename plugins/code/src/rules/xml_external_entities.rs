//! XML parsers that fetch what a document refers to.

use crate::declared::xml_external_entities::*;
use crate::imports;
use crate::literal;
use crate::setting;
use wardline_plugin::prelude::*;

/// What a Java program says to keep entities out, anywhere in a file.
const JAVA_GUARDS: &[&str] = &[
    "disallow-doctype-decl",
    "external-general-entities",
    "external-parameter-entities",
    "ACCESS_EXTERNAL_DTD",
    "FEATURE_SECURE_PROCESSING",
    "SUPPORT_DTD",
    "IS_SUPPORTING_EXTERNAL_ENTITIES",
    "isSupportingExternalEntities",
    "load-external-dtd",
    "setExpandEntityReferences(false)",
    "setEntityResolver",
    "setXMLResolver",
    "XMLConstants.ACCESS",
    "supportDTD",
    "expandEntityReferences = false",
    "resolveEntity(",
    "setFeature(",
];

/// Calls with which a factory's product reads a document.
const JAVA_READS: &[&str] = &[
    ".parse(",
    ".read(",
    ".build(",
    "createXMLStreamReader(",
    "createXMLEventReader(",
    "createFilteredReader(",
];

/// Judges a parser, or a setting of one.
pub fn check(found: &Match, report: &mut Report) {
    match found.query() {
        QUERY_XML_PYTHON_PARSER => python_parser(found, report),
        QUERY_XML_PYTHON_FEATURE => {
            if found.argument(1).is_some_and(|on| matches!(on.text(), "True" | "1")) {
                say(found, found.span(), "this switches external entities on", Confidence::High, report);
            }
        }
        QUERY_XML_JAVASCRIPT => javascript(found, report),
        QUERY_XML_JAVA => java(found, report),
        QUERY_XML_RUBY => ruby(found, report),
        QUERY_XML_CSHARP_PROCESSING => {
            // Without a resolver, .NET reads no file and asks no server.
            let text = found.document().text();
            let resolves = text.contains("XmlUrlResolver");
            if resolves && !text.contains("XmlResolver = null") {
                say(
                    found,
                    found.span(),
                    "document types are read, and a resolver fetches what they name",
                    Confidence::High,
                    report,
                );
            }
        }
        QUERY_XML_CSHARP_RESOLVER => {
            let text = found.document().text();
            if !text.contains("DtdProcessing.Prohibit") && !text.contains("DtdProcessing.Parse") {
                say(
                    found,
                    found.span(),
                    "this resolver fetches what a document names",
                    Confidence::Medium,
                    report,
                );
            }
        }
        QUERY_XML_CLOJURE => clojure(found, report),
        _ => say(found, found.span(), "external entities are fetched and inserted", Confidence::High, report),
    }
}

fn say(found: &Match, at: Span, message: &str, confidence: Confidence, report: &mut Report) {
    report.finding(RULE, at).message(message).confidence(confidence).class(setting::class(found));
}

fn python_parser(found: &Match, report: &mut Report) {
    let Some(callee) = found.get(CALLEE).filter(|callee| imports::provides(found, *callee)) else { return };
    let is = |name: &str, value: &str| found.named(name).filter(|given| given.text() == value);
    let message = "external entities are fetched and inserted";
    if let Some(on) = is("resolve_entities", "True") {
        report
            .finding(RULE, callee.span())
            .message(message)
            .confidence(if is("no_network", "False").is_some() {
                Confidence::High
            } else {
                Confidence::Medium
            })
            .class(setting::class(found))
            .fix("leave entities alone", Applicability::Suggestion, |fix| fix.replace(on.span(), "False"));
    } else if is("no_network", "False").is_some() && is("resolve_entities", "False").is_none() {
        let loads = is("load_dtd", "True").is_some() || is("dtd_validation", "True").is_some();
        let confidence = if loads { Confidence::High } else { Confidence::Medium };
        say(found, callee.span(), message, confidence, report);
    }
}

fn javascript(found: &Match, report: &mut Report) {
    let Some(callee) = found.get(CALLEE) else { return };
    let Some(on) = found.named("noent").filter(|on| on.text() == "true") else { return };
    report
        .finding(RULE, callee.span())
        .message("external entities are fetched and inserted")
        .confidence(Confidence::High)
        .class(setting::class(found))
        .fix("leave entities alone", Applicability::Suggestion, |fix| fix.replace(on.span(), "false"));
}

fn java(found: &Match, report: &mut Report) {
    let Some(callee) = found.get(CALLEE) else { return };
    let text = literal::without_comments(found.document().text(), "java");
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    if has(JAVA_GUARDS) || !has(JAVA_READS) {
        return;
    }
    // What the program wrote itself a moment ago holds no entities.
    let own = has(&["StringWriter", ".toXML("]);
    let confidence = if own { Confidence::Low } else { Confidence::Medium };
    let name = callee.name();
    let class = name.rsplit('.').find(|part| part.starts_with(char::is_uppercase)).unwrap_or(name);
    say(
        found,
        callee.span(),
        &format!("`{class}` follows external entities unless it is told not to"),
        confidence,
        report,
    );
}

fn ruby(found: &Match, report: &mut Report) {
    let Some(callee) = found.get(CALLEE) else { return };
    let text = found.document().text();
    if !text.contains("Nokogiri") {
        return;
    }
    let named = callee.name().rsplit('.').next().is_some_and(|last| matches!(last, "noent" | "dtdload"));
    let asks = named && callee.text().contains("config") || {
        let options = found.arguments();
        !named && options.iter().any(|argument| argument.value.text().contains("NOENT"))
    };
    // `config.noent.dtdload` is one flaw.
    let inner = found.get(RECEIVER).is_some_and(|receiver| receiver.text().contains("noent"));
    if asks && !inner {
        say(found, callee.span(), "external entities are fetched and inserted", Confidence::High, report);
    }
}

fn clojure(found: &Match, report: &mut Report) {
    let Some(callee) = found.get(CALLEE) else { return };
    let text = found.document().text();
    let own = callee.name().starts_with("clojure.xml")
        && !text.contains("disallow-doctype-decl")
        && found.argument(1).is_none();
    let asked = found.text().contains(":support-dtd true");
    if own || asked {
        say(found, callee.span(), "this parser follows external entities", Confidence::Medium, report);
    }
}
