//! When trouble begins and when it is over: what the minutes said, and for how long.
//!
//! An opening needs the newest minute to be odd; a closing needs it to be calm, after others that were calm; a lapse
//! needs it to be unknown. No minute is two of these, so no two can hold at once. Between odd and calm lies a band that is
//! neither: it ends a run of calm and opens nothing.

use serde::{Deserialize, Serialize};

use crate::domain::parameter::ParameterError;

/// What one minute said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Signal {
    /// Odd; `certain` if this minute alone is enough.
    Odd { certain: bool },
    /// Not odd, and not calm either.
    Uneasy,
    /// As usual.
    Calm,
    /// Nothing can be said: too few calls, a maintenance window, a detector that warms up, a minute not seen.
    Unknown,
}

/// How long trouble must last to begin, and calm to end it. All in minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// Odd minutes that open, unless one of them is certain; 1 ..= `within`.
    pub open_after: u32,
    /// The window in which they count, 1 ..= 60.
    pub within: u32,
    /// Calm minutes in a row that close, at least 1. Minutes of which nothing is known neither count nor interrupt.
    pub close_after: u32,
    /// Minutes in a row of which nothing is known after which there is nothing left to follow, at least 1.
    pub lapse_after: u32,
}

/// Widest window in which odd minutes count: they are the bits of one word.
const WIDEST: u32 = 60;

impl Hold {
    /// Checks the hold times.
    ///
    /// # Errors
    /// The first one out of range.
    pub fn check(&self) -> Result<(), ParameterError> {
        let from_one = |name, value: u32| ParameterError::unless(value >= 1, name, "at least 1", &value);
        ParameterError::unless((1..=WIDEST).contains(&self.within), "within", "1 to 60 minutes", &self.within)?;
        let opens = (1..=self.within).contains(&self.open_after);
        ParameterError::unless(opens, "open_after", "from 1 to `within`", &self.open_after)?;
        from_one("close_after", self.close_after)?;
        from_one("lapse_after", self.lapse_after)
    }
}

/// What the last minutes said, in O(1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Pulse {
    /// The newest minute is bit 0; set where it was odd.
    odd: u64,
    newest: Signal,
    calm: u32,
    unknown: u32,
}

impl Default for Pulse {
    fn default() -> Self {
        Self { odd: 0, newest: Signal::Unknown, calm: 0, unknown: 0 }
    }
}

impl Pulse {
    /// Hears of the minute that follows after `skipped` minutes which nobody saw.
    pub(super) fn step(&mut self, skipped: u32, signal: Signal) {
        self.odd = self.odd.checked_shl(skipped.saturating_add(1)).unwrap_or(0);
        if skipped > 0 {
            self.unknown = self.unknown.saturating_add(skipped);
        }
        match signal {
            Signal::Odd { .. } => {
                self.odd |= 1;
                (self.calm, self.unknown) = (0, 0);
            }
            Signal::Uneasy => (self.calm, self.unknown) = (0, 0),
            Signal::Calm => (self.calm, self.unknown) = (self.calm.saturating_add(1), 0),
            Signal::Unknown => self.unknown = self.unknown.saturating_add(1),
        }
        self.newest = signal;
    }

    /// Whether trouble begins here, if there is none.
    pub(super) const fn opens(&self, hold: &Hold) -> bool {
        let Signal::Odd { certain } = self.newest else { return false };
        let window = u64::MAX >> (64 - hold.within);
        certain || (self.odd & window).count_ones() >= hold.open_after
    }

    /// Whether trouble is over here, if there is any.
    pub(super) fn closes(&self, hold: &Hold) -> bool {
        self.newest == Signal::Calm && self.calm >= hold.close_after
    }

    /// Whether nothing has been known for so long that there is nothing left to follow.
    pub(super) fn lapses(&self, hold: &Hold) -> bool {
        self.newest == Signal::Unknown && self.unknown >= hold.lapse_after
    }

    /// Whether the hour before the newest minute had no odd one.
    pub(super) const fn was_quiet(&self) -> bool {
        self.odd >> 1 == 0
    }

    /// Whether the newest minute is calm and the one before was not.
    pub(super) fn begins_to_calm(&self) -> bool {
        self.newest == Signal::Calm && self.calm == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HOLD: Hold = Hold { open_after: 2, within: 5, close_after: 3, lapse_after: 4 };
    const ODD: Signal = Signal::Odd { certain: false };

    fn after(signals: &[Signal]) -> Pulse {
        let mut pulse = Pulse::default();
        for signal in signals {
            pulse.step(0, *signal);
        }
        pulse
    }

    #[test]
    fn opening_and_closing_take_their_time() {
        assert!(!after(&[ODD]).opens(&HOLD));
        assert!(after(&[Signal::Odd { certain: true }]).opens(&HOLD));
        assert!(after(&[ODD, Signal::Calm, Signal::Calm, Signal::Calm, ODD]).opens(&HOLD), "two of five");
        assert!(!after(&[ODD, Signal::Calm, Signal::Calm, Signal::Calm, Signal::Calm, ODD]).opens(&HOLD));
        assert!(after(&[Signal::Calm, Signal::Calm, Signal::Unknown, Signal::Calm]).closes(&HOLD));
        assert!(!after(&[Signal::Calm, Signal::Calm, Signal::Uneasy, Signal::Calm]).closes(&HOLD));
        assert!(after(&[Signal::Unknown; 4]).lapses(&HOLD));
        let mut skipped = after(&[ODD]);
        skipped.step(10, ODD);
        assert!(!skipped.opens(&HOLD), "minutes that nobody saw pass all the same");
    }

    #[test]
    fn hold_times_are_checked() {
        assert_eq!(HOLD.check(), Ok(()));
        assert!(Hold { open_after: 6, ..HOLD }.check().is_err_and(|error| error.parameter == "open_after"));
        assert!(Hold { within: 61, ..HOLD }.check().is_err_and(|error| error.parameter == "within"));
        assert!(Hold { close_after: 0, ..HOLD }.check().is_err_and(|error| error.parameter == "close_after"));
    }

    fn any_signal() -> impl Strategy<Value = (u32, Signal)> {
        let signal = prop_oneof![
            any::<bool>().prop_map(|certain| Signal::Odd { certain }),
            Just(Signal::Uneasy),
            Just(Signal::Calm),
            Just(Signal::Unknown),
        ];
        (prop_oneof![9 => Just(0u32), 1 => 0..200u32], signal)
    }

    proptest! {
        /// At every minute of every history, at most one of opening, closing and lapsing holds, whatever the hold times.
        #[test]
        fn open_and_close_never_hold_at_once(
            signals in prop::collection::vec(any_signal(), 0..120),
            (within, open_after) in (1u32..=60).prop_flat_map(|within| (Just(within), 1..=within)),
            (close_after, lapse_after) in (1u32..20, 1u32..20),
        ) {
            let hold = Hold { open_after, within, close_after, lapse_after };
            let mut pulse = Pulse::default();
            for (skipped, signal) in signals {
                pulse.step(skipped, signal);
                let held = [pulse.opens(&hold), pulse.closes(&hold), pulse.lapses(&hold)];
                prop_assert!(held.iter().filter(|holds| **holds).count() <= 1, "{held:?}");
            }
        }
    }
}
