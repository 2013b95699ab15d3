//! What a fit may know of other series, and when.

use std::sync::Arc;

use super::*;
use crate::forecast::backtest::{self, Plan, PlanOptions, Window};
use crate::forecast::catalogue::{self, CHAMPION, Setting};
use crate::forecast::global::Pools;
use crate::forecast::history::Grid;
use crate::forecast::output::Levels;
use crate::forecast::select::cycles;

const SEASON: usize = 96;
const LEN: usize = 8 * SEASON;
const HORIZON: usize = 8;
const GRID: Grid = Grid { start: Timestamp::from_seconds(0), step_s: 60 };

/// A wave, a step of the hour and what looks like noise; each series has its own.
fn series(own: u32) -> Vec<f64> {
    let at = |t: u32| {
        let wave = (std::f64::consts::TAU * f64::from(t) / 96.0).sin();
        10.0 + wave + 0.4 * f64::from(u8::from(t % 4 == 1)) + 0.01 * f64::from((t * (7_919 + 60 * own)) % 97)
    };
    (0..).map(at).take(LEN).collect()
}

fn plan() -> Plan {
    let levels = Levels::default();
    let options = PlanOptions {
        horizon: HORIZON,
        folds: 2,
        step: SEASON,
        window: Window::Expanding,
        refit_every: 1,
        levels,
        scale_lag: 1,
        within: Vec::new(),
        least_count: 0.0,
    };
    Plan::new(options).expect("valid")
}

/// The bits of the newest forecast of the first series by `model`, in a backtest with pools of all of them.
fn newest(model: &str, all: &[Vec<f64>]) -> Vec<u64> {
    let histories: Vec<History<'_>> = all.iter().map(|values| History::new(GRID, values)).collect();
    let plan = plan();
    let fits = plan.fits(LEN).expect("long enough").into_iter();
    let fits: Vec<_> = fits.map(|fit| GRID.at(fit.start)..GRID.at(fit.end)).collect();
    let cycles = cycles(&[SEASON]).expect("long enough");
    let of = |end: Timestamp| Some((end, Arc::new(pool(cycles, None, &histories, end)?)));
    let pools = Pools::new(ends(&fits, 60 * 96).into_iter().filter_map(of));
    assert_eq!(pools.as_slice().len(), 4, "for two origins and the middles of two histories");
    let setting = Setting { seasons: &[SEASON], step_s: 60, horizon: HORIZON, pools: Some(&pools), holidays: &[] };
    let model = catalogue::find(model).expect("known").build(&setting).expect("valid");
    let runs = backtest::run(&histories[0], &plan, &[&*model], &mut || 0.0).expect("long enough");
    let newest = runs[0].newest.as_ref().expect("it forecast");
    newest.mean.iter().chain(&newest.quantiles).map(|value| value.to_bits()).collect()
}

#[test]
fn nothing_behind_an_origin_is_known_there_of_other_series_neither() {
    let all = [series(0), series(1), series(2)];
    let mut later = all.clone();
    for values in &mut later {
        values[LEN - HORIZON..].iter_mut().for_each(|value| *value *= 3.0);
    }
    assert_eq!(newest(CHAMPION, &later), newest(CHAMPION, &all));
    assert_eq!(newest("global", &later), newest("global", &all));
    let mut earlier = all.clone();
    earlier[1][LEN / 2..LEN - HORIZON].reverse();
    assert_ne!(newest("global", &earlier), newest("global", &all), "what other series did before is learnt from");
}

#[test]
fn a_pool_knows_what_lies_before_its_instant() {
    let all = [series(0), series(1)];
    let histories = [History::new(GRID, &all[0]), History::new(GRID, &all[1])];
    let cycles = cycles(&[SEASON]).expect("long enough");
    let cut = 5 * SEASON;
    let before = histories.map(|history| history.until(cut));
    let found = pool(cycles, None, &histories, GRID.at(cut));
    assert_eq!(found, pool(cycles, None, &before, GRID.at(LEN)));
    assert!(found.is_some() && pool(cycles, None, &histories[..1], GRID.at(cut)).is_none(), "one series is no pool");
    assert!(pool(cycles, None, &histories, GRID.at(SEASON)).is_none(), "a season is too short");
}

#[test]
fn pools_are_trained_where_fits_meet_them() {
    let hour = |hours: i64| Timestamp::from_seconds(3_600 * hours);
    assert_eq!(ends(&[], 86_400), []);
    // The middle is met by the pool of three days and a half before the end, which is cut to four.
    assert_eq!(ends(&[hour(0)..hour(168)], 86_400), [hour(72), hour(168)]);
    let folds = [hour(0)..hour(168), hour(5)..hour(173), hour(24)..hour(192)];
    assert_eq!(ends(&folds, 86_400), [72, 96, 168, 192].map(hour), "once a day for all three");
}

#[test]
fn a_sample_is_spread_over_all_series() {
    assert_eq!(PoolTraining::sample(3).collect::<Vec<_>>(), [0, 1, 2]);
    assert_eq!(PoolTraining::sample(0).count(), 0);
    let many: Vec<usize> = PoolTraining::sample(1_000).collect();
    assert_eq!((many.len(), many[1], many[63]), (MOST, 15, 984));
}
