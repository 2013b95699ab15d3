//! `foreroute inspect`: what lies in the store, and whether it is whole.

mod repair;
mod report;
mod verify;

use crate::cli::args::{Format, Shared};
use crate::cli::exit::{Exit, Failure};
use crate::cli::{data, output};
use crate::engine::check_jobs;
use report::Report;

/// Arguments of `inspect`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Reads only, also beside a running server, unless --repair is given. The exit code is 2 if anything is damaged.
The journal of what was decided and done is a chain of hashes and is checked each time; keep its head elsewhere to know
that nothing was cut off its end.
--repair takes what is damaged from its copy where there is one, gives up what cannot be saved, keeps the damaged
bytes in `quarantine/`, and says what it did; the exit code is 2 if something is lost for good.

Examples:
  foreroute inspect                       # tables, log, models, quarantine
  foreroute inspect --files               # every live file as well
  foreroute inspect --verify              # read every byte and every row of every live file
  foreroute inspect --repair              # after an error that asks for it
  foreroute inspect --format json | jq .catalog.version")]
pub struct Args {
    /// List every live file
    #[arg(long)]
    files: bool,
    /// Compare the checksum of every live file and read all of its rows
    #[arg(long)]
    verify: bool,
    /// Repair what is damaged as far as possible; refused while another process uses the store
    #[arg(long, conflicts_with_all = ["files", "verify"])]
    repair: bool,
}

/// Shows the catalog, the log, the models and the quarantine.
///
/// # Errors
/// [`Failure`] if there is no store or its catalog cannot be read.
pub fn run(args: &Args, shared: &Shared) -> Result<Exit, Failure> {
    if args.repair {
        return repair::run(shared);
    }
    let config = data::settings(shared)?;
    let store = data::open_for_reading(shared)?;
    let everything = data::everything(&store, &config)?;
    let faults = if args.verify { verify::faults(&everything.snapshot) } else { Vec::new() };
    let models = store.models().map_err(|error| data::failure(&error))?;
    let journal = store.check_journal().map_err(|error| data::failure(&error))?;
    let jobs = check_jobs(&store).map_err(|error| data::failure(&error))?;
    let report = Report::new(&everything, &shared.data, models, (journal, jobs), faults);
    match shared.format {
        Format::Json => output::emit_json(&report.json(args.files, args.verify))?,
        Format::Table => output::emit(&report.text(args.files, args.verify))?,
    }
    Ok(if report.is_whole() { Exit::Done } else { Exit::Partial })
}
