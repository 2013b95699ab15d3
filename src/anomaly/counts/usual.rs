//! What share of calls is usually bad, and how sure that is.

use serde::{Deserialize, Serialize};

use crate::anomaly::counts::CountSetting;
use crate::stats::beta_binomial::BetaBinomial;

/// How much larger than known a share may be without being odd: what is known of late is a little old, and shares follow the
/// time of day.
const DRIFT: f64 = 1.5;
/// Calls that the long run counts for beside those of late: it speaks where there were few.
const LONG_RUN_CALLS: f64 = 500.0;
/// What is assumed of bursts before any was seen: the correlation of two calls of a minute, and the evidence for it.
const BURSTS: (f64, f64) = (0.002, 50.0);
/// Strongest correlation.
const MOST_BURSTY: f64 = 0.3;
/// A minute's squared deviation counts as so many variances at most, so that one outage is no habit.
const MOST_SQUARES: f64 = 16.0;

/// Bad ones among calls, older ones counting less.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
struct Faded {
    bad: f64,
    calls: f64,
}

/// The usual share: of late, in the long run, and how much minutes differ beyond chance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Usual {
    late: Faded,
    long: Faded,
    /// Squared deviations beyond those of chance, and what they would be if all calls of a minute went together.
    bursts: (f64, f64),
}

impl Usual {
    pub(super) fn new(setting: &CountSetting) -> Self {
        let long = Faded { bad: setting.prior_share * setting.prior_calls, calls: setting.prior_calls };
        Self { late: Faded::default(), long, bursts: (BURSTS.0 * BURSTS.1, BURSTS.1) }
    }

    /// The distribution of bad ones in the next minute: that of a share which is known as well as its calls tell, and which
    /// differs from minute to minute as it used to.
    pub(super) fn next(&self) -> BetaBinomial {
        let worth = LONG_RUN_CALLS.min(self.long.calls);
        let calls = self.late.calls + worth;
        let mean = (self.late.bad + worth * self.long.bad / self.long.calls) / calls;
        let mean = (mean.max(self.long.bad / self.long.calls) * DRIFT).min(0.5 * (1.0 + mean));
        let correlation = (self.bursts.0 / self.bursts.1).clamp(0.0, MOST_BURSTY) + 1.0 / (calls + 1.0);
        BetaBinomial::of(mean, 1.0 / correlation.min(0.5) - 1.0)
    }

    /// Learns `bad` of `calls` with a `weight` of at most 1.
    pub(super) fn learn(&mut self, setting: &CountSetting, bad: f64, calls: f64, weight: f64) {
        let share = self.next().mean();
        let chance = calls * share * (1.0 - share);
        let away = bad - calls * share;
        let squares = (away * away).min(MOST_SQUARES * (chance + 1.0));
        let long = (-weight / setting.long_run).exp2();
        let fade = |old: f64, news: f64| old * long + weight * news;
        self.bursts = (fade(self.bursts.0, squares - chance), fade(self.bursts.1, (calls - 1.0) * chance));
        self.bursts = (self.bursts.0 + (1.0 - long) * BURSTS.0 * BURSTS.1, self.bursts.1 + (1.0 - long) * BURSTS.1);
        let prior = (1.0 - long) * setting.prior_calls;
        self.long = Faded {
            bad: fade(self.long.bad, bad) + prior * setting.prior_share,
            calls: fade(self.long.calls, calls) + prior,
        };
        let late = (-weight / setting.of_late).exp2();
        self.late = Faded { bad: self.late.bad * late + weight * bad, calls: self.late.calls * late + weight * calls };
    }
}
