//! Questions to the tables: one channel over time, all channels at a time, the worst channels of a window, whole
//! minutes, records, and SQL.
//!
//! Every question is answered from the immutable files of one [`Snapshot`] with what is not
//! published yet laid over them, as publication will lay it: a minute is seen once, whichever side it is on. Only the
//! asked column is decoded, only the pages that hold asked rows are read, and whole days come from their roll-ups where
//! the steps are wide enough.
//!
//! Sums add up, maxima are maxima. Means and percentiles over more than one minute come from the merged sketches of
//! the minutes. Where minutes were stated without the values behind them (imported summaries), the percentile of a
//! step with several such minutes is unknown: `None`. A step without a row is `None` too, never zero.

mod cells;
mod decode;
mod file;
mod gauges;
mod line;
mod merge;
mod overlay;
mod records;
mod rows;
mod scan;
mod source;
mod sql;
mod steps;
mod tallies;

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::batch::Amendment;
use crate::domain::column::Column;
use crate::domain::ids::ChannelId;
use crate::domain::sample::Sample;
use crate::domain::time::{Day, Minute};
use crate::stats::quantile::quantile_select;
use crate::store::parquet::ParquetError;
use crate::store::schema::{SAMPLES, SAMPLES_1H};
use crate::store::snapshot::Snapshot;
use cells::{Cells, Question};
use file::OpenFile;
use overlay::Overlay;
use source::sources;

pub use gauges::gauges;
pub use records::{RecordQuery, records};
pub use sql::{SqlError, SqlLimits, SqlResult, Unpublished, sql};
pub use tallies::{TallyQuery, tallies};

/// How the minutes of a step combine into the step's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Combine {
    /// As the column means it: sums add up, means and percentiles come from merged sketches.
    #[default]
    True,
    /// The arithmetic mean of the minutes' values, whatever the column. This is what a general time-series database
    /// computes; a quiet minute weighs as much as a busy one.
    MeanOfMinutes,
}

/// Values of one column of some channels over time.
#[derive(Debug, Clone, PartialEq)]
pub struct RangeQuery {
    /// Which channels, in any order.
    pub channels: Vec<ChannelId>,
    /// Which column.
    pub column: Column,
    /// First minute.
    pub from: Minute,
    /// First minute after the window.
    pub to: Minute,
    /// Width of a step in minutes, at least 1; steps are aligned to the epoch.
    pub step_minutes: u32,
}

/// One channel's answer to a [`RangeQuery`].
#[derive(Debug, Clone, PartialEq)]
pub struct ChannelSeries {
    /// The channel.
    pub channel: ChannelId,
    /// First minute and value of every step, in order of time.
    pub points: Vec<(Minute, Option<f64>)>,
}

/// A quantile over all channels of each channel's step value.
#[derive(Debug, Clone, PartialEq)]
pub struct AcrossQuery {
    /// Which column.
    pub column: Column,
    /// First minute.
    pub from: Minute,
    /// First minute after the window.
    pub to: Minute,
    /// Width of a step in minutes, at least 1; steps are aligned to the epoch.
    pub step_minutes: u32,
    /// Which quantile over the channels, 0 ..= 1.
    pub quantile: f64,
    /// How a channel's minutes combine into its step value.
    pub combine: Combine,
}

/// One step of the answer to an [`AcrossQuery`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AcrossPoint {
    /// First minute of the step.
    pub minute: Minute,
    /// The quantile over the channels that have a value; `None` if none has.
    pub value: Option<f64>,
    /// Channels that have a value.
    pub channels: usize,
}

/// The channels with the largest or smallest value over a window.
#[derive(Debug, Clone, PartialEq)]
pub struct TopQuery {
    /// Which column.
    pub column: Column,
    /// First minute.
    pub from: Minute,
    /// First minute after the window.
    pub to: Minute,
    /// How many channels at most.
    pub n: usize,
    /// Largest first, else smallest first.
    pub descending: bool,
    /// How a channel's minutes combine into its window value.
    pub combine: Combine,
}

/// Why a question has no answer.
#[derive(Debug, thiserror::Error)]
pub enum QueryError {
    /// A file could not be read.
    #[error("a file of the table cannot be read")]
    Parquet(#[from] ParquetError),
    /// The answer would not fit into memory.
    #[error("the answer would have {cells} values, more than {limit}: choose a longer step or a shorter window")]
    TooMany {
        /// Channels times steps.
        cells: usize,
        /// Most that are computed at once.
        limit: usize,
    },
}

impl QueryError {
    /// Whether a file was deleted since the snapshot was taken: ask again with a fresh snapshot.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        matches!(self, Self::Parquet(ParquetError::Open { source, .. }) if source.kind() == std::io::ErrorKind::NotFound)
    }
}

