//! Minutes of many channels as callers felt them.
//!
//! Of each minute four numbers are wanted, of which one is counted in its sketch. Columns are read as other questions read
//! them, run by run; 1,000 channels over a day are some 1.4 million rows.

use crate::domain::batch::Amendment;
use crate::domain::column::Column;
use crate::domain::ids::ChannelId;
use crate::domain::tally::{Slow, Tally};
use crate::domain::time::Minute;
use crate::domain::units::MicroUsd;
use crate::store::parquet::ParquetError;
use crate::store::query::decode::Numbers;
use crate::store::query::file::OpenFile;
use crate::store::query::merge::Pieces;
use crate::store::query::overlay::Overlay;
use crate::store::query::scan::{Run, runs};
use crate::store::query::{QueryError, open};
use crate::store::schema::{SAMPLES, position};
use crate::store::snapshot::Snapshot;

/// Which minutes, and what is slow.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TallyQuery<'q> {
    /// Which channels, sorted.
    pub channels: &'q [ChannelId],
    /// First minute.
    pub from: Minute,
    /// First minute after the window.
    pub to: Minute,
    /// Which calls are slow; `None` if none is.
    pub slow: Option<Slow>,
}

/// Answers a [`TallyQuery`]: for each channel in the order asked, every minute of the window; `None` where there is no row,
/// because nobody watched, or the minute is past its retention.
///
/// # Errors
/// [`QueryError`]; see [`QueryError::is_stale`].
pub fn tallies(
    snapshot: &Snapshot,
    fresh: &[Amendment],
    query: &TallyQuery<'_>,
) -> Result<Vec<Vec<Option<Tally>>>, QueryError> {
    let TallyQuery { channels, from, to, slow } = *query;
    let minutes = to.0.saturating_sub(from.0) as usize;
    let mut found = vec![vec![None; minutes]; channels.len()];
    for file in open(snapshot, from, to)? {
        let runs = runs(&file, &SAMPLES, Some(channels), from, to)?;
        let mut reader = Reader::new(&file, slow, runs.last().map_or(0, |run| run.rows.end))?;
        for run in &runs {
            let Ok(place) = channels.binary_search(run.channel) else { continue };
            let first = (run.first.0 - from.0) as usize;
            for (slot, tally) in found[place].iter_mut().skip(first).zip(reader.read(run)?) {
                *slot = Some(tally);
            }
        }
    }
    let overlay = Overlay::new(snapshot, fresh, None, from, to)?;
    for (channel, samples) in &overlay.minutes {
        let Ok(place) = channels.binary_search(channel) else { continue };
        for (minute, sample) in samples {
            if let Some(slot) = found[place].get_mut((minute.0 - from.0) as usize) {
                *slot = Some(Tally::of(sample, slow.as_ref()));
            }
        }
    }
    Ok(found)
}

/// Reads the columns that a tally needs.
struct Reader<'f> {
    calls: Numbers<'f>,
    failed: Numbers<'f>,
    cost: Numbers<'f>,
    latency: Option<(Slow, Pieces<'f>)>,
    scratch: [Vec<f64>; 3],
}

impl<'f> Reader<'f> {
    fn new(file: &'f OpenFile, slow: Option<Slow>, until: u64) -> Result<Self, ParquetError> {
        let numbers = |column| Numbers::new(file, position(column), until);
        let pieces = |slow: Slow| {
            let column = percentile(slow.quantile).unwrap_or(Column::LatencyP95);
            Ok::<_, ParquetError>((slow, Pieces::new(file, column, until, false)?))
        };
        Ok(Self {
            calls: numbers(Column::Requests)?,
            failed: numbers(Column::Errors)?,
            cost: numbers(Column::Cost)?,
            latency: slow.map(pieces).transpose()?,
            scratch: [Vec::new(), Vec::new(), Vec::new()],
        })
    }

