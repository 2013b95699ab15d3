//! A first forecast for a channel that is too young for a fit: its sibling's, until it has its own.
//!
//! Two deployments of one model behave alike in shape if not in level. The sibling's trackers are copied with wider
//! intervals and go on with the young channel's own minutes: levels follow within minutes, intervals within the hour.

use crate::domain::ids::ChannelId;
use crate::domain::time::Minute;
use crate::engine::Engine;
use crate::engine::forecasting::channel::{GAP, LONGEST_GAP, SERIES};
use crate::engine::forecasting::locked;
use crate::forecast::champion::Champion;

impl Engine {
    /// Fills the series of `channel` that have no forecast from a sibling that has. Whether any was filled.
    pub(super) fn borrow(&self, channel: &ChannelId) -> bool {
        let Some(next) = self.0.forecasting.known(channel).and_then(|own| locked(&own).next) else { return false };
        let lent = self.siblings(channel).find_map(|sibling| self.lend(sibling, next));
        let Some((next, lent)) = lent else { return false };
        let own = self.0.forecasting.channel(channel);
        let mut own = locked(&own);
        own.skip_to(next);
        // A minute may have been sealed meanwhile; the next try is soon.
        if own.next != Some(next) {
            return false;
        }
        let mut filled = false;
        for (place, lent) in own.series.iter_mut().zip(lent) {
            if place.is_none() && lent.is_some() {
                *place = lent;
                filled = true;
            }
        }
        filled
    }

    /// Other channels of the same model, by name.
    fn siblings<'a>(&'a self, channel: &'a ChannelId) -> impl Iterator<Item = &'a ChannelId> {
        let models = &self.0.settings.models;
        let own = models.get(channel);
        models.iter().filter(move |(other, model)| own == Some(*model) && *other != channel).map(|(other, _)| other)
    }

    /// Copies of the trackers of `sibling`, brought to `next` if they are behind it, and the minute that they wait for;
    /// `None` if it has no fit.
    fn lend(&self, sibling: &ChannelId, next: Minute) -> Option<(Minute, [Option<Champion>; SERIES])> {
        let sibling = self.0.forecasting.known(sibling)?;
        let sibling = locked(&sibling);
        sibling.fitted_at?;
        let from = sibling.next?;
        // A sibling that fell silent long ago has nothing to say of now.
        let next = next.max(from);
        if next.0 - from.0 > LONGEST_GAP {
            return None;
        }
        let mut slot = 0;
        let lent = std::array::from_fn(|_| {
            let fitted = sibling.series.get(slot).and_then(Option::as_ref);
            slot += 1;
            let mut tracker = fitted?.tracker.lend()?;
            for _ in from.0..next.0 {
                tracker.update(GAP[0]);
            }
            Some(Champion { tracker, report: fitted?.report.clone() })
        });
        Some((next, lent))
    }
}
