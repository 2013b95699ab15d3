//! Deeds that are under way in a run: each takes its time, may fail, and may end what goes wrong.
//!
//! What comes of a deed is drawn when it begins, by its key; what it ends is ended when it does.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rand::RngExt;

use crate::domain::time::Timestamp;
use crate::sim::replay::deed::{Deed, Done, Means};
use crate::sim::replay::run::channel::State;
use crate::sim::replay::scene::{Channel, Scene};
use crate::stats::seed::Seed;

/// Deeds that are under way.
#[derive(Debug, Default)]
pub(super) struct Hands {
    under_way: Vec<Option<UnderWay>>,
    /// When each ends, and its place.
    ends: BinaryHeap<Reverse<(Timestamp, usize)>>,
}

#[derive(Debug)]
struct UnderWay {
    deed: Deed,
    began: Timestamp,
    is_ok: bool,
    mends: Vec<usize>,
}

/// What will come of a deed.
struct Fate {
    takes_s: f64,
    /// Seconds from the beginning in which the channel refuses everything.
    down_s: f64,
    is_ok: bool,
    mends: Vec<usize>,
}

impl Hands {
    /// Begins `deed` on the channel that `state` is of.
    pub(super) fn begin(&mut self, scene: &Scene, state: &mut State, deed: Deed, now: Timestamp) {
        let fate = fate(scene, state.channel(), &deed, now);
        if fate.down_s > 0.0 {
            state.down(now, after(now, fate.down_s));
        }
        self.ends.push(Reverse((after(now, fate.takes_s), self.under_way.len())));
        self.under_way.push(Some(UnderWay { deed, began: now, is_ok: fate.is_ok, mends: fate.mends }));
    }

    /// When the next one ends.
    pub(super) fn next(&self) -> Option<Timestamp> {
        self.ends.peek().map(|Reverse((at, _))| *at)
    }

    /// Ends the next one, at `now`; `state` gives the channel at a place.
    pub(super) fn end(&mut self, channels: &mut [State], now: Timestamp) -> Option<Done> {
        let Reverse((_, place)) = self.ends.pop()?;
        let UnderWay { deed, began, is_ok, mends } = self.under_way.get_mut(place)?.take()?;
        let state = channels.get_mut(deed.channel)?;
        // People mend what they find when they are done, commands what they were run for.
        let mends = if deed.means == Means::Person { mendable(state.channel(), now) } else { mends };
        let mended = mends.into_iter().filter(|spell| state.mend(*spell, now)).collect();
        Some(Done { deed, began, ended: now, is_ok, mended })
    }
}

/// What can be ended of what goes wrong on `channel` at `now`.
fn mendable(channel: &Channel, now: Timestamp) -> Vec<usize> {
    let holds = |spell: usize| channel.spells.get(spell).is_some_and(|spell| spell.holds(now));
    channel.remedies.iter().map(|remedy| remedy.spell).filter(|spell| holds(*spell)).collect()
}

fn fate(scene: &Scene, channel: &Channel, deed: &Deed, now: Timestamp) -> Fate {
    let luck = scene.seed.child("deed").child(&deed.key);
    let draw = |what: &str| luck.child(what).rng().random::<f64>();
    let nothing = |takes_s, is_ok| Fate { takes_s, down_s: 0.0, is_ok, mends: Vec::new() };
    match &deed.means {
        Means::Webhook => nothing(scene.care.webhooks.takes_s, draw("fails") >= scene.care.webhooks.fails),
        Means::Person => nothing(person_s(scene, channel, luck, now), true),
        Means::Command(name) => {
            let Some(command) = scene.care.commands.iter().find(|command| command.name == *name) else {
                return nothing(0.0, false);
            };
            if draw("fails") < command.fails {
                return nothing(command.takes_s, false);
            }
            let holds = mendable(channel, now);
            let helps = |spell: &usize| {
                let remedy = channel.remedies.iter().find(|remedy| remedy.spell == *spell);
                let is_it = remedy.filter(|remedy| remedy.by.as_deref() == Some(name));
                is_it.is_some_and(|remedy| draw(&format!("helps {spell}")) < remedy.helps)
            };
            let mends: Vec<usize> = holds.iter().copied().filter(helps).collect();
            let is_ok = mends.len() == holds.len() || draw("tells") >= command.tells;
            Fate { takes_s: command.takes_s, down_s: command.down_s, is_ok, mends }
        }
    }
}

