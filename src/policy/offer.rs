//! What each channel has to offer to a route class, cleaned: the rows that the programme is built from.
//!
//! What is not known counts as what the others have on average, and a channel of which neither slowness nor failures are
//! known gets no more than its exploration share.

use crate::domain::ids::ChannelId;
use crate::policy::input::{Candidate, PolicyInput};
use crate::policy::planner::Setting;
use crate::policy::programme::load::Load;
use crate::policy::report::Because;

/// How good it is to send a call to a channel that should have none, the best first. Nobody but [`Rank::Usable`] gets calls
/// while those have room for all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// Nothing speaks against it.
    Usable,
    /// It is well, and will probably not stay so.
    Risky,
    /// Calls are answered, too late.
    Slow,
    /// Calls are refused for load: fewer of them would be answered.
    Throttled,
    /// An incident is open.
    Incident,
    /// Calls fail.
    Failing,
}

impl Rank {
    /// The rank of a channel that is out because of `why`.
    pub(super) const fn of(why: &Because) -> Self {
        use crate::policy::input::TripReason as Trip;
        match why {
            Because::Risk { .. } | Because::Shut { reason: Trip::Forecast } => Self::Risky,
            Because::Slow { .. } | Because::WillBeSlow { .. } | Because::Shut { reason: Trip::Slow } => Self::Slow,
            Because::Shut { reason: Trip::Throttled } => Self::Throttled,
            Because::Shut { reason: Trip::FailureRate | Trip::Consecutive } | Because::Failing { .. } => Self::Failing,
            _ => Self::Incident,
        }
    }
}

/// What the gates say of a channel.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Access {
    /// It may carry any share.
    Free,
    /// It comes back: it may carry this part of its share.
    Part(f64),
    /// It may keep this share, and gains nothing.
    Keep(f64),
    /// It is out, because of this.
    Out(Because),
}

/// One channel as the programme sees it: everything finite, shares within 0 ..= 1.
#[derive(Debug, Clone)]
pub(super) struct Offer<'a> {
    pub channel: &'a ChannelId,
    pub cost: f64,
    pub latency: f64,
    pub slow: f64,
    pub failing: f64,
    pub risk: f64,
    /// Largest share by what quotas leave; infinite without any.
    pub room: f64,
    /// Largest share for now: below `room` while it comes back.
    pub cap: f64,
    /// Share that it gets to be known, at least.
    pub explore: f64,
    pub load: Load,
    pub rank: Rank,
    /// Whether the fast lane shut it.
    pub is_shut: bool,
    /// Whether it gets nothing at all, whatever the others lack.
    pub is_barred: bool,
    pub access: Access,
    /// Seconds that it has been out; 0 if it is not, or if nobody remembers.
    pub out_s: f64,
}

impl Offer<'_> {
    /// The largest share that it may have.
    pub(super) fn most(&self) -> f64 {
        if self.is_barred { 0.0 } else { self.room.min(self.cap) }
    }
}

/// What counts of a channel's slowness, failures and risk, and whether it may have calls.
pub(super) struct Judged {
    pub slow: f64,
    pub failing: f64,
    pub risk: f64,
    pub access: Access,
    /// Seconds that it has been out; 0 if it is not, or if nobody remembers.
    pub out_s: f64,
}

