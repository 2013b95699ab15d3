//! Samples, gauges and records as Parquet files: streaming in, streaming out, and the footer's channel index.
//!
//! The parquet crate's column writers and readers are used directly, without Arrow arrays in between: a column is a
//! vector of integers here and stays one on its way to the encoder. Which encoding each column has, and the bytes
//! measured for the alternatives, stand in `src/docs/parquet-layout.md`.
//!
//! What survives a round trip: everything of a [`Sample`](crate::domain::sample::Sample) whose distributions are
//! sketches, except that a probe's latency keeps a tenth of a millisecond. Of a stated summary the columns that the
//! table has survive, rounded to their decimal digits; a summary that states nothing comes back as empty. Records survive
//! whole.

pub mod index;
pub mod read;
pub mod source;
pub mod write;

use std::path::PathBuf;

use crate::domain::ids::IdError;
use crate::domain::time::Minute;
use crate::stats::ddsketch::SketchError;

pub use index::{ChannelIndex, ChannelSpan};
pub use read::{GaugeReader, RecordReader, SampleReader};
pub use source::FileSource;
pub use write::{GaugeWriter, RecordWriter, SampleWriter, ScoreWriter, ScoredRow};

/// What a finished file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FileStats {
    /// Rows.
    pub rows: u64,
    /// Bytes of the whole file.
    pub bytes: u64,
    /// Earliest minute; `None` without rows.
    pub first_minute: Option<Minute>,
    /// Latest minute; `None` without rows.
    pub last_minute: Option<Minute>,
    /// Different channels (gauge series, keys of records).
    pub channels: u64,
}

/// Why a file could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum ParquetError {
    /// The file system refused.
    #[error("cannot open {}", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Writing, reading or decoding Parquet failed.
    #[error("Parquet failed")]
    Format(#[from] parquet::errors::ParquetError),
    /// The file is Parquet but not one of ours, or of a newer version.
    #[error("the file is not a readable table: {0}")]
    NotATable(String),
    /// Rows must come sorted by key and minute.
    #[error("row {row} ({key}, {minute}) does not come after the row before it")]
    Unsorted {
        /// Row, counted from 0.
        row: u64,
        /// Channel, series or key.
        key: String,
        /// Minute.
        minute: Minute,
    },
    /// A field holds a value that no writer writes.
    #[error("row {row}: `{field}` {problem}")]
    Malformed {
        /// Row, counted from 0.
        row: u64,
        /// Column.
        field: &'static str,
        /// What is wrong, as the end of a sentence that begins with the field.
        problem: String,
    },
    /// A row cannot stand in this file.
    #[error("row {row} belongs to the table `{found}`, the file to `{expected}`")]
    WrongTable {
        /// Row, counted from 0.
        row: u64,
        /// The file's table.
        expected: &'static str,
        /// The row's table.
        found: &'static str,
    },
    /// A sketch cannot be decoded.
    #[error("row {row}: `{field}` is not a sketch")]
    Sketch {
        /// Row, counted from 0.
        row: u64,
        /// Column.
        field: &'static str,
        /// Why.
        #[source]
        source: SketchError,
    },
    /// A channel's name is not one.
    #[error("row {row}: `channel` is not a valid name")]
    Channel {
        /// Row, counted from 0.
        row: u64,
        /// Why.
        #[source]
        source: IdError,
    },
}

#[cfg(test)]
pub(crate) mod tests;
