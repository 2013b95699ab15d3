//! The checker: faults of a decision, found without knowing how it was made.
//!
//! It knows neither the planner nor its settings, only what must hold of any decision. What is grave is never adopted.

use std::collections::BTreeMap;
use std::fmt;

use crate::domain::ids::ChannelId;
use crate::incident::severity::Severity;
use crate::policy::decision::{Decision, Trigger, Urgency};
use crate::policy::input::{Candidate, PolicyInput, Standing};
use crate::policy::plan::Beside;

/// The largest part of the calls that may move at once without an emergency.
pub const LARGEST_SHIFT: f64 = super::planner::setting::LARGEST_SHIFT;

/// How bad a fault is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// It can be lived with.
    Minor,
    /// The decision must not be adopted.
    Grave,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// It is for another class.
    OtherClass,
    /// It has no shares.
    Empty,
    /// A share is not a number from 0 to 1.
    BadShare(ChannelId),
    /// Shares do not make one.
    BadSum(f64),
    /// A channel is none of the candidates.
    Unknown(ChannelId),
    /// A candidate is not spoken of.
    Missing(ChannelId),
    /// A channel that the fast lane shut gets a share although another is not shut.
    Shut(ChannelId),
    /// A channel with a grave incident got a larger share although one without has room.
    Troubled(ChannelId),
    /// Seconds between single calls are no number above 0.
    BadProbe(ChannelId),
    /// More calls move than may without an emergency.
    TooFar(f64),
    /// An emergency is claimed, and nothing in the input shows one.
    NoEmergency,
    /// It ends before it begins.
    Expired,
    /// Its number does not follow.
    Generation,
    /// A usable channel gets nothing, so that nothing will be known of it.
    Unexplored(ChannelId),
    /// What it says of cost, slowness or failures is no number.
    BadFigure,
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherClass => f.write_str("it is for another route class"),
            Self::Empty => f.write_str("it has no shares"),
            Self::BadShare(channel) => write!(f, "the share of {channel} is not a number from 0 to 1"),
            Self::BadSum(sum) => write!(f, "the shares make {sum}, not 1"),
            Self::Unknown(channel) => write!(f, "{channel} is no candidate"),
            Self::Missing(channel) => write!(f, "{channel} is a candidate and is not spoken of"),
            Self::Shut(channel) => write!(f, "{channel} is shut and gets calls although another channel is not"),
            Self::Troubled(channel) => write!(f, "{channel} has a grave incident and gets more calls than before"),
            Self::BadProbe(channel) => write!(f, "the seconds between single calls to {channel} are not above 0"),
            Self::TooFar(part) => write!(f, "{part:.3} of the calls move at once without an emergency"),
            Self::NoEmergency => f.write_str("it claims an emergency that nothing shows"),
            Self::Expired => f.write_str("it ends before it begins"),
            Self::Generation => f.write_str("its number does not follow the one before"),
            Self::Unexplored(channel) => write!(f, "{channel} is usable and gets no calls at all"),
            Self::BadFigure => f.write_str("its cost, slowness or failures are no numbers"),
        }
    }
}

/// A fault of a decision.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// How bad it is.
    pub weight: Weight,
    /// What it is.
    pub what: What,
}

impl Fault {
    /// Whether the decision must not be adopted.
    #[must_use]
    pub fn is_grave(&self) -> bool {
        self.weight == Weight::Grave
    }
}

/// Every fault of `decision`, an answer to `input` that follows `before`.
#[must_use]
pub fn faults(input: &PolicyInput, before: Option<&Decision>, decision: &Decision) -> Vec<Fault> {
    let grave = of_form(input, before, decision).into_iter().chain(of_shares(input, decision));
    let grave = grave.chain(before.and_then(|before| of_shift(input, before, decision)));
    let minor = before.map_or_else(Vec::new, |before| of_trouble(input, before, decision));
    let minor = minor.into_iter().chain(of_exploration(input, decision));
    let fault = |weight| move |what| Fault { weight, what };
    grave.map(fault(Weight::Grave)).chain(minor.map(fault(Weight::Minor))).collect()
}

/// Numbers, times and names.
fn of_form(input: &PolicyInput, before: Option<&Decision>, decision: &Decision) -> Vec<What> {
    let mut found = Vec::new();
    let mut unless = |holds: bool, what: What| {
        if !holds {
            found.push(what);
        }
    };
    unless(decision.plan.class == input.class, What::OtherClass);
    let lasts = decision.expires > decision.issued && decision.expires > input.now && decision.issued <= input.now;
    unless(lasts, What::Expired);
    let last = before.map_or(0, |before| before.generation);
    unless(decision.generation > last && decision.parent == last, What::Generation);
    let plan = &decision.plan;
    let is_share = |value: f64| (0.0..=1.0 + SLACK).contains(&value);
    let is_known = plan.cost_usd.is_finite() && is_share(plan.slow) && is_share(plan.failing);
    unless(is_known, What::BadFigure);
    for (channel, seconds) in &decision.plan.probes {
        unless(seconds.is_finite() && *seconds > 0.0, What::BadProbe(channel.clone()));
        unless(input.candidates.contains_key(channel), What::Unknown(channel.clone()));
    }
    found
}

