//! What the decisions were worth: the calls of the demo as they went, beside the same calls where nobody decides.
//!
//! The other side is simulated: the same arrivals in the same world with the same faults, each on the channel that it would
//! have taken by itself. Nobody repairs anything there.

use serde::Serialize;

use super::Args;
use super::setup;
use crate::cli::output::{self, Align, Table};
use crate::domain::ids::ChannelId;
use crate::domain::price::PriceList;
use crate::domain::sample::Sample;
use crate::domain::time::{Minute, Timestamp};
use crate::sim::demand::Arrivals;
use crate::sim::past;
use crate::sim::world::World;
use crate::sim::world::day::Day;
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
        stored: impl Iterator<Item = &'a Sample>,
        world: &World,
        prices: &PriceList,
        (args, seed): (&Args, Seed),
        (start, from, to): (Timestamp, Minute, Minute),
    ) -> Self {
        let mut managed = Got::default();
        stored.for_each(|sample| managed.add(sample));
        let (mut unmanaged, day) = (Got::default(), Day::new(start, args.speed));
        for profile in world.profiles() {
            let arrivals = Arrivals::new(seed, profile, day, start, args.rate);
            if let (Ok(channel), Some(arrivals)) = (ChannelId::new(profile.name), arrivals) {
                let span = (arrivals, from, to);
                let minutes = past::minutes(world, profile, &channel, span, prices, |at| day.hour(at));
                for sample in &minutes {
                    unmanaged.add(sample);
                }
            }
        }
        Self { managed, unmanaged_simulated: unmanaged }
    }

    pub(super) fn table(&self) -> String {
        let numbers = ["calls", "failed", "slow", "harmed %", "USD for 1,000"].map(|name| (name, Align::Right));
        let mut table = Table::new([("whole minutes", Align::Left)].into_iter().chain(numbers));
        for (name, got) in [("as decided", &self.managed), ("undecided (simulated)", &self.unmanaged_simulated)] {
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
        table.render(output::styled())
    }
}
