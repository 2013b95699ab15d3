//! A sketch in the making: a place for every bin, so that a value costs no search and no memory is moved.
//!
//! It takes some kilobytes and is meant for whoever fills one sketch after the other, as a replay and a query do.

use super::{DdSketch, Encoded, FIRST_BIN, PLACES, SketchError, bin_of, ticks_of};

/// Values on their way into a sketch.
#[derive(Debug, Clone)]
pub struct Tray {
    /// Of what was added, all but the bins.
    sketch: DdSketch,
    counts: Vec<u32>,
    /// Places that may be occupied, and how many are.
    from: usize,
    to: usize,
    occupied: usize,
}

impl Default for Tray {
    fn default() -> Self {
        Self { sketch: DdSketch::new(), counts: vec![0; PLACES], from: PLACES, to: 0, occupied: 0 }
    }
}

impl Tray {
    /// Adds `value`, as [`DdSketch::insert`] does.
    pub fn insert(&mut self, value: f64) {
        let Some(ticks) = ticks_of(value) else { return };
        let is_first = self.is_empty();
        self.sketch.measure(ticks, 1, is_first);
        if ticks == 0 {
            self.sketch.zeros = self.sketch.zeros.saturating_add(1);
            return;
        }
        self.count(usize::try_from(bin_of(ticks) - FIRST_BIN).unwrap_or(0), 1);
    }

    /// Adds everything that a sketch has seen, as [`DdSketch::merge`] does.
    ///
    /// # Errors
    /// [`SketchError`] if its bytes are not a sketch; the tray is then in no useful state.
    pub fn merge(&mut self, other: &Encoded<'_>) -> Result<(), SketchError> {
        if other.is_empty() {
            return Ok(());
        }
        let is_first = self.is_empty();
        let all = &mut self.sketch;
        (all.min, all.max) =
            if is_first { (other.min, other.max) } else { (all.min.min(other.min), all.max.max(other.max)) };
        all.sum = all.sum.saturating_add(other.sum);
        all.zeros = all.zeros.saturating_add(other.zeros);
        for bin in other.bins() {
            let (at, n) = bin?;
            self.count(at, n);
        }
        Ok(())
    }

    fn count(&mut self, at: usize, n: u32) {
        if let Some(count) = self.counts.get_mut(at) {
            self.occupied += usize::from(*count == 0);
            *count = count.saturating_add(n);
            (self.from, self.to) = (self.from.min(at), self.to.max(at + 1));
        }
    }

    /// Whether nothing was added since the last sketch was taken.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.sketch.zeros == 0 && self.from >= self.to
    }

    /// The sketch of what was added, which is gone from here.
    pub fn take(&mut self) -> DdSketch {
        let mut bins = Vec::with_capacity(self.occupied);
        let places = self.counts.get_mut(self.from..self.to.max(self.from)).unwrap_or_default();
        for (at, count) in (self.from..).zip(places).filter(|(_, count)| **count > 0) {
            #[expect(clippy::cast_possible_truncation, clippy::cast_possible_wrap, reason = "a place among the bins")]
            bins.push((FIRST_BIN + at as i16, std::mem::take(count)));
        }
        (self.from, self.to, self.occupied) = (PLACES, 0, 0);
        DdSketch { bins, ..std::mem::take(&mut self.sketch) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_smallest_and_the_largest_value_have_their_places() {
        assert_eq!((bin_of(1) - 1, usize::try_from(bin_of(u64::MAX) - FIRST_BIN)), (FIRST_BIN, Ok(PLACES - 1)));
        let (mut tray, mut sketch) = (Tray::default(), DdSketch::new());
        for value in [f64::MAX, 0.0, 1e-3, f64::NAN, -1.0] {
            tray.insert(value);
            sketch.insert(value);
        }
        assert_eq!(tray.take(), sketch);
    }

    proptest! {
        /// One sketch after the other is the one that single values make.
        #[test]
        fn a_tray_makes_the_same_sketch(lots in prop::collection::vec(prop::collection::vec(0.0f64..1e6, 0..60), 1..4)) {
            let mut tray = Tray::default();
            for values in lots {
                let mut sketch = DdSketch::new();
                for value in values {
                    tray.insert(value);
                    sketch.insert(value);
                }
                prop_assert_eq!(tray.is_empty(), sketch.is_empty());
                prop_assert_eq!(tray.take(), sketch);
            }
            prop_assert!(tray.is_empty());
        }

        /// Merging bytes is merging the sketches that they are.
        #[test]
        fn a_tray_merges_what_is_encoded(lots in prop::collection::vec(prop::collection::vec(0.0f64..1e6, 0..60), 0..4)) {
            let (mut tray, mut merged) = (Tray::default(), DdSketch::new());
            for values in lots {
                let mut sketch = DdSketch::new();
                for value in values {
                    sketch.insert(value);
                }
                let mut bytes = Vec::new();
                sketch.encode(&mut bytes);
                prop_assert_eq!(tray.merge(&Encoded::new(&bytes)?), Ok(()));
                merged.merge(&sketch);
            }
            prop_assert_eq!(tray.take(), merged);
        }
    }
}
