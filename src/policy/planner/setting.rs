//! The numbers of the planner and of its steering.

use serde::{Deserialize, Serialize};

use crate::domain::parameter::ParameterError;

/// Everything that can be tuned; [`Setting::default`] is meant to be left alone.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Setting {
    /// Part of a promise that plans use, so that noise does not break it, above 0, at most 1.
    pub margin: f64,
    /// Largest mean risk of a mix, 0 ..= 1.
    pub largest_risk: f64,
    /// What a harmed call within the promise is worth, in calls of mean cost: a failed call was paid and is made again.
    pub harm_price: f64,
    /// What it is worth that calls are spread, in calls of mean cost: all of them on one channel are dearer by this, an even
    /// half on two by half of this.
    pub spread_price: f64,
    /// Share of the calls that a usable channel gets in any case, above 0.
    pub explore: f64,
    /// Share of the calls that all such channels get together at most.
    pub explore_total: f64,
    /// Seconds between single calls to a channel that has just been put out by a plan; they double as the time out does.
    pub probe_s: f64,
    /// Seconds between single calls to a channel that the fast lane tries; while it leaves it alone there are none.
    pub trial_s: f64,
    /// Risk from which on a channel is out.
    pub leave_risk: f64,
    /// Risk below which it comes back; below `leave_risk`, so that a risk that wobbles around one line moves nothing.
    pub back_risk: f64,
    /// Seconds that a channel stays out for its risk at least.
    pub out_s: f64,
    /// A channel is out whose calls are harmed this many times as often as promised, at least 1.
    pub far: f64,
    /// However little is promised, it takes this share of harmed calls.
    pub far_least: f64,
    /// Seconds from a change until the next one that only makes calls cheaper.
    pub dwell_s: f64,
    /// Seconds from a change until the next one that keeps a promise better.
    pub dwell_harm_s: f64,
    /// Largest part of the calls that moves within a minute, but in an emergency; at most [`LARGEST_SHIFT`].
    pub largest_shift: f64,
    /// Smallest part of the calls that is worth a change.
    pub smallest_shift: f64,
    /// Smallest gain that is worth a change, as part of what the present mix costs.
    pub least_gain: f64,
    /// Part of its share that a returning channel gets first.
    pub ramp_first: f64,
    /// Factor from one step to the next, above 1.
    pub ramp_growth: f64,
    /// Seconds between steps.
    pub ramp_step_s: f64,
    /// Seconds that a decision holds.
    pub lease_s: f64,
    /// Seconds for which a channel that the fast lane found well counts as usual, whatever forecasts say that may have
    /// learnt from its trouble.
    pub pardon_s: f64,
}

/// Single calls that a channel which is out gets in the time that it has been out, about.
const PATIENCE: f64 = 200.0;
/// Multiple of [`Setting::probe_s`] that is the longest time between two of them.
const RAREST: f64 = 16.0;

/// The most that [`Setting::largest_shift`] may be: the checker refuses larger shifts.
pub const LARGEST_SHIFT: f64 = 0.5;

impl Default for Setting {
    fn default() -> Self {
        Self {
            margin: 0.8,
            largest_risk: 0.3,
            harm_price: 1.0,
            spread_price: 0.01,
            explore: 0.01,
            explore_total: 0.05,
            probe_s: 5.0,
            trial_s: 2.5,
            leave_risk: 0.5,
            back_risk: 0.25,
            out_s: 300.0,
            far: 3.0,
            far_least: 0.1,
            dwell_s: 1_800.0,
            dwell_harm_s: 300.0,
            largest_shift: 0.25,
            smallest_shift: 0.05,
            least_gain: 0.02,
            ramp_first: 0.1,
            ramp_growth: 2.5,
            ramp_step_s: 15.0,
            lease_s: 300.0,
            pardon_s: 600.0,
        }
    }
}

