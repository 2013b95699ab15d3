//! The standard normal distribution, by statrs.

use statrs::distribution::{Continuous, ContinuousCDF, Normal};

/// Density at `z`.
#[must_use]
pub fn density(z: f64) -> f64 {
    Normal::standard().pdf(z)
}

/// Probability of a value up to `z`.
#[must_use]
pub fn probability(z: f64) -> f64 {
    Normal::standard().cdf(z)
}

/// The value that is not exceeded with probability `p`; minus or plus infinity at 0 and 1, and beyond them.
#[must_use]
pub fn quantile(p: f64) -> f64 {
    Normal::standard().inverse_cdf(p.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_tables() {
        assert!((quantile(0.95) - 1.644_853_626_951_472_7).abs() < 1e-9);
        assert!((probability(1.96) - 0.975_002_104_851_779_7).abs() < 1e-9);
        assert!((density(0.0) - 0.398_942_280_401_432_7).abs() < 1e-12);
        assert!(quantile(0.0).is_infinite() && quantile(0.0) < 0.0);
    }
}
