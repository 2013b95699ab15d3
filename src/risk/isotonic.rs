//! Probabilities made honest: of everything that was called 30 %, does three in ten come true?
//!
//! Isotonic regression asks only that a higher call never means a lower probability, whatever the shape; Platt's sigmoid
//! ([`crate::risk::logistic`]) cannot bend an end without the other. It is fitted by pooling adjacent violators (Ayer et
//! al., 1955; Zadrozny and Elkan, *Transforming classifier scores into accurate multiclass probability estimates*, 2002).
//! Instead of every pair of the past, 40 bins of calls are kept, narrower towards 0 where risks live, whose sums fade with
//! a half-life. Each bin starts with a few imagined calls that came true as often as called, so that nothing changes
//! before there is evidence, and no single outcome makes a probability 0 or 1.
//!
//! An outcome costs O(bins) for fading, a call O(bins). State: 40 bins of three numbers.

use serde::{Deserialize, Serialize};

use crate::domain::parameter::ParameterError;

/// The non-decreasing values nearest to `values` by squares weighted with `weights` (positive), in place, in O(n).
pub fn pool_adjacent_violators(values: &mut [f64], weights: &[f64]) {
    // Each block is its mean, its weight and where it ends.
    let mut blocks: Vec<(f64, f64, usize)> = Vec::with_capacity(values.len());
    for (at, (value, weight)) in values.iter().zip(weights).enumerate() {
        let (mut mean, mut total) = (*value, *weight);
        while let Some(&(before, its_weight, _)) = blocks.last().filter(|(before, ..)| *before >= mean) {
            mean = (before * its_weight + mean * total) / (its_weight + total);
            total += its_weight;
            blocks.pop();
        }
        blocks.push((mean, total, at + 1));
    }
    let mut from = 0;
    for (mean, _, to) in blocks {
        if let Some(block) = values.get_mut(from..to) {
            block.fill(mean);
        }
        from = to;
    }
}

const BINS: usize = 40;
/// Imagined calls in each bin.
const IMAGINED: f64 = 4.0;

/// Calls of one bin.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
struct Bin {
    weight: f64,
    called: f64,
    came: f64,
}

/// A streaming calibration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Isotonic {
    keep: f64,
    bins: Vec<Bin>,
}

impl Isotonic {
    /// Nothing is known yet; an outcome counts half after `half_life` further ones.
    ///
    /// # Errors
    /// If `half_life` is not at least 10.
    pub fn new(half_life: f64) -> Result<Self, ParameterError> {
        let is_long = half_life >= 10.0 && half_life.is_finite();
        ParameterError::unless(is_long, "half_life", "at least 10 outcomes", &half_life)?;
        Ok(Self { keep: 0.5f64.powf(1.0 / half_life), bins: vec![Bin::default(); BINS] })
    }

    /// Learns that what was called `p` came true or not, with `weight`: outcomes of overlapping windows are not news
    /// each, so they count as much as there are independent ones among them. What is not a probability is left out.
    pub fn learn(&mut self, p: f64, came: bool, weight: f64) {
        let is_sound = (0.0..=1.0).contains(&p) && weight > 0.0 && weight.is_finite();
        if !is_sound {
            return;
        }
        let keep = self.keep.powf(weight);
        for bin in &mut self.bins {
            (bin.weight, bin.called, bin.came) = (bin.weight * keep, bin.called * keep, bin.came * keep);
        }
        if let Some(bin) = self.bins.get_mut(bin_of(p)) {
            bin.weight += weight;
            bin.called += weight * p;
            bin.came += if came { weight } else { 0.0 };
        }
    }

    /// The calibrated probability of what is called `p`: between the bins' means on a line, and a NaN for a NaN.
    #[must_use]
    pub fn calibrate(&self, p: f64) -> f64 {
        let (mut centres, mut rates, mut weights) = ([0.0; BINS], [0.0; BINS], [0.0; BINS]);
        for (at, bin) in self.bins.iter().enumerate().take(BINS) {
            let centre = centre_of(at);
            weights[at] = bin.weight + IMAGINED;
            centres[at] = (bin.called + IMAGINED * centre) / weights[at];
            rates[at] = (bin.came + IMAGINED * centre) / weights[at];
        }
        pool_adjacent_violators(&mut rates, &weights);
        interpolate(&centres, &rates, p.clamp(0.0, 1.0)).clamp(0.0, 1.0)
    }
}

