//! Scrapes of Prometheus text pages: counters become partial minutes of channels.
//!
//! [`text`] reads lines, [`reader`] picks what a [`mapping`] asks for, [`baseline`] knows how much it grew since the last
//! page, [`assemble`] makes minutes of it. Ready-made mappings are in [`presets`]. All of it is pure.
//!
//! The source moves on only when its harvest has been made durable: [`Source::parse`] always counts from the last
//! accepted page. A page whose batch was refused is contained in the next one.

use std::collections::BTreeMap;

use crate::collect::pull::{PullSource, gauge};
use crate::collect::source::{Admission, CollectFailure, Harvest, Source};
use crate::collect::sources::prometheus::assemble::{Derivation, Interval};
use crate::collect::sources::prometheus::baseline::{Baseline, Deltas};
use crate::collect::sources::prometheus::mapping::{Mapping, MappingError};
use crate::collect::sources::prometheus::page::{Reading, Slot};
use crate::collect::sources::prometheus::reader::Reader;
use crate::domain::batch::Batch;
use crate::domain::gauge::Gauge;
use crate::domain::time::Timestamp;

pub mod assemble;
pub mod baseline;
pub mod cursor;
pub mod extras;
pub mod histogram;
pub mod mapping;
pub mod page;
pub mod presets;
pub mod reader;
pub mod split;
pub mod text;

/// Gauge: lines of the page that were not understood; only written when there are any.
pub const BAD_LINES: &str = "foreroute_scrape_bad_lines";

/// Gauge: series that began anew since the last page; only written when there are any. If it is written every time,
/// several processes answer at one address, and their counters cannot be told apart.
pub const RESETS: &str = "foreroute_scrape_counter_resets";

/// One page, scraped again and again.
#[derive(Debug, Clone)]
pub struct PrometheusSource {
    name: String,
    reader: Reader,
    fingerprint: u64,
    every_s: f64,
    baseline: Option<Baseline>,
    pending: Option<Baseline>,
}

impl PrometheusSource {
    /// A source called `name` whose pages come every `every_s` seconds and mean what `mapping` says.
    ///
    /// # Errors
    /// [`MappingError`] if the mapping cannot yield anything.
    pub fn new(name: &str, mapping: Mapping, every_s: f64) -> Result<Self, MappingError> {
        mapping.check()?;
        let reader = Reader::new(mapping);
        let fingerprint = reader.fingerprint();
        Ok(Self { name: name.to_owned(), reader, fingerprint, every_s, baseline: None, pending: None })
    }

    /// What grew since the accepted page goes into `batch`; returns the baseline that results.
    fn grow(&self, before: &Baseline, reading: &Reading, at: Timestamp, batch: &mut Batch) -> Baseline {
        let mut after = before.after(reading, at);
        let deltas = before.growth(reading);
        let interval = Interval::new(before, at, self.every_s);
        let derivation = Derivation { counts_failures: self.reader.mapping().counts_failures() };
        batch.partials = assemble::samples(&deltas, &after, reading, &interval, derivation);
        batch.gauges.extend(self.states(&deltas, reading, at));
        if deltas.resets > 0 {
            batch.gauges.push(self.count(RESETS, deltas.resets, at));
        }
        after.covered = interval.state;
        after
    }

    /// States that the counters of the same interval bear out.
    ///
    /// LiteLLM never takes back the 2 it wrote at a cooldown. So trouble is believed only with a failure or a cooldown
    /// since the last page, and health only with a success; without either, nothing is known and nothing is said.
    fn states(&self, deltas: &Deltas, reading: &Reading, at: Timestamp) -> Vec<Gauge> {
        let Some(metric) = self.reader.mapping().state.as_ref().and_then(|select| select.names.first()) else {
            return Vec::new();
        };
        let none = BTreeMap::new();
        let states = reading.states.iter().filter_map(|(channel, &worst)| {
            let slots = deltas.counters.get(channel).unwrap_or(&none);
            let moved = |wanted: fn(&Slot) -> bool| slots.iter().any(|(slot, &n)| n > 0 && wanted(slot));
            let trouble = moved(|slot| matches!(slot, Slot::Failures(_) | Slot::Evidence));
            let health = moved(|slot| matches!(slot, Slot::Successes | Slot::Requests));
            let value = if trouble { worst } else { 0.0 };
            let labels = [("source", self.name.as_str()), ("channel", channel.as_str())];
            (trouble || health).then(|| gauge(metric, at, &labels, value))
        });
        states.collect()
    }

    fn count(&self, metric: &str, n: u64, at: Timestamp) -> Gauge {
        #[expect(clippy::cast_precision_loss, reason = "bounded by the lines of a page")]
        let value = n as f64;
        gauge(metric, at, &[("source", &self.name)], value)
    }
}

impl Source for PrometheusSource {
    fn name(&self) -> &str {
        &self.name
    }

    fn parse(&mut self, body: &[u8], admission: &Admission) -> Result<Harvest, CollectFailure> {
        self.pending = None;
        let mut harvest = Harvest { batch: Batch::new(admission.at), ..Harvest::default() };
        let mut reading = self.reader.read(&self.name, body, admission, &mut harvest)?;
        let at = admission.at;
        harvest.batch.gauges = std::mem::take(&mut reading.extras);
        if harvest.rejected() > 0 {
            harvest.batch.gauges.push(self.count(BAD_LINES, harvest.rejected(), at));
        }
        let next = match &self.baseline {
            Some(before) => self.grow(before, &reading, at, &mut harvest.batch),
            None => Baseline { covered: (at.minute(), 0), ..Baseline::default().after(&reading, at) },
        };
        harvest.batch.cursors.insert(self.name.clone(), cursor::encode(&next, self.fingerprint));
        self.pending = Some(next);
        Ok(harvest)
    }
}

impl PullSource for PrometheusSource {
    fn resume(&mut self, cursor: &str) -> Result<(), String> {
        self.pending = None;
        self.baseline = None;
        self.baseline = Some(cursor::decode(cursor, self.fingerprint)?);
        Ok(())
    }

    fn accepted(&mut self) {
        if let Some(next) = self.pending.take() {
            self.baseline = Some(next);
        }
    }
}

#[cfg(test)]
mod tests;
