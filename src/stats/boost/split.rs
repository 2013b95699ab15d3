//! Where to split a leaf: the cut with the greatest gain.

use crate::stats::boost::histogram::Sums;

/// A cut of a leaf in two.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Split {
    /// How much better two constants are than one.
    pub(super) gain: f64,
    /// Number of the column.
    pub(super) column: usize,
    /// The last bin of values that goes left.
    pub(super) bin: u8,
    /// Whether missing values go left.
    pub(super) missing_left: bool,
    /// What goes left.
    pub(super) left: Sums,
}

/// The bounds of a search.
#[derive(Debug, Clone, Copy)]
pub(super) struct Search {
    /// Weight on each side at least.
    pub(super) least: f64,
    /// Added to the weight of each side.
    pub(super) lambda: f64,
    /// Gain at least.
    pub(super) min_gain: f64,
}

/// The best cut so far. Its score is kept as a fraction: cuts are compared crosswise, without a division for each.
struct Best {
    numerator: f64,
    denominator: f64,
    found: Option<(usize, bool, Sums)>,
}

impl Search {
    /// The best cut of column number `column`, whose bins of values are `bins`, if any gains enough.
    ///
    /// Missing values are tried on both sides. Where this leaf has none, they go to the heavier side.
    pub(super) fn best(&self, column: usize, bins: &[Sums], missing: Option<Sums>, total: Sums) -> Option<Split> {
        let alone = total.pull * total.pull / (total.weight + self.lambda);
        // The least gain has to exceed what rounding makes of none.
        let floor = alone * (1.0 + 1e-10) + self.min_gain;
        let mut best = Best { numerator: floor, denominator: 1.0, found: None };
        let missing = missing.filter(|missing| missing.weight > 0.0);
        // All values left, missing ones right is a cut too, but only if there are any.
        let right = if missing.is_some() { bins } else { bins.split_last().map_or(bins, |(_, rest)| rest) };
        self.scan(Sums::default(), right, total, false, &mut best);
        if let Some(missing) = missing {
            self.scan(missing, bins.split_last().map_or(bins, |(_, rest)| rest), total, true, &mut best);
        }
        let (bin, missing_left, left) = best.found?;
        let missing_left = if missing.is_some() { missing_left } else { left.weight >= (total - left).weight };
        let gain = best.numerator / best.denominator - alone;
        Some(Split { gain, column, bin: u8::try_from(bin).ok()?, missing_left, left })
    }

    /// Tries a cut behind each of `bins`, with `left` on the left from the beginning.
    #[inline]
    fn scan(&self, mut left: Sums, bins: &[Sums], total: Sums, missing_left: bool, best: &mut Best) {
        for (bin, &sums) in bins.iter().enumerate() {
            left += sums;
            if left.weight < self.least {
                continue;
            }
            let right = total - left;
            if right.weight < self.least {
                break;
            }
            let (rows_left, rows_right) = (left.weight + self.lambda, right.weight + self.lambda);
            let numerator = left.pull * left.pull * rows_right + right.pull * right.pull * rows_left;
            let denominator = rows_left * rows_right;
            if numerator * best.denominator > best.numerator * denominator {
                *best = Best { numerator, denominator, found: Some((bin, missing_left, left)) };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sums(pull: f64, weight: f64) -> Sums {
        Sums { pull, weight }
    }

    #[test]
    fn the_greatest_gain_wins_and_missing_values_choose_their_side() {
        let search = Search { least: 2.0, lambda: 0.0, min_gain: 0.0 };
        let bins = [sums(-4.0, 2.0), sums(-4.0, 2.0), sums(6.0, 3.0)];
        let split = search.best(5, &bins, None, sums(-2.0, 7.0)).expect("there is a gain");
        assert_eq!((split.column, split.bin, split.left), (5, 1, sums(-8.0, 4.0)));
        assert!((split.gain - (16.0 + 12.0 - 4.0 / 7.0)).abs() < 1e-12 && split.missing_left);
        let split = search.best(0, &bins, Some(sums(5.0, 2.0)), sums(3.0, 9.0)).expect("there is a gain");
        assert_eq!((split.bin, split.missing_left, split.left), (1, false, sums(-8.0, 4.0)));
        let split = search.best(0, &[sums(-2.0, 2.0)], Some(sums(5.0, 2.0)), sums(3.0, 4.0)).expect("against missing");
        assert_eq!((split.bin, split.missing_left), (0, false));
    }

    #[test]
    fn too_few_rows_or_too_little_gain_is_no_split() {
        let bins = [sums(-1.0, 1.0), sums(1.0, 3.0)];
        let search = Search { least: 2.0, lambda: 0.0, min_gain: 0.0 };
        assert_eq!(search.best(0, &bins, None, sums(0.0, 4.0)), None);
        assert_eq!(Search { least: 1.0, min_gain: 2.0, ..search }.best(0, &bins, None, sums(0.0, 4.0)), None);
        assert_eq!(
            Search { least: 1.0, ..search }.best(0, &[sums(0.1, 1.0), sums(0.3, 3.0)], None, sums(0.4, 4.0)),
            None
        );
    }
}
