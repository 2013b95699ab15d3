//! Backfill end to end: files in, minutes in a store out, compared with an independent reader.

mod generated;
mod store;
mod traces;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use foreroute::collect::import::mapping::Wishes;
use foreroute::collect::source::Admission;
use foreroute::domain::sample::Sample;
use foreroute::domain::time::Timestamp;
use foreroute::engine::import::{Cuts, Import, ImportError, Summary, Target};

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

/// Asks the independent reader; `None` (and a line that says so) where there is no Python with pyarrow.
fn totals(layout: &str, path: &Path) -> Option<Totals> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let python = setting("FOREROUTE_TEST_PYTHON").unwrap_or_else(|| root.join(".venv/bin/python"));
    let has_pyarrow = Command::new(&python).args(["-c", "import pyarrow"]).output();
    if !has_pyarrow.is_ok_and(|output| output.status.success()) {
        skip(&format!("{} has no pyarrow: totals are not compared", python.display()));
        return None;
    }
    let output = Command::new(&python).arg(root.join("tests/readers/totals.py")).arg(layout).arg(path).output();
    let output = output.expect("the reader starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(serde_json::from_slice(&output.stdout).expect("the reader prints its totals"))
}

/// A path from the environment.
fn setting(name: &str) -> Option<PathBuf> {
    #[expect(clippy::disallowed_methods, reason = "tests are told by the environment where things are")]
    std::env::var_os(name).map(PathBuf::from)
}

#[expect(clippy::print_stderr, reason = "a test that was not run must not look like one that was")]
fn skip(why: &str) {
    eprintln!("SKIPPED: {why}");
}

/// Checks that `summary` and `samples` say what the independent reader says, `totals`.
fn compare(summary: &Summary, samples: &[Sample], totals: &Totals) {
    let sum = |of: fn(&Sample) -> u64| samples.iter().map(of).sum::<u64>();
    assert_eq!(summary.requests, totals.requests);
    assert_eq!(summary.failures, totals.failures);
    assert_eq!(summary.skipped.values().sum::<u64>(), totals.skipped);
    assert_eq!(sum(|minute| minute.counts.requests), totals.requests);
    assert_eq!(sum(|minute| minute.counts.errors), totals.failures);
    assert_eq!(sum(|minute| minute.tokens_prompt.unwrap_or(0)), totals.tokens_prompt);
    assert_eq!(sum(|minute| minute.tokens_completion.unwrap_or(0)), totals.tokens_completion);
    let mut channels: BTreeMap<String, u64> = BTreeMap::new();
    for minute in samples {
        *channels.entry(minute.channel.to_string()).or_default() += minute.counts.requests;
    }
    assert_eq!(channels, totals.channels);
    compare_p95(samples, totals);
}

/// Checks every hour of every channel: the p95 of merged minutes is within 1 % of the exact one.
fn compare_p95(samples: &[Sample], totals: &Totals) {
    let mut hours: BTreeMap<(String, i64), Sample> = BTreeMap::new();
    for minute in samples.iter().filter(|minute| minute.latency.sketch().is_some()) {
        let hour = minute.minute.hour().first_minute().start().seconds();
        match hours.get_mut(&(minute.channel.to_string(), hour)) {
            Some(merged) => merged.merge(minute),
            None => drop(hours.insert((minute.channel.to_string(), hour), minute.clone())),
        }
    }
    assert_eq!(hours.len(), totals.p95.values().map(BTreeMap::len).sum::<usize>());
    for ((channel, hour), merged) in &hours {
        let exact = totals.p95[channel][&hour.to_string()];
        let ours = merged.latency.quantile(0.95).expect("the hour has calls");
        // Values are kept to a thousandth of a millisecond; that rounding comes on top.
        assert!((ours - exact).abs() <= 0.01 * exact + 0.001, "{channel} {hour}: {ours} against {exact}");
    }
}
