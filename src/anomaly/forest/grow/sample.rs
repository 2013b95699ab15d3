//! The rows that a tree is grown from.

use rand_xoshiro::Xoshiro256PlusPlus;

use crate::anomaly::forest::rows;

/// Rows by feature, without missing values.
pub struct Sample {
    /// One feature after the other, `len` values each.
    columns: Vec<f32>,
    len: usize,
    middle: Vec<f32>,
    /// 1 / standard deviation; 0 where a feature is constant.
    weight: Vec<f64>,
}

impl Sample {
    /// `wanted` of `rows` rows without repetition, or all of them if there are not more. `fetch` writes one of them.
    pub fn draw(
        wanted: usize,
        rows: usize,
        features: usize,
        rng: &mut Xoshiro256PlusPlus,
        fetch: impl Fn(usize, &mut [f32]),
    ) -> Self {
        let len = wanted.min(rows);
        let (mut row, mut columns) = (vec![0.0; features], vec![0.0; features * len]);
        for (at, index) in rand::seq::index::sample(rng, rows, len).into_iter().enumerate() {
            fetch(index, &mut row);
            for (column, value) in columns.chunks_exact_mut(len).zip(&row) {
                column[at] = *value;
            }
        }
        let middle: Vec<f32> = columns.chunks_exact(len.max(1)).map(middle).collect();
        for (column, middle) in columns.chunks_exact_mut(len.max(1)).zip(&middle) {
            rows::fill(column, &vec![*middle; len]);
        }
        let weight = columns.chunks_exact(len.max(1)).map(|column| 1.0 / deviation(column)).collect::<Vec<_>>();
        let weight = weight.into_iter().map(|weight| if weight.is_finite() { weight } else { 0.0 }).collect();
        Self { columns, len, middle, weight }
    }

    /// Rows.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Features of a row.
    pub fn features(&self) -> usize {
        self.middle.len()
    }

    /// The median of each feature, 0 where none is known.
    pub fn middle(&self) -> &[f32] {
        &self.middle
    }

    /// What makes values of `feature` comparable with those of others.
    pub fn weight(&self, feature: u8) -> f64 {
        self.weight[usize::from(feature)]
    }

    /// All values of `feature`.
    pub fn column(&self, feature: u8) -> &[f32] {
        let first = usize::from(feature) * self.len;
        &self.columns[first..first + self.len]
    }

    /// Smallest and largest value of `feature` in `rows`.
    pub fn range(&self, feature: u8, rows: &[u16]) -> (f32, f32) {
        let column = self.column(feature);
        let values = rows.iter().map(|row| column[usize::from(*row)]);
        values.fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)))
    }
}

/// The lower median of what is known in `column`; 0 if nothing is.
fn middle(column: &[f32]) -> f32 {
    let mut known: Vec<f32> = column.iter().copied().filter(|value| !value.is_nan()).collect();
    let half = known.len().saturating_sub(1) / 2;
    if known.is_empty() { 0.0 } else { *known.select_nth_unstable_by(half, f32::total_cmp).1 }
}

/// Standard deviation of `column`.
#[expect(clippy::cast_precision_loss, reason = "at most 256 rows")]
fn deviation(column: &[f32]) -> f64 {
    let n = column.len() as f64;
    let mean = column.iter().map(|value| f64::from(*value)).sum::<f64>() / n;
    (column.iter().map(|value| (f64::from(*value) - mean).powi(2)).sum::<f64>() / n).sqrt()
}
