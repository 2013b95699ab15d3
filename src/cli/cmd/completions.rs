//! `foreroute completions SHELL`.

use std::path::PathBuf;

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
  foreroute completions fish --out ~/.config/fish/completions")]
pub struct Args {
    /// The shell
    shell: Shell,
    /// Write the script into this directory, under the name that the shell looks for; the directory is made if it is missing
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Prints or writes the completion script.
///
/// # Errors
/// [`Failure`] if it cannot be written.
pub fn run(args: &Args, shared: &Shared) -> Result<Exit, Failure> {
    let mut command = args::command();
    if let Some(dir) = &args.out {
        let written = std::fs::create_dir_all(dir)
            .and_then(|()| clap_complete::generate_to(args.shell, &mut command, "foreroute", dir));
        let file = written
            .map_err(|error| Failure::new(Exit::Usage, format!("cannot write into {}: {error}", dir.display())))?;
        output::note(shared, &format!("wrote {}", file.display()));
        return Ok(Exit::Done);
    }
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, "foreroute", &mut script);
    output::emit(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Done)
}
