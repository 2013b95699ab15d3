//! `foreroute mode`: what may be done about each route class, and who said so.

use reqwest::Method;
use serde_json::{Value, json};

use crate::cli::args::{Format, Shared};
use crate::cli::exit::{Exit, Failure};
use crate::cli::output::{self, Align, Table};
use crate::cli::remote::Server;
use crate::config::environment;
use crate::policy::authority::Mode;

/// Arguments of `mode`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
  observe   nothing is decided
  advise    decisions are made and told to whoever asks; nothing is delivered, no playbook runs
  approve   each change waits for a person (`foreroute approve`), or for two where the class says so
  auto      decisions are made and delivered, and playbooks run, without asking

Asks the running server. A mode that is set here holds over restarts and above the configuration. A class whose decisions
did harm too often within a day (`decide.harmful_per_day`) goes back to advise by itself.

Examples:
  foreroute mode                                   # of every class
  foreroute mode auto --class chat --reason 'advised well for a week'
  FOREROUTE_TOKEN=... foreroute mode observe --reason 'migration tonight' --server https://ops:8321")]
pub struct Args {
    /// The mode to set; without it, the modes are shown
    #[arg(value_parser = mode)]
    mode: Option<Mode>,
    /// Only this route class
    #[arg(long, value_name = "NAME")]
    class: Option<String>,
    /// Why; needed to set a mode
    #[arg(long, value_name = "TEXT", requires = "mode")]
    reason: Option<String>,
    /// Who says so, where the server has no tokens [default: the name of the user]
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    #[command(flatten)]
    server: Server,
}

fn mode(text: &str) -> Result<Mode, String> {
    Mode::parse(text).ok_or_else(|| format!("expected one of {}", Mode::ALL.map(Mode::name).join(", ")))
}

/// The name of the user, for servers without tokens.
pub(super) fn user(by: Option<&str>) -> String {
    by.map(str::to_owned).or_else(environment::user).unwrap_or_else(|| "operator".to_owned())
}

/// Shows the modes, or sets one.
///
/// # Errors
/// [`Failure`] if the server cannot be reached or refuses.
pub fn run(args: &Args, shared: &Shared) -> Result<Exit, Failure> {
    let told = match args.mode {
        None => args.server.ask(shared, Method::GET, "/v1/mode", None)?,
        Some(mode) => {
            let none = || Failure::new(Exit::Usage, "say why, with --reason: it goes into the journal");
            let reason = args.reason.as_ref().ok_or_else(none)?;
            let order = json!({"class": args.class, "mode": mode, "reason": reason, "by": user(args.by.as_deref())});
            args.server.ask(shared, Method::POST, "/v1/mode", Some(&order))?
        }
    };
    let is_wanted = |class: &&Value| args.class.as_ref().is_none_or(|name| class["class"] == name.as_str());
    let classes: Vec<&Value> = told["classes"].as_array().into_iter().flatten().filter(is_wanted).collect();
    match shared.format {
        Format::Json => output::emit_json(&json!({"classes": classes}))?,
        Format::Table => output::emit(&table(&classes).render(output::styled()))?,
    }
    Ok(Exit::Done)
}

fn table(classes: &[&Value]) -> Table {
    let mut table = Table::new([
        ("route class", Align::Left),
        ("mode", Align::Left),
        ("configured", Align::Left),
        ("set by", Align::Left),
        ("because", Align::Left),
        ("harmful today", Align::Right),
        ("waits", Align::Left),
    ]);
    for class in classes {
        let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        table.row([
            text(&class["class"]),
            text(&class["mode"]),
            text(&class["configured"]),
            text(&class["set"]["by"]),
            text(&class["set"]["reason"]),
            class["harmful_decisions"].to_string(),
            text(&class["waiting"]["id"]),
        ]);
    }
    table
}
