//! What a route class promises, as promises that can be counted.

use serde::{Deserialize, Serialize};

use crate::domain::parameter::ParameterError;

/// One promise.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Promise {
    /// A share of successful calls takes at most so long.
    Latency {
        /// The share, as a quantile: 0.95 is the 95th percentile.
        quantile: f64,
        /// Milliseconds.
        limit_ms: f64,
    },
    /// At most this share of calls fails.
    Errors {
        /// The share, 0 ..= 1.
        limit: f64,
    },
    /// At least this share of minutes is served.
    Availability {
        /// The share, 0 ..= 1.
        least: f64,
    },
}

impl Promise {
    /// The name in tables and in the API.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Latency { .. } => "latency",
            Self::Errors { .. } => "error_ratio",
            Self::Availability { .. } => "availability",
        }
    }

    /// The share of events that must be good: what a service level objective is called by. A latency of 2 s at the 95th
    /// percentile means that 95 % of calls take at most 2 s, so calls can be counted and windows added up.
    #[must_use]
    pub const fn target(&self) -> f64 {
        match self {
            Self::Latency { quantile, .. } => *quantile,
            Self::Errors { limit } => 1.0 - *limit,
            Self::Availability { least } => *least,
        }
    }
}

/// Everything that is promised to a route class, of which a channel is judged: at least one promise.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Objective {
    latency: Option<(f64, f64)>,
    error_ratio: Option<f64>,
    availability: Option<f64>,
}

/// What a minute was like. Counts are of calls; NaN and `None` where nothing is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Seen {
    /// Calls.
    pub requests: u64,
    /// Failed calls.
    pub errors: u64,
    /// Successful calls that took longer than the latency promised.
    pub slow: u64,
    /// Latency at the quantile promised, in milliseconds.
    pub latency_ms: f64,
    /// Whether the class could be served.
    pub served: Option<bool>,
}

/// Good and bad events of one minute.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Events that broke the promise.
    pub bad: u64,
    /// All events.
    pub total: u64,
}

impl Objective {
    /// The objective with a `latency` of (quantile, milliseconds), a largest `error_ratio` and a smallest `availability`.
    ///
    /// # Errors
    /// If a share is not in 0 ..= 1, a quantile not between 0 and 1, a latency not above 0, or nothing is promised.
    pub fn new(
        latency: Option<(f64, f64)>,
        error_ratio: Option<f64>,
        availability: Option<f64>,
    ) -> Result<Self, ParameterError> {
        if let Some((quantile, limit)) = latency {
            ParameterError::unless(quantile > 0.0 && quantile < 1.0, "quantile", "between 0 and 1", &quantile)?;
            ParameterError::unless(limit > 0.0 && limit.is_finite(), "latency", "above 0", &limit)?;
        }
        for (name, share) in [("error_ratio", error_ratio), ("availability", availability)] {
            let is_share = share.is_none_or(|share| (0.0..=1.0).contains(&share));
            ParameterError::unless(is_share, name, "0 to 1", &share.unwrap_or_default())?;
        }
        let promises = latency.is_some() || error_ratio.is_some() || availability.is_some();
        ParameterError::unless(promises, "objective", "at least one promise", &"empty")?;
        Ok(Self { latency, error_ratio, availability })
    }

    /// Every promise.
    pub fn promises(&self) -> impl Iterator<Item = Promise> {
        let latency = self.latency.map(|(quantile, limit_ms)| Promise::Latency { quantile, limit_ms });
        let errors = self.error_ratio.map(|limit| Promise::Errors { limit });
        let availability = self.availability.map(|least| Promise::Availability { least });
        [latency, errors, availability].into_iter().flatten()
    }

    /// Whether the minute broke a promise; `None` if nothing is known of any. A minute that could not be served breaks
    /// an availability.
    #[must_use]
    pub fn is_broken(&self, seen: &Seen) -> Option<bool> {
        let judged = self.promises().filter_map(|promise| seen.pressure(&promise).map(|pressure| pressure > 1.0));
        judged.reduce(|one, other| one | other)
    }

    /// How near the minute came to breaking a promise: the largest of value over limit, above 1 if one is broken.
    #[must_use]
    pub fn pressure(&self, seen: &Seen) -> Option<f64> {
        self.promises().filter_map(|promise| seen.pressure(&promise)).reduce(f64::max)
    }
}

/// What stands for a limit of zero, so that pressures are finite.
const LEAST_LIMIT: f64 = 1e-6;

impl Seen {
    /// Good and bad events by `promise`; none if nothing is known.
    #[must_use]
    pub fn counts(&self, promise: &Promise) -> Counts {
        match promise {
            Promise::Errors { .. } => Counts { bad: self.errors.min(self.requests), total: self.requests },
            Promise::Latency { .. } => {
                let total = self.requests.saturating_sub(self.errors);
                Counts { bad: self.slow.min(total), total }
            }
            Promise::Availability { .. } => {
                self.served.map_or(Counts::default(), |served| Counts { bad: u64::from(!served), total: 1 })
            }
        }
    }

    /// Value over limit; `None` if nothing is known.
    fn pressure(&self, promise: &Promise) -> Option<f64> {
        match *promise {
            Promise::Latency { limit_ms, .. } => self.latency_ms.is_finite().then(|| self.latency_ms / limit_ms),
            Promise::Errors { limit } => {
                #[expect(clippy::cast_precision_loss, reason = "calls of a minute")]
                let ratio = self.errors as f64 / self.requests.max(1) as f64;
                (self.requests > 0).then(|| ratio / limit.max(LEAST_LIMIT))
            }
            Promise::Availability { .. } => self.served.map(|served| if served { 0.0 } else { 2.0 }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEEN: Seen = Seen { requests: 200, errors: 2, slow: 9, latency_ms: 1_900.0, served: Some(true) };

    #[test]
    fn promises_are_counted_and_judged() {
        let objective = Objective::new(Some((0.95, 2_000.0)), Some(0.01), Some(0.999)).expect("valid");
        let counts: Vec<_> = objective.promises().map(|promise| SEEN.counts(&promise)).collect();
        assert_eq!(
            counts.iter().map(|counts| (counts.bad, counts.total)).collect::<Vec<_>>(),
            [(9, 198), (2, 200), (0, 1)]
        );
        assert_eq!(objective.is_broken(&SEEN), Some(false), "just kept");
        assert_eq!(objective.is_broken(&Seen { errors: 3, ..SEEN }), Some(true));
        assert_eq!(objective.is_broken(&Seen { latency_ms: 2_001.0, ..SEEN }), Some(true));
        assert_eq!(objective.is_broken(&Seen { served: Some(false), ..SEEN }), Some(true));
        let nothing = Seen { requests: 0, errors: 0, slow: 0, latency_ms: f64::NAN, served: None };
        assert_eq!((objective.is_broken(&nothing), objective.pressure(&nothing)), (None, None));
        let strict = Objective::new(None, Some(0.0), None).expect("valid");
        assert!(strict.pressure(&SEEN).is_some_and(|pressure| pressure.is_finite() && pressure > 1.0));
    }

    #[test]
    fn objectives_are_checked() {
        assert!(Objective::new(None, None, None).is_err_and(|error| error.parameter == "objective"));
        assert!(Objective::new(Some((1.0, 5.0)), None, None).is_err_and(|error| error.parameter == "quantile"));
        assert!(Objective::new(Some((0.9, f64::NAN)), None, None).is_err_and(|error| error.parameter == "latency"));
        assert!(Objective::new(None, Some(1.5), None).is_err_and(|error| error.parameter == "error_ratio"));
    }
}
