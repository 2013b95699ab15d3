//! What the decisions were worth: the calls of the demo as they went, beside the same calls where nobody decides.
//!
//! The other side is simulated: the same arrivals in the same world with the same faults, each on the channel that it would
//! have taken by itself; nobody repairs anything there. Beside them stands what the product itself reckons: the yardstick of
//! even shares, which knows nothing of the world but the calls that were made.

use serde::Serialize;

use super::Args;
use super::setup;
use crate::cli::output::{self, Align, Table};
use crate::domain::ids::ChannelId;
use crate::domain::price::PriceList;
use crate::domain::sample::Sample;
use crate::domain::time::{Minute, Timestamp};
use crate::policy::worth as yardstick;
use crate::report::facts::ClassWorth;
use crate::sim::demand::{Arrival, Arrivals};
use crate::sim::past;
use crate::sim::world::World;
use crate::sim::world::day::Day;
use crate::sim::world::profile::Profile;
use crate::stats::seed::Seed;

/// What callers got.
#[derive(Debug, Default, Serialize)]
pub(super) struct Got {
    calls: u64,
    failed: u64,
    /// Successful calls that took longer than promised.
    slow: u64,
    cost_usd: f64,
}

/// Both sides.
#[derive(Debug, Serialize)]
pub(super) struct Worth {
    /// What callers got.
    managed: Got,
    /// What they would have got where nobody decides; simulated.
    unmanaged_simulated: Got,
    /// What the same calls would have got if they had been shared out evenly; simulated.
    even_simulated: Got,
    /// The same as `/v1/summary` reckons it, without a simulation.
    even_reckoned: Reckoned,
}

/// What the yardstick says.
#[derive(Debug, Default, Serialize)]
pub(super) struct Reckoned {
    /// Calls in minutes for which it is known.
    calls: f64,
    /// Calls that would have failed or been slow.
    harmed: f64,
    /// USD of a thousand calls; `null` if not known.
    usd_per_thousand: Option<f64>,
}

impl Reckoned {
    fn of(reckoned: &[ClassWorth]) -> Self {
        let mut sum = yardstick::Worth::default();
        for of in reckoned {
            sum += of.worth;
        }
        let usd_per_thousand = (sum.paid.calls > 0.0).then(|| sum.paid.even_usd / sum.paid.calls * 1_000.0);
        Self { calls: sum.felt.calls, harmed: sum.felt.even, usd_per_thousand }
    }
}

impl Got {
    fn add(&mut self, sample: &Sample) {
        let counts = &sample.counts;
        self.calls += counts.requests;
        self.failed += counts.errors;
        let limit_ms = setup::slow_after_s(sample.channel.as_str()) * 1_000.0;
        let slow = sample.latency.sketch().map_or(0, |sketch| sketch.count_above(limit_ms));
        self.slow += slow.min(counts.requests.saturating_sub(counts.errors));
        self.cost_usd += sample.cost.unwrap_or_default().usd();
    }

    const fn harmed(&self) -> u64 {
        self.failed + self.slow
    }
}

impl Worth {
    /// The worth of what was decided in a demo that began at `start` and whose whole minutes are `from..to`; `stored` is what
    /// the store has of them.
    pub(super) fn of<'a>(
        (stored, reckoned): (impl Iterator<Item = &'a Sample>, &[ClassWorth]),
        world: &World,
        prices: &PriceList,
        (args, seed): (&Args, Seed),
        (start, from, to): (Timestamp, Minute, Minute),
    ) -> Self {
        let mut managed = Got::default();
        stored.for_each(|sample| managed.add(sample));
        let (mut unmanaged, mut even, day) = (Got::default(), Got::default(), Day::new(start, args.speed));
        let meet = |got: &mut Got, profile: &Profile, arrivals: Vec<Arrival>| {
            let Ok(channel) = ChannelId::new(profile.name) else { return };
            let span = (arrivals.into_iter(), from, to);
            for sample in &past::minutes(world, profile, &channel, span, prices, |at| day.hour(at)) {
                got.add(sample);
            }
        };
        let mut all = Vec::new();
        for profile in world.profiles() {
            let Some(arrivals) = Arrivals::new(seed, profile, day, start, args.rate) else { continue };
            let arrivals: Vec<Arrival> = arrivals.take_while(|arrival| arrival.at < to.start()).collect();
            all.extend(arrivals.iter().copied());
            meet(&mut unmanaged, profile, arrivals);
        }
        all.sort_by_key(|arrival| arrival.at);
        let profiles = world.profiles();
        for (place, profile) in profiles.iter().enumerate() {
            let dealt = all.iter().skip(place).step_by(profiles.len()).zip(0_u64..);
            meet(&mut even, profile, dealt.map(|(arrival, index)| Arrival { index, ..*arrival }).collect());
        }
        Self { managed, unmanaged_simulated: unmanaged, even_simulated: even, even_reckoned: Reckoned::of(reckoned) }
    }

    pub(super) fn table(&self) -> String {
        let numbers = ["calls", "failed", "slow", "harmed %", "USD for 1,000"].map(|name| (name, Align::Right));
        let mut table = Table::new([("whole minutes", Align::Left)].into_iter().chain(numbers));
        let rows = [
            ("as decided", &self.managed),
            ("undecided (simulated)", &self.unmanaged_simulated),
            ("shared evenly (simulated)", &self.even_simulated),
        ];
        for (name, got) in rows {
            #[expect(clippy::cast_precision_loss, reason = "calls of a demo")]
            let share = |part: f64| part / got.calls.max(1) as f64;
            #[expect(clippy::cast_precision_loss, reason = "calls of a demo")]
            let harmed = share(got.harmed() as f64) * 100.0;
            table.row([
                name.to_owned(),
                output::count(got.calls),
                output::count(got.failed),
                output::count(got.slow),
                format!("{harmed:.2}"),
                format!("{:.4}", share(got.cost_usd) * 1_000.0),
            ]);
        }
        let Reckoned { calls, harmed, usd_per_thousand } = &self.even_reckoned;
        table.row([
            "shared evenly (reckoned)".to_owned(),
            format!("{calls:.0}"),
            String::new(),
            String::new(),
            output::decimal((*calls > 0.0).then(|| harmed / calls * 100.0), 2),
            output::decimal(*usd_per_thousand, 4),
        ]);
        table.render(output::styled())
    }
}
