//! How likely a path is to stay over its limit for a few steps in a row, by any step ahead.
//!
//! The probabilities of single steps do not say: with one step in ten over the limit, an hour holds a bad minute nearly
//! for certain if minutes are independent, and one time in ten if they move together. Paths of normal scores that follow
//! an AR(1) process in time, as in [`crate::forecast::paths`], are compared with the score of the limit at each step. As
//! only scores are compared, the same panel of paths serves every channel, is drawn once, and no value is ever computed:
//! 61,440 comparisons at most for an hour by 1,024 paths. Paths come in pairs of opposite sign, which takes most of the
//! noise of the draw out of probabilities near one half.

use rand_distr::{Distribution, StandardNormal};

use crate::domain::parameter::ParameterError;
use crate::stats::seed::Seed;

/// Paths of normal scores, drawn once.
#[derive(Debug, Clone, PartialEq)]
pub struct Panel {
    steps: usize,
    /// Row-major: all steps of the first path, then of the second.
    scores: Vec<f64>,
}

/// Paths of a panel: probabilities are known to about one and a half points.
pub const PATHS: usize = 1_024;

impl Panel {
    /// `paths` paths of `steps` steps whose neighbours have the correlation `persistence`.
    ///
    /// # Errors
    /// If `paths` is odd or below 2, there is no step, or `persistence` is not in 0 ..= 0.9999.
    pub fn new(paths: usize, steps: usize, persistence: f64, seed: Seed) -> Result<Self, ParameterError> {
        ParameterError::unless(paths >= 2 && paths.is_multiple_of(2), "paths", "an even number from 2", &paths)?;
        ParameterError::unless(steps >= 1, "steps", "at least 1", &steps)?;
        let is_correlation = (0.0..=0.999_9).contains(&persistence);
        ParameterError::unless(is_correlation, "persistence", "0 to 0.9999", &persistence)?;
        let mut rng = seed.child("passage").rng();
        let fresh = (1.0 - persistence * persistence).sqrt();
        let mut scores = Vec::with_capacity(paths * steps);
        for _ in 0..paths / 2 {
            let from = scores.len();
            let mut score: f64 = StandardNormal.sample(&mut rng);
            for _ in 0..steps {
                scores.push(score);
                let noise: f64 = StandardNormal.sample(&mut rng);
                score = persistence * score + fresh * noise;
            }
            scores.extend_from_within(from..);
            scores.iter_mut().skip(from + steps).for_each(|score| *score = -*score);
        }
        Ok(Self { steps, scores })
    }

    /// Steps of a path.
    #[must_use]
    pub const fn steps(&self) -> usize {
        self.steps
    }

    /// Writes for each step of `chances` the probability that by then a path was above `limits`, the normal scores of the
    /// limit at each step, for `run` steps in a row. Steps beyond the panel's and beyond `limits` keep the last
    /// probability. A limit that is NaN is never passed.
    pub fn passages(&self, limits: &[f64], run: usize, chances: &mut [f64]) {
        chances.fill(0.0);
        let run = run.max(1);
        let last = chances.len().saturating_sub(1);
        for path in self.scores.chunks_exact(self.steps) {
            if let Some(step) = first_passage(path, limits, run).filter(|step| *step <= last)
                && let Some(chance) = chances.get_mut(step)
            {
                *chance += 1.0;
            }
        }
        #[expect(clippy::cast_precision_loss, reason = "a few thousand paths")]
        let paths = (self.scores.len() / self.steps) as f64;
        let mut passed = 0.0;
        for chance in chances {
            passed += *chance;
            *chance = passed / paths;
        }
    }
}

/// The step at which `path` was above `limits` for the `run`-th time in a row.
fn first_passage(path: &[f64], limits: &[f64], run: usize) -> Option<usize> {
    let mut above = 0;
    path.iter().zip(limits).position(|(score, limit)| {
        above = if score > limit { above + 1 } else { 0 };
        above >= run
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::normal;

    fn chance(persistence: f64, p: f64, steps: usize, run: usize) -> f64 {
        let panel = Panel::new(4_096, steps, persistence, Seed::new(3)).expect("valid");
        let mut chances = vec![0.0; steps];
        panel.passages(&vec![normal::quantile(1.0 - p); steps], run, &mut chances);
        assert!(chances.is_sorted(), "probabilities grow with the horizon");
        chances[steps - 1]
    }

    #[test]
    fn independent_and_common_steps_are_the_known_extremes() {
        let near = |value: f64, expected: f64| assert!((value - expected).abs() < 0.025, "{value} {expected}");
        near(chance(0.0, 0.1, 10, 1), 1.0 - 0.9f64.powi(10));
        near(chance(0.999_9, 0.1, 10, 1), 0.1);
        // Two in a row of ten independent steps of probability 0.3: 1 - P(no run of two), by the recursion
        // a(n) = 0.7 a(n - 1) + 0.3 * 0.7 a(n - 2) with a(0) = a(1) = 1.
        let mut none = [1.0, 1.0];
        for _ in 2..=10 {
            none = [none[1], 0.7 * none[1] + 0.21 * none[0]];
        }
        near(chance(0.0, 0.3, 10, 2), 1.0 - none[1]);
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "none and all of the paths are exact")]
    fn limits_out_of_reach_and_unknown_ones_are_never_passed() {
        let panel = Panel::new(2, 3, 0.5, Seed::new(1)).expect("valid");
        let mut chances = [9.0; 4];
        panel.passages(&[f64::INFINITY, f64::NAN, f64::INFINITY], 1, &mut chances);
        assert_eq!(chances, [0.0; 4]);
        panel.passages(&[f64::NEG_INFINITY; 3], 2, &mut chances);
        assert_eq!(chances, [0.0, 1.0, 1.0, 1.0]);
        assert_eq!(panel, Panel::new(2, 3, 0.5, Seed::new(1)).expect("valid"));
        assert!(Panel::new(3, 3, 0.5, Seed::new(1)).is_err_and(|error| error.parameter == "paths"));
        assert!(Panel::new(2, 0, 0.5, Seed::new(1)).is_err_and(|error| error.parameter == "steps"));
        assert!(Panel::new(2, 3, f64::NAN, Seed::new(1)).is_err_and(|error| error.parameter == "persistence"));
    }
}
