//! Rows of 8 features with a common factor, which are quickly made in any language.

/// Features of a row.
pub const FEATURES: usize = 8;

/// A number in 0 .. 1 that depends on `n` alone: splitmix64.
fn uniform(n: u64) -> f64 {
    let mut z = n.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((z ^ (z >> 31)) >> 11) as f64 / 9_007_199_254_740_992.0
}

/// Standard normal number `n` (Box and Muller 1958).
pub fn normal(n: u64) -> f64 {
    let angle = std::f64::consts::TAU * uniform(2 * n + 2);
    (-2.0 * (1.0 - uniform(2 * n + 1)).ln()).sqrt() * angle.cos()
}

/// Every hundredth row is odd: in turns far out without a factor, or with signs that break the correlation while each
/// feature is ordinary.
pub fn rows(rows: u64) -> Vec<f64> {
    let row = |row: u64| {
        let kind = if row.is_multiple_of(100) { 1 + row / 100 % 2 } else { 0 };
        let common = 0.9 * normal(row * 9);
        (0..8).map(move |feature| {
            let own = normal(row * 9 + 1 + feature);
            let sign = if kind == 2 && feature % 2 == 1 { -1.0 } else { 1.0 };
            if kind == 1 { 1.8 * own } else { sign * common + 0.436 * own }
        })
    };
    (0..rows).flat_map(row).collect()
}

/// The share of pairs of an odd and an ordinary row in which the odd one has the higher score.
pub fn auc(scores: &[f64]) -> f64 {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|left, right| scores[*left].total_cmp(&scores[*right]));
    let (mut below, mut wins, mut odd) = (0.0, 0.0, 0.0);
    for row in order {
        if row.is_multiple_of(100) {
            wins += below;
            odd += 1.0;
        } else {
            below += 1.0;
        }
    }
    wins / (odd * below)
}
