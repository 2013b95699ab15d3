//! From readings to probabilities: how rarely was this series so odd while it was healthy?
//!
//! A fixed bound on a reading means something else on every series: on some, ten scales off is a daily event. So the
//! readings of the recent past are kept as a histogram that forgets, and beyond its [`TailSetting::threshold`] quantile a
//! generalised Pareto distribution says how rare still larger ones are (peaks over threshold: Pickands 1975; Siffer et
//! al., *Anomaly detection in streams with extreme value theory*, KDD 2017).
//!
//! - **Histogram** instead of a window of readings: sixteen bins an octave (4 % apart) over thirty octaves take one step
//!   O(1) and a refresh O(bins), in two kilobytes, whatever the span. Counts lose a constant part at each refresh.
//! - **Anomalies in the past** would teach the tail to expect more of them. A fit starts from the body of the readings,
//!   which hardly knows them, leaves out what its tail calls rarer than [`TailSetting::outlier`], and goes on with the
//!   tail of the rest until nothing changes. What is left out stays in the histogram: once it is common it is no outlier
//!   any more, and the tail takes it in.
//! - **Fit** by probability-weighted moments (Hosking and Wallis, Technometrics 29, 1987): closed, stable for few excesses,
//!   and better than maximum likelihood below some hundred of them. The shape is held below
//!   [`TailSetting::heaviest`], as a few left-over anomalies look like a heavy tail.
//!
//! Warm-up: [`TailSetting::warm_up`] readings. Readings that are all zero have a tail of the least width, so the first
//! one above is rare and finite.

mod histogram;
mod pareto;

use serde::{Deserialize, Serialize};

use crate::anomaly::level::share;
use crate::forecast::model::ParameterError;
use histogram::Histogram;
pub use pareto::Pareto;

/// Probabilities are never below this: beyond it they are beyond any past.
pub const LEAST_P: f64 = 1e-30;

/// Most rounds of leaving outliers out.
const ROUNDS: usize = 8;

/// Quantiles that tell how wide the body is.
const BODY: [f64; 2] = [0.6, 0.9];

/// Least width of the body: readings that are mostly zero have none.
const LEAST_BODY: f64 = 0.3;

/// Least expected number of excesses that a fit is made to.
const LEAST_EXCESSES: f64 = 10.0;

/// Parameters of [`Tail`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TailSetting {
    /// Quantile from which on the Pareto distribution speaks, in 0.5 ..= 0.999.
    pub threshold: f64,
    /// Largest shape of the tail, above 0 and at most 1.
    pub heaviest: f64,
    /// Probability below which a past reading is an outlier, above 0 and at most 1.
    pub outlier: f64,
    /// Readings after which one counts half.
    pub half_life: f64,
    /// Readings between two fits.
    pub refresh: u32,
    /// Readings before the first probability.
    pub warm_up: u32,
}

impl Default for TailSetting {
    /// Two weeks of minutes, fitted anew each hour.
    fn default() -> Self {
        Self { threshold: 0.99, heaviest: 0.5, outlier: 1e-5, half_life: 20_000.0, refresh: 60, warm_up: 100 }
    }
}

impl TailSetting {
    /// # Errors
    /// [`ParameterError`] that names the first parameter outside its range.
    pub fn check(&self) -> Result<(), ParameterError> {
        if !(0.5..=0.999).contains(&self.threshold) {
            let found = self.threshold.to_string();
            return Err(ParameterError { parameter: "threshold", needed: "in 0.5 ..= 0.999", found });
        }
        share("heaviest", self.heaviest)?;
        share("outlier", self.outlier)?;
        if self.half_life >= 1.0 && self.refresh > 0 {
            return Ok(());
        }
        let found = format!("{} and {}", self.half_life, self.refresh);
        Err(ParameterError { parameter: "half_life and refresh", needed: "at least 1", found })
    }
}

/// The tail of one detector's readings on one series.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tail {
    setting: TailSetting,
    seen: Histogram,
    readings: u32,
    until_refresh: u32,
    fitted: Option<Fitted>,
}

/// What a refresh found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Fitted {
    /// Share of readings at least as large as the lower edge of each bin.
    survival: Vec<f32>,
    tail: Pareto,
}

impl Tail {
    /// A tail that has seen nothing.
    ///
    /// # Errors
    /// [`ParameterError`] if a parameter lies outside its range.
    pub fn new(setting: TailSetting) -> Result<Self, ParameterError> {
        setting.check()?;
        Ok(Self { setting, seen: Histogram::new(), readings: 0, until_refresh: setting.warm_up.max(1), fitted: None })
    }

