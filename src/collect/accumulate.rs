//! The minute accumulator: batches in, minutes out. Pure: lateness is judged by the instant inside each batch.
//!
//! A minute stays open until its late window has passed; calls inside the window amend it, whatever their order.
//! Calls that come later are counted and kept aside, so that a published minute does not change behind its readers'
//! backs. A replay of the same batches gives the same state, because nothing here depends on when it runs.
//!
//! If the receiver's clock steps backwards, a minute may open again after it was published; its new pieces are then
//! published as an amendment of the same row, with a higher revision.

use std::collections::{BTreeMap, HashMap};

use crate::collect::ledger::KeyLedger;
use crate::domain::batch::{Amendment, Batch, ChannelSeen, Checkpoint, Mode};
use crate::domain::gauge::{Gauge, GaugeMinute};
use crate::domain::ids::ChannelId;
use crate::domain::sample::Sample;
use crate::domain::series::SeriesKey;
use crate::domain::time::{MINUTES_PER_DAY, Minute, Timestamp};

/// A channel without calls gets rows of zero for this long, then it is taken to be gone and becomes a gap.
const IDLE_MINUTES: u32 = MINUTES_PER_DAY;

/// The longest span that one batch may declare watched: covers a day-long stall, and bounds the work of a batch.
const MAX_WATCHED_MINUTES: u32 = MINUTES_PER_DAY;

/// What became of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Applied {
    /// Calls added to their minutes, late ones included.
    pub calls: u64,
    /// Of these, and of partial minutes: pieces that came after the late window and were kept aside.
    pub late: u64,
    /// Whether the batch's key had been counted before; nothing was added then.
    pub duplicate: bool,
}

/// Minutes that are complete, on their way to the store.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Drained {
    /// Sealed minutes, by minute and channel.
    pub samples: Vec<Amendment>,
    /// Pieces that came too late, by minute and channel.
    pub late: Vec<Sample>,
    /// Sealed gauge minutes, by minute and series.
    pub gauges: Vec<GaugeMinute>,
}

impl Drained {
    /// Whether there is nothing to publish.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.samples.is_empty() && self.late.is_empty() && self.gauges.is_empty()
    }
}

/// The state between acceptance and publication.
#[derive(Debug, Clone, Default)]
pub struct Accumulator {
    late_window_s: i64,
    open: BTreeMap<Minute, HashMap<ChannelId, Amendment>>,
    late: BTreeMap<(Minute, ChannelId), Sample>,
    gauges: BTreeMap<(Minute, SeriesKey), GaugeMinute>,
    /// Bit `n` stands for second `n` of the minute.
    watched: BTreeMap<Minute, u64>,
    /// Earliest and latest minute with a call, per channel fed by calls.
    channels: BTreeMap<ChannelId, (Minute, Minute)>,
    keys: KeyLedger,
    cursors: BTreeMap<String, String>,
}

impl Accumulator {
    /// An accumulator that keeps minutes open for `late_window_s` seconds after their end.
    #[must_use]
    pub fn new(late_window_s: i64) -> Self {
        Self { late_window_s: late_window_s.max(0), ..Self::default() }
    }

    /// The accumulator that [`Accumulator::checkpoint`] was taken of.
    #[must_use]
    pub fn restore(checkpoint: Checkpoint, late_window_s: i64) -> Self {
        let mut state = Self::new(late_window_s);
        for amendment in checkpoint.open {
            let minute = state.open.entry(amendment.sample.minute).or_default();
            minute.insert(amendment.sample.channel.clone(), amendment);
        }
        state.late = checkpoint.late.into_iter().map(|late| ((late.minute, late.channel.clone()), late)).collect();
        state.gauges = checkpoint.gauges.into_iter().map(|gauge| ((gauge.minute, gauge.series()), gauge)).collect();
        state.watched = checkpoint.watched.into_iter().collect();
        state.channels = checkpoint.channels.into_iter().map(|seen| (seen.channel, (seen.first, seen.last))).collect();
        state.keys = checkpoint.keys.into_iter().collect();
        state.cursors = checkpoint.cursors;
        state
    }

    /// Everything this accumulator holds, in an order that depends on nothing but its content.
    #[must_use]
    pub fn checkpoint(&self) -> Checkpoint {
        Checkpoint {
            open: self.open(None, Minute(0), Minute(u32::MAX)),
            late: self.late.values().cloned().collect(),
            gauges: self.gauges.values().cloned().collect(),
            watched: self.watched.iter().map(|(&minute, &seconds)| (minute, seconds)).collect(),
            channels: self
                .channels
                .iter()
                .map(|(channel, &(first, last))| ChannelSeen { channel: channel.clone(), first, last })
                .collect(),
            keys: self.keys.iter().cloned().collect(),
            cursors: self.cursors.clone(),
        }
    }

