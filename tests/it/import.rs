//! Backfill end to end: files in, minutes in a store out, compared with an independent reader.

mod generated;
mod store;
mod traces;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use foreroute::collect::import::mapping::Wishes;
use foreroute::collect::source::Admission;
use foreroute::domain::column::Column;
use foreroute::domain::sample::Sample;
use foreroute::domain::time::Timestamp;
use foreroute::engine::import::{Cuts, Import, ImportError, Summary, Target};
use foreroute::store::query::{self, ChannelSeries, RangeQuery};
use store::TestStore;

use crate::readers::python;

/// The day on which the tests say they run.
fn today() -> Timestamp {
    Timestamp::parse_rfc3339("2026-11-20T00:00:00Z").expect("valid RFC 3339")
}

fn import(path: &Path, wishes: &Wishes, cuts: Cuts, target: &mut dyn Target) -> Result<Summary, ImportError> {
    let admission = Admission::open(today());
    Import { path, wishes, admission: &admission, prices: None, cuts }.run(target, &mut |_| {})
}

/// What the independent reader says of a file.
#[derive(Debug, PartialEq, serde::Deserialize)]
struct Totals {
    requests: u64,
    failures: u64,
    tokens_prompt: u64,
    tokens_completion: u64,
    skipped: u64,
    channels: BTreeMap<String, u64>,
    /// Per channel and hour (seconds since 1970) the exact 95th percentile of successful calls.
    p95: BTreeMap<String, BTreeMap<String, f64>>,
}

/// Asks the independent reader; `None` where there is no Python for it.
fn totals(layout: &str, path: &Path) -> Option<Totals> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/readers/totals.py");
    let output = Command::new(python()?).arg(script).arg(layout).arg(path).output().expect("the reader starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(serde_json::from_slice(&output.stdout).expect("the reader prints its totals"))
}

/// Checks that `summary`, the minutes of `store` and its queries say what the independent reader says, `totals`.
fn compare(summary: &Summary, store: &TestStore, totals: &Totals) {
    let samples = store.samples();
    let sum = |of: fn(&Sample) -> u64| samples.iter().map(of).sum::<u64>();
    assert_eq!(summary.requests, totals.requests);
    assert_eq!(summary.failures, totals.failures);
    assert_eq!(summary.skipped.values().sum::<u64>(), totals.skipped);
    assert_eq!(sum(|minute| minute.counts.requests), totals.requests);
    assert_eq!(sum(|minute| minute.counts.errors), totals.failures);
    assert_eq!(sum(|minute| minute.tokens_prompt.unwrap_or(0)), totals.tokens_prompt);
    assert_eq!(sum(|minute| minute.tokens_completion.unwrap_or(0)), totals.tokens_completion);
    let mut channels: BTreeMap<String, u64> = BTreeMap::new();
    for minute in &samples {
        *channels.entry(minute.channel.to_string()).or_default() += minute.counts.requests;
    }
    assert_eq!(channels, totals.channels);
    if samples.iter().any(|minute| minute.latency.sketch().is_some()) {
        compare_p95(summary, store, totals);
    }
}

/// Checks every hour of every channel: the p95 that a range query merges from minutes is within 1 % of the exact one,
/// and there is none where there was no successful call.
fn compare_p95(summary: &Summary, store: &TestStore, totals: &Totals) {
    let (first, last) = summary.first.zip(summary.last).expect("there are calls");
    let query = RangeQuery {
        channels: summary.channels.iter().cloned().collect(),
        column: Column::LatencyP95,
        from: first.minute().hour().first_minute(),
        to: last.minute().plus(1),
        step_minutes: 60,
    };
    let series = query::range(&store.store.snapshot(), &[], &query).expect("the query is answered");
    let none = BTreeMap::new();
    let mut hours = 0;
    for ChannelSeries { channel, points } in series {
        let exact = totals.p95.get(channel.as_str()).unwrap_or(&none);
        for (minute, ours) in points {
            let exact = exact.get(&minute.start().seconds().to_string()).copied();
            assert_eq!(ours.is_some(), exact.is_some(), "{channel} {minute}");
            let (Some(ours), Some(exact)) = (ours, exact) else { continue };
            // Values are kept to a thousandth of a millisecond; that rounding comes on top.
            assert!((ours - exact).abs() <= 0.01 * exact + 0.001, "{channel} {minute}: {ours} against {exact}");
            hours += 1;
        }
    }
    assert_eq!(hours, totals.p95.values().map(BTreeMap::len).sum::<usize>());
}
