//! Features and coefficients against numpy, edges, and that memory goes on where it was left.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;
use crate::domain::time::Timestamp;
use crate::forecast::history::Grid;
use crate::forecast::measure::scale::naive_scale;

const GRID: Grid = Grid { start: Timestamp::from_seconds(0), step_s: 60 };
const DAY: usize = 48;
const WEEK: usize = 7 * DAY;

fn cycles() -> Cycles {
    Cycles::new(DAY, 12).expect("valid")
}

fn history(values: &[f64]) -> History<'_> {
    History::new(GRID, values)
}

/// A daily wave, a step of the hour, a step of the day, a level that jumps, and what looks like noise.
fn series(len: u32) -> Vec<f64> {
    let at = |t: u32| {
        let wave = (std::f64::consts::TAU * f64::from(t) / 48.0).sin();
        let pattern = 0.3 * f64::from(u8::from(t % 12 == 3)) + 0.2 * f64::from(u8::from(t % 48 == 20));
        let noise = 0.004 * f64::from((t * 7_919) % 97);
        5.0 + wave + pattern + noise + if (t / 100) % 2 == 1 { 0.25 } else { 0.0 }
    };
    (0..len).map(at).collect()
}

fn fitted(values: &[f64]) -> GlobalLag {
    let window = Window::of(&history(values), DAY, 12).expect("two days");
    let rows = Rows::of(&window, &horizons::up_to(12), STRIDE);
    let pool = Linear::of_pool(&horizons::up_to(12), &[&rows]);
    let linear = pool.towards(&rows);
    let profile = Standing::of(&window.values, DAY);
    let state = State::new(DAY, 12);
    let mut fitted = GlobalLag { unit: window.unit, state, profile, linear, shared: None, pool: None };
    window.values.iter().for_each(|value| fitted.advance(*value));
    fitted
}

static FITTED: LazyLock<GlobalLag> = LazyLock::new(|| fitted(&series(356)[..WEEK]));

fn path(model: &dyn Predict, steps: usize) -> Vec<f64> {
    let mut path = vec![f64::NAN; steps];
    model.predict(&mut path);
    path
}

fn close(found: &[f64], expected: &[f64]) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() < 2e-5 * (1.0 + expected.abs()), "{found} is not {expected}");
    }
}

#[test]
fn features_agree_with_numpy() {
    // numpy 2.4 and scipy.signal.lfilter, with every definition of this module written as sums over the whole series:
    // the week of `series`, and 20 updates.
    let values = series(356);
    let mut fitted = FITTED.clone();
    values[WEEK..].iter().for_each(|value| fitted.update(Observation::of(*value)));
    close(&[fitted.state.scale(), fitted.state.base()], &[0.939_131_643_857, 4.798_612_858_586]);
    close(
        &fitted.state.origin(&fitted.profile),
        &[
            0.091_483, 0.219_420, 0.648_766, -1.751_712, -3.280_225, -4.565_660, -5.519_954, -0.120_473, 0.192_174,
            -0.373_291, -0.596_448, 0.659_989, 1.844_198, 2.476_870, -0.088_584, 0.329_448, 0.130_171, 0.702_856,
            0.163_880, 0.954_633, 3.550_215, 0.013_683, 3.159_394,
        ],
    );
    for (ahead, expected) in [
        (1, [0.107_067, 2.881_998, 0.082_861, 1.357_209, -0.909_546]),
        (12, [1.373_901, -4.455_589, -0.088_584, -0.816_664, -4.877_125]),
        (40, [-0.358_283, 5.555_057, -0.369_533, 0.495_685, 0.226_389]),
    ] {
        close(&fitted.state.target(ahead, &fitted.profile).1, &expected);
    }
}

#[test]
fn coefficients_and_paths_agree_with_numpy() {
    // numpy 2.4: numpy.linalg.solve in up to 12 rounds of reweighting until no coefficient moves by more than 0.02, the
    // first horizon from zero and each from the one before it, then up to 8 rounds from there; rows of a week whose
    // medians and details leave their own day out.
    let values = series(356);
    let mut fitted = FITTED.clone();
    let own = fitted.linear.at(3);
    close(&own[..4], &[0.274_117_831, 0.088_740_289, -0.224_262_004, 0.295_857_563]);
    close(
        &own[20..],
        &[-0.822_871, 0.181_882, -0.255_004, 0.301_009, 1.150_167, 0.089_736, -1.020_926, -0.096_124, 0.032_673],
    );
    values[WEEK..].iter().for_each(|value| fitted.update(Observation::of(*value)));
    let found = path(&fitted, 12);
    close(&[found[0], found[4], found[11]], &[5.722_477_503, 5.564_832_104_3, 4.659_196_866_4]);
    let mut alone = GlobalLagModel::alone(cycles()).fit(&history(&values[..WEEK])).expect("a week");
    values[WEEK..].iter().for_each(|value| alone.update(Observation::of(*value)));
    let found = path(&*alone, 12);
    close(&[found[0], found[4], found[11]], &[5.735_105_708_4, 5.561_738_775_5, 4.656_246_304_6]);
}

