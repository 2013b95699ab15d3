//! What is forecast of every channel: twelve series that a minute sample yields.

use std::fmt;

use crate::domain::column::{Column, Measure};
use crate::domain::sample::Sample;

/// One forecast series of a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// A column of the sample as it is.
    Column(Column),
    /// Failed calls of all calls.
    ErrorRatio,
    /// Calls refused for load or quota of all calls.
    ThrottledRatio,
}

/// What kind of quantity a target is: it decides the scale that models work on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantity {
    /// Milliseconds, zero and above.
    Duration,
    /// A share of calls, 0..=1.
    Ratio,
    /// Whole numbers: calls, tokens. Minutes add up.
    Count,
    /// US dollars, zero and above. Minutes add up.
    Money,
}

/// Seconds of a minute that must have been watched for its sums to count: below that they would look like a drop.
const MIN_COVERAGE_S: u32 = 45;

impl Target {
    /// Every target, in the order in which people see them.
    pub const ALL: [Self; 12] = [
        Self::Column(Column::LatencyMean),
        Self::Column(Column::LatencyP50),
        Self::Column(Column::LatencyP95),
        Self::Column(Column::LatencyP99),
        Self::Column(Column::TtftP50),
        Self::Column(Column::TtftP95),
        Self::ErrorRatio,
        Self::ThrottledRatio,
        Self::Column(Column::Requests),
        Self::Column(Column::TokensPrompt),
        Self::Column(Column::TokensCompletion),
        Self::Column(Column::Cost),
    ];

    /// The name in URLs, tables and on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Column(column) => column.name(),
            Self::ErrorRatio => "error_ratio",
            Self::ThrottledRatio => "throttled_ratio",
        }
    }

    /// The unit, as shown to people.
    #[must_use]
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Column(column) => column.spec().unit,
            Self::ErrorRatio | Self::ThrottledRatio => "ratio",
        }
    }

    /// The target called `name`.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|target| target.name() == name)
    }

    /// What kind of quantity it is.
    #[must_use]
    pub const fn quantity(self) -> Quantity {
        match self {
            Self::ErrorRatio | Self::ThrottledRatio => Quantity::Ratio,
            Self::Column(Column::Cost) => Quantity::Money,
            Self::Column(Column::Requests | Column::TokensPrompt | Column::TokensCompletion) => Quantity::Count,
            Self::Column(_) => Quantity::Duration,
        }
    }

    /// The value of `sample` and the number of calls behind it (NaN for a sum, whose noise they do not average out).
    /// The value is NaN where nothing is known: a duration without a successful call, a ratio without a call, a sum of a
    /// minute that was watched for less than three quarters (unless its coverage is unknown, which is 0).
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "floats are what models compute with")]
    pub fn observe(self, sample: &Sample) -> (f64, f64) {
        let counts = &sample.counts;
        let requests = counts.requests as f64;
        let ratio = |part: u64| if counts.requests > 0 { part as f64 / requests } else { f64::NAN };
        match self {
            Self::ErrorRatio => (ratio(counts.errors), requests),
            Self::ThrottledRatio => (ratio(counts.throttled), requests),
            Self::Column(column) if self.quantity() == Quantity::Duration => {
                let measure =
                    if matches!(column, Column::TtftP50 | Column::TtftP95) { Measure::Ttft } else { Measure::Latency };
                let measured = measure.of(sample).sketch().map(|sketch| sketch.count() as f64);
                let successes = counts.requests.saturating_sub(counts.errors) as f64;
                (column.value(sample).unwrap_or(f64::NAN), measured.unwrap_or(successes))
            }
            Self::Column(column) => {
                let seen = sample.coverage_s == 0 || sample.coverage_s >= MIN_COVERAGE_S;
                (column.value(sample).filter(|_| seen).unwrap_or(f64::NAN), f64::NAN)
            }
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::ChannelId;
    use crate::domain::time::Minute;

    #[test]
    fn names_are_unique_and_parse_back() {
        for target in Target::ALL {
            assert_eq!(Target::parse(target.name()), Some(target));
        }
        assert_eq!(Target::parse("coverage_s"), None);
    }

    #[test]
    fn unknown_is_a_gap_and_a_quiet_minute_is_zero() {
        let mut sample = Sample::new(ChannelId::new("c").expect("valid name"), Minute(0));
        sample.coverage_s = 60;
        assert!(Target::Column(Column::LatencyP95).observe(&sample).0.is_nan());
        assert!(Target::ErrorRatio.observe(&sample).0.is_nan());
        assert!(Target::Column(Column::Requests).observe(&sample).0.abs() < 1e-12);
        sample.coverage_s = 20;
        assert!(Target::Column(Column::Requests).observe(&sample).0.is_nan(), "a third of a minute is no minute");
        sample.counts.requests = 4;
        sample.counts.errors = 1;
        assert_eq!(Target::ErrorRatio.observe(&sample), (0.25, 4.0));
    }
}
