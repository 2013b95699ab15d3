//! The calls of a simulated world, without the world's clock: what its clients would report of some hours.

use foreroute::domain::call::{Call, Outcome};
use foreroute::domain::ids::ChannelId;
use foreroute::domain::time::Timestamp;
use foreroute::domain::units::{MicroUsd, Millis};
use foreroute::sim::demand::{Arrival, Arrivals};
use foreroute::sim::world::day::Day;
use foreroute::sim::world::profile::Profile;
use foreroute::sim::world::service::Answer;
use foreroute::sim::world::{Ask, Reply, World};
use foreroute::stats::seed::Seed;

/// Requests of others that every call meets.
const IN_FLIGHT: u32 = 3;

/// The calls to `profile` in `hours` from `start`, in order of time; `rate` a second over all channels.
pub fn calls(world: &World, profile: &Profile, start: Timestamp, hours: u32, rate: f64) -> Vec<Call> {
    let day = Day::new(start, 1.0);
    let channel = ChannelId::new(profile.name).expect("valid name");
    let arrivals = Arrivals::new(Seed::new(7), profile, day, start, rate).expect("a positive rate");
    let end = start.plus_seconds(i64::from(hours) * 3_600);
    let call = |arrival: Arrival| {
        let ask =
            Ask { index: arrival.index, prompt_tokens: arrival.prompt_tokens, max_tokens: None, answer_tokens: None };
        let mut call = Call::new(arrival.at, channel.clone());
        match world.reply(profile, ask, IN_FLIGHT, day.hour(arrival.at)) {
            Reply::Refusal(refusal) => {
                call.outcome = Outcome::from_status(refusal.status);
                call.latency = Millis::new(refusal.after_ms).ok();
            }
            Reply::Answer(answer) => {
                call.latency = Millis::new(answer.total_ms()).ok();
                call.ttft = arrival.stream.then(|| Millis::new(answer.first_token_ms).ok()).flatten();
                call.tokens_prompt = Some(u64::from(arrival.prompt_tokens));
                call.tokens_completion = Some(u64::from(answer.completion_tokens));
                call.tokens_cached = Some(u64::from(answer.cached_tokens));
                call.cost = MicroUsd::from_usd(usd(profile, &arrival, &answer)).ok();
            }
        }
        call
    };
    arrivals.take_while(|arrival| arrival.at < end).map(call).collect()
}

/// What an answer costs at the list price.
fn usd(profile: &Profile, arrival: &Arrival, answer: &Answer) -> f64 {
    let price = profile.price;
    let fresh = f64::from(arrival.prompt_tokens - answer.cached_tokens);
    let per_million = fresh * price.prompt
        + f64::from(answer.cached_tokens) * price.cached
        + f64::from(answer.completion_tokens) * price.completion;
    per_million / 1e6
}
