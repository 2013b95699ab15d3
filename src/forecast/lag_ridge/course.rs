//! The end of a series and its forecast, kept up to date.
//!
//! A path that is cut nowhere is linear in the values it starts from: what a step brings beside what was expected of it
//! changes each value ahead by that surprise times the response of the regression to one unit. So the path is kept, the
//! changes are added to it, and only values at its far end are computed from the regression. That is the same path, but
//! for rounding, at a fiftieth of the cost of computing it.
//!
//! The near values change at once, the far ones with [`BATCH`] surprises at a time: they are many, and memory is slower
//! than arithmetic. Who reads one in between adds what is waiting.

use serde::{Deserialize, Serialize};

use crate::forecast::lag_ridge::line::Line;

/// Steps that are kept at least: as far as a tracker of minutes asks.
const REACH: usize = 1_440;
/// Steps that change at once.
const NEAR: usize = 60;
/// Surprises that wait for each other.
const BATCH: usize = 16;
/// Steps between two moves of everything to the front of its memory.
const ROOM: usize = 16 * BATCH;

/// What a unit of surprise adds to the value it came with and to those after it.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Response {
    values: Vec<f64>,
    /// The largest of them.
    most: f64,
}

impl Response {
    pub(super) fn of(line: &Line) -> Self {
        let values = line.response(REACH + 2 * BATCH);
        let most = values.iter().fold(0.0, |most, value| f64::max(most, value.abs()));
        Self { values, most }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}

/// The last known values, oldest first, and right after them the values ahead while they are kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Course {
    values: Vec<f64>,
    /// Where the oldest value lies: both parts slide over their memory.
    from: usize,
    /// Number of known values.
    known: usize,
    /// Surprises that the far values do not know yet, oldest first.
    waiting: Vec<f64>,
    /// The sum of their sizes.
    moved: f64,
    /// How far the values ahead were from being cut before those.
    margin: f64,
}

impl Course {
    /// `known` times `value`, and nothing ahead.
    pub(super) fn new(known: usize, value: f64) -> Self {
        Self { values: vec![value; known], from: 0, known, waiting: Vec::new(), moved: 0.0, margin: 0.0 }
    }

    fn all(&self) -> &[f64] {
        &self.values[self.from..]
    }

    /// The known values, oldest first.
    pub(super) fn past(&self) -> &[f64] {
        &self.all()[..self.known]
    }

    /// Steps ahead that are kept.
    pub(super) fn kept(&self) -> usize {
        self.values.len() - self.from - self.known
    }

    /// Place ahead of the first value that does not know the surprises that wait.
    fn far(&self) -> usize {
        NEAR + BATCH - self.waiting.len()
    }

    /// The value ahead at place `at`, 0 for the next step; below [`Course::kept`].
    pub(super) fn ahead(&self, response: &Response, at: usize) -> f64 {
        let value = self.values[self.from + self.known + at];
        if at < self.far() {
            return value;
        }
        let changes = self.waiting.iter().rev().zip(&response.values[at + 1..]);
        value + changes.map(|(surprise, response)| surprise * response).sum::<f64>()
    }

    /// Moves on by one step with `value` while nothing ahead is kept.
    pub(super) fn push(&mut self, value: f64) {
        self.make_room(1);
        self.values.push(value);
        self.from += 1;
    }

    /// Moves on by one step with `value` while values ahead are kept. They are so no longer when one of them lies
    /// outside of `bounds`.
    pub(super) fn follow(&mut self, line: &Line, response: &Response, value: f64, bounds: (f64, f64)) {
        let (first, far) = (self.from + self.known, self.far());
        let surprise = value - self.values[first];
        self.values[first] = value;
        add(&mut self.values[first + 1..first + far], &response.values[1..], surprise);
        self.from += 1;
        self.waiting.push(surprise);
        self.moved += surprise.abs();
        let safe = self.moved * response.most <= self.margin;
        if !safe || self.waiting.len() == BATCH {
            self.settle(line, response, bounds);
        }
    }

    /// Computes the values ahead anew, to be kept if none of them lies outside of `bounds`.
    pub(super) fn renew(&mut self, line: &Line, response: &Response, bounds: (f64, f64)) {
        self.forget();
        self.settle(line, response, bounds);
    }

    /// Lets the far values know what is waiting, and computes those at the far end.
    fn settle(&mut self, line: &Line, response: &Response, (low, high): (f64, f64)) {
        let far = self.from + self.known + self.far();
        if let Some(values) = self.values.get_mut(far..) {
            let mut response = &response.values[NEAR + BATCH - self.waiting.len() + 1..];
            let (rest, fours) = self.waiting.as_rchunks::<4>();
            for four in fours.iter().rev() {
                add_four(values, response, four);
                response = &response[4..];
            }
            for (at, surprise) in rest.iter().rev().enumerate() {
                add(values, &response[at..], *surprise);
            }
        }
        self.waiting.clear();
        self.moved = 0.0;
        let missing = REACH + BATCH - self.kept();
        self.make_room(missing);
        for _ in 0..missing {
            let value = line.after(self.all());
            if !(low <= value && value <= high) {
                return self.forget();
            }
            self.values.push(value);
        }
        let (least, most) = range(&self.all()[self.known..]);
        self.margin = (least - low).min(high - most);
        let usable = self.margin >= 0.0 && self.margin.is_finite() && response.most.is_finite();
        if !usable {
            self.forget();
        }
    }

    /// Drops the values ahead.
    fn forget(&mut self) {
        self.values.truncate(self.from + self.known);
        self.waiting.clear();
        self.moved = 0.0;
    }

    /// Makes room for `steps` values at the far end.
    fn make_room(&mut self, steps: usize) {
        if self.values.len() + steps > self.values.capacity() {
            self.values.drain(..self.from);
            self.from = 0;
            self.values.reserve_exact(steps + ROOM);
        }
    }

    /// A copy that takes no more memory than it must.
    pub(super) fn trimmed(&self) -> Self {
        Self { values: self.all().to_vec(), from: 0, waiting: self.waiting.clone(), ..*self }
    }
}

/// Adds `factor` times `response` to `values`.
fn add(values: &mut [f64], response: &[f64], factor: f64) {
    for (value, response) in values.iter_mut().zip(response) {
        *value += factor * response;
    }
}

/// Adds the response to each of four surprises, of which the last is the newest and the one that `response` begins with.
fn add_four(values: &mut [f64], response: &[f64], [fourth, third, second, first]: &[f64; 4]) {
    let responses = response.iter().zip(&response[1..]).zip(&response[2..]).zip(&response[3..]);
    for (value, (((one, two), three), four)) in values.iter_mut().zip(responses) {
        *value += (first * one + second * two) + (third * three + fourth * four);
    }
}

/// The smallest and the largest of `values`, which are finite or make one of them infinite.
fn range(values: &[f64]) -> (f64, f64) {
    const LANES: usize = 4;
    let (mut low, mut high) = ([f64::INFINITY; LANES], [f64::NEG_INFINITY; LANES]);
    for part in values.chunks(LANES) {
        for ((value, low), high) in part.iter().zip(&mut low).zip(&mut high) {
            *low = low.min(*value);
            *high = high.max(*value);
        }
    }
    (low.into_iter().fold(f64::INFINITY, f64::min), high.into_iter().fold(f64::NEG_INFINITY, f64::max))
}
