//! What a lane does, step by step; its figures are in [`figures`].

use proptest::prelude::*;

use super::*;

mod figures;

fn at(second: f64) -> Timestamp {
    #[expect(clippy::cast_possible_truncation, reason = "small")]
    Timestamp::from_micros((second * 1e6) as i64)
}

/// A quick call within its limit.
fn call(second: f64, outcome: Outcome) -> CallEnd {
    let (latency_ms, limit_ms) = (Some(60.0), Some(150.0));
    CallEnd { at: at(second), outcome, latency_ms, limit_ms, retry_after_s: None, probe: false }
}

fn slow_call(second: f64) -> CallEnd {
    CallEnd { latency_ms: Some(1_500.0), ..call(second, Outcome::Ok) }
}

fn lane() -> (Lane, LaneSetting) {
    (Lane::new(Seed::new(7)), LaneSetting::default())
}

/// A lane that was told of good calls, ten a second, in the seconds `from` to `to`.
fn hear_good(lane: &mut Lane, setting: &LaneSetting, from: i32, to: i32) {
    for tenth in 10 * from..10 * to {
        assert_eq!(lane.hear(setting, &call(f64::from(tenth) / 10.0, Outcome::Ok)), None);
    }
}

/// The first shift, and when, while `end` makes the calls, one each `gap` seconds from `from` on.
fn first_shift(
    (lane, setting): (&mut Lane, &LaneSetting),
    (from, gap): (f64, f64),
    end: impl Fn(f64) -> CallEnd,
) -> (f64, Shift) {
    let found = (0..10_000)
        .map(|n| from + gap * f64::from(n))
        .find_map(|second| lane.hear(setting, &end(second)).map(|shift| (second, shift)));
    found.expect("something happens")
}

fn opened_for(lane: &Lane, setting: &LaneSetting, second: f64) -> f64 {
    match lane.standing(setting, at(second)) {
        Standing::Open { until, .. } => until.seconds_since(at(second)),
        _ => f64::NAN,
    }
}

#[test]
fn a_dead_channel_is_left_probed_ever_less_often_and_comes_back() {
    let (mut lane, setting) = lane();
    hear_good(&mut lane, &setting, 1_000, 1_060);
    let dead = |second| call(second, Outcome::ServerError);
    let (second, shift) = first_shift((&mut lane, &setting), (1_060.0, 0.1), dead);
    assert_eq!(shift, Shift::Tripped(TripReason::Consecutive));
    assert!((opened_for(&lane, &setting, second) - 5.0).abs() <= 0.5);
    // What was under way when it was taken out says nothing more.
    assert_eq!(lane.hear(&setting, &dead(second + 0.05)), None);

    let mut spans = Vec::new();
    for _ in 0..5 {
        let wakeup = lane.next_wakeup().expect("a time to wake up");
        assert_eq!(lane.on_time(&setting, wakeup), Some(Shift::HalfOpened));
        assert_eq!(lane.next_wakeup(), None);
        let probe = wakeup.seconds_since(Timestamp::default()) + 0.1;
        assert_eq!(lane.hear(&setting, &dead(probe)), Some(Shift::Tripped(TripReason::Consecutive)));
        spans.push(opened_for(&lane, &setting, probe));
    }
    for (span, expected) in spans.iter().zip([10.0, 20.0, 30.0, 30.0, 30.0]) {
        assert!((span - expected).abs() <= 0.1 * expected, "{spans:?}");
    }

    let wakeup = lane.next_wakeup().expect("a time to wake up");
    let second = wakeup.seconds_since(Timestamp::default()) + 0.1;
    let well = |second| call(second, Outcome::Ok);
    assert_eq!(lane.hear(&setting, &well(second)), Some(Shift::HalfOpened));
    assert_eq!(lane.hear(&setting, &well(second + 1.0)), None);
    let passed = lane.standing(&setting, at(second + 1.0));
    assert_eq!(passed, Standing::HalfOpen { reason: TripReason::Consecutive, passed: 2 });
    assert_eq!(lane.hear(&setting, &well(second + 2.0)), Some(Shift::Recovered));
    assert_eq!(lane.standing(&setting, at(second + 3.0)), Standing::Returning { since: at(second + 2.0) });
    assert_eq!(lane.on_time(&setting, at(second + 92.0)), Some(Shift::Settled));
}

#[test]
fn a_fault_that_is_not_over_trips_again_sooner_and_for_longer() {
    let (mut lane, setting) = lane();
    let dead = |second| call(second, Outcome::Timeout);
    first_shift((&mut lane, &setting), (1_000.0, 0.1), dead);
    for second in [1_006.0, 1_007.0, 1_008.0] {
        lane.hear(&setting, &call(second, Outcome::Ok));
    }
    assert_eq!(lane.standing(&setting, at(1_008.0)), Standing::Returning { since: at(1_008.0) });
    let (second, _) = first_shift((&mut lane, &setting), (1_008.1, 0.1), dead);
    assert!(second < 1_008.35, "three calls, not five: {second}");
    assert!(opened_for(&lane, &setting, second) > 8.0);
}

