//! Where an import goes: the store, or nowhere for a dry run.

use crate::domain::batch::Amendment;
use crate::engine::import::summary::Verdict;

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
