//! `foreroute serve`: the live engine.

use std::net::SocketAddr;

use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::api::{self, ApiState};
use crate::cli::args::Shared;
use crate::cli::data;
use crate::cli::exit::{Exit, Failure};
use crate::cli::observe::observe;
use crate::cli::output;
use crate::cli::signals::Signals;
use crate::clock::Clock;
use crate::config::{self, Config};
use crate::engine::pulls::{self, Pull};
use crate::engine::{Engine, tasks};
use crate::store::RecoveryReport;
use crate::telemetry::recorder::Recorder;

/// Arguments of `serve`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Ctrl-c or SIGTERM ends it: running requests are finished, everything accepted is on disk. A second signal does not
wait for the requests; what was acknowledged is on disk all the same.

Examples:
  foreroute serve                                        # ./foreroute.toml, or the defaults
  foreroute serve --config deploy/foreroute.toml --data /var/lib/foreroute --log json
  foreroute serve --listen 127.0.0.1:0                   # any free port; the address is printed")]
pub struct Args {
    /// Listen here instead of where the configuration says
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
}

/// Runs until it is told to stop.
///
/// # Errors
/// [`Failure`] if the configuration is wrong (exit code 1), another process holds the store (4), or the store or the
/// address cannot be used (2).
pub fn run(args: &Args, shared: &Shared) -> Result<Exit, Failure> {
    let mut config = config::load(shared.config.as_deref()).map_err(|error| usage(&error))?;
    if let Some(listen) = args.listen {
        let alone = listen.ip().to_canonical().is_loopback();
        if !alone && config.server.tokens.is_empty() && !config.server.allow_insecure_bind {
            let message = "others can reach this address and there are no tokens: see `[[server.tokens]]`";
            return Err(Failure::new(Exit::Usage, message));
        }
        config.server.listen = listen;
    }
    let runtime = tokio::runtime::Runtime::new().map_err(|error| usage(&error))?;
    runtime.block_on(serve(config, shared))
}

async fn serve(config: Config, shared: &Shared) -> Result<Exit, Failure> {
    // From here on a signal waits for its turn instead of ending the process.
    let mut signals = Signals::listen()?;
    let recorder = Recorder::install().map_err(|error| partial(&error))?;
    let clock = Clock::system();
    let pulls = Pull::all(&config, &clock).map_err(|error| usage(&error))?;
    let bound = api::serve::bind(&config.server).map_err(|error| partial(&error))?;
    let (engine, found) = data::open_engine(shared, &config, clock)?;
    report(&found);

    let state = ApiState::new(
        engine.clone(),
        api::Settings { server: config.server, slack: config.chat.slack, ..api::Settings::default() },
        Some(recorder.clone()),
    );
    let (stop, stopped) = watch::channel(false);
    let mut background = tasks::spawn(&engine, &stopped);
    let mut sources = pulls::spawn(&engine, pulls, &stopped);
    background.spawn(observe(engine.clone(), recorder, stopped.clone()));
    output::note(shared, &format!("listening on {}://{}", bound.scheme(), bound.addr()));
    tracing::info!(address = %bound.addr(), data = %shared.data.display(), "serving");

    let mut told = stopped.clone();
    let until = async move {
        let _stopped = told.wait_for(|stop| *stop).await;
    };
    let serving = tokio::spawn(api::serve(bound, state, until));
    let finish = async {
        let served = serving.await;
        stop.send_replace(true);
        while sources.join_next().await.is_some() {}
        finish(&mut background, engine).await?;
        served.map_err(|error| partial(&error))?.map_err(|error| partial(&error))
    };
    tokio::pin!(finish);
    tokio::select! {
        ended = &mut finish => return ended.map(|()| Exit::Partial),
        name = signals.next() => tracing::info!(signal = name, "stopping"),
    }
    stop.send_replace(true);
    tokio::select! {
        ended = &mut finish => ended.map(|()| Exit::Done),
        _again = signals.next() => Err(Failure::new(Exit::Partial, "told twice to stop: running requests were dropped")),
    }
}

/// Waits for the engine's tasks, then publishes what is complete.
async fn finish(background: &mut JoinSet<()>, engine: Engine) -> Result<(), Failure> {
    while background.join_next().await.is_some() {}
    engine.shutdown().await.map_err(|error| partial(&error))
}

/// What the opening found, for the log.
fn report(found: &RecoveryReport) {
    tracing::info!(version = found.version, batches = found.frames, "store opened");
    if let Some(tail) = &found.tail {
        tracing::warn!(%tail, "a torn end of the log was cut off");
    }
    for damage in &found.damage {
        tracing::error!(%damage, "the log is damaged");
    }
}

fn usage(error: &dyn std::error::Error) -> Failure {
    Failure::from_error(Exit::Usage, error)
}

fn partial(error: &dyn std::error::Error) -> Failure {
    Failure::from_error(Exit::Partial, error)
}
