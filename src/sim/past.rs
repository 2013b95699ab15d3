//! What the world did before anybody watched: minutes for a history, made without waiting for them.
//!
//! The same arrivals and the same answers as in the live world, but the calls are not made: each takes the time that
//! the world says, and the load that a call meets is the number of earlier ones that have not ended.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use crate::domain::call::{Call, Outcome};
use crate::domain::ids::ChannelId;
use crate::domain::price::{PriceList, Usage};
use crate::domain::sample::Sample;
use crate::domain::time::{Minute, Timestamp};
use crate::domain::units::Millis;
use crate::sim::demand::Arrival;
use crate::sim::world::profile::Profile;
use crate::sim::world::{Ask, Reply, World};

/// The minutes of `profile` up to `end`, of the calls that `arrivals` lists; watched to the last second, priced by
/// `prices`. Minutes without a call are there with zeros.
#[must_use]
pub fn minutes(
    world: &World,
    profile: &Profile,
    channel: &ChannelId,
    (arrivals, from, end): (impl Iterator<Item = Arrival>, Minute, Minute),
    prices: &PriceList,
    hour: impl Fn(Timestamp) -> f64,
) -> Vec<Sample> {
    let watched = |minute| Sample { coverage_s: 60, ..Sample::new(channel.clone(), minute) };
    let mut minutes: BTreeMap<Minute, Sample> =
        (from.0..end.0).map(|minute| (Minute(minute), watched(Minute(minute)))).collect();
    let mut ends: BinaryHeap<Reverse<Timestamp>> = BinaryHeap::new();
    for arrival in arrivals.take_while(|arrival| arrival.at < end.start()) {
        while ends.peek().is_some_and(|Reverse(end)| *end <= arrival.at) {
            ends.pop();
        }
        let in_flight = u32::try_from(ends.len()).unwrap_or(u32::MAX);
        let ask =
            Ask { index: arrival.index, prompt_tokens: arrival.prompt_tokens, max_tokens: None, answer_tokens: None };
        let reply = world.reply_at(profile, ask, in_flight, hour(arrival.at), arrival.at);
        let (call, took_ms) = call_of(channel, arrival, reply, prices);
        #[expect(clippy::cast_possible_truncation, reason = "milliseconds of a call")]
        let micros = (took_ms * 1e3) as i64;
        ends.push(Reverse(arrival.at.plus_micros(micros)));
        if let Some(sample) = minutes.get_mut(&arrival.at.minute()) {
            sample.record(&Call { in_flight: Some(in_flight + 1), ..call });
        }
    }
    minutes.into_values().collect()
}

/// The call that a client would report, and how long it took.
fn call_of(channel: &ChannelId, arrival: Arrival, reply: Reply, prices: &PriceList) -> (Call, f64) {
    let call = Call::new(arrival.at, channel.clone());
    match reply {
        Reply::Refusal(refusal) => {
            let outcome = if refusal.status == 429 { Outcome::Throttled } else { Outcome::ServerError };
            (Call { outcome, ..call }, refusal.after_ms)
        }
        Reply::Answer(answer) => {
            let usage = Usage {
                prompt: Some(u64::from(arrival.prompt_tokens)),
                completion: Some(u64::from(answer.completion_tokens)),
                cached: Some(u64::from(answer.cached_tokens)),
            };
            let call = Call {
                latency: Millis::new(answer.total_ms()).ok(),
                ttft: Millis::new(answer.first_token_ms).ok().filter(|_| arrival.stream),
                tokens_prompt: usage.prompt,
                tokens_completion: usage.completion,
                tokens_cached: usage.cached,
                cost: prices.cost(channel, arrival.at, usage),
                ..call
            };
            (call, answer.total_ms())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::demand::Arrivals;
    use crate::sim::world::day::Day;
    use crate::stats::seed::Seed;

    #[test]
    fn every_minute_is_there_and_calls_look_like_the_live_ones() {
        let world = World::demo(Seed::new(7));
        let profile = &world.profiles()[0];
        let (from, end) = (Minute(29_900_000), Minute(29_900_030));
        let day = Day::new(end.start(), 60.0);
        let arrivals = Arrivals::new(Seed::new(7), profile, day, from.start(), 20.0).expect("a positive rate");
        let channel = ChannelId::new(profile.name).expect("valid name");
        let made = minutes(&world, profile, &channel, (arrivals, from, end), &PriceList::default(), |at| day.hour(at));
        assert_eq!(made.len(), 30);
        let calls: u64 = made.iter().map(|minute| minute.counts.requests).sum();
        assert!(calls > 1_000, "{calls}");
        assert!(made.iter().all(|minute| minute.coverage_s == 60 && minute.latency.quantile(0.5).is_some()));
    }
}
