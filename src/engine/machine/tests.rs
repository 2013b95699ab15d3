//! Minutes of three channels of one provider, and what the machine makes of them.

use super::*;
use crate::anomaly::verdict::State;
use crate::domain::units::MicroUsd;
use crate::incident::kind::Kind;
use crate::incident::place::{Place, Topology};
use crate::incident::severity::Severity;
use crate::risk::objective::Objective;
use crate::risk::reliability::Reliability;
use crate::stats::ddsketch::DdSketch;

const FIRST: Minute = Minute(29_000_000);
const NAMES: [&str; 3] = ["alpha", "beta", "gamma"];

fn name(of: &str) -> ChannelId {
    ChannelId::new(of).expect("valid name")
}

fn book() -> Rulebook {
    let place = |region: &str| Place {
        model: Some("large".into()),
        provider: Some("acme".into()),
        deployment: None,
        region: Some(region.into()),
    };
    let places = NAMES.iter().map(|of| (name(of), place(of))).collect();
    let objective = Objective::new(Some((0.95, 3_000.0)), Some(0.05), Some(0.99)).expect("promises");
    let class = Class { name: "chat".to_owned(), objective, channels: NAMES.map(name).into() };
    let controls = ControlTable::new(&Target::ALL, 0.05, &[]).expect("valid");
    Rulebook { forest: false, ..Rulebook::new(controls, Topology::new(places), vec![class]).expect("valid") }
}

/// What a channel's minute is like: forty calls, a part of which fails and all of which take a multiple of the usual.
fn sample(of: &str, minute: Minute, failing: u64, slower: f64) -> Sample {
    let salt: u64 = of.bytes().map(u64::from).sum();
    let mixed = |at: u64| (u64::from(minute.0) * 131 + salt * 17 + at).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
    let requests = 40 + mixed(0) % 8;
    let mut latency = DdSketch::new();
    for call in 0..requests - failing {
        latency.insert((600.0 + f64::from(u16::try_from(mixed(call) % 400).expect("small"))) * slower);
    }
    let mut sample = Sample::new(name(of), minute);
    (sample.counts.requests, sample.counts.errors, sample.coverage_s) = (requests, failing, 60);
    (sample.tokens_completion, sample.cost) =
        (Some(200 * requests), Some(MicroUsd(i64::try_from(requests * 90).expect("small"))));
    sample.latency = crate::domain::sample::Distribution::Sketch(latency);
    sample
}

/// Tells `machine` of the `n`th minute; `how` says of each channel what fails and how much slower it is, or that nobody
/// watched.
fn step(machine: &mut Machine, book: &Rulebook, n: u32, how: impl Fn(&str) -> Option<(u64, f64)>) -> Conclusions {
    let minute = FIRST.plus(n);
    let heard = |of: &&str| {
        let sample = how(of).map(|(failing, slower)| sample(of, minute, failing, slower));
        let chances = BTreeMap::from([("chat".to_owned(), Chances([0.01, 0.02, 0.05]))]);
        (name(of), Heard { sample, chances, ..Heard::default() })
    };
    machine.observe(book, minute.end().plus_seconds(10), minute, &NAMES.iter().map(heard).collect())
}

fn learnt(book: &Rulebook) -> Machine {
    let mut machine = Machine::default();
    for n in 0..500 {
        step(&mut machine, book, n, |_| Some((0, 1.0)));
    }
    assert_eq!(machine.incidents().count(), 0);
    machine
}

#[test]
fn a_failing_channel_becomes_one_incident_that_ends_when_it_is_well() {
    let book = book();
    let mut machine = learnt(&book);
    let mut changes = Vec::new();
    for n in 500..530 {
        let failing = if (500..510).contains(&n) { 30 } else { 0 };
        changes.extend(step(&mut machine, &book, n, |of| Some((if of == "beta" { failing } else { 0 }, 1.0))).changes);
    }
    let opened: Vec<&Change> = changes.iter().filter(|change| change.what.begins()).collect();
    assert_eq!(opened.len(), 1, "{:?}", changes.iter().map(|change| change.what).collect::<Vec<_>>());
    assert_eq!((opened[0].incident.channel.as_str(), opened[0].incident.kind), ("beta", Kind::Errors));
    assert_eq!(opened[0].incident.severity, Severity::P1, "three of four calls fail on a third of the traffic");
    assert!(opened[0].at <= FIRST.plus(502).end().plus_seconds(10), "within two minutes");
    assert_eq!(machine.incidents().count(), 0, "it is over");
    let kept = machine.promises().class("chat").expect("a class");
    let (_, budget) = kept.budgets.iter().find(|(promise, _)| promise.name() == "error_ratio").expect("promised");
    assert!(budget.burn_rate(FIRST.plus(529), 30).is_some_and(|rate| rate > 1.0));
}

