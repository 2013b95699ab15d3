//! How long something lasts: a log-normal law, as what people and providers take is spread.

use rand_distr::{Distribution, LogNormal};

use crate::stats::seed::Seed;

/// A log-normal law of minutes within bounds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lasting {
    /// Mean of the logarithms of minutes.
    pub log_mean: f64,
    /// Standard deviation of them.
    pub log_spread: f64,
    /// Shortest and longest.
    pub range_min: (f64, f64),
}

impl Lasting {
    /// Minutes, drawn by `luck`.
    pub(super) fn minutes(&self, luck: Seed) -> f64 {
        let drawn = LogNormal::new(self.log_mean, self.log_spread).map_or(1.0, |law| law.sample(&mut luck.rng()));
        drawn.clamp(self.range_min.0, self.range_min.1)
    }
}
