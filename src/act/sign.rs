//! Signatures, by which a receiver knows that a request is ours and how old it is.
//!
//! The form is that of Slack and Stripe: HMAC-SHA256 (RFC 2104) over the second of sending, a dot and the body, so that a
//! request that somebody recorded cannot be sent again later without being noticed. A receiver computes the same over the
//! bytes it got, compares in constant time, and refuses what is more than a few minutes old.

use std::fmt;

use ring::hmac;

use crate::domain::time::Timestamp;

/// The header with the second of sending, since 1970.
pub const TIMESTAMP_HEADER: &str = "foreroute-timestamp";
/// The header with `v1=` and the signature in hexadecimal.
pub const SIGNATURE_HEADER: &str = "foreroute-signature";

/// Signs with one secret, and prints none.
#[derive(Clone)]
pub struct Signer(hmac::Key);

impl Signer {
    /// Signs with `secret`.
    #[must_use]
    pub fn new(secret: &str) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()))
    }

    /// The value of [`SIGNATURE_HEADER`] for `body` sent at `now`.
    #[must_use]
    pub fn sign(&self, now: Timestamp, body: &[u8]) -> String {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(now.seconds().to_string().as_bytes());
        context.update(b".");
        context.update(body);
        let hex = |byte: &u8| [byte >> 4, byte & 15].map(|half| char::from_digit(u32::from(half), 16).unwrap_or('0'));
        "v1=".chars().chain(context.sign().as_ref().iter().flat_map(hex)).collect()
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signer(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Python 3.11: `hmac.new(b"hunter2", b'1795000000.{"a":1}', "sha256").hexdigest()`.
    #[test]
    fn signatures_are_those_of_the_standard_library_of_python() {
        let signed = Signer::new("hunter2").sign(Timestamp::from_seconds(1_795_000_000), br#"{"a":1}"#);
        assert_eq!(signed, "v1=e026c4beb6a717bd41a9e76b03d06951ed214264b893e4e0fed759e46b243508");
        assert_eq!(format!("{:?}", Signer::new("hunter2")), "Signer(***)");
    }
}
