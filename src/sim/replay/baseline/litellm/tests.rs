//! The twin beside LiteLLM 1.106.2 itself, as it was measured on three mocks of 50, 60 and 70 ms (one proxy worker, open
//! loop). The mock with most traffic was degraded from the second minute on; each row here names what was measured and
//! holds the twin to it over several seeds, because what the cooldown does depends on how old its counters are then.

use super::*;
use crate::sim::replay::run::run;
use crate::sim::replay::scene::Scene;
use crate::sim::replay::toy;
use crate::sim::replay::trail::Trail;
use crate::sim::world::fault::{FaultKind, Spell};
use crate::stats::seed::Seed;

/// Calls come a while before the fault, as in the measured runs.
const FAULT_AT_S: i64 = 70;
/// As long as the mocks take more when they are slow: 1,500 ms instead of 60 on average.
const SLOW: FaultKind = FaultKind::Step(25.0);

/// What was measured in one run.
#[derive(Debug)]
struct Row {
    /// Attempts that reached the bad mock while it was bad.
    arrivals: u32,
    /// Calls that failed, or took a second and more, then.
    failed: u32,
    slow: u32,
    /// Seconds until the first three seconds without an attempt on it.
    left_s: Option<usize>,
    /// Attempts on it after it was well again.
    after: u32,
    /// Seconds from its recovery to the first attempt on it.
    back_s: Option<usize>,
}

struct Case {
    rate: f64,
    fault_s: i64,
    kind: FaultKind,
    retries: usize,
    time_out_ms: f64,
}

const DEFAULTS: Case = Case { rate: 10.0, fault_s: 60, kind: SLOW, retries: 2, time_out_ms: 60_000.0 };

fn rows(case: &Case, router: impl Fn(&Scene) -> LiteLlm) -> Vec<Row> {
    (0..8).map(|seed| row(case, &router, seed)).collect()
}

fn row(case: &Case, router: &impl Fn(&Scene) -> LiteLlm, seed: u64) -> Row {
    let mut scene = toy::mocks(case.rate, 4);
    scene.seed = Seed::new(seed);
    scene.client.retries = case.retries;
    scene.client.time_out_ms = case.time_out_ms;
    let quiet = run(&scene, &mut router(&scene));
    let busiest = busiest(&quiet, usize::try_from(FAULT_AT_S).expect("positive"));
    let from = scene.begin().plus_seconds(FAULT_AT_S);
    let spell = Spell { from, to: from.plus_seconds(case.fault_s), kind: case.kind };
    scene.channels[busiest].spells.push(spell);
    measure(&run(&scene, &mut router(&scene)), busiest, case.fault_s)
}

/// The channel with most attempts in the ten seconds before `second`.
fn busiest(trail: &Trail, second: usize) -> usize {
    let share = |channel: &usize| trail.share(*channel, second - 10..second).expect("calls");
    (0..3).max_by(|a, b| share(a).total_cmp(&share(b))).expect("three channels")
}

fn measure(trail: &Trail, bad: usize, fault_s: i64) -> Row {
    let from = usize::try_from(FAULT_AT_S).expect("positive");
    let to = from + usize::try_from(fault_s).expect("positive");
    let sum = |of: &[u32], span: std::ops::Range<usize>| of[span].iter().sum::<u32>();
    let attempts = &trail.attempts[bad];
    Row {
        arrivals: sum(attempts, from..to),
        failed: sum(&trail.failed, from..to),
        slow: sum(&trail.slow, from..to),
        left_s: (from..to).find(|second| sum(attempts, *second..*second + 3) == 0).map(|second| second - from),
        after: sum(attempts, to..trail.seconds()),
        back_s: (to..trail.seconds()).find(|second| attempts[*second] > 0).map(|second| second - to),
    }
}

fn shuffle(scene: &Scene) -> LiteLlm {
    LiteLlm::shuffle(scene, CooldownSetting::default())
}

fn latency(scene: &Scene) -> LiteLlm {
    LiteLlm::latency(scene, CooldownSetting::default(), LatencySetting::default())
}

/// All of `rows` satisfy `holds`.
fn all(rows: &[Row], holds: impl Fn(&Row) -> bool) {
    assert!(rows.iter().all(holds), "{rows:#?}");
}

/// The median of what `of` says of `rows` lies in `range`.
fn median(rows: &[Row], range: std::ops::RangeInclusive<u32>, of: impl Fn(&Row) -> u32) {
    let mut values: Vec<u32> = rows.iter().map(of).collect();
    values.sort_unstable();
    assert!(range.contains(&values[values.len() / 2]), "{values:?} is not around {range:?}: {rows:#?}");
}

#[test]
fn latency_routing_leaves_a_slow_channel_at_once_and_never_returns() {
    // Measured: 15 of 600 arrivals, 14 slow, left after 1.6 s, 0 of 1,000 calls after recovery.
    let rows = rows(&DEFAULTS, latency);
    median(&rows, 10..=20, |row| row.arrivals);
    all(&rows, |row| row.left_s.is_some_and(|left| left <= 3) && row.after == 0 && row.slow <= 25);
}

