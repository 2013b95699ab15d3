//! What all series have in common.

use crate::forecast::global::linear::Linear;
use crate::forecast::global::rows::Rows;
use crate::forecast::global::window::Window;
use crate::forecast::global::{Cycles, STRIDE, horizons};
use crate::forecast::history::History;

/// Rows that are enough for thirty coefficients. With more series each contributes fewer.
const ENOUGH: usize = 60_000;

/// Coefficients learnt from many series.
#[derive(Debug, Clone, PartialEq)]
pub struct Pool {
    cycles: Cycles,
    linear: Linear,
}

impl Pool {
    /// Learns from all of `histories`, on the scales on which their noise is even; those that are too short take no
    /// part. Without any, the coefficients are zero, which is the level over the profile.
    #[must_use]
    pub fn train(cycles: Cycles, histories: &[History<'_>]) -> Self {
        let Cycles { season, hour } = cycles;
        let horizons = horizons::up_to(hour);
        let steps: usize = histories.iter().map(|history| history.len().min(7 * season)).sum();
        let stride = STRIDE.max(steps.div_ceil(ENOUGH));
        let windows = histories.iter().filter_map(|history| Window::of(history, season, hour));
        let rows: Vec<Rows> = windows.map(|window| Rows::of(&window, &horizons, stride)).collect();
        let rows: Vec<&Rows> = rows.iter().filter(|rows| rows.len() > 0).collect();
        Self { cycles, linear: Linear::of_pool(&horizons, &rows) }
    }

    pub(super) const fn cycles(&self) -> Cycles {
        self.cycles
    }

    pub(super) const fn linear(&self) -> &Linear {
        &self.linear
    }
}
