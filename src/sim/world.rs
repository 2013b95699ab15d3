//! The world as a pure function: how a channel answers a request.
//!
//! Nothing here remembers anything. What a request meets follows from the world's seed, the channel, the request's
//! number, the load at that instant and the time of day, so a world can be replayed call by call, in any order.
//!
//! Reading order: [`day`] (the time of day and its shapes), [`profile`] (the four channels), [`service`] (how long
//! an answer takes), [`fault`] (what goes wrong), [`casebook`] (how that ends).

pub mod casebook;
pub mod day;
pub mod fault;
mod lasting;
pub mod outage;
pub mod person;
pub mod profile;
pub mod quota;
pub mod region;
pub mod service;

use rand::RngExt;

use crate::domain::time::Timestamp;
use crate::sim::world::fault::{Fault, Spell};
use crate::sim::world::profile::Profile;
use crate::sim::world::service::{Answer, serve};
use crate::stats::seed::Seed;

/// A request as a channel sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ask {
    /// Number of the request on its channel. Equal numbers draw equal luck.
    pub index: u64,
    /// Tokens in the prompt.
    pub prompt_tokens: u32,
    /// Most completion tokens the caller wants, if it says.
    pub max_tokens: Option<u32>,
    /// Length of the answer where it is known beforehand, as from a trace; drawn otherwise.
    pub answer_tokens: Option<u32>,
}

/// What a channel does with a request.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Reply {
    /// It answers.
    Answer(Answer),
    /// It refuses or fails.
    Refusal(Refusal),
}

/// A request that gets no answer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Refusal {
    /// HTTP status: 429, or one of 500, 502, 503.
    pub status: u16,
    /// Milliseconds until the refusal is sent.
    pub after_ms: f64,
    /// Value of `Retry-After` in seconds, with 429 and 503.
    pub retry_after_s: Option<u32>,
}

/// A set of channels and the seed of everything that happens on them.
#[derive(Debug, Clone)]
pub struct World {
    seed: Seed,
    profiles: Vec<Profile>,
    faults: Vec<Fault>,
}

impl World {
    /// The demo's world: the four channels of [`profile::cast`].
    #[must_use]
    pub fn demo(seed: Seed) -> Self {
        Self { seed: seed.child("world"), profiles: profile::cast(), faults: Vec::new() }
    }

    /// The same world in which these things go wrong.
    #[must_use]
    pub fn with_faults(self, faults: Vec<Fault>) -> Self {
        Self { faults, ..self }
    }

    /// What goes wrong, in the order in which it is applied.
    #[must_use]
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// The channels, in a fixed order.
    #[must_use]
    pub fn profiles(&self) -> &[Profile] {
        &self.profiles
    }

    /// What [`World::reply`] says, after all that goes wrong at `at`.
    #[must_use]
    pub fn reply_at(&self, profile: &Profile, ask: Ask, in_flight: u32, hour: f64, at: Timestamp) -> Reply {
        let here = self.faults.iter().map(|fault| (fault.channel == profile.name).then(|| fault.spell()));
        self.respond(profile, ask, Load { in_flight, hour, at }, here)
    }

    /// What `profile` does with `ask` under `load`, if `spells` go wrong instead of what the world knows of; see [`respond`].
    #[must_use]
    pub fn respond(
        &self,
        profile: &Profile,
        ask: Ask,
        load: Load,
        spells: impl IntoIterator<Item = Option<Spell>>,
    ) -> Reply {
        respond(profile, self.seed.child(profile.name).nth(ask.index), ask, load, spells)
    }

    /// What `profile` does with `ask` in a world where nothing goes wrong, while `in_flight` other requests are being served, at `hour` (0 ..< 24).
    #[must_use]
    pub fn reply(&self, profile: &Profile, ask: Ask, in_flight: u32, hour: f64) -> Reply {
        healthy(profile, self.seed.child(profile.name).nth(ask.index), ask, in_flight, hour)
    }
}

/// What a request meets when it arrives.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Load {
    /// Other requests that are being served.
    pub in_flight: u32,
    /// Hour of the day, 0 ..< 24.
    pub hour: f64,
    /// The instant.
    pub at: Timestamp,
}

/// What `profile` does by `luck` with `ask` under `load`, with everything among `spells` that holds then; `None` is
/// passed over, and counts for the luck of the ones after it.
#[must_use]
pub fn respond(
    profile: &Profile,
    luck: Seed,
    ask: Ask,
    load: Load,
    spells: impl IntoIterator<Item = Option<Spell>>,
) -> Reply {
    let reply = healthy(profile, luck, ask, load.in_flight, load.hour);
    let numbered = spells.into_iter().enumerate();
    let holds = numbered.filter_map(|(number, spell)| Some((number, spell.filter(|spell| spell.holds(load.at))?)));
    holds.fold(reply, |reply, (number, spell)| {
        spell.change(reply, luck.child("fault").nth(number as u64), load.at, load.hour)
    })
}

