//! The part of the features that follows the news, updated in O(1).

use serde::{Deserialize, Serialize};

use crate::forecast::global::detail::Detail;
use crate::forecast::global::profile::Profile;

/// Weights of the newest value in the levels. The one at [`BASE`] is what the others are told against.
const LEVELS: [f64; 8] = [1.0, 0.5, 0.25, 0.12, 0.06, 0.03, 0.01, 0.003];
const BASE: usize = 3;
const SLOWER: usize = 4;
/// Weights of the levels from which the pattern of steps was taken away.
const PLAIN: [f64; 3] = [0.5, 0.25, 0.12];
/// Share of either pattern that is taken away.
const PATTERN_SHARE: f64 = 0.5;
/// Weight of the newest value in the level against which innovations are cut.
const GUARD: f64 = 0.1;
/// Innovations beyond this many scales count as this many.
const CLIP: f64 = 6.0;
/// Changes beyond this many scales count as this many, once there are as many as [`EARLY`].
const CHANGE_CLIP: f64 = 20.0;
const EARLY: f64 = 60.0;
/// Weight of the newest distance from a season ago.
const APART: f64 = 0.06;
/// Weight of the newest detail of a step of the hour in the long run: as old on average as a mean of 24 hours.
const HOUR_WEIGHT: f64 = 0.08;
/// Values before the newest that are features.
const LAGS: usize = 4;
/// Steps of the pattern at and before the newest value that are features.
const PATTERN_STEPS: usize = 3;
/// Added to the scale, in units of the typical change: a series may stand still for a day.
const LEAST_SCALE: f64 = 1e-4;
/// Features beyond this many scales count as this many.
const FEATURE_CLIP: f64 = 30.0;

/// Features that are the same for all steps of a path, and those of one step.
pub(super) const ORIGIN: usize = LEVELS.len() - 1 + PLAIN.len() + LAGS + 2 * PATTERN_STEPS + 1 + 2;
pub(super) const TARGET: usize = 5;

/// Levels, scale and patterns of one series. Values are in units of their typical change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct State {
    /// Steps so far.
    steps: usize,
    /// Known values so far.
    known: f64,
    last: f64,
    /// Mean absolute change.
    change: f64,
    guard: f64,
    levels: [f64; LEVELS.len()],
    plain: [f64; PLAIN.len()],
    /// The newest values less the profile, newest first; NaN for gaps.
    lags: [f64; LAGS + 1],
    /// Two levels as they were.
    quarter_ago: Delay,
    hour_ago: Delay,
    detail: Detail,
    /// Mean detail of each step of the hour.
    hour: Vec<f32>,
    /// Smoothed values of the last season; NaN where nothing is known.
    yesterday: Vec<f32>,
    /// Running distance from them.
    apart: f64,
    apart_known: bool,
}

/// A value some steps ago.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Delay {
    ring: Vec<f64>,
    next: usize,
}

impl Delay {
    fn new(steps: usize) -> Self {
        Self { ring: vec![f64::NAN; steps + 1], next: 0 }
    }

    fn push(&mut self, value: f64) {
        self.ring[self.next] = value;
        self.next = if self.next + 1 == self.ring.len() { 0 } else { self.next + 1 };
    }

    /// NaN while it is not known.
    fn oldest(&self) -> f64 {
        self.ring[self.next]
    }
}

impl State {
    /// A state that has seen nothing of a series with `season` steps a day and `hour` steps an hour.
    pub(super) fn new(season: usize, hour: usize) -> Self {
        Self {
            steps: 0,
            known: 0.0,
            last: 0.0,
            change: 0.0,
            guard: 0.0,
            levels: [0.0; LEVELS.len()],
            plain: [0.0; PLAIN.len()],
            lags: [f64::NAN; LAGS + 1],
            quarter_ago: Delay::new(hour.div_ceil(4)),
            hour_ago: Delay::new(hour),
            detail: Detail::new(day_weight(season)),
            hour: vec![0.0; hour],
            yesterday: vec![f32::NAN; season],
            apart: 0.0,
            apart_known: false,
        }
    }

    /// Moves on by one step with `value`, NaN for a gap. Returns the step whose detail is known now, and that.
    pub(super) fn advance(&mut self, value: f64, profile: &impl Profile) -> Option<(usize, f64)> {
        let step = self.steps;
        self.lags.rotate_right(1);
        self.lags[0] = f64::NAN;
        if value.is_finite() {
            self.learn(step, value, profile);
        }
        self.quarter_ago.push(self.levels[BASE]);
        self.hour_ago.push(self.levels[SLOWER]);
        self.steps += 1;
        let detail = self.detail.push(value);
        if let Some(centre) = step.checked_sub(Detail::WIDE_DELAY) {
            let at = centre % self.yesterday.len();
            self.yesterday[at] = single(self.detail.around());
        }
        let (centre, detail) = step.checked_sub(Detail::DELAY).zip(detail)?;
        let hours = whole(centre / self.hour.len() + 1);
        let at = centre % self.hour.len();
        let hour = &mut self.hour[at];
        *hour += single(HOUR_WEIGHT.max(1.0 / hours) * (detail - f64::from(*hour)));
        Some((centre, detail))
    }

