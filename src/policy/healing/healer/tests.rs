//! Runs from their triggers to their ends, and what holds of every one of them.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::incident::kind::Kind;
use crate::incident::severity::Severity;
use crate::policy::fast::call::Answers;
use crate::policy::healing::facts::Trouble;
use crate::policy::healing::order::{Attempt, Ending};
use crate::policy::healing::playbook::{Action, Condition, Step, Trigger, Verify};

const START: i64 = 1_795_000_000;

fn at(second: i64) -> Timestamp {
    Timestamp::from_seconds(START + second)
}

fn name(of: &str) -> ChannelId {
    ChannelId::new(of).expect("valid")
}

fn command() -> Action {
    Action::Command { name: "restart".to_owned() }
}

fn playbook(steps: Vec<Step>, roll_back: Vec<Step>) -> Playbook {
    let trigger = Trigger {
        kinds: vec![Kind::Errors],
        at_least: Severity::P2,
        tripped: true,
        risk: None,
        channels: Vec::new(),
        providers: Vec::new(),
    };
    let condition = Condition { probe_ok: true, ..Condition::default() };
    Playbook {
        name: "dead".to_owned(),
        trigger,
        steps,
        verify: Some(Verify { condition, calls: None, hold_s: 60.0, within_s: 600.0, rounds: 1 }),
        roll_back,
        high_risk: false,
        cool_down_s: 1_800.0,
    }
}

fn setting(playbook: Playbook) -> Setting {
    Setting { playbooks: vec![playbook], actions_per_hour: 20, approve_within_s: 900.0, seed: Seed::new(7) }
}

fn dead(consent: Consent) -> Facts {
    let trouble = Trouble { kind: Kind::Errors, severity: Severity::P1, first_sign: at(-120) };
    Facts {
        classes: vec!["chat".to_owned()],
        consent,
        incidents: Some(vec![trouble]),
        tripped: true,
        is_well: Some(false),
        ..Facts::default()
    }
}

fn well() -> Facts {
    Facts {
        classes: vec!["chat".to_owned()],
        consent: Consent::Act,
        incidents: Some(Vec::new()),
        is_well: Some(true),
        failing: 0.0,
        ..Facts::default()
    }
}

fn world(facts: Facts) -> BTreeMap<ChannelId, Facts> {
    BTreeMap::from([(name("eu"), facts)])
}

/// The attempts among `orders`.
fn attempts(orders: &[Order]) -> Vec<Attempt> {
    let attempt = |order: &Order| if let What::Attempt(attempt) = &order.what { Some(attempt.clone()) } else { None };
    orders.iter().filter_map(attempt).collect()
}

fn endings(orders: &[Order]) -> Vec<Ending> {
    let ending = |order: &Order| if let What::Ended { ending, .. } = &order.what { Some(*ending) } else { None };
    orders.iter().filter_map(ending).collect()
}

fn outcome(is_ok: bool) -> Outcome {
    Outcome { is_ok, message: if is_ok { "done" } else { "HTTP status 500" }.to_owned() }
}

fn step(action: Action) -> Step {
    Step::new(action, 60.0)
}

