use proptest::prelude::*;

use super::*;
use crate::domain::time::Timestamp;
use crate::forecast::classics::{AIR, GAS, LH, NILE};
use crate::forecast::history::{Grid, Observation};
use crate::stats::seed::Seed;

const GRID: Grid = Grid { start: Timestamp::from_seconds(0), step_s: 60 };

fn fit(values: &[f64], period: usize) -> Ets {
    let model = if period == 0 { EtsModel::new() } else { EtsModel::seasonal(period).expect("a season") };
    model.fit_ets(&History::new(GRID, values)).expect("long enough")
}

fn path(model: &dyn Predict, steps: usize) -> Vec<f64> {
    let mut path = vec![0.0; steps];
    model.predict(&mut path);
    path
}

fn close(found: &[f64], expected: &[f64], share: f64) {
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() <= share * expected.abs(), "{found} is not {expected}");
    }
}

const fn form(error: ErrorKind, trend: Trend, season: Season) -> Form {
    Form { error, trend, season }
}

/// Weights and states as statsforecast found them, and what it made of them: statsforecast 2.1.1,
/// `f = ets_f(y, m, model, damped)`; `f["par"]`, `-2 * f["loglik"]`, `forecast_ets(f, 6)["mean"]`.
struct Reference {
    form: Form,
    values: &'static [f64],
    /// alpha, beta, gamma, phi.
    weights: [f64; 4],
    /// Level and trend before the first step.
    start: [f64; 2],
    /// Newest effect first, as the reference has them.
    season: &'static [f64],
    deviance: f64,
    mean: [f64; 6],
}

const REFERENCES: [Reference; 4] = [
    Reference {
        form: form(ErrorKind::Additive, Trend::Damped, Season::None),
        values: &NILE,
        weights: [0.123_591_523_081_249_9, 0.000_105_848_309_168_728_58, 0.0, 0.973_647_920_028_425_3],
        start: [1_161.277_068_461_131, -9.929_524_936_028_095],
        season: &[],
        deviance: 1_451.282_773_520_106_5,
        mean: [841.814_810, 841.158_389, 840.519_265, 839.896_984, 839.291_101, 838.701_184],
    },
    Reference {
        form: form(ErrorKind::Multiplicative, Trend::Additive, Season::None),
        values: &AIR,
        weights: [0.9999, 0.0001, 0.0, 1.0],
        start: [106.558_761_570_501_32, 4.188_049_545_828_790_5],
        season: &[],
        deviance: 1_662.976_708_319_158_4,
        mean: [436.156_682, 440.317_148, 444.477_614, 448.638_080, 452.798_546, 456.959_012],
    },
    Reference {
        form: form(ErrorKind::Additive, Trend::Damped, Season::Additive),
        values: &GAS,
        weights: [
            0.000_314_427_067_199_717_24,
            0.041_155_179_591_588_29,
            0.945_475_704_031_074_7,
            0.979_937_169_891_902_9,
        ],
        start: [120.836_132_472_402_07, 0.632_079_419_968_434_3],
        season: &[-6.604_442_659_280_464, -39.339_829_004_003_164, 8.378_768_990_471_563, 37.565_502_672_812_066],
        deviance: 1_258.644_485_280_454_5,
        mean: [1_212.417_529, 661.480_202, 394.718_735, 831.307_622, 1_257.366_642, 705.527_509],
    },
    Reference {
        form: form(ErrorKind::Multiplicative, Trend::Additive, Season::Multiplicative),
        values: &GAS,
        weights: [0.099_081_771_941_350_3, 0.050_088_724_184_227_45, 0.740_965_763_957_497_5, 1.0],
        start: [121.374_084_196_500_39, 0.215_174_654_850_605_77],
        season: &[0.961_759_088_329_649_1, 0.685_259_297_697_191, 1.048_192_286_689_784, 1.304_789_327_283_376],
        deviance: 1_169.997_408_843_974_7,
        mean: [1_289.442_330, 670.483_838, 370.056_230, 871.282_678, 1_403.626_191, 728.571_177],
    },
];

