//! `[server]` as written.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::config::elements::address::AddressText;
use crate::config::elements::duration::DurationText;
use crate::config::elements::size::SizeText;

/// The HTTP interface.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::config) struct Server {
    /// Where to listen.
    #[schemars(with = "AddressText")]
    pub listen: String,
    /// Certificate for TLS. Without it, answers are plain HTTP.
    pub tls: Option<Tls>,
    /// Who may do what. Without tokens everyone who can reach the address may do everything.
    pub tokens: Vec<Token>,
    /// Allow an address that others can reach although there are no tokens.
    pub allow_insecure_bind: bool,
    /// Largest request body as it is sent.
    #[schemars(with = "SizeText")]
    pub max_body: String,
    /// Largest request body after decompression: a kilobyte can hold a gigabyte.
    #[schemars(with = "SizeText")]
    pub max_decoded: String,
    /// Longest call record: a line of NDJSON, an element of an array.
    #[schemars(with = "SizeText")]
    pub max_line: String,
    /// Longest time for a request and its answer.
    #[schemars(with = "DurationText")]
    pub request_timeout: String,
    /// Longest time for the request's header to arrive.
    #[schemars(with = "DurationText")]
    pub header_timeout: String,
    /// Longest time for the request's body to arrive.
    #[schemars(with = "DurationText")]
    pub body_timeout: String,
    /// Longest time to finish running requests when stopping.
    #[schemars(with = "DurationText")]
    pub shutdown_timeout: String,
    /// How many requests are let in.
    pub rate: Rate,
    /// What one SQL query may take.
    pub query: Query,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8321".to_owned(),
            tls: None,
            tokens: Vec::new(),
            allow_insecure_bind: false,
            max_body: "16MiB".to_owned(),
            max_decoded: "64MiB".to_owned(),
            max_line: "64KiB".to_owned(),
            request_timeout: "1m".to_owned(),
            header_timeout: "10s".to_owned(),
            body_timeout: "30s".to_owned(),
            shutdown_timeout: "20s".to_owned(),
            rate: Rate::default(),
            query: Query::default(),
        }
    }
}

/// Certificate for TLS.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct Tls {
    /// Path of the certificate chain, PEM.
    pub cert: PathBuf,
    /// Path of its private key, PEM.
    pub key: PathBuf,
}

/// Requests per second, with bursts.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::config) struct Rate {
    /// Requests per second of one token; 0 is no limit.
    #[schemars(range(min = 0, max = 1_000_000))]
    pub per_token_per_s: u32,
    /// Requests per second of one network address; 0 is no limit.
    #[schemars(range(min = 0, max = 1_000_000))]
    pub per_address_per_s: u32,
    /// Requests that may come at once before the limits take hold.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub burst: u32,
}

impl Default for Rate {
    fn default() -> Self {
        Self { per_token_per_s: 2_000, per_address_per_s: 2_000, burst: 4_000 }
    }
}

/// What one SQL query over HTTP may take.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::config) struct Query {
    /// Most rows in the answer.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub max_rows: u32,
    /// Longest time.
    #[schemars(with = "DurationText")]
    pub timeout: String,
}

impl Default for Query {
    fn default() -> Self {
        Self { max_rows: 10_000, timeout: "20s".to_owned() }
    }
}

/// A bearer token: exactly one of `sha256`, `env` and `file` says which.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct Token {
    /// Who uses it; shown in logs.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// SHA-256 of the token in hexadecimal, as printed by `printf %s "$TOKEN" | sha256sum`.
    pub sha256: Option<String>,
    /// Name of the environment variable that holds the token.
    pub env: Option<String>,
    /// Path of the file that holds the token.
    pub file: Option<PathBuf>,
}

/// What a token may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::config) enum Role {
    /// Read samples and everything that follows from them.
    Reader,
    /// Read, and give orders.
    Operator,
    /// Send calls and metrics.
    Writer,
}
