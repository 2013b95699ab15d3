//! `[server]` as meant.

use std::collections::BTreeSet;
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::unique_name;
use crate::config::check::Checker;
use crate::config::document::Path;
use crate::config::elements::secret::SecretRef;
use crate::config::elements::{address, duration, size};
use crate::config::raw;

/// The HTTP interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Certificate for TLS; plain HTTP without it.
    pub tls: Option<Tls>,
    /// Who may do what; if empty, everyone may do everything.
    pub tokens: Vec<Token>,
    /// Allow an address that others can reach although there are no tokens.
    pub allow_insecure_bind: bool,
    /// Largest request body as it is sent, bytes.
    pub max_body_bytes: usize,
    /// Largest request body after decompression, bytes.
    pub max_decoded_bytes: usize,
    /// Longest call record, bytes; at most the decompressed body.
    pub max_line_bytes: usize,
    /// Longest time for a request and its answer.
    pub request_timeout: Duration,
    /// Longest time for the request's header to arrive.
    pub header_timeout: Duration,
    /// Longest time for the request's body to arrive.
    pub body_timeout: Duration,
    /// Longest time to finish running requests when stopping.
    pub shutdown_timeout: Duration,
    /// Requests per second of one token; `None` is no limit.
    pub per_token_per_s: Option<NonZeroU32>,
    /// Requests per second of one network address; `None` is no limit.
    pub per_address_per_s: Option<NonZeroU32>,
    /// Requests that may come at once before the limits take hold.
    pub burst: NonZeroU32,
    /// Most rows in the answer to an SQL query.
    pub query_max_rows: u32,
    /// Longest time of an SQL query, whole seconds.
    pub query_timeout: Duration,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8_321)),
            tls: None,
            tokens: Vec::new(),
            allow_insecure_bind: false,
            max_body_bytes: 16 << 20,
            max_decoded_bytes: 64 << 20,
            max_line_bytes: 64 << 10,
            request_timeout: Duration::from_mins(1),
            header_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(30),
            shutdown_timeout: Duration::from_secs(20),
            per_token_per_s: NonZeroU32::new(2_000),
            per_address_per_s: NonZeroU32::new(2_000),
            burst: NonZeroU32::new(4_000).unwrap_or(NonZeroU32::MIN),
            query_max_rows: 10_000,
            query_timeout: Duration::from_secs(20),
        }
    }
}

/// Certificate and private key, PEM files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// Path of the certificate chain.
    pub cert: PathBuf,
    /// Path of the private key.
    pub key: PathBuf,
}

/// A bearer token. Only its hash is kept in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Who uses it.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// SHA-256 of the token.
    pub hash: TokenHash,
}

/// SHA-256 of a token. Compare in constant time.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TokenHash(pub [u8; 32]);

impl TokenHash {
    /// The hash of `token`.
    #[must_use]
    pub fn of(token: &str) -> Self {
        Self(Sha256::digest(token.as_bytes()).into())
    }

    /// The hash as 64 hexadecimal digits.
    #[must_use]
    pub fn hex(self) -> String {
        let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or('0');
        self.0.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
    }

    /// Reads 64 hexadecimal digits.
    fn parse(text: &str) -> Option<Self> {
        let digits: Vec<u8> = text.chars().map(|c| c.to_digit(16)?.try_into().ok()).collect::<Option<_>>()?;
        let bytes: Vec<u8> =
            digits.chunks(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect();
        if digits.len() == 64 { bytes.try_into().ok().map(Self) } else { None }
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[hash of a token]")
    }
}

/// What a token may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Read samples and everything that follows from them.
    Reader,
    /// Read, and give orders.
    Operator,
    /// Send calls and metrics.
    Writer,
}

impl Role {
    /// Name in the configuration and in messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reader => "reader",
            Self::Operator => "operator",
            Self::Writer => "writer",
        }
    }
}

