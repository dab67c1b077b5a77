//! Runtimes that are no longer maintained on the day of the run, where a file
//! says which one is used: version files, `engines`, pipelines, functions.

use crate::declared::end_of_life_runtime::*;
use crate::lifecycle::{self, Release};
use crate::origin;
use wardline_plugin::prelude::*;

/// Judges one version.
pub fn check(found: &Match, report: &mut Report) {
    let document = found.document();
    let Some(today) = wardline_plugin::today() else { return };
    let today: &str = today.as_ref();
    let Some(version) = found.get(VERSION) else { return };
    let query = found.query();
    let in_matrix = query == QUERY_PIPELINE && is_in_matrix(document, found.span().start);
    if in_matrix || is_commented(document, version.span()) {
        return;
    }
    let named = found.get(TOOL).map_or("", |tool| tool.text());
    let text = version.text();
    let (product, release) = match query {
        QUERY_LAMBDA => ("lambda", lifecycle::release_named("lambda", text)),
        QUERY_LAMBDA_CDK => {
            ("lambda", cdk(named, text).and_then(|name| lifecycle::release_named("lambda", &name)))
        }
        QUERY_ENGINES => ("node", highest("node", text, today)),
        QUERY_VERSION_FILE => {
            let Some(product) = of_file(document.file_name()) else { return };
            (product, lifecycle::release(product, text))
        }
        _ => {
            let product = product(named);
            (product, lifecycle::release(product, text.trim_end_matches(".x")))
        }
    };
    let Some(release) = release.filter(|release| release.is_over(today)) else { return };
    // A pipeline may only use it for a check.
    let severity = if query == QUERY_PIPELINE { Severity::Low } else { Severity::Medium };
    report
        .finding(RULE, version.span())
        .message(message(product, &release, today))
        .severity(severity)
        .class(origin::class(document))
        .subject(format!("{product} {}", release.version));
}

fn message(product: &str, release: &Release, today: &str) -> String {
    let end = release.end.unwrap_or_default();
    let mut newer = lifecycle::maintained(product, today);
    if product == "lambda" {
        // Others of the same language.
        let language =
            |name: &str| name.trim_end_matches(|c: char| !c.is_ascii_alphabetic() || c == 'x').to_owned();
        let own: String = release.version.chars().take_while(char::is_ascii_alphabetic).collect();
        newer.retain(|name| language(name).starts_with(&own) || name.starts_with(&own));
        newer.truncate(3);
        let newer = if newer.is_empty() { "provided.al2023".to_owned() } else { newer.join(", ") };
        return format!(
            "AWS Lambda stopped mending the runtime `{}` on {end} (maintained: {newer})",
            release.version
        );
    }
    newer.truncate(3);
    format!(
        "the maintenance of {} {} ended on {end} (maintained: {})",
        release.product,
        release.version,
        newer.join(", ")
    )
}

/// The product of a version file.
fn of_file(name: &str) -> Option<&'static str> {
    Some(match name {
        ".nvmrc" | ".node-version" => "node",
        ".python-version" | "runtime.txt" => "python",
        ".ruby-version" => "ruby",
        ".go-version" => "go",
        ".php-version" => "php",
        _ => return None,
    })
}

/// The product of a tool's name, as version managers and pipelines call it.
fn product(tool: &str) -> &'static str {
    match tool.split('-').next().unwrap_or_default() {
        "node" | "nodejs" => "node",
        "python" | "python_version" => "python",
        "ruby" => "ruby",
        "go" | "golang" => "go",
        "php" => "php",
        "erlang" | "otp" => "erlang",
        "elixir" => "elixir",
        "dotnet" | "net" | "netcoreapp" => "dotnet",
        _ => "",
    }
}

