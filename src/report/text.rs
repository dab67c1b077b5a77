//! The report for people, drawn by miette's graphical reporter.

use super::page;
use super::preview;
use super::sanitise::{Clean, excerpt, line, without_commands};
use super::snippet::{Snippet, TAB_WIDTH, fitted};
use super::summary::{Summary, count};
use anstyle::{AnsiColor, Style};
use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode, ThemeCharacters, ThemeStyles,
};
use std::fmt::{self, Display, Write};
use wardline_engine::finding::{
    Applicability, Class, Excerpt, Finding, Fix, Place, Severity, Status, StepRole, Trace, Unknown,
};
use wardline_engine::notice::Notice;

/// Lines of a fix that are shown at most.
const MOST_FIX_LINES: usize = 12;
/// Columns that a snippet is drawn with at least, on whatever terminal.
const LEAST_WIDTH: usize = 40;

/// Columns that miette needs beside a label, line numbers included.
const MARGIN: usize = 16;

const PATH: Style = Style::new().bold().underline();
const STRONG: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();
const HELP: Style = AnsiColor::Cyan.on_default();
const REMOVED: Style = AnsiColor::Red.on_default();
const ADDED: Style = AnsiColor::Green.on_default();

/// Renders the findings by file, then what else there is to say, then the
/// summary.
pub(super) fn render(clean: &Clean<'_>) -> String {
    let mut page = Page::new(clean);
    page.findings();
    if clean.options.show.unknown {
        page.unknowns();
    }
    page.notices();
    let summary = Summary::of(&clean.report);
    let style = match (summary.incomplete || summary.blocking > 0, summary.findings) {
        (true, _) => STRONG.fg_color(Some(AnsiColor::Red.into())),
        (false, 0) => STRONG.fg_color(Some(AnsiColor::Green.into())),
        (false, _) => STRONG,
    };
    page.wrapped("", style, &summary.sentence(clean.options.fix_hint));
    tidied(&page.text)
}

/// The text so far and how to go on.
struct Page<'a> {
    clean: &'a Clean<'a>,
    handler: GraphicalReportHandler,
    width: usize,
    text: String,
}

impl<'a> Page<'a> {
    fn new(clean: &'a Clean<'a>) -> Self {
        let width = clean.options.width.max(LEAST_WIDTH);
        let theme = GraphicalTheme {
            characters: if clean.options.ascii {
                ThemeCharacters::ascii()
            } else {
                ThemeCharacters::unicode()
            },
            styles: if clean.options.color { ThemeStyles::ansi() } else { ThemeStyles::none() },
        };
        let handler = GraphicalReportHandler::new_themed(theme)
            .with_width(width)
            .with_urls(clean.options.links)
            .with_link_display_text("(page)")
            .without_syntax_highlighting()
            .tab_width(TAB_WIDTH);
        Self { clean, handler, width, text: String::new() }
    }

    fn findings(&mut self) {
        let clean = self.clean;
        let shown: Vec<_> = clean
            .report
            .findings
            .iter()
            .zip(&clean.raw.findings)
            .filter(|(finding, _)| finding.status == Status::Open || clean.options.show.suppressed)
            .collect();
        for group in shown.chunk_by(|(left, _), (right, _)| left.place.path == right.place.path) {
            let path = &group[0].0.place.path;
            let number = count(group.len(), "finding");
            let title = format!("{} {}", self.styled(PATH, path), self.styled(FAINT, &format!("({number})")));
            let _ = writeln!(self.text, "{title}\n");
            for (finding, raw) in group {
                self.finding(finding, raw);
            }
        }
    }

