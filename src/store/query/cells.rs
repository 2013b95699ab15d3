//! The heart of range, across and top: one value per channel and step.

use std::num::NonZero;
use std::panic::resume_unwind;

use crate::domain::column::Column;
use crate::domain::ids::ChannelId;
use crate::domain::time::Minute;
use crate::store::parquet::ParquetError;
use crate::store::query::line::{FoldLine, Line, MergeLine};
use crate::store::query::overlay::Overlay;
use crate::store::query::scan::runs;
use crate::store::query::source::Source;
use crate::store::query::steps::{Method, Steps};
use crate::store::query::{Combine, QueryError};

/// Most channels times steps of one answer: 128 MB of values.
const MAX_CELLS: usize = 16_000_000;

/// Channels from which a thread of its own is worth it, and how many of those a question has at most: others ask as well.
const WORTH_A_THREAD: usize = 64;
const MOST_THREADS: usize = 4;

/// What to compute.
#[derive(Debug, Clone, Copy)]
pub(super) struct Question<'q> {
    pub column: Column,
    pub from: Minute,
    pub to: Minute,
    pub step_minutes: u32,
    pub combine: Combine,
    /// Sorted; `None` for all.
    pub channels: Option<&'q [ChannelId]>,
}

/// One value per channel and step.
pub(super) struct Cells {
    pub channels: Vec<ChannelId>,
    pub steps: Steps,
    /// Cell `channel * steps + step`; NaN where there is no value.
    values: Vec<f64>,
}

impl Cells {
    /// Answers `question` from `sources` and what lies over them.
    pub fn compute(sources: &[Source], overlay: &Overlay, question: &Question<'_>) -> Result<Self, QueryError> {
        let channels = channels(sources, overlay, question.channels);
        let steps = Steps::new(question.from, question.to, question.step_minutes);
        let cells = channels.len().saturating_mul(steps.count);
        if cells > MAX_CELLS {
            return Err(QueryError::TooMany { cells, limit: MAX_CELLS });
        }
        let column = question.column;
        let method = Method::of(column, question.step_minutes, question.combine);
        let values = in_parts(&channels, |channels| match method {
            Method::Fold(fold) => fill(FoldLine::new(column, steps, fold), channels, sources, overlay, question),
            Method::Merge => {
                fill(MergeLine::new(column, steps, sources, overlay), channels, sources, overlay, question)
            }
        })?;
        Ok(Self { channels, steps, values })
    }

    /// The value of a channel (by its place in `channels`) in a step, in the column's unit.
    pub fn get(&self, channel: usize, step: usize) -> Option<f64> {
        self.values.get(channel * self.steps.count + step).copied().filter(|value| !value.is_nan())
    }
}

/// What `fill` answers for `channels`, of which every thread takes a part where there are enough.
fn in_parts(
    channels: &[ChannelId],
    fill: impl Fn(&[ChannelId]) -> Result<Vec<f64>, ParquetError> + Sync,
) -> Result<Vec<f64>, ParquetError> {
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    let threads = (channels.len() / WORTH_A_THREAD).min(MOST_THREADS).min(cores);
    if threads <= 1 {
        return fill(channels);
    }
    let filled: Result<Vec<Vec<f64>>, ParquetError> = std::thread::scope(|scope| {
        let parts = channels.chunks(channels.len().div_ceil(threads));
        let spawned: Vec<_> = parts.map(|part| scope.spawn(|| fill(part))).collect();
        spawned.into_iter().map(|part| part.join().unwrap_or_else(|panic| resume_unwind(panic))).collect()
    });
    Ok(filled?.concat())
}

/// The values of `channels`, step by step. Goes through all files at once, channel by channel, so that no more than one channel's
/// sketches are in memory.
fn fill<L: Line>(
    mut line: L,
    channels: &[ChannelId],
    sources: &[Source],
    overlay: &Overlay,
    question: &Question<'_>,
) -> Result<Vec<f64>, ParquetError> {
    let steps = Steps::new(question.from, question.to, question.step_minutes);
    let mut values = Vec::with_capacity(channels.len() * steps.count);
    let mut open = Vec::with_capacity(sources.len());
    for Source { file, table } in sources {
        // In the order of the answer: files are sorted by channel, and so is what is asked.
        let runs = runs(file, table, Some(channels), question.from, question.to)?;
        let reader = line.reader(file, runs.last().map_or(0, |run| run.rows.end))?;
        open.push((runs.into_iter().peekable(), reader, table.width_minutes));
    }
    for channel in channels {
        for (runs, reader, width_minutes) in &mut open {
            while let Some(run) = runs.next_if(|run| run.channel == channel) {
                line.add(reader, &run, *width_minutes, overlay)?;
            }
        }
        for (&minute, sample) in overlay.minutes.get(channel).into_iter().flatten() {
            line.add_sample(steps.of(minute), sample);
        }
        line.finish(&mut values);
    }
    Ok(values)
}

/// The channels of the answer: those asked for, or all that any file or the overlay has; sorted.
fn channels(sources: &[Source], overlay: &Overlay, asked: Option<&[ChannelId]>) -> Vec<ChannelId> {
    if let Some(asked) = asked {
        return asked.to_vec();
    }
    let in_files = sources.iter().flat_map(|source| source.file.meta.channels.spans()).map(|span| &span.channel);
    let mut all: Vec<ChannelId> = in_files.chain(overlay.minutes.keys()).cloned().collect();
    all.sort();
    all.dedup();
    all
}
