//! Exact counts of the last minute, in a ring of buckets.
//!
//! A ring of ten buckets, as in linkerd (`linkerd/app/outbound/src/http/breaker/success_rate.rs`): a moving average that
//! weighs calls by the time between them would give the calls of a tight burst next to no weight. Buckets lie on
//! multiples of their width since the epoch, so the order in which calls of the last minute are heard does not matter.
//!
//! The newest bucket is not complete, so the last minute is 54 to 60 seconds.
//!
//! A call costs O(1): at most ten buckets are emptied, and none is allocated. Calls older than the ring are not counted;
//! a silence longer than the ring empties it.

use serde::{Deserialize, Serialize};

use crate::domain::time::Timestamp;

/// Buckets of the ring.
const BUCKETS: usize = 10;
/// [`BUCKETS`] as a difference of slots.
const SPAN: i64 = 10;
/// Microseconds of a bucket: the ring holds a minute.
const WIDTH: i64 = 6_000_000;
/// Buckets after which a call weighs half in [`Window::recent`], so that a change is seen within a fraction of a minute.
const HALF_LIFE: f64 = 3.0;

/// Counts of calls. They are real numbers because older calls may weigh less.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Counts {
    /// Calls that say something of the channel.
    pub calls: f64,
    /// Those that failed, throttled ones aside.
    pub failed: f64,
    /// Those that were throttled.
    pub throttled: f64,
    /// Those that went well and had a limit.
    pub limited: f64,
    /// Those of them that took longer.
    pub slow: f64,
    /// Those of them that took longer by far.
    pub gross: f64,
    /// Those that went well and whose latency is known.
    pub timed: f64,
    /// Milliseconds of all of them.
    pub latency_ms: f64,
}

impl Counts {
    /// Adds `other`, each of its calls with the weight `weight`.
    pub fn add(&mut self, other: &Self, weight: f64) {
        self.calls += weight * other.calls;
        self.failed += weight * other.failed;
        self.throttled += weight * other.throttled;
        self.limited += weight * other.limited;
        self.slow += weight * other.slow;
        self.gross += weight * other.gross;
        self.timed += weight * other.timed;
        self.latency_ms += weight * other.latency_ms;
    }
}

/// The counts of the last minute.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Window {
    buckets: [Counts; BUCKETS],
    /// Number of the newest bucket since the epoch.
    newest: i64,
}

/// What left a window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Left {
    /// Its calls.
    pub counts: Counts,
    /// Seconds by which the window moved on.
    pub seconds: f64,
}

const fn slot_of(at: Timestamp) -> i64 {
    at.micros().div_euclid(WIDTH)
}

fn place_of(slot: i64) -> usize {
    usize::try_from(slot.rem_euclid(SPAN)).unwrap_or(0)
}

impl Window {
    /// Moves on to `now` and tells what left; `None` if nothing could leave.
    pub fn advance(&mut self, now: Timestamp) -> Option<Left> {
        let slot = slot_of(now);
        let steps = slot.saturating_sub(self.newest);
        if steps <= 0 {
            return None;
        }
        let mut counts = Counts::default();
        for step in 1..=steps.min(SPAN) {
            if let Some(bucket) = self.buckets.get_mut(place_of(self.newest.saturating_add(step))) {
                counts.add(bucket, 1.0);
                *bucket = Counts::default();
            }
        }
        self.newest = slot;
        #[expect(clippy::cast_precision_loss, reason = "a number of seconds")]
        let seconds = steps as f64 * (WIDTH as f64 / 1e6);
        Some(Left { counts, seconds })
    }

    /// Counts a call that ended at `at`, after [`Window::advance`]; not if it is older than the ring.
    pub fn record(&mut self, at: Timestamp, call: &Counts) {
        let slot = slot_of(at);
        let is_held = slot <= self.newest && slot > self.newest.saturating_sub(SPAN);
        if let Some(bucket) = self.buckets.get_mut(place_of(slot)).filter(|_| is_held) {
            bucket.add(call, 1.0);
        }
    }

    /// The last `spans` buckets as they are at `now`, the one that contains `now` included; all of them are a minute.
    #[must_use]
    pub fn over(&self, now: Timestamp, spans: u32) -> Counts {
        self.sum(now, |age| if age < f64::from(spans) { 1.0 } else { 0.0 })
    }

    /// The last minute as it is at `now`, the newest calls weighing most.
    #[must_use]
    pub fn recent(&self, now: Timestamp) -> Counts {
        self.sum(now, |age| (-age / HALF_LIFE).exp2())
    }

    /// Forgets all calls.
    pub fn clear(&mut self) {
        self.buckets = [Counts::default(); BUCKETS];
    }

    /// Adds up buckets by what `weight` says of their age in buckets.
    fn sum(&self, now: Timestamp, weight: impl Fn(f64) -> f64) -> Counts {
        let slot = slot_of(now).max(self.newest);
        let mut sum = Counts::default();
        for age in 0..SPAN {
            let held = slot.saturating_sub(age);
            if held > self.newest || held <= self.newest.saturating_sub(SPAN) {
                continue;
            }
            if let Some(bucket) = self.buckets.get(place_of(held)) {
                #[expect(clippy::cast_precision_loss, reason = "0 to 9")]
                sum.add(bucket, weight(age as f64));
            }
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(window: &mut Window, second: i64) -> Option<Left> {
        let at = Timestamp::from_seconds(second);
        let left = window.advance(at);
        window.record(at, &Counts { calls: 1.0, failed: 1.0, ..Counts::default() });
        left
    }

    #[test]
    fn counts_are_exact_for_several_spans_and_leave_after_a_minute() {
        let mut window = Window::default();
        for second in 600..660 {
            heard(&mut window, second);
        }
        let now = Timestamp::from_seconds(659);
        assert!((window.over(now, 10).calls - 60.0).abs() < 1e-9);
        assert!((window.over(now, 2).calls - 12.0).abs() < 1e-9);
        assert!(window.recent(now).calls < 30.0);
        let left = heard(&mut window, 660).expect("moved on");
        assert!((left.counts.calls - 6.0).abs() < 1e-9 && (left.seconds - 6.0).abs() < 1e-9);
        assert_eq!(window.over(Timestamp::from_seconds(1_000), 10), Counts::default());
        let left = heard(&mut window, 10_000).expect("moved on");
        assert!((left.counts.calls - 55.0).abs() < 1e-9, "everything left: {left:?}");
    }

    #[test]
    fn order_does_not_matter_within_the_ring_and_older_calls_are_not_counted() {
        let (mut forth, mut back) = (Window::default(), Window::default());
        for second in 601..660 {
            heard(&mut forth, second);
            heard(&mut back, 1_260 - second);
        }
        assert_eq!(forth, back);
        heard(&mut forth, 500);
        assert_eq!(forth, back);
    }
}
