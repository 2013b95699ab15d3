//! The product's side of the demo: store, engine and API, as `serve` runs them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use super::Args;
use super::data::DataDir;
use super::setup::{CLASSES, Promised};
use super::{history, learnt, progress};
use crate::api::serve::{Bound, ServeError};
use crate::api::{self, ApiState};
use crate::cli::exit::{Exit, Failure};
use crate::cli::observe::observe;
use crate::cli::output::{self, Align, Table};
use crate::clock::Clock;
use crate::config::valid::Server;
use crate::domain::ids::ChannelId;
use crate::domain::sample::Sample;
use crate::domain::time::{Minute, Timestamp};
use crate::engine::{self, Engine, tasks};
use crate::sim::world::World;
use crate::stats::seed::Seed;
use crate::store::{StoreOptions, query};
use crate::telemetry::recorder::Recorder;

/// The port that the README names; not the one of `serve`, so that both can run.
const USUAL_PORT: u16 = 8686;

/// What a store that was used before has.
const CATALOG: &str = "catalog";

/// The running product.
pub(super) struct Product {
    engine: Engine,
    address: SocketAddr,
    stop: watch::Sender<bool>,
    serving: JoinHandle<Result<(), ServeError>>,
    tasks: JoinSet<()>,
}

impl Product {
    /// Opens the store in `data`, with a past if it is new, and serves the API. Without a `port` the usual one is taken if it is free.
    pub(super) async fn start(
        data: &Path,
        (world, settings): (&World, engine::Settings),
        (args, seed): (&Args, Seed),
        now: Timestamp,
        clock: &Clock,
    ) -> Result<Self, Failure> {
        if !data.join(CATALOG).exists() {
            learnt::fill(data, settings.work.clone(), seed, now).await?;
        }
        let prices = settings.prices.clone();
        let recorder = Recorder::install().map_err(|error| Failure::from_error(Exit::Usage, &error))?;
        let (engine, _report) = Engine::open(data, StoreOptions::default(), settings, clock.clone())
            .map_err(|error| Failure::from_error(Exit::Usage, &error))?;
        history::fill(&engine, world, &prices, (args, seed), now).await?;
        let (bound, server) = bind(args.port)?;
        let state =
            ApiState::new(engine.clone(), api::Settings { server, ..api::Settings::default() }, Some(recorder.clone()));
        let address = bound.addr();
        let (stop, stopped) = watch::channel(false);
        let mut until = stopped.clone();
        let stopping = async move {
            // A sender that is gone means stop, too.
            let _told = until.wait_for(|stop| *stop).await;
        };
        let serving = tokio::spawn(api::serve(bound, state, stopping));
        let mut tasks = tasks::spawn(&engine, &stopped);
        tasks.spawn(observe(engine.clone(), recorder, stopped));
        Ok(Self { engine, address, stop, serving, tasks })
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(super) const fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Lets requests end, stops the engine's tasks and publishes what is complete.
    pub(super) async fn stop(mut self) -> Result<(), Failure> {
        self.stop.send_replace(true);
        match self.serving.await {
            Ok(served) => served.map_err(|error| Failure::from_error(Exit::Partial, &error))?,
            Err(panicked) => return Err(Failure::from_error(Exit::Partial, &panicked)),
        }
        while self.tasks.join_next().await.is_some() {}
        self.engine.shutdown().await.map_err(|error| Failure::from_error(Exit::Partial, &error))
    }

    /// What runs and what to try.
    pub(super) fn welcome(&self, world: &World, args: &Args, data: &DataDir, faults: &str) -> String {
        let url = self.url();
        let mut table = Table::new([
            ("channel", Align::Left),
            ("model", Align::Left),
            ("USD/Mtok in", Align::Right),
            ("out", Align::Right),
            ("share of calls", Align::Right),
        ]);
        for profile in world.profiles() {
            table.row([
                profile.name.to_owned(),
                profile.model.to_owned(),
                output::decimal(Some(profile.price.prompt), 3),
                output::decimal(Some(profile.price.completion), 3),
                format!("{:.0} %", profile.demand_share * 100.0),
            ]);
        }
        let mut text = format!("Foreroute demo on {url}   (interactive documentation: {url}/docs)\n\n");
        // Writing to a string cannot fail.
        let _written = writeln!(
            text,
            "{}\n{} calls/s on average over a simulated day that passes in {}; latencies are in real time.\nStore: {}\n",
            table.render(false),
            args.rate,
            output::seconds(day_seconds(args.speed)),
            data.about(),
        );
        let _written = writeln!(
            text,
            "Try:\n  curl -s {url}/v1/channels\n  \
             curl -s '{url}/v1/channels/harbor-large/samples?columns=requests,latency_p95_ms,cost_usd'\n  \
             curl -s '{url}/v1/channels/harbor-large/forecasts/latency_p95_ms?horizon=15m'\n  \
             curl -s '{url}/v1/forecasts/accuracy?channel=harbor-large&column=requests'\n  \
             curl -s '{url}/v1/incidents'\n  curl -s '{url}/v1/risk'\n  \
             curl -s '{url}/v1/routes/chat/decision'\n  curl -s '{url}/v1/decisions'\n  \
             curl -s '{url}/v1/playbooks'\n  curl -s '{url}/v1/work/allocation'\n  \
             curl -s {url}/v1/query -H 'content-type: application/json' -d '{{\"sql\":\"{EXAMPLE_SQL}\"}}'\n\n\
             {}\n{}",
            progress::LEGEND,
            promise(world, args, faults)
        );
        text
    }
}

/// What is promised to callers, what will go wrong first, and how more does.
fn promise(world: &World, args: &Args, faults: &str) -> String {
    let trouble = match world.faults().first() {
        Some(fault) if !args.calm => format!(
            "A minute and a half from now {} will be in trouble ({}); others follow. Incidents are told here.",
            fault.channel,
            fault.kind.about()
        ),
        _ => "Nothing will go wrong by itself; without --calm something does.".to_owned(),
    };
    let mut text = String::new();
    for Promised { class, mode, latency_p95_s, error_percent, channels, .. } in &CLASSES {
        // Writing to a string cannot fail.
        let _written = writeln!(
            text,
            "Promised to the route class `{class}` ({}; mode {mode}): p95 within {latency_p95_s} s, at most {error_percent} % errors.",
            channels.join(", ")
        );
    }
    let _written = write!(
        text,
        "{trouble}\n\nBreak something yourself (kind: down, slow, errors or throttled):\n  \
         curl -s {faults}/faults -d '{{\"channel\":\"harbor-mini\",\"kind\":\"down\",\"for_s\":120}}'\n  \
         curl -s {faults}/faults\n  \
         curl -s -X DELETE {faults}/faults/harbor-mini"
    );
    text
}

const EXAMPLE_SQL: &str =
    "SELECT channel, SUM(requests) AS calls, SUM(errors) AS errors, SUM(cost_usd) AS usd FROM samples GROUP BY channel";

fn day_seconds(speed: f64) -> u64 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a positive number of seconds")]
    let seconds = (86_400.0 / speed).round() as u64;
    seconds
}

