//! Where an import goes: the store, or nowhere for a dry run.

use crate::domain::batch::Amendment;
use crate::domain::time::Timestamp;
use crate::engine::import::summary::Verdict;
use crate::store::{ImportMark, Publication, Store};

/// Minutes to publish, and how far the file is done with them.
#[derive(Debug, Clone, PartialEq)]
pub struct Piece {
    /// Identity of the import.
    pub id: String,
    /// The file and the instant, for people.
    pub source: String,
    /// Rows that are done when this is published.
    pub rows_done: u64,
    /// Whether these are all.
    pub complete: bool,
    /// The minutes, ascending by channel and minute.
    pub samples: Vec<Amendment>,
}

/// How far an earlier run of the same import came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// Rows whose minutes are published (but for those that were held back on purpose).
    pub rows_done: u64,
    /// Whether these are all.
    pub complete: bool,
    /// The file it was read from, and when, for people.
    pub source: String,
}

/// What is wrong with the target; its text and causes are those of the target's own error.
#[derive(Debug, thiserror::Error)]
#[error("cannot publish minutes")]
pub struct TargetError(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// Something that publishes a piece and remembers it, both at one instant.
pub trait Target {
    /// How far the import with this identity is.
    fn mark(&self, id: &str) -> Option<Done>;

    /// Makes `piece` visible and remembers how far it goes, or does neither.
    ///
    /// # Errors
    /// [`TargetError`] if it could not; the same piece may be offered again.
    fn publish(&mut self, piece: Piece) -> Result<(), TargetError>;

    /// What to call a run that begins after `published` rows.
    fn verdict(&self, published: u64) -> Verdict {
        if published == 0 { Verdict::Imported } else { Verdict::Resumed { after_row: published } }
    }
}

/// The store. A publication and its mark are one catalog version.
#[derive(Debug, Clone, Copy)]
pub struct StoreTarget<'a> {
    store: &'a Store,
    now: Timestamp,
}

impl<'a> StoreTarget<'a> {
    /// Publishes to `store`, saying that it is `now`.
    #[must_use]
    pub const fn new(store: &'a Store, now: Timestamp) -> Self {
        Self { store, now }
    }
}

impl Target for StoreTarget<'_> {
    fn mark(&self, id: &str) -> Option<Done> {
        let ImportMark { rows_done, complete, source, .. } = self.store.import_mark(id)?;
        Some(Done { rows_done, complete, source })
    }

    fn publish(&mut self, piece: Piece) -> Result<(), TargetError> {
        let Piece { id, source, rows_done, complete, samples } = piece;
        let import = Some(ImportMark { id, rows_done, complete, source });
        let publication = Publication { samples, import, ..Publication::default() };
        self.store.publish(publication, self.now).map(drop).map_err(|error| TargetError(Box::new(error)))
    }
}

/// Publishes nothing and remembers nothing.
#[derive(Debug, Default)]
pub struct DryRun;

impl Target for DryRun {
    fn mark(&self, _id: &str) -> Option<Done> {
        None
    }

    fn publish(&mut self, _piece: Piece) -> Result<(), TargetError> {
        Ok(())
    }

    fn verdict(&self, _published: u64) -> Verdict {
        Verdict::DryRun
    }
}
