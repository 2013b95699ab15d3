use super::*;
use crate::domain::time::Timestamp;
use crate::forecast::history::{Grid, Observation};
use crate::stats::seed::Seed;
use proptest::prelude::*;
use rand_distr::{Distribution, StandardNormal};
use std::f64::consts::TAU;

const HOUR: Grid = Grid { start: Timestamp::from_seconds(0), step_s: 3_600 };

fn model(seasons: &[usize], changes: usize, holidays: Vec<Holiday>) -> StructuralModel {
    StructuralModel::new(StructuralParams { seasons: seasons.to_vec(), changes, holidays }).expect("in range")
}

fn path<const N: usize>(fitted: &dyn Predict) -> [f64; N] {
    let mut path = [0.0; N];
    fitted.predict(&mut path);
    path
}

#[expect(clippy::cast_precision_loss, reason = "short series")]
fn step(t: usize) -> f64 {
    t as f64
}

fn noise(seed: u64, n: usize) -> impl Iterator<Item = f64> {
    let mut rng = Seed::new(seed).rng();
    (0..n).map(move |_| StandardNormal.sample(&mut rng))
}

/// Level 20, slope 0.05 until step 300 and -0.03 after it, a day and a week.
fn truth(t: usize) -> f64 {
    let trend = 20.0 + 0.05 * step(t) - 0.08 * (step(t) - 300.0).max(0.0);
    trend + 4.0 * (TAU * step(t) / 24.0).sin() + (TAU * step(t) / 12.0).cos() + 2.0 * (TAU * step(t) / 168.0).cos()
}

#[test]
fn a_known_trend_its_change_and_two_seasons_are_recovered_despite_incidents_and_gaps() {
    let mut values: Vec<f64> = noise(11, 600).enumerate().map(|(t, noise)| truth(t) + 0.5 * noise).collect();
    values[200..206].fill(400.0);
    values[350..380].fill(f64::NAN);
    let fitted = model(&[168, 24], 19, Vec::new()).estimate(&History::new(HOUR, &values)).expect("long enough");
    let change: f64 = fitted.changes().map(|(_, slope)| slope).sum();
    assert!((change + 0.08).abs() < 0.01, "{:?}", fitted.changes().collect::<Vec<_>>());
    let found = path::<168>(&fitted);
    let error = (0..168).map(|h| (found[h] - truth(600 + h)).abs()).sum::<f64>() / 168.0;
    assert!(error < 0.5, "mean error {error}");
}

#[test]
fn a_series_without_changes_keeps_a_straight_trend() {
    let values: Vec<f64> = noise(12, 500).enumerate().map(|(t, noise)| 0.02 * step(t) + noise).collect();
    let fitted = model(&[24], 25, Vec::new()).estimate(&History::new(HOUR, &values)).expect("long enough");
    assert!(fitted.changes().map(|(_, slope)| slope.abs()).sum::<f64>() < 0.01);
    let [next] = path(&fitted);
    assert!((next - 10.0).abs() < 0.5, "{next}");
}

#[test]
fn a_holiday_is_told_from_other_days_and_comes_again() {
    let holiday = Holiday { days: vec![3, 20], before: 0, after: 1 };
    let on = |t: usize| [3, 4, 20, 21].contains(&(t / 24));
    let usual = noise(13, 480).map(|noise| 10.0 + 0.2 * noise).enumerate();
    let values: Vec<f64> = usual.map(|(t, value)| if on(t) { value - 6.0 } else { value }).collect();
    let fitted = model(&[], 0, vec![holiday]).estimate(&History::new(HOUR, &values)).expect("long enough");
    let found = path::<72>(&fitted);
    assert!((found[0] - 4.0).abs() < 0.3 && (found[71] - 10.0).abs() < 0.3, "{found:?}");
}

