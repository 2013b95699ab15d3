//! What there is to do. Pure: a function from the catalog and the time to a list of work; no file is opened.

use std::collections::BTreeSet;

use crate::domain::time::{Day, Timestamp};
use crate::store::catalog::Catalog;
use crate::store::retention::Retention;
use crate::store::schema::{GAUGES, LATE, RECORD_TABLES, SAMPLES, SAMPLES_1H, SAMPLES_5M, TableSpec};

/// One piece of work that makes one new catalog version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// Merge the hour files of `day` into one day file.
    Merge {
        /// The table.
        table: &'static TableSpec,
        /// A day that is over.
        day: Day,
    },
    /// Roll the day file of the minutes of `day` up into `table`, replacing an older roll-up.
    RollUp {
        /// The roll-up's table.
        table: &'static TableSpec,
        /// A day whose minutes lie in one day file.
        day: Day,
    },
}

/// Whether `day` is over since `settle_minutes`: late minutes come mostly soon, and amend small files until then.
fn is_settled(day: Day, settle_minutes: u32, now: Timestamp) -> bool {
    now >= Day(day.0 + 1).first_minute().plus(settle_minutes).start()
}

/// The work to be done at `now`, in order; merging makes roll-ups possible, so ask again after a merge.
#[must_use]
pub fn plan(catalog: &Catalog, retention: &Retention, settle_minutes: u32, now: Timestamp) -> Vec<Task> {
    let mut tasks = Vec::new();
    let kept_from = |table: &TableSpec| retention.first_day(table.name, now).unwrap_or(Day(0));
    for table in [&SAMPLES, &LATE, &GAUGES].into_iter().chain(&RECORD_TABLES) {
        let files = catalog.files_of(table.name);
        let whole: BTreeSet<Day> = files.iter().filter(|file| file.hour.is_none()).map(|file| file.day).collect();
        let pieces: BTreeSet<Day> = files.iter().filter(|file| file.hour.is_some()).map(|file| file.day).collect();
        let is_due = |day: &&Day| **day >= kept_from(table) && is_settled(**day, settle_minutes, now);
        let due = pieces.difference(&whole).filter(is_due);
        tasks.extend(due.map(|&day| Task::Merge { table, day }));
    }
    for table in [&SAMPLES_5M, &SAMPLES_1H] {
        // What still comes for a day whose minutes are gone must not take the place of its roll-up.
        let kept_from = kept_from(&SAMPLES).max(kept_from(table));
        let made = catalog.files_of(table.name);
        for minutes in catalog.files_of(SAMPLES.name) {
            let is_made = made.iter().any(|made| made.made_from.as_ref() == Some(&minutes.path));
            if minutes.hour.is_none() && minutes.day >= kept_from && !is_made {
                tasks.push(Task::RollUp { table, day: minutes.day });
            }
        }
    }
    tasks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Minute;
    use crate::store::catalog::LiveFile;

    fn file(table: &str, day: u32, hour: Option<u32>, made_from: Option<&str>) -> LiveFile {
        LiveFile {
            table: table.to_owned(),
            path: format!("{table}/{day}/{hour:?}"),
            day: Day(day),
            hour,
            first_minute: Minute(0),
            last_minute: Minute(0),
            rows: 1,
            bytes: 1,
            crc32: 0,
            made_from: made_from.map(str::to_owned),
        }
    }

    fn planned(files: Vec<LiveFile>, now: Timestamp) -> Vec<Task> {
        let retention = Retention { samples_5m_days: Some(366), ..Retention::default() };
        planned_under(&retention, files, now)
    }

    fn planned_under(retention: &Retention, files: Vec<LiveFile>, now: Timestamp) -> Vec<Task> {
        let mut catalog = Catalog::default();
        catalog.replace_files(&[], files);
        plan(&catalog, retention, 120, now)
    }

    #[test]
    fn a_day_is_merged_once_it_has_settled() {
        let files = || vec![file("samples", 100, Some(3), None), file("samples", 100, Some(4), None)];
        let midnight = Day(101).first_minute();
        assert_eq!(planned(files(), midnight.plus(119).start()), []);
        assert_eq!(planned(files(), midnight.plus(120).start()), [Task::Merge { table: &SAMPLES, day: Day(100) }]);
    }

    #[test]
    fn tables_of_records_are_merged_like_the_others() {
        for table in &RECORD_TABLES {
            let files = vec![file(table.name, 100, Some(3), None), file(table.name, 101, Some(4), None)];
            let now = Day(101).first_minute().plus(120).start();
            assert_eq!(planned(files, now), [Task::Merge { table, day: Day(100) }], "what is ahead stays in pieces");
        }
    }

    #[test]
    fn roll_ups_follow_the_day_file_they_were_made_from() {
        let now = Day(102).first_minute().start();
        let minutes = || file("samples", 100, None, None);
        let five = |made_from| file("samples_5m", 100, None, Some(made_from));
        let hour = |made_from| file("samples_1h", 100, None, Some(made_from));
        let day = Day(100);
        let both = [Task::RollUp { table: &SAMPLES_5M, day }, Task::RollUp { table: &SAMPLES_1H, day }];
        assert_eq!(planned(vec![minutes()], now), both);
        let fresh = minutes().path;
        assert_eq!(planned(vec![minutes(), five(&fresh), hour("older")], now), both[1..]);
        assert_eq!(planned(vec![minutes(), five(&fresh), hour(&fresh)], now), []);
        assert_eq!(planned(vec![five("gone"), hour("gone")], now), [], "roll-ups outlive their minutes");
    }

    #[test]
    fn what_retention_would_drop_is_not_made() {
        let now = Day(1_000).first_minute().start();
        let tasks = planned(vec![file("samples", 100, None, None)], now);
        assert_eq!(tasks, [Task::RollUp { table: &SAMPLES_1H, day: Day(100) }]);

        let minutes_go = Retention { samples_days: Some(90), ..Retention::default() };
        let came_after = vec![file("samples", 100, Some(7), None), file("samples_1h", 100, None, Some("gone"))];
        assert_eq!(planned_under(&minutes_go, came_after, now), [], "a roll-up is not made anew of what still comes");
    }
}
