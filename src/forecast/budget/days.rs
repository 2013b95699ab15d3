//! From minutes of a day ahead to days of a month ahead.

use rand::RngExt;

use crate::stats::seed::Seed;

/// Daily sums, row-major: for each of `paths` (rows of `steps` values) what is left of today, which is its first
/// `today` values, then `days` whole days.
///
/// A whole day is the sum of a path drawn anew for each day: days are taken as independent draws from the coming day's
/// distribution. That leaves out weekdays and growth; the spread of a month is that of its days.
#[must_use]
pub fn daily(paths: &[f64], steps: usize, today: usize, days: usize, seed: Seed) -> Vec<f64> {
    let rows: Vec<&[f64]> = paths.chunks_exact(steps.max(1)).collect();
    let totals: Vec<f64> = rows.iter().map(|path| path.iter().sum()).collect();
    let mut rng = seed.child("days").rng();
    let mut sums = Vec::with_capacity(rows.len() * (days + 1));
    for path in &rows {
        sums.push(path[..today.min(path.len())].iter().sum());
        sums.extend((0..days).map(|_| totals[rng.random_range(0..totals.len())]));
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn today_is_the_rest_of_a_path_and_days_are_whole() {
        let sums = daily(&[1.0, 1.0, 1.0, 1.0], 4, 3, 2, Seed::new(1));
        assert_eq!(sums, vec![3.0, 4.0, 4.0]);
        assert!(daily(&[], 4, 3, 2, Seed::new(1)).is_empty());
        assert_eq!(daily(&[1.0, 2.0], 1, 9, 0, Seed::new(1)), vec![1.0, 2.0]);
    }
}
