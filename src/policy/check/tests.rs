use super::*;
use crate::policy::decision::Trigger;
use crate::policy::fixtures::{class, id, open, well};
use crate::policy::input::TripReason;
use crate::policy::planner::{self, Setting};

fn sound() -> (PolicyInput, Decision) {
    let input = class(0, &[("a", well(1.0)), ("b", well(2.0))]);
    let (plan, report) = planner::propose(&Setting::default(), &input);
    let (issued, expires) = (input.now, input.now.plus_seconds(300));
    let (trigger, urgency) = (Trigger::Minute, Urgency::Emergency);
    let decision = Decision { generation: 1, parent: 0, issued, expires, trigger, urgency, plan, report };
    assert_eq!(faults(&input, None, &decision), []);
    (input, decision)
}

/// The faults of a sound decision after `spoil`, as a follower of itself if `follows`.
fn spoilt(follows: bool, spoil: impl Fn(&mut PolicyInput, &mut Decision)) -> Vec<What> {
    let (mut input, before) = sound();
    let mut decision = before.clone();
    if follows {
        (decision.generation, decision.parent, decision.urgency) = (2, 1, Urgency::Economic);
    }
    spoil(&mut input, &mut decision);
    faults(&input, follows.then_some(&before), &decision).into_iter().map(|fault| fault.what).collect()
}

#[test]
fn each_fault_is_found() {
    let set = |decision: &mut Decision, a: f64, b: f64| {
        decision.plan.shares = [(id("a"), a), (id("b"), b)].into_iter().collect();
    };
    assert_eq!(
        spoilt(false, |_, decision| set(decision, 1.2, -0.2)),
        [What::BadShare(id("a")), What::BadShare(id("b")), What::Unexplored(id("b"))]
    );
    assert_eq!(spoilt(false, |_, decision| set(decision, 0.5, 0.4)), [What::BadSum(0.9)]);
    assert!(matches!(
        spoilt(false, |_, decision| set(decision, f64::NAN, 1.0))[..],
        [What::BadShare(_), What::BadSum(_)]
    ));
    assert_eq!(spoilt(false, |_, decision| decision.plan.shares.clear())[0], What::Empty);
    assert_eq!(spoilt(false, |_, decision| decision.expires = decision.issued), [What::Expired]);
    assert_eq!(spoilt(false, |_, decision| decision.plan.cost_usd = f64::NAN), [What::BadFigure]);
    assert_eq!(spoilt(false, |_, decision| decision.plan.class.clear()), [What::OtherClass]);
    assert_eq!(spoilt(false, |_, decision| set(decision, 1.0, 0.0)), [What::Unexplored(id("b"))]);
    assert_eq!(
        spoilt(false, |_, decision| decision.plan.probes = [(id("x"), 0.0)].into_iter().collect()),
        [What::BadProbe(id("x")), What::Unknown(id("x"))]
    );
    assert_eq!(
        spoilt(false, |input, _| input.candidates = [(id("a"), well(1.0))].into_iter().collect()),
        [What::Unknown(id("b"))]
    );
    assert_eq!(
        spoilt(false, |input, _| input.candidates.extend([(id("c"), well(1.0))])),
        [What::Missing(id("c")), What::Unexplored(id("c"))]
    );
}

#[test]
fn faults_against_the_one_before_are_found() {
    let shut = |input: &mut PolicyInput, name: &str| {
        input.candidates.entry(id(name)).and_modify(|one| one.standing = open(TripReason::Slow));
    };
    let swap =
        |decision: &mut Decision| decision.plan.shares = [(id("a"), 0.01), (id("b"), 0.99)].into_iter().collect();
    assert_eq!(spoilt(true, |_, _| ()), []);
    assert_eq!(spoilt(true, |_, decision| decision.generation = 1), [What::Generation]);
    assert_eq!(spoilt(true, |input, _| shut(input, "b")), [What::Shut(id("b"))]);
    assert!(matches!(spoilt(true, |_, decision| swap(decision))[..], [What::TooFar(_)]));
    let claimed = |_: &mut PolicyInput, decision: &mut Decision| {
        swap(decision);
        decision.urgency = Urgency::Emergency;
    };
    assert_eq!(spoilt(true, claimed), [What::NoEmergency]);
    let real = |input: &mut PolicyInput, decision: &mut Decision| {
        claimed(input, decision);
        shut(input, "a");
        decision.plan.shares = [(id("a"), 0.0), (id("b"), 1.0)].into_iter().collect();
    };
    assert_eq!(spoilt(true, real), []);
}
