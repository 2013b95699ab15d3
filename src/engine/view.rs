//! One consistent look at everything known: published files plus the minutes that are not in them yet.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::batch::{Amendment, Mode};
use crate::domain::gauge::GaugeMinute;
use crate::domain::ids::ChannelId;
use crate::domain::record::Record;
use crate::domain::sample::Sample;
use crate::domain::time::Minute;
use crate::engine::Engine;
use crate::store::Snapshot;
use crate::store::query::Unpublished;

/// What a query reads. Every minute is in the files, or in `fresh`, or in both as row and amendment; never twice.
#[derive(Clone)]
pub struct View {
    /// The published files.
    pub snapshot: Arc<Snapshot>,
    /// What is not in them yet, by minute and channel.
    pub fresh: Vec<Amendment>,
    /// Pieces kept aside as late that are not in the files yet.
    pub fresh_late: Vec<Sample>,
    /// Gauge minutes that are not in the files yet.
    pub fresh_gauges: Vec<GaugeMinute>,
    /// Conclusions that are not in the files yet.
    pub fresh_records: Vec<Record>,
}

impl View {
    /// What SQL lays over the files.
    #[must_use]
    pub fn unpublished(&self) -> Unpublished<'_> {
        Unpublished {
            samples: &self.fresh,
            late: &self.fresh_late,
            gauges: &self.fresh_gauges,
            records: &self.fresh_records,
        }
    }
}

impl Engine {
    /// A consistent view of `channel` (every channel if `None`) over `[from, to)`.
    #[must_use]
    pub fn view(&self, channel: Option<&ChannelId>, from: Minute, to: Minute) -> View {
        let state = self.0.state();
        // The order matters: with the state locked, rows in flight cannot be forgotten, and a catalog read now either
        // has them already (then its version says so) or does not.
        let snapshot = self.0.store.snapshot();
        let mut fresh = Vec::new();
        let mut fresh_late = Vec::new();
        let mut fresh_gauges = Vec::new();
        let mut fresh_records = Vec::new();
        if let Some(in_flight) = state.in_flight.as_ref().filter(|rows| snapshot.version() < rows.version) {
            fresh.extend(in_flight.rows.samples.iter().filter(|row| is_wanted(row, channel, from, to)).cloned());
            fresh_late.extend(in_flight.rows.late.iter().cloned());
            fresh_gauges.extend(in_flight.rows.gauges.iter().cloned());
            fresh_records.extend(in_flight.records.iter().cloned());
        }
        fresh.extend(state.minutes.open(channel, from, to));
        fresh_late.extend(state.minutes.late().cloned());
        fresh_gauges.extend(state.minutes.open_gauges().cloned());
        drop(state);
        fresh_records.extend(self.0.records.all());
        fresh_records.extend(self.0.working.fresh_records());
        View { snapshot, fresh: join(fresh), fresh_late, fresh_gauges, fresh_records }
    }
}

fn is_wanted(row: &Amendment, channel: Option<&ChannelId>, from: Minute, to: Minute) -> bool {
    channel.is_none_or(|channel| *channel == row.sample.channel) && (from..to).contains(&row.sample.minute)
}

/// Joins amendments of one minute, which exist when a minute opened again while its first part was being published.
fn join(rows: Vec<Amendment>) -> Vec<Amendment> {
    let mut joined: BTreeMap<(Minute, ChannelId), Amendment> = BTreeMap::new();
    for row in rows {
        match joined.entry((row.sample.minute, row.sample.channel.clone())) {
            std::collections::btree_map::Entry::Vacant(place) => {
                place.insert(row);
            }
            std::collections::btree_map::Entry::Occupied(mut place) => match row.mode {
                Mode::Add => place.get_mut().sample.merge(&row.sample),
                Mode::Replace => {
                    place.insert(row);
                }
            },
        }
    }
    joined.into_values().collect()
}
