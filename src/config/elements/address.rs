//! Where to listen: `127.0.0.1:8321`, `[::1]:8321`.

use std::net::SocketAddr;

use super::{ElementError, string_element};

/// The schema of an address.
pub struct AddressText;

string_element!(
    AddressText,
    "Address",
    "An IP address and a port. Port 0 takes any free port.",
    None,
    &["127.0.0.1:8321", "[::1]:8321", "0.0.0.0:8321"]
);

/// Reads an IP address with a port. Names are not looked up: checking a configuration needs no network.
///
/// # Errors
/// [`ElementError`] if it is anything else.
pub fn parse(text: &str) -> Result<SocketAddr, ElementError> {
    let expected = "an IP address with a port such as \"127.0.0.1:8321\"";
    text.parse().map_err(|_| ElementError::expected(expected, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_need_a_port_and_no_network() {
        assert!(parse("127.0.0.1:0").is_ok() && parse("[::1]:80").is_ok());
        assert!(parse("127.0.0.1").is_err() && parse("localhost:80").is_err());
    }
}
