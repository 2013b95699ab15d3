//! Faults of the simulated world through the whole minute lane: which become incidents, how soon, and what else does.

use std::collections::{BTreeMap, BTreeSet};

use foreroute::domain::column::Column;
use foreroute::domain::ids::ChannelId;
use foreroute::domain::price::PriceList;
use foreroute::domain::target::Target;
use foreroute::domain::time::Minute;
use foreroute::engine::machine::{Class, ControlTable, Heard, Machine, Rulebook};
use foreroute::incident::change::Change;
use foreroute::incident::place::{Place, Topology};
use foreroute::risk::objective::Objective;
use foreroute::sim::demand::Arrivals;
use foreroute::sim::past;
use foreroute::sim::world::World;
use foreroute::sim::world::day::Day;
use foreroute::sim::world::fault::{Fault, FaultKind};
use foreroute::stats::seed::Seed;

const START: Minute = Minute(29_000_160);
const NAMES: [&str; 4] = ["harbor-large", "harbor-mini", "kestrel-70b", "basalt-spot"];
/// Calls a second on all channels.
const RATE: f64 = 4.0;
/// Minutes that a fault lasts, and after which its incident may still open.
const LASTS: u32 = 20;

/// What opened while `minutes` minutes of a world with `faults` were judged.
fn opened(seed: Seed, faults: &[Fault], minutes: u32, forest: bool) -> Vec<Change> {
    let world = World::demo(seed).with_faults(faults.to_vec());
    let day = Day::new(START.start(), 1.0);
    let (mut places, mut rows) = (BTreeMap::new(), BTreeMap::<Minute, BTreeMap<ChannelId, Heard>>::new());
    for profile in world.profiles() {
        let name = ChannelId::new(profile.name).expect("valid name");
        let arrivals = Arrivals::new(seed.child("calls"), profile, day, START.start(), RATE).expect("a rate");
        let span = (arrivals, START, START.plus(minutes));
        for sample in past::minutes(&world, profile, &name, span, &PriceList::default(), |at| day.hour(at)) {
            let heard = Heard { sample: Some(sample.clone()), ..Heard::default() };
            rows.entry(sample.minute).or_default().insert(name.clone(), heard);
        }
        let (model, provider) = (Some(profile.model.into()), Some(profile.provider.into()));
        places.insert(name, Place { model, provider, ..Place::default() });
    }
    let channels: BTreeSet<ChannelId> = places.keys().cloned().collect();
    let objective = Objective::new(Some((0.95, 9_000.0)), Some(0.05), None).expect("promises");
    let class = Class { name: "chat".to_owned(), objective, channels };
    let judged = [Column::LatencyP50, Column::LatencyP95, Column::TtftP95, Column::Requests, Column::TokensCompletion];
    let judged: Vec<Target> =
        judged.map(Target::Column).into_iter().chain([Target::ErrorRatio, Target::ThrottledRatio]).collect();
    let controls = ControlTable::new(&judged, 0.05, &[]).expect("valid");
    let book = Rulebook { forest, ..Rulebook::new(controls, Topology::new(places), vec![class]).expect("valid") };
    let mut machine = Machine::default();
    let judge = |(minute, heard): (&Minute, &BTreeMap<ChannelId, Heard>)| {
        machine.observe(&book, minute.end().plus_seconds(10), *minute, heard).changes
    };
    rows.iter().flat_map(judge).filter(|change| change.what.begins()).collect()
}

/// Minutes from the begin of `fault` to the first incident that it caused.
fn minutes_to_detect(fault: &Fault, opened: &[Change]) -> Option<i64> {
    let is_its = |change: &&Change| {
        change.incident.channel.as_str() == fault.channel
            && fault.from <= change.at
            && change.at <= fault.to.plus_seconds(600)
    };
    opened.iter().find(is_its).map(|change| (change.at.seconds() - fault.from.seconds()) / 60)
}

