//! What absolute errors are divided by to compare series of different size.

/// Mean absolute error within `history` of repeating the value `lag` steps earlier: the scale of MASE (Hyndman and
/// Koehler, *Another look at measures of forecast accuracy*, 2006; with `lag` the season as in the M4 competition).
///
/// Pairs with a gap are left out. `None` if there is no pair, or if the history repeats itself exactly, because then
/// every error would count infinitely; also if the mean is beyond what a float holds.
#[must_use]
pub fn naive_scale(history: &[f64], lag: usize) -> Option<f64> {
    let lag = lag.max(1);
    let later = history.get(lag..)?;
    let (mut sum, mut pairs) = (0.0, 0.0);
    for difference in later.iter().zip(history).map(|(now, then)| (now - then).abs()) {
        if difference.is_finite() {
            sum += difference;
            pairs += 1.0;
        }
    }
    let scale = sum / pairs;
    (scale.is_finite() && scale > 0.0).then_some(scale)
}

/// The lag at which MASE is scaled: the smallest season above one step, else one step.
#[must_use]
pub fn scale_lag(seasons: &[usize]) -> usize {
    seasons.iter().copied().filter(|&season| season > 1).min().unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_take_no_part_and_a_repeating_history_has_no_scale() {
        // numpy 2: np.nanmean(np.abs(np.array([1, 2, nan, 5, 9])[2:] - np.array([1, 2, nan, 5, 9])[:-2])) -> 3.0
        assert_eq!(naive_scale(&[1.0, 2.0, f64::NAN, 5.0, 9.0], 2), Some(3.0));
        assert_eq!(naive_scale(&[1.0, 2.0, 1.0, 2.0], 2), None, "repeats exactly");
        assert_eq!(naive_scale(&[1.0, f64::NAN, 2.0], 1), None, "no pair");
        assert_eq!(naive_scale(&[1.0], 24), None, "shorter than the lag");
        assert_eq!(naive_scale(&[f64::MAX, -f64::MAX, f64::MAX], 1), None, "beyond all floats");
        assert_eq!((scale_lag(&[168, 24, 1]), scale_lag(&[1]), scale_lag(&[])), (24, 1, 1));
    }
}
