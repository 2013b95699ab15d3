//! What an operator can tune about the interface: plain data, checked where it is built from the configuration.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use crate::api::auth::Tokens;

/// Everything the interface needs to know besides the engine.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Who may do what. Without tokens everybody may do everything, so only loopback is served; see [`Listen`].
    pub tokens: Tokens,
    /// Sizes, times and rates.
    pub limits: Limits,
}

/// Bounds that keep one caller from harming the others. The defaults suit a gateway that sends batches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Largest body as sent, in bytes.
    pub body_bytes: usize,
    /// Largest body after decompression, in bytes. Separate, because a kilobyte of zstd can hold a gigabyte.
    pub decoded_bytes: usize,
    /// Memory for all bodies that are being worked on at once, in bytes; past it callers are told to come back.
    pub in_flight_bytes: usize,
    /// Longest line or array element of `/v1/calls`, in bytes.
    pub line_bytes: usize,
    /// Rejected lines that a response lists; the rest is only counted.
    pub listed_rejects: usize,
    /// Longest time a body may take to arrive.
    pub body_time: Duration,
    /// Longest time from the first byte of a connection's request to the end of its headers.
    pub header_time: Duration,
    /// Longest time a request may take in all.
    pub request_time: Duration,
    /// Longest time in-flight requests get to finish once the server is asked to stop.
    pub drain_time: Duration,
    /// Largest request head (request line and headers), in bytes.
    pub head_bytes: usize,
    /// Requests per second of one client address, in the long run; `None` for no limit.
    pub per_address: Option<Rate>,
    /// Requests per second of one token, in the long run; `None` for no limit.
    pub per_token: Option<Rate>,
    /// Queries that run at once; further ones wait for [`Limits::query_wait`].
    pub queries: usize,
    /// Longest time a query waits for its turn before the caller is told to come back.
    pub query_wait: Duration,
    /// Longest time an SQL query may run, in seconds.
    pub query_seconds: u32,
    /// Most rows an SQL query returns.
    pub query_rows: usize,
    /// Most values (points times columns) a range query returns.
    pub points: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 16 << 20,
            decoded_bytes: 64 << 20,
            in_flight_bytes: 128 << 20,
            line_bytes: 64 << 10,
            listed_rejects: 100,
            body_time: Duration::from_secs(30),
            header_time: Duration::from_secs(10),
            request_time: Duration::from_mins(1),
            drain_time: Duration::from_secs(20),
            head_bytes: 32 << 10,
            per_address: Rate::new(2_000, 4_000),
            per_token: Rate::new(2_000, 4_000),
            queries: 2,
            query_wait: Duration::from_secs(5),
            query_seconds: 20,
            query_rows: 10_000,
            points: 50_000,
        }
    }
}

/// A rate limit: so many requests per second in the long run, and so many at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Requests per second in the long run.
    pub per_second: NonZeroU32,
    /// Requests that may come at once after a quiet time.
    pub burst: NonZeroU32,
}

impl Rate {
    /// `None` if either number is 0.
    #[must_use]
    pub fn new(per_second: u32, burst: u32) -> Option<Self> {
        Some(Self { per_second: NonZeroU32::new(per_second)?, burst: NonZeroU32::new(burst)? })
    }
}

/// Where to listen, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listen {
    /// Address and port; port 0 takes a free one.
    pub addr: SocketAddr,
    /// Certificate and key; without them the interface speaks plain HTTP.
    pub tls: Option<TlsFiles>,
    /// Says explicitly that an interface without tokens may be reached from other machines.
    pub allow_open: bool,
}

/// Paths of a certificate chain and its private key, both PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate, followed by the intermediate ones.
    pub certificate: PathBuf,
    /// The private key: PKCS#8, PKCS#1 or SEC1.
    pub key: PathBuf,
}

/// Why an address may not be served as configured.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "refusing to listen on {addr} without tokens: every machine that reaches it could read and write. \
     Configure a token, listen on 127.0.0.1, or allow it explicitly"
)]
pub struct OpenToTheWorld {
    /// The address.
    pub addr: SocketAddr,
}

impl Listen {
    /// Checks that other machines cannot reach the interface without a token unless that was said explicitly.
    /// Needs no network, so that `check-config` can ask too.
    ///
    /// # Errors
    /// [`OpenToTheWorld`] if the address is not a loopback address, there are no tokens, and nobody allowed it.
    pub fn check(&self, tokens: &Tokens) -> Result<(), OpenToTheWorld> {
        if self.addr.ip().to_canonical().is_loopback() || self.allow_open || !tokens.is_empty() {
            return Ok(());
        }
        Err(OpenToTheWorld { addr: self.addr })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::auth::{Role, Token, TokenDigest};

    #[test]
    fn other_machines_need_a_token_or_an_explicit_word() {
        let listen = |addr: &str, allow_open| Listen { addr: addr.parse().expect("address"), tls: None, allow_open };
        let none = Tokens::default();
        let one = Tokens::new(vec![Token { name: "ops".into(), role: Role::Reader, digest: TokenDigest::of("s") }]);
        assert!(listen("127.0.0.1:80", false).check(&none).is_ok());
        assert!(listen("[::1]:80", false).check(&none).is_ok());
        assert!(listen("[::ffff:127.0.0.1]:80", false).check(&none).is_ok());
        assert!(listen("0.0.0.0:80", false).check(&none).is_err_and(|e| e.to_string().contains("0.0.0.0:80")));
        assert!(listen("10.0.0.1:80", false).check(&one).is_ok());
        assert!(listen("10.0.0.1:80", true).check(&none).is_ok());
    }
}
