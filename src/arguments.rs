//! The command line as clap sees it.

use crate::commands::plugin::PluginCommand;
use crate::report::Format;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;
use wardline_engine::config::{Date, RulePattern, Threshold};

/// Finds security problems in code and cloud configuration. Every check is a sandboxed WebAssembly plugin.
#[derive(Debug, Parser)]
#[command(
    name = "wardline",
    version,
    max_term_width = 100,
    after_help = "Exit codes: 0 nothing blocking, 1 blocking findings, 2 usage or configuration, 3 nothing blocking but part of the input was not checked, 4 internal error.\nRun `wardline help COMMAND` for the options of a command."
)]
pub(crate) struct Arguments {
    /// When to use colour.
    #[arg(long, global = true, value_enum, default_value_t = ColorChoice::Auto, env = "WARDLINE_COLOR", hide_env_values = true, help_heading = "Global options")]
    pub(crate) color: ColorChoice,

    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorChoice {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check files and folders.
    Check(Box<Check>),
    /// Write a configuration, and on request a pre-commit hook and a CI job.
    Init(Init),
    /// List the rules.
    Rules(Rules),
    /// Show the page of a rule.
    #[command(visible_alias = "rule")]
    Explain(Explain),
    /// Say why a rule did or did not fire at a line.
    Why(Why),
    /// Show the configuration that holds.
    Config(ConfigCommand),
    /// Accept findings, so that only new ones count.
    Baseline(BaselineCommand),
    /// Start, build, test and measure plugins of your own.
    Plugin {
        /// What to do.
        #[command(subcommand)]
        command: PluginCommand,
    },
    /// Say what this installation is and has: for bug reports.
    Doctor,
    /// Write a completion script.
    Completions {
        /// For which shell.
        shell: clap_complete::Shell,
    },
    /// Write the manual page, or that of a command.
    Man {
        /// A command, such as `check`.
        command: Vec<String>,
    },
}

/// Options that choose plugins.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct PluginOptions {
    /// Load this plugin besides the built-in ones.
    #[arg(long = "plugin", value_name = "FILE", help_heading = "Plugins")]
    pub(crate) plugins: Vec<PathBuf>,
}

/// Options of `check`.
#[derive(Debug, Args)]
pub(crate) struct Check {
    /// Files and folders to check; `-` for standard input.
    #[arg(value_name = "PATH", default_value = ".")]
    pub(crate) paths: Vec<PathBuf>,

    /// The name under which to check standard input.
    #[arg(long, value_name = "NAME", default_value = "stdin")]
    pub(crate) stdin_filename: String,

    /// Format of the report, or FORMAT=FILE to write one there; repeatable.
    #[arg(long, short = 'f', value_name = "FORMAT[=FILE]", default_value = "text", value_parser = output, help_heading = "Output")]
    pub(crate) format: Vec<(Format, Option<PathBuf>)>,

    /// Show more: `unknown` (what could not be decided), `suppressed`.
    #[arg(long, value_enum, value_name = "WHAT", help_heading = "Output")]
    pub(crate) show: Vec<Shown>,

    /// Say of each file whether it is checked, and if not, why; check nothing.
    #[arg(long, help_heading = "Output")]
    pub(crate) show_files: bool,

    /// Say what each plugin cost in time and fuel.
    #[arg(long, help_heading = "Output")]
    pub(crate) timings: bool,

    /// Do not show progress.
    #[arg(long, help_heading = "Output")]
    pub(crate) no_progress: bool,

    /// The least severity, and confidence, that fails the run, such as `high` or `medium:high`.
    #[arg(long, value_name = "SEVERITY[:CONFIDENCE]", help_heading = "Gate")]
    pub(crate) fail_on: Option<Threshold>,

    /// Exit with 0 whatever is found.
    #[arg(long, help_heading = "Gate")]
    pub(crate) exit_zero: bool,

    /// Exit with 0 or 1 even if part of the input was not checked.
    #[arg(long, help_heading = "Gate")]
    pub(crate) allow_incomplete: bool,

    /// The branch, for gates that depend on it.
    #[arg(long, value_name = "NAME", env = "WARDLINE_BRANCH", hide_env_values = true, help_heading = "Gate")]
    pub(crate) branch: Option<String>,

    /// Count only findings that were not there at this git revision.
    #[arg(long, value_name = "REV", help_heading = "Gate")]
    pub(crate) since: Option<String>,

    /// The folder of accepted findings.
    #[arg(long, value_name = "DIR", help_heading = "Gate")]
    pub(crate) baseline: Option<PathBuf>,

    /// Run these rules only, such as `secrets/*`; repeatable.
    #[arg(long, value_name = "RULE", help_heading = "Rules and files")]
    pub(crate) only: Vec<RulePattern>,

    /// Leave these rules out; repeatable.
    #[arg(long, value_name = "RULE", help_heading = "Rules and files")]
    pub(crate) skip: Vec<RulePattern>,

