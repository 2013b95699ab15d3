//! The event loop: arrivals, ends of attempts, wake-ups and minutes, in order of time.
//!
//! Time jumps from event to event. At equal instants attempts end first, then deeds, then the router is woken, then a
//! minute is told, then a call arrives. An attempt counts in the minute in which it *ends*, because that is when anybody hears of
//! it; so no call is lost to a minute that was told while it was still out, and slow calls are not left out.

mod channel;
mod hands;
mod open;

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rand_xoshiro::Xoshiro256PlusPlus;

use crate::domain::sample::Sample;
use crate::domain::time::{Minute, Timestamp};
use crate::sim::replay::demand::{Arrival, Arrivals};
use crate::sim::replay::router::{Attempt, CallEnd, Router};
use crate::sim::replay::scene::{Scene, Span};
use crate::sim::replay::trail::{Felt, Step, Trail};
use channel::{Answered, State};
use hands::Hands;
use open::{Calls, Open};

/// Shortest time from one wake-up to the next, so that a router cannot stop time.
const SHORTEST_NAP_US: i64 = 1_000;

/// Runs `router` through the run of `scene`; it should have learnt the past before.
pub fn run<R: Router + ?Sized>(scene: &Scene, router: &mut R) -> Trail {
    let mut events = Loop::new(scene, router, scene.run());
    events.go(|_| {});
    events.trail
}

/// What every channel did before the run: its minutes, oldest first, made by `router`, which should spread calls over
/// all channels.
pub fn past<R: Router + ?Sized>(scene: &Scene, router: &mut R) -> Vec<Vec<Sample>> {
    let mut minutes: Vec<Vec<Sample>> = scene.channels.iter().map(|_| Vec::new()).collect();
    Loop::new(scene, router, scene.past()).go(|samples| {
        for (all, sample) in minutes.iter_mut().zip(samples) {
            all.push(sample.clone());
        }
    });
    minutes
}

/// What comes next.
#[derive(Debug, Clone, Copy)]
enum Next {
    End(usize),
    Done,
    WakeUp,
    Minute,
    Arrival(usize),
}

struct Loop<'a, R: ?Sized> {
    scene: &'a Scene,
    router: &'a mut R,
    rng: Xoshiro256PlusPlus,
    channels: Vec<State>,
    calls: Calls,
    /// Ends of attempts: when, the number of the event, the place of the call.
    ends: BinaryHeap<Reverse<(Timestamp, u64, usize)>>,
    hands: Hands,
    events: u64,
    arrivals: Vec<(Arrivals, Option<Arrival>)>,
    minute: Minute,
    span: Span,
    woken: Timestamp,
    tray: Step,
    trail: Trail,
}

impl<'a, R: Router + ?Sized> Loop<'a, R> {
    fn new(scene: &'a Scene, router: &'a mut R, span: Span) -> Self {
        let stream = |(place, class)| {
            let mut arrivals = Arrivals::new(scene, place, class, span);
            let first = arrivals.next();
            (arrivals, first)
        };
        let begin = span.from.start();
        Self {
            scene,
            router,
            rng: scene.seed.child("router").nth(u64::from(span.from.0)).rng(),
            channels: scene.channels.iter().map(|channel| State::new(scene, channel, span)).collect(),
            calls: Calls::default(),
            ends: BinaryHeap::new(),
            hands: Hands::default(),
            events: 0,
            arrivals: scene.classes.iter().enumerate().map(stream).collect(),
            minute: span.from,
            span,
            woken: begin.plus_micros(-SHORTEST_NAP_US),
            tray: Step::default(),
            trail: Trail::new(begin, span.minutes() as usize * 60, scene.channels.len()),
        }
    }

    /// Goes through all events; `told` gets the samples of each minute when it is complete.
    fn go(&mut self, mut told: impl FnMut(&[Sample])) {
        while let Some((at, next)) = self.next() {
            match next {
                Next::End(place) => self.end(place, at),
                Next::Done => {
                    if let Some(done) = self.hands.end(&mut self.channels, at) {
                        self.router.done(at, &done);
                        self.trail.deeds.push(done);
                    }
                }
                Next::WakeUp => {
                    self.woken = at;
                    self.router.on_time(at);
                    self.begin_deeds(at);
                }
                Next::Minute => self.tell(at, &mut told),
                Next::Arrival(class) => self.arrive(class),
            }
        }
        self.trail.empty(&mut self.tray);
        self.trail.spells = self.channels.iter().map(|state| state.channel().spells.clone()).collect();
    }

