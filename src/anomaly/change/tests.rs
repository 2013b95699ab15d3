use super::*;
use crate::stats::seed::Seed;
use rand_distr::{Distribution as _, StandardNormal};

/// Normal noise with a deviation of 5 around 100, plus `more` from step `from` on.
fn noise(len: usize, from: usize, more: f64) -> Vec<f64> {
    let mut rng = Seed::new(7).rng();
    let value = |at: usize| {
        let noise: f64 = StandardNormal.sample(&mut rng);
        100.0 + 5.0 * noise + if at >= from { more } else { 0.0 }
    };
    (0..len).map(value).collect()
}

fn detector() -> ChangePoint {
    ChangePoint::new(Params::default()).expect("valid")
}

#[test]
fn a_lasting_shift_is_found_dated_measured_and_adopted() {
    let mut detector = detector();
    let mut alarms = Vec::new();
    for (at, value) in noise(900, 400, -15.0).into_iter().enumerate() {
        // A gap in every seventh step, which no sum notices.
        let news = if at % 7 == 3 { f64::NAN } else { value };
        assert_eq!(detector.observe(Observation::of(news)).is_some(), at % 7 != 3 && at >= 70, "{at}");
        if let Some(change) = detector.change() {
            alarms.push((at, change));
        }
    }
    let (first, change) = alarms[0];
    assert!((402..=408).contains(&first), "{first}");
    let start = first + 1 - usize::try_from(change.steps).expect("small");
    assert!(start.abs_diff(400) <= 2, "{start}");
    let (last, change) = alarms[alarms.len() - 1];
    assert!((change.size + 15.0).abs() < 2.0, "{change:?}");
    assert!((530..545).contains(&last), "adopted after 120 known values: {last}");
}

#[test]
fn noise_and_lone_outliers_are_no_shift() {
    let mut values = noise(5_000, 5_000, 0.0);
    for at in (300..5_000).step_by(200) {
        values[at] = 1e9;
    }
    let mut detector = detector();
    for value in values {
        detector.observe(Observation::of(value));
        assert_eq!(detector.change(), None);
    }
}

#[test]
fn an_incident_that_ends_is_over_soon() {
    let mut values = noise(600, 300, 40.0);
    for value in &mut values[330..] {
        *value -= 40.0;
    }
    let mut detector = detector();
    let mut alarms = Vec::new();
    for (at, value) in values.into_iter().enumerate() {
        detector.observe(Observation::of(value));
        alarms.extend(detector.change().map(|_| at));
    }
    assert_eq!(alarms.first(), Some(&303));
    assert!(alarms.last().is_some_and(|last| (330..350).contains(last)), "{alarms:?}");
}

#[test]
fn parameters_are_checked() {
    let wrong = |params: Params| ChangePoint::new(params).expect_err("refused").parameter;
    let fine = Params::default();
    assert_eq!(wrong(Params { slack: 0.0, ..fine }), "slack");
    assert_eq!(wrong(Params { clip: 0.5, ..fine }), "clip");
    assert_eq!(wrong(Params { alarm: f64::NAN, ..fine }), "alarm");
    assert_eq!(wrong(Params { adoption: 59, ..fine }), "adoption");
    assert_eq!(wrong(Params { reference: Rolling { window: 2, ..fine.reference }, ..fine }), "window");
}
