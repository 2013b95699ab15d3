//! Every channel's last stretch of time as callers felt it: the share of harmed calls, step by step.

use std::collections::BTreeMap;

use crate::domain::ids::ChannelId;
use crate::domain::tally::{Slow, Tally};
use crate::domain::time::Minute;
use crate::engine::machine::Class;
use crate::engine::{Settings, View};
use crate::store::query::{self, QueryError, TallyQuery};

/// What is slow on each channel: beyond the tightest limit of the classes that it serves.
#[derive(Debug, Clone, Default)]
pub struct Limits(BTreeMap<ChannelId, Slow>);

/// One step of one channel.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Felt {
    /// Calls, probes excluded.
    pub calls: u64,
    /// Those that failed or were slow.
    pub harmed: u64,
}

impl Felt {
    /// The share of harmed calls, 0 to 1; `None` if nobody called.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a ratio of counts")]
    pub fn bad(&self) -> Option<f64> {
        (self.calls > 0).then(|| self.harmed as f64 / self.calls as f64)
    }

    fn add(&mut self, tally: &Tally) {
        self.calls += tally.calls;
        self.harmed += tally.failed + tally.slow;
    }
}

impl Limits {
    /// The limits that `settings` promise.
    #[must_use]
    pub fn of(settings: &Settings) -> Self {
        let decided = settings.decide.iter().flat_map(|decide| decide.book.routes.iter().map(|route| &route.class));
        let promised = settings.detect.iter().flat_map(|detect| &detect.book.classes);
        Self::tightest(decided.chain(promised))
    }

    fn tightest<'c>(classes: impl Iterator<Item = &'c Class>) -> Self {
        let mut limits = BTreeMap::<ChannelId, Slow>::new();
        for class in classes {
            let Some(slow) = class.slow() else { continue };
            for channel in &class.channels {
                let limit = limits.entry(channel.clone()).or_insert(slow);
                if slow.limit_ms < limit.limit_ms {
                    *limit = slow;
                }
            }
        }
        Self(limits)
    }

    /// Channels by what is slow on them, each group sorted.
    fn groups(&self, channels: &[ChannelId]) -> Vec<(Option<Slow>, Vec<ChannelId>)> {
        let mut groups: Vec<(Option<Slow>, Vec<ChannelId>)> = Vec::new();
        for channel in channels {
            let slow = self.0.get(channel).copied();
            match groups.iter_mut().find(|(of, _)| *of == slow) {
                Some((_, group)) => group.push(channel.clone()),
                None => groups.push((slow, vec![channel.clone()])),
            }
        }
        groups
    }
}

/// The steps of `width` minutes in `[from, to)` of each of `channels`, which are sorted.
///
/// # Errors
/// [`QueryError`].
pub fn heat(
    view: &View,
    limits: &Limits,
    channels: &[ChannelId],
    (from, to, width): (Minute, Minute, u32),
) -> Result<BTreeMap<ChannelId, Vec<Felt>>, QueryError> {
    let steps = to.0.saturating_sub(from.0).div_ceil(width) as usize;
    let mut found = BTreeMap::new();
    for (slow, group) in limits.groups(channels) {
        let query = TallyQuery { channels: &group, from, to, slow };
        let tallies = query::tallies(&view.snapshot, &view.fresh, &query)?;
        for (channel, minutes) in group.into_iter().zip(tallies) {
            let mut felt = vec![Felt::default(); steps];
            for (step, minutes) in felt.iter_mut().zip(minutes.chunks(width as usize)) {
                minutes.iter().flatten().for_each(|tally| step.add(tally));
            }
            found.insert(channel, felt);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_calling_is_no_health() {
        assert_eq!(Felt::default().bad(), None);
        assert_eq!(Felt { calls: 8, harmed: 2 }.bad(), Some(0.25));
    }

    #[test]
    fn channels_are_read_together_by_what_is_slow_on_them() {
        let [a, b, c] = ["a", "b", "c"].map(|name| ChannelId::new(name).expect("a name"));
        let slow = Slow { quantile: 0.95, limit_ms: 2_000.0 };
        let limits = Limits(BTreeMap::from([(a.clone(), slow), (c.clone(), slow)]));
        let groups = limits.groups(&[a.clone(), b.clone(), c.clone()]);
        assert_eq!(groups, [(Some(slow), vec![a, c]), (None, vec![b])]);
    }
}
