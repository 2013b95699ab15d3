//! The running server, for commands that give it orders.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::Value;

use super::args::Shared;
use super::exit::{Exit, Failure};
use crate::config::{self, environment};

/// Longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// Where the server is.
#[derive(Debug, clap::Args)]
pub struct Server {
    /// Address of the server, such as `http://127.0.0.1:8321` [default: where the configuration has it listen]
    #[arg(long, value_name = "URL")]
    server: Option<String>,
}

impl Server {
    /// Asks it, with `body` if there is one, and returns what it answers. The token is that of `FOREROUTE_TOKEN`.
    ///
    /// # Errors
    /// [`Failure`] if it cannot be reached (exit code 2), does not let us (4), or says no (1).
    pub fn ask(&self, shared: &Shared, method: Method, path: &str, body: Option<&Value>) -> Result<Value, Failure> {
        let url = format!("{}{path}", self.address(shared)?);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Failure::from_error(Exit::Partial, &error))?;
        runtime.block_on(send(method, &url, body))
    }

    fn address(&self, shared: &Shared) -> Result<String, Failure> {
        if let Some(server) = &self.server {
            return Ok(server.trim_end_matches('/').to_owned());
        }
        let loaded = config::load_without_secrets(shared.config.as_deref());
        let server = loaded.map_err(|error| Failure::from_error(Exit::Usage, &error))?.server;
        let scheme = if server.tls.is_some() { "https" } else { "http" };
        let mut listen = server.listen;
        if listen.ip().is_unspecified() {
            listen.set_ip([127, 0, 0, 1].into());
        }
        Ok(format!("{scheme}://{listen}"))
    }
}

async fn send(method: Method, url: &str, body: Option<&Value>) -> Result<Value, Failure> {
    let client = reqwest::Client::builder().timeout(PATIENCE).build();
    let client = client.map_err(|error| Failure::from_error(Exit::Partial, &error))?;
    let mut request = client.request(method, url);
    if let Some(token) = environment::token() {
        request = request.bearer_auth(token);
    }
    let request = body.into_iter().fold(request, reqwest::RequestBuilder::json);
    let hint = "is `foreroute serve` running there? name it with --server";
    let answer = request.send().await.map_err(|error| {
        let problem = if error.is_timeout() { "does not answer" } else { "cannot be reached" };
        Failure::new(Exit::Partial, format!("{url} {problem}; {hint}"))
    })?;
    let status = answer.status();
    let text = answer.text().await.map_err(|error| Failure::from_error(Exit::Partial, &error))?;
    let told: Option<Value> = serde_json::from_str(&text).ok();
    if status.is_success() {
        return told.ok_or_else(|| {
            Failure::new(Exit::Partial, format!("{url} answers with something else than JSON; {hint}"))
        });
    }
    let detail = told.as_ref().and_then(|told| told["detail"].as_str()).unwrap_or("it does not say why");
    Err(match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Failure::new(
            Exit::Refused,
            format!("{detail}; the token is read from the environment variable FOREROUTE_TOKEN"),
        ),
        status => Failure::new(Exit::Usage, format!("the server refuses ({status}): {detail}")),
    })
}
