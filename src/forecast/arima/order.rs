//! How many of which terms an ARIMA model has.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::forecast::model::ParameterError;

/// Numbers of terms, checked: ARIMA(p, d, q) or ARIMA(p, d, q)(P, D, Q)m.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Order {
    /// Autoregressive terms, at most 5.
    pub(super) p: usize,
    /// Differences, at most 2.
    pub(super) d: usize,
    /// Moving-average terms, at most 5.
    pub(super) q: usize,
    pub(super) seasonal: Seasonal,
    /// Mean if nothing is differenced, drift if something is once.
    pub(super) constant: bool,
}

/// The seasonal part of an [`Order`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Seasonal {
    /// Seasonal autoregressive terms, at most 1.
    pub p: usize,
    /// Seasonal differences, at most 1.
    pub d: usize,
    /// Seasonal moving-average terms, at most 1.
    pub q: usize,
    /// Steps of a season: 2 to 24, or 1 if there is none.
    pub period: usize,
}

impl Seasonal {
    /// No season.
    pub const NONE: Self = Self { p: 0, d: 0, q: 0, period: 1 };
}

impl Order {
    /// A non-seasonal order with or without constant.
    ///
    /// # Errors
    /// If p or q is above 5, d is above 2, or there is a constant after two differences (a quadratic trend).
    pub fn new(p: usize, d: usize, q: usize, constant: bool) -> Result<Self, ParameterError> {
        Self { p, d, q, seasonal: Seasonal::NONE, constant }.checked()
    }

    /// The same order with a season.
    ///
    /// # Errors
    /// If the period is outside 2 to 24, a seasonal number is above 1, or the constant would mean a quadratic trend.
    pub fn with_season(self, seasonal: Seasonal) -> Result<Self, ParameterError> {
        Self { seasonal, ..self }.checked()
    }

    fn checked(self) -> Result<Self, ParameterError> {
        let wrong =
            |parameter, needed, found: usize| Err(ParameterError { parameter, needed, found: found.to_string() });
        let Seasonal { p, d, q, period } = self.seasonal;
        if self.p > 5 {
            return wrong("p", "at most 5", self.p);
        }
        if self.d > 2 {
            return wrong("d", "at most 2", self.d);
        }
        if self.q > 5 {
            return wrong("q", "at most 5", self.q);
        }
        if p.max(d).max(q) > 1 {
            return wrong("seasonal", "terms of at most 1", p.max(d).max(q));
        }
        if self.seasonal != Seasonal::NONE && !(2..=24).contains(&period) {
            return wrong("period", "2 to 24 steps", period);
        }
        if self.constant && self.d + d > 1 {
            return wrong("constant", "absent after two differences", self.d + d);
        }
        Ok(self)
    }

    /// Observed steps below which a fit is refused: three for each step a term reaches back, and ten.
    #[must_use]
    pub const fn minimum(&self) -> usize {
        let Seasonal { p, d, q, period } = self.seasonal;
        let season = if p + q > 0 { period } else { 0 };
        10 + 3 * (self.p + self.q + self.d) + 2 * period * d + season
    }

    /// Coefficients to estimate, the constant included.
    pub(super) const fn coefficients(&self) -> usize {
        self.p + self.q + self.seasonal.p + self.seasonal.q + self.constant as usize
    }

    /// Steps that differencing takes from the beginning.
    pub(super) const fn differenced(&self) -> usize {
        self.d + self.seasonal.d * self.seasonal.period
    }
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { p, d, q, seasonal, constant } = self;
        write!(f, "arima({p},{d},{q})")?;
        if *seasonal != Seasonal::NONE {
            write!(f, "({},{},{}){}", seasonal.p, seasonal.d, seasonal.q, seasonal.period)?;
        }
        if *constant { f.write_str("+c") } else { Ok(()) }
    }
}
