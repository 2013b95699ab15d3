//! The entries: which parameters a model has when it is called by its name.
//!
//! Models with even, additive noise stand on the scale of the series ([`OnScale`]). Exponential smoothing of
//! automatic form and theta have multiplicative forms of their own, and ARIMA and the structural model are what their
//! references are: those stand on the natural scale.

use crate::forecast::arima::AutoArimaModel;
use crate::forecast::catalogue::{CHAMPION, Entry, Setting};
use crate::forecast::combine::{Combination, Rule};
use crate::forecast::ets::EtsModel;
use crate::forecast::global::{Cycles, GlobalLagModel};
use crate::forecast::holt_winters::{Form, HoltWintersModel, HoltWintersParams, Trend};
use crate::forecast::lag_ridge::LagRidgeModel;
use crate::forecast::model::{Fit, ParameterError};
use crate::forecast::mstl::MstlModel;
use crate::forecast::naive::NaiveModel;
use crate::forecast::naive::drift::DriftModel;
use crate::forecast::naive::median::{self, MedianModel};
use crate::forecast::naive::seasonal::SeasonalNaiveModel;
use crate::forecast::profile::level::{ProfileModel, ProfileParams};
use crate::forecast::scale::OnScale;
use crate::forecast::select::{Selection, SelectionOptions, candidates};
use crate::forecast::structural::{Holiday, StructuralModel, StructuralParams};
use crate::forecast::taylor::TaylorModel;
use crate::forecast::theta::ThetaModel;

type Built = Result<Box<dyn Fit>, ParameterError>;

/// Every model, simple ones first.
pub const CATALOGUE: &[Entry] = &[
    Entry { name: "naive", about: "the last value stays", needs: "1 value", build: |_| Ok(Box::new(NaiveModel)) },
    Entry {
        name: "seasonal-naive",
        about: "the value one season ago (the shortest season)",
        needs: "half a season",
        build: |setting| Ok(Box::new(SeasonalNaiveModel::new(setting.season()?)?)),
    },
    Entry {
        name: "drift",
        about: "a line through the first and the last value",
        needs: "2 values",
        build: |_| Ok(Box::new(DriftModel)),
    },
    Entry {
        name: "median",
        about: "the median of the last day, at least of 60 values",
        needs: "1 value",
        build: |setting| Ok(Box::new(MedianModel::new(median_window(setting.step_s))?)),
    },
    Entry {
        name: "profile",
        about: "a level over a robust, smoothed profile of up to two seasons",
        needs: "two of the shortest season, at least 8 values",
        build: |setting| {
            setting.season()?;
            on_scale(ProfileModel::new(ProfileParams::usual(setting.two_seasons())))
        },
    },
    Entry {
        name: "holt-winters",
        about: "a level and up to two seasons, with bounded errors",
        needs: "two of the shortest season, at least 8 values",
        build: |setting| on_scale(holt_winters(setting, Form::Additive, Trend::None)),
    },
    Entry {
        name: "holt-winters-damped",
        about: "the same with a trend that fades",
        needs: "two of the shortest season, at least 8 values",
        build: |setting| on_scale(holt_winters(setting, Form::Additive, Trend::Damped)),
    },
    Entry {
        name: "holt-winters-multiplicative",
        about: "the same with seasons as factors",
        needs: "two of the shortest season, at least 8 values, all above zero",
        build: |setting| Ok(Box::new(holt_winters(setting, Form::Multiplicative, Trend::Damped)?)),
    },
    Entry {
        name: "double-seasonal",
        about: "Taylor's smoothing with up to two seasons and an autoregressive error",
        needs: "two of the longer season and one of the shorter, or four of the only one",
        build: |setting| on_scale(taylor(setting)),
    },
    Entry {
        name: "ets",
        about: "exponential smoothing of automatic form (error, trend, shortest season)",
        needs: "10 values",
        build: |setting| match setting.season() {
            Ok(season) => Ok(Box::new(EtsModel::seasonal(season)?)),
            Err(_) => Ok(Box::new(EtsModel::new())),
        },
    },
    Entry {
        name: "theta",
        about: "the standard theta method (shortest season)",
        needs: "8 values",
        build: |setting| theta(ThetaModel::standard(), setting),
    },
    Entry {
        name: "optimised-theta",
        about: "theta with its coefficient estimated (shortest season)",
        needs: "8 values",
        build: |setting| theta(ThetaModel::optimised(), setting),
    },
    Entry {
        name: "dynamic-optimised-theta",
        about: "the same with a line that moves with the data",
        needs: "8 values",
        build: |setting| theta(ThetaModel::dynamic(), setting),
    },
    Entry {
        name: "mstl",
        about: "automatic exponential smoothing over decomposed seasons, all of them",
        needs: "two of the shortest season, at least 10 values",
        build: |setting| on_scale(MstlModel::new(&setting.all_seasons())),
    },
    Entry {
        name: "arima",
        about: "ARIMA of automatic order (shortest season up to 24 steps)",
        needs: "20 values",
        build: |setting| match setting.season() {
            Ok(season @ ..=24) => Ok(Box::new(AutoArimaModel::seasonal(season)?)),
            _ => Ok(Box::new(AutoArimaModel::default())),
        },
    },
    Entry {
        name: "structural",
        about: "a trend with change points, Fourier terms for all seasons, and holidays",
        needs: "20 values, and a holiday one like it in the history",
        build: |setting| Ok(Box::new(structural(setting)?)),
    },
    Entry {
        name: "lag-ridge",
        about: "ridge regression on lags of up to two seasons",
        needs: "12 values",
        build: |setting| on_scale(LagRidgeModel::new(&setting.two_seasons())),
    },
    Entry {
        name: "global",
        about: "lag features over a daily profile, for minutes: at its best with a pool of many series",
        needs: "two seasons of 96 steps or more, or two of the second season",
        build: |setting| on_scale(cycles(setting).map(|cycles| GlobalLagModel::among(&setting.pools(), cycles))),
    },
    Entry {
        name: "median-combination",
        about: "the median of lag-ridge, holt-winters and double-seasonal (without a season, theta)",
        needs: "8 values",
        build: |setting| combination("median-combination", setting, Rule::Median),
    },
    Entry {
        name: "combination",
        about: "the mean of the same three, of which lag-ridge counts twice",
        needs: "8 values",
        build: |setting| combination("combination", setting, Rule::Weighted(vec![2.0, 1.0, 1.0])),
    },
    Entry {
        name: CHAMPION,
        about: "what would have forecast this series best so far, several models weighted by their errors",
        needs: "1 value",
        build: champion,
    },
];

