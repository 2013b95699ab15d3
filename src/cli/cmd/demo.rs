//! `foreroute demo`: a small world and the product on top of it, in one process.
//!
//! Four simulated channels answer over real HTTP, a traffic generator calls them and reports every call to the
//! collector's own `POST /v1/calls`, jobs are told to `POST /v1/work`, and everything shown here is read back the way a user would read it. The two
//! sides share nothing but that interface, so at the end their books can be compared.

mod data;
mod faults;
mod history;
mod incidents;
mod learnt;
mod product;
mod progress;
mod scene;
mod setup;
mod summary;
mod worth;

use std::sync::Arc;
use std::time::Duration;

use crate::cli::args::{Format, Shared};
use crate::cli::exit::{Exit, Failure};
use crate::cli::output;
use crate::cli::signals::Signals;
use crate::clock::Clock;
use crate::config::elements::duration;
use crate::domain::time::Timestamp;
use crate::engine::Settings;
use crate::sim::stage::Stage;
use crate::sim::world::World;
use crate::stats::seed::Seed;

use data::DataDir;
use product::Product;
use scene::Scene;
use summary::Summary;
use worth::Worth;

/// Most calls per second that are asked of one machine.
const MAX_RATE: f64 = 2_000.0;
/// Fastest day: 24 hours in 24 seconds.
const MAX_SPEED: f64 = 3_600.0;

/// Run a simulated world with the collector, the store and the API on top
///
/// Four channels with different price, speed and daily shape answer over real HTTP on this machine; traffic of two route
/// classes calls them and reports to the collector. After a minute and a half the first of them begins to fail, later others
/// grow slow or throttle: watch the incidents open and close, and the calls go elsewhere: the traffic follows what is decided,
/// a playbook has the channels repaired that can be, and a summary at the end tells what it would have been like without.
/// The class `batch` waits for your approval of each change. Jobs are shared out among three models by what was learnt in a
/// fortnight. Break something yourself with the curl line that is printed. Nothing leaves the machine. Ctrl-c ends it cleanly.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Port of the API on 127.0.0.1; 0 takes a free one [default: 8686, or a free one if that is taken]
    #[arg(long, value_name = "PORT")]
    pub port: Option<u16>,
    /// Port of the faults by hand on 127.0.0.1; 0 takes a free one [default: 8687, or a free one if that is taken]
    #[arg(long, value_name = "PORT")]
    pub faults_port: Option<u16>,
    /// Calls per second over all channels, on average over the day
    #[arg(long, value_name = "N", default_value_t = 20.0, value_parser = |text: &str| within(text, MAX_RATE))]
    pub rate: f64,
    /// End after this long, such as 60s, 10m or 1h [default: at ctrl-c]
    #[arg(long, value_name = "SPAN", value_parser = duration::parse)]
    pub duration: Option<Duration>,
    /// How fast the hour of the day passes for demand and load; calls always take their real time
    #[arg(long, value_name = "FACTOR", default_value_t = 60.0, value_parser = |text: &str| within(text, MAX_SPEED))]
    pub speed: f64,
    /// Let calls go where they always went, whatever is decided
    #[arg(long)]
    pub unmanaged: bool,
    /// Let nothing go wrong by itself; faults by hand still can
    #[arg(long)]
    pub calm: bool,
    /// Keep the temporary store at the end; a directory named with --data is always kept
    #[arg(long)]
    pub keep: bool,
}

/// A number above 0 and at most `most`.
fn within(text: &str, most: f64) -> Result<f64, String> {
    let number = text.parse::<f64>().ok().filter(|number| *number > 0.0 && *number <= most);
    number.ok_or_else(|| format!("expected a number above 0 and at most {most}"))
}

/// Runs the command.
///
/// # Errors
/// [`Failure`] if the store or a port cannot be used, or the books do not agree at the end.
pub fn run(args: &Args, shared: &Shared) -> Result<Exit, Failure> {
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|error| Failure::new(Exit::Usage, format!("cannot start threads: {error}")))?;
    runtime.block_on(perform(args, shared))
}

async fn perform(args: &Args, shared: &Shared) -> Result<Exit, Failure> {
    let (clock, seed) = (Clock::system(), Seed::new(shared.seed));
    let mut signals = Signals::listen()?;
    let started_at = clock.now();
    let data = DataDir::choose(args.keep, shared, started_at)?;
    let world = World::demo(seed);
    let faults = if args.calm { Vec::new() } else { faults::schedule(started_at) };
    let world = world.with_faults(faults);
    let stage = Arc::new(Stage::new(world.clone()));
    let switchboard = faults::switchboard(&stage, args.faults_port, &clock).await?;
    let config = setup::config(&world, args.rate, history::MINUTES, &switchboard.workshop())?;
    let settings = Settings::of(&config);
    let product = Product::start(data.path(), (&world, settings), (args, seed), started_at, &clock).await?;
    let scene = Scene::start(&stage, seed, args, &product.url(), started_at, &clock).await?;
    output::note(shared, &product.welcome(&world, args, &data, &switchboard.url()));

    // Making the history took its time; the duration is that of the traffic.
    let running = clock.now();
    let end = args.duration.map(|span| running.plus_micros(i64::try_from(span.as_micros()).unwrap_or(i64::MAX)));
    progress::until_stopped(shared, &product, &clock, &mut signals, end).await?;
    output::note(shared, "finishing the calls in flight ...");
    let ledger = scene.finish().await;
    let now = clock.now();
    let (first, last) = (running.minute().plus(1), now.minute());
    let worth = if first < last {
        let stored = product::totals(product.engine(), first, last)?;
        let reckoned =
            product.engine().worth(first, last).map_err(|error| Failure::from_error(Exit::Partial, &error))?;
        let prices = &product.engine().settings().prices;
        Some(Worth::of(
            (stored.values(), &reckoned),
            &stage.unrepaired(),
            prices,
            (args, seed),
            (started_at, first, last),
        ))
    } else {
        None
    };
    let summary = Summary::read(product.engine(), &ledger, worth, (started_at, now))?;
    product.stop().await?;
    switchboard.stop().await;
    show(shared, &summary)?;
    let exit = if summary.agrees() { Exit::Done } else { Exit::Partial };
    data.leave(shared)?;
    Ok(exit)
}

fn show(shared: &Shared, summary: &Summary) -> Result<(), Failure> {
    match shared.format {
        Format::Json => output::emit_json(summary),
        Format::Table => output::emit(&summary.table()),
    }
}

/// Whole seconds from `start` to `now`.
fn seconds_between(start: Timestamp, now: Timestamp) -> u64 {
    u64::try_from(now.seconds() - start.seconds()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_out_of_range_are_refused() {
        assert_eq!(within("20", MAX_RATE), Ok(20.0));
        for wrong in ["0", "-1", "NaN", "inf", "2001", "many"] {
            assert!(within(wrong, MAX_RATE).is_err_and(|text| text.contains("at most 2000")), "{wrong}");
        }
    }
}
