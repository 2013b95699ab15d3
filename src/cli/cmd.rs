//! One file per command. Each has its `Args` and `run(&Args, &Shared) -> Result<Exit, Failure>`.

pub mod check_config;
pub mod compact;
pub mod completions;
pub mod demo;
pub mod import;
pub mod inspect;

use clap::Subcommand;

use super::args::Shared;
use super::exit::{Exit, Failure};

/// Every command, in the order of `--help`.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run a simulated world with the collector, the store and the API on top
    Demo(demo::Args),
    /// Show what lies in the store, and whether it is whole
    Inspect(inspect::Args),
    /// Merge, roll up and expire files of the store
    Compact(compact::Args),
    /// Check the configuration without touching the network, and show what was understood
    CheckConfig(check_config::Args),
    /// Backfill calls or minutes from CSV, JSONL or Parquet; resumable, and twice is once
    Import(import::Args),
    /// Print the completion script of a shell
    Completions(completions::Args),
}

impl Command {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`] with the exit code and what to do about it.
    pub fn run(&self, shared: &Shared) -> Result<Exit, Failure> {
        match self {
            Self::Demo(args) => demo::run(args, shared),
            Self::Inspect(args) => inspect::run(args, shared),
            Self::Compact(args) => compact::run(args, shared),
            Self::CheckConfig(args) => check_config::run(args, shared),
            Self::Import(args) => import::run(args, shared),
            Self::Completions(args) => completions::run(args, shared),
        }
    }
}
