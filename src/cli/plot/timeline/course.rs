//! A run in steps that are wide enough to be seen.

use crate::sim::replay::trail::{STEP_S, Trail};

/// Steps of a picture at most.
const MOST_STEPS: usize = 300;
/// Shortest step in seconds.
const LEAST_S: usize = 5;

/// A run in steps.
#[derive(Debug)]
pub(super) struct Course {
    step_s: usize,
    /// Per step, the share of each channel.
    pub(super) shares: Vec<Vec<f64>>,
    /// Per step of the trail's own latencies, the 95th percentile in ms; NaN if nothing was answered.
    pub(super) p95: Vec<f64>,
}

impl Course {
    pub(super) fn of(trail: &Trail) -> Self {
        let step_s = trail.seconds().div_ceil(MOST_STEPS).max(LEAST_S);
        let shares = |step: usize| {
            let seconds = step * step_s..(step + 1) * step_s;
            (0..trail.attempts.len()).map(|channel| trail.share(channel, seconds.clone()).unwrap_or(0.0)).collect()
        };
        Self {
            step_s,
            shares: (0..trail.seconds().div_ceil(step_s)).map(shares).collect(),
            p95: trail.latency.iter().map(|sketch| sketch.quantile(0.95).unwrap_or(f64::NAN)).collect(),
        }
    }

    /// The second at which `step` of the shares begins.
    #[expect(clippy::cast_precision_loss, reason = "seconds of a run")]
    pub(super) fn second(&self, step: usize) -> f64 {
        (step * self.step_s) as f64
    }
}

/// The middle second of `step` of the latencies.
#[expect(clippy::cast_precision_loss, reason = "seconds of a run")]
pub(super) fn latency_second(step: usize) -> f64 {
    (step * STEP_S + STEP_S / 2) as f64
}