#[test]
fn filter_and_path_agree_with_statsforecast_at_its_parameters() {
    for reference in &REFERENCES {
        let [alpha, beta, gamma, phi] = reference.weights;
        let season: Vec<f64> = reference.season.iter().rev().copied().collect();
        let mut states = States { level: reference.start[0], trend: reference.start[1], season, next: 0 };
        let weights = Weights { alpha, beta, gamma, phi };
        let mut residuals = vec![0.0; reference.values.len()];
        states.residuals(reference.form, &weights, reference.values, &mut residuals).expect("inside the domain");
        let cost = residuals.iter().map(|residual| residual * residual).sum();
        close(&[search::deviance(cost, reference.values.len())], &[reference.deviance], 1e-9);
        let model = Ets { form: reference.form, weights, states, error_variance: 1.0, aicc: 0.0, deviance: 0.0 };
        // From the second step on the reference damps a trend once too little: its path is not that of its own filter
        // run on through gaps.
        let steps = if reference.form.trend == Trend::Damped { 1 } else { 6 };
        close(&path(&model, steps), &reference.mean, 1e-8);
    }
}

#[test]
fn the_choice_agrees_with_statsforecast_without_a_season() {
    // statsforecast 2.1.1: ets_f(y, m=1); aicc, first value of the forecast. On `lynx` and the yearly view of `UKgas` it
    // leaves the region (negative levels, beta above alpha), so they are no reference.
    for (values, name, aicc, next, share) in [
        (&AIR[..], "ETS(M,A,N)", 1_673.411_49, 436.156_7, 1e-3),
        (&NILE, "ETS(M,N,N)", 1_458.552_01, 839.146_5, 1e-3),
        (&LH, "ETS(A,N,N)", 125.272_80, 2.906_3, 1e-3),
    ] {
        let fitted = fit(values, 0);
        assert_eq!(fitted.form().to_string(), name);
        assert!((fitted.aicc() - aicc).abs() < 1e-2, "{name}: {} is not {aicc}", fitted.aicc());
        close(&path(&fitted, 1), &[next], share);
    }
}

#[test]
fn the_seasonal_choice_is_at_least_as_likely_as_that_of_the_references() {
    // UKgas, statsforecast 2.1.1, ets_f(y, m=4): ETS(M,A,M) with an AICc of 1189.83414.
    let gas = fit(&GAS, 4);
    assert_eq!(gas.form().to_string(), "ETS(M,A,M)");
    assert!(gas.aicc() <= 1_189.834_14, "{}", gas.aicc());
    close(&path(&gas, 4), &[1_289.442_3, 670.483_8, 370.056_2, 871.282_7], 0.02);
    // AirPassengers: statsforecast stops at ETS(M,N,M) with 1458.10181.
    let air = fit(&AIR, 12);
    assert_eq!(air.form().to_string(), "ETS(M,A,M)");
    assert!(air.aicc() < 1_458.101_81, "{}", air.aicc());
}

#[test]
fn variances_without_a_season_agree_with_statsforecast() {
    // statsforecast 2.1.1, forecast_ets(f, 6, level=[90]), half width over norm.ppf(0.95), for two of the fits above. With
    // a season it takes the number of whole seasons at the last horizon for all of them, so it is no reference there.
    let sds: [(usize, f64, [f64; 3]); 2] = [
        (0, 21_595.240_929_265_718, [146.953_193, 148.073_143, 149.186_483]),
        (1, 0.011_335_660_667_408_065, [46.437_192, 66.171_035, 81.658_763]),
    ];
    for (which, error_variance, expected) in sds {
        let reference = &REFERENCES[which];
        let [alpha, beta, gamma, phi] = reference.weights;
        let weights = Weights { alpha, beta, gamma, phi };
        let mut states = States { level: reference.start[0], trend: reference.start[1], season: Vec::new(), next: 0 };
        for &value in reference.values {
            states.update(reference.form, &weights, value);
        }
        let model = Ets { form: reference.form, weights, states, error_variance, aicc: 0.0, deviance: 0.0 };
        let found: Vec<f64> = variance::of_path(&model, &path(&model, 3)).into_iter().map(f64::sqrt).collect();
        close(&found, &expected, 1e-6);
    }
}

