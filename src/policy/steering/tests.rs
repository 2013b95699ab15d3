use proptest::prelude::*;
use rand_distr::{Distribution as _, StandardNormal};

use super::*;
use crate::policy::fixtures::{class, id, open, question, well};
use crate::policy::input::{Candidate, Standing, TripReason};
use crate::stats::seed::Seed;

fn ask(steering: &mut Steering, input: &PolicyInput, trigger: Trigger) -> Option<Decision> {
    let before = steering.current().cloned();
    let decision = steering.decide(&Setting::default(), input, trigger);
    if let Some(decision) = &decision {
        let faults = check::faults(input, before.as_ref(), decision);
        assert!(faults.iter().all(|fault| !fault.is_grave()), "{faults:?}");
    }
    decision
}

fn minute(steering: &mut Steering, at: i64, channels: &[(&str, Candidate)]) -> Option<Decision> {
    ask(steering, &class(at, channels), Trigger::Minute)
}

fn share(steering: &Steering, channel: &str) -> f64 {
    steering.current().map_or(0.0, |current| current.plan.share(&id(channel)))
}

/// Two channels, of which the first is cheaper, asked once.
fn settled() -> (Steering, [(&'static str, Candidate); 2]) {
    let (mut steering, channels) = (Steering::new(), [("cheap", well(1.0)), ("dear", well(2.0))]);
    let first = minute(&mut steering, 0, &channels).expect("the first decision");
    assert_eq!((first.generation, first.parent), (1, 0));
    assert!((share(&steering, "cheap") - 0.99).abs() < 1e-6 && (share(&steering, "dear") - 0.01).abs() < 1e-6);
    (steering, channels)
}

#[test]
fn a_trip_moves_everything_at_once() {
    let (mut steering, mut channels) = settled();
    channels[0].1.standing = open(TripReason::Consecutive);
    let decision = ask(&mut steering, &class(1, &channels), Trigger::Trip).expect("at once");
    assert_eq!(decision.urgency, Urgency::Emergency);
    assert_eq!((share(&steering, "cheap"), share(&steering, "dear")), (0.0, 1.0));
    assert!(!decision.plan.probes.contains_key(&id("cheap")), "it has rest until it is tried");
    channels[0].1.standing = Standing::HalfOpen { reason: TripReason::Consecutive, passed: 0 };
    let tried = ask(&mut steering, &class(6, &channels), Trigger::Timer).expect("single calls begin");
    assert!(tried.plan.probes.contains_key(&id("cheap")) && share(&steering, "cheap") <= 0.0);
    assert!(decision.report.to_string().contains("several calls in a row failed"), "{}", decision.report);
}

#[test]
fn a_slow_channel_that_is_found_quick_again_comes_back_whatever_minutes_say() {
    let (mut steering, mut channels) = settled();
    channels[0].1.slow = 0.6;
    minute(&mut steering, 1, &channels).expect("it leaves");
    assert!(share(&steering, "cheap") <= 0.0);
    let since = class(100, &channels).now;
    channels[0].1.standing = Standing::Returning { since };
    let decision = ask(&mut steering, &class(100, &channels), Trigger::Recovery).expect("it comes back");
    assert_eq!(decision.urgency, Urgency::Return);
    assert!(share(&steering, "cheap") > 0.0);
}

#[test]
fn a_channel_that_comes_back_has_its_share_within_ninety_seconds() {
    let (mut steering, mut channels) = settled();
    for at in 1..60 {
        minute(&mut steering, at * 60, &channels);
    }
    channels[0].1.standing = open(TripReason::FailureRate);
    let start = 3_600;
    ask(&mut steering, &class(start, &channels), Trigger::Trip);
    // The minutes that forecasts and incidents learn from are bad, and they say so still when the channel is well.
    channels[0].1 = Candidate {
        failing: 0.9,
        risk: 0.95,
        incident: Some(crate::incident::severity::Severity::P1),
        ..channels[0].1.clone()
    };
    for at in 1..10 {
        minute(&mut steering, start + at * 60, &channels);
    }
    let back = start + 600;
    channels[0].1.standing = Standing::Returning { since: Timestamp::from_seconds(1_000_000 + back) };
    let mut shares = Vec::new();
    let (mut now, end) = (Timestamp::from_seconds(1_000_000 + back), Timestamp::from_seconds(1_000_000 + back + 90));
    while now <= end {
        let input = PolicyInput { now, ..class(0, &channels) };
        if ask(&mut steering, &input, Trigger::Timer).is_some() {
            shares.push((share(&steering, "cheap") * 1_000.0).round());
        }
        now = steering.next_wakeup().expect("there is more to do");
    }
    assert_eq!(shares, [99.0, 248.0, 619.0, 990.0], "in steps, and then whole");
    // The incident closes and forecasts calm down after minutes; until then nothing is taken back.
    channels[0].1.standing = Standing::Closed;
    for at in 2..9 {
        minute(&mut steering, back + at * 60, &channels);
        assert!(share(&steering, "cheap") > 0.9, "minute {at}: {}", steering.last_report());
    }
    channels[0].1 = well(1.0);
    minute(&mut steering, back + 600, &channels);
    assert!(share(&steering, "cheap") > 0.9);
}

#[test]
fn a_likely_breach_moves_calls_before_it_in_steps() {
    let (mut steering, mut channels) = settled();
    channels[0].1.risk = 0.6;
    let mut shares = Vec::new();
    for at in 1..=5 {
        let decision = minute(&mut steering, at * 60, &channels);
        assert!(decision.is_none_or(|decision| decision.urgency == Urgency::Preemptive));
        shares.push((share(&steering, "cheap") * 100.0).round());
    }
    assert_eq!(shares, [74.0, 49.0, 24.0, 0.0, 0.0]);
}

#[test]
fn a_wobbling_risk_moves_nothing_twice() {
    let (mut steering, mut channels) = settled();
    let mut changes = 0;
    for at in 1..180 {
        channels[0].1.risk = if at % 2 == 0 { 0.52 } else { 0.3 };
        let decision = minute(&mut steering, at * 60, &channels);
        changes += usize::from(decision.is_some_and(|decision| decision.urgency != Urgency::None));
    }
    assert_eq!(changes, 4, "out once, in its four steps");
    assert!(share(&steering, "cheap") < 1e-9);
}

#[test]
fn a_quiet_day_has_hardly_a_change() {
    let (mut steering, mut channels) = settled();
    channels[1].1.slow = 0.005;
    let mut rng = Seed::new(7).rng();
    let (mut changes, hours) = (0, 24);
    for at in 1..hours * 60 {
        let mut wobble = |mean: f64| {
            let noise: f64 = StandardNormal.sample(&mut rng);
            mean * (0.25 * noise).exp()
        };
        channels[0].1 = Candidate { slow: wobble(0.045), failing: wobble(0.006), risk: wobble(0.1), ..well(1.0) };
        channels[1].1 = Candidate { slow: wobble(0.01), failing: wobble(0.004), risk: wobble(0.05), ..well(2.0) };
        let decision = minute(&mut steering, at * 60, &channels);
        changes += usize::from(decision.is_some_and(|decision| decision.urgency != Urgency::None));
    }
    assert!(changes <= 2 * usize::try_from(hours).unwrap_or(0), "{changes} changes in {hours} hours");
}

#[test]
fn nobody_fit_means_that_the_least_bad_serve_on() {
    let (mut steering, mut channels) = settled();
    channels[0].1.standing = open(TripReason::Consecutive);
    channels[1].1.standing = open(TripReason::Slow);
    let decision = ask(&mut steering, &class(1, &channels), Trigger::Trip).expect("a decision");
    assert_eq!((share(&steering, "cheap"), share(&steering, "dear")), (0.0, 1.0), "slow beats failing");
    assert!(decision.report.reasons.contains(&Reason::LeastBad));
    let alone = [("cheap", channels[0].1.clone())];
    ask(&mut steering, &class(2, &alone), Trigger::Trip).expect("the other has gone");
    assert!((share(&steering, "cheap") - 1.0).abs() < 1e-12);
    assert!(ask(&mut steering, &class(3, &[]), Trigger::Trip).is_none(), "no channels, no decision");
    assert!((share(&steering, "cheap") - 1.0).abs() < 1e-12, "the last one stays");
}

#[test]
fn leases_are_renewed_at_half_their_time() {
    let (mut steering, channels) = settled();
    assert!(minute(&mut steering, 120, &channels).is_none());
    assert!(steering.last_report().to_string().starts_with("Nothing is changed"), "{}", steering.last_report());
    assert_eq!(steering.next_wakeup(), Some(Timestamp::from_seconds(1_000_150)));
    let renewed = ask(&mut steering, &class(150, &channels), Trigger::Timer).expect("due");
    assert_eq!((renewed.trigger, renewed.urgency, renewed.generation), (Trigger::Renewal, Urgency::None, 2));
    assert_eq!(renewed.expires, Timestamp::from_seconds(1_000_450));
}

#[test]
fn a_cheaper_mix_is_taken_in_steps_and_then_left_alone() {
    let (mut steering, mut channels) = settled();
    channels[0].1.cost_usd = 0.004;
    let changed = |steering: &mut Steering, range: std::ops::Range<i64>, channels: &[(&str, Candidate)]| {
        let decisions = range.filter_map(|at| minute(steering, at * 60, channels));
        decisions.filter(|decision| decision.urgency == Urgency::Economic).count()
    };
    assert_eq!(changed(&mut steering, 1..10, &channels), 4);
    assert!(share(&steering, "dear") > 0.98);
    channels[0].1.cost_usd = 0.001;
    assert_eq!(changed(&mut steering, 10..30, &channels), 0, "too fresh");
    assert_eq!(changed(&mut steering, 30..40, &channels), 4);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever is asked, at whatever times: every decision passes the checker, no shares are empty, and a state that was
    /// saved goes on as one that was not.
    #[test]
    fn every_decision_is_sound(inputs in prop::collection::vec((question(), 0..200_i64), 1..12)) {
        let mut steering = Steering::new();
        let mut now = Timestamp::from_seconds(1_000_000);
        for (input, seconds) in inputs {
            now = now.plus_seconds(seconds);
            let input = PolicyInput { now, ..input };
            let saved = postcard::to_stdvec(&steering).expect("can be written");
            let mut restored: Steering = postcard::from_bytes(&saved).expect("can be read");
            prop_assert_eq!(&restored, &steering);
            let decision = ask(&mut steering, &input, Trigger::Minute);
            prop_assert_eq!(&ask(&mut restored, &input, Trigger::Minute), &decision);
            let current = steering.current().expect("there are candidates");
            prop_assert!((current.plan.shares.values().sum::<f64>() - 1.0).abs() < 1e-6);
            let refused = steering.last_report().reasons.iter().any(|reason| matches!(reason, Reason::Refused { .. }));
            prop_assert!(!refused, "{}", steering.last_report());
            prop_assert!(steering.next_wakeup().is_some_and(|at| at > now));
        }
    }
}
