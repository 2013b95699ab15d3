use proptest::prelude::*;

use super::*;
use crate::policy::fixtures::{class, id, open, question, well};
use crate::policy::input::TripReason;
use crate::policy::report::Binding;

#[test]
fn the_cheapest_mix_within_the_promise_and_what_held_it_back() {
    // Alone the cheap one is too slow: 5 % of calls may be, 4 % with the margin.
    let cheap = Candidate { slow: 0.09, ..well(1.0) };
    let dear = Candidate { slow: 0.01, ..well(3.0) };
    let (plan, report) = propose(&Setting::default(), &class(0, &[("cheap", cheap), ("dear", dear)]));
    // 0.09 x + 0.01 (1 - x) = 0.04.
    assert!((plan.share(&id("cheap")) - 0.375).abs() < 1e-6, "{plan:?}");
    assert!((plan.slow - 0.04).abs() < 1e-6 && (plan.cost_usd - 0.00225).abs() < 1e-9);
    assert_eq!(report.binding, [Binding::Slow]);
}

#[test]
fn rooms_and_budgets_bind() {
    let small = Candidate { room_per_min: 120.0, ..well(1.0) };
    let question = class(0, &[("dear", well(3.0)), ("small", small)]);
    let (plan, report) = propose(&Setting::default(), &question);
    assert!((plan.share(&id("small")) - 0.2).abs() < 1e-6);
    assert_eq!(report.binding, [Binding::Room { channel: id("small") }]);
    let poor = PolicyInput { budget_usd_per_call: Some(0.002), ..question };
    let (plan, report) = propose(&Setting::default(), &poor);
    assert!((plan.share(&id("small")) - 0.2).abs() < 1e-6, "calls are served before money is saved");
    assert!(report.to_string().contains("no more may be spent; it is missed by 0.000600 USD a call"), "{report}");
}

#[test]
fn load_is_spread_where_it_would_crowd() {
    let tried = Candidate { tried_per_min: 300.0, slow: 0.03, ..well(1.0) };
    let dear = Candidate { slow: 0.01, ..well(3.0) };
    let (plan, _) = propose(&Setting::default(), &class(0, &[("cheap", tried), ("dear", dear)]));
    let cheap = plan.share(&id("cheap"));
    assert!(cheap > 0.5 && cheap < 0.85, "half was tried, and all of it would be 6 % slow: {cheap}");
    assert!(plan.slow <= 0.04 + 1e-6);
}

#[test]
fn shut_channels_get_nothing_and_exploration_is_never_zero() {
    let shut = Candidate { standing: open(TripReason::Throttled), ..well(0.1) };
    let bad = Candidate { slow: 0.14, ..well(1.5) };
    let (plan, report) = propose(&Setting::default(), &class(0, &[("bad", bad), ("good", well(1.0)), ("shut", shut)]));
    assert!(plan.share(&id("shut")) <= 0.0 && !plan.probes.contains_key(&id("shut")), "it has rest until it is tried");
    let explored = plan.share(&id("bad"));
    assert!(explored > 0.0 && explored < 0.01, "little of what is beyond the promise: {explored}");
    let text = report.to_string();
    assert!(text.contains("shut is kept out: too many calls were refused for load."), "{text}");
    assert!(text.contains("bad gets only what is needed to know it: 14 % of its calls are slow."), "{text}");
}

#[test]
fn strangers_are_only_explored() {
    let stranger = Candidate { slow: f64::NAN, failing: f64::NAN, cost_usd: 1e-4, ..well(1.0) };
    let (plan, _) = propose(&Setting::default(), &class(0, &[("known", well(1.0)), ("stranger", stranger.clone())]));
    assert!((plan.share(&id("stranger")) - 0.01).abs() < 1e-9);
    let (plan, _) = propose(&Setting::default(), &class(0, &[("stranger", stranger)]));
    assert!((plan.share(&id("stranger")) - 1.0).abs() < 1e-9);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Shares are at least 0 and make 1, figures are finite, and no usable channel with room is left without calls.
    #[test]
    fn every_plan_is_whole(input in question()) {
        let (plan, report) = propose(&Setting::default(), &input);
        prop_assert!((plan.shares.values().sum::<f64>() - 1.0).abs() < 1e-9);
        prop_assert!(plan.shares.values().all(|share| *share >= 0.0));
        prop_assert!(plan.cost_usd.is_finite() && plan.slow <= 1.0 && plan.failing <= 1.0);
        prop_assert!(!report.to_string().contains("NaN"));
        for (channel, one) in &input.candidates {
            let is_usable = trouble::of(&Setting::default(), &input.promise, one, None).is_none();
            let has_room = one.room_per_min.is_nan() || one.room_per_min > 1e-6 * input.demand_per_min.max(1.0);
            prop_assert!(!is_usable || !has_room || plan.share(channel) > 0.0, "{} {:?}", channel, one);
        }
    }
}
