//! The breaker: in, out, on probation, coming back, unknown.
//!
//! States as in linkerd's unified breaker (`linkerd/app/outbound/src/http/breaker/unified.rs`), with two more. *Returning*:
//! a channel that was just found well is not yet trusted, and what trips it within that time is taken as the same fault,
//! so its next time out is longer. *Stale*: nothing was heard for so long that nothing is known.
//!
//! Times out begin short and double with every probe that goes wrong, up to a cap, spread by a seeded jitter. A longer
//! `Retry-After` is honoured up to a cap of its own, by whatever the channel was tripped.
//!
//! How many probes must go well depends on what was found: where every call failed three are plenty, but of a channel
//! that fails every third call three go well one time in three. Probes are therefore a sequential test (Wald, Annals of
//! Mathematical Statistics 16, 1945) between what was found and what is usual ([`Trial`]).
//!
//! Only calls that began after a state did are heard in it: what was sent to a dead channel before it came back says
//! nothing of the channel that came back. Where a consumer does not listen and calls go on while the channel is out, they
//! may bring it back early, by the same test with a higher line ([`UNASKED_AT`]): they were free.

use serde::{Deserialize, Serialize};

use crate::domain::time::Timestamp;
use crate::policy::fast::evidence::Finding;
use crate::policy::fast::setting::LaneSetting;
use crate::policy::input::{Standing, TripReason};
use crate::stats::seed::Seed;

/// How much likelier than the fault the usual must be to let a channel return, as a logarithm: ninety times. A return too
/// soon harms more calls than a few probes more.
const RETURN_AT: f64 = 4.5;
/// Where the fault is the likelier one by this, as a logarithm, the channel is left alone again: nearly three times.
const LEAVE_AT: f64 = -1.0;
/// Least that a probe which goes well counts: fifteen in a row are always enough, because more would cost more time than a
/// return too soon.
const LEAST_PASS: f64 = RETURN_AT / 15.0;
/// By how much a sum of thirds may miss a line.
const ROUNDING: f64 = 1e-9;
/// Probes that must go well where it was the forecast that took a channel out.
const PASSES_AFTER_FORECAST: u32 = 3;
/// How much likelier than the fault the usual must be, as a logarithm, to bring a channel back that is out: more than
/// probes must show, because calls that nobody asked for are many.
const UNASKED_AT: f64 = 6.0;
/// Doublings after which any time out is at its cap.
const MOST_DOUBLINGS: u32 = 20;

/// Something that changed on a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shift {
    /// It is out from now on.
    Tripped(TripReason),
    /// It is on probation.
    HalfOpened,
    /// It was found well.
    Recovered,
    /// It has been well for long enough to be trusted as before.
    Settled,
    /// Nothing is known of it any more.
    WentStale,
}

/// What a call on a channel that is out says of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    Well,
    Badly,
}

/// Why a channel is out, and for which time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Out {
    reason: TripReason,
    /// When it was tripped.
    first: Timestamp,
    /// Times out in a row.
    openings: u32,
    /// What probes count.
    trial: Trial,
}

/// What probes count for and against a return.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Trial {
    /// What one that goes well adds, above 0.
    pass: f64,
    /// What one that goes wrong takes away, above 0.
    miss: f64,
}

impl Trial {
    /// A trial in which `passes` must go well in a row, and none may go wrong.
    fn of_passes(passes: u32) -> Self {
        Self { pass: RETURN_AT / f64::from(passes.max(1)), miss: RETURN_AT - LEAVE_AT }
    }

    /// The trial that tells what was found from what is usual.
    fn of_finding(finding: &Finding, passes: u32) -> Self {
        let share = finding.share.clamp(1.5 * finding.usual, 0.99);
        let most = RETURN_AT / f64::from(passes.max(1));
        let pass = ((1.0 - finding.usual) / (1.0 - share)).ln().clamp(LEAST_PASS.min(most), most);
        Self { pass, miss: (share / finding.usual).ln() }
    }

    /// What a call adds that went well, or did not.
    const fn step(&self, is_well: bool) -> f64 {
        if is_well { self.pass } else { -self.miss }
    }