    fn finding(&mut self, finding: &Finding, raw: &Finding) {
        let rule = self.clean.rules.get(&finding.rule);
        let snippet = finding.excerpt.as_ref().filter(|excerpt| !excerpt.text.is_empty());
        let drawn = snippet.map(|excerpt| self.snippet(&finding.place, excerpt));
        let problem = Problem {
            code: format!("{}[{}]{}", finding.severity, finding.rule, standing(finding)),
            message: finding.message.clone(),
            severity: weight(finding),
            help: rule.and_then(|rule| page::what_to_do(rule.page.as_deref()?)),
            url: rule.and_then(|rule| rule.help_uri.clone()),
            label: rule.map(|rule| rule.rule.title.clone()).filter(|title| {
                // miette does not wrap labels. One that does not fit only
                // repeats what the message says.
                let before = drawn.as_ref().map_or(0, Snippet::columns_before_label);
                before + MARGIN + title.chars().count() <= self.width
            }),
            snippet: drawn,
        };
        self.draw(&problem);
        if snippet.is_none() {
            self.item("at", HELP, &at(&finding.place));
        }
        if let Status::Suppressed { reason, by } = &finding.status {
            self.item("suppressed", HELP, &format!("{reason} ({by})"));
        }
        for related in &finding.related {
            self.item("related", HELP, &format!("{} {}", at(&related.place), line(&related.message)));
        }
        for trace in &finding.traces {
            self.trace(trace);
        }
        self.fixes(finding, raw);
        if let (Some(url), false) = (&problem.url, self.clean.options.links) {
            // An address is of use only whole, so it is never wrapped.
            let _ = writeln!(self.text, "  {}{url}", self.styled(HELP, "see: "));
        }
        self.text.push('\n');
    }

    /// The excerpt within what miette leaves of the width: the line number,
    /// the rule beside it and the arms of labels over several lines.
    fn snippet(&self, place: &Place, excerpt: &Excerpt) -> Snippet {
        let last_line = excerpt.first_line as usize + excerpt.text.matches('\n').count();
        let margin = last_line.to_string().len() + 9;
        Snippet::new(place, excerpt, self.width.saturating_sub(margin))
    }

    fn trace(&mut self, trace: &Trace) {
        self.item("trace", HELP, &line(&trace.message));
        for (index, step) in trace.steps.iter().enumerate() {
            let role = match step.role {
                StepRole::Source => "source",
                StepRole::Via => "via",
                StepRole::Sanitizer => "sanitizer",
                StepRole::Sink => "sink",
            };
            let number = format!("{:>5}. ", index + 1);
            let Place { path, start, .. } = &step.place;
            self.wrapped(
                &number,
                Style::new(),
                &format!("{role} {path}:{} {}", start.line, line(&step.message)),
            );
        }
    }

    /// Shows what the best fix would change, and names the others.
    fn fixes(&mut self, finding: &Finding, raw: &Finding) {
        let Some((best, others)) = finding.fixes.split_first() else {
            return;
        };
        self.item("fix", ADDED, &self.offer(best));
        let lines = preview::lines(raw, &raw.fixes[0]);
        let digits = lines.iter().map(|line| line.number).max().unwrap_or_default().to_string().len();
        for changed in lines.iter().take(MOST_FIX_LINES) {
            let raw = Excerpt { first_line: 1, text: changed.text.clone(), highlight: 0..0 };
            let text = excerpt(&raw).text.replace('\t', "    ");
            let style = if changed.sign == '-' { REMOVED } else { ADDED };
            let text = fitted(&text, self.width.saturating_sub(digits + 9));
            let body = self.styled(style, &format!("{} {text}", changed.sign));
            let _ = writeln!(self.text, "     {:>digits$} {body}", changed.number);
        }
        if lines.len() > MOST_FIX_LINES {
            let _ = writeln!(self.text, "     {} more", count(lines.len() - MOST_FIX_LINES, "line"));
        }
        for other in others {
            self.item("or", ADDED, &self.offer(other));
        }
    }

    fn offer(&self, fix: &Fix) -> String {
        let how = match fix.applicability {
            Applicability::Template => "by hand: it has holes to fill",
            _ if !self.clean.options.fix_hint => return fix.title.clone(),
            Applicability::Safe => "--fix",
            Applicability::Suggestion => "--fix --unsafe-fixes",
        };
        format!("{} ({how})", fix.title)
    }

    fn unknowns(&mut self) {
        for Unknown { rule, place, reason } in &self.clean.report.unknowns {
            let title = self.styled(STRONG, &format!("unknown[{rule}]"));
            let _ = writeln!(self.text, "{title} {}", at(place));
            self.wrapped("  ", Style::new(), reason);
            self.text.push('\n');
        }
    }

