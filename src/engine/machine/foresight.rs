//! Forecasts of one channel that are followed minute by minute without a store: for walks through the past and for replays.
//!
//! What it says of a minute is what the live engine says: quantiles noted some minutes ahead, the probability that a
//! promise is broken soon, and the few figures that plans need.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::domain::column::Column;
use crate::domain::sample::Sample;
use crate::domain::target::Target;
use crate::domain::time::Minute;
use crate::engine::machine::channel::{Expected, values};
use crate::engine::machine::pilot::Ahead;
use crate::engine::machine::pilot::ahead::MINUTES;
use crate::engine::machine::promises::Class;
use crate::engine::machine::rulebook::LEVELS;
use crate::forecast::interval::Places;
use crate::forecast::live::Tracker;
use crate::forecast::output::{Forecast, Levels};
use crate::risk::chance::{Chances, HORIZONS};
use crate::risk::passage::Panel;

/// Minutes ahead for which it is noted what is expected: as long as the live engine waits for late calls.
const LEAD: u32 = 15;
/// Minutes ahead of a forecast.
const STEPS: usize = HORIZONS[HORIZONS.len() - 1] as usize;

/// One series on its way.
#[derive(Debug)]
pub struct Walker {
    /// The series.
    pub target: Target,
    /// It waits for the next minute.
    pub tracker: Tracker,
    /// Random paths with the persistence of the tracker's steps.
    pub panel: Arc<Panel>,
}

/// The forecasts of one channel.
#[derive(Debug)]
pub struct Foresight {
    walkers: Vec<Walker>,
    notes: VecDeque<(Minute, Expected)>,
    places: Option<Places>,
    /// What was forecast after the newest minute, in the order of the walkers; made when asked for.
    forecasts: Vec<Option<Forecast>>,
}

/// The columns that must be followed for `class`: those that are promised, calls and failures.
#[must_use]
pub fn targets(class: &Class) -> Vec<Target> {
    let mut targets = vec![Target::Column(Column::Requests), Target::ErrorRatio];
    for (target, _) in class.limits() {
        if !targets.contains(&target) {
            targets.push(target);
        }
    }
    targets
}

/// The place of `target` among all.
pub(super) fn slot(target: Target) -> usize {
    Target::ALL.into_iter().position(|known| known == target).unwrap_or(0)
}

impl Foresight {
    /// Forecasts by `walkers`, which all wait for the same minute.
    #[must_use]
    pub fn new(walkers: Vec<Walker>) -> Self {
        let places = Levels::new(LEVELS.to_vec()).ok().map(|levels| Places::from(&levels));
        let forecasts = walkers.iter().map(|_| None).collect();
        Self { walkers, notes: VecDeque::new(), places, forecasts }
    }

    /// Learns `minute`; `None` is a gap.
    pub fn observe(&mut self, minute: Minute, sample: Option<&Sample>) {
        let news = values(sample);
        for walker in &mut self.walkers {
            walker.tracker.update(news[slot(walker.target)]);
        }
        self.forecasts.fill(None);
        while self.notes.front().is_some_and(|(noted, _)| *noted < minute) {
            self.notes.pop_front();
        }
        let Some(places) = &self.places else { return };
        let mut expected = Expected::default();
        for walker in &self.walkers {
            let mut row = [0.0; LEVELS.len()];
            walker.tracker.ahead(LEAD as usize, places, &mut row);
            expected[slot(walker.target)] = Some(row);
        }
        self.notes.push_back((minute.plus(LEAD), expected));
    }

    /// What was expected of `minute`, if it was noted.
    #[must_use]
    pub fn expected(&self, minute: Minute) -> Option<&Expected> {
        self.notes.iter().find(|(noted, _)| *noted == minute).map(|(_, expected)| expected)
    }

    /// How likely a promise of `class` is broken soon.
    pub fn chances(&mut self, class: &Class) -> Option<Chances> {
        let of = |(target, limit): (Target, f64)| {
            let at = self.forecast(target, STEPS)?;
            Chances::above(limit, self.forecasts.get(at)?.as_ref()?, &self.walkers.get(at)?.panel)
        };
        class.limits().into_iter().filter_map(of).reduce(Chances::either)
    }

    /// The few figures that plans need.
    pub fn ahead(&mut self) -> Ahead {
        let latency = self.walkers.iter().map(|walker| walker.target).find(|target| {
            matches!(target, Target::Column(Column::LatencyP50 | Column::LatencyP95 | Column::LatencyP99))
        });
        let latency = latency.and_then(|target| self.forecast(target, MINUTES));
        let failing = self.forecast(Target::ErrorRatio, MINUTES);
        let calls = self.forecast(Target::Column(Column::Requests), MINUTES);
        let at = |at: Option<usize>| self.forecasts.get(at?)?.as_ref();
        Ahead::of(at(latency), at(failing), at(calls))
    }

    /// Makes the forecast of at least so many `steps` of `target` unless it is there; its place.
    fn forecast(&mut self, target: Target, steps: usize) -> Option<usize> {
        let at = self.walkers.iter().position(|walker| walker.target == target)?;
        let (walker, forecast) = (self.walkers.get(at)?, self.forecasts.get_mut(at)?);
        if forecast.as_ref().is_none_or(|known| known.horizon() < steps) {
            *forecast = Some(walker.tracker.forecast(steps, &Levels::default()));
        }
        Some(at)
    }
}
