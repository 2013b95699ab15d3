//! One GET with limits.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderName, HeaderValue};
use reqwest::{Client, RequestBuilder, Url};

use crate::collect::pull::secret::Secret;
use crate::collect::source::CollectFailure;

/// What we call ourselves to others.
pub const USER_AGENT: &str = concat!("foreroute/", env!("CARGO_PKG_VERSION"));

/// Both text formats of Prometheus; the older one first, because every exporter writes it well.
const ACCEPT_METRICS: &str =
    "text/plain;version=0.0.4;q=1,application/openmetrics-text;version=1.0.0;q=0.8,text/plain;q=0.5,*/*;q=0.1";

/// How a request proves who it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Auth {
    /// Not at all.
    #[default]
    None,
    /// `Authorization: Bearer <secret>`.
    Bearer(Secret),
    /// A header of another name, for example `x-api-key`.
    Header {
        /// The header's name.
        name: String,
        /// Its value.
        value: Secret,
    },
}

/// Why an endpoint cannot be used at all; found when it is built, so that `check-config` can say so.
#[derive(Debug, thiserror::Error)]
pub enum EndpointError {
    /// The address is no URL.
    #[error("`{url}` is not a URL")]
    Url {
        /// What was given.
        url: String,
        /// What the parser says.
        #[source]
        source: <Url as std::str::FromStr>::Err,
    },
    /// The address is neither http nor https.
    #[error("`{0}` is neither http nor https")]
    Scheme(String),
    /// The header's name or value holds characters that headers may not hold.
    #[error("the credential cannot be sent as the header `{0}`")]
    Header(String),
    /// The HTTP client cannot be built.
    #[error("the HTTP client cannot be built")]
    Client(#[source] reqwest::Error),
}

/// Where and how to fetch.
#[derive(Debug, Clone)]
pub struct Endpoint {
    url: Url,
    header: Option<(HeaderName, HeaderValue)>,
    timeout: Duration,
    max_body_bytes: usize,
}

impl Endpoint {
    /// Checks an address and its credential; `timeout` covers the whole exchange, `max_body_bytes` the unpacked body.
    ///
    /// # Errors
    /// [`EndpointError`] naming what is wrong; never the credential itself.
    pub fn new(url: &str, auth: &Auth, timeout: Duration, max_body_bytes: usize) -> Result<Self, EndpointError> {
        let parsed = Url::parse(url).map_err(|source| EndpointError::Url { url: url.to_owned(), source })?;
        if !matches!(parsed.scheme(), "http" | "https") {
            return Err(EndpointError::Scheme(url.to_owned()));
        }
        Ok(Self { url: parsed, header: header_of(auth)?, timeout, max_body_bytes })
    }

    /// The address, without credentials.
    #[must_use]
    pub fn url(&self) -> &str {
        self.url.as_str()
    }

    /// The time limit of the whole exchange.
    #[must_use]
    pub const fn timeout(&self) -> Duration {
        self.timeout
    }

    /// The largest accepted body in bytes.
    #[must_use]
    pub const fn max_body_bytes(&self) -> usize {
        self.max_body_bytes
    }

    /// Puts credential and time limit on `request`.
    pub(crate) fn dress(&self, request: RequestBuilder) -> RequestBuilder {
        let request = request.timeout(self.timeout);
        match &self.header {
            Some((name, value)) => request.header(name, value),
            None => request,
        }
    }
}

fn header_of(auth: &Auth) -> Result<Option<(HeaderName, HeaderValue)>, EndpointError> {
    let (name, value) = match auth {
        Auth::None => return Ok(None),
        Auth::Bearer(secret) => (AUTHORIZATION, format!("Bearer {}", secret.reveal())),
        Auth::Header { name, value } => {
            let parsed = HeaderName::from_bytes(name.as_bytes());
            (parsed.map_err(|_| EndpointError::Header(name.clone()))?, value.reveal().to_owned())
        }
    };
    let mut value = HeaderValue::from_str(&value).map_err(|_| EndpointError::Header(name.to_string()))?;
    value.set_sensitive(true);
    Ok(Some((name, value)))
}

/// The HTTP client that fetchers and probes share: few redirects (LiteLLM answers `/metrics` with 307), our name.
///
/// # Errors
/// [`EndpointError::Client`] if TLS cannot be set up.
pub fn client() -> Result<Client, EndpointError> {
    let redirects = reqwest::redirect::Policy::limited(3);
    Client::builder().user_agent(USER_AGENT).redirect(redirects).build().map_err(EndpointError::Client)
}

/// Fetches one endpoint, never twice at a time.
#[derive(Debug)]
pub struct Fetcher {
    client: Client,
    endpoint: Endpoint,
    busy: AtomicBool,
}

/// Gives the fetcher free again, also when the fetch is dropped half-way.
struct Busy<'a>(&'a AtomicBool);

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

impl Fetcher {
    /// A fetcher of `endpoint` over `client`.
    #[must_use]
    pub const fn new(client: Client, endpoint: Endpoint) -> Self {
        Self { client, endpoint, busy: AtomicBool::new(false) }
    }

    /// Fetches the whole body.
    ///
    /// # Errors
    /// [`CollectFailure`]: no connection, no complete answer in time, a status other than 2xx, a body that is too
    /// large, or another fetch still under way.
    pub async fn fetch(&self) -> Result<Vec<u8>, CollectFailure> {
        if self.busy.swap(true, Ordering::AcqRel) {
            return Err(CollectFailure::Overlap);
        }
        let _busy = Busy(&self.busy);
        let request = self.endpoint.dress(self.client.get(self.endpoint.url.clone())).header(ACCEPT, ACCEPT_METRICS);
        let mut response = request.send().await.map_err(failure)?;
        if !response.status().is_success() {
            return Err(CollectFailure::Status(response.status().as_u16()));
        }
        let limit = self.endpoint.max_body_bytes;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(failure)? {
            if body.len() + chunk.len() > limit {
                return Err(CollectFailure::TooLarge { limit });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }
}

/// Names what went wrong; the address is left out, because it may carry a key in its query.
#[must_use]
#[expect(clippy::needless_pass_by_value, reason = "made for map_err")]
pub fn failure(error: reqwest::Error) -> CollectFailure {
    if error.is_timeout() {
        return CollectFailure::Timeout;
    }
    let mut reasons = Vec::new();
    let mut cause: Option<&dyn std::error::Error> = std::error::Error::source(&error);
    while let Some(inner) = cause {
        reasons.push(inner.to_string());
        cause = inner.source();
    }
    let text = if reasons.is_empty() { "the exchange broke off".to_owned() } else { reasons.join(": ") };
    CollectFailure::Connect(text)
}