/// Error that sums of shares may have.
const SLACK: f64 = 1e-6;

fn of_shares(input: &PolicyInput, decision: &Decision) -> Vec<What> {
    let shares = &decision.plan.shares;
    if shares.is_empty() {
        return vec![What::Empty];
    }
    let is_any_open = input.candidates.values().any(|one| !one.standing.is_shut());
    let mut found = Vec::new();
    let (mut candidates, mut given) = (Beside::new(&input.candidates), Beside::new(shares));
    for (channel, share) in shares {
        if !(0.0..=1.0 + SLACK).contains(share) {
            found.push(What::BadShare(channel.clone()));
        }
        match candidates.get(channel) {
            None => found.push(What::Unknown(channel.clone())),
            Some(one) if is_any_open && *share > 0.0 && one.standing.is_shut() => {
                found.push(What::Shut(channel.clone()));
            }
            Some(_) => {}
        }
    }
    let missing = input.candidates.keys().filter(|channel| given.get(channel).is_none());
    found.extend(missing.map(|channel| What::Missing(channel.clone())));
    let sum: f64 = shares.values().sum();
    // A sum that is no number must not pass.
    if sum.is_nan() || (sum - 1.0).abs() > SLACK {
        found.push(What::BadSum(sum));
    }
    found
}

fn of_shift(input: &PolicyInput, before: &Decision, decision: &Decision) -> Option<What> {
    let distance = decision.plan.distance(&before.plan.shares);
    // People may go as far as they like.
    if decision.trigger == Trigger::Approval {
        return None;
    }
    if decision.urgency == Urgency::Emergency {
        return (distance > SLACK && !is_emergency(input, &before.plan.shares)).then_some(What::NoEmergency);
    }
    (distance > LARGEST_SHIFT + SLACK).then_some(What::TooFar(distance))
}

/// Whether calls are where they are harmed, or nowhere: on a channel that is shut, gone, in a grave incident, or breaks a
/// promise by itself.
fn is_emergency(input: &PolicyInput, present: &BTreeMap<ChannelId, f64>) -> bool {
    // A limit that is no number is kept by nobody.
    let breaks = |share: f64, limit: Option<f64>| limit.is_some_and(|limit| limit.is_nan() || share > limit);
    present.iter().filter(|(_, share)| **share > 0.0).any(|(channel, _)| {
        input.candidates.get(channel).is_none_or(|one| {
            let is_harmed = breaks(one.slow, input.promise.slow) || breaks(one.failing, input.promise.failing);
            one.standing.is_shut() || is_troubled(one) || is_harmed
        })
    })
}

fn is_troubled(one: &Candidate) -> bool {
    one.incident.is_some_and(|severity| !Severity::P2.is_worse_than(severity))
}

/// A larger share for a channel in a grave incident, unless the fast lane has just found it well.
fn of_trouble(input: &PolicyInput, before: &Decision, decision: &Decision) -> Vec<What> {
    let has_room = |one: &Candidate| !(is_troubled(one) || one.standing.is_shut()) && one.room_per_min > 0.0;
    if !input.candidates.values().any(has_room) {
        return Vec::new();
    }
    let grows = |(channel, one): &(&ChannelId, &Candidate)| {
        let is_doubtful = is_troubled(one) && one.standing == Standing::Closed;
        is_doubtful && decision.plan.share(channel) > before.plan.share(channel) + SLACK
    };
    input.candidates.iter().filter(grows).map(|(channel, _)| What::Troubled(channel.clone())).collect()
}

fn of_exploration(input: &PolicyInput, decision: &Decision) -> Vec<What> {
    let mut shares = Beside::new(&decision.plan.shares);
    let is_deaf = |(channel, one): &(&ChannelId, &Candidate)| {
        let is_usable = one.standing == Standing::Closed && one.incident.is_none() && one.room_per_min > 0.0;
        let is_left_out = is_usable && shares.get(channel).is_none_or(|share| *share <= 0.0);
        is_left_out && !decision.plan.probes.contains_key(*channel)
    };
    input.candidates.iter().filter(is_deaf).map(|(channel, _)| What::Unexplored(channel.clone())).collect()
}

#[cfg(test)]
mod tests;
