//! The parameter sets that are tried.
//!
//! A grid and no descent: the loss over several horizons has flat valleys and several minima, a grid is done in one
//! pass over the data, and its best sets together forecast better than the very best one.

/// What a state follows the news by, each from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub(super) struct Weights {
    /// Share of an error that the level takes.
    pub level: f64,
    /// Share of an error that the first season takes.
    pub first: f64,
    /// Share of an error that the second season takes.
    pub second: f64,
    /// Autocorrelation of the errors of one step.
    pub error: f64,
}

const DOUBLE_LEVEL: [f64; 4] = [0.0, 0.01, 0.05, 0.3];
const DOUBLE_FIRST: [f64; 3] = [0.02, 0.1, 0.4];
const DOUBLE_SECOND: [f64; 3] = [0.0, 0.1, 0.4];
const DOUBLE_ERROR: [f64; 3] = [0.0, 0.7, 0.95];

/// With two seasons.
pub(super) fn double() -> Vec<Weights> {
    let mut grid = Vec::with_capacity(108);
    for level in DOUBLE_LEVEL {
        for first in DOUBLE_FIRST {
            for second in DOUBLE_SECOND {
                grid.extend(DOUBLE_ERROR.map(|error| Weights { level, first, second, error }));
            }
        }
    }
    grid
}

const SINGLE_LEVEL: [f64; 6] = [0.0, 0.03, 0.1, 0.3, 0.6, 0.9];
const SINGLE_FIRST: [f64; 6] = [0.0, 0.05, 0.15, 0.3, 0.6, 0.95];
const SINGLE_ERROR: [f64; 3] = [0.0, 0.5, 0.9];

/// With one season, which takes its share of what the level has left: together they stay within the error.
pub(super) fn single() -> Vec<Weights> {
    let mut grid = Vec::with_capacity(108);
    for level in SINGLE_LEVEL {
        for first in SINGLE_FIRST {
            let first = first * (1.0 - level);
            grid.extend(SINGLE_ERROR.map(|error| Weights { level, first, second: 0.0, error }));
        }
    }
    grid
}
