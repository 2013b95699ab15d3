use proptest::prelude::*;

use super::*;
use crate::domain::time::Timestamp;
use crate::forecast::classics::{AIR, GAS, NILE};
use crate::forecast::history::{Grid, Observation};

const GRID: Grid = Grid { start: Timestamp::from_seconds(0), step_s: 60 };

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

/// What statsforecast 2.1.1 found and made of it: `f = auto_theta(y, m, model)`, `f["par"]`, the mean square of its
/// residuals without the first three, `forecast_theta(f, 4)["mean"]`.
struct Reference {
    model: ThetaModel,
    values: &'static [f64],
    period: usize,
    alpha: f64,
    level: f64,
    theta: f64,
    error: f64,
    mean: [f64; 4],
}

impl Reference {
    const fn new(model: ThetaModel, values: &'static [f64], period: usize, found: [f64; 4], mean: [f64; 4]) -> Self {
        let [alpha, level, theta, error] = found;
        Self { model, values, period, alpha, level, theta, error, mean }
    }
}

const STANDARD: ThetaModel = ThetaModel::standard();
const OPTIMISED: ThetaModel = ThetaModel::optimised();
const DYNAMIC: ThetaModel = ThetaModel::dynamic();

#[rustfmt::skip]
const REFERENCES: [Reference; 9] = [
    Reference::new(STANDARD, &AIR, 12, [0.753_967_285_156_250_4, 27.318_805_372_082_096, 2.0, 108.185_835_971_089_94],
        [440.969_195, 429.249_242, 490.693_187, 476.659_92]),
    Reference::new(OPTIMISED, &AIR, 12, [0.715_666_437_239_844_1, -215.294_004_657_483_92, 22.704_883_827_253_31, 105.457_586_947_673_72],
        [442.942_532, 432.231_016, 495.307_935, 482.308_003]),
    Reference::new(DYNAMIC, &AIR, 12, [0.724_759_416_874_159_8, -363.301_662_621_767_66, 90.891_999_919_734_08, 106.631_522_547_821_96],
        [442.927_195, 432.298_401, 495.482_454, 482.575_341]),
    Reference::new(STANDARD, &NILE, 0, [0.242_242_586_612_699_82, 707.820_192_337_036_1, 2.0, 20_547.259_052_381_19],
        [800.884_992, 799.527_839, 798.170_686, 796.813_534]),
    Reference::new(OPTIMISED, &NILE, 0, [0.228_914_943_619_103_5, 183.386_027_747_061_83, 3_836.970_019_874_157, 20_477.062_658_284_965],
        [799.194_99, 796.481_392, 793.767_794, 791.054_196]),
    Reference::new(DYNAMIC, &NILE, 0, [0.267_490_836_436_547_75, 1_248.597_638_834_178, 1.0, 20_663.520_634_981_272],
        [798.230_189, 798.230_189, 798.230_189, 798.230_189]),
    Reference::new(STANDARD, &GAS, 4, [0.193_647_301_755_846_1, 69.636_534_409_187_82, 2.0, 4_367.779_330_906_348],
        [1_002.076_131, 648.741_703, 368.091_31, 723.460_274]),
    Reference::new(OPTIMISED, &GAS, 4, [0.142_160_665_387_184_47, 23.552_771_136_284_907, 159.291_830_393_175_7, 4_123.861_876_811_277],
        [1_010.434_492, 656.771_721, 374.121_188, 738.184_407]),
    Reference::new(DYNAMIC, &GAS, 4, [0.157_549_998_035_156_9, -37.304_545_045_090_85, 222_657.124_747_940_92, 4_255.556_238_825_292],
        [1_014.989_951, 659.898_082, 376.004_146, 742.115_385]),
];

#[test]
fn season_course_and_path_agree_with_statsforecast_at_its_parameters() {
    for reference in &REFERENCES {
        let mut season = match reference.period {
            0 => Adjustment::none(),
            period => Adjustment::of(reference.values, period),
        };
        assert_eq!(season.is_seasonal(), reference.period > 0);
        let adjusted: Vec<f64> =
            reference.values.iter().enumerate().map(|(at, &value)| season.remove(at, value)).collect();
        let (intercept, slope) = line(&adjusted);
        let mut course = Course::start(reference.level, intercept, slope);
        let dynamic = reference.model.kind == Kind::Dynamic;
        let weights = Weights { alpha: reference.alpha, pull: 1.0 - 1.0 / reference.theta, dynamic };
        let mut out = vec![0.0; adjusted.len()];
        errors(&weights, &mut course, &adjusted, &mut out);
        let sum: f64 = out.iter().map(|error| error * error).sum();
        #[expect(clippy::cast_precision_loss, reason = "a hundred values")]
        let error = sum / (out.len() - WARMING) as f64;
        close(&[error], &[reference.error], 1e-9);
        season.advance(reference.values.len());
        close(&path(&Theta { weights, course, season, error }, 4), &reference.mean, 2e-8);
    }
}

