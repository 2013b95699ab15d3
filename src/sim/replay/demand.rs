//! Which calls of a class arrive when. The stream is a function of scene and span alone, whoever serves it.

use std::sync::Arc;

use rand::RngExt;
use rand_distr::{Distribution, Exp, LogNormal};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::domain::time::Timestamp;
use crate::sim::replay::scene::{Class, Demand, Recorded, Scene, Span};
use crate::sim::world::day::Shape;

/// Spread of prompt lengths, and the longest one: chat with some context.
pub(super) const PROMPT_SPREAD: f64 = 0.9;
const MAX_PROMPT_TOKENS: f64 = 32_000.0;
const MICROS_PER_HOUR: i64 = 3_600_000_000;

/// The UTC hour of the day at `at`, 0 ..< 24.
#[must_use]
pub fn hour(at: Timestamp) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "microseconds of a day")]
    let micros = at.micros().rem_euclid(24 * MICROS_PER_HOUR) as f64;
    micros / 3.6e9
}

/// One call to be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrival {
    /// When.
    pub at: Timestamp,
    /// Its number in its class.
    pub number: u64,
    /// Tokens of its prompt.
    pub prompt_tokens: u32,
    /// Tokens of its answer, where they are known beforehand.
    pub answer_tokens: Option<u32>,
}

/// The calls of one class within a span, in order of time.
#[derive(Debug)]
pub struct Arrivals {
    source: Source,
    end: Timestamp,
    at: Timestamp,
    next: u64,
}

#[derive(Debug)]
enum Source {
    Poisson { rng: Xoshiro256PlusPlus, gap: Exp<f64>, prompt: LogNormal<f64>, shape: Shape, answer: Option<u32> },
    Trace { calls: Arc<Vec<Recorded>>, begin: Timestamp, length_us: i64 },
    Nothing,
}

impl Arrivals {
    /// The calls of `class`, which has this place in `scene`, within `span`. A rate that is not finite or not positive
    /// gives none.
    #[must_use]
    pub fn new(scene: &Scene, place: usize, class: &Class, span: Span) -> Self {
        let begin = span.from.start();
        let (source, next) = match &class.demand {
            Demand::Poisson { rate, shape, prompt_tokens, answer_tokens } => {
                let luck = scene.seed.child("demand").nth(place as u64).nth(u64::from(span.from.0));
                let laws = (Exp::new(rate * shape.max()), LogNormal::new(prompt_tokens.max(1.0).ln(), PROMPT_SPREAD));
                let source = match laws {
                    (Ok(gap), Ok(prompt)) if rate.is_finite() && *rate > 0.0 => {
                        Source::Poisson { rng: luck.rng(), gap, prompt, shape: *shape, answer: *answer_tokens }
                    }
                    _ => Source::Nothing,
                };
                (source, 0)
            }
            Demand::Trace(calls) => trace(scene, calls, begin),
        };
        Self { source, end: span.to.start(), at: begin, next }
    }
}

/// The trace from the beginning of the past on; calls before `begin` are passed over.
fn trace(scene: &Scene, calls: &Arc<Vec<Recorded>>, begin: Timestamp) -> (Source, u64) {
    let Some(length_us) = calls.last().map(|last| last.offset_us + 1) else { return (Source::Nothing, 0) };
    let first = scene.past().from.start();
    let passed = begin.micros().saturating_sub(first.micros()).max(0);
    let (rounds, rest) = (passed / length_us, passed % length_us);
    let within = calls.partition_point(|call| call.offset_us < rest);
    let number = rounds.unsigned_abs() * calls.len() as u64 + within as u64;
    (Source::Trace { calls: Arc::clone(calls), begin: first, length_us }, number)
}

impl Iterator for Arrivals {
    type Item = Arrival;

    fn next(&mut self) -> Option<Arrival> {
        let number = self.next;
        let (at, prompt_tokens, answer_tokens) = match &mut self.source {
            Source::Nothing => return None,
            Source::Poisson { rng, gap, prompt, shape, answer } => {
                loop {
                    #[expect(clippy::cast_possible_truncation, reason = "float casts saturate, and so does the sum")]
                    let gap_us = (gap.sample(rng) * 1e6) as i64;
                    self.at = self.at.plus_micros(gap_us);
                    // Thinning after Lewis and Shedler (1979).
                    if self.at >= self.end || rng.random::<f64>() * shape.max() < shape.at(hour(self.at)) {
                        break;
                    }
                }
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
                let tokens = prompt.sample(rng).clamp(1.0, MAX_PROMPT_TOKENS) as u32;
                (self.at, tokens, *answer)
            }
            Source::Trace { calls, begin, length_us } => {
                let count = calls.len() as u64;
                let call = calls.get(usize::try_from(number.checked_rem(count)?).ok()?)?;
                let rounds = i64::try_from(number / count).ok()?;
                let offset = rounds.saturating_mul(*length_us).saturating_add(call.offset_us);
                (begin.plus_micros(offset), call.prompt_tokens, Some(call.answer_tokens))
            }
        };
        self.next += 1;
        (at < self.end).then_some(Arrival { at, number, prompt_tokens, answer_tokens })
    }
}
