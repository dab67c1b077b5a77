//! The binary: arguments, commands, reports. The only code that prints and
//! exits.

mod arguments;
mod commands;
mod example;
mod fix;
mod interrupt;
mod output;
mod plugins;
mod replace;
mod report;
mod revision;
mod session;
mod worker;

use arguments::{Arguments, ColorChoice, Command};
use clap::{CommandFactory as _, Parser as _};
use miette::{GraphicalReportHandler, GraphicalTheme};
use std::io::Write as _;
use std::process::ExitCode;

/// How a command ends.
pub(crate) enum Exit {
    /// Nothing blocking.
    Clean = 0,
    /// Blocking findings.
    Blocking = 1,
    /// Usage or configuration.
    Usage = 2,
    /// Nothing blocking, but part of the input was not checked.
    Incomplete = 3,
    /// Wardline failed.
    Internal = 4,
}

/// Trouble that ends a command: what to say, and how to end.
pub(crate) struct Failure {
    /// What went wrong, where, and what to do about it.
    pub(crate) report: miette::Report,
    /// How to end.
    pub(crate) exit: Exit,
}

impl<E: Into<miette::Report>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self { report: error.into(), exit: Exit::Usage }
    }
}

impl Failure {
    /// Trouble that is not the user's.
    pub(crate) fn internal(error: impl Into<miette::Report>) -> Self {
        Self { report: error.into(), exit: Exit::Internal }
    }
}

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return misunderstood(&error),
    };
    // A panic's message may quote a document; where it happened does not.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let _ = writeln!(std::io::stderr().lock(), "wardline: internal error at {place}");
    }));
    let work = |care: &worker::Care| {
        // Without the handlers there is only no tidying up on an interrupt.
        let _ = interrupt::watch();
        let exit = match run(&arguments, care) {
            Ok(exit) => exit,
            Err(failure) => {
                complain(&failure.report);
                failure.exit
            }
        };
        exit as u8
    };
    let checks = matches!(arguments.command, Command::Check(_) | Command::Baseline(_));
    ExitCode::from(if checks { worker::supervise(work) } else { work(&worker::Care::default()) })
}

/// Shows help, or what is wrong with the arguments: a script may have taken
/// them from anywhere.
fn misunderstood(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        // Whoever closes the output early, as `head` does, has seen enough.
        let _ = error.print();
        return ExitCode::from(Exit::Clean as u8);
    }
    let _ = std::io::stderr().lock().write_all(report::harmless(&error.render().to_string()).as_bytes());
    ExitCode::from(Exit::Usage as u8)
}

fn run(arguments: &Arguments, care: &worker::Care) -> Result<Exit, Failure> {
    let color = arguments.color;
    match &arguments.command {
        Command::Check(options) => commands::check::run(options, color, care),
        Command::Init(options) => {
            let options = commands::init::Options {
                root: options.folder.clone(),
                pre_commit: options.pre_commit,
                ci: options.ci,
            };
            print(&commands::init::run(&options, &revision::Trusted::from_environment())?)
        }
        Command::Rules(options) => print(&commands::rules::list(options)?),
        Command::Explain(options) => print(&commands::rules::explain(options)?),
        Command::Why(options) => print(&commands::why::run(options)?),
        Command::Config(options) => print(&commands::config::run(&options.action)?),
        Command::Baseline(options) => print(&commands::baseline::run(&options.action)?),
        Command::Plugin { command } => commands::plugin::run(command),
        Command::Doctor => print(&commands::doctor::here()?),
        Command::Completions { shell } => print(&commands::completions::script(Arguments::command(), *shell)),
        Command::Man { command } => match commands::man::page(Arguments::command(), command) {
            Some(page) => print(&page),
            None => Err(miette::miette!("there is no command `{}`", command.join(" ")).into()),
        },
    }
}

/// Writes a command's text to standard output.
pub(crate) fn print(text: &str) -> Result<Exit, Failure> {
    output::write(&output::Target::Stdout, text.as_bytes()).map_err(Failure::internal)?;
    Ok(Exit::Clean)
}

/// Whether to colour what goes to a stream.
pub(crate) fn use_color(choice: ColorChoice, is_terminal: bool) -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto if set("NO_COLOR") => false,
        ColorChoice::Auto if set("CLICOLOR_FORCE") || set("FORCE_COLOR") => true,
        ColorChoice::Auto => is_terminal && std::env::var_os("TERM").is_none_or(|term| term != "dumb"),
    }
}

/// Shows what ended a command, on standard error.
fn complain(report: &miette::Report) {
    // Without colour: the text quotes files, and is made harmless as a whole.
    let theme = GraphicalTheme::unicode_nocolor();
    let handler = GraphicalReportHandler::new_themed(theme).with_links(false).with_width(columns());
    let mut text = String::new();
    if handler.render_report(&mut text, report.as_ref()).is_err() {
        text = format!("{report}\n");
    }
    // A configuration may hold a plugin's credentials.
    if report.code().is_some_and(|code| code.to_string().starts_with("config::")) {
        text = report::without_credentials(&text);
    }
    // A closed standard error is no reason to end differently.
    let _ = std::io::stderr().lock().write_all(report::harmless(&text).as_bytes());
}

/// Columns of the terminal, or 80.
pub(crate) fn columns() -> usize {
    let from_variable = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let of_terminal = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    from_variable.or_else(of_terminal).unwrap_or(80).clamp(40, 160)
}
