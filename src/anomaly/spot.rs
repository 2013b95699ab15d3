//! Peaks over threshold in a stream: how rare is a value so far out, going by the extremes of the past alone?
//!
//! SPOT and DSPOT of Siffer, Fouque, Termier and Largouet (*Anomaly Detection in Streams with Extreme Value Theory*, KDD
//! 2017). The body of a distribution says nothing of its tail, so a bound of so many standard deviations means another
//! rarity on every series. Here the excesses over a high quantile are fitted by a generalised Pareto distribution
//! ([`crate::stats::pareto`], Grimshaw's estimator), and the bound is where a value is as rare as [`Params::risk`]. Both
//! tails are followed. With a [`Params::depth`] values are taken relative to the level of the last ones (DSPOT); their
//! median in place of the paper's mean, because that stands still in an incident.
//!
//! The reading is -log10 of the probability of a value at least so far out on its side: 4 is once in ten thousand, and
//! [`Params::risk`] is where the expected band ends. From the middle to the threshold it rises evenly.
//!
//! The paper learns no value beyond the bound. That cuts the tail it fits, which draws the bound in and cuts more: six times
//! as many alarms as asked for on 20,000 exponential values at a risk of 1/1,000. So only what is a hundred times rarer
//! than the risk is not learnt here, which cuts next to nothing. Two things are added for streams without an end: a tail keeps
//! its newest [`Params::peaks`] peaks, so that it follows what changes, and after [`Params::patience`] values in a row
//! beyond the bound those are the new normal: the level is learnt anew, and if that does not help, so is everything.
//!
//! - Warm-up: [`Params::depth`] and then [`Params::calibration`] known values. Gaps move nothing.
//! - Constant series: without a peak, excesses are taken as exponential around [`Params::floor`] times the level; around a
//!   constant zero any other value is as rare as can be.
//! - A minute costs a bisection and a move in the window of the level; when a twentieth of the peaks is new, some sixty
//!   passes over them, which for 200 peaks is about once in 250 minutes of a steady series. The end of the warm-up sorts the
//!   calibration once.

mod tail;

use serde::{Deserialize, Serialize};

use crate::anomaly::bounds::known;
use crate::anomaly::detector::{Band, Detector, Reading};
use crate::forecast::history::Observation;
use crate::forecast::model::ParameterError;
use crate::stats::robust::median_sorted;
use crate::stats::window::SortedWindow;
use tail::Tail;

/// Nothing is called rarer than this.
const RAREST: f64 = 1e-300;

/// What is rarer than the risk by this factor is not learnt.
const FAR: f64 = 0.01;

/// Parameters of a [`Spot`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Params {
    /// Known values from which the thresholds are taken, 100 to 10,080.
    pub calibration: usize,
    /// The quantile from which on a value is a peak, 0.8 to 0.999.
    pub level: f64,
    /// Probability of a value beyond the bound on one side: above 0 and below 1 - level.
    pub risk: f64,
    /// Known values whose median is the level, up to 10,080; 0 for values as they are.
    pub depth: usize,
    /// Peaks that are kept in each tail, 20 to 1,000.
    pub peaks: usize,
    /// Values in a row beyond the bound after which they are the new normal, at least 1.
    pub patience: u32,
    /// The smallest scale of a tail as a share of the level, 0 to 1.
    pub floor: f64,
}

impl Default for Params {
    /// A thousand values to begin with and peaks above 98 %, as in the paper; an hour for the level, 200 peaks, a risk of one
    /// in ten thousand, adoption after two hours.
    fn default() -> Self {
        Self { calibration: 1_000, level: 0.98, risk: 1e-4, depth: 60, peaks: 200, patience: 120, floor: 1e-4 }
    }
}

impl Params {
    fn check(&self) -> Result<(), ParameterError> {
        let wrong = |parameter, needed, found: String| Err(ParameterError { parameter, needed, found });
        if !(100..=10_080).contains(&self.calibration) {
            return wrong("calibration", "from 100 to 10080", self.calibration.to_string());
        }
        if !(0.8..=0.999).contains(&self.level) {
            return wrong("level", "from 0.8 to 0.999", self.level.to_string());
        }
        if !(self.risk > 0.0 && self.risk < 1.0 - self.level) {
            return wrong("risk", "above 0 and below 1 - level", self.risk.to_string());
        }
        if self.depth > 10_080 {
            return wrong("depth", "up to 10080", self.depth.to_string());
        }
        if !(20..=1_000).contains(&self.peaks) {
            return wrong("peaks", "from 20 to 1000", self.peaks.to_string());
        }
        if self.patience < 1 {
            return wrong("patience", "at least 1", self.patience.to_string());
        }
        if !(0.0..=1.0).contains(&self.floor) {
            return wrong("floor", "from 0 to 1", self.floor.to_string());
        }
        Ok(())
    }
}

