//! Who carries what: both lanes, and the planner that they share.
//!
//! Each call is heard by its channel's fast lane ([`crate::policy::fast`]); each minute brings forecasts, risks and incidents.
//! When a channel trips or recovers, when a minute was judged and when a timer is due, the planner is asked anew. The
//! answer is a decision, or none.
//!
//! A pure function of events and times, as [`super::Machine`] is: `serve` feeds it from the world, `replay` from a simulated
//! one. Its state is of minutes and a day at most, and is learnt again from the tables after a restart; only the last
//! decision of each class is handed over ([`Pilot::resume`]).

pub mod ahead;
pub mod book;
pub mod course;
pub mod drain;
pub mod memory;
pub mod season;
pub mod speed;
pub mod trend;
pub mod waiting;

mod gather;

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::call::Outcome;
use crate::domain::ids::ChannelId;
use crate::domain::sample::Sample;
use crate::domain::time::{Minute, Timestamp};
use crate::engine::machine::{Conclusions, Heard};
use crate::incident::kind::Kind;
use crate::incident::severity::Severity;
use crate::incident::state::Incident;
use crate::policy::decision::{Decision, Trigger};
use crate::policy::fast::call::{Answers, CallEnd};
use crate::policy::fast::lane::{Lane, Present, Shift};
use crate::policy::input::{PolicyInput, Standing};
use crate::policy::report::{Because, Reason, Report};
use crate::policy::steering::Steering;
use crate::risk::chance::HORIZONS;
use crate::stats::seed::Seed;

pub use ahead::Ahead;
pub use book::{Mode, Purse, Quota, Route, RouteBook};
use course::Course;
pub use course::{Came, Decided, Tally};
use memory::Memory;

/// The horizon of the risk that plans look at, in minutes.
const FORESIGHT: u32 = HORIZONS[1];

/// Calls of a minute below which it says nothing about risks.
const THIN: u64 = 20;
/// Seconds after an incident during which forecasts of its channel are not believed.
const DOUBT_S: i64 = 1_200;

/// What a minute says of one channel.
#[derive(Debug, Clone, Default)]
pub struct Facts<'a> {
    /// The minute as it stands; `None` if nobody watched the channel.
    pub sample: Option<&'a Sample>,
    /// What its forecasts say.
    pub ahead: Ahead,
    /// By route class, the calibrated probability of breaking what is promised within the quarter of an hour.
    pub risks: BTreeMap<String, f64>,
    /// The worst open incident that callers feel.
    pub incident: Option<Severity>,
}

/// What the last minute said of a channel.
#[derive(Debug, Clone, Copy, Default)]
struct View {
    ahead: Ahead,
    incident: Option<Severity>,
    /// Until when forecasts are not believed: they have learnt an outage, and expect that it goes on.
    doubtful_until: Option<Timestamp>,
}

/// Everything that decisions follow from.
#[derive(Debug, Clone, Default)]
pub struct Pilot {
    seed: Option<Seed>,
    lanes: BTreeMap<ChannelId, Lane>,
    memories: BTreeMap<ChannelId, Memory>,
    views: BTreeMap<ChannelId, View>,
    /// When channels were last found as quick as usual again.
    quick: BTreeMap<ChannelId, Timestamp>,
    /// By route class and channel.
    risks: BTreeMap<String, BTreeMap<ChannelId, f64>>,
    courses: BTreeMap<String, Course>,
    /// By route class, what people said may be done, in place of what is configured.
    modes: BTreeMap<String, Mode>,
    /// Channels that a playbook keeps calls away from.
    drained: BTreeSet<ChannelId>,
    /// How often a channel tripped or recovered.
    shifts: u64,
}

impl Pilot {
    /// A pilot that knows nothing; `seed` is of its jitter.
    #[must_use]
    pub fn new(seed: Seed) -> Self {
        Self { seed: Some(seed), ..Self::default() }
    }

    /// Learns a minute of the past.
    pub fn learn(&mut self, book: &RouteBook, sample: &Sample) {
        let is_well = book
            .routes_of(&sample.channel)
            .all(|(_, route)| route.class.objective.is_broken(&route.class.seen(sample)) != Some(true));
        self.memories.entry(sample.channel.clone()).or_default().learn(sample, is_well);
        self.pay(book, sample);
    }

