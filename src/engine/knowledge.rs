//! What operators know of errors, kept as one document.
//!
//! A change is written before anybody sees it, so what was confirmed survives a power cut and what failed never was.
//! The document is JSON and not a denser form: it is the work of people, and must be readable by versions that know other
//! fields, and by eye should everything else fail.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use crate::engine::Engine;
use crate::incident::knowledge::{Draft, Entry, EntryId, Knowledge, KnowledgeError};
use crate::store::{Store, StoreError};

/// Name of the document.
const DOCUMENT: &str = "knowledge";
/// Where a document that is whole but not understood is kept.
const NOT_UNDERSTOOD: &str = "knowledge-not-understood";

/// The knowledge base of a running engine.
#[derive(Default)]
pub(super) struct Library {
    knowledge: RwLock<Arc<Knowledge>>,
    /// Held from before a change until it is seen: of two, the second builds on the first.
    writing: Mutex<()>,
    /// Whether what lies on disk could not be read and must not be written over.
    sealed: AtomicBool,
}

/// Why the knowledge base was not changed. It is as it was before.
#[derive(Debug, thiserror::Error)]
pub enum LibraryError {
    /// There cannot be such an entry.
    #[error(transparent)]
    Refused(#[from] KnowledgeError),
    /// The disk failed.
    #[error("the entry could not be stored")]
    NotStored(#[from] StoreError),
    /// It cannot be written as JSON.
    #[error("the entry could not be written as JSON")]
    NotWritten(#[from] serde_json::Error),
    /// The document on disk could not be read at the start, and must not be lost.
    #[error("the knowledge base on disk could not be read; see the log of the start")]
    Sealed,
}

/// Every entry of a store that is read beside its writer. What cannot be read is empty, and the log says why.
#[must_use]
pub fn read_knowledge(store: &Store) -> Knowledge {
    let read = store.document(DOCUMENT).map_err(|error| error.to_string());
    let parsed = read.and_then(|bytes| {
        bytes.map_or_else(
            || Ok(Knowledge::default()),
            |bytes| serde_json::from_slice(&bytes).map_err(|error| error.to_string()),
        )
    });
    parsed.unwrap_or_else(|error| {
        tracing::warn!(error, "the knowledge base cannot be read");
        Knowledge::default()
    })
}

impl Engine {
    /// Every entry, as of now.
    #[must_use]
    pub fn knowledge(&self) -> Arc<Knowledge> {
        Arc::clone(&self.0.library.knowledge.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Adds what `draft` says. When this returns it survives a power cut. Blocks, as every change here: it writes all
    /// entries anew, which for some hundreds of them is less than a megabyte.
    ///
    /// # Errors
    /// [`LibraryError`]; nothing has changed then.
    pub fn learn(&self, draft: Draft) -> Result<Entry, LibraryError> {
        let now = self.clock().now();
        self.change_knowledge(|knowledge| {
            let id = knowledge.add(now, draft)?;
            knowledge.get(id).cloned().ok_or(KnowledgeError::Unknown)
        })
    }

    /// Writes the entry `id` anew.
    ///
    /// # Errors
    /// [`LibraryError`]; nothing has changed then.
    pub fn relearn(&self, id: EntryId, draft: Draft) -> Result<Entry, LibraryError> {
        let now = self.clock().now();
        self.change_knowledge(|knowledge| {
            knowledge.rewrite(now, id, draft)?;
            knowledge.get(id).cloned().ok_or(KnowledgeError::Unknown)
        })
    }

    /// Removes the entry `id` and returns it.
    ///
    /// # Errors
    /// [`LibraryError`]; nothing has changed then.
    pub fn unlearn(&self, id: EntryId) -> Result<Entry, LibraryError> {
        self.change_knowledge(|knowledge| knowledge.remove(id))
    }

    fn change_knowledge(
        &self,
        change: impl FnOnce(&mut Knowledge) -> Result<Entry, KnowledgeError>,
    ) -> Result<Entry, LibraryError> {
        let library = &self.0.library;
        let _one_at_a_time = library.writing.lock().unwrap_or_else(PoisonError::into_inner);
        if library.sealed.load(Ordering::Relaxed) {
            return Err(LibraryError::Sealed);
        }
        let mut knowledge = Knowledge::clone(&self.knowledge());
        let entry = change(&mut knowledge)?;
        self.0.store.put_document(DOCUMENT, &serde_json::to_vec(&knowledge)?)?;
        self.put_knowledge(knowledge);
        Ok(entry)
    }

    fn put_knowledge(&self, knowledge: Knowledge) {
        *self.0.library.knowledge.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(knowledge);
    }

    /// Reads what was kept. What cannot be read is no reason not to start: damaged bytes were set aside by the store,
    /// what is not understood is kept under another name, and what may be right but cannot be read is not written over.
    pub(super) fn load_knowledge(&self) {
        let bytes = match self.0.store.document(DOCUMENT) {
            Ok(None) => return,
            Ok(Some(bytes)) => bytes,
            Err(error @ StoreError::Damaged { .. }) => {
                tracing::error!(%error, "the knowledge base begins anew");
                return;
            }
            Err(error) => {
                tracing::error!(%error, "the knowledge base cannot be read and is not written to");
                self.0.library.sealed.store(true, Ordering::Relaxed);
                return;
            }
        };
        match serde_json::from_slice(&bytes) {
            Ok(knowledge) => self.put_knowledge(knowledge),
            Err(error) => {
                let kept = self.0.store.put_document(NOT_UNDERSTOOD, &bytes);
                tracing::error!(%error, kept_as = NOT_UNDERSTOOD, "the knowledge base is not understood and begins anew");
                self.0.library.sealed.store(kept.is_err(), Ordering::Relaxed);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::domain::time::Timestamp;
    use crate::engine::Settings;
    use crate::incident::fingerprint::Fingerprint;
    use crate::store::StoreOptions;
    use std::path::Path;

    fn open(dir: &Path) -> Engine {
        let clock = Clock::manual(Timestamp::from_seconds(1_795_132_800));
        Engine::open(dir, StoreOptions::default(), Settings::default(), clock).expect("the store opens").0
    }

    fn draft(title: &str) -> Draft {
        let text = |text: &str| text.to_owned();
        Draft {
            fingerprint: Fingerprint(7),
            title: text(title),
            cause: text("old key"),
            fix: text("new key"),
            by: text("ada"),
        }
    }

    #[tokio::test]
    async fn what_was_confirmed_is_there_after_a_restart() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let engine = open(dir.path());
        let first = engine.learn(draft("Key rotated")).expect("complete");
        let second = engine.learn(draft("Quota gone")).expect("complete");
        engine.relearn(first.id, draft("Key expired")).expect("there is one");
        engine.unlearn(second.id).expect("there is one");
        assert!(matches!(engine.unlearn(second.id), Err(LibraryError::Refused(KnowledgeError::Unknown))));
        assert!(matches!(engine.learn(draft(" ")), Err(LibraryError::Refused(_))));
        let known = engine.knowledge();
        drop(engine);
        let again = open(dir.path());
        assert_eq!(again.knowledge(), known);
        assert_eq!(known.search("expired", 5).len(), 1);
    }

    #[tokio::test]
    async fn what_is_damaged_or_not_understood_is_set_aside() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let engine = open(dir.path());
        engine.learn(draft("Key rotated")).expect("complete");
        engine.0.store.put_document(DOCUMENT, b"[1, 2]").expect("written");
        drop(engine);
        let engine = open(dir.path());
        assert_eq!(engine.knowledge().iter().count(), 0);
        assert_eq!(engine.0.store.document(NOT_UNDERSTOOD).expect("whole"), Some(b"[1, 2]".to_vec()));
        engine.learn(draft("Key rotated")).expect("complete");
        drop(engine);
        let path = dir.path().join("operators/knowledge.document");
        std::fs::write(&path, b"FROD").expect("written");
        let engine = open(dir.path());
        assert_eq!(engine.knowledge().iter().count(), 0);
        assert!(dir.path().join("quarantine/operators.knowledge.document@0").exists());
    }
}
