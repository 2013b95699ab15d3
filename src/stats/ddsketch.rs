//! A mergeable quantile sketch with a relative error bound: `DDSketch` (Masson, Rim and Lee, VLDB 2019).
//!
//! Percentiles over any span come from merging the sketches of its minutes; averaging percentiles has no meaning.
//!
//! Why not a crate: one sketch is kept per channel and minute, some 70,000 at a time for 1,000 channels, and is
//! written to disk with every sample. The crates keep dense stores of 1 to 16 KB; a minute has a few dozen calls,
//! so a sorted list of occupied bins takes about a hundredth of that. `sketches-ddsketch` is the reference that the
//! tests compare with.
//!
//! How: a value `x` falls into bin `ceil(ln x / ln g)` with `g = (1 + a) / (1 - a)`, `a` = [`RELATIVE_ERROR`]; the
//! bin is represented by `2 g^k / (g + 1)`, which is within `a` of everything in it. Values are first rounded to
//! thousandths, so that count, sum, minimum and maximum are integers and merging is exact in any order.
//!
//! Limits: values are 0 or more; below one thousandth they count as zero; NaN, infinities and negative values are
//! refused by the caller's unit types and ignored here.

use std::cmp::Ordering;

use crate::stats::varint::{self, VarintError};

mod encoded;
mod tray;

pub use encoded::Encoded;
pub use tray::Tray;

/// Half-width of a bin relative to its value: the error bound of every quantile.
pub const RELATIVE_ERROR: f64 = 0.01;

/// Thousandths in one unit: the resolution of values.
const TICKS: f64 = 1_000.0;

/// `ln((1 + a) / (1 - a))` for a = 0.01. A constant, because the bin numbers are on disk.
const LN_GAMMA: f64 = 0.020_000_666_706_669_435;

/// The first bin that a value may fall into, and how many there are: from one tick to the largest number of them.
const FIRST_BIN: i16 = -346;
const PLACES: usize = 2_220;

/// A sketch of non-negative values.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DdSketch {
    /// Values below one tick.
    zeros: u32,
    /// Occupied bins in ascending order with their counts.
    bins: Vec<(i16, u32)>,
    /// Smallest value in ticks; meaningless while empty.
    min: u64,
    /// Largest value in ticks; meaningless while empty.
    max: u64,
    /// Sum of the values in ticks, saturating.
    sum: u64,
}

/// How many values there were, and their sum: all that a mean needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Moments {
    count: u64,
    /// In ticks, saturating.
    sum: u64,
}

impl Moments {
    /// Adds everything `other` has seen.
    pub const fn merge(&mut self, other: Self) {
        self.count = self.count.saturating_add(other.count);
        self.sum = self.sum.saturating_add(other.sum);
    }

    /// Mean of the values, exact; `None` without any.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a mean is a float")]
    pub fn mean(self) -> Option<f64> {
        (self.count > 0).then(|| from_ticks(self.sum) / self.count as f64)
    }
}

/// Why bytes are not a sketch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SketchError {
    /// The bytes end inside a field.
    #[error("sketch ends inside a field")]
    Truncated,
    /// A field holds a value that no sketch has.
    #[error("sketch holds an impossible value")]
    Malformed,
}

impl From<VarintError> for SketchError {
    fn from(error: VarintError) -> Self {
        match error {
            VarintError::Truncated => Self::Truncated,
            VarintError::TooLong => Self::Malformed,
        }
    }
}

impl DdSketch {
    /// An empty sketch.
    #[must_use]
    pub const fn new() -> Self {
        Self { zeros: 0, bins: Vec::new(), min: 0, max: 0, sum: 0 }
    }

    /// Adds `value`. NaN, infinite and negative values are ignored.
    pub fn insert(&mut self, value: f64) {
        self.insert_n(value, 1);
    }

    /// Adds `value` `count` times.
    pub fn insert_n(&mut self, value: f64, count: u32) {
        let Some(ticks) = ticks_of(value).filter(|_| count > 0) else { return };
        self.measure(ticks, count, self.is_empty());
        if ticks == 0 {
            self.zeros = self.zeros.saturating_add(count);
            return;
        }
        let bin = bin_of(ticks);
        match self.bins.binary_search_by_key(&bin, |&(key, _)| key) {
            Ok(at) => self.bins[at].1 = self.bins[at].1.saturating_add(count),
            Err(at) => self.bins.insert(at, (bin, count)),
        }
    }

    /// Takes `ticks` into all but the bins; `is_first` before anything else was added.
    fn measure(&mut self, ticks: u64, count: u32, is_first: bool) {
        if is_first {
            (self.min, self.max) = (ticks, ticks);
        } else {
            self.min = self.min.min(ticks);
            self.max = self.max.max(ticks);
        }
        self.sum = self.sum.saturating_add(ticks.saturating_mul(u64::from(count)));
    }