impl Setting {
    /// Checks every number.
    ///
    /// # Errors
    /// The first parameter that is out of range.
    pub fn check(&self) -> Result<(), ParameterError> {
        let part =
            |name, value: f64| ParameterError::unless(value > 0.0 && value <= 1.0, name, "above 0, at most 1", &value);
        let least = |name, value: f64, least: f64, needed| {
            ParameterError::unless(value >= least && value.is_finite(), name, needed, &value)
        };
        part("margin", self.margin)?;
        part("largest_risk", self.largest_risk)?;
        least("harm_price", self.harm_price, 0.0, "at least 0")?;
        least("spread_price", self.spread_price, 0.0, "at least 0")?;
        part("explore", self.explore)?;
        ParameterError::unless(
            self.explore_total > 0.0 && self.explore_total <= 0.5,
            "explore_total",
            "above 0, at most 0.5",
            &self.explore_total,
        )?;
        part("leave_risk", self.leave_risk)?;
        ParameterError::unless(
            self.back_risk > 0.0 && self.back_risk <= self.leave_risk,
            "back_risk",
            "above 0, at most leave_risk",
            &self.back_risk,
        )?;
        least("far", self.far, 1.0, "at least 1")?;
        part("far_least", self.far_least)?;
        ParameterError::unless(
            self.largest_shift > 0.0 && self.largest_shift <= LARGEST_SHIFT,
            "largest_shift",
            "above 0, at most 0.5",
            &self.largest_shift,
        )?;
        part("smallest_shift", self.smallest_shift)?;
        least("least_gain", self.least_gain, 0.0, "at least 0")?;
        part("ramp_first", self.ramp_first)?;
        least("ramp_growth", self.ramp_growth, 1.01, "at least 1.01")?;
        self.check_times()
    }

    fn check_times(&self) -> Result<(), ParameterError> {
        let seconds = [
            ("probe_s", self.probe_s, 0.1),
            ("trial_s", self.trial_s, 0.1),
            ("out_s", self.out_s, 0.0),
            ("dwell_s", self.dwell_s, 0.0),
            ("dwell_harm_s", self.dwell_harm_s, 0.0),
            ("ramp_step_s", self.ramp_step_s, 0.1),
            ("lease_s", self.lease_s, 1.0),
            ("pardon_s", self.pardon_s, 0.0),
        ];
        for (name, value, least) in seconds {
            let holds = value >= least && value <= 1e9;
            ParameterError::unless(holds, name, "seconds, at least a tenth of one (lease_s: one)", &value)?;
        }
        Ok(())
    }

    /// Seconds between single calls to a channel that plans have left out for `out_s` seconds. What was bad for long will probably
    /// stay so for long, and each such call may be harmed: so the time between two of them follows the time out, in doublings.
    #[must_use]
    pub fn probe_every_s(&self, out_s: f64) -> f64 {
        let times = (out_s / (PATIENCE * self.probe_s)).clamp(1.0, RAREST);
        self.probe_s * times.log2().floor().exp2()
    }

    /// The part of its share that a channel may have so many seconds after it came back, 0 ..= 1.
    #[must_use]
    pub fn ramp_part(&self, seconds: f64) -> f64 {
        let steps = (seconds / self.ramp_step_s).floor().clamp(0.0, 1_000.0);
        (self.ramp_first * self.ramp_growth.powf(steps)).min(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_checked() {
        assert_eq!(Setting::default().check(), Ok(()));
        let refused = |setting: Setting| setting.check().expect_err("refused").parameter;
        assert_eq!(refused(Setting { back_risk: 0.6, ..Setting::default() }), "back_risk");
        assert_eq!(refused(Setting { largest_shift: 0.9, ..Setting::default() }), "largest_shift");
        assert_eq!(refused(Setting { lease_s: f64::NAN, ..Setting::default() }), "lease_s");
        assert_eq!(refused(Setting { ramp_growth: 1.0, ..Setting::default() }), "ramp_growth");
    }

    #[test]
    fn who_is_out_for_long_is_asked_more_rarely() {
        let setting = Setting::default();
        let every = [0.0, 1_900.0, 2_100.0, 4_100.0, 1e9].map(|out_s| setting.probe_every_s(out_s));
        let due = [5.0, 5.0, 10.0, 20.0, 80.0];
        assert!(every.iter().zip(due).all(|(every, due)| (every - due).abs() < 1e-9), "{every:?}");
    }

    #[test]
    fn a_returning_channel_has_its_share_within_ninety_seconds() {
        let setting = Setting::default();
        let parts = [0.0, 15.0, 30.0, 45.0].map(|seconds| setting.ramp_part(seconds));
        assert!(parts.iter().zip([0.1, 0.25, 0.625, 1.0]).all(|(part, due)| (part - due).abs() < 1e-12), "{parts:?}");
        assert!(setting.ramp_part(-5.0) > 0.0);
    }
}
