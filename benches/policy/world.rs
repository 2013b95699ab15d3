//! Questions and programmes of any size, seeded.

use foreroute::domain::ids::ChannelId;
use foreroute::domain::time::Timestamp;
use foreroute::policy::input::{Candidate, PolicyInput, Promised, Standing};
use foreroute::stats::seed::Seed;
use foreroute::stats::simplex::Column;
use rand::RngExt as _;

/// Calls a minute of a class.
const DEMAND: f64 = 600.0;

/// The question of `class` in `minute`: channels keep what they are and wobble by a tenth. With `ample` room a few channels
/// could carry all calls; else it takes a twentieth of them.
pub fn question(channels: usize, class: u64, minute: u64, ample: bool) -> PolicyInput {
    let (mut fixed, mut noise) = (Seed::new(class).rng(), Seed::new(class).nth(minute).rng());
    let room = if ample { DEMAND } else { 20.0 * DEMAND / channels as f64 };
    let mut candidate = || {
        let mut draw = |most: f64| most * fixed.random::<f64>();
        let mut wobble = |value: f64| value * (0.9 + 0.2 * noise.random::<f64>());
        Candidate {
            cost_usd: 0.001 + draw(0.01),
            latency_ms: wobble(200.0 + draw(2_000.0)),
            slow: wobble(draw(0.1)),
            slow_now: f64::NAN,
            failing: wobble(draw(0.03)),
            risk: wobble(draw(0.4)),
            incident: None,
            standing: Standing::Closed,
            room_per_min: 2.0 * draw(room),
            tried_per_min: draw(room),
            others_per_min: draw(0.1 * room),
            crowding: 1.0,
        }
    };
    let name = |at| ChannelId::new(&format!("channel-{at:04}")).expect("valid");
    let seconds = i64::try_from(60 * minute).expect("small");
    PolicyInput {
        now: Timestamp::from_seconds(1_700_000_000 + seconds),
        class: format!("class-{class}"),
        promise: Promised { slow: Some(0.05), failing: Some(0.02) },
        demand_per_min: DEMAND,
        budget_usd_per_call: Some(0.005),
        candidates: (0..channels).map(|at| (name(at), candidate())).collect(),
    }
}

/// A programme of `count` columns that make one, with five limits that may be crossed at a price: columns, right sides, and
/// the slack of each row.
pub fn programme(count: usize, seed: u64) -> (Vec<Column<6>>, [f64; 6], [usize; 6]) {
    let mut rng = Seed::new(seed).rng();
    let slack = |row: usize, cost: f64, entry: f64| {
        let mut rows = [0.0; 6];
        rows[row] = entry;
        Column { cost, low: 0.0, high: f64::INFINITY, rows }
    };
    let (mut columns, mut slacks) = (vec![slack(0, 1e4, 1.0)], [0; 6]);
    for (row, place) in slacks.iter_mut().enumerate().skip(1) {
        *place = columns.len();
        columns.extend([slack(row, 0.0, 1.0), slack(row, 100.0, -1.0)]);
    }
    let column = |_| {
        let mut rows = [0.0; 6].map(|_: f64| 0.1 * rng.random::<f64>());
        rows[0] = 1.0;
        Column { cost: rng.random::<f64>(), low: 0.0, high: 0.2 * rng.random::<f64>(), rows }
    };
    columns.extend((0..count).map(column));
    (columns, [1.0, 0.03, 0.03, 0.03, 0.03, 0.03], slacks)
}
