//! The description of a table of records.

use crate::domain::record::{Cell, Kind, RecordError};

/// A table of conclusions, described as data. Before its columns every table has `ts`, the time a row is about.
#[derive(Debug, PartialEq, Eq)]
pub struct RecordTable {
    /// Name of the directory and of the SQL table.
    pub name: &'static str,
    /// What a row says, as a sentence.
    pub about: &'static str,
    /// The columns after `ts`.
    pub columns: &'static [RecordColumn],
    /// How many of the first columns identify a row together with `ts`; at least one. They are never null, and
    /// rows are sorted by them.
    pub key_columns: usize,
}

/// One column of a table of records.
#[derive(Debug, PartialEq, Eq)]
pub struct RecordColumn {
    /// Name in files, SQL and the API.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Whether a row may lack it.
    pub nullable: bool,
    /// What it means, with its unit.
    pub about: &'static str,
}

impl RecordTable {
    /// Where the column `name` stands; `None` if there is none. `ts` is not among the columns.
    #[must_use]
    pub fn position(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }
}

impl RecordColumn {
    /// A column that every row has.
    pub(super) const fn required(name: &'static str, kind: Kind, about: &'static str) -> Self {
        Self { name, kind, nullable: false, about }
    }

    /// A column that a row may lack.
    pub(super) const fn nullable(name: &'static str, kind: Kind, about: &'static str) -> Self {
        Self { name, kind, nullable: true, about }
    }

    /// `cell` as this column of `table` holds it.
    pub(super) fn fit(&self, table: &'static str, cell: Cell) -> Result<Cell, RecordError> {
        let column = self.name;
        let is_missing = match &cell {
            Cell::Null => true,
            Cell::Float(number) => self.kind == Kind::Float && !number.is_finite(),
            _ => false,
        };
        match (is_missing, self.nullable) {
            (true, true) => Ok(Cell::Null),
            (true, false) => Err(RecordError::Missing { table, column, found: cell }),
            _ if cell.kind() == Some(self.kind) => Ok(cell),
            _ => Err(RecordError::Kind { table, column, expected: self.kind, found: cell }),
        }
    }
}
