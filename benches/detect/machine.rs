//! The whole minute lane: detectors of every column, forests, peers, incidents, groups and risks of every channel.

use std::collections::BTreeMap;
use std::hint::black_box;

use foreroute::domain::ids::ChannelId;
use foreroute::domain::sample::{Distribution, Sample, Summary};
use foreroute::domain::target::Target;
use foreroute::domain::time::Minute;
use foreroute::domain::units::MicroUsd;
use foreroute::engine::machine::{Class, ControlTable, Expected, Heard, Machine, Rulebook};
use foreroute::incident::place::{Place, Topology};
use foreroute::risk::chance::Chances;
use foreroute::risk::objective::Objective;

use super::cpu::cpu_ms;
use super::series;

/// Minutes that are seen before: all trees stand and all tails speak.
const SEEN: usize = 420;
/// Channels of one model.
const MEMBERS: usize = 5;

/// Mean and slowest of `minutes` minutes of `channels` channels, in CPU-ms.
pub fn measure(channels: usize, seen: Option<usize>, minutes: usize) -> (f64, f64) {
    let (seen, names) = (seen.unwrap_or(SEEN), names(channels));
    let book = book(&names);
    let values: Vec<Vec<f64>> = (0..16).map(|seed| series::minutes(2 * (SEEN + minutes), seed)).collect();
    let mut machine = Machine::default();
    let (mut total, mut worst) = (0.0, 0.0);
    for minute in 0..seen + minutes {
        let at = Minute(29_000_000).plus(u32::try_from(minute).unwrap_or(0));
        let value = |channel: usize| values[channel % values.len()][channel * 37 % SEEN + minute];
        let heard: BTreeMap<ChannelId, Heard> =
            names.iter().enumerate().map(|(channel, name)| (name.clone(), heard(name, at, value(channel)))).collect();
        let begin = cpu_ms();
        black_box(machine.observe(&book, at.end().plus_seconds(10), at, &heard));
        if minute >= seen {
            let took = cpu_ms() - begin;
            (total, worst) = (total + took, f64::max(worst, took));
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "some minutes")]
    let mean = total / minutes as f64;
    (mean, worst)
}

fn names(channels: usize) -> Vec<ChannelId> {
    (0..channels).map(|at| ChannelId::new(&format!("channel-{at:04}")).expect("valid name")).collect()
}

/// Every column is judged, every channel has a forest, siblings and a promise to keep.
fn book(names: &[ChannelId]) -> Rulebook {
    let place = |(at, name): (usize, &ChannelId)| {
        let (model, provider) = (format!("model-{}", at / MEMBERS), format!("provider-{}", at % 7));
        (name.clone(), Place { model: Some(model.into()), provider: Some(provider.into()), ..Place::default() })
    };
    let objective = Objective::new(Some((0.95, 60_000.0)), Some(0.05), Some(0.999)).expect("promises");
    let class = Class { name: "chat".to_owned(), objective, channels: names.iter().cloned().collect() };
    let topology = Topology::new(names.iter().enumerate().map(place).collect());
    Rulebook::new(ControlTable::new(&Target::ALL, 0.05, &[]).expect("valid"), topology, vec![class]).expect("valid")
}

/// A minute with all twelve columns and a forecast of each.
fn heard(name: &ChannelId, minute: Minute, ms: f64) -> Heard {
    let stated = |scale: f64| {
        let part = |factor: f64| Some(ms * scale * factor);
        let summary =
            Summary { mean: part(1.1), p50: part(1.0), p90: part(1.6), p95: part(1.9), p99: part(2.4), max: part(3.0) };
        Distribution::Stated(Box::new(summary))
    };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a made-up number of calls")]
    let requests = 60 + (ms as u64) % 17;
    let mut sample = Sample::new(name.clone(), minute);
    (sample.counts.requests, sample.counts.errors, sample.coverage_s) = (requests, requests % 3 / 2, 60);
    (sample.latency, sample.ttft) = (stated(1.0), stated(0.2));
    (sample.tokens_prompt, sample.tokens_completion) = (Some(900 * requests), Some(200 * requests));
    sample.cost = Some(MicroUsd(i64::try_from(requests * 310).unwrap_or(0)));
    let mut expected = Expected::default();
    for (slot, target) in expected.iter_mut().zip(Target::ALL) {
        let middle = target.observe(&sample).0;
        *slot = Some([-0.5, -0.3, -0.1, 0.0, 0.1, 0.3, 0.5].map(|off| middle * (1.0 + off)));
    }
    let chances = BTreeMap::from([("chat".to_owned(), Chances([0.01, 0.02, 0.05]))]);
    Heard { sample: Some(sample), expected: Some(expected), chances, ..Heard::default() }
}
