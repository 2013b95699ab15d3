//! A fortnight of work that the demo pretends to have seen, so that there is something to share work out by.
//!
//! The jobs are told to an engine, as clients would tell them, whose clock a hand moves: what is learnt is learnt by the code
//! that learns live.

use std::path::Path;

use futures::future::join_all;

use crate::cli::exit::{Exit, Failure};
use crate::clock::Clock;
use crate::domain::time::Timestamp;
use crate::engine::{Engine, Settings, WorkSettings};
use crate::policy::work::ask::{Ask, End, Start};
use crate::sim::jobs::{CLASS, Job, Jobs};
use crate::stats::seed::Seed;
use crate::store::StoreOptions;

const DAY_S: i64 = 86_400;
/// Days of it.
const DAYS: i64 = 14;
/// Seconds between two jobs, on average.
const EVERY_S: f64 = 600.0;
/// Days from the first one after which the newer versions of models are in service.
const NEWER_AFTER: i64 = 7;
/// Jobs that are told together: they share a sync.
const GROUP_S: i64 = DAY_S / 4;

/// Fills the new store in `data` with the work of the days before `now`.
pub(super) async fn fill(data: &Path, work: Option<WorkSettings>, seed: Seed, now: Timestamp) -> Result<(), Failure> {
    let start = now.plus_seconds(-DAYS * DAY_S);
    let clock = Clock::manual(start);
    let settings = Settings { work, ..Settings::default() };
    let (engine, _report) =
        Engine::open(data, StoreOptions::default(), settings, clock.clone()).map_err(|error| failed(&error))?;
    let mut jobs = Jobs::new(seed.child("past"), start, EVERY_S).into_iter().flatten().peekable();
    for group in 0..DAYS * DAY_S / GROUP_S {
        clock.set(start.plus_seconds(group * GROUP_S));
        if group * GROUP_S % DAY_S == 0 {
            engine.allocate().await.map_err(|error| failed(&error))?;
        }
        let end = start.plus_seconds((group + 1) * GROUP_S);
        let group: Vec<Job> = std::iter::from_fn(|| jobs.next_if(|job| job.at < end)).collect();
        perform(&engine, &group, clock.now() >= start.plus_seconds(NEWER_AFTER * DAY_S)).await?;
    }
    engine.flush().await.map_err(|error| failed(&error))?;
    engine.shutdown().await.map_err(|error| failed(&error))
}

/// Has every job of `group` done, all of them at once.
async fn perform(engine: &Engine, group: &[Job], is_newer: bool) -> Result<(), Failure> {
    let name = |job: &Job| format!("past-{}", job.index);
    let starts = group.iter().map(|job| {
        let start = Start { job: Some(name(job)), class: CLASS.to_owned(), tier: job.tier, model: None };
        engine.work(Ask::Start(start))
    });
    let mut models = Vec::new();
    for answer in join_all(starts).await {
        models.push(answer.map_err(|error| failed(&error))?.model.unwrap_or_default());
    }
    let ends = group.iter().zip(&models).map(|(job, model)| {
        let (done, _takes_s) = job.done_by(model, is_newer);
        let (success, quality, tokens, cost_usd) = (done.success, done.quality, done.tokens, done.cost_usd);
        engine.work(Ask::End(End { job: name(job), success, quality, tokens, cost_usd }))
    });
    for answer in join_all(ends).await {
        answer.map_err(|error| failed(&error))?;
    }
    Ok(())
}

fn failed(error: &dyn std::error::Error) -> Failure {
    Failure::from_error(Exit::Partial, error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::cmd::demo::setup;
    use crate::sim::world::World;

    #[tokio::test]
    async fn a_fortnight_later_cheap_models_do_what_is_easy_and_dear_ones_what_is_hard() {
        let dir = tempfile::tempdir().expect("a directory");
        let world = World::demo(Seed::new(7));
        let config = setup::config(&world, 20.0, 360, "http://127.0.0.1:1/workshop").expect("right");
        let (work, now) = (WorkSettings::of(&config), Timestamp::from_seconds(1_795_000_000));
        fill(dir.path(), work.clone(), Seed::new(7), now).await.expect("filled");

        let settings = Settings { work, ..Settings::default() };
        let (engine, _) =
            Engine::open(dir.path(), StoreOptions::default(), settings, Clock::manual(now)).expect("the store opens");
        let standing = engine.work_standing().expect("work");
        assert!(standing.count.started > 1_500 && standing.count.open == 0, "{:?}", standing.count);
        let report = engine.allocate().await.expect("shares");
        let kinds = &report.allocation.kinds;
        let most = |place: usize| {
            let most = kinds[place].models.iter().max_by(|one, other| one.1.total_cmp(other.1));
            most.map(|(model, _)| model.as_str()).expect("models")
        };
        assert_eq!((most(0), most(3)), ("harbor-mini-2", "harbor-large-2"));
        engine.shutdown().await.expect("it stops");
    }
}
