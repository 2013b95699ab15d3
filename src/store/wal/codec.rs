//! Batches and checkpoints as compact bytes.
//!
//! A message is a kind byte, a version byte, the dictionary of names and the rows. Integers are varints, instants are
//! differences to their neighbour, each row says in a bit mask which optional fields follow, and names are written
//! once. Durations of calls are whole microseconds: the tick of the sketches they end in, so that applying a batch
//! and applying what the log remembers of it give the same minute. A probe's duration is kept exactly if it is not
//! whole.
//!
//! Decoding never panics and allocates no more than a fixed multiple of the bytes that are really there, whatever
//! lengths they claim. A change of the layout raises the version; older versions stay readable.

mod rows;
mod words;

use std::collections::BTreeMap;

use crate::domain::batch::{Amendment, Batch, ChannelSeen, Checkpoint, CountedKey, Mode};
use crate::domain::ids::IdempotencyKey;
use crate::domain::time::Timestamp;
use crate::stats::ddsketch::SketchError;
use crate::stats::varint::VarintError;
use rows::{put_call, put_gauge, put_gauge_minute, put_sample, take_call, take_gauge, take_gauge_minute, take_sample};
use words::{Reader, Writer};

/// First byte of a batch.
const BATCH: u8 = b'B';
/// First byte of a checkpoint.
const CHECKPOINT: u8 = b'C';
/// Second byte: version of the layout.
const VERSION: u8 = 1;

/// Why bytes are not a message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    /// The bytes end inside a field, or a count promises more than is there.
    #[error("bytes end inside a field")]
    Truncated,
    /// A field holds a value that it cannot have.
    #[error("{0} holds an impossible value")]
    Malformed(&'static str),
    /// The message was written by a newer program, or is no message at all.
    #[error("message has kind {kind} version {version}, which this program does not read")]
    Unknown {
        /// First byte.
        kind: u8,
        /// Second byte.
        version: u8,
    },
}

impl From<VarintError> for CodecError {
    fn from(error: VarintError) -> Self {
        match error {
            VarintError::Truncated => Self::Truncated,
            VarintError::TooLong => Self::Malformed("a number"),
        }
    }
}

impl From<SketchError> for CodecError {
    fn from(_: SketchError) -> Self {
        Self::Malformed("a sketch")
    }
}

/// The bytes of `batch`: one frame of the log.
#[must_use]
pub fn encode(batch: &Batch) -> Vec<u8> {
    let mut out = Writer::new(batch.received_at);
    out.signed(batch.received_at.micros());
    out.number(u64::from(batch.key.is_some()) | u64::from(batch.watched.is_some()) << 1);
    if let Some(key) = &batch.key {
        out.text(key.as_str());
    }
    if let Some((from, to)) = batch.watched {
        out.instant(from);
        out.instant(to);
    }
    out.list(&batch.calls, put_call);
    out.list(&batch.partials, put_sample);
    out.list(&batch.replacements, put_sample);
    out.list(&batch.gauges, put_gauge);
    put_cursors(&mut out, &batch.cursors);
    out.finish(BATCH, VERSION)
}

/// Reads what [`encode`] wrote.
///
/// # Errors
/// [`CodecError`] if the bytes are anything else.
pub fn decode(bytes: &[u8]) -> Result<Batch, CodecError> {
    let mut from = open(bytes, BATCH)?;
    let received_at = Timestamp::from_micros(from.signed()?);
    from.start_at(received_at);
    let flags = from.number()?;
    let key = if flags & 1 == 0 { None } else { Some(take_key(&mut from)?) };
    let watched = if flags & 2 == 0 { None } else { Some((from.instant()?, from.instant()?)) };
    let batch = Batch {
        received_at,
        key,
        watched,
        calls: from.list(rows::CALL_BYTES, take_call)?,
        partials: from.list(rows::SAMPLE_BYTES, take_sample)?,
        replacements: from.list(rows::SAMPLE_BYTES, take_sample)?,
        gauges: from.list(rows::GAUGE_BYTES, take_gauge)?,
        cursors: take_cursors(&mut from)?,
    };
    from.end()?;
    Ok(batch)
}

/// The bytes of `checkpoint`.
#[must_use]
pub fn encode_checkpoint(checkpoint: &Checkpoint) -> Vec<u8> {
    let mut out = Writer::new(Timestamp::from_micros(0));
    out.list(&checkpoint.open, |out, amendment| {
        out.number(u64::from(amendment.mode == Mode::Replace));
        put_sample(out, &amendment.sample);
    });
    out.list(&checkpoint.late, put_sample);
    out.list(&checkpoint.gauges, put_gauge_minute);
    out.list(&checkpoint.watched, |out, &(minute, seconds)| {
        out.minute(minute);
        out.number(seconds);
    });
    out.list(&checkpoint.channels, |out, ChannelSeen { channel, first, last }| {
        out.channel(channel);
        out.minute(*first);
        out.minute(*last);
    });
    out.list(&checkpoint.keys, |out, CountedKey { key, received_at, calls }| {
        out.text(key.as_str());
        out.instant(*received_at);
        out.number(*calls);
    });
    put_cursors(&mut out, &checkpoint.cursors);
    out.finish(CHECKPOINT, VERSION)
}

/// Reads what [`encode_checkpoint`] wrote.
///
/// # Errors
/// [`CodecError`] if the bytes are anything else.
pub fn decode_checkpoint(bytes: &[u8]) -> Result<Checkpoint, CodecError> {
    let mut from = open(bytes, CHECKPOINT)?;
    let checkpoint = Checkpoint {
        open: from.list(rows::SAMPLE_BYTES, |from| {
            let mode = if from.number()? == 0 { Mode::Add } else { Mode::Replace };
            Ok(Amendment { sample: take_sample(from)?, mode })
        })?,
        late: from.list(rows::SAMPLE_BYTES, take_sample)?,
        gauges: from.list(rows::GAUGE_MINUTE_BYTES, take_gauge_minute)?,
        watched: from.list(2, |from| Ok((from.minute()?, from.number()?)))?,
        channels: from.list(3, |from| {
            Ok(ChannelSeen { channel: from.channel()?, first: from.minute()?, last: from.minute()? })
        })?,
        keys: from.list(3, |from| {
            Ok(CountedKey { key: take_key(from)?, received_at: from.instant()?, calls: from.number()? })
        })?,
        cursors: take_cursors(&mut from)?,
    };
    from.end()?;
    Ok(checkpoint)
}

fn open(bytes: &[u8], kind: u8) -> Result<Reader<'_>, CodecError> {
    match bytes {
        [found, VERSION, rest @ ..] if *found == kind => Reader::new(rest),
        &[kind, version, ..] => Err(CodecError::Unknown { kind, version }),
        _ => Err(CodecError::Truncated),
    }
}

fn take_key(from: &mut Reader<'_>) -> Result<IdempotencyKey, CodecError> {
    IdempotencyKey::new(from.text()?).map_err(|_| CodecError::Malformed("a key"))
}

fn put_cursors<'a>(out: &mut Writer<'a>, cursors: &'a BTreeMap<String, String>) {
    out.number(cursors.len() as u64);
    for (source, cursor) in cursors {
        out.text(source);
        out.text(cursor);
    }
}

fn take_cursors(from: &mut Reader<'_>) -> Result<BTreeMap<String, String>, CodecError> {
    let pairs = from.list(2, |from| Ok((from.text()?.to_owned(), from.text()?.to_owned())))?;
    Ok(pairs.into_iter().collect())
}

#[cfg(test)]
pub(crate) mod tests;
