//! The heart of range, across and top: one value per channel and step.

use std::collections::BTreeMap;

use crate::domain::column::Column;
use crate::domain::ids::ChannelId;
use crate::domain::time::Minute;
use crate::store::parquet::ParquetError;
use crate::store::query::decode::Numbers;
use crate::store::query::merge::{Merged, Piece, Pieces};
use crate::store::query::overlay::Overlay;
use crate::store::query::scan::{Run, runs};
use crate::store::query::source::Source;
use crate::store::query::steps::{Folds, Method, Steps};
use crate::store::query::{Combine, QueryError};
use crate::store::schema::{position, stored, units_per_one};

/// Most channels times steps of one answer: some 200 MB of folds.
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

/// One value per channel and step; cell `channel * steps + step`.
pub(super) struct Cells {
    pub channels: Vec<ChannelId>,
    pub steps: Steps,
    units: f64,
    column: Column,
    state: State,
}

enum State {
    Folds(Folds),
    Merged(Vec<Merged>),
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
        let state = match Method::of(question.column, question.step_minutes, question.combine) {
            Method::Fold(fold) => State::Folds(Folds::new(fold, cells)),
            Method::Merge => State::Merged(vec![Merged::default(); cells]),
        };
        let column = question.column;
        let mut cells = Self { channels, steps, units: units_per_one(column), column, state };
        let numbers: BTreeMap<ChannelId, usize> = cells.channels.iter().cloned().zip(0..).collect();
        for source in sources {
            let runs = runs(&source.file, source.table, question.channels, question.from, question.to)?;
            cells.source(source, &runs, &numbers, overlay)?;
        }
        cells.fresh(overlay, &numbers);
        Ok(cells)
    }

    /// The value of a channel (by its place in `channels`) in a step, in the column's unit.
    pub fn get(&self, channel: usize, step: usize) -> Option<f64> {
        let cell = channel * self.steps.count + step;
        match &self.state {
            State::Folds(folds) => folds.get(cell).map(|value| value / self.units),
            State::Merged(merged) => merged.get(cell)?.value(self.column.spec().aggregate),
        }
    }

    fn source(
        &mut self,
        source: &Source,
        runs: &[Run<'_>],
        numbers: &BTreeMap<ChannelId, usize>,
        overlay: &Overlay,
    ) -> Result<(), ParquetError> {
        let (steps, file, width) = (self.steps, &source.file, source.table.width_minutes);
        let until = runs.last().map_or(0, |run| run.rows.end);
        let base = |run: &Run<'_>| numbers.get(run.channel).copied().unwrap_or(0) * steps.count;
        match &mut self.state {
            State::Folds(folds) => {
                let mut column = Numbers::new(file, position(self.column), until)?;
                let mut values = Vec::new();
                for run in runs {
                    values.clear();
                    column.read(run.rows.clone(), &mut values)?;
                    hide(overlay, run, width, |at| values[at] = f64::NAN);
                    let base = base(run);
                    steps.cut(run.first, width, &values, |step, values| folds.add(base + step, values));
                }
            }
            State::Merged(merged) => {
                let mut column = Pieces::new(file, self.column, until)?;
                for run in runs {
                    let mut pieces = column.read(run.rows.clone())?;
                    hide(overlay, run, width, |at| pieces[at] = Piece::default());
                    let base = base(run);
                    steps.cut(run.first, width, &pieces, |step, pieces| {
                        for piece in pieces {
                            merged[base + step].add(piece);
                        }
                    });
                }
            }
        }
        Ok(())
    }

    /// Adds the minutes of the overlay, which the files' values made room for.
    fn fresh(&mut self, overlay: &Overlay, numbers: &BTreeMap<ChannelId, usize>) {
        for (channel, minutes) in &overlay.minutes {
            let Some(number) = numbers.get(channel) else { continue };
            for (&minute, sample) in minutes {
                let cell = number * self.steps.count + self.steps.of(minute);
                match &mut self.state {
                    #[expect(clippy::cast_precision_loss, reason = "kernels compute with floats")]
                    State::Folds(folds) => {
                        folds.add(cell, &[stored(self.column, sample).map_or(f64::NAN, |value| value as f64)]);
                    }
                    State::Merged(merged) => merged[cell].add(&Piece::of(self.column, sample)),
                }
            }
        }
    }
}

/// Calls `each` with the place in `run` of every minute that the overlay holds instead. What lies over a roll-up is not
/// in it: its minutes are gone, and whatever comes for them now adds to it.
fn hide(overlay: &Overlay, run: &Run<'_>, width_minutes: u32, mut each: impl FnMut(usize)) {
    let Some(minutes) = overlay.minutes.get(run.channel).filter(|_| width_minutes == 1) else { return };
    let length = u32::try_from(run.rows.end - run.rows.start).unwrap_or(u32::MAX);
    for (minute, _) in minutes.range(run.first..run.first.plus(length)) {
        each((minute.0 - run.first.0) as usize);
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
