//! The discrete Fourier transform of lengths that are a power of two (Cooley and Tukey 1965), and what it makes fast:
//! the autocorrelation of a series with gaps at all lags at once.

use std::f64::consts::PI;

/// Transforms `re + i im` in place: X_k = sum over t of x_t exp(-2 pi i k t / n), unscaled.
///
/// Both slices must have the same power of two as length; otherwise they are left as they are.
pub fn transform(re: &mut [f64], im: &mut [f64]) {
    let n = re.len();
    if n != im.len() || !n.is_power_of_two() || n < 2 {
        return;
    }
    reorder(re, im);
    let mut width = 2;
    while width <= n {
        let half = width / 2;
        #[expect(clippy::cast_precision_loss, reason = "lengths are far below 2^52")]
        let turns: Vec<(f64, f64)> = (0..half).map(|k| (-2.0 * PI * k as f64 / width as f64).sin_cos()).collect();
        for (re, im) in re.chunks_exact_mut(width).zip(im.chunks_exact_mut(width)) {
            let (re_low, re_high) = re.split_at_mut(half);
            let (im_low, im_high) = im.split_at_mut(half);
            for (k, (sin, cos)) in turns.iter().enumerate() {
                let (a, b) = (re_high[k] * cos - im_high[k] * sin, re_high[k] * sin + im_high[k] * cos);
                (re_high[k], im_high[k]) = (re_low[k] - a, im_low[k] - b);
                (re_low[k], im_low[k]) = (re_low[k] + a, im_low[k] + b);
            }
        }
        width *= 2;
    }
}

/// Moves every element to the place whose index has its bits in reverse order.
fn reorder(re: &mut [f64], im: &mut [f64]) {
    let shift = usize::BITS - re.len().trailing_zeros();
    for at in 0..re.len() {
        let other = at.reverse_bits() >> shift;
        if at < other {
            re.swap(at, other);
            im.swap(at, other);
        }
    }
}

/// Autocorrelation of `values` (mean zero, NaN where there is a gap) at the lags 0 ..= `lags`.
///
/// Each lag is the mean product over the pairs where both ends are known, divided by that of lag 0; lags with fewer
/// than two pairs, and all lags of a series without variation, are 0.
#[must_use]
pub fn autocorrelation(values: &[f64], lags: usize) -> Vec<f64> {
    let size = (values.len() + lags + 1).next_power_of_two();
    let known: Vec<f64> = values.iter().map(|value| f64::from(u8::from(value.is_finite()))).collect();
    let filled: Vec<f64> = values.iter().map(|value| if value.is_finite() { *value } else { 0.0 }).collect();
    let products = lagged_products(&filled, size);
    let pairs = lagged_products(&known, size);
    let mean = |lag: usize| if pairs[lag] < 1.5 { 0.0 } else { products[lag] / pairs[lag].round() };
    let variance = mean(0);
    (0..=lags).map(|lag| if variance > 0.0 { mean(lag) / variance } else { 0.0 }).collect()
}

/// Sums of x_t x_(t + lag) for every lag, by way of the power spectrum padded with zeros to `size`.
fn lagged_products(values: &[f64], size: usize) -> Vec<f64> {
    let (mut re, mut im) = (vec![0.0; size], vec![0.0; size]);
    re[..values.len()].copy_from_slice(values);
    transform(&mut re, &mut im);
    for (re, im) in re.iter_mut().zip(&mut im) {
        *re = *re * *re + *im * *im;
        *im = 0.0;
    }
    transform(&mut re, &mut im);
    #[expect(clippy::cast_precision_loss, reason = "lengths are far below 2^52")]
    for value in &mut re {
        *value /= size as f64;
    }
    re
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn agrees_with_numpy() {
        // numpy 2: np.fft.fft([1, 2, 4, 8]) -> 15, -3+6j, -5, -3-6j
        let (mut re, mut im) = ([1.0, 2.0, 4.0, 8.0], [0.0; 4]);
        transform(&mut re, &mut im);
        for (found, expected) in re.iter().zip([15.0, -3.0, -5.0, -3.0]).chain(im.iter().zip([0.0, 6.0, 0.0, -6.0])) {
            assert!((found - expected).abs() < 1e-12, "{found} is not {expected}");
        }
    }

    proptest! {
        /// The fast way gives what the definition gives, gaps included.
        #[test]
        fn autocorrelation_is_that_of_the_definition(
            values in prop::collection::vec(prop_oneof![4 => -5.0f64..5.0, 1 => Just(f64::NAN)], 4..40)
        ) {
            let at = |lag: usize| {
                let pairs: Vec<f64> =
                    values.iter().zip(&values[lag..]).map(|(a, b)| a * b).filter(|ab| ab.is_finite()).collect();
                let count: f64 = pairs.iter().map(|_| 1.0).sum();
                if count < 2.0 { 0.0 } else { pairs.iter().sum::<f64>() / count }
            };
            for (lag, found) in autocorrelation(&values, 3).into_iter().enumerate() {
                let expected = if at(0) > 0.0 { at(lag) / at(0) } else { 0.0 };
                prop_assert!((found - expected).abs() < 1e-9, "lag {}: {} is not {}", lag, found, expected);
            }
        }
    }
}
