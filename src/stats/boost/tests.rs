//! The model as a whole: against LightGBM, and what holds for any data.

use proptest::prelude::*;

use super::*;
use crate::stats::boost::params::{Holdout, Params};
use crate::stats::seed::Seed;

/// A linear congruential generator (Knuth's MMIX constants), which a few lines of Python repeat:
/// `s = (s * 6364136223846793005 + 1442695040888963407) % 2**64; u = (s >> 11) / 2**53`, from `s = 42`.
struct Lcg(u64);

impl Lcg {
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / 2_f64.powi(53)
    }
}

/// Six features, the fourth missing in a tenth of the rows and the last only saying where, and a target with noise that
/// grows with the fifth: `x = [u() for _ in range(6)]; noise = (u() - 0.5) * (0.5 + x[4])`,
/// `y = sin(6 * x[0]) + 4 * (x[1] - 0.5)**2 + x[2] * x[3] + noise`, then `x[3] = nan if x[5] < 0.1`.
fn sample(rows: usize) -> (Vec<Vec<f64>>, Vec<f64>) {
    let (mut lcg, mut columns, mut targets) = (Lcg(42), vec![Vec::new(); 6], Vec::new());
    for _ in 0..rows {
        let mut x: Vec<f64> = (0..6).map(|_| lcg.next()).collect();
        let noise = (lcg.next() - 0.5) * (0.5 + x[4]);
        targets.push((6.0 * x[0]).sin() + 4.0 * (x[1] - 0.5).powi(2) + x[2] * x[3] + noise);
        x[3] = if x[5] < 0.1 { f64::NAN } else { x[3] };
        columns.iter_mut().zip(x).for_each(|(column, value)| column.push(value));
    }
    (columns, targets)
}

fn matrix(columns: &[Vec<f64>], rows: std::ops::Range<usize>) -> Matrix<'_> {
    Matrix::new(columns.iter().map(|column| &column[rows.clone()]).collect()).expect("equally long")
}

fn fit(params: Params, matrix: &Matrix<'_>, targets: &[f64]) -> Boosted {
    let booster = Booster::new(params).expect("parameters in range");
    Boosted::fit(&booster, &Binned::new(matrix), targets, None).expect("enough rows")
}

fn mean_loss(objective: Objective, predictions: &[f64], targets: &[f64]) -> f64 {
    let losses: Vec<f64> = predictions.iter().zip(targets).map(|(p, y)| objective.loss(y - p)).collect();
    losses.iter().sum::<f64>() / f64::from(u32::try_from(losses.len()).expect("few"))
}

/// With no more than 51 values a feature both sides have the same bins, and then the same trees:
/// `x = floor(50 * x) / 8`, 1,500 rows of [`sample`], LightGBM 4.7.0,
/// `lgb.train(dict(objective='regression', num_leaves=12, min_data_in_bin=1), Dataset(x[:1500], y[:1500]), 20)`;
/// the second model with `lambda_l2=2, min_gain_to_split=0.05, max_depth=4`.
#[test]
fn grows_the_trees_of_lightgbm_on_equal_bins() {
    let (mut columns, targets) = sample(1506);
    columns.iter_mut().flatten().for_each(|x| *x = (*x * 50.0).floor() / 8.0);
    let (train, test) = (matrix(&columns, 0..1500), matrix(&columns, 1500..1506));
    let plain = Params { leaves: 12, trees: 20, ..Params::default() };
    let bounded = Params { lambda: 2.0, min_gain: 0.05, depth: Some(4), ..plain };
    let expected = [
        [0.559_024_895_3, 0.085_278_929_0, -0.114_792_994_3, 1.524_694_267_6, -0.139_639_710_8, 0.812_915_603_6],
        [0.545_836_511_2, 0.073_669_250_8, -0.117_458_629_2, 1.498_584_225_3, -0.164_822_564_8, 0.863_277_833_6],
    ];
    for (params, expected) in [plain, bounded].into_iter().zip(expected) {
        let model = fit(params, &train, &targets[..1500]);
        for (predicted, expected) in model.predict_all(&test).iter().zip(expected) {
            assert!((predicted - expected).abs() < 1e-7, "{predicted} is not {expected}");
        }
    }
    // `feature_importance('gain')`, divided by its sum, of the first.
    let importance = fit(plain, &train, &targets[..1500]).importance();
    for (share, expected) in importance.iter().zip([0.823_222_9, 0.119_029_5, 0.030_874_7, 0.026_872_9, 0.0, 0.0]) {
        assert!((share - expected).abs() < 1e-6, "{importance:?}");
    }
}