#[test]
fn a_run_goes_from_trouble_to_recovery_and_its_times_are_known() {
    let wait = Condition { incident_over: true, ..Condition::default() };
    let steps = vec![step(Action::Drain), step(command()), Step::new(Action::Wait(wait), 900.0), step(Action::Restore)];
    let setting = setting(playbook(steps, Vec::new()));
    let mut healer = Healer::default();
    let orders = healer.step(&setting, at(0), &world(dead(Consent::Act)));
    assert!(matches!(orders[0].what, What::Begin));
    let [drain] = &attempts(&orders)[..] else { unreachable!("{orders:?}") };
    assert_eq!((drain.step, drain.key.clone()), (1, format!("{}-1-1", orders[0].run)));
    assert!(healer.drained().is_empty());
    assert_eq!(healer.hear(&setting, at(1), &drain.key, &outcome(true)), Some(Vec::new()));
    assert_eq!(healer.hear(&setting, at(1), &drain.key, &outcome(true)), None, "heard already");
    assert_eq!(healer.drained().len(), 1);

    // The command fails once and is tried again after a while.
    let [first] = &attempts(&healer.step(&setting, at(1), &world(dead(Consent::Act))))[..] else {
        unreachable!("no command")
    };
    healer.hear(&setting, at(3), &first.key, &outcome(false));
    assert!(healer.step(&setting, at(3), &world(dead(Consent::Act))).is_empty());
    let again = healer.next_wakeup(at(3)).expect("a time");
    assert!((2.5..=7.5).contains(&again.seconds_since(at(3))), "half to one and a half of 5 s");
    let [second] = &attempts(&healer.step(&setting, again, &world(dead(Consent::Act))))[..] else {
        unreachable!("no try")
    };
    assert!(second.key.ends_with("-2-2") && first.key.ends_with("-2-1"));
    healer.hear(&setting, at(20), &second.key, &outcome(true));

    assert!(attempts(&healer.step(&setting, at(30), &world(dead(Consent::Act)))).is_empty(), "it waits");
    let orders = healer.step(&setting, at(300), &world(well()));
    let [restore] = &attempts(&orders)[..] else { unreachable!("{orders:?}") };
    assert_eq!(restore.action, Action::Restore);
    healer.hear(&setting, at(300), &restore.key, &outcome(true));
    assert!(healer.drained().is_empty());
    assert!(healer.step(&setting, at(301), &world(well())).is_empty());
    assert!(
        healer.step(&setting, at(330), &world(Facts { is_well: None, ..well() })).is_empty(),
        "unknown is not well"
    );
    assert!(healer.step(&setting, at(340), &world(well())).is_empty());
    assert_eq!(endings(&healer.step(&setting, at(400), &world(well()))), [Ending::Done]);
    let past: Vec<_> = healer.past().collect();
    assert_eq!(past[0].to_detect_s(), Some(120.0));
    assert_eq!((past[0].to_mitigate_s(), past[0].to_recover_s()), (Some(121.0), Some(460.0)));
    assert!(healer.step(&setting, at(500), &world(dead(Consent::Act))).is_empty(), "it is left alone for a while");
    assert_eq!(attempts(&healer.step(&setting, at(2_300), &world(dead(Consent::Act)))).len(), 1);
}

#[test]
fn what_calls_say_after_the_steps_decides_and_a_second_round_may_help() {
    let condition = Condition { errors_below: Some(0.1), slow_below: Some(0.2), ..Condition::default() };
    let verify = Verify { condition, calls: Some(30), hold_s: 0.0, within_s: 600.0, rounds: 2 };
    let setting = setting(Playbook { verify: Some(verify), ..playbook(vec![step(command())], Vec::new()) });
    let mut healer = Healer::default();
    // Of the newest calls none fails or is slow, which is not asked; nor are the calls of before.
    let told = |calls: u64, failed: u64| {
        let answers = Answers { calls: 1_000 + calls, failed: 500 + failed, slow: 0 };
        world(Facts { incidents: dead(Consent::Act).incidents, slow: 0.0, answers, ..well() })
    };
    let [first] = &attempts(&healer.step(&setting, at(0), &told(0, 0)))[..] else { unreachable!("no command") };
    healer.hear(&setting, at(10), &first.key, &outcome(true));
    for (second, calls, failed) in [(11, 0, 0), (60, 29, 0), (300, 30, 3), (599, 100, 30)] {
        assert!(healer.step(&setting, at(second), &told(calls, failed)).is_empty(), "at {second}");
    }
    let orders = healer.step(&setting, at(620), &told(110, 33));
    assert!(matches!(&orders[0].what, What::Again { round: 2, .. }), "{orders:?}");
    let [second] = &attempts(&orders)[..] else { unreachable!("{orders:?}") };
    assert!(first.key.ends_with("-1-1") && second.key.ends_with("-1-4"), "no key is given twice");
    healer.hear(&setting, at(630), &second.key, &outcome(true));
    assert!(healer.step(&setting, at(631), &told(110, 33)).is_empty());
    // Counting begins anew when the program starts.
    let fresh = Answers { calls: 40, failed: 3, slow: 7 };
    let orders = healer.step(&setting, at(700), &world(Facts { answers: fresh, ..well() }));
    assert_eq!(endings(&orders), [Ending::Done]);

    let mut healer = Healer::default();
    for start in [0, 700] {
        let orders = healer.step(&setting, at(start), &told(0, 0));
        let [attempt] = &attempts(&orders)[..] else { unreachable!("{orders:?}") };
        healer.hear(&setting, at(start + 1), &attempt.key, &outcome(true));
        assert!(healer.step(&setting, at(start + 1), &told(0, 0)).is_empty());
    }
    assert_eq!(endings(&healer.step(&setting, at(1_400), &told(0, 0))), [Ending::HandedOver], "no call ever came");
}

