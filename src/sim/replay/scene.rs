//! What is the same for every router: the world, the demand and the client.

mod care;

use std::sync::Arc;

use crate::domain::ids::ChannelId;
use crate::domain::time::{Minute, Timestamp};
use crate::sim::replay::trail::Trail;
use crate::sim::world::day::Shape;
use crate::sim::world::fault::Spell;
use crate::sim::world::profile::Profile;
use crate::sim::world::quota::Quota;
use crate::sim::world::service::Answer;
use crate::stats::seed::Seed;

pub use care::{Care, Command, Remedy, Webhooks};

/// Most attempts of a call.
pub const MOST_ATTEMPTS: usize = 8;

/// A world, what is asked of it, and when.
#[derive(Debug, Clone)]
pub struct Scene {
    /// Seed of everything that is drawn.
    pub seed: Seed,
    /// The channels.
    pub channels: Vec<Channel>,
    /// The route classes.
    pub classes: Vec<Class>,
    /// Who makes the calls.
    pub client: Client,
    /// What can be done about channels in trouble.
    pub care: Care,
    /// First minute of the run.
    pub start: Minute,
    /// Minutes of the time before it that routers hear of.
    pub past_min: u32,
    /// Minutes of the run.
    pub length_min: u32,
}

/// A channel of a scene.
#[derive(Debug, Clone)]
pub struct Channel {
    /// Its name.
    pub id: ChannelId,
    /// How it behaves.
    pub profile: Profile,
    /// What goes wrong on it.
    pub spells: Vec<Spell>,
    /// What of that somebody can end before its time.
    pub remedies: Vec<Remedy>,
    /// What it grants.
    pub quota: Quota,
    /// Milliseconds between callers and the channel and back.
    pub round_trip_ms: f64,
}

impl Channel {
    /// USD of an answer to a prompt of so many tokens at `now`.
    #[must_use]
    pub fn usd(&self, prompt_tokens: u32, answer: &Answer, now: Timestamp) -> f64 {
        let price = self.profile.price;
        let cached = answer.cached_tokens.min(prompt_tokens);
        let list = f64::from(prompt_tokens - cached) * price.prompt
            + f64::from(cached) * price.cached
            + f64::from(answer.completion_tokens) * price.completion;
        let times: f64 = self.spells.iter().map(|spell| spell.price_times(now)).product();
        list * times / 1e6
    }
}

/// A route class of a scene.
#[derive(Debug, Clone)]
pub struct Class {
    /// Its name.
    pub name: String,
    /// Milliseconds within which a call must be done, retries included.
    pub limit_ms: f64,
    /// Largest share of calls that may take longer.
    pub slow: f64,
    /// Largest share of calls that may fail.
    pub failing: f64,
    /// Which channels may serve it, by their places in the scene.
    pub channels: Vec<usize>,
    /// What is asked.
    pub demand: Demand,
}

/// What a class asks.
#[derive(Debug, Clone)]
pub enum Demand {
    /// A Poisson process that follows a daily curve.
    Poisson {
        /// Calls a second on daily average.
        rate: f64,
        /// The daily curve.
        shape: Shape,
        /// Tokens of the median prompt; their spread is that of chat.
        prompt_tokens: f64,
        /// Tokens of every answer; drawn by the channel otherwise.
        answer_tokens: Option<u32>,
    },
    /// Calls as they were recorded, from the beginning of the past on, and again from the first when they end.
    Trace(Arc<Vec<Recorded>>),
}

/// One recorded call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recorded {
    /// Microseconds from the beginning of the trace.
    pub offset_us: i64,
    /// Tokens of the prompt.
    pub prompt_tokens: u32,
    /// Tokens of the answer.
    pub answer_tokens: u32,
}

/// Who makes the calls: a library in front of the channels, with its ways to try again.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Client {
    /// Attempts beyond the first, made at once; the default is that of `openai` and of LiteLLM.
    pub retries: usize,
    /// Milliseconds after which an attempt is given up.
    pub time_out_ms: f64,
}

impl Default for Client {
    fn default() -> Self {
        Self { retries: 2, time_out_ms: 60_000.0 }
    }
}

/// A stretch of time: the run itself, or the time before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// First minute.
    pub from: Minute,
    /// First minute behind it.
    pub to: Minute,
}

impl Span {
    /// How many minutes it has.
    #[must_use]
    pub const fn minutes(self) -> u32 {
        self.to.0.saturating_sub(self.from.0)
    }
}

impl Scene {
    /// The time of the run.
    #[must_use]
    pub const fn run(&self) -> Span {
        Span { from: self.start, to: self.start.plus(self.length_min) }
    }

    /// The time before it.
    #[must_use]
    pub const fn past(&self) -> Span {
        Span { from: self.start.minus(self.past_min), to: self.start }
    }

    /// The same scene with what went wrong in the run of `trail`, where some of it was ended early.
    #[must_use]
    pub fn as_it_came(&self, trail: &Trail) -> Self {
        let mut scene = self.clone();
        for (channel, spells) in scene.channels.iter_mut().zip(&trail.spells) {
            channel.spells.clone_from(spells);
        }
        scene
    }

    /// The first instant of the run.
    #[must_use]
    pub const fn begin(&self) -> Timestamp {
        self.start.start()
    }
}