/// Loss on the last 500 of 2,000 rows of [`sample`] within 3 % of LightGBM 4.7.0, whose bins end elsewhere:
/// `lgb.train(dict(objective=.., alpha=.., num_leaves=.., lambda_l2=.., min_data_in_bin=1), Dataset(..), 100)`, where the
/// objectives are `regression` (0.11747 with 31 leaves), `regression_l1` and `quantile`.
#[test]
fn loses_no_more_than_lightgbm_on_held_out_rows() {
    let (columns, targets) = sample(2000);
    let (train, test) = (matrix(&columns, 0..1500), matrix(&columns, 1500..2000));
    for (objective, leaves, lambda, expected) in [
        (Objective::Squared, 31, 0.0, 0.11747),
        (Objective::Squared, 8, 1.0, 0.11190),
        (Objective::Absolute, 8, 1.0, 0.27579),
        (Objective::Quantile(0.1), 8, 1.0, 0.06166),
        (Objective::Quantile(0.9), 8, 1.0, 0.05876),
    ] {
        let model = fit(Params { objective, leaves, lambda, ..Params::default() }, &train, &targets[..1500]);
        let loss = mean_loss(objective, &model.predict_all(&test), &targets[1500..]);
        assert!(loss < expected * 1.03, "{objective:?}: {loss} against {expected}");
    }
}

/// The same with weights 1, 2, 3, 1, 2, 3, ...: `Dataset(.., weight=1 + arange(1500) % 3)`, 31 leaves, alpha 0.9.
#[test]
fn weighted_quantiles_lose_no_more_than_lightgbm() {
    let (columns, targets) = sample(2000);
    let (train, test) = (matrix(&columns, 0..1500), matrix(&columns, 1500..2000));
    let weights: Vec<f64> = (0..1500).map(|row| f64::from(1 + row % 3)).collect();
    let objective = Objective::Quantile(0.9);
    let booster = Booster::new(Params { objective, ..Params::default() }).expect("in range");
    let model = Boosted::fit(&booster, &Binned::new(&train), &targets[..1500], Some(&weights)).expect("enough rows");
    let loss = mean_loss(objective, &model.predict_all(&test), &targets[1500..]);
    assert!(loss < 0.06196 * 1.03, "{loss}");
}

/// Everything that chance and early stopping touch, on few rows.
fn sampled() -> Params {
    Params {
        objective: Objective::Quantile(0.9),
        trees: 40,
        leaves: 8,
        min_rows: 5,
        row_fraction: 0.7,
        column_fraction: 0.6,
        holdout: Holdout::Fraction(0.2),
        seed: Seed::new(5),
        ..Params::default()
    }
}

#[test]
fn a_seed_repeats_and_a_restored_model_is_bit_equal() {
    let (columns, targets) = sample(400);
    let all = matrix(&columns, 0..400);
    let model = fit(sampled(), &all, &targets);
    assert_eq!(model, fit(sampled(), &all, &targets));
    assert_ne!(model, fit(Params { seed: Seed::new(6), ..sampled() }, &all, &targets));
    let restored: Boosted =
        serde_json::from_value(serde_json::to_value(&model).expect("plain data")).expect("the same");
    assert_eq!(restored, model);
    for (number, batch) in restored.predict_all(&all).into_iter().enumerate() {
        let row: Vec<f64> = columns.iter().map(|column| column[number]).collect();
        assert_eq!(
            (model.predict(&row).to_bits(), restored.predict(&row).to_bits()),
            (batch.to_bits(), batch.to_bits())
        );
    }
}

#[test]
fn a_damaged_model_is_refused() {
    let (columns, targets) = sample(400);
    let model = fit(sampled(), &matrix(&columns, 0..400), &targets);
    let mut saved = serde_json::to_value(&model).expect("plain data");
    // A walk that comes back to the root would never end.
    saved["forest"]["nodes"][0]["children"][0] = 0.into();
    assert!(serde_json::from_value::<Boosted>(saved).is_err());
}

#[test]
fn stops_where_the_rows_kept_aside_gain_no_more() {
    let (columns, targets) = sample(600);
    let all = matrix(&columns, 0..600);
    let params = Params { holdout: Holdout::Last(200), trees: 300, ..Params::default() };
    let model = fit(params, &all, &targets);
    assert!((5..200).contains(&model.trees()), "{}", model.trees());
    // The rows kept aside are not trained on: the same trees come from the others alone, but for the cuts.
    let held = matrix(&columns, 400..600);
    let longer = fit(Params { holdout: Holdout::None, ..params }, &matrix(&columns, 0..400), &targets[..400]);
    let loss = |model: &Boosted| mean_loss(Objective::Squared, &model.predict_all(&held), &targets[400..]);
    assert!(loss(&model) <= loss(&longer), "{} {}", loss(&model), loss(&longer));
}

