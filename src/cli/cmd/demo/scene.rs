//! The world's side of the demo: endpoints, traffic and the reporter.

use std::sync::Arc;

use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use super::Args;
use super::setup::CLASSES;
use crate::cli::exit::{Exit, Failure};
use crate::clock::Clock;
use crate::domain::ids::ChannelId;
use crate::domain::time::Timestamp;
use crate::sim::demand::Arrivals;
use crate::sim::endpoint::{Endpoint, Tally};
use crate::sim::jobber::Jobber;
use crate::sim::jobs::Jobs;
use crate::sim::obey::Follower;
use crate::sim::report::{Delivery, Reporter};
use crate::sim::stage::Stage;
use crate::sim::traffic::{Road, Target, Traffic};
use crate::sim::world::day::Day;
use crate::stats::seed::Seed;

/// Seconds between two jobs, on average.
const JOB_EVERY_S: f64 = 4.0;

/// Share of calls whose callers chose their channel themselves: there always are some, and a channel that nobody calls any
/// more could not be seen to be ill or well.
const PINNED: f64 = 0.12;

/// The running world.
pub(super) struct Scene {
    endpoints: Vec<(ChannelId, Endpoint)>,
    stop: watch::Sender<bool>,
    traffic: JoinSet<()>,
    reporter: JoinHandle<Delivery>,
}

/// The world's own books, closed.
#[derive(Debug)]
pub(super) struct Ledger {
    /// What each channel served.
    pub(super) served: Vec<(ChannelId, Tally)>,
    /// What became of the reports.
    pub(super) delivery: Delivery,
}

impl Scene {
    /// Starts every channel of `stage`, the traffic on them and the jobs, reported to the collector at `collector_url`.
    pub(super) async fn start(
        stage: &Arc<Stage>,
        seed: Seed,
        args: &Args,
        collector_url: &str,
        now: Timestamp,
        clock: &Clock,
    ) -> Result<Self, Failure> {
        let broken = |what: &str, error: &dyn std::fmt::Display| Failure::new(Exit::Usage, format!("{what}: {error}"));
        let day = Day::new(now, args.speed);
        // A store that is kept may see the same seed again: the instant tells the runs apart.
        let run = format!("demo-{}", now.micros());
        let reporter = Reporter::new(collector_url, &run, clock.clone())
            .map_err(|error| broken("cannot make an HTTP client", &error))?;
        let (sink, queue) = Reporter::queue();
        let generator =
            Traffic::new(clock.clone(), sink).map_err(|error| broken("cannot make an HTTP client", &error))?;
        let (stop, stopped) = watch::channel(false);
        let (mut endpoints, mut traffic) = (Vec::new(), JoinSet::new());
        let mut targets = Vec::new();
        for profile in stage.profiles() {
            let endpoint = Endpoint::start(Arc::clone(stage), profile, day, clock.clone())
                .await
                .map_err(|error| broken("cannot open a port for a channel", &error))?;
            let target = Target::new(profile, &endpoint.url()).map_err(|error| broken("a channel's name", &error))?;
            endpoints.push((target.channel().clone(), endpoint));
            targets.push(Arc::new(target));
        }
        let jobber = Jobber::new(collector_url, &run, clock.clone())
            .map_err(|error| broken("cannot make an HTTP client", &error))?;
        let jobs = Jobs::new(seed, now, JOB_EVERY_S).ok_or_else(|| Failure::new(Exit::Usage, "jobs need a pace"))?;
        traffic.spawn(jobber.run(jobs, stopped.clone()));
        for class in &CLASSES {
            let serving = |target: &&Arc<Target>| class.channels.contains(&target.channel().as_str());
            let targets: Arc<Vec<Arc<Target>>> = Arc::new(targets.iter().filter(serving).cloned().collect());
            let names = targets.iter().map(|target| target.channel().to_string()).collect();
            let follower = Follower::new(collector_url, class.class, names)
                .map_err(|error| broken("cannot make an HTTP client", &error))?;
            let follower = Arc::new(follower);
            if !args.unmanaged {
                let (follower, clock, stopped) = (Arc::clone(&follower), clock.clone(), stopped.clone());
                traffic.spawn(async move { follower.run(&clock, stopped).await });
            }
            for profile in stage.profiles().iter().filter(|profile| class.home_of.contains(&profile.name)) {
                let own = targets.iter().position(|target| target.channel().as_str() == profile.name).unwrap_or(0);
                let arrivals = Arrivals::new(seed, profile, day, now, args.rate)
                    .ok_or_else(|| Failure::new(Exit::Usage, "the rate must be above 0"))?;
                let luck = seed.child("road").child(profile.name);
                let road = Road {
                    targets: Arc::clone(&targets),
                    own,
                    follower: Some(Arc::clone(&follower)),
                    pinned: PINNED,
                    luck,
                };
                traffic.spawn(generator.clone().run(road, arrivals, stopped.clone()));
            }
        }
        Ok(Self { endpoints, stop, traffic, reporter: tokio::spawn(reporter.run(queue)) })
    }

    /// Begins no further call, lets those in flight end, delivers every report, then stops the channels.
    pub(super) async fn finish(mut self) -> Ledger {
        self.stop.send_replace(true);
        while self.traffic.join_next().await.is_some() {}
        // The traffic held the last senders, so the reporter ends when it has delivered what is queued.
        let delivery = self.reporter.await.unwrap_or_default();
        let mut served = Vec::new();
        for (channel, endpoint) in self.endpoints {
            served.push((channel, endpoint.tally()));
            endpoint.stop().await;
        }
        Ledger { served, delivery }
    }
}
