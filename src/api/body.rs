//! Bodies: received within limits of size and time, decompressed within limits, without one copy too many.

use std::io::Read;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, header};
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use serde::de::DeserializeOwned;

use crate::api::budget::{Budget, Reservation};
use crate::api::error::ApiError;

/// Bodies are decompressed in pieces of this size, each counted before it is made.
const PIECE: usize = 256 << 10;
/// Largest zstd window that is accepted, as RFC 8878 (3.1.1.1.2) recommends: 8 MiB.
const ZSTD_WINDOW_LOG: u32 = 23;

/// Largest JSON document that is not data, in bytes.
const DOCUMENT_BYTES: usize = 64 << 10;

/// How a body is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Not at all.
    Identity,
    /// gzip (RFC 1952), several members too.
    Gzip,
    /// zstd (RFC 8878), several frames too.
    Zstd,
}

impl Encoding {
    /// The encoding that the headers state.
    ///
    /// # Errors
    /// [`ApiError::Unsupported`] for anything but gzip, zstd and identity, or more than one of them.
    pub fn of(headers: &HeaderMap) -> Result<Self, ApiError> {
        let Some(value) = headers.get(header::CONTENT_ENCODING) else { return Ok(Self::Identity) };
        match value.to_str().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
            "" | "identity" => Ok(Self::Identity),
            "gzip" | "x-gzip" => Ok(Self::Gzip),
            "zstd" => Ok(Self::Zstd),
            other => Err(ApiError::Unsupported(format!(
                "the Content-Encoding `{other}` is not known; send gzip, zstd or no encoding"
            ))),
        }
    }
}

/// A body as it was sent, with the memory it was granted.
#[derive(Debug)]
pub struct Received {
    bytes: Bytes,
    encoding: Encoding,
    reservation: Reservation,
    decoded_limit: usize,
}

/// How large a body may be and how long it may take to arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Bytes as sent.
    pub sent: usize,
    /// Bytes after decompression: a kilobyte of zstd can hold a gigabyte.
    pub decoded: usize,
    /// Time until its last byte.
    pub time: Duration,
}

/// Receives `body` within the limits of size, time and memory.
///
/// # Errors
/// [`ApiError::TooLarge`], [`ApiError::SlowBody`], [`ApiError::Busy`] if the memory for bodies is in use,
/// [`ApiError::Unsupported`] for an unknown encoding, [`ApiError::Invalid`] if the connection breaks off.
pub async fn receive(headers: &HeaderMap, body: Body, bounds: Bounds, budget: &Budget) -> Result<Received, ApiError> {
    let encoding = Encoding::of(headers)?;
    let mut reservation = budget.reserve(0)?;
    let collecting = collect(body, stated_length(headers), bounds.sent, &mut reservation);
    let bytes = within(bounds.time, collecting).await??;
    Ok(Received { bytes, encoding, reservation, decoded_limit: bounds.decoded })
}

/// Receives a small document of any kind.
///
/// # Errors
/// As [`receive`] and [`Received::decode`].
pub async fn document(headers: &HeaderMap, body: Body, time: Duration, budget: &Budget) -> Result<Decoded, ApiError> {
    let bounds = Bounds { sent: DOCUMENT_BYTES, decoded: DOCUMENT_BYTES, time };
    receive(headers, body, bounds, budget).await?.decode()
}

/// Receives a small JSON document of type `T`.
///
/// # Errors
/// As [`document()`]; [`ApiError::Unsupported`] for another media type, [`ApiError::Invalid`]
/// saying where the document is not as expected.
pub async fn json<T: DeserializeOwned>(
    headers: &HeaderMap,
    body: Body,
    time: Duration,
    budget: &Budget,
) -> Result<T, ApiError> {
    let stated = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !stated.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json") {
        return Err(ApiError::Unsupported(format!(
            "the Content-Type `{stated}` is not known here; send `application/json`"
        )));
    }
    let document = document(headers, body, time, budget).await?;
    serde_json::from_slice(&document)
        .map_err(|error| ApiError::Invalid(format!("the body is not the JSON document expected here: {error}")))
}

impl Received {
    /// Bytes as sent.
    #[must_use]
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether nothing was sent.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Whether working on it takes long enough to be kept off the threads that serve connections.
    #[must_use]
    pub fn is_heavy(&self) -> bool {
        // Parsing manages some 100 MB/s: 16 KiB is about 0.2 ms.
        self.encoding != Encoding::Identity || self.bytes.len() > 16 << 10
    }

    /// The body as meant, decompressed if need be. Blocks: for heavy bodies, call it on a thread that may.
    ///
    /// # Errors
    /// [`ApiError::TooLarge`] past the limit for decompressed bodies, [`ApiError::Busy`] if the memory for bodies is
    /// in use, [`ApiError::Invalid`] if it is not what its encoding says.
    pub fn decode(self) -> Result<Decoded, ApiError> {
        let Self { bytes, encoding, mut reservation, decoded_limit: limit } = self;
        let inflated = match encoding {
            Encoding::Identity => return Ok(Decoded { bytes, reservation }),
            Encoding::Gzip => inflate(flate2::read::MultiGzDecoder::new(&bytes[..]), limit, &mut reservation, "gzip")?,
            Encoding::Zstd => {
                let broken = |error: std::io::Error| ApiError::Invalid(format!("the body is not valid zstd: {error}"));
                let mut decoder = zstd::stream::read::Decoder::with_buffer(&bytes[..]).map_err(broken)?;
                decoder.window_log_max(ZSTD_WINDOW_LOG).map_err(broken)?;
                inflate(decoder, limit, &mut reservation, "zstd")?
            }
        };
        Ok(Decoded { bytes: inflated.into(), reservation })
    }
}

