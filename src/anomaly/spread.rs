//! How far off a series usually is: an exponentially weighted mean of absolute deviations.
//!
//! The mean of absolute deviations rather than of squares, because one outlier enters it once and not squared, and
//! rather than their median, because that needs a window. Times sqrt(pi/2) it is the standard deviation of normal noise.
//! While little is known the mean is a plain one (weight 1/n), so that the start is not the first deviation for long.
//!
//! Deviations are learnt cut, see [`Clip`]. That alone would bring the spread of a series which mostly stands still to
//! nothing: what stands out of it is cut to a few spreads, which makes the spread smaller, and the next one is cut to even
//! less. So a slower mean of deviations that are cut much later holds the spread above a part of itself.

use serde::{Deserialize, Serialize};

/// sqrt(pi / 2): the standard deviation of normal noise over its mean absolute deviation.
const NORMAL: f64 = 1.253_314_137_315_500_3;

/// Deviations smaller than this part of the size of the values are rounding: a constant series that moves by less is
/// still constant.
const ROUNDING: f64 = 1e-9;

/// Readings are kept within this, so that everything behind them stays finite.
const MOST: f64 = 1e9;

/// The least spread as a part of that of deviations which are hardly cut. Normal noise has both alike.
const LEAST: f64 = 0.5;

/// How much slower the mean of deviations that are hardly cut moves, and the spreads to which they are cut: an outlier as
/// large as can be moves the least spread of minutes by a sixth of a spread.
const SLOWER: f64 = 0.1;
const HARDLY_CUT: f64 = 1_000.0;

/// How far off a series usually is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Spread {
    mean: f64,
    /// The mean of deviations that are hardly cut.
    whole: f64,
    seen: u32,
}

impl Spread {
    /// Nothing known yet.
    pub(super) const NEW: Self = Self { mean: 0.0, whole: 0.0, seen: 0 };

    /// Deviations seen so far, up to four thousand million.
    pub(super) const fn seen(&self) -> u32 {
        self.seen
    }

    /// The standard deviation that normal noise of this spread would have.
    pub(super) fn value(&self) -> f64 {
        NORMAL * self.mean.max(LEAST * self.whole)
    }

    /// Moves towards the size of the deviation `cut` by `rate`, or by one over the number seen if that is more; `whole` is
    /// the same deviation as it was.
    pub(super) fn learn(&mut self, cut: f64, whole: f64, rate: f64) {
        let bound = HARDLY_CUT * self.value();
        let whole = if bound > 0.0 { whole.abs().min(bound) } else { whole.abs() };
        self.seen = self.seen.saturating_add(1);
        let least_rate = 1.0 / f64::from(self.seen);
        self.mean += rate.max(least_rate) * (cut.abs() - self.mean);
        self.whole += (SLOWER * rate).max(least_rate) * (whole - self.whole);
    }
}

/// `deviation` in units of `scale`, for values of the size `size`: finite always, and zero where the deviation is no
/// more than rounding.
pub(super) fn oddness(deviation: f64, scale: f64, size: f64) -> f64 {
    let least = ROUNDING * size.abs();
    if deviation.abs() <= least {
        return 0.0;
    }
    let odd = deviation / scale.max(least).max(f64::MIN_POSITIVE);
    // A quotient beyond all floats, or of two infinities.
    if odd.is_finite() { odd.clamp(-MOST, MOST) } else { MOST.copysign(deviation) }
}

/// Errors in a row that are clipped before the bound widens.
const PATIENCE: u32 = 12;

/// Cuts what is learnt, so that an outlier moves a state no further than an ordinary large value does.
///
/// Errors that are cut again and again are no outliers: after [`PATIENCE`] in a row the bound doubles with each, so that a
/// series which becomes a thousand times as lively is understood within minutes and not within days.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Clip {
    run: u32,
}

impl Clip {
    /// Nothing was cut yet.
    pub(super) const NEW: Self = Self { run: 0 };

    /// `deviation` cut to `most` scales, or to more if the last ones were all cut. A scale of 0 cuts nothing: a series
    /// that never moved says nothing of how far it might.
    pub(super) fn cut(&mut self, deviation: f64, scale: f64, most: f64) -> f64 {
        let bound = most * scale;
        if bound <= 0.0 || deviation.abs() <= bound {
            self.run = 0;
            return deviation;
        }
        self.run = self.run.saturating_add(1);
        let doublings = self.run.saturating_sub(PATIENCE).min(1_000);
        let bound = bound * f64::from(doublings).exp2();
        deviation.clamp(-bound, bound)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spread_is_a_mean_first_and_follows_later() {
        let mut spread = Spread::NEW;
        for deviation in [1.0, -3.0] {
            spread.learn(deviation, deviation, 0.1);
        }
        assert!((spread.value() - NORMAL * 2.0).abs() < 1e-12);
        for _ in 0..500 {
            spread.learn(5.0, 5.0, 0.1);
        }
        assert!((spread.value() - NORMAL * 5.0).abs() < 1e-9);
    }

    #[test]
    fn a_series_that_mostly_stands_still_keeps_a_spread() {
        let (mut spread, mut clip) = (Spread::NEW, Clip::NEW);
        for step in 0..20_000 {
            let deviation = if step % 25 == 0 { 10.0 } else { 0.0 };
            let cut = if step < 100 { deviation } else { clip.cut(deviation, spread.value(), 4.0) };
            spread.learn(cut, deviation, 1.0 / 300.0);
        }
        assert!(spread.value() > 0.1, "{spread:?}");
    }

    #[test]
    fn oddness_is_finite_whatever_the_scale() {
        assert_eq!(oddness(0.0, 0.0, 5.0).to_bits(), 0f64.to_bits(), "a constant series");
        assert_eq!(oddness(1e-12, 0.0, 5.0).to_bits(), 0f64.to_bits(), "rounding");
        assert!((oddness(-3.0, 1.5, 100.0) + 2.0).abs() < 1e-12);
        for (deviation, scale) in [(1e308, 1e-300), (-1e-300, 0.0), (f64::MAX, 0.0)] {
            let odd = oddness(deviation, scale, 0.0);
            assert!(odd.is_finite() && odd.signum() == deviation.signum());
        }
    }
}
