//! One file per command. Each has its `Args` and `run(&Args, &Shared) -> Result<Exit, Failure>`.

pub mod actions;
pub mod approve;
pub mod backtest;
pub mod check_config;
pub mod collect;
pub mod compact;
pub mod completions;
pub mod decide;
pub mod demo;
pub mod detect;
pub mod forecast;
pub mod import;
pub mod incidents;
pub mod inspect;
pub mod man;
pub mod mode;
pub mod query;
pub mod replay;
pub mod report;
pub mod risk;
pub mod serve;
pub mod status;
pub mod work;

use clap::Subcommand;

use super::args::Shared;
use super::exit::{Exit, Failure};

/// Every command, in the order of `--help`.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run a simulated world with the collector, the store and the API on top
    #[command(after_help = "\
Examples:
  foreroute demo                                  # until ctrl-c; prints the address
  foreroute demo --duration 1m --rate 50 --seed 7
  foreroute demo --port 9000 --data ./demo-data   # keeps what it collected")]
    Demo(demo::Args),
    /// Run the live engine: collect, store, answer over HTTP
    Serve(serve::Args),
    /// Read every source once, for cron
    Collect(collect::Args),
    /// Backfill calls or minutes from CSV, JSONL or Parquet; resumable, and twice is once
    Import(import::Args),
    /// Answer one SQL query over the tables
    Query(query::Args),
    /// Forecast the series of a plain file, with quantiles
    Forecast(forecast::Args),
    /// Score how odd each row of a plain file is
    Detect(detect::Args),
    /// Evaluate models on the series of a plain file by rolling origin
    Backtest(backtest::Args),
    /// Replay scenarios in a simulated world, several routing policies side by side
    Replay(replay::Args),
    /// Show how the channels have been doing lately
    Status(status::Args),
    /// Show what is wrong, what was, and why
    Incidents(incidents::Args),
    /// Report what a day was like, or what was learnt in a fortnight
    Report(report::Args),
    /// Show how likely each channel is to break its promise soon
    Risk(risk::Args),
    /// Show what is decided about each route class, why, and what came of it
    Decide(decide::Args),
    /// Show what playbooks did about channels in trouble
    Actions(actions::Args),
    /// Show which model does which work, what is known of it, and how that came along
    Work(work::Args),
    /// Show changes that wait for a person, and say yes or no to them
    Approve(approve::Args),
    /// Show what may be done about each route class, or set it
    Mode(mode::Args),
    /// Show what lies in the store, and whether it is whole
    Inspect(inspect::Args),
    /// Merge, roll up and expire files of the store
    Compact(compact::Args),
    /// Check the configuration without touching the network, and show what was understood
    CheckConfig(check_config::Args),
    /// Print the completion script of a shell
    Completions(completions::Args),
    /// Print the manual page, or write that of every command
    Man(man::Args),
}

impl Command {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`] with the exit code and what to do about it.
    pub fn run(&self, shared: &Shared) -> Result<Exit, Failure> {
        match self {
            Self::Demo(args) => demo::run(args, shared),
            Self::Serve(args) => serve::run(args, shared),
            Self::Collect(args) => collect::run(args, shared),
            Self::Import(args) => import::run(args, shared),
            Self::Query(args) => query::run(args, shared),
            Self::Forecast(args) => forecast::run(args, shared),
            Self::Detect(args) => detect::run(args, shared),
            Self::Backtest(args) => backtest::run(args, shared),
            Self::Replay(args) => replay::run(args, shared),
            Self::Status(args) => status::run(args, shared),
            Self::Incidents(args) => incidents::run(args, shared),
            Self::Report(args) => report::run(args, shared),
            Self::Risk(args) => risk::run(args, shared),
            Self::Decide(args) => decide::run(args, shared),
            Self::Actions(args) => actions::run(args, shared),
            Self::Work(args) => work::run(args, shared),
            Self::Approve(args) => approve::run(args, shared),
            Self::Mode(args) => mode::run(args, shared),
            Self::Inspect(args) => inspect::run(args, shared),
            Self::Compact(args) => compact::run(args, shared),
            Self::CheckConfig(args) => check_config::run(args, shared),
            Self::Completions(args) => completions::run(args, shared),
            Self::Man(args) => man::run(args, shared),
        }
    }
}