#[test]
fn the_search_does_at_least_as_well_as_statsforecast() {
    for reference in &REFERENCES {
        let model = match reference.period {
            0 => reference.model,
            period => reference.model.seasonal(period).expect("long enough a season"),
        };
        let fitted = model.fit_theta(&History::new(GRID, reference.values)).expect("long enough");
        assert!(
            fitted.error() <= reference.error * (1.0 + 1e-6),
            "{}: {} {}",
            model.name(),
            fitted.error(),
            reference.error
        );
        close(&path(&fitted, 4), &reference.mean, 0.01);
    }
}

#[test]
fn a_gap_is_a_step_along_the_path() {
    for model in [STANDARD, OPTIMISED, DYNAMIC] {
        let model = model.seasonal(12).expect("long enough a season");
        let mut fitted = model.fit_theta(&History::new(GRID, &AIR)).expect("long enough");
        let before = path(&fitted, 20);
        fitted.update(Observation::of(f64::NAN));
        close(&path(&fitted, 19), &before[1..], 1e-12);
    }
}

#[test]
fn degenerate_histories_have_finite_paths() {
    let line: Vec<f64> = (0u8..40).map(f64::from).collect();
    let large: Vec<f64> = AIR.iter().map(|value| value * 1e300).collect();
    let tiny: Vec<f64> = AIR.iter().map(|value| value * 1e-310).collect();
    let mut late = AIR.to_vec();
    late[..3].fill(f64::NAN);
    late[40..60].fill(f64::NAN);
    for values in [&line[..], &[0.0; 40], &[7.0; 40], &large, &tiny, &late] {
        for model in [STANDARD, OPTIMISED, DYNAMIC] {
            let model = model.seasonal(12).expect("long enough a season");
            let mut fitted = model.fit_theta(&History::new(GRID, values)).expect("long enough");
            fitted.update(Observation::of(f64::MAX));
            fitted.update(Observation::of(-1e308));
            fitted.update(Observation::of(f64::NAN));
            assert!(path(&fitted, 30).iter().all(|value| value.is_finite()), "{fitted:?}");
        }
    }
    let constant = STANDARD.fit_theta(&History::new(GRID, &[7.0; 40])).expect("long enough");
    close(&path(&constant, 3), &[7.0; 3], 1e-6);
    assert!(STANDARD.fit_theta(&History::new(GRID, &[7.0; 7])).is_err());
    assert!(STANDARD.seasonal(3).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever the values, paths are finite; a power of two in the values is one in the path; and a saved model is the
    /// same model after the same news.
    #[test]
    fn paths_are_finite_scale_and_survive_saving(
        values in prop::collection::vec(prop_oneof![4 => 0.0f64..100.0, 1 => Just(0.0), 1 => Just(f64::NAN), 1 => -1e12f64..1e12], 30..60),
        news in prop::collection::vec(prop_oneof![4 => 0.0f64..100.0, 1 => Just(f64::NAN), 1 => -1e12f64..1e12], 1..8),
        model in prop::sample::select(vec![STANDARD, OPTIMISED, DYNAMIC]),
        period in 4usize..8,
    ) {
        prop_assume!(values.iter().filter(|value| value.is_finite()).count() >= MINIMUM);
        let model = model.seasonal(period).expect("long enough a season");
        let mut fitted = model.fit_theta(&History::new(GRID, &values)).expect("long enough");
        let scaled: Vec<f64> = values.iter().map(|value| value * 1_024.0).collect();
        let scaled = path(&model.fit_theta(&History::new(GRID, &scaled)).expect("long enough"), 9);
        let same: Vec<f64> = path(&fitted, 9).iter().map(|value| value * 1_024.0).collect();
        prop_assert_eq!(scaled, same);
        let mut restored = fitted.save().restore();
        for &value in &news {
            fitted.update(Observation::of(value));
            restored.update(Observation::of(value));
        }
        prop_assert!(path(&fitted, 9).iter().all(|value| value.is_finite()));
        prop_assert_eq!(path(&fitted, 9), path(restored.as_ref(), 9));
        prop_assert_eq!(restored.save(), fitted.save());
    }
}
