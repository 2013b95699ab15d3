//! Components against statsmodels; the model as a whole.

use proptest::prelude::*;

use super::components::components;
use super::*;
use crate::domain::time::Timestamp;
use crate::forecast::history::{Grid, Observation};
use crate::forecast::naive::drift::DriftModel;

fn history(values: &[f64]) -> History<'_> {
    History::new(Grid { start: Timestamp::from_seconds(0), step_s: 3_600 }, values)
}

/// Four days of a wave of 8 and one of 24 hours over a line, and a little that looks like noise.
fn waves() -> Vec<f64> {
    let turn = std::f64::consts::TAU;
    let at = |t: u32| {
        let noise = f64::from((t * 7_919) % 13) - 6.0;
        let t = f64::from(t);
        10.0 + 0.05 * t + 3.0 * (turn * t / 8.0).sin() + 2.0 * (turn * t / 24.0).cos() + 0.05 * noise
    };
    (0..96).map(at).collect()
}

#[test]
fn components_agree_with_statsmodels() {
    // statsmodels 0.15: MSTL(waves, periods=(8, 24), iterate=2).fit().seasonal, its first and its last three rows.
    let first = [[-0.232_269, 2.115_195], [2.097_437, 1.978_798], [3.043_019, 1.579_508]];
    let last = [[-2.168_059, 1.485_919], [-3.121_098, 1.935_904], [-2.123_07, 2.122_281]];
    let found = components(&waves(), &[8, 24]).expect("long enough");
    for (row, (early, late)) in first.iter().zip(&last).enumerate() {
        for (season, component) in found.iter().enumerate() {
            assert!((component[row] - early[season]).abs() < 2e-6, "{} {early:?}", component[row]);
            assert!((component[93 + row] - late[season]).abs() < 2e-6, "{} {late:?}", component[93 + row]);
        }
    }
}

#[test]
fn seasons_go_on_over_the_inner_path_and_survive_saving() {
    let mut values = waves();
    let model = MstlModel::new(&[24, 8]).expect("valid").over(Box::new(DriftModel));
    let truth = values.split_off(80);
    values[30..33].fill(f64::NAN);
    let mut fitted = model.fit(&history(&values)).expect("long enough");
    let mut restored = fitted.save().restore();
    for news in [truth[0], f64::NAN] {
        fitted.update(Observation::of(news));
        restored.update(Observation::of(news));
    }
    let (mut path, mut again) = ([0.0; 14], [0.0; 14]);
    fitted.predict(&mut path);
    restored.predict(&mut again);
    assert_eq!(path.map(f64::to_bits), again.map(f64::to_bits));
    let worst = path.iter().zip(&truth[2..]).map(|(step, truth)| (step - truth).abs()).fold(0.0, f64::max);
    assert!(worst < 1.0, "{worst} of a range of ten");
}

#[test]
fn a_long_season_is_the_robust_profile() {
    let turn = std::f64::consts::TAU / 240.0;
    let mut values: Vec<f64> = (0..1_200).map(|at| 15.0 + 5.0 * (turn * f64::from(at)).sin()).collect();
    values[500..520].fill(400.0);
    let model = MstlModel::new(&[240]).expect("valid").over(Box::new(DriftModel));
    let fitted = model.fit(&history(&values)).expect("five seasons");
    let mut path = [0.0; 240];
    fitted.predict(&mut path);
    assert!((path[60] - 20.0).abs() < 0.5 && (path[180] - 10.0).abs() < 0.5, "{} {}", path[60], path[180]);
}

#[test]
fn lengths_are_checked_and_short_histories_refused() {
    assert!(MstlModel::new(&[]).is_err());
    let wrong = MstlModel::new(&[24, 1]).expect_err("too short");
    assert_eq!(wrong.to_string(), "seasons must be one or more lengths of at least 2, is [1, 24]");
    let model = MstlModel::new(&[8, 24]).expect("valid");
    assert_eq!(model.name(), "mstl-8-24-ets");
    assert!(model.fit(&history(&waves()[..15])).is_err());
    let fitted = model.fit(&history(&[5.0; 20])).expect("one of the seasons");
    let mut path = [0.0; 30];
    fitted.predict(&mut path);
    assert!(path.iter().all(|step| (step - 5.0).abs() < 1e-6), "{path:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    /// Whatever comes in, the path is finite.
    #[test]
    fn paths_are_finite(
        values in prop::collection::vec(
            prop_oneof![6 => -10.0f64..10.0, 1 => Just(f64::NAN), 1 => Just(1.7e308), 1 => Just(-1.7e308), 1 => Just(1e-300)],
            24..60,
        ),
        news in prop_oneof![Just(f64::NAN), Just(f64::MAX), Just(f64::INFINITY), -1.0f64..1.0],
    ) {
        if let Ok(mut fitted) = MstlModel::new(&[5, 12]).expect("valid").fit(&history(&values)) {
            fitted.update(Observation::of(news));
            let mut path = [0.0; 30];
            fitted.predict(&mut path);
            prop_assert!(path.iter().all(|step| step.is_finite()), "{path:?}");
        }
    }
}
