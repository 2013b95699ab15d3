//! One regression for all series: lag features over a daily profile, learnt from the whole pool and bent to each
//! series.
//!
//! Minute series of services have a level that wanders, a daily profile, and details which repeat by the hour and by
//! the day. How much of a deviation from the profile is still there in five or fifty minutes is much the same from
//! series to series, once each is measured in its own typical change. So the coefficients are learnt from all of them
//! together, and those of a series start from there (global forecasting models: Montero-Manso and Hyndman, *Principles
//! and algorithms for forecasting groups of time series*, 2021).
//!
//! 1. The profile is the median of up to seven days minute by minute, smoothed. The forecast starts from it and from an
//!    exponentially weighted level of what lies above it, whose innovations are cut at six typical changes.
//! 2. What is left, in units of the typical change, is regressed on 28 features: other levels above that one, the last
//!    values, the mean detail of the minute within the hour and within the day, edges that the smoothing took away,
//!    and yesterday. Each of ten horizons up to an hour has coefficients of its own; in between they are interpolated
//!    in the logarithm of the horizon.
//! 3. The regression is for the median (absolute errors), first over all series and then for each one with a penalty
//!    that draws it towards the pool. Training rows see a profile without their own day: with it they would know their
//!    future, and profile features would be trusted too much.
//! 4. A [`Pool`] may have boosted trees on the same features besides, for what is not linear; half of the forecast is
//!    theirs, and half the lines corrected by others of them.
//! 5. Beyond an hour the coefficients of the hour stay, and what lies above the profile fades slowly, with the fifth
//!    root of an hour divided by the horizon: four hours on three quarters are left, a day on half.
//!
//! Why not recursive autoregression ([`lag_ridge`](crate::forecast::lag_ridge)): sixty steps of it multiply small
//! errors, and its squared errors are ruled by outliers. Why not one model for each series: a week of one series
//! cannot tell thirty coefficients from noise.
//!
//! Works on the scale on which noise is even: [`OnScale`](crate::forecast::scale::OnScale) for one series, and for a
//! pool the values of [`Scale::forward`](crate::forecast::scale::Scale::forward). Minimum: two days, of which half is
//! known. Gaps leave all states as they are and take no part as rows. A constant series is forecast to stay; values of
//! any size are brought near one first. Memory: four season-long arrays in single precision and about 5 KB more, for
//! days of minutes 28 KB.

mod detail;
mod horizons;
mod lad;
mod linear;
mod pool;
mod pools;
mod profile;
mod rows;
mod state;
mod trees;
mod window;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::domain::time::Timestamp;
use crate::forecast::history::{History, Observation};
use crate::forecast::model::{Fit, FitError, ParameterError, Predict};
use crate::forecast::saved::Saved;
use linear::Linear;
pub use pool::{Pool, Training};
pub use pools::Pools;
use profile::Standing;
use rows::{Rows, WIDTH};
use state::{ORIGIN, State, TARGET};
use trees::Trees;
use window::{Unit, Window};

const NAME: &str = "global";

/// Steps from one training row to the next: neighbours say nearly the same.
const STRIDE: usize = 4;

/// How fast what lies above the profile fades beyond an hour.
const FADING: f64 = 0.2;

/// The steps after which a series repeats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cycles {
    season: usize,
    hour: usize,
}

impl Cycles {
    /// Days of minutes with 60 to the hour.
    pub const MINUTES: Self = Self { season: 1_440, hour: 60 };

    /// A season of `season` steps in which details repeat every `hour` steps. The hour is also the farthest horizon
    /// with coefficients of its own.
    ///
    /// # Errors
    /// If an hour is shorter than 4 steps or the season no multiple of it above one.
    pub fn new(season: usize, hour: usize) -> Result<Self, ParameterError> {
        if hour < 4 {
            return Err(ParameterError { parameter: "hour", needed: "at least 4", found: hour.to_string() });
        }
        if season < 2 * hour || !season.is_multiple_of(hour) {
            return Err(ParameterError {
                parameter: "season",
                needed: "a multiple of hour",
                found: season.to_string(),
            });
        }
        Ok(Self { season, hour })
    }

    /// Steps that are looked at of a history of `steps` steps: those of its last seven seasons.
    #[must_use]
    pub fn seen(self, steps: usize) -> usize {
        steps.min(window::SEASONS * self.season)
    }
}

/// The regression, with pools: the coefficients of a series start from those of the pool that its history meets, and
/// without one from its own.
#[derive(Debug, Clone)]
pub struct GlobalLagModel {
    cycles: Cycles,
    pools: Pools,
}

/// A fitted [`GlobalLagModel`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GlobalLag {
    unit: Unit,
    state: State,
    profile: Standing,
    linear: Linear,
    /// The pool whose trees are asked, if it has any.
    shared: Option<u64>,
    /// That pool. It is not saved with every series; [`GlobalLag::join`] brings it back, and until then the lines
    /// forecast alone.
    #[serde(skip)]
    pool: Option<Arc<Pool>>,
}

impl GlobalLagModel {
    /// The model of one series for itself.
    #[must_use]
    pub fn alone(cycles: Cycles) -> Self {
        Self { cycles, pools: Pools::default() }
    }

