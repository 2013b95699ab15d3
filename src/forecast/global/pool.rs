//! What all series have in common.

use serde::{Deserialize, Serialize};

use crate::forecast::global::linear::Linear;
use crate::forecast::global::rows::Rows;
use crate::forecast::global::trees::Trees;
use crate::forecast::global::window::Window;
use crate::forecast::global::{Cycles, STRIDE, horizons};
use crate::forecast::history::History;
use crate::stats::seed::Seed;

/// Rows that are enough for thirty coefficients. With more series each contributes fewer.
const ENOUGH: usize = 30_000;

/// Coefficients, and perhaps trees, learnt from many series. It is shared by all of them: a saved model of a series
/// holds its own coefficients and only [names](Pool::id) the pool.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pool {
    cycles: Cycles,
    linear: Linear,
    trees: Option<Trees>,
}

impl Pool {
    /// Learns from all of `histories`, on the scales on which their noise is even; those that are too short take no
    /// part. Without any, the coefficients are zero, which is the level over the profile.
    #[must_use]
    pub fn train(cycles: Cycles, histories: &[History<'_>]) -> Self {
        Training::of(cycles, histories).finish()
    }

    /// As [`Pool::train`], and trees besides. On minute series they take another hundredth off the errors, for six
    /// times the time of a forecast.
    #[must_use]
    pub fn train_with_trees(cycles: Cycles, histories: &[History<'_>]) -> Self {
        Training::of(cycles, histories).finish_with_trees()
    }

    /// What tells this pool from others: equal data give equal numbers.
    #[must_use]
    pub fn id(&self) -> u64 {
        use rand::Rng as _;
        let bits = self.linear.all().iter().map(|value| value.to_bits());
        let first = Seed::new(u64::from(self.trees.is_some()));
        bits.fold(first, Seed::nth).rng().next_u64()
    }

    pub(super) const fn cycles(&self) -> Cycles {
        self.cycles
    }

    pub(super) const fn linear(&self) -> &Linear {
        &self.linear
    }

    pub(super) const fn trees(&self) -> Option<&Trees> {
        self.trees.as_ref()
    }
}

/// A pool in the making: it is shown one series after the other, of which it keeps some rows, so that they need not
/// all be in memory.
#[derive(Debug)]
pub struct Training {
    cycles: Cycles,
    horizons: Vec<usize>,
    stride: usize,
    rows: Vec<Rows>,
}

impl Training {
    /// For series that have `steps` steps together, as far as they matter: those of seven seasons each.
    #[must_use]
    pub fn new(cycles: Cycles, steps: usize) -> Self {
        let stride = STRIDE.max(steps.div_ceil(ENOUGH));
        Self { cycles, horizons: horizons::up_to(cycles.hour), stride, rows: Vec::new() }
    }

    fn of(cycles: Cycles, histories: &[History<'_>]) -> Self {
        let steps = histories.iter().map(|history| cycles.seen(history.len())).sum();
        let mut training = Self::new(cycles, steps);
        for history in histories {
            training.add(history);
        }
        training
    }

    /// Takes rows of `history`, which is on the scale on which its noise is even. Whether there were any: two seasons
    /// are needed.
    pub fn add(&mut self, history: &History<'_>) -> bool {
        let Cycles { season, hour } = self.cycles;
        let window = Window::of(history, season, hour);
        let rows = window.map(|window| Rows::of(&window, &self.horizons, self.stride)).filter(|rows| rows.len() > 0);
        let found = rows.is_some();
        self.rows.extend(rows);
        found
    }

    /// Series of which there are rows.
    #[must_use]
    pub const fn series(&self) -> usize {
        self.rows.len()
    }

    /// The coefficients.
    #[must_use]
    pub fn finish(self) -> Pool {
        Pool { cycles: self.cycles, linear: self.linear(), trees: None }
    }

    /// The coefficients, and trees besides.
    #[must_use]
    pub fn finish_with_trees(self) -> Pool {
        let linear = self.linear();
        let lines: Vec<(&Rows, Linear)> = self.rows.iter().map(|rows| (rows, linear.towards(rows))).collect();
        let trees = Trees::train(&self.horizons, &lines);
        Pool { cycles: self.cycles, linear, trees }
    }

    fn linear(&self) -> Linear {
        Linear::of_pool(&self.horizons, &self.rows.iter().collect::<Vec<_>>())
    }
}
