//! Whole futures drawn from a forecast.
//!
//! Quantiles of single steps do not say how the steps hang together, and sums, maxima and first crossings depend on
//! just that. A path is drawn by a Gaussian copula: normal scores that follow an AR(1) process in time, turned into
//! probabilities and these into values of each step. The marginals are those of the forecast, whatever the copula.

use rand_distr::{Distribution, StandardNormal};

use crate::forecast::marginal::Marginal;
use crate::forecast::output::Forecast;
use crate::stats::normal;
use crate::stats::seed::Seed;

/// How paths are drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Draw {
    /// Paths.
    pub paths: usize,
    /// Correlation of the normal scores of neighbouring steps, from 0 to just below 1: near 1, a path that begins
    /// high stays high.
    pub persistence: f64,
    /// Values below this are raised to it: zero for what cannot be negative.
    pub floor: f64,
}

impl Draw {
    /// 1,000 paths, enough for probabilities to about three points.
    pub const PATHS: usize = 1_000;
}

/// Paths drawn from `forecast`, row-major: all steps of the first path, then of the second.
#[must_use]
pub fn draw(forecast: &Forecast, how: Draw, seed: Seed) -> Vec<f64> {
    let mut rng = seed.child("paths").rng();
    let persistence = how.persistence.clamp(0.0, 0.999_9);
    let fresh = (1.0 - persistence * persistence).sqrt();
    let steps = forecast.horizon();
    let levels = forecast.levels.as_slice();
    let mut values = Vec::with_capacity(how.paths * steps);
    for _ in 0..how.paths {
        let mut score: f64 = StandardNormal.sample(&mut rng);
        for step in 0..steps {
            let value = Marginal::new(levels, forecast.at(step)).quantile(normal::probability(score));
            values.push(value.max(how.floor));
            let noise: f64 = StandardNormal.sample(&mut rng);
            score = persistence * score + fresh * noise;
        }
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Timestamp;
    use crate::forecast::history::Grid;
    use crate::forecast::output::Levels;

    fn forecast(steps: usize) -> Forecast {
        let levels = Levels::default();
        let row: Vec<f64> = levels.as_slice().iter().map(|level| 100.0 + 10.0 * normal::quantile(*level)).collect();
        Forecast {
            grid: Grid { start: Timestamp::from_seconds(0), step_s: 60 },
            model: "test".to_owned(),
            mean: vec![100.0; steps],
            quantiles: row.repeat(steps),
            levels,
        }
    }

    /// Standard deviation of the sum of ten steps.
    #[expect(clippy::cast_precision_loss, reason = "a few thousand paths")]
    fn spread_of_sums(persistence: f64) -> f64 {
        let how = Draw { paths: 4_000, persistence, floor: 0.0 };
        let values = draw(&forecast(10), how, Seed::new(1));
        let sums: Vec<f64> = values.chunks(10).map(|path| path.iter().sum()).collect();
        let mean = sums.iter().sum::<f64>() / sums.len() as f64;
        (sums.iter().map(|sum| (sum - mean).powi(2)).sum::<f64>() / sums.len() as f64).sqrt()
    }

    #[test]
    fn persistence_decides_how_far_sums_spread() {
        // Independent steps: 10 sqrt(10) = 31.6; steps that all move together: 100.
        assert!((28.0..35.0).contains(&spread_of_sums(0.0)), "{}", spread_of_sums(0.0));
        assert!(spread_of_sums(0.999) > 90.0);
    }

    #[test]
    fn equal_seeds_draw_equal_paths_with_the_right_median() {
        let how = Draw { paths: 2_001, persistence: 0.5, floor: 0.0 };
        let values = draw(&forecast(3), how, Seed::new(7));
        assert_eq!(values, draw(&forecast(3), how, Seed::new(7)));
        let mut third: Vec<f64> = values.chunks(3).map(|path| path[2]).collect();
        third.sort_by(f64::total_cmp);
        assert!((third[1_000] - 100.0).abs() < 1.0);
    }
}
