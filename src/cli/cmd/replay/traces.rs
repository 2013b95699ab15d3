//! Recorded calls from a file: when they came, and how long prompt and answer were.

use std::path::Path;
use std::sync::Arc;

use crate::cli::exit::{Exit, Failure};
use crate::collect::import::cell::TsUnit;
use crate::collect::import::read::{Chunk, Reader};
use crate::sim::replay::scene::Recorded;

/// The columns that are read, as the traces of LLM services in the open call them.
const COLUMNS: [&str; 3] = ["ts", "prompt_tokens", "completion_tokens"];
const CHUNK: usize = 8_192;

/// The calls in `path`: CSV, JSONL or Parquet, sorted by time here.
pub(super) fn read(path: &Path) -> Result<Arc<Vec<Recorded>>, Failure> {
    let failed = |error: &dyn std::error::Error| Failure::from_error(Exit::Usage, error);
    let mut reader = Reader::open(path).map_err(|error| failed(&error))?;
    if let Some(missing) = COLUMNS.iter().find(|name| !reader.columns().iter().any(|column| column == *name)) {
        return Err(Failure::new(Exit::Usage, format!("{} has no column `{missing}`", path.display())));
    }
    reader.select(&COLUMNS.map(str::to_owned)).map_err(|error| failed(&error))?;
    let mut calls: Vec<Recorded> = Vec::new();
    while let Some(chunk) = reader.next_chunk(CHUNK).map_err(|error| failed(&error))? {
        for row in 0..chunk.len() {
            calls.push(call(&chunk, row).map_err(|why| {
                let number = chunk.first_row + row as u64;
                Failure::new(Exit::Usage, format!("{} row {number}: {why}", path.display()))
            })?);
        }
    }
    calls.sort_by_key(|call| call.offset_us);
    let first = calls.first().map_or(0, |call| call.offset_us);
    for call in &mut calls {
        call.offset_us -= first;
    }
    Ok(Arc::new(calls))
}

/// The call in `row`, its offset still counted from 1970.
fn call(chunk: &Chunk, row: usize) -> Result<Recorded, String> {
    let missing = |column: &str| format!("{column} is missing");
    let tokens = |column: usize, name: &str| {
        let tokens = chunk.cell(row, column).whole().map_err(|why| format!("{name} {why}"))?;
        u32::try_from(tokens.ok_or_else(|| missing(name))?).map_err(|_| format!("{name} is too large"))
    };
    let at = chunk.cell(row, 0).instant(TsUnit::Auto).map_err(|why| format!("ts {why}"))?;
    Ok(Recorded {
        offset_us: at.ok_or_else(|| missing("ts"))?.micros(),
        prompt_tokens: tokens(1, "prompt_tokens")?,
        answer_tokens: tokens(2, "completion_tokens")?.max(1),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn calls_are_sorted_and_counted_from_the_first() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("trace.csv");
        fs::write(&path, "ts,prompt_tokens,completion_tokens\n2026-01-01T00:00:02Z,7,0\n2026-01-01T00:00:01Z,5,9\n")
            .expect("written");
        let calls = read(&path).expect("sound");
        let first = Recorded { offset_us: 0, prompt_tokens: 5, answer_tokens: 9 };
        assert_eq!(*calls, [first, Recorded { offset_us: 1_000_000, prompt_tokens: 7, answer_tokens: 1 }]);
        fs::write(&path, "ts,prompt_tokens\n1,2\n").expect("written");
        assert!(read(&path).expect_err("a column is missing").message.contains("completion_tokens"));
        fs::write(&path, "ts,prompt_tokens,completion_tokens\n2026-01-01T00:00:02Z,,0\n").expect("written");
        assert!(read(&path).expect_err("a value is missing").message.contains("row 1: prompt_tokens is missing"));
    }
}
