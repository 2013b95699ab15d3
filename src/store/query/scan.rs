//! Which rows of a file answer a question: unbroken runs of minutes of one channel.
//!
//! Where a channel's rows have no gaps, which its entry in the channel index tells, the rows of a window follow by
//! arithmetic. Where they have, `ts` is decoded for that channel and its rows are cut at the gaps.

use std::ops::Range;

use parquet::data_type::Int64Type;

use crate::domain::ids::ChannelId;
use crate::domain::time::{Minute, Timestamp};
use crate::store::parquet::{ChannelSpan, ParquetError};
use crate::store::query::decode::Rows;
use crate::store::query::file::OpenFile;
use crate::store::schema::{TS, TableSpec};

/// Consecutive rows of one channel whose minutes follow each other without a gap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Run<'f> {
    pub channel: &'f ChannelId,
    pub rows: Range<u64>,
    /// Minute of the first row; the next rows follow at the table's width.
    pub first: Minute,
}

/// The runs of `file` with `from <= minute < to` in file order, of `channels` if given (sorted), else of all.
pub(super) fn runs<'f>(
    file: &'f OpenFile,
    table: &TableSpec,
    channels: Option<&[ChannelId]>,
    from: Minute,
    to: Minute,
) -> Result<Vec<Run<'f>>, ParquetError> {
    let index = &file.meta.channels;
    let spans: Vec<&ChannelSpan> = match channels {
        Some(channels) => channels.iter().filter_map(|channel| index.find(channel.as_str())).collect(),
        None => index.spans().iter().collect(),
    };
    let mut ts = Rows::<Int64Type>::new(file, TS, file.meta.group_starts.last().copied().unwrap_or(0));
    let mut found = Vec::with_capacity(spans.len());
    for span in spans.into_iter().filter(|span| span.first < to && span.last >= from) {
        if span.is_dense(table.width_minutes) {
            found.extend(dense(span, table.width_minutes, from, to));
        } else {
            gapped(span, table.width_minutes, from, to, &mut ts, &mut found)?;
        }
    }
    Ok(found)
}

fn dense(span: &ChannelSpan, width: u32, from: Minute, to: Minute) -> Option<Run<'_>> {
    let rows_before = |minute: Minute| u64::from(minute.0.saturating_sub(span.first.0).div_ceil(width)).min(span.rows);
    let (skip, end) = (rows_before(from), rows_before(to));
    #[expect(clippy::cast_possible_truncation, reason = "at most the minutes between two u32")]
    let first = span.first.plus(skip as u32 * width);
    let rows = span.first_row + skip..span.first_row + end;
    (skip < end).then_some(Run { channel: &span.channel, rows, first })
}

fn gapped<'f>(
    span: &'f ChannelSpan,
    width: u32,
    from: Minute,
    to: Minute,
    ts: &mut Rows<'_, Int64Type>,
    found: &mut Vec<Run<'f>>,
) -> Result<(), ParquetError> {
    let rows = span.first_row..span.first_row + span.rows;
    let (minutes, _) = ts.read(rows.clone())?;
    let begin = found.len();
    for (row, &millis) in rows.zip(minutes.iter()) {
        let minute = Timestamp::from_millis(millis).minute();
        if minute < from || minute >= to {
            continue;
        }
        match found.get_mut(begin..).and_then(<[Run<'_>]>::last_mut) {
            #[expect(clippy::cast_possible_truncation, reason = "at most the minutes between two u32")]
            Some(run) if run.first.plus((run.rows.end - run.rows.start) as u32 * width) == minute => {
                run.rows.end += 1;
            }
            _ => found.push(Run { channel: &span.channel, rows: row..row + 1, first: minute }),
        }
    }
    Ok(())
}
