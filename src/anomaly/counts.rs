//! Bad ones among calls: how odd is it that `k` of `n` calls fail, where so few usually do?
//!
//! As plain numbers, one failure of ten calls and a hundred of a thousand are the same 10 %; the first is chance and
//! the second trouble. So the number of bad calls is held against its own distribution: that of `n` calls which are each
//! bad with the usual share, as well as that is known.
//!
//! - **Usual share**: a Beta posterior that forgets, of the last hours, with the long run as its prior: shares follow the
//!   time of day. Minutes that differ more than chance allows (bursts) are a correlation of the calls of a minute,
//!   estimated by moments (Williams, *Extra-binomial variation in logistic linear models*, Applied Statistics 31, 1982), so
//!   that what bursts every day is not odd when it does. Both make the number of bad ones beta-binomial.
//! - **One minute**: the probability of so many bad ones or more.
//! - **Several**: Page's cumulative sum (*Continuous inspection schemes*, Biometrika 41, 1954) of the log likelihood ratio
//!   of a stated rise against the usual share. Under the usual share it exceeds `h` with a probability of at most exp(-h)
//!   (Kingman, *A martingale inequality in the theory of queues*, 1964), so it is a probability like the other, and 5 %
//!   over five minutes are found as well as 40 % in one. Evidence of a rise that is over is dropped.
//!
//! The reading is the clearer of both, as powers of ten: 4 is one in ten thousand. Only rises are odd; whatever is usual
//! or below it reads 0.
//!
//! Trouble is learnt with a small weight and clipped to the stated rise, so that the next fault is as odd as this one, and
//! a share that stays becomes usual after all.
//!
//! - Warm-up: none. A channel of which nothing is known is taken to fail with [`CountSetting::prior_share`], as sure as
//!   [`CountSetting::prior_calls`] calls make that.
//! - A gap, and a share without a known number of calls, is skipped and has no reading. Shares are held in 0 ..= 1.
//! - A share that was 0 or 1 always has a posterior like any other.
//! - A minute costs O(1), at most 4,096 terms of a sum where there are thousands of bad calls; the state is a few numbers.

mod rise;
mod usual;

use serde::{Deserialize, Serialize};

use crate::anomaly::detector::{Band, Detector, Reading};
use crate::anomaly::level::{above_zero, share};
use crate::forecast::history::Observation;
use crate::forecast::model::ParameterError;
use crate::stats::beta_binomial::BetaBinomial;
use rise::Rise;
use usual::Usual;

/// Deviations above the mean that are usual.
const USUAL: f64 = 3.0;
/// Weight of a minute in trouble.
const OF_TROUBLE: f64 = 0.05;
/// Most calls of a minute that are told apart.
const MOST_CALLS: f64 = 1e9;
/// No reading is odder.
const ODDEST: f64 = 300.0;

/// Parameters of [`Counts`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CountSetting {
    /// Minutes after which one counts half in the share of late.
    pub of_late: f64,
    /// The same in the long run.
    pub long_run: f64,
    /// The share that is expected of a channel of which nothing is known, above 0 and at most 1.
    pub prior_share: f64,
    /// Calls that this expectation is worth.
    pub prior_calls: f64,
    /// Points by which a share rises that is looked for, above 0 and at most 1, besides ..
    pub rise: f64,
    /// .. so many times the usual share.
    pub times: f64,
}

impl Default for CountSetting {
    /// Two hours of late, a week in the long run; 2 of 50 calls; a rise to twice the share and 3 points.
    fn default() -> Self {
        Self { of_late: 120.0, long_run: 10_080.0, prior_share: 0.02, prior_calls: 50.0, rise: 0.03, times: 1.0 }
    }
}

impl CountSetting {
    /// # Errors
    /// [`ParameterError`] that names the first parameter outside its range.
    pub fn check(&self) -> Result<(), ParameterError> {
        above_zero("of_late", self.of_late)?;
        above_zero("long_run", self.long_run)?;
        share("prior_share", self.prior_share)?;
        above_zero("prior_calls", self.prior_calls)?;
        share("rise", self.rise)?;
        above_zero("times", self.times)
    }

    /// The share that is looked for, where `usual` is usual.
    fn risen(&self, usual: f64) -> f64 {
        let share = usual + self.rise + self.times * usual;
        // A share that is high already can but come nearer to 1.
        share.min(0.5 * (1.0 + usual))
    }
}

/// The detector; see the module.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Counts {
    setting: CountSetting,
    usual: Usual,
    rise: Rise,
    /// Bad ones and calls of the newest minute, until it is decided how they are learnt.
    fresh: Option<(f64, f64)>,
}

impl Counts {
    /// A detector that has seen nothing yet.
    ///
    /// # Errors
    /// [`ParameterError`] if a parameter lies outside its range.
    pub fn new(setting: CountSetting) -> Result<Self, ParameterError> {
        setting.check()?;
        Ok(Self { setting, usual: Usual::new(&setting), rise: Rise::default(), fresh: None })
    }

    /// Judges the share of the next minute, which [`Counts::settle`] has it learn. `None` for a gap, and where the number of
    /// calls is not known.
    pub fn judge(&mut self, news: Observation) -> Option<Reading> {
        let Some((bad, calls)) = counted(news) else {
            self.rise.skip();
            return None;
        };
        let usual = self.usual.next();
        let risen = BetaBinomial::of(self.setting.risen(usual.mean()), usual.precision());
        let once = -usual.ln_at_least(bad, calls);
        let nats = once.max(self.rise.with(bad, calls, &usual, &risen));
        self.fresh = Some((bad, calls));
        let width = USUAL * usual.variance(calls).sqrt() / calls;
        let oddness = (nats / std::f64::consts::LN_10).min(ODDEST);
        Some(Reading { oddness, expected: Band::around(usual.mean(), width) })
    }

    /// Learns the newest minute: as it is if it `counts`, else as trouble.
    pub fn settle(&mut self, counts: bool) {
        let Some((bad, calls)) = self.fresh.take() else { return };
        if counts {
            self.usual.learn(&self.setting, bad, calls, 1.0);
        } else {
            let most = calls * self.setting.risen(self.usual.next().mean());
            self.usual.learn(&self.setting, bad.min(most), calls, OF_TROUBLE);
        }
    }
}

/// Bad ones and calls, both whole; `None` if there were no calls or nobody knows how many.
fn counted(news: Observation) -> Option<(f64, f64)> {
    let is_known = news.value.is_finite() && news.count.is_finite() && news.count >= 1.0;
    let calls = news.count.round().min(MOST_CALLS);
    is_known.then(|| ((news.value.clamp(0.0, 1.0) * calls).round(), calls))
}

impl Detector for Counts {
    fn name(&self) -> &'static str {
        "counts"
    }

    fn observe(&mut self, news: Observation) -> Option<Reading> {
        let reading = self.judge(news);
        self.settle(true);
        reading
    }
}

#[cfg(test)]
mod tests;
