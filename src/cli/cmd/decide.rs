//! `foreroute decide`: what is decided about each route class, why, and what came of it.

mod plan;
mod report;

use std::time::Duration;

use crate::api::routes::decisions::joined;
use crate::cli::args::Shared;
use crate::cli::cmd::incidents::{failed, shelf};
use crate::cli::data;
use crate::cli::exit::{Exit, Failure};
use crate::clock::Clock;
use crate::config::elements::duration;
use crate::engine::read_decisions;

/// Most rows that are read: a week of changes of a hundred classes.
const MOST_ROWS: usize = 200_000;

/// Arguments of `decide`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
A decision says which channel should get which share of the calls of a route class. It is a lease: whoever routes keeps
to the one with the highest generation until it ends, and goes back to its own ways if nothing newer came.

First stands what holds now, then what was decided lately: what was expected, how many calls were heard while it held,
and whether the trouble came that a channel was left for. Renewals of leases, which change nothing, are left out.

Reads the store only, also beside a running server, which keeps what holds within moments and publishes the list every
few minutes (`store.flush_every`); the server itself tells both at once, at /v1/routes and /v1/decisions.

With --plan nothing is looked up: the last day in the store is learnt, and each class is planned once, as it would be if
calls were to be spread for the first time. No forecast is made and no decision is kept.

Examples:
  foreroute decide                                 # what holds, and the last day
  foreroute decide --class chat --last 7d
  foreroute decide --plan                          # from what was collected by cron, without a server
  foreroute decide --plan --format json            # with the front of cost against latency")]
pub struct Args {
    /// Decisions of this span up to now, such as 6h or 30d
    #[arg(long, value_name = "SPAN", default_value = "1d", value_parser = span)]
    last: Duration,
    /// Only this route class
    #[arg(long, value_name = "NAME")]
    class: Option<String>,
    /// Also renewals of leases
    #[arg(long)]
    renewals: bool,
    /// Plan from what the store knows instead
    #[arg(long, conflicts_with_all = ["last", "renewals"])]
    plan: bool,
}

fn span(text: &str) -> Result<Duration, String> {
    duration::parse_within(text, "1m", "3660d").map_err(|error| error.to_string())
}

/// Shows what was decided, or what would be.
///
/// # Errors
/// [`Failure`] if there is no store, it cannot be read, or the configuration has no such route class.
pub fn run(args: &Args, shared: &Shared) -> Result<Exit, Failure> {
    let config = data::settings(shared)?;
    if let Some(class) = &args.class
        && !config.routes.iter().any(|route| route.class == *class)
    {
        let message = format!("the configuration has no route class `{class}`; `foreroute check-config` lists them");
        return Err(Failure::new(Exit::Usage, message));
    }
    let store = data::open_for_reading(shared)?;
    let everything = data::everything(&store, &config)?;
    let now = Clock::system().now();
    let is_wanted = |name: &str| args.class.as_deref().is_none_or(|class| class == name);
    if args.plan {
        return plan::run(&everything, &config, now, is_wanted, shared);
    }
    let seconds = i64::try_from(args.last.as_secs()).unwrap_or(i64::MAX);
    let span = (now.plus_seconds(-seconds).minute(), now.minute().plus(1));
    let rows = shelf(&everything).decisions(args.class.as_deref(), span, MOST_ROWS).map_err(|error| failed(&error))?;
    let is_cut = rows.len() == MOST_ROWS;
    let mut past = joined(rows);
    past.retain(|decision| args.renewals || decision.trigger.as_deref() != Some("renewal"));
    let mut holding = read_decisions(&store);
    holding.retain(|decision| is_wanted(&decision.plan.class));
    report::show(&holding, &past, now, shared)?;
    if holding.is_empty() && past.is_empty() {
        let hint = "nothing is decided yet: it takes a `[[route]]`, a running `foreroute serve` and a minute of calls";
        crate::cli::output::note(shared, hint);
    }
    if is_cut {
        crate::cli::output::note(shared, "there is more than can be shown; take a shorter --last or one --class");
    }
    Ok(Exit::Done)
}
