//! What the risks of one channel would have been, so that the first ones that are told are calibrated already.
//!
//! Trackers that know only what came before walk through a stretch of the past, and every few minutes say how likely it
//! is that a promise is broken, from the same inputs as the live engine's. The past knows what came true.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::anomaly::features::TARGETS;
use crate::domain::column::Column;
use crate::domain::sample::Sample;
use crate::domain::target::Target;
use crate::domain::time::Minute;
use crate::engine::machine::channel::{Expected, values};
use crate::engine::machine::promises::{Class, present};
use crate::engine::machine::rulebook::{LEVELS, Rulebook};
use crate::forecast::history::Observation;
use crate::forecast::interval::Places;
use crate::forecast::live::Tracker;
use crate::forecast::output::Levels;
use crate::risk::chance::{Chances, HORIZONS};
use crate::risk::outlook::Present;
use crate::risk::passage::Panel;

/// Minutes between two probabilities: neighbours tell nearly the same.
const STRIDE: u32 = 5;
/// Minutes ahead for which it is noted what is expected: as long as the live engine waits for late calls.
const LEAD: u32 = 15;
/// Minutes ahead of a forecast.
const STEPS: usize = HORIZONS[HORIZONS.len() - 1] as usize;

/// One series on its way through the past.
#[derive(Debug)]
pub struct Walker {
    /// The series.
    pub target: Target,
    /// It waits for the first minute of the stretch.
    pub tracker: Tracker,
    /// Random paths with the persistence of the tracker's steps.
    pub panel: Arc<Panel>,
}

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

/// The columns that a rehearsal for `class` needs: those that are promised, and the calls.
#[must_use]
pub fn targets(class: &Class) -> Vec<Target> {
    let promised = class.limits().into_iter().map(|(target, _)| target);
    std::iter::once(Target::Column(Column::Requests)).chain(promised).collect()
}

/// Walks through `samples`, which are in order, from `from` to the last of them.
#[must_use]
pub fn walk(book: &Rulebook, class: &Class, mut walkers: Vec<Walker>, from: Minute, samples: &[Sample]) -> Vec<Step> {
    let Ok(levels) = Levels::new(LEVELS.to_vec()) else { return Vec::new() };
    let (places, wanted) = (Places::from(&levels), Levels::default());
    let mut notes: VecDeque<(Minute, Expected)> = VecDeque::new();
    let (mut steps, mut samples) = (Vec::new(), samples.iter().skip_while(|sample| sample.minute < from).peekable());
    let mut minute = from;
    while samples.peek().is_some() {
        let sample = samples.next_if(|sample| sample.minute == minute);
        let news = values(sample);
        for walker in &mut walkers {
            walker.tracker.update(news[slot(walker.target)]);
        }
        let seen = sample.map(|sample| class.seen(sample));
        let is_broken = seen.as_ref().and_then(|seen| class.objective.is_broken(seen));
        let mut step = Step { minute, is_broken, present: None };
        if minute.0.is_multiple_of(STRIDE) {
            notes.push_back((minute.plus(LEAD), expected(&walkers, &places)));
            while notes.front().is_some_and(|(of, _)| *of < minute) {
                notes.pop_front();
            }
            let expected = notes.front().filter(|(of, _)| *of == minute).map(|(_, expected)| expected);
            let chances = sample.and_then(|_| chances(class, &walkers, &wanted));
            let surprises = surprises(book, &news, expected);
            step.present = chances.map(|chances| present(class, minute, chances, (sample, expected), &surprises));
        }
        steps.push(step);
        minute = minute.plus(1);
    }
    steps
}

/// The place of `target` among all.
fn slot(target: Target) -> usize {
    Target::ALL.into_iter().position(|known| known == target).unwrap_or(0)
}

fn expected(walkers: &[Walker], places: &Places) -> Expected {
    let mut expected = Expected::default();
    for walker in walkers {
        let mut row = [0.0; LEVELS.len()];
        walker.tracker.ahead(LEAD as usize, places, &mut row);
        expected[slot(walker.target)] = Some(row);
    }
    expected
}

fn chances(class: &Class, walkers: &[Walker], levels: &Levels) -> Option<Chances> {
    let chances = class.limits().into_iter().filter_map(|(target, limit)| {
        let walker = walkers.iter().find(|walker| walker.target == target)?;
        Chances::above(limit, &walker.tracker.forecast(STEPS, levels), &walker.panel)
    });
    chances.reduce(Chances::either)
}

fn surprises(book: &Rulebook, news: &[Observation; TARGETS], noted: Option<&Expected>) -> [f64; TARGETS] {
    std::array::from_fn(|slot| {
        let row = noted.and_then(|expected| expected[slot].as_ref());
        let reading = row.and_then(|row| book.forecasts.of(slot)?.judge(row, news[slot]));
        reading.map_or(f64::NAN, |reading| reading.oddness)
    })
}
