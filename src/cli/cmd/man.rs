//! `foreroute man`.

use std::path::{Path, PathBuf};

use clap_mangen::Man;

use crate::cli::args::{self, Shared};
use crate::cli::exit::{Exit, Failure};
use crate::cli::output;

/// Arguments of `man`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  foreroute man | man -l -                               # read the page of the program
  foreroute man --out ~/.local/share/man/man1            # one page for each command: man foreroute-serve")]
pub struct Args {
    /// Write the page of every command into this directory, which is made if it is missing
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Prints the page of the program, or writes all pages.
///
/// # Errors
/// [`Failure`] if a page cannot be written.
pub fn run(args: &Args, shared: &Shared) -> Result<Exit, Failure> {
    let mut program = args::command();
    program.build();
    let Some(dir) = &args.out else {
        output::emit(&page(&program, "foreroute")?)?;
        return Ok(Exit::Done);
    };
    std::fs::create_dir_all(dir).map_err(|error| refused(dir, &error))?;
    let mut pages = vec![("foreroute".to_owned(), page(&program, "foreroute")?)];
    for command in program.get_subcommands().filter(|command| command.get_name() != "help") {
        let name = format!("foreroute-{}", command.get_name());
        pages.push((name.clone(), page(command, &name)?));
    }
    for (name, text) in &pages {
        let file = dir.join(format!("{name}.1"));
        std::fs::write(&file, text).map_err(|error| refused(&file, &error))?;
    }
    output::note(shared, &format!("wrote {} pages to {}", pages.len(), dir.display()));
    Ok(Exit::Done)
}

/// The page of `command` as troff, under the name that `man` finds it by.
fn page(command: &clap::Command, name: &str) -> Result<String, Failure> {
    let mut text = Vec::new();
    let man = Man::new(command.clone()).title(name).source(concat!("foreroute ", env!("CARGO_PKG_VERSION")));
    man.render(&mut text).map_err(|error| Failure::from_error(Exit::Partial, &error))?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

fn refused(path: &Path, error: &dyn std::fmt::Display) -> Failure {
    Failure::new(Exit::Usage, format!("cannot write {}: {error}", path.display()))
}
