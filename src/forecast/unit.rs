//! The unit in which a series has size one, so that a search works alike on milliseconds and on billions of tokens.

/// The power of two next to the mean size of the known values; 1 if all are zero. Dividing by it is exact, so a series
/// times two has the same fit times two, bit for bit.
#[must_use]
pub fn of(values: &[f64]) -> f64 {
    let known = || values.iter().filter(|value| value.is_finite()).map(|value| value.abs());
    let most = known().fold(0.0, f64::max);
    if most < f64::MIN_POSITIVE {
        return 1.0;
    }
    // Shares of the largest value, as a sum of the values themselves might overflow.
    let (sum, count) = known().fold((0.0, 0.0), |(sum, count), value| (sum + value / most, count + 1.0));
    let mean = most * (sum / f64::max(count, 1.0));
    mean.log2().round().clamp(-1_000.0, 1_000.0).exp2()
}

/// The values in `unit`, with NaN for whatever is not a number in it.
#[must_use]
pub fn brought(values: &[f64], unit: f64) -> Vec<f64> {
    let shares = values.iter().map(|value| value / unit);
    shares.map(|value| if value.is_finite() { value } else { f64::NAN }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_unit_is_a_power_of_two_of_the_size_of_the_values() {
        let near = |values: &[f64], expected: f64| assert!((of(values) - expected).abs() < f64::EPSILON * expected);
        near(&[3.0, -5.0, f64::NAN], 4.0);
        near(&[0.0, f64::NAN], 1.0);
        near(&[1.5e308, 1.5e308, f64::INFINITY], 1_000f64.exp2());
        assert!(brought(&[8.0, f64::INFINITY], 4.0)[1].is_nan());
    }
}
