//! One execution of a playbook on one channel.
//!
//! ```text
//! asking ─▶ acting (step after step) ─▶ verifying ─▶ done
//!    │          │ tries used up             │ not in time
//!    ▼          ▼                           ▼
//! declined   rolling back ──────────────▶ rolled back
//!               │ tries used up, or nothing to take back
//!               ▼
//!          handed over to a person
//! ```
//!
//! Where what must hold does not in time, the steps can be done in further rounds before that counts as failed.
//!
//! A channel that a run drained is given back when the run ends, however it ends: the planner has gates of its own, and no
//! channel is kept out because nobody remembers why.

use rand::RngExt;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use crate::domain::ids::ChannelId;
use crate::domain::time::Timestamp;
use crate::policy::authority::proposal::Approval;
use crate::policy::fast::call::Answers;
use crate::policy::healing::facts::{Consent, Facts};
use crate::policy::healing::order::{Attempt, Ending, Outcome, What};
use crate::policy::healing::playbook::{Action, Cause, Condition, Playbook, Step};
use crate::stats::seed::Seed;

mod end;
mod people;

/// Seconds after the time-out of an attempt after which nobody waits for its outcome any more.
const GRACE_S: f64 = 30.0;
/// Seconds between two looks at a condition.
const LOOK_S: f64 = 2.0;
/// The longest wait between two tries, in seconds.
const LONGEST_BACK_OFF_S: f64 = 600.0;

/// One execution of a playbook on one channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// Its name: it follows from channel, playbook and beginning.
    pub id: String,
    /// The channel.
    pub channel: ChannelId,
    /// Route classes that the channel serves.
    pub classes: Vec<String>,
    /// The playbook as it was when the run began.
    pub playbook: Playbook,
    /// Why it runs.
    pub cause: String,
    /// When the first sign of the trouble was seen, if that is known.
    pub first_sign: Option<Timestamp>,
    /// When it began.
    pub began: Timestamp,
    /// Whether calls are kept away from the channel.
    pub is_drained: bool,
    /// When calls were first kept away.
    pub mitigated: Option<Timestamp>,
    /// Where it stands.
    pub state: State,
    /// Why it is rolled back, once it is.
    failure: Option<String>,
    /// Rounds of its steps that are over and did not help.
    #[serde(default)]
    rounds_over: u32,
}

/// Where a run stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It waits for people.
    Asking {
        /// Until when they can say yes.
        expires: Timestamp,
        /// How many must.
        needed: u8,
        /// Who did.
        approvals: Vec<Approval>,
    },
    /// It is at a step.
    Acting {
        /// The place of the step; those of the roll-back come behind the others.
        step: usize,
        /// How far the step is.
        progress: Progress,
    },
    /// All steps went well, and it is watched whether that helped.
    Verifying {
        /// Since when.
        since: Timestamp,
        /// Since when without a break all of it holds.
        holds_since: Option<Timestamp>,
        /// How calls had ended when it began to be watched; `None` before the first look.
        #[serde(default)]
        before: Option<Answers>,
    },
    /// It is over.
    Ended {
        /// When.
        at: Timestamp,
        /// How.
        ending: Ending,
        /// Why.
        why: String,
        /// When what must hold began to hold, if it went well.
        recovered: Option<Timestamp>,
    },
}

/// How far a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Progress {
    /// The next try is due.
    Due {
        /// When.
        at: Timestamp,
        /// Tries so far.
        tried: u32,
    },
    /// A try is under way.
    UnderWay {
        /// Its number, from 1.
        tried: u32,
        /// When it began.
        began: Timestamp,
        /// When nobody waits for its outcome any more.
        until: Timestamp,
    },
    /// A condition is waited for.
    Waiting {
        /// Since when.
        since: Timestamp,
    },
    /// Nobody knows what came of a try, and what shows it is waited for.
    Confirming {
        /// Its number, from 1.
        tried: u32,
        /// When it began.
        began: Timestamp,
        /// Since when it is waited.
        since: Timestamp,
    },
}

/// Whether another action is within the budget.
pub(super) trait Purse {
    /// Takes one action at `now`; `None` if it was taken, else when there is one again.
    fn take(&mut self, now: Timestamp) -> Option<Timestamp>;
}

