use super::*;
use crate::domain::time::Timestamp;
use crate::forecast::history::Grid;
use proptest::prelude::*;

fn history(values: &[f64]) -> History<'_> {
    History::new(Grid { start: Timestamp::from_seconds(0), step_s: 3_600 }, values)
}

fn fit(seasons: &[usize], values: &[f64]) -> Result<Box<dyn Predict>, FitError> {
    LagRidgeModel::new(seasons).expect("seasons").fit(&history(values))
}

/// A season of 4, a trend, and what looks like noise.
fn series(len: u32) -> Vec<f64> {
    let at = |t: u32| {
        let turn = 2.0 * std::f64::consts::PI * f64::from(t) / 4.0;
        10.0 + 3.0 * turn.sin() + 0.01 * f64::from(t) + f64::from((t * 7_919) % 97) / 97.0
    };
    (0..len).map(at).collect()
}

#[test]
fn agrees_with_numpy() {
    // numpy 2.4: with W the windows of 11 values of the series less the mean of their values 6 to 9, X the first ten
    // (newest first) and y the last: np.linalg.solve(X.T @ X + (5e-4 * trace / 10 + 1e-12) * np.eye(10), X.T @ y)
    let expected = [
        -0.116_661_547,
        -0.278_076_491,
        0.371_941_644,
        0.022_796_393,
        0.179_618_655,
        -0.171_439_658,
        -0.167_999_009,
        0.451_477_893,
        0.133_006_52,
        -0.080_215_286,
    ];
    let lags = lags::choose(&[4], 60);
    let found = regress(&series(60), &lags, 4, 3.7).expect("solvable");
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() < 1e-7, "{found} {expected}");
    }
    let mut path = [0.0; 5];
    fit(&[4], &series(60)).expect("long enough").predict(&mut path);
    let ahead = [10.882_622_15, 14.033_578_99, 11.175_646_168, 7.704_811_447, 11.215_281_809];
    assert!(path.iter().zip(ahead).all(|(found, expected)| (found - expected).abs() < 1e-6), "{path:?}");
}

#[test]
fn updates_and_saving_change_nothing_but_time() {
    let mut model = fit(&[4], &series(60)).expect("long enough");
    let mut restored = model.save().restore();
    let (mut path, mut again) = ([0.0; 20], [0.0; 20]);
    model.predict(&mut path);
    let ahead = path[0];
    // A gap becomes the model's own forecast, so the rest of the path stays.
    model.update(Observation::of(f64::NAN));
    model.predict(&mut again);
    assert_eq!(path.map(f64::to_bits)[1..], again.map(f64::to_bits)[..19]);
    restored.update(Observation::of(ahead));
    restored.predict(&mut path);
    assert_eq!(path.map(f64::to_bits), again.map(f64::to_bits));
}

/// The path that the regression makes from the known values alone, step by step.
fn recursive(model: &LagRidge, path: &mut [f64]) {
    let mut values = model.course.past().to_vec();
    for step in path {
        *step = model.after(&values);
        values.push(*step);
    }
}

/// Follows `news` and returns the steps at which the path was kept; it always is what the recursion says.
fn follow(model: &mut LagRidge, news: &[f64]) -> usize {
    let (mut path, mut expected, mut kept) = (vec![0.0; 1_500], vec![0.0; 1_500], 0);
    let horizons = [1, 2, 59, 60, 61, 75, 76, 400, 1_440];
    for (step, value) in news.iter().enumerate() {
        model.update(Observation::of(*value));
        kept += usize::from(model.course.kept() > 0);
        if step % 13 != 0 {
            continue;
        }
        model.predict(&mut path);
        recursive(model, &mut expected);
        let equal = |found: f64, expected: f64| (found - expected).abs() <= 1e-9 * expected.abs().max(1.0);
        assert!(path.iter().zip(&expected).all(|(found, expected)| equal(*found, *expected)), "step {step}");
        let mut values = [0.0; 9];
        model.predict_at(&horizons, &mut values);
        assert!(values.iter().zip(horizons).all(|(found, horizon)| equal(*found, expected[horizon - 1])));
    }
    kept
}

