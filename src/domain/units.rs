//! Quantities with their unit in the type. Constructors refuse what the unit cannot mean.

use std::fmt;
use std::ops::AddAssign;

/// Why a number is not a valid quantity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnitError {
    /// NaN or an infinity.
    #[error("is not a finite number")]
    NotFinite,
    /// Below zero where the unit has no negative values.
    #[error("is negative")]
    Negative,
    /// Larger than the unit's stated limit.
    #[error("is larger than {limit} {unit}")]
    TooLarge {
        /// The largest accepted value.
        limit: u64,
        /// The unit's name, as in messages.
        unit: &'static str,
    },
}

/// A duration in milliseconds: finite, 0 ..= [`Millis::MAX_MS`].
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Millis(f64);

impl Millis {
    /// The longest call that is believed: one day. Anything longer is a unit mistake (microseconds, an epoch).
    pub const MAX_MS: f64 = 86_400_000.0;

    /// Checks that `ms` is finite, not negative and at most one day.
    ///
    /// # Errors
    /// [`UnitError`] naming which of the three does not hold.
    pub fn new(ms: f64) -> Result<Self, UnitError> {
        if !ms.is_finite() {
            Err(UnitError::NotFinite)
        } else if ms < 0.0 {
            Err(UnitError::Negative)
        } else if ms > Self::MAX_MS {
            Err(UnitError::TooLarge { limit: 86_400_000, unit: "ms" })
        } else {
            Ok(Self(ms))
        }
    }

    /// The value in milliseconds.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }
}

/// Money in millionths of a US dollar. Integer, so that sums do not depend on their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct MicroUsd(pub i64);

impl MicroUsd {
    /// The largest single amount that is believed: a million dollars.
    pub const MAX_USD: f64 = 1e6;

    /// Rounds `usd` dollars to the nearest micro-dollar.
    ///
    /// # Errors
    /// [`UnitError`] if `usd` is not finite, negative or above a million dollars.
    pub fn from_usd(usd: f64) -> Result<Self, UnitError> {
        if !usd.is_finite() {
            Err(UnitError::NotFinite)
        } else if usd < 0.0 {
            Err(UnitError::Negative)
        } else if usd > Self::MAX_USD {
            Err(UnitError::TooLarge { limit: 1_000_000, unit: "USD" })
        } else {
            #[expect(clippy::cast_possible_truncation, reason = "bounded by MAX_USD above")]
            Ok(Self((usd * 1e6).round() as i64))
        }
    }

    /// The amount in dollars.
    #[must_use]
    pub fn usd(self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "a float is for display and statistics only")]
        let micro = self.0 as f64;
        micro / 1e6
    }
}

impl AddAssign for MicroUsd {
    fn add_assign(&mut self, other: Self) {
        self.0 = self.0.saturating_add(other.0);
    }
}

impl fmt::Display for MicroUsd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.6} USD", self.usd())
    }
}

/// A share, 0 ..= 1.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Ratio(f64);

impl Ratio {
    /// Checks that `value` lies in 0 ..= 1.
    ///
    /// # Errors
    /// [`UnitError`] naming which end is crossed.
    pub fn new(value: f64) -> Result<Self, UnitError> {
        if !value.is_finite() {
            Err(UnitError::NotFinite)
        } else if value < 0.0 {
            Err(UnitError::Negative)
        } else if value > 1.0 {
            Err(UnitError::TooLarge { limit: 1, unit: "(a ratio)" })
        } else {
            Ok(Self(value))
        }
    }

    /// The share as a float.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn millis_refuse_what_no_call_can_take() {
        assert_eq!(Millis::new(f64::NAN), Err(UnitError::NotFinite));
        assert_eq!(Millis::new(-0.1), Err(UnitError::Negative));
        assert!(matches!(Millis::new(1e12), Err(UnitError::TooLarge { .. })));
        assert_eq!(Millis::new(12.5).map(Millis::get), Ok(12.5));
    }

    #[test]
    fn money_rounds_to_micro_dollars_and_saturates() {
        assert_eq!(MicroUsd::from_usd(0.000_000_6), Ok(MicroUsd(1)));
        let mut sum = MicroUsd(i64::MAX);
        sum += MicroUsd(1);
        assert_eq!(sum, MicroUsd(i64::MAX));
    }

    #[test]
    fn ratios_lie_in_the_unit_interval() {
        assert!(Ratio::new(1.000_1).is_err());
        assert_eq!(Ratio::new(0.25).map(Ratio::get), Ok(0.25));
    }
}
