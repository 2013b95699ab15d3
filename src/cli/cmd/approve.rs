//! `foreroute approve`: changes that wait for a person.

use reqwest::Method;
use serde_json::{Value, json};

use crate::cli::args::{Format, Shared};
use crate::cli::cmd::mode::user;
use crate::cli::exit::{Exit, Failure};
use crate::cli::output;
use crate::cli::remote::Server;

/// Arguments of `approve`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Asks the running server. Where a class needs two different operators, the change is decided when both have approved it; who
is who is told by their tokens. A change that is rejected is not proposed again within the hour; a run of a playbook that is, for
the playbook's cool-down.

Examples:
  foreroute approve                                            # what waits, and why
  foreroute approve chat@1795168800000000 --reason 'seen it too'
  foreroute approve chat@1795168800000000 --reject --reason 'the load test ends at noon'
  foreroute approve 4f6ce4a3e0f3b1d2 --reason 'restart it'     # a run of a playbook")]
pub struct Args {
    /// Name of the change, or of the run of a playbook; without it, what waits is shown
    id: Option<String>,
    /// Say no instead
    #[arg(long, requires = "id")]
    reject: bool,
    /// Why; it goes into the journal
    #[arg(long, value_name = "TEXT", requires = "id")]
    reason: Option<String>,
    /// Who says so, where the server has no tokens [default: the name of the user]
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    #[command(flatten)]
    server: Server,
}

/// Shows what waits, or says yes or no to it.
///
/// # Errors
/// [`Failure`] if the server cannot be reached or refuses.
pub fn run(args: &Args, shared: &Shared) -> Result<Exit, Failure> {
    let Some(id) = &args.id else { return list(args, shared) };
    let none = || Failure::new(Exit::Usage, "say why, with --reason: it goes into the journal");
    let reason = args.reason.as_ref().ok_or_else(none)?;
    let verdict = json!({"reason": reason, "by": user(args.by.as_deref())});
    let verb = if args.reject { "reject" } else { "approve" };
    let told = args.server.ask(shared, Method::POST, &path(id, verb), Some(&verdict))?;
    match shared.format {
        Format::Json => output::emit_json(&told)?,
        Format::Table => output::emit(&match told["state"].as_str() {
            Some("decided") if told["generation"].is_null() => "it runs".to_owned(),
            Some("decided") => format!("decided: generation {}", told["generation"]),
            Some("waits") => "it counts; another operator must approve it as well".to_owned(),
            _ => "rejected".to_owned(),
        })?,
    }
    Ok(Exit::Done)
}

/// Where `verb` is said to `id`: changes have the class and an instant in their names.
fn path(id: &str, verb: &str) -> String {
    let resource = if id.contains('@') { "decisions" } else { "actions" };
    format!("/v1/{resource}/{id}/{verb}")
}

fn list(args: &Args, shared: &Shared) -> Result<Exit, Failure> {
    let told = args.server.ask(shared, Method::GET, "/v1/mode", None)?;
    let classes = told["classes"].as_array().into_iter().flatten();
    let waiting: Vec<&Value> = classes.map(|class| &class["waiting"]).filter(|waiting| waiting.is_object()).collect();
    let books = args.server.ask(shared, Method::GET, "/v1/playbooks", None)?;
    let books = books["playbooks"].as_array().cloned().unwrap_or_default();
    let runs: Vec<Value> = books.iter().flat_map(asking).collect();
    match shared.format {
        Format::Json => output::emit_json(&json!({"waiting": waiting, "runs": runs}))?,
        Format::Table if waiting.is_empty() && runs.is_empty() => output::note(shared, "nothing waits for approval"),
        Format::Table => {
            let changes = waiting.iter().map(|waiting| text(waiting));
            output::emit(&changes.chain(runs.iter().map(run_text)).collect::<Vec<_>>().join("\n"))?;
        }
    }
    Ok(Exit::Done)
}

/// The runs of `playbook` that wait for people.
fn asking(playbook: &Value) -> Vec<Value> {
    let runs = playbook["running"].as_array().into_iter().flatten().filter(|run| run["state"] == "asking");
    let named = |run: &Value| {
        let mut run = run.clone();
        run["playbook"] = playbook["name"].clone();
        run["steps"] = playbook["steps"].clone();
        run
    };
    runs.map(named).collect()
}

/// One run in a few lines.
fn run_text(run: &Value) -> String {
    let text = |name: &str| run[name].as_str().unwrap_or("-").to_owned();
    let names = |name: &str| {
        let names: Vec<&str> = run[name].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        names.join(", ")
    };
    let by = names("approved_by");
    let so_far = if by.is_empty() { String::new() } else { format!(", approved by {by}") };
    format!(
        "{} (until {}{so_far})\n  the playbook {} on {}: {}\n  {}",
        text("run"),
        text("expires"),
        text("playbook"),
        text("channel"),
        names("steps"),
        text("cause")
    )
}

/// One change in a few lines.
fn text(waiting: &Value) -> String {
    let text = |name: &str| waiting[name].as_str().unwrap_or("-").to_owned();
    let share = |(channel, share): (&String, &Value)| {
        format!("{channel} {} %", output::decimal(share.as_f64().map(|share| share * 100.0), 1))
    };
    let shares: Vec<String> = waiting["weights"].as_object().into_iter().flatten().map(share).collect();
    let by: Vec<&str> = waiting["approved_by"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let so_far = if by.is_empty() { String::new() } else { format!(", approved by {}", by.join(", ")) };
    format!("{} (until {}{so_far})\n  {}\n  {}", text("id"), text("expires"), shares.join(", "), text("why"))
}
