//! The decisions on one route class over time: which plans are worth a change, and how fast it may go.
//!
//! Each question is answered by the planner; whether the present shares give way depends on how pressing the change
//! is ([`Urgency`]):
//!
//! | | when | how fast |
//! |---|---|---|
//! | emergency | calls leave channels that are shut, or far beyond the promise, or gone | at once, whole |
//! | return | a channel comes back or is new | its share in steps, 10 % first, whole after 45 s |
//! | pre-emptive | a channel will probably break its promise | at once, a quarter of the calls a minute |
//! | protective | the present mix misses a promise | some minutes after the last change, in the same steps |
//! | economic | another mix costs less | half an hour after the last change, in the same steps |
//!
//! The gates of the channels ([`gate`]) have hysteresis, and what is believed of them rises fast and falls slowly
//! ([`belief`]), so a quiet day has hardly a change. A change of less than a twentieth of the calls, or without a real gain, is
//! not made. Every decision is a lease and is renewed at half its time. The checker has the last word: a plan with
//! a grave fault is not adopted, and the present one serves on.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::ids::ChannelId;
use crate::domain::time::Timestamp;
use crate::policy::check::{self, Fault, What};
use crate::policy::decision::{Decision, Trigger, Urgency};
use crate::policy::input::PolicyInput;
use crate::policy::offer::offers;
use crate::policy::plan::{Beside, Plan};
use crate::policy::planner::{Question, Setting, nothing_known};
use crate::policy::report::{Because, Reason, Report};

mod belief;
mod gate;
mod pace;
mod weighing;

use gate::{Gate, micros};
use pace::Pace;
use weighing::Weighing;

/// The state of one route class. Equal inputs give equal decisions, and a restored state goes on bit for bit.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Steering {
    current: Option<Decision>,
    gates: BTreeMap<ChannelId, Gate>,
    pace: Option<Pace>,
    report: Report,
    wakeup: Option<Timestamp>,
    /// Generations up to this one may have been told before a restart.
    told: u64,
}

/// What is to be done about a plan.
enum Verdict {
    /// It is adopted, with these shares.
    Adopt { shares: Vec<f64>, urgency: Urgency, moved: f64, left: f64 },
    /// The present shares stay, because of this; asked again by then.
    Keep { because: Because, until: Option<Timestamp> },
}

impl Steering {
    /// Nothing was decided yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Goes on from `decision`, the last one that is known of before a restart, if there is any. Generations up to `told` are
    /// given to no other decision: they may have been told and lost.
    #[must_use]
    pub fn resumed(decision: Option<Decision>, told: u64) -> Self {
        Self { current: decision, told, ..Self::default() }
    }

    /// The decision that holds; it may have expired.
    #[must_use]
    pub const fn current(&self) -> Option<&Decision> {
        self.current.as_ref()
    }

    /// Why the last question was answered as it was, also if nothing was changed.
    #[must_use]
    pub const fn last_report(&self) -> &Report {
        &self.report
    }

    /// When [`Self::decide`] should be asked again at the latest: a renewal, or the next step of a change.
    #[must_use]
    pub const fn next_wakeup(&self) -> Option<Timestamp> {
        self.wakeup
    }

    /// A new decision, if there is one to be made; else [`Self::last_report`] says why not. `setting` is a checked one.
    /// Questions come in the order of time.
    pub fn decide(&mut self, setting: &Setting, input: &PolicyInput, trigger: Trigger) -> Option<Decision> {
        self.hear(setting, input);
        let present = self.present(input);
        // Gates are those of the candidates, in the same order.
        let gates = self.gates.values().zip(input.candidates.values()).zip(&present);
        let offers = offers(setting, input, gates.map(|((gate, one), share)| gate.judged(input.now, one, *share)));
        let question = Question::new(setting, input, offers);
        let Some(best) = question.answer() else {
            self.report = Report { reasons: vec![nothing_known()], binding: Vec::new() };
            self.wakeup = None;
            return None;
        };
        let weighing =
            Weighing { question: &question, best: &best, present: &present, is_first: self.current.is_none() };
        let verdict = self.verdict(setting, input.now, &weighing);
        let decision = self.carry_out(setting, input, trigger, &weighing, verdict);
        self.wakeup = self.due(setting, input.now);
        decision
    }

