//! Bytes turned into objects by a function that runs what they describe.

use crate::declared::unsafe_deserialization::*;
use crate::imports;
use crate::literal;
use crate::setting;
use crate::surroundings::Surroundings;
use wardline_plugin::prelude::*;

/// Words of expressions that a stranger may have written.
const UNTRUSTED: &[&str] = &[
    "request",
    "req.",
    "body",
    "cookie",
    "payload",
    "recv",
    "socket",
    "upload",
    "b64decode",
    "base64",
    "$_GET",
    "$_POST",
    "$_REQUEST",
    "php://input",
    "getInputStream",
    "stdin",
    "getParameter",
];

/// Judges a call that deserializes.
pub fn check(found: &Match, report: &mut Report) {
    if found.query() == QUERY_DESERIALIZE_CSHARP_TYPES {
        report
            .finding(RULE, found.span())
            .message("the JSON names the classes that are built from it")
            .class(setting::class(found));
        return;
    }
    let Some(callee) = found.get(CALLEE) else { return };
    match found.document().language() {
        "python" => python(found, callee, report),
        "java" | "kotlin" => java(found, callee, report),
        "php" => php(found, callee, report),
        "ruby" => ruby(found, callee, report),
        "csharp" => csharp(found, callee, report),
        _ => javascript(found, callee, report),
    }
}

fn python(found: &Match, callee: Node, report: &mut Report) {
    if !imports::provides(found, callee) {
        return;
    }
    let Some(input) = found.argument(0) else { return };
    let text = input.text();
    if text.contains(".dumps(")
        || literal::is_constant(text, "python") && !callee.name().starts_with("shelve")
    {
        return;
    }
    let name = callee.name();
    let from_file = name.ends_with(".load") || name.ends_with(".open") || name.ends_with(".Unpickler");
    let confidence = if is_untrusted(text) {
        Confidence::High
    } else if from_file || name.starts_with("marshal") {
        Confidence::Low
    } else {
        Confidence::Medium
    };
    report
        .finding(RULE, callee.span())
        .message(format!("`{name}` runs code chosen by whoever wrote the bytes it reads"))
        .confidence(confidence)
        .class(setting::class(found));
}

fn javascript(found: &Match, callee: Node, report: &mut Report) {
    let constant =
        found.argument(0).is_none_or(|input| literal::is_constant(input.text(), found.document().language()));
    if constant {
        return;
    }
    report
        .finding(RULE, callee.span())
        .message(format!("`{}` calls functions that the text it reads defines", callee.name()))
        .confidence(Confidence::High)
        .class(setting::class(found));
}

fn java(found: &Match, callee: Node, report: &mut Report) {
    let text = found.document().text();
    let method = callee.name().rsplit('.').next().unwrap_or_default();
    let (what, confidence) = match method {
        "XMLDecoder" => ("`XMLDecoder` calls the methods that the document names", Confidence::High),
        "fromXML"
            if text.contains("com.thoughtworks.xstream")
                && !has_any(text, &["allowTypes", "addPermission", "denyTypes"]) =>
        {
            ("`XStream.fromXML` builds the classes that the document names", Confidence::Medium)
        }
        // Spring Security's own has a list of the classes that may be built.
        "enableDefaultTyping" if callee.text().contains("SecurityJackson") => return,
        "enableDefaultTyping" => {
            ("default typing lets the JSON name the classes that Jackson builds", Confidence::Medium)
        }
        "readObject" | "readUnshared" if reads_objects(found, text) => {
            ("`ObjectInputStream` builds the classes that the bytes name", Confidence::Medium)
        }
        _ => return,
    };
    report.finding(RULE, callee.span()).message(what).confidence(confidence).class(setting::class(found));
}

/// Whether a `readObject()` is that of an `ObjectInputStream` without a filter,
/// outside of the hooks with which a class reads itself.
fn reads_objects(found: &Match, text: &str) -> bool {
    if !found.arguments().is_empty() || !text.contains("ObjectInputStream") {
        return false;
    }
    if has_any(text, &["ObjectInputFilter", "ValidatingObjectInputStream", "resolveClass(", "XMLDecoder"]) {
        return false;
    }
    let function = Surroundings::at(text, found.span().start as usize).function.unwrap_or_default();
    if matches!(function, "readObject" | "readExternal" | "readResolve") {
        return false;
    }
    found.get(RECEIVER).is_none_or(|receiver| is_object_stream(text, receiver.text()))
}

