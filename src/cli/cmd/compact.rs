//! `foreroute compact`.

use serde_json::json;

use crate::cli::args::{Format, Shared};
use crate::cli::exit::{Exit, Failure};
use crate::cli::{data, output};
use crate::clock::Clock;
use crate::store::MaintainReport;

/// Arguments of `compact`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Merges the hour files of finished days into day files, makes roll-ups of 5 minutes and 1 hour, and drops what the
retention of the configuration has passed. `foreroute serve` does this by itself, and while it runs this command is
refused (exit code 4).

Examples:
  foreroute compact --data /var/lib/foreroute
  foreroute compact --config deploy/foreroute.toml --format json")]
pub struct Args {}

/// Does one round of upkeep.
///
/// # Errors
/// [`Failure`] if there is no store, another process holds it, or upkeep failed.
pub fn run(_args: &Args, shared: &Shared) -> Result<Exit, Failure> {
    let config = data::settings(shared)?;
    let (store, _report) = data::open_for_writing(shared, &config)?;
    let MaintainReport { days_merged, roll_ups, files_expired, overtaken } =
        store.maintain(Clock::system().now()).map_err(|error| data::failure(&error))?;
    let files = store.snapshot().catalog().files.len();
    match shared.format {
        Format::Json => output::emit_json(&json!({
            "days_merged": days_merged,
            "roll_ups": roll_ups,
            "files_expired": files_expired,
            "overtaken": overtaken,
            "files": files,
        }))?,
        Format::Table => output::emit(&format!(
            "{days_merged} days merged, {roll_ups} roll-ups written, {files_expired} files expired, {files} files live\n"
        ))?,
    }
    Ok(Exit::Done)
}
