//! What of reports must outlive the process, as one document.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use crate::domain::time::Timestamp;
use crate::engine::Engine;

/// Name of the document.
const DOCUMENT: &str = "reports";

/// What must outlive the process.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Kept {
    /// By report: the instant that was due last and is made.
    pub made: BTreeMap<String, Timestamp>,
    /// On its way, the oldest first.
    pub outbox: VecDeque<Parcel>,
}

impl Kept {
    /// Takes `parcel` out of the outbox, if it is the first one there.
    pub(super) fn remove(&mut self, parcel: &Parcel) {
        if self.outbox.front() == Some(parcel) {
            self.outbox.pop_front();
        }
    }
}

/// A report on its way to a receiver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Parcel {
    pub receiver: String,
    pub id: String,
    /// JSON, as the receiver gets it.
    pub body: String,
}

/// What the engine knows of reports on schedule.
#[derive(Debug, Default)]
pub(in crate::engine) struct Reporting(Mutex<Kept>);

impl Reporting {
    /// Every change is complete before anything can panic.
    pub(super) fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Engine {
    /// Reads what was kept.
    pub(in crate::engine) fn load_reports(&self) {
        let read = self.0.store.document(DOCUMENT).map_err(|error| error.to_string());
        let parsed = read.and_then(|bytes| {
            bytes.map(|bytes| serde_json::from_slice::<Kept>(&bytes).map_err(|error| error.to_string())).transpose()
        });
        match parsed {
            Ok(kept) => *self.0.reporting.kept() = kept.unwrap_or_default(),
            Err(error) => tracing::error!(error, "which reports were made cannot be read; they begin anew"),
        }
    }

    /// Writes what must outlive the process. Blocks. A failure is logged: the next change tries again.
    pub(super) fn save_reports(&self) {
        // Texts and instants can always be written.
        let bytes = serde_json::to_vec(&*self.0.reporting.kept()).unwrap_or_default();
        if let Err(error) = self.0.store.put_document(DOCUMENT, &bytes) {
            tracing::error!(%error, "which reports were made was not saved; it will be again");
        }
    }
}
