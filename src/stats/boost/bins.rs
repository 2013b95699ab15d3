//! Features as bin numbers of one byte: what trees are grown on.

use crate::stats::boost::matrix::{Matrix, reading};

/// Bins of one feature at most, that of missing values included.
pub const MOST_BINS: usize = 255;

/// A [`Matrix`] cut into bins, to be shared by all models that are trained on the same rows.
///
/// The cuts are quantiles of the rows; features without two different values are left out.
#[derive(Debug, Clone, PartialEq)]
pub struct Binned {
    pub(super) columns: Vec<Column>,
    features: usize,
    rows: usize,
}

/// One feature.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Column {
    /// Its place in the matrix.
    pub(super) feature: u32,
    /// The threshold above each bin of values but the last, ascending: bin `b` holds what is at most `cuts[b]` and
    /// above `cuts[b - 1]`.
    pub(super) cuts: Vec<f32>,
    /// The bin of each row. Missing values have the bin after the last bin of values.
    pub(super) bins: Vec<u8>,
    /// Whether any value is missing.
    pub(super) missing: bool,
}

impl Binned {
    /// Cuts every column of `matrix`: a sort of each, then a binary search for each value.
    #[must_use]
    pub fn new(matrix: &Matrix<'_>) -> Self {
        let columns = (0..).zip(matrix.columns()).filter_map(|(feature, values)| Column::new(feature, values));
        Self { columns: columns.collect(), features: matrix.columns().len(), rows: matrix.rows() }
    }

    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Number of features of the matrix, constant ones included.
    #[must_use]
    pub fn features(&self) -> usize {
        self.features
    }
}

impl Column {
    /// `None` if all values are equal.
    fn new(feature: u32, values: &[f64]) -> Option<Self> {
        let read: Vec<f32> = values.iter().map(|&value| reading(value)).collect();
        let mut sorted: Vec<f32> = read.iter().copied().filter(|value| !value.is_nan()).collect();
        sorted.sort_unstable_by(f32::total_cmp);
        let missing = sorted.len() < read.len();
        let cuts = cuts(&sorted, MOST_BINS - usize::from(missing));
        if sorted.is_empty() || (cuts.is_empty() && !missing) {
            return None;
        }
        let bins = read.iter().map(|&value| bin(&cuts, value)).collect();
        Some(Self { feature, cuts, bins, missing })
    }

    /// Bins in use, that of missing values included.
    pub(super) fn len(&self) -> usize {
        self.cuts.len() + 1 + usize::from(self.missing)
    }

    /// The bin of missing values, if there are any.
    pub(super) fn missing_bin(&self) -> Option<u8> {
        self.missing.then(|| narrow(self.cuts.len() + 1))
    }

    /// The largest reading that counts as bin `bin` or below. Above the last bin of values there are only missing ones.
    pub(super) fn threshold(&self, bin: u8) -> f32 {
        self.cuts.get(usize::from(bin)).copied().unwrap_or(f32::MAX)
    }
}

fn bin(cuts: &[f32], value: f32) -> u8 {
    if value.is_nan() {
        return narrow(cuts.len() + 1);
    }
    narrow(cuts.partition_point(|&cut| cut < value))
}

#[expect(clippy::cast_possible_truncation, reason = "bins are fewer than 256")]
fn narrow(bin: usize) -> u8 {
    bin as u8
}

/// Thresholds between at most `most` bins of `sorted` with about equally many rows. A value that is more frequent
/// than a bin should be has one of its own, and the rest is spread anew over the bins that are left.
fn cuts(sorted: &[f32], most: usize) -> Vec<f32> {
    // Ascending neighbours are equal unless the second is greater.
    let equal = |a: &f32, b: &f32| a >= b;
    let distinct = sorted.chunk_by(equal).count();
    let mut cuts = Vec::with_capacity(most.min(distinct));
    let (mut filled, mut rest) = (0, sorted.len());
    let mut runs = sorted.chunk_by(equal).peekable();
    while let (Some(run), Some(next)) = (runs.next(), runs.peek()) {
        filled += run.len();
        let bins = most - cuts.len();
        if bins == 1 {
            break;
        }
        // A heavy value that comes next is not to be swallowed by the bin before it.
        let full = filled * bins >= rest || next.len() * bins >= rest;
        if distinct <= most || full {
            rest -= filled;
            filled = 0;
            cuts.push(between(run[0], next[0]));
        }
    }
    cuts
}

/// A threshold that `low` does not exceed and `high` does, half-way where there is room.
#[expect(clippy::cast_possible_truncation, reason = "the mean of two finite single-precision numbers is one")]
fn between(low: f32, high: f32) -> f32 {
    let middle = f64::midpoint(f64::from(low), f64::from(high)) as f32;
    if middle < high { middle } else { low }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn column(values: &[f64]) -> Option<Column> {
        Column::new(0, values)
    }

    #[test]
    fn few_values_have_a_bin_each_and_missing_ones_the_last() {
        let column = column(&[3.0, 1.0, f64::NAN, 1.0, f64::INFINITY]).expect("two values and a gap");
        assert_eq!(column.bins, [1, 0, 3, 0, 2]);
        assert_eq!((column.cuts[0], column.len(), column.missing_bin()), (2.0, 4, Some(3)));
        assert!(column.cuts.iter().all(|cut| cut.is_finite()));
    }

    #[test]
    fn nothing_to_split_is_no_column() {
        assert_eq!(column(&[2.0, 2.0]), None);
        assert_eq!(column(&[f64::NAN; 3]), None);
        assert_eq!(column(&[]), None);
        assert!(column(&[f64::NAN, 2.0]).is_some());
    }

    #[test]
    fn a_frequent_value_leaves_the_other_bins_to_the_rest() {
        let values: Vec<f64> = (0..4000).map(|row| f64::from(if row % 2 == 0 { -1 } else { row })).collect();
        let column = column(&values).expect("many values");
        assert_eq!(column.cuts.len() + 1, MOST_BINS);
        let mut counts = [0_usize; 256];
        for &bin in &column.bins {
            counts[usize::from(bin)] += 1;
        }
        assert_eq!(counts[0], 2000);
        assert!(counts[1..MOST_BINS].iter().all(|count| (7..=9).contains(count)));
    }

    proptest! {
        /// A row is on the same side of a cut by its bin, as in training, and by its reading, as afterwards.
        #[test]
        fn bins_and_thresholds_agree(values in prop::collection::vec(prop::num::f64::ANY, 2..400)) {
            if let Some(column) = column(&values) {
                for (&value, &bin) in values.iter().zip(&column.bins).filter(|(value, _)| !value.is_nan()) {
                    for cut in 0..narrow(column.cuts.len()) {
                        prop_assert_eq!(reading(value) <= column.threshold(cut), bin <= cut);
                    }
                }
            }
        }
    }
}
