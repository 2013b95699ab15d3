//! `foreroute collect --once`: one pass over the sources, for cron.

mod lock;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use serde_json::{Value, json};

use crate::cli::args::{Format, Shared};
use crate::cli::data;
use crate::cli::exit::{Exit, Failure};
use crate::cli::output::{self, Align, Table};
use crate::clock::Clock;
use crate::collect::source::CollectFailure;
use crate::config::{self, Config};
use crate::engine::Engine;
use crate::engine::pulls::{Outcome, Pull};

/// Arguments of `collect`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Reads every `[[source]]` once, whatever its schedule, and makes what it says durable. `foreroute serve` does this by
itself: use one of the two. A pass that finds another one running is refused (exit code 4), so a slow pass never piles
up; a pass that was killed does not block the next one.

Examples:
  foreroute collect --once
  * * * * *  foreroute collect --once --quiet --config /etc/foreroute.toml --data /var/lib/foreroute   # crontab")]
pub struct Args {
    /// Do one pass and end
    #[arg(long, required = true)]
    once: bool,
    /// Longest time for the pass, in seconds; sources that have not answered by then are given up (exit code 3)
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=86_400))]
    seconds: u32,
}

/// Does one pass.
///
/// # Errors
/// [`Failure`] if there is nothing to collect (exit code 1), another process collects or serves (4), or the store
/// cannot be used (2).
pub fn run(args: &Args, shared: &Shared) -> Result<Exit, Failure> {
    debug_assert!(args.once, "the parser demands it");
    let config = config::load(shared.config.as_deref()).map_err(|error| Failure::from_error(Exit::Usage, &error))?;
    if config.sources.is_empty() {
        let message = "there is no `[[source]]` in the configuration, so there is nothing to collect";
        return Err(Failure::new(Exit::Usage, message));
    }
    let _alone = lock::take(&shared.data)?;
    let runtime = tokio::runtime::Runtime::new().map_err(|error| Failure::from_error(Exit::Usage, &error))?;
    let pass = runtime.block_on(pass(&config, shared, args.seconds))?;
    match shared.format {
        Format::Json => output::emit_json(&as_json(&pass))?,
        Format::Table => output::emit(&as_table(&pass))?,
    }
    Ok(pass.exit())
}

/// What a pass came to.
struct Pass {
    outcomes: Vec<Outcome>,
    /// Sources that had not answered when the time was over.
    given_up: Vec<String>,
}

impl Pass {
    fn exit(&self) -> Exit {
        if !self.given_up.is_empty() {
            Exit::TimedOut
        } else if self.outcomes.iter().any(|outcome| outcome.failure.is_some()) {
            Exit::Partial
        } else {
            Exit::Done
        }
    }
}

async fn pass(config: &Config, shared: &Shared, seconds: u32) -> Result<Pass, Failure> {
    let clock = Clock::system();
    let deadline = clock.now().plus_seconds(i64::from(seconds));
    let mut pulls = Pull::all(config, &clock).map_err(|error| Failure::from_error(Exit::Usage, &error))?;
    let (engine, _report) = data::open_engine(shared, config, clock.clone())?;
    let outcomes = until(&mut pulls, &engine, async { clock.sleep_until(deadline).await }).await;
    drop(pulls);
    engine.shutdown().await.map_err(|error| Failure::from_error(Exit::Partial, &error))?;
    let answered = |name: &&String| !outcomes.iter().any(|outcome| outcome.source == **name);
    let given_up = config.sources.iter().map(|source| &source.name).filter(answered).cloned().collect();
    Ok(Pass { outcomes, given_up })
}

/// Runs all sources side by side; what has come when `over` completes.
async fn until(pulls: &mut [Pull], engine: &Engine, over: impl Future<Output = ()>) -> Vec<Outcome> {
    let mut running: FuturesUnordered<_> = pulls.iter_mut().map(|pull| pull.once(engine)).collect();
    let mut outcomes = Vec::new();
    tokio::pin!(over);
    loop {
        tokio::select! {
            () = &mut over => break,
            next = running.next() => match next {
                Some(outcome) => outcomes.push(outcome),
                None => break,
            },
        }
    }
    outcomes.sort_by(|a, b| a.source.cmp(&b.source));
    outcomes
}

fn as_table(pass: &Pass) -> String {
    let mut table = Table::new([
        ("source", Align::Left),
        ("calls and minutes", Align::Right),
        ("gauges", Align::Right),
        ("failure", Align::Left),
    ]);
    for outcome in &pass.outcomes {
        let failure = outcome.failure.as_ref().map_or_else(String::new, ToString::to_string);
        let (pieces, readings) = (outcome.pieces as u64, outcome.readings as u64);
        table.row([outcome.source.clone(), output::count(pieces), output::count(readings), failure]);
    }
    for source in &pass.given_up {
        table.row([source.as_str(), "-", "-", "no answer before the pass had to end"]);
    }
    table.render(output::styled())
}

fn as_json(pass: &Pass) -> Value {
    let outcomes = pass.outcomes.iter().map(|outcome| {
        json!({
            "source": outcome.source,
            "pieces": outcome.pieces,
            "readings": outcome.readings,
            "failure": outcome.failure.as_ref().map(CollectFailure::reason),
        })
    });
    let given_up = pass.given_up.iter().map(|source| json!({"source": source, "failure": "given_up"}));
    Value::Array(outcomes.chain(given_up).collect())
}