    /// How often a reading of the healthy series is at least as large as `size`; `None` while the tail warms up.
    #[must_use]
    pub fn p(&self, size: f64) -> Option<f64> {
        let Fitted { survival, tail } = self.fitted.as_ref()?;
        let p = if size > tail.threshold { tail.p(size) } else { Histogram::survival_at(survival, size) };
        Some(p.clamp(LEAST_P, 1.0))
    }

    /// Takes in a reading, and fits anew when it is time.
    pub fn learn(&mut self, size: f64) {
        self.seen.add(size);
        self.readings = self.readings.saturating_add(1);
        self.until_refresh -= 1;
        if self.until_refresh == 0 {
            // While the past is short it says more with every reading.
            self.until_refresh = self.setting.refresh.min(self.readings / 10).max(1);
            self.fit();
            self.seen.fade(-f64::from(self.until_refresh) / self.setting.half_life);
        }
    }

    /// Fits the tail to all that was seen.
    pub fn fit(&mut self) {
        if self.readings < self.setting.warm_up {
            return;
        }
        let all = self.seen.bins();
        let cut = |tail: &Pareto| Histogram::bin_above(tail.reach(self.setting.outlier)).min(all);
        let mut last = cut(&self.body());
        let mut tail = self.pareto(last);
        for _ in 0..ROUNDS {
            let next = cut(&tail);
            if next == last {
                break;
            }
            last = next;
            tail = self.pareto(last);
        }
        self.fitted = Some(Fitted { survival: self.seen.survival(last), tail });
    }

    /// A tail that follows from the body alone, half as heavy as a tail may be. Anomalies of a twentieth of all
    /// readings would be most of what lies above the threshold, and no fit to that would find them; the body hardly
    /// knows them.
    fn body(&self) -> Pareto {
        let [middle, upper] = BODY.map(|q| self.seen.quantile(q, self.seen.bins()));
        let shape = 0.5 * self.setting.heaviest;
        let rarer = (1.0 - BODY[0]) / (1.0 - BODY[1]);
        let width = (upper - middle) * shape / (rarer.powf(shape) - 1.0);
        Pareto { threshold: middle, share: 1.0 - BODY[0], shape, width: width.max(LEAST_BODY) }
    }

    /// The tail of the first `last` bins.
    fn pareto(&self, last: usize) -> Pareto {
        let threshold = self.seen.quantile(self.setting.threshold, last);
        Pareto::fit(self.seen.excesses(threshold, last), threshold, self.setting.heaviest, LEAST_EXCESSES)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sizes of exponential noise, equally spaced in probability and well mixed.
    fn noise(step: u32) -> f64 {
        -((f64::from(step * 619 % 1_000) + 0.5) / 1_000.0).ln()
    }

    fn learnt(sizes: impl Iterator<Item = f64>) -> Tail {
        let mut tail = Tail::new(TailSetting::default()).expect("valid");
        sizes.for_each(|size| tail.learn(size));
        tail.fit();
        tail
    }

    #[test]
    fn probabilities_are_those_of_the_noise() {
        let tail = learnt((0..10_000).map(noise));
        for p in [0.5, 0.05, 0.005] {
            let found = tail.p(-f64::ln(p)).expect("warm");
            assert!((found / p - 1.0).abs() < 0.15, "{found} for {p}");
        }
    }

    #[test]
    fn anomalies_of_the_past_do_not_make_the_next_one_usual() {
        let clean = learnt((0..10_000).map(noise)).p(12.0).expect("warm");
        let odd = |step: u32| if step.is_multiple_of(100) { 60.0 } else { noise(step) };
        let dirty = learnt((0..10_000).map(odd)).p(12.0).expect("warm");
        assert!(dirty < 50.0 * clean, "{dirty} after one in a hundred, {clean} without");
        assert!(learnt((0..10_000).map(odd)).p(60.0).expect("warm") < 1e-6);
    }

    #[test]
    fn what_stays_becomes_usual() {
        let tail = learnt((0..60_000).map(|step| noise(step) * if step < 10_000 { 1.0 } else { 10.0 }));
        assert!(tail.p(40.0).expect("warm") > 1e-3);
    }

    #[test]
    fn nothing_is_said_too_early_and_probabilities_stay_in_bounds() {
        let mut tail = Tail::new(TailSetting::default()).expect("valid");
        assert_eq!(tail.p(1.0), None);
        for _ in 0..200 {
            tail.learn(0.0);
        }
        let ps = [0.0, 1e-9, 1.0, 1e300].map(|size| tail.p(size).expect("warm"));
        assert!(ps.iter().all(|p| (LEAST_P..=1.0).contains(p)) && ps[0] > 0.9, "{ps:?}");
        assert_eq!(
            Tail::new(TailSetting { heaviest: 2.0, ..TailSetting::default() }).expect_err("too heavy").parameter,
            "heaviest"
        );
    }
}
