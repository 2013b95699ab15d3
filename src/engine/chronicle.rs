//! What was concluded, read back from the tables: incidents as they stood, how they got there, and risks.
//!
//! The questions are asked of a snapshot and of what is not in its files yet, so that they are the same for the running
//! engine and for a command beside it.

use std::collections::BTreeMap;

use crate::domain::ids::ChannelId;
use crate::domain::record::{ACTIONS, ANOMALIES, Cell, DECISIONS, INCIDENTS, RISKS, Record};
use crate::domain::series::SeriesKey;
use crate::domain::time::{Day, Minute, Timestamp};
use crate::incident::told::Told;
use crate::store::Snapshot;
use crate::store::query::{self, QueryError, RecordQuery};
use crate::store::schema::TableSpec;

/// How long before a span changes of incidents are looked for, in days: what did not change for so long and is still open
/// is not found here.
pub const LOOK_BACK_DAYS: u32 = 31;
/// Changes of incidents of one day that are read at most.
const MOST_OF_A_DAY: usize = 200_000;
/// Changes of one incident that are read at most.
const MOST_CHANGES: usize = 10_000;

/// Where to look: published files, and what is not in them yet.
#[derive(Debug, Clone, Copy)]
pub struct Shelf<'a> {
    /// The published files.
    pub snapshot: &'a Snapshot,
    /// Records that are not in the files yet.
    pub fresh: &'a [Record],
}

impl Shelf<'_> {
    /// Every incident and group that was open at some time in `[from, to)`, as it stood at `to`: newest first, by when it
    /// was detected.
    ///
    /// One day is read at a time and of each incident one row is kept, so memory goes with the number of incidents.
    ///
    /// # Errors
    /// [`QueryError`].
    pub fn incidents(&self, from: Timestamp, to: Timestamp) -> Result<Vec<Told>, QueryError> {
        let mut newest: BTreeMap<String, Told> = BTreeMap::new();
        let (first, last) = (self.first_day(from), to.plus_micros(-1).minute().day());
        for day in (first.0..=last.0).rev().map(Day) {
            let begin = day.first_minute().start();
            let end = begin.plus_seconds(86_400).min(to);
            let asked = RecordQuery { table: &INCIDENTS, from: begin, to: end, first: None, limit: MOST_OF_A_DAY };
            for told in query::records(self.snapshot, self.fresh, &asked)?.into_iter().filter_map(Told::of) {
                match newest.get_mut(told.id()) {
                    Some(known) if known.revision() >= told.revision() => {}
                    Some(known) => *known = told,
                    None => drop(newest.insert(told.id().to_owned(), told)),
                }
            }
        }
        let was_open = |told: &Told| told.times.resolved.is_none_or(|resolved| resolved >= from);
        let mut found: Vec<Told> = newest.into_values().filter(was_open).collect();
        found.sort_by(|one, other| position(one).cmp(&position(other)));
        Ok(found)
    }

    /// The first day on which changes may have been that matter from `from` on.
    fn first_day(&self, from: Timestamp) -> Day {
        let published =
            self.snapshot.files(&TableSpec::records(&INCIDENTS)).first().map(|file| file.first_minute.day());
        let fresh =
            self.fresh.iter().filter(|record| record.table() == &INCIDENTS).map(|record| record.ts().minute().day());
        let oldest = fresh.chain(published).min();
        from.minute().day().minus(LOOK_BACK_DAYS).max(oldest.unwrap_or(Day(u32::MAX)))
    }

    /// Every change of the incident or group `id` before `to`, in the order of their numbers; empty if there is none.
    ///
    /// # Errors
    /// [`QueryError`].
    pub fn changes(&self, id: &str, to: Timestamp) -> Result<Vec<Told>, QueryError> {
        let read = |from: Timestamp, to: Timestamp| {
            let first = Some(Cell::from(id));
            let asked = RecordQuery { table: &INCIDENTS, from, to, first, limit: MOST_CHANGES };
            let found = query::records(self.snapshot, self.fresh, &asked)?;
            Ok::<_, QueryError>(found.into_iter().filter_map(Told::of))
        };
        let lately = to.plus_seconds(-86_400 * i64::from(LOOK_BACK_DAYS)).max(Timestamp::from_seconds(0));
        let mut changes: Vec<Told> = read(lately, to)?.collect();
        // The first change is there unless it is older than all that was looked at.
        if changes.iter().all(|told| told.revision() > 1) {
            changes.extend(read(Timestamp::from_seconds(0), lately)?);
        }
        changes.sort_by_key(Told::revision);
        Ok(changes)
    }

    /// What was said of `column` of `channel` in `[from, to)`, in order of time, at most `limit` minutes.
    ///
    /// # Errors
    /// [`QueryError`].
    pub fn anomalies(
        &self,
        channel: &ChannelId,
        column: &str,
        (from, to): (Minute, Minute),
        limit: usize,
    ) -> Result<Vec<Record>, QueryError> {
        let first = Some(Cell::from(SeriesKey::of_channel("samples", channel, column).to_string()));
        let asked = RecordQuery { table: &ANOMALIES, from: from.start(), to: to.start(), first, limit };
        query::records(self.snapshot, self.fresh, &asked)
    }

    /// Risks of `channel` (of all channels if `None`) in `[from, to)`, by channel, class, horizon and time, at most
    /// `limit`.
    ///
    /// # Errors
    /// [`QueryError`].
    pub fn risks(
        &self,
        channel: Option<&ChannelId>,
        (from, to): (Minute, Minute),
        limit: usize,
    ) -> Result<Vec<Record>, QueryError> {
        let first = channel.map(|channel| Cell::from(channel.as_str()));
        let asked = RecordQuery { table: &RISKS, from: from.start(), to: to.start(), first, limit };
        query::records(self.snapshot, self.fresh, &asked)
    }

    /// Steps of playbooks on `channel` (on all channels if `None`) that began in `[from, to)`, at most `limit` rows.
    ///
    /// # Errors
    /// [`QueryError`].
    pub fn actions(
        &self,
        channel: Option<&ChannelId>,
        (from, to): (Minute, Minute),
        limit: usize,
    ) -> Result<Vec<Record>, QueryError> {
        let first = channel.map(|channel| Cell::from(channel.as_str()));
        let asked = RecordQuery { table: &ACTIONS, from: from.start(), to: to.start(), first, limit };
        query::records(self.snapshot, self.fresh, &asked)
    }

    /// Decisions about `class` (all classes if `None`) in `[from, to)` and what came of decisions, at most `limit` rows.
    ///
    /// # Errors
    /// [`QueryError`].
    pub fn decisions(
        &self,
        class: Option<&str>,
        (from, to): (Minute, Minute),
        limit: usize,
    ) -> Result<Vec<Record>, QueryError> {
        let asked =
            RecordQuery { table: &DECISIONS, from: from.start(), to: to.start(), first: class.map(Cell::from), limit };
        query::records(self.snapshot, self.fresh, &asked)
    }
}

/// Where an incident stands in a list: the newest first, by when it was detected, then by name.
#[must_use]
pub fn position(told: &Told) -> (std::cmp::Reverse<Timestamp>, &str) {
    (std::cmp::Reverse(told.times.opened), told.id())
}