    /// Adds everything `other` has seen. Commutative and associative.
    pub fn merge(&mut self, other: &Self) {
        if other.is_empty() {
            return;
        }
        if self.is_empty() {
            self.clone_from(other);
            return;
        }
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        self.sum = self.sum.saturating_add(other.sum);
        self.zeros = self.zeros.saturating_add(other.zeros);
        let mut merged = Vec::with_capacity(self.bins.len() + other.bins.len());
        let (mut left, mut right) = (self.bins.iter().copied().peekable(), other.bins.iter().copied().peekable());
        while let (Some(&(a, n)), Some(&(b, m))) = (left.peek(), right.peek()) {
            match a.cmp(&b) {
                Ordering::Equal => {
                    merged.push((a, n.saturating_add(m)));
                    left.next();
                    right.next();
                }
                Ordering::Less => merged.extend(left.next()),
                Ordering::Greater => merged.extend(right.next()),
            }
        }
        merged.extend(left);
        merged.extend(right);
        self.bins = merged;
    }

    /// Whether nothing was added.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.zeros == 0 && self.bins.is_empty()
    }

    /// Values added.
    #[must_use]
    pub fn count(&self) -> u64 {
        u64::from(self.zeros) + self.bins.iter().map(|&(_, n)| u64::from(n)).sum::<u64>()
    }

    /// Sum of the values, exact to a thousandth each.
    #[must_use]
    pub fn sum(&self) -> f64 {
        from_ticks(self.sum)
    }

    /// Mean of the values, exact; `None` while empty.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        self.moments().mean()
    }

    /// How many values there were, and their sum.
    #[must_use]
    pub fn moments(&self) -> Moments {
        Moments { count: self.count(), sum: self.sum }
    }

    /// Smallest value, exact; `None` while empty.
    #[must_use]
    pub fn min(&self) -> Option<f64> {
        (!self.is_empty()).then(|| from_ticks(self.min))
    }

    /// Largest value, exact; `None` while empty.
    #[must_use]
    pub fn max(&self) -> Option<f64> {
        (!self.is_empty()).then(|| from_ticks(self.max))
    }

    /// The `q`-quantile, interpolated as [`crate::stats::quantile::quantile_sorted`] does it and within
    /// [`RELATIVE_ERROR`] of what that gives on the values themselves; `None` while empty.
    #[must_use]
    pub fn quantile(&self, q: f64) -> Option<f64> {
        let last = self.count().checked_sub(1)?;
        #[expect(clippy::cast_precision_loss, reason = "counts of calls stay below 2^52")]
        let rank = q.clamp(0.0, 1.0) * last as f64;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rank lies in 0..=last")]
        let below = rank.floor() as u64;
        let low = self.order_statistic(below);
        let high = if below < last { self.order_statistic(below + 1) } else { low };
        Some(low + (high - low) * (rank - rank.floor()))
    }

    /// How many values lie above `value`; those nearer to it than the error bound may count on either side.
    #[must_use]
    pub fn count_above(&self, value: f64) -> u64 {
        let zeros = if value < 0.0 { u64::from(self.zeros) } else { 0 };
        // What a bin stands for lies between the smallest and the largest value.
        let first = if from_ticks(self.max) <= value {
            self.bins.len()
        } else if from_ticks(self.min) > value {
            0
        } else {
            self.bins.partition_point(|(bin, _)| value_of(*bin) <= value)
        };
        let above = self.bins.get(first..).unwrap_or_default();
        zeros + above.iter().map(|(_, n)| u64::from(*n)).sum::<u64>()
    }

    /// The value at `rank` (0 = smallest), within the error bound.
    fn order_statistic(&self, rank: u64) -> f64 {
        let (low, high) = (from_ticks(self.min), from_ticks(self.max));
        let mut seen = u64::from(self.zeros);
        if rank < seen {
            return 0.0;
        }
        for &(bin, n) in &self.bins {
            seen += u64::from(n);
            if rank < seen {
                return value_of(bin).clamp(low, high);
            }
        }
        high
    }

    /// Appends the compact form: varints, bins as differences. An empty sketch is no bytes at all.
    pub fn encode(&self, out: &mut Vec<u8>) {
        if self.is_empty() {
            return;
        }
        varint::put(out, self.min);
        varint::put(out, self.max - self.min);
        varint::put(out, self.sum);
        varint::put(out, u64::from(self.zeros));
        let mut previous = 0;
        for (index, &(bin, n)) in self.bins.iter().enumerate() {
            let bin = i64::from(bin);
            let step = if index == 0 { varint::zigzag(bin) } else { (bin - previous).unsigned_abs() - 1 };
            varint::put(out, step);
            varint::put(out, u64::from(n) - 1);
            previous = bin;
        }
    }

    /// Reads what [`DdSketch::encode`] wrote; the slice must hold exactly one sketch.
    ///
    /// # Errors
    /// [`SketchError`] if the bytes end early or hold values that no sketch has. Never panics.
    pub fn decode(bytes: &[u8]) -> Result<Self, SketchError> {
        Encoded::new(bytes)?.decode()
    }
}

