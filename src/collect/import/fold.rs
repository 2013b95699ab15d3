//! Minutes in the making: bounded memory without cutting minutes in two.
//!
//! Calls gather in their minutes. When too many minutes are held, those that will hardly grow any more are given
//! away: first the minutes of hours that their channel has left behind, so that an hour's file is written once; if
//! that is not enough, all but each channel's newest minute; if even that is not enough, everything. In a file that
//! is sorted by time, or by channel and then by time, the first two give whole minutes only, so what is published
//! does not depend on where the cuts fell. In an unsorted file larger than the limit a minute may be given away in
//! several pieces; they add up to the same counts and the same sketch, and only its `revision` tells.

use std::collections::BTreeMap;
use std::mem;

use crate::domain::call::Call;
use crate::domain::ids::ChannelId;
use crate::domain::sample::Sample;
use crate::domain::time::Minute;

/// Minutes held before some are given away: a day of 90 channels, some 100 MB with latency sketches. A file sorted by
/// channel instead of time is published in pieces of this size, and each piece rewrites the hours it touches.
pub const HELD_MINUTES: usize = 131_072;

/// Seconds watched in a minute with an imported call. History does not say when its recorder was on, so a minute
/// with a call counts as watched whole and a minute without one stays a gap.
const COVERAGE_S: u32 = 60;

/// Minutes that are still held.
#[derive(Debug)]
pub struct Fold {
    held: BTreeMap<ChannelId, BTreeMap<Minute, Sample>>,
    count: usize,
    limit: usize,
}

impl Fold {
    /// Holds up to `limit` minutes (at least 1) between two calls of [`Fold::settled`].
    #[must_use]
    pub const fn new(limit: usize) -> Self {
        Self { held: BTreeMap::new(), count: 0, limit }
    }

    /// Minutes held.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.count
    }

    /// Whether nothing is held.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Adds a call to its minute.
    pub fn add_call(&mut self, call: &Call) {
        let minute = call.ts.minute();
        let minutes = match self.held.get_mut(&call.channel) {
            Some(minutes) => minutes,
            None => self.held.entry(call.channel.clone()).or_default(),
        };
        let sample = minutes.entry(minute).or_insert_with(|| {
            self.count += 1;
            let mut sample = Sample::new(call.channel.clone(), minute);
            sample.coverage_s = COVERAGE_S;
            sample
        });
        sample.record(call);
    }

    /// Adds a whole minute. `false` if the channel's minute is held already: then the first one stays, as it would
    /// in the store.
    pub fn add_minute(&mut self, sample: Sample) -> bool {
        let minutes = self.held.entry(sample.channel.clone()).or_default();
        let is_new = !minutes.contains_key(&sample.minute);
        if is_new {
            minutes.insert(sample.minute, sample);
            self.count += 1;
        }
        is_new
    }

    /// Minutes to publish now, ascending by channel and minute: none while the limit is not reached.
    pub fn settled(&mut self) -> Vec<Sample> {
        if self.count <= self.limit {
            return Vec::new();
        }
        let mut out = self.take_before(|newest| newest.hour().first_minute());
        if self.count > self.limit / 2 {
            out.extend(self.take_before(|newest| newest));
            out.sort_by(|a, b| (&a.channel, a.minute).cmp(&(&b.channel, b.minute)));
        }
        // The rest cannot be sorted in: it may continue what was taken, but never repeats it.
        if self.count > self.limit / 2 {
            out.extend(self.drain());
            out.sort_by(|a, b| (&a.channel, a.minute).cmp(&(&b.channel, b.minute)));
        }
        out
    }

    /// Everything that is held, ascending by channel and minute.
    pub fn drain(&mut self) -> Vec<Sample> {
        self.count = 0;
        mem::take(&mut self.held).into_values().flat_map(BTreeMap::into_values).collect()
    }

    /// Takes the minutes before `border`, a function of each channel's newest minute.
    fn take_before(&mut self, border: impl Fn(Minute) -> Minute) -> Vec<Sample> {
        let mut taken = Vec::new();
        for minutes in self.held.values_mut() {
            let Some((&newest, _)) = minutes.last_key_value() else { continue };
            let kept = minutes.split_off(&border(newest));
            taken.extend(mem::replace(minutes, kept).into_values());
        }
        self.count -= taken.len();
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Timestamp;
    use proptest::prelude::*;

    fn call(channel: u8, second: i64) -> Call {
        let channel = ChannelId::new(&format!("c{channel}")).expect("valid name");
        Call::new(Timestamp::from_seconds(second), channel)
    }

    fn publish(calls: &[Call], limit: usize) -> Vec<Vec<Sample>> {
        let mut fold = Fold::new(limit);
        let mut out = Vec::new();
        for call in calls {
            fold.add_call(call);
            out.push(fold.settled());
        }
        out.push(fold.drain());
        out.retain(|piece| !piece.is_empty());
        out
    }

    #[test]
    fn a_repeated_whole_minute_is_told() {
        let sample = Sample::new(ChannelId::new("c").expect("valid name"), Minute(7));
        let mut fold = Fold::new(10);
        assert!(fold.add_minute(sample.clone()));
        assert!(!fold.add_minute(sample));
        assert_eq!(fold.len(), 1);
    }

    proptest! {
        /// In sorted input every minute is published once and whole, whatever the limit; every publication is sorted;
        /// and no more than the limit is held.
        #[test]
        fn sorted_input_is_never_cut(
            mut places in prop::collection::vec((0..3_u8, 0..40_000_i64), 1..300),
            by_channel in any::<bool>(),
            limit in 6..60_usize,
        ) {
            places.sort_by_key(|&(channel, second)| (if by_channel { channel } else { 0 }, second));
            let calls: Vec<Call> = places.iter().map(|&(channel, second)| call(channel, second)).collect();
            let pieces = publish(&calls, limit);
            for piece in &pieces {
                prop_assert!(piece.windows(2).all(|two| (&two[0].channel, two[0].minute) < (&two[1].channel, two[1].minute)));
            }
            let mut all: Vec<Sample> = pieces.into_iter().flatten().collect();
            all.sort_by(|a, b| (&a.channel, a.minute).cmp(&(&b.channel, b.minute)));
            prop_assert_eq!(all, publish(&calls, usize::MAX).concat());
        }
    }
}
