//! The horizons at which errors are followed: dense where the spread grows fast, sparse where it hardly grows.

use serde::{Deserialize, Serialize};

/// Ascending horizons in steps, beginning with 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Horizons(Vec<usize>);

/// Roughly each half as far again as the one before.
const USUAL: [usize; 20] = [1, 2, 3, 5, 8, 12, 20, 30, 45, 60, 90, 120, 180, 240, 360, 480, 720, 1_080, 1_440, 2_880];

impl Horizons {
    /// Horizons up to `last` steps ahead, itself included.
    #[must_use]
    pub fn up_to(last: usize) -> Self {
        let last = last.max(1);
        let mut horizons: Vec<usize> = USUAL.into_iter().filter(|horizon| *horizon < last).collect();
        horizons.push(last);
        Self(horizons)
    }

    /// The horizons, ascending.
    #[must_use]
    pub fn as_slice(&self) -> &[usize] {
        &self.0
    }

    /// The farthest.
    #[must_use]
    pub fn last(&self) -> usize {
        self.0.last().copied().unwrap_or(1)
    }

    /// The positions of the horizons around `horizon`, and its share of the way from one to the other. Beyond the
    /// last one it stays there.
    #[must_use]
    pub fn around(&self, horizon: usize) -> (usize, usize, f64) {
        let after = self.0.partition_point(|known| *known < horizon).min(self.0.len() - 1);
        let before = after.saturating_sub(1);
        let (low, high) = (self.0[before], self.0[after]);
        if horizon >= high || high == low {
            return (after, after, 0.0);
        }
        #[expect(clippy::cast_precision_loss, reason = "horizons are small")]
        let share = horizon.saturating_sub(low) as f64 / (high - low) as f64;
        (before, after, share)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_lie_between_their_neighbours() {
        let horizons = Horizons::up_to(48);
        assert_eq!(horizons.as_slice(), [1, 2, 3, 5, 8, 12, 20, 30, 45, 48]);
        assert_eq!(horizons.around(1), (0, 0, 0.0));
        assert_eq!(horizons.around(4), (2, 3, 0.5));
        assert_eq!(horizons.around(48), (9, 9, 0.0));
        assert_eq!(horizons.around(900), (9, 9, 0.0));
        assert_eq!(Horizons::up_to(0).as_slice(), [1]);
    }
}