#[test]
fn tries_are_used_up_then_it_is_taken_back_then_a_person_takes_over() {
    let back = |failing: bool| {
        let setting = setting(playbook(vec![step(command())], vec![step(command())]));
        let (mut healer, mut now, mut keys) = (Healer::default(), at(0), Vec::new());
        loop {
            let orders = healer.step(&setting, now, &world(dead(Consent::Act)));
            if let [ending] = endings(&orders)[..] {
                return (keys, ending, healer.past().last().expect("over").why.clone());
            }
            for attempt in attempts(&orders) {
                let is_back = attempt.step == 2;
                let more = healer.hear(&setting, now, &attempt.key, &outcome(is_back && !failing)).expect("awaited");
                keys.push(attempt.key.split_once('-').expect("a key").1.to_owned());
                if let [ending] = endings(&more)[..] {
                    return (keys, ending, healer.past().last().expect("over").why.clone());
                }
            }
            now = healer.next_wakeup(now).expect("it goes on").max(now);
        }
    };
    let (keys, ending, why) = back(false);
    assert_eq!((keys, ending), (["1-1", "1-2", "1-3", "2-1"].map(str::to_owned).to_vec(), Ending::RolledBack));
    assert_eq!(why, "step 1 (command) failed 3 times: HTTP status 500");
    let (keys, ending, _) = back(true);
    assert_eq!((keys.len(), ending), (6, Ending::HandedOver));
}

#[test]
fn after_a_crash_commands_are_not_made_twice_and_everything_else_is_with_the_same_key() {
    let confirm = Some(Condition { probe_ok: true, ..Condition::default() });
    let webhook = Action::Webhook { to: "ops".to_owned() };
    for (action, repeatable, confirm, is_again) in [
        (webhook, false, None, true),
        (command(), true, None, true),
        (command(), false, None, false),
        (command(), false, confirm, false),
    ] {
        let setting = setting(playbook(vec![Step { repeatable, confirm, ..step(action) }], Vec::new()));
        let mut healer = Healer::default();
        let [first] = &attempts(&healer.step(&setting, at(0), &world(dead(Consent::Act))))[..] else {
            unreachable!("no try")
        };
        let kept = serde_json::to_string(&healer).expect("JSON");
        let mut again: Healer = serde_json::from_str(&kept).expect("a healer");
        assert_eq!(again, healer);
        let resumed = again.resume(at(100));
        if is_again {
            assert_eq!(attempts(&resumed), std::slice::from_ref(first));
            continue;
        }
        assert!(matches!(&resumed[..], [Order { what: What::Interrupted(lost), .. }] if lost == first));
        assert_eq!(again.hear(&setting, at(100), &first.key, &outcome(true)), None);
        let orders = again.step(&setting, at(101), &world(dead(Consent::Act)));
        if confirm.is_none() {
            assert_eq!(endings(&orders), [Ending::HandedOver]);
            continue;
        }
        assert!(orders.is_empty(), "it is waited whether it shows");
        let mut other = again.clone();
        assert_eq!(endings(&other.step(&setting, at(161), &world(dead(Consent::Act)))), [Ending::HandedOver]);
        let orders = again.step(&setting, at(150), &world(well()));
        assert!(matches!(&orders[..], [Order { what: What::Settled { is_ok: true, .. }, .. }]), "{orders:?}");
    }
}

