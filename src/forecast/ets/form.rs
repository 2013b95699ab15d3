//! The forms of exponential smoothing: which kind of error, trend and season.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How the error enters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ErrorKind {
    /// Added to the expected value: its size does not depend on the level.
    Additive,
    /// A share of the expected value: twice the level, twice the error. Needs values above zero.
    Multiplicative,
}

/// How the level moves by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Trend {
    /// It stays.
    None,
    /// It grows by the same amount each step.
    Additive,
    /// It grows by an amount that fades.
    Damped,
}

/// How the season enters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Season {
    /// Not at all.
    None,
    /// Added to the level.
    Additive,
    /// A factor of the level. Needs values above zero.
    Multiplicative,
}

/// One form of exponential smoothing, written ETS(error, trend, season).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Form {
    /// The error.
    pub error: ErrorKind,
    /// The trend.
    pub trend: Trend,
    /// The season.
    pub season: Season,
}

impl Form {
    /// The forms to choose from, simplest first. An additive error with a multiplicative season is left out, as in
    /// R's `forecast::ets`: the size of the error would not follow the factors, and fits run into divisions by
    /// almost zero. So are multiplicative trends, whose forecasts explode (`allow.multiplicative.trend = FALSE`).
    #[must_use]
    pub fn candidates(positive: bool, seasonal: bool) -> Vec<Self> {
        let errors: &[_] =
            if positive { &[ErrorKind::Additive, ErrorKind::Multiplicative] } else { &[ErrorKind::Additive] };
        let seasons: &[_] =
            if seasonal { &[Season::None, Season::Additive, Season::Multiplicative] } else { &[Season::None] };
        let mut forms = Vec::new();
        for &season in seasons {
            for &error in errors {
                if (error, season) == (ErrorKind::Additive, Season::Multiplicative) {
                    continue;
                }
                forms.extend([Trend::None, Trend::Additive, Trend::Damped].map(|trend| Self { error, trend, season }));
            }
        }
        forms
    }

    /// Parameters that are estimated for a season of `period` steps: smoothing weights, initial states (the effects
    /// of a season are bound by their sum) and the variance of the error.
    #[must_use]
    pub fn parameters(self, period: usize) -> usize {
        let trend = match self.trend {
            Trend::None => 0,
            Trend::Additive => 2,
            Trend::Damped => 3,
        };
        3 + trend + if self.season == Season::None { 0 } else { period }
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let error = if self.error == ErrorKind::Additive { "A" } else { "M" };
        let trend = match self.trend {
            Trend::None => "N",
            Trend::Additive => "A",
            Trend::Damped => "Ad",
        };
        let season = match self.season {
            Season::None => "N",
            Season::Additive => "A",
            Season::Multiplicative => "M",
        };
        write!(f, "ETS({error},{trend},{season})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_with_factors_need_values_above_zero() {
        let names = |positive, seasonal| -> Vec<String> {
            Form::candidates(positive, seasonal).iter().map(ToString::to_string).collect()
        };
        assert_eq!(names(false, false), ["ETS(A,N,N)", "ETS(A,A,N)", "ETS(A,Ad,N)"]);
        assert_eq!(names(true, true).len(), 15);
        assert!(!names(true, true).contains(&"ETS(A,N,M)".to_owned()));
        assert!(!names(true, true).contains(&"ETS(A,Ad,M)".to_owned()));
    }
}
