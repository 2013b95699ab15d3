//! What trips a lane, how long it stays out, and how it comes back.

use serde::{Deserialize, Serialize};

use crate::domain::parameter::ParameterError;

/// What tells a fault from the usual, for one kind of bad call.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Suspect {
    /// Share of bad calls that is taken as usual even where less was seen, above 0 and below `fault`. It is the guard
    /// against bursts which the past of one channel does not show.
    pub floor: f64,
    /// Smallest share of bad calls that is looked for, below 1. Where a channel's usual share is large, a multiple of
    /// that is looked for.
    pub fault: f64,
    /// Bad calls in a row that trip, at least 2; more where the usual share is large.
    pub run: u32,
}

/// Settings of a lane. Spans are in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LaneSetting {
    /// Calls that fail.
    pub failing: Suspect,
    /// Calls that take longer than their limit.
    pub slow: Suspect,
    /// How much likelier than the usual a fault must be to trip, as a natural logarithm, above 0.
    pub line: f64,
    /// First time out, above 0. Doubled with every probe that goes wrong.
    pub first_open_s: f64,
    /// Longest time out, at least `first_open_s`.
    pub longest_open_s: f64,
    /// Longest time out for throttling that named none, at least `first_open_s`.
    pub longest_throttled_s: f64,
    /// Longest `Retry-After` that is honoured, at least 0.
    pub longest_retry_after_s: f64,
    /// By which part times out are spread, so that many lanes do not come back at once, 0 ..= 0.5.
    pub jitter: f64,
    /// Probes in a row that must go well, at least 1; more if only a part of the calls was bad.
    pub passes: u32,
    /// How long a channel that came back counts as returning, above 0.
    pub returning_s: f64,
    /// Without a call for so long nothing is known any more, above 0.
    pub stale_s: f64,
    /// What ended so long before the newest is counted, but trips nothing; above 0.
    pub late_s: f64,
    /// After so long out because of slowness alone, being slow is the new usual; above 0.
    pub adopt_s: f64,
}

impl Default for LaneSetting {
    /// The constants whose figures stand in [`crate::policy::fast`].
    fn default() -> Self {
        Self {
            failing: Suspect { floor: 0.035, fault: 0.4, run: 5 },
            slow: Suspect { floor: 0.05, fault: 0.5, run: 5 },
            line: 12.0,
            first_open_s: 5.0,
            longest_open_s: 30.0,
            longest_throttled_s: 15.0,
            longest_retry_after_s: 60.0,
            jitter: 0.1,
            passes: 3,
            returning_s: 90.0,
            stale_s: 300.0,
            late_s: 15.0,
            adopt_s: 3_600.0,
        }
    }
}

impl Suspect {
    fn check(&self) -> Result<(), ParameterError> {
        let has_floor = self.floor > 0.0 && self.floor < self.fault;
        ParameterError::unless(has_floor, "floor", "above 0, below `fault`", &self.floor)?;
        ParameterError::unless(self.fault < 1.0, "fault", "below 1", &self.fault)?;
        ParameterError::unless(self.run >= 2, "run", "at least 2", &self.run)
    }
}

impl LaneSetting {
    /// Longest span that a setting may name: a day.
    const LONGEST_S: f64 = 86_400.0;

    /// The settings, if all of them are in range.
    ///
    /// # Errors
    /// The first one that is not.
    pub fn checked(self) -> Result<Self, ParameterError> {
        self.failing.check()?;
        self.slow.check()?;
        ParameterError::unless(self.line > 0.0 && self.line.is_finite(), "line", "above 0", &self.line)?;
        let is_share = (0.0..=0.5).contains(&self.jitter);
        ParameterError::unless(is_share, "jitter", "0 to 0.5", &self.jitter)?;
        ParameterError::unless(self.passes >= 1, "passes", "at least 1", &self.passes)?;
        let is_retry = (0.0..=Self::LONGEST_S).contains(&self.longest_retry_after_s);
        ParameterError::unless(is_retry, "longest_retry_after_s", "0 to a day", &self.longest_retry_after_s)?;
        let spans = [
            ("first_open_s", self.first_open_s),
            ("returning_s", self.returning_s),
            ("stale_s", self.stale_s),
            ("late_s", self.late_s),
            ("adopt_s", self.adopt_s),
        ];
        for (name, span) in spans {
            let is_span = span > 0.0 && span <= Self::LONGEST_S;
            ParameterError::unless(is_span, name, "above 0, at most a day", &span)?;
        }
        let longest = [("longest_open_s", self.longest_open_s), ("longest_throttled_s", self.longest_throttled_s)];
        for (name, span) in longest {
            let is_longest = span >= self.first_open_s && span <= Self::LONGEST_S;
            ParameterError::unless(is_longest, name, "from `first_open_s` to a day", &span)?;
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_out_of_range_are_named() {
        let good = LaneSetting::default();
        assert_eq!(good.checked(), Ok(good));
        let name = |setting: LaneSetting| setting.checked().expect_err("refused").parameter;
        assert_eq!(name(LaneSetting { line: f64::NAN, ..good }), "line");
        assert_eq!(name(LaneSetting { stale_s: 0.0, ..good }), "stale_s");
        assert_eq!(name(LaneSetting { longest_open_s: 1.0, ..good }), "longest_open_s");
        assert_eq!(name(LaneSetting { passes: 0, ..good }), "passes");
        assert_eq!(name(LaneSetting { slow: Suspect { floor: 0.6, ..good.slow }, ..good }), "floor");
        assert_eq!(name(LaneSetting { failing: Suspect { run: 1, ..good.failing }, ..good }), "run");
    }
}