    /// The trial of a channel that came back too soon: each pass counts half.
    fn doubted(self) -> Self {
        Self { pass: (self.pass / 2.0).max(LEAST_PASS), ..self }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
enum Gate {
    Closed,
    Open { out: Out, since: Timestamp, until: Timestamp, sum: f64 },
    HalfOpen { out: Out, since: Timestamp, passed: u32, sum: f64 },
    Returning { since: Timestamp, until: Timestamp, from: Option<Out> },
    Stale { since: Timestamp, passed: u32 },
}

/// The breaker of one channel.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Breaker {
    gate: Gate,
    seed: u64,
    /// Jitters drawn.
    draws: u64,
}

/// `seconds` after `at`.
fn after(at: Timestamp, seconds: f64) -> Timestamp {
    #[expect(clippy::cast_possible_truncation, reason = "settings are at most a day")]
    at.plus_micros((seconds * 1e6) as i64)
}

impl Breaker {
    pub(super) const fn new(seed: Seed) -> Self {
        Self { gate: Gate::Closed, seed: seed.value(), draws: 0 }
    }

    /// Whether callers are sent here: neither out nor on probation.
    pub(super) const fn is_in(&self) -> bool {
        matches!(self.gate, Gate::Closed | Gate::Returning { .. } | Gate::Stale { .. })
    }

    /// Whether a call that began at `began` says something of the present state.
    pub(super) fn concerns(&self, began: Timestamp) -> bool {
        match self.gate {
            Gate::Closed | Gate::Stale { .. } => true,
            Gate::Open { since, .. } | Gate::HalfOpen { since, .. } | Gate::Returning { since, .. } => began >= since,
        }
    }

    /// Why it is out, and since when, if it is.
    pub(super) const fn out(&self) -> Option<(TripReason, Timestamp)> {
        match self.gate {
            Gate::Open { out, .. } | Gate::HalfOpen { out, .. } => Some((out.reason, out.first)),
            Gate::Closed | Gate::Returning { .. } | Gate::Stale { .. } => None,
        }
    }

    /// Takes the channel out at `at` for what was found; `retry_after_s` is what it asked for.
    pub(super) fn trip(
        &mut self,
        setting: &LaneSetting,
        at: Timestamp,
        (reason, finding): (TripReason, &Finding),
        retry_after_s: f64,
    ) -> Shift {
        let found = Trial::of_finding(finding, setting.passes);
        let out = match self.gate {
            Gate::Returning { from: Some(before), .. } => {
                let doubted = before.trial.doubted();
                let trial = Trial { pass: found.pass.min(doubted.pass), ..found };
                Out { reason, first: before.first, openings: before.openings, trial }
            }
            _ => Out { reason, first: at, openings: 0, trial: found },
        };
        self.open(setting, at, out, retry_after_s);
        Shift::Tripped(reason)
    }

    /// Takes the channel out until `until`, unless it is out.
    pub(super) fn open_by_forecast(&mut self, now: Timestamp, until: Timestamp) -> Option<Shift> {
        if until <= now || !self.is_in() {
            return None;
        }
        let trial = Trial::of_passes(PASSES_AFTER_FORECAST);
        let out = Out { reason: TripReason::Forecast, first: now, openings: 0, trial };
        self.gate = Gate::Open { out, since: now, until, sum: 0.0 };
        Some(Shift::Tripped(TripReason::Forecast))
    }

    fn open(&mut self, setting: &LaneSetting, at: Timestamp, out: Out, retry_after_s: f64) {
        let is_throttled = out.reason == TripReason::Throttled;
        let cap = if is_throttled { setting.longest_throttled_s } else { setting.longest_open_s };
        let doublings = f64::from(out.openings.min(MOST_DOUBLINGS));
        let span = (setting.first_open_s * doublings.exp2()).min(cap).max(retry_after_s);
        // Only ever longer than what the channel asked for.
        let spread = (span * (1.0 + setting.jitter * self.draw())).max(retry_after_s);
        let out = Out { openings: out.openings.saturating_add(1), ..out };
        self.gate = Gate::Open { out, since: at, until: after(at, spread), sum: 0.0 };
    }

    /// The next jitter, -1 to 1.
    fn draw(&mut self) -> f64 {
        let bits = Seed::new(self.seed).nth(self.draws).value() >> 11;
        self.draws = self.draws.wrapping_add(1);
        #[expect(clippy::cast_precision_loss, reason = "53 bits")]
        let unit = bits as f64 / (1_u64 << 53) as f64;
        2.0 * unit - 1.0
    }

