//! What every detector promises, whichever it is.

use std::collections::BTreeSet;

use super::*;
use crate::anomaly::detector::{Detector, Reading};
use crate::forecast::history::Observation;
use proptest::prelude::*;

fn build(entry: &Entry) -> Saved {
    entry.build().expect("the defaults are valid")
}

fn observe(detector: &mut Saved, value: f64) -> Option<Reading> {
    detector.observe(Observation::of(value))
}

/// Around 100 by up to 10.
fn noise(at: usize) -> f64 {
    let step = u32::try_from(at * 7_919 % 101).expect("small");
    90.0 + f64::from(step) / 5.0
}

#[test]
fn names_are_unique_and_found_and_the_detectors_own() {
    let names: BTreeSet<&str> = CATALOGUE.iter().map(|entry| entry.name).collect();
    assert_eq!(names.len(), CATALOGUE.len());
    for entry in CATALOGUE {
        assert_eq!(build(entry).name(), entry.name);
        assert_eq!(find(entry.name).map(|found| found.about), Some(entry.about));
    }
    assert!(find("prophet").is_none());
}

#[test]
fn warm_ups_are_as_stated_and_gaps_do_not_count() {
    for entry in CATALOGUE {
        let mut detector = build(entry);
        let mut silent = 0;
        for at in 0.. {
            assert_eq!(observe(&mut detector, f64::NAN), None, "{}", entry.name);
            match observe(&mut detector, noise(at)) {
                None => silent += 1,
                Some(_) => break,
            }
        }
        assert_eq!(silent, entry.warm_up, "{}", entry.name);
    }
}

#[test]
fn what_is_far_out_is_odd_and_the_sign_is_its_side() {
    for entry in CATALOGUE {
        let mut warm = build(entry);
        for at in 0..1_500 {
            observe(&mut warm, noise(at));
        }
        let odd = |value: f64| observe(&mut warm.clone(), value).expect("warm").oddness;
        assert!(odd(100.0).abs() < 1.5, "{}: {}", entry.name, odd(100.0));
        assert!(odd(200.0) > 2.4 && odd(0.0) < -2.4, "{}: {} {}", entry.name, odd(200.0), odd(0.0));
    }
}

#[test]
fn a_constant_is_never_odd_until_it_moves() {
    for entry in CATALOGUE {
        for constant in [0.0, 5.0, -1e-300, 1e300] {
            let mut detector = build(entry);
            for _ in 0..1_500 {
                let odd = observe(&mut detector, constant).map_or(0.0, |reading| reading.oddness);
                assert!(odd.abs() < 1e-6, "{} {constant}: {odd}", entry.name);
            }
            let odd = observe(&mut detector, 7.0).expect("warm").oddness;
            assert!(odd.abs() > 2.4, "{} {constant}: {odd}", entry.name);
        }
    }
}

#[test]
fn a_restored_detector_goes_on_bit_for_bit() {
    for entry in CATALOGUE {
        let mut running = build(entry);
        for at in 0..1_200 {
            observe(&mut running, noise(at));
        }
        let bytes = postcard::to_allocvec(&running).expect("serialisable");
        let mut restored: Saved = postcard::from_bytes(&bytes).expect("readable");
        assert_eq!(restored, running);
        for at in 1_200..1_400 {
            let value = noise(at) + if at > 1_300 { 30.0 } else { 0.0 };
            let bits = |reading: Option<Reading>| reading.map(|reading| reading.oddness.to_bits());
            assert_eq!(bits(observe(&mut restored, value)), bits(observe(&mut running, value)), "{}", entry.name);
        }
        assert_eq!(restored, running, "{}", entry.name);
    }
}

/// Values that have broken arithmetic elsewhere, ordinary ones and gaps.
fn any_value() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => -100.0f64..100.0,
        1 => prop::sample::select(vec![
            0.0, -0.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX, f64::MIN, f64::MIN_POSITIVE, 5e-324, 1e-160,
            1e160,
        ]),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever a series holds, every reading is finite, and so is its band.
    #[test]
    fn readings_are_finite(values in prop::collection::vec(any_value(), 1..60)) {
        for entry in CATALOGUE {
            let mut detector = build(entry);
            for value in values.iter().cycle().take(1_300) {
                if let Some(Reading { oddness, expected }) = observe(&mut detector, *value) {
                    prop_assert!(oddness.is_finite(), "{}", entry.name);
                    let band = [expected.low, expected.middle, expected.high];
                    prop_assert!(band.iter().all(|edge| edge.is_finite()) && band.is_sorted(), "{} {band:?}", entry.name);
                }
            }
        }
    }
}
