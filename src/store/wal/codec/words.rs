//! The words of the codec: numbers, instants, texts, names by their place in a dictionary.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::CodecError;
use crate::domain::ids::ChannelId;
use crate::domain::time::{Minute, Timestamp};
use crate::stats::varint::{self, unzigzag, zigzag};

/// Rows reserved ahead of reading them; more is grown as they really come.
const RESERVED_ROWS: usize = 1_024;

/// XXH3 of the last bytes written: names are hashed a thousand times per batch, and nobody can choose a seed to
/// attack, because a batch is bounded and its dictionary is thrown away with it.
#[derive(Default)]
struct NameHasher(u64);

impl Hasher for NameHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = xxh3_64_with_seed(bytes, self.0);
    }

    fn write_u8(&mut self, byte: u8) {
        self.0 = self.0.rotate_left(8) ^ u64::from(byte);
    }
}

/// Names in the order of their first use.
#[derive(Default)]
struct Names<'a> {
    places: HashMap<&'a str, u64, BuildHasherDefault<NameHasher>>,
    in_order: Vec<&'a str>,
    /// The newest answer: neighbouring rows mostly share their channel.
    last: Option<(&'a str, u64)>,
}

impl<'a> Names<'a> {
    fn place(&mut self, name: &'a str) -> u64 {
        if let Some((last, place)) = self.last
            && std::ptr::eq(last, name)
        {
            return place;
        }
        let next = self.in_order.len() as u64;
        let place = *self.places.entry(name).or_insert(next);
        if place == next {
            self.in_order.push(name);
        }
        self.last = Some((name, place));
        place
    }

    fn write(&self, out: &mut Vec<u8>) {
        varint::put(out, self.in_order.len() as u64);
        for name in &self.in_order {
            varint::put(out, name.len() as u64);
            out.extend_from_slice(name.as_bytes());
        }
    }
}

/// Writes one message.
pub(super) struct Writer<'a> {
    body: Vec<u8>,
    channels: Names<'a>,
    texts: Names<'a>,
    last_instant: i64,
    last_minute: u32,
    scratch: Vec<u8>,
}

impl<'a> Writer<'a> {
    /// A message whose first instant is written as the difference to `origin`.
    pub(super) fn new(origin: Timestamp) -> Self {
        Self {
            body: Vec::with_capacity(4_096),
            channels: Names::default(),
            texts: Names::default(),
            last_instant: origin.micros(),
            last_minute: 0,
            scratch: Vec::new(),
        }
    }

    pub(super) fn number(&mut self, value: u64) {
        varint::put(&mut self.body, value);
    }

    pub(super) fn signed(&mut self, value: i64) {
        self.number(zigzag(value));
    }

    pub(super) fn float(&mut self, value: f64) {
        self.body.extend_from_slice(&value.to_le_bytes());
    }

    pub(super) fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.body.extend_from_slice(text.as_bytes());
    }

    /// Whatever `fill` appends, preceded by its length.
    pub(super) fn sized(&mut self, fill: impl FnOnce(&mut Vec<u8>)) {
        let mut scratch = std::mem::take(&mut self.scratch);
        scratch.clear();
        fill(&mut scratch);
        self.number(scratch.len() as u64);
        self.body.extend_from_slice(&scratch);
        self.scratch = scratch;
    }

    /// As the difference to the instant before, wrapping: any instant survives.
    pub(super) fn instant(&mut self, at: Timestamp) {
        self.signed(at.micros().wrapping_sub(self.last_instant));
        self.last_instant = at.micros();
    }

    /// As the difference to the minute before.
    pub(super) fn minute(&mut self, minute: Minute) {
        self.signed(i64::from(minute.0) - i64::from(self.last_minute));
        self.last_minute = minute.0;
    }

    pub(super) fn channel(&mut self, channel: &'a ChannelId) {
        let place = self.channels.place(channel.as_str());
        self.number(place);
    }

    /// A text that is likely to come again.
    pub(super) fn name(&mut self, name: &'a str) {
        let place = self.texts.place(name);
        self.number(place);
    }

    pub(super) fn list<T>(&mut self, rows: &'a [T], put: impl Fn(&mut Self, &'a T)) {
        self.number(rows.len() as u64);
        for row in rows {
            put(self, row);
        }
    }

    /// The whole message.
    pub(super) fn finish(self, kind: u8, version: u8) -> Vec<u8> {
        let names: usize =
            [&self.channels, &self.texts].iter().flat_map(|names| &names.in_order).map(|n| n.len() + 2).sum();
        let mut out = Vec::with_capacity(self.body.len() + names + 16);
        out.extend_from_slice(&[kind, version]);
        self.channels.write(&mut out);
        self.texts.write(&mut out);
        out.extend_from_slice(&self.body);
        out
    }
}

