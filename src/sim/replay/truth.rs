//! What a call may expect on each channel at each instant, as nobody in the world knows it.
//!
//! Drawn from the world itself with other luck than the run's: many calls of a class are asked at one instant, and the
//! shares of those that fail or are slow are counted. The luck is the same at all instants, so that the figures move
//! only when the world does. Load counts: each is drawn at several shares of the demand, with as many calls in flight as
//! Little's law gives (rate times share times latency); calls of other classes on the channel are not counted.
//!
//! The oracle plans by it, and scores take from it when a channel would have broken its promise.

use rand_distr::{Distribution, LogNormal};

use crate::domain::time::Timestamp;
use crate::sim::replay::demand::{PROMPT_SPREAD, hour};
use crate::sim::replay::scene::{Channel, Class, Demand, Scene};
use crate::sim::world::fault::FaultKind;
use crate::sim::world::{Ask, Load, Reply, respond};
use crate::stats::seed::Seed;

/// Seconds from one instant to the next.
pub const STEP_S: u32 = 20;
/// Calls that are drawn at once: enough to tell one slow call in a hundred from two.
const DRAWS: u64 = 1_000;
/// Seconds after which they are drawn again although nothing begins or ends: while something grows or fades, and else.
const AGAIN_S: (u32, u32) = (60, 300);
/// Shares of the demand at which they are drawn.
const LOADS: [f64; 3] = [0.25, 0.5, 1.0];

/// What a call may expect.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Expected {
    /// Probability that it is answered too late.
    pub slow: f64,
    /// Probability that it fails, quotas aside.
    pub failing: f64,
    /// Milliseconds of the mean answer.
    pub latency_ms: f64,
    /// USD of the mean call.
    pub cost_usd: f64,
}

/// All expectations of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Truth {
    begin: Timestamp,
    /// Per class, channel, load and step.
    expected: Vec<Vec<Vec<Vec<Expected>>>>,
}

impl Truth {
    /// Draws what may be expected in the run of `scene`.
    #[must_use]
    pub fn of(scene: &Scene) -> Self {
        let class = |class: &Class| {
            let prompts = prompts(class, scene.seed.child("prompts"));
            let channel =
                |channel: &Channel| LOADS.iter().map(|share| course(scene, class, channel, *share, &prompts)).collect();
            scene.channels.iter().map(channel).collect()
        };
        Self { begin: scene.begin(), expected: scene.classes.iter().map(class).collect() }
    }

    /// Steps of the run.
    #[must_use]
    pub fn steps(&self) -> usize {
        self.expected.first().and_then(|class| class.first()?.first()).map_or(0, Vec::len)
    }

    /// The first instant of `step`.
    #[must_use]
    pub fn start(&self, step: usize) -> Timestamp {
        let seconds = i64::try_from(step).unwrap_or(i64::MAX).saturating_mul(i64::from(STEP_S));
        self.begin.plus_seconds(seconds)
    }

    /// The step at `now`; the first before the run.
    #[must_use]
    pub fn step(&self, now: Timestamp) -> usize {
        let micros = now.micros().saturating_sub(self.begin.micros()).max(0);
        usize::try_from(micros / 1_000_000 / i64::from(STEP_S)).unwrap_or(usize::MAX)
    }

    /// What a call of `class` may expect on `channel` in `step` while the channel has this share of the class; of the
    /// last step after the run. Nothing bad where there is no such class or channel.
    #[must_use]
    pub fn at(&self, class: usize, channel: usize, share: f64, step: usize) -> Expected {
        let load = LOADS.iter().position(|load| share <= load + 1e-9).unwrap_or(LOADS.len() - 1);
        let course = self.expected.get(class).and_then(|channels| channels.get(channel)?.get(load));
        course.and_then(|course| course.get(step).or(course.last())).copied().unwrap_or_default()
    }
}

/// Prompt and answer tokens of each draw.
fn prompts(class: &Class, luck: Seed) -> Vec<(u32, Option<u32>)> {
    match &class.demand {
        Demand::Poisson { prompt_tokens, answer_tokens, .. } => {
            let law = LogNormal::new(prompt_tokens.max(1.0).ln(), PROMPT_SPREAD).ok();
            let mut rng = luck.rng();
            let mut draw = || {
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "float casts saturate")]
                let tokens = law.map_or(1.0, |law| law.sample(&mut rng)) as u32;
                (tokens, *answer_tokens)
            };
            (0..DRAWS).map(|_| draw()).collect()
        }
        Demand::Trace(calls) => {
            let each = usize::try_from(DRAWS).map_or(1, |draws| calls.len() / draws).max(1);
            calls.iter().step_by(each).map(|call| (call.prompt_tokens, Some(call.answer_tokens))).collect()
        }
    }
}

/// Calls of `class` a second at `at`.
fn rate(class: &Class, at: Timestamp) -> f64 {
    match &class.demand {
        Demand::Poisson { rate, shape, .. } => rate * shape.at(hour(at)),
        #[expect(clippy::cast_precision_loss, reason = "a count of calls and microseconds of a trace")]
        Demand::Trace(calls) => {
            calls.last().map_or(0.0, |last| calls.len() as f64 * 1e6 / last.offset_us.max(1) as f64)
        }
    }
}