#[test]
fn shuffle_never_leaves_a_slow_channel() {
    // Measured: 196 of 600 arrivals, all of them slow.
    let rows = rows(&DEFAULTS, shuffle);
    median(&rows, 180..=220, |row| row.arrivals);
    all(&rows, |row| row.left_s.is_none() && row.slow + 10 >= row.arrivals && row.failed == 0);
}

#[test]
fn latency_routing_fails_every_call_on_a_dead_channel_until_half_have_failed() {
    // Measured at 3 calls a second: 70 of the first 70 failed, 74 in all; left after 23.9 s, 231 attempts.
    let case = Case { rate: 3.0, fault_s: 70, kind: FaultKind::Failing(1.0), ..DEFAULTS };
    let rows = rows(&case, latency);
    median(&rows, 20..=95, |row| row.failed);
    median(&rows, 60..=320, |row| row.arrivals);
    all(&rows, |row| row.left_s.is_some_and(|left| left <= 31) && row.failed * 3 <= row.arrivals);
}

#[test]
fn shuffle_leaves_a_dead_channel_when_half_of_its_minute_has_failed() {
    // Measured: 103 arrivals, 6 calls failed, left after 18.5 s, back after 0.8 s; without retries 67 failed, left
    // after 19.1 s, then one failure each 5.2 s.
    let dead = Case { kind: FaultKind::Failing(1.0), ..DEFAULTS };
    let retried = rows(&dead, shuffle);
    median(&retried, 60..=160, |row| row.arrivals);
    all(&retried, |row| row.failed <= 15 && row.left_s.is_some_and(|left| left <= 31));
    all(&retried, |row| row.back_s.is_some_and(|back| back <= 6));
    let once = rows(&Case { retries: 0, ..dead }, shuffle);
    median(&once, 40..=110, |row| row.failed);
    all(&once, |row| row.failed == row.arrivals && row.left_s.is_some_and(|left| left <= 31));
}

#[test]
fn a_third_of_failures_is_never_noticed() {
    // Measured without retries: 144 of 400 arrivals, 42 failed, never left.
    let case = Case { kind: FaultKind::Failing(0.3), fault_s: 40, retries: 0, ..DEFAULTS };
    let rows = rows(&case, shuffle);
    median(&rows, 115..=155, |row| row.arrivals);
    median(&rows, 30..=52, |row| row.failed);
    all(&rows, |row| row.left_s.is_none());
}

#[test]
fn allowed_fails_cool_sooner_and_relapse() {
    // Measured, without retries, allowed_fails 2 and cooldown 30: 6 failed, left after 1.6 s, relapse at 32 s.
    let case = Case { kind: FaultKind::Failing(1.0), fault_s: 40, retries: 0, ..DEFAULTS };
    let setting = CooldownSetting { cooldown_s: 30.0, allowed_fails: Some(2) };
    let rows = rows(&case, |scene| LiteLlm::shuffle(scene, setting));
    median(&rows, 5..=8, |row| row.failed);
    all(&rows, |row| row.left_s.is_some_and(|left| left <= 4));
}

#[test]
fn throttling_cools_at_once_and_is_tried_each_five_seconds() {
    // Measured, without retries: 9 arrivals, all failed, left after 0.6 s, one each 5 s. With latency routing and
    // retries: 2 arrivals, none failed; the second one 6.6 s later.
    let case = Case { kind: FaultKind::Throttling(1.0), fault_s: 40, retries: 0, ..DEFAULTS };
    let shuffled = rows(&case, shuffle);
    median(&shuffled, 7..=10, |row| row.arrivals);
    all(&shuffled, |row| row.left_s.is_some_and(|left| left <= 2) && row.failed == row.arrivals);
    let fastest = rows(&Case { retries: 2, ..case }, latency);
    all(&fastest, |row| row.failed == 0 && (1..=10).contains(&row.arrivals));
}

#[test]
fn a_time_out_counts_a_thousand_seconds() {
    // Measured with a limit of 2 s on a channel that hangs: 10 arrivals, none failed, left after 1.9 s, never back.
    let case = Case { kind: FaultKind::TimeOuts(1.0), fault_s: 40, time_out_ms: 2_000.0, ..DEFAULTS };
    let rows = rows(&case, latency);
    median(&rows, 12..=28, |row| row.arrivals);
    all(&rows, |row| row.failed == 0 && row.after == 0 && row.left_s.is_some_and(|left| left <= 3));
}

#[test]
fn a_map_that_dies_is_learnt_again() {
    // Measured with a life of 10 s: 58 of 400 arrivals, learnt again about each 10 s, and back after 8.3 s.
    let case = Case { fault_s: 40, ..DEFAULTS };
    let setting = LatencySetting { ttl_s: 10.0, buffer: 0.0 };
    let rows = rows(&case, |scene| LiteLlm::latency(scene, CooldownSetting::default(), setting));
    median(&rows, 30..=90, |row| row.arrivals);
    all(&rows, |row| row.back_s.is_some_and(|back| back <= 20));
}
