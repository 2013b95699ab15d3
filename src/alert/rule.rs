//! One rule: a condition on a series.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::parameter::ParameterError;
use crate::incident::severity::Severity;

/// What a series is told apart by: `channel`, `class`, the labels of a gauge, ... Together with the name of a rule it is
/// what an alert is known by.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Labels(pub BTreeMap<String, String>);

impl Labels {
    /// The labels of these names and values.
    pub fn new<N: Into<String>, V: Into<String>>(labels: impl IntoIterator<Item = (N, V)>) -> Self {
        Self(labels.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }

    /// The value called `name`; empty if there is none.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    /// Whether these labels have everything that `wanted` asks for: a value, or the beginning of one before a `*`.
    #[must_use]
    pub fn fit(&self, wanted: &Self) -> bool {
        wanted.0.iter().all(|(name, wanted)| match wanted.strip_suffix('*') {
            Some(beginning) => self.get(name).starts_with(beginning),
            None => self.get(name) == wanted,
        })
    }
}

impl fmt::Display for Labels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{")?;
        for (position, (name, value)) in self.0.iter().enumerate() {
            let comma = if position > 0 { ", " } else { "" };
            write!(f, "{comma}{name}={value:?}")?;
        }
        f.write_str("}")
    }
}

/// On which side of a limit a value is too far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Above it.
    Above,
    /// Below it.
    Below,
}

/// What a series must not do.
///
/// The value from which it has recovered lies on the good side of the limit or on it, so that no value is a breach and a
/// recovery at once; in between, what was goes on.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Condition {
    side: Side,
    limit: f64,
    recovered: f64,
}

impl Condition {
    /// A breach beyond `limit`, recovered from `recovered` on.
    ///
    /// # Errors
    /// If one is not a number, or `recovered` lies on the bad side of `limit`.
    pub fn new(side: Side, limit: f64, recovered: f64) -> Result<Self, ParameterError> {
        ParameterError::unless(limit.is_finite(), "limit", "a finite number", &limit)?;
        let (holds, needed) = match side {
            Side::Above => (recovered <= limit, "at most the limit"),
            Side::Below => (recovered >= limit, "at least the limit"),
        };
        ParameterError::unless(holds && recovered.is_finite(), "recovered", needed, &recovered)?;
        Ok(Self { side, limit, recovered })
    }

    /// A breach above the whole number `limit`, recovered at it.
    #[must_use]
    pub fn more_than(limit: u32) -> Self {
        Self { side: Side::Above, limit: limit.into(), recovered: limit.into() }
    }

    /// The bad side of the limit.
    #[must_use]
    pub const fn side(&self) -> Side {
        self.side
    }

    /// Whether `value` is a breach. What is unknown is none.
    #[must_use]
    pub fn is_breach(&self, value: f64) -> bool {
        match self.side {
            Side::Above => value > self.limit,
            Side::Below => value < self.limit,
        }
    }

    /// Whether `value` is a recovery. What is unknown is none.
    #[must_use]
    pub fn is_recovery(&self, value: f64) -> bool {
        match self.side {
            Side::Above => value <= self.recovered,
            Side::Below => value >= self.recovered,
        }
    }

    /// The worse of two values; the known one if the other is not.
    #[must_use]
    pub fn worse(&self, a: f64, b: f64) -> f64 {
        match self.side {
            Side::Above => a.max(b),
            Side::Below => a.min(b),
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let side = if self.side == Side::Above { "above" } else { "below" };
        write!(f, "{side} {}", self.limit)
    }
}

/// What a series that is not there means.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    /// Nothing: what was goes on. Absence is never taken as recovery by itself.
    #[default]
    Keep,
    /// A breach: the series has to be there.
    Breach,
    /// A recovery: the series comes and goes.
    Recovery,
}

/// Something people want to be told of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// Its name, unique in the file.
    pub name: String,
    /// What a series must not do.
    pub condition: Condition,
    /// How long it has to do so without a break before anyone is told, in seconds; 0 at once.
    pub hold_s: i64,
    /// What it means if the series is not there.
    pub missing: Missing,
    /// How grave that is.
    pub severity: Severity,
    /// What to say, in a sentence.
    pub summary: String,
    /// Where to read what to do.
    pub runbook: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// No value is a breach and a recovery at once, and what is unknown is neither.
        #[test]
        fn a_breach_is_no_recovery(limit in -1e6..1e6, gap in 0.0..1e6, value in -2e6..2e6, is_above in any::<bool>()) {
            let (side, recovered) = if is_above { (Side::Above, limit - gap) } else { (Side::Below, limit + gap) };
            let condition = Condition::new(side, limit, recovered).expect("on the good side");
            prop_assert!(!(condition.is_breach(value) && condition.is_recovery(value)));
            prop_assert!(!condition.is_breach(f64::NAN) && !condition.is_recovery(f64::NAN));
            prop_assert!((condition.worse(f64::NAN, value) - value).abs() < 1e-12);
        }
    }

    #[test]
    fn a_recovery_on_the_bad_side_is_refused() {
        let error = Condition::new(Side::Above, 5.0, 6.0).expect_err("beyond the limit");
        assert_eq!(error.to_string(), "recovered must be at most the limit, is 6");
        assert!(Condition::new(Side::Below, f64::NAN, 1.0).is_err());
        assert_eq!(Labels::new([("channel", "a\"b")]).to_string(), r#"{channel="a\"b"}"#);
    }
}