    /// What would be decided, without doing it: how the channels are is taken in, and the present decision stays. Comes with
    /// that decision renewed if it was time to.
    pub fn propose(&mut self, setting: &Setting, input: &PolicyInput) -> (Option<Decision>, Option<Decision>) {
        // A person says yes to all of a change at once.
        let whole = Setting { largest_shift: 1.0, ..*setting };
        let (before, pace) = (self.current.clone(), self.pace);
        let Some(decision) = self.decide(&whole, input, Trigger::Approval) else { return (None, None) };
        if decision.urgency == Urgency::None {
            return (Some(decision), None);
        }
        (self.current, self.pace) = (before, pace);
        let due = self.current.as_ref().filter(|current| input.now >= renewal(current, setting));
        let renewed = due.map(|current| (current.plan.clone(), current.report.clone()));
        let renewed = renewed
            .and_then(|(plan, report)| self.adopt(setting, input, (Trigger::Renewal, Urgency::None), plan, report));
        self.wakeup = self.due(setting, input.now);
        (renewed, Some(decision))
    }

    /// Adopts `proposed`, which people said yes to, as of the question `input`.
    ///
    /// # Errors
    /// The grave fault that the checker finds; then nothing is changed.
    pub fn accept(&mut self, setting: &Setting, input: &PolicyInput, proposed: &Decision) -> Result<Decision, What> {
        let (plan, report) = (proposed.plan.clone(), proposed.report.clone());
        let decision = self.draft(setting, input, (Trigger::Approval, proposed.urgency), plan, report);
        if let Some(fault) = check::faults(input, self.current.as_ref(), &decision).into_iter().find(Fault::is_grave) {
            return Err(fault.what);
        }
        self.current = Some(decision.clone());
        self.wakeup = self.due(setting, input.now);
        Ok(decision)
    }

    /// Takes in how the channels are.
    fn hear(&mut self, setting: &Setting, input: &PolicyInput) {
        let now = input.now;
        if !self.gates.keys().eq(input.candidates.keys()) {
            let is_first = self.current.is_none();
            self.gates.retain(|channel, _| input.candidates.contains_key(channel));
            for channel in input.candidates.keys() {
                let gate = || if is_first { Gate::open() } else { Gate::joining(now) };
                self.gates.entry(channel.clone()).or_insert_with(gate);
            }
        }
        for (gate, one) in self.gates.values_mut().zip(input.candidates.values()) {
            gate.step(setting, input, one);
        }
        self.pace.get_or_insert_with(|| Pace::new(now, setting)).refill(now, setting);
    }

    /// Present shares by candidate. Both are sorted, and mostly the same channels.
    fn present(&self, input: &PolicyInput) -> Vec<f64> {
        let Some(current) = &self.current else { return vec![0.0; input.candidates.len()] };
        let mut shares = Beside::new(&current.plan.shares);
        input.candidates.keys().map(|channel| shares.get(channel).copied().unwrap_or(0.0)).collect()
    }

    fn verdict(&mut self, setting: &Setting, now: Timestamp, weighing: &Weighing) -> Verdict {
        let (urgency, distance) = (weighing.urgency(setting), weighing.distance());
        let Some(pace) = &mut self.pace else {
            return Verdict::Keep { because: Because::Unknown, until: None };
        };
        let moved = match urgency {
            Urgency::None => {
                pace.rest();
                return Verdict::Keep { because: weighing.why_nothing(), until: None };
            }
            Urgency::Emergency => distance,
            Urgency::Return => {
                let most = (weighing.growth() + pace.step(setting, distance)).min(check::LARGEST_SHIFT);
                distance.min(most)
            }
            Urgency::Economic | Urgency::Protective | Urgency::Preemptive => {
                let seconds = pace.wait_s(now, setting, urgency);
                let step = pace.step(setting, distance);
                if seconds > 0.0 || step <= 0.0 {
                    let until = now.plus_micros(micros(seconds)).max(pace.ready(setting));
                    let because = Because::Dwell { seconds: until.seconds_since(now) };
                    return Verdict::Keep { because, until: Some(until) };
                }
                step
            }
        };
        let part = if distance > 0.0 { moved / distance } else { 1.0 };
        let left = (distance - moved).max(0.0);
        let part = if left < 1e-9 { 1.0 } else { part };
        Verdict::Adopt { shares: weighing.moved(part), urgency, moved, left }
    }

