//! One Parquet file of a table: where it lies, how it is read and written.

use crate::domain::time::{Day, Hour};
use crate::store::blob::Blobs;
use crate::store::catalog::LiveFile;
use crate::store::error::StoreError;
use crate::store::rows::Row;
use crate::store::schema::TableSpec;

/// The span whose rows one file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Slot {
    /// One hour.
    Hour(Hour),
    /// One whole day.
    Day(Day),
}

impl Slot {
    /// The slot of the live file that holds `hour`, or the hour itself if there is none.
    pub(crate) fn of(hour: Hour, live: &[LiveFile]) -> (Self, Option<&LiveFile>) {
        let file = live.iter().find(|file| file.covers(hour));
        match file {
            Some(LiveFile { hour: None, day, .. }) => (Self::Day(*day), file),
            _ => (Self::Hour(hour), file),
        }
    }

    const fn day(self) -> Day {
        match self {
            Self::Hour(hour) => hour.day(),
            Self::Day(day) => day,
        }
    }

    const fn hour_of_day(self) -> Option<u32> {
        match self {
            Self::Hour(hour) => Some(hour.of_day()),
            Self::Day(_) => None,
        }
    }

    /// Where catalog version `version` puts this slot's file. The same publication tried again writes the same file.
    pub(crate) fn path(self, table: &TableSpec, version: u64) -> String {
        let (table, day) = (table.name, self.day());
        match self {
            Self::Hour(hour) => format!("{table}/day={day}/h{:02}-v{version:08}.parquet", hour.of_day()),
            Self::Day(_) => format!("{table}/day={day}/day-v{version:08}.parquet"),
        }
    }
}

/// The rows of a live file, in order; errors name the file.
///
/// # Errors
/// If the file cannot be opened.
pub(crate) fn read<R: Row>(blobs: &Blobs, path: &str) -> Result<StoredRows<R>, StoreError> {
    let source = blobs.open(path)?;
    let rows = R::read(source).map_err(StoreError::parquet("read", path))?;
    let path = path.to_owned();
    Ok(Box::new(rows.map(move |row| row.map_err(StoreError::parquet("read", &path)))))
}

/// Rows of one or several files, in order.
pub(crate) type StoredRows<R> = Box<dyn Iterator<Item = Result<R, StoreError>>>;

/// Writes `rows`, sorted by key, to the file of `slot`; it is durable but not yet live. Rows stream through: memory
/// holds one row group, whatever their number. `None` if there are no rows.
///
/// # Errors
/// The first error of `rows`, or of writing.
pub(crate) fn write<R: Row>(
    blobs: &Blobs,
    (table, slot, version): (&TableSpec, Slot, u64),
    rows: impl Iterator<Item = Result<R, StoreError>>,
) -> Result<Option<LiveFile>, StoreError> {
    let path = slot.path(table, version);
    let mut rows = rows.peekable();
    if rows.peek().is_none() {
        return Ok(None);
    }
    let mut failed = None;
    let mut good = rows.map_while(|row| row.map_err(|error| failed = Some(error)).ok());
    let written = R::write(table, blobs.writer(&path)?, &mut good).map_err(StoreError::parquet("write", &path));
    if let Some(error) = failed {
        return Err(error);
    }
    let (stats, sink) = written?;
    let sum = sink.finish()?;
    Ok(Some(LiveFile {
        table: table.name.to_owned(),
        path,
        day: slot.day(),
        hour: slot.hour_of_day(),
        first_minute: stats.first_minute.unwrap_or_default(),
        last_minute: stats.last_minute.unwrap_or_default(),
        rows: stats.rows,
        bytes: sum.bytes,
        crc32: sum.crc32,
        made_from: None,
    }))
}