/// Bins are even in the square root.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "p lies in 0..=1"
)]
fn bin_of(p: f64) -> usize {
    ((p.sqrt() * BINS as f64) as usize).min(BINS - 1)
}

#[expect(clippy::cast_precision_loss, reason = "forty bins")]
fn centre_of(bin: usize) -> f64 {
    ((bin as f64 + 0.5) / BINS as f64).powi(2)
}

/// The value at `x` on the line through the points: from (0, 0) to the first, and level beyond the last.
fn interpolate(xs: &[f64; BINS], ys: &[f64; BINS], x: f64) -> f64 {
    let at = xs.partition_point(|known| *known <= x);
    let line = |(x0, y0): (f64, f64), (x1, y1): (f64, f64)| {
        if x1 > x0 { y0 + (y1 - y0) * (x - x0) / (x1 - x0) } else { y0 }
    };
    match (at.checked_sub(1), at < BINS) {
        (None, _) => line((0.0, 0.0), (xs[0], ys[0])),
        (Some(before), true) => line((xs[before], ys[before]), (xs[at], ys[at])),
        (Some(before), false) => ys[before],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::seed::Seed;
    use proptest::prelude::*;
    use rand::Rng;

    #[test]
    fn agrees_with_scipy() {
        // scipy 1.17.1: optimize.isotonic_regression([.1, .3, .2, .25, .6, .4, .4, .9, .8],
        //     weights=[4, 1, 2, 1, 3, 5, 1, 2, 6]).x
        let mut values = [0.1, 0.3, 0.2, 0.25, 0.6, 0.4, 0.4, 0.9, 0.8];
        pool_adjacent_violators(&mut values, &[4.0, 1.0, 2.0, 1.0, 3.0, 5.0, 1.0, 2.0, 6.0]);
        let third = 0.233_333_333_333_333_3;
        let middle = 0.466_666_666_666_666_7;
        let expected = [0.1, third, third, 0.25, middle, middle, middle, 0.825, 0.825];
        assert!(values.iter().zip(expected).all(|(value, expected)| (value - expected).abs() < 1e-12), "{values:?}");
        pool_adjacent_violators(&mut [], &[]);
    }

    #[test]
    fn what_is_called_too_often_is_taken_back() {
        let mut calibration = Isotonic::new(5_000.0).expect("valid");
        assert!((calibration.calibrate(0.3) - 0.3).abs() < 0.01, "nothing is known: nothing changes");
        let mut rng = Seed::new(1).rng();
        #[expect(clippy::cast_precision_loss, reason = "53 bits")]
        let mut uniform = || (rng.next_u64() >> 11) as f64 / (1u64 << 53) as f64;
        for _ in 0..20_000 {
            let p = uniform();
            calibration.learn(p, uniform() < p * p, 1.0);
        }
        for p in [0.2, 0.5, 0.8] {
            assert!((calibration.calibrate(p) - p * p).abs() < 0.06, "{p} {}", calibration.calibrate(p));
        }
        let bytes = postcard::to_stdvec(&calibration).expect("it can be written");
        assert_eq!(postcard::from_bytes::<Isotonic>(&bytes).expect("it can be read"), calibration);
        assert!(Isotonic::new(f64::NAN).is_err());
    }

    proptest! {
        /// Whatever came true, probabilities stay in 0 ..= 1 and never fall as the call rises.
        #[test]
        fn calibration_is_monotone(outcomes in prop::collection::vec((0.0f64..=1.0, any::<bool>()), 0..200), a in 0.0f64..=1.0, b in 0.0f64..=1.0) {
            let mut calibration = Isotonic::new(50.0).expect("valid");
            for (p, came) in outcomes {
                calibration.learn(p, came, 0.5);
            }
            let (low, high) = (calibration.calibrate(a.min(b)), calibration.calibrate(a.max(b)));
            prop_assert!((0.0..=1.0).contains(&low) && (0.0..=1.0).contains(&high) && low <= high + 1e-12);
        }
    }
}
