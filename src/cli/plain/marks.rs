//! What a file says of its own rows: which are known anomalies, and up to where to learn.

use crate::domain::time::Timestamp;
use crate::forecast::align::Raw;

/// Columns that mark rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marks {
    /// Column of labels: a row above zero is a known anomaly.
    pub label: Option<String>,
    /// Column and value of the rows to learn from.
    pub training: Option<(String, String)>,
}

impl Marks {
    /// The columns that are read, the label first.
    pub(super) fn columns(&self) -> impl Iterator<Item = &String> {
        self.label.iter().chain(self.training.as_ref().map(|(column, _)| column))
    }
}

/// The rows of a series as they stand in the file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rowwise {
    /// Instant and value of each row.
    pub rows: Vec<Raw>,
    /// Whether each row is labelled as an anomaly; empty without a label column.
    pub labels: Vec<bool>,
    /// The last instant that is marked as training.
    pub trained_until: Option<Timestamp>,
}

impl Rowwise {
    pub(super) fn of(rows: &[Raw], labels: Vec<bool>, trained_until: Option<Timestamp>) -> Self {
        Self { rows: rows.to_vec(), labels, trained_until }
    }
}