fn healthy(profile: &Profile, luck: Seed, ask: Ask, in_flight: u32, hour: f64) -> Reply {
    let busy = profile.background.at(hour);
    match refusal(profile, luck.child("failure"), in_flight, busy) {
        Some(refusal) => Reply::Refusal(refusal),
        None => Reply::Answer(serve(profile, luck.child("service"), ask, in_flight, busy)),
    }
}

/// Whether the request fails, and how: always past the concurrency limit, else by the channel's failure rates,
/// which follow the other tenants' load `busy`.
fn refusal(profile: &Profile, luck: Seed, in_flight: u32, busy: f64) -> Option<Refusal> {
    let mut rng = luck.rng();
    let (draw, wait) = (rng.random::<f64>(), rng.random::<f64>());
    let throttled = if in_flight >= profile.max_in_flight { 1.0 } else { profile.throttle_rate * busy };
    let failed = profile.failure_rate * busy;
    if draw < throttled {
        // Limits are checked at the door, so a 429 is quick.
        return Some(Refusal { status: 429, after_ms: 2.0 + 8.0 * wait, retry_after_s: Some(1) });
    }
    if draw < throttled + failed {
        let (status, retry_after_s) = match rng.random_range(0..4_u8) {
            0 | 1 => (500, None),
            2 => (502, None),
            _ => (503, Some(2)),
        };
        // Failures come from somewhere inside: anything from at once to a few seconds.
        return Some(Refusal { status, after_ms: 20.0 + 2_000.0 * wait * wait, retry_after_s });
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ask(index: u64) -> Ask {
        Ask { index, prompt_tokens: 600, max_tokens: None, answer_tokens: None }
    }

    #[test]
    fn equal_seeds_give_equal_worlds_and_other_seeds_do_not() {
        let replies = |seed| {
            let world = World::demo(Seed::new(seed));
            (0..50).map(|i| world.reply(&world.profiles()[0], ask(i), 3, 9.5)).collect::<Vec<_>>()
        };
        assert_eq!(replies(7), replies(7));
        assert_ne!(replies(7), replies(8));
    }

    #[test]
    fn failures_come_at_the_rates_the_profile_states() {
        let world = World::demo(Seed::new(7));
        for profile in world.profiles() {
            let status = |i| match world.reply(profile, ask(i), 0, profile.background.peak_hour) {
                Reply::Answer(_) => 200,
                Reply::Refusal(refusal) => refusal.status,
            };
            let statuses: Vec<u16> = (0..20_000).map(status).collect();
            #[expect(clippy::cast_precision_loss, reason = "a count of at most 20,000")]
            let share = |wanted: &dyn Fn(u16) -> bool| {
                statuses.iter().filter(|status| wanted(**status)).count() as f64 / 20_000.0
            };
            let busy = profile.background.at(profile.background.peak_hour);
            // Five standard errors of a share of 20,000 draws, at most 0.4 points here.
            let near = |share: f64, rate: f64| (share - rate).abs() <= 5.0 * (rate / 20_000.0).sqrt();
            assert!(near(share(&|status| status == 429), profile.throttle_rate * busy), "{}", profile.name);
            assert!(near(share(&|status| status >= 500), profile.failure_rate * busy), "{}", profile.name);
        }
    }

    #[test]
    fn past_its_limit_a_channel_throttles_everything() {
        let world = World::demo(Seed::new(7));
        for profile in world.profiles() {
            let reply = world.reply(profile, ask(1), profile.max_in_flight, 12.0);
            assert!(matches!(reply, Reply::Refusal(Refusal { status: 429, retry_after_s: Some(_), .. })), "{reply:?}");
        }
    }

    proptest! {
        /// Every answer, whatever is asked, takes a positive time below the clients' limit and keeps to `max_tokens`.
        #[test]
        fn answers_are_bounded(
            index: u64, prompt_tokens in 0..20_000_u32, max_tokens in prop::option::of(1..5_000_u32),
            in_flight in 0..10_000_u32, hour in 0.0..24.0_f64,
        ) {
            let world = World::demo(Seed::new(3));
            for profile in world.profiles() {
                let ask = Ask { index, prompt_tokens, max_tokens, answer_tokens: None };
                let Reply::Answer(answer) = world.reply(profile, ask, in_flight, hour) else { continue };
                prop_assert!(answer.first_token_ms > 0.0 && answer.total_ms() >= answer.first_token_ms);
                prop_assert!(answer.total_ms() < 60_000.0, "{} takes {} ms", profile.name, answer.total_ms());
                prop_assert!(answer.completion_tokens >= 1);
                prop_assert!(max_tokens.is_none_or(|most| answer.completion_tokens <= most));
                prop_assert!(answer.cached_tokens <= prompt_tokens);
            }
        }
    }
}
