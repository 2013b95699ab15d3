//! Readings that are not far out one by one, but several in a row.
//!
//! A value two scales too high is nothing; three in a row are. The mean of the last readings, times the root of their
//! number, has the spread of a single one if they are independent, and grows by that root if they agree.
//!
//! Each reading counts as [`MOST`] at most, so that one outlier is forgotten with its step and not with the last one
//! that it could be summed with; and together they count no more than twice what they would if all were as the newest,
//! so that a fault of three steps is over when it is over.

use serde::{Deserialize, Serialize};

/// Readings that count together where nothing else is said: few enough that nothing is late by more than two steps.
const TOGETHER: usize = 3;

/// The most that one reading counts.
const MOST: f64 = 50.0;

/// The last readings of one detector.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sustained {
    last: Vec<f64>,
    next: usize,
}

impl Default for Sustained {
    fn default() -> Self {
        Self::of(TOGETHER)
    }
}

impl Sustained {
    /// Of so many readings together, at least one.
    #[must_use]
    pub fn of(together: usize) -> Self {
        Self { last: vec![0.0; together.max(1)], next: 0 }
    }

    /// The joint reading of this and the last ones. A reading that is missing counts as 0, so a gap makes nothing odd.
    pub fn with(&mut self, oddness: f64) -> f64 {
        if let Some(oldest) = self.last.get_mut(self.next) {
            *oldest = oddness.clamp(-MOST, MOST);
        }
        self.next = (self.next + 1) % self.last.len();
        #[expect(clippy::cast_precision_loss, reason = "few")]
        let root = (self.last.len() as f64).sqrt();
        let most = 2.0 * root * oddness.abs().min(MOST);
        (self.last.iter().sum::<f64>() / root).clamp(-most, most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agreement_counts_and_contradiction_cancels() {
        let mut sustained = Sustained::default();
        let seen = [2.0, 2.0, 2.0, -4.0].map(|odd| sustained.with(odd));
        assert!((seen[2] - 6.0 / 3f64.sqrt()).abs() < 1e-12 && seen[3].abs() < 1e-12, "{seen:?}");
        assert!((Sustained::of(4).with(1e9) - 25.0).abs() < 1e-12);
    }
}