/// The detector; see the module.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Spot {
    params: Params,
    /// The last values, whose median is the level.
    window: SortedWindow,
    phase: Phase,
    /// Values in a row beyond the bound.
    outside: u32,
    /// Whether the level was learnt anew and no value has been within the bounds since.
    is_moved: bool,
}

/// What values are told to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Phase {
    /// Distances from the level so far.
    Calibrating(Vec<f64>),
    /// Median of all distances in the calibration, and the tails of what lies below and above it.
    Watching { middle: f64, low: Tail, high: Tail },
}

impl Spot {
    /// A detector that has seen nothing yet.
    ///
    /// # Errors
    /// If a parameter lies outside its range.
    pub fn new(params: Params) -> Result<Self, ParameterError> {
        params.check()?;
        Ok(Self {
            params,
            window: SortedWindow::new(params.depth.max(1)),
            phase: Phase::Calibrating(Vec::new()),
            outside: 0,
            is_moved: false,
        })
    }

    /// What values are taken relative to; `None` before the window is full.
    fn level(&self) -> Option<f64> {
        match self.params.depth {
            0 => Some(0.0),
            depth if self.window.len() < depth => None,
            _ => median_sorted(self.window.sorted()),
        }
    }

    fn remember(&mut self, value: f64) {
        if self.params.depth > 0 {
            self.window.push(value);
        }
    }

    /// Takes what came last for the new normal: its level, or where that alone did not help or there is none, all of it.
    fn adopt(&mut self) {
        self.outside = 0;
        self.window.clear();
        let is_moved = self.params.depth > 0 && !self.is_moved;
        self.is_moved = is_moved;
        if !is_moved {
            self.phase = Phase::Calibrating(Vec::new());
        }
    }

    /// Learns a distance from the level while it calibrates.
    fn calibrate(&mut self, distance: f64) {
        let Phase::Calibrating(distances) = &mut self.phase else { return };
        distances.push(distance);
        if distances.len() >= self.params.calibration {
            let (middle, low, high) = calibrated(distances, &self.params);
            self.phase = Phase::Watching { middle, low, high };
        }
    }

    /// Learns a value that lies `above` the middle and was judged to be so rare.
    fn learn(&mut self, value: f64, above: f64, rarity: f64, is_outside: bool) {
        if is_outside {
            self.outside += 1;
            if self.outside >= self.params.patience {
                return self.adopt();
            }
        } else {
            (self.outside, self.is_moved) = (0, false);
        }
        if rarity.abs() > -(FAR * self.params.risk).log10() {
            return;
        }
        if let Phase::Watching { low, high, .. } = &mut self.phase {
            high.learn(above, self.params.peaks);
            low.learn(-above, self.params.peaks);
        }
        self.remember(value);
    }
}

impl Detector for Spot {
    fn name(&self) -> &'static str {
        "spot"
    }

    fn observe(&mut self, news: Observation) -> Option<Reading> {
        let value = known(news)?;
        let Some(level) = self.level() else {
            self.remember(value);
            return None;
        };
        let Phase::Watching { middle, low, high } = &self.phase else {
            self.calibrate(value - level);
            self.remember(value);
            return None;
        };
        let (above, centre) = (value - level - middle, level + middle);
        let (risk, least) = (self.params.risk, self.params.floor * centre.abs());
        let (lowest, highest) = (-low.bound(risk, least), high.bound(risk, least));
        let rarity = if above > 0.0 { high.rarity(above, least) } else { -low.rarity(-above, least) };
        let expected = Band { low: centre + lowest, middle: centre, high: centre + highest };
        self.learn(value, above, rarity, above > highest || above < lowest);
        Some(Reading { oddness: rarity, expected })
    }
}

/// The middle of `distances`, and the tails of what is below and above it.
fn calibrated(distances: &mut [f64], params: &Params) -> (f64, Tail, Tail) {
    distances.sort_unstable_by(f64::total_cmp);
    let middle = median_sorted(distances).unwrap_or(0.0);
    let above: Vec<f64> = distances.iter().map(|distance| distance - middle).collect();
    let below: Vec<f64> = above.iter().rev().map(|distance| -distance).collect();
    (middle, Tail::new(&below, params.level, params.peaks), Tail::new(&above, params.level, params.peaks))
}

#[cfg(test)]
mod tests;
