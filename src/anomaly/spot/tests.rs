use super::*;
use crate::stats::seed::Seed;
use rand_distr::{Distribution as _, Exp1};

/// Exponential values plus a level.
fn values(len: usize, level: impl Fn(usize) -> f64) -> Vec<f64> {
    let mut rng = Seed::new(11).rng();
    let value = |at: usize| {
        let noise: f64 = Exp1.sample(&mut rng);
        level(at) + noise
    };
    (0..len).map(value).collect()
}

/// Readings by step.
fn readings(params: Params, values: &[f64]) -> Vec<Option<Reading>> {
    let mut spot = Spot::new(params).expect("valid");
    values.iter().map(|value| spot.observe(Observation::of(*value))).collect()
}

const PLAIN: Params =
    Params { calibration: 1_000, level: 0.98, risk: 1e-3, depth: 0, peaks: 200, patience: 120, floor: 1e-4 };

#[test]
fn values_beyond_the_bound_are_as_rare_as_asked() {
    let found = readings(PLAIN, &values(21_000, |_| 0.0));
    assert!(found[..1_000].iter().all(Option::is_none) && found[1_000..].iter().all(Option::is_some));
    let rare = found.iter().flatten().filter(|reading| reading.oddness >= 3.0).count();
    // Twenty expected among 20,000.
    assert!((8..=40).contains(&rare), "{rare}");
    let last = found[20_999].expect("warm").expected;
    assert!((last.high - 1e3f64.ln()).abs() < 1.0 && (-0.01..0.01).contains(&last.low), "{last:?}");
}

#[test]
fn with_a_depth_it_follows_a_drift() {
    let drifting = values(8_000, |at| 0.05 * f64::from(u32::try_from(at).expect("small")));
    let found = readings(Params { depth: 30, ..PLAIN }, &drifting);
    let late = found[4_000..].iter().flatten().filter(|reading| reading.oddness.abs() >= 3.0).count();
    // Eight expected.
    assert!(late <= 24, "{late}");
}

#[test]
fn a_shift_for_good_is_adopted_and_an_incident_is_not() {
    let params = Params { depth: 60, ..PLAIN };
    let found = readings(params, &values(4_000, |at| if at < 2_000 { 0.0 } else { 50.0 }));
    let odd = |range: std::ops::Range<usize>| found[range].iter().flatten().filter(|r| r.oddness >= 3.0).count();
    assert_eq!(odd(2_000..2_120), 120);
    assert!(odd(2_120..4_000) < 10);
    assert!(found[2_180..].iter().all(Option::is_some), "only the level is learnt anew");
    let found = readings(params, &values(4_000, |at| if (2_000..2_100).contains(&at) { 50.0 } else { 0.0 }));
    let late = found[2_100..].iter().flatten().filter(|reading| reading.oddness.abs() >= 3.0).count();
    // Four expected.
    assert!(late <= 16, "{late}");
}

#[test]
fn parameters_are_checked() {
    let wrong = |params: Params| Spot::new(params).expect_err("refused").parameter;
    assert_eq!(wrong(Params { calibration: 99, ..PLAIN }), "calibration");
    assert_eq!(wrong(Params { level: f64::NAN, ..PLAIN }), "level");
    assert_eq!(wrong(Params { risk: 0.03, ..PLAIN }), "risk");
    assert_eq!(wrong(Params { depth: 20_000, ..PLAIN }), "depth");
    assert_eq!(wrong(Params { peaks: 1, ..PLAIN }), "peaks");
    assert_eq!(wrong(Params { patience: 0, ..PLAIN }), "patience");
    assert_eq!(wrong(Params { floor: -1.0, ..PLAIN }), "floor");
}
