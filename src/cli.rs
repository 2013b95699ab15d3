//! The command line: arguments, output, exit codes, and one file per command under `cmd/`.

pub mod args;
pub mod cmd;
pub mod data;
pub mod exit;
pub mod models;
mod observe;
pub mod output;
pub mod parallel;
pub mod plain;
pub mod plot;
pub mod pools;
pub mod prepare;
pub mod remote;
mod signals;
pub mod stored;
pub mod suggest;

use std::ffi::OsString;
use std::process::ExitCode;

use crate::telemetry::logging::{self, LogOptions};

pub use args::{Format, Shared};
use cmd::Command;
use exit::{Exit, Failure};

/// Runs the program with `args` (the program's name first) and returns its exit code.
///
/// Results go to standard output, everything else to standard error, so that output can be piped.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let parsed = match args::parse(args) {
        Ok(parsed) => parsed,
        Err(error) => return answer(&error),
    };
    let shared = parsed.shared();
    let result =
        refuse_parquet(&parsed).and_then(|()| start_logging(&parsed)).and_then(|()| parsed.command.run(&shared));
    match result {
        Ok(exit) => exit.into(),
        Err(failure) => {
            output::complain(&failure.message);
            failure.exit.into()
        }
    }
}

/// Only one command writes Parquet, and only into a file.
fn refuse_parquet(parsed: &args::Cli) -> Result<(), Failure> {
    let is_possible = match &parsed.command {
        Command::Detect(detect) => detect.writes_parquet(),
        _ => false,
    };
    if parsed.global.format == args::Asked::Parquet && !is_possible {
        let text = "--format parquet is for `detect --out FILE.parquet`; here there are table and json";
        return Err(Failure::new(Exit::Usage, text));
    }
    Ok(())
}

/// Help and version are answers, anything else the parser says is a usage error. The parser's own exit code (2)
/// would mean "some of the work failed" here.
fn answer(error: &clap::Error) -> ExitCode {
    // A reader that went away does not change what was asked or whether it was right.
    let _shown = error.print();
    if error.use_stderr() { Exit::Usage.into() } else { Exit::Done.into() }
}

/// Servers tell what they do; commands that are over in a moment speak up only when something is wrong.
fn start_logging(parsed: &args::Cli) -> Result<(), Failure> {
    let usual = match parsed.command {
        _ if parsed.global.quiet => LogOptions::ERRORS,
        Command::Serve(_) => LogOptions::INFO,
        _ => LogOptions::WARNINGS,
    };
    logging::init(parsed.global.log.unwrap_or(usual)).map_err(|error| Failure::new(Exit::Usage, error.to_string()))
}
