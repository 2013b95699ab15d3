//! Where a feature usually is and how far it usually strays, followed in O(1).

use serde::{Deserialize, Serialize};

/// Known values before a feature is scaled.
pub const WARM_UP: u32 = 30;
/// The largest size of a scaled feature.
pub const LARGEST: f64 = 50.0;
/// Known values over which what is usual is forgotten: a day of minutes.
const MEMORY: f64 = 1_440.0;
/// Deviations beyond which a value has no more weight (Huber 1964, *Robust estimation of a location parameter*).
const BEND: f64 = 3.0;
/// Standard deviations in a mean absolute deviation of normal noise: sqrt(pi / 2).
const FROM_ABSOLUTE: f64 = 1.253_314_137_315_500_3;

/// A moving centre and mean absolute deviation, neither of which a single value moves far. Averages of what was seen
/// until the memory is full, exponential ones from then on. A running median would need the values.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Usual {
    seen: u32,
    moves: bool,
    centre: f64,
    deviation: f64,
}

impl Usual {
    /// Around a centre that is followed.
    pub const fn centred() -> Self {
        Self { seen: 0, moves: true, centre: 0.0, deviation: 0.0 }
    }

    /// Around zero.
    pub const fn around_zero() -> Self {
        Self { moves: false, ..Self::centred() }
    }

    /// `value`, which must be finite, in usual deviations of at least `least` from the usual centre, NaN during the
    /// first [`WARM_UP`]; then it is learnt.
    pub fn next(&mut self, value: f64, least: f64) -> f64 {
        if self.seen == 0 && self.moves {
            self.centre = value;
        }
        let deviation = self.deviation.max(least);
        let away = value - self.centre;
        let scaled = if self.seen < WARM_UP { f64::NAN } else { limited(away / deviation) };
        // The first values are as good as any other: nothing is known that they could be held against.
        let bend = if self.seen < WARM_UP { f64::INFINITY } else { BEND * deviation };
        let step = away.clamp(-bend, bend);
        let rate = (1.0 / (f64::from(self.seen) + 1.0)).max(1.0 / MEMORY);
        if self.moves {
            self.centre += rate * step;
        }
        self.deviation += rate * (FROM_ABSOLUTE * step.abs() - self.deviation);
        self.seen = self.seen.saturating_add(1);
        scaled
    }
}

/// `scaled` within what a feature may be; NaN stays.
pub fn limited(scaled: f64) -> f64 {
    scaled.clamp(-LARGEST, LARGEST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::seed::Seed;
    use rand_distr::{Distribution, Normal};

    #[test]
    fn normal_noise_is_scaled_to_one_and_a_wild_value_hardly_matters() {
        let (mut usual, mut rng) = (Usual::centred(), Seed::new(5).rng());
        let noise = Normal::new(100.0, 8.0).expect("valid");
        for step in 0..3_000 {
            let wild = step >= WARM_UP && step % 50 == 0;
            let scaled = usual.next(if wild { 1e12 } else { noise.sample(&mut rng) }, 0.01);
            assert_eq!(scaled.is_nan(), step < WARM_UP);
        }
        assert!((usual.centre - 100.0).abs() < 1.5, "{usual:?}");
        assert!((usual.deviation - 8.0).abs() < 1.2, "{usual:?}");
    }

    #[test]
    fn a_constant_gives_zero_and_a_shift_is_taken_in_time() {
        let mut usual = Usual::centred();
        for _ in 0..100 {
            let scaled = usual.next(7.0, 0.01);
            assert!(scaled.is_nan() || scaled.abs() < 1e-9);
        }
        assert!((usual.next(8.0, 0.01) - LARGEST).abs() < 1e-9);
        for _ in 0..7 * 1_440 {
            usual.next(8.0, 0.01);
        }
        assert!(usual.next(8.0, 0.01).abs() < 3.0, "a week later it is usual");
    }
}
