//! Who may do what: bearer tokens, hashed at rest, compared in constant time.

use axum::http::{HeaderMap, header};
use subtle::{Choice, ConstantTimeEq};

use crate::api::error::ApiError;
use crate::config::valid::{Role, Token, TokenHash};

/// Whether a token of the role `have` may do what `needed` is asked for. An operator may also read; a writer may only
/// send data in, so that a leaked gateway credential shows nobody anything.
#[must_use]
pub fn may(have: Role, needed: Role) -> bool {
    have == needed || (have == Role::Operator && needed == Role::Reader)
}

/// Finds out who is asking and whether they may; `None` where no tokens are configured.
///
/// # Errors
/// [`ApiError::Unauthorized`] without a valid token, [`ApiError::Forbidden`] with one of the wrong role.
pub fn authorise<'a>(tokens: &'a [Token], headers: &HeaderMap, needed: Role) -> Result<Option<&'a Token>, ApiError> {
    if tokens.is_empty() {
        return Ok(None);
    }
    let presented = bearer(headers).ok_or(ApiError::Unauthorized { presented: false })?;
    let token = find(tokens, presented).ok_or(ApiError::Unauthorized { presented: true })?;
    if !may(token.role, needed) {
        return Err(ApiError::Forbidden { have: token.role.name(), needed: needed.name() });
    }
    Ok(Some(token))
}

/// Who gives an order: the name `by`, else that of the token.
///
/// # Errors
/// [`ApiError::Invalid`] if neither is there, and as [`authorise`].
pub fn person(tokens: &[Token], headers: &HeaderMap, by: Option<String>) -> Result<String, ApiError> {
    let token = authorise(tokens, headers, Role::Operator)?;
    let by = by.or_else(|| token.map(|token| token.name.clone()));
    by.ok_or_else(|| ApiError::Invalid("say who orders it: `by`".to_owned()))
}

/// Every hash is compared, so the time taken tells nothing about which one nearly matched.
fn find<'a>(tokens: &'a [Token], presented: &str) -> Option<&'a Token> {
    let hash = TokenHash::of(presented);
    let mut found = None;
    for token in tokens {
        let equal: Choice = token.hash.0.ct_eq(&hash.0);
        if bool::from(equal) {
            found = Some(token);
        }
    }
    found
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

    fn tokens() -> Vec<Token> {
        let token = |name: &str, role, secret| Token { name: name.into(), role, hash: TokenHash::of(secret) };
        vec![
            token("dashboards", Role::Reader, "r-secret"),
            token("on-call", Role::Operator, "o-secret"),
            token("gateway", Role::Writer, "w-secret"),
        ]
    }

    fn with(value: &str) -> HeaderMap {
        HeaderMap::from_iter([(header::AUTHORIZATION, value.parse().expect("header value"))])
    }

    #[test]
    fn each_role_may_do_its_part_only() {
        let tokens = tokens();
        let ask = |secret: &str, needed| authorise(&tokens, &with(&format!("Bearer {secret}")), needed);
        assert!(ask("r-secret", Role::Reader).is_ok());
        assert!(ask("o-secret", Role::Reader).is_ok());
        assert!(ask("w-secret", Role::Writer).is_ok_and(|token| token.is_some_and(|token| token.name == "gateway")));
        assert!(matches!(ask("w-secret", Role::Reader), Err(ApiError::Forbidden { .. })));
        assert!(matches!(ask("o-secret", Role::Writer), Err(ApiError::Forbidden { .. })));
        assert!(matches!(ask("r-secret", Role::Operator), Err(ApiError::Forbidden { .. })));
        assert!(matches!(ask("guess", Role::Reader), Err(ApiError::Unauthorized { presented: true })));
    }

    #[test]
    fn headers_that_hold_no_bearer_token_are_refused() {
        let tokens = tokens();
        for value in ["Basic cjpzZWNyZXQ=", "Bearer", "Bearer  ", "r-secret"] {
            let answer = authorise(&tokens, &with(value), Role::Reader);
            assert!(matches!(answer, Err(ApiError::Unauthorized { presented: false })), "{value}");
        }
        assert!(authorise(&tokens, &with("bearer r-secret"), Role::Reader).is_ok());
        assert!(authorise(&[], &HeaderMap::new(), Role::Operator).is_ok_and(|token| token.is_none()));
    }
}
