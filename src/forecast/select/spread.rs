//! The spread around a champion's path, from what it would have missed by at the origins of its selection.
//!
//! Seven origins are too few for a 5 % quantile of each step, so only the size of the errors is taken from the series:
//! their mean absolute value on the working scale, half of it by the phase of the season. How many such sizes a 90 %
//! interval is wide is the same for all series and grows with the distance. It is more than the 2.06 of a normal
//! distribution far ahead, because the size is learnt on few overlapping paths by which the weights were chosen too.
//! The factors were measured on five older stretches of the training part of the M4 hourly series, never on the
//! evaluated part.

use serde::{Deserialize, Serialize};

use crate::stats::normal;

/// Half the width of the 90 % interval in mean absolute errors, up to each share of the horizon.
const HALF_WIDTHS: [(f64, f64); 5] = [(0.125, 1.72), (0.25, 1.88), (0.5, 1.99), (0.75, 2.57), (1.0, 2.69)];

/// Normal score of the upper end of a 90 % interval.
const UPPER: f64 = 1.644_853_626_951_472_2;

/// What neighbouring phases of a season count; their sum is 9.
const NEIGHBOURS: [f64; 5] = [1.0, 2.0, 3.0, 2.0, 1.0];

/// Standard deviations of the errors for each step ahead, on the working scale.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Spread(Vec<f64>);

impl Spread {
    /// The spread of `errors` (rows of `horizon` steps, one for each origin; NaN where the truth is a gap), which may
    /// depend on the phase of a `season` that fits into the horizon.
    pub(super) fn of(errors: &[f64], horizon: usize, season: Option<usize>) -> Self {
        let at_step = |step: usize| mean(errors.iter().skip(step).step_by(horizon.max(1)).map(|error| error.abs()));
        let sizes: Vec<f64> = (0..horizon).map(at_step).collect();
        let usual = mean(sizes.iter().copied());
        let usual = if usual.is_finite() { usual } else { 0.0 };
        let by_phase = season.filter(|season| *season <= horizon).map(|season| by_phase(&sizes, season, usual));
        let size = |step: usize| match &by_phase {
            Some(phases) => f64::midpoint(phases[step % phases.len()], usual),
            None => usual,
        };
        Self((0..horizon).map(|step| size(step) * half_width(step + 1, horizon) / UPPER).collect())
    }

    /// Writes the quantiles at `levels` around `centre`, `step` steps after the first; beyond the horizon the spread
    /// is that of its end.
    pub(super) fn write(&self, step: usize, centre: f64, levels: &[f64], out: &mut [f64]) {
        let deviation = self.0.get(step).or(self.0.last()).copied().unwrap_or(0.0);
        for (quantile, &level) in out.iter_mut().zip(levels) {
            *quantile = centre + deviation * normal::quantile(level);
        }
    }
}

/// The mean of what is finite; NaN without any.
fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) =
        values.filter(|value| value.is_finite()).fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
    sum / count
}

/// Mean size in each phase of the season, with its neighbours around the circle.
fn by_phase(sizes: &[f64], season: usize, usual: f64) -> Vec<f64> {
    let of_phase = |phase: usize| {
        let found = mean(sizes.iter().copied().skip(phase).step_by(season));
        if found.is_finite() { found } else { usual }
    };
    let rough: Vec<f64> = (0..season).map(of_phase).collect();
    let around = |phase: usize| {
        let near = NEIGHBOURS.iter().enumerate();
        near.map(|(step, weight)| weight * rough[(phase + 2 * season + step - 2) % season]).sum::<f64>() / 9.0
    };
    (0..season).map(around).collect()
}

#[expect(clippy::cast_precision_loss, reason = "horizons are short")]
fn half_width(step: usize, horizon: usize) -> f64 {
    let share = step as f64 / horizon as f64;
    HALF_WIDTHS.iter().find(|(up_to, _)| share <= *up_to).map_or(HALF_WIDTHS[4].1, |(_, width)| *width)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_width_grows_with_distance_and_follows_the_season() {
        // Eight steps of a season of 4 whose third phase misses by 9, the others by 1; a gap counts for nothing.
        let mut errors: Vec<f64> = (0..16).map(|at| if at % 4 == 2 { -9.0 } else { 1.0 }).collect();
        errors[0] = f64::NAN;
        let spread = Spread::of(&errors, 8, Some(4));
        assert!(spread.0[2] > spread.0[1] && spread.0[6] > spread.0[2], "{spread:?}");
        let plain = Spread::of(&[2.0; 8], 8, None);
        let mut row = [0.0; 3];
        plain.write(0, 10.0, &[0.05, 0.5, 0.95], &mut row);
        assert!((row[2] - (10.0 + 2.0 * 1.72)).abs() < 1e-6 && (row[1] - 10.0).abs() < 1e-9, "{row:?}");
        plain.write(99, 10.0, &[0.05, 0.5, 0.95], &mut row);
        assert!((row[0] - (10.0 - 2.0 * 2.69)).abs() < 1e-6, "{row:?}");
    }

    #[test]
    fn without_errors_there_is_no_spread() {
        let mut row = [0.0; 2];
        Spread::of(&[f64::NAN; 4], 2, Some(2)).write(1, 3.0, &[0.1, 0.9], &mut row);
        assert!(row.iter().all(|value| (value - 3.0).abs() < 1e-12));
        Spread::of(&[], 0, None).write(0, 3.0, &[0.1, 0.9], &mut row);
        assert!(row.iter().all(|value| (value - 3.0).abs() < 1e-12));
    }
}