/// One offer for each candidate, in the order of their names, of which `judged` says in the same order what counts.
pub(super) fn offers<'a>(
    setting: &Setting,
    input: &'a PolicyInput,
    judged: impl Iterator<Item = Judged>,
) -> Vec<Offer<'a>> {
    let judged: Vec<_> = input.candidates.iter().zip(judged).map(|((channel, one), of)| (channel, one, of)).collect();
    let unknown = Unknown {
        cost: mean(judged.iter().map(|(_, one, _)| one.cost_usd)),
        latency: mean(judged.iter().map(|(_, one, _)| one.latency_ms)),
        slow: mean(judged.iter().map(|(_, _, judged)| judged.slow)),
        failing: mean(judged.iter().map(|(_, _, judged)| judged.failing)),
        risk: mean(judged.iter().map(|(_, _, judged)| judged.risk)),
    };
    let demand = if input.demand_per_min.is_finite() { input.demand_per_min.max(0.0) } else { 0.0 };
    let knows_some = judged.iter().any(|(_, _, judged)| !judged.slow.is_nan() || !judged.failing.is_nan());
    let mut offers: Vec<_> = judged
        .into_iter()
        .map(|(channel, one, judged)| {
            let is_stranger = knows_some && judged.slow.is_nan() && judged.failing.is_nan();
            let mut offer = unknown.offer(channel, one, judged, demand);
            if is_stranger {
                offer.cap = 0.0;
            }
            offer
        })
        .collect();
    explore(setting, input, &mut offers);
    offers
}

/// What takes the place of what is not known.
struct Unknown {
    cost: f64,
    latency: f64,
    slow: f64,
    failing: f64,
    risk: f64,
}

impl Unknown {
    fn offer<'a>(&self, channel: &'a ChannelId, one: &Candidate, judged: Judged, demand: f64) -> Offer<'a> {
        let rank = if let Access::Out(why) = &judged.access { Rank::of(why) } else { Rank::Usable };
        let room = if one.room_per_min.is_nan() { f64::INFINITY } else { one.room_per_min.max(0.0) };
        Offer {
            channel,
            cost: or(one.cost_usd, self.cost).max(0.0),
            latency: or(one.latency_ms, self.latency).max(0.0),
            slow: or(judged.slow, self.slow).clamp(0.0, 1.0),
            failing: or(judged.failing, self.failing).clamp(0.0, 1.0),
            risk: or(judged.risk, self.risk).clamp(0.0, 1.0),
            room: if demand > 1e-3 { room / demand } else { f64::INFINITY },
            cap: if let Access::Keep(share) = judged.access { share } else { f64::INFINITY },
            explore: 0.0,
            load: Load::new(one.tried_per_min, one.others_per_min, one.crowding, demand),
            rank,
            is_shut: one.standing.is_shut(),
            is_barred: false,
            access: judged.access,
            out_s: judged.out_s,
        }
    }
}

fn or(value: f64, unknown: f64) -> f64 {
    if value.is_finite() { value } else { unknown }
}

/// Mean of the finite ones; 0 without any.
fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (count, sum) =
        values.filter(|value| value.is_finite()).fold((0_u32, 0.0), |(count, sum), value| (count + 1, sum + value));
    if count == 0 { 0.0 } else { sum / f64::from(count) }
}

/// Part of a promise or of the budget that all exploration together may use up.
const EXPLORED: f64 = 0.05;
/// Exploration never falls below this part of what the setting gives.
const LEAST_EXPLORED: f64 = 0.1;

/// Gives every usable channel its exploration share: less where its calls would use up the promise, never nothing.
fn explore(setting: &Setting, input: &PolicyInput, offers: &mut [Offer]) {
    let usable = offers.iter().filter(|offer| offer.rank == Rank::Usable).count();
    #[expect(clippy::cast_precision_loss, reason = "counts of channels")]
    let each = setting.explore.min(setting.explore_total / usable.max(1) as f64);
    #[expect(clippy::cast_precision_loss, reason = "counts of channels")]
    let part = EXPLORED / usable.max(1) as f64;
    for offer in offers.iter_mut().filter(|offer| offer.rank == Rank::Usable) {
        let limits = [
            (offer.slow, input.promise.slow),
            (offer.failing, input.promise.failing),
            (offer.cost, input.budget_usd_per_call),
        ];
        let allowed = limits.into_iter().filter_map(|(used, limit)| {
            let limit = limit.filter(|limit| limit.is_finite())?;
            (used > 0.0).then(|| part * limit.max(0.0) / used)
        });
        let allowed = allowed.fold(each, f64::min).max(LEAST_EXPLORED * each);
        offer.explore = allowed.min(offer.room);
        offer.cap = offer.cap.max(offer.explore);
    }
}
