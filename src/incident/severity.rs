//! How grave an incident is: from the harm that is done, not from how odd a value looks.
//!
//! A minute's gravity follows from the promise of the route class, its reach from the share of traffic on the channel:
//!
//! | | few calls on it | many calls on it |
//! |---|---|---|
//! | severe: a multiple of the promised limit | P2 | P1 |
//! | promise broken, or nothing is heard of the channel | P3 | P2 |
//! | promise kept: odd, and so far harmless | P4 | P4 |
//!
//! An incident rises after a few minutes that are worse, and falls after many that are better even against limits that
//! are a fifth stricter. What is worse by the plain limits is never better by the strict ones, so that one minute cannot
//! argue for both.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::parameter::ParameterError;

/// How grave: P1 is the worst and the smallest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Severity {
    /// Much traffic is severely harmed.
    P1,
    /// Little traffic is severely harmed, or much of it beyond what was promised.
    P2,
    /// Little traffic is harmed beyond what was promised.
    P3,
    /// No promise is broken.
    P4,
}

impl Severity {
    /// Every severity, the gravest first.
    pub const ALL: [Self; 4] = [Self::P1, Self::P2, Self::P3, Self::P4];

    /// The name in tables and in the API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::P1 => "P1",
            Self::P2 => "P2",
            Self::P3 => "P3",
            Self::P4 => "P4",
        }
    }

    /// The severity called `name`.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|severity| severity.name() == name)
    }

    /// Whether it is graver than `other`.
    #[must_use]
    pub fn is_worse_than(self, other: Self) -> bool {
        self < other
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a channel's minute did to its callers. NaN where something is not known or not promised.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Harm {
    /// Failed calls of all calls, 0 ..= 1.
    pub error_ratio: f64,
    /// Largest share that may fail; the strictest of the route classes on the channel.
    pub error_limit: f64,
    /// Latency at the percentile of the objective, over its limit: 1 is just kept. The largest of the route classes.
    pub latency_ratio: f64,
    /// Share of all traffic that the channel serves, or usually serves where it is silent, 0 ..= 1.
    pub traffic_share: f64,
}

impl Harm {
    /// Nothing is known.
    pub const UNKNOWN: Self =
        Self { error_ratio: f64::NAN, error_limit: f64::NAN, latency_ratio: f64::NAN, traffic_share: f64::NAN };

    /// Whether anything is known of errors or latency.
    #[must_use]
    pub const fn is_known(&self) -> bool {
        self.error_ratio.is_finite() || self.latency_ratio.is_finite()
    }
}

/// Where the lines lie. See the table of this module.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Scale {
    /// Largest share of failed calls where no objective says so.
    pub error_limit: f64,
    /// Errors are severe from this multiple of their limit, at least 1.
    pub severe_errors: f64,
    /// Errors are severe from this share in any case.
    pub severe_ratio: f64,
    /// Latency is severe from this multiple of its limit, at least 1.
    pub severe_latency: f64,
    /// Share of traffic from which a channel serves many calls.
    pub wide_share: f64,
    /// Minutes in a row that must be worse before severity rises, at least 1.
    pub raise_after: u32,
    /// Minutes in a row that must be better before it falls, at least 1.
    pub lower_after: u32,
}

impl Default for Scale {
    /// 5 % errors without an objective; ten times the errors, half of all calls, or three times the latency is severe;
    /// a quarter of the traffic is much; up after 2 minutes, down after 10.
    fn default() -> Self {
        Self {
            error_limit: 0.05,
            severe_errors: 10.0,
            severe_ratio: 0.5,
            severe_latency: 3.0,
            wide_share: 0.25,
            raise_after: 2,
            lower_after: 10,
        }
    }
}

/// What a limit is multiplied with before severity falls.
const STRICTER: f64 = 0.8;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Gravity {
    Kept,
    Broken,
    Severe,
}

impl Scale {
    /// Checks every line.
    ///
    /// # Errors
    /// The first parameter that is out of range.
    pub fn check(&self) -> Result<(), ParameterError> {
        let share =
            |name, value: f64| ParameterError::unless(value > 0.0 && value <= 1.0, name, "above 0, at most 1", &value);
        let multiple =
            |name, value: f64| ParameterError::unless(value >= 1.0 && value.is_finite(), name, "at least 1", &value);
        share("error_limit", self.error_limit)?;
        share("severe_ratio", self.severe_ratio)?;
        share("wide_share", self.wide_share)?;
        multiple("severe_errors", self.severe_errors)?;
        multiple("severe_latency", self.severe_latency)?;
        ParameterError::unless(self.raise_after >= 1, "raise_after", "at least 1", &self.raise_after)?;
        ParameterError::unless(self.lower_after >= 1, "lower_after", "at least 1", &self.lower_after)
    }

    /// The severity of a minute by the plain limits. A channel of which nothing is heard breaks its promise.
    #[must_use]
    pub fn of(&self, harm: &Harm, is_absent: bool) -> Severity {
        self.by(harm, is_absent, 1.0)
    }

    fn by(&self, harm: &Harm, is_absent: bool, factor: f64) -> Severity {
        let gravity = if is_absent { Gravity::Broken } else { self.gravity(harm, factor) };
        let is_wide = harm.traffic_share >= self.wide_share * factor;
        match (gravity, is_wide) {
            (Gravity::Severe, true) => Severity::P1,
            (Gravity::Severe, false) | (Gravity::Broken, true) => Severity::P2,
            (Gravity::Broken, false) => Severity::P3,
            (Gravity::Kept, _) => Severity::P4,
        }
    }

    /// Comparisons with NaN are false, so what is not known does no harm.
    fn gravity(&self, harm: &Harm, factor: f64) -> Gravity {
        let limit = if harm.error_limit.is_finite() { harm.error_limit } else { self.error_limit };
        let errors = harm.error_ratio;
        let is_severe = (errors > limit * self.severe_errors * factor && errors > 0.0)
            || errors >= self.severe_ratio * factor
            || harm.latency_ratio >= self.severe_latency * factor;
        if is_severe {
            Gravity::Severe
        } else if errors > limit * factor || harm.latency_ratio > factor {
            Gravity::Broken
        } else {
            Gravity::Kept
        }
    }
}

/// The severity of an open incident, with its hold times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Ladder {
    now: Severity,
    /// Minutes in a row that were worse, and the least bad of them.
    worse: (u32, Severity),
    /// Minutes in a row that were better, and the worst of them.
    better: (u32, Severity),
}

impl Ladder {
    pub(super) const fn at(now: Severity) -> Self {
        Self { now, worse: (0, Severity::P1), better: (0, Severity::P4) }
    }

    /// Hears of one minute; returns the severity that held before, if it changed.
    pub(super) fn step(&mut self, scale: &Scale, harm: &Harm, is_absent: bool) -> Option<Severity> {
        if !is_absent && !harm.is_known() {
            return None;
        }
        let (plain, strict) = (scale.by(harm, is_absent, 1.0), scale.by(harm, is_absent, STRICTER));
        self.worse = if plain < self.now { (self.worse.0 + 1, self.worse.1.max(plain)) } else { (0, Severity::P1) };
        self.better =
            if strict > self.now { (self.better.0 + 1, self.better.1.min(strict)) } else { (0, Severity::P4) };
        let next = if self.worse.0 >= scale.raise_after {
            self.worse.1
        } else if self.better.0 >= scale.lower_after {
            self.better.1
        } else {
            return None;
        };
        let before = self.now;
        *self = Self::at(next);
        Some(before)
    }

    pub(super) const fn now(&self) -> Severity {
        self.now
    }
}

#[cfg(test)]
mod tests;
