//! Our own engine in the replay: the minute lane, the fast lane and the planner that `serve` runs, fed from the scene.
//!
//! Nothing here decides. A minute is judged ten seconds after its end, as live; forecasts are chosen on the past alone
//! and followed from there. What is done about channels in trouble, if anything is, lies in [`care`].

mod books;
pub mod care;

use std::collections::BTreeMap;
use std::sync::Arc;

use rand_xoshiro::Xoshiro256PlusPlus;

use crate::domain::ids::ChannelId;
use crate::domain::sample::Sample;
use crate::domain::target::Target;
use crate::domain::time::{Minute, Timestamp};
use crate::engine::machine::foresight::{Foresight, Walker, targets};
use crate::engine::machine::pilot::{self, Pilot, RouteBook};
use crate::engine::machine::rehearsal::walk;
use crate::engine::machine::vitals::Vitals;
use crate::engine::machine::{Heard, Machine, RiskOf, Rulebook};
use crate::forecast::champion;
use crate::forecast::global::Pools;
use crate::forecast::history::{Grid, History};
use crate::incident::state::Incident;
use crate::policy::fast::call::CallEnd;
use crate::policy::report::{Because, Reason};
use crate::risk::outlook::Risk;
use crate::risk::passage::{PATHS, Panel};
use crate::sim::replay::deed::{Deed, Done};
use crate::sim::replay::router::{Attempt, Decided, Log, Router, Seen, draw};
use crate::sim::replay::scene::Scene;
use crate::stats::seed::Seed;
use care::{By, Care};

/// Seconds after its end at which a minute is judged.
const DELAY_S: i64 = 10;
/// The part of the past on which risks are rehearsed.
const REHEARSED: usize = 3;
/// Steps of random paths.
const STEPS: usize = 60;

/// The engine as a router.
pub struct Ours {
    names: Vec<ChannelId>,
    book: RouteBook,
    rulebook: Rulebook,
    machine: Machine,
    pilot: Pilot,
    foresights: BTreeMap<ChannelId, Foresight>,
    panels: BTreeMap<u8, Arc<Panel>>,
    /// Per class, the share of each channel.
    shares: Vec<Vec<f64>>,
    /// Per class: place of a channel, microseconds between two calls to it, when it was last asked.
    probes: Vec<Vec<(usize, i64, Option<Timestamp>)>>,
    /// A minute that waits to be judged.
    waiting: Option<(Timestamp, Minute, Vec<Sample>)>,
    /// What the last judged minute said of risks.
    risks: Vec<RiskOf<Risk>>,
    /// Who serves each channel.
    providers: BTreeMap<ChannelId, String>,
    /// Who sees to channels in trouble, if anybody does.
    care: Option<Care>,
    log: Log,
}

impl Ours {
    /// The engine with its defaults for `scene`, with nothing decided: calls are spread evenly.
    ///
    /// # Panics
    /// Never: the scene was checked.
    #[must_use]
    pub fn new(scene: &Scene) -> Self {
        let even = |class: &crate::sim::replay::scene::Class| {
            let has = |channel: usize| if class.channels.contains(&channel) { 1.0 } else { 0.0 };
            (0..scene.channels.len()).map(has).collect()
        };
        Self {
            names: scene.channels.iter().map(|channel| channel.id.clone()).collect(),
            book: books::routes(scene),
            rulebook: books::rules(scene),
            machine: Machine::default(),
            pilot: Pilot::new(scene.seed.child("pilot")),
            foresights: BTreeMap::new(),
            panels: BTreeMap::new(),
            shares: scene.classes.iter().map(even).collect(),
            probes: vec![Vec::new(); scene.classes.len()],
            waiting: None,
            risks: Vec::new(),
            providers: scene.channels.iter().map(|it| (it.id.clone(), it.profile.provider.to_owned())).collect(),
            care: None,
            log: Log::default(),
        }
    }

    /// The same, and channels in trouble are seen to `by` somebody; by nobody in a scene without playbooks, whose triggers
    /// alert people as well.
    ///
    /// # Panics
    /// Never: the scene was checked.
    #[must_use]
    pub fn with_care(scene: &Scene, by: By) -> Self {
        let ours = Self::new(scene);
        let setting = scene.care.playbooks.clone();
        let care = setting.map(|setting| Care::new(by, setting, ours.names.clone(), scene.begin()));
        Self { care, ..ours }
    }

