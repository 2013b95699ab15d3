use super::*;
use crate::domain::time::Timestamp;
use crate::forecast::history::Grid;
use proptest::prelude::*;

fn history(values: &[f64]) -> History<'_> {
    History::new(Grid { start: Timestamp::from_seconds(0), step_s: 3_600 }, values)
}

/// Seasons of 4 and 8, a trend, and what looks like noise.
fn series() -> Vec<f64> {
    let at = |t: u32| {
        let turn = 2.0 * std::f64::consts::PI * f64::from(t) / 8.0;
        let noise = f64::from((t * 7_919) % 97) / 97.0;
        10.0 + 3.0 * (2.0 * turn).sin() + turn.sin() + 0.01 * f64::from(t) + noise
    };
    (0..80).map(at).collect()
}

fn agrees(found: &[f64], expected: &[f64]) {
    assert!(found.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 1e-8), "{found:?}");
}

/// The numbers were made by the recursion of Taylor (2010), section 3, written in numpy 2.4 for this test.
#[test]
fn the_recursion_is_that_of_the_paper() {
    let grid = [grid::Weights { level: 0.05, first: 0.1, second: 0.4, error: 0.7 }];
    let start = Start::of(&series()[..16], Seasons { first: 4, second: Some(8) });
    let states = Search::new(&grid, &start).run(&series(), &Judged { horizons: &[1, 2, 3], from: 16 }, 1);
    let mut path = [0.0; 5];
    states[0].add_path(&mut path, 0, 0);
    agrees(&path, &[11.500_510_995, 15.421_243_507, 12.000_890_421, 9.392_651_411, 10.998_263_512]);
}

#[test]
fn the_mean_of_the_best_sets_is_the_path() {
    let mut path = [0.0; 5];
    let model = TaylorModel::double(4, 8, 5).expect("seasons");
    model.fit(&history(&series())).expect("long enough").predict(&mut path);
    agrees(&path, &[11.134_922_809, 14.931_477_71, 12.154_835_856, 9.416_070_501, 11.241_256_952]);
    let model = TaylorModel::single(4, 5).expect("a season");
    model.fit(&history(&series())).expect("long enough").predict(&mut path);
    agrees(&path, &[10.563_614_875, 13.746_773_389, 10.893_218_988, 7.939_986_705, 10.763_509_803]);
    assert_eq!(TaylorModel::single(24, 48).expect("a season").horizons(), [1, 6, 12, 18, 24, 30, 36, 42, 48]);
}

#[test]
fn updates_go_on_where_the_fit_ended_and_saving_keeps_all() {
    let values = series();
    let model = TaylorModel::double(4, 8, 5).expect("seasons");
    let mut fitted = model.fit(&history(&values)).expect("long enough");
    let mut restored = fitted.save().restore();
    for news in [12.0, f64::NAN, 9.0] {
        fitted.update(Observation::of(news));
        restored.update(Observation::of(news));
    }
    let (mut path, mut again) = ([0.0; 20], [0.0; 20]);
    fitted.predict(&mut path);
    restored.predict(&mut again);
    assert_eq!(path.map(f64::to_bits), again.map(f64::to_bits));
    assert!(path[1] > path[3], "the season keeps its phase: {path:?}");
}

#[test]
fn parameters_are_checked_and_odd_series_have_finite_paths() {
    assert!(TaylorModel::single(1, 1).is_err() && TaylorModel::single(2, 0).is_err());
    assert!(TaylorModel::double(24, 24, 48).is_err());
    let model = TaylorModel::single(4, 5).expect("a season");
    assert!(matches!(model.fit(&history(&[1.0; 15])), Err(FitError::TooShort { .. })));
    let mut path = [0.0; 5];
    model.fit(&history(&[7.0; 16])).expect("a constant").predict(&mut path);
    assert!(path.iter().all(|value| (value - 7.0).abs() < 1e-12), "{path:?}");
    let gaps: Vec<f64> = (0..64).map(|at| if at % 4 == 1 { f64::INFINITY } else { 1.0 }).collect();
    model.fit(&history(&gaps)).expect("enough is known").predict(&mut path);
    assert!(path.iter().all(|value| (value - 1.0).abs() < 1e-12), "a phase never seen: {path:?}");
}

proptest! {
    /// Whatever the series and its unit, the path is finite and at most a quarter of the range outside it.
    #[test]
    fn paths_stay_near_what_was_seen(values in prop::collection::vec(-1.0f64..1.0, 20..60), power in -300i32..308) {
        let unit = 10f64.powi(power);
        let values: Vec<f64> = values.iter().map(|value| value * unit).collect();
        let mut path = [0.0; 30];
        let model = TaylorModel::double(3, 7, 5).expect("seasons");
        model.fit(&history(&values)).expect("long enough").predict(&mut path);
        let size = values.iter().fold(0.0, |size: f64, value| size.max(value.abs()));
        prop_assert!(path.iter().all(|value| value.abs() <= 1.6 * size), "{path:?}");
    }
}
