//! A whole server for a test: engine, store in a temporary folder, interface on a free port of loopback.

use foreroute::api::serve::{self, ServeError};
use foreroute::api::{ApiState, Settings};
use foreroute::clock::Clock;
use foreroute::domain::time::Timestamp;
use foreroute::engine::{self, Engine};
use foreroute::store::StoreOptions;
use reqwest::{Client, RequestBuilder, StatusCode};
use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// The instant at which the clock of every test server stands still.
pub const NOW: &str = "2026-11-20T12:00:30Z";

/// A running server. Its clock only moves when a test moves it.
pub struct TestServer {
    pub url: String,
    pub client: Client,
    pub clock: Clock,
    pub engine: Engine,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<Result<(), ServeError>>,
    data: TempDir,
}

impl TestServer {
    /// A server with defaults.
    pub fn start() -> Self {
        Self::start_with(Settings::default(), engine::Settings::default())
    }

    /// A server as given, on a free port.
    pub fn start_with(settings: Settings, engine: engine::Settings) -> Self {
        Self::start_on(tempfile::tempdir().expect("temporary folder"), settings, engine)
    }

    /// A server as given, on what is in `data`.
    pub fn start_on(data: TempDir, mut settings: Settings, engine: engine::Settings) -> Self {
        let clock = Clock::manual(Timestamp::parse_rfc3339(NOW).expect("valid RFC 3339"));
        let options = StoreOptions::default();
        let (engine, _report) = Engine::open(data.path(), options, engine, clock.clone()).expect("engine opens");
        settings.server.listen = ([127, 0, 0, 1], 0).into();
        let bound = serve::bind(&settings.server).expect("a free port");
        let url = format!("{}://localhost:{}", bound.scheme(), bound.addr().port());
        let state = ApiState::new(engine.clone(), settings, None);
        let (stop, stopped) = oneshot::channel();
        let stopping = async {
            // A test that panicked dropped the sender: stop as well.
            let _told = stopped.await;
        };
        let serving = tokio::spawn(serve::serve(bound, state, stopping));
        Self { url, client: Client::new(), clock, engine, stop, serving, data }
    }

    /// A GET of `path`.
    pub fn get(&self, path: &str) -> RequestBuilder {
        self.client.get(format!("{}{path}", self.url))
    }

    /// A POST of `body` to `path` as `media_type`.
    pub fn post(&self, path: &str, media_type: &str, body: impl Into<reqwest::Body>) -> RequestBuilder {
        self.client.post(format!("{}{path}", self.url)).header("content-type", media_type).body(body)
    }

    /// A POST of call records, one per line.
    pub fn calls(&self, lines: impl Into<reqwest::Body>) -> RequestBuilder {
        self.post("/v1/calls", "application/x-ndjson", lines)
    }

    /// Asks to stop. What comes of it is returned, with the folder that the engine still writes to.
    pub fn stop(self) -> (JoinHandle<Result<(), ServeError>>, TempDir) {
        self.stop.send(()).expect("the server still runs");
        (self.serving, self.data)
    }
}

/// Sends `request` and reads the answer as JSON.
pub async fn json(request: RequestBuilder) -> (StatusCode, Value) {
    let response = request.send().await.expect("the server answers");
    let status = response.status();
    (status, response.json().await.expect("the answer is JSON"))
}
