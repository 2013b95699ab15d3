//! `foreroute actions`: what playbooks did about channels in trouble, and what came of it.

use std::time::Duration;

use serde_json::json;

use crate::api::routes::actions::{ActionBody, newest_first};
use crate::cli::args::{Format, Shared};
use crate::cli::cmd::incidents::{failed, shelf};
use crate::cli::data;
use crate::cli::exit::{Exit, Failure};
use crate::cli::output::{self, Align, Table};
use crate::clock::Clock;
use crate::config::elements::duration;
use crate::domain::ids::ChannelId;

/// Most rows that are read.
const MOST_ROWS: usize = 50_000;
/// Most letters of a message in a table.
const LETTERS: usize = 60;

/// Arguments of `actions`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
A playbook is what is done about a channel in trouble: it drains it, calls webhooks, runs commands that the configuration
allows, waits until the channel is well, and gives it back. Every try of every step is one line here, and every run one more
that tells how it ended: done, rolled_back, handed_over to a person, or declined.

Reads the store only, also beside a running server, which publishes the list every few minutes (`store.flush_every`); the
server itself tells it at once, at /v1/actions and /v1/playbooks. Runs that wait for people: `foreroute approve`.

Examples:
  foreroute actions                                # of the last day
  foreroute actions --channel azure/gpt-4o --last 30d
  foreroute actions --run 4f6ce4a3e0f3b1d2 --format json")]
pub struct Args {
    /// Actions of this span up to now, such as 6h or 30d
    #[arg(long, value_name = "SPAN", default_value = "1d", value_parser = span)]
    last: Duration,
    /// Only on this channel
    #[arg(long, value_name = "NAME", value_parser = channel)]
    channel: Option<ChannelId>,
    /// Only of this run
    #[arg(long, value_name = "ID")]
    run: Option<String>,
}

fn span(text: &str) -> Result<Duration, String> {
    duration::parse_within(text, "1m", "3660d").map_err(|error| error.to_string())
}

fn channel(text: &str) -> Result<ChannelId, String> {
    ChannelId::new(text).map_err(|error| format!("the name {error}"))
}

/// Shows what was done.
///
/// # Errors
/// [`Failure`] if there is no store, or it cannot be read.
pub fn run(args: &Args, shared: &Shared) -> Result<Exit, Failure> {
    let config = data::settings(shared)?;
    let store = data::open_for_reading(shared)?;
    let everything = data::everything(&store, &config)?;
    let now = Clock::system().now();
    let seconds = i64::try_from(args.last.as_secs()).unwrap_or(i64::MAX);
    let span = (now.plus_seconds(-seconds).minute(), now.minute().plus(1));
    let rows = shelf(&everything).actions(args.channel.as_ref(), span, MOST_ROWS).map_err(|error| failed(&error))?;
    let is_cut = rows.len() == MOST_ROWS;
    let mut actions = newest_first(&rows);
    actions.retain(|action| args.run.as_ref().is_none_or(|run| *run == action.run));
    match shared.format {
        Format::Json => output::emit_json(&json!({"actions": actions}))?,
        Format::Table if actions.is_empty() => {
            output::note(shared, "no playbook did anything; it takes a `[[playbook]]`, and a mode that allows it");
        }
        Format::Table => output::emit(&table(&actions).render(output::styled()))?,
    }
    if is_cut {
        output::note(shared, "there is more than can be shown; take a shorter --last or one --channel");
    }
    Ok(Exit::Done)
}

fn table(actions: &[ActionBody]) -> Table {
    let mut table = Table::new([
        ("began", Align::Left),
        ("run", Align::Left),
        ("playbook", Align::Left),
        ("channel", Align::Left),
        ("step", Align::Right),
        ("try", Align::Right),
        ("what", Align::Left),
        ("outcome", Align::Left),
        ("took s", Align::Right),
        ("message", Align::Left),
    ]);
    for action in actions {
        let of_step = |number: i64| if action.step == 0 { "-".to_owned() } else { number.to_string() };
        let what = match &action.target {
            Some(target) => format!("{} {target}", action.kind),
            None => action.kind.clone(),
        };
        table.row([
            action.began_at.clone(),
            action.run.clone(),
            action.playbook.clone(),
            action.channel.clone(),
            of_step(action.step),
            of_step(action.r#try),
            what,
            action.outcome.clone().unwrap_or_else(|| "goes on".to_owned()),
            output::decimal(action.took_s, 1),
            first_line(action.message.as_deref().unwrap_or("-")),
        ]);
    }
    table
}

/// The first line, cut.
fn first_line(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    if line.chars().count() <= LETTERS {
        return line.to_owned();
    }
    let cut: String = line.chars().take(LETTERS - 2).collect();
    format!("{} ..", cut.trim_end())
}
