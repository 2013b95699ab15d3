//! What counters stood at, and how much they grew: the memory of a scrape.
//!
//! - The first page is only a baseline: what came before it belongs to no known minute.
//! - A counter that fell, or a process that started anew, begins at zero: the new value is the growth. What was counted
//!   between the last scrape and the restart is lost to everybody, since no page ever showed it.
//! - A series that was not there before also begins at zero, for exporters create a series with its first event. Only
//!   if the last page had unreadable lines is a new series merely remembered: it may have been one of them.
//! - A series that is gone keeps its baseline, for some exporters (the OpenTelemetry collector) drop quiet series and
//!   bring them back where they stood. After a restart, baselines of series that are gone are dropped.
//! - Baselines are limited in number; beyond it, those of series that are gone are dropped first.
//! - A channel that was seen before is still there without any series: a channel without traffic has none. Twenty-four
//!   hours after its last series it is taken to be gone.

use std::collections::{BTreeMap, BTreeSet};

use crate::collect::sources::prometheus::mapping::Measured;
use crate::collect::sources::prometheus::page::{HistogramSeries, MAX_SERIES, Reading, Slot};
use crate::domain::ids::ChannelId;
use crate::domain::time::{MINUTES_PER_DAY, Minute, Timestamp};

/// How long a channel without any series is still taken to be there.
const GONE_AFTER_MINUTES: u32 = MINUTES_PER_DAY;

/// A histogram's last known state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistogramBase {
    /// Hash of its bounds.
    pub layout: u64,
    /// Counts per bucket.
    pub counts: Vec<u64>,
    /// Sum in microseconds.
    pub sum_us: u64,
}

/// What is known of a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Memory {
    /// Minute of the last page with a series of it.
    pub last: Minute,
    /// Which columns it ever had a counter for.
    pub known: Known,
}

/// The optional columns that a channel has counters for; one without stays unknown rather than zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Known(pub u8);

impl Known {
    /// Whether `slot` is among them.
    #[must_use]
    pub const fn has(self, slot: Slot) -> bool {
        self.0 & Self::bit(slot) != 0
    }

    const fn add(&mut self, slot: Slot) {
        self.0 |= Self::bit(slot);
    }

    const fn bit(slot: Slot) -> u8 {
        match slot {
            Slot::TokensPrompt => 1,
            Slot::TokensCompletion => 2,
            Slot::TokensCached => 4,
            Slot::Cost => 8,
            _ => 0,
        }
    }
}

/// Everything the last page left behind.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Baseline {
    /// When the page was read.
    pub at: Timestamp,
    /// Start of the process, in milliseconds since the epoch, if the page said so.
    pub started_ms: Option<u64>,
    /// Whether every line of the page was understood.
    pub clean: bool,
    /// The minute of the last scrape and how many microseconds of it have been covered.
    pub covered: (Minute, u64),
    /// Counters by series.
    pub counters: BTreeMap<u64, u64>,
    /// Histograms by series.
    pub histograms: BTreeMap<u64, HistogramBase>,
    /// Channels seen.
    pub channels: BTreeMap<ChannelId, Memory>,
}

/// How much a group of equal histograms grew.
#[derive(Debug, Clone, PartialEq)]
pub struct HistogramDelta {
    /// Finite upper bounds in milliseconds.
    pub bounds_ms: Vec<f64>,
    /// Growth per bucket.
    pub counts: Vec<u64>,
    /// Growth of the sum in microseconds.
    pub sum_us: u64,
}

/// How much everything grew between two pages.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Deltas {
    /// Counters per channel.
    pub counters: BTreeMap<ChannelId, BTreeMap<Slot, u64>>,
    /// Histograms per channel, measure and layout.
    pub histograms: BTreeMap<(ChannelId, Measured, u64), HistogramDelta>,
    /// Series that began anew.
    pub resets: u64,
}

