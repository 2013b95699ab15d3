//! Traffic on the world: makes the calls that [`crate::sim::demand`] lists, over HTTP, and measures them.
//!
//! It knows of a channel only what any client knows: an address, a model and what comes back. All of it is reported
//! as [`Call`]s; nothing is read from the world behind the endpoint.

mod client;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use rand::RngExt;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::clock::Clock;
use crate::domain::call::Call;
use crate::domain::ids::{ChannelId, IdError};
use crate::sim::demand::{Arrival, Arrivals};
use crate::sim::obey::Follower;
use crate::sim::report::CallSink;
use crate::sim::traffic::client::Client;
use crate::sim::world::profile::Profile;
use crate::stats::seed::Seed;

/// A channel as its callers know it.
#[derive(Debug)]
pub struct Target {
    channel: ChannelId,
    model: &'static str,
    url: String,
    in_flight: AtomicU32,
    made: AtomicU64,
}

impl Target {
    /// The channel of `profile` behind the endpoint at `base_url`.
    ///
    /// # Errors
    /// [`IdError`] if the profile's name is no channel name.
    pub fn new(profile: &Profile, base_url: &str) -> Result<Self, IdError> {
        Ok(Self {
            channel: ChannelId::new(profile.name)?,
            model: profile.model,
            url: format!("{base_url}/v1/chat/completions"),
            in_flight: AtomicU32::new(0),
            made: AtomicU64::new(0),
        })
    }

    /// The channel's name.
    #[must_use]
    pub fn channel(&self) -> &ChannelId {
        &self.channel
    }

    /// Calls begun so far.
    #[must_use]
    pub fn made(&self) -> u64 {
        self.made.load(Ordering::Relaxed)
    }

    /// Calls begun and not ended.
    #[must_use]
    pub fn in_flight(&self) -> u32 {
        self.in_flight.load(Ordering::Relaxed)
    }
}

/// Where the calls of one stream go.
#[derive(Debug, Clone)]
pub struct Road {
    /// Every channel that may serve them.
    pub targets: Arc<Vec<Arc<Target>>>,
    /// The place of the channel that they go to unless something else is decided.
    pub own: usize,
    /// Who knows what is decided; `None` if nobody asks.
    pub follower: Option<Arc<Follower>>,
    /// Share of the calls whose callers want that very channel, whatever is decided.
    pub pinned: f64,
    /// Where the luck of the calls comes from.
    pub luck: Seed,
}

impl Road {
    /// A road to one channel.
    #[must_use]
    pub fn to(target: Arc<Target>) -> Self {
        Self { targets: Arc::new(vec![target]), own: 0, follower: None, pinned: 0.0, luck: Seed::new(0) }
    }

    fn target(&self, arrival: &Arrival) -> Option<Arc<Target>> {
        let luck = self.luck.nth(arrival.index);
        let is_pinned = luck.child("pinned").rng().random::<f64>() < self.pinned;
        let place = self
            .follower
            .as_ref()
            .filter(|_| !is_pinned)
            .map_or(self.own, |follower| follower.choose(arrival.at, luck.rng().random(), self.own));
        self.targets.get(place).cloned()
    }
}

/// The generator of one or more streams of calls.
#[derive(Debug, Clone)]
pub struct Traffic {
    client: Client,
    clock: Clock,
    sink: CallSink,
}

impl Traffic {
    /// Traffic whose calls are reported to `sink`.
    ///
    /// # Errors
    /// If the HTTP client cannot be built.
    pub fn new(clock: Clock, sink: CallSink) -> reqwest::Result<Self> {
        Ok(Self { client: Client::new()?, clock, sink })
    }