#[test]
fn what_ended_long_ago_is_counted_and_trips_nothing() {
    let (mut lane, setting) = lane();
    hear_good(&mut lane, &setting, 1_000, 1_060);
    lane.on_time(&setting, at(1_080.0));
    for tenth in 0..100 {
        let old = call(1_050.0 + f64::from(tenth) / 10.0, Outcome::ServerError);
        assert_eq!(lane.hear(&setting, &old), None);
    }
    assert!(lane.present(at(1_080.0)).failing > 0.05);
    assert_eq!(lane.standing(&setting, at(1_080.0)), Standing::Closed);
}

#[test]
fn refusals_trip_later_and_what_they_ask_for_is_honoured_under_a_cap() {
    let (mut lane, setting) = lane();
    let asking =
        |seconds: f64| move |second| CallEnd { retry_after_s: Some(seconds), ..call(second, Outcome::Throttled) };
    let (second, shift) = first_shift((&mut lane, &setting), (1_000.0, 0.1), asking(40.0));
    assert_eq!(shift, Shift::Tripped(TripReason::Throttled));
    assert!((second - 1_000.9).abs() < 0.01, "ten calls: {second}");
    assert!((40.0..=44.0).contains(&opened_for(&lane, &setting, second)));
    let refused = lane.hear(&setting, &asking(1e9)(second + 45.0));
    assert_eq!(refused, Some(Shift::Tripped(TripReason::Throttled)));
    assert!((60.0..=66.0).contains(&opened_for(&lane, &setting, second + 45.0)));
}

#[test]
fn slowness_is_told_from_what_is_usual_and_adopted_in_the_end() {
    // Slow ever since it was first seen: its promise is at fault.
    let (mut lane, setting) = lane();
    for tenth in 0..3_000 {
        assert_eq!(lane.hear(&setting, &slow_call(1_000.0 + f64::from(tenth) / 10.0)), None);
    }
    assert!(lane.present(at(1_300.0)).slow > 0.8);
    // Slow all of a sudden.
    let mut lane = Lane::new(Seed::new(7));
    hear_good(&mut lane, &setting, 1_000, 1_070);
    let (second, shift) = first_shift((&mut lane, &setting), (1_070.0, 0.1), slow_call);
    assert_eq!(shift, Shift::Tripped(TripReason::Slow));
    assert!(second < 1_070.65, "six calls: {second}");
    let mut recovered = None;
    for probe in (0..1_000).map(|n| 1_080.0 + 5.0 * f64::from(n)) {
        if lane.hear(&setting, &slow_call(probe)) == Some(Shift::Recovered) {
            recovered = Some(probe);
            break;
        }
    }
    assert!(recovered.is_some_and(|probe| (4_660.0..4_720.0).contains(&probe)), "{recovered:?}");
    for tenth in 0..1_000 {
        let shift = lane.hear(&setting, &slow_call(4_720.0 + f64::from(tenth) / 10.0));
        assert!(!matches!(shift, Some(Shift::Tripped(_))), "as usual now");
    }
}

#[test]
fn a_channel_that_hangs_is_left_before_its_calls_run_out_of_time() {
    let (mut lane, setting) = lane();
    hear_good(&mut lane, &setting, 1_000, 1_070);
    for tenth in 0..10 {
        lane.begin(at(1_070.0 + f64::from(tenth) / 10.0));
    }
    assert_eq!(lane.next_wakeup(), Some(at(1_071.4)));
    assert_eq!(lane.on_time(&setting, at(1_071.3)), None);
    assert_eq!(lane.on_time(&setting, at(1_071.4)), Some(Shift::Tripped(TripReason::Slow)));
    // That they ran out of time in the end is no news.
    let timeout = CallEnd { latency_ms: Some(30_000.0), ..call(1_101.0, Outcome::Timeout) };
    assert_eq!(lane.hear(&setting, &timeout), Some(Shift::HalfOpened));
    assert!(matches!(lane.standing(&setting, at(1_101.0)), Standing::HalfOpen { passed: 0, .. }));
}

#[test]
fn silence_is_a_state_of_its_own_and_ends_with_good_calls() {
    let (mut lane, setting) = lane();
    assert_eq!(lane.next_wakeup(), None);
    lane.begin(at(1_000.0));
    assert_eq!(lane.on_time(&setting, at(1_001.0)), None);
    assert_eq!(lane.next_wakeup(), Some(at(1_301.0)));
    assert_eq!(lane.on_time(&setting, at(1_301.0)), Some(Shift::WentStale));
    assert_eq!(lane.standing(&setting, at(1_301.0)), Standing::Stale { since: at(1_001.0) });
    assert_eq!((lane.next_wakeup(), lane.present(at(1_301.0)).pending), (None, 0));
    for (second, shift) in [(1_400.0, None), (1_405.0, None), (1_410.0, Some(Shift::Recovered))] {
        assert_eq!(lane.hear(&setting, &call(second, Outcome::Ok)), shift);
    }
    // Heard without a clock in between, the same is found.
    let heard = lane.hear(&setting, &call(5_000.0, Outcome::Ok));
    assert_eq!(heard, Some(Shift::WentStale));
}

