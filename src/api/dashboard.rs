//! The dashboard's files, as `npm run build` in `dashboard/` left them, within the binary.
//!
//! They are kept compressed and sent as they are; who takes no gzip gets them inflated. Files below `assets/` carry a hash of
//! their content in their name and never change; the page itself is asked for each time and answered by its hash. A build
//! without Node has none of them, and [`page`] is `None`. A debug build reads them from the source tree.

use std::borrow::Cow;
use std::io::Read;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use flate2::read::GzDecoder;
use rust_embed::{Embed, EmbeddedFile};

use crate::api::error::ApiError;

#[derive(Embed)]
#[folder = "dashboard/dist"]
struct Files;

/// For files that are named by their content.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// For the page that names them.
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");

/// The page, or `None` where the binary was built without it.
#[must_use]
pub fn page(asked: &HeaderMap) -> Option<Response> {
    answer("index.html", asked, ASK_AGAIN)
}

/// The file at `path`, as pages name it.
///
/// # Errors
/// [`ApiError::NotFound`] if there is none.
pub fn file(path: &str, asked: &HeaderMap) -> Result<Response, ApiError> {
    let kept = if path.starts_with("assets/") { FOR_EVER } else { ASK_AGAIN };
    answer(path, asked, kept).ok_or_else(|| ApiError::NotFound(format!("the dashboard has no file `{path}`")))
}

fn answer(path: &str, asked: &HeaderMap, kept: HeaderValue) -> Option<Response> {
    let (file, packed) = match Files::get(&format!("{path}.gz")) {
        Some(file) => (file, true),
        None => (Files::get(path)?, false),
    };
    let etag = etag(&file);
    let headers = [(header::CACHE_CONTROL, kept), (header::ETAG, etag.clone()), (header::VARY, VARY)];
    if asked.get(header::IF_NONE_MATCH) == Some(&etag) {
        return Some((StatusCode::NOT_MODIFIED, headers).into_response());
    }
    let kind = mime_guess::from_path(path).first_or_octet_stream();
    let kind = HeaderValue::from_str(kind.as_ref()).ok()?;
    let (body, encoding) = match (packed, takes_gzip(asked)) {
        (true, true) => (file.data, Some(GZIP)),
        (true, false) => (Cow::Owned(inflated(&file.data)?), None),
        (false, _) => (file.data, None),
    };
    let mut response = (headers, [(header::CONTENT_TYPE, kind)], Body::from(body.into_owned())).into_response();
    if let Some(encoding) = encoding {
        response.headers_mut().insert(header::CONTENT_ENCODING, encoding);
    }
    Some(response)
}

const GZIP: HeaderValue = HeaderValue::from_static("gzip");
const VARY: HeaderValue = HeaderValue::from_static("accept-encoding");

/// A tag of the content (RFC 9110, 8.8.3): the first half of its SHA-256.
fn etag(file: &EmbeddedFile) -> HeaderValue {
    let hash = file.metadata.sha256_hash();
    let half = hash.iter().take(16).fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
    HeaderValue::from_str(&format!("\"{half:032x}\"")).unwrap_or(HeaderValue::from_static("\"\""))
}

/// Whether `gzip` is among what the client takes, and not refused by a weight of zero.
fn takes_gzip(asked: &HeaderMap) -> bool {
    let named = asked.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    named.flat_map(|value| value.split(',')).any(|one| {
        let (name, weight) = one.split_once(';').unwrap_or((one, "q=1"));
        let refused = weight.trim().strip_prefix("q=").and_then(|q| q.parse::<f64>().ok()).is_some_and(|q| q <= 0.0);
        name.trim().eq_ignore_ascii_case("gzip") && !refused
    })
}

fn inflated(packed: &[u8]) -> Option<Vec<u8>> {
    let mut plain = Vec::new();
    GzDecoder::new(packed).read_to_end(&mut plain).ok()?;
    Some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taking(value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(value))])
    }

    #[test]
    fn gzip_goes_to_those_who_take_it() {
        for takes in ["gzip", "br, GZIP;q=0.5", "deflate,gzip"] {
            assert!(takes_gzip(&taking(takes)), "{takes}");
        }
        for not in ["", "br", "gzip;q=0", "identity"] {
            assert!(!takes_gzip(&taking(not)), "{not}");
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }

    /// Holds with and without the dashboard built.
    #[test]
    fn a_page_is_sent_once_and_then_known() {
        assert!(file("assets/../../Cargo.toml", &HeaderMap::new()).is_err(), "nothing but the dashboard");
        let Some(first) = page(&taking("gzip")) else { return };
        assert_eq!(first.headers()[header::CONTENT_ENCODING], "gzip");
        assert_eq!(first.headers()[header::CONTENT_TYPE], "text/html");
        let known = HeaderMap::from_iter([(header::IF_NONE_MATCH, first.headers()[header::ETAG].clone())]);
        assert_eq!(page(&known).map(|again| again.status()), Some(StatusCode::NOT_MODIFIED));
    }
}
