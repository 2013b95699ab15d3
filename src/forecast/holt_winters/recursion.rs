//! The recursion itself: one pass over a stretch of values, a handful of operations a step.
//!
//! It is written in error-correction form (Hyndman, Koehler, Ord and Snyder, *Forecasting with Exponential
//! Smoothing*, 2008, table 2.1): with the one-step expectation x of level plus damped trend and the error e,
//!
//! ```text
//! additive         e = y - x - s          l = x + alpha e        b = phi b + beta e        s = s + gamma e
//! multiplicative   e = y - x s            l = x + alpha e / s    b = phi b + beta e / s    s = s + gamma e / x
//! ```
//!
//! With two seasons (Taylor 2003, without his autoregressive term) s is their sum or product and each has its own
//! gamma. In a gap, or where a value lies outside the domain, e is zero: the states move on as expected.
//!
//! Robust recursions take errors beyond three standard deviations for three, with a deviation that is itself smoothed
//! from the bounded errors (Gelper, Fried and Croux 2010): a spike moves the states a little, while a shift that
//! stays widens the deviation within a few steps and is then followed. Both rare cases, outlier and gap, leave the
//! loop by the same branch, which costs nothing where it is not taken.

use serde::{Deserialize, Serialize};

/// Bound of robust errors in standard deviations.
const BOUND: f64 = 3.0;

/// Weight of the newest error in the smoothed variance.
const VARIANCE_GAIN: f64 = 0.1;

/// How level and season come together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Form {
    /// Level plus season.
    Additive,
    /// Level times season, for values above zero; on the logarithm the additive form does the same at less cost.
    Multiplicative,
}

/// What a unit of error does to the states.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Gains {
    /// Gain of the level, 0 to 1.
    pub alpha: f64,
    /// Gain of the trend, 0 to alpha: alpha times the classical beta of Holt.
    pub beta: f64,
    /// Gains of the seasons; a season that does not exist has none.
    pub gamma: [f64; 2],
    /// Damping of the trend for each step, 1 for a trend that goes on.
    pub phi: f64,
}

/// Level, trend and the variance of the error.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Motion {
    /// Level after the last step.
    pub level: f64,
    /// Change of the level in the last step.
    pub trend: f64,
    /// Smoothed variance of the one-step errors; bounds nothing where the recursion is not robust.
    pub variance: f64,
    /// Below this the variance does not fall: a series that stood still may move again.
    pub least_variance: f64,
}

/// A season as a ring.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ring {
    phases: Vec<f64>,
    next: usize,
}

impl Ring {
    /// The season whose first phase belongs to the next step.
    #[must_use]
    pub const fn new(phases: Vec<f64>) -> Self {
        Self { phases, next: 0 }
    }

    /// The season whose first phase belonged to the step `steps` before the next one.
    #[must_use]
    pub fn at(phases: Vec<f64>, steps: usize) -> Self {
        let next = steps % phases.len().max(1);
        Self { phases, next }
    }

    /// The phases from the next step on, around the circle without end.
    pub fn ahead(&self) -> impl Iterator<Item = &f64> {
        self.phases.iter().cycle().skip(self.next)
    }

    /// The phase `ahead` steps on, 1 for the next one.
    fn phase(&self, ahead: usize) -> f64 {
        self.phases[(self.next + ahead - 1) % self.phases.len()]
    }

    /// Phases of the season.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a season has at least two phases")]
    pub const fn len(&self) -> usize {
        self.phases.len()
    }

    /// The phases from the next step to the end of the ring.
    fn rest(&mut self) -> &mut [f64] {
        self.phases.get_mut(self.next..).unwrap_or_default()
    }

    fn advance(&mut self, steps: usize) {
        self.next += steps;
        if self.next >= self.phases.len() {
            self.next = 0;
        }
    }
}

/// Everything the recursion carries along.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct States {
    /// Level, trend, variance.
    pub motion: Motion,
    /// None, one or two seasons.
    pub seasons: Vec<Ring>,
}

impl States {
    /// Moves on over `values` and returns the sum of squared (bounded, if `robust`) one-step errors.
    pub fn run(&mut self, form: Form, gains: &Gains, robust: bool, values: &[f64]) -> f64 {
        match (form, robust) {
            (Form::Additive, false) => self.run_as::<false, false>(gains, values),
            (Form::Additive, true) => self.run_as::<false, true>(gains, values),
            (Form::Multiplicative, false) => self.run_as::<true, false>(gains, values),
            (Form::Multiplicative, true) => self.run_as::<true, true>(gains, values),
        }
    }

