//! Pools over some days of two channels, with and without a restart.

use std::path::Path;

use super::*;
use crate::clock::Clock;
use crate::domain::batch::{Amendment, Mode};
use crate::domain::column::Column;
use crate::domain::ids::ChannelId;
use crate::domain::sample::Sample;
use crate::domain::time::Timestamp;
use crate::engine::Settings;
use crate::store::{Publication, StoreOptions};

const START: Minute = Minute(29_916_666 / 1_440 * 1_440);
const DAYS: u32 = 5;
const REQUESTS: Target = Target::Column(Column::Requests);

fn open(dir: &Path) -> Engine {
    let clock = Clock::manual(START.plus(DAYS * MINUTES_PER_DAY).start());
    Engine::open(dir, StoreOptions::default(), Settings::default(), clock).expect("the store opens").0
}

/// Minutes of two channels with a wave of the day and a busy minute in every ten.
fn publish(engine: &Engine) {
    let samples = ["a", "b"].into_iter().flat_map(|name| {
        let channel = ChannelId::new(name).expect("valid name");
        (0..DAYS * MINUTES_PER_DAY).map(move |step| {
            let mut sample = Sample::new(channel.clone(), START.plus(step));
            let busy = if step % 10 == 3 { 25 } else { 0 };
            let wave = u64::from(step % MINUTES_PER_DAY).abs_diff(720) / 10;
            sample.counts.requests = 20 + wave + busy + u64::from(step * 7_919 % 11);
            Amendment { sample, mode: Mode::Add }
        })
    });
    let publication = Publication { samples: samples.collect(), ..Publication::default() };
    engine.0.store.publish(publication, Timestamp::from_seconds(0)).expect("published");
}

#[tokio::test]
async fn pools_outlive_the_program_bit_by_bit() {
    let dir = tempfile::tempdir().expect("a directory");
    let engine = open(dir.path());
    engine.pool(REQUESTS).await;
    assert_eq!(engine.0.forecasting.pools(REQUESTS), Pools::default(), "nothing is published");
    publish(&engine);
    drop(engine);
    // Channels are found when the store is opened.
    let engine = open(dir.path());
    engine.pool(REQUESTS).await;
    let trained = engine.0.forecasting.pools(REQUESTS);
    let until = START.plus(DAYS * MINUTES_PER_DAY - MARGIN);
    let ends: Vec<Timestamp> = trained.as_slice().iter().map(|(until, _)| *until).collect();
    assert_eq!(ends, [START.plus((until.0 - START.0).div_ceil(2)).start(), until.start()]);
    assert_ne!(trained.as_slice()[0].1, trained.as_slice()[1].1);
    // As by kill -9: nothing is saved on the way out.
    drop(engine);
    let again = open(dir.path());
    assert_eq!(again.0.forecasting.pools(REQUESTS), trained);
    assert_eq!(again.0.forecasting.pools(Target::ErrorRatio), Pools::default());
    assert_eq!(again.0.store.models().expect("readable").len(), 1);
}