    /// Adds everything in `batch`, or nothing if its key was counted before.
    pub fn apply(&mut self, batch: &Batch) -> Applied {
        if let Some(key) = &batch.key {
            if let Some(counted) = self.keys.get(key) {
                return Applied { calls: counted.calls, late: 0, duplicate: true };
            }
            self.keys.insert(key.clone(), batch.received_at, batch.calls.len() as u64);
        }
        let mut applied = Applied { calls: batch.calls.len() as u64, ..Applied::default() };
        for call in &batch.calls {
            let minute = call.ts.minute();
            let sample = if self.is_late(minute, batch.received_at) {
                applied.late += 1;
                self.late_entry(minute, &call.channel)
            } else {
                self.see(&call.channel, minute);
                &mut self.entry(minute, &call.channel).sample
            };
            sample.record(call);
        }
        for partial in &batch.partials {
            if self.is_late(partial.minute, batch.received_at) {
                applied.late += 1;
                self.late_entry(partial.minute, &partial.channel).merge(partial);
            } else {
                self.entry(partial.minute, &partial.channel).sample.merge(partial);
            }
        }
        for whole in &batch.replacements {
            self.replace(whole);
        }
        for reading in &batch.gauges {
            self.read_gauge(reading);
        }
        if let Some((from, to)) = batch.watched {
            self.watch(from, to);
        }
        self.advance(&batch.cursors);
        applied
    }

    /// Takes out every minute whose late window has passed at `now`, and everything that was kept aside.
    pub fn drain_sealed(&mut self, now: Timestamp) -> Drained {
        let still_open = now.plus_seconds(-self.late_window_s).minute();
        self.fill_idle(still_open);
        self.drain_before(still_open)
    }

    /// Takes out every minute before that of `now`, sealed or not, to free memory. Pieces that still come amend the
    /// published rows.
    pub fn drain_early(&mut self, now: Timestamp) -> Drained {
        self.drain_before(now.minute())
    }

    fn drain_before(&mut self, border: Minute) -> Drained {
        let open = self.open.split_off(&border);
        let sealed = std::mem::replace(&mut self.open, open);
        let mut samples = Vec::with_capacity(sealed.values().map(HashMap::len).sum());
        for minute in sealed.into_values() {
            let begin = samples.len();
            samples.extend(minute.into_values());
            samples[begin..].sort_unstable_by(|a: &Amendment, b| a.sample.channel.cmp(&b.sample.channel));
        }
        for row in &mut samples {
            let seconds = self.watched.get(&row.sample.minute).copied().unwrap_or(0);
            if row.mode == Mode::Add && self.channels.contains_key(&row.sample.channel) {
                row.sample.coverage_s = row.sample.coverage_s.max(seconds.count_ones());
            }
        }
        let open_gauges = self.gauges.split_off(&(border, SeriesKey(0)));
        let gauges = std::mem::replace(&mut self.gauges, open_gauges).into_values().collect();
        self.watched = self.watched.split_off(&border);
        Drained { samples, late: std::mem::take(&mut self.late).into_values().collect(), gauges }
    }

    /// Gives every channel fed by calls a row of zeros for each watched minute before `border` without a call.
    fn fill_idle(&mut self, border: Minute) {
        for (&minute, _) in self.watched.range(..border) {
            let rows = self.open.entry(minute).or_default();
            for (channel, seen) in &self.channels {
                if is_alive(minute, *seen) && !rows.contains_key(channel) {
                    rows.insert(channel.clone(), empty_row(channel, minute));
                }
            }
        }
        self.channels.retain(|_, (_, last)| border.0.saturating_sub(last.0) <= IDLE_MINUTES);
    }

    /// Minutes not yet drained of `channel` (all channels if `None`) in `[from, to)`, by minute and channel.
    #[must_use]
    pub fn open(&self, channel: Option<&ChannelId>, from: Minute, to: Minute) -> Vec<Amendment> {
        let mut rows = Vec::new();
        for minute in self.open.range(from..to.max(from)).map(|(_, rows)| rows) {
            if let Some(channel) = channel {
                rows.extend(minute.get(channel).cloned());
            } else {
                let begin = rows.len();
                rows.extend(minute.values().cloned());
                rows[begin..].sort_unstable_by(|a: &Amendment, b| a.sample.channel.cmp(&b.sample.channel));
            }
        }
        rows
    }

    /// Pieces that came too late, not yet drained, by minute and channel.
    pub fn late(&self) -> impl Iterator<Item = &Sample> {
        self.late.values()
    }