/// Reads one message.
pub(super) struct Reader<'a> {
    rest: &'a [u8],
    channels: Vec<ChannelId>,
    texts: Vec<&'a str>,
    last_instant: i64,
    last_minute: u32,
}

impl<'a> Reader<'a> {
    /// Reads the dictionaries at the front of `bytes`.
    pub(super) fn new(bytes: &'a [u8]) -> Result<Self, CodecError> {
        let mut reader = Self { rest: bytes, channels: Vec::new(), texts: Vec::new(), last_instant: 0, last_minute: 0 };
        reader.channels = reader.list(2, |from| {
            let name = from.text()?;
            ChannelId::new(name).map_err(|_| CodecError::Malformed("a channel's name"))
        })?;
        reader.texts = reader.list(1, Self::text)?;
        Ok(reader)
    }

    /// The next instant is a difference to `origin`.
    pub(super) const fn start_at(&mut self, origin: Timestamp) {
        self.last_instant = origin.micros();
    }

    pub(super) fn number(&mut self) -> Result<u64, CodecError> {
        Ok(varint::take(&mut self.rest)?)
    }

    pub(super) fn signed(&mut self) -> Result<i64, CodecError> {
        self.number().map(unzigzag)
    }

    /// A number of 32 bits, named for the message if it is larger.
    pub(super) fn small(&mut self, field: &'static str) -> Result<u32, CodecError> {
        u32::try_from(self.number()?).map_err(|_| CodecError::Malformed(field))
    }

    pub(super) fn float(&mut self) -> Result<f64, CodecError> {
        let (bytes, rest) = self.rest.split_first_chunk::<8>().ok_or(CodecError::Truncated)?;
        self.rest = rest;
        Ok(f64::from_le_bytes(*bytes))
    }

    /// The bytes that [`Writer::sized`] wrote.
    pub(super) fn sized(&mut self) -> Result<&'a [u8], CodecError> {
        let length = usize::try_from(self.number()?).map_err(|_| CodecError::Truncated)?;
        let (bytes, rest) = self.rest.split_at_checked(length).ok_or(CodecError::Truncated)?;
        self.rest = rest;
        Ok(bytes)
    }

    pub(super) fn text(&mut self) -> Result<&'a str, CodecError> {
        std::str::from_utf8(self.sized()?).map_err(|_| CodecError::Malformed("a text"))
    }

    pub(super) fn instant(&mut self) -> Result<Timestamp, CodecError> {
        self.last_instant = self.last_instant.wrapping_add(self.signed()?);
        Ok(Timestamp::from_micros(self.last_instant))
    }

    pub(super) fn minute(&mut self) -> Result<Minute, CodecError> {
        let minute = i64::from(self.last_minute).checked_add(self.signed()?).and_then(|m| u32::try_from(m).ok());
        self.last_minute = minute.ok_or(CodecError::Malformed("a minute"))?;
        Ok(Minute(self.last_minute))
    }

    pub(super) fn channel(&mut self) -> Result<ChannelId, CodecError> {
        let place = usize::try_from(self.number()?).ok();
        place.and_then(|at| self.channels.get(at)).cloned().ok_or(CodecError::Malformed("a channel"))
    }

    pub(super) fn name(&mut self) -> Result<&'a str, CodecError> {
        let place = usize::try_from(self.number()?).ok();
        place.and_then(|at| self.texts.get(at)).copied().ok_or(CodecError::Malformed("a name"))
    }

    /// Rows that take at least `least_bytes` each; a count that the rest cannot hold is refused at once.
    pub(super) fn list<T>(
        &mut self,
        least_bytes: usize,
        take: impl Fn(&mut Self) -> Result<T, CodecError>,
    ) -> Result<Vec<T>, CodecError> {
        let count = usize::try_from(self.number()?).map_err(|_| CodecError::Truncated)?;
        if count > self.rest.len() / least_bytes {
            return Err(CodecError::Truncated);
        }
        let mut rows = Vec::with_capacity(count.min(RESERVED_ROWS));
        for _ in 0..count {
            rows.push(take(self)?);
        }
        Ok(rows)
    }

    /// Nothing may be left.
    pub(super) const fn end(&self) -> Result<(), CodecError> {
        if self.rest.is_empty() { Ok(()) } else { Err(CodecError::Malformed("the end")) }
    }
}