    /// Goes on from `decision`, the last one about `class` that is known of before a restart, if there is any, and gives none
    /// of the generations up to `told`.
    pub fn resume(&mut self, class: &str, decision: Option<Decision>, told: u64) {
        self.courses.entry(class.to_owned()).or_default().steering = Steering::resumed(decision, told);
    }

    /// Goes on with what `before` had decided, and with what this one has learnt.
    pub fn succeed(&mut self, before: Self) {
        for (class, course) in before.courses {
            self.courses.entry(class).or_default().succeed(course);
        }
        self.modes = before.modes;
        self.drained = before.drained;
    }

    /// Hears that a call on `channel` began.
    pub fn begin(&mut self, channel: &ChannelId, now: Timestamp) {
        self.lane(channel).begin(now);
    }

    /// Hears how a call on `channel` ended. What it shows may be a decision at once.
    pub fn hear(&mut self, book: &RouteBook, channel: &ChannelId, end: &CallEnd) -> Vec<Decided> {
        for (_, route) in book.routes_of(channel) {
            let Some(course) = self.courses.get_mut(&route.class.name) else { continue };
            course.tally.calls += 1;
            course.tally.failed += u64::from(end.outcome.is_failure());
            let limit_ms = book::latency_limit(&route.class).map(|(_, ms)| ms);
            let is_slow = end.latency_ms.zip(limit_ms).is_some_and(|(ms, limit)| ms > limit);
            course.tally.slow += u64::from(is_slow && !end.outcome.is_failure());
        }
        let shift = self.lane(channel).hear(&book.lane, end);
        let is_quick = self.is_quick_again(book, channel, end);
        match shift {
            Some(shift) => self.shifted(book, channel, shift, end.at),
            None if is_quick => self.quickened(book, channel, end.at),
            None => Vec::new(),
        }
    }

    /// Hears of a minute of every channel that was judged at `now`.
    pub fn minute(&mut self, book: &RouteBook, now: Timestamp, facts: &BTreeMap<ChannelId, Facts<'_>>) -> Vec<Decided> {
        for (name, facts) in facts {
            if let Some(sample) = facts.sample {
                self.learn(book, sample);
            }
            let known = self.views.get(name).and_then(|view| view.doubtful_until);
            let doubtful_until = facts.incident.map(|_| now.plus_seconds(DOUBT_S)).or(known);
            let view = View { ahead: facts.ahead, incident: facts.incident, doubtful_until };
            self.views.insert(name.clone(), view);
            let calls = facts.sample.map_or(0, |sample| sample.counts.requests);
            // The minutes of a channel that is hardly used are too thin to tell: what was known of it stays.
            for (class, risk) in facts.risks.iter().filter(|_| calls >= THIN) {
                self.risks.entry(class.clone()).or_default().insert(name.clone(), *risk);
            }
        }
        book.routes.iter().filter_map(|route| self.plan(book, route, now, Trigger::Minute)).collect()
    }

