//! What people and programs see: results on standard output, notes and errors on standard error.

mod table;
mod units;

use std::io::{self, IsTerminal, Write};

use serde::Serialize;

use super::args::Shared;
use super::exit::{Exit, Failure};
use crate::config::no_color;

pub use table::{Align, Table};
pub use units::{bytes, count, decimal, seconds};

/// Writes `text` to standard output. A reader that has had enough (`| head`) is not a failure.
///
/// # Errors
/// [`Failure`] if standard output cannot be written for any other reason.
pub fn emit(text: &str) -> Result<(), Failure> {
    offer(text).map(|_is_read| ())
}

/// The same; tells whether anybody still reads.
///
/// # Errors
/// As [`emit`].
pub fn offer(text: &str) -> Result<bool, Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(Failure::new(Exit::Partial, format!("cannot write the result: {error}"))),
    }
}

/// Writes `value` as one indented JSON document.
///
/// # Errors
/// As [`emit`]; a value that JSON cannot hold is a failure as well.
pub fn emit_json(value: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value)
        .map_err(|error| Failure::new(Exit::Partial, format!("the result cannot be written as JSON: {error}")))?;
    emit(&(text + "\n"))
}

/// Tells something beside the result, unless `--quiet`.
pub fn note(shared: &Shared, text: &str) {
    if !shared.quiet {
        say(text);
    }
}

/// Tells what went wrong.
pub fn complain(text: &str) {
    let mark = if io::stderr().is_terminal() && !no_color() { "\x1b[1;31merror:\x1b[0m" } else { "error:" };
    say(&format!("{mark} {text}"));
}

fn say(text: &str) {
    // There is nobody left to tell that standard error is closed.
    let _told = writeln!(io::stderr().lock(), "{text}");
}

/// Whether tables may use bold and colour: only where a person looks at them and has not asked for plain text.
#[must_use]
pub fn styled() -> bool {
    io::stdout().is_terminal() && !no_color()
}
