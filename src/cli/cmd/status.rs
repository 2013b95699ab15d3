//! `foreroute status`: how the channels have been doing lately.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use crate::cli::args::{Format, Shared};
use crate::cli::cmd::incidents::shelf;
use crate::cli::cmd::risk::{Newest, by_channel};
use crate::cli::data::{self, Everything};
use crate::cli::exit::{Exit, Failure};
use crate::cli::output::{self, Align, Table};
use crate::clock::Clock;
use crate::config::elements::duration;
use crate::domain::column::Column;
use crate::domain::ids::ChannelId;
use crate::domain::time::Minute;
use crate::store::query::{self, Combine, QueryError, TopQuery};

/// What is shown of each channel.
const COLUMNS: [Column; 6] =
    [Column::Requests, Column::Errors, Column::LatencyP50, Column::LatencyP95, Column::TokensCompletion, Column::Cost];

/// Rows of risks that are read at most.
const MOST_RISKS: usize = 200_000;
/// The probability from which a risk is mentioned.
const WORTH_TELLING: f64 = 0.1;

/// Arguments of `status`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Reads the store only, also beside a running server. A channel without a row in the span is not shown.
Below the table: incidents that are open, and the highest risk of the next hour.

Examples:
  foreroute status
  foreroute status --last 24h --data /var/lib/foreroute
  foreroute status --format json")]
pub struct Args {
    /// The span up to now, such as 15m, 6h or 7d
    #[arg(long, value_name = "SPAN", default_value = "15m", value_parser = span)]
    last: Duration,
}

fn span(text: &str) -> Result<Duration, String> {
    duration::parse_within(text, "1m", "366d").map_err(|error| error.to_string())
}

/// Shows every channel's totals and percentiles over the last minutes.
///
/// # Errors
/// [`Failure`] if there is no store or it cannot be read.
pub fn run(args: &Args, shared: &Shared) -> Result<Exit, Failure> {
    let config = data::settings(shared)?;
    let store = data::open_for_reading(shared)?;
    let everything = data::everything(&store, &config)?;
    let now = Clock::system().now().minute();
    let minutes = u32::try_from(args.last.as_secs().div_ceil(60)).unwrap_or(u32::MAX);
    let (from, to) = (now.plus(1).minus(minutes), now.plus(1));
    let channels = read(&everything, from, to).map_err(|error| Failure::from_error(Exit::Partial, &error))?;
    let newest = newest(&everything);
    let troubles = Troubles::read(&everything, to).map_err(|error| Failure::from_error(Exit::Partial, &error))?;
    match shared.format {
        Format::Json => output::emit_json(&as_json(&channels, from, to, newest, &troubles))?,
        Format::Table => output::emit(&as_table(&channels))?,
    }
    let text = newest.map_or_else(|| "the store is empty".to_owned(), |minute| format!("newest minute: {minute}"));
    output::note(shared, &text);
    troubles.tell(shared);
    Ok(Exit::Done)
}

/// What is wrong now, and what may be soon.
struct Troubles {
    /// Open incidents by severity.
    open: BTreeMap<String, usize>,
    /// The newest risk of each channel and class, the highest first.
    risks: Vec<Newest>,
}

/// Minutes within which a risk is still news.
const NEWS_MINUTES: u32 = 15;

impl Troubles {
    fn read(everything: &Everything, to: Minute) -> Result<Self, QueryError> {
        let shelf = shelf(everything);
        let mut open = BTreeMap::new();
        for told in shelf.incidents(to.minus(1).start(), to.start())? {
            if told.is_open() && told.channel().is_some() {
                *open.entry(told.severity().to_owned()).or_default() += 1;
            }
        }
        let risks = by_channel(&shelf.risks(None, (to.minus(NEWS_MINUTES), to), MOST_RISKS)?);
        Ok(Self { open, risks })
    }

    fn tell(&self, shared: &Shared) {
        if !self.open.is_empty() {
            let parts: Vec<String> = self.open.iter().map(|(severity, n)| format!("{n} {severity}")).collect();
            output::note(shared, &format!("open incidents: {} (see `foreroute incidents`)", parts.join(", ")));
        }
        if let Some(risk) = self.risks.first().filter(|risk| risk.highest() >= WORTH_TELLING) {
            let percent = output::decimal(Some(risk.highest() * 100.0), 0);
            let text = format!("highest risk: {percent} % within the hour on {} (see `foreroute risk`)", risk.channel);
            output::note(shared, &text);
        }
    }
}

type Values = BTreeMap<ChannelId, [Option<f64>; COLUMNS.len()]>;

fn read(everything: &Everything, from: Minute, to: Minute) -> Result<Values, QueryError> {
    let mut channels = Values::new();
    for (at, column) in COLUMNS.into_iter().enumerate() {
        let question = TopQuery { column, from, to, n: usize::MAX, descending: true, combine: Combine::True };
        for (channel, value) in query::top(&everything.snapshot, &everything.fresh, &question)? {
            channels.entry(channel).or_default()[at] = Some(value);
        }
    }
    Ok(channels)
}

fn newest(everything: &Everything) -> Option<Minute> {
    let files = everything.snapshot.catalog().files_of("samples").iter().map(|file| file.last_minute);
    files.chain(everything.fresh.iter().map(|row| row.sample.minute)).max()
}

fn as_table(channels: &Values) -> String {
    let mut table = Table::new([
        ("channel", Align::Left),
        ("requests", Align::Right),
        ("errors", Align::Right),
        ("error %", Align::Right),
        ("p50 ms", Align::Right),
        ("p95 ms", Align::Right),
        ("tokens out", Align::Right),
        ("USD", Align::Right),
    ]);
    for (channel, [requests, errors, p50, p95, tokens, cost]) in channels {
        table.row([
            channel.to_string(),
            output::decimal(*requests, 0),
            output::decimal(*errors, 0),
            output::decimal(percent(*errors, *requests), 2),
            output::decimal(*p50, 1),
            output::decimal(*p95, 1),
            output::decimal(*tokens, 0),
            output::decimal(*cost, 4),
        ]);
    }
    table.render(output::styled())
}

/// `part` of `whole` in percent; a gap if either is one, or nothing was asked.
fn percent(part: Option<f64>, whole: Option<f64>) -> Option<f64> {
    whole.filter(|whole| *whole > 0.0).and_then(|whole| Some(part? / whole * 100.0))
}

fn as_json(channels: &Values, from: Minute, to: Minute, newest: Option<Minute>, troubles: &Troubles) -> Value {
    let rows = channels.iter().map(|(channel, values)| {
        let values = COLUMNS.iter().zip(values).map(|(column, value)| (column.name().to_owned(), json!(value)));
        let mut row = serde_json::Map::from_iter([("channel".to_owned(), json!(channel.as_str()))]);
        row.extend(values);
        Value::Object(row)
    });
    json!({
        "from": from.to_string(),
        "to": to.to_string(),
        "newest": newest.map(|minute| minute.to_string()),
        "channels": rows.collect::<Vec<_>>(),
        "incidents_open": troubles.open,
        "highest_risk": troubles.risks.first().map(Newest::highest),
    })
}
