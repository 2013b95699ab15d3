//! The accumulator's state as a file: what was accepted but not yet published when the log was left behind.
//!
//! ```text
//! 0      4        8             16
//! | FRCK | crc32  | replay_from | message of wal::codec
//! ```
//! Integers are little-endian; the checksum covers all that follows it. The number of the first frame to replay is
//! repeated here, so that a store whose catalog was lost can still be put together. Like the catalog, the file is
//! kept twice, the copy for repair only.

use bytes::Bytes;

use crate::domain::batch::Checkpoint;
use crate::store::blob::Blobs;
use crate::store::catalog::FileRef;
use crate::store::error::StoreError;
use crate::store::wal::codec;
use crate::store::wal::frame::Lsn;

/// Directory of the checkpoints.
pub(crate) const DIR: &str = "checkpoint";
/// First bytes of a checkpoint.
const MAGIC: [u8; 4] = *b"FRCK";
/// Bytes before the message.
const HEADER_BYTES: usize = 16;

/// Path of the checkpoint of catalog version `version`.
pub(crate) fn path_of(version: u64) -> String {
    format!("{DIR}/v{version:08}.bin")
}

/// Path of the copy of the checkpoint `path`.
pub(crate) fn copy_of(path: &str) -> String {
    format!("{}.copy", path.trim_end_matches(".bin"))
}

fn to_bytes(checkpoint: &Checkpoint, replay_from: Lsn) -> Vec<u8> {
    let message = codec::encode_checkpoint(checkpoint);
    let number = replay_from.0.to_le_bytes();
    let mut crc = crc32fast::Hasher::new();
    crc.update(&number);
    crc.update(&message);
    [&MAGIC[..], &crc.finalize().to_le_bytes(), &number, &message].concat()
}

/// Reads the bytes of the checkpoint file `path`.
///
/// # Errors
/// [`StoreError::Damaged`] if the bytes are no checkpoint.
pub(crate) fn from_bytes(path: &str, bytes: &[u8]) -> Result<(Checkpoint, Lsn), StoreError> {
    let damaged = |problem: &str| StoreError::damaged(path, problem);
    if bytes.is_empty() {
        return Err(damaged("it is empty"));
    }
    let Some((header, message)) = bytes.split_first_chunk::<HEADER_BYTES>() else {
        return Err(damaged("it ends within its header"));
    };
    let [a, b, c, d, crc @ .., n0, n1, n2, n3, n4, n5, n6, n7] = *header;
    if [a, b, c, d] != MAGIC {
        return Err(damaged("it does not begin as a checkpoint does"));
    }
    if u32::from_le_bytes(crc) != crc32fast::hash(&bytes[8..]) {
        return Err(damaged("its checksum does not match"));
    }
    let checkpoint = codec::decode_checkpoint(message).map_err(|error| damaged(&error.to_string()))?;
    Ok((checkpoint, Lsn(u64::from_le_bytes([n0, n1, n2, n3, n4, n5, n6, n7]))))
}

/// Writes the checkpoint of catalog version `version`, twice.
///
/// # Errors
/// If it cannot be written.
pub(crate) fn write(
    blobs: &Blobs,
    version: u64,
    checkpoint: &Checkpoint,
    replay_from: Lsn,
) -> Result<FileRef, StoreError> {
    let path = path_of(version);
    let bytes = Bytes::from(to_bytes(checkpoint, replay_from));
    blobs.put(&copy_of(&path), bytes.clone())?;
    blobs.put(&path, bytes.clone())?;
    Ok(FileRef { path, bytes: bytes.len() as u64, crc32: crc32fast::hash(&bytes) })
}

/// Reads the checkpoint that the catalog names.
///
/// # Errors
/// [`StoreError::Damaged`] if it is not the file that was written, or is gone.
pub(crate) fn load(blobs: &Blobs, file: Option<&FileRef>) -> Result<Checkpoint, StoreError> {
    let Some(file) = file else { return Ok(Checkpoint::default()) };
    let bytes = match blobs.get(&file.path) {
        Err(error) if error.is_not_found() => return Err(StoreError::damaged(&file.path, "it is gone")),
        other => other?,
    };
    Ok(from_bytes(&file.path, &bytes)?.0)
}

/// Removes a checkpoint and its copy. Best effort: what stays is removed at the next opening.
pub(crate) fn remove(blobs: &Blobs, path: &str) {
    let _best_effort = blobs.delete(path).and(blobs.delete(&copy_of(path)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Minute;

    #[test]
    fn every_flipped_byte_is_noticed() {
        let checkpoint = Checkpoint { watched: vec![(Minute(9), 7)], ..Checkpoint::default() };
        let bytes = to_bytes(&checkpoint, Lsn(42));
        assert_eq!(from_bytes("c", &bytes).expect("valid"), (checkpoint, Lsn(42)));
        for at in 0..bytes.len() {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1;
            assert!(from_bytes("c", &flipped).is_err(), "byte {at}");
            assert!(from_bytes("c", &bytes[..at]).is_err(), "cut at {at}");
        }
    }
}
