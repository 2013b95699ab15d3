use super::*;
use proptest::prelude::*;

fn harm(error_ratio: f64, latency_ratio: f64, traffic_share: f64) -> Harm {
    Harm { error_ratio, error_limit: 0.01, latency_ratio, traffic_share }
}

#[test]
fn the_table_of_severities() {
    let scale = Scale::default();
    let table = [
        (harm(0.0, 0.5, 0.9), false, Severity::P4),
        (harm(0.01, 1.0, 0.9), false, Severity::P4),
        (harm(0.02, 0.5, 0.1), false, Severity::P3),
        (harm(0.0, 1.5, 0.5), false, Severity::P2),
        (harm(0.2, 0.5, 0.1), false, Severity::P2),
        (harm(0.2, 0.5, 0.5), false, Severity::P1),
        (harm(0.0, 3.0, 0.5), false, Severity::P1),
        (harm(f64::NAN, f64::NAN, 0.5), true, Severity::P2),
        (harm(f64::NAN, f64::NAN, f64::NAN), true, Severity::P3),
        (Harm::UNKNOWN, false, Severity::P4),
        (Harm { error_limit: f64::NAN, ..harm(0.04, 0.5, 0.5) }, false, Severity::P4),
        (Harm { error_limit: 0.0, ..harm(0.0, 0.5, 0.5) }, false, Severity::P4),
    ];
    for (harm, is_absent, expected) in table {
        assert_eq!(scale.of(&harm, is_absent), expected, "{harm:?}");
    }
}

#[test]
fn severity_rises_fast_and_falls_slowly() {
    let scale = Scale::default();
    let mut ladder = Ladder::at(Severity::P4);
    assert_eq!(ladder.step(&scale, &harm(0.2, 0.5, 0.5), false), None, "one minute is not enough");
    assert_eq!(ladder.step(&scale, &harm(0.02, 0.5, 0.5), false), Some(Severity::P4));
    assert_eq!(ladder.now(), Severity::P2, "both minutes were at least that bad");
    for _ in 0..100 {
        assert_eq!(ladder.step(&scale, &harm(0.009, 0.5, 0.5), false), None, "just below the limit is not yet better");
    }
    let falls: Vec<_> = (0..10).map(|_| ladder.step(&scale, &harm(0.0, 0.5, 0.5), false)).collect();
    assert_eq!(falls.iter().flatten().count(), 1);
    assert_eq!((falls[9], ladder.now()), (Some(Severity::P2), Severity::P4));
    assert_eq!(ladder.step(&scale, &Harm::UNKNOWN, false), None);
}

#[test]
fn lines_are_checked() {
    let wrong = Scale { severe_latency: 0.5, ..Scale::default() }.check().expect_err("below 1");
    assert_eq!(wrong.to_string(), "severe_latency must be at least 1, is 0.5");
    assert!(Scale { wide_share: f64::NAN, ..Scale::default() }.check().is_err());
    assert_eq!(Scale::default().check(), Ok(()));
}

proptest! {
    /// No minute argues for rising and falling at once, whatever the harm and the severity before.
    #[test]
    fn no_minute_is_worse_and_better(e in 0.0f64..=1.0, l in 0.0f64..10.0, s in 0.0f64..=1.0, absent: bool) {
        let scale = Scale::default();
        for now in [Severity::P1, Severity::P2, Severity::P3, Severity::P4] {
            let mut ladder = Ladder::at(now);
            ladder.step(&Scale { raise_after: 9, lower_after: 9, ..scale }, &harm(e, l, s), absent);
            prop_assert!(ladder.worse.0 == 0 || ladder.better.0 == 0);
        }
    }
}