#[test]
fn a_provider_that_breaks_is_one_group() {
    let book = book();
    let mut machine = learnt(&book);
    let mut groups = Vec::new();
    for n in 500..506 {
        groups.extend(step(&mut machine, &book, n, |_| Some((25, 4.0))).groups);
    }
    assert_eq!(machine.incidents().count(), 3);
    let open: Vec<&Group> = machine.groups().collect();
    assert_eq!(open.len(), 1);
    assert_eq!((open[0].scope.level(), open[0].members.len()), ("provider", 3));
    assert!(!groups.is_empty());
}

#[test]
fn traffic_that_decisions_move_is_no_incident() {
    let book = book();
    let kinds = |is_moved: bool| {
        let (mut machine, mut kinds) = (learnt(&book), Vec::new());
        for minute in (500..510).map(|n| FIRST.plus(n)) {
            let heard = |of: &&str| {
                let mut sample = sample(of, minute, 0, 1.0);
                if *of == "beta" {
                    (sample.counts.requests, sample.tokens_completion) = (160, Some(32_000));
                    sample.cost = Some(MicroUsd(14_400));
                }
                (name(of), Heard { sample: Some(sample), is_moved, ..Heard::default() })
            };
            let heard = NAMES.iter().map(heard).collect();
            let changes = machine.observe(&book, minute.end().plus_seconds(10), minute, &heard).changes;
            kinds.extend(changes.into_iter().filter(|change| change.what.begins()).map(|change| change.incident.kind));
        }
        kinds
    };
    assert!(!kinds(false).is_empty(), "four times the calls are odd");
    assert_eq!(kinds(true), []);
}

#[test]
fn a_channel_nobody_watches_is_silent_but_a_minute_nobody_watched_is_nothing() {
    let book = book();
    let mut machine = learnt(&book);
    for n in 500..520 {
        assert_eq!(step(&mut machine, &book, n, |_| None), Conclusions::default());
    }
    let mut kinds = Vec::new();
    for n in 520..530 {
        let conclusions = step(&mut machine, &book, n, |of| (of != "gamma").then_some((0, 1.0)));
        let silent = conclusions.verdicts.iter().find(|(of, _)| of.as_str() == "gamma").expect("still followed");
        assert!(silent.1.iter().all(|(_, verdict)| verdict.state == State::Absent));
        kinds.extend(conclusions.changes.into_iter().map(|change| change.incident.kind));
    }
    assert_eq!(kinds, [Kind::Absence]);
}

#[test]
fn equal_minutes_give_equal_conclusions_and_a_saved_machine_goes_on_bit_for_bit() {
    let book = book();
    let mut machine = learnt(&book);
    let saved = postcard::to_stdvec(&machine).expect("plain data");
    let mut restored: Machine = postcard::from_bytes(&saved).expect("as saved");
    for n in 500..520 {
        let how = |of: &str| Some((if of == "alpha" { 20 } else { 0 }, 1.0));
        // As text, because what is not known is NaN, which equals nothing.
        let (one, other) = (step(&mut machine, &book, n, how), step(&mut restored, &book, n, how));
        assert!(format!("{one:?}") == format!("{other:?}"), "the conclusions of minute {n} differ");
    }
    assert!(format!("{machine:?}") == format!("{restored:?}"), "the states differ");
    let again = step(&mut machine, &book, 519, |_| Some((0, 1.0)));
    assert_eq!(again, Conclusions::default(), "a minute that came before");
}

#[test]
fn risks_are_told_for_every_horizon_and_settled() {
    let book = book();
    let mut machine = Machine::default();
    let mut outcomes = 0;
    for n in 0..70 {
        let conclusions = step(&mut machine, &book, n, |_| Some((0, 1.0)));
        assert_eq!(conclusions.risks.len(), 9, "three channels, three horizons");
        outcomes += conclusions.outcomes.len();
    }
    assert!(outcomes > 300, "{outcomes}");
    let kept = machine.promises().class("chat").expect("a class");
    assert!(kept.calibration.reliability(0).and_then(Reliability::brier).is_some_and(|brier| brier.score < 0.05));
}

#[test]
fn later_overrides_win_and_narrow_ones_concern_only_their_own() {
    let latency = Target::parse("latency_p95_ms").expect("a column");
    let all = Override { alarms_per_day: Some(1.0), ..Override::default() };
    let one =
        Override { channel: Some(name("beta")), column: Some(latency), watch: Some(false), ..Override::default() };
    let table = ControlTable::new(&[latency, Target::ErrorRatio], 0.05, &[all, one]).expect("valid");
    let of = |channel: &str, target: Target| {
        let slot = Target::ALL.iter().position(|known| *known == target).expect("a column");
        table.of(&name(channel))[slot].as_ref().map(|controls| controls.alarms_per_day)
    };
    assert_eq!(of("alpha", latency), Some(1.0));
    assert_eq!(of("beta", latency), None);
    assert_eq!(of("beta", Target::ErrorRatio), Some(1.0));
    assert_eq!(of("alpha", Target::parse("requests").expect("a column")), None, "not watched");
    let wrong = Override { alarms_per_day: Some(-1.0), ..Override::default() };
    assert!(ControlTable::new(&Target::ALL, 0.05, &[wrong]).is_err());
}
