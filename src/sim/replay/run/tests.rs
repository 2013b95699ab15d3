use super::*;
use crate::sim::replay::baseline::fixed::Fixed;
use crate::sim::replay::baseline::round_robin::RoundRobin;
use crate::sim::replay::router::Log;
use crate::sim::replay::score::score;
use crate::sim::replay::toy;
use crate::sim::replay::truth::Truth;
use crate::sim::world::fault::{FaultKind, Spell};
use crate::sim::world::quota::Quota;

#[test]
fn equal_seeds_give_equal_runs_and_every_call_ends_once() {
    let scene = toy::mocks(10.0, 5);
    let go = || run(&scene, &mut RoundRobin::new(&scene));
    let (first, second) = (go(), go());
    assert_eq!(first, second);
    let score = score(&scene, &Truth::of(&scene), &first, &Log::default());
    assert!((2_800..3_200).contains(&score.calls), "{}", score.calls);
    assert_eq!((score.harmed, score.attempts), (0, score.calls));
    assert!((score.mean_ms - 60.0).abs() < 1.0, "{}", score.mean_ms);
    let thirds = (0..3).map(|channel| first.share(channel, 0..300).expect("calls"));
    assert!(thirds.into_iter().all(|share| (share - 1.0 / 3.0).abs() < 0.01));
}

#[test]
fn a_dead_channel_costs_retries_and_never_answers() {
    let mut scene = toy::mocks(10.0, 5);
    let begin = scene.begin();
    let dead =
        |from, to| Spell { from: begin.plus_seconds(from), to: begin.plus_seconds(to), kind: FaultKind::Failing(1.0) };
    scene.channels[0].spells.push(dead(60, 120));
    let one = run(&scene, &mut Fixed::even(&scene));
    let worth = score(&scene, &Truth::of(&scene), &one, &Log::default());
    assert_eq!(worth.failed, 0, "what failed is tried elsewhere");
    assert!(worth.attempts > worth.calls + 150, "a third of 600 calls was tried twice: {}", worth.attempts);
    assert_eq!(worth.faults.len(), 1);
    assert_eq!(worth.faults[0].left_after_s, None);
    scene.client.retries = 0;
    let two = run(&scene, &mut Fixed::even(&scene));
    assert_eq!(two.failed.iter().sum::<u32>(), two.failing[0].iter().sum::<u32>());
    assert_eq!(two.attempts_at_faults, u64::from(two.failed.iter().sum::<u32>()));
    assert_eq!(one.calls, two.calls, "the demand is the same");
}

#[test]
fn callers_give_up_and_quotas_refuse() {
    let mut scene = toy::mocks(10.0, 3);
    let begin = scene.begin();
    scene.client.time_out_ms = 2_000.0;
    scene.client.retries = 0;
    let spell = Spell { from: begin, to: begin.plus_seconds(600), kind: FaultKind::TimeOuts(1.0) };
    scene.channels[1].spells.push(spell);
    scene.channels[2].quota = Quota { requests: Some(100), tokens: None };
    let trail = run(&scene, &mut RoundRobin::new(&scene));
    assert_eq!(trail.failing[1], trail.attempts[1]);
    let granted = |minute: usize| -> u32 {
        let seconds = minute * 60..minute * 60 + 60;
        seconds.map(|second| trail.attempts[2][second] - trail.failing[2][second]).sum()
    };
    assert!((0..3).all(|minute| granted(minute) <= 100) && granted(1) == 100);
    let score = score(&scene, &Truth::of(&scene), &trail, &Log::default());
    assert_eq!(score.slow, 0, "who gives up has failed");
}

#[test]
fn the_past_has_every_minute_of_every_channel() {
    let scene = toy::mocks(5.0, 1);
    let past = past(&scene, &mut Fixed::even(&scene));
    assert!(past.iter().all(|minutes| minutes.len() == 30));
    let calls: u64 = past.iter().flatten().map(|sample| sample.counts.requests).sum();
    assert!((8_500..9_500).contains(&calls), "{calls}");
    let first = &past[0][3];
    assert!(first.latency.quantile(0.5).is_some_and(|ms| (45.0..55.0).contains(&ms)));
    assert_eq!(first.minute, scene.past().from.plus(3));
}
