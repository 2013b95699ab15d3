//! What can go wrong in the store, and what the caller can do about it.

use std::io;

use crate::store::parquet::ParquetError;

/// A failed operation of the store. Each message names the file; the cause is the source.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The operating system refused a file operation. The state on disk is as before; the call can be repeated.
    #[error("cannot {action} `{path}`")]
    Io {
        /// What was attempted, as a verb.
        action: &'static str,
        /// The file, relative to the data directory.
        path: String,
        /// The cause.
        source: io::Error,
    },
    /// The object storage refused an operation. The state on disk is as before; the call can be repeated.
    #[error("cannot {action} `{path}`")]
    Object {
        /// What was attempted, as a verb.
        action: &'static str,
        /// The object, relative to the data directory.
        path: String,
        /// The cause.
        source: object_store::Error,
    },
    /// A Parquet file cannot be written or read. If it was being read, it is probably damaged.
    #[error("cannot {action} `{path}`; if the file is damaged, run `foreroute inspect --repair`")]
    Parquet {
        /// What was attempted, as a verb.
        action: &'static str,
        /// The file, relative to the data directory.
        path: String,
        /// The cause.
        source: Box<ParquetError>,
    },
    /// A file that the store needs is damaged or gone. Nothing was changed; repairing is the operator's decision.
    #[error("`{path}` is damaged: {problem}; run `foreroute inspect --repair` to see what can be saved and save it")]
    Damaged {
        /// The file, relative to the data directory.
        path: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The file was written by a newer program.
    #[error("`{path}` has format {found}, this program reads up to {known}; use a newer version of foreroute")]
    Newer {
        /// The file, relative to the data directory.
        path: String,
        /// Format version in the file.
        found: u32,
        /// Newest format version that is understood.
        known: u32,
    },
    /// Another process holds the store.
    #[error("the data directory is in use: `LOCK` is held by {holder}")]
    Locked {
        /// What the holder wrote about itself.
        holder: String,
    },
    /// Another writer published the version that was to be ours. This one must stop.
    #[error("another writer published catalog version {version}; this one has lost the store and must stop")]
    Fenced {
        /// The version that was taken.
        version: u64,
    },
    /// An earlier write failed and could not be undone, so nothing more is acknowledged. Repeat later or restart.
    #[error("an earlier write to `{path}` failed and cannot be undone yet")]
    Poisoned {
        /// The file, relative to the data directory.
        path: String,
        /// Why it cannot be undone.
        source: io::Error,
    },
    /// The store was opened for reading.
    #[error("the store was opened for reading only")]
    ReadOnly,
    /// A model cannot have this name.
    #[error("`{name}` cannot name a model: use up to 128 of a-z, 0-9 and `-`")]
    ModelName {
        /// The name.
        name: String,
    },
    /// One frame of the log would be larger than the log accepts.
    #[error("a batch of {bytes} bytes is larger than the log accepts ({limit}); send it in pieces")]
    TooLarge {
        /// Bytes of the frame's payload.
        bytes: usize,
        /// Bytes allowed.
        limit: usize,
    },
}

impl StoreError {
    /// For `map_err`: wraps the failure to `action` the file `path`.
    pub(crate) fn io(action: &'static str, path: &str) -> impl FnOnce(io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| Self::Io { action, path, source }
    }

    /// For `map_err`: wraps the failure to `action` the object `path`.
    pub(crate) fn object(action: &'static str, path: &str) -> impl FnOnce(object_store::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| Self::Object { action, path, source }
    }

    /// For `map_err`: wraps the failure to `action` the Parquet file `path`.
    pub(crate) fn parquet(action: &'static str, path: &str) -> impl FnOnce(ParquetError) -> Self + use<> {
        let path = path.to_owned();
        move |source| Self::Parquet { action, path, source: Box::new(source) }
    }

    /// The file `path` is damaged: `problem`.
    pub(crate) fn damaged(path: &str, problem: impl Into<String>) -> Self {
        Self::Damaged { path: path.to_owned(), problem: problem.into() }
    }

    /// Whether the file is simply not there: for a reader beside a running writer a sign that its catalog is old.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        match self {
            Self::Io { source, .. } => source.kind() == io::ErrorKind::NotFound,
            Self::Object { source, .. } => matches!(source, object_store::Error::NotFound { .. }),
            _ => false,
        }
    }
}
