//! Readings that are not far out one by one, but several in a row.
//!
//! A value two scales too high is nothing; three in a row are. The mean of the last readings, times the root of their
//! number, has the spread of a single one if they are independent, and grows by that root if they agree. Three are few
//! enough that nothing is late by more than two steps.

use serde::{Deserialize, Serialize};

/// Readings that count together.
const TOGETHER: usize = 3;

/// The last readings of one detector.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Sustained {
    last: [f64; TOGETHER],
    next: usize,
}

impl Sustained {
    /// The joint reading of this and the last ones. A reading that is missing counts as 0, so a gap makes nothing odd.
    pub fn with(&mut self, oddness: f64) -> f64 {
        if let Some(oldest) = self.last.get_mut(self.next) {
            *oldest = oddness;
        }
        self.next = (self.next + 1) % TOGETHER;
        #[expect(clippy::cast_precision_loss, reason = "three")]
        let root = (TOGETHER as f64).sqrt();
        self.last.iter().sum::<f64>() / root
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
    }
}
