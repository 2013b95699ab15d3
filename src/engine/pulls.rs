//! Sources that fetch: from configuration to running loops, or to one pass for cron.

mod mapping;
mod probe;

use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::clock::Clock;
use crate::collect::pull::fetch::{self, EndpointError};
use crate::collect::pull::{self, Auth, Endpoint, Fetcher, Inlet, PullSource, Scrape, Secret};
use crate::collect::schedule::{CronError, CronExpr, Schedule, Tick};
use crate::collect::source::{Admission, Harvest, Source};
use crate::collect::sources::prometheus::PrometheusSource;
use crate::collect::sources::prometheus::mapping::MappingError;
use crate::collect::sources::tail::{Tail, TailLimits};
use crate::config::Config;
use crate::config::elements::secret;
use crate::config::valid::{self, SourceSettings};
use crate::engine::Engine;
use probe::PricedProbe;

pub use crate::collect::pull::Outcome;

/// The largest page that is read: LiteLLM's with thousands of label sets stays below.
const MAX_PAGE_BYTES: usize = 32 << 20;

/// Why a configured source cannot be set up.
#[derive(Debug, thiserror::Error)]
#[error("source `{name}` cannot be set up")]
pub struct PullError {
    /// The source.
    pub name: String,
    /// What is wrong with it.
    #[source]
    pub problem: SetupProblem,
}

/// What is wrong with a source.
#[derive(Debug, thiserror::Error)]
pub enum SetupProblem {
    /// Its address or credential.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    /// Its schedule.
    #[error(transparent)]
    Schedule(#[from] CronError),
    /// The meaning of its series.
    #[error(transparent)]
    Mapping(#[from] MappingError),
    /// A preset that this program does not have.
    #[error("there is no preset of that name")]
    NoPreset,
}

/// A source that fetches, with its schedule.
pub struct Pull {
    cron: CronExpr,
    kind: Kind,
}

/// The kinds of sources. Boxed, because they differ much in size.
enum Kind {
    Page(Box<Scrape<PrometheusSource>>),
    File(Box<Tail>),
    Probe(Box<PricedProbe>),
}

impl Pull {
    /// Every source that `config` names, living by `clock`.
    ///
    /// # Errors
    /// [`PullError`] for the first source that cannot be set up. The configuration has checked nearly everything
    /// already; what is left is what only the collector knows.
    pub fn all(config: &Config, clock: &Clock) -> Result<Vec<Self>, PullError> {
        let set_up = |source: &valid::Source| {
            Self::set_up(source, config, clock).map_err(|problem| PullError { name: source.name.clone(), problem })
        };
        config.sources.iter().map(set_up).collect()
    }

    fn set_up(source: &valid::Source, config: &Config, clock: &Clock) -> Result<Self, SetupProblem> {
        let cron = CronExpr::parse(source.cron.as_str())?;
        cron.check_comes_due(clock.now())?;
        let kind = match &source.settings {
            SourceSettings::Prometheus(page) => {
                let every_s = cron.interval_s(clock.now()).unwrap_or(60.0);
                let mapping = mapping::of(page).ok_or(SetupProblem::NoPreset)?;
                let reader = PrometheusSource::new(&source.name, mapping, every_s)?;
                let endpoint =
                    Endpoint::new(page.url.as_str(), &auth(page.auth.as_ref()), page.timeout, MAX_PAGE_BYTES)?;
                Kind::Page(Box::new(Scrape { fetcher: Fetcher::new(fetch::client()?, endpoint), source: reader }))
            }
            SourceSettings::Tail(file) => {
                let line_bytes = config.server.max_line_bytes;
                Kind::File(Box::new(Tail::new(
                    &source.name,
                    &file.path,
                    TailLimits { line_bytes, ..TailLimits::default() },
                )))
            }
            SourceSettings::Probe(probe) => {
                Kind::Probe(Box::new(PricedProbe::new(&source.name, probe, config, clock)?))
            }
        };
        Ok(Self { cron, kind })
    }

    /// Lets the source go on where it was when its last harvest became durable.
    fn resume(&mut self, engine: &Engine) {
        let name = match &self.kind {
            Kind::Page(page) => page.source.name(),
            Kind::File(file) => file.name(),
            Kind::Probe(probe) => probe.name(),
        };
        let Some(cursor) = engine.cursor(name) else { return };
        let resumed = match &mut self.kind {
            Kind::Page(page) => page.source.resume(&cursor),
            Kind::File(file) => file.resume(&cursor),
            Kind::Probe(probe) => probe.resume(&cursor),
        };
        if let Err(problem) = resumed {
            tracing::warn!(problem, "the stored position of a source cannot be used; it begins anew");
        }
    }

    /// Runs one pass now, for `collect --once`.
    pub async fn once(&mut self, engine: &Engine) -> Outcome {
        self.resume(engine);
        let (clock, now) = (engine.clock(), Tick::default());
        match &mut self.kind {
            Kind::Page(page) => pull::pass(&mut **page, now, clock, engine).await,
            Kind::File(file) => pull::pass(&mut **file, now, clock, engine).await,
            Kind::Probe(probe) => pull::pass(&mut **probe, now, clock, engine).await,
        }
    }

    async fn run(mut self, engine: Engine) {
        self.resume(&engine);
        let clock = engine.clock();
        let mut schedule = Schedule::new(self.cron, clock.now());
        match &mut self.kind {
            Kind::Page(page) => pull::run(&mut **page, &mut schedule, clock, &engine).await,
            Kind::File(file) => pull::run(&mut **file, &mut schedule, clock, &engine).await,
            Kind::Probe(probe) => probe::run(probe, &mut schedule, &engine).await,
        }
    }
}

/// Runs every source by its schedule until `stop` turns true or its sender is gone.
#[must_use]
pub fn spawn(engine: &Engine, pulls: Vec<Pull>, stop: &watch::Receiver<bool>) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    for pull in pulls {
        let (engine, mut stop) = (engine.clone(), stop.clone());
        tasks.spawn(async move {
            tokio::select! {
                () = pull.run(engine) => {}
                _ = stop.wait_for(|stop| *stop) => {}
            }
        });
    }
    tasks
}

impl Inlet for Engine {
    fn admission(&self) -> Admission {
        Self::admission(self)
    }