    fn read(&mut self, run: &Run<'_>) -> Result<Vec<Tally>, ParquetError> {
        let [calls, failed, cost] = &mut self.scratch;
        for (column, numbers) in
            [(&mut self.calls, &mut *calls), (&mut self.failed, &mut *failed), (&mut self.cost, &mut *cost)]
        {
            numbers.clear();
            column.read(run.rows.clone(), numbers)?;
        }
        let rows = calls.iter().zip(failed.iter()).zip(cost.iter());
        let mut tallies: Vec<Tally> = rows
            .map(|((&calls, &failed), &cost)| {
                let (calls, failed) = (whole(calls), whole(failed));
                #[expect(clippy::cast_possible_truncation, reason = "a stored integer")]
                let cost = (!cost.is_nan()).then_some(MicroUsd(cost as i64));
                Tally { calls, failed: failed.min(calls), slow: 0, cost }
            })
            .collect();
        if let Some((slow, pieces)) = &mut self.latency {
            let is_stated = percentile(slow.quantile).is_some();
            for (tally, piece) in tallies.iter_mut().zip(pieces.read(run.rows.clone())?) {
                let successes = tally.calls - tally.failed;
                tally.slow = match piece.sketch()? {
                    Some(sketch) => sketch.count_above(slow.limit_ms).min(successes),
                    None => slow.stated(piece.stated().filter(|_| is_stated), successes),
                };
            }
        }
        Ok(tallies)
    }
}

/// The column in which the latency at `quantile` is stated, if it is one of the four that can be.
fn percentile(quantile: f64) -> Option<Column> {
    let columns = [Column::LatencyP50, Column::LatencyP90, Column::LatencyP95, Column::LatencyP99];
    let kept = [0.5, 0.9, 0.95, 0.99].into_iter().zip(columns);
    kept.into_iter().find(|(known, _)| (quantile - known).abs() < 1e-9).map(|(_, column)| column)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a stored count")]
fn whole(value: f64) -> u64 {
    value.max(0.0) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::batch::Mode;
    use crate::store::query::tests::{Rows, id, sample, write};

    #[test]
    fn files_and_what_lies_over_them_are_counted_alike() {
        let mut rows = Rows::new();
        for (channel, minute, calls) in [
            (1, 58, vec![100.0, 3_000.0]),
            (1, 59, vec![2_500.0, 2_600.0, 1.0]),
            (1, 61, vec![5.0]),
            (2, 60, vec![10.0, 9_000.0]),
            (3, 60, vec![9_000.0]),
        ] {
            let mut row = sample(channel, minute, &calls);
            (row.counts.requests, row.counts.errors) = (row.counts.requests + 1, 1);
            rows.insert((id(channel), Minute(minute)), row);
        }
        let dir = tempfile::tempdir().expect("a directory");
        let snapshot = write(&rows, dir.path());
        let fresh = [Amendment { sample: sample(2, 60, &[7_000.0]), mode: Mode::Add }];
        let slow = Slow { quantile: 0.95, limit_ms: 2_000.0 };
        let channels = [id(1), id(2), id(4)];
        let query = TallyQuery { channels: &channels, from: Minute(58), to: Minute(62), slow: Some(slow) };
        let found = tallies(&snapshot, &fresh, &query).expect("readable");
        let of = |channel: u32, minute: u32| {
            let mut sample = rows.get(&(id(channel), Minute(minute)))?.clone();
            if channel == 2 {
                sample.merge(&fresh[0].sample);
            }
            Some(Tally::of(&sample, Some(&slow)))
        };
        assert_eq!(found[0], [of(1, 58), of(1, 59), None, of(1, 61)]);
        assert_eq!(found[1], [None, None, of(2, 60), None]);
        assert_eq!(found[1][2].map(|tally| (tally.calls, tally.failed, tally.slow)), Some((4, 1, 2)));
        assert_eq!(found[2], [None; 4], "a channel without a row");
        let plain = tallies(&snapshot, &[], &TallyQuery { slow: None, ..query }).expect("readable");
        assert_eq!(plain[0][1].map(|tally| (tally.calls, tally.harmed())), Some((4, 1)));
    }
}
