//! Where the states stand before the first step.

use super::Seasons;

/// Share of the second season that the start believes: it is the mean of two, hence half noise.
const SECOND_SHARE: f64 = 0.7;

/// Longer seasons are smoothed: each of their phases has been seen a few times only.
const LONGEST_ROUGH: usize = 200;

/// A share of a long season on either side of a phase that is averaged: half an hour of a day.
const SMOOTH_SHARE: usize = 48;

/// Level and seasons that are the same for all parameter sets.
pub(super) struct Start {
    pub level: f64,
    pub first: Vec<f64>,
    /// One zero where there is no second season.
    pub second: Vec<f64>,
}

impl Start {
    /// Means of `values`: over all, over each phase of the first season, and over what that leaves in each phase of
    /// the second.
    pub(super) fn of(values: &[f64], seasons: Seasons) -> Self {
        let level = means(values, 1, |_, value| value)[0];
        let mut first = means(values, seasons.first, |_, value| value - level);
        if first.len() > LONGEST_ROUGH {
            first = smooth(&first, first.len() / SMOOTH_SHARE);
        }
        let mut second = vec![0.0];
        if let Some(season) = seasons.second {
            second = means(values, season, |at, value| value - level - first[at % first.len()]);
            for mean in &mut second {
                *mean *= SECOND_SHARE;
            }
        }
        Self { level, first, second }
    }
}

/// Mean over each phase of what `rest` makes of the known values; zero for a phase without any.
fn means(values: &[f64], season: usize, rest: impl Fn(usize, f64) -> f64) -> Vec<f64> {
    let mut sums = vec![(0.0, 0.0); season];
    for (at, &value) in values.iter().enumerate().filter(|(_, value)| value.is_finite()) {
        let (sum, count) = &mut sums[at % season];
        *sum += rest(at, value);
        *count += 1.0;
    }
    sums.into_iter().map(|(sum, count)| if count > 0.0 { sum / count } else { 0.0 }).collect()
}

/// The mean of each value and the `reach` on either side of it, around the circle.
fn smooth(circle: &[f64], reach: usize) -> Vec<f64> {
    let len = circle.len();
    #[expect(clippy::cast_precision_loss, reason = "reaches are short")]
    let size = (2 * reach + 1) as f64;
    let around = |at: usize| (0..=2 * reach).map(|step| circle[(at + len - reach + step) % len]).sum::<f64>();
    (0..len).map(|at| around(at) / size).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_leave_gaps_out_and_seasons_add_up() {
        let values = [1.0, 3.0, f64::NAN, 3.0, 1.0, 3.0, 1.0, 7.0];
        let start = Start::of(&values, Seasons { first: 2, second: Some(4) });
        let level = 19.0 / 7.0;
        assert!((start.level - level).abs() < 1e-12);
        assert!((start.first[0] - (1.0 - level)).abs() < 1e-12 && (start.first[1] - (4.0 - level)).abs() < 1e-12);
        assert!(start.second[0].abs() < 1e-12 && (start.second[3] - 0.7).abs() < 1e-12, "{:?}", start.second);
        assert_eq!(smooth(&[3.0, 0.0, 0.0, 0.0], 1), [1.0, 1.0, 0.0, 1.0]);
    }
}
