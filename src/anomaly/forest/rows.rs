//! Numbers as a forest keeps them.

/// The largest size of a value: half of what a range of two of them must not exceed.
const LARGEST: f64 = f32::MAX as f64 / 4.0;

/// `value` as it is kept: rounded, infinite values cut, NaN where it is missing.
#[expect(clippy::cast_possible_truncation, reason = "clamped to what an f32 holds; rounding is wanted")]
pub fn kept(value: f64) -> f32 {
    value.clamp(-LARGEST, LARGEST) as f32
}

/// Puts the middle of its feature in place of every missing value of `row`.
pub fn fill(row: &mut [f32], middle: &[f32]) {
    for (value, middle) in row.iter_mut().zip(middle) {
        *value = if value.is_nan() { *middle } else { *value };
    }
}