    async fn accept(&self, _source: &str, harvest: Harvest) -> Result<(), String> {
        if harvest.batch.is_empty() {
            return Ok(());
        }
        Self::accept(self, harvest.batch).await.map(|_receipt| ()).map_err(|error| error.to_string())
    }
}

/// How a request proves who it is.
fn auth(secret: Option<&secret::Secret>) -> Auth {
    secret.map_or(Auth::None, |secret| Auth::Bearer(Secret::new(secret.expose())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;
    use crate::domain::time::Timestamp;
    use crate::engine::{Settings, store_options};

    fn configured(text: &str) -> Config {
        config::parse(text, &|_| Err("there are no secrets here".to_owned())).expect("a valid configuration").config
    }

    #[tokio::test]
    async fn a_followed_file_is_counted_once_over_passes_and_restarts() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let file = dir.path().join("calls.jsonl");
        let text = format!("[[source]]\nkind = \"tail\"\npath = \"{}\"\n", file.display());
        let config = configured(&text);
        let clock = Clock::manual(Timestamp::from_seconds(1_795_000_000));
        let line = |n: u32| format!("{{\"ts\":\"{}\",\"channel\":\"c\",\"latency_ms\":{n}}}\n", clock.now());
        let mut pieces = Vec::new();
        for round in 1..=3 {
            let (engine, _) =
                Engine::open(&dir.path().join("data"), store_options(&config), Settings::of(&config), clock.clone())
                    .expect("the store opens");
            let so_far: String = (1..=round).map(line).collect();
            std::fs::write(&file, so_far).expect("the file is written");
            let mut pulls = Pull::all(&config, &clock).expect("the sources are set up");
            for _pass in 0..2 {
                pieces.push(pulls[0].once(&engine).await.pieces);
            }
            engine.shutdown().await.expect("stopped");
        }
        assert_eq!(pieces, [1, 0, 1, 0, 1, 0]);
    }

    #[test]
    fn a_schedule_that_never_comes_due_is_refused() {
        let text = "[[source]]\nkind = \"tail\"\npath = \"a\"\ncron = \"0 0 30 2 *\"\n";
        let refused = Pull::all(&configured(text), &Clock::manual(Timestamp::from_seconds(0))).err();
        assert!(matches!(refused.map(|error| error.problem), Some(SetupProblem::Schedule(CronError::Never))));
    }

    #[test]
    fn every_kind_of_source_can_be_set_up() {
        let text = r#"
            [[channel]]
            name = "c"
            model = "m"
            [[source]]
            kind = "prometheus"
            name = "proxy"
            url = "http://127.0.0.1:4000/metrics"
            preset = "litellm"
            [[source]]
            kind = "probe"
            channel = "c"
            base_url = "http://127.0.0.1:4000/v1"
            [[source]]
            kind = "tail"
            path = "calls.jsonl"
        "#;
        let config = configured(text);
        let pulls = Pull::all(&config, &Clock::manual(Timestamp::from_seconds(0))).expect("the sources are set up");
        assert_eq!(pulls.len(), 3);
    }
}
