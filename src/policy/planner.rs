//! The plan of an instant: who may serve, the cheapest mix of those, and why.
//!
//! 1. **Who may serve** ([`gate`](super::steering)): a channel is out while the fast lane shut it, an incident of P1 or P2 is
//!    open, its calls are slow or fail far beyond the promise, or it will probably break its promise.
//! 2. **The mix**: a linear programme over those that may, and over the others at a steep price while there is room for
//!    nobody else. Channels that the fast lane shut get nothing unless every channel is shut.
//! 3. **Exploration**: every usable channel keeps a small share, less where its calls would use up the promise; one that is
//!    out gets single calls instead.
//!
//! A plan is never empty: if nobody may serve, the least bad serve on.

use crate::policy::input::{Candidate, PolicyInput, Standing};
use crate::policy::offer::{Access, Judged, Offer, Rank, offers};
use crate::policy::plan::Plan;
use crate::policy::programme::value::Value;
use crate::policy::programme::{Aim, Mix, Programme};
use crate::policy::report::{Because, Reason, Report};

pub mod setting;
pub(super) mod trouble;

pub use setting::Setting;

/// The best plan of this instant, as if nothing had been decided before, and what shaped it. Without candidates it has no
/// shares.
#[must_use]
pub fn propose(setting: &Setting, input: &PolicyInput) -> (Plan, Report) {
    let question = Question::new(setting, input, offered(setting, input));
    let Some(mix) = question.answer() else {
        return (question.plan(&[], None), Report { reasons: vec![nothing_known()], binding: Vec::new() });
    };
    let mut reasons = question.reasons(&mix.shares);
    reasons.extend(question.broken(&mix.value));
    (question.plan(&mix.shares, Some(&mix.value)), Report { reasons, binding: mix.binding })
}

/// What the candidates offer, without memory.
pub(super) fn offered<'a>(setting: &Setting, input: &'a PolicyInput) -> Vec<Offer<'a>> {
    offers(setting, input, input.candidates.values().map(|one| judge(setting, input, one)))
}

pub(super) fn nothing_known() -> Reason {
    Reason::Nothing { because: Because::Unknown }
}

/// What is said of a candidate by itself, without memory.
fn judge(setting: &Setting, input: &PolicyInput, one: &Candidate) -> Judged {
    let access = match trouble::of(setting, &input.promise, one, None) {
        Some(why) => Access::Out(why),
        None => match one.standing {
            Standing::Returning { since } => Access::Part(setting.ramp_part(input.now.seconds_since(since))),
            Standing::Stale { .. } => Access::Keep(0.0),
            _ => Access::Free,
        },
    };
    Judged { slow: one.slow, failing: one.failing, risk: one.risk, access, out_s: 0.0 }
}

/// One class at one instant, with what its channels offer.
pub(super) struct Question<'a> {
    setting: &'a Setting,
    input: &'a PolicyInput,
    pub(super) offers: Vec<Offer<'a>>,
}

impl<'a> Question<'a> {
    /// Of shut channels only those that are the least bad are asked, and only if all are shut.
    pub(super) fn new(setting: &'a Setting, input: &'a PolicyInput, mut offers: Vec<Offer<'a>>) -> Self {
        let is_any_open = offers.iter().any(|offer| !offer.is_shut);
        let best = offers.iter().map(|offer| offer.rank).min();
        for offer in &mut offers {
            offer.is_barred = if is_any_open { offer.is_shut } else { Some(offer.rank) != best };
        }
        Self { setting, input, offers }
    }

    /// The best mix. Channels that come back have the part of their share that they may have by now.
    pub(super) fn answer(&self) -> Option<Mix> {
        let best = Programme::new(self.setting, self.input, &self.offers, Aim::Cheapest).solve()?;
        let limited = self.with_caps(&best.shares);
        if limited.is_empty() {
            return Some(best);
        }
        Programme::new(self.setting, self.input, &limited, Aim::Cheapest).solve()
    }

