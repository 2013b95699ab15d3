//! A sketch in its compact form, read where it lies: a question over a day of many channels merges millions of them, and
//! memory for the bins of each would cost more than the bins.

use super::{DdSketch, FIRST_BIN, Moments, PLACES, SketchError};
use crate::stats::varint;

/// What [`DdSketch::encode`] wrote, looked at without a copy.
#[derive(Debug, Clone, Copy)]
pub struct Encoded<'b> {
    pub(super) zeros: u32,
    pub(super) min: u64,
    pub(super) max: u64,
    pub(super) sum: u64,
    bins: &'b [u8],
}

impl<'b> Encoded<'b> {
    /// Reads all but the bins of `bytes`, which must hold exactly one sketch. No bytes are an empty one.
    ///
    /// # Errors
    /// [`SketchError`] if the bytes end early or hold values that no sketch has. Never panics.
    pub fn new(mut bytes: &'b [u8]) -> Result<Self, SketchError> {
        if bytes.is_empty() {
            return Ok(Self { zeros: 0, min: 0, max: 0, sum: 0, bins: bytes });
        }
        let min = varint::take(&mut bytes)?;
        let max = min.checked_add(varint::take(&mut bytes)?).ok_or(SketchError::Malformed)?;
        let sum = varint::take(&mut bytes)?;
        let zeros = u32::try_from(varint::take(&mut bytes)?).map_err(|_| SketchError::Malformed)?;
        let encoded = Self { zeros, min, max, sum, bins: bytes };
        // What is empty has no bytes.
        if encoded.is_empty() { Err(SketchError::Malformed) } else { Ok(encoded) }
    }

    /// Whether nothing was added.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.zeros == 0 && self.bins.is_empty()
    }

    /// How many values there were, and their sum.
    ///
    /// # Errors
    /// As [`Encoded::new`].
    pub fn moments(&self) -> Result<Moments, SketchError> {
        let count = self.bins().try_fold(u64::from(self.zeros), |count, bin| bin.map(|(_, n)| count + u64::from(n)))?;
        Ok(Moments { count, sum: self.sum })
    }

    /// The places of the occupied bins, ascending, with their counts.
    pub(super) const fn bins(&self) -> Bins<'b> {
        Bins { bytes: self.bins, previous: None }
    }

    /// The sketch itself.
    ///
    /// # Errors
    /// As [`Encoded::new`].
    pub fn decode(&self) -> Result<DdSketch, SketchError> {
        #[expect(clippy::cast_possible_truncation, clippy::cast_possible_wrap, reason = "a place among the bins")]
        let bin = |(at, n): (usize, u32)| (FIRST_BIN + at as i16, n);
        let bins = self.bins().map(|found| found.map(bin)).collect::<Result<_, _>>()?;
        Ok(DdSketch { zeros: self.zeros, bins, min: self.min, max: self.max, sum: self.sum })
    }
}

/// Reads one bin after the other; after an error, nothing sensible follows.
pub(super) struct Bins<'b> {
    bytes: &'b [u8],
    previous: Option<i64>,
}

impl Bins<'_> {
    fn bin(&mut self) -> Result<(usize, u32), SketchError> {
        let step = varint::take(&mut self.bytes)?;
        let bin = match self.previous {
            None => Some(varint::unzigzag(step)),
            Some(before) => i64::try_from(step).ok().and_then(|step| before.checked_add(step)?.checked_add(1)),
        };
        let bin = bin.ok_or(SketchError::Malformed)?;
        self.previous = Some(bin);
        let place = bin.checked_sub(i64::from(FIRST_BIN)).and_then(|place| usize::try_from(place).ok());
        let n = varint::take(&mut self.bytes)?.checked_add(1).and_then(|n| u32::try_from(n).ok());
        place.filter(|&place| place < PLACES).zip(n).ok_or(SketchError::Malformed)
    }
}

impl Iterator for Bins<'_> {
    type Item = Result<(usize, u32), SketchError>;

    fn next(&mut self) -> Option<Self::Item> {
        (!self.bytes.is_empty()).then(|| self.bin())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Encoding and decoding is the identity.
        #[test]
        fn bytes_round_trip(values in prop::collection::vec(0.0f64..1e8, 0..60)) {
            let mut sketch = DdSketch::new();
            for value in values {
                sketch.insert(value);
            }
            let mut bytes = Vec::new();
            sketch.encode(&mut bytes);
            prop_assert_eq!(Encoded::new(&bytes)?.moments(), Ok(sketch.moments()));
            prop_assert_eq!(DdSketch::decode(&bytes), Ok(sketch));
        }

        /// No bytes make the decoder panic.
        #[test]
        fn hostile_bytes_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let _ = DdSketch::decode(&bytes);
        }
    }

    #[test]
    fn bins_that_no_value_falls_into_are_refused() {
        let bytes = |bin: i64| {
            let mut bytes = Vec::new();
            for number in [1, 0, 1, 0, varint::zigzag(bin), 0] {
                varint::put(&mut bytes, number);
            }
            bytes
        };
        assert!(DdSketch::decode(&bytes(i64::from(FIRST_BIN))).is_ok());
        assert_eq!(DdSketch::decode(&bytes(i64::from(FIRST_BIN) - 1)), Err(SketchError::Malformed));
        assert_eq!(DdSketch::decode(&bytes(1_874)), Err(SketchError::Malformed));
        assert_eq!(DdSketch::decode(&bytes(i64::MIN)), Err(SketchError::Malformed));
    }
}
