//! Calls that are out, in a slab: places are used again, so that a call costs no allocation.

use crate::domain::time::Timestamp;
use crate::sim::replay::demand::Arrival;
use crate::sim::replay::run::channel::Answered;
use crate::sim::replay::scene::MOST_ATTEMPTS;

/// A call that is out.
#[derive(Debug, Clone, Copy)]
pub(super) struct Open {
    pub(super) class: usize,
    pub(super) arrival: Arrival,
    /// The channel of the present attempt.
    pub(super) channel: usize,
    /// When it was sent.
    pub(super) sent_at: Timestamp,
    /// What the present attempt will come to.
    pub(super) answered: Answered,
    tried: [usize; MOST_ATTEMPTS],
    failed: usize,
}

impl Open {
    pub(super) fn new(class: usize, arrival: Arrival) -> Self {
        Self {
            class,
            arrival,
            channel: usize::MAX,
            sent_at: arrival.at,
            answered: Answered::default(),
            tried: [usize::MAX; MOST_ATTEMPTS],
            failed: 0,
        }
    }

    /// Channels on which it failed already.
    pub(super) fn tried(&self) -> &[usize] {
        self.tried.get(..self.failed).unwrap_or_default()
    }

    pub(super) fn sent(&mut self, channel: usize, at: Timestamp, answered: Answered) {
        (self.channel, self.sent_at, self.answered) = (channel, at, answered);
    }

    /// Notes that the present attempt failed; whether another one can be noted.
    pub(super) fn fails_here(&mut self) -> bool {
        let Some(place) = self.tried.get_mut(self.failed) else { return false };
        *place = self.channel;
        self.failed += 1;
        self.failed < MOST_ATTEMPTS
    }
}

/// The calls that are out.
#[derive(Debug, Default)]
pub(super) struct Calls {
    places: Vec<Open>,
    free: Vec<usize>,
}

impl Calls {
    pub(super) fn open(&mut self, call: Open) -> usize {
        let Some(place) = self.free.pop() else {
            self.places.push(call);
            return self.places.len() - 1;
        };
        if let Some(open) = self.places.get_mut(place) {
            *open = call;
        }
        place
    }

    pub(super) fn get_mut(&mut self, place: usize) -> Option<&mut Open> {
        self.places.get_mut(place)
    }

    pub(super) fn close(&mut self, place: usize) -> Option<Open> {
        self.free.push(place);
        self.places.get(place).copied()
    }
}
