//! Call records as JSON: the body of `POST /v1/calls`, the lines of a tailed file.
//!
//! # Format
//! A body is NDJSON (one object per line), a JSON array of objects, or one object; which of the three is seen from
//! its first bytes. Text is UTF-8. An object has these fields; `null` is the same as absent:
//!
//! | field | type | meaning |
//! |---|---|---|
//! | `ts` | text or number, required | when the call was sent: RFC 3339, or time since 1970 in a unit told by size (below) |
//! | `channel` | text, required | the channel that served it |
//! | `id` | text | the caller's name for the call; a second call with the same id in one body is rejected |
//! | `status` | 100 ..= 599 | HTTP status of the answer |
//! | `outcome` | text | `ok`, `throttled`, `timeout`, `client_error`, `server_error` (or `error`), `network_error` |
//! | `latency_ms` | number | from sending to the last byte |
//! | `ttft_ms` | number | from sending to the first token |
//! | `tokens_prompt`, `tokens_completion`, `tokens_cached` | whole number | prompt tokens (cached ones included), completion tokens, cached prompt tokens |
//! | `cost_usd` | number | what the call cost; where absent, the price list says |
//! | `retries` | whole number | attempts beyond the first |
//! | `in_flight`, `queue` | whole number | calls in flight and waiting on the channel when this one was sent |
//! | `probe` | true or false | a synthetic call, kept out of the demand columns |
//!
//! `outcome` wins over `status`, because it is the more exact of the two (no status tells a refused connection);
//! without either the call counts as `ok`. A number in `ts` is seconds below 10^11, milliseconds below 10^14 and
//! microseconds below 10^17, which covers the years 1973 to 5138 without overlap.
//!
//! Any other field is read past and forgotten: prompts and completions have nowhere to go.
//!
//! # Errors
//! Every line stands for itself. A bad one becomes a [`Reject`](crate::domain::batch::Reject) naming line and field;
//! the others are kept. In an array "line" is the element, counted from 1.

mod split;
mod time;
mod wire;

use std::collections::{HashMap, HashSet};

use xxhash_rust::xxh3::xxh3_128;

use crate::collect::source::{Admission, CollectFailure, Harvest, Source};
use crate::collect::sources::calls::wire::Draft;
use crate::domain::batch::Batch;
use crate::domain::call::{Call, Outcome};
use crate::domain::ids::ChannelId;

/// What one body may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Longest line or element in bytes.
    pub line_bytes: usize,
    /// Most calls; lines beyond are rejected, so that a small body of tiny lines cannot fill the memory.
    pub calls: usize,
}

impl Default for Limits {
    /// A line of 1 MB, which a record with its prompt left in stays below; 200,000 calls, some 35 MB in memory.
    fn default() -> Self {
        Self { line_bytes: 1_000_000, calls: 200_000 }
    }
}

/// The source of call records.
#[derive(Debug, Clone, Default)]
pub struct CallsSource {
    limits: Limits,
}

impl CallsSource {
    /// A source with these limits.
    #[must_use]
    pub const fn new(limits: Limits) -> Self {
        Self { limits }
    }
}

impl Source for CallsSource {
    fn name(&self) -> &'static str {
        "calls"
    }

    fn parse(&mut self, body: &[u8], admission: &Admission) -> Result<Harvest, CollectFailure> {
        Ok(parse(body, self.limits, admission))
    }
}

/// Reads one body: the calls it holds, and a reject for every line that is none.
#[must_use]
pub fn parse(body: &[u8], limits: Limits, admission: &Admission) -> Harvest {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let mut reader = Reader::new(body.len(), limits, admission);
    match Layout::of(body) {
        Layout::Lines => reader.lines(body),
        Layout::Array => reader.array(body),
        Layout::Single => reader.record(1, body),
    }
    reader.harvest
}

/// Reads a piece of a file of lines. As [`parse`], but a line that looks like the beginning of an array is one bad
/// line and does not change how the others are read.
#[must_use]
pub fn parse_lines(body: &[u8], limits: Limits, admission: &Admission) -> Harvest {
    let mut reader = Reader::new(body.len(), limits, admission);
    reader.lines(body);
    reader.harvest
}

/// How the records lie in a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layout {
    Lines,
    Array,
    Single,
}

impl Layout {
    /// An array begins with `[`. An object whose first line does not end with `}` is one object over several lines.
    fn of(body: &[u8]) -> Self {
        let text = body.trim_ascii_start();
        let first_line = text.split(|&byte| byte == b'\n').next().unwrap_or_default();
        match text.first() {
            Some(b'[') => Self::Array,
            Some(b'{') if first_line.trim_ascii_end() == b"{" => Self::Single,
            _ => Self::Lines,
        }
    }
}

