//! What a channel was like in one minute: the row that its forest looks at.
//!
//! Of each of the twelve targets its level, its difference to the minute before and its residual under a seasonal
//! forecast; besides, ratios of two targets, which show what neither does alone (more tokens a call, a tail that grows
//! away from the median). Raw values are of no use to a forest: in a measurement on service metrics the same forest came
//! to an F1 of 0.49 on raw lags and of 0.81 on such features.
//!
//! Levels are on the scale that evens out their noise, see [`crate::forecast::scale`]; levels, differences and ratios
//! are centred and scaled by what was usual of late ([`usual`]), so that all are in typical deviations. A difference is
//! centred on zero. Residuals come in typical deviations of the caller's making.
//!
//! A feature is NaN where it is not known: a gap, the difference behind a gap, a ratio of something that is not above
//! zero, and during the first [`WARM_UP`] known values of each. Everything else is finite and at most [`LARGEST`] in
//! size. A constant series gives zeros; as its deviation counts the least that is worth a look. A ratio of calls is never
//! scaled by less than the noise of its count of calls, so that one failure among three is no wonder.
//!
//! A minute costs O(1) and the state is some 1.3 KB.

use serde::{Deserialize, Serialize};

use crate::domain::column::Column;
use crate::domain::target::{Quantity, Target};
use crate::forecast::history::Observation;
use crate::forecast::scale::Scale;

mod name;
mod usual;

pub use name::{Feature, Kind};
pub use usual::{LARGEST, WARM_UP};

use usual::{Usual, limited};

/// Targets of a channel.
pub const TARGETS: usize = Target::ALL.len();
/// Ratios of two targets.
const RATIOS: [(Target, Target); 8] = [
    (Target::Column(Column::LatencyMean), Target::Column(Column::LatencyP50)),
    (Target::Column(Column::LatencyP95), Target::Column(Column::LatencyP50)),
    (Target::Column(Column::LatencyP99), Target::Column(Column::LatencyP95)),
    (Target::Column(Column::TtftP50), Target::Column(Column::LatencyP50)),
    (Target::Column(Column::TtftP95), Target::Column(Column::TtftP50)),
    (Target::Column(Column::TokensPrompt), Target::Column(Column::Requests)),
    (Target::Column(Column::TokensCompletion), Target::Column(Column::Requests)),
    (Target::Column(Column::Cost), Target::Column(Column::Requests)),
];
/// Features of a row: levels, differences, residuals, ratios.
pub const FEATURES: usize = 3 * TARGETS + RATIOS.len();

/// Dollars are counted in millionths, so that the square root evens them out like counts.
const MICRO: f64 = 1e6;

/// What is usual of a channel, which stands before the next minute.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Features {
    levels: [Usual; TARGETS],
    differences: [Usual; TARGETS],
    ratios: [Usual; RATIOS.len()],
    /// The level of the minute before and its noise.
    before: [Option<(f64, f64)>; TARGETS],
}

impl Default for Features {
    fn default() -> Self {
        Self {
            levels: [Usual::centred(); TARGETS],
            differences: [Usual::around_zero(); TARGETS],
            ratios: [Usual::centred(); RATIOS.len()],
            before: [None; TARGETS],
        }
    }
}

impl Features {
    /// The row of the next minute, judged by the past alone; then the minute is learnt. `values` are what
    /// [`Target::observe`] says of it, in the order of [`Target::ALL`], `residuals` in the same order; gaps are NaN. A
    /// minute of which nothing is known must be told as well, all NaN.
    ///
    /// [`Feature::all`] names the features.
    #[must_use]
    pub fn next(&mut self, values: &[Observation; TARGETS], residuals: &[f64; TARGETS]) -> [f64; FEATURES] {
        let mut row = [f64::NAN; FEATURES];
        let (levels, rest) = row.split_at_mut(TARGETS);
        let (differences, rest) = rest.split_at_mut(TARGETS);
        let (left, ratios) = rest.split_at_mut(TARGETS);
        for (at, (target, news)) in Target::ALL.into_iter().zip(values).enumerate() {
            let now = level(target, *news);
            let floor = least(target.quantity());
            if let Some((level, noise)) = now {
                levels[at] = self.levels[at].next(level, floor.max(noise));
            }
            if let (Some((level, noise)), Some((old, old_noise))) = (now, self.before[at]) {
                differences[at] = self.differences[at].next(level - old, floor.max(noise.hypot(old_noise)));
            }
            left[at] = limited(residuals[at]);
            self.before[at] = now;
        }
        for ((slot, usual), (part, whole)) in ratios.iter_mut().zip(&mut self.ratios).zip(RATIOS) {
            let logarithm = (value_of(part, values) / value_of(whole, values)).ln();
            if logarithm.is_finite() {
                *slot = usual.next(logarithm, least(Quantity::Duration));
            }
        }
        row
    }
}

/// The level of `target` on the scale that evens out its noise, and what of its noise is known beforehand, which is
/// that of a share of few calls. `None` for a gap.
fn level(target: Target, news: Observation) -> Option<(f64, f64)> {
    let (scale, unit) = match target.quantity() {
        Quantity::Duration => (Scale::Log { shift: 1.0 }, 1.0),
        Quantity::Ratio => (Scale::Angle, 1.0),
        Quantity::Count => (Scale::Root, 1.0),
        Quantity::Money => (Scale::Root, MICRO),
    };
    let level = scale.forward(Observation { value: news.value * unit, ..news });
    let is_share = target.quantity() == Quantity::Ratio && news.count >= 1.0;
    let noise = if is_share { 1.0 / news.count.sqrt() } else { 0.0 };
    level.is_finite().then_some((level, noise))
}

/// The least deviation that is worth a look, on the scale of the quantity: one per cent of a duration, about that of a
/// share, half the noise of a pure count.
const fn least(quantity: Quantity) -> f64 {
    match quantity {
        Quantity::Duration | Quantity::Ratio => 0.01,
        Quantity::Count | Quantity::Money => 0.5,
    }
}

/// The value of `target` among `values`.
fn value_of(target: Target, values: &[Observation; TARGETS]) -> f64 {
    let found = Target::ALL.into_iter().zip(values).find(|(other, _)| *other == target);
    found.map_or(f64::NAN, |(_, news)| news.value)
}

#[cfg(test)]
mod tests;
