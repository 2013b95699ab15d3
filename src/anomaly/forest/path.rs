//! How many cuts a row outlives.

/// Euler's constant.
const GAMMA: f64 = 0.577_215_664_901_532_9;

/// c(n) of Liu et al.: the mean path to a row in a tree over `n` rows that is cut to its end, which is that of an
/// unsuccessful search in a binary search tree: 2 H(n-1) - 2 (n-1) / n, with H the harmonic number, taken as
/// ln(n-1) + gamma like the paper and scikit-learn do. 0 for at most one row, 1 for two.
#[must_use]
pub fn expected_path(rows: usize) -> f64 {
    if rows <= 2 {
        return if rows == 2 { 1.0 } else { 0.0 };
    }
    #[expect(clippy::cast_precision_loss, reason = "rows are far fewer than 2^52")]
    let n = rows as f64;
    2.0 * ((n - 1.0).ln() + GAMMA) - 2.0 * (n - 1.0) / n
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_scikit_learn() {
        // scikit-learn 1.9.1: sklearn.ensemble._iforest._average_path_length([0, 1, 2, 3, 5, 256])
        let expected = [(0, 0.0), (1, 0.0), (2, 1.0), (3, 1.207_392_357_589_623), (5, 2.327_020_052_042_847)];
        for (rows, path) in expected {
            assert!((expected_path(rows) - path).abs() < 1e-12, "{rows}");
        }
        assert!((expected_path(256) - 10.244_770_920_119_917).abs() < 1e-12);
    }
}
