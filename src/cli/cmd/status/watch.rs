//! `status --watch`: the same again and again, in its place on a terminal and below each other elsewhere.

use std::io::IsTerminal;

use super::Args;
use crate::cli::args::{Format, Shared};
use crate::cli::exit::{Exit, Failure};
use crate::cli::output;
use crate::cli::signals::Signals;
use crate::clock::Clock;

/// Cursor to the upper left corner.
const HOME: &str = "\x1b[H";
/// Clears the rest of the line.
const CLEAR_LINE: &str = "\x1b[K";
/// Clears everything below.
const CLEAR_BELOW: &str = "\x1b[J";

/// Looks every `seconds` until a signal comes or nobody reads any more.
pub(super) fn run(args: &Args, shared: &Shared, seconds: u32) -> Result<Exit, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::from_error(Exit::Partial, &error))?;
    runtime.block_on(looking(args, shared, seconds))
}

async fn looking(args: &Args, shared: &Shared, seconds: u32) -> Result<Exit, Failure> {
    // A command that was told to go on until ctrl-c is done then.
    let mut signals = Signals::listen()?;
    let clock = Clock::system();
    let in_place = std::io::stdout().is_terminal() && shared.format == Format::Table;
    let mut is_first = true;
    loop {
        match args.see(shared) {
            Ok(seen) => {
                let text = match shared.format {
                    // One line each, so that a reader knows where each ends.
                    Format::Json => seen.as_json().to_string() + "\n",
                    Format::Table => {
                        let text = seen.text(args.lang, output::styled());
                        let text = format!("{}\n{text}\n", seen.status.at);
                        if in_place { placed(&text, is_first) } else { text + "\n" }
                    }
                };
                if !output::offer(&text)? {
                    return Ok(Exit::Done);
                }
            }
            // What fails at once is told; later the store may be there again at the next look.
            Err(failure) if is_first => return Err(failure),
            Err(failure) => output::complain(&failure.message),
        }
        is_first = false;
        tokio::select! {
            () = clock.sleep_until(clock.now().plus_seconds(seconds.into())) => {}
            _name = signals.next() => return Ok(Exit::Done),
        }
    }
}

/// `text` over what was there before.
fn placed(text: &str, is_first: bool) -> String {
    let begin = if is_first { format!("{HOME}\x1b[2J") } else { HOME.to_owned() };
    begin + &text.replace('\n', &format!("{CLEAR_LINE}\n")) + CLEAR_BELOW
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shorter_lines_leave_nothing_of_longer_ones_behind() {
        assert_eq!(placed("a\nb\n", false), "\x1b[Ha\x1b[K\nb\x1b[K\n\x1b[J");
        assert!(placed("a\n", true).starts_with("\x1b[H\x1b[2J"));
    }
}