/// Seconds that a person takes. One who is called about the same fault takes the same time whoever calls.
fn person_s(scene: &Scene, channel: &Channel, luck: Seed, now: Timestamp) -> f64 {
    let luck = match mendable(channel, now).first() {
        Some(spell) => scene.seed.child("person").child(channel.id.as_str()).nth(*spell as u64),
        None => luck,
    };
    scene.care.person_s(luck)
}

fn after(now: Timestamp, seconds: f64) -> Timestamp {
    #[expect(clippy::cast_possible_truncation, reason = "float casts saturate, and so does the sum")]
    now.plus_micros((seconds * 1e6) as i64)
}

#[cfg(test)]
mod tests {
    use rand_xoshiro::Xoshiro256PlusPlus;

    use super::*;
    use crate::sim::replay::baseline::fixed::Fixed;
    use crate::sim::replay::router::Router;
    use crate::sim::replay::run::run;
    use crate::sim::replay::scene::{Command, Remedy};
    use crate::sim::replay::toy;
    use crate::sim::world::fault::{FaultKind, Spell};

    /// Even shares, and one deed on the first channel 90 seconds after the beginning.
    struct Doer {
        shares: Fixed,
        at: Option<Timestamp>,
        wanted: Vec<Deed>,
        heard: Vec<Done>,
    }

    impl Router for Doer {
        fn name(&self) -> &'static str {
            "doer"
        }
        fn pick(
            &mut self,
            now: Timestamp,
            class: usize,
            tried: &[usize],
            rng: &mut Xoshiro256PlusPlus,
        ) -> Option<usize> {
            self.shares.pick(now, class, tried, rng)
        }
        fn next_wakeup(&self) -> Option<Timestamp> {
            self.at
        }
        fn on_time(&mut self, _: Timestamp) {
            self.at = None;
        }
        fn deeds(&mut self) -> Vec<Deed> {
            std::mem::take(&mut self.wanted)
        }
        fn done(&mut self, _: Timestamp, done: &Done) {
            self.heard.push(done.clone());
        }
    }

    /// The end of a fault of the first channel from second 60 to second 300, in seconds, and what was heard of the deed.
    fn end(means: Means, by: Option<&str>, helps: f64) -> (f64, Done) {
        let mut scene = toy::mocks(10.0, 6);
        let from = scene.begin().plus_seconds(60);
        let spell = Spell { from, to: from.plus_seconds(240), kind: FaultKind::Failing(1.0) };
        scene.channels[0].spells.push(spell);
        scene.channels[0].remedies.push(Remedy { spell: 0, by: by.map(str::to_owned), helps });
        let command = Command { name: "restart".to_owned(), takes_s: 30.0, down_s: 10.0, fails: 0.0, tells: 1.0 };
        scene.care.commands.push(command);
        scene.care.person_times = 1e-3;
        let mut doer = Doer {
            shares: Fixed::even(&scene),
            at: Some(scene.begin().plus_seconds(90)),
            wanted: vec![Deed { key: "one".to_owned(), channel: 0, means }],
            heard: Vec::new(),
        };
        let trail = run(&scene, &mut doer);
        assert_eq!(trail.deeds, doer.heard);
        (trail.spells[0][0].to.seconds_since(scene.begin()), doer.heard.remove(0))
    }

    #[test]
    fn commands_take_their_time_and_mend_what_they_are_for() {
        let restart = || Means::Command("restart".to_owned());
        let (ended, done) = end(restart(), Some("restart"), 1.0);
        assert!((ended - 120.0).abs() < 1.0 && done.is_ok && done.mended == [0], "{ended} {done:?}");
        let (ended, done) = end(restart(), Some("restart"), 0.0);
        assert!(ended > 299.0 && !done.is_ok && done.mended.is_empty(), "it says that it did not help");
        let (ended, done) = end(restart(), None, 1.0);
        assert!(ended > 299.0 && !done.is_ok, "it is for people only");
        let (ended, done) = end(Means::Command("reboot".to_owned()), Some("restart"), 1.0);
        assert!(ended > 299.0 && !done.is_ok, "there is no such command");
    }

    #[test]
    fn people_mend_everything_that_can_be_mended() {
        let (ended, done) = end(Means::Person, None, 0.0);
        assert!(ended < 299.0 && done.mended == [0], "{ended} {done:?}");
    }
}
