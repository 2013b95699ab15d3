//! A sample of what has been seen, the recent more than the old.

use rand::RngExt;
use rand_xoshiro::Xoshiro256PlusPlus;
use serde::{Deserialize, Serialize};

/// What stands for a missing value: beyond every value there is, and unlike NaN equal to itself, so that states can be
/// compared and written in any format.
const GAP: f32 = f32::MIN;

/// Rows in as many places as there are, each of which is overwritten by chance: ages are geometrically distributed
/// (Aggarwal 2006, *On biased reservoir sampling in the presence of stream evolution*).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reservoir {
    features: usize,
    places: usize,
    /// Row after row.
    values: Vec<f32>,
}

impl Reservoir {
    /// An empty one for `places` rows.
    pub fn new(features: usize, places: usize) -> Self {
        Self { features, places, values: Vec::new() }
    }

    /// Rows in it.
    pub fn len(&self) -> usize {
        self.values.len() / self.features.max(1)
    }

    /// Takes `row` in: while there are places in any case, later with the probability that lets a row stay for `memory`
    /// rows on average.
    pub fn push(&mut self, row: &[f32], memory: usize, rng: &mut Xoshiro256PlusPlus) {
        let kept = row.iter().map(|value| if value.is_nan() { GAP } else { *value });
        if self.len() < self.places {
            self.values.extend(kept);
            return;
        }
        // One draw over the whole memory: what lies beyond the places is a refusal.
        let place = rng.random_range(0..memory.max(self.places));
        for (slot, value) in self.values.iter_mut().skip(place * self.features).take(self.features).zip(kept) {
            *slot = value;
        }
    }

    /// Writes row number `index` to `row`.
    pub fn fetch(&self, index: usize, row: &mut [f32]) {
        let values = self.values.iter().skip(index * self.features);
        for (slot, value) in row.iter_mut().zip(values) {
            *slot = if value.to_bits() == GAP.to_bits() { f32::NAN } else { *value };
        }
    }

    /// Whether it holds rows of `features` features in `places` places, which one that was read need not do.
    pub fn fits(&self, features: usize, places: usize) -> bool {
        let whole = self.values.len().is_multiple_of(features.max(1)) && self.len() <= places;
        self.features == features && self.places == places && whole
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::seed::Seed;

    #[test]
    fn rows_stay_for_the_memory_on_average() {
        let mut reservoir = Reservoir::new(1, 100);
        let mut rng = Seed::new(1).rng();
        for time in 0..5_000_u16 {
            reservoir.push(&[f32::from(time)], 400, &mut rng);
        }
        assert_eq!(reservoir.len(), 100);
        let mean_age = 4_999.0 - reservoir.values.iter().sum::<f32>() / 100.0;
        assert!((250.0..550.0).contains(&mean_age), "{mean_age}");
    }

    #[test]
    fn gaps_come_back_as_gaps() {
        let mut reservoir = Reservoir::new(2, 4);
        reservoir.push(&[f32::NAN, 2.0], 4, &mut Seed::new(1).rng());
        let mut row = [0.0; 2];
        reservoir.fetch(0, &mut row);
        assert!(row[0].is_nan() && row[1].to_bits() == 2.0_f32.to_bits());
        assert_eq!(reservoir, reservoir.clone());
    }
}