    /// Hears of a minute that [`super::Machine::observe`] judged at `now`, with its `conclusions` and the incidents that are
    /// open.
    pub fn judged<'a>(
        &mut self,
        book: &RouteBook,
        (now, minute): (Timestamp, Minute),
        heard: &BTreeMap<ChannelId, Heard>,
        conclusions: &Conclusions,
        incidents: impl Iterator<Item = &'a Incident>,
    ) -> (Vec<Decided>, Vec<Came>) {
        let mut facts: BTreeMap<ChannelId, Facts<'_>> = BTreeMap::new();
        for (name, heard) in heard {
            let known = Facts { sample: heard.sample.as_ref(), ahead: heard.ahead, ..Facts::default() };
            facts.insert(name.clone(), known);
        }
        for of in conclusions.risks.iter().filter(|of| of.of.horizon == FORESIGHT) {
            if let Some(facts) = facts.get_mut(&of.channel) {
                facts.risks.insert(of.class.clone(), of.of.probability);
            }
        }
        for incident in incidents.filter(|incident| is_felt(incident.kind)) {
            if let Some(facts) = facts.get_mut(&incident.channel) {
                let worst = facts.incident.map_or(incident.severity, |known| known.min(incident.severity));
                facts.incident = Some(worst);
            }
        }
        let outcomes = || conclusions.outcomes.iter().filter(|of| of.of.risk.horizon == FORESIGHT);
        let came = self.settle(minute, |class, channel, at| {
            let of = outcomes().find(|of| of.of.minute == at && of.class == class && of.channel == *channel);
            of.map(|of| of.of.came)
        });
        (self.minute(book, now, &facts), came)
    }

    /// Settles what was foreseen: `outcomes` are of the quarter of an hour that began with their minute.
    fn settle(&mut self, now: Minute, came: impl Fn(&str, &ChannelId, Minute) -> Option<bool>) -> Vec<Came> {
        let mut settled = Vec::new();
        for (class, course) in &mut self.courses {
            course.foreseen.retain(|(minute, generation, channel)| match came(class, channel, *minute) {
                Some(came) => {
                    let (class, channel) = (class.clone(), channel.clone());
                    settled.push(Came { class, generation: *generation, channel, came });
                    false
                }
                None => now.0.saturating_sub(minute.0) <= 2 * FORESIGHT,
            });
        }
        settled
    }

    /// Does what is due at `now`.
    pub fn on_time(&mut self, book: &RouteBook, now: Timestamp) -> Vec<Decided> {
        let names: Vec<ChannelId> = self.lanes.keys().cloned().collect();
        let mut decided = Vec::new();
        for name in names {
            let shift = self.lanes.get_mut(&name).and_then(|lane| lane.on_time(&book.lane, now));
            if let Some(shift) = shift {
                decided.extend(self.shifted(book, &name, shift, now));
            }
        }
        for route in &book.routes {
            let is_due = self.courses.get(&route.class.name).and_then(|course| course.steering.next_wakeup());
            if is_due.is_some_and(|due| due <= now) {
                decided.extend(self.plan(book, route, now, Trigger::Timer));
            }
        }
        decided
    }

    /// When it wants [`Pilot::on_time`] to be called next.
    #[must_use]
    pub fn next_wakeup(&self) -> Option<Timestamp> {
        let lanes = self.lanes.values().filter_map(Lane::next_wakeup);
        lanes.chain(self.courses.values().filter_map(|course| course.steering.next_wakeup())).min()
    }

    /// Whether decisions are why `channel` had more or fewer calls at `now`.
    #[must_use]
    pub fn has_moved(&self, channel: &ChannelId, now: Timestamp) -> bool {
        self.courses.values().any(|course| course.has_moved(channel, now))
    }

    /// The decision of `class` that holds.
    #[must_use]
    pub fn current(&self, class: &str) -> Option<&Decision> {
        self.courses.get(class)?.steering.current()
    }

    /// Why the last plan of `class` is as it is, also where nothing was changed.
    #[must_use]
    pub fn last_report(&self, class: &str) -> Option<&Report> {
        self.courses.get(class).map(|course| course.steering.last_report())
    }

    /// How often a channel tripped or recovered: whether anything did, for those who compare.
    #[must_use]
    pub const fn shifts(&self) -> u64 {
        self.shifts
    }

    /// What would be asked of the planner for `class` now.
    #[must_use]
    pub fn question(&self, book: &RouteBook, class: &str, now: Timestamp) -> Option<PolicyInput> {
        book.routes.iter().find(|route| route.class.name == class).map(|route| self.input(book, route, now))
    }

    /// What the fast lane says of the channel `name`.
    #[must_use]
    pub fn fast(&self, book: &RouteBook, name: &ChannelId, now: Timestamp) -> (Standing, Present) {
        match self.lanes.get(name) {
            Some(lane) => (lane.standing(&book.lane, now), lane.present(now)),
            None => (Standing::Closed, Present::default()),
        }
    }

    /// How the calls of the channel `name` ended, all that were heard of.
    #[must_use]
    pub fn answers(&self, name: &ChannelId) -> Answers {
        self.lanes.get(name).map(Lane::answers).unwrap_or_default()
    }

    /// Whether this call shows that a channel that was left for being slow is as quick as usual again, and usually
    /// keeps what is promised.
    fn is_quick_again(&mut self, book: &RouteBook, channel: &ChannelId, end: &CallEnd) -> bool {
        let Some(ms) = end.latency_ms.filter(|_| end.outcome == Outcome::Ok) else { return false };
        let Some(memory) = self.memories.get_mut(channel) else { return false };
        if !memory.hear(ms) {
            return false;
        }
        let memory = &*memory;
        let returns = |(_, route): (usize, &Route)| {
            let held = self.courses.get(&route.class.name).and_then(|course| course.steering.current());
            let is_out = held.is_some_and(|held| held.plan.probes.contains_key(channel));
            let keeps = book::latency_limit(&route.class).is_none_or(|(quantile, limit_ms)| {
                memory.usually_slow(limit_ms).is_some_and(|share| share <= 1.0 - quantile)
            });
            is_out && keeps
        };
        book.routes_of(channel).any(returns)
    }

    /// What follows from a channel that is as quick as usual again.
    fn quickened(&mut self, book: &RouteBook, channel: &ChannelId, now: Timestamp) -> Vec<Decided> {
        if let Some(memory) = self.memories.get_mut(channel) {
            memory.forget_latencies();
        }
        self.quick.insert(channel.clone(), now);
        book.routes_of(channel).filter_map(|(_, route)| self.plan(book, route, now, Trigger::Recovery)).collect()
    }

    /// What follows from a channel that tripped or recovered.
    fn shifted(&mut self, book: &RouteBook, name: &ChannelId, shift: Shift, now: Timestamp) -> Vec<Decided> {
        self.shifts += u64::from(matches!(shift, Shift::Tripped(_) | Shift::Recovered));
        let trigger = match shift {
            Shift::Tripped(_) => Trigger::Trip,
            Shift::Recovered => {
                self.memories.entry(name.clone()).or_default().forget_latencies();
                Trigger::Recovery
            }
            Shift::HalfOpened | Shift::Settled | Shift::WentStale => Trigger::Timer,
        };
        book.routes_of(name).filter_map(|(_, route)| self.plan(book, route, now, trigger)).collect()
    }

    fn plan(&mut self, book: &RouteBook, route: &Route, now: Timestamp, trigger: Trigger) -> Option<Decided> {
        match self.mode(route) {
            Mode::Observe => return None,
            // Whoever said yes to a run said yes to the shifts of its steps.
            Mode::Approve if trigger != Trigger::Playbook => return self.propose(book, route, now),
            Mode::Advise | Mode::Approve | Mode::Auto => {}
        }
        let input = self.input(book, route, now);
        let course = self.courses.entry(route.class.name.clone()).or_default();
        let before = course.steering.current().map(|decision| decision.plan.clone());
        let decision = course.steering.decide(&book.planner, &input, trigger)?;
        // What waits for people was thought out before this.
        course.waiting = None;
        let left = decision.report.reasons.iter().filter_map(|reason| match reason {
            Reason::Rejected { channel, because: Because::Risk { .. } | Because::WillBeSlow { .. } } => {
                Some(channel.clone())
            }
            _ => None,
        });
        let minute = now.minute().minus(1);
        let known: Vec<ChannelId> = course.foreseen.iter().map(|(.., channel)| channel.clone()).collect();
        let fresh =
            left.filter(|channel| !known.contains(channel)).map(|channel| (minute, decision.generation, channel));
        let fresh: Vec<_> = fresh.collect();
        course.foreseen.extend(fresh);
        Some(course.adopt(before.as_ref(), decision))
    }

    /// Counts what `sample` cost for every class that may have caused it.
    fn pay(&mut self, book: &RouteBook, sample: &Sample) {
        let Some(usd) = sample.cost.map(crate::domain::units::MicroUsd::usd) else { return };
        let part = usd / gather::sharers(book, &sample.channel);
        for (_, route) in book.routes_of(&sample.channel) {
            if let Some(purse) = route.purse {
                self.courses.entry(route.class.name.clone()).or_default().spend(purse, sample.minute, part);
            }
        }
    }

    fn lane(&mut self, channel: &ChannelId) -> &mut Lane {
        let seed = self.seed.unwrap_or_else(|| Seed::new(0));
        let new = |channel: &ChannelId| Lane::new(seed.child("lane").child(channel.as_str()));
        self.lanes.entry(channel.clone()).or_insert_with_key(new)
    }
}

/// Whether callers feel trouble of this kind.
const fn is_felt(kind: Kind) -> bool {
    matches!(kind, Kind::Errors | Kind::Latency | Kind::Throttling)
}
