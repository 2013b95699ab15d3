//! Middle and spread of sorted slices that half of the values cannot bend.

/// The standard deviation of a normal distribution per median absolute deviation: 1 / Φ⁻¹(3/4).
pub const SIGMA_PER_MAD: f64 = 1.482_602_218_505_602;
/// The standard deviation of a normal distribution per mean absolute deviation: sqrt(π / 2).
pub const SIGMA_PER_MEAN_DEVIATION: f64 = 1.253_314_137_315_500_3;

/// The median of `sorted` (ascending, no NaN); of an even number the mean of the middle two. `None` for an empty slice.
#[must_use]
pub fn median_sorted(sorted: &[f64]) -> Option<f64> {
    let upper = *sorted.get(sorted.len() / 2)?;
    let lower = *sorted.get((sorted.len() - 1) / 2)?;
    Some(f64::midpoint(lower, upper))
}

/// The median of the distances of `sorted` (ascending, no NaN) from `centre`, in O(log n): the nearest values always
/// lie side by side. `None` for an empty slice.
#[must_use]
pub fn deviation_sorted(sorted: &[f64], centre: f64) -> Option<f64> {
    let len = sorted.len();
    let upper = farthest_of_nearest(sorted, centre, len / 2 + 1)?;
    if len % 2 == 1 {
        return Some(upper);
    }
    Some(f64::midpoint(farthest_of_nearest(sorted, centre, len / 2)?, upper))
}

/// The mean of the distances of `values` from `centre`, in O(n). `None` for an empty slice.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "slices are far shorter than 2^52")]
pub fn mean_deviation(values: &[f64], centre: f64) -> Option<f64> {
    let sum: f64 = values.iter().map(|value| (value - centre).abs()).sum();
    (!values.is_empty()).then(|| sum / values.len() as f64)
}

/// The largest distance from `centre` among the `count` nearest values, 1 <= `count` <= length.
fn farthest_of_nearest(sorted: &[f64], centre: f64, count: usize) -> Option<f64> {
    let (mut low, mut high) = (0, sorted.len().checked_sub(count)?);
    while low < high {
        let middle = usize::midpoint(low, high);
        if centre - sorted[middle] > sorted[middle + count] - centre {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    let nearest = sorted.get(low..low + count)?;
    let (first, last) = (nearest.first()?, nearest.last()?);
    Some((centre - first).abs().max((last - centre).abs()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::quantile::quantile_select;
    use proptest::prelude::*;

    #[test]
    fn agrees_with_scipy() {
        // numpy 2.4.6, scipy 1.17.1: np.median(x), scipy.stats.median_abs_deviation(x),
        // scipy.stats.median_abs_deviation(x, scale='normal'), np.abs(x - np.median(x)).mean()
        let sorted = [1.0, 2.0, 2.5, 4.0, 8.0, 50.0];
        let middle = median_sorted(&sorted).expect("not empty");
        let deviation = deviation_sorted(&sorted, middle).expect("not empty");
        assert_eq!((middle, deviation), (3.25, 1.75));
        assert!((SIGMA_PER_MAD * deviation - 2.594_553_882_384_803_5).abs() < 1e-12);
        assert!((mean_deviation(&sorted, middle).expect("not empty") - 9.416_666_666_666_666).abs() < 1e-12);
    }

    #[test]
    fn nothing_has_no_middle() {
        assert_eq!((median_sorted(&[]), deviation_sorted(&[], 0.0), mean_deviation(&[], 0.0)), (None, None, None));
        assert_eq!(deviation_sorted(&[7.0], 7.0), Some(0.0));
    }

    proptest! {
        /// Bisection and the definition give the same median distance from any centre.
        #[test]
        fn equals_the_definition(mut values in prop::collection::vec(-20i32..20, 1..40), centre in -25.0f64..25.0) {
            values.sort_unstable();
            let sorted: Vec<f64> = values.into_iter().map(f64::from).collect();
            let mut distances: Vec<f64> = sorted.iter().map(|value| (value - centre).abs()).collect();
            let expected = quantile_select(&mut distances, 0.5).expect("not empty");
            prop_assert!((deviation_sorted(&sorted, centre).expect("not empty") - expected).abs() < 1e-12);
        }
    }
}
