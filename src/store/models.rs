//! Model files: what fitted models need to go on after a restart.
//!
//! ```text
//! 0      4        8        12       20
//! | FRMD | crc32  | format | length | the model's own bytes
//! ```
//! Integers are little-endian; the checksum covers all that follows it. What the bytes say is the business of whoever
//! made them. A file is replaced whole: written aside, synced, renamed. The catalog does not name them, because nothing
//! is lost with a model: it can always be fitted anew. A damaged one is set aside, and the store opens all the same.

use bytes::Bytes;

use crate::store::blob::Blobs;
use crate::store::disk::Disk;
use crate::store::error::StoreError;
use crate::store::quarantine;

/// Directory of the models.
pub(crate) const DIR: &str = "models";
/// Ending of a model's file.
const ENDING: &str = ".model";
/// First bytes of a model.
const MAGIC: [u8; 4] = *b"FRMD";
/// Newest format that is understood.
const FORMAT: u32 = 1;
/// Bytes before the model's own.
const HEADER_BYTES: usize = 20;
/// Longest name: with its ending it is a file name everywhere.
const NAME_BYTES: usize = 128;

/// A model's name, and its bytes or why there are none.
pub type FoundModel = (String, Result<Vec<u8>, StoreError>);

fn is_name(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=NAME_BYTES).contains(&name.len()) && name.bytes().all(is_plain)
}

fn path_of(name: &str) -> Result<String, StoreError> {
    if is_name(name) {
        return Ok(format!("{DIR}/{name}{ENDING}"));
    }
    Err(StoreError::ModelName { name: name.to_owned() })
}

fn name_of(path: &str) -> Option<&str> {
    let name = path.strip_prefix(DIR)?.strip_prefix('/')?.strip_suffix(ENDING)?;
    is_name(name).then_some(name)
}

fn to_bytes(model: &[u8]) -> Vec<u8> {
    let (format, length) = (FORMAT.to_le_bytes(), (model.len() as u64).to_le_bytes());
    let mut crc = crc32fast::Hasher::new();
    for part in [&format[..], &length, model] {
        crc.update(part);
    }
    [&MAGIC[..], &crc.finalize().to_le_bytes(), &format, &length, model].concat()
}

fn from_bytes(path: &str, bytes: &[u8]) -> Result<Vec<u8>, StoreError> {
    let damaged = |problem: &str| StoreError::damaged(path, problem);
    let Some((header, model)) = bytes.split_first_chunk::<HEADER_BYTES>() else {
        return Err(damaged("it ends within its header"));
    };
    let [m0, m1, m2, m3, crc @ .., f0, f1, f2, f3, l0, l1, l2, l3, l4, l5, l6, l7] = *header;
    if [m0, m1, m2, m3] != MAGIC {
        return Err(damaged("it does not begin as a model does"));
    }
    if u64::from_le_bytes([l0, l1, l2, l3, l4, l5, l6, l7]) != model.len() as u64 {
        return Err(damaged("it has not the length that it says"));
    }
    if u32::from_le_bytes(crc) != crc32fast::hash(&bytes[8..]) {
        return Err(damaged("its checksum does not match"));
    }
    let found = u32::from_le_bytes([f0, f1, f2, f3]);
    if found > FORMAT {
        return Err(StoreError::Newer { path: path.to_owned(), found, known: FORMAT });
    }
    Ok(model.to_vec())
}

/// Writes the model `name`, replacing what was there. After an error the old one is still there, or none.
///
/// # Errors
/// [`StoreError::ModelName`], or if the file cannot be written.
pub(crate) fn put(blobs: &Blobs, name: &str, model: &[u8]) -> Result<(), StoreError> {
    blobs.put(&path_of(name)?, to_bytes(model).into())
}

/// Every model by name. Changes nothing.
///
/// # Errors
/// If the directory cannot be listed; what is wrong with one model is told in its place.
pub(crate) fn all(blobs: &Blobs) -> Result<Vec<FoundModel>, StoreError> {
    let mut found = Vec::new();
    for (path, _) in blobs.list(DIR)? {
        let Some(name) = name_of(&path) else { continue };
        match blobs.get(&path).and_then(|bytes| from_bytes(&path, &bytes)) {
            // Removed between listing and reading.
            Err(error) if error.is_not_found() => {}
            read => found.push((name.to_owned(), read)),
        }
    }
    Ok(found)
}

/// Moves the damaged file `path` to `quarantine/`. If a model of that name was set aside before, the bytes kept are
/// the ones of then.
///
/// # Errors
/// If the bytes cannot be kept or the file cannot be removed.
pub(crate) fn set_aside(blobs: &Blobs, path: &str) -> Result<(), StoreError> {
    let bytes: Bytes = blobs.get(path)?;
    quarantine::keep(blobs, path, 0, bytes)?;
    blobs.delete(path)
}

/// Removes the model `name`; it is no error if there is none.
///
/// # Errors
/// [`StoreError::ModelName`], or if it cannot be removed for good.
pub(crate) fn remove(blobs: &Blobs, disk: &dyn Disk, name: &str) -> Result<(), StoreError> {
    blobs.delete(&path_of(name)?)?;
    match disk.sync_dir(DIR) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        synced => synced.map_err(StoreError::io("sync", DIR)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_flipped_or_missing_byte_is_noticed() {
        let bytes = to_bytes(b"a fitted model");
        assert_eq!(from_bytes("m", &bytes).expect("valid"), b"a fitted model");
        assert_eq!(from_bytes("m", &to_bytes(b"")).expect("valid"), b"");
        for at in 0..bytes.len() {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1;
            assert!(matches!(from_bytes("m", &flipped), Err(StoreError::Damaged { .. })), "byte {at}");
            assert!(matches!(from_bytes("m", &bytes[..at]), Err(StoreError::Damaged { .. })), "cut at {at}");
        }
    }

    #[test]
    fn names_are_plain() {
        for name in ["a", "global-lags-2", "0"] {
            assert_eq!(path_of(name).ok().as_deref().and_then(name_of), Some(name));
        }
        for name in ["", "A", "../catalog", "a b", "a.b", "ü", &"a".repeat(NAME_BYTES + 1)] {
            assert!(path_of(name).is_err_and(|error| error.to_string().contains("a-z")), "{name}");
        }
        assert_eq!(name_of("models/a.model.tmp"), None);
    }
}
