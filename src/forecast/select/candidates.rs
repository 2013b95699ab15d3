//! Which models run for champion, by the shape of a series.

use crate::forecast::global::{Cycles, GlobalLagModel, Pools};
use crate::forecast::lag_ridge::LagRidgeModel;
use crate::forecast::model::Fit;
use crate::forecast::naive::NaiveModel;
use crate::forecast::naive::median::{LONGEST_WINDOW, MedianModel};
use crate::forecast::naive::seasonal::SeasonalNaiveModel;
use crate::forecast::profile::level::{ProfileModel, ProfileParams};
use crate::forecast::select::young::Young;
use crate::forecast::taylor::TaylorModel;
use crate::forecast::theta::ThetaModel;

/// Longest season of which every lag and phase is well seen in a few weeks; longer ones belong to minutes.
const LONGEST_SHORT: usize = 60;

/// Values of the medians where there is no season: how fast the level of a series wanders is not known beforehand.
const MEDIANS: [usize; 3] = [15, 60, 240];

/// Observed steps up to which a line runs where there is no season. A short stretch may be a ramp of load that nothing
/// else follows; over a longer one the regression knows of ramps, and half a line in the mix only does harm.
const YOUNG: usize = 60;

/// The candidates for a history of `length` steps with these seasons (in steps, ascending, at most two count) that is
/// to be forecast `horizon` steps ahead. The last value, the last season and the median are always among them: where
/// nothing beats a constant, the constant is the champion. Others are here because the champion errs less with them on
/// data it was not chosen by; which were tried and left out stands in `models/README.md`.
///
/// The global regression starts from `pools`, if there are any of its [`cycles`] for such series.
#[must_use]
pub fn candidates(seasons: &[usize], length: usize, horizon: usize, pools: &Pools) -> Vec<Box<dyn Fit>> {
    let seasons = &seasons[..seasons.len().min(2)];
    let horizon = horizon.max(1);
    let mut models: Vec<Box<dyn Fit>> = vec![Box::new(NaiveModel)];
    add(&mut models, LagRidgeModel::new(seasons));
    let first = seasons.first().copied();
    let mut windows = first.map_or(MEDIANS.to_vec(), |first| vec![first]);
    for window in &mut windows {
        *window = (*window).min(length).clamp(1, LONGEST_WINDOW);
    }
    windows.dedup();
    for window in windows {
        add(&mut models, MedianModel::new(window));
    }
    if first.is_none() {
        add(&mut models, ProfileModel::new(ProfileParams::usual(Vec::new())));
        models.push(Box::new(Young { model: ThetaModel::standard(), most: YOUNG }));
    }
    if let Some(first) = first {
        add(&mut models, SeasonalNaiveModel::new(first));
        if first <= LONGEST_SHORT {
            // A phase of a long season is seen too rarely to be smoothed by itself.
            add(&mut models, TaylorModel::single(first, horizon));
        }
        add(&mut models, ProfileModel::new(ProfileParams::usual(seasons.to_vec())));
        if first > LONGEST_SHORT {
            // Over an hour of minutes the level matters more than a long season does, and may go without it.
            models.push(Box::new(ThetaModel::standard()));
            // The dearest to fit by far, and worth it: see the table of candidates.
            models.extend(
                cycles(seasons).map(|cycles| -> Box<dyn Fit> { Box::new(GlobalLagModel::among(pools, cycles)) }),
            );
        }
    }
    if let (Some(first), Some(second)) = (first, seasons.get(1).copied()) {
        add(&mut models, TaylorModel::double(first, second, horizon));
        if first <= LONGEST_SHORT {
            add(&mut models, SeasonalNaiveModel::new(second));
        }
    }
    models.retain(|model| model.minimum() <= length);
    models
}

/// The cycles of the global regression that runs for champion with these seasons (ascending), if it does.
#[must_use]
pub fn cycles(seasons: &[usize]) -> Option<Cycles> {
    let first = seasons.first().copied().filter(|first| *first > LONGEST_SHORT)?;
    Cycles::new(first, first / 24).ok()
}

/// Adds a model whose parameters are valid; others do not fit the series.
fn add<M: Fit + 'static, E>(models: &mut Vec<Box<dyn Fit>>, model: Result<M, E>) {
    if let Ok(model) = model {
        models.push(Box::new(model));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(seasons: &[usize], length: usize) -> Vec<String> {
        candidates(seasons, length, 48, &Pools::default()).iter().map(|model| model.name()).collect()
    }

    #[test]
    fn the_shape_of_a_series_decides() {
        let hours = names(&[24, 168], 960);
        assert!(
            ["lag-ridge", "double-seasonal", "single-seasonal", "profile-24-168", "seasonal-naive-168"]
                .iter()
                .all(|name| { hours.iter().any(|known| known == name) })
        );
        assert_eq!(names(&[], 5), ["naive", "median-5"]);
        assert_eq!(names(&[24], 1), ["naive", "median-1"]);
        let minutes = names(&[1_440], 10_080);
        assert!(!minutes.iter().any(|name| name == "single-seasonal"), "{minutes:?}");
        assert!(["theta", "global"].iter().all(|name| minutes.iter().any(|known| known == name)), "{minutes:?}");
        assert!(!names(&[1_440, 10_080], 10_080).iter().any(|name| name == "double-seasonal"), "too short for it");
    }
}
