//! A share of calls as it is believed in: quick to rise, slow to fall.
//!
//! Forecasts are made anew each minute and wobble; plans that follow each wobble move traffic for nothing. A belief takes
//! half of a rise within a minute and half of a fall within five, so harm is seen soon and its end is believed when it
//! lasts. The mean of the last hours is kept beside it: what is usual.

use serde::{Deserialize, Serialize};

use crate::domain::time::Timestamp;

/// Seconds until half of a rise is believed.
const RISE_S: f64 = 60.0;
/// Seconds until half of a fall is believed.
const FALL_S: f64 = 300.0;
/// Seconds until half of what is usual has been forgotten.
const USUAL_S: f64 = 3_600.0;

/// See the module. Nothing is believed before something was heard.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Belief {
    now: Option<f64>,
    usual: Option<f64>,
    at: Timestamp,
}

/// How what is heard of a channel is to be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// Nothing is wrong: it shows what is usual.
    Settled,
    /// It was found well, and what is said may be of before: it counts as usual at most.
    Trusted,
    /// As it is.
    Doubtful,
}

impl Belief {
    /// Hears `told` at `now`; NaN says nothing.
    pub(super) fn hear(&mut self, now: Timestamp, told: f64, state: State) {
        if !told.is_finite() {
            return;
        }
        let told = if state == State::Trusted { self.usual.map_or(told, |usual| told.min(usual)) } else { told };
        let seconds = now.seconds_since(self.at).max(0.0);
        let follow = |old: Option<f64>, half_s: f64| {
            old.map_or(told, |old| old + (told - old) * (1.0 - (-seconds / half_s).exp2()))
        };
        let is_rise = self.now.is_some_and(|old| told > old);
        self.now = Some(follow(self.now, if is_rise { RISE_S } else { FALL_S }));
        if state == State::Settled {
            self.usual = Some(follow(self.usual, USUAL_S));
        }
        self.at = now;
    }

    /// Forgets what was believed; the next that is heard is believed at once.
    pub(super) const fn restart(&mut self) {
        self.now = None;
    }

    /// What to count with if `told` is the newest that was heard.
    pub(super) fn of(&self, told: f64) -> f64 {
        if told.is_finite() { self.now.unwrap_or(told) } else { told }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rises_are_believed_sooner_than_falls() {
        let at = Timestamp::from_seconds;
        let mut belief = Belief::default();
        assert!(belief.of(f64::NAN).is_nan());
        belief.hear(at(0), 0.1, State::Settled);
        belief.hear(at(60), 0.3, State::Doubtful);
        assert!((belief.of(0.3) - 0.2).abs() < 1e-12, "half of the rise");
        belief.hear(at(360), 0.1, State::Doubtful);
        assert!((belief.of(0.1) - 0.15).abs() < 1e-12, "half of the fall");
        belief.hear(at(400), f64::NAN, State::Settled);
        assert!((belief.of(0.1) - 0.15).abs() < 1e-12, "nothing was said");
        belief.restart();
        belief.hear(at(460), 0.9, State::Trusted);
        assert!((belief.of(0.9) - 0.1).abs() < 1e-12, "what is usual");
    }
}