impl Baseline {
    /// The baseline that `reading` makes on top of this one (empty for the first), without the growth.
    #[must_use]
    pub fn after(&self, reading: &Reading, at: Timestamp) -> Self {
        let mut next = self.clone();
        if self.restarted(reading) || self.counters.len() + self.histograms.len() > MAX_SERIES {
            next.counters.clear();
            next.histograms.clear();
        }
        (next.at, next.started_ms, next.clean) = (at, reading.started_ms, reading.clean);
        next.counters.extend(reading.counters.iter().map(|(&key, series)| (key, series.value)));
        next.histograms.extend(reading.histograms.iter().map(|(&key, series)| {
            let base = HistogramBase { layout: series.layout(), counts: series.counts.clone(), sum_us: series.sum_us };
            (key, base)
        }));
        let minute = at.minute();
        for channel in channels_of(reading) {
            let memory = next.channels.entry(channel.clone());
            memory.or_insert(Memory { last: minute, known: Known::default() }).last = minute;
        }
        for series in reading.counters.values() {
            if let Some(memory) = series.channel.as_ref().and_then(|channel| next.channels.get_mut(channel)) {
                memory.known.add(series.slot);
            }
        }
        next.channels.retain(|_, memory| minute.0.saturating_sub(memory.last.0) <= GONE_AFTER_MINUTES);
        next
    }

    /// How much everything on the page grew since this baseline.
    #[must_use]
    pub fn growth(&self, reading: &Reading) -> Deltas {
        let restarted = self.restarted(reading);
        let mut deltas = Deltas::default();
        for (key, series) in &reading.counters {
            let before = self.counters.get(key).copied();
            let (grown, reset) = self.grown(before, series.value, restarted);
            deltas.resets += u64::from(reset);
            if let Some(channel) = &series.channel {
                let slots = deltas.counters.entry(channel.clone()).or_default();
                let sum = slots.entry(series.slot).or_insert(0_u64);
                *sum = sum.saturating_add(grown);
            }
        }
        for (&key, series) in &reading.histograms {
            self.grow_histogram(key, series, restarted, &mut deltas);
        }
        deltas
    }

    fn grow_histogram(&self, key: u64, series: &HistogramSeries, restarted: bool, deltas: &mut Deltas) {
        let layout = series.layout();
        let known = self.histograms.get(&key);
        // A bucket that fell resets the whole histogram: its parts are only true together.
        let goes_on = known.filter(|base| {
            let grew = |(old, new): (&u64, &u64)| old <= new;
            !restarted && base.layout == layout && base.counts.iter().zip(&series.counts).all(grew)
        });
        deltas.resets += u64::from(known.is_some() && goes_on.is_none());
        let counts_from_zero = known.is_some() || self.clean || restarted;
        let Some(channel) = series.channel.as_ref().filter(|_| counts_from_zero) else { return };
        let nothing =
            || HistogramDelta { bounds_ms: series.bounds_ms.clone(), counts: vec![0; series.counts.len()], sum_us: 0 };
        let group = deltas.histograms.entry((channel.clone(), series.measure, layout)).or_insert_with(nothing);
        for (index, (sum, new)) in group.counts.iter_mut().zip(&series.counts).enumerate() {
            let old = goes_on.and_then(|base| base.counts.get(index)).copied().unwrap_or(0);
            *sum = sum.saturating_add(new - old);
        }
        let old_us = goes_on.map_or(0, |base| base.sum_us);
        group.sum_us = group.sum_us.saturating_add(series.sum_us.saturating_sub(old_us));
    }

    /// Growth of one counter, and whether it began anew.
    fn grown(&self, before: Option<u64>, value: u64, restarted: bool) -> (u64, bool) {
        match before {
            Some(_) if restarted => (value, true),
            Some(before) => value.checked_sub(before).map_or((value, true), |grown| (grown, false)),
            None if self.clean || restarted => (value, false),
            None => (0, false),
        }
    }

    fn restarted(&self, reading: &Reading) -> bool {
        matches!((self.started_ms, reading.started_ms), (Some(before), Some(now)) if before != now)
    }
}

/// The channels that a page shows.
fn channels_of(reading: &Reading) -> BTreeSet<&ChannelId> {
    let counters = reading.counters.values().filter_map(|series| series.channel.as_ref());
    let histograms = reading.histograms.values().filter_map(|series| series.channel.as_ref());
    let levels = reading.levels.keys().map(|(channel, _)| channel);
    counters.chain(histograms).chain(levels).collect()
}