    fn notices(&mut self) {
        for Notice { code, path, plugin, message, help, incomplete } in &self.clean.report.notices {
            let kind = if *incomplete { "incomplete" } else { "note" };
            let mut title = format!("{kind}[{code}]");
            for about in [path, plugin].into_iter().flatten() {
                title.push(' ');
                title.push_str(about);
            }
            self.draw(&Problem {
                code: title,
                message: message.clone(),
                severity: if *incomplete { miette::Severity::Error } else { miette::Severity::Advice },
                help: help.clone(),
                url: None,
                label: None,
                snippet: None,
            });
            self.text.push('\n');
        }
    }

    fn draw(&mut self, problem: &Problem) {
        self.handler.render_report(&mut self.text, problem).expect("writing to a string cannot fail");
    }

    /// A line such as `related: src/app.py:3:1 the import`.
    fn item(&mut self, name: &str, style: Style, text: &str) {
        let name = format!("{name}: ");
        let start = self.text.len();
        self.wrapped(&format!("  {name}"), Style::new(), text);
        let styled = format!("  {}", self.styled(style, &name));
        self.text.replace_range(start..start + 2 + name.len(), &styled);
    }

    /// Text after `first`, wrapped to the width and indented alike.
    fn wrapped(&mut self, first: &str, style: Style, text: &str) {
        let rest = " ".repeat(first.len());
        let options = textwrap::Options::new(self.width).initial_indent(first).subsequent_indent(&rest);
        for line in textwrap::wrap(text, options) {
            let line = self.styled(style, &line);
            let _ = writeln!(self.text, "{line}");
        }
    }

    fn styled(&self, style: Style, text: &str) -> String {
        match self.clean.options.color {
            true => format!("{style}{text}{style:#}"),
            false => text.to_owned(),
        }
    }
}

/// A finding or a notice as miette sees it.
#[derive(Debug)]
struct Problem {
    code: String,
    message: String,
    severity: miette::Severity,
    help: Option<String>,
    url: Option<String>,
    label: Option<String>,
    snippet: Option<Snippet>,
}

impl Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Problem {}

impl Diagnostic for Problem {
    fn code<'a>(&'a self) -> Option<Box<dyn Display + 'a>> {
        Some(Box::new(&self.code))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(self.severity)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn Display>)
    }

    fn url<'a>(&'a self) -> Option<Box<dyn Display + 'a>> {
        self.url.as_ref().map(|url| Box::new(url) as Box<dyn Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.snippet.as_ref().map(|snippet| snippet as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let snippet = self.snippet.as_ref()?;
        let span = snippet.highlight.clone();
        Some(Box::new(std::iter::once(LabeledSpan::new_primary_with_span(self.label.clone(), span))))
    }
}

/// How loud a finding is drawn. What does not count is not loud.
fn weight(finding: &Finding) -> miette::Severity {
    match finding.severity {
        _ if finding.status != Status::Open || finding.class != Class::Real => miette::Severity::Advice,
        Severity::Critical | Severity::High => miette::Severity::Error,
        Severity::Medium => miette::Severity::Warning,
        Severity::Low | Severity::Info => miette::Severity::Advice,
    }
}

/// What the header says besides severity and rule.
fn standing(finding: &Finding) -> String {
    let mut standing = match finding.class {
        Class::Real => String::new(),
        class => format!(" {class}"),
    };
    match &finding.status {
        Status::Open => (),
        Status::Suppressed { .. } => standing.push_str(" suppressed"),
        Status::Baselined => standing.push_str(" in the baseline"),
        Status::Known => standing.push_str(" known"),
    }
    standing
}

fn at(place: &Place) -> String {
    format!("{}:{}:{}", place.path, place.start.line, place.start.column)
}

/// Takes blanks from line ends, and commands for CI systems from line starts.
fn tidied(text: &str) -> String {
    let mut tidy = String::with_capacity(text.len());
    for line in text.lines() {
        tidy.push_str(line.trim_end());
        tidy.push('\n');
    }
    without_commands(&tidy)
}
