//! What is known of a minute when it is judged.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

use crate::domain::column::Column;
use crate::domain::ids::ChannelId;
use crate::domain::sample::Sample;
use crate::domain::target::Target;
use crate::domain::time::Minute;
use crate::engine::machine::{Ahead, Class, Heard, Rulebook};
use crate::engine::{Engine, Foreseen};
use crate::forecast::output::Levels;
use crate::risk::chance::{Chances, HORIZONS};
use crate::risk::passage::{PATHS, Panel};
use crate::stats::seed::Seed;
use crate::store::query::{self, QueryError};

/// Steps of a forecast behind a risk: the longest horizon.
const STEPS: usize = HORIZONS[HORIZONS.len() - 1] as usize;

/// The latency whose course plans follow: the first of these that is forecast.
const LATENCIES: [Column; 3] = [Column::LatencyP95, Column::LatencyP50, Column::LatencyMean];

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
        query::samples(&view.snapshot, &view.fresh, channel, from, to)
    }

    /// What the forecasts of this moment say of `channel`: by route class, how likely it breaks a promise, and the few
    /// figures that plans need.
    pub(super) fn foresee(&self, book: &Rulebook, channel: &ChannelId) -> (BTreeMap<String, Chances>, Ahead) {
        let mut known = BTreeMap::new();
        let mut chances = BTreeMap::new();
        for class in book.classes_of(channel) {
            if let Some(of_class) = self.chances_of(channel, class, &mut known) {
                chances.insert(class.name.clone(), of_class);
            }
        }
        let mut of = |target| self.foreseen(channel, target, &mut known).map(|foreseen| foreseen.forecast.clone());
        let latency = LATENCIES.into_iter().find_map(|column| of(Target::Column(column)));
        let (failing, calls) = (of(Target::ErrorRatio), of(Target::Column(Column::Requests)));
        (chances, Ahead::of(latency.as_ref(), failing.as_ref(), calls.as_ref()))
    }

    /// The forecast of `target`, made at most once.
    fn foreseen<'k>(
        &self,
        channel: &ChannelId,
        target: Target,
        known: &'k mut BTreeMap<Target, Option<Foreseen>>,
    ) -> Option<&'k Foreseen> {
        let make = || self.forecast(channel, target, STEPS, &Levels::default()).ok();
        known.entry(target).or_insert_with(make).as_ref()
    }

    /// Random paths whose steps have about this `persistence`.
    pub(in crate::engine) fn panel(&self, persistence: f64) -> Option<Arc<Panel>> {
        self.0.watching.panels.lock().unwrap_or_else(PoisonError::into_inner).of(persistence)
    }

    fn chances_of(
        &self,
        channel: &ChannelId,
        class: &Class,
        known: &mut BTreeMap<Target, Option<Foreseen>>,
    ) -> Option<Chances> {
        let limits = class.limits().into_iter();
        let chances = limits.filter_map(|(target, limit)| {
            let foreseen = self.foreseen(channel, target, known)?;
            let panel = self.panel(foreseen.draw.persistence)?;
            Chances::above(limit, &foreseen.forecast, &panel)
        });
        chances.reduce(Chances::either)
    }
}