/// Answers a [`RangeQuery`]: one series per channel asked for, in ascending order of channel, with every step.
///
/// # Errors
/// [`QueryError`]; see [`QueryError::is_stale`].
pub fn range(snapshot: &Snapshot, fresh: &[Amendment], query: &RangeQuery) -> Result<Vec<ChannelSeries>, QueryError> {
    let mut channels = query.channels.clone();
    channels.sort();
    channels.dedup();
    let cells = compute(
        snapshot,
        fresh,
        &Question {
            column: query.column,
            from: query.from,
            to: query.to,
            step_minutes: query.step_minutes,
            combine: Combine::True,
            channels: Some(&channels),
        },
    )?;
    let points = |channel| (0..cells.steps.count).map(|at| (cells.steps.minute(at), cells.get(channel, at))).collect();
    Ok(channels
        .iter()
        .enumerate()
        .map(|(at, channel)| ChannelSeries { channel: channel.clone(), points: points(at) })
        .collect())
}

/// Answers an [`AcrossQuery`]: one point per step, in order of time.
///
/// # Errors
/// [`QueryError`]; see [`QueryError::is_stale`].
pub fn across(snapshot: &Snapshot, fresh: &[Amendment], query: &AcrossQuery) -> Result<Vec<AcrossPoint>, QueryError> {
    let cells = compute(
        snapshot,
        fresh,
        &Question {
            column: query.column,
            from: query.from,
            to: query.to,
            step_minutes: query.step_minutes,
            combine: query.combine,
            channels: None,
        },
    )?;
    let mut values = Vec::with_capacity(cells.channels.len());
    let point = |step| {
        values.clear();
        values.extend((0..cells.channels.len()).filter_map(|channel| cells.get(channel, step)));
        let channels = values.len();
        AcrossPoint { minute: cells.steps.minute(step), value: quantile_select(&mut values, query.quantile), channels }
    };
    Ok((0..cells.steps.count).map(point).collect())
}

/// Answers a [`TopQuery`]: channels with their window values, ties in ascending order of channel. Channels without a
/// value are left out.
///
/// # Errors
/// [`QueryError`]; see [`QueryError::is_stale`].
pub fn top(snapshot: &Snapshot, fresh: &[Amendment], query: &TopQuery) -> Result<Vec<(ChannelId, f64)>, QueryError> {
    let (from, to) = (query.from, query.to);
    // One step that covers the window, wherever the epoch's steps would fall.
    let step_minutes = u32::MAX;
    let question = Question { column: query.column, from, to, step_minutes, combine: query.combine, channels: None };
    let cells = compute(snapshot, fresh, &question)?;
    let value = |(at, channel): (usize, &ChannelId)| cells.get(at, 0).map(|value| (channel.clone(), value));
    let mut ranking: Vec<(ChannelId, f64)> = cells.channels.iter().enumerate().filter_map(value).collect();
    // Channels come sorted and the sort is stable.
    ranking.sort_by(|(_, a), (_, b)| if query.descending { b.total_cmp(a) } else { a.total_cmp(b) });
    ranking.truncate(query.n);
    Ok(ranking)
}

/// The minutes of `channel` with `from <= minute < to` that have a row, in order of time.
///
/// # Errors
/// [`QueryError`]; see [`QueryError::is_stale`].
pub fn samples(
    snapshot: &Snapshot,
    fresh: &[Amendment],
    channel: &ChannelId,
    from: Minute,
    to: Minute,
) -> Result<Vec<Sample>, QueryError> {
    let mut overlay = Overlay::new(snapshot, fresh, Some(std::slice::from_ref(channel)), from, to)?;
    let mut minutes = BTreeMap::new();
    for file in open(snapshot, from, to)? {
        rows::read(&file, channel, from, to, |sample| {
            minutes.insert(sample.minute, sample);
        })?;
    }
    minutes.extend(overlay.minutes.remove(channel).unwrap_or_default());
    Ok(minutes.into_values().collect())
}

/// Every channel that has a published minute, or had one that only roll-ups tell of any more, by name.
///
/// # Errors
/// [`QueryError`]; see [`QueryError::is_stale`].
pub fn channels(snapshot: &Snapshot) -> Result<BTreeSet<ChannelId>, QueryError> {
    let mut channels = BTreeSet::new();
    let days: BTreeSet<Day> = snapshot.files(&SAMPLES).iter().map(|minutes| minutes.day).collect();
    let expired = snapshot.files(&SAMPLES_1H).iter().filter(|hours| !days.contains(&hours.day));
    for file in snapshot.files(&SAMPLES).iter().chain(expired) {
        let open = OpenFile::open(snapshot, file)?;
        channels.extend(open.meta.channels.spans().iter().map(|span| span.channel.clone()));
    }
    Ok(channels)
}

fn compute(snapshot: &Snapshot, fresh: &[Amendment], question: &Question<'_>) -> Result<Cells, QueryError> {
    let overlay = Overlay::new(snapshot, fresh, question.channels, question.from, question.to)?;
    Cells::compute(&sources(snapshot, &overlay, question)?, &overlay, question)
}

/// Opens the files of minutes that may hold rows of the window.
fn open(snapshot: &Snapshot, from: Minute, to: Minute) -> Result<Vec<OpenFile>, ParquetError> {
    snapshot.overlapping(&SAMPLES, from, to).map(|file| OpenFile::open(snapshot, file)).collect()
}

#[cfg(test)]
mod tests;