    /// Looks after channels in trouble, if it is time to.
    fn see_to(&mut self, now: Timestamp) {
        let Some(care) = self.care.as_mut().filter(|care| care.next() <= now) else { return };
        let open: Vec<&Incident> = self.machine.incidents().collect();
        let of = |name: &ChannelId| {
            let name = name.clone();
            self.risks.iter().filter(move |of| of.channel == name).map(|of| &of.of)
        };
        let probed = BTreeMap::new();
        let vitals = Vitals { book: &self.book, pilot: &self.pilot, providers: &self.providers, probed: &probed };
        let facts = vitals.facts(now, self.machine.next().map(|_| &open[..]), of);
        let drained = care.look(now, &facts);
        if *self.pilot.drained() != drained {
            let decided = self.pilot.drain(&self.book, drained, now);
            self.adopt(decided);
        }
    }

    fn panel(&mut self, persistence: f64) -> Option<Arc<Panel>> {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 19")]
        let twentieths = (persistence.clamp(0.0, 0.95) * 20.0).round() as u8;
        if let Some(panel) = self.panels.get(&twentieths) {
            return Some(Arc::clone(panel));
        }
        let panel = Arc::new(Panel::new(PATHS, STEPS, f64::from(twentieths) / 20.0, Seed::new(0)).ok()?);
        self.panels.insert(twentieths, Arc::clone(&panel));
        Some(panel)
    }

    /// Forecasts of a channel that know `minutes` of it; `None` if that is too little.
    fn foresight(&mut self, wanted: &[Target], minutes: &[Sample]) -> Option<Foresight> {
        let start = minutes.first()?.minute.start();
        let mut walkers = Vec::new();
        for target in wanted {
            let (values, counts): (Vec<f64>, Vec<f64>) = minutes.iter().map(|sample| target.observe(sample)).unzip();
            let history = History::new(Grid { start, step_s: 60 }, &values).with_counts(&counts);
            let tracker = champion::choose(*target, &history, &Pools::default()).ok()?.tracker;
            let panel = self.panel(tracker.draw().persistence)?;
            walkers.push(Walker { target: *target, tracker, panel });
        }
        Some(Foresight::new(walkers))
    }

    fn judge(&mut self, now: Timestamp, minute: Minute, samples: Vec<Sample>) {
        let mut heard: BTreeMap<ChannelId, Heard> = BTreeMap::new();
        for sample in samples {
            let name = sample.channel.clone();
            let mut told = Heard::default();
            if let Some(foresight) = self.foresights.get_mut(&name) {
                told.expected = foresight.expected(minute).copied();
                foresight.observe(minute, Some(&sample));
                for class in self.rulebook.classes_of(&name) {
                    told.chances.extend(foresight.chances(class).map(|chances| (class.name.clone(), chances)));
                }
                told.ahead = foresight.ahead();
            }
            told.is_moved = self.pilot.has_moved(&name, now);
            told.sample = Some(sample);
            heard.insert(name, told);
        }
        let conclusions = self.machine.observe(&self.rulebook, now, minute, &heard);
        for of in conclusions.risks.iter().filter(|of| of.of.horizon == 15) {
            if let Some(place) = self.names.iter().position(|name| *name == of.channel) {
                self.log.risks.push((now, place, of.of.probability));
            }
        }
        for change in &conclusions.changes {
            self.note(change);
        }
        let (decided, _came) =
            self.pilot.judged(&self.book, (now, minute), &heard, &conclusions, self.machine.incidents());
        self.adopt(decided);
        self.risks = conclusions.risks;
        if let Some(care) = &mut self.care {
            care.wake(now);
        }
    }

    fn note(&mut self, change: &crate::incident::change::Change) {
        let incident = &change.incident;
        let Some(channel) = self.names.iter().position(|name| *name == incident.channel) else { return };
        if change.what.begins() {
            let seen = Seen { channel, from: change.at, to: None, severity: incident.worst };
            self.log.incidents.push(seen);
        } else if incident.times.resolved.is_some()
            && let Some(seen) = self.log.incidents.iter_mut().rev().find(|seen| seen.channel == channel)
        {
            seen.to = Some(change.at);
            seen.severity = incident.worst;
        }
    }

    fn adopt(&mut self, decided: Vec<pilot::Decided>) {
        for pilot::Decided { decision, .. } in decided {
            if let Some(care) = &mut self.care {
                care.wake(decision.issued);
            }
            let Some(class) = self.book.place(&decision.plan.class) else { continue };
            let shares: Vec<f64> = self.names.iter().map(|name| decision.plan.share(name)).collect();
            let before = self.probes.get(class).cloned().unwrap_or_default();
            let probe = |(place, name): (usize, &ChannelId)| {
                let seconds = decision.plan.probes.get(name)?;
                #[expect(clippy::cast_possible_truncation, reason = "float casts saturate")]
                let every_us = (seconds * 1e6) as i64;
                let last = before.iter().find(|(known, ..)| *known == place).and_then(|(.., last)| *last);
                Some((place, every_us, last))
            };
            let probes = self.names.iter().enumerate().filter_map(probe).collect();
            let left = decision.report.reasons.iter().filter_map(left_ahead);
            let ahead = left.filter_map(|left| self.names.iter().position(|name| name == left)).collect();
            self.log.decisions.push(Decided {
                at: decision.issued,
                class,
                shares: shares.clone(),
                trigger: decision.trigger,
                ahead,
                why: decision.report.to_string(),
            });
            if let (Some(own), Some(asked)) = (self.shares.get_mut(class), self.probes.get_mut(class)) {
                (*own, *asked) = (shares, probes);
            }
        }
    }
}

