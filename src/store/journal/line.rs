//! One line of the journal: how it is written, and whether it follows from the one before.

use std::fmt::Write as _;

use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::domain::time::Timestamp;
use crate::store::journal::Entry;

/// What the next line follows from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Head {
    /// Number of the newest line; 0 for none.
    pub(super) number: u64,
    /// Its hash in hexadecimal; empty for none.
    pub(super) hash: String,
}

/// A line that is to be written.
pub(super) struct Line {
    /// With its line feed.
    pub(super) text: String,
    /// Its hash in hexadecimal.
    pub(super) hash: String,
}

/// What stands in front of the hash of a line.
const MARK: &str = ",\"hash\":\"";
/// What ends a line.
const END: &str = "\"}";

impl Line {
    /// The line `number`, which follows the one with the hash `before`.
    pub(super) fn of(number: u64, at: Timestamp, kind: &str, body: &Value, before: &str) -> Self {
        let kind = Value::from(kind);
        let text = format!(r#"{{"number":{number},"at":"{at}","kind":{kind},"body":{body},"before":"{before}""#);
        let hash = hash(text.as_bytes());
        Self { text: format!("{text}{MARK}{hash}{END}\n"), hash }
    }
}

/// What a file holds.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Scanned {
    /// Lines in order.
    pub(super) lines: u64,
    /// The newest of them.
    pub(super) head: Option<Head>,
    /// The first line that is wrong, counted from 1, and how.
    pub(super) fault: Option<(u64, String)>,
    /// Bytes up to where a last line without a line feed begins.
    pub(super) torn: Option<u64>,
}

/// What the first line of a file must follow from.
#[derive(Debug, Clone)]
pub(super) enum Before {
    /// That is not known.
    Unknown,
    /// Nothing: it begins a chain.
    Nothing,
    /// This line.
    Line(Head),
}

/// Reads the lines of a file.
pub(super) fn scan(bytes: &[u8], before: Before) -> Scanned {
    let mut found = Scanned::default();
    let mut expected = before;
    let mut at = 0;
    while at < bytes.len() {
        let Some(length) = bytes[at..].iter().position(|byte| *byte == b'\n') else {
            found.torn = Some(at as u64);
            break;
        };
        match follows(&bytes[at..at + length], &expected) {
            Ok(head) => {
                found.lines += 1;
                expected = Before::Line(head.clone());
                found.head = Some(head);
            }
            Err(problem) => {
                found.fault = Some((found.lines + 1, problem));
                break;
            }
        }
        at += length + 1;
    }
    found
}

/// The fields of a line.
#[derive(Deserialize)]
struct Fields {
    number: u64,
    at: String,
    kind: String,
    body: Value,
    before: String,
    hash: String,
}

/// Checks one line without its line feed.
fn follows(line: &[u8], expected: &Before) -> Result<Head, String> {
    let text = std::str::from_utf8(line).map_err(|_| "is not UTF-8".to_owned())?;
    let fields: Fields = serde_json::from_str(text).map_err(|error| format!("is no entry: {error}"))?;
    let hashed = text.rfind(MARK).map(|at| &text[..at]).ok_or("has no hash")?;
    if hash(hashed.as_bytes()) != fields.hash {
        return Err("was changed: its hash is another".to_owned());
    }
    match expected {
        Before::Line(head) if fields.before != head.hash => {
            return Err("does not follow from the line before it".to_owned());
        }
        Before::Line(head) if fields.number != head.number + 1 => {
            return Err(format!("has the number {}, after {}", fields.number, head.number));
        }
        Before::Nothing if !fields.before.is_empty() => return Err("follows from a line that is gone".to_owned()),
        _ => {}
    }
    Ok(Head { number: fields.number, hash: fields.hash })
}

/// The entry that a line without its line feed holds; `None` if it holds none.
pub(super) fn entry(line: &[u8]) -> Option<Entry> {
    let fields: Fields = serde_json::from_slice(line).ok()?;
    let at = Timestamp::parse_rfc3339(&fields.at)?;
    Some(Entry { number: fields.number, at, kind: fields.kind, body: fields.body })
}

fn hash(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        // Writing into a string cannot fail.
        let _written = write!(text, "{byte:02x}");
    }
    text
}
