//! Probabilities that wait for what comes true.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::domain::time::Minute;
use crate::risk::logistic::Inputs;

/// What is known of the minutes: where the last broken one was, and how many are known at all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Events {
    last: Option<Minute>,
    known: u32,
}

/// A probability that was given.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Asked {
    pub(super) minute: Minute,
    pub(super) inputs: Inputs,
    /// By the logistic model alone.
    pub(super) raw: f64,
    pub(super) probability: f64,
    /// What its outcome tells that the one before does not, 0 ..= 1.
    pub(super) news: f64,
    known: u32,
}

impl Events {
    pub(super) const fn add(&mut self, minute: Minute, is_broken: bool) {
        self.known = self.known.wrapping_add(1);
        if is_broken {
            self.last = Some(minute);
        }
    }
}

/// Probabilities of one horizon that are not settled, at most one for each minute of it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Pending {
    queue: VecDeque<Asked>,
    /// When a probability was last asked for.
    last: Option<Minute>,
}

impl Pending {
    pub(super) fn ask(&mut self, minute: Minute, horizon: u32, said: (Inputs, f64, f64), events: &Events) {
        // Windows that overlap by all but a minute tell one thing: together they count as one.
        let apart = self.last.map_or(1, |last| minute.0.saturating_sub(last.0)).clamp(1, horizon.max(1));
        let news = f64::from(apart) / f64::from(horizon.max(1));
        self.last = Some(minute);
        let (inputs, raw, probability) = said;
        self.queue.push_back(Asked { minute, inputs, raw, probability, news, known: events.known });
    }

    /// Takes out the oldest whose `horizon` minutes end at `last` or before, with whether it came true: `None` if nothing
    /// broke, but less than half of the minutes is known.
    pub(super) fn settle(&mut self, last: Minute, horizon: u32, events: &Events) -> Option<(Asked, Option<bool>)> {
        let asked = *self.queue.front().filter(|asked| asked.minute.plus(horizon) <= last)?;
        self.queue.pop_front();
        let came = events.last.is_some_and(|broken| broken > asked.minute);
        let is_known = events.known.wrapping_sub(asked.known) >= horizon.div_ceil(2);
        Some((asked, if came || is_known { Some(came) } else { None }))
    }
}
