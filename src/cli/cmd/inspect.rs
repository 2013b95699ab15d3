//! `foreroute inspect`: what lies in the store, and whether it is whole.

mod report;
mod verify;

use crate::cli::args::{Format, Shared};
use crate::cli::exit::{Exit, Failure};
use crate::cli::{data, output};
use report::Report;

/// Arguments of `inspect`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Reads only, also beside a running server. The exit code is 2 if anything is damaged.

Examples:
  foreroute inspect                       # tables, log, quarantine
  foreroute inspect --files               # every live file as well
  foreroute inspect --verify              # read every byte and every row of every live file
  foreroute inspect --format json | jq .catalog.version")]
pub struct Args {
    /// List every live file
    #[arg(long)]
    files: bool,
    /// Compare the checksum of every live file and read all of its rows
    #[arg(long)]
    verify: bool,
}

/// Shows the catalog, the log and the quarantine.
///
/// # Errors
/// [`Failure`] if there is no store or its catalog cannot be read.
pub fn run(args: &Args, shared: &Shared) -> Result<Exit, Failure> {
    let config = data::settings(shared)?;
    let store = data::open_for_reading(shared)?;
    let everything = data::everything(&store, &config)?;
    let faults = if args.verify { verify::faults(&everything.snapshot) } else { Vec::new() };
    let report = Report::new(&everything, &shared.data, faults);
    match shared.format {
        Format::Json => output::emit_json(&report.json(args.files, args.verify))?,
        Format::Table => output::emit(&report.text(args.files, args.verify))?,
    }
    Ok(if report.is_whole() { Exit::Done } else { Exit::Partial })
}