impl Run {
    /// A run of `playbook` on `channel` that begins at `now` because of `cause`; with `expires`, if it needs people, by then.
    #[must_use]
    pub fn begin(
        playbook: &Playbook,
        (channel, facts): (&ChannelId, &Facts),
        cause: Cause,
        now: Timestamp,
        expires: Timestamp,
    ) -> Self {
        let needed = match facts.consent {
            Consent::Ask { needed } => needed.max(1),
            Consent::Nothing | Consent::Tell | Consent::Act => 0,
        };
        let needed = if playbook.high_risk { needed.max(2) } else { needed };
        let state = if needed > 0 { State::Asking { expires, needed, approvals: Vec::new() } } else { first_step(now) };
        Self {
            id: id(channel, &playbook.name, now),
            channel: channel.clone(),
            classes: facts.classes.clone(),
            playbook: playbook.clone(),
            cause: cause.text,
            first_sign: cause.first_sign,
            began: now,
            is_drained: false,
            mitigated: None,
            state,
            failure: None,
            rounds_over: 0,
        }
    }

    /// Does what is due at `now`, when `facts` are known of its channel; what is wanted goes to `out`.
    pub(super) fn step(
        &mut self,
        seed: Seed,
        now: Timestamp,
        facts: &Facts,
        purse: &mut impl Purse,
        out: &mut Vec<What>,
    ) {
        if matches!(facts.consent, Consent::Nothing | Consent::Tell) && !self.is_over() {
            let ending = if self.is_asking() { Ending::Declined } else { Ending::HandedOver };
            return self.end(now, ending, "it may not act on this channel any more".to_owned(), out);
        }
        // Each turn ends the run, or goes one step on, or is the last.
        while self.turn(seed, now, facts, purse, out) {}
    }

