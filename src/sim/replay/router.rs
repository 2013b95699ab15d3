//! What picks channels, as the replay sees it.

use rand::RngExt;
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::domain::sample::Sample;
use crate::domain::time::{Minute, Timestamp};
use crate::incident::severity::Severity;
use crate::policy::decision::Trigger;
use crate::policy::healing::order::Ending;
use crate::sim::replay::deed::{Deed, Done};

pub use crate::policy::fast::call::CallEnd;

/// One try of a call on one channel.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Attempt {
    /// The route class, by its place in the scene.
    pub class: usize,
    /// The channel, by its place in the scene.
    pub channel: usize,
    /// Which try of the call it was: 0 for the first.
    pub number: usize,
    /// Tokens of the answer; 0 if there was none.
    pub completion_tokens: u32,
    /// How it ended.
    pub end: CallEnd,
}

/// A way to pick channels. Everything is told in order of time, and `now` never runs back.
pub trait Router {
    /// Its name in tables and pictures.
    fn name(&self) -> &str;

    /// Hears of the time before the run: the complete minutes of every channel, oldest first.
    fn learn(&mut self, past: &[Vec<Sample>]) {
        let _ = past;
    }

    /// The channel for the next attempt of a call of `class`; `tried` are those that failed it already. `None`: nobody
    /// may serve it, and the call has failed.
    fn pick(&mut self, now: Timestamp, class: usize, tried: &[usize], rng: &mut Xoshiro256PlusPlus) -> Option<usize>;

    /// An attempt on `channel` has begun.
    fn began(&mut self, now: Timestamp, channel: usize) {
        let _ = (now, channel);
    }

    /// An attempt has ended.
    fn ended(&mut self, now: Timestamp, class: usize, channel: usize, end: &CallEnd) {
        let _ = (now, class, channel, end);
    }

    /// An attempt has ended; for routers that want to know more of it than [`Router::ended`] says.
    fn finished(&mut self, now: Timestamp, attempt: &Attempt) {
        self.ended(now, attempt.class, attempt.channel, &attempt.end);
    }

    /// A minute is complete on every channel.
    fn minute(&mut self, now: Timestamp, minute: Minute, samples: &[Sample]) {
        let _ = (now, minute, samples);
    }

    /// The instant that [`Router::next_wakeup`] named has come.
    fn on_time(&mut self, now: Timestamp) {
        let _ = now;
    }

    /// When it wants to be woken, if at all.
    fn next_wakeup(&self) -> Option<Timestamp> {
        None
    }

    /// What it wants to be done to channels; asked after each time that it was woken. Each is told once.
    fn deeds(&mut self) -> Vec<Deed> {
        Vec::new()
    }

    /// What it wanted has been done.
    fn done(&mut self, now: Timestamp, done: &Done) {
        let _ = (now, done);
    }

    /// What it decided and concluded, for scores and pictures.
    fn log(&self) -> Log {
        Log::default()
    }
}

/// What a router decided and concluded.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Log {
    /// Decisions, oldest first.
    pub decisions: Vec<Decided>,
    /// Incidents it opened.
    pub incidents: Vec<Seen>,
    /// Probability that a channel breaks a promise soon: when, which channel, how likely.
    pub risks: Vec<(Timestamp, usize, f64)>,
    /// When trouble was seen that playbooks or people are for, and on which channel.
    pub alerts: Vec<(Timestamp, usize)>,
    /// Runs of playbooks that ended.
    pub runs: Vec<RunEnd>,
}

/// One decision.
#[derive(Debug, Clone, PartialEq)]
pub struct Decided {
    /// When.
    pub at: Timestamp,
    /// The route class, by its place in the scene.
    pub class: usize,
    /// The share of each channel, in the order of the scene.
    pub shares: Vec<f64>,
    /// What made it necessary.
    pub trigger: Trigger,
    /// Channels, by their places in the scene, that were left because of a forecast or a risk, rather than of what had happened
    /// by then.
    pub ahead: Vec<usize>,
    /// Why, in plain words.
    pub why: String,
}

/// A run of a playbook that ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunEnd {
    /// The channel, by its place in the scene.
    pub channel: usize,
    /// When it began.
    pub began: Timestamp,
    /// When it ended.
    pub ended: Timestamp,
    /// How.
    pub ending: Ending,
}

/// One incident.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Seen {
    /// The channel, by its place in the scene.
    pub channel: usize,
    /// When it was opened.
    pub from: Timestamp,
    /// When it was closed, if it was.
    pub to: Option<Timestamp>,
    /// How grave it was at worst.
    pub severity: Severity,
}

/// A channel drawn by `shares`, those in `tried` left out while anything else has a share; `None` if nothing has.
pub fn draw(shares: &[f64], tried: &[usize], rng: &mut Xoshiro256PlusPlus) -> Option<usize> {
    let fresh = |channel: &usize| !tried.contains(channel);
    draw_among(shares, fresh, rng).or_else(|| draw_among(shares, |_| true, rng))
}

fn draw_among(shares: &[f64], is_open: impl Fn(&usize) -> bool, rng: &mut Xoshiro256PlusPlus) -> Option<usize> {
    let open = || shares.iter().copied().enumerate().filter(|(channel, share)| *share > 0.0 && is_open(channel));
    let total: f64 = open().map(|(_, share)| share).sum();
    let mut left = rng.random::<f64>() * total;
    let mut last = None;
    for (channel, share) in open() {
        last = Some(channel);
        left -= share;
        if left < 0.0 {
            break;
        }
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::seed::Seed;

    #[test]
    fn draws_follow_the_shares_and_leave_out_what_was_tried() {
        let mut rng = Seed::new(7).rng();
        let mut hits = [0_u32; 3];
        for _ in 0..10_000 {
            hits[draw(&[0.2, 0.0, 0.6], &[], &mut rng).expect("two have shares")] += 1;
        }
        assert!((2_300..2_700).contains(&hits[0]) && hits[1] == 0, "{hits:?}");
        assert_eq!(draw(&[0.2, 0.0, 0.6], &[2], &mut rng), Some(0));
        assert_eq!(draw(&[0.0, 0.0, 0.6], &[2], &mut rng), Some(2), "better again than nobody");
        assert_eq!(draw(&[0.0], &[], &mut rng), None);
    }
}
