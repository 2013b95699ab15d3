//! All runs: at most one for each channel, within a budget of actions an hour.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::{Deserialize, Serialize};

use crate::domain::ids::ChannelId;
use crate::domain::time::Timestamp;
use crate::policy::authority::proposal::{Approval, ApprovalError};
use crate::policy::healing::facts::{Consent, Facts};
use crate::policy::healing::order::{Order, Outcome, What};
use crate::policy::healing::playbook::Playbook;
use crate::policy::healing::run::{Purse, Run, State};
use crate::policy::healing::times::Past;
use crate::stats::seed::Seed;

/// Runs that are remembered after they ended.
const REMEMBERED: usize = 500;
/// Seconds of the budget's span.
const HOUR_S: i64 = 3_600;

/// What operators say.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    /// The playbooks: of several that are for a channel the first one runs.
    pub playbooks: Vec<Playbook>,
    /// Actions that may begin within an hour, over all channels.
    pub actions_per_hour: usize,
    /// Seconds within which people can approve a run.
    pub approve_within_s: f64,
    /// Of the jitter between tries.
    pub seed: Seed,
}

/// All runs, and what is remembered of those that ended.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Healer {
    runs: BTreeMap<ChannelId, Run>,
    rests: Vec<Rest>,
    spent: Spent,
    past: VecDeque<Past>,
}

/// A playbook that leaves a channel alone for a while.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Rest {
    channel: ChannelId,
    playbook: String,
    until: Timestamp,
}

/// When actions of the last hour began.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Spent(VecDeque<Timestamp>);

impl Spent {
    /// When there is room for another action at `now`, if there is none yet.
    fn full_until(&mut self, per_hour: usize, now: Timestamp) -> Option<Timestamp> {
        while self.0.front().is_some_and(|at| at.plus_seconds(HOUR_S) <= now) {
            self.0.pop_front();
        }
        if self.0.len() < per_hour {
            return None;
        }
        // With a budget of nothing an hour is as good as any other time.
        Some(self.0.front().map_or_else(|| now.plus_seconds(HOUR_S), |at| at.plus_seconds(HOUR_S)))
    }
}

struct Budget<'a> {
    spent: &'a mut Spent,
    per_hour: usize,
}

impl Purse for Budget<'_> {
    fn take(&mut self, now: Timestamp) -> Option<Timestamp> {
        let full = self.spent.full_until(self.per_hour, now);
        if full.is_none() {
            self.spent.0.push_back(now);
        }
        full
    }
}

impl Healer {
    /// Does what is due at `now`, when `facts` are known: begins runs, and goes on with those that there are.
    pub fn step(&mut self, setting: &Setting, now: Timestamp, facts: &BTreeMap<ChannelId, Facts>) -> Vec<Order> {
        let mut orders = Vec::new();
        self.rests.retain(|rest| now < rest.until);
        for (channel, facts) in facts {
            self.start(setting, now, (channel, facts), &mut orders);
        }
        let nothing = Facts::default();
        let channels: Vec<ChannelId> = self.runs.keys().cloned().collect();
        for channel in channels {
            let facts = facts.get(&channel).unwrap_or(&nothing);
            let mut out = Vec::new();
            if let Some(run) = self.runs.get_mut(&channel) {
                let mut budget = Budget { spent: &mut self.spent, per_hour: setting.actions_per_hour };
                run.step(setting.seed, now, facts, &mut budget, &mut out);
                orders.extend(told(run, out));
            }
            self.close(&channel, now);
        }
        orders
    }

    /// Begins the first playbook that is for `channel`, unless one runs there or it is to be left alone.
    fn start(
        &mut self,
        setting: &Setting,
        now: Timestamp,
        (channel, facts): (&ChannelId, &Facts),
        orders: &mut Vec<Order>,
    ) {
        if self.runs.contains_key(channel) || facts.consent == Consent::Nothing {
            return;
        }
        let rests = |playbook: &Playbook| {
            self.rests.iter().any(|rest| rest.channel == *channel && rest.playbook == playbook.name)
        };
        let fires = |playbook: &'_ Playbook| Some((playbook.clone(), playbook.trigger.fires(channel, facts)?));
        let Some((playbook, cause)) = setting.playbooks.iter().find_map(fires) else { return };
        if rests(&playbook) {
            return;
        }
        if facts.consent == Consent::Tell {
            let run = Run::begin(&playbook, (channel, facts), cause, now, now);
            orders.extend(told(&run, vec![What::Advise]));
            self.rest(channel, &playbook, now);
            return;
        }
        if self.spent.full_until(setting.actions_per_hour, now).is_some() {
            return;
        }
        #[expect(clippy::cast_possible_truncation, reason = "float casts saturate")]
        let expires = now.plus_micros((setting.approve_within_s * 1e6) as i64);
        let run = Run::begin(&playbook, (channel, facts), cause, now, expires);
        let what =
            if let State::Asking { needed, .. } = &run.state { What::Ask { needed: *needed } } else { What::Begin };
        orders.extend(told(&run, vec![what]));
        self.runs.insert(channel.clone(), run);
    }

