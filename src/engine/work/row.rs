//! What the table is told of jobs.

use crate::domain::record::{Cell, Record, RecordError, WORK};
use crate::policy::work::job::Part;

/// The row of the table that tells of `part`.
///
/// # Errors
/// [`RecordError`] if its time is out of range.
pub(super) fn record(part: &Part) -> Result<Record, RecordError> {
    let cells = vec![
        Cell::from(part.job.as_str()),
        part.number.into(),
        Cell::from(part.kind.class.as_str()),
        Cell::from(part.kind.tier.name()),
        Cell::from(part.model.as_str()),
        Cell::from(part.outcome.as_str()),
        part.success.map_or(Cell::Null, Cell::from),
        part.quality.map_or(Cell::Null, Cell::from),
        Cell::from(i64::try_from(part.tokens).unwrap_or(i64::MAX)),
        part.cost_usd.into(),
        part.ended.seconds_since(part.began).max(0.0).into(),
    ];
    Record::new(&WORK, part.ended, cells)
}
