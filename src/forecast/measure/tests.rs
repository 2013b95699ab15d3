use super::*;
use proptest::prelude::*;

const TRUTHS: [f64; 5] = [10.0, 0.0, 4.0, -2.0, 25.0];
const MEANS: [f64; 5] = [12.0, 1.0, 4.5, -1.0, 20.0];
const MEDIANS: [f64; 5] = [11.0, 0.5, 4.0, -1.5, 19.0];
const LOWS: [f64; 5] = [8.0, -1.0, 4.5, -4.0, 12.0];
const HIGHS: [f64; 5] = [13.0, 2.0, 6.0, 0.0, 24.0];

fn levels() -> Levels {
    Levels::new(vec![0.1, 0.5, 0.9]).expect("valid")
}

fn record(tally: &mut Tally, range: std::ops::Range<usize>) {
    for at in range {
        let quantiles = [LOWS[at], MEDIANS[at], HIGHS[at]];
        let (truth, mean, median) = (TRUTHS[at], MEANS[at], MEDIANS[at]);
        tally.record(&Outcome { truth, mean, median, quantiles: &quantiles, scale: Some(2.5) });
    }
}

fn near(found: Option<f64>, expected: f64) {
    let found = found.expect("measured");
    assert!((found - expected).abs() < 1e-12, "{found} is not {expected}");
}

#[test]
fn agrees_with_scikit_learn() {
    // scikit-learn 1.9.1 on the arrays above: mean_absolute_percentage_error without the zero truth,
    // root_mean_squared_error of the means, mean_pinball_loss per level; numpy 2.4 for the rest:
    // np.mean(200*np.abs(y-med)/(np.abs(y)+np.abs(med))), np.mean(np.abs(y-med))/2.5.
    let mut tally = Tally::new(levels());
    record(&mut tally, 0..5);
    let measures = tally.measures();
    assert_eq!((measures.points, measures.gaps, measures.zero_truths), (5, 0, 1));
    near(measures.mape, 14.75);
    near(measures.smape, 53.073_593_073_593_074);
    near(measures.mase, 0.64);
    near(measures.rmse, 2.5);
    near(measures.nrmse, 0.304_878_048_780_487_8);
    for ((level, loss), (expected_level, expected)) in
        measures.pinball_by_level.iter().zip([(0.1, 0.45), (0.5, 0.8), (0.9, 0.36)])
    {
        assert!((level - expected_level).abs() < 1e-12 && (loss - expected).abs() < 1e-12, "{level}: {loss}");
    }
    near(measures.pinball, 0.536_666_666_666_666_6);
    near(measures.crps, 1.073_333_333_333_333_3);
    near(measures.crps_over_mean, 0.130_894_308_943_089_43);
    assert_eq!(measures.intervals.len(), 1);
    let interval = measures.intervals[0];
    near(Some(interval.nominal), 0.8);
    near(Some(interval.coverage), 0.6);
    near(Some(interval.width), 5.1);
}

#[test]
fn gaps_zeros_and_unscaled_points_are_counted_and_measure_nothing() {
    let mut tally = Tally::new(levels());
    let zero = Outcome { truth: 0.0, mean: 0.0, median: 0.0, quantiles: &[0.0; 3], scale: None };
    tally.record(&Outcome { truth: f64::NAN, ..zero });
    assert_eq!(tally.measures().rmse, None);
    tally.record(&zero);
    let measures = tally.measures();
    assert_eq!((measures.points, measures.gaps, measures.zero_truths), (1, 1, 1));
    assert_eq!((measures.mape, measures.smape, measures.mase), (None, Some(0.0), None));
    assert_eq!((measures.rmse, measures.nrmse), (Some(0.0), None));
    assert!((measures.intervals[0].coverage - 1.0).abs() < f64::EPSILON, "the border is inside");
}

#[test]
fn only_complements_make_an_interval() {
    let levels = Levels::new(vec![0.05, 0.1, 0.25, 0.5, 0.75, 0.95]).expect("valid");
    let nominal: Vec<(usize, usize)> = central(&levels).collect();
    assert_eq!(nominal, [(0, 5), (2, 4)], "0.1 has no partner, 0.5 no width");
}

proptest! {
    /// Points measured in two parts and merged come to what they come to in one.
    #[test]
    fn a_merge_equals_the_whole(cut in 0usize..=5) {
        let (mut whole, mut first, mut second) = (Tally::new(levels()), Tally::new(levels()), Tally::new(levels()));
        record(&mut whole, 0..5);
        record(&mut first, 0..cut);
        record(&mut second, cut..5);
        first.merge(&second);
        let (whole, merged) = (whole.measures(), first.measures());
        prop_assert_eq!(whole.points, merged.points);
        for (one, other) in [(whole.mape, merged.mape), (whole.crps, merged.crps), (whole.rmse, merged.rmse)] {
            prop_assert!((one.unwrap_or(-1.0) - other.unwrap_or(-2.0)).abs() < 1e-12);
        }
    }

    /// Pinball loss is never negative, and twice that of the median is the absolute error.
    #[test]
    fn pinball_is_a_loss(level in 0.001f64..0.999, truth in -1e6f64..1e6, quantile in -1e6f64..1e6) {
        prop_assert!(pinball(level, truth, quantile) >= 0.0);
        prop_assert!((2.0 * pinball(0.5, truth, quantile) - (truth - quantile).abs()).abs() < 1e-6);
    }
}

#[test]
fn a_stretch_is_judged_by_its_mean_without_gaps() {
    let mut tally = Tally::new(levels());
    assert_eq!(tally.measures().mape_of_means, None);
    // Means of the known steps: 5 beside 6, an error of 20 %.
    tally.record_means(&[4.0, f64::NAN, 6.0], &[5.0, 1_000.0, 7.0]);
    tally.record_means(&[f64::NAN], &[1.0]);
    tally.record_means(&[1.0, -1.0], &[3.0, 3.0]);
    near(tally.measures().mape_of_means, 20.0);
    let mut other = Tally::new(levels());
    other.record_means(&[10.0], &[10.0]);
    tally.merge(&other);
    near(tally.measures().mape_of_means, 10.0);
}