#[test]
fn the_forecast_takes_out_and_good_calls_do_not_bring_back_before_its_time() {
    let (mut lane, setting) = lane();
    hear_good(&mut lane, &setting, 1_000, 1_010);
    assert_eq!(lane.open_by_forecast(at(1_010.0), at(1_005.0)), None);
    let taken = lane.open_by_forecast(at(1_010.0), at(1_310.0));
    assert_eq!(taken, Some(Shift::Tripped(TripReason::Forecast)));
    assert_eq!(lane.open_by_forecast(at(1_011.0), at(1_911.0)), None);
    hear_good(&mut lane, &setting, 1_011, 1_310);
    let (second, shift) = first_shift((&mut lane, &setting), (1_310.5, 1.0), |second| call(second, Outcome::Ok));
    assert_eq!(shift, Shift::HalfOpened);
    assert_eq!(lane.hear(&setting, &call(second + 1.0, Outcome::Ok)), None);
    assert_eq!(lane.hear(&setting, &call(second + 2.0, Outcome::Ok)), Some(Shift::Recovered));
}

#[test]
fn where_nobody_listens_calls_bring_a_channel_back_early() {
    let (mut lane, setting) = lane();
    let (second, _) = first_shift((&mut lane, &setting), (1_000.0, 0.1), |second| call(second, Outcome::NetworkError));
    let back = first_shift((&mut lane, &setting), (second + 0.1, 0.1), |second| call(second, Outcome::Ok));
    assert_eq!(back.1, Shift::Recovered);
    assert!(back.0 < second + 1.2);
}

#[test]
fn faults_of_requests_say_nothing() {
    let (mut lane, setting) = lane();
    hear_good(&mut lane, &setting, 1_000, 1_010);
    let before = lane.present(at(1_010.0));
    for tenth in 0..100 {
        let refused = call(1_010.0 + f64::from(tenth) / 100.0, Outcome::ClientError);
        assert_eq!(lane.hear(&setting, &refused), None);
    }
    assert_eq!(lane.present(at(1_010.0)).calls, before.calls);
}

#[test]
fn the_present_is_of_the_last_minute_and_nothing_is_not_a_number() {
    let (mut lane, setting) = lane();
    assert!(lane.present(at(1_000.0)).failing.is_nan());
    hear_good(&mut lane, &setting, 1_000, 1_080);
    let present = lane.present(at(1_079.9));
    assert_eq!(present.calls, 600);
    assert!(present.failing < 0.005 && present.slow < 0.005 && (present.latency_ms - 60.0).abs() < 1e-9);
    assert_eq!(lane.present(at(1_080.0 + 60.0)).calls, 0);
    assert!(lane.present(at(1_080.0 + 60.0)).latency_ms.is_nan());
}

fn any_end() -> impl Strategy<Value = (CallEnd, i64)> {
    let odd = prop_oneof![
        Just(None),
        Just(Some(f64::NAN)),
        Just(Some(f64::INFINITY)),
        Just(Some(-1.0)),
        Just(Some(1e300)),
        (0.0..5_000.0).prop_map(Some)
    ];
    let (latency, limit, retry) = (odd.clone(), odd.clone(), odd);
    let outcome = prop::sample::select(Outcome::ALL.to_vec());
    (-100_000_i64..400_000, outcome, latency, limit, retry, any::<bool>()).prop_map(
        |(step_ms, outcome, latency_ms, limit_ms, retry_after_s, probe)| {
            let at = Timestamp::default();
            (CallEnd { at, outcome, latency_ms, limit_ms, retry_after_s, probe }, step_ms)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Whatever is heard, shares are in 0 ..= 1 or unknown, a wake-up that was kept does not come again, and a lane that
    /// was saved and restored half way is bit-equal to one that was not.
    #[test]
    fn nothing_upsets_a_lane(ends in prop::collection::vec(any_end(), 1..150)) {
        let setting = LaneSetting::default();
        let mut lane = Lane::new(Seed::new(1));
        let mut now = Timestamp::from_seconds(1_000_000);
        for (count, (end, step_ms)) in ends.iter().enumerate() {
            now = now.plus_micros(step_ms * 1_000);
            if end.probe {
                lane.begin(now);
            }
            if count % 3 > 0 {
                lane.hear(&setting, &CallEnd { at: now, ..*end });
            }
            if count % 7 == 0 && let Some(due) = lane.next_wakeup() {
                lane.on_time(&setting, due);
                prop_assert!(lane.next_wakeup().is_none_or(|next| next > due));
            }
            if count % 50 == 0 {
                let saved = postcard::to_stdvec(&lane).expect("saved");
                let restored: Lane = postcard::from_bytes(&saved).expect("restored");
                prop_assert_eq!(&restored, &lane);
            }
            let present = lane.present(now);
            for share in [present.failing, present.slow] {
                prop_assert!(share.is_nan() || (0.0..=1.0).contains(&share));
            }
            prop_assert!(lane.cost(now).is_none_or(f64::is_finite));
        }
    }
}