#[test]
fn the_level_follows_a_shift_and_a_gap_only_moves_time() {
    let values: Vec<f64> =
        (0..240).map(|t| 10.0 + (TAU * step(t) / 24.0).sin() + if t % 48 < 24 { 3.0 } else { 0.0 }).collect();
    let mut fitted = model(&[24], 0, Vec::new()).estimate(&History::new(HOUR, &values)).expect("long enough");
    let [_, second] = path(&fitted);
    fitted.update(Observation::of(f64::NAN));
    assert!((path::<1>(&fitted)[0] - second).abs() < 1e-12);
    for _ in 0..48 {
        fitted.update(Observation::of(16.0));
    }
    assert!(path::<24>(&fitted).iter().sum::<f64>() / 24.0 > 14.0);
}

#[test]
fn parameters_are_checked() {
    let refused = |params| StructuralModel::new(params).expect_err("out of range").parameter;
    assert_eq!(refused(StructuralParams { seasons: vec![1], ..StructuralParams::default() }), "seasons");
    assert_eq!(refused(StructuralParams { changes: 51, ..StructuralParams::default() }), "changes");
    assert!(model(&[], 25, Vec::new()).fit(&History::new(HOUR, &[1.0; 19])).is_err());
    let constant = model(&[4], 25, Vec::new()).fit(&History::new(HOUR, &[7.0; 60])).expect("long enough");
    assert!(path::<5>(constant.as_ref()).iter().all(|value| (value - 7.0).abs() < 1e-9));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    /// Whatever comes in, the path is finite, and a saved and restored model goes on bit for bit the same.
    #[test]
    fn paths_are_finite_and_survive_saving(
        values in prop::collection::vec(
            prop_oneof![8 => -10.0f64..10.0, 1 => Just(f64::NAN), 1 => Just(1e308), 1 => Just(-1e308), 1 => Just(0.0)],
            30..70,
        ),
        news in prop::collection::vec(prop_oneof![3 => -1e3f64..1e3, 1 => Just(f64::NAN), 1 => Just(1e308)], 0..8),
    ) {
        let Ok(mut fitted) = model(&[5, 12], 5, Vec::new()).fit(&History::new(HOUR, &values)) else { return Ok(()) };
        let mut restored = fitted.save().restore();
        for value in &news {
            fitted.update(Observation::of(*value));
            restored.update(Observation::of(*value));
        }
        let (there, back) = (path::<40>(fitted.as_ref()), path::<40>(restored.as_ref()));
        prop_assert!(there.iter().all(|value| value.is_finite()));
        prop_assert_eq!(there.map(f64::to_bits), back.map(f64::to_bits));
    }
}

/// NumPy 2: `np.linalg.solve(Xc.T @ Xc + 1e-6 * 200 * np.eye(3), Xc.T @ (y - y.mean()))` on the columns t / 200, sine and
/// cosine of period 12 less their means.
#[test]
fn the_ridge_regression_agrees_with_numpy() {
    let (mut matrix, mut response) = (Vec::new(), Vec::new());
    for t in 0..200 {
        let angle = TAU * step(t) / 12.0;
        matrix.extend([step(t) / 200.0, angle.sin(), angle.cos()]);
        let scatter = (step((t * 7_919) % 13) - 6.0) * 0.05;
        response.push(10.0 + 0.03 * step(t) + 2.0 * angle.sin() + (2.0 * angle).cos() + scatter);
    }
    let equations = normal_equations::NormalEquations::of(&matrix, 3, &response, &[1.0; 200]);
    let (coefficients, _) = equations.solve(&[0, 1, 2]).expect("positive definite");
    for (found, expected) in coefficients.iter().zip([6.019_711_85, 1.977_507_89, -0.013_724_11]) {
        assert!((found - expected).abs() < 1e-7, "{found} is not {expected}");
    }
    assert!((equations.intercept(&[0, 1, 2], &coefficients) - 9.995_497_404).abs() < 1e-7);
    assert!((equations.left_over(&[0, 1, 2], &coefficients) - 112.143_3).abs() < 0.01);
}
