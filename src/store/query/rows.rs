//! Whole rows of one channel.

use crate::domain::ids::ChannelId;
use crate::domain::sample::Sample;
use crate::domain::time::Minute;
use crate::store::parquet::{ParquetError, SampleReader};
use crate::store::query::file::OpenFile;
use crate::store::query::scan::runs;
use crate::store::schema::SAMPLES;

/// Hands the rows of `channel` in `file` with `from <= minute < to` to `each`, in order of time.
pub(super) fn read(
    file: &OpenFile,
    channel: &ChannelId,
    from: Minute,
    to: Minute,
    mut each: impl FnMut(Sample),
) -> Result<(), ParquetError> {
    let runs = runs(file, &SAMPLES, Some(std::slice::from_ref(channel)), from, to)?;
    let (Some(first), Some(last)) = (runs.first(), runs.last()) else { return Ok(()) };
    let rows = first.rows.start..last.rows.end;
    for sample in SampleReader::rows(file.source.clone(), file.meta.parquet.clone(), rows) {
        each(sample?);
    }
    Ok(())
}