/// Values that `median` looks at: those of a day, but no fewer than an hour of minutes has. Over a shorter window
/// the median follows the noise of thin series, where it is wanted most.
fn median_window(step_s: u32) -> usize {
    (86_400 / step_s.max(1) as usize).clamp(60, median::LONGEST_WINDOW)
}

/// `model` on the scale of the narrowest domain that holds the history.
fn on_scale<M: Fit + 'static>(model: Result<M, ParameterError>) -> Built {
    Ok(Box::new(OnScale::new(Box::new(model?), None)))
}

fn holt_winters(setting: &Setting<'_>, form: Form, trend: Trend) -> Result<HoltWintersModel, ParameterError> {
    HoltWintersModel::new(HoltWintersParams { form, trend, ..HoltWintersParams::seasonal(setting.two_seasons()) })
}

fn taylor(setting: &Setting<'_>) -> Result<TaylorModel, ParameterError> {
    match setting.two_seasons()[..] {
        [first, second] => TaylorModel::double(first, second, setting.horizon),
        _ => TaylorModel::single(setting.season()?, setting.horizon),
    }
}

fn structural(setting: &Setting<'_>) -> Result<StructuralModel, ParameterError> {
    let holidays = Holiday { days: setting.holidays.to_vec(), before: 0, after: 0 };
    let holidays = if setting.holidays.is_empty() { Vec::new() } else { vec![holidays] };
    StructuralModel::new(StructuralParams { seasons: setting.all_seasons(), holidays, ..StructuralParams::default() })
}

/// `model` with the shortest season, if it is long enough for the test of seasonality.
fn theta(model: ThetaModel, setting: &Setting<'_>) -> Built {
    match setting.season() {
        Ok(season @ 4..) => Ok(Box::new(model.seasonal(season)?)),
        _ => Ok(Box::new(model)),
    }
}

/// The cycles of the lag features: a long season and its 24th part, or two short seasons.
fn cycles(setting: &Setting<'_>) -> Result<Cycles, ParameterError> {
    let season = setting.season()?;
    match setting.two_seasons().get(1) {
        _ if season >= 96 => Cycles::new(season, (season / 24).max(4)),
        Some(&second) => Cycles::new(second, season),
        None => Cycles::new(season, 4),
    }
}

/// Three models that err in different ways: an autoregression, a level that learns its seasons slowly, and one that
/// learns them fast or, without a season, a drift.
fn combination(name: &str, setting: &Setting<'_>, rule: Rule) -> Built {
    let third =
        if setting.season().is_ok() { on_scale(taylor(setting)) } else { theta(ThetaModel::standard(), setting) };
    let parts = vec![
        on_scale(LagRidgeModel::new(&setting.two_seasons()))?,
        on_scale(holt_winters(setting, Form::Additive, Trend::None))?,
        third?,
    ];
    Ok(Box::new(Combination::new(name, parts, rule)?))
}

/// The choice among the candidates for such seasons, whatever the length: those that want more refuse when fitted. The
/// only one that knows holidays is among them where there are any.
fn champion(setting: &Setting<'_>) -> Built {
    let seasons = setting.two_seasons();
    let options =
        SelectionOptions { horizon: setting.horizon, season: seasons.first().copied(), domain: None, seed: 0 };
    let mut runners = candidates(&seasons, usize::MAX, setting.horizon, &setting.pools());
    if !setting.holidays.is_empty() {
        runners.push(Box::new(structural(setting)?));
    }
    Ok(Box::new(Selection::new(runners, options)?))
}
