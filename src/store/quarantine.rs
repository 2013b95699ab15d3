//! Damaged bytes are set aside, never thrown away: a person or a later program may still read something from them.

use bytes::Bytes;

use crate::store::blob::Blobs;
use crate::store::error::StoreError;

/// Directory of what was set aside.
pub(crate) const DIR: &str = "quarantine";

/// Where bytes of `path` that begin at `offset` are kept: the name says where they came from.
pub(crate) fn path_of(path: &str, offset: u64) -> String {
    format!("{DIR}/{}@{offset}", path.replace('/', "."))
}

/// Keeps `bytes`, found at `offset` of `path`; `false` if an earlier run already did, so that damage counts once.
///
/// # Errors
/// If the bytes cannot be written.
pub(crate) fn keep(blobs: &Blobs, path: &str, offset: u64, bytes: Bytes) -> Result<bool, StoreError> {
    let kept_as = path_of(path, offset);
    let is_new = blobs.put_if_absent(&kept_as, bytes)?;
    if is_new {
        tracing::error!(path, offset, kept_as, "damaged bytes set aside");
    }
    Ok(is_new)
}

/// Moves the damaged file `path` to `quarantine/`. If a file of that name was set aside before, the bytes kept are the
/// ones of then.
///
/// # Errors
/// If the bytes cannot be kept or the file cannot be removed.
pub(crate) fn set_aside(blobs: &Blobs, path: &str) -> Result<(), StoreError> {
    let bytes: Bytes = blobs.get(path)?;
    keep(blobs, path, 0, bytes)?;
    blobs.delete(path)
}