    /// Whether something changed at `now` without waiting.
    fn turn(&mut self, seed: Seed, now: Timestamp, facts: &Facts, purse: &mut impl Purse, out: &mut Vec<What>) -> bool {
        match self.state.clone() {
            State::Asking { expires, .. } if now >= expires => {
                self.end(now, Ending::Declined, "nobody approved it in time".to_owned(), out);
                false
            }
            State::Asking { .. } | State::Ended { .. } => false,
            State::Acting { step, progress } => {
                let Some(of) = self.of(step).cloned() else {
                    self.after_steps(step, now, out);
                    return true;
                };
                self.turn_step((step, &of), progress, seed, now, facts, purse, out)
            }
            State::Verifying { since, holds_since, before } => {
                self.verify(now, facts, (since, holds_since, before), out)
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "the whole world of one step")]
    fn turn_step(
        &mut self,
        (step, of): (usize, &Step),
        progress: Progress,
        seed: Seed,
        now: Timestamp,
        facts: &Facts,
        purse: &mut impl Purse,
        out: &mut Vec<What>,
    ) -> bool {
        match progress {
            Progress::Due { at, .. } if now < at => false,
            Progress::Due { tried, .. } => {
                if matches!(of.action, Action::Wait(_)) {
                    self.go(step, Progress::Waiting { since: now });
                    return true;
                }
                if of.action.is_counted()
                    && let Some(again) = purse.take(now)
                {
                    self.go(step, Progress::Due { at: again.max(now.plus_micros(1)), tried });
                    return false;
                }
                let tried = tried + 1;
                let until = after(now, of.timeout_s + GRACE_S);
                self.go(step, Progress::UnderWay { tried, began: now, until });
                out.push(What::Attempt(self.attempt(step, of, tried, now)));
                false
            }
            Progress::UnderWay { until, .. } if now < until => false,
            Progress::UnderWay { tried, began, .. } => {
                self.lose((step, of), tried, began, now, out);
                if matches!(self.state, State::Acting { progress: Progress::UnderWay { .. }, .. }) {
                    let lost = Outcome { is_ok: false, message: "nothing was heard of it in time".to_owned() };
                    let attempt = self.attempt(step, of, tried, began);
                    out.push(What::Settled { attempt, is_ok: false, message: lost.message.clone() });
                    self.settle(seed, step, tried, now, &lost, out);
                }
                true
            }
            Progress::Waiting { since } => {
                let Action::Wait(condition) = of.action else { return false };
                self.wait((step, of), &condition, (self.tries_before(step) + 1, since, since), now, facts, out)
            }
            Progress::Confirming { tried, began, since } => {
                // Without anything that would show it, it is not known.
                let Some(condition) = of.confirm else {
                    self.unknown((step, of), tried, began, now, out);
                    return true;
                };
                self.wait((step, of), &condition, (tried, began, since), now, facts, out)
            }
        }
    }

    /// Looks whether `condition` holds, of a step that waits or whose attempt was interrupted.
    fn wait(
        &mut self,
        (step, of): (usize, &Step),
        condition: &Condition,
        (tried, began, since): (u32, Timestamp, Timestamp),
        now: Timestamp,
        facts: &Facts,
        out: &mut Vec<What>,
    ) -> bool {
        let is_wait = matches!(of.action, Action::Wait(_));
        if condition.holds(&self.playbook.trigger, facts, now.seconds_since(since)) {
            let message = if is_wait { "it holds" } else { "interrupted, and found to be done" };
            let attempt = self.attempt(step, of, tried, began);
            out.push(What::Settled { attempt, is_ok: true, message: message.to_owned() });
            self.succeeded(step, &of.action, now);
            return true;
        }
        if now < after(since, of.timeout_s) {
            return false;
        }
        if is_wait {
            let message = format!("it did not hold within {:.0} s", of.timeout_s);
            let attempt = self.attempt(step, of, tried, began);
            out.push(What::Settled { attempt, is_ok: false, message: message.clone() });
            self.fail(step, now, format!("step {}: {message}", step + 1), out);
        } else {
            self.unknown((step, of), tried, began, now, out);
        }
        true
    }

    /// Hands over because nobody knows whether an attempt was carried out.
    fn unknown(
        &mut self,
        (step, of): (usize, &Step),
        tried: u32,
        began: Timestamp,
        now: Timestamp,
        out: &mut Vec<What>,
    ) {
        let message = "interrupted; nobody knows whether it was done".to_owned();
        let why = format!("step {} ({}) was {message}, and it is not done twice", step + 1, of.action.name());
        out.push(What::Settled { attempt: self.attempt(step, of, tried, began), is_ok: false, message });
        self.end(now, Ending::HandedOver, why, out);
    }

    fn verify(
        &mut self,
        now: Timestamp,
        facts: &Facts,
        (since, holds_since, before): (Timestamp, Option<Timestamp>, Option<Answers>),
        out: &mut Vec<What>,
    ) -> bool {
        let Some(verify) = self.playbook.verify else {
            self.end_well(now, now, out);
            return false;
        };
        let before = before.unwrap_or(facts.answers);
        let of_calls = verify.calls.map(|enough| facts.of_calls_since(before, enough));
        let known = of_calls.as_ref().unwrap_or(facts);
        let holds = verify.condition.holds(&self.playbook.trigger, known, now.seconds_since(since));
        let holds_since = holds.then(|| holds_since.unwrap_or(now));
        self.state = State::Verifying { since, holds_since, before: Some(before) };
        if let Some(at) = holds_since.filter(|at| now.seconds_since(*at) >= verify.hold_s) {
            self.end_well(now, at, out);
        } else if now.seconds_since(since) >= verify.within_s {
            let why = format!("what must hold did not within {:.0} s after the steps", verify.within_s);
            if self.rounds_over + 1 < verify.rounds {
                self.rounds_over += 1;
                self.state = self.at_step(0, now);
                out.push(What::Again { round: self.rounds_over + 1, why });
                return true;
            }
            // As if the last step had failed.
            self.fail(self.playbook.steps.len().saturating_sub(1), now, why, out);
            return true;
        }
        false
    }

    /// Hears what came of the attempt `key`. `false` if nobody waits for it.
    pub(super) fn hear(
        &mut self,
        seed: Seed,
        now: Timestamp,
        key: &str,
        outcome: &Outcome,
        out: &mut Vec<What>,
    ) -> bool {
        let State::Acting { step, progress: Progress::UnderWay { tried, .. } } = self.state else { return false };
        if self.key(step, tried) != key {
            return false;
        }
        self.settle(seed, step, tried, now, outcome, out);
        true
    }

    fn settle(&mut self, seed: Seed, step: usize, tried: u32, now: Timestamp, outcome: &Outcome, out: &mut Vec<What>) {
        let Some(of) = self.of(step).cloned() else { return };
        if outcome.is_ok {
            self.succeeded(step, &of.action, now);
        } else if tried < self.tries_before(step) + of.tries {
            let at = after(now, self.back_off_s(seed, step, &of, tried));
            self.go(step, Progress::Due { at, tried });
        } else {
            let why =
                format!("step {} ({}) failed {} times: {}", step + 1, of.action.name(), of.tries, outcome.message);
            self.fail(step, now, why, out);
        }
    }

    /// Takes up the run after a crash or a restart: what is wanted of an attempt that was under way.
    pub(super) fn resume(&mut self, now: Timestamp, out: &mut Vec<What>) {
        let State::Acting { step, progress: Progress::UnderWay { tried, began, .. } } = self.state else { return };
        let Some(of) = self.of(step).cloned() else { return };
        self.lose((step, &of), tried, began, now, out);
        if matches!(self.state, State::Acting { progress: Progress::UnderWay { .. }, .. }) {
            let until = after(now, of.timeout_s + GRACE_S);
            self.go(step, Progress::UnderWay { tried, began, until });
            out.push(What::Attempt(self.attempt(step, &of, tried, began)));
        }
    }

    /// A command of which nobody knows whether it ran is not made again unless that does no harm: it is looked whether it
    /// helped.
    fn lose(&mut self, (step, of): (usize, &Step), tried: u32, began: Timestamp, now: Timestamp, out: &mut Vec<What>) {
        if matches!(of.action, Action::Command { .. }) && !of.repeatable {
            out.push(What::Interrupted(self.attempt(step, of, tried, began)));
            self.go(step, Progress::Confirming { tried, began, since: now });
        }
    }

    /// Whether it is over.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        matches!(self.state, State::Ended { .. })
    }

