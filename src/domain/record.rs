//! What the engine concludes, as rows of described tables.
//!
//! Samples and gauges are observed; forecasts, their accuracy and whatever else is concluded from them are records.
//! A table of records is data ([`RecordTable`]), so storing, querying and inspecting are written once for all of them,
//! and a new kind of conclusion is a new description in [`tables`], not new code.
//!
//! Every record has the time it is about, `ts`, and its table's cells. The first cells are its key: with `ts` they
//! say which record it is, and a later record of the same key takes the place of the earlier one. Writing the same
//! conclusions again, after a crash for example, therefore changes nothing.

mod cell;
mod table;
pub mod tables;

use std::cmp::Ordering;
use std::sync::Arc;

use crate::domain::time::Timestamp;

pub use cell::{Cell, Kind};
pub use table::{RecordColumn, RecordTable};
pub use tables::{ACTIONS, ANOMALIES, DECISIONS, FORECAST_ACCURACY, FORECASTS, INCIDENTS, RISKS, TABLES, WORK};

/// 9999-12-31T23:59:59.999Z: the names of folders have years of four digits.
const LAST_MILLI: i64 = 253_402_300_799_999;

/// One row of a table of records: it fits the description, and its floats are finite. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    table: &'static RecordTable,
    ts: Timestamp,
    cells: Arc<[Cell]>,
}

/// Why cells are no record of a table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// Too many or too few cells.
    #[error("`{table}` has {expected} columns beside `ts`, found {found}")]
    Count {
        /// The table.
        table: &'static str,
        /// Its columns.
        expected: usize,
        /// Cells given.
        found: usize,
    },
    /// A cell holds another kind of value than its column.
    #[error("`{column}` of `{table}` is {expected}, found {found:?}")]
    Kind {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// Its kind.
        expected: Kind,
        /// The cell.
        found: Cell,
    },
    /// A column that every record has is null, or a float that is not finite.
    #[error("`{column}` of `{table}` must have a value, found {found:?}")]
    Missing {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// The cell.
        found: Cell,
    },
    /// The record is about a time before 1970 or after the year 9999.
    #[error("`ts` of `{table}` is {ts}, outside the years 1970 to 9999")]
    Time {
        /// The table.
        table: &'static str,
        /// The time.
        ts: Timestamp,
    },
}

impl RecordError {
    /// The column at fault; `ts` where no single one is.
    #[must_use]
    pub const fn column(&self) -> &'static str {
        match self {
            Self::Kind { column, .. } | Self::Missing { column, .. } => column,
            Self::Count { .. } | Self::Time { .. } => "ts",
        }
    }
}

impl Record {
    /// The record of `table` about `ts`, which is rounded down to the millisecond; `cells` in the order of the
    /// table's columns.
    ///
    /// A float that is not finite means that something cannot be told: it becomes null where the column may be.
    ///
    /// # Errors
    /// [`RecordError`] if the cells do not fit the table's columns, or `ts` is out of range.
    pub fn new(table: &'static RecordTable, ts: Timestamp, cells: Vec<Cell>) -> Result<Self, RecordError> {
        let (name, expected, found) = (table.name, table.columns.len(), cells.len());
        if expected != found {
            return Err(RecordError::Count { table: name, expected, found });
        }
        if !(0..=LAST_MILLI).contains(&ts.millis()) {
            return Err(RecordError::Time { table: name, ts });
        }
        let fitted = table.columns.iter().zip(cells).map(|(column, cell)| column.fit(name, cell));
        let cells = fitted.collect::<Result<Arc<[Cell]>, RecordError>>()?;
        Ok(Self { table, ts: Timestamp::from_millis(ts.millis()), cells })
    }

    /// The table.
    #[must_use]
    pub const fn table(&self) -> &'static RecordTable {
        self.table
    }

    /// The time that the record is about, in whole milliseconds.
    #[must_use]
    pub const fn ts(&self) -> Timestamp {
        self.ts
    }

    /// Every cell, in the order of the table's columns.
    #[must_use]
    pub fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// The cell of the column `name`; `None` if the table has no such column.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Cell> {
        self.cells.get(self.table.position(name)?)
    }

    /// The cells that, with [`Record::ts`], say which record this is.
    #[must_use]
    pub fn key_cells(&self) -> &[Cell] {
        self.cells.get(..self.table.key_columns).unwrap_or_default()
    }

    /// What records of one table are ordered and told apart by.
    #[must_use]
    pub fn key(&self) -> RecordKey {
        RecordKey(self.clone())
    }
}

/// The identity of a record within its table: the key's cells, then `ts`. The rest of the record does not count.
#[derive(Debug, Clone)]
pub struct RecordKey(Record);

impl Ord for RecordKey {
    fn cmp(&self, other: &Self) -> Ordering {
        let (own, others) = (&self.0, &other.0);
        own.key_cells().cmp(others.key_cells()).then_with(|| own.ts.cmp(&others.ts))
    }
}

impl PartialOrd for RecordKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for RecordKey {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for RecordKey {}

#[cfg(test)]
mod tests;
