//! Small charts of one line.

/// Heights, from the lowest.
const HEIGHTS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// Where nothing is known.
const GAP: char = '·';
/// The rise, as a part of the lowest value, that fills the chart if nothing rises more: less is noise and stays low.
const LEAST_RISE: f64 = 0.25;

/// One letter for each of `values`, from the lowest to the highest of them. A gap is a dot, and so is what is no number.
#[must_use]
pub fn spark(values: &[Option<f64>]) -> String {
    let known = || values.iter().flatten().copied().filter(|value| value.is_finite());
    let (low, high) = known().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), it| (low.min(it), high.max(it)));
    let rise = (high - low).max(low.abs() * LEAST_RISE);
    let letter = |value: &Option<f64>| {
        let Some(value) = value.filter(|value| value.is_finite()) else { return GAP };
        // Two huge values may be infinitely apart.
        let height = if rise > 0.0 && rise.is_finite() { (value - low) / rise } else { 0.0 };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 7")]
        let place = (height * 7.0).round().clamp(0.0, 7.0) as usize;
        HEIGHTS[place]
    };
    values.iter().map(letter).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn noise_stays_low_a_rise_is_seen_and_a_gap_is_no_zero() {
        assert_eq!(spark(&[Some(100.0), Some(101.0), Some(100.0)]), "▁▁▁");
        assert_eq!(spark(&[Some(0.0), None, Some(50.0), Some(100.0), Some(f64::NAN)]), "▁·▅█·");
        assert_eq!((spark(&[]), spark(&[None])), (String::new(), "·".to_owned()));
        assert_eq!(spark(&[Some(0.0), Some(0.0)]), "▁▁");
    }

    proptest! {
        #[test]
        fn any_values_have_a_letter_each(values in prop::collection::vec(prop::option::of(any::<f64>()), 0..40)) {
            prop_assert_eq!(spark(&values).chars().count(), values.len());
        }
    }
}
