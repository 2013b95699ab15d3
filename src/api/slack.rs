//! Requests that Slack signs: who sent them, and how old they are.
//!
//! Slack sends no bearer token. Its signature stands in for it: HMAC-SHA256 with the app's signing secret over `v0:`, the
//! second of sending, `:` and the bytes of the body (<https://docs.slack.dev/authentication/verifying-requests-from-slack>).

use axum::http::HeaderMap;
use ring::hmac;

use crate::api::error::ApiError;
use crate::domain::time::Timestamp;

/// The header with the second of sending, since 1970.
pub const TIMESTAMP_HEADER: &str = "x-slack-request-timestamp";
/// The header with `v0=` and the signature in hexadecimal.
pub const SIGNATURE_HEADER: &str = "x-slack-signature";
/// Seconds that a request may be old, or ahead of our clock: what was recorded cannot be sent again later.
const FRESH_S: i64 = 300;

/// Checks that `body` was signed with `secret`, and lately. The comparison takes as long for any wrong signature.
///
/// # Errors
/// [`ApiError::Unsigned`] saying what is wrong, never what would have been right.
pub fn verify(secret: &str, headers: &HeaderMap, body: &[u8], now: Timestamp) -> Result<(), ApiError> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let sent = header(TIMESTAMP_HEADER).ok_or(ApiError::Unsigned("there is no X-Slack-Request-Timestamp"))?;
    let second: i64 = sent.parse().map_err(|_| ApiError::Unsigned("X-Slack-Request-Timestamp is no number"))?;
    let signature = header(SIGNATURE_HEADER).ok_or(ApiError::Unsigned("there is no X-Slack-Signature"))?;
    let wrong = || ApiError::Unsigned("the signature is not that of this body and secret");
    let tag = signature.strip_prefix("v0=").and_then(bytes).ok_or_else(wrong)?;
    let mut signed = format!("v0:{sent}:").into_bytes();
    signed.extend_from_slice(body);
    hmac::verify(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), &signed, &tag).map_err(|_| wrong())?;
    // Only who knows the secret learns what time it is here.
    if second.abs_diff(now.seconds()) > FRESH_S.unsigned_abs() {
        return Err(ApiError::Unsigned("it is more than five minutes old, or the clocks differ by as much"));
    }
    Ok(())
}

/// The bytes that `text` has in hexadecimal.
fn bytes(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u32> = text.chars().map(|c| c.to_digit(16)).collect::<Option<_>>()?;
    let byte = |pair: &[u32]| u8::try_from(pair.first()? << 4 | pair.get(1)?).ok();
    digits.chunks(2).map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of Slack's own documentation, with its secret, its time and its signature.
    const SECRET: &str = "8f742231b10e8888abcd99yyyzzz85a5";
    const SENT: i64 = 1_531_420_618;
    const SIGNATURE: &str = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503";
    const BODY: &str = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&\
        channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&\
        response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&\
        trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";

    fn check(signature: &str, sent: &str, body: &str, now_s: i64) -> Result<(), String> {
        let header = |name: &'static str, value: &str| (name.parse().expect("a name"), value.parse().expect("a value"));
        let headers = HeaderMap::from_iter([header(TIMESTAMP_HEADER, sent), header(SIGNATURE_HEADER, signature)]);
        let verified = verify(SECRET, &headers, body.as_bytes(), Timestamp::from_seconds(now_s));
        verified.map_err(|error| error.to_string())
    }

    #[test]
    fn the_example_of_slack_is_accepted_and_nothing_that_differs_from_it() {
        let sent = SENT.to_string();
        assert_eq!(check(SIGNATURE, &sent, BODY, SENT + 60), Ok(()));
        let refused =
            |answer: Result<(), String>, why: &str| assert!(answer.is_err_and(|it| it.contains(why)), "{why}");
        refused(check(SIGNATURE, &sent, &format!("{BODY}x"), SENT), "not that of this body");
        refused(check(SIGNATURE, &(SENT + 1).to_string(), BODY, SENT), "not that of this body");
        refused(check(SIGNATURE, &sent, BODY, SENT + 301), "five minutes");
        refused(check(SIGNATURE, &sent, BODY, SENT - 301), "five minutes");
        refused(check(SIGNATURE, "yesterday", BODY, SENT), "no number");
        for odd in ["", "v0=", "v0=a2", "v0=zz", &SIGNATURE[3..], &SIGNATURE.replace('a', "b"), "v0=a2114d5"] {
            refused(check(odd, &sent, BODY, SENT), "not that of this body");
        }
        assert!(verify(SECRET, &HeaderMap::new(), b"", Timestamp::from_seconds(SENT)).is_err());
    }
}