    fn learn(&mut self, step: usize, value: f64, profile: &impl Profile) {
        let expected = profile.at(step);
        let away = value - expected.smooth;
        let first = self.known < 1.0;
        if first {
            (self.guard, self.levels) = (away, [away; LEVELS.len()]);
        } else {
            let change = (value - self.last).abs();
            let bound = if self.known > EARLY { CHANGE_CLIP * self.scale() } else { f64::INFINITY };
            self.change += day_weight(self.yesterday.len()).max(1.0 / self.known) * (change.min(bound) - self.change);
        }
        self.known += 1.0;
        self.last = value;
        let bound = CLIP * self.scale();
        let cut = self.guard + (away - self.guard).clamp(-bound, bound);
        self.guard += GUARD * (away - self.guard);
        self.lags[0] = cut;
        for (level, weight) in self.levels.iter_mut().zip(LEVELS) {
            *level += weight * (cut - *level);
        }
        let plain = cut - PATTERN_SHARE * (self.hour_pattern(step) + expected.minute);
        for (level, weight) in self.plain.iter_mut().zip(PLAIN) {
            *level += if first { plain - *level } else { weight * (plain - *level) };
        }
        let yesterday = self.yesterday(step);
        if yesterday.is_finite() {
            let apart = value - yesterday;
            self.apart += if self.apart_known { APART * (apart - self.apart) } else { apart };
            self.apart_known = true;
        }
    }

    /// The step of the newest value.
    fn newest(&self) -> usize {
        self.steps.saturating_sub(1)
    }

    /// The typical change: the unit of features and of what is learnt.
    pub(super) fn scale(&self) -> f64 {
        self.change + LEAST_SCALE
    }

    /// The level less the profile that forecasts start from.
    pub(super) fn base(&self) -> f64 {
        self.levels[BASE]
    }

    fn hour_pattern(&self, step: usize) -> f64 {
        f64::from(self.hour[step % self.hour.len()])
    }

    fn yesterday(&self, step: usize) -> f64 {
        f64::from(self.yesterday[step % self.yesterday.len()])
    }

    /// The features that are the same for all steps ahead.
    pub(super) fn origin(&self, profile: &impl Profile) -> [f64; ORIGIN] {
        let (newest, base, scale) = (self.newest(), self.base(), self.scale());
        let mut features = [0.0; ORIGIN];
        let mut rest = features.iter_mut();
        let mut put = |value: f64| {
            if let Some(feature) = rest.next() {
                *feature = cut(value / scale);
            }
        };
        let others = self.levels.iter().enumerate().filter(|(at, _)| *at != BASE).map(|(_, level)| level);
        others.chain(&self.plain).chain(&self.lags[1..]).for_each(|level| put(level - base));
        for back in 0..PATTERN_STEPS {
            let step = newest.saturating_sub(back);
            put(self.hour_pattern(step));
            put(profile.at(step).minute);
        }
        let now = profile.at(newest);
        put(now.fine - now.smooth);
        put(base - self.quarter_ago.oldest());
        put(self.levels[SLOWER] - self.hour_ago.oldest());
        features
    }

    /// The smooth profile `ahead` steps after the newest value, and the features of that step.
    pub(super) fn target(&self, ahead: usize, profile: &impl Profile) -> (f64, [f64; TARGET]) {
        let now = profile.at(self.newest()).smooth;
        let step = self.newest() + ahead;
        let then = profile.at(step);
        let inverse = 1.0 / self.scale();
        let apart = self.yesterday(step) - then.smooth + (self.apart - self.base());
        let features = [
            then.smooth - now,
            then.fine - then.smooth,
            self.hour_pattern(step),
            then.minute,
            if self.apart_known { apart } else { 0.0 },
        ];
        (then.smooth, features.map(|value| cut(value * inverse)))
    }
}

/// Nothing is known of a feature that is not finite.
fn cut(value: f64) -> f64 {
    if value.is_finite() { value.clamp(-FEATURE_CLIP, FEATURE_CLIP) } else { 0.0 }
}

/// Weight of the newest value in a mean over about a season.
fn day_weight(season: usize) -> f64 {
    1.0 / whole(season)
}

#[expect(clippy::cast_possible_truncation, reason = "season-long arrays are in single precision")]
fn single(value: f64) -> f32 {
    value as f32
}

#[expect(clippy::cast_precision_loss, reason = "small numbers")]
fn whole(value: usize) -> f64 {
    value as f64
}
