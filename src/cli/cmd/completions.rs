//! `foreroute completions SHELL`.

use clap_complete::Shell;

use crate::cli::args::{self, Shared};
use crate::cli::exit::{Exit, Failure};
use crate::cli::output;

/// Arguments of `completions`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  foreroute completions bash > ~/.local/share/bash-completion/completions/foreroute
  foreroute completions zsh > \"${fpath[1]}/_foreroute\"
  foreroute completions fish > ~/.config/fish/completions/foreroute.fish")]
pub struct Args {
    /// The shell
    shell: Shell,
}

/// Prints the completion script.
///
/// # Errors
/// [`Failure`] if standard output cannot be written.
pub fn run(args: &Args, _shared: &Shared) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut args::command(), "foreroute", &mut script);
    output::emit(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Done)
}
