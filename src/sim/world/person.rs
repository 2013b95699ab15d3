//! How long a person takes from an alert to a fix.
//!
//! Source: the updates of status pages collected in `shoryasethia/openlog` (commit 1d8ce1dafaea; 61 incidents, October
//! 2025 to January 2026). Of these, 24 tell when people began to look ("Investigating"), all of one provider; 13 of the 24
//! also tell when "a fix has been implemented" ("Monitoring"). From the one to the other they took 12 to 194 minutes:
//! a median of 31, quartiles of 17.5 and 76. The mean and the standard deviation of the logarithms of these 13 are the
//! two figures below; the law gives a median of 37 minutes, quartiles of 21 and 64, and a 90th percentile of 105.
//!
//! What the table does not tell is when somebody was called. "Investigating" is written once a person is at work, so the
//! time to wake up and to sit down is left out; so are the 11 incidents that went on without "Monitoring", whose time to
//! "Resolved" has a median of 56 minutes. Both make the person here quicker than those of the table. On the other side a
//! provider's fix is often more than the restart of one process, so scenarios may state that people are quicker by a
//! factor, and results say by which.

use crate::sim::world::lasting::Lasting;
use crate::stats::seed::Seed;

/// The law; never shorter than a minute, nor longer than half a day.
const LAW: Lasting = Lasting { log_mean: 3.600, log_spread: 0.824, range_min: (1.0, 720.0) };

/// Minutes from an alert until a person has mended what it is about, drawn by `luck`.
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
        for (place, measured) in [(1_000, 17.5), (2_000, 31.0), (3_000, 76.0)] {
            assert!((drawn[place] / measured - 1.0).abs() < 0.3, "{} minutes at {place}", drawn[place]);
        }
    }
}