    /// Whether it waits for people.
    #[must_use]
    pub const fn is_asking(&self) -> bool {
        matches!(self.state, State::Asking { .. })
    }

    /// The step that it is at, from 1, and what that does; `None` before the first and after the last.
    #[must_use]
    pub fn position(&self) -> Option<(u32, &Action)> {
        let State::Acting { step, .. } = &self.state else { return None };
        Some((number(*step), &self.of(*step)?.action))
    }

    /// When it wants to be asked again.
    #[must_use]
    pub fn next_wakeup(&self, now: Timestamp) -> Option<Timestamp> {
        match &self.state {
            State::Asking { expires, .. } => Some(*expires),
            State::Acting { progress: Progress::Due { at, .. }, .. } => Some(*at),
            State::Acting { progress: Progress::UnderWay { until, .. }, .. } => Some(*until),
            State::Acting { .. } | State::Verifying { .. } => Some(after(now, LOOK_S)),
            State::Ended { .. } => None,
        }
    }

    /// The step at `place`, of the roll-back behind the others.
    fn of(&self, place: usize) -> Option<&Step> {
        let steps = &self.playbook.steps;
        let is_back = self.failure.is_some();
        match place.checked_sub(steps.len()) {
            None => steps.get(place),
            Some(place) if is_back => self.playbook.roll_back.get(place),
            Some(_) => None,
        }
    }

    /// Tries of `step` in the rounds before this one: tries are numbered through, so that no key is given twice.
    fn tries_before(&self, step: usize) -> u32 {
        match self.playbook.steps.get(step) {
            Some(of) => of.tries.saturating_mul(self.rounds_over),
            None => 0,
        }
    }

    fn at_step(&self, step: usize, now: Timestamp) -> State {
        State::Acting { step, progress: Progress::Due { at: now, tried: self.tries_before(step) } }
    }

    fn go(&mut self, step: usize, progress: Progress) {
        self.state = State::Acting { step, progress };
    }

    fn key(&self, step: usize, tried: u32) -> String {
        format!("{}-{}-{tried}", self.id, number(step))
    }

    fn attempt(&self, step: usize, of: &Step, tried: u32, began: Timestamp) -> Attempt {
        Attempt {
            step: number(step),
            tried,
            key: self.key(step, tried),
            action: of.action.clone(),
            timeout_s: of.timeout_s,
            began,
        }
    }

    /// Seconds until the try after `tried`: doubled each time, times 0.5 to 1.5, so that runs which failed together do not
    /// try again together.
    fn back_off_s(&self, seed: Seed, step: usize, of: &Step, tried: u32) -> f64 {
        let drawn = seed.child(&self.key(step, tried)).rng().random::<f64>();
        let nth = tried.saturating_sub(self.tries_before(step)).clamp(1, 30);
        let doubled = of.back_off_s * 2_f64.powi(nth.cast_signed() - 1);
        doubled.min(LONGEST_BACK_OFF_S) * (0.5 + drawn)
    }

    fn succeeded(&mut self, step: usize, action: &Action, now: Timestamp) {
        match action {
            Action::Drain => {
                self.is_drained = true;
                self.mitigated.get_or_insert(now);
            }
            Action::Restore => self.is_drained = false,
            Action::Webhook { .. } | Action::Command { .. } | Action::Wait(_) | Action::Probe => {}
        }
        self.state = self.at_step(step + 1, now);
    }
}

/// The name of the run of `playbook` on `channel` that began then.
fn id(channel: &ChannelId, playbook: &str, began: Timestamp) -> String {
    format!("{:016x}", xxh3_64(format!("{channel}\0{playbook}\0{}", began.micros()).as_bytes()))
}

/// At the first step of the first round.
const fn first_step(now: Timestamp) -> State {
    State::Acting { step: 0, progress: Progress::Due { at: now, tried: 0 } }
}

fn number(step: usize) -> u32 {
    u32::try_from(step + 1).unwrap_or(u32::MAX)
}

fn after(at: Timestamp, seconds: f64) -> Timestamp {
    #[expect(clippy::cast_possible_truncation, reason = "float casts saturate")]
    let micros = (seconds * 1e6) as i64;
    at.plus_micros(micros)
}
