//! One pass at a time: a lock that ends with the process that holds it.

use std::fs::{self, File, TryLockError};
use std::path::Path;

use crate::cli::exit::{Exit, Failure};

/// The lock file below the data directory. It stays there; what counts is who holds it.
const LOCK: &str = "COLLECT";

/// Takes the lock; it is given back when the file is dropped, also by the death of the process.
///
/// # Errors
/// [`Failure`] with exit code 4 if another pass is running, 2 if the file cannot be used.
pub(super) fn take(data: &Path) -> Result<File, Failure> {
    let path = data.join(LOCK);
    let failed =
        |error: std::io::Error| Failure::new(Exit::Partial, format!("cannot lock {}: {error}", path.display()));
    fs::create_dir_all(data).map_err(failed)?;
    let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            let message = "another collection pass is running on this store; this one is not started on top of it";
            Err(Failure::new(Exit::Refused, message))
        }
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_pass_is_refused_until_the_first_is_gone() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let first = take(dir.path()).expect("free");
        assert_eq!(take(dir.path()).err().map(|failure| failure.exit), Some(Exit::Refused));
        drop(first);
        assert!(take(dir.path()).is_ok());
    }
}
