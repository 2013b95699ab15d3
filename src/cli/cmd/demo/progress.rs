//! One line every ten seconds while the demo runs, and what ends it.

use std::collections::BTreeMap;

use super::product::{self, Product};
use super::{incidents, seconds_between};
use crate::cli::args::Shared;
use crate::cli::exit::Failure;
use crate::cli::output;
use crate::cli::signals::Signals;
use crate::clock::Clock;
use crate::domain::column::Column;
use crate::domain::ids::ChannelId;
use crate::domain::sample::Sample;
use crate::domain::target::Target;
use crate::domain::time::Timestamp;
use crate::engine::Engine;
use crate::forecast::output::Levels;

/// Seconds between two lines.
const EVERY_S: i64 = 10;
/// Minutes that the forecast of a line looks ahead.
const AHEAD_MINUTES: usize = 15;
/// Minutes that the percentile of a line looks back on, the current one included.
const LOOK_BACK_MINUTES: u32 = 2;

/// Returns at `end` or at a signal; until then shows how the channels are doing.
pub(super) async fn until_stopped(
    shared: &Shared,
    product: &Product,
    clock: &Clock,
    signals: &mut Signals,
    end: Option<Timestamp>,
) -> Result<(), Failure> {
    let start = clock.now();
    let mut next = start;
    let mut happenings = product.engine().subscribe();
    loop {
        next = next.plus_seconds(EVERY_S);
        let wake = end.map_or(next, |end| end.min(next));
        tokio::select! {
            () = clock.sleep_until(wake) => {}
            _name = signals.next() => return Ok(()),
        }
        if end.is_some_and(|end| wake >= end) {
            return Ok(());
        }
        if !shared.quiet {
            for text in incidents::told(&mut happenings) {
                output::note(shared, &text);
            }
            let now = clock.now();
            let since_start = product::totals(product.engine(), start.minute(), now.minute().plus(1))?;
            let from = now.minute().minus(LOOK_BACK_MINUTES - 1);
            let lately = product::totals(product.engine(), from, now.minute().plus(1))?;
            let ahead = ahead(product.engine());
            output::note(shared, &line(seconds_between(start, now), &since_start, &lately, &ahead));
        }
    }
}

/// What the numbers of a [`line`] are.
pub(super) const LEGEND: &str = "Every 10 s, per channel: calls/failed since the start, p95 latency of the last two minutes, and after the arrow what \
     is forecast of a minute's p95 in a quarter of an hour (90 % interval in brackets).";

/// Low end, median and high end of the p95 latency forecast of each channel, in seconds.
fn ahead(engine: &Engine) -> BTreeMap<ChannelId, [f64; 3]> {
    let target = Target::Column(Column::LatencyP95);
    let seen = |channel: ChannelId| {
        let forecast = engine.forecast(&channel, target, AHEAD_MINUTES, &Levels::default()).ok()?.forecast;
        let last = |level| forecast.path(level)?.last().map(|ms| ms / 1_000.0);
        Some((channel, [last(0.05)?, last(0.5)?, last(0.95)?]))
    };
    engine.channels().into_iter().filter_map(seen).collect()
}

fn line(
    elapsed_s: u64,
    since_start: &BTreeMap<ChannelId, Sample>,
    lately: &BTreeMap<ChannelId, Sample>,
    ahead: &BTreeMap<ChannelId, [f64; 3]>,
) -> String {
    let channel = |(channel, total): (&ChannelId, &Sample)| {
        let p95_s = lately.get(channel).and_then(|sample| sample.latency.quantile(0.95)).map(|ms| ms / 1_000.0);
        let counts = &total.counts;
        let forecast = ahead.get(channel).map(|[low, median, high]| format!(" -> {median:.1} ({low:.1}..{high:.1})"));
        let (calls, p95) = (counts.requests, output::decimal(p95_s, 1));
        format!("{channel} {calls}/{} {p95} s{}", counts.errors, forecast.unwrap_or_default())
    };
    let channels: Vec<String> = since_start.iter().map(channel).collect();
    format!("{:>8}  {}", output::seconds(elapsed_s), channels.join("  "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Minute;

    #[test]
    fn a_line_tells_counts_and_lateness_and_shows_gaps_as_gaps() {
        let name = |name: &str| ChannelId::new(name).expect("valid name");
        let sample = |channel: &str, requests, ms| {
            let mut sample = Sample::new(name(channel), Minute(0));
            sample.counts.requests = requests;
            sample.latency.insert(ms);
            (name(channel), sample)
        };
        let total = BTreeMap::from([sample("a", 212, 100.0), sample("b", 7, 100.0)]);
        let lately = BTreeMap::from([sample("a", 1, 1_500.0)]);
        let ahead = BTreeMap::from([(name("a"), [1.0, 1.64, 2.25])]);
        let text = line(40, &total, &lately, &ahead);
        assert_eq!(text, "    40 s  a 212/0 1.5 s -> 1.6 (1.0..2.2)  b 7/0 - s");
    }
}
