//! Stretches that fits leave out: what operators named, and the incidents that were found.
//!
//! A model that learnt last week's outage expects another one. Of an incident the columns to blame are left out, from its
//! first sign to its end; levels that were adopted are not, for they are what is usual now. Where incidents take up more
//! than a third of the history, they are what is usual, too.

use std::collections::BTreeMap;

use crate::domain::ids::ChannelId;
use crate::domain::record::{Cell, INCIDENTS, Record};
use crate::domain::target::Target;
use crate::domain::time::{Minute, Timestamp};
use crate::engine::Engine;
use crate::forecast::history::Span;
use crate::incident::state::Ending;
use crate::store::query::{self, RecordQuery};

/// Changes of incidents that are read at most.
const MOST: usize = 200_000;
/// The part of a history that may be left out.
const MOST_OF_HISTORY: f64 = 1.0 / 3.0;

/// What is left out of the history of one channel.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Trouble {
    /// For every column.
    all: Vec<Span>,
    /// For the columns that incidents blame.
    blamed: Vec<(Span, String)>,
}

impl Trouble {
    /// What is left out of the history of `target`, which is of the minutes `from..to`.
    pub(super) fn of(&self, target: Target, from: Minute, to: Minute) -> Vec<Span> {
        let is_blamed = |columns: &str| columns.is_empty() || columns.split(',').any(|column| column == target.name());
        let found: Vec<Span> =
            self.blamed.iter().filter(|(_, columns)| is_blamed(columns)).map(|(it, _)| *it).collect();
        let inside = |span: &Span| span.to.min(to.start()).seconds_since(span.from.max(from.start())).max(0.0);
        let left_out: f64 = found.iter().map(inside).sum();
        let is_usual = left_out > MOST_OF_HISTORY * to.start().seconds_since(from.start());
        if is_usual { self.all.clone() } else { self.all.iter().copied().chain(found).collect() }
    }

    /// What `records`, changes of incidents, say of `channel`; an incident that is open lasts until `now`.
    fn new(all: Vec<Span>, channel: &ChannelId, records: &[Record], now: Timestamp) -> Self {
        let mut newest: BTreeMap<&str, (i64, &Record)> = BTreeMap::new();
        for record in records {
            let text = |name: &str| record.get(name).and_then(|cell| cell.text());
            let Some(incident) = text("incident").filter(|_| text("channel") == Some(channel.as_str())) else {
                continue;
            };
            let revision = record.get("revision").and_then(Cell::integer).unwrap_or(0);
            let known = newest.entry(incident).or_insert((revision, record));
            if revision >= known.0 {
                *known = (revision, record);
            }
        }
        let blamed = newest.into_values().filter_map(|(_, record)| {
            let text = |name: &str| record.get(name).and_then(|cell| cell.text());
            let time = |name: &str| record.get(name).and_then(Cell::time);
            if text("ending") == Some(Ending::Adopted.name()) {
                return None;
            }
            let span = Span { from: time("first_sign")?, to: time("resolved").unwrap_or(now) };
            Some((span, text("blamed").unwrap_or_default().to_owned()))
        });
        Self { all, blamed: blamed.collect() }
    }
}

impl Engine {
    /// What is left out of the history `from..to` of `channel`.
    pub(super) fn trouble(&self, channel: &ChannelId, from: Minute, to: Minute) -> Trouble {
        let view = self.view(Some(channel), to, to);
        // A change is at least as late as the minute it is about, and at most as late as now.
        let now = self.clock().now();
        let wanted =
            RecordQuery { table: &INCIDENTS, from: from.start(), to: now.plus_seconds(1), first: None, limit: MOST };
        let records = query::records(&view.snapshot, &view.fresh_records, &wanted).unwrap_or_else(|error| {
            tracing::warn!(%channel, %error, "incidents are not left out of the fit");
            Vec::new()
        });
        Trouble::new(self.settings().forecast.skip.clone(), channel, &records, now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: u32) -> Timestamp {
        Minute(minute).start()
    }

    /// A change of the incident `id` of the channel `eu`.
    fn change(id: &str, revision: i64, resolved: Option<u32>, ending: Option<&str>, blamed: &str) -> Record {
        let cells = INCIDENTS.columns.iter().map(|column| match column.name {
            "incident" => id.into(),
            "revision" => Cell::Integer(revision),
            "channel" => "eu".into(),
            "first_sign" => at(100).into(),
            "opened" => at(102).into(),
            "resolved" => resolved.map(at).into(),
            "ending" => ending.into(),
            "blamed" => blamed.into(),
            "flaps" | "recurrences" => Cell::Integer(0),
            _ if column.nullable => Cell::Null,
            _ => "x".into(),
        });
        Record::new(&INCIDENTS, at(110), cells.collect()).expect("fits the table")
    }

    fn spans(records: &[Record], target: &str, to: u32) -> Vec<(Timestamp, Timestamp)> {
        let eu = ChannelId::new("eu").expect("valid name");
        let trouble = Trouble::new(Vec::new(), &eu, records, at(500));
        let target = Target::parse(target).expect("a column");
        trouble.of(target, Minute(0), Minute(to)).into_iter().map(|span| (span.from, span.to)).collect()
    }

    #[test]
    fn incidents_are_left_out_of_the_columns_they_blame_as_they_stand_now() {
        let records = [
            change("a", 2, Some(130), Some("recovered"), "error_ratio,latency_p95_ms"),
            change("a", 1, None, None, "error_ratio"),
            change("b", 1, Some(150), Some("adopted"), "latency_p95_ms"),
            change("c", 1, None, None, "cost_usd"),
        ];
        assert_eq!(spans(&records, "latency_p95_ms", 1_000), [(at(100), at(130))]);
        assert_eq!(spans(&records, "requests", 1_000), []);
        assert_eq!(spans(&records, "cost_usd", 2_000), [(at(100), at(500))], "still open");
        assert_eq!(spans(&records, "cost_usd", 1_000), [], "more than a third is what is usual");
    }
}
