//! `foreroute incidents`: what is wrong, what was, and why.

mod report;

use std::collections::BTreeSet;
use std::time::Duration;

use crate::api::routes::incidents::detail::IncidentDetail;
use crate::cli::args::Shared;
use crate::cli::data::{self, Everything};
use crate::cli::exit::{Exit, Failure};
use crate::clock::Clock;
use crate::config::elements::duration;
use crate::domain::time::Timestamp;
use crate::engine::{chronicle::Shelf, read_knowledge};
use crate::incident::severity::Severity;
use crate::incident::told::Told;
use crate::store::query::QueryError;

/// Arguments of `incidents`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
An incident is trouble on one channel from its first sign to its end. Those of channels that share a region, a
deployment, a provider or a model form a group, which is listed with what they share. P1 is the gravest: much traffic,
severely harmed. P4 is odd, and so far harmless.

Reads the store only, also beside a running server, which publishes what happened every few minutes
(`store.flush_every`); the server itself tells at once, at /v1/incidents and /v1/stream. To acknowledge, silence or
close an incident, send the order to the server: POST /v1/incidents/ID/acknowledge.

Examples:
  foreroute incidents                              # open, and those of the last day
  foreroute incidents --open --severity P1,P2
  foreroute incidents --last 30d --channel gpt-eu
  foreroute incidents --id 3f0a91c2b47d5e68        # evidence, all that happened, what helped before
  foreroute incidents --all --format json")]
pub struct Args {
    /// Those that were open in this span up to now, such as 6h or 30d
    #[arg(long, value_name = "SPAN", default_value = "1d", value_parser = span)]
    last: Duration,
    /// Every incident in the store
    #[arg(long, conflicts_with_all = ["last", "id"])]
    all: bool,
    /// Only those that are open
    #[arg(long, conflicts_with = "id")]
    open: bool,
    /// Only those of this channel, and groups that they belong to
    #[arg(long, value_name = "NAME", conflicts_with = "id")]
    channel: Option<String>,
    /// Only these severities
    #[arg(long, value_name = "P1,..", value_delimiter = ',', value_parser = severity, conflicts_with = "id")]
    severity: Vec<Severity>,
    /// Show one incident, or one group, with its evidence and its history
    #[arg(long, value_name = "ID")]
    id: Option<String>,
}

fn span(text: &str) -> Result<Duration, String> {
    duration::parse_within(text, "1m", "3660d").map_err(|error| error.to_string())
}

fn severity(text: &str) -> Result<Severity, String> {
    Severity::parse(&text.to_uppercase()).ok_or_else(|| "expected P1, P2, P3 or P4".to_owned())
}

/// Lists incidents, or shows one.
///
/// # Errors
/// [`Failure`] if there is no store, it cannot be read, or it holds no such incident (exit code 1).
pub fn run(args: &Args, shared: &Shared) -> Result<Exit, Failure> {
    let config = data::settings(shared)?;
    let store = data::open_for_reading(shared)?;
    let everything = data::everything(&store, &config)?;
    let shelf = shelf(&everything);
    let now = Clock::system().now();
    if let Some(id) = &args.id {
        let knowledge = read_knowledge(&store);
        let detail = IncidentDetail::read(shelf, id, now, &knowledge).map_err(|error| failed(&error))?;
        let none =
            || Failure::new(Exit::Usage, format!("the store holds no incident `{id}`; see `foreroute incidents`"));
        report::one(&detail.ok_or_else(none)?, shared)?;
        return Ok(Exit::Done);
    }
    let last = i64::try_from(args.last.as_secs()).unwrap_or(i64::MAX);
    let from = if args.all { Timestamp::from_seconds(0) } else { now.plus_seconds(-last) };
    let all = shelf.incidents(from, now.plus_micros(1)).map_err(|error| failed(&error))?;
    report::list(&all, &args.chosen(&all), shared)?;
    Ok(Exit::Done)
}

/// What incidents are read from.
pub(super) fn shelf(everything: &Everything) -> Shelf<'_> {
    Shelf { snapshot: &everything.snapshot, fresh: &[] }
}

/// A query that failed, in words.
pub(super) fn failed(error: &QueryError) -> Failure {
    Failure::from_error(Exit::Partial, error)
}

impl Args {
    /// Those of `all` that are wanted.
    fn chosen<'a>(&self, all: &'a [Told]) -> Vec<&'a Told> {
        let of_channel: BTreeSet<&str> =
            all.iter().filter(|told| told.channel() == self.channel.as_deref()).map(Told::id).collect();
        let is_there = |told: &Told| {
            self.channel.is_none()
                || of_channel.contains(told.id())
                || told.members().iter().any(|member| of_channel.contains(member.as_str()))
        };
        let is_grave = |told: &Told| {
            self.severity.is_empty() || self.severity.iter().any(|severity| severity.name() == told.severity())
        };
        all.iter().filter(|told| (told.is_open() || !self.open) && is_grave(told) && is_there(told)).collect()
    }
}
