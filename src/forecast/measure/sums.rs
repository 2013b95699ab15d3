//! A running mean that can be added to another.

use serde::{Deserialize, Serialize};

/// Sum and count. A plain sum is exact enough: a billion points lose less than seven of sixteen digits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Mean {
    sum: f64,
    count: u64,
}

impl Mean {
    pub(super) fn add(&mut self, value: f64) {
        self.sum += value;
        self.count += 1;
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.sum += other.sum;
        self.count += other.count;
    }

    pub(super) const fn count(self) -> u64 {
        self.count
    }

    /// The mean, if anything was added.
    pub(super) fn get(self) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
        let count = self.count as f64;
        (self.count > 0).then(|| self.sum / count)
    }
}
