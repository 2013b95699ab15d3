//! The one HTTP loop of every source that fetches: endpoint in, bytes or a [`CollectFailure`] out.
//!
//! A pull source only says how bytes become a harvest ([`PullSource`]); time limits, size limits, credentials and the
//! naming of failures live here. Every failed pass is a reading of [`FAILURES`] in the data, so that a gap explains
//! itself, and every tick without a pass is a reading of [`MISSED`].

use std::collections::BTreeMap;
use std::future::Future;

use crate::clock::{Clock, Stopwatch};
use crate::collect::schedule::{Schedule, Tick};
use crate::collect::source::{Admission, CollectFailure, Harvest, Source};
use crate::domain::batch::Batch;
use crate::domain::gauge::Gauge;
use crate::domain::time::Timestamp;
use crate::telemetry::names::Metric;

pub mod fetch;
pub mod secret;

pub use fetch::{Auth, Endpoint, Fetcher};
pub use secret::Secret;

/// Gauge: 1 for every pass of `source` that got nothing, with its `reason`.
pub const FAILURES: &str = "foreroute_scrape_failures";

/// Gauge: scheduled passes of `source` that never began.
pub const MISSED: &str = "foreroute_missed_ticks";

/// A source with a position: what it hands out counts from there, and the position moves only once the engine has
/// made the harvest durable. So a harvest that was refused is simply contained in the next one.
pub trait PullSource: Source {
    /// Continues from a cursor of an earlier run, as found in [`Batch::cursors`] under the source's name.
    ///
    /// # Errors
    /// Why the cursor cannot be used; the source then begins anew.
    fn resume(&mut self, cursor: &str) -> Result<(), String>;

    /// Says that the last harvest is durable.
    fn accepted(&mut self);
}

/// Something that is asked on a schedule what there is: a scraped page, a followed file, a probed channel.
pub trait Gather: Send {
    /// Name in configuration, metrics and cursors.
    fn name(&self) -> &str;

    /// Gathers what there is now; `admission` is asked at the instant of the reading.
    fn gather(&mut self, admission: impl Fn() -> Admission + Send) -> impl Future<Output = Pass> + Send;

    /// Says that the last harvest is durable.
    fn accepted(&mut self);
}

/// A page that is scraped: where it is fetched, and what it means.
pub struct Scrape<S> {
    /// Where.
    pub fetcher: Fetcher,
    /// What its bytes mean.
    pub source: S,
}

impl<S: PullSource> Gather for Scrape<S> {
    fn name(&self) -> &str {
        self.source.name()
    }

    /// Fetches once and parses. The instant of the reading is the one after the answer is there.
    async fn gather(&mut self, admission: impl Fn() -> Admission + Send) -> Pass {
        let answer = self.fetcher.fetch().await;
        let admission = admission();
        match answer.and_then(|body| self.source.parse(&body, &admission)) {
            Ok(harvest) => Pass { harvest, failure: None },
            Err(failure) => failed(self.source.name(), failure, admission.at),
        }
    }

    fn accepted(&mut self) {
        self.source.accepted();
    }
}

/// Where harvests go: the engine, seen from here.
pub trait Inlet: Send + Sync {
    /// What is let in, as of now.
    fn admission(&self) -> Admission;

    /// Makes `harvest` of `source` durable.
    ///
    /// # Errors
    /// Why it is not; the source will hand out the same span again.
    fn accept(&self, source: &str, harvest: Harvest) -> impl Future<Output = Result<(), String>> + Send;
}

/// What one pass brought.
#[derive(Debug)]
pub struct Pass {
    /// What there is to store. After a failure that is only the reading that tells of it.
    pub harvest: Harvest,
    /// Why nothing was collected, if so.
    pub failure: Option<CollectFailure>,
}

/// What one pass came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The source.
    pub source: String,
    /// Calls and pieces of minutes that were made durable.
    pub pieces: usize,
    /// Gauge readings that were made durable.
    pub readings: usize,
    /// Why nothing was collected, or why it was not made durable.
    pub failure: Option<CollectFailure>,
}

/// One pass: gathers, hands over, and moves the source on if what it gathered is durable.
pub async fn pass<G: Gather, I: Inlet>(source: &mut G, tick: Tick, clock: &Clock, inlet: &I) -> Outcome {
    let watch = Stopwatch::start();
    let mut pass = source.gather(|| inlet.admission()).await;
    let name = source.name().to_owned();
    pass.harvest.batch.gauges.extend(missed(&name, tick, clock.now()));
    record(&name, tick, &pass, watch);
    let batch = &pass.harvest.batch;
    let (pieces, readings) = (batch.calls.len() + batch.partials.len(), batch.gauges.len());
    match inlet.accept(&name, pass.harvest).await {
        Ok(()) => {
            if pass.failure.is_none() {
                source.accepted();
            }
            Outcome { source: name, pieces, readings, failure: pass.failure }
        }
        Err(problem) => {
            tracing::warn!(source = name, problem, "harvest not accepted; the next one contains it");
            let failure = Some(pass.failure.unwrap_or(CollectFailure::Io(problem)));
            Outcome { source: name, pieces: 0, readings: 0, failure }
        }
    }
}

/// Runs `source` by its schedule until the schedule ends or the future is dropped. Passes never overlap, because the
/// next tick is only awaited once the last pass is done.
pub async fn run<G: Gather, I: Inlet>(source: &mut G, schedule: &mut Schedule, clock: &Clock, inlet: &I) {
    while let Some(tick) = schedule.next_tick(clock).await {
        pass(source, tick, clock, inlet).await;
        schedule.finished();
    }
}

/// The pass that got nothing, as data.
#[must_use]
pub fn failed(source: &str, failure: CollectFailure, at: Timestamp) -> Pass {
    let mut batch = Batch::new(at);
    batch.gauges.push(gauge(FAILURES, at, &[("source", source), ("reason", failure.reason())], 1.0));
    Pass { harvest: Harvest { batch, ..Harvest::default() }, failure: Some(failure) }
}

/// The reading that tells of missed ticks, if there were any.
fn missed(source: &str, tick: Tick, at: Timestamp) -> Option<Gauge> {
    #[expect(clippy::cast_precision_loss, reason = "the schedule counts to 100,000 at most")]
    let count = tick.missed as f64;
    (tick.missed > 0).then(|| gauge(MISSED, at, &[("source", source)], count))
}

/// A reading with a few labels.
pub(crate) fn gauge(metric: &str, ts: Timestamp, labels: &[(&str, &str)], value: f64) -> Gauge {
    let labels: BTreeMap<_, _> = labels.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
    Gauge { ts, metric: metric.to_owned(), labels, value }
}

fn record(source: &str, tick: Tick, pass: &Pass, watch: Stopwatch) {
    let source = source.to_owned();
    metrics::counter!(Metric::CollectPasses.name(), "source" => source.clone()).increment(1);
    metrics::counter!(Metric::CollectMissed.name(), "source" => source.clone()).increment(tick.missed);
    metrics::histogram!(Metric::CollectSeconds.name(), "source" => source.clone()).record(watch.elapsed());
    if let Some(failure) = &pass.failure {
        tracing::warn!(source, %failure, "collection pass failed");
        metrics::counter!(Metric::CollectFailures.name(), "source" => source, "reason" => failure.reason())
            .increment(1);
    }
}

#[cfg(test)]
mod tests;