/// `NODEJS_14_X` is `nodejs14.x`, `PYTHON_3_7` is `python3.7`.
fn cdk(language: &str, version: &str) -> Option<String> {
    let version = version.to_ascii_lowercase();
    Some(match language {
        "NODEJS" => format!("nodejs{}", version.replace('_', ".")),
        "PYTHON" => format!("python{}", version.replace('_', ".")),
        "RUBY" => format!("ruby{}", version.replace('_', ".")),
        "JAVA" => format!("java{}", version.replace('_', ".")),
        "GO" if version == "1_x" => "go1.x".to_owned(),
        "DOTNET" => format!("dotnet{}", version.replace('_', ".")),
        "DOTNET_CORE" => format!("dotnetcore{}", version.replace('_', ".")),
        _ => return None,
    })
}

/// The highest release that a range of npm allows; nothing where one that is
/// maintained is among them, or where the range is open.
fn highest(product: &str, range: &str, today: &str) -> Option<Release> {
    let mut highest: Option<(u32, Release)> = None;
    for alternative in range.split("||") {
        let (low, high) = majors(alternative.trim())?;
        for major in low.max(high.saturating_sub(50))..=high {
            let Some(release) = lifecycle::release(product, &major.to_string()) else { continue };
            if !release.is_over(today) {
                return None;
            }
            if highest.is_none_or(|(known, _)| known < major) {
                highest = Some((major, release));
            }
        }
    }
    highest.map(|(_, release)| release)
}

/// The lowest and highest major version of a range without `||`; nothing where
/// it has no upper end.
fn majors(range: &str) -> Option<(u32, u32)> {
    let number = |text: &str| {
        let text = text.trim_start_matches(['v', '=', ' ', '^', '~', '>']);
        text[..text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len())].parse::<u32>().ok()
    };
    if let Some((start, end)) = range.split_once(" - ") {
        return Some((number(start)?, number(end)?));
    }
    if let Some(at) = range.find('<') {
        let low = number(range[..at].trim()).unwrap_or(0);
        let bound = range[at + 1..].trim();
        if let Some(bound) = bound.strip_prefix('=') {
            return Some((low, number(bound.trim())?));
        }
        // `<15` and `<15.0.0` leave 14, `<14.5` leaves 14.
        let rest = bound.trim_start_matches(|c: char| c.is_ascii_digit());
        let is_whole = rest.trim_matches(['.', '0', 'x', '*', '-']).is_empty();
        let high = number(bound).map(|major| if is_whole { major.saturating_sub(1) } else { major })?;
        return Some((low, high));
    }
    if range.starts_with('>') || range.contains('*') || range.is_empty() {
        return None;
    }
    number(range).map(|major| (major, major))
}

/// Whether a line is part of a matrix: the versions that a library is tested
/// with are meant to be many.
fn is_in_matrix(document: &Document, offset: u32) -> bool {
    let before = &document.text()[..(offset as usize).min(document.text().len())];
    let indent = |line: &str| line.len() - line.trim_start().len();
    let own = document.line(offset);
    let mut least = indent(own);
    for line in before.lines().rev().skip(usize::from(!before.ends_with('\n'))) {
        if line.trim().is_empty() || indent(line) >= least {
            continue;
        }
        least = indent(line);
        let key = line.trim().trim_start_matches("- ").trim_end_matches(':');
        if matches!(key, "matrix" | "include" | "exclude" | "strategy") {
            return true;
        }
        if least == 0 {
            return false;
        }
    }
    false
}

fn is_commented(document: &Document, span: Span) -> bool {
    let line = document.line(span.start).trim_start();
    line.starts_with('#') || line.starts_with("//") || line.starts_with('*')
}

#[cfg(test)]
mod tests {
    use super::majors;

    #[test]
    fn ranges_have_an_upper_end_or_none() {
        for (range, found) in [
            ("14", Some((14, 14))),
            ("14.x", Some((14, 14))),
            ("^12.0.0", Some((12, 12))),
            ("~v10.1", Some((10, 10))),
            (">=10 <15", Some((10, 14))),
            (">=10 <=14", Some((10, 14))),
            (">=10.0.0 <14.5.0", Some((10, 14))),
            ("12 - 14", Some((12, 14))),
            (">=10", None),
            ("*", None),
            ("", None),
        ] {
            assert_eq!(majors(range), found, "{range}");
        }
    }
}