    /// Check what is staged in git, as it is staged.
    #[arg(long, conflicts_with_all = ["fix", "since"], help_heading = "Rules and files")]
    pub(crate) staged: bool,

    /// The day that counts as today, for allowances that expire.
    #[arg(long, value_name = "YYYY-MM-DD", help_heading = "Rules and files")]
    pub(crate) date: Option<Date>,

    /// Apply safe fixes.
    #[arg(long, help_heading = "Fixes")]
    pub(crate) fix: bool,

    /// With --fix or --diff: also fixes that may change what the program does.
    #[arg(long, help_heading = "Fixes")]
    pub(crate) unsafe_fixes: bool,

    /// Show what --fix would change, and change nothing.
    #[arg(long, help_heading = "Fixes")]
    pub(crate) diff: bool,

    /// Number of threads; 0 for one a core.
    #[arg(
        long,
        short = 'j',
        value_name = "N",
        default_value_t = 0,
        env = "WARDLINE_THREADS",
        hide_env_values = true
    )]
    pub(crate) threads: usize,

    #[command(flatten)]
    pub(crate) plugins: PluginOptions,
}

/// What a report shows besides open findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shown {
    /// What could not be decided, with the reason.
    Unknown,
    /// Findings that are suppressed, accepted or known.
    Suppressed,
}

fn output(text: &str) -> Result<(Format, Option<PathBuf>), String> {
    let (name, file) = match text.split_once('=') {
        Some((name, file)) if !file.is_empty() => (name, Some(PathBuf::from(file))),
        Some((name, _)) => return Err(format!("`{name}=` names no file")),
        None => (text, None),
    };
    let format = Format::from_str(name, false).map_err(|_| {
        let names: Vec<String> = Format::value_variants()
            .iter()
            .filter_map(|format| Some(format.to_possible_value()?.get_name().to_owned()))
            .collect();
        format!("there is no format `{name}`; there are {}", names.join(", "))
    })?;
    Ok((format, file))
}

/// Options of `init`.
#[derive(Debug, Args)]
pub(crate) struct Init {
    /// The folder to set up.
    #[arg(default_value = ".")]
    pub(crate) folder: PathBuf,
    /// Also write a pre-commit hook.
    #[arg(long)]
    pub(crate) pre_commit: bool,
    /// Also write a CI job.
    #[arg(long, value_enum, value_name = "SYSTEM")]
    pub(crate) ci: Option<crate::commands::init::Ci>,
}

/// How a list is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Listing {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// Options of `rules`.
#[derive(Debug, Args)]
pub(crate) struct Rules {
    /// How to write them.
    #[arg(long, value_enum, default_value_t = Listing::Text)]
    pub(crate) format: Listing,
    #[command(flatten)]
    pub(crate) plugins: PluginOptions,
}

/// Options of `explain`.
#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// The rule, such as `secrets/aws-access-key`.
    pub(crate) rule: String,
    /// How to write it.
    #[arg(long, value_enum, default_value_t = Listing::Text)]
    pub(crate) format: Listing,
    #[command(flatten)]
    pub(crate) plugins: PluginOptions,
}

/// Options of `why`.
#[derive(Debug, Args)]
pub(crate) struct Why {
    /// Where, as PATH:LINE.
    #[arg(value_name = "PATH:LINE")]
    pub(crate) place: String,
    /// The rule.
    pub(crate) rule: String,
    #[command(flatten)]
    pub(crate) plugins: PluginOptions,
}

/// `config`.
#[derive(Debug, Args)]
pub(crate) struct ConfigCommand {
    #[command(subcommand)]
    pub(crate) action: ConfigAction,
}

/// What to do with the configuration.
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigAction {
    /// Show what holds.
    Show {
        /// Say where each value comes from.
        #[arg(long)]
        origin: bool,
        /// Where to start looking.
        #[arg(default_value = ".")]
        folder: PathBuf,
    },
    /// Write the JSON schema of `wardline.toml`.
    Schema,
}

/// `baseline`.
#[derive(Debug, Args)]
pub(crate) struct BaselineCommand {
    #[command(subcommand)]
    pub(crate) action: BaselineAction,
}

/// What to do with the baseline.
#[derive(Debug, Subcommand)]
pub(crate) enum BaselineAction {
    /// Accept all findings that there are; fails if there is a baseline.
    Create(BaselineOptions),
    /// Accept new findings too, keeping the reasons of the others.
    Update(BaselineOptions),
    /// Remove what is not found any more.
    Prune(BaselineOptions),
}

/// Options of all of `baseline`.
#[derive(Debug, Args)]
pub(crate) struct BaselineOptions {
    /// The folder to check.
    #[arg(default_value = ".")]
    pub(crate) folder: PathBuf,
    /// The folder of accepted findings.
    #[arg(long, value_name = "DIR")]
    pub(crate) baseline: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) plugins: PluginOptions,
}
