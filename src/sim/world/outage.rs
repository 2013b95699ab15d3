//! How long trouble lasts: a law fitted to what providers told of theirs.
//!
//! Source: the status pages collected in `b3ngriffiths/ai-status-leaderboard` (commit 2bf3a6ddc98d; 437 rows from July
//! 2024 to May 2026). The 249 incidents with a usable duration have a median of 73 minutes, quartiles of 30 and 152 and
//! a 90th percentile of 402; the mean and the standard deviation of their logarithms are the two figures below. The law
//! gives 30 and 189 minutes for the quartiles and 433 for the 90th percentile.

use crate::sim::world::lasting::Lasting;
use crate::stats::seed::Seed;

/// The law; never shorter than a minute, nor longer than a day.
const LAW: Lasting = Lasting { log_mean: 4.322, log_spread: 1.363, range_min: (1.0, 1_440.0) };

/// Minutes of one incident, drawn by `luck`.
#[must_use]
pub fn minutes(luck: Seed) -> f64 {
    LAW.minutes(luck)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_law_has_the_quartiles_of_the_table() {
        let mut drawn: Vec<f64> = (0..4_000).map(|n| minutes(Seed::new(n))).collect();
        drawn.sort_by(f64::total_cmp);
        for (place, measured) in [(1_000, 30.0), (2_000, 73.0), (3_000, 152.0), (3_600, 402.0)] {
            assert!((drawn[place] / measured - 1.0).abs() < 0.35, "{} minutes at {place}", drawn[place]);
        }
    }
}
