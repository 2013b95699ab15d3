//! Documents: what operators said and what they were told, which no table has and nothing can compute again.
//!
//! One small file each below `operators/`, in the form of [`crate::store::framed`], replaced whole: written aside, synced,
//! renamed. A power cut leaves the old one or the new one.

use crate::store::blob::Blobs;
use crate::store::error::StoreError;
use crate::store::framed::Framing;

/// Directory of the documents.
pub(crate) const DIR: &str = "operators";
/// Ending of a document's file.
const ENDING: &str = ".document";
/// The form of a document's file.
const FRAMING: Framing = Framing { magic: *b"FROD", format: 1, noun: "a document" };

fn path_of(name: &'static str) -> String {
    format!("{DIR}/{name}{ENDING}")
}

/// Writes the document `name`, replacing what was there.
///
/// # Errors
/// If the file cannot be written.
pub(crate) fn put(blobs: &Blobs, name: &'static str, content: &[u8]) -> Result<(), StoreError> {
    blobs.put(&path_of(name), FRAMING.wrap(content).into())
}

/// Reads the document `name`; `None` if there is none. Changes nothing.
///
/// # Errors
/// If it is damaged, of a newer format, or cannot be read.
pub(crate) fn get(blobs: &Blobs, name: &'static str) -> Result<Option<Vec<u8>>, StoreError> {
    let path = path_of(name);
    match blobs.get(&path) {
        Err(error) if error.is_not_found() => Ok(None),
        read => FRAMING.unwrap(&path, &read?).map(Some),
    }
}