/// A listening socket and the settings that it was made from: loopback only, no tokens, no TLS.
fn bind(port: Option<u16>) -> Result<(Bound, Server), Failure> {
    let on = |port| {
        let server = Server { listen: (Ipv4Addr::LOCALHOST, port).into(), ..Server::default() };
        api::serve::bind(&server).map(|bound| (bound, server))
    };
    let bound = match on(port.unwrap_or(USUAL_PORT)) {
        // Somebody else has the usual port, which nobody asked for by number.
        Err(ServeError::Bind { .. }) if port.is_none() => on(0),
        other => other,
    };
    bound.map_err(|error| Failure::from_error(Exit::Usage, &error))
}

/// Every channel's minutes of `[from, to)`, merged: published ones and those still in memory.
pub(super) fn totals(engine: &Engine, from: Minute, to: Minute) -> Result<BTreeMap<ChannelId, Sample>, Failure> {
    let mut totals = BTreeMap::new();
    for channel in engine.channels() {
        let view = engine.view(Some(&channel), from, to);
        let minutes = query::samples(&view.snapshot, &view.fresh, &channel, from, to)
            .map_err(|error| Failure::from_error(Exit::Partial, &error))?;
        let mut total = Sample::new(channel.clone(), from);
        for minute in &minutes {
            total.merge(minute);
        }
        totals.insert(channel, total);
    }
    Ok(totals)
}
