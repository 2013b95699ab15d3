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
pub(super) struct Pending(VecDeque<Asked>);

impl Pending {
    pub(super) fn ask(&mut self, minute: Minute, inputs: Inputs, raw: f64, probability: f64, events: &Events) {
        self.0.push_back(Asked { minute, inputs, raw, probability, known: events.known });
    }

    /// Takes out the oldest whose `horizon` minutes end at `last` or before, with whether it came true: `None` if nothing
    /// broke, but less than half of the minutes is known.
    pub(super) fn settle(&mut self, last: Minute, horizon: u32, events: &Events) -> Option<(Asked, Option<bool>)> {
        let asked = *self.0.front().filter(|asked| asked.minute.plus(horizon) <= last)?;
        self.0.pop_front();
        let came = events.last.is_some_and(|broken| broken > asked.minute);
        let is_known = events.known.wrapping_sub(asked.known) >= horizon.div_ceil(2);
        Some((asked, if came || is_known { Some(came) } else { None }))
    }
}
