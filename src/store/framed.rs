//! Small files that say what they are and whether they are whole.
//!
//! ```text
//! 0      4        8        12       20
//! | magic| crc32  | format | length | the content
//! ```
//! Integers are little-endian; the checksum covers all that follows it. What the content says is the business of whoever
//! made it.

use crate::store::error::StoreError;

/// Bytes before the content.
const HEADER_BYTES: usize = 20;

/// One kind of such files.
pub(crate) struct Framing {
    /// First bytes.
    pub magic: [u8; 4],
    /// Newest format that is understood.
    pub format: u32,
    /// What such a file is, with its article.
    pub noun: &'static str,
}

impl Framing {
    /// The file with this content.
    pub(crate) fn wrap(&self, content: &[u8]) -> Vec<u8> {
        let (format, length) = (self.format.to_le_bytes(), (content.len() as u64).to_le_bytes());
        let mut crc = crc32fast::Hasher::new();
        for part in [&format[..], &length, content] {
            crc.update(part);
        }
        [&self.magic[..], &crc.finalize().to_le_bytes(), &format, &length, content].concat()
    }

    /// The content of the file `path` with these `bytes`.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], or [`StoreError::Newer`] if a newer program wrote it.
    pub(crate) fn unwrap(&self, path: &str, bytes: &[u8]) -> Result<Vec<u8>, StoreError> {
        let damaged = |problem: &str| StoreError::damaged(path, problem);
        let Some((header, content)) = bytes.split_first_chunk::<HEADER_BYTES>() else {
            return Err(damaged("it ends within its header"));
        };
        let [m0, m1, m2, m3, crc @ .., f0, f1, f2, f3, l0, l1, l2, l3, l4, l5, l6, l7] = *header;
        if [m0, m1, m2, m3] != self.magic {
            return Err(damaged(&format!("it does not begin as {} does", self.noun)));
        }
        if u64::from_le_bytes([l0, l1, l2, l3, l4, l5, l6, l7]) != content.len() as u64 {
            return Err(damaged("it has not the length that it says"));
        }
        if u32::from_le_bytes(crc) != crc32fast::hash(&bytes[8..]) {
            return Err(damaged("its checksum does not match"));
        }
        let found = u32::from_le_bytes([f0, f1, f2, f3]);
        if found > self.format {
            return Err(StoreError::Newer { path: path.to_owned(), found, known: self.format });
        }
        Ok(content.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_flipped_or_missing_byte_is_noticed() {
        let framing = Framing { magic: *b"FRXX", format: 1, noun: "a note" };
        let bytes = framing.wrap(b"what was noted");
        assert_eq!(framing.unwrap("m", &bytes).expect("valid"), b"what was noted");
        assert_eq!(framing.unwrap("m", &framing.wrap(b"")).expect("valid"), b"");
        for at in 0..bytes.len() {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1;
            assert!(matches!(framing.unwrap("m", &flipped), Err(StoreError::Damaged { .. })), "byte {at}");
            assert!(matches!(framing.unwrap("m", &bytes[..at]), Err(StoreError::Damaged { .. })), "cut at {at}");
        }
        let newer = Framing { format: 2, ..framing };
        assert!(matches!(framing.unwrap("m", &newer.wrap(b"")), Err(StoreError::Newer { found: 2, known: 1, .. })));
    }
}