    /// Begins what the router wants to be done.
    fn begin_deeds(&mut self, now: Timestamp) {
        for deed in self.router.deeds() {
            if let Some(state) = self.channels.get_mut(deed.channel) {
                self.hands.begin(self.scene, state, deed, now);
            }
        }
    }

    /// The next event; `None` when the span is over and nothing is out any more.
    fn next(&self) -> Option<(Timestamp, Next)> {
        let mut first: Option<(Timestamp, Next)> = None;
        let mut offer = |at: Timestamp, next| {
            if first.is_none_or(|(earliest, _)| at < earliest) {
                first = Some((at, next));
            }
        };
        if let Some(Reverse((at, _, place))) = self.ends.peek() {
            offer(*at, Next::End(*place));
        }
        if self.minute < self.span.to {
            if let Some(at) = self.hands.next() {
                offer(at, Next::Done);
            }
            if let Some(at) = self.router.next_wakeup() {
                offer(at.max(self.woken.plus_micros(SHORTEST_NAP_US)), Next::WakeUp);
            }
            offer(self.minute.end(), Next::Minute);
        }
        for (class, (_, arrival)) in self.arrivals.iter().enumerate() {
            if let Some(arrival) = arrival {
                offer(arrival.at, Next::Arrival(class));
            }
        }
        first
    }

    fn tell(&mut self, now: Timestamp, told: &mut impl FnMut(&[Sample])) {
        let minute = self.minute;
        let samples: Vec<Sample> = self.channels.iter_mut().map(|channel| channel.close(minute)).collect();
        self.router.minute(now, minute, &samples);
        told(&samples);
        self.minute = minute.plus(1);
    }

    fn arrive(&mut self, class: usize) {
        let Some((stream, next)) = self.arrivals.get_mut(class) else { return };
        let Some(arrival) = std::mem::replace(next, stream.next()) else { return };
        let place = self.calls.open(Open::new(class, arrival));
        self.send(place, arrival.at);
    }

    /// Sends the next attempt of the call at `place`.
    fn send(&mut self, place: usize, now: Timestamp) {
        let Some(call) = self.calls.get_mut(place) else { return };
        let picked = self.router.pick(now, call.class, call.tried(), &mut self.rng);
        let Some((channel, state)) = picked.and_then(|channel| Some((channel, self.channels.get_mut(channel)?))) else {
            self.trail.unserved += 1;
            self.close(place, now, false);
            return;
        };
        self.router.began(now, channel);
        let answered = state.serve(call, now, self.scene.client.time_out_ms);
        call.sent(channel, now, answered);
        self.trail.sent(now, channel, answered.outcome.is_failure());
        self.trail.attempts_at_faults += u64::from(state.is_troubled(now));
        self.trail.cost_usd += answered.cost_usd;
        self.events += 1;
        self.ends.push(Reverse((answered.end(now), self.events, place)));
    }

    /// The attempt of the call at `place` has ended.
    fn end(&mut self, place: usize, now: Timestamp) {
        self.ends.pop();
        let Some(call) = self.calls.get_mut(place) else { return };
        let (channel, answered) = (call.channel, call.answered);
        if let Some(state) = self.channels.get_mut(channel) {
            state.ended(call, now);
        }
        let attempt = attempt(self.scene, call, &answered, now);
        self.router.finished(now, &attempt);
        let failed = answered.outcome.is_failure();
        if failed && call.tried().len() < self.scene.client.retries && call.fails_here() {
            self.send(place, now);
        } else {
            self.close(place, now, !failed);
        }
    }

    /// The call at `place` is over for its caller.
    fn close(&mut self, place: usize, now: Timestamp, answered: bool) {
        let Some(call) = self.calls.close(place) else { return };
        let took_ms = now.seconds_since(call.arrival.at) * 1e3;
        let limit_ms = self.scene.classes.get(call.class).map_or(f64::INFINITY, |class| class.limit_ms);
        let felt = match answered {
            false => Felt::Failed,
            true if took_ms > limit_ms => Felt::Slow,
            true => Felt::Good,
        };
        self.trail.felt(&mut self.tray, call.arrival.at, felt, took_ms);
    }
}

fn attempt(scene: &Scene, call: &Open, answered: &Answered, now: Timestamp) -> Attempt {
    let end = CallEnd {
        at: now,
        outcome: answered.outcome,
        latency_ms: Some(answered.took_ms),
        limit_ms: scene.classes.get(call.class).map(|class| class.limit_ms),
        retry_after_s: answered.retry_after_s.map(f64::from),
        probe: false,
    };
    let number = call.tried().len();
    Attempt { class: call.class, channel: call.channel, number, completion_tokens: answered.completion_tokens, end }
}

#[cfg(test)]
mod tests;
