//! What each cumulative instrument last said, per exporter.
//!
//! An instrument with cumulative temporality reports everything since its start, so only the difference to the point
//! before is news. An instrument is known by its name, its attributes and its start: a process that begins anew has
//! new instruments, and two processes that share one identity by mistake do not disturb each other.
//!
//! The first point of an instrument counts as a whole if all of it happened while we were listening: if it started
//! after the exporter was first heard, or so shortly before that the exporter had just come up ([`FRESH_S`]). Else
//! nobody knows how much of it is old, and it only sets the mark.
//!
//! An exporter's marks travel as one cursor, as JSON, in the batch that holds what they were used for.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::collect::sources::otlp::points::Tally;

/// Cursors of this part of the source begin so.
const PREFIX: &str = "otlp/exporter/";
/// How long before it is first heard an exporter may have started for its first points to be news: twice the usual
/// export interval of a minute.
const FRESH_S: u64 = 120;
/// An instrument that an exporter no longer reports is forgotten after this: it belongs to an earlier run.
const FORGET_S: u64 = 3_600;
const NANOS: u64 = 1_000_000_000;

/// Everything remembered about one exporter.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct Exporter {
    /// Time of the first point heard, in nanoseconds since 1970.
    first: u64,
    /// Time of the newest point.
    last: u64,
    series: BTreeMap<u64, Mark>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Mark {
    #[serde(rename = "t")]
    time: u64,
    #[serde(rename = "v")]
    tally: Tally,
}

/// What a point says that was not known before.
#[derive(Debug, PartialEq)]
pub(super) enum News {
    /// This much, since the instant in nanoseconds.
    Since(u64, Tally),
    /// Nothing: the point only sets the mark.
    Mark,
    /// Nothing: the point is not newer than what is known.
    Old,
    /// The exporter has too many instruments already.
    Full,
}

impl Exporter {
    /// An exporter whose first point is of `time`.
    fn new(time: u64) -> Self {
        Self { first: time, last: time, series: BTreeMap::new() }
    }

    /// Compares a cumulative point with its mark, and moves the mark.
    pub(super) fn news(&mut self, series: u64, start: u64, time: u64, tally: &Tally, max_series: usize) -> News {
        self.last = self.last.max(time);
        if let Some(mark) = self.series.get_mut(&series) {
            if time <= mark.time {
                return News::Old;
            }
            let since = std::mem::replace(&mut mark.time, time);
            let before = std::mem::replace(&mut mark.tally, tally.clone());
            // Less than before under the same start: the exporter began anew without saying so.
            let news = tally.since(&before).unwrap_or_else(|| tally.clone());
            return News::Since(since, news);
        }
        if self.series.len() >= max_series {
            return News::Full;
        }
        self.series.insert(series, Mark { time, tally: tally.clone() });
        let heard_from = self.first.saturating_sub(FRESH_S * NANOS);
        if start >= heard_from && start > 0 { News::Since(start, tally.clone()) } else { News::Mark }
    }

    fn forget_old_series(&mut self) {
        let border = self.last.saturating_sub(FORGET_S * NANOS);
        self.series.retain(|_, mark| mark.time >= border);
    }
}

/// Every exporter that is remembered.
#[derive(Debug, Default)]
pub(super) struct Baselines {
    exporters: BTreeMap<String, Exporter>,
}

impl Baselines {
    /// Takes over what `cursors` say; an empty one forgets, as does one that cannot be read.
    pub(super) fn commit(&mut self, cursors: &BTreeMap<String, String>) {
        for (name, value) in cursors.range(PREFIX.to_owned()..) {
            let Some(key) = name.strip_prefix(PREFIX) else { break };
            match serde_json::from_str(value) {
                Ok(exporter) => {
                    self.exporters.insert(key.to_owned(), exporter);
                }
                Err(_) => {
                    self.exporters.remove(key);
                }
            }
        }
    }

    /// A copy of what is known of the exporter `key`, to be compared with points of `time` and later.
    pub(super) fn exporter(&self, key: &str, time: u64) -> Exporter {
        self.exporters.get(key).cloned().unwrap_or_else(|| Exporter::new(time))
    }

    /// The cursors that make `changed` known, and forget the longest silent exporters if there are too many.
    pub(super) fn cursors(
        &self,
        changed: BTreeMap<String, Exporter>,
        max_exporters: usize,
    ) -> BTreeMap<String, String> {
        let mut cursors = BTreeMap::new();
        let new = changed.keys().filter(|key| !self.exporters.contains_key(*key)).count();
        let excess = (self.exporters.len() + new).saturating_sub(max_exporters);
        let mut silent: Vec<_> = self.exporters.iter().filter(|(key, _)| !changed.contains_key(*key)).collect();
        silent.sort_by_key(|(_, exporter)| exporter.last);
        cursors.extend(silent.iter().take(excess).map(|(key, _)| (format!("{PREFIX}{key}"), String::new())));
        for (key, mut exporter) in changed {
            exporter.forget_old_series();
            // Numbers, lists and maps with number keys always serialise; an empty cursor would only forget.
            cursors.insert(format!("{PREFIX}{key}"), serde_json::to_string(&exporter).unwrap_or_default());
        }
        cursors
    }

    /// Everything that is remembered.
    #[cfg(test)]
    pub(super) fn all(&self) -> BTreeMap<String, Exporter> {
        self.exporters.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exporters(times: &[(&str, u64)]) -> BTreeMap<String, Exporter> {
        times.iter().map(|&(key, time)| (key.to_owned(), Exporter::new(time))).collect()
    }

    #[test]
    fn the_longest_silent_exporter_makes_room() {
        let mut known = Baselines::default();
        known.commit(&known.cursors(exporters(&[("a", 30), ("b", 10), ("c", 20)]), 3));
        known.commit(&known.cursors(exporters(&[("d", 40)]), 3));
        assert_eq!(known.all().into_keys().collect::<Vec<_>>(), ["a", "c", "d"]);
    }
}
