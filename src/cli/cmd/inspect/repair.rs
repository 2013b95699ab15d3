//! Saves what can be saved of a damaged store, and says what was lost.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::cli::args::{Format, Shared};
use crate::cli::exit::{Exit, Failure};
use crate::cli::{data, output};
use crate::clock::Clock;
use crate::store::repair::{self, Inspection};

/// Repairs the store. The exit code is 2 if something is lost for good.
///
/// # Errors
/// [`Failure`] if there is no store, a process is using it, or it cannot be written.
pub(super) fn run(shared: &Shared) -> Result<Exit, Failure> {
    data::check_exists(shared)?;
    let done = repair::repair(&shared.data, Clock::system().now()).map_err(|error| data::failure(&error))?;
    match shared.format {
        Format::Json => output::emit_json(&as_json(&done))?,
        Format::Table => output::emit(&as_text(&done))?,
    }
    let loses = done.findings.iter().any(|finding| finding.loses);
    Ok(if loses { Exit::Partial } else { Exit::Done })
}

fn as_text(done: &Inspection) -> String {
    let mut text = String::new();
    for finding in &done.findings {
        let _written = writeln!(text, "{finding}");
    }
    let (files, rows, version) = (done.files, done.rows, done.version);
    let summary = if done.findings.is_empty() { "nothing is damaged" } else { "repaired" };
    let _written = writeln!(text, "{summary}: catalog version {version} with {files} files and {rows} rows");
    text
}

fn as_json(done: &Inspection) -> Value {
    let findings = done.findings.iter().map(|finding| {
        let repair::Finding { path, problem, answer, loses } = finding;
        json!({"path": path, "problem": problem, "answer": answer, "loses": loses})
    });
    json!({
        "version": done.version,
        "files": done.files,
        "rows": done.rows,
        "bytes": done.bytes,
        "findings": findings.collect::<Vec<_>>(),
    })
}