    fn carry_out(
        &mut self,
        setting: &Setting,
        input: &PolicyInput,
        trigger: Trigger,
        weighing: &Weighing,
        verdict: Verdict,
    ) -> Option<Decision> {
        match verdict {
            Verdict::Adopt { shares, urgency, moved, left } => {
                let report = report(weighing, &shares, (urgency, moved, left));
                let plan = weighing.question.plan(&shares, Some(&weighing.value(&shares)));
                let decision = self.adopt(setting, input, (trigger, urgency), plan, report)?;
                if let Some(pace) = &mut self.pace {
                    pace.moved(input.now, setting, urgency, moved, left);
                }
                Some(decision)
            }
            Verdict::Keep { because, until } => {
                self.wakeup = until;
                let mut reasons = vec![Reason::Nothing { because }];
                reasons.extend(weighing.question.reasons(weighing.present));
                let value = weighing.value(weighing.present);
                reasons.extend(weighing.question.broken(&value));
                let report = Report { reasons, binding: weighing.best.binding.clone() };
                self.renew(setting, input, trigger, report, || weighing.question.plan(weighing.present, Some(&value)))
            }
        }
    }

    /// Makes the present shares hold longer, if it is time or if other channels want single calls.
    fn renew(
        &mut self,
        setting: &Setting,
        input: &PolicyInput,
        trigger: Trigger,
        report: Report,
        plan: impl Fn() -> Plan,
    ) -> Option<Decision> {
        let current = self.current.as_ref()?;
        let is_due = input.now >= renewal(current, setting);
        let renewed = plan();
        let is_same = renewed.probes == current.plan.probes && self.gates.len() == current.plan.shares.len();
        if !is_due && is_same {
            self.report = report;
            return None;
        }
        let trigger = if is_same { Trigger::Renewal } else { trigger };
        self.adopt(setting, input, (trigger, Urgency::None), renewed, report)
    }

    /// Makes `plan` the decision, unless the checker finds a grave fault.
    fn adopt(
        &mut self,
        setting: &Setting,
        input: &PolicyInput,
        (trigger, urgency): (Trigger, Urgency),
        plan: Plan,
        report: Report,
    ) -> Option<Decision> {
        let decision = self.draft(setting, input, (trigger, urgency), plan, report);
        let faults = check::faults(input, self.current.as_ref(), &decision);
        if let Some(fault) = faults.into_iter().find(Fault::is_grave) {
            let reasons = vec![Reason::Refused { fault: fault.what.to_string() }];
            self.report = Report { reasons, binding: Vec::new() };
            return None;
        }
        self.report = decision.report.clone();
        self.current = Some(decision.clone());
        Some(decision)
    }

    /// The decision that would follow the present one.
    fn draft(
        &self,
        setting: &Setting,
        input: &PolicyInput,
        (trigger, urgency): (Trigger, Urgency),
        plan: Plan,
        report: Report,
    ) -> Decision {
        let parent = self.current.as_ref().map_or(0, |current| current.generation);
        let expires = input.now.plus_micros(micros(setting.lease_s));
        let generation = parent.max(self.told) + 1;
        Decision { generation, parent, issued: input.now, expires, trigger, urgency, plan, report }
    }

    /// The earliest of what is to come; what was held back is in `wakeup` already.
    fn due(&self, setting: &Setting, now: Timestamp) -> Option<Timestamp> {
        let renewal = self.current.as_ref().map(|current| renewal(current, setting));
        let steps = self.gates.values().filter_map(|gate| gate.next_step(setting, now));
        let moving = self.pace.filter(Pace::is_moving).map(|pace| pace.ready(setting));
        let all = self.wakeup.into_iter().chain(renewal).chain(moving).chain(steps);
        all.filter(|at| *at > now).min()
    }
}

/// When a decision is to be renewed: at half its time, so that a consumer that misses one renewal still has a lease.
fn renewal(decision: &Decision, setting: &Setting) -> Timestamp {
    decision.issued.plus_micros(micros(setting.lease_s / 2.0))
}

fn report(weighing: &Weighing, shares: &[f64], (urgency, moved, left): (Urgency, f64, f64)) -> Report {
    let mut reasons = weighing.moves(shares, urgency);
    if left > 1e-3 {
        reasons.push(Reason::Step { part: moved, left });
    }
    reasons.extend(weighing.question.reasons(shares));
    reasons.extend(weighing.question.broken(&weighing.value(shares)));
    Report { reasons, binding: weighing.best.binding.clone() }
}

#[cfg(test)]
mod tests;
