//! One tail: its newest peaks and how they are distributed.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::RAREST;
use crate::stats::pareto::GeneralisedPareto;
use crate::stats::quantile::quantile_sorted;

/// The share of new peaks at which the tail is fitted again.
const RENEWED: usize = 20;

/// Distances from the middle on one side, above zero outwards.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Tail {
    threshold: f64,
    /// Count of values at each peak, and its excess over the threshold, oldest first.
    peaks: VecDeque<(u64, f64)>,
    /// Values so far, and those before the first peak that counts.
    seen: u64,
    since: u64,
    fitted: GeneralisedPareto,
    /// Peaks since the fit.
    unfitted: usize,
}

impl Tail {
    /// The tail of `sorted` distances above their quantile at `level`.
    pub(super) fn new(sorted: &[f64], level: f64, most: usize) -> Self {
        let threshold = quantile_sorted(sorted, level).unwrap_or(0.0).max(0.0);
        let fitted = GeneralisedPareto { shape: 0.0, scale: 0.0 };
        let mut tail = Self { threshold, peaks: VecDeque::new(), seen: 0, since: 0, fitted, unfitted: 0 };
        // The order within the calibration is lost and irrelevant: its peaks leave one by one, evenly.
        let first = sorted.partition_point(|distance| *distance <= threshold);
        let excesses = sorted[first..].iter().map(|distance| distance - threshold);
        let kept: VecDeque<(u64, f64)> = (0..).zip(excesses.take(most)).collect();
        let stride = sorted.len() / kept.len().max(1);
        tail.peaks = kept.into_iter().map(|(at, excess)| (at * stride as u64, excess)).collect();
        tail.seen = sorted.len() as u64;
        tail.refit();
        tail
    }

    fn refit(&mut self) {
        self.unfitted = 0;
        let excesses: Vec<f64> = self.peaks.iter().map(|(_, excess)| *excess).collect();
        self.fitted = GeneralisedPareto::fit(&excesses);
    }

    /// Learns a distance; `most` peaks are kept.
    pub(super) fn learn(&mut self, distance: f64, most: usize) {
        self.seen += 1;
        if distance <= self.threshold {
            return;
        }
        if self.peaks.len() >= most {
            self.since = self.peaks.pop_front().map_or(self.since, |(at, _)| at);
        }
        self.peaks.push_back((self.seen, distance - self.threshold));
        self.unfitted += 1;
        if self.unfitted * RENEWED >= self.peaks.len() {
            self.refit();
        }
    }

    /// The share of values that are peaks, and their distribution, whose scale is at least `least`.
    #[expect(clippy::cast_precision_loss, reason = "counts of minutes")]
    fn now(&self, least: f64) -> (f64, GeneralisedPareto) {
        let values = self.seen.saturating_sub(self.since).max(1) as f64;
        let share = (self.peaks.len().max(1) as f64 / values).min(1.0);
        (share, GeneralisedPareto { scale: self.fitted.scale.max(least), ..self.fitted })
    }

    /// The distance that is exceeded with probability `risk`; the threshold at least.
    pub(super) fn bound(&self, risk: f64, least: f64) -> f64 {
        let (share, fitted) = self.now(least);
        self.threshold + fitted.exceeded_with((risk / share).min(1.0))
    }

    /// -log10 of the probability of a `distance` at least so large.
    pub(super) fn rarity(&self, distance: f64, least: f64) -> f64 {
        let (share, fitted) = self.now(least);
        let excess = distance - self.threshold;
        if excess > 0.0 {
            return -(share * fitted.survival(excess)).max(RAREST).log10();
        }
        let part = if self.threshold > 0.0 { distance / self.threshold } else { 0.0 };
        -share.log10() * part
    }
}
