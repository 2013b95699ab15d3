//! Forecasts as they were made, scored when their truth comes, summed over windows of an hour.

use serde::{Deserialize, Serialize};

use crate::domain::time::Timestamp;
use crate::forecast::history::Grid;
use crate::forecast::interval::{Intervals, Places};
use crate::forecast::live::standby::Standby;
use crate::forecast::marginal::Marginal;
use crate::forecast::measure::{Measures, Outcome, Tally};
use crate::forecast::output::Levels;

/// Horizons in steps that are scored.
const SCORED: [usize; 4] = [1, 5, 15, 60];
/// Length of a window.
pub const WINDOW_S: i64 = 3_600;
/// Quantiles of a forecast: the default levels.
const WIDTH: usize = 7;
/// Where the median stands among them.
const MEDIAN: usize = 3;

/// The baseline that `model` is, if it is one: the season's length is part of a fitted one's name.
fn baseline_of(model: &str) -> Option<&'static str> {
    ["seasonal-naive", "naive"].into_iter().find(|baseline| model.starts_with(baseline))
}

/// In whose name a forecast was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Role {
    /// The forecast that is served.
    Champion,
    /// A forecast that is only compared with it.
    Challenger,
}

impl Role {
    /// The word in tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Champion => "champion",
            Self::Challenger => "challenger",
        }
    }
}

/// How one model did at one horizon over one window.
#[derive(Debug, Clone, PartialEq)]
pub struct WindowScore {
    /// Start of the window; outcomes of its steps count, wherever their forecasts were made.
    pub start: Timestamp,
    /// Seconds between a forecast and its outcome.
    pub horizon_s: u32,
    /// The model that made the newest of the forecasts.
    pub model: String,
    /// In whose name.
    pub role: Role,
    /// The measures.
    pub measures: Measures,
}

/// A forecast waiting for its truth: mean, then quantiles. Single precision, since only scores follow from it.
type Issued = [f32; WIDTH + 1];

/// Forecasts on their way to their truth and what came of those that met it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Scores {
    levels: Levels,
    places: Places,
    weights: Vec<f64>,
    horizons: Vec<Horizon>,
    /// Start of the open window.
    window: Option<Timestamp>,
    finished: Vec<Finished>,
}

/// One scored horizon.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Horizon {
    steps: usize,
    ring: Vec<Option<Issued>>,
    next: usize,
    /// Champion, naive, seasonal naive over the open window.
    tallies: [Tally; 3],
}

/// A window that is over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Finished {
    start: Timestamp,
    horizon_s: u32,
    model: String,
    role: Role,
    tally: Tally,
}

impl Scores {
    pub(super) fn new(horizon: usize) -> Self {
        let levels = Levels::default();
        let tally = || Tally::new(levels.clone());
        let ring =
            |steps: usize| Horizon { steps, ring: vec![None; steps], next: 0, tallies: [tally(), tally(), tally()] };
        Self {
            places: Places::from(&levels),
            weights: Marginal::mean_weights(levels.as_slice()),
            horizons: SCORED.into_iter().filter(|steps| *steps <= horizon).map(ring).collect(),
            levels,
            window: None,
            finished: Vec::new(),
        }
    }

    /// What each quantile at `levels` contributes to the mean, if these are the levels that are scored.
    pub(super) fn mean_weights(&self, levels: &Levels) -> Option<&[f64]> {
        (self.levels == *levels).then_some(self.weights.as_slice())
    }

    /// Steps ahead of which forecasts are scored.
    pub(super) fn horizons(&self) -> impl Iterator<Item = usize> {
        self.horizons.iter().map(|horizon| horizon.steps)
    }

    /// Scores what was forecast of the coming step, which lies at the start of `step` and came out as `value`.
    pub(super) fn observe(&mut self, step: Grid, value: f64, model: &str, standby: &Standby) {
        self.turn_window(step, model);
        let scale = standby.scale();
        for horizon in &mut self.horizons {
            let Some(issued) = horizon.ring[horizon.next] else { continue };
            let quantiles: [f64; WIDTH] = std::array::from_fn(|at| f64::from(issued[at + 1]));
            let median = quantiles[MEDIAN];
            let mean = f64::from(issued[0]);
            horizon.tallies[0].record(&Outcome { truth: value, mean, median, quantiles: &quantiles, scale });
            for (tally, point) in
                horizon.tallies[1..].iter_mut().zip([standby.naive(horizon.steps), standby.seasonal()])
            {
                if point.is_finite() {
                    tally.record(&Outcome { truth: value, mean: point, median: point, quantiles: &[], scale });
                }
            }
        }
    }

    /// Horizon and median of what was forecast of the coming step.
    pub(super) fn due_medians(&self) -> impl Iterator<Item = (usize, f64)> {
        self.horizons.iter().filter_map(|horizon| {
            horizon.ring[horizon.next].map(|issued| (horizon.steps, f64::from(issued[MEDIAN + 1])))
        })
    }

    /// Moves on by one step.
    pub(super) fn advance(&mut self) {
        for horizon in &mut self.horizons {
            horizon.ring[horizon.next] = None;
            horizon.next = if horizon.next + 1 == horizon.steps { 0 } else { horizon.next + 1 };
        }
    }

    /// Notes the forecast made now: `values` has one for each of `horizons`, which are ascending.
    #[expect(clippy::cast_possible_truncation, reason = "see the type")]
    pub(super) fn issue(&mut self, horizons: &[usize], values: &[f64], intervals: &Intervals) {
        let mut quantiles = [0.0; WIDTH];
        let moment = intervals.now();
        let mut known = horizons.iter().zip(values);
        for horizon in &mut self.horizons {
            let Some((_, &value)) = known.by_ref().find(|(steps, _)| **steps == horizon.steps) else { return };
            moment.quantiles(horizon.steps, value, &self.places, &mut quantiles);
            let mean: f64 = quantiles.iter().zip(&self.weights).map(|(value, weight)| value * weight).sum();
            let slot = horizon.next.checked_sub(1).unwrap_or(horizon.steps - 1);
            let issued = std::array::from_fn(|at| if at == 0 { mean as f32 } else { quantiles[at - 1] as f32 });
            horizon.ring[slot] = Some(issued);
        }
    }

    /// Closes the open window if `step` lies in another one.
    fn turn_window(&mut self, step: Grid, model: &str) {
        let start = Timestamp::from_seconds(step.start.seconds().div_euclid(WINDOW_S) * WINDOW_S);
        let Some(open) = self.window.replace(start).filter(|open| *open != start) else { return };
        let empty = Tally::new(self.levels.clone());
        for horizon in &mut self.horizons {
            let horizon_s = u32::try_from(horizon.steps).unwrap_or(u32::MAX).saturating_mul(step.step_s);
            let names = [(model, Role::Champion), ("naive", Role::Challenger), ("seasonal-naive", Role::Challenger)];
            for (tally, (name, role)) in horizon.tallies.iter_mut().zip(names) {
                let tally = std::mem::replace(tally, empty.clone());
                // A baseline that has become the champion is no rival of its own.
                let is_double = role == Role::Challenger && baseline_of(model) == Some(name);
                if tally.points() > 0 && !is_double {
                    self.finished.push(Finished { start: open, horizon_s, model: name.to_owned(), role, tally });
                }
            }
        }
    }

    pub(super) fn take_finished(&mut self) -> Vec<WindowScore> {
        let score = |window: Finished| WindowScore {
            start: window.start,
            horizon_s: window.horizon_s,
            model: window.model,
            role: window.role,
            measures: window.tally.measures(),
        };
        std::mem::take(&mut self.finished).into_iter().map(score).collect()
    }
}