    /// Hears what came of the attempt `key`. `None` if nobody waits for it.
    pub fn hear(&mut self, setting: &Setting, now: Timestamp, key: &str, outcome: &Outcome) -> Option<Vec<Order>> {
        let run = self.runs.values_mut().find(|run| is_of(key, &run.id))?;
        let mut out = Vec::new();
        if !run.hear(setting.seed, now, key, outcome, &mut out) {
            return None;
        }
        let (orders, channel) = (told(run, out), run.channel.clone());
        self.close(&channel, now);
        Some(orders)
    }

    /// Takes everything up after a crash or a restart: what is wanted of attempts that were under way.
    pub fn resume(&mut self, now: Timestamp) -> Vec<Order> {
        let mut orders = Vec::new();
        for run in self.runs.values_mut() {
            let mut out = Vec::new();
            run.resume(now, &mut out);
            orders.extend(told(run, out));
        }
        orders
    }

    /// Counts a person's yes to the run `id`; whether it was the last that was needed.
    ///
    /// # Errors
    /// [`ApprovalError`]; then nothing is counted.
    pub fn approve(&mut self, id: &str, approval: Approval) -> Result<bool, ApprovalError> {
        self.runs.values_mut().find(|run| run.id == id).ok_or(ApprovalError::Unknown)?.approve(approval)
    }

    /// Ends the run `id`, which waits for people, because `why`.
    ///
    /// # Errors
    /// [`ApprovalError::Unknown`] if there is no such run, or it does not wait.
    pub fn reject(&mut self, id: &str, now: Timestamp, why: String) -> Result<Vec<Order>, ApprovalError> {
        let run = self.runs.values_mut().find(|run| run.id == id).ok_or(ApprovalError::Unknown)?;
        let mut out = Vec::new();
        run.reject(now, why, &mut out)?;
        let (orders, channel) = (told(run, out), run.channel.clone());
        self.close(&channel, now);
        Ok(orders)
    }

    /// Remembers the run on `channel`, if it is over.
    fn close(&mut self, channel: &ChannelId, now: Timestamp) {
        let Some(past) = self.runs.get(channel).and_then(Run::past) else { return };
        if let Some(run) = self.runs.remove(channel) {
            self.rest(channel, &run.playbook, now);
        }
        if self.past.len() >= REMEMBERED {
            self.past.pop_front();
        }
        self.past.push_back(past);
    }

    fn rest(&mut self, channel: &ChannelId, playbook: &Playbook, now: Timestamp) {
        #[expect(clippy::cast_possible_truncation, reason = "float casts saturate")]
        let until = now.plus_micros((playbook.cool_down_s * 1e6) as i64);
        self.rests.push(Rest { channel: channel.clone(), playbook: playbook.name.clone(), until });
    }

    /// Channels that calls are kept away from.
    #[must_use]
    pub fn drained(&self) -> BTreeSet<ChannelId> {
        self.runs.values().filter(|run| run.is_drained).map(|run| run.channel.clone()).collect()
    }

    /// Runs that are not over.
    pub fn runs(&self) -> impl Iterator<Item = &Run> {
        self.runs.values()
    }

    /// Runs that ended, oldest first; the last few hundred.
    pub fn past(&self) -> impl Iterator<Item = &Past> + Clone {
        self.past.iter()
    }

    /// Actions that began within the hour before `now`.
    #[must_use]
    pub fn spent(&self, now: Timestamp) -> usize {
        self.spent.0.iter().filter(|at| at.plus_seconds(HOUR_S) > now).count()
    }

    /// When it wants [`Healer::step`] to be called next.
    #[must_use]
    pub fn next_wakeup(&self, now: Timestamp) -> Option<Timestamp> {
        self.runs.values().filter_map(|run| run.next_wakeup(now)).min()
    }
}

/// Whether `key` is of the run `id`.
fn is_of(key: &str, id: &str) -> bool {
    key.strip_prefix(id).is_some_and(|rest| rest.starts_with('-'))
}

fn told(run: &Run, out: Vec<What>) -> Vec<Order> {
    let order = |what| Order {
        run: run.id.clone(),
        channel: run.channel.clone(),
        classes: run.classes.clone(),
        playbook: run.playbook.name.clone(),
        cause: run.cause.clone(),
        what,
    };
    out.into_iter().map(order).collect()
}

#[cfg(test)]
mod tests;
