//! Addresses of HTTP endpoints.

use std::fmt;

use super::{ElementError, string_element};

/// The schema of an HTTP address.
pub struct UrlText;

string_element!(
    UrlText,
    "Url",
    "An address of HTTP or HTTPS. User names and passwords do not belong into it: use `auth`.",
    Some("^https?://"),
    &["http://127.0.0.1:4000/metrics"]
);

/// A checked HTTP address without credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpUrl(String);

impl HttpUrl {
    /// Reads an address of HTTP or HTTPS.
    ///
    /// # Errors
    /// [`ElementError`] if it is anything else or carries credentials (which are then not repeated).
    pub fn parse(text: &str) -> Result<Self, ElementError> {
        let expected = "an address such as \"http://127.0.0.1:4000/metrics\"";
        let authority = text.split_once("://").map_or("", |(_, rest)| rest.split(['/', '?', '#']).next().unwrap_or(""));
        if authority.contains('@') {
            let message = "credentials do not belong into an address: use `auth = { env = \"NAME\" }`";
            return Err(ElementError::Impossible(message.to_owned()));
        }
        let url = reqwest::Url::parse(text).map_err(|_| ElementError::expected(expected, text))?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(ElementError::expected(expected, text));
        }
        Ok(Self(text.to_owned()))
    }

    /// The address as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Scheme, host and port: the part before the path, which may be a secret.
    #[must_use]
    pub fn origin(&self) -> &str {
        let authority = self.0.find("://").map_or(0, |at| at + 3);
        let end = self.0[authority..].find(['/', '?', '#']).map_or(self.0.len(), |at| authority + at);
        &self.0[..end]
    }

    /// The host, without its port.
    #[must_use]
    pub fn host(&self) -> &str {
        let authority = self.origin().split_once("://").map_or("", |(_, authority)| authority);
        let port = authority.rfind(':').filter(|at| !authority[*at..].contains(']'));
        &authority[..port.unwrap_or(authority.len())]
    }
}

impl fmt::Display for HttpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_http_and_no_credentials() {
        assert!(HttpUrl::parse("https://api.openai.com/v1").is_ok());
        for wrong in ["", "localhost:4000", "ftp://host/", "http://", "/metrics"] {
            assert!(HttpUrl::parse(wrong).is_err(), "{wrong}");
        }
        let url = HttpUrl::parse("https://[::1]:80?key=1").expect("valid");
        assert_eq!((url.origin(), url.host()), ("https://[::1]:80", "[::1]"));
        let url = HttpUrl::parse("http://host/hook/1").expect("valid");
        assert_eq!((url.origin(), url.host()), ("http://host", "host"));
        let message = HttpUrl::parse("https://me:hunter2@host/").map_err(|error| error.to_string());
        assert!(message.is_err_and(|message| message.contains("auth") && !message.contains("hunter2")));
    }
}
