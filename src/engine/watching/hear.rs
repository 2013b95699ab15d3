//! What is known of a minute when it is judged.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

use crate::domain::ids::ChannelId;
use crate::domain::sample::Sample;
use crate::domain::time::Minute;
use crate::engine::Engine;
use crate::engine::machine::{Class, Heard, Rulebook};
use crate::forecast::output::Levels;
use crate::risk::chance::{Chances, HORIZONS};
use crate::risk::passage::{PATHS, Panel};
use crate::stats::seed::Seed;
use crate::store::query::{self, QueryError};

/// Steps of a forecast behind a risk: the longest horizon.
const STEPS: usize = HORIZONS[HORIZONS.len() - 1] as usize;

/// Panels of random paths by the persistence of their steps, in twentieths: drawn once, used by every series.
#[derive(Debug, Default)]
pub(super) struct Panels(BTreeMap<u8, Arc<Panel>>);

impl Panels {
    fn of(&mut self, persistence: f64) -> Option<Arc<Panel>> {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 19")]
        let twentieths = (persistence.clamp(0.0, 0.95) * 20.0).round() as u8;
        if let Some(panel) = self.0.get(&twentieths) {
            return Some(Arc::clone(panel));
        }
        let panel = Arc::new(Panel::new(PATHS, STEPS, f64::from(twentieths) / 20.0, Seed::new(0)).ok()?);
        self.0.insert(twentieths, Arc::clone(&panel));
        Some(panel)
    }
}

impl Engine {
    /// The minutes `from..to` of every channel, as they stand.
    pub(super) fn minutes(
        &self,
        from: Minute,
        to: Minute,
    ) -> Result<BTreeMap<Minute, BTreeMap<ChannelId, Heard>>, QueryError> {
        let mut minutes: BTreeMap<Minute, BTreeMap<ChannelId, Heard>> = BTreeMap::new();
        let channels = self.channels();
        for channel in &channels {
            for sample in self.samples_of(channel, from, to)? {
                let heard = minutes.entry(sample.minute).or_default().entry(channel.clone()).or_default();
                heard.expected = self.0.forecasting.expected(channel, sample.minute);
                heard.sample = Some(sample);
            }
        }
        // A channel that nobody watched is told of as well, as long as anybody watched any.
        for heard in minutes.values_mut() {
            for channel in &channels {
                heard.entry(channel.clone()).or_default();
            }
        }
        Ok(minutes)
    }

    /// The minutes `from..to` of `channel`, as they stand.
    pub(in crate::engine) fn samples_of(
        &self,
        channel: &ChannelId,
        from: Minute,
        to: Minute,
    ) -> Result<Vec<Sample>, QueryError> {
        let view = self.view(Some(channel), from, to);
        match query::samples(&view.snapshot, &view.fresh, channel, from, to) {
            // A file of the snapshot was replaced meanwhile: the newest one has its rows.
            Err(error) if error.is_stale() => {
                let view = self.view(Some(channel), from, to);
                query::samples(&view.snapshot, &view.fresh, channel, from, to)
            }
            read => read,
        }
    }

    /// By route class, how likely it is by the forecasts of this moment that `channel` breaks a promise.
    pub(super) fn chances(&self, book: &Rulebook, channel: &ChannelId) -> BTreeMap<String, Chances> {
        let of = |class: &Class| Some((class.name.clone(), self.chances_of(channel, class)?));
        book.classes_of(channel).filter_map(of).collect()
    }

    /// Random paths whose steps have about this `persistence`.
    pub(in crate::engine) fn panel(&self, persistence: f64) -> Option<Arc<Panel>> {
        self.0.watching.panels.lock().unwrap_or_else(PoisonError::into_inner).of(persistence)
    }

    fn chances_of(&self, channel: &ChannelId, class: &Class) -> Option<Chances> {
        let levels = Levels::default();
        let limits = class.limits().into_iter();
        let chances = limits.filter_map(|(target, limit)| {
            let foreseen = self.forecast(channel, target, STEPS, &levels).ok()?;
            let panel = self.panel(foreseen.draw.persistence)?;
            Chances::above(limit, &foreseen.forecast, &panel)
        });
        chances.reduce(Chances::either)
    }
}