/// One pass over one body.
struct Reader<'a> {
    limits: Limits,
    admission: &'a Admission,
    harvest: Harvest,
    /// Channels that this body brings in, so that each costs one allocation.
    fresh: HashSet<ChannelId>,
    /// Hash of each id seen, with its line. 128 bits, so that two ids never meet by chance.
    ids: HashMap<u128, u64>,
}

impl<'a> Reader<'a> {
    fn new(body_bytes: usize, limits: Limits, admission: &'a Admission) -> Self {
        let mut harvest = Harvest { batch: Batch::new(admission.at), ..Harvest::default() };
        // A usual line has 150 to 250 bytes; one growth of the list is cheaper than room that stays empty.
        harvest.batch.calls.reserve((body_bytes / 192).min(limits.calls));
        Self { limits, admission, harvest, fresh: HashSet::new(), ids: HashMap::new() }
    }

    fn lines(&mut self, body: &[u8]) {
        if let Ok(text) = std::str::from_utf8(body) {
            for (number, line) in (1..).zip(text.split('\n')) {
                self.text(number, line);
            }
        } else {
            for (number, line) in (1..).zip(body.split(|&byte| byte == b'\n')) {
                self.record(number, line);
            }
        }
    }

    fn array(&mut self, body: &[u8]) {
        let mut elements = split::Elements::new(body);
        let mut number = 0;
        for element in elements.by_ref() {
            number += 1;
            self.record(number, element);
        }
        if let Some(problem) = elements.problem() {
            self.harvest.reject(number + 1, "", problem);
        }
    }

    fn record(&mut self, number: u64, line: &[u8]) {
        if line.len() > self.limits.line_bytes {
            // Checking the text of what is too long anyway would only cost time.
            self.too_long(number, line.len());
            return;
        }
        match std::str::from_utf8(line) {
            Ok(line) => self.text(number, line),
            Err(error) => {
                let at = error.valid_up_to() + 1;
                self.harvest.reject(number, "", format!("is not valid UTF-8 (byte {at} of the line)"));
            }
        }
    }

    fn text(&mut self, number: u64, line: &str) {
        if line.len() > self.limits.line_bytes {
            self.too_long(number, line.len());
        } else if line.trim_ascii().is_empty() {
            // Blank lines are nothing, as every writer of NDJSON ends with one.
        } else if self.harvest.batch.calls.len() >= self.limits.calls {
            let limit = self.limits.calls;
            self.harvest.reject(number, "", format!("comes after {limit} calls, the most that one body may hold"));
        } else {
            match wire::read(line).and_then(|draft| self.call(number, &draft)) {
                Ok(call) => self.harvest.batch.calls.push(call),
                Err(fault) => self.harvest.reject(number, &fault.field, fault.problem),
            }
        }
    }

    fn too_long(&mut self, number: u64, bytes: usize) {
        let limit = self.limits.line_bytes;
        self.harvest.reject(number, "", format!("has {bytes} bytes; at most {limit} are allowed"));
    }

    /// Checks what only the receiver can know: the clock, the channels, the ids that came before.
    fn call(&mut self, number: u64, draft: &Draft<'_>) -> Result<Call, wire::Fault> {
        let ts = draft.ts.ok_or_else(|| wire::Fault::new("ts", "is missing"))?;
        self.admission.check_ts(ts).map_err(|problem| wire::Fault::new("ts", problem))?;
        let name = draft.channel.as_deref().ok_or_else(|| wire::Fault::new("channel", "is missing"))?;
        let channel = self.channel(name).map_err(|problem| wire::Fault::new("channel", problem))?;
        if let Some(id) = &draft.id {
            self.check_id(number, id)?;
        }
        Ok(Call {
            ts,
            channel,
            outcome: draft.outcome.or(draft.status.map(Outcome::from_status)).unwrap_or(Outcome::Ok),
            latency: draft.latency,
            ttft: draft.ttft,
            tokens_prompt: draft.tokens_prompt,
            tokens_completion: draft.tokens_completion,
            tokens_cached: draft.tokens_cached,
            cost: draft.cost,
            retries: draft.retries,
            in_flight: draft.in_flight,
            queue: draft.queue,
            retry_after: draft.retry_after,
            probe: draft.probe,
        })
    }

    fn channel(&mut self, name: &str) -> Result<ChannelId, String> {
        if let Some(channel) = self.fresh.get(name) {
            return Ok(channel.clone());
        }
        let channel = self.admission.channel(name)?;
        if !self.admission.known.contains(&channel) {
            self.fresh.insert(channel.clone());
        }
        Ok(channel)
    }

    fn check_id(&mut self, number: u64, id: &str) -> Result<(), wire::Fault> {
        let first = *self.ids.entry(xxh3_128(id.as_bytes())).or_insert(number);
        if first == number {
            return Ok(());
        }
        Err(wire::Fault::new("id", format!("is the same as on line {first}; the first of them counts")))
    }
}

#[cfg(test)]
mod tests;
