//! The row of a channel, minute by minute.

use proptest::prelude::*;

use super::*;

const QUIET: [f64; TARGETS] = [f64::NAN; TARGETS];

fn minute(latency: f64, errors: f64, requests: f64) -> [Observation; TARGETS] {
    Target::ALL.map(|target| {
        let value = match target {
            Target::Column(Column::Requests) => requests,
            Target::Column(Column::TokensPrompt | Column::TokensCompletion) => requests * 500.0,
            Target::Column(Column::Cost) => requests * 0.002,
            Target::ErrorRatio => errors,
            Target::ThrottledRatio => 0.0,
            Target::Column(_) => latency,
        };
        Observation { value, count: requests }
    })
}

fn index(target: Target, kind: Kind) -> usize {
    Feature::all().iter().position(|feature| *feature == Feature { target, kind }).expect("a feature")
}

/// A channel that has been steady for an hour, with a little noise that depends on the minute.
fn steady() -> Features {
    let mut features = Features::default();
    for step in 0..60 {
        let noise = f64::from(step * 7 % 11) / 10.0;
        let row = features.next(&minute(800.0 + 40.0 * noise, 0.0, 100.0 + 10.0 * noise), &QUIET);
        assert!(row.iter().all(|value| value.is_nan() || value.abs() < 5.0));
    }
    features
}

#[test]
fn names_are_unique() {
    let mut names: Vec<_> = Feature::all().iter().map(ToString::to_string).collect();
    assert_eq!(names[1], "latency_p50_ms");
    assert_eq!(names[13], "latency_p50_ms difference");
    assert_eq!(names[43], "cost_usd / requests");
    names.sort();
    names.dedup();
    assert_eq!(names.len(), FEATURES);
}

#[test]
fn a_jump_shows_in_level_and_difference_of_its_own_column() {
    let mut features = steady();
    let errors = |kind| index(Target::ErrorRatio, kind);
    let row = features.next(&minute(820.0, 0.4, 105.0), &QUIET);
    assert!(row[errors(Kind::Level)] > 10.0 && row[errors(Kind::Difference)] > 8.0);
    assert!(row[index(Target::Column(Column::LatencyP95), Kind::Level)].abs() < 3.0);
    let row = steady().next(&minute(820.0, 1.0 / 3.0, 3.0), &QUIET);
    assert!(row[errors(Kind::Level)] < 3.0, "one failure among three calls: {}", row[errors(Kind::Level)]);
}

#[test]
fn gaps_stay_gaps_and_a_difference_needs_both_minutes() {
    let mut features = steady();
    let unknown = [Observation::of(f64::NAN); TARGETS];
    assert!(features.next(&unknown, &QUIET).iter().all(|value| value.is_nan()));
    let mut residuals = QUIET;
    residuals[0] = 1e300;
    let row = features.next(&minute(820.0, 0.0, 105.0), &residuals);
    let of = |kind| row[index(Target::Column(Column::LatencyP95), kind)];
    assert!(of(Kind::Level).is_finite() && of(Kind::Difference).is_nan() && of(Kind::Residual).is_nan());
    assert!((row[2 * TARGETS] - LARGEST).abs() < 1e-12, "residuals pass, within limits");
}

#[test]
fn contributions_add_up_by_target() {
    let mut bits = [0.0; FEATURES];
    bits[index(Target::ErrorRatio, Kind::Level)] = 0.2;
    bits[index(Target::ErrorRatio, Kind::Difference)] = 0.1;
    bits[index(Target::Column(Column::Cost), Kind::Ratio(Target::Column(Column::Requests)))] = 0.25;
    bits[index(Target::Column(Column::LatencyP50), Kind::Level)] = -0.3;
    let guilty: Vec<_> = Feature::targets_to_blame(&bits).into_iter().map(|(target, _)| target).collect();
    assert_eq!(guilty, [Target::ErrorRatio, Target::Column(Column::Cost)]);
}

#[test]
fn a_restored_state_goes_on_bit_for_bit() {
    let mut features = steady();
    let saved = postcard::to_stdvec(&features).expect("plain data");
    let mut restored: Features = postcard::from_bytes(&saved).expect("as saved");
    assert_eq!(restored, features);
    let news = minute(900.0, 0.02, 90.0);
    let (found, expected) = (restored.next(&news, &[0.5; TARGETS]), features.next(&news, &[0.5; TARGETS]));
    assert_eq!(found.map(f64::to_bits), expected.map(f64::to_bits));
}

proptest! {
    /// Whatever the minutes, a feature is missing or of limited size, and what is usual stays finite.
    #[test]
    fn features_are_limited(values in prop::collection::vec((any::<f64>(), any::<f64>()), 40..60)) {
        let mut features = Features::default();
        for (value, count) in values {
            let row = features.next(&[Observation { value, count }; TARGETS], &[value; TARGETS]);
            prop_assert!(row.iter().all(|value| value.is_nan() || value.abs() <= LARGEST));
        }
        prop_assert_eq!(&features, &features.clone());
    }
}
