//! The one place where the catalog changes.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;

use crate::domain::time::Timestamp;
use crate::store::blob::Blobs;
use crate::store::catalog::{self, Catalog};
use crate::store::disk::Disk;
use crate::store::error::StoreError;
use crate::store::retired::Retired;

/// The current catalog and the right to replace it.
#[derive(Debug)]
pub(crate) struct Truth {
    disk: Arc<dyn Disk>,
    blobs: Blobs,
    current: Arc<Catalog>,
    /// A version whose writing failed half way: it may or may not be there. Nothing is published before that is
    /// settled, else the same publication could count twice.
    doubtful: Option<(u64, Bytes)>,
    /// Shared with whoever appends to the log.
    fenced: Arc<OnceLock<u64>>,
    retired: Retired,
}

impl Truth {
    pub(crate) fn new(disk: Arc<dyn Disk>, blobs: Blobs, current: Catalog, fenced: Arc<OnceLock<u64>>) -> Self {
        Self { disk, blobs, current: Arc::new(current), doubtful: None, fenced, retired: Retired::default() }
    }

    /// The catalog as it is.
    pub(crate) fn current(&self) -> &Arc<Catalog> {
        &self.current
    }

    /// Whether a version may be on disk that is not the current one. Files it may name must not be removed.
    pub(crate) fn is_doubtful(&self) -> bool {
        self.doubtful.is_some()
    }

    /// The successor that is to be changed and handed to [`Truth::switch`].
    ///
    /// # Errors
    /// [`StoreError::Fenced`] once another writer was seen; or if an earlier failure cannot be undone yet.
    pub(crate) fn begin(&mut self, now: Timestamp) -> Result<Catalog, StoreError> {
        self.settle()?;
        match self.fenced.get() {
            Some(&version) => Err(StoreError::Fenced { version }),
            None => Ok(self.current.successor(now)),
        }
    }

    /// Makes `next`, the successor of the current version, the truth. After an error the old version still is, and
    /// the same change can be tried again. The files of the current version that `next` does not name are removed by a
    /// [`Truth::sweep`] once nobody reads them.
    ///
    /// # Errors
    /// As [`Truth::begin`]; or if the version cannot be written.
    pub(crate) fn switch(&mut self, next: Catalog) -> Result<Arc<Catalog>, StoreError> {
        debug_assert_eq!(next.version, self.current.version + 1);
        let bytes = Bytes::from(next.to_bytes());
        match self.blobs.put_if_absent(&catalog::path_of(next.version), bytes.clone()) {
            Ok(true) => {}
            Ok(false) => return Err(self.fence(next.version)),
            Err(error) => {
                self.doubtful = Some((next.version, bytes));
                // If this does not work either, the next call tries again before it does anything else.
                let _settled_now_or_later = self.settle();
                return Err(error);
            }
        }
        if let Err(error) = self.blobs.put(&catalog::copy_of(next.version), bytes) {
            tracing::warn!(version = next.version, %error, "the catalog's copy for repair was not written");
        }
        catalog::prune(&self.blobs, next.version);
        let old = std::mem::replace(&mut self.current, Arc::new(next));
        let kept: BTreeSet<&str> = self.current.files.iter().map(|file| file.path.as_str()).collect();
        let gone = old.files.iter().filter(|file| !kept.contains(file.path.as_str()));
        self.retired.supersede(&old, gone.map(|file| file.path.clone()));
        Ok(self.current.clone())
    }

    /// Removes superseded files that nobody in this process reads any more.
    pub(crate) fn sweep(&mut self) {
        self.retired.sweep(&self.blobs);
    }

    fn fence(&self, version: u64) -> StoreError {
        let version = *self.fenced.get_or_init(|| version);
        StoreError::Fenced { version }
    }

    /// Makes sure that a version whose writing failed is not there.
    fn settle(&mut self) -> Result<(), StoreError> {
        let Some((version, ours)) = self.doubtful.clone() else { return Ok(()) };
        let path = catalog::path_of(version);
        match self.blobs.get(&path) {
            Ok(found) if found == ours => self.blobs.delete(&path)?,
            Ok(_) => return Err(self.fence(version)),
            Err(error) if error.is_not_found() => {}
            Err(error) => return Err(error),
        }
        self.disk.sync_dir(catalog::DIR).map_err(StoreError::io("sync", catalog::DIR))?;
        self.doubtful = None;
        Ok(())
    }
}
