//! How long before the harm a warning stood.
//!
//! A warning stands from a probability of [`ENTER`] until it falls below [`LEAVE`]. Harm that begins while it stands, or
//! within its horizon afterwards, was warned of: the lead time runs from the first minute of the warning to the first
//! minute of harm. Harm without a warning was missed; a warning whose horizon passes without harm was false. During harm,
//! and a while after, warnings say nothing new and do not count.

use serde::{Deserialize, Serialize};

use crate::domain::time::Minute;

/// Probability from which a warning stands.
pub const ENTER: f64 = 0.5;
/// Probability below which it no longer does.
pub const LEAVE: f64 = 0.3;
/// Minutes without harm after which harm is over.
const CALM: u32 = 10;
/// Longest lead that is told apart, in minutes.
const LONGEST: usize = 60;

/// The state of one channel.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// First minute of the warning.
    since: Option<Minute>,
    /// Its last minute so far.
    last: Minute,
    stands: bool,
    /// The last minute of harm, until it is over.
    harmed: Option<Minute>,
}

/// What came of warnings, of any number of channels. Counts only; the median is known to the minute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leads {
    /// Harm that was not warned of.
    pub missed: u64,
    /// Warnings that no harm followed.
    pub false_warnings: u64,
    /// Harm that was warned of, by minutes of lead; the last is that many or more.
    by_minutes: Vec<u64>,
}

impl Default for Leads {
    fn default() -> Self {
        Self { missed: 0, false_warnings: 0, by_minutes: vec![0; LONGEST + 1] }
    }
}

impl Leads {
    /// Harm that was warned of.
    #[must_use]
    pub fn warned(&self) -> u64 {
        self.by_minutes.iter().sum()
    }

    /// Lead in minutes that half of the harm warned of had at least; `None` if there was none.
    #[must_use]
    pub fn median(&self) -> Option<usize> {
        let half = self.warned().div_ceil(2);
        let mut more = 0;
        let reached = |(minutes, count): (usize, &u64)| {
            more += count;
            (more >= half && half > 0).then_some(minutes)
        };
        self.by_minutes.iter().enumerate().rev().find_map(reached)
    }

    fn hit(&mut self, lead: u32) {
        if let Some(count) = self.by_minutes.get_mut((lead as usize).min(LONGEST)) {
            *count += 1;
        }
    }
}

impl Warning {
    /// Hears that `minute` was asked about and had the probability `p` for `horizon` minutes ahead.
    pub fn call(&mut self, minute: Minute, p: f64, horizon: u32, leads: &mut Leads) {
        if self.harmed.is_some_and(|harmed| minute.0.saturating_sub(harmed.0) <= CALM) {
            return;
        }
        self.harmed = None;
        self.stands = if self.stands { p >= LEAVE } else { p >= ENTER };
        if self.stands {
            self.since.get_or_insert(minute);
            self.last = minute;
        } else if self.since.is_some() && minute.0 >= self.last.0.saturating_add(horizon) {
            leads.false_warnings += 1;
            self.since = None;
        }
    }

    /// Hears that `minute` was one of harm that began at `begin`.
    pub fn harm(&mut self, minute: Minute, begin: Minute, leads: &mut Leads) {
        let goes_on = self.harmed.is_some_and(|harmed| minute.0.saturating_sub(harmed.0) <= CALM);
        self.harmed = Some(minute);
        if goes_on {
            return;
        }
        match self.since.take() {
            Some(since) if since < begin => leads.hit(begin.0 - since.0),
            _ => leads.missed += 1,
        }
        self.stands = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Feeds minutes of probabilities, in tenths, where `!` is harm.
    fn told(strip: &str) -> (u64, u64, u64, Option<usize>) {
        let (mut warning, mut leads) = (Warning::default(), Leads::default());
        for (minute, letter) in (100u32..).zip(strip.chars()) {
            let minute = Minute(minute);
            match letter.to_digit(10) {
                Some(tenths) => warning.call(minute, f64::from(tenths) / 10.0, 5, &mut leads),
                None => warning.harm(minute, minute, &mut leads),
            }
        }
        (leads.warned(), leads.missed, leads.false_warnings, leads.median())
    }

    #[test]
    fn warnings_are_hits_misses_or_false() {
        assert_eq!(told("000055444!!!900000000000000000"), (1, 0, 0, Some(5)));
        assert_eq!(told("0000!!00!00"), (0, 1, 0, None), "one harm with pauses, not warned of");
        assert_eq!(told("0500000000"), (0, 0, 1, None));
        assert_eq!(told("05000!0000"), (1, 0, 0, Some(4)), "the horizon goes on after the warning");
        assert_eq!(told("0544400!0"), (1, 0, 0, Some(6)));
        assert_eq!(told("0!000000000005000000000"), (0, 1, 1, None));
    }
}
