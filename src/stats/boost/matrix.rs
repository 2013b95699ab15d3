//! The features of all rows, as borrowed columns.

use thiserror::Error;

/// Features column by column; NaN stands for a missing value.
#[derive(Debug, Clone, PartialEq)]
pub struct Matrix<'a> {
    columns: Vec<&'a [f64]>,
    rows: usize,
}

/// Why columns are not a matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum MatrixError {
    /// There is no column.
    #[error("a matrix needs at least one column")]
    Empty,
    /// A column is longer or shorter than the first.
    #[error("column {column} has {found} rows, the first has {rows}")]
    Ragged {
        /// Its place.
        column: usize,
        /// Its rows.
        found: usize,
        /// Those of the first column.
        rows: usize,
    },
    /// Row and column numbers are kept in 31 bits.
    #[error("a matrix has fewer than 2^31 rows and columns")]
    TooLarge,
}

impl<'a> Matrix<'a> {
    /// A view of `columns`, which are equally long.
    ///
    /// # Errors
    /// Without columns, if the lengths differ, or from 2^31 rows or columns on.
    pub fn new(columns: Vec<&'a [f64]>) -> Result<Self, MatrixError> {
        let rows = columns.first().ok_or(MatrixError::Empty)?.len();
        if let Some((column, found)) =
            columns.iter().map(|column| column.len()).enumerate().find(|&(_, found)| found != rows)
        {
            return Err(MatrixError::Ragged { column, found, rows });
        }
        if rows >= 1 << 31 || columns.len() >= 1 << 31 {
            return Err(MatrixError::TooLarge);
        }
        Ok(Self { columns, rows })
    }

    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The columns in their order.
    #[must_use]
    pub fn columns(&self) -> &[&'a [f64]] {
        &self.columns
    }
}

/// A feature as trees read it, in training and afterwards: in single precision, infinities and what overflows as the
/// largest finite value. NaN stays NaN.
#[expect(clippy::cast_possible_truncation, reason = "single precision is the resolution of thresholds")]
pub(super) fn reading(value: f64) -> f32 {
    (value as f32).clamp(f32::MIN, f32::MAX)
}