/// What is expected on `channel` in each step, while it has `share` of `class`.
fn course(scene: &Scene, class: &Class, channel: &Channel, share: f64, asks: &[(u32, Option<u32>)]) -> Vec<Expected> {
    let luck = scene.seed.child("truth").child(channel.id.as_str());
    let draw = |step: u32, latency_ms: f64| {
        let at = scene.begin().plus_seconds(i64::from(step * STEP_S));
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "float casts saturate")]
        let in_flight = (rate(class, at) * share * latency_ms / 1e3).round() as u32;
        expect(scene, class, channel, Load { in_flight, hour: hour(at), at }, (asks, luck))
    };
    // The first step is drawn twice: the load follows from the latency of the one before.
    let mut newest = draw(0, draw(0, 0.0).latency_ms);
    let (mut drawn, mut present) = (0, now_holds(scene, channel, 0));
    let one = |step: u32| {
        let holds = now_holds(scene, channel, step);
        let again_s = if holds.moves { AGAIN_S.0 } else { AGAIN_S.1 };
        if holds.which != present.which || (step - drawn) * STEP_S >= again_s {
            newest = draw(step, newest.latency_ms);
            (drawn, present) = (step, holds);
        }
        newest
    };
    (0..scene.length_min * 60 / STEP_S).map(one).collect()
}

/// What goes wrong on a channel in a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Holds {
    /// A number that is another one when something begins or ends.
    which: u64,
    /// Whether something grows or fades.
    moves: bool,
}

fn now_holds(scene: &Scene, channel: &Channel, step: u32) -> Holds {
    let at = scene.begin().plus_seconds(i64::from(step * STEP_S));
    let holding = || channel.spells.iter().enumerate().filter(|(_, spell)| spell.holds(at));
    let which = holding().fold(0_u64, |which, (number, _)| which.wrapping_mul(31).wrapping_add(number as u64 + 1));
    let moves = |kind| matches!(kind, FaultKind::Ramp(_) | FaultKind::DailyPeak { .. });
    Holds { which, moves: holding().any(|(_, spell)| moves(spell.kind)) }
}

fn expect(
    scene: &Scene,
    class: &Class,
    channel: &Channel,
    load: Load,
    (asks, luck): (&[(u32, Option<u32>)], Seed),
) -> Expected {
    let (mut slow, mut failed, mut latency_ms, mut usd) = (0_u32, 0_u32, 0.0, 0.0);
    for (number, (prompt_tokens, answer_tokens)) in asks.iter().enumerate() {
        let index = number as u64;
        let ask = Ask { index, prompt_tokens: *prompt_tokens, max_tokens: None, answer_tokens: *answer_tokens };
        let spells = channel.spells.iter().copied().map(Some);
        match respond(&channel.profile, luck.nth(index), ask, load, spells) {
            Reply::Answer(answer) if answer.total_ms() + channel.round_trip_ms <= scene.client.time_out_ms => {
                let took_ms = answer.total_ms() + channel.round_trip_ms;
                slow += u32::from(took_ms > class.limit_ms);
                latency_ms += took_ms;
                usd += channel.usd(*prompt_tokens, &answer, load.at);
            }
            _ => failed += 1,
        }
    }
    let all = f64::from(u32::try_from(asks.len()).unwrap_or(u32::MAX).max(1));
    let answered = (all - f64::from(failed)).max(1.0);
    Expected {
        slow: f64::from(slow) / all,
        failing: f64::from(failed) / all,
        latency_ms: latency_ms / answered,
        cost_usd: usd / answered,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::replay::toy;
    use crate::sim::world::fault::Spell;

    #[test]
    fn what_goes_wrong_is_expected_when_it_does_and_only_then() {
        let mut scene = toy::mocks(10.0, 4);
        let from = scene.begin().plus_seconds(60);
        let spell = |kind| Spell { from, to: from.plus_seconds(60), kind };
        scene.channels[0].spells.push(spell(FaultKind::Failing(0.3)));
        scene.channels[1].spells.push(spell(FaultKind::Step(25.0)));
        scene.channels[2].spells.push(spell(FaultKind::Price(3.0)));
        let truth = Truth::of(&scene);
        assert_eq!(truth.steps(), 12);
        let at = |channel, step| truth.at(0, channel, 0.3, step);
        assert!(at(0, 2).failing == 0.0 && (at(0, 3).failing - 0.3).abs() < 0.1 && at(0, 6).failing == 0.0);
        assert!(at(1, 2).slow == 0.0 && at(1, 3).slow > 0.99 && at(1, 6).slow == 0.0);
        assert!((at(1, 3).latency_ms / at(1, 2).latency_ms - 25.0).abs() < 1e-6);
        assert!((at(2, 4).cost_usd / at(2, 2).cost_usd - 3.0).abs() < 1e-9);
        assert_eq!((truth.step(from), truth.start(3)), (3, from));
    }
}
