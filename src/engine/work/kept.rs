//! The ledger over restarts: a document from time to time, and the log of events since.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::engine::work::State;
use crate::engine::{Engine, Inner};
use crate::policy::work::event::Event;
use crate::policy::work::job::Part;
use crate::policy::work::ledger::Ledger;
use crate::store::{CheckedJobs, Lsn, Store, StoreError};

/// Name of the document.
const DOCUMENT: &str = "work";

/// What the document holds.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Kept {
    /// Number of the first event that it does not know.
    next: u64,
    /// The ledger before that event.
    ledger: Ledger,
    /// Parts that may not be in the table yet.
    parts: Vec<Part>,
}

/// Looks at the log of jobs as far as their document does not know it; changes nothing, and may be asked beside a running
/// engine.
///
/// A damaged document is told as a fault, and so are the events that only it knew.
///
/// # Errors
/// If a file cannot be read.
pub fn check_jobs(store: &Store) -> Result<CheckedJobs, StoreError> {
    loop {
        let (from, fault) = known(store)?;
        let mut checked = store.check_jobs(from)?;
        checked.faults.extend(fault);
        // A running engine may have written the next document and let go of what it knows.
        if checked.faults.is_empty() || known(store)?.0 == from {
            return Ok(checked);
        }
    }
}

/// The first event that the document does not know, and what is wrong with the document.
fn known(store: &Store) -> Result<(Lsn, Option<String>), StoreError> {
    let fault = |fault: String| Ok((Lsn(0), Some(fault)));
    match store.document(DOCUMENT) {
        Ok(None) => Ok((Lsn(0), None)),
        Ok(Some(bytes)) => match serde_json::from_slice::<Kept>(&bytes) {
            Ok(kept) => Ok((Lsn(kept.next), None)),
            Err(error) => fault(format!("the document `{DOCUMENT}` cannot be understood: {error}")),
        },
        Err(StoreError::Damaged { path, problem }) => fault(format!("`{path}`: {problem}")),
        Err(error) => Err(error),
    }
}

impl Engine {
    /// Takes up the jobs of before.
    ///
    /// # Errors
    /// If they cannot be read; the message names the file.
    pub(in crate::engine) fn load_work(&self) -> Result<(), StoreError> {
        if self.settings().work.is_none() {
            return Ok(());
        }
        self.0.read_work(&mut self.0.working.state())
    }
}

impl Inner {
    /// Reads everything again, as it is on disk.
    pub(super) fn read_work(&self, state: &mut State) -> Result<(), StoreError> {
        let Some(settings) = &self.settings.work else { return Ok(()) };
        // A damaged document is set aside; the events since are not enough to go on with, but better than nothing.
        let bytes = self.store.document(DOCUMENT).or_else(|error| match error {
            StoreError::Damaged { .. } => {
                tracing::error!(%error, "what was learnt of work is damaged and was set aside; it begins anew");
                Ok(None)
            }
            error => Err(error),
        })?;
        let parsed = bytes.map(|bytes| serde_json::from_slice::<Kept>(&bytes)).transpose();
        let kept = parsed.unwrap_or_else(|error| {
            tracing::error!(%error, "what was learnt of work cannot be understood; it begins anew");
            None
        });
        let kept = kept.unwrap_or_default();
        let (events, next) = self.store.open_jobs(Lsn(kept.next))?;
        let mut read = State { ledger: kept.ledger, next, kept: Lsn(kept.next), ..State::default() };
        for part in kept.parts {
            read.add(part);
        }
        for bytes in events {
            match serde_json::from_slice::<Event>(&bytes) {
                Ok(event) => {
                    let part = read.ledger.apply(&settings.book, &event);
                    if let Some(part) = part {
                        read.add(part);
                    }
                }
                Err(error) => tracing::error!(%error, "an event of a job cannot be understood; it is passed over"),
            }
        }
        *state = read;
        Ok(())
    }

    /// Hears that the records that were taken last are in the table, and writes the document if anything happened since the
    /// last one. Blocks.
    pub(in crate::engine) fn work_landed(&self) {
        if self.settings.work.is_none() {
            return;
        }
        let mut state = self.working.state();
        let taken = state.taken;
        state.fresh.retain(|(number, _)| *number >= taken);
        drop(state);
        if let Err(error) = self.keep_work() {
            tracing::warn!(%error, "the document of jobs was not written; their log goes on growing");
        }
    }

    /// Writes the document if anything happened since the last one.
    pub(super) fn keep_work(&self) -> Result<(), StoreError> {
        let state = self.working.state();
        if state.next == state.kept || state.is_unsure {
            return Ok(());
        }
        let next = state.next;
        let parts: VecDeque<_> = state.fresh.clone();
        let kept = Kept {
            next: next.0,
            ledger: state.ledger.clone(),
            parts: parts.into_iter().map(|(_, part)| part).collect(),
        };
        // Jobs go on while it is written.
        drop(state);
        // Texts and numbers can always be written.
        self.store.put_document(DOCUMENT, &serde_json::to_vec(&kept).unwrap_or_default())?;
        self.working.state().kept = next;
        self.store.prune_jobs(next)
    }
}
