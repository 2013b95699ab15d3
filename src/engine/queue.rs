//! Records of any table on their way into the store.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::domain::record::Record;

/// Records that wait for the next publication, in the order in which they were made.
#[derive(Debug, Default)]
pub(super) struct RecordQueue(Mutex<Vec<Record>>);

impl RecordQueue {
    /// A poisoned lock still guards whole records.
    fn locked(&self) -> MutexGuard<'_, Vec<Record>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds `records`.
    pub(super) fn add(&self, records: impl IntoIterator<Item = Record>) {
        self.locked().extend(records);
    }

    /// Takes all of them out.
    pub(super) fn take(&self) -> Vec<Record> {
        std::mem::take(&mut self.locked())
    }

    /// All of them as they stand, for questions.
    pub(super) fn all(&self) -> Vec<Record> {
        self.locked().clone()
    }
}
