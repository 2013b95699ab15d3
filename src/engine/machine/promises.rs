//! What route classes promise, how it is kept, and how likely each channel is to break it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::anomaly::features::TARGETS;
use crate::domain::column::Column;
use crate::domain::ids::ChannelId;
use crate::domain::sample::Sample;
use crate::domain::tally::Slow;
use crate::domain::target::Target;
use crate::domain::time::Minute;
use crate::engine::machine::channel::Expected;
use crate::engine::machine::rehearsal::Step;
use crate::engine::machine::rulebook::{LEVELS, Rulebook};
use crate::engine::machine::{Conclusions, Heard, RiskOf};
use crate::risk::budget::Budget;
use crate::risk::chance::Chances;
use crate::risk::objective::{Counts, Objective, Promise, Seen};
use crate::risk::outlook::{Calibration, Outlook, Present};

/// Outcomes after which one counts half in the calibration: a week of one channel's independent ones.
const HALF_LIFE: f64 = 2_000.0;
/// Channels of a route class whose past is rehearsed: what is learnt is shared, and a fit for each takes its time.
const REHEARSED: usize = 16;

/// A route class with its objective.
#[derive(Debug, Clone, PartialEq)]
pub struct Class {
    /// Its name.
    pub name: String,
    /// What is promised.
    pub objective: Objective,
    /// Channels that may serve it.
    pub channels: BTreeSet<ChannelId>,
}

/// The state of every route class.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Promises(BTreeMap<String, Kept>);

/// The state of one route class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// What its channels have taught.
    pub calibration: Calibration,
    /// The budget of each promise.
    pub budgets: Vec<(Promise, Budget)>,
    outlooks: BTreeMap<ChannelId, Outlook>,
    /// Channels whose past has been learnt from.
    rehearsed: BTreeSet<ChannelId>,
}

impl Class {
    /// The columns whose forecasts stand for the promises, with their limits. A percentile between two that are forecast
    /// is held to its limit by the higher one.
    #[must_use]
    pub fn limits(&self) -> Vec<(Target, f64)> {
        let limit = |promise: Promise| match promise {
            Promise::Latency { quantile, limit_ms } => {
                let columns = [(0.5, Column::LatencyP50), (0.95, Column::LatencyP95)];
                let column = columns.into_iter().find(|(known, _)| quantile <= *known + 1e-9);
                Some((Target::Column(column.map_or(Column::LatencyP99, |(_, column)| column)), limit_ms))
            }
            Promise::Errors { limit } => Some((Target::ErrorRatio, limit)),
            Promise::Availability { .. } => None,
        };
        self.objective.promises().filter_map(limit).collect()
    }

    /// Which calls are slow to this class; `None` if no latency is promised.
    #[must_use]
    pub fn slow(&self) -> Option<Slow> {
        self.objective.promises().find_map(|promise| match promise {
            Promise::Latency { quantile, limit_ms } => Some(Slow { quantile, limit_ms }),
            _ => None,
        })
    }

    /// What `sample` was like to this class.
    #[must_use]
    pub fn seen(&self, sample: &Sample) -> Seen {
        let counts = &sample.counts;
        let slow = self.slow();
        let latency_ms = slow.and_then(|slow| sample.latency.quantile(slow.quantile));
        let slow = slow.map_or(0, |slow| slow.count(sample));
        let served = (counts.requests > 0).then_some(counts.errors < counts.requests);
        Seen {
            requests: counts.requests,
            errors: counts.errors,
            slow,
            latency_ms: latency_ms.unwrap_or(f64::NAN),
            served,
        }
    }
}

impl Kept {
    /// Whether there is something to learn from the past of the channel `name`.
    pub(super) fn wants_rehearsal(&self, name: &ChannelId) -> bool {
        self.rehearsed.len() < REHEARSED && !self.rehearsed.contains(name)
    }
}

/// What is known after `minute`, of which there is a sample and what was expected, where they are known.
pub(super) fn present(
    class: &Class,
    minute: Minute,
    chances: Chances,
    (sample, expected): (Option<&Sample>, Option<&Expected>),
    surprises: &[f64; TARGETS],
) -> Present {
    let pressure = sample.and_then(|sample| class.objective.pressure(&class.seen(sample)));
    Present {
        minute,
        chances,
        surprise: worst_surprise(class, surprises),
        pressure: pressure.unwrap_or(f64::NAN),
        load: load(sample, expected).unwrap_or(f64::NAN),
    }
}

/// Calls over those that were expected: what is asked of a channel beyond what its forecasts reckon with.
fn load(sample: Option<&Sample>, expected: Option<&Expected>) -> Option<f64> {
    let slot = Target::ALL.into_iter().position(|target| target == Target::Column(Column::Requests))?;
    let middle = expected?.get(slot)?.as_ref()?[LEVELS.len() / 2];
    #[expect(clippy::cast_precision_loss, reason = "calls of a minute")]
    let calls = sample?.counts.requests as f64;
    // One call more or less of a few is no load.
    Some((calls + 1.0) / (middle.max(0.0) + 1.0))
}

