//! All parameter sets in one pass over the history.
//!
//! The states lie set beside set, so that one step of all of them is a few loops over neighbouring numbers, which the
//! compiler turns into vector instructions. Set by set the recursion would wait for each addition in turn.

use super::grid::Weights;
use super::start::Start;
use super::state::State;

/// Each how many steps the sets are judged: few enough to be cheap, and with no factor in common with the seasons of
/// a day or a week in hours, so that every hour of the day is an origin in turn.
const STRIDE: usize = 5;

/// The states of all sets, and what each has missed by so far.
pub(super) struct Search<'a> {
    grid: &'a [Weights],
    level: Vec<f64>,
    error: Vec<f64>,
    /// Phase by phase, each with the values of all sets.
    first: Vec<f64>,
    second: Vec<f64>,
    loss: Vec<f64>,
}

/// At which distances the sets are judged, and from which step on.
pub(super) struct Judged<'a> {
    pub horizons: &'a [usize],
    pub from: usize,
}

impl<'a> Search<'a> {
    /// All sets of `grid` at `start`.
    pub(super) fn new(grid: &'a [Weights], start: &Start) -> Self {
        let sets = grid.len();
        let spread = |season: &[f64]| season.iter().flat_map(|&value| std::iter::repeat_n(value, sets)).collect();
        Self {
            grid,
            level: vec![start.level; sets],
            error: vec![0.0; sets],
            first: spread(&start.first),
            second: spread(&start.second),
            loss: vec![0.0; sets],
        }
    }

    /// Runs through `values` and gives the states of the `count` sets with the smallest sum of absolute errors, where
    /// they stand at the end; best first.
    pub(super) fn run(mut self, values: &[f64], judged: &Judged<'_>, count: usize) -> Vec<State> {
        let powers: Vec<Vec<f64>> = judged
            .horizons
            .iter()
            .map(|&horizon| {
                let steps = i32::try_from(horizon).unwrap_or(i32::MAX);
                self.grid.iter().map(|weights| weights.error.powi(steps)).collect()
            })
            .collect();
        let grid = self.grid;
        let weights = [
            column(grid, |weights| weights.level),
            column(grid, |weights| weights.first),
            column(grid, |weights| weights.second),
            column(grid, |weights| weights.error),
        ];
        for (at, &value) in values.iter().enumerate() {
            if at >= judged.from && at.is_multiple_of(STRIDE) {
                for (horizon, powers) in judged.horizons.iter().zip(&powers) {
                    self.judge(values, at + horizon - 1, powers);
                }
            }
            self.learn(at, value, &weights);
        }
        let mut order: Vec<usize> = (0..grid.len()).collect();
        order.sort_by(|&a, &b| self.loss[a].total_cmp(&self.loss[b]));
        order.into_iter().take(count).map(|set| self.state(set)).collect()
    }

    /// Adds the absolute errors of step `at` as forecast from here; `powers` say what is left of the error by then.
    fn judge(&mut self, values: &[f64], at: usize, powers: &[f64]) {
        let Some(&truth) = values.get(at).filter(|truth| truth.is_finite()) else { return };
        let sets = self.grid.len();
        let first = &self.first[at * sets % self.first.len()..][..sets];
        let second = &self.second[at * sets % self.second.len()..][..sets];
        let states = self.level.iter().zip(&self.error).zip(first).zip(second).zip(powers);
        for (loss, ((((level, error), first), second), power)) in self.loss.iter_mut().zip(states) {
            *loss += (truth - (level + first + second + power * error)).abs();
        }
    }

    /// Moves all sets on by step `at`.
    fn learn(&mut self, at: usize, value: f64, [level, first, second, autocorrelation]: &[Vec<f64>; 4]) {
        let sets = self.grid.len();
        if !value.is_finite() {
            self.error.iter_mut().zip(autocorrelation).for_each(|(error, weight)| *error *= weight);
            return;
        }
        let start = at * sets % self.first.len();
        let firsts = self.first[start..][..sets].iter_mut().zip(first);
        let start = at * sets % self.second.len();
        let seconds = self.second[start..][..sets].iter_mut().zip(second);
        let levels = self.level.iter_mut().zip(level);
        let errors = self.error.iter_mut().zip(autocorrelation);
        for ((((level, a), (first, g)), (second, o)), (error, phi)) in levels.zip(firsts).zip(seconds).zip(errors) {
            let base = *level + *first + *second;
            let surprise = value - base - phi * *error;
            *level += a * surprise;
            *first += g * surprise;
            *second += o * surprise;
            *error = value - base;
        }
    }

    fn state(&self, set: usize) -> State {
        let sets = self.grid.len();
        let of = |all: &[f64]| all.iter().copied().skip(set).step_by(sets).collect();
        State {
            weights: self.grid[set],
            level: self.level[set],
            error: self.error[set],
            first: of(&self.first),
            second: of(&self.second),
        }
    }
}

fn column(grid: &[Weights], of: impl Fn(&Weights) -> f64) -> Vec<f64> {
    grid.iter().map(of).collect()
}