#[test]
fn people_are_asked_where_they_must_be_and_advice_is_given_once() {
    let mut risky = playbook(vec![step(command())], Vec::new());
    let yes = |by: &str| Approval { by: by.to_owned(), at: at(10), reason: "looks right".to_owned() };
    let plain = setting(risky.clone());
    let mut healer = Healer::default();
    let orders = healer.step(&plain, at(0), &world(dead(Consent::Ask { needed: 1 })));
    assert!(matches!(orders[0].what, What::Ask { needed: 1 }) && attempts(&orders).is_empty());
    assert_eq!(healer.approve(&orders[0].run, yes("ada")), Ok(true));
    assert_eq!(attempts(&healer.step(&plain, at(11), &world(dead(Consent::Ask { needed: 1 })))).len(), 1);
    // The right to act is taken away meanwhile.
    let orders = healer.step(&plain, at(12), &world(dead(Consent::Tell)));
    assert_eq!(endings(&orders), [Ending::HandedOver]);

    risky.high_risk = true;
    let setting = setting(risky);
    let mut healer = Healer::default();
    let orders = healer.step(&setting, at(0), &world(dead(Consent::Act)));
    let run = &orders[0].run;
    assert!(matches!(orders[0].what, What::Ask { needed: 2 }));
    assert_eq!(healer.approve(run, yes("ada")), Ok(false));
    assert_eq!(healer.approve(run, yes("ada")), Err(ApprovalError::SamePerson("ada".to_owned())));
    let mut other = healer.clone();
    assert_eq!(healer.approve(run, yes("ben")), Ok(true));
    assert_eq!(attempts(&healer.step(&setting, at(11), &world(dead(Consent::Act)))).len(), 1);
    assert_eq!(endings(&other.step(&setting, at(900), &world(dead(Consent::Act)))), [Ending::Declined], "too late");

    let mut healer = Healer::default();
    let orders = healer.step(&setting, at(0), &world(dead(Consent::Tell)));
    assert!(matches!(&orders[..], [Order { what: What::Advise, .. }]));
    assert!(healer.step(&setting, at(60), &world(dead(Consent::Tell))).is_empty());
    assert!(healer.step(&setting, at(60), &world(dead(Consent::Nothing))).is_empty());
}

fn any_condition() -> impl Strategy<Value = Condition> {
    (any::<bool>(), any::<bool>(), prop::option::of(0..4_u8), 0..100_u8).prop_map(
        |(incident_over, probe_ok, quarters, seconds)| Condition {
            incident_over,
            probe_ok,
            errors_below: quarters.map(|quarters| f64::from(quarters) / 4.0),
            slow_below: None,
            after_s: f64::from(seconds),
        },
    )
}

fn any_step() -> impl Strategy<Value = Step> {
    let action = prop_oneof![
        Just(Action::Drain),
        Just(Action::Restore),
        Just(Action::Webhook { to: "ops".to_owned() }),
        Just(command()),
        any_condition().prop_map(Action::Wait),
        Just(Action::Probe),
    ];
    (action, 1..300_u16, 1..4_u32, any::<bool>(), prop::option::of(any_condition())).prop_map(
        |(action, seconds, tries, repeatable, confirm)| Step {
            action,
            timeout_s: f64::from(seconds),
            tries,
            back_off_s: 5.0,
            repeatable,
            confirm,
        },
    )
}

fn any_playbook() -> impl Strategy<Value = Playbook> {
    (prop::collection::vec(any_step(), 1..5), prop::collection::vec(any_step(), 0..3), any_condition()).prop_map(
        |(steps, roll_back, condition)| Playbook {
            verify: Some(Verify { condition, calls: None, hold_s: 30.0, within_s: 300.0, rounds: 1 }),
            cool_down_s: 600.0,
            ..playbook(steps, roll_back)
        },
    )
}