#[test]
fn seasonal_variances_agree_with_simulated_futures() {
    use rand::RngExt as _;
    let states = States { level: 100.0, trend: 1.0, season: vec![1.2, 0.8, 0.7, 1.3], next: 1 };
    let weights = Weights { alpha: 0.4, beta: 0.1, gamma: 0.3, phi: 0.9 };
    for (error, season, error_variance) in [
        (ErrorKind::Additive, Season::Additive, 9.0),
        (ErrorKind::Multiplicative, Season::Additive, 0.002),
        (ErrorKind::Multiplicative, Season::Multiplicative, 0.002),
    ] {
        let form = form(error, Trend::Damped, season);
        let model = Ets { form, weights, states: states.clone(), error_variance, aicc: 0.0, deviance: 0.0 };
        let expected = variance::of_path(&model, &path(&model, 9));
        let mut rng = Seed::new(7).child("futures").rng();
        let (mut sums, mut squares) = ([0.0; 9], [0.0; 9]);
        let draws = 4_000;
        for _ in 0..draws {
            let mut future = model.clone();
            for step in 0..9 {
                let mean = path(&future, 1)[0];
                let z: f64 = (0..12).map(|_| rng.random::<f64>()).sum::<f64>() - 6.0;
                let error = error_variance.sqrt() * z;
                let value = if form.error == ErrorKind::Additive { mean + error } else { mean * (1.0 + error) };
                sums[step] += value;
                squares[step] += value * value;
                future.update(Observation::of(value));
            }
        }
        for step in 0..9 {
            let mean = sums[step] / f64::from(draws);
            let found = squares[step] / f64::from(draws) - mean * mean;
            assert!((found / expected[step] - 1.0).abs() < 0.1, "{form} {step}: {found} {}", expected[step]);
        }
    }
}

#[test]
fn degenerate_histories_have_finite_paths_and_ask_for_enough() {
    let line: Vec<f64> = (0..40).map(f64::from).collect();
    let zeros = [0.0; 40];
    let large: Vec<f64> = AIR.iter().map(|value| value * 1e300).collect();
    let tiny: Vec<f64> = AIR.iter().map(|value| value * 1e-310).collect();
    let far: Vec<f64> = AIR.iter().map(|value| value * 1e-6 + 1e12).collect();
    for values in [&line[..], &zeros, &large, &tiny, &far] {
        let mut fitted = fit(values, 12);
        fitted.update(Observation::of(f64::MAX));
        fitted.update(Observation::of(-1e308));
        fitted.update(Observation::of(f64::NAN));
        let mut quantiles = [0.0; 6];
        assert!(fitted.quantiles(&[0.05, 0.95], &mut quantiles));
        assert!(path(&fitted, 30).iter().chain(&quantiles).all(|value| value.is_finite()), "{fitted:?}");
    }
    assert_eq!(fit(&line, 0).form().trend, Trend::Additive);
    assert!((path(&fit(&line, 0), 3)[2] - 42.0).abs() < 1e-3);
    let few = [1.0, 2.0, f64::NAN, f64::INFINITY, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0];
    let refused = EtsModel::new().fit_ets(&History::new(GRID, &few)).expect_err("nine are known");
    assert_eq!(refused.to_string(), "ets needs at least 10 observed steps, there are 9");
    assert!(EtsModel::seasonal(1).is_err());
}

#[test]
fn a_gap_moves_on_without_news() {
    let mut with_gap = GAS.to_vec();
    with_gap[50] = f64::NAN;
    let mut fitted = fit(&with_gap, 4);
    let before = path(&fitted, 5);
    fitted.update(Observation::of(f64::NAN));
    close(&path(&fitted, 4), &before[1..], 1e-9);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever the values, paths and quantiles are finite; a power of two in the values is one in the path; and a saved
    /// model is the same model after the same news.
    #[test]
    fn paths_are_finite_scale_and_survive_saving(
        values in prop::collection::vec(prop_oneof![4 => 0.0f64..100.0, 1 => Just(0.0), 1 => Just(f64::NAN), 1 => -1e12f64..1e12], 30..60),
        news in prop::collection::vec(prop_oneof![4 => 0.0f64..100.0, 1 => Just(f64::NAN), 1 => -1e12f64..1e12], 1..8),
        period in 2usize..6,
    ) {
        prop_assume!(values.iter().filter(|value| value.is_finite()).count() >= MINIMUM);
        let mut fitted = fit(&values, period);
        let scaled: Vec<f64> = values.iter().map(|value| value * 1_024.0).collect();
        let scaled = path(&fit(&scaled, period), 9);
        let same: Vec<f64> = path(&fitted, 9).iter().map(|value| value * 1_024.0).collect();
        prop_assert_eq!(scaled, same);
        let mut restored = fitted.save().restore();
        for &value in &news {
            fitted.update(Observation::of(value));
            restored.update(Observation::of(value));
        }
        let mut quantiles = [0.0; 18];
        prop_assert!(fitted.quantiles(&[0.1, 0.9], &mut quantiles));
        prop_assert!(path(&fitted, 9).iter().chain(&quantiles).all(|value| value.is_finite()));
        prop_assert_eq!(path(&fitted, 9), path(restored.as_ref(), 9));
        prop_assert_eq!(restored.save(), fitted.save());
    }
}