/// `value` in ticks; `None` if it is none that a sketch takes.
fn ticks_of(value: f64) -> Option<u64> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "float casts saturate")]
    let ticks = (value * TICKS).round() as u64;
    (value.is_finite() && value >= 0.0).then_some(ticks)
}

#[expect(clippy::cast_possible_truncation, reason = "ln of a u64 in ticks gives bins in -346..=1873")]
#[expect(clippy::cast_precision_loss, reason = "the relative error of the cast is far below that of the bin")]
fn bin_of(ticks: u64) -> i16 {
    ((ticks as f64 / TICKS).ln() / LN_GAMMA).ceil() as i16
}

fn value_of(bin: i16) -> f64 {
    // 2 g^k / (g + 1) = g^k (1 - a), because g + 1 = 2 / (1 - a).
    (f64::from(bin) * LN_GAMMA).exp() * (1.0 - RELATIVE_ERROR)
}

#[expect(clippy::cast_precision_loss, reason = "a float is what callers compute with")]
fn from_ticks(ticks: u64) -> f64 {
    ticks as f64 / TICKS
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::quantile::quantile_sorted;
    use proptest::prelude::*;

    fn sketch_of(values: &[f64]) -> DdSketch {
        let mut sketch = DdSketch::new();
        for &value in values {
            sketch.insert(value);
        }
        sketch
    }

    #[test]
    fn ln_gamma_is_what_the_error_bound_asks_for() {
        let expected = ((1.0 + RELATIVE_ERROR) / (1.0 - RELATIVE_ERROR)).ln();
        assert!((LN_GAMMA - expected).abs() < 1e-15, "{expected:.18}");
    }

    #[test]
    fn nothing_comes_from_nothing() {
        let empty = DdSketch::new();
        assert_eq!((empty.count(), empty.mean(), empty.quantile(0.5), empty.max()), (0, None, None, None));
        let ignored = sketch_of(&[f64::NAN, f64::INFINITY, -1.0]);
        assert!(ignored.is_empty());
    }

    #[test]
    fn values_above_a_limit_are_counted_but_for_those_next_to_it() {
        let sketch = sketch_of(&[0.0, 10.0, 100.0, 100.0, 250.0, 400.0]);
        let counts = [-1.0, 0.0, 50.0, 200.0, 300.0, 400.0].map(|limit| sketch.count_above(limit));
        assert_eq!(counts, [6, 5, 4, 2, 1, 0]);
    }

    #[test]
    fn agrees_with_the_reference_crate() {
        let values: Vec<f64> = (1..5_000).map(|i| f64::from(i * i % 7_919) + 0.5).collect();
        let ours = sketch_of(&values);
        let mut reference = sketches_ddsketch::DDSketch::new(sketches_ddsketch::Config::new(0.01, 4_096, 1e-3));
        for &value in &values {
            reference.add(value);
        }
        for q in [0.01, 0.25, 0.5, 0.9, 0.95, 0.99] {
            let theirs = reference.quantile(q).expect("q in range").expect("not empty");
            let mine = ours.quantile(q).expect("not empty");
            // Both are within 1 % of the truth, so within 2 % (and a little) of each other.
            assert!((mine / theirs - 1.0).abs() < 0.0203, "q {q}: {mine} against {theirs}");
        }
    }

    proptest! {
        /// Every quantile is within 1 % of the exact one (plus half a tick from rounding).
        #[test]
        fn quantiles_keep_the_error_bound(values in prop::collection::vec(0.0f64..1e6, 1..300), q in 0.0f64..=1.0) {
            let mut sorted = values.clone();
            sorted.sort_by(f64::total_cmp);
            let exact = quantile_sorted(&sorted, q).expect("not empty");
            let got = sketch_of(&values).quantile(q).expect("not empty");
            prop_assert!((got - exact).abs() <= exact * RELATIVE_ERROR * 1.000_001 + 0.001, "{} against {}", got, exact);
        }

        /// Merging is the same as having seen everything, in any order.
        #[test]
        fn merging_is_order_free(a in prop::collection::vec(0.0f64..1e5, 0..60), b in prop::collection::vec(0.0f64..1e5, 0..60)) {
            let (mut left, mut right) = (sketch_of(&a), sketch_of(&b));
            let (before_left, before_right) = (left.clone(), right.clone());
            left.merge(&before_right);
            right.merge(&before_left);
            prop_assert_eq!(&left, &right);
            prop_assert_eq!(left, sketch_of(&[a, b].concat()));
        }
    }
}