#[test]
fn a_pool_helps_its_series_and_beats_the_naive_forecast() {
    let all: Vec<Vec<f64>> = (0..3).map(|at| series(500)[at * 7..at * 7 + WEEK + 60].to_vec()).collect();
    let histories: Vec<History<'_>> = all.iter().map(|values| history(&values[..WEEK])).collect();
    for (model, values) in GlobalLagModel::fit_pool(cycles(), &histories).into_iter().zip(&all) {
        let mut model = model.expect("a week");
        let (mut errors, mut naive) = (0.0, 0.0);
        for step in WEEK..WEEK + 48 {
            model.update(Observation::of(values[step]));
            errors += (path(&*model, 12)[11] - values[step + 12]).abs();
            naive += (values[step] - values[step + 12]).abs();
        }
        assert!(errors < 0.5 * naive, "{errors} against {naive}");
    }
}

#[test]
fn short_histories_are_refused_and_two_days_are_enough() {
    let values = series(356);
    let model = GlobalLagModel::alone(cycles());
    assert!(matches!(model.fit(&history(&values[..DAY - 1])), Err(FitError::TooShort { .. })));
    assert!(matches!(model.fit(&history(&values[..2 * DAY - 1])), Err(FitError::TooShort { .. })));
    let two = model.fit(&history(&values[..2 * DAY])).expect("two days");
    let scale = naive_scale(&values, 1).expect("it changes");
    let errors: f64 = path(&*two, 12).iter().zip(&values[2 * DAY..]).map(|(a, b)| (a - b).abs()).sum();
    assert!(errors / 12.0 < 3.0 * scale, "{errors}");
    assert_eq!(Cycles::new(48, 3).expect_err("too short").parameter, "hour");
    assert_eq!(Cycles::new(50, 12).expect_err("no multiple").parameter, "season");
    assert_eq!(Cycles::new(1_440, 60), Ok(Cycles::MINUTES));
}

#[test]
fn constants_gaps_and_huge_values_are_no_trouble() {
    let model = GlobalLagModel::alone(cycles());
    let constant = model.fit(&history(&[7.0; WEEK])).expect("a week");
    assert!(path(&*constant, 100).iter().all(|value| (value - 7.0).abs() < 1e-9));
    for size in [1e-300, 1e300] {
        let mut values: Vec<f64> = series(336).iter().map(|value| value * size).collect();
        values[100..140].fill(f64::NAN);
        values[200] = -f64::MAX;
        let mut huge = model.fit(&history(&values)).expect("a week");
        huge.update(Observation::of(f64::INFINITY));
        huge.update(Observation::of(f64::MAX));
        huge.update(Observation::of(f64::NAN));
        assert!(path(&*huge, 100).iter().all(|value| value.is_finite()), "{size}");
    }
    // Whole nights without calls: the day alone is known.
    let nights: Vec<f64> =
        series(336).iter().enumerate().map(|(at, value)| if at % DAY < 20 { f64::NAN } else { *value }).collect();
    let found = path(&*model.fit(&history(&nights)).expect("more than a day is known"), 30);
    assert!(found.iter().all(|value| (3.0..7.0).contains(value)), "{found:?}");
    let pool = Pool::train(cycles(), &[]);
    assert!(GlobalLagModel::of(Arc::new(pool)).fit(&history(&nights)).is_ok(), "a pool of nothing is a start too");
}

#[test]
fn trees_are_shared_and_come_back_with_their_pool() {
    let values: Vec<f64> = (0..7 * 240_u32).map(|t| 5.0 + 0.01 * f64::from((t * 7_919) % 97)).collect();
    let cycles = Cycles::new(240, 12).expect("valid");
    let pool = Arc::new(Pool::train_with_trees(cycles, &[history(&values)]));
    let fitted = GlobalLagModel::of(Arc::clone(&pool)).fit(&history(&values)).expect("a week");
    let lines = GlobalLagModel::of(Arc::new(Pool::train(cycles, &[history(&values)]))).fit(&history(&values));
    let lines = path(&*lines.expect("a week"), 30);
    assert_ne!(path(&*fitted, 30), lines);

    let mut saved = fitted.save();
    if let Saved::GlobalLag(model) = &mut saved {
        // What is left of it after a restart.
        model.pool = None;
    }
    assert_eq!(path(&*saved.clone().restore(), 30), lines, "without its pool a model has its lines");
    saved.join(&Arc::new(Pool::train_with_trees(cycles, &[])));
    assert_eq!(path(&*saved.clone().restore(), 30), lines, "that is another pool");
    saved.join(&pool);
    assert_eq!(path(&*saved.restore(), 30), path(&*fitted, 30));
}

proptest! {
    /// Wherever a series is interrupted, with or without gaps, the restored model goes on bit for bit.
    #[test]
    fn a_restored_model_goes_on(cut in 0usize..60, gap in 0usize..60) {
        let mut values = series(396);
        values[WEEK + gap] = f64::NAN;
        let mut running = FITTED.clone();
        values[WEEK..WEEK + cut].iter().for_each(|value| running.update(Observation::of(*value)));
        let mut restored = running.save().restore();
        for value in &values[WEEK + cut..] {
            running.update(Observation::of(*value));
            restored.update(Observation::of(*value));
        }
        let bits = |path: Vec<f64>| path.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
        prop_assert_eq!(bits(path(&running, 80)), bits(path(&*restored, 80)));
        prop_assert_eq!(format!("{:?}", running.save()), format!("{:?}", restored.save()));
    }
}
