//! Hours that the demo pretends to have watched already, so that there is something to forecast from.

use crate::cli::cmd::demo::Args;
use crate::cli::exit::{Exit, Failure};
use crate::domain::batch::Batch;
use crate::domain::ids::ChannelId;
use crate::domain::price::PriceList;
use crate::domain::time::Timestamp;
use crate::engine::Engine;
use crate::sim::demand::Arrivals;
use crate::sim::past;
use crate::sim::world::World;
use crate::sim::world::day::Day;
use crate::stats::seed::Seed;

/// Minutes of history: enough for every model without a season and for detectors to know what is usual, little enough not
/// to be waited for.
pub(super) const MINUTES: u32 = 360;

/// Fills the store with the minutes before that of `now`, and publishes them.
pub(super) async fn fill(
    engine: &Engine,
    world: &World,
    prices: &PriceList,
    (args, seed): (&Args, Seed),
    now: Timestamp,
) -> Result<(), Failure> {
    let (from, end) = (now.minute().minus(MINUTES), now.minute());
    let day = Day::new(now, args.speed);
    let mut batch = Batch::new(now);
    for profile in world.profiles() {
        let arrivals = Arrivals::new(seed.child("past"), profile, day, from.start(), args.rate);
        if let (Ok(channel), Some(arrivals)) = (ChannelId::new(profile.name), arrivals) {
            let span = (arrivals, from, end);
            batch.replacements.extend(past::minutes(world, profile, &channel, span, prices, |at| day.hour(at)));
        }
    }
    engine.accept(batch).await.map_err(|error| Failure::from_error(Exit::Partial, &error))?;
    engine.flush().await.map(|_report| ()).map_err(|error| Failure::from_error(Exit::Partial, &error))
}
