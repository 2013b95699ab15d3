//! Exact quantiles of small slices, by the convention every sketch here is compared with.

/// The `q`-quantile of `sorted` (ascending, no NaN) with linear interpolation between the two neighbouring order
/// statistics: type 7 of Hyndman and Fan (1996), the default of NumPy, R, pandas and DuckDB's `quantile_cont`.
///
/// `None` for an empty slice; `q` is clamped to 0 ..= 1.
#[must_use]
pub fn quantile_sorted(sorted: &[f64], q: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    #[expect(clippy::cast_precision_loss, reason = "slices are far shorter than 2^52")]
    let rank = q.clamp(0.0, 1.0) * last as f64;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rank lies in 0..=last")]
    let below = rank.floor() as usize;
    let above = (below + 1).min(last);
    let share = rank - rank.floor();
    Some(sorted[below] + (sorted[above] - sorted[below]) * share)
}

/// The `q`-quantile of `values` in any order, found by selection in O(n); the slice is reordered.
///
/// NaN values must have been removed. `None` for an empty slice.
#[must_use]
pub fn quantile_select(values: &mut [f64], q: f64) -> Option<f64> {
    let last = values.len().checked_sub(1)?;
    #[expect(clippy::cast_precision_loss, reason = "slices are far shorter than 2^52")]
    let rank = q.clamp(0.0, 1.0) * last as f64;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rank lies in 0..=last")]
    let below = rank.floor() as usize;
    let (_, &mut low, rest) = values.select_nth_unstable_by(below, f64::total_cmp);
    let high = rest.iter().copied().min_by(f64::total_cmp).unwrap_or(low);
    Some(low + (high - low) * (rank - rank.floor()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn agrees_with_numpy_percentile() {
        // numpy 2: np.percentile([1, 2, 4, 8], [0, 25, 50, 95, 100]) -> 1, 1.75, 3, 7.4, 8
        let sorted = [1.0, 2.0, 4.0, 8.0];
        let at = |q| quantile_sorted(&sorted, q).expect("not empty");
        assert_eq!((at(0.0), at(0.25), at(0.5), at(1.0)), (1.0, 1.75, 3.0, 8.0));
        assert!((at(0.95) - 7.4).abs() < 1e-12);
        assert_eq!(quantile_sorted(&[], 0.5), None);
    }

    proptest! {
        /// Selection and sorting give the same quantile for every slice and every q.
        #[test]
        fn selection_equals_sorting(mut values in prop::collection::vec(-1e9f64..1e9, 0..80), q in 0.0f64..=1.0) {
            let mut sorted = values.clone();
            sorted.sort_by(f64::total_cmp);
            prop_assert_eq!(quantile_select(&mut values, q), quantile_sorted(&sorted, q));
        }
    }
}
