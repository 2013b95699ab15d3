//! Why the engine cannot start, or could not do its housekeeping.

use crate::act::adapters::AdapterError;
use crate::act::receiver::ReceiverError;
use crate::store::StoreError;
use crate::store::query::QueryError;

/// A failure of the engine itself. Failures of single batches are [`crate::engine::AcceptError`].
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The store refused; its message names the file and what to do.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A published file cannot be read.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// The operating system gave no thread.
    #[error("cannot start the ingest thread")]
    Thread(#[source] std::io::Error),
    /// A receiver of notices cannot be used as configured.
    #[error(transparent)]
    Receiver(#[from] ReceiverError),
    /// A target of decisions cannot be used as configured.
    #[error(transparent)]
    Adapter(#[from] AdapterError),
    /// The HTTP client cannot be built.
    #[error("the HTTP client cannot be built")]
    Client(#[source] reqwest::Error),
    /// A report cannot be written.
    #[error("the report cannot be written into {}", .path.display())]
    Report {
        /// The directory.
        path: std::path::PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// Work on the store did not come to an end: it panicked, or the program is being torn down.
    #[error("work on the store was broken off")]
    BrokenOff,
}
