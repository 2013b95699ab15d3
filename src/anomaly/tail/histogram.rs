//! Counts of readings by size, on bins that widen with the size, which fade.

use serde::{Deserialize, Serialize};

/// Bins an octave.
const PER_OCTAVE: f64 = 16.0;

/// Sizes below 2^-10 share the first bin, sizes above 2^20 the last.
const FIRST_OCTAVE: f64 = -10.0;
const BINS: usize = 480;

/// Counts by size.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Histogram {
    counts: Vec<f32>,
}

impl Histogram {
    pub(super) fn new() -> Self {
        Self { counts: vec![0.0; BINS] }
    }

    pub(super) fn bins(&self) -> usize {
        self.counts.len()
    }

    pub(super) fn add(&mut self, size: f64) {
        if let Some(count) = self.counts.get_mut(bin(size)) {
            *count += 1.0;
        }
    }

    /// Multiplies all counts by 2 to the power of `octaves`.
    pub(super) fn fade(&mut self, octaves: f64) {
        #[expect(clippy::cast_possible_truncation, reason = "a factor between 0 and 1")]
        let factor = octaves.exp2() as f32;
        for count in &mut self.counts {
            *count *= factor;
        }
    }

    /// The `q`-quantile of the first `last` bins, evenly spread within its bin; 0 if they are empty.
    pub(super) fn quantile(&self, q: f64, last: usize) -> f64 {
        let counts = self.counts.get(..last).unwrap_or(&self.counts);
        let mut left = q * counts.iter().map(|count| f64::from(*count)).sum::<f64>();
        for (at, count) in counts.iter().map(|count| f64::from(*count)).enumerate() {
            if count > 0.0 && left <= count {
                return edge(at) + (edge(at + 1) - edge(at)) * (left / count);
            }
            left -= count;
        }
        0.0
    }

    /// Excesses over `threshold` in the first `last` bins: how far above, and how many. The bin that holds the threshold
    /// counts by the part above it.
    pub(super) fn excesses(&self, threshold: f64, last: usize) -> Excesses<'_> {
        Excesses { counts: self.counts.get(..last).unwrap_or(&self.counts), threshold }
    }

    /// Share of the first `last` bins' readings that lie in each bin or above.
    pub(super) fn survival(&self, last: usize) -> Vec<f32> {
        let mut above = 0.0;
        let mut survival = vec![0.0; self.counts.len()];
        let kept = self.counts.iter().zip(&mut survival).take(last);
        for (count, share) in kept.rev() {
            above += *count;
            *share = above;
        }
        for share in &mut survival {
            *share /= f32::max(above, f32::MIN_POSITIVE);
        }
        survival
    }

    /// What [`survival`](Self::survival) says of `size`.
    pub(super) fn survival_at(survival: &[f32], size: f64) -> f64 {
        let at = bin(size);
        let share = |at: usize| survival.get(at).copied().map_or(0.0, f64::from);
        let into = ((size - edge(at)) / (edge(at + 1) - edge(at))).clamp(0.0, 1.0);
        share(at) + (share(at + 1) - share(at)) * into
    }

    /// The first bin that lies wholly above `size`.
    pub(super) fn bin_above(size: f64) -> usize {
        bin(size).saturating_add(1)
    }
}

/// What lies above a threshold.
#[derive(Debug, Clone, Copy)]
pub(super) struct Excesses<'a> {
    counts: &'a [f32],
    threshold: f64,
}

impl Excesses<'_> {
    /// Excess and number of each bin, smallest first.
    pub(super) fn iter(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        let from = bin(self.threshold);
        self.counts.iter().enumerate().skip(from).filter(|(_, count)| **count > 0.0).map(|(at, count)| {
            let (low, high) = (edge(at), edge(at + 1));
            let start = low.max(self.threshold);
            let part = ((high - start) / (high - low)).clamp(0.0, 1.0);
            (0.5 * (start + high) - self.threshold, f64::from(*count) * part)
        })
    }

    /// All readings, above the threshold or not.
    pub(super) fn total(&self) -> f64 {
        self.counts.iter().map(|count| f64::from(*count)).sum()
    }
}

fn bin(size: f64) -> usize {
    let at = (size.log2() - FIRST_OCTAVE) * PER_OCTAVE + 1.0;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "far below 2^53; NaN becomes 0")]
    let at = at.clamp(0.0, 1e6) as usize;
    at.min(BINS - 1)
}

/// Lower edge of bin `at`.
fn edge(at: usize) -> f64 {
    if at == 0 {
        return 0.0;
    }
    #[expect(clippy::cast_precision_loss, reason = "few bins")]
    let octave = (at - 1) as f64 / PER_OCTAVE + FIRST_OCTAVE;
    octave.exp2()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_and_survival_are_right_to_a_bin() {
        let mut histogram = Histogram::new();
        for size in 1..=1_000 {
            histogram.add(f64::from(size));
        }
        let near = |found: f64, wanted: f64| assert!((found / wanted - 1.0).abs() < 0.03, "{found} for {wanted}");
        near(histogram.quantile(0.98, histogram.bins()), 980.0);
        near(histogram.quantile(0.5, histogram.bins()), 500.0);
        near(Histogram::survival_at(&histogram.survival(histogram.bins()), 900.0), 0.1);
        assert!(edge(bin(7.3)) <= 7.3 && 7.3 < edge(bin(7.3) + 1));
    }

    #[test]
    fn any_size_has_a_bin() {
        for size in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e-300, 1e300] {
            assert!(bin(size) < BINS, "{size}");
        }
    }
}
