use super::*;
use crate::domain::time::Timestamp;
use crate::forecast::history::Grid;
use crate::stats::seed::Seed;
use proptest::prelude::*;
use rand_distr::{Distribution, StandardNormal};
use std::f64::consts::TAU;

fn seasons(values: &[f64], step_s: u32) -> Vec<Season> {
    detect(&History::new(Grid { start: Timestamp::from_seconds(0), step_s }, values))
}

fn periods(values: &[f64], step_s: u32) -> Vec<usize> {
    seasons(values, step_s).iter().map(|season| season.period).collect()
}

fn noise(name: &str, n: usize) -> Vec<f64> {
    let mut rng = Seed::new(5).child(name).rng();
    (0..n).map(|_| StandardNormal.sample(&mut rng)).collect()
}

#[expect(clippy::cast_precision_loss, reason = "short series")]
fn step(t: usize) -> f64 {
    t as f64
}

fn wave(t: usize, period: f64) -> f64 {
    (TAU * step(t) / period).sin()
}

#[test]
fn day_and_week_of_an_hourly_series_are_found_despite_gaps_trend_and_an_incident() {
    let mut values = noise("hourly", 700);
    for (t, value) in values.iter_mut().enumerate() {
        *value += 0.01 * step(t) + 3.0 * wave(t, 24.0) + 1.5 * wave(t, 12.0) + 2.0 * wave(t, 168.0);
    }
    values[100..130].fill(f64::NAN);
    values[400..405].fill(1_000.0);
    assert_eq!(periods(&values, 3_600), [24, 168]);
}

#[test]
fn a_period_that_is_no_calendar_unit_is_found_and_measured() {
    let mut values = noise("odd", 600);
    for (t, value) in values.iter_mut().enumerate() {
        *value += 2.0 * wave(t, 37.0);
    }
    let found = seasons(&values, 60);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].period == 37, "{found:?}");
    // A sine of amplitude 2 in noise of variance 1 explains 2 / 3.
    assert!((found[0].strength - 2.0 / 3.0).abs() < 0.06, "{found:?}");
}

#[test]
fn noise_and_wandering_levels_have_no_season() {
    for name in ["a", "b", "c", "d"] {
        let white = noise(name, 1_000);
        assert_eq!(periods(&white, 3_600), [0; 0], "white noise {name}");
        let walk: Vec<f64> = white
            .iter()
            .scan(0.0, |level, step| {
                *level += step;
                Some(*level)
            })
            .collect();
        assert_eq!(periods(&walk, 3_600), [0; 0], "random walk {name}");
    }
}

#[test]
fn short_and_constant_histories_have_no_season() {
    assert_eq!(periods(&[], 60), [0; 0]);
    assert_eq!(periods(&[1.0; 11], 60), [0; 0]);
    assert_eq!(periods(&[7.5; 300], 3_600), [0; 0]);
    let line: Vec<f64> = (0..300).map(|t| 0.1 * f64::from(t)).collect();
    assert_eq!(periods(&line, 3_600), [0; 0]);
    let one_day: Vec<f64> = (0..47).map(|t| wave(t, 24.0)).collect();
    assert_eq!(periods(&one_day, 3_600), [0; 0], "less than two cycles");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    /// Whatever comes in: periods ascend, fit the history twice, and strengths lie between the bounds.
    #[test]
    fn every_answer_makes_sense(
        values in prop::collection::vec(
            prop_oneof![6 => -10.0f64..10.0, 1 => Just(f64::NAN), 1 => Just(f64::INFINITY), 1 => Just(1e308), 1 => Just(0.0)],
            0..120,
        ),
        step_s in 0u32..4_000,
    ) {
        let found = seasons(&values, step_s);
        prop_assert!(found.windows(2).all(|pair| pair[0].period < pair[1].period));
        for season in found {
            prop_assert!(season.period >= 4 && 2 * season.period <= values.len());
            prop_assert!((WEAKEST..=1.0).contains(&season.strength));
        }
    }
}