/// A body as meant. Holds its memory's reservation until it is dropped.
#[derive(Debug)]
pub struct Decoded {
    bytes: Bytes,
    reservation: Reservation,
}

impl Decoded {
    /// Lets go of the body but not of the memory it was granted.
    #[must_use]
    pub fn into_reservation(self) -> Reservation {
        self.reservation
    }
}

impl std::ops::Deref for Decoded {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

fn stated_length(headers: &HeaderMap) -> Option<usize> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Collects a body into one piece of memory that is allocated once if the caller stated the length.
async fn collect(
    mut body: Body,
    stated: Option<usize>,
    limit: usize,
    reservation: &mut Reservation,
) -> Result<Bytes, ApiError> {
    let too_large = || ApiError::TooLarge { what: "body", limit };
    if stated.is_some_and(|length| length > limit) {
        return Err(too_large());
    }
    reservation.grow_to(stated.unwrap_or(0))?;
    let mut collected = BytesMut::with_capacity(stated.unwrap_or(0));
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| ApiError::Invalid(format!("the body broke off: {error}")))?;
        let Ok(data) = frame.into_data() else { continue };
        if collected.len() + data.len() > limit {
            return Err(too_large());
        }
        reservation.grow_to(collected.len() + data.len())?;
        collected.extend_from_slice(&data);
    }
    Ok(collected.freeze())
}

async fn within<F: Future>(limit: Duration, work: F) -> Result<F::Output, ApiError> {
    tokio::time::timeout(limit, work).await.map_err(|_| ApiError::SlowBody { limit_s: limit.as_secs() })
}

/// Reads `reader` to its end within `limit`, reserving memory before using it.
fn inflate(reader: impl Read, limit: usize, reservation: &mut Reservation, name: &str) -> Result<Vec<u8>, ApiError> {
    let sent = reservation.held();
    let mut out = Vec::new();
    let mut rest = reader.take(limit as u64 + 1);
    loop {
        reservation.grow_to(sent + out.len() + PIECE)?;
        let read = rest
            .by_ref()
            .take(PIECE as u64)
            .read_to_end(&mut out)
            .map_err(|error| ApiError::Invalid(format!("the body is not valid {name}: {error}")))?;
        if out.len() > limit {
            return Err(ApiError::TooLarge { what: "decompressed body", limit });
        }
        if read == 0 {
            return Ok(out);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn gzip(data: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(data).expect("writing to memory");
        encoder.finish().expect("writing to memory")
    }

    fn headers(encoding: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(header::CONTENT_ENCODING, encoding.parse().expect("header value"))])
    }

    const fn up_to(bytes: usize) -> Bounds {
        Bounds { sent: bytes, decoded: bytes, time: Duration::from_secs(10) }
    }

    async fn decode(encoding: &'static str, body: Vec<u8>, limit: usize) -> Result<Vec<u8>, ApiError> {
        let received = receive(&headers(encoding), Body::from(body), up_to(limit), &Budget::new(16 << 20)).await?;
        received.decode().map(|decoded| decoded.to_vec())
    }

    #[tokio::test]
    async fn every_encoding_gives_the_same_bytes() {
        let text = b"one call\n".repeat(100_000);
        let limit = 1 << 20;
        let zstd = zstd::stream::encode_all(&text[..], 1).expect("compressing in memory");
        for (encoding, body) in [("identity", text.clone()), ("gzip", gzip(&text)), ("ZSTD", zstd)] {
            assert!(decode(encoding, body, limit).await.is_ok_and(|got| got == text), "{encoding}");
        }
        assert!(matches!(decode("br", vec![], limit).await, Err(ApiError::Unsupported(_))));
        assert!(matches!(decode("gzip", text, limit).await, Err(ApiError::Invalid(_))));
    }

    #[tokio::test]
    async fn bombs_stop_at_the_limit() {
        let bomb = gzip(&vec![0; 4 << 20]);
        assert!(bomb.len() < 100_000);
        let answer = decode("gzip", bomb, 100_000).await;
        assert!(matches!(answer, Err(ApiError::TooLarge { what: "decompressed body", .. })), "{answer:?}");
        let plain = decode("identity", vec![b'x'; 100_001], 100_000).await;
        assert!(matches!(plain, Err(ApiError::TooLarge { limit: 100_000, .. })), "{plain:?}");
    }

    #[tokio::test]
    async fn memory_for_bodies_is_bounded_and_given_back() {
        let (budget, bounds) = (Budget::new(1 << 20), up_to(1 << 20));
        let body = || Body::from(vec![b'x'; 700_000]);
        let first = receive(&HeaderMap::new(), body(), bounds, &budget).await.expect("fits");
        let second = receive(&HeaderMap::new(), body(), bounds, &budget).await;
        assert!(matches!(second, Err(ApiError::Busy { .. })), "{second:?}");
        drop(first.decode());
        assert!(receive(&HeaderMap::new(), body(), bounds, &budget).await.is_ok());
    }
}
