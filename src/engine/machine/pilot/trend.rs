//! Where a channel's latency is heading right now.
//!
//! Forecasts of a day know the season and expect that what is unusual goes back; a channel that is filling up does not.
//! So beside them stands a line through the logarithms of the last minutes' mean latencies, each weighted by its calls
//! (weighted least squares), over three windows, and of its slope only what is beyond doubt: three standard errors are
//! taken off. A short window sees a ramp begin, a long one sees a slow one. A flat, a noisy and a young series have no
//! trend.
//!
//! A minute costs O(window).

use std::collections::VecDeque;

/// Minutes of each line, the longest last.
const WINDOWS: [usize; 3] = [5, 8, 12];
/// Part of the minutes of a window that must have calls.
const LEAST: f64 = 0.75;
/// Calls below which a minute says nothing.
const LEAST_CALLS: f64 = 5.0;
/// Standard errors that are taken off the slope.
const DOUBT: f64 = 3.0;
/// Relative spread of single calls around the mean of their minute, at least: no line is more certain than its calls.
const SPREAD: f64 = 0.8;

/// The last minutes of one channel.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Trend(VecDeque<(f64, f64)>);

impl Trend {
    /// Learns the next minute: its mean latency and its calls. A minute without enough calls is a gap.
    pub fn learn(&mut self, mean_ms: f64, calls: f64) {
        if self.0.len() >= WINDOWS[WINDOWS.len() - 1] {
            self.0.pop_front();
        }
        let is_known = mean_ms > 0.0 && mean_ms.is_finite() && calls >= LEAST_CALLS;
        self.0.push_back(if is_known { (mean_ms.ln(), calls) } else { (f64::NAN, 0.0) });
    }

    /// Forgets everything: the channel is another one since.
    pub fn forget(&mut self) {
        self.0.clear();
    }

    /// How many times longer calls will take in `minutes` than now, as far as that is beyond doubt; 1 if it is not.
    #[must_use]
    pub fn slower(&self, minutes: f64) -> f64 {
        let steepest = WINDOWS.into_iter().map(|window| self.slope(window)).fold(0.0, f64::max);
        (steepest * minutes).exp()
    }

    /// Growth of the logarithm a minute over the last `window` minutes that is beyond doubt, 0 or above.
    fn slope(&self, window: usize) -> f64 {
        if self.0.len() < window {
            return 0.0;
        }
        let points = || {
            let numbered =
                (0u32..).zip(self.0.iter().skip(self.0.len() - window)).filter(|(_, (log, _))| log.is_finite());
            numbered.map(|(at, (log, calls))| (f64::from(at), *log, *calls))
        };
        #[expect(clippy::cast_precision_loss, reason = "a dozen minutes")]
        let (known, window) = (points().count() as f64, window as f64);
        if known < LEAST * window {
            return 0.0;
        }
        let weight: f64 = points().map(|(.., calls)| calls).sum();
        let mean =
            |of: &dyn Fn(f64, f64) -> f64| points().map(|(at, log, calls)| calls * of(at, log)).sum::<f64>() / weight;
        let (middle, level) = (mean(&|at, _| at), mean(&|_, log| log));
        let spread = mean(&|at, _| (at - middle) * (at - middle));
        let together = mean(&|at, log| (at - middle) * (log - level));
        let slope = together / spread;
        let residual = mean(&|at, log| (log - level - slope * (at - middle)).powi(2));
        // Of the mean of the minutes' calls, and of how the minutes lie around the line.
        let by_calls = SPREAD * SPREAD / (weight * spread);
        let by_minutes = residual / ((known - 2.0) * spread);
        let beyond = slope - DOUBT * by_calls.max(by_minutes).sqrt();
        if beyond.is_finite() { beyond.max(0.0) } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::seed::Seed;
    use rand_distr::{Distribution, LogNormal};

    /// The largest factor that is foreseen in the quarter of an hour at any minute of a course.
    fn foreseen(course: impl Fn(u32) -> f64, calls: u32, minutes: u32, seed: u64) -> f64 {
        let mut trend = Trend::default();
        let mut rng = Seed::new(seed).rng();
        let call = LogNormal::new(0.0, 0.6).expect("a law");
        let mut most = 1.0f64;
        for minute in 0..minutes {
            let sum: f64 = (0..calls).map(|_| course(minute) * call.sample(&mut rng)).sum();
            trend.learn(sum / f64::from(calls), f64::from(calls));
            most = most.max(trend.slower(15.0));
        }
        most
    }

    #[test]
    fn a_ramp_is_foreseen_and_calm_is_calm() {
        // Grows to five times within forty minutes, known after six of them, or fourteen where calls are few.
        let ramp = |minute: u32| 800.0 * (1.0 + 4.0 * f64::from(minute) / 40.0);
        assert!(foreseen(ramp, 200, 6, 1) > 1.5);
        assert!(foreseen(ramp, 20, 14, 2) > 1.2);
        // A week of calm: what is foreseen stays small.
        assert!(foreseen(|_| 800.0, 200, 10_000, 3) < 1.35);
        assert!(foreseen(|_| 800.0, 8, 10_000, 4) < 3.0);
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "nothing is foreseen at all")]
    fn too_little_is_no_trend() {
        let mut trend = Trend::default();
        for minute in 0..4 {
            trend.learn(100.0 * 2.0f64.powi(minute), 100.0);
        }
        assert_eq!(trend.slower(15.0), 1.0);
        for _ in 0..40 {
            trend.learn(f64::NAN, 100.0);
            trend.learn(100.0, 1.0);
        }
        assert_eq!(trend.slower(15.0), 1.0, "gaps");
    }
}
