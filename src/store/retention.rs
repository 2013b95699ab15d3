//! How long each table is kept. Pure: the caller deletes.

use crate::domain::time::{Day, Timestamp};
use crate::store::catalog::{Catalog, LiveFile};

/// Days that each table keeps, today included; `None`, the default, keeps it for ever: an imported history may be years
/// old, and 1,000 channels take about 25 MB of minutes a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Retention {
    /// Minutes of channels.
    pub samples_days: Option<u32>,
    /// Minutes of other gauges.
    pub gauges_days: Option<u32>,
    /// Pieces of minutes that came too late.
    pub late_days: Option<u32>,
    /// Five-minute roll-up.
    pub samples_5m_days: Option<u32>,
    /// One-hour roll-up.
    pub samples_1h_days: Option<u32>,
    /// Forecasts.
    pub forecasts_days: Option<u32>,
    /// How forecasts turned out.
    pub forecast_accuracy_days: Option<u32>,
    /// Scored minutes.
    pub anomalies_days: Option<u32>,
    /// Incidents.
    pub incidents_days: Option<u32>,
    /// Risks.
    pub risks_days: Option<u32>,
    /// Decisions.
    pub decisions_days: Option<u32>,
    /// Steps of playbooks.
    pub actions_days: Option<u32>,
    /// Jobs.
    pub work_days: Option<u32>,
}

impl Retention {
    /// Days that `table` keeps; tables without a rule are kept for ever.
    #[must_use]
    pub fn days(&self, table: &str) -> Option<u32> {
        match table {
            "samples" => self.samples_days,
            "gauges" => self.gauges_days,
            "late" => self.late_days,
            "samples_5m" => self.samples_5m_days,
            "samples_1h" => self.samples_1h_days,
            "forecasts" => self.forecasts_days,
            "forecast_accuracy" => self.forecast_accuracy_days,
            "anomalies" => self.anomalies_days,
            "incidents" => self.incidents_days,
            "risks" => self.risks_days,
            "decisions" => self.decisions_days,
            "actions" => self.actions_days,
            "work" => self.work_days,
            _ => None,
        }
    }

    /// The first day that `table` still keeps at `now`; `None` if it keeps everything.
    #[must_use]
    pub fn first_day(&self, table: &str, now: Timestamp) -> Option<Day> {
        let days = self.days(table)?;
        Some(now.minute().day().minus(days.max(1) - 1))
    }
}

/// The live files whose whole day has passed out of its table's retention at `now`.
#[must_use]
pub fn expired<'a>(catalog: &'a Catalog, retention: &Retention, now: Timestamp) -> Vec<&'a LiveFile> {
    let is_expired = |file: &&LiveFile| retention.first_day(&file.table, now).is_some_and(|first| file.day < first);
    catalog.files.iter().filter(is_expired).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Minute;

    fn file(table: &str, day: u32) -> LiveFile {
        LiveFile {
            table: table.to_owned(),
            path: format!("{table}/{day}"),
            day: Day(day),
            hour: None,
            first_minute: Minute(0),
            last_minute: Minute(0),
            rows: 1,
            bytes: 1,
            crc32: 0,
            made_from: None,
        }
    }

    #[test]
    fn every_table_has_a_rule() {
        let days = Some(7);
        let everything = Retention {
            samples_days: days,
            gauges_days: days,
            late_days: days,
            samples_5m_days: days,
            samples_1h_days: days,
            forecasts_days: days,
            forecast_accuracy_days: days,
            anomalies_days: days,
            incidents_days: days,
            risks_days: days,
            decisions_days: days,
            actions_days: days,
            work_days: days,
        };
        for table in crate::store::schema::tables() {
            assert_eq!(everything.days(table.name), days, "{}", table.name);
        }
    }

    #[test]
    fn today_counts_and_tables_have_their_own_rules() {
        let mut catalog = Catalog::default();
        let all = [("samples", 97), ("samples", 98), ("samples", 100), ("samples_1h", 1)];
        catalog.replace_files(&[], all.iter().map(|&(table, day)| file(table, day)).collect());
        let retention = Retention { samples_days: Some(3), ..Retention::default() };
        let now = Day(100).first_minute().plus(1_439).start();
        let gone: Vec<_> = expired(&catalog, &retention, now).into_iter().map(|file| file.path.as_str()).collect();
        assert_eq!(gone, ["samples/97"]);
        let today_only = Retention { samples_days: Some(0), ..retention };
        assert_eq!(today_only.first_day("samples", now), Some(Day(100)), "at least today is kept");
    }
}
