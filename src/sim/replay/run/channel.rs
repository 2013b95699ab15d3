//! One channel in a run: what it has in flight, what its quota leaves, and its minute.

use crate::domain::call::{Call, Outcome};
use crate::domain::sample::{Distribution, Sample};
use crate::domain::time::{Minute, Timestamp};
use crate::domain::units::MicroUsd;
use crate::sim::replay::demand::hour;
use crate::sim::replay::run::open::Open;
use crate::sim::replay::scene::{Channel, MOST_ATTEMPTS, Scene, Span};
use crate::sim::world::fault::{FaultKind, Spell};
use crate::sim::world::quota::Meter;
use crate::sim::world::{Ask, Load, Reply, respond};
use crate::stats::ddsketch::Tray;
use crate::stats::seed::Seed;

/// Milliseconds until a request beyond the quota is refused: limits are checked at the door.
const REFUSED_MS: f64 = 5.0;
/// Bits of a call's luck that tell its class.
const CLASS_SHIFT: u32 = 56;

/// What an attempt comes to, known to nobody before its end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Answered {
    pub(super) outcome: Outcome,
    pub(super) took_ms: f64,
    pub(super) retry_after_s: Option<u32>,
    pub(super) completion_tokens: u32,
    cached_tokens: u32,
    pub(super) cost_usd: f64,
}

impl Default for Answered {
    fn default() -> Self {
        Self {
            outcome: Outcome::Ok,
            took_ms: 0.0,
            retry_after_s: None,
            completion_tokens: 0,
            cached_tokens: 0,
            cost_usd: 0.0,
        }
    }
}

impl Answered {
    /// When an attempt that was sent at `sent` ends.
    pub(super) fn end(&self, sent: Timestamp) -> Timestamp {
        #[expect(clippy::cast_possible_truncation, reason = "float casts saturate, and so does the sum")]
        let micros = (self.took_ms * 1e3) as i64;
        sent.plus_micros(micros.max(1))
    }
}

/// One channel in a run.
#[derive(Debug)]
pub(super) struct State {
    channel: Channel,
    luck: Seed,
    in_flight: u32,
    meter: Meter,
    sample: Sample,
    /// Latencies of the minute that goes on.
    latencies: Tray,
    /// A call of this channel, filled in anew for each one that is recorded.
    blank: Call,
}

impl State {
    pub(super) fn new(scene: &Scene, channel: &Channel, span: Span) -> Self {
        Self {
            channel: channel.clone(),
            luck: scene.seed.child("luck").child(channel.id.as_str()).nth(u64::from(span.from.0)),
            in_flight: 0,
            meter: Meter::default(),
            sample: watched(channel, span.from),
            latencies: Tray::default(),
            blank: Call::new(span.from.start(), channel.id.clone()),
        }
    }

    /// The channel, with what goes wrong on it as far as that has come.
    pub(super) const fn channel(&self) -> &Channel {
        &self.channel
    }

    /// From `from` to `to` it refuses everything.
    pub(super) fn down(&mut self, from: Timestamp, to: Timestamp) {
        // Behind all others, whose luck goes by their places.
        self.channel.spells.push(Spell { from, to, kind: FaultKind::Failing(1.0) });
    }

    /// Ends the spell at this place at `now`; whether it held until then.
    pub(super) fn mend(&mut self, spell: usize, now: Timestamp) -> bool {
        let Some(spell) = self.channel.spells.get_mut(spell).filter(|spell| spell.holds(now)) else { return false };
        *spell = spell.cut(now);
        true
    }

    /// What comes of the next attempt of `call`, which is sent now and given up after `time_out_ms`.
    pub(super) fn serve(&mut self, call: &Open, now: Timestamp, time_out_ms: f64) -> Answered {
        let attempts = call.arrival.number * MOST_ATTEMPTS as u64 + call.tried().len() as u64;
        let index = ((call.class as u64) << CLASS_SHIFT) | attempts;
        let arrival = &call.arrival;
        let ask =
            Ask { index, prompt_tokens: arrival.prompt_tokens, max_tokens: None, answer_tokens: arrival.answer_tokens };
        let load = Load { in_flight: self.in_flight, hour: hour(now), at: now };
        let spells = self.channel.spells.iter().copied().map(Some);
        let reply = respond(&self.channel.profile, self.luck.nth(index), ask, load, spells);
        self.in_flight += 1;
        let answered = self.within_quota(reply, arrival.prompt_tokens, now);
        let took_ms = answered.took_ms + self.channel.round_trip_ms;
        if took_ms > time_out_ms {
            return Answered { outcome: Outcome::Timeout, took_ms: time_out_ms, ..Answered::default() };
        }
        Answered { took_ms, ..answered }
    }

    fn within_quota(&mut self, reply: Reply, prompt_tokens: u32, now: Timestamp) -> Answered {
        let tokens = match reply {
            Reply::Answer(answer) => u64::from(prompt_tokens) + u64::from(answer.completion_tokens),
            Reply::Refusal(_) => u64::from(prompt_tokens),
        };
        if let Err(wait_s) = self.meter.take(self.channel.quota, now, tokens) {
            let refused = Answered { outcome: Outcome::Throttled, took_ms: REFUSED_MS, ..Answered::default() };
            return Answered { retry_after_s: Some(wait_s), ..refused };
        }
        match reply {
            Reply::Refusal(refusal) => Answered {
                outcome: Outcome::from_status(refusal.status),
                took_ms: refusal.after_ms,
                retry_after_s: refusal.retry_after_s,
                ..Answered::default()
            },
            Reply::Answer(answer) => Answered {
                outcome: Outcome::Ok,
                took_ms: answer.total_ms(),
                retry_after_s: None,
                completion_tokens: answer.completion_tokens,
                cached_tokens: answer.cached_tokens,
                cost_usd: self.channel.usd(prompt_tokens, &answer, now),
            },
        }
    }

    /// The attempt of `call` has ended now.
    pub(super) fn ended(&mut self, call: &Open, now: Timestamp) {
        let answered = &call.answered;
        self.blank.in_flight = Some(self.in_flight);
        self.in_flight = self.in_flight.saturating_sub(1);
        let answer = (!answered.outcome.is_failure()).then_some(answered);
        (self.blank.ts, self.blank.outcome) = (now, answered.outcome);
        self.blank.tokens_prompt = Some(u64::from(call.arrival.prompt_tokens));
        self.blank.tokens_completion = answer.map(|answer| u64::from(answer.completion_tokens));
        self.blank.tokens_cached = answer.map(|answer| u64::from(answer.cached_tokens));
        self.blank.cost = answer.and_then(|answer| MicroUsd::from_usd(answer.cost_usd).ok());
        self.blank.retries = u32::from(!call.tried().is_empty());
        self.sample.record(&self.blank);
        if answer.is_some() {
            self.latencies.insert(answered.took_ms);
        }
    }

    /// The complete `minute`; the next one begins.
    pub(super) fn close(&mut self, minute: Minute) -> Sample {
        if !self.latencies.is_empty() {
            self.sample.latency = Distribution::Sketch(self.latencies.take());
        }
        std::mem::replace(&mut self.sample, watched(&self.channel, minute.plus(1)))
    }

    /// Whether something that harms callers goes wrong here at `now`.
    pub(super) fn is_troubled(&self, now: Timestamp) -> bool {
        self.channel.spells.iter().any(|spell| spell.kind.harms_from_its_start() && spell.holds(now))
    }
}

fn watched(channel: &Channel, minute: Minute) -> Sample {
    Sample { coverage_s: 60, ..Sample::new(channel.id.clone(), minute) }
}
