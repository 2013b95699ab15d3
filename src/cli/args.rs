//! The arguments that every command shares, and the parser.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{CommandFactory, FromArgMatches, Parser, ValueEnum};

use super::cmd::Command;
use crate::telemetry::logging::LogOptions;

/// Where the store lies if nothing else is said.
const DEFAULT_DATA: &str = "./foreroute-data";

/// Shown at the end of every `--help`.
const EXIT_CODES: &str = "\
Exit codes:
  0  all of the work is done
  1  configuration or usage is wrong; nothing was done
  2  some of the work failed
  3  the time limit was reached
  4  refused by policy or authorisation, or by another process that holds the lock";

/// Foreroute keeps LLM and agent traffic on healthy, affordable channels before anything breaks.
///
/// It collects every call and metric of your channels, keeps one minute of each channel as one row of Parquet, and
/// answers over HTTP, SQL and files that other engines can read.
#[derive(Debug, Parser)]
#[command(name = "foreroute", version, arg_required_else_help = true, subcommand_required = true)]
#[command(max_term_width = 110)]
pub struct Cli {
    #[command(flatten)]
    pub(super) global: Global,
    #[command(subcommand)]
    pub(super) command: Command,
}

/// Flags that every command shares.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Shared options")]
pub(super) struct Global {
    /// Configuration file [default: ./foreroute.toml if there is one]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Directory of the store [default: ./foreroute-data]
    #[arg(long, global = true, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Shape of the result on standard output
    #[arg(long, global = true, value_enum, default_value_t = Asked::Table)]
    pub format: Asked,
    /// No progress, no notes: only the result and errors
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// Seed of everything that is drawn at random; equal seeds repeat a run
    #[arg(long, global = true, value_name = "N", default_value_t = 42)]
    pub seed: u64,
    /// Log to standard error: error, warn, info, debug or trace, json, or both as in `debug,json`
    #[arg(long, global = true, value_name = "LEVEL|json")]
    pub log: Option<LogOptions>,
}

/// Shape of a result, as it may be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Asked {
    /// Aligned columns for people.
    Table,
    /// One JSON document for programs.
    Json,
    /// A Parquet file; of `detect --out` only.
    Parquet,
}

/// Shape of a result on standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Aligned columns for people.
    Table,
    /// One JSON document for programs.
    Json,
}

/// What every command is told besides its own arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shared {
    /// The configuration file that was named; `None` means `./foreroute.toml` if there is one.
    pub config: Option<PathBuf>,
    /// Directory of the store.
    pub data: PathBuf,
    /// Whether that directory was named, rather than left to the default.
    pub data_named: bool,
    /// Shape of the result.
    pub format: Format,
    /// Whether a result that goes into a file is to be Parquet.
    pub parquet: bool,
    /// Whether to print nothing but the result and errors.
    pub quiet: bool,
    /// Seed of everything that is drawn at random.
    pub seed: u64,
}

impl Cli {
    /// The flags that commands see.
    #[must_use]
    pub fn shared(&self) -> Shared {
        let Global { config, data, format, quiet, seed, log: _ } = &self.global;
        Shared {
            config: config.clone(),
            data: data.clone().unwrap_or_else(|| DEFAULT_DATA.into()),
            data_named: data.is_some(),
            format: if *format == Asked::Table { Format::Table } else { Format::Json },
            parquet: *format == Asked::Parquet,
            quiet: *quiet,
            seed: *seed,
        }
    }
}

/// The whole command tree, with the exit codes under the help of every command.
#[must_use]
pub fn command() -> clap::Command {
    fn with_exit_codes(command: clap::Command) -> clap::Command {
        let examples = command.get_after_help().map_or_else(String::new, |text| format!("{text}\n\n"));
        command.after_help(format!("{examples}{EXIT_CODES}"))
    }
    with_exit_codes(Cli::command()).mut_subcommands(with_exit_codes)
}

/// Parses `args`, the program's name first.
///
/// # Errors
/// The parser's answer: usage errors, but also `--help` and `--version`.
pub fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Cli, clap::Error> {
    let matches = command().try_get_matches_from(args)?;
    Cli::from_arg_matches(&matches)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_tree_is_consistent() {
        command().debug_assert();
    }

    #[test]
    fn shared_flags_may_follow_the_command() {
        let args = ["foreroute", "completions", "bash", "--data", "/d", "--format", "json", "--seed", "7"];
        let shared = parse(args.map(OsString::from)).expect("valid arguments").shared();
        assert_eq!((shared.data, shared.format, shared.seed), (PathBuf::from("/d"), Format::Json, 7));
        assert!(shared.data_named);
    }
}
