//! The baseline as text, for the batch: a restart continues without counting anything twice or losing it.
//!
//! One record per line, numbers in hexadecimal, so that a stuck cursor can be read with bare eyes:
//! ```text
//! p1 <mapping> <at, us> <process start, ms, or -> <clean 0|1> <covered minute> <covered us>
//! n <last minute> <known columns> <channel>
//! c <series> <value>
//! h <series> <layout> <sum, us> <count>,<count>,...
//! ```

use std::fmt::Write as _;

use crate::collect::sources::prometheus::baseline::{Baseline, HistogramBase, Known, Memory};
use crate::domain::ids::ChannelId;
use crate::domain::time::{Minute, Timestamp};

/// Writes `baseline`, made under the mapping with this fingerprint.
#[must_use]
pub fn encode(baseline: &Baseline, mapping: u64) -> String {
    let mut text = String::with_capacity(64 + baseline.counters.len() * 24 + baseline.histograms.len() * 80);
    let (minute, covered_us) = baseline.covered;
    let started = baseline.started_ms.map_or_else(|| "-".to_owned(), |ms| format!("{ms:x}"));
    let (at, clean) = (baseline.at.micros().cast_unsigned(), u8::from(baseline.clean));
    // Writing to a String cannot fail.
    let _ = write!(text, "p1 {mapping:x} {at:x} {started} {clean} {:x} {covered_us:x}", minute.0);
    for (channel, memory) in &baseline.channels {
        let _ = write!(text, "\nn {:x} {:x} {channel}", memory.last.0, memory.known.0);
    }
    for (key, value) in &baseline.counters {
        let _ = write!(text, "\nc {key:x} {value:x}");
    }
    for (key, base) in &baseline.histograms {
        let _ = write!(text, "\nh {key:x} {:x} {:x} ", base.layout, base.sum_us);
        for (index, count) in base.counts.iter().enumerate() {
            let _ = if index == 0 { write!(text, "{count:x}") } else { write!(text, ",{count:x}") };
        }
    }
    text
}

/// Reads what [`encode`] wrote under the same mapping.
///
/// # Errors
/// Why the cursor cannot be used.
pub fn decode(text: &str, mapping: u64) -> Result<Baseline, String> {
    let mut lines = text.split('\n');
    let mut baseline = decode_head(lines.next().unwrap_or_default(), mapping)?;
    for line in lines {
        let bad = || format!("has the record `{}`", line.chars().take(60).collect::<String>());
        decode_record(line, &mut baseline).ok_or_else(bad)?;
    }
    Ok(baseline)
}

fn decode_head(head: &str, mapping: u64) -> Result<Baseline, String> {
    let fields: Vec<&str> = head.split(' ').collect();
    let ["p1", known, at, started, clean, minute, covered] = fields[..] else {
        return Err("is not a cursor of this source".to_owned());
    };
    if number(known) != Some(mapping) {
        return Err("was made under another mapping; its counters are no baseline for this one".to_owned());
    }
    let parse = || {
        Some(Baseline {
            at: Timestamp::from_micros(number(at)?.cast_signed()),
            started_ms: if started == "-" { None } else { Some(number(started)?) },
            clean: clean == "1",
            covered: (Minute(u32::try_from(number(minute)?).ok()?), number(covered)?),
            ..Baseline::default()
        })
    };
    parse().ok_or_else(|| "has a broken head".to_owned())
}

fn decode_record(line: &str, baseline: &mut Baseline) -> Option<()> {
    let mut fields = line.splitn(4, ' ');
    let kind = fields.next()?;
    let first = number(fields.next()?)?;
    let second = number(fields.next()?)?;
    match kind {
        "c" => drop(baseline.counters.insert(first, second)),
        "n" => {
            let channel = ChannelId::new(fields.next()?).ok()?;
            let (last, known) = (Minute(u32::try_from(first).ok()?), Known(u8::try_from(second).ok()?));
            baseline.channels.insert(channel, Memory { last, known });
        }
        "h" => {
            let (sum, counts) = fields.next()?.split_once(' ')?;
            let counts = counts.split(',').map(number).collect::<Option<Vec<_>>>()?;
            baseline.histograms.insert(first, HistogramBase { layout: second, counts, sum_us: number(sum)? });
        }
        _ => return None,
    }
    Some(())
}

fn number(text: &str) -> Option<u64> {
    u64::from_str_radix(text, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_baseline() -> impl Strategy<Value = Baseline> {
        let histogram = (any::<u64>(), prop::collection::vec(any::<u64>(), 1..5), any::<u64>())
            .prop_map(|(layout, counts, sum_us)| HistogramBase { layout, counts, sum_us });
        let memory =
            (any::<u32>(), 0_u8..16).prop_map(|(last, known)| Memory { last: Minute(last), known: Known(known) });
        let channel = "[a-z/é][a-z é]{0,8}[a-z]".prop_map(|name| ChannelId::new(&name).expect("valid name"));
        (
            (any::<i64>(), any::<Option<u64>>(), any::<bool>(), any::<(u32, u64)>()),
            prop::collection::btree_map(any::<u64>(), any::<u64>(), 0..5),
            prop::collection::btree_map(any::<u64>(), histogram, 0..4),
            prop::collection::btree_map(channel, memory, 0..4),
        )
            .prop_map(|((at, started_ms, clean, (minute, us)), counters, histograms, channels)| Baseline {
                at: Timestamp::from_micros(at),
                started_ms,
                clean,
                covered: (Minute(minute), us),
                counters,
                histograms,
                channels,
            })
    }

    proptest! {
        /// Writing and reading is the identity, and a cursor of another mapping is refused.
        #[test]
        fn cursors_round_trip(baseline in any_baseline(), mapping in any::<u64>()) {
            let text = encode(&baseline, mapping);
            prop_assert_eq!(decode(&text, mapping), Ok(baseline));
            prop_assert!(decode(&text, mapping ^ 1).is_err());
        }

        /// No text makes the decoder panic.
        #[test]
        fn hostile_cursors_are_refused(text in "(p1 1 1 - 1 1 1)?[\nnch 0-9a-f,-]{0,60}") {
            let _ = decode(&text, 1);
        }
    }
}
