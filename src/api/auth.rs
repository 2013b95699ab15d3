//! Who may do what: bearer tokens, hashed at rest, compared in constant time.

use std::fmt;
use std::sync::Arc;

use axum::http::{HeaderMap, header};
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};

use crate::api::error::ApiError;

/// What a token entitles to. An operator may also read; a writer may only send data in, so that a leaked
/// gateway credential shows nobody anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Reads channels, samples and queries.
    Reader,
    /// Reads, and changes what the engine does.
    Operator,
    /// Sends calls and telemetry in.
    Writer,
}

impl Role {
    /// Name in configuration and messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reader => "reader",
            Self::Operator => "operator",
            Self::Writer => "writer",
        }
    }

    /// The role called `name`.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Reader, Self::Operator, Self::Writer].into_iter().find(|role| role.name() == name)
    }

    /// Whether a token of this role may do what `needed` is asked for.
    #[must_use]
    pub fn may(self, needed: Self) -> bool {
        self == needed || (self == Self::Operator && needed == Self::Reader)
    }
}

/// The SHA-256 of a token. Tokens are long and random, so a fast hash is enough; passwords would need a slow one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TokenDigest([u8; 32]);

impl TokenDigest {
    /// The digest of `token`.
    #[must_use]
    pub fn of(token: &str) -> Self {
        Self(Sha256::digest(token.as_bytes()).into())
    }

    /// Parses 64 hexadecimal digits, as `printf %s TOKEN | sha256sum` prints them; `None` if it is anything else.
    #[must_use]
    pub fn parse(hex: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        if hex.len() != 64 || !hex.is_ascii() {
            return None;
        }
        for (byte, pair) in bytes.iter_mut().zip(hex.as_bytes().chunks_exact(2)) {
            let digit = |c: u8| char::from(c).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
            *byte = digit(pair[0])? << 4 | digit(pair[1])?;
        }
        Some(Self(bytes))
    }
}

impl fmt::Debug for TokenDigest {
    /// Not shown: logs are read by more people than configuration is.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenDigest(..)")
    }
}

/// One token as configured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Who holds it, for logs and rate limits.
    pub name: Arc<str>,
    /// What it entitles to.
    pub role: Role,
    /// Its hash.
    pub digest: TokenDigest,
}

/// Every token that is accepted.
#[derive(Debug, Clone, Default)]
pub struct Tokens(Arc<[Token]>);

impl Tokens {
    /// The given tokens; none means that no request needs one.
    #[must_use]
    pub fn new(tokens: Vec<Token>) -> Self {
        Self(tokens.into())
    }

    /// Whether no request needs a token.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Finds out who is asking and whether they may; `None` where no tokens are configured.
    ///
    /// # Errors
    /// [`ApiError::Unauthorized`] without a valid token, [`ApiError::Forbidden`] with one of the wrong role.
    pub fn authorise(&self, headers: &HeaderMap, needed: Role) -> Result<Option<&Token>, ApiError> {
        if self.is_empty() {
            return Ok(None);
        }
        let presented = bearer(headers).ok_or(ApiError::Unauthorized { presented: false })?;
        let token = self.find(presented).ok_or(ApiError::Unauthorized { presented: true })?;
        if !token.role.may(needed) {
            return Err(ApiError::Forbidden { have: token.role.name(), needed: needed.name() });
        }
        Ok(Some(token))
    }

    /// Every digest is compared, so the time taken tells nothing about which one nearly matched.
    fn find(&self, presented: &str) -> Option<&Token> {
        let digest = TokenDigest::of(presented);
        let mut found = None;
        for token in self.0.iter() {
            let equal: Choice = token.digest.0.ct_eq(&digest.0);
            if bool::from(equal) {
                found = Some(token);
            }
        }
        found
    }
}

/// The token of an `Authorization: Bearer` header; the scheme's case does not matter (RFC 9110, 11.1).
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens() -> Tokens {
        let token = |name: &str, role, secret| Token { name: name.into(), role, digest: TokenDigest::of(secret) };
        Tokens::new(vec![
            token("dashboards", Role::Reader, "r-secret"),
            token("on-call", Role::Operator, "o-secret"),
            token("gateway", Role::Writer, "w-secret"),
        ])
    }

    fn with(value: &str) -> HeaderMap {
        HeaderMap::from_iter([(header::AUTHORIZATION, value.parse().expect("header value"))])
    }

    #[test]
    fn each_role_may_do_its_part_only() {
        let tokens = tokens();
        let may = |secret: &str, needed| tokens.authorise(&with(&format!("Bearer {secret}")), needed);
        assert!(may("r-secret", Role::Reader).is_ok());
        assert!(may("o-secret", Role::Reader).is_ok());
        assert!(may("w-secret", Role::Writer).is_ok_and(|token| token.is_some_and(|token| &*token.name == "gateway")));
        assert!(matches!(may("w-secret", Role::Reader), Err(ApiError::Forbidden { .. })));
        assert!(matches!(may("o-secret", Role::Writer), Err(ApiError::Forbidden { .. })));
        assert!(matches!(may("r-secret", Role::Operator), Err(ApiError::Forbidden { .. })));
        assert!(matches!(may("guess", Role::Reader), Err(ApiError::Unauthorized { presented: true })));
    }

    #[test]
    fn headers_that_hold_no_bearer_token_are_refused() {
        for value in ["Basic cjpzZWNyZXQ=", "Bearer", "Bearer  ", "r-secret"] {
            let answer = tokens().authorise(&with(value), Role::Reader).map(|_| ());
            assert!(matches!(answer, Err(ApiError::Unauthorized { presented: false })), "{value}");
        }
        assert!(tokens().authorise(&with("bearer r-secret"), Role::Reader).is_ok());
        assert!(Tokens::default().authorise(&HeaderMap::new(), Role::Operator).is_ok_and(|token| token.is_none()));
    }

    #[test]
    fn digests_are_read_as_sha256sum_prints_them() {
        let hex = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(TokenDigest::parse(hex), Some(TokenDigest::of("abc")));
        assert_eq!(TokenDigest::parse(&hex.to_uppercase()), Some(TokenDigest::of("abc")));
        assert_eq!(TokenDigest::parse(&hex[1..]), None);
        assert_eq!(TokenDigest::parse(&hex.replace('b', "g")), None);
        assert_eq!(format!("{:?}", TokenDigest::of("abc")), "TokenDigest(..)");
    }
}