impl Promises {
    /// The state of the route class `name`.
    #[must_use]
    pub fn class(&self, name: &str) -> Option<&Kept> {
        self.0.get(name)
    }

    /// Every route class with its state, those that promise nothing any more included.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Kept)> {
        self.0.iter().map(|(name, kept)| (name.as_str(), kept))
    }

    /// Hears of `minute` of the channel `name`: what came of earlier probabilities, and new ones.
    pub(super) fn observe(
        &mut self,
        book: &Rulebook,
        name: &ChannelId,
        minute: Minute,
        heard: &Heard,
        surprises: &[f64; TARGETS],
        conclusions: &mut Conclusions,
    ) {
        for class in book.classes_of(name) {
            let Some(Kept { calibration, outlooks, .. }) = self.kept(class) else { continue };
            let outlook = outlooks.entry(name.clone()).or_default();
            let seen = heard.sample.as_ref().map(|sample| class.seen(sample));
            let is_broken = seen.as_ref().and_then(|seen| class.objective.is_broken(seen));
            let of = |of| RiskOf { channel: name.clone(), class: class.name.clone(), of };
            conclusions.outcomes.extend(outlook.observe(calibration, minute, is_broken).into_iter().map(of));
            let Some(chances) = heard.chances.get(&class.name) else { continue };
            let told = (heard.sample.as_ref(), heard.expected.as_ref());
            let present = present(class, minute, *chances, told, surprises);
            let of = |of| RiskOf { channel: name.clone(), class: class.name.clone(), of };
            conclusions.risks.extend(outlook.ask(calibration, &present).into_iter().map(of));
        }
    }

    /// Learns what probabilities of the past would have been worth, on a line of its own: nothing of it is a record.
    pub(super) fn rehearse(&mut self, class: &Class, name: &ChannelId, steps: &[Step]) {
        let Some(kept) = self.kept(class) else { return };
        let (mut calibration, mut outlook) = (kept.calibration.clone(), Outlook::default());
        for step in steps {
            outlook.observe(&mut calibration, step.minute, step.is_broken);
            if let Some(present) = &step.present {
                outlook.ask(&mut calibration, present);
            }
        }
        kept.calibration.adopt(calibration);
        kept.rehearsed.insert(name.clone());
    }

    /// Counts what the class as a whole kept of its promises in `minute`.
    pub(super) fn count(&mut self, book: &Rulebook, minute: Minute, heard: &BTreeMap<ChannelId, Heard>) {
        for class in &book.classes {
            let Some(kept) = self.kept(class) else { continue };
            let samples = class.channels.iter().filter_map(|name| heard.get(name)?.sample.as_ref());
            let seen: Vec<Seen> = samples.map(|sample| class.seen(sample)).collect();
            for (promise, budget) in &mut kept.budgets {
                let counts = match promise {
                    Promise::Availability { .. } => {
                        let served = seen.iter().filter_map(|seen| seen.served).reduce(|one, other| one || other);
                        served.map_or(Counts::default(), |served| Counts { bad: u64::from(!served), total: 1 })
                    }
                    Promise::Latency { .. } | Promise::Errors { .. } => {
                        seen.iter().map(|seen| seen.counts(promise)).fold(Counts::default(), add)
                    }
                };
                budget.add(minute, counts);
            }
        }
    }

    /// The state of `class`. Budgets of promises that changed begin anew.
    fn kept(&mut self, class: &Class) -> Option<&mut Kept> {
        if !self.0.contains_key(&class.name) {
            let calibration = Calibration::new(HALF_LIFE).ok()?;
            let (outlooks, rehearsed) = (BTreeMap::new(), BTreeSet::new());
            let kept = Kept { calibration, budgets: Vec::new(), outlooks, rehearsed };
            self.0.insert(class.name.clone(), kept);
        }
        let kept = self.0.get_mut(&class.name)?;
        let is_same = kept.budgets.iter().map(|(promise, _)| *promise).eq(class.objective.promises());
        if !is_same {
            let fresh = class.objective.promises().map(|promise| (promise, Budget::new(promise.target())));
            kept.budgets = fresh.collect();
        }
        Some(kept)
    }
}

const fn add(one: Counts, other: Counts) -> Counts {
    Counts { bad: one.bad.saturating_add(other.bad), total: one.total.saturating_add(other.total) }
}

/// The largest surprise among the columns of the promises; NaN if nothing is known.
fn worst_surprise(class: &Class, surprises: &[f64; TARGETS]) -> f64 {
    let of = |target: Target| {
        let slot = Target::ALL.into_iter().position(|known| known == target)?;
        surprises.get(slot).copied().filter(|surprise| surprise.is_finite())
    };
    class.limits().into_iter().filter_map(|(target, _)| of(target)).reduce(f64::max).unwrap_or(f64::NAN)
}
