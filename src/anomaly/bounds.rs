//! What keeps every reading finite, whatever a series holds.

use crate::forecast::history::Observation;

/// No reading is odder than this, in typical deviations: beyond, "how odd" has no meaning, only "odd".
pub const ODDEST: f64 = 1e6;
/// Values are read as lying within plus and minus this, so that squares and their sums stay finite.
const LARGEST: f64 = 1e150;

/// The value of a step; `None` for a gap, which a NaN and an infinite value are.
#[must_use]
pub fn known(news: Observation) -> Option<f64> {
    news.is_known().then(|| news.value.clamp(-LARGEST, LARGEST))
}

/// How many times `spread` goes into `away`, within plus and minus [`ODDEST`]. Without any spread, whatever is away at
/// all is as odd as can be.
#[must_use]
pub fn oddness(away: f64, spread: f64) -> f64 {
    // A zero has a sign, and so has what is divided by it.
    let times = away / spread.abs();
    if times.is_nan() { 0.0 } else { times.clamp(-ODDEST, ODDEST) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_finite() {
        assert_eq!(known(Observation::of(f64::NAN)), None);
        assert_eq!(known(Observation::of(f64::NEG_INFINITY)), None);
        assert_eq!(known(Observation::of(f64::MAX)), Some(1e150));
        let odd = [oddness(3.0, 2.0), oddness(-3.0, 0.0), oddness(0.0, -0.0), oddness(f64::NAN, 1.0)];
        assert_eq!(odd.to_vec(), [1.5, -ODDEST, 0.0, 0.0]);
    }
}
