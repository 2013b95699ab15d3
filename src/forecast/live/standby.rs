//! The last values of a series and the two forecasts that follow from them alone, against which a champion is held.

use serde::{Deserialize, Serialize};

use crate::forecast::history::{Grid, History};
use crate::forecast::live::score::Scores;
use crate::forecast::model::{Fit, Predict};
use crate::forecast::naive::NaiveModel;
use crate::forecast::naive::seasonal::SeasonalNaiveModel;

/// Weight of the newest change in the running mean change: about a day of minutes.
const WEIGHT: f64 = 1.0 / 1_440.0;
/// Weight of the newest error in the running comparison: about a day of minutes, at three horizons each.
const LOSS_WEIGHT: f64 = WEIGHT / 3.0;
/// Comparisons before a verdict.
const TRIAL: u32 = 240;
/// A champion may be this much worse than a baseline before it is dropped: within noise they are equal.
const PATIENCE: f64 = 1.05;

/// A forecast that needs no fitting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Baseline {
    /// The last value stays.
    Naive,
    /// The value a season ago comes again.
    SeasonalNaive,
}

/// The memory behind the baselines, and the running comparison.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Standby {
    season: Option<usize>,
    /// The last values as a ring, NaN for gaps; single precision is enough for what is only compared.
    ring: Vec<f32>,
    /// Where the next value goes, and therefore the oldest one.
    next: usize,
    /// Mean absolute change from step to step: the scale of MASE.
    change: f64,
    changes: u32,
    compared: u32,
    /// Running absolute errors: champion, naive, seasonal naive.
    losses: [f64; 3],
}

impl Standby {
    /// Remembers a season, or as many steps as the scored horizons need.
    pub(super) fn new(season: Option<usize>, horizon: usize) -> Self {
        let memory = season.unwrap_or(0).max(horizon.min(60)).max(1);
        Self { season, ring: vec![f32::NAN; memory], next: 0, change: 0.0, changes: 0, compared: 0, losses: [0.0; 3] }
    }

    /// Steps that are remembered.
    pub(super) const fn memory(&self) -> usize {
        self.ring.len()
    }

    /// Adds a value to the memory; NaN for a gap.
    #[expect(clippy::cast_possible_truncation, reason = "see the ring")]
    pub(super) fn remember(&mut self, value: f64) {
        let change = (value - self.ago(1)).abs();
        if change.is_finite() {
            self.changes = self.changes.saturating_add(1);
            self.change += WEIGHT.max(1.0 / f64::from(self.changes)) * (change - self.change);
        }
        self.ring[self.next] = value as f32;
        self.next = if self.next + 1 == self.ring.len() { 0 } else { self.next + 1 };
    }

    /// The value `steps` steps before the coming one; NaN if it is unknown or not remembered.
    fn ago(&self, steps: usize) -> f64 {
        if steps == 0 || steps > self.ring.len() {
            return f64::NAN;
        }
        let at = (self.next + self.ring.len() - steps) % self.ring.len();
        f64::from(self.ring[at])
    }

    /// What the naive forecast said of the coming step `horizon` steps before it.
    pub(super) fn naive(&self, horizon: usize) -> f64 {
        self.ago(horizon)
    }

    /// What the seasonal naive forecast said of the coming step; NaN without a season.
    pub(super) fn seasonal(&self) -> f64 {
        self.season.map_or(f64::NAN, |season| self.ago(season))
    }

    /// The scale of MASE, once there is one.
    pub(super) fn scale(&self) -> Option<f64> {
        (self.changes > 0 && self.change > 0.0).then_some(self.change)
    }

    /// Compares the champion's forecasts of the coming step, whose truth is `value`, with the baselines'.
    pub(super) fn compare(&mut self, value: f64, scores: &Scores) {
        for (horizon, median) in scores.due_medians().filter(|(horizon, _)| *horizon >= 5) {
            let errors = [median, self.naive(horizon), self.seasonal()].map(|forecast| (value - forecast).abs());
            if !(errors[0].is_finite() && errors[1].is_finite()) {
                continue;
            }
            self.compared = self.compared.saturating_add(1);
            let weight = LOSS_WEIGHT.max(1.0 / f64::from(self.compared));
            for (loss, error) in self.losses.iter_mut().zip(errors) {
                // A season that is not known yet is no rival: it counts as much as the naive forecast.
                let error = if error.is_finite() { error } else { errors[1] };
                *loss += weight * (error - *loss);
            }
        }
    }

    /// The baseline that is better than the champion by more than patience allows.
    pub(super) fn better(&self) -> Option<Baseline> {
        let [champion, naive, seasonal] = self.losses;
        let (best, baseline) =
            if seasonal < naive { (seasonal, Baseline::SeasonalNaive) } else { (naive, Baseline::Naive) };
        (self.compared >= TRIAL && champion > PATIENCE * best).then_some(baseline)
    }

    /// Begins the comparison anew.
    pub(super) fn forgive(&mut self) {
        self.compared = 0;
        self.losses = [0.0; 3];
    }

    /// The baseline as a model that goes on from what is remembered; the coming step lies at `next`.
    pub(super) fn fit(&self, baseline: Baseline, next: Grid) -> Option<(String, Box<dyn Predict>)> {
        let values: Vec<f64> = (1..=self.ring.len()).rev().map(|steps| self.ago(steps)).collect();
        let history = History::new(Grid { start: next.before(values.len()), ..next }, &values);
        let model: Box<dyn Fit> = match (baseline, self.season) {
            (Baseline::SeasonalNaive, Some(season)) => Box::new(SeasonalNaiveModel::new(season).ok()?),
            _ => Box::new(NaiveModel),
        };
        Some((model.name(), model.fit(&history).ok()?))
    }
}
