//! One writer at a time: a lock on `DATA/LOCK` that a dead process does not hold.
//!
//! The lock keeps two processes of one machine apart at the door. Should it be bypassed (a network file system
//! without locks, a second machine on the same bucket), the catalog's create-exclusive versions fence the loser.

use std::io;

use crate::domain::time::Timestamp;
use crate::store::disk::{Disk, LockGuard};
use crate::store::error::StoreError;

/// The lock file.
const LOCK: &str = "LOCK";

/// Takes the store for this process.
///
/// # Errors
/// [`StoreError::Locked`] naming the holder, or [`StoreError::Io`].
pub(crate) fn acquire(disk: &dyn Disk, now: Timestamp) -> Result<LockGuard, StoreError> {
    let note = format!("process {} since {now}\n", std::process::id());
    disk.lock(LOCK, &note).map_err(|error| {
        if error.kind() == io::ErrorKind::WouldBlock {
            let said = error.to_string();
            let holder = if said.trim().is_empty() { "an unknown process" } else { said.trim() };
            StoreError::Locked { holder: holder.to_owned() }
        } else {
            StoreError::Io { action: "lock", path: LOCK.to_owned(), source: error }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::disk::LocalDisk;

    #[test]
    fn the_second_is_told_who_holds_the_store() {
        let dir = tempfile::tempdir().expect("temporary directory");
        let disk = LocalDisk::create(dir.path()).expect("directory");
        let now = Timestamp::from_seconds(1_700_000_000);
        let held = acquire(&disk, now).expect("free");
        let refused = acquire(&disk, now).expect_err("held").to_string();
        assert!(refused.contains(&format!("process {}", std::process::id())), "{refused}");
        assert!(refused.contains("2023-11-14T22:13:20Z"), "{refused}");
        drop(held);
        assert!(acquire(&disk, now).is_ok());
    }
}
