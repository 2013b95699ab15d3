//! Questions for tests.

use proptest::prelude::*;

use crate::domain::ids::ChannelId;
use crate::domain::time::Timestamp;
use crate::incident::severity::Severity;
use crate::policy::input::{Candidate, PolicyInput, Promised, Standing, TripReason};

pub(super) fn id(name: &str) -> ChannelId {
    ChannelId::new(name).expect("valid")
}

/// A channel that is well: `cost` in thousandths of a USD, 2 % slow, 0.5 % failing, no limits.
pub(super) fn well(cost: f64) -> Candidate {
    Candidate {
        cost_usd: cost / 1_000.0,
        latency_ms: 500.0,
        slow: 0.02,
        slow_now: f64::NAN,
        failing: 0.005,
        risk: 0.05,
        incident: None,
        standing: Standing::Closed,
        room_per_min: f64::INFINITY,
        tried_per_min: f64::INFINITY,
        others_per_min: 0.0,
        crowding: 1.0,
    }
}

/// A class with 600 calls a minute, of which 5 % may be slow and 2 % may fail, at second `at`.
pub(super) fn class(at: i64, candidates: &[(&str, Candidate)]) -> PolicyInput {
    PolicyInput {
        now: Timestamp::from_seconds(1_000_000 + at),
        class: "chat".to_owned(),
        promise: Promised { slow: Some(0.05), failing: Some(0.02) },
        demand_per_min: 600.0,
        budget_usd_per_call: None,
        candidates: candidates.iter().map(|(name, one)| (id(name), one.clone())).collect(),
    }
}

pub(super) fn open(reason: TripReason) -> Standing {
    Standing::Open { reason, until: Timestamp::from_seconds(2_000_000) }
}

/// Numbers as they come: mostly sound, now and then unknown or absurd.
fn number(sound: impl Strategy<Value = f64> + 'static) -> impl Strategy<Value = f64> {
    let odd = prop::sample::select(vec![f64::NAN, f64::INFINITY, -1.0, 0.0, 1e-300, 1e300]);
    prop_oneof![9 => sound, 1 => odd]
}

fn standing() -> impl Strategy<Value = Standing> {
    let since = Timestamp::from_seconds(999_990);
    prop_oneof![
        12 => Just(Standing::Closed),
        1 => Just(open(TripReason::Consecutive)),
        1 => Just(open(TripReason::Forecast)),
        1 => Just(Standing::HalfOpen { reason: TripReason::Throttled, passed: 1 }),
        2 => Just(Standing::Returning { since }),
        2 => Just(Standing::Stale { since }),
    ]
}

/// Any channel at all.
pub(super) fn candidate() -> impl Strategy<Value = Candidate> {
    let incident = prop_oneof![
        8 => Just(None),
        1 => Just(Some(Severity::P1)),
        1 => Just(Some(Severity::P2)),
        1 => Just(Some(Severity::P4)),
    ];
    let harm = (number(0.0..0.3), number(0.0..0.2), number(0.0..1.0));
    let load = (number(0.0..2_000.0), number(0.0..2_000.0), number(0.0..500.0), number(0.0..2.0));
    (number(0.0..0.05), number(10.0..5_000.0), harm, incident, standing(), load).prop_map(
        |(cost_usd, latency_ms, (slow, failing, risk), incident, standing, load)| Candidate {
            cost_usd,
            latency_ms,
            slow,
            slow_now: f64::NAN,
            failing,
            risk,
            incident,
            standing,
            room_per_min: load.0,
            tried_per_min: load.1,
            others_per_min: load.2,
            crowding: load.3,
        },
    )
}

/// Any question at all about up to twelve channels.
pub(super) fn question() -> impl Strategy<Value = PolicyInput> {
    let candidates = prop::collection::btree_map(0..12_u8, candidate(), 1..12);
    let promise = (prop::option::of(number(0.001..0.2)), prop::option::of(number(0.001..0.1)));
    (candidates, promise, number(0.0..2_000.0), prop::option::of(number(0.0..0.03))).prop_map(
        |(candidates, (slow, failing), demand_per_min, budget_usd_per_call)| PolicyInput {
            now: Timestamp::from_seconds(1_000_000),
            class: "chat".to_owned(),
            promise: Promised { slow, failing },
            demand_per_min,
            budget_usd_per_call,
            candidates: candidates.into_iter().map(|(name, one)| (id(&format!("c{name}")), one)).collect(),
        },
    )
}
