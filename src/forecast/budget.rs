//! When a budget or a rate limit runs out, and how likely that is: tokens per minute, money per day or month.
//!
//! Both questions are about whole futures, so they are answered on drawn paths ([`crate::forecast::paths`]): a budget
//! is exhausted on a path at the first step where what was spent before plus the path's running sum reaches the
//! limit; a rate limit is hit at the first step whose own value exceeds it.

pub mod course;
mod days;

use crate::domain::time::Timestamp;
use crate::forecast::history::Grid;

pub use days::daily;

/// What is limited.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Limit {
    /// A sum since some instant, of which `spent` is gone before the forecast begins.
    Total {
        /// The whole budget.
        limit: f64,
        /// What is gone already.
        spent: f64,
    },
    /// The value of every single step.
    Rate {
        /// The largest value allowed.
        limit: f64,
    },
}

/// What became of a limit over all paths.
#[derive(Debug, Clone, PartialEq)]
pub struct Exhaustion {
    /// Probability that the limit is reached within the horizon, 0..=1.
    pub probability: f64,
    /// Start of the step by which the limit is reached with the probabilities asked for, in their order; `None` where
    /// the horizon ends first.
    pub at: Vec<Option<Timestamp>>,
    /// Probability that it is reached by the end of each step; never falls.
    pub by_step: Vec<f64>,
    /// Mean over the paths of the sum spent at the end of the horizon (for a rate: of the largest value).
    pub expected: f64,
}

/// Runs `limit` over `paths` (row-major, as drawn), whose steps lie on `grid`; `chances` are the probabilities for
/// which [`Exhaustion::at`] is wanted.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "numbers of paths and steps are small")]
pub fn exhaustion(paths: &[f64], grid: Grid, steps: usize, limit: Limit, chances: &[f64]) -> Exhaustion {
    let mut first = vec![0_usize; steps];
    let mut expected = 0.0;
    let rows = paths.chunks_exact(steps.max(1));
    let count = rows.len().max(1) as f64;
    for path in rows {
        let (reached, end) = follow(path, limit);
        if let Some(step) = reached {
            first[step] += 1;
        }
        expected += end / count;
    }
    let mut so_far = 0;
    let by_step: Vec<f64> = first
        .iter()
        .map(|&paths| {
            so_far += paths;
            so_far as f64 / count
        })
        .collect();
    let when = |&chance: &f64| by_step.iter().position(|&by| by >= chance && by > 0.0).map(|step| grid.at(step));
    Exhaustion {
        probability: by_step.last().copied().unwrap_or(0.0),
        at: chances.iter().map(when).collect(),
        by_step,
        expected,
    }
}

/// The step at which `path` reaches `limit`, and its sum (or maximum) at the end.
fn follow(path: &[f64], limit: Limit) -> (Option<usize>, f64) {
    match limit {
        Limit::Total { limit, spent } => {
            let mut sum = spent;
            let mut reached = None;
            for (step, value) in path.iter().enumerate() {
                sum += value;
                if reached.is_none() && sum >= limit {
                    reached = Some(step);
                }
            }
            (reached, sum)
        }
        Limit::Rate { limit } => {
            let largest = path.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            (path.iter().position(|value| *value > limit), largest)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRID: Grid = Grid { start: Timestamp::from_seconds(0), step_s: 60 };

    #[test]
    fn a_budget_is_counted_on_every_path() {
        // Two futures: 1 a step, and 3 a step. 4 of 10 are gone.
        let paths = [1.0, 1.0, 1.0, 1.0, 3.0, 3.0, 3.0, 3.0];
        let found = exhaustion(&paths, GRID, 4, Limit::Total { limit: 10.0, spent: 4.0 }, &[0.5, 0.9]);
        assert_eq!(found.by_step, [0.0, 0.5, 0.5, 0.5]);
        assert_eq!(found.at, [Some(Timestamp::from_seconds(60)), None]);
        assert!((found.probability - 0.5).abs() < 1e-12 && (found.expected - 12.0).abs() < 1e-12);
    }

    #[test]
    fn a_rate_limit_is_about_single_steps() {
        let found = exhaustion(&[1.0, 5.0, 1.0, 1.0], GRID, 2, Limit::Rate { limit: 4.0 }, &[0.1]);
        assert_eq!((found.by_step, found.at), (vec![0.0, 0.5], vec![Some(Timestamp::from_seconds(60))]));
        let spent = exhaustion(&[0.0], GRID, 1, Limit::Total { limit: 1.0, spent: 1.0 }, &[0.5]);
        assert!((spent.probability - 1.0).abs() < 1e-12, "what is gone already is gone");
        assert_eq!(exhaustion(&[], GRID, 0, Limit::Rate { limit: 1.0 }, &[0.5]).at, [None]);
    }
}