/// The channel that is left because of what is foreseen.
fn left_ahead(reason: &Reason) -> Option<&ChannelId> {
    match reason {
        Reason::Rejected { channel, because: Because::Risk { .. } | Because::WillBeSlow { .. } }
        | Reason::Moved { channel, because: Because::Risk { .. } | Because::WillBeSlow { .. }, .. } => Some(channel),
        _ => None,
    }
}

impl Router for Ours {
    fn name(&self) -> &'static str {
        "foreroute"
    }

    fn deeds(&mut self) -> Vec<Deed> {
        self.care.as_mut().map(|care| std::mem::take(&mut care.deeds)).unwrap_or_default()
    }

    fn done(&mut self, now: Timestamp, done: &Done) {
        if let Some(care) = &mut self.care {
            care.done(now, done);
        }
    }

    fn learn(&mut self, past: &[Vec<Sample>]) {
        for minutes in past {
            let Some(name) = minutes.first().map(|sample| sample.channel.clone()) else { continue };
            let rulebook = self.rulebook.clone();
            self.machine.learn(&rulebook, &name, minutes);
            for sample in minutes {
                self.pilot.learn(&self.book, sample);
            }
            let classes: Vec<_> = rulebook.classes_of(&name).cloned().collect();
            let mut wanted: Vec<Target> = classes.iter().flat_map(targets).collect();
            wanted.sort_unstable();
            wanted.dedup();
            let cut = minutes.len() - minutes.len() / REHEARSED;
            for class in &classes {
                if let (Some(foresight), Some(first)) = (self.foresight(&wanted, &minutes[..cut]), minutes.get(cut)) {
                    let steps = walk(&rulebook, class, foresight, first.minute, minutes);
                    self.machine.rehearse(class, &name, &steps);
                }
            }
            if let Some(foresight) = self.foresight(&wanted, minutes) {
                self.foresights.insert(name, foresight);
            }
        }
    }

    fn pick(&mut self, now: Timestamp, class: usize, tried: &[usize], rng: &mut Xoshiro256PlusPlus) -> Option<usize> {
        for (place, every_us, last) in self.probes.get_mut(class)? {
            let is_due = last.is_none_or(|last| now.micros() - last.micros() >= *every_us);
            if tried.is_empty() && is_due {
                *last = Some(now);
                return Some(*place);
            }
        }
        draw(self.shares.get(class)?, tried, rng)
    }

    fn began(&mut self, now: Timestamp, channel: usize) {
        if let Some(name) = self.names.get(channel) {
            self.pilot.begin(name, now);
        }
    }

    fn finished(&mut self, _: Timestamp, attempt: &Attempt) {
        let Some(name) = self.names.get(attempt.channel) else { return };
        let end = CallEnd {
            at: attempt.end.at,
            outcome: attempt.end.outcome,
            latency_ms: attempt.end.latency_ms,
            limit_ms: attempt.end.limit_ms,
            retry_after_s: attempt.end.retry_after_s,
            probe: attempt.end.probe,
        };
        let decided = self.pilot.hear(&self.book, name, &end);
        self.adopt(decided);
    }

    fn minute(&mut self, now: Timestamp, minute: Minute, samples: &[Sample]) {
        self.waiting = Some((now.plus_seconds(DELAY_S), minute, samples.to_vec()));
    }

    fn on_time(&mut self, now: Timestamp) {
        if let Some((_, minute, samples)) = self.waiting.take_if(|(at, ..)| *at <= now) {
            self.judge(now, minute, samples);
        }
        let decided = self.pilot.on_time(&self.book, now);
        self.adopt(decided);
        self.see_to(now);
    }

    fn next_wakeup(&self) -> Option<Timestamp> {
        let judging = self.waiting.as_ref().map(|(at, ..)| *at);
        let care = self.care.as_ref().map(Care::next);
        judging.into_iter().chain(self.pilot.next_wakeup()).chain(care).min()
    }

    fn log(&self) -> Log {
        let care = self.care.as_ref().map(|care| (care.alerts.clone(), care.runs.clone()));
        let (alerts, runs) = care.unwrap_or_default();
        Log { alerts, runs, ..self.log.clone() }
    }
}
