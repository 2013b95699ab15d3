//! The heart of range, across and top: one value per channel and step.

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
        let mut cells = Self { channels, steps, values: Vec::with_capacity(cells) };
        let column = question.column;
        match Method::of(column, question.step_minutes, question.combine) {
            Method::Fold(fold) => cells.fill(FoldLine::new(column, steps, fold), sources, overlay, question)?,
            Method::Merge => cells.fill(MergeLine::new(column, steps), sources, overlay, question)?,
        }
        Ok(cells)
    }

    /// The value of a channel (by its place in `channels`) in a step, in the column's unit.
    pub fn get(&self, channel: usize, step: usize) -> Option<f64> {
        self.values.get(channel * self.steps.count + step).copied().filter(|value| !value.is_nan())
    }

    /// Goes through all files at once, channel by channel, so that no more than one channel's sketches are in memory.
    fn fill<L: Line>(
        &mut self,
        mut line: L,
        sources: &[Source],
        overlay: &Overlay,
        question: &Question<'_>,
    ) -> Result<(), ParquetError> {
        let mut open = Vec::with_capacity(sources.len());
        for Source { file, table } in sources {
            // In the order of the answer: files are sorted by channel, and so is what is asked.
            let runs = runs(file, table, question.channels, question.from, question.to)?;
            let reader = line.reader(file, runs.last().map_or(0, |run| run.rows.end))?;
            open.push((runs.into_iter().peekable(), reader, table.width_minutes));
        }
        for channel in &self.channels {
            for (runs, reader, width_minutes) in &mut open {
                while let Some(run) = runs.next_if(|run| run.channel == channel) {
                    line.add(reader, &run, *width_minutes, overlay)?;
                }
            }
            for (&minute, sample) in overlay.minutes.get(channel).into_iter().flatten() {
                line.add_sample(self.steps.of(minute), sample);
            }
            line.finish(&mut self.values);
        }
        Ok(())
    }
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