    /// The model of a series of `pool`, whatever that was trained on.
    #[must_use]
    pub fn of(pool: Arc<Pool>) -> Self {
        Self { cycles: pool.cycles(), pools: Pools::new([(Timestamp::from_micros(i64::MIN), pool)]) }
    }

    /// The model of a series of the newest of `pools` that knows nothing behind its history; without one of these
    /// cycles, of the series for itself.
    #[must_use]
    pub fn among(pools: &Pools, cycles: Cycles) -> Self {
        Self { cycles, pools: pools.with(cycles) }
    }

    /// Trains a pool with trees on all of `histories` and fits each of them with it.
    #[must_use]
    pub fn fit_pool(cycles: Cycles, histories: &[History<'_>]) -> Vec<Result<Box<dyn Predict>, FitError>> {
        let model = Self::of(Arc::new(Pool::train_with_trees(cycles, histories)));
        histories.iter().map(|history| model.fit(history)).collect()
    }
}

impl Fit for GlobalLagModel {
    fn name(&self) -> String {
        NAME.to_owned()
    }

    /// A day of known steps, which have to lie in two days at least.
    fn minimum(&self) -> usize {
        self.cycles.season
    }

    fn fit(&self, history: &History<'_>) -> Result<Box<dyn Predict>, FitError> {
        FitError::unless_enough(NAME, self.minimum(), history)?;
        let Cycles { season, hour } = self.cycles;
        let window = Window::of(history, season, hour).ok_or_else(|| FitError::TooShort {
            model: NAME.to_owned(),
            needed: 2 * season,
            observed: history.len(),
        })?;
        let own = Rows::of(&window, &horizons::up_to(hour), STRIDE);
        let pool = self.pools.known_at(history.grid.at(history.len()));
        let linear = match pool {
            Some(pool) => pool.linear().towards(&own),
            None => Linear::of_pool(&horizons::up_to(hour), &[&own]),
        };
        let profile = Standing::of(&window.values, season);
        let pool = pool.cloned().filter(|pool| pool.trees().is_some());
        let shared = pool.as_ref().map(|pool| pool.id());
        let state = State::new(season, hour);
        let mut fitted = GlobalLag { unit: window.unit, state, profile, linear, shared, pool };
        for value in window.values {
            fitted.advance(value);
        }
        Ok(Box::new(fitted))
    }
}

impl GlobalLag {
    /// Gives the model its pool back, if `pool` is that.
    pub fn join(&mut self, pool: &Arc<Pool>) {
        if self.shared.is_some_and(|shared| shared == pool.id()) {
            self.pool = Some(Arc::clone(pool));
        }
    }

    fn trees(&self) -> Option<&Trees> {
        self.pool.as_ref().and_then(|pool| pool.trees())
    }

    /// Moves on by one step with `value` in units.
    fn advance(&mut self, value: f64) {
        if let Some((step, detail)) = self.state.advance(value, &self.profile) {
            self.profile.learn(step, detail);
        }
    }

    /// The part of what lies above the profile that is left `ahead` steps on.
    fn fading(&self, ahead: usize) -> f64 {
        let hour = self.linear.horizons().last().copied().unwrap_or(1);
        if ahead <= hour {
            return 1.0;
        }
        #[expect(clippy::cast_precision_loss, reason = "horizons are small")]
        let ratio = hour as f64 / ahead as f64;
        ratio.powf(FADING)
    }

    /// Writes the values that lie `wanted` (ascending) steps ahead, of which the farthest is `farthest`.
    fn write<'a>(&self, farthest: usize, wanted: impl Iterator<Item = (usize, &'a mut f64)>) {
        let origin = self.state.origin(&self.profile);
        let from = self.linear.from(&origin);
        let horizons = self.linear.horizons();
        let row = |ahead: usize| {
            let mut row = [1.0; WIDTH];
            row[..ORIGIN].copy_from_slice(&origin);
            row[ORIGIN..ORIGIN + TARGET].copy_from_slice(&self.state.target(ahead, &self.profile).1);
            row
        };
        let leaning = self.trees().map(|trees| trees.at(horizons, farthest, row));
        let (base, scale) = (self.state.base(), self.state.scale());
        for (ahead, value) in wanted {
            let (smooth, target) = self.state.target(ahead, &self.profile);
            let lines = from.ahead(ahead, &target);
            let sum = leaning.as_ref().map_or(lines, |leaning| leaning.join(horizons, ahead, lines));
            let above = base + scale * sum;
            *value = self.unit.outside(smooth + self.fading(ahead) * above);
        }
    }
}

impl Predict for GlobalLag {
    fn update(&mut self, news: Observation) {
        self.advance(self.unit.inside(news.value));
    }

    fn predict(&self, path: &mut [f64]) {
        self.write(path.len(), (1..).zip(path));
    }

    fn predict_at(&self, horizons: &[usize], values: &mut [f64]) {
        self.write(horizons.last().copied().unwrap_or(0), horizons.iter().copied().zip(values));
    }

    fn save(&self) -> Saved {
        Saved::GlobalLag(Box::new(self.clone()))
    }
}

#[cfg(test)]
mod tests;