    /// The offers with the shares that returning channels may have, if one would have more.
    fn with_caps(&self, wanted: &[f64]) -> Vec<Offer<'a>> {
        let cap = |offer: &Offer, share: f64| match offer.access {
            Access::Part(part) if part < 1.0 => Some((share * part).max(offer.explore)),
            _ => None,
        };
        if !self.offers.iter().zip(wanted).any(|(offer, share)| cap(offer, *share).is_some_and(|cap| cap < *share)) {
            return Vec::new();
        }
        let mut limited = self.offers.clone();
        for (offer, share) in limited.iter_mut().zip(wanted) {
            offer.cap = cap(offer, *share).unwrap_or(offer.cap);
        }
        limited
    }

    /// The programme of the cheapest mix.
    pub(super) fn programme(&self) -> Programme<'_> {
        Programme::new(self.setting, self.input, &self.offers, Aim::Cheapest)
    }

    /// `shares` as a plan.
    pub(super) fn plan(&self, shares: &[f64], value: Option<&Value>) -> Plan {
        let probes = self.offers.iter().zip(self.input.candidates.values());
        let probes = probes.filter_map(|(offer, one)| Some((offer.channel.clone(), self.probe_s(offer, one)?)));
        let known = |measure: fn(&Value) -> f64| value.map_or(0.0, measure);
        Plan {
            class: self.input.class.clone(),
            shares: self.offers.iter().zip(shares).map(|(offer, share)| (offer.channel.clone(), *share)).collect(),
            probes: probes.collect(),
            cost_usd: known(|value| value.cost),
            slow: known(|value| value.slow),
            failing: known(|value| value.failing),
        }
    }

    /// Seconds between single calls that find out how `one` is, if there are to be any: what the fast lane leaves alone has rest
    /// until it is tried.
    fn probe_s(&self, offer: &Offer, one: &Candidate) -> Option<f64> {
        match one.standing {
            Standing::Open { .. } => None,
            Standing::HalfOpen { .. } => Some(self.setting.trial_s),
            _ if offer.rank != Rank::Usable => Some(self.setting.probe_every_s(offer.out_s)),
            standing => standing.wants_probes().then_some(self.setting.probe_s),
        }
    }

    /// Promises that `value` breaks.
    pub(super) fn broken(&self, value: &Value) -> Vec<Reason> {
        let crossed = self.programme().rows_crossed(value);
        crossed.into_iter().map(|(promise, by)| Reason::Broken { promise, by }).collect()
    }

    /// Who is out, who comes back, and who is spared, each with its cause.
    pub(super) fn reasons(&self, shares: &[f64]) -> Vec<Reason> {
        let is_fit = self.offers.iter().any(|offer| offer.rank == Rank::Usable);
        let mut reasons: Vec<Reason> = if is_fit { Vec::new() } else { vec![Reason::LeastBad] };
        let (mut out, mut spared) = (Vec::new(), Vec::new());
        for (offer, share) in self.offers.iter().zip(shares) {
            let channel = || offer.channel.clone();
            match &offer.access {
                Access::Out(because) => {
                    out.push((offer.rank, Reason::Rejected { channel: channel(), because: because.clone() }));
                }
                Access::Part(part) if *part < 1.0 => {
                    spared.push(Reason::Spared { channel: channel(), because: Because::SlowStart { part: *part } });
                }
                _ if *share <= offer.explore * 1.001 => {
                    spared.push(Reason::Spared { channel: channel(), because: self.why_spared(offer) });
                }
                _ => {}
            }
        }
        out.sort_by_key(|(rank, _)| std::cmp::Reverse(*rank));
        reasons.extend(out.into_iter().map(|(_, reason)| reason).take(TOLD));
        reasons.extend(spared.into_iter().take(TOLD));
        reasons
    }

    fn why_spared(&self, offer: &Offer) -> Because {
        let promise = &self.input.promise;
        if matches!(offer.access, Access::Keep(_)) {
            Because::Stale
        } else if offer.room <= offer.explore {
            Because::Full
        } else if promise.failing.is_some_and(|limit| offer.failing > limit) {
            Because::Failing { share: offer.failing }
        } else if promise.slow.is_some_and(|limit| offer.slow > limit) {
            Because::Slow { share: offer.slow }
        } else {
            Because::Dearer
        }
    }
}

/// Reasons of one kind that are told; who has hundreds of channels wants no hundreds of sentences.
const TOLD: usize = 20;

#[cfg(test)]
mod tests;
