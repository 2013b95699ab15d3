//! One frame of the log: magic, length, checksum, number, payload.
//!
//! ```text
//! 0      4        8        12         20
//! | FRW1 | length | crc32  | lsn      | payload ...
//! ```
//! Integers are little-endian. The checksum (CRC-32, IEEE) covers number and payload; the length is checked by it in
//! effect, because a wrong length moves the end of what is summed.

use std::fmt;

/// First bytes of every frame; also what a reader looks for after damage.
pub const MAGIC: [u8; 4] = *b"FRW1";
/// Bytes before the payload.
pub const HEADER_BYTES: usize = 20;
/// Largest payload. Bounds what a damaged length can make a reader believe.
pub const MAX_PAYLOAD: usize = 64 * 1024 * 1024;

/// Log sequence number: the position of a frame in the whole history of the log, counted from 0 without gaps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Lsn(pub u64);

impl Lsn {
    /// The number after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl fmt::Display for Lsn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A valid frame found in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame<'a> {
    /// Its number.
    pub lsn: Lsn,
    /// Its payload.
    pub payload: &'a [u8],
}

impl Frame<'_> {
    /// Bytes it takes in the log.
    #[must_use]
    pub const fn len(&self) -> usize {
        HEADER_BYTES + self.payload.len()
    }

    /// Whether the payload is empty.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.payload.is_empty()
    }
}

fn checksum(lsn: [u8; 8], payload: &[u8]) -> u32 {
    let mut crc = crc32fast::Hasher::new();
    crc.update(&lsn);
    crc.update(payload);
    crc.finalize()
}

/// Appends the frame number `lsn` with `payload`, which must not be longer than [`MAX_PAYLOAD`].
pub fn put(out: &mut Vec<u8>, lsn: Lsn, payload: &[u8]) {
    debug_assert!(payload.len() <= MAX_PAYLOAD);
    let number = lsn.0.to_le_bytes();
    let length = u32::try_from(payload.len()).unwrap_or(u32::MAX);
    out.extend_from_slice(&MAGIC);
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(&checksum(number, payload).to_le_bytes());
    out.extend_from_slice(&number);
    out.extend_from_slice(payload);
}

/// The frame that starts at the first of `bytes`; `None` if no whole valid one does.
#[must_use]
pub fn parse(bytes: &[u8]) -> Option<Frame<'_>> {
    let header: &[u8; HEADER_BYTES] = bytes.first_chunk()?;
    let word = |at: usize| [header[at], header[at + 1], header[at + 2], header[at + 3]];
    if word(0) != MAGIC {
        return None;
    }
    let length = usize::try_from(u32::from_le_bytes(word(4))).ok().filter(|&length| length <= MAX_PAYLOAD)?;
    let payload = bytes.get(HEADER_BYTES..HEADER_BYTES + length)?;
    let number: &[u8; 8] = header.last_chunk()?;
    let valid = checksum(*number, payload) == u32::from_le_bytes(word(8));
    valid.then_some(Frame { lsn: Lsn(u64::from_le_bytes(*number)), payload })
}

/// Offset of the first valid frame at or after `from`.
#[must_use]
pub fn find(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    while let Some(step) = memchr_magic(bytes.get(at..)?) {
        at += step;
        if parse(&bytes[at..]).is_some() {
            return Some(at);
        }
        at += 1;
    }
    None
}

fn memchr_magic(bytes: &[u8]) -> Option<usize> {
    bytes.windows(MAGIC.len()).position(|window| window == MAGIC)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// A frame survives, and no single flipped bit goes unnoticed.
        #[test]
        fn frames_round_trip_and_damage_shows(lsn in any::<u64>(), payload in prop::collection::vec(any::<u8>(), 0..64), bit in any::<prop::sample::Index>()) {
            let mut bytes = Vec::new();
            put(&mut bytes, Lsn(lsn), &payload);
            prop_assert_eq!(parse(&bytes), Some(Frame { lsn: Lsn(lsn), payload: &payload }));
            let bit = bit.index(bytes.len() * 8);
            bytes[bit / 8] ^= 1 << (bit % 8);
            prop_assert_eq!(parse(&bytes), None);
        }

        /// Any bytes are parsed without a panic, and a frame behind them is found.
        #[test]
        fn frames_are_found_behind_noise(noise in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut bytes = noise.clone();
            put(&mut bytes, Lsn(7), b"payload");
            prop_assert_eq!(find(&bytes, 0), Some(noise.len()));
        }

        /// Whatever the bytes, each frame that is found is whole, and nothing panics.
        #[test]
        fn hostile_segments_are_read(bytes in mangled()) {
            survives(&bytes)?;
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100_000))]

        /// As above, a hundred thousand times.
        #[test]
        #[ignore = "long; `.ci/run hostile` runs it"]
        fn many_hostile_wal_segments(bytes in mangled()) {
            survives(&bytes)?;
        }
    }

    /// Frames one after the other, with bytes changed and bare magic numbers thrown in.
    fn mangled() -> impl Strategy<Value = Vec<u8>> {
        let payloads = prop::collection::vec(prop::collection::vec(any::<u8>(), 0..24), 0..4);
        let changes = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), any::<bool>()), 0..4);
        (payloads, changes, 0..40_usize).prop_map(|(payloads, changes, noise)| {
            let mut bytes = vec![MAGIC[0]; noise];
            for (lsn, payload) in (0..).zip(&payloads) {
                put(&mut bytes, Lsn(lsn), payload);
            }
            for (at, value, magic) in changes {
                let at = at.index(bytes.len() + 1);
                if magic {
                    bytes.splice(at..at, MAGIC);
                } else if let Some(byte) = bytes.get_mut(at) {
                    *byte = value;
                }
            }
            bytes
        })
    }

    fn survives(bytes: &[u8]) -> Result<(), TestCaseError> {
        let mut at = 0;
        while let Some(found) = find(bytes, at) {
            let frame = parse(&bytes[found..]);
            prop_assert!(found >= at && frame.is_some_and(|frame| found + frame.len() <= bytes.len()));
            at = found + 1;
        }
        Ok(())
    }

    #[test]
    fn a_damaged_length_is_not_believed() {
        let mut bytes = Vec::new();
        put(&mut bytes, Lsn(1), b"x");
        bytes[4..8].copy_from_slice(&u32::MAX.to_le_bytes());
        assert_eq!(parse(&bytes), None);
    }
}