fn fault(channel: &'static str, from: Minute, kind: FaultKind) -> Fault {
    Fault { channel, from: from.start(), to: from.plus(LASTS).start(), kind }
}

#[test]
fn a_fault_that_comes_again_and_again_is_found_every_time_and_nothing_else_is() {
    let kinds = [FaultKind::Failing(0.5), FaultKind::Failing(1.0), FaultKind::Failing(0.5), FaultKind::Step(3.0)];
    let faults: Vec<Fault> = (0..)
        .map(|n| START.plus(2 * 1_440 + 480 + 70 * n))
        .zip(kinds)
        .map(|(from, kind)| fault(NAMES[1], from, kind))
        .collect();
    let found = opened(Seed::new(3), &faults, 2 * 1_440 + 480 + 70 * 4, false);
    for fault in &faults {
        let late = minutes_to_detect(fault, &found);
        assert!(late.is_some_and(|minutes| minutes <= 5), "{:?} was found after {late:?} minutes", fault.kind);
    }
    let since = faults[0].from;
    let others = found.iter().filter(|change| change.at >= since && change.incident.channel.as_str() != NAMES[1]);
    assert_eq!(others.count(), 0, "the other channels were well");
}

/// `cargo test --release --test it faults -- --ignored --nocapture` prints how soon which fault is found: two days to learn,
/// then a fault of twenty minutes every 97, on the four channels in turn.
#[test]
#[ignore = "a table for people, of a week of minutes"]
#[expect(clippy::print_stdout, reason = "it prints its table")]
fn how_soon_which_fault_is_found() {
    const DAYS: u32 = 9;
    let kinds = [
        FaultKind::Step(1.3),
        FaultKind::Step(1.5),
        FaultKind::Step(2.0),
        FaultKind::Ramp(2.0),
        FaultKind::Ramp(3.0),
        FaultKind::Failing(0.05),
        FaultKind::Failing(0.1),
        FaultKind::Failing(0.3),
        FaultKind::Failing(1.0),
        FaultKind::Throttling(0.1),
        FaultKind::Throttling(0.3),
    ];
    let begins = (0..).map(|n| 2 * 1_440 + 120 + 97 * n).take_while(|begin| begin + 60 < DAYS * 1_440);
    let faults: Vec<Fault> = (0..)
        .zip(begins)
        .map(|(n, begin)| {
            fault(NAMES[(n % kinds.len() + n / kinds.len()) % 4], START.plus(begin), kinds[n % kinds.len()])
        })
        .collect();
    let found_all = opened(Seed::new(1), &faults, DAYS * 1_440, true);
    println!("{:42} {:>6} {:>6} {:>15}", "fault of twenty minutes", "faults", "found", "minutes, median");
    for kind in kinds {
        let of_kind = faults.iter().filter(|fault| fault.kind == kind);
        let mut late: Vec<Option<i64>> = of_kind.map(|fault| minutes_to_detect(fault, &found_all)).collect();
        late.sort_by_key(|late| late.unwrap_or(i64::MAX));
        let found = late.iter().flatten().count();
        let median = late.get(found.saturating_sub(1) / 2).copied().flatten();
        let median = median.map_or_else(|| "-".to_owned(), |minutes| minutes.to_string());
        println!("{:42} {:>6} {found:>6} {median:>15}", kind.about(), late.len());
    }
    let caused =
        |change: &&Change| faults.iter().any(|fault| minutes_to_detect(fault, std::slice::from_ref(change)).is_some());
    let false_ones = found_all.iter().filter(|change| !caused(change)).count();
    let calm = opened(Seed::new(2), &[], DAYS * 1_440, true);
    let counted = calm.iter().filter(|change| change.at >= START.plus(2 * 1_440).start()).count();
    println!(
        "incidents without a fault: {false_ones} beside them, {counted} in a world where nothing goes wrong, in {} days of four channels",
        DAYS - 2
    );
    assert!(!found_all.is_empty());
}
