//! `foreroute status`: how everything is, and how the channels have been doing lately.

mod look;
mod watch;

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::chat::answer::status as answer;
use crate::chat::facts::{Channel, Status};
use crate::cli::args::{Format, Shared};
use crate::cli::exit::{Exit, Failure};
use crate::cli::output;
use crate::clock::Clock;
use crate::config::elements::duration;
use crate::domain::column::Column;
use crate::domain::language::Language;
use crate::domain::time::Minute;

/// What is shown of each channel.
const COLUMNS: [Column; 6] =
    [Column::Requests, Column::Errors, Column::LatencyP50, Column::LatencyP95, Column::TokensCompletion, Column::Cost];

/// Arguments of `status`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
First how everything is: modes, promises and how they were kept in the last day, the shares of channels, open incidents and
the highest risks of the next hour. Then each channel over the span, with a small chart of its latency over the last hour;
where failures were, the chart is yellow (from 2 %) or red (from 10 %). A channel without a row in the span is not shown;
one with an open incident is marked with !.

Reads the store only, also beside a running server, which publishes conclusions every few minutes (`store.flush_every`) and
saves how promises are kept once an hour; the server itself tells all of it at once, to the same question in plain words:
POST /v1/chatops.

Examples:
  foreroute status
  foreroute status --last 24h --data /var/lib/foreroute
  foreroute status --watch                         # again every 5 s, until ctrl-c
  foreroute status --watch=60 --lang ko
  foreroute status --format json")]
pub struct Args {
    /// The span up to now, such as 15m, 6h or 7d
    #[arg(long, value_name = "SPAN", default_value = "15m", value_parser = span)]
    last: Duration,
    /// Look again every so many seconds, until ctrl-c
    #[arg(
        long, value_name = "SECONDS", num_args = 0..=1, require_equals = true, default_missing_value = "5",
        value_parser = clap::value_parser!(u32).range(1..=86_400)
    )]
    watch: Option<u32>,
    /// The language, en or ko
    #[arg(long, value_name = "LANGUAGE", default_value_t = Language::English)]
    lang: Language,
}

fn span(text: &str) -> Result<Duration, String> {
    duration::parse_within(text, "1m", "366d").map_err(|error| error.to_string())
}

/// Shows how everything is, once or again and again.
///
/// # Errors
/// [`Failure`] if there is no store or it cannot be read.
pub fn run(args: &Args, shared: &Shared) -> Result<Exit, Failure> {
    if let Some(seconds) = args.watch {
        return watch::run(args, shared, seconds);
    }
    let seen = args.see(shared)?;
    match shared.format {
        Format::Json => output::emit_json(&seen.as_json())?,
        Format::Table => output::emit(&(seen.text(args.lang, output::styled()) + "\n"))?,
    }
    let newest = seen.status.newest;
    let text = newest.map_or_else(|| "the store is empty".to_owned(), |minute| format!("newest minute: {minute}"));
    output::note(shared, &text);
    Ok(Exit::Done)
}

impl Args {
    /// Looks at the store.
    fn see(&self, shared: &Shared) -> Result<Seen, Failure> {
        let now = Clock::system().now();
        let minutes = u32::try_from(self.last.as_secs().div_ceil(60)).unwrap_or(u32::MAX);
        let to = now.minute().plus(1);
        let span = (to.minus(minutes), to);
        let status = look::status(shared, &COLUMNS, span, now)?;
        Ok(Seen { span, status })
    }
}

/// What was seen of the store.
struct Seen {
    span: (Minute, Minute),
    status: Status,
}

impl Seen {
    fn text(&self, language: Language, styled: bool) -> String {
        answer::page(&self.status, answer::wide(&self.status.channels), language).print(styled)
    }

    fn as_json(&self) -> Value {
        let mut open: BTreeMap<&str, usize> = BTreeMap::new();
        for incident in &self.status.incidents {
            *open.entry(&incident.severity).or_default() += 1;
        }
        let (from, to) = self.span;
        json!({
            "from": from.to_string(),
            "to": to.to_string(),
            "newest": self.status.newest.map(|minute| minute.to_string()),
            "channels": self.status.channels.iter().map(channel).collect::<Vec<_>>(),
            "incidents_open": open,
            "highest_risk": self.status.risks.first().map(|risk| risk.probability),
            "classes": self.status.classes,
            "incidents": self.status.incidents,
            "risks": self.status.risks,
            "worth": self.status.worth,
            "spend": self.status.spend,
        })
    }
}

/// A channel with its columns by their names in the tables.
fn channel(of: &Channel) -> Value {
    let values = [of.requests, of.errors, of.latency_p50_ms, of.latency_p95_ms, of.tokens_completion, of.cost_usd];
    let mut row = Map::from_iter([("channel".to_owned(), json!(of.channel))]);
    row.extend(COLUMNS.iter().zip(values).map(|(column, value)| (column.name().to_owned(), json!(value))));
    row.insert("last_hour_p95_ms".to_owned(), json!(of.last_hour_p95_ms));
    row.insert("last_hour_failing".to_owned(), json!(of.last_hour_failing));
    Value::Object(row)
}