    /// Makes each arrival's call at its time until `stop` turns true (or its sender is gone), then waits for the
    /// calls in flight to end. A call is made late rather than not at all.
    pub async fn run(self, road: Road, arrivals: Arrivals, mut stop: watch::Receiver<bool>) {
        let mut calls = JoinSet::new();
        for arrival in arrivals {
            tokio::select! {
                _ = stop.wait_for(|stop| *stop) => break,
                () = self.clock.sleep_until(arrival.at) => {}
            }
            let Some(target) = road.target(&arrival) else { continue };
            let traffic = self.clone();
            calls.spawn(async move { traffic.call(&target, &arrival).await });
            // Forget the calls that have ended.
            while calls.try_join_next().is_some() {}
        }
        while calls.join_next().await.is_some() {}
    }

    async fn call(&self, target: &Target, arrival: &Arrival) {
        // Calls of several streams meet here: the number says whose luck it is.
        let arrival = Arrival { index: target.made.fetch_add(1, Ordering::Relaxed), ..*arrival };
        let before = target.in_flight.fetch_add(1, Ordering::Relaxed);
        let mut call = Call::new(self.clock.now(), target.channel.clone());
        call.in_flight = Some(before + 1);
        self.client.complete(&target.url, target.model, &arrival, &mut call).await;
        target.in_flight.fetch_sub(1, Ordering::Relaxed);
        // The sink is only closed when the reporter is gone, and with it everyone who could be told.
        let _reported = self.sink.send(call).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::call::Outcome;
    use crate::domain::time::Timestamp;
    use crate::sim::endpoint::Endpoint;
    use crate::sim::report::Reporter;
    use crate::sim::stage::Stage;
    use crate::sim::world::World;
    use crate::sim::world::day::Day;

    /// What the client measured equals what the endpoint served: calls, failures and tokens, streamed or not.
    #[tokio::test]
    async fn both_ends_of_the_wire_agree() {
        let clock = Clock::system();
        let seed = Seed::new(7);
        let mut profile = World::demo(seed).profiles()[1];
        (profile.base_ms, profile.decode_ms_per_token) = (2.0, 0.1);
        (profile.failure_rate, profile.throttle_rate) = (0.1, 0.1);
        let start = clock.now();
        let day = Day::new(start, 1.0);
        let endpoint = Endpoint::start(Arc::new(Stage::new(World::demo(seed))), &profile, day, clock.clone())
            .await
            .expect("a port");
        let target = Arc::new(Target::new(&profile, &endpoint.url()).expect("a valid name"));
        let (sink, mut queue) = Reporter::queue();
        let (stop, stopped) = watch::channel(false);
        let arrivals = Arrivals::new(seed, &profile, day, start, 1_000.0).expect("a positive rate");
        let traffic = Traffic::new(clock, sink).expect("a client");
        let running = tokio::spawn(traffic.run(Road::to(Arc::clone(&target)), arrivals, stopped));
        let mut calls = Vec::new();
        while calls.len() < 60 {
            calls.push(queue.recv().await.expect("calls keep coming"));
        }
        stop.send_replace(true);
        running.await.expect("no panic");
        while let Some(call) = queue.recv().await {
            calls.push(call);
        }
        let tally = endpoint.tally();
        let count = |outcome| calls.iter().filter(|call| call.outcome == outcome).count() as u64;
        let sum = |field: fn(&Call) -> Option<u64>| calls.iter().filter_map(field).sum::<u64>();
        assert_eq!((tally.calls, target.made(), target.in_flight()), (calls.len() as u64, tally.calls, 0));
        assert_eq!((tally.throttled, tally.failed), (count(Outcome::Throttled), count(Outcome::ServerError)));
        assert_eq!(tally.tokens_prompt, sum(|call| call.tokens_prompt));
        assert_eq!(tally.tokens_completion, sum(|call| call.tokens_completion));
        assert_eq!(tally.tokens_cached, sum(|call| call.tokens_cached));
        assert!(calls.iter().all(|call| call.ts >= start && call.ttft <= call.latency));
        assert!(calls.iter().any(|call| call.ttft.is_some()) && calls.iter().any(|call| call.ttft.is_none()));
        assert!(calls.iter().all(|call| call.ts > Timestamp::from_seconds(0) && call.in_flight >= Some(1)));
        endpoint.stop().await;
    }
}
