//! Fitted models as data: one closed type, so that a checkpoint can hold any of them.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::forecast::arima::Arima;
use crate::forecast::combine::{Combined, Rule};
use crate::forecast::ets::Ets;
use crate::forecast::global::{GlobalLag, Pool};
use crate::forecast::holt_winters::HoltWinters;
use crate::forecast::lag_ridge::LagRidge;
use crate::forecast::model::Predict;
use crate::forecast::mstl::{self, Mstl};
use crate::forecast::naive::Naive;
use crate::forecast::naive::drift::Drift;
use crate::forecast::naive::median::MovingMedian;
use crate::forecast::naive::seasonal::SeasonalNaive;
use crate::forecast::profile::LevelOverProfile;
use crate::forecast::scale::{Bounds, Scale, Scaled};
use crate::forecast::select::{Around, Champion};
use crate::forecast::structural::Structural;
use crate::forecast::taylor::Taylor;
use crate::forecast::theta::Theta;

/// Version of the layout below. A checkpoint of another version is not read; the model is fitted anew.
pub const FORMAT: u32 = 2;

/// A fitted model of any family.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each variant holds the fitted type of its name")]
pub enum Saved {
    Arima(Arima),
    Champion { inner: Box<Saved>, around: Around },
    Combined { parts: Vec<Saved>, rule: Rule },
    Drift(Drift),
    LagRidge(LagRidge),
    Ets(Ets),
    HoltWinters(HoltWinters),
    LevelOverProfile(LevelOverProfile),
    GlobalLag(Box<GlobalLag>),
    MovingMedian(MovingMedian),
    Mstl { inner: Box<Saved>, seasons: mstl::Seasons },
    Naive(Naive),
    SeasonalNaive(SeasonalNaive),
    Scaled { inner: Box<Saved>, scale: Scale, bounds: Bounds },
    Structural(Structural),
    Taylor(Taylor),
    Theta(Theta),
}

impl Saved {
    /// Gives every model of `pool` in here what its series share and is therefore not saved with each. To be called
    /// for each pool before [`Saved::restore`].
    pub fn join(&mut self, pool: &Arc<Pool>) {
        match self {
            Self::GlobalLag(model) => model.join(pool),
            Self::Combined { parts, .. } => parts.iter_mut().for_each(|part| part.join(pool)),
            Self::Champion { inner, .. } | Self::Mstl { inner, .. } | Self::Scaled { inner, .. } => inner.join(pool),
            _ => {}
        }
    }

    /// The model, exactly as it was when it was saved.
    #[must_use]
    pub fn restore(self) -> Box<dyn Predict> {
        match self {
            Self::Arima(model) => Box::new(model),
            Self::Champion { inner, around } => Box::new(Champion::restored(inner.restore(), around)),
            Self::Combined { parts, rule } => {
                Box::new(Combined::restored(parts.into_iter().map(Self::restore).collect(), rule))
            }
            Self::Drift(model) => Box::new(model),
            Self::LagRidge(model) => Box::new(model.resumed()),
            Self::Ets(model) => Box::new(model),
            Self::HoltWinters(model) => Box::new(model),
            Self::LevelOverProfile(model) => Box::new(model),
            Self::GlobalLag(model) => model,
            Self::MovingMedian(model) => Box::new(model),
            Self::Mstl { inner, seasons } => Box::new(Mstl::new(inner.restore(), seasons)),
            Self::Naive(model) => Box::new(model),
            Self::SeasonalNaive(model) => Box::new(model),
            Self::Scaled { inner, scale, bounds } => Box::new(Scaled::restored(inner.restore(), scale, bounds)),
            Self::Structural(model) => Box::new(model),
            Self::Taylor(model) => Box::new(model),
            Self::Theta(model) => Box::new(model),
        }
    }
}
