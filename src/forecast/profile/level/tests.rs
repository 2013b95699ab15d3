use proptest::prelude::*;

use super::*;
use crate::domain::time::Timestamp;
use crate::forecast::history::Grid;

fn fit(params: ProfileParams, values: &[f64]) -> Box<dyn Predict> {
    let grid = Grid { start: Timestamp::from_seconds(0), step_s: 60 };
    ProfileModel::new(params).expect("valid").fit(&History::new(grid, values)).expect("long enough")
}

fn path(fitted: &dyn Predict, steps: usize) -> Vec<f64> {
    let mut path = vec![0.0; steps];
    fitted.predict(&mut path);
    path
}

/// A day of eight steps and a week of four such days, of which the last has a spike at noon.
fn wave(at: usize) -> f64 {
    f64::from([0_u8, 1, 3, 6, 7, 6, 3, 1][at % 8]) + if at % 32 == 28 { 9.0 } else { 0.0 }
}

#[test]
fn the_day_and_the_week_are_told_apart_once_there_are_three_weeks() {
    let history = |steps: usize| -> Vec<f64> { (0..steps).map(|at| 40.0 + wave(at)).collect() };
    let error = |steps: usize| {
        let found = path(&*fit(ProfileParams::usual(vec![8, 32]), &history(steps)), 32);
        let ahead = (steps..steps + 32).map(|at| 40.0 + wave(at));
        found.iter().zip(ahead).map(|(found, ahead)| (found - ahead).abs()).fold(0.0, f64::max)
    };
    assert!(error(4 * 32) < 0.5, "{}", error(4 * 32));
    assert!(error(2 * 32) > 5.0, "two weeks teach nothing of the week");
}

#[test]
fn an_outlier_does_not_jerk_the_level_and_a_gap_moves_the_season_on() {
    let values: Vec<f64> = (0..80).map(|at| 40.0 + wave(at % 8) + if at % 3 == 0 { 0.5 } else { -0.25 }).collect();
    let mut fitted = fit(ProfileParams::usual(vec![8]), &values);
    let before = path(&*fitted, 9);
    fitted.update(Observation::of(f64::NAN));
    assert!(path(&*fitted, 8).iter().zip(&before[1..]).all(|(now, then)| (now - then).abs() < 1e-9));
    fitted.update(Observation::of(1e7));
    assert!((path(&*fitted, 1)[0] - before[2]).abs() < 3.0);
}

#[test]
fn what_cannot_be_is_refused_and_what_is_odd_stays_finite() {
    assert!(ProfileModel::new(ProfileParams::usual(vec![1])).is_err());
    assert!(ProfileModel::new(ProfileParams { rho: Some(1.5), ..ProfileParams::usual(vec![8]) }).is_err());
    let mut holes = vec![f64::NAN; 40];
    holes[3..25].fill(7.0);
    let alone = fit(ProfileParams::usual(Vec::new()), &holes);
    assert!(path(&*alone, 3).iter().all(|step| (step - 7.0).abs() < 1e-9), "a level needs no season");
    for values in [vec![0.0; 40], vec![-1e130; 40], holes] {
        let mut fitted = fit(ProfileParams::usual(vec![8]), &values);
        for news in [f64::NAN, 1e139, f64::INFINITY, -1e300] {
            fitted.update(Observation::of(news));
            assert!(path(&*fitted, 20).iter().all(|step| step.is_finite()));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Values moved by a constant move the path by it, and a restored model goes on bit for bit.
    #[test]
    fn shifts_pass_through_and_saving_changes_nothing(
        values in prop::collection::vec(1.0f64..9.0, 24..60),
        by in -50.0f64..50.0,
    ) {
        let params = ProfileParams { alpha: Some(0.2), rho: Some(0.8), ..ProfileParams::usual(vec![6]) };
        let shifted: Vec<f64> = values.iter().map(|value| value + by).collect();
        let (mut one, two) = (fit(params.clone(), &values), fit(params, &shifted));
        let moved = path(&*two, 9);
        prop_assert!(path(&*one, 9).iter().zip(&moved).all(|(a, b)| (a + by - b).abs() < 1e-6));
        let mut restored = one.save().restore();
        for news in [Observation::of(by), Observation::of(f64::NAN), Observation::of(3.0)] {
            one.update(news);
            restored.update(news);
        }
        prop_assert_eq!(one.save(), restored.save());
    }
}
