//! What the risks of one channel would have been, so that the first ones that are told are calibrated already.
//!
//! Trackers that know only what came before walk through a stretch of the past, and every few minutes say how likely it
//! is that a promise is broken, from the same inputs as the live engine's. The past knows what came true.

use crate::anomaly::features::TARGETS;
use crate::domain::sample::Sample;
use crate::domain::time::Minute;
use crate::engine::machine::channel::{Expected, values};
use crate::engine::machine::foresight::Foresight;
use crate::engine::machine::promises::{Class, present};
use crate::engine::machine::rulebook::Rulebook;
use crate::forecast::history::Observation;
use crate::risk::outlook::Present;

/// Minutes between two probabilities: neighbours tell nearly the same.
const STRIDE: u32 = 5;

/// One minute of the past, as the risk needs it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// The minute.
    pub minute: Minute,
    /// Whether it broke the objective, if that is known.
    pub is_broken: Option<bool>,
    /// What was known after it, every few minutes.
    pub present: Option<Present>,
}

/// Walks through `samples`, which are in order, from `from` to the last of them; `foresight` waits for the first of them.
#[must_use]
pub fn walk(book: &Rulebook, class: &Class, mut foresight: Foresight, from: Minute, samples: &[Sample]) -> Vec<Step> {
    let (mut steps, mut samples) = (Vec::new(), samples.iter().skip_while(|sample| sample.minute < from).peekable());
    let mut minute = from;
    while samples.peek().is_some() {
        let sample = samples.next_if(|sample| sample.minute == minute);
        let expected = foresight.expected(minute).copied();
        foresight.observe(minute, sample);
        let seen = sample.map(|sample| class.seen(sample));
        let is_broken = seen.as_ref().and_then(|seen| class.objective.is_broken(seen));
        let is_asked = minute.0.is_multiple_of(STRIDE) && sample.is_some();
        let chances = is_asked.then(|| foresight.chances(class)).flatten();
        let surprises = surprises(book, &values(sample), expected.as_ref());
        let told = (sample, expected.as_ref());
        let present = chances.map(|chances| present(class, minute, chances, told, &surprises));
        steps.push(Step { minute, is_broken, present });
        minute = minute.plus(1);
    }
    steps
}

fn surprises(book: &Rulebook, news: &[Observation; TARGETS], noted: Option<&Expected>) -> [f64; TARGETS] {
    std::array::from_fn(|slot| {
        let row = noted.and_then(|expected| expected[slot].as_ref());
        let reading = row.and_then(|row| book.forecasts.of(slot)?.judge(row, news[slot]));
        reading.map_or(f64::NAN, |reading| reading.oddness)
    })
}