/// One event of a world that may do anything: seconds that pass, how each channel is, whether outcomes come and are good,
/// and whether the program is killed.
fn any_event() -> impl Strategy<Value = (i64, [u8; 3], bool, bool, bool)> {
    (1..200_i64, [0..4_u8, 0..4_u8, 0..4_u8], any::<bool>(), any::<bool>(), prop::bool::weighted(0.1))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]
    #[test]
    fn whatever_happens(
        playbooks in prop::collection::vec(any_playbook(), 1..3),
        events in prop::collection::vec(any_event(), 1..120),
        per_hour in 0..12_usize,
    ) {
        let mut playbooks = playbooks;
        for (at, playbook) in playbooks.iter_mut().enumerate() {
            playbook.name = format!("book{at}");
        }
        let setting = Setting { playbooks, actions_per_hour: per_hour, ..setting(playbook(Vec::new(), Vec::new())) };
        let (mut healer, mut twin) = (Healer::default(), Healer::default());
        let mut now = at(0);
        let (mut begun, mut over): (BTreeMap<String, ChannelId>, BTreeMap<String, Ending>) = Default::default();
        let (mut keys, mut under_way, mut counted) = (BTreeSet::new(), Vec::<Attempt>::new(), Vec::new());
        // In the end everything is well for a long time, and every outcome comes.
        let calm = std::iter::repeat_n((120, [0, 0, 0], true, true, false), 400);
        for (seconds, states, hears, is_ok, is_killed) in events.into_iter().chain(calm) {
            now = now.plus_seconds(seconds);
            let of = |state: u8| match state { 0 => well(), 1 | 2 => dead(Consent::Act), _ => Facts { is_well: None, ..dead(Consent::Act) } };
            let facts: BTreeMap<_, _> = ["a", "b", "c"].into_iter().zip(states).map(|(it, state)| (name(it), of(state))).collect();
            let mut orders = Vec::new();
            if is_killed {
                let kept = serde_json::to_string(&healer).expect("JSON");
                healer = serde_json::from_str(&kept).expect("a healer");
                let resumed = healer.resume(now);
                prop_assert_eq!(&resumed, &twin.resume(now));
                for attempt in attempts(&resumed) {
                    prop_assert!(keys.contains(&attempt.key), "what is resumed was begun before");
                    prop_assert!(under_way.iter().any(|it| it.key == attempt.key));
                }
                for order in &resumed {
                    if let What::Interrupted(lost) = &order.what {
                        under_way.retain(|it| it.key != lost.key);
                    }
                }
            }
            if hears {
                for attempt in std::mem::take(&mut under_way) {
                    let heard = healer.hear(&setting, now, &attempt.key, &outcome(is_ok));
                    prop_assert_eq!(&heard, &twin.hear(&setting, now, &attempt.key, &outcome(is_ok)));
                    orders.extend(heard.into_iter().flatten());
                }
            }
            let stepped = healer.step(&setting, now, &facts);
            prop_assert_eq!(&stepped, &twin.step(&setting, now, &facts), "equal inputs give equal orders");
            orders.extend(stepped);
            for order in &orders {
                match &order.what {
                    What::Begin => {
                        let alone = begun.iter().all(|(run, channel)| *channel != order.channel || over.contains_key(run));
                        prop_assert!(alone, "never two runs on a channel");
                        prop_assert!(begun.insert(order.run.clone(), order.channel.clone()).is_none());
                    }
                    What::Attempt(attempt) => {
                        prop_assert!(begun.contains_key(&order.run) && !over.contains_key(&order.run));
                        prop_assert!(keys.insert(attempt.key.clone()), "each key once");
                        under_way.push(attempt.clone());
                        if attempt.action.is_counted() {
                            counted.push(now);
                        }
                    }
                    What::Ended { ending, .. } => {
                        prop_assert!(over.insert(order.run.clone(), *ending).is_none(), "it ends once");
                    }
                    What::Advise | What::Ask { .. } => prop_assert!(false, "nobody is asked here"),
                    What::Interrupted(_) | What::Settled { .. } | What::Again { .. } => {}
                }
            }
            let lately = counted.iter().filter(|at| at.plus_seconds(HOUR_S) > now).count();
            prop_assert!(lately <= per_hour, "never beyond the budget");
            prop_assert_eq!(lately, healer.spent(now));
        }
        for run in begun.keys() {
            prop_assert!(over.contains_key(run), "{run} never ended");
        }
        prop_assert!(healer.drained().is_empty());
    }
}
