//! Which files answer a question: minutes, or a roll-up of them where it gives the same answer sooner.
//!
//! A roll-up stands for a whole day of minutes if every one of its windows lies within the question and within one
//! step, and nothing unpublished changes that day. It does not where percentiles are asked and a minute was only
//! stated: then its windows know less than its minutes. Where the minutes themselves are past their retention, a
//! roll-up answers as far as it fits; the rest is a gap.

use std::collections::BTreeMap;

use crate::domain::time::Day;
use crate::store::catalog::LiveFile;
use crate::store::parquet::ParquetError;
use crate::store::query::Combine;
use crate::store::query::cells::Question;
use crate::store::query::file::OpenFile;
use crate::store::query::overlay::Overlay;
use crate::store::query::steps::{Method, Steps};
use crate::store::schema::{SAMPLES, SAMPLES_1H, SAMPLES_5M, TableSpec};
use crate::store::snapshot::Snapshot;

/// A file and the table that it belongs to.
pub(super) struct Source {
    pub file: OpenFile,
    pub table: &'static TableSpec,
}

impl Source {
    fn open(snapshot: &Snapshot, table: &'static TableSpec, file: &LiveFile) -> Result<Self, ParquetError> {
        Ok(Self { file: OpenFile::open(snapshot, file)?, table })
    }
}

/// The files that answer `question`, which `overlay` lies over; in order of time.
pub(super) fn sources(
    snapshot: &Snapshot,
    overlay: &Overlay,
    question: &Question<'_>,
) -> Result<Vec<Source>, ParquetError> {
    let mut days: BTreeMap<Day, Vec<&LiveFile>> = BTreeMap::new();
    for table in [&SAMPLES, &SAMPLES_5M, &SAMPLES_1H] {
        for file in snapshot.overlapping(table, question.from.floor_to(table.width_minutes), question.to) {
            days.entry(file.day).or_default().push(file);
        }
    }
    let merges = Method::of(question.column, question.step_minutes, question.combine) == Method::Merge;
    let mut found = Vec::new();
    for (day, files) in days {
        let (minutes, made): (Vec<_>, Vec<_>) = files.into_iter().partition(|file| file.table == SAMPLES.name);
        if let Some((table, file)) = roll_up(day, &minutes, &made, overlay, question) {
            let source = Source::open(snapshot, table, file)?;
            if minutes.is_empty() || !(merges && source.file.meta.has_summaries) {
                found.push(source);
                continue;
            }
        }
        for file in minutes {
            found.push(Source::open(snapshot, &SAMPLES, file)?);
        }
    }
    Ok(found)
}

/// The widest of the roll-ups `made` of `day` whose windows fit the question and stand for its `minutes`.
fn roll_up<'f>(
    day: Day,
    minutes: &[&LiveFile],
    made: &[&'f LiveFile],
    overlay: &Overlay,
    question: &Question<'_>,
) -> Option<(&'static TableSpec, &'f LiveFile)> {
    let (first, end) = (day.first_minute(), Day(day.0 + 1).first_minute());
    let is_changed = overlay.minutes.values().any(|minutes| minutes.range(first..end).next().is_some());
    if question.combine != Combine::True || (is_changed && !minutes.is_empty()) {
        return None;
    }
    let steps = Steps::new(question.from, question.to, question.step_minutes);
    let (from, to) = (question.from.max(first), question.to.min(end));
    let stands_for_minutes = |file: &LiveFile| match minutes {
        [] => true,
        [minutes] => file.made_from.as_ref() == Some(&minutes.path),
        _ => false,
    };
    let choose = |table: &'static TableSpec, may_cut: bool| {
        let width = table.width_minutes;
        let from_fits = may_cut || from == from.floor_to(width);
        let fits = from_fits && to == to.floor_to(width) && steps.hold_whole(width);
        let file = made.iter().find(|file| file.table == table.name && stands_for_minutes(file));
        file.filter(|_| fits).map(|file| (table, *file))
    };
    let whole = choose(&SAMPLES_1H, false).or_else(|| choose(&SAMPLES_5M, false));
    // Without minutes, the window that `from` cuts is a gap, and the shorter that is the better.
    whole.or_else(|| choose(&SAMPLES_5M, minutes.is_empty())).or_else(|| choose(&SAMPLES_1H, minutes.is_empty()))
}
