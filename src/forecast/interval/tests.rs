//! Coverage under noise that changes, few calls, and domains.

use rand_distr::{Distribution, StandardNormal};

use super::*;
use crate::stats::seed::Seed;

/// Runs `steps` steps of noise around 100 whose size `noise` gives, forecasting 100, and returns the coverage of the
/// 90 % interval at three steps over the last half, and its mean width.
fn run(steps: u32, noise: impl Fn(u32) -> (f64, f64), seed: u64) -> (f64, f64) {
    let mut rng = Seed::new(seed).rng();
    let mut intervals = Intervals::new(Domain::Real, Scale::Natural, Horizons::up_to(3), None);
    let levels = Levels::new(vec![0.05, 0.95]).expect("valid");
    let path = [100.0; 3];
    let (mut inside, mut width, mut counted) = (0.0, 0.0, 0.0);
    let mut waiting = std::collections::VecDeque::new();
    let mut out = Vec::new();
    for step in 0..steps {
        let (size, count) = noise(step);
        let score: f64 = StandardNormal.sample(&mut rng);
        let value = 100.0 + size * score;
        if waiting.len() == 3 {
            let (low, high): (f64, f64) = waiting.pop_front().expect("three wait");
            if step > steps / 2 {
                inside += f64::from(u8::from((low..=high).contains(&value)));
                width += high - low;
                counted += 1.0;
            }
        }
        intervals.observe(Observation { value, count });
        intervals.issue(&path);
        intervals.quantiles(&path, &levels, &mut out);
        waiting.push_back((out[4], out[5]));
    }
    (inside / counted, width / counted)
}

#[test]
fn coverage_is_right_under_steady_and_under_changing_noise() {
    let (steady, _) = run(8_000, |_| (2.0, f64::NAN), 1);
    assert!((0.88..0.92).contains(&steady), "{steady}");
    let (changing, _) = run(8_000, |step| (if (step / 500).is_multiple_of(2) { 1.0 } else { 6.0 }, f64::NAN), 2);
    assert!((0.87..0.93).contains(&changing), "{changing}");
}

#[test]
fn coverage_is_right_when_calls_come_and_go() {
    let calls = |step: u32| if (step / 300).is_multiple_of(2) { 4.0 } else { 100.0 };
    let (coverage, _) = run(8_000, |step| (20.0 / f64::sqrt(calls(step)), calls(step)), 3);
    assert!((0.87..0.94).contains(&coverage), "{coverage}");
}

#[test]
fn quantiles_stay_in_the_domain_in_order_and_whole_for_counts() {
    let mut intervals = Intervals::new(Domain::Count, Scale::Root, Horizons::up_to(5), Some(10));
    for step in 0..50 {
        intervals.observe(Observation::of(f64::from(step % 3)));
        intervals.issue(&[1.0; 5]);
    }
    let mut out = Vec::new();
    intervals.quantiles(&[0.2, 1.0, f64::NAN, 1e9, -5.0], &Levels::default(), &mut out);
    assert_eq!(out.len(), 35);
    for row in out.chunks(7).filter(|row| row.iter().all(|value| value.is_finite())) {
        assert!(row.is_sorted() && row[0] >= 0.0, "{row:?}");
        assert!(row.iter().all(|value| value.fract() == 0.0), "{row:?}");
    }
}

#[test]
fn a_constant_series_has_an_interval_of_its_constant() {
    let mut intervals = Intervals::new(Domain::NonNegative, Scale::Log { shift: 0.0 }, Horizons::up_to(3), None);
    for _ in 0..100 {
        intervals.observe(Observation::of(5.0));
        intervals.issue(&[5.0; 3]);
    }
    let mut out = Vec::new();
    intervals.quantiles(&[5.0; 3], &Levels::default(), &mut out);
    assert!(out.iter().all(|value| (value - 5.0).abs() < 1e-3), "{out:?}");
}

#[test]
fn errors_of_a_wandering_level_hang_together_and_those_of_noise_do_not() {
    let persistence = |wander: f64| {
        let mut rng = Seed::new(9).rng();
        let mut draw = move || -> f64 { StandardNormal.sample(&mut rng) };
        let mut intervals = Intervals::new(Domain::Real, Scale::Natural, Horizons::up_to(5), None);
        let mut level = 0.0;
        for _ in 0..3_000 {
            level += wander * draw();
            let value = level + 0.1 * draw();
            intervals.observe(Observation::of(value));
            intervals.issue(&[if wander > 0.0 { value } else { 0.0 }; 5]);
        }
        intervals.persistence()
    };
    assert!(persistence(0.0) < 0.1, "{}", persistence(0.0));
    assert!(persistence(1.0) > 0.7, "{}", persistence(1.0));
}

#[test]
fn a_still_series_is_not_missed_by_rounding() {
    let value = 0.1;
    let mut intervals = Intervals::new(Domain::NonNegative, Scale::Log { shift: 0.0 }, Horizons::up_to(3), None);
    for _ in 0..500 {
        intervals.observe(Observation::of(value));
        intervals.issue(&[value; 3]);
    }
    let mut out = Vec::new();
    intervals.quantiles(&[value; 3], &Levels::default(), &mut out);
    assert!(out.iter().all(|quantile| (quantile / value - 1.0).abs() < 1e-8), "{out:?}");
}
