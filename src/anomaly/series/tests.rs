use super::*;
use crate::anomaly::controls::{Direction, Rest};
use crate::forecast::history::Span;

const DAY: u32 = 96;

/// A daily cycle with noise that a small generator draws, in quarters of an hour.
fn value(step: u32) -> f64 {
    let mixed = (step.wrapping_mul(2_654_435_761) ^ 0x9e37_79b9).wrapping_mul(0x85eb_ca6b) >> 8;
    let noise = f64::from(mixed) / f64::from(1u32 << 24) - 0.5;
    100.0 + 40.0 * (f64::from(step % DAY) / f64::from(DAY) * std::f64::consts::TAU).sin() + 6.0 * noise
}

fn at(step: u32) -> Timestamp {
    Timestamp::from_seconds(i64::from(step) * 900)
}

fn learnt(days: u32) -> SeriesDetector {
    let mut detector = SeriesDetector::new(&SeriesSetting::of(900, Some(DAY as usize))).expect("valid");
    for step in 0..days * DAY {
        detector.observe(at(step), Observation::of(value(step)), &Controls::default());
    }
    detector
}

#[test]
fn a_healthy_series_is_quiet_and_a_spike_is_not() {
    let mut detector = learnt(10);
    let controls = Controls::default();
    let healthy: Vec<Verdict> =
        (10 * DAY..20 * DAY).map(|step| detector.observe(at(step), Observation::of(value(step)), &controls)).collect();
    assert!(healthy.iter().all(|verdict| verdict.state == State::Judged));
    let alarms = healthy.iter().filter(|verdict| verdict.anomaly).count();
    assert!(alarms <= 2, "one in ten days is wanted, not {alarms}");
    let spike = detector.observe(at(20 * DAY), Observation::of(160.0), &controls);
    assert!(
        spike.anomaly && spike.score > Verdict::LINE && spike.votes.len() == SeriesDetector::NAMES.len(),
        "{spike:?}"
    );
    assert!(spike.expected.high < 160.0 && spike.votes[0].p <= spike.votes[1].p);
}

#[test]
fn controls_have_the_last_word() {
    let detector = learnt(10);
    let spike = |controls: Controls, count: f64| {
        let news = Observation { value: 160.0, count };
        detector.clone().observe(at(10 * DAY), news, &controls)
    };
    let down = Controls { direction: Direction::Down, ..Controls::default() };
    assert!(!spike(down, 9.0).anomaly);
    let calls = Controls { least_calls: 10.0, ..Controls::default() };
    assert_eq!(spike(calls.clone(), 9.0).state, State::Thin);
    assert!(spike(calls, f64::NAN).anomaly, "unknown calls pass");
    let span = Span { from: at(10 * DAY), to: at(11 * DAY) };
    assert_eq!(spike(Controls { maintenance: vec![span], ..Controls::default() }, 9.0).state, State::Excused);
}

#[test]
fn absence_is_told_and_alarms_where_wanted() {
    let mut detector = learnt(3);
    let controls = Controls { missing: Missing::Alarm { after: 3 }, ..Controls::default() };
    let seen = [0, 1, 2].map(|step| detector.observe(at(3 * DAY + step), Observation::of(f64::NAN), &controls));
    assert_eq!(seen.clone().map(|verdict| verdict.anomaly), [false, false, true]);
    assert!(seen.iter().all(|verdict| verdict.state == State::Absent && verdict.value.is_nan()));
}

#[test]
fn an_alarm_is_followed_by_rest_unless_it_gets_worse() {
    let controls = Controls { rest: Some(Rest { steps: 10, renewal: 0.5 }), ..Controls::default() };
    let mut detector = learnt(10);
    let seen = [112.0, 111.0, 1e5].map(|value| detector.observe(at(10 * DAY), Observation::of(value), &controls));
    assert_eq!(seen.clone().map(|verdict| verdict.anomaly), [true, false, true], "{seen:?}");
}

#[test]
fn a_state_comes_back_bit_for_bit() {
    let mut detector = learnt(4);
    let saved = postcard::to_allocvec(&detector).expect("saved");
    let mut restored: SeriesDetector = postcard::from_bytes(&saved).expect("restored");
    assert!(saved.len() < 40_000, "{}", saved.len());
    for step in 4 * DAY..5 * DAY {
        let news = Observation::of(if step % 17 == 0 { f64::NAN } else { value(step) });
        let (one, other) =
            [&mut detector, &mut restored].map(|it| it.observe(at(step), news, &Controls::default())).into();
        assert_eq!(format!("{one:?}"), format!("{other:?}"));
    }
    assert_eq!(restored, detector);
}

#[test]
fn nothing_is_said_too_early_and_everything_is_finite() {
    let mut detector = SeriesDetector::new(&SeriesSetting::of(60, None)).expect("valid");
    for step in 0..600u32 {
        let odd = [0.0, 1e300, -1e300, f64::MIN_POSITIVE, f64::INFINITY, f64::NAN][step as usize % 6];
        let verdict = detector.observe(at(step), Observation::of(odd), &Controls::default());
        assert!((0.0..=1.0).contains(&verdict.score), "{verdict:?}");
        assert!(step > 100 || verdict.state != State::Judged);
    }
}

#[test]
fn a_share_is_judged_by_its_calls() {
    let setting = SeriesSetting::of(60, Some(1_440)).of_a_share();
    let mut detector = SeriesDetector::new(&setting).expect("valid");
    let minute = |step: u32| Timestamp::from_seconds(i64::from(step) * 60);
    let of = |bad: f64, calls: f64| Observation { value: bad / calls, count: calls };
    let mut judge = |step, news| detector.observe_with(minute(step), news, &[], &Controls::default(), false);
    for step in 0..600 {
        let bad = f64::from(u8::from(step % 9 == 4));
        let verdict = judge(step, of(bad, 40.0));
        assert!(!verdict.anomaly && (step >= 100 || verdict.state == State::Warming), "{step}: {verdict:?}");
    }
    assert!(!judge(600, of(1.0, 4.0)).anomaly, "a quarter, of four calls");
    let seen: Vec<Verdict> = (601..606).map(|step| judge(step, of(5.0, 40.0))).collect();
    let anomalies: Vec<bool> = seen.iter().map(|verdict| verdict.anomaly).collect();
    assert!(anomalies.ends_with(&[true, true]), "an eighth, of forty calls each: {seen:?}");
    assert_eq!(seen[4].votes.iter().map(|vote| vote.detector).collect::<Vec<_>>(), ["counts"]);
    assert_eq!(judge(606, Observation::of(0.5)).state, State::Warming, "nobody knows of how many");
}