#[test]
fn a_kept_path_is_the_one_the_recursion_makes() {
    let values = series(700);
    let saved = fit(&[4], &values[..200]).expect("long enough").save();
    let fitted = if let Saved::LagRidge(fitted) = saved { Some(fitted) } else { None }.expect("a lag regression");
    let mut news = values[200..].to_vec();
    news[100..110].fill(f64::NAN);
    assert!(follow(&mut fitted.clone(), &news) > 400);
    // A level far outside of what was seen: paths towards it are cut until the range is wide enough.
    news[200..260].iter_mut().for_each(|value| *value += 1e3);
    let kept = follow(&mut fitted.clone(), &news);
    assert!((100..450).contains(&kept), "{kept}");
    assert!(follow(&mut fitted.clone(), &[0.1; 200]) > 0);
}

#[test]
fn a_kept_path_is_restored_bit_for_bit() {
    let values = series(330);
    let mut running = fit(&[4], &values[..200]).expect("long enough");
    for value in &values[200..305] {
        running.update(Observation::of(*value));
    }
    let bytes = postcard::to_stdvec(&running.save()).expect("serialisable");
    let mut restored = postcard::from_bytes::<Saved>(&bytes).expect("readable").restore();
    let (mut path, mut again) = (vec![0.0; 1_600], vec![0.0; 1_600]);
    for value in &values[305..] {
        for (model, path) in [(&mut running, &mut path), (&mut restored, &mut again)] {
            model.predict(path);
            model.update(Observation::of(*value));
        }
        assert!(path.iter().zip(&again).all(|(one, other)| one.to_bits() == other.to_bits()));
    }
    assert_eq!(running.save(), restored.save());
}

#[test]
fn gaps_take_no_part_and_odd_series_have_finite_paths() {
    let mut gappy = series(200);
    for at in (0..200).step_by(29) {
        gappy[at] = f64::NAN;
    }
    let (mut whole, mut path) = ([0.0; 8], [0.0; 8]);
    fit(&[4], &series(200)).expect("long enough").predict(&mut whole);
    fit(&[4], &gappy).expect("most rows are left").predict(&mut path);
    assert!(whole.iter().zip(&path).all(|(whole, path)| (whole - path).abs() < 1.0), "{whole:?} {path:?}");

    fit(&[24, 168], &[7.0; 300]).expect("a constant").predict(&mut path);
    assert!(path.iter().all(|value| (value - 7.0).abs() < 1e-12), "{path:?}");
    let few: Vec<f64> = (0..60).map(|at| if at % 3 == 0 { 1.0 } else { f64::NAN }).collect();
    assert!(matches!(fit(&[4], &few), Err(FitError::NoSolution { .. })));
    assert!(matches!(fit(&[4], &[1.0; 11]), Err(FitError::TooShort { .. })));
    assert!(LagRidgeModel::new(&[24, 24]).is_err() && LagRidgeModel::new(&[1]).is_err());
}

proptest! {
    /// Whatever the series and its unit, the path is finite and, where the range allows, at most a quarter of it
    /// outside.
    #[test]
    fn paths_stay_near_what_was_seen(values in prop::collection::vec(-1.0f64..1.0, 30..90), power in -300i32..307) {
        let unit = 10f64.powi(power);
        let values: Vec<f64> = values.iter().map(|value| value * unit).collect();
        let mut path = [0.0; 30];
        fit(&[4], &values).expect("long enough").predict(&mut path);
        let (low, high) = range(&values);
        let room = 0.250_001 * (high - low);
        prop_assert!(path.iter().all(|value| (low - room..=high + room).contains(value)), "{path:?}");
    }
}
