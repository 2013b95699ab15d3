//! Coarser steps of a forecast: the hour's calls from minutes of calls.
//!
//! The quantile of a sum is not the sum of quantiles; how far they are apart depends on how the steps hang together.
//! So the distribution of a coarse step is read off drawn paths ([`crate::forecast::paths`]).

use crate::forecast::history::Grid;
use crate::forecast::output::Forecast;
use crate::forecast::paths::{Draw, draw};
use crate::stats::quantile::quantile_select;
use crate::stats::seed::Seed;

/// How the steps of a coarse step combine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Join {
    /// They add up: calls, tokens, money.
    Sum,
    /// Their mean: durations, ratios. A mean of percentiles is no percentile of the whole; it is named as what it is.
    Mean,
}

/// `forecast` in steps of `width` of its own. A rest that fills no step is left out; a width of 1 changes nothing.
#[must_use]
pub fn aggregate(forecast: Forecast, width: usize, join: Join, how: Draw, seed: Seed) -> Forecast {
    let (width, fine) = (width.max(1), forecast.horizon());
    let steps = fine / width;
    if width == 1 || steps == 0 {
        return forecast;
    }
    #[expect(clippy::cast_precision_loss, reason = "widths are small")]
    let divisor = if join == Join::Mean { width as f64 } else { 1.0 };
    let paths = draw(&forecast, how, seed);
    let mut mean = Vec::with_capacity(steps);
    let mut quantiles = Vec::with_capacity(steps * forecast.levels.len());
    let mut values = Vec::with_capacity(how.paths);
    for step in 0..steps {
        let span = step * width..(step + 1) * width;
        values.clear();
        values.extend(paths.chunks_exact(fine).map(|path| path[span.clone()].iter().sum::<f64>() / divisor));
        mean.push(forecast.mean[span].iter().sum::<f64>() / divisor);
        let levels = forecast.levels.as_slice().iter();
        quantiles.extend(levels.map(|level| quantile_select(&mut values, *level).unwrap_or(f64::NAN)));
    }
    let length = forecast.grid.step_s.saturating_mul(u32::try_from(width).unwrap_or(u32::MAX));
    Forecast { grid: Grid { step_s: length, ..forecast.grid }, mean, quantiles, ..forecast }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Timestamp;
    use crate::forecast::output::Levels;
    use crate::stats::normal;

    #[test]
    fn sums_of_independent_steps_spread_with_the_root_of_their_number() {
        let levels = Levels::default();
        let row: Vec<f64> = levels.as_slice().iter().map(|level| 100.0 + 10.0 * normal::quantile(*level)).collect();
        let fine = Forecast {
            grid: Grid { start: Timestamp::from_seconds(0), step_s: 60 },
            model: "test".to_owned(),
            mean: vec![100.0; 10],
            quantiles: row.repeat(10),
            levels,
        };
        let how = Draw { paths: 4_000, persistence: 0.0, floor: 0.0 };
        let coarse = aggregate(fine.clone(), 4, Join::Sum, how, Seed::new(1));
        assert_eq!((coarse.horizon(), coarse.grid.step_s), (2, 240));
        assert!((coarse.mean[1] - 400.0).abs() < 1e-9);
        let width = coarse.at(0)[6] - coarse.at(0)[0];
        assert!((width - 2.0 * 1.645 * 20.0).abs() < 4.0, "{width}");
        let mean = aggregate(fine.clone(), 4, Join::Mean, how, Seed::new(1));
        assert!((mean.at(0)[3] - 100.0).abs() < 1.0);
        assert_eq!(aggregate(fine.clone(), 1, Join::Sum, how, Seed::new(1)), fine);
    }
}