    /// Gauge minutes not yet drained, by minute and series.
    pub fn open_gauges(&self) -> impl Iterator<Item = &GaugeMinute> {
        self.gauges.values()
    }

    /// Channels fed by calls, with the earliest and the latest minute of each.
    pub fn channels(&self) -> impl Iterator<Item = (&ChannelId, (Minute, Minute))> {
        self.channels.iter().map(|(channel, &seen)| (channel, seen))
    }

    /// Seconds of `[from, to)` in minutes not yet drained that were watched, by channel fed by calls. The rows of these
    /// minutes say so once they are drained, and only then a minute without a call has one.
    #[must_use]
    pub fn watched_s(&self, from: Minute, to: Minute) -> BTreeMap<ChannelId, u32> {
        let watched = |(channel, seen): (&ChannelId, &(Minute, Minute))| {
            let minutes = self.watched.range(from..to.max(from)).filter(|(minute, _)| is_alive(**minute, *seen));
            (channel.clone(), minutes.map(|(_, seconds)| seconds.count_ones()).sum())
        };
        self.channels.iter().map(watched).collect()
    }

    /// Where the source called `name` has read to.
    #[must_use]
    pub fn cursor(&self, name: &str) -> Option<&str> {
        self.cursors.get(name).map(String::as_str)
    }

    /// The cursors of all sources.
    #[must_use]
    pub fn cursors(&self) -> &BTreeMap<String, String> {
        &self.cursors
    }

    /// Minutes of channels held in memory: the measure of memory pressure.
    #[must_use]
    pub fn open_rows(&self) -> usize {
        self.open.values().map(HashMap::len).sum::<usize>() + self.late.len() + self.gauges.len()
    }

    /// Takes over where sources have read to. An empty cursor means that its source is to be forgotten.
    fn advance(&mut self, cursors: &BTreeMap<String, String>) {
        for (name, at) in cursors {
            if at.is_empty() {
                self.cursors.remove(name);
            } else {
                self.cursors.insert(name.clone(), at.clone());
            }
        }
    }

    fn is_late(&self, minute: Minute, received_at: Timestamp) -> bool {
        received_at >= minute.end().plus_seconds(self.late_window_s)
    }

    fn entry(&mut self, minute: Minute, channel: &ChannelId) -> &mut Amendment {
        let rows = self.open.entry(minute).or_default();
        rows.entry(channel.clone()).or_insert_with(|| empty_row(channel, minute))
    }

    fn late_entry(&mut self, minute: Minute, channel: &ChannelId) -> &mut Sample {
        self.late.entry((minute, channel.clone())).or_insert_with(|| Sample::new(channel.clone(), minute))
    }

    fn see(&mut self, channel: &ChannelId, minute: Minute) {
        if let Some((first, last)) = self.channels.get_mut(channel) {
            *first = minute.min(*first);
            *last = minute.max(*last);
        } else {
            self.channels.insert(channel.clone(), (minute, minute));
        }
    }

    fn replace(&mut self, whole: &Sample) {
        let row = self.entry(whole.minute, &whole.channel);
        let fresh = row.mode == Mode::Add;
        if fresh || whole.revision > row.sample.revision {
            *row = Amendment { sample: whole.clone(), mode: Mode::Replace };
        }
    }

    fn read_gauge(&mut self, reading: &Gauge) {
        let minute = GaugeMinute::from_reading(reading);
        self.gauges.entry((minute.minute, reading.series())).and_modify(|known| known.merge(&minute)).or_insert(minute);
    }

    /// Marks the seconds of `[from, to)` as watched.
    fn watch(&mut self, from: Timestamp, to: Timestamp) {
        let earliest = to.minute().minus(MAX_WATCHED_MINUTES).start();
        let from = from.max(earliest);
        if to <= from {
            return;
        }
        for number in from.minute().0..=to.minute().0 {
            let minute = Minute(number);
            let begin = if from > minute.start() { u32::from(from.second_of_minute()) } else { 0 };
            let end = if to >= minute.end() { 60 } else { u32::from(to.second_of_minute()) };
            let seconds = (1_u64 << end) - (1_u64 << begin.min(end));
            if seconds != 0 {
                *self.watched.entry(minute).or_default() |= seconds;
            }
        }
    }
}

/// Whether a channel with calls from minute `first` to minute `last` was there to be watched in `minute`.
fn is_alive(minute: Minute, (first, last): (Minute, Minute)) -> bool {
    first <= minute && minute.0.saturating_sub(last.0) <= IDLE_MINUTES
}

fn empty_row(channel: &ChannelId, minute: Minute) -> Amendment {
    Amendment { sample: Sample::new(channel.clone(), minute), mode: Mode::Add }
}

#[cfg(test)]
mod tests;
