use super::*;
use crate::stats::robust::SIGMA_PER_MEAN_DEVIATION;

/// Sixteen skewed values, four more, one of which is far out.
const VALUES: [f64; 20] =
    [3.0, 9.0, 4.0, 4.5, 31.0, 5.0, 6.5, 4.2, 3.9, 8.1, 5.5, 12.0, 4.4, 3.7, 6.0, 17.0, 5.1, 4.9, 60.0, 5.2];

fn detector() -> RobustZ {
    RobustZ::new(Rolling { window: 8, warm_up: 8, floor: 0.0 }).expect("valid")
}

fn readings(detector: &mut RobustZ, values: &[f64]) -> Vec<f64> {
    values.iter().filter_map(|value| detector.observe(Observation::of(*value))).map(|read| read.oddness).collect()
}

#[test]
fn agrees_with_scipy_and_gaps_move_nothing() {
    // scipy 1.17.1, past = VALUES[i - 8:i]:
    // (VALUES[i] - np.median(past)) / scipy.stats.median_abs_deviation(past, scale='normal')
    let expected = [
        -0.458_653_030_133_335_6,
        2.824_425_828_946_091_5,
        0.632_334_140_808_826_6,
        3.958_961_577_237_871_2,
        -0.553_427_487_340_374_7,
        -0.909_094_880_699_066_6,
        0.615_838_467_570_335_3,
        7.740_572_847_488_366,
        -0.224_829_916_732_027_37,
        -0.337_244_875_098_040_74,
        46.118_236_669_657_1,
        -0.157_380_941_712_418_95,
    ];
    let mut plain = detector();
    let found = readings(&mut plain, &VALUES);
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() < 1e-12, "{found} {expected}");
    }
    let mut gappy = detector();
    let with_gaps: Vec<f64> = VALUES.iter().flat_map(|value| [f64::NAN, *value, f64::INFINITY]).collect();
    assert_eq!(readings(&mut gappy, &with_gaps), found);
    assert_eq!(gappy, plain);
}

#[test]
fn equal_halves_leave_the_mean_deviation_and_a_constant_the_floor() {
    let mut counts = detector();
    readings(&mut counts, &[0.0, 0.0, 4.0, 0.0, 0.0, 0.0, 4.0, 0.0]);
    let odd = counts.observe(Observation::of(4.0)).expect("warm").oddness;
    assert!((odd - 4.0 / SIGMA_PER_MEAN_DEVIATION).abs() < 1e-12, "the mean absolute deviation is 1");

    let mut constant = RobustZ::new(Rolling { floor: 0.01, ..RobustZ::DEFAULT }).expect("valid");
    readings(&mut constant, &[50.0; 20]);
    let reading = constant.observe(Observation::of(52.0)).expect("warm");
    assert!((reading.oddness - 4.0).abs() < 1e-12);
    assert!((reading.expected.high - 51.5).abs() < 1e-12);
}