impl Server {
    pub(super) fn check(raw: &raw::Server, path: &Path, checker: &mut Checker<'_>) -> Self {
        let default = Self::default();
        let mut span = |key: &str, text: &str, fallback| {
            checker.take_or(&path.key(key), duration::parse_within(text, "100ms", "1h"), fallback)
        };
        let request_timeout = span("request_timeout", &raw.request_timeout, default.request_timeout);
        let header_timeout = span("header_timeout", &raw.header_timeout, default.header_timeout);
        let body_timeout = span("body_timeout", &raw.body_timeout, default.body_timeout);
        let shutdown_timeout = span("shutdown_timeout", &raw.shutdown_timeout, default.shutdown_timeout);
        let max_body_bytes = bytes(&raw.max_body, &path.key("max_body"), checker);
        let max_line_bytes = bytes(&raw.max_line, &path.key("max_line"), checker);
        let max_decoded_bytes = bytes(&raw.max_decoded, &path.key("max_decoded"), checker);
        if max_line_bytes > max_decoded_bytes {
            let message = "a line cannot be longer than the body: lower it or raise `max_decoded`";
            checker.fail(&path.key("max_line"), message);
        }
        let query_path = path.key("query").key("timeout");
        let query_timeout = duration::parse_within(&raw.query.timeout, "1s", "1h");
        let server = Self {
            listen: checker.take_or(&path.key("listen"), address::parse(&raw.listen), default.listen),
            tls: raw.tls.as_ref().map(|tls| Tls { cert: tls.cert.clone(), key: tls.key.clone() }),
            tokens: tokens(&raw.tokens, &path.key("tokens"), checker),
            allow_insecure_bind: raw.allow_insecure_bind,
            max_body_bytes,
            max_decoded_bytes,
            max_line_bytes,
            request_timeout,
            header_timeout,
            body_timeout,
            shutdown_timeout,
            per_token_per_s: NonZeroU32::new(raw.rate.per_token_per_s),
            per_address_per_s: NonZeroU32::new(raw.rate.per_address_per_s),
            burst: NonZeroU32::new(raw.rate.burst).unwrap_or(default.burst),
            query_max_rows: raw.query.max_rows,
            query_timeout: checker.take_or(&query_path, query_timeout, default.query_timeout),
        };
        if !server.listen.ip().to_canonical().is_loopback() && raw.tokens.is_empty() && !raw.allow_insecure_bind {
            let message = "others can reach this address and there are no tokens: add `[[server.tokens]]`, listen on \
                           127.0.0.1, or say `allow_insecure_bind = true`";
            checker.fail(&path.key("listen"), message);
        }
        server
    }
}

fn bytes(text: &str, path: &Path, checker: &mut Checker<'_>) -> usize {
    let bytes = checker.take_or(path, size::parse(text), u64::MAX);
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

fn tokens(raw: &[raw::Token], path: &Path, checker: &mut Checker<'_>) -> Vec<Token> {
    let mut taken = BTreeSet::new();
    let check = |(at, token): (usize, &raw::Token)| {
        let path = path.at(at);
        let name = unique_name(&token.name, &path.key("name"), &mut taken, checker);
        let hash = token_hash(token, &path, checker);
        let role = match token.role {
            raw::Role::Reader => Role::Reader,
            raw::Role::Operator => Role::Operator,
            raw::Role::Writer => Role::Writer,
        };
        Some(Token { name: name?, role, hash: hash? })
    };
    raw.iter().enumerate().filter_map(check).collect()
}

fn token_hash(token: &raw::Token, path: &Path, checker: &mut Checker<'_>) -> Option<TokenHash> {
    let place = SecretRef { env: token.env.clone(), file: token.file.clone() };
    match (&token.sha256, &place.env, &place.file) {
        (Some(hex), None, None) => {
            // The text is not repeated: it may be the token itself.
            let expected =
                "expected the SHA-256 of the token as 64 hexadecimal digits: printf %s \"$TOKEN\" | sha256sum";
            checker.take(&path.key("sha256"), TokenHash::parse(hex).ok_or(expected))
        }
        (None, Some(_), None) | (None, None, Some(_)) => {
            checker.take(path, place.check())?;
            Some(TokenHash::of(checker.secret(path, &place).expose()))
        }
        _ => {
            checker.fail(path, "say which token it is with exactly one of `sha256`, `env` and `file`");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_those_of_sha256sum() {
        let hex = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
        assert_eq!(TokenHash::parse(hex), Some(TokenHash::of("hello")));
        assert_eq!(TokenHash::parse(&hex.to_uppercase()), Some(TokenHash::of("hello")));
        assert!(TokenHash::parse(&hex[1..]).is_none() && TokenHash::parse("ä").is_none());
        assert_eq!(TokenHash::of("hello").hex(), hex);
        assert_eq!(format!("{:?}", TokenHash::of("hello")), "[hash of a token]");
    }
}
