//! The scale a model works on: latency and money vary in proportion to their level, counts with its square root,
//! ratios near 0 and 1 hardly at all. A variance-stabilising scale makes their noise even, so that one model with one
//! noise serves all of them, and the way back keeps every forecast inside the domain.

use serde::{Deserialize, Serialize};

use crate::forecast::history::{History, Observation};

mod scaled;

pub use scaled::{Bounds, OnScale, Scaled};

/// What values a series can take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Domain {
    /// Any number.
    Real,
    /// Zero and above: latency, money.
    NonNegative,
    /// Whole numbers from zero: calls, tokens.
    Count,
    /// From 0 to 1: shares of calls.
    Ratio,
}

impl Domain {
    /// The narrowest domain that holds every value of `history`; ratios are not told from small numbers, a caller
    /// who knows says so.
    #[must_use]
    pub fn of(history: &History<'_>) -> Self {
        let known = || history.values.iter().copied().filter(|value| value.is_finite());
        if known().any(|value| value < 0.0) {
            Self::Real
        } else if known().all(|value| value.fract() == 0.0) {
            Self::Count
        } else {
            Self::NonNegative
        }
    }

    /// `value` moved to the nearest value of the domain that is not necessarily whole: the mean of a count is not.
    #[must_use]
    pub fn clamp(self, value: f64) -> f64 {
        match self {
            Self::Real => value,
            Self::NonNegative | Self::Count => value.max(0.0),
            Self::Ratio => value.clamp(0.0, 1.0),
        }
    }
}

/// A monotone map between values and the scale a model works on.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Scale {
    /// Values as they are.
    Natural,
    /// ln(x + shift); `shift` is zero where every value is above zero.
    Log {
        /// Added before the logarithm.
        shift: f64,
    },
    /// 2 sqrt(x + 3/8): evens out Poisson noise (Anscombe 1948).
    Root,
    /// 2 arcsin(sqrt(p)): evens out binomial noise to 1/n (Bartlett 1936, Anscombe 1948). Unlike a logit it is finite at
    /// 0 and 1, where the error ratios of healthy channels are.
    Angle,
}

impl Scale {
    /// The scale that evens out the noise of a series of `domain`, for example `history`.
    #[must_use]
    pub fn of(domain: Domain, history: &History<'_>) -> Self {
        match domain {
            Domain::Real => Self::Natural,
            Domain::Count => Self::Root,
            Domain::Ratio => Self::Angle,
            Domain::NonNegative => Self::log_of(history),
        }
    }

    /// The logarithm, shifted by a tenth of the mean where there are zeros: enough that a zero is an ordinary low
    /// value and not an abyss. A series of zeros only stays on its natural scale.
    #[must_use]
    pub fn log_of(history: &History<'_>) -> Self {
        let known = || history.values.iter().copied().filter(|value| value.is_finite());
        if known().all(|value| value > 0.0) && known().next().is_some() {
            return Self::Log { shift: 0.0 };
        }
        let (sum, n) = known().fold((0.0, 0.0), |(sum, n), value| (sum + value.abs(), n + 1.0));
        let shift = 0.1 * sum / f64::max(n, 1.0);
        let possible = shift.is_normal() && known().all(|value| value + shift > 0.0);
        if possible { Self::Log { shift } } else { Self::Natural }
    }

    /// The value of `news` on this scale; NaN for a gap and for what lies outside the domain.
    #[must_use]
    pub fn forward(self, news: Observation) -> f64 {
        let x = news.value;
        match self {
            Self::Natural => x,
            Self::Log { shift } if x + shift > 0.0 => (x + shift).ln(),
            Self::Root if x >= 0.0 => 2.0 * (x + 0.375).sqrt(),
            Self::Angle if (0.0..=1.0).contains(&x) => 2.0 * x.sqrt().asin(),
            Self::Log { .. } | Self::Root | Self::Angle => f64::NAN,
        }
    }

    /// The value at `z`. Quantiles keep their probability on the way back, because the map is monotone.
    #[must_use]
    pub fn back(self, z: f64) -> f64 {
        match self {
            Self::Natural => z,
            Self::Log { shift } => (z.min(700.0).exp() - shift).max(0.0),
            Self::Root => (z.max(0.0) * z.max(0.0) / 4.0 - 0.375).max(0.0),
            Self::Angle => (z.clamp(0.0, std::f64::consts::PI) / 2.0).sin().powi(2),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Timestamp;
    use crate::forecast::history::Grid;
    use proptest::prelude::*;

    fn history(values: &[f64]) -> History<'_> {
        History::new(Grid { start: Timestamp::from_seconds(0), step_s: 60 }, values)
    }

    #[test]
    fn the_domain_follows_from_the_values() {
        assert_eq!(Domain::of(&history(&[1.0, f64::NAN, 3.0])), Domain::Count);
        assert_eq!(Domain::of(&history(&[0.0, 0.5])), Domain::NonNegative);
        assert_eq!(Domain::of(&history(&[-1.0, 0.5])), Domain::Real);
    }

    #[test]
    fn zeros_under_a_logarithm_are_ordinary_low_values() {
        let scale = Scale::log_of(&history(&[0.0, 10.0, 20.0]));
        assert_eq!(scale, Scale::Log { shift: 1.0 });
        assert_eq!(Scale::log_of(&history(&[0.0, 0.0])), Scale::Natural);
        assert!(scale.forward(Observation::of(-5.0)).is_nan(), "outside the domain is a gap");
    }

    proptest! {
        /// Every value comes back from its scale to one part in 10^9, whatever the scale.
        #[test]
        fn scales_are_undone(x in 0.001f64..1e9, p in 0.0f64..=1.0) {
            for scale in [Scale::Natural, Scale::Log { shift: 0.0 }, Scale::Log { shift: 2.0 }, Scale::Root] {
                prop_assert!((scale.back(scale.forward(Observation::of(x))) / x - 1.0).abs() < 1e-6);
            }
            prop_assert!((Scale::Angle.back(Scale::Angle.forward(Observation::of(p))) - p).abs() < 1e-9);
        }

        /// The way back is monotone and inside the domain for every number, so quantiles never cross.
        #[test]
        fn the_way_back_is_monotone(a in -1e4f64..1e4, b in -1e4f64..1e4) {
            let (low, high) = (a.min(b), a.max(b));
            for scale in [Scale::Natural, Scale::Log { shift: 1.0 }, Scale::Root, Scale::Angle] {
                let (low, high) = (scale.back(low), scale.back(high));
                prop_assert!(low <= high && low.is_finite() && high.is_finite());
            }
            prop_assert!((0.0..=1.0).contains(&Scale::Angle.back(a)));
        }
    }
}
