//! Lag polynomials 1 - c_1 B - c_2 B^2 - ..., kept as their coefficients c_1, c_2, ...

/// Autoregressive coefficients with the partial autocorrelations tanh(raw): always stationary (Durbin and Levinson;
/// Jones 1980).
pub fn stationary(raw: &[f64], out: &mut Vec<f64>) {
    out.clear();
    for (k, raw) in raw.iter().enumerate() {
        // Closer to 1 nothing can be told from a unit root in floating point.
        let partial = raw.tanh().clamp(-0.999_999, 0.999_999);
        for i in 0..k.div_ceil(2) {
            let (low, high) = (out[i], out[k - 1 - i]);
            out[i] = low - partial * high;
            out[k - 1 - i] = high - partial * low;
        }
        out.push(partial);
    }
}

/// The partial autocorrelations of `coefficients`, or `None` if they are not stationary.
pub fn partials(coefficients: &[f64]) -> Option<Vec<f64>> {
    let mut rest = coefficients.to_vec();
    let mut partials = Vec::with_capacity(rest.len());
    while let Some(partial) = rest.pop() {
        if partial.is_nan() || partial.abs() >= 1.0 {
            return None;
        }
        partials.push(partial);
        let denominator = 1.0 - partial * partial;
        let reversed: Vec<f64> = rest.iter().rev().copied().collect();
        for (coefficient, mirrored) in rest.iter_mut().zip(reversed) {
            *coefficient = (*coefficient + partial * mirrored) / denominator;
        }
    }
    partials.reverse();
    Some(partials)
}

/// Whether every root of the polynomial is at least 1.01 from the origin: nearer ones are unit roots in all but name.
pub fn clear_of_unit_root(coefficients: &[f64]) -> bool {
    let mut power = 1.0;
    let stretched: Vec<f64> = coefficients
        .iter()
        .map(|coefficient| {
            power *= 1.01;
            coefficient * power
        })
        .collect();
    partials(&stretched).is_some()
}

/// The product of two polynomials, the second in steps of `period`.
pub fn product(short: &[f64], long: &[f64], period: usize) -> Vec<f64> {
    let mut out = vec![0.0; short.len() + long.len() * period];
    out[..short.len()].copy_from_slice(short);
    for (k, b) in long.iter().enumerate() {
        let at = (k + 1) * period;
        out[at - 1] += b;
        for (i, a) in short.iter().enumerate() {
            out[at + i] -= a * b;
        }
    }
    out
}

/// `coefficients` multiplied by (1 - B^period) `times` times.
pub fn differenced(coefficients: Vec<f64>, times: usize, period: usize) -> Vec<f64> {
    (0..times).fold(coefficients, |product_so_far, _| product(&product_so_far, &[1.0], period))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_product_is_that_of_the_polynomials() {
        // (1 - 0.5 B)(1 - 0.2 B^3) = 1 - 0.5 B - 0.2 B^3 + 0.1 B^4
        assert_eq!(product(&[0.5], &[0.2], 3), [0.5, 0.0, 0.2, -0.1]);
        // (1 - B)^2 = 1 - 2 B + B^2
        assert_eq!(differenced(Vec::new(), 2, 1), [2.0, -1.0]);
        assert!(clear_of_unit_root(&[0.98]) && !clear_of_unit_root(&[0.995]));
    }

    proptest! {
        /// From partial autocorrelations to coefficients and back.
        #[test]
        fn partials_survive_the_way_there_and_back(raw in prop::collection::vec(-1.5f64..1.5, 0..5)) {
            let mut coefficients = Vec::new();
            stationary(&raw, &mut coefficients);
            let back = partials(&coefficients).expect("stationary by construction");
            for (raw, back) in raw.iter().zip(back) {
                prop_assert!((raw.tanh() - back).abs() < 1e-7);
            }
        }
    }
}
