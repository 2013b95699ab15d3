//! The best mix of now against the present one: how pressing a change is.

use crate::policy::decision::Urgency;
use crate::policy::offer::{Access, Offer, Rank};
use crate::policy::planner::{Question, Setting};
use crate::policy::programme::Mix;
use crate::policy::programme::value::Value;
use crate::policy::report::{Because, Reason};

/// Part of the calls from which on it matters that they leave a channel that is out.
const LEAVING: f64 = 0.002;
/// Part of the calls without room from which on it matters.
const CRAMMED: f64 = 0.02;
/// Part of a promise by which it is missed before a mix is changed for it: less is noise.
const MISSED: f64 = 0.1;
/// Factor by which a share grows in a step of a return at least.
const STEP: f64 = 1.2;
/// Part of its exploration share below which a channel counts as never known: exploration itself may shrink to a tenth
/// where forecasts get worse, and that it grows again is no return.
const UNKNOWN: f64 = 0.05;
/// Moves that are told.
const TOLD: usize = 10;

/// Two mixes, by offer.
pub(super) struct Weighing<'a, 'b> {
    pub question: &'b Question<'a>,
    pub best: &'b Mix,
    /// Present shares; less than 1 together if channels have gone.
    pub present: &'b [f64],
    /// Whether anything was decided before.
    pub is_first: bool,
}

impl Weighing<'_, '_> {
    fn pairs(&self) -> impl Iterator<Item = (&Offer<'_>, f64, f64)> {
        self.question
            .offers
            .iter()
            .zip(self.present.iter().zip(&self.best.shares))
            .map(|(offer, (old, new))| (offer, *old, *new))
    }

    /// The part of the calls that would move.
    pub(super) fn distance(&self) -> f64 {
        self.pairs().map(|(_, old, new)| (new - old).abs()).sum::<f64>() / 2.0 + self.gone() / 2.0
    }

    /// Share of the calls on channels that have gone.
    fn gone(&self) -> f64 {
        (1.0 - self.present.iter().sum::<f64>()).max(0.0)
    }

    /// How pressing the change is.
    pub(super) fn urgency(&self, setting: &Setting) -> Urgency {
        if self.is_first || self.gone() > 1e-6 || self.flees() {
            Urgency::Emergency
        } else if self.growth() > 0.0 {
            Urgency::Return
        } else if self.leaving(|offer| offer.rank == Rank::Risky) > LEAVING {
            Urgency::Preemptive
        } else {
            self.gain(setting)
        }
    }

    /// Whether calls leave channels that are worse off than others.
    fn flees(&self) -> bool {
        let asked = self.question.offers.iter().filter(|offer| !offer.is_barred);
        let best = asked.map(|offer| offer.rank).min().unwrap_or(Rank::Failing);
        let is_shut = self.pairs().any(|(offer, old, new)| offer.is_barred && old > 0.0 && new <= 0.0);
        is_shut || self.leaving(|offer| offer.rank > Rank::Risky && offer.rank > best) > LEAVING
    }

    fn leaving(&self, which: impl Fn(&Offer<'_>) -> bool) -> f64 {
        self.pairs().filter(|(offer, ..)| which(offer)).map(|(_, old, new)| (old - new).max(0.0)).sum()
    }

    /// The part of the calls that moves to channels that come back or were never known.
    pub(super) fn growth(&self) -> f64 {
        let grows = |(offer, old, new): (&Offer<'_>, f64, f64)| {
            let returns = matches!(offer.access, Access::Part(_)) && new > old * STEP;
            let is_new = offer.rank == Rank::Usable && old < offer.explore * UNKNOWN;
            if returns || is_new { (new - old).max(0.0) } else { 0.0 }
        };
        self.pairs().map(grows).sum()
    }

    /// A change that nothing forces: what it gains. The margin is there to be used by noise: within it, only a promise that
    /// is missed is a reason to spend more.
    fn gain(&self, setting: &Setting) -> Urgency {
        let programme = self.question.programme();
        let (present, best, distance) = (programme.value(self.present), self.best.value, self.distance());
        let gain = |old: f64, new: f64| (old - new) / old.abs().max(f64::MIN_POSITIVE);
        if distance <= 1e-6 {
            return Urgency::None;
        }
        let is_missed = programme.breaks_promise(&present, MISSED) || present.crammed > CRAMMED;
        let (better, cheaper) = (gain(present.price, best.price), gain(present.loss, best.loss));
        if is_missed && better >= setting.least_gain && distance >= setting.smallest_shift / 2.0 {
            Urgency::Protective
        } else if cheaper >= setting.least_gain && distance >= setting.smallest_shift
            || cheaper >= REAL * setting.least_gain
        {
            Urgency::Economic
        } else {
            Urgency::None
        }
    }

    /// The present mix moved towards the best by this part of the way.
    pub(super) fn moved(&self, part: f64) -> Vec<f64> {
        self.pairs().map(|(_, old, new)| if part >= 1.0 { new } else { old + (new - old) * part }).collect()
    }

    /// Why nothing would be gained.
    pub(super) fn why_nothing(&self) -> Because {
        let part = self.distance();
        if self.question.offers.len() == 1 {
            Because::Alone
        } else if part < 1e-3 {
            Because::Optimal
        } else {
            Because::TooSmall { part }
        }
    }

    /// The largest moves from the present to `shares`, each with its cause.
    pub(super) fn moves(&self, shares: &[f64], urgency: Urgency) -> Vec<Reason> {
        let mut moves: Vec<_> = self.pairs().zip(shares).map(|((offer, old, _), new)| (offer, old, *new)).collect();
        moves.retain(|(_, old, new)| (new - old).abs() >= TELLING);
        moves.sort_by(|a, b| (b.2 - b.1).abs().total_cmp(&(a.2 - a.1).abs()).then(a.0.channel.cmp(b.0.channel)));
        let told = moves.into_iter().take(TOLD);
        let is_dearer = self.value(shares).cost > self.value(self.present).cost;
        let is_needed = urgency > Urgency::Return || (is_dearer && urgency != Urgency::Return);
        let reason = |(offer, from, to): (&Offer<'_>, f64, f64)| Reason::Moved {
            channel: offer.channel.clone(),
            from,
            to,
            because: why(offer, from < to, is_needed),
        };
        told.map(reason).collect()
    }

    /// What `shares` come to.
    pub(super) fn value(&self, shares: &[f64]) -> Value {
        self.question.programme().value(shares)
    }
}

/// Multiple of the least gain that is worth a change however few calls move.
const REAL: f64 = 5.0;
/// Moves below are not told.
const TELLING: f64 = 0.005;

fn why(offer: &Offer<'_>, is_gain: bool, is_needed: bool) -> Because {
    match (&offer.access, is_gain) {
        (Access::Out(because), _) => because.clone(),
        (Access::Part(part), true) if *part < 1.0 => Because::SlowStart { part: *part },
        (_, true) if is_needed => Because::Needed,
        (_, true) => Because::Cheaper,
        (_, false) if is_needed => Because::Worse,
        (_, false) => Because::Dearer,
    }
}
