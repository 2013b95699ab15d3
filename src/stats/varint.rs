//! Variable-length integers (LEB128, as in Protocol Buffers), shared by everything compact that goes to disk.

/// Why bytes are not a varint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VarintError {
    /// The bytes end inside the number.
    #[error("bytes end inside a number")]
    Truncated,
    /// The number does not fit 64 bits.
    #[error("number does not fit 64 bits")]
    TooLong,
}

/// Maps small magnitudes of either sign to small unsigned numbers.
#[must_use]
pub const fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)).cast_unsigned()
}

/// Undoes [`zigzag`].
#[must_use]
pub const fn unzigzag(value: u64) -> i64 {
    (value >> 1).cast_signed() ^ -((value & 1).cast_signed())
}

/// Appends `value` in 1 to 10 bytes.
pub fn put(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    #[expect(clippy::cast_possible_truncation, reason = "below 0x80 after the loop")]
    out.push(value as u8);
}

/// Takes one number off the front of `bytes`.
///
/// # Errors
/// [`VarintError`] if the bytes end early or the number does not fit; `bytes` is then in no useful state.
#[inline]
pub fn take(bytes: &mut &[u8]) -> Result<u64, VarintError> {
    // Most numbers are small.
    match bytes.split_first() {
        Some((&byte, rest)) if byte < 0x80 => {
            *bytes = rest;
            Ok(byte.into())
        }
        _ => take_long(bytes),
    }
}

fn take_long(bytes: &mut &[u8]) -> Result<u64, VarintError> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first().ok_or(VarintError::Truncated)?;
        *bytes = rest;
        let part = u64::from(byte & 0x7f);
        if shift == 63 && part > 1 {
            return Err(VarintError::TooLong);
        }
        value |= part << shift;
        if byte < 0x80 {
            return Ok(value);
        }
    }
    Err(VarintError::TooLong)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Every number survives, signed or not, and nothing is left over.
        #[test]
        fn numbers_round_trip(value in any::<u64>(), signed in any::<i64>()) {
            let mut bytes = Vec::new();
            put(&mut bytes, value);
            put(&mut bytes, zigzag(signed));
            let mut rest = bytes.as_slice();
            prop_assert_eq!(take(&mut rest), Ok(value));
            prop_assert_eq!(take(&mut rest).map(unzigzag), Ok(signed));
            prop_assert!(rest.is_empty());
        }
    }

    #[test]
    fn bad_bytes_are_refused() {
        assert_eq!(take(&mut [0x80].as_slice()), Err(VarintError::Truncated));
        assert_eq!(take(&mut [0xff; 11].as_slice()), Err(VarintError::TooLong));
    }
}
