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
const ENOUGH: usize = 60_000;

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
        let horizons = horizons::up_to(cycles.hour);
        let rows = rows(cycles, &horizons, histories);
        let linear = Linear::of_pool(&horizons, &rows.iter().collect::<Vec<_>>());
        Self { cycles, linear, trees: None }
    }

    /// As [`Pool::train`], and trees besides. On minute series they take another hundredth off the errors, for six
    /// times the time of a forecast.
    #[must_use]
    pub fn train_with_trees(cycles: Cycles, histories: &[History<'_>]) -> Self {
        let horizons = horizons::up_to(cycles.hour);
        let rows = rows(cycles, &horizons, histories);
        let linear = Linear::of_pool(&horizons, &rows.iter().collect::<Vec<_>>());
        let lines: Vec<(&Rows, Linear)> = rows.iter().map(|rows| (rows, linear.towards(rows))).collect();
        let trees = Trees::train(&horizons, &lines);
        Self { cycles, linear, trees }
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

/// The rows of every series that is long enough.
fn rows(cycles: Cycles, horizons: &[usize], histories: &[History<'_>]) -> Vec<Rows> {
    let Cycles { season, hour } = cycles;
    let steps: usize = histories.iter().map(|history| history.len().min(7 * season)).sum();
    let stride = STRIDE.max(steps.div_ceil(ENOUGH));
    let windows = histories.iter().filter_map(|history| Window::of(history, season, hour));
    windows.map(|window| Rows::of(&window, horizons, stride)).filter(|rows| rows.len() > 0).collect()
}