    /// Hears how a call that concerns the present state went, if the channel is out, on probation or unknown.
    pub(super) fn answer(
        &mut self,
        setting: &LaneSetting,
        at: Timestamp,
        answer: Answer,
        retry_after_s: f64,
    ) -> Option<Shift> {
        let is_well = answer == Answer::Well;
        match &mut self.gate {
            Gate::Closed | Gate::Returning { .. } => None,
            // The one was asked for by the channel, the other by the forecast: both know more than calls do.
            Gate::Open { out, .. } if matches!(out.reason, TripReason::Throttled | TripReason::Forecast) => None,
            Gate::Open { out, sum, .. } => {
                *sum = (*sum + out.trial.step(is_well)).max(0.0);
                let (is_enough, out) = (*sum >= UNASKED_AT - ROUNDING, *out);
                is_enough.then(|| self.bring_back(setting, at, Some(out)))
            }
            Gate::HalfOpen { out, passed, sum, .. } => {
                *sum += out.trial.step(is_well);
                let (returns, leaves) = (*sum >= RETURN_AT - ROUNDING, *sum <= LEAVE_AT);
                // What let some through is no longer what let none through.
                let is_other = *passed > 0 && out.trial.pass >= 1.0;
                *passed = if is_well { passed.saturating_add(1) } else { 0 };
                let out = *out;
                if returns {
                    return Some(self.bring_back(setting, at, Some(out)));
                }
                leaves.then(|| {
                    let openings = if is_other { 0 } else { out.openings };
                    self.open(setting, at, Out { openings, ..out }, retry_after_s);
                    Shift::Tripped(out.reason)
                })
            }
            Gate::Stale { passed, .. } => {
                *passed = if is_well { passed.saturating_add(1) } else { 0 };
                let is_enough = *passed >= setting.passes;
                is_enough.then(|| self.bring_back(setting, at, None))
            }
        }
    }

    /// Lets the channel return from where it was, if it was out.
    fn bring_back(&mut self, setting: &LaneSetting, at: Timestamp, from: Option<Out>) -> Shift {
        self.gate = Gate::Returning { since: at, until: after(at, setting.returning_s), from };
        Shift::Recovered
    }

    /// Lets the channel return although it is as it was.
    pub(super) fn adopt(&mut self, setting: &LaneSetting, at: Timestamp) -> Shift {
        self.bring_back(setting, at, None)
    }

    /// Does what is due at `now`.
    pub(super) fn on_time(&mut self, now: Timestamp) -> Option<Shift> {
        match self.gate {
            Gate::Open { out, until, .. } if now >= until => {
                self.gate = Gate::HalfOpen { out, since: until, passed: 0, sum: 0.0 };
                Some(Shift::HalfOpened)
            }
            Gate::Returning { until, .. } if now >= until => {
                self.gate = Gate::Closed;
                Some(Shift::Settled)
            }
            _ => None,
        }
    }

    /// Knows nothing since `since`, unless it is out or knew nothing before.
    pub(super) fn go_stale(&mut self, since: Timestamp) -> Option<Shift> {
        if !matches!(self.gate, Gate::Closed | Gate::Returning { .. }) {
            return None;
        }
        self.gate = Gate::Stale { since, passed: 0 };
        Some(Shift::WentStale)
    }

    /// When [`Breaker::on_time`] has something to do; the flag says whether silence ends this state as well.
    pub(super) const fn wakeup(&self) -> (Option<Timestamp>, bool) {
        match self.gate {
            Gate::Closed => (None, true),
            Gate::Returning { until, .. } => (Some(until), true),
            Gate::Open { until, .. } => (Some(until), false),
            Gate::HalfOpen { .. } | Gate::Stale { .. } => (None, false),
        }
    }

    /// The state as others see it.
    pub(super) const fn standing(&self) -> Standing {
        match self.gate {
            Gate::Closed => Standing::Closed,
            Gate::Open { out, until, .. } => Standing::Open { reason: out.reason, until },
            Gate::HalfOpen { out, passed, .. } => Standing::HalfOpen { reason: out.reason, passed },
            Gate::Returning { since, .. } => Standing::Returning { since },
            Gate::Stale { since, .. } => Standing::Stale { since },
        }
    }
}