    /// Cuts `values` where a season's ring comes round, so that no step has to ask.
    fn run_as<const TIMES: bool, const ROBUST: bool>(&mut self, gains: &Gains, mut values: &[f64]) -> f64 {
        let mut sum = 0.0;
        let mut motion = self.motion;
        while !values.is_empty() {
            let taken = match self.seasons.as_mut_slice() {
                [] => {
                    let neutral = if TIMES { 1.0 } else { 0.0 };
                    for y in values {
                        sum += step::<TIMES, ROBUST>(&mut motion, gains, *y, neutral).square;
                    }
                    values.len()
                }
                [ring] => {
                    let phases = ring.rest();
                    for (y, s) in values.iter().zip(&mut *phases) {
                        let news = step::<TIMES, ROBUST>(&mut motion, gains, *y, *s);
                        *s = moved::<TIMES>(*s, gains.gamma[0] * news.season);
                        sum += news.square;
                    }
                    let taken = phases.len().min(values.len());
                    ring.advance(taken);
                    taken
                }
                [first, second, ..] => {
                    let (one, two) = (first.rest(), second.rest());
                    for ((y, s), t) in values.iter().zip(&mut *one).zip(&mut *two) {
                        let both = if TIMES { *s * *t } else { *s + *t };
                        let news = step::<TIMES, ROBUST>(&mut motion, gains, *y, both);
                        let (to_s, to_t) =
                            if TIMES { (news.season / *t, news.season / *s) } else { (news.season, news.season) };
                        *s = moved::<TIMES>(*s, gains.gamma[0] * to_s);
                        *t = moved::<TIMES>(*t, gains.gamma[1] * to_t);
                        sum += news.square;
                    }
                    let taken = one.len().min(two.len()).min(values.len());
                    first.advance(taken);
                    second.advance(taken);
                    taken
                }
            };
            values = values.get(taken.max(1)..).unwrap_or_default();
        }
        self.motion = motion;
        sum
    }

    /// Writes the expectation at `horizons`, 1 for the next step, without going through those between them.
    pub fn at(&self, form: Form, phi: f64, horizons: &[usize], values: &mut [f64]) {
        for (value, &horizon) in values.iter_mut().zip(horizons) {
            let level = self.motion.level + self.motion.trend * damped(phi, horizon);
            let level = level.clamp(f64::MIN, f64::MAX);
            *value = if form == Form::Multiplicative { level.max(0.0) } else { level };
            for ring in &self.seasons {
                let phase = ring.phase(horizon);
                let joined = if form == Form::Multiplicative { *value * phase } else { *value + phase };
                *value = joined.clamp(f64::MIN, f64::MAX);
            }
        }
    }

    /// Writes the expectation of the next `path.len()` steps.
    pub fn ahead(&self, form: Form, phi: f64, path: &mut [f64]) {
        let (mut level, mut trend) = (self.motion.level, self.motion.trend);
        for step in path.iter_mut() {
            trend *= phi;
            level = (level + trend).clamp(f64::MIN, f64::MAX);
            *step = if form == Form::Multiplicative { level.max(0.0) } else { level };
        }
        for ring in &self.seasons {
            for (step, phase) in path.iter_mut().zip(ring.ahead()) {
                let joined = if form == Form::Multiplicative { *step * phase } else { *step + phase };
                *step = joined.clamp(f64::MIN, f64::MAX);
            }
        }
    }
}

/// How many of its present steps a trend damped by `phi` goes in `steps` steps: the sum of the powers of `phi`.
fn damped(phi: f64, steps: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "horizons are small")]
    let undamped = steps as f64;
    if phi <= 0.0 {
        0.0
    } else if phi >= 1.0 {
        undamped
    } else {
        phi * (1.0 - phi.powf(undamped)) / (1.0 - phi)
    }
}

/// What a step brought.
struct News {
    /// The error as it moves a season.
    season: f64,
    square: f64,
}

/// The smallest level of the multiplicative form, so that nothing is divided by zero.
const LEAST_LEVEL: f64 = 1e-100;

/// The smallest season of the multiplicative form; its inverse is the largest.
const LEAST_FACTOR: f64 = 1e-12;

/// One step of level and trend under the seasonal part `s`.
#[inline]
fn step<const TIMES: bool, const ROBUST: bool>(motion: &mut Motion, gains: &Gains, y: f64, s: f64) -> News {
    let carried = gains.phi * motion.trend;
    let x = motion.level + carried;
    let x = if TIMES && x < LEAST_LEVEL { LEAST_LEVEL } else { x };
    // Known a season ahead, so that the next level does not have to wait for a division.
    let inverse = if TIMES { 1.0 / s } else { 1.0 };
    let mut e = if TIMES { y - x * s } else { y - (x + s) };
    let mut square = e * e;
    // Negated, so that what is not a number fails as well.
    let usual = if ROBUST { square <= BOUND * BOUND * motion.variance } else { square < f64::INFINITY };
    if !usual || (TIMES && y <= 0.0) {
        e = bounded::<ROBUST>(e, motion.variance);
        if TIMES && y <= 0.0 {
            e = 0.0;
        }
        square = e * e;
    }
    if ROBUST && y.is_finite() {
        let variance = motion.variance + VARIANCE_GAIN * (square - motion.variance);
        motion.variance = if variance < motion.least_variance { motion.least_variance } else { variance };
    }
    let own = if TIMES { e * inverse } else { e };
    motion.level = x + gains.alpha * own;
    motion.trend = carried + gains.beta * own;
    News { season: if TIMES { e / x } else { e }, square }
}

/// The error that counts where the usual case does not hold: none in a gap, else the nearest usual one.
#[cold]
fn bounded<const ROBUST: bool>(e: f64, variance: f64) -> f64 {
    if e.is_nan() {
        0.0
    } else if ROBUST {
        let bound = BOUND * variance.sqrt();
        e.clamp(-bound, bound)
    } else {
        e.clamp(-1e150, 1e150)
    }
}

#[inline]
fn moved<const TIMES: bool>(phase: f64, change: f64) -> f64 {
    let moved = phase + change;
    if TIMES { moved.clamp(LEAST_FACTOR, LEAST_FACTOR.recip()) } else { moved }
}
