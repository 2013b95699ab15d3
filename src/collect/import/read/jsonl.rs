//! JSONL: one object per line. A line that is no object is a bad row; a blank line is no row.

use std::io::{self, BufRead};
use std::path::Path;

use serde_json::{Map, Value};

use super::{MAX_RECORD_BYTES, ReadError, Text};
use crate::collect::import::cell::Cell;

/// Lines whose keys make up the columns.
const HEAD_LINES: usize = 100;

/// Rows of a JSONL file.
pub(super) struct JsonRows {
    text: Text,
    wanted: Vec<String>,
    line: Vec<u8>,
}

impl JsonRows {
    pub(super) fn new(text: Text) -> Self {
        Self { text, wanted: Vec::new(), line: Vec::new() }
    }

    /// Keeps only the keys (or paths) `wanted`.
    pub(super) fn select(&mut self, wanted: &[String]) {
        self.wanted = wanted.to_vec();
    }

    /// Up to `limit` rows; none at the end.
    pub(super) fn next_rows(&mut self, limit: usize) -> io::Result<Vec<Result<Vec<Value>, String>>> {
        let mut rows = Vec::with_capacity(limit);
        while rows.len() < limit {
            let Some(object) = next_object(&mut self.text, &mut self.line)? else { break };
            rows.push(object.map(|object| self.wanted.iter().map(|name| find(&object, name)).collect()));
        }
        Ok(rows)
    }
}

/// The keys of the first lines, in order of appearance.
pub(super) fn columns(path: &Path, mut text: Text) -> Result<Vec<String>, ReadError> {
    let mut line = Vec::new();
    let mut columns: Vec<String> = Vec::new();
    for row in 0..HEAD_LINES {
        let object = next_object(&mut text, &mut line).map_err(|source| ReadError::Io {
            path: path.to_owned(),
            row: row as u64,
            source,
        })?;
        match object {
            None => break,
            Some(Err(_)) => {}
            Some(Ok(object)) => {
                for (key, _) in object {
                    if !columns.contains(&key) {
                        columns.push(key);
                    }
                }
            }
        }
    }
    if columns.is_empty() {
        return Err(ReadError::Empty { path: path.to_owned(), what: "rows" });
    }
    Ok(columns)
}

/// The value of `key`; where there is no such key, of the path that its dots spell.
fn find(object: &Map<String, Value>, key: &str) -> Value {
    if let Some(value) = object.get(key) {
        return value.clone();
    }
    let Some((head, rest)) = key.split_once('.') else { return Value::Null };
    object.get(head).and_then(Value::as_object).map_or(Value::Null, |inner| find(inner, rest))
}

/// A JSON value as a cell.
pub(super) fn cell(value: &Value) -> Cell<'_> {
    match value {
        Value::Null => Cell::Missing,
        Value::Bool(flag) => Cell::Bool(*flag),
        Value::String(text) => Cell::of_text(text),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => Cell::Int(whole),
            (None, Some(float)) => Cell::Float(float),
            (None, None) => Cell::Nested,
        },
        Value::Array(_) | Value::Object(_) => Cell::Nested,
    }
}

/// The next line that is not blank, as an object or as what is wrong with it.
fn next_object(text: &mut Text, line: &mut Vec<u8>) -> io::Result<Option<Result<Map<String, Value>, String>>> {
    loop {
        line.clear();
        let Some(whole) = read_line(text, line)? else { return Ok(None) };
        if !whole {
            return Ok(Some(Err(format!("is longer than {MAX_RECORD_BYTES} bytes"))));
        }
        let content = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line).trim_ascii();
        if content.is_empty() {
            continue;
        }
        return Ok(Some(match serde_json::from_slice(content) {
            Ok(Value::Object(object)) => Ok(object),
            Ok(_) => Err("is not a JSON object".to_owned()),
            Err(error) => Err(format!("is not JSON: {error}")),
        }));
    }
}

/// Reads one line; `Some(false)` if it was too long to keep (it is skipped whole), `None` at the end.
fn read_line(text: &mut Text, line: &mut Vec<u8>) -> io::Result<Option<bool>> {
    let mut whole = true;
    let mut any = false;
    loop {
        let buffer = text.fill_buf()?;
        if buffer.is_empty() {
            return Ok(any.then_some(whole));
        }
        any = true;
        let end = buffer.iter().position(|&byte| byte == b'\n');
        let piece = &buffer[..end.unwrap_or(buffer.len())];
        whole = whole && (line.len() + piece.len()) as u64 <= MAX_RECORD_BYTES;
        if whole {
            line.extend_from_slice(piece);
        }
        let used = end.map_or(buffer.len(), |end| end + 1);
        text.consume(used);
        if end.is_some() {
            return Ok(Some(whole));
        }
    }
}