#[test]
fn what_cannot_be_trained_on_is_said() {
    let (columns, targets) = sample(50);
    let data = Binned::new(&matrix(&columns, 0..50));
    let booster = Booster::new(Params::default()).expect("defaults");
    let fit = |targets: &[f64], weights: Option<&[f64]>| Boosted::fit(&booster, &data, targets, weights);
    assert_eq!(fit(&targets[1..], None), Err(FitError::Length { what: "targets", found: 49, rows: 50 }));
    let gap: Vec<f64> = (0..50).map(|row| if row == 7 { f64::NAN } else { 1.0 }).collect();
    assert_eq!(fit(&gap, None), Err(FitError::Target { row: 7 }));
    assert_eq!(fit(&targets, Some(&gap)), Err(FitError::Weight { row: 7 }));
    assert_eq!(fit(&targets, Some(&[0.0; 50])), Err(FitError::NoWeight));
    let all_held = Params { holdout: Holdout::Last(50), ..Params::default() };
    let booster = Booster::new(all_held).expect("in range");
    assert_eq!(Boosted::fit(&booster, &data, &targets, None), Err(FitError::NoRows));
}

#[test]
fn too_little_to_split_leaves_the_start_value() {
    let columns = [vec![1.0; 60], vec![f64::NAN; 60]];
    let targets: Vec<f64> = (0..60).map(f64::from).collect();
    let model = fit(Params::default(), &matrix(&columns, 0..60), &targets);
    assert_eq!((model.trees(), model.importance()), (0, vec![0.0; 2]));
    assert!((model.predict(&[]) - 29.5).abs() < 1e-12);
}

fn objectives() -> impl Strategy<Value = Objective> {
    prop_oneof![Just(Objective::Squared), Just(Objective::Absolute), (0.01..0.99).prop_map(Objective::Quantile)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Predictions are finite and within the range of the targets, whatever the scale, the features and the row asked for.
    #[test]
    fn predictions_stay_within_the_range_of_the_targets(
        objective in objectives(),
        rows in prop::collection::vec((prop::num::f64::ANY, -1.0..1.0), 1..60),
        exponent in -300..308,
        asked in prop::collection::vec(prop::num::f64::ANY, 0..3),
    ) {
        let (feature, targets): (Vec<f64>, Vec<f64>) =
            rows.into_iter().map(|(x, y)| (x, y * 10_f64.powi(exponent))).unzip();
        let params = Params { objective, trees: 10, min_rows: 2, learning_rate: 1.0, ..Params::default() };
        let columns = [feature];
        let model = fit(params, &matrix(&columns, 0..targets.len()), &targets);
        let (low, high) = (targets.iter().copied().fold(f64::MAX, f64::min), targets.iter().copied().fold(f64::MIN, f64::max));
        prop_assert!((low..=high).contains(&model.predict(&asked)));
        let all = model.predict_all(&matrix(&columns, 0..targets.len()));
        prop_assert!(all.iter().all(|predicted| (low..=high).contains(predicted)));
    }

    /// Only the order of a feature's values matters: on the training rows an increasing transform changes no bit.
    #[test]
    fn increasing_transforms_change_nothing(
        objective in objectives(),
        rows in prop::collection::vec((0_u8..200, 0_u8..9, -5.0..5.0), 40..120),
    ) {
        let column = |read: fn(&(u8, u8, f64)) -> f64| rows.iter().map(read).collect::<Vec<f64>>();
        let targets = column(|row| row.2);
        let plain = [column(|row| f64::from(row.0)), column(|row| f64::from(row.1))];
        let bent = [column(|row| f64::from(row.0).powi(3) - 7.0), column(|row| f64::from(row.1).exp())];
        let params = Params { objective, trees: 10, min_rows: 3, ..Params::default() };
        let predictions = |columns: &[Vec<f64>]| {
            let all = matrix(columns, 0..targets.len());
            fit(params, &all, &targets).predict_all(&all)
        };
        prop_assert_eq!(predictions(&plain), predictions(&bent));
    }

    /// A multiple of all weights is the same sample, and a row of weight 0 is none.
    #[test]
    fn only_the_proportion_of_weights_matters(rows in prop::collection::vec((0_u8..50, -5.0..5.0, 0_u8..4), 40..90)) {
        prop_assume!(rows.iter().any(|row| row.2 > 0));
        let columns = [rows.iter().map(|row| f64::from(row.0)).collect::<Vec<f64>>()];
        let targets: Vec<f64> = rows.iter().map(|row| row.1).collect();
        let predictions = |factor: f64, shift: f64| {
            let weights: Vec<f64> = rows.iter().map(|row| f64::from(row.2) * factor).collect();
            let targets: Vec<f64> =
                targets.iter().zip(&weights).map(|(y, &weight)| if weight > 0.0 { *y } else { *y * shift }).collect();
            let all = matrix(&columns, 0..targets.len());
            let booster = Booster::new(Params { objective: Objective::Quantile(0.7), trees: 8, min_rows: 3, ..Params::default() });
            let model = Boosted::fit(&booster.expect("in range"), &Binned::new(&all), &targets, Some(&weights));
            model.expect("some weight").predict_all(&all)
        };
        prop_assert_eq!(predictions(1.0, 1.0), predictions(4.0, 0.5));
    }
}
