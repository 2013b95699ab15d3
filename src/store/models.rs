//! Model files: what fitted models need to go on after a restart.
//!
//! Their form is that of [`crate::store::framed`]. A file is replaced whole: written aside, synced, renamed. The catalog
//! does not name them, because nothing is lost with a model: it can always be fitted anew. A damaged one is set aside, and
//! the store opens all the same.

use crate::store::blob::Blobs;
use crate::store::disk::Disk;
use crate::store::error::StoreError;
use crate::store::framed::Framing;

/// Directory of the models.
pub(crate) const DIR: &str = "models";
/// Ending of a model's file.
const ENDING: &str = ".model";
/// The form of a model's file.
const FRAMING: Framing = Framing { magic: *b"FRMD", format: 1, noun: "a model" };
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

/// Writes the model `name`, replacing what was there. After an error the old one is still there, or none.
///
/// # Errors
/// [`StoreError::ModelName`], or if the file cannot be written.
pub(crate) fn put(blobs: &Blobs, name: &str, model: &[u8]) -> Result<(), StoreError> {
    blobs.put(&path_of(name)?, FRAMING.wrap(model).into())
}

/// Every model by name. Changes nothing.
///
/// # Errors
/// If the directory cannot be listed; what is wrong with one model is told in its place.
pub(crate) fn all(blobs: &Blobs) -> Result<Vec<FoundModel>, StoreError> {
    let mut found = Vec::new();
    for (path, _) in blobs.list(DIR)? {
        let Some(name) = name_of(&path) else { continue };
        match blobs.get(&path).and_then(|bytes| FRAMING.unwrap(&path, &bytes)) {
            // Removed between listing and reading.
            Err(error) if error.is_not_found() => {}
            read => found.push((name.to_owned(), read)),
        }
    }
    Ok(found)
}

/// The model `name`; `None` if there is none. Changes nothing.
///
/// # Errors
/// [`StoreError::ModelName`], [`StoreError::Damaged`], [`StoreError::Newer`], or if it cannot be read.
pub(crate) fn get(blobs: &Blobs, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
    let path = path_of(name)?;
    match blobs.get(&path).and_then(|bytes| FRAMING.unwrap(&path, &bytes)) {
        Err(error) if error.is_not_found() => Ok(None),
        read => read.map(Some),
    }
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