/// Whether the variable is declared as, or given, an `ObjectInputStream`.
fn is_object_stream(text: &str, receiver: &str) -> bool {
    let name = receiver.rsplit('.').next().unwrap_or(receiver);
    receiver.contains("ObjectInputStream")
        || text.lines().any(|line| {
            line.contains("ObjectInput")
                && line.split(|c: char| !(c.is_alphanumeric() || c == '_')).any(|w| w == name)
        })
}

fn php(found: &Match, callee: Node, report: &mut Report) {
    let Some(input) = found.argument(0).filter(|_| found.get(RECEIVER).is_none()) else { return };
    let text = input.text();
    if literal::is_constant(text, "php") || text.trim_start().starts_with("serialize(") {
        return;
    }
    let allowed = found.named("allowed_classes");
    let finding = match (allowed, found.argument(1)) {
        (Some(allowed), _) if allowed.text().eq_ignore_ascii_case("true") => report
            .finding(RULE, callee.span())
            .fix("build no classes", Applicability::Suggestion, |fix| fix.replace(allowed.span(), "false")),
        (None, None) => {
            report.finding(RULE, callee.span()).fix("build no classes", Applicability::Suggestion, |fix| {
                fix.insert(input.span().end, ", ['allowed_classes' => false]")
            })
        }
        _ => return,
    };
    finding
        .message("`unserialize` builds the classes that its input names")
        .confidence(if is_untrusted(text) { Confidence::High } else { Confidence::Medium })
        .class(setting::class(found));
}

fn ruby(found: &Match, callee: Node, report: &mut Report) {
    let Some(input) = found.argument(0) else { return };
    let text = input.text();
    // A copy by way of `dump` is the program's own.
    if text.contains("Marshal.dump") || literal::is_constant(text, "ruby") {
        return;
    }
    let from_file = text.contains("File.") || text.contains("IO.");
    let confidence =
        match (is_untrusted(text) || text.contains("params") || text.contains("decode64"), from_file) {
            (true, _) => Confidence::High,
            (false, true) => Confidence::Low,
            (false, false) => Confidence::Medium,
        };
    report
        .finding(RULE, callee.span())
        .message(format!("`{}` builds the objects that the bytes name", callee.name()))
        .confidence(confidence)
        .class(setting::class(found));
}

fn csharp(found: &Match, callee: Node, report: &mut Report) {
    const FORMATTERS: &[&str] = &[
        "BinaryFormatter",
        "SoapFormatter",
        "NetDataContractSerializer",
        "LosFormatter",
        "ObjectStateFormatter",
    ];
    let text = found.document().text();
    if callee.name().ends_with("JavaScriptSerializer") {
        if found.text().contains("SimpleTypeResolver") {
            let finding = report
                .finding(RULE, callee.span())
                .message("the JSON names the classes that are built from it");
            finding.class(setting::class(found));
        }
        return;
    }
    let receiver = found.get(RECEIVER).map(|receiver| receiver.text()).unwrap_or_default();
    let name = receiver.rsplit('.').next().unwrap_or(receiver);
    let formatter = FORMATTERS.iter().find(|formatter| {
        receiver.contains(*formatter)
            || !name.is_empty()
                && text.lines().any(|line| {
                    line.contains(&format!("{name} = new {formatter}"))
                        || line.contains(&format!("{formatter} {name}"))
                })
    });
    let bound = text.contains("SerializationBinder") || text.contains(".Binder =");
    if let Some(formatter) = formatter.filter(|_| !bound) {
        report
            .finding(RULE, callee.span())
            .message(format!("`{formatter}` builds the classes that the bytes name"))
            .confidence(Confidence::High)
            .class(setting::class(found));
    }
}

fn is_untrusted(text: &str) -> bool {
    has_any(text, UNTRUSTED)
}

fn has_any(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| text.contains(word))
}
