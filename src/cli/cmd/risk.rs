//! `foreroute risk`: how likely each channel is to break its promise soon, and how right such risks have been.

mod worth;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::{Value, json};

use crate::api::routes::risk::body::ClassBody;
use crate::cli::args::{Format, Shared};
use crate::cli::cmd::incidents::{failed, shelf};
use crate::cli::data;
use crate::cli::exit::{Exit, Failure};
use crate::cli::output::{self, Align, Table};
use crate::clock::Clock;
use crate::config::elements::duration;
use crate::domain::ids::ChannelId;
use crate::domain::record::{Cell, Record};
use crate::domain::time::Timestamp;
use crate::engine::{Situation, read_situation};

/// Most rows that are read: an hour of a thousand channels.
const MOST_ROWS: usize = 200_000;

/// Arguments of `risk`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The risk is the probability that a channel breaks what a route class promises within the next 5, 15 and 60 minutes,
from forecasts, calibrated on what came true. There is none for channels without a `[[route]]` and before the first
forecasts.

Below it stands how right such risks have been, for each class and horizon: how many risks have an outcome, their Brier
score (the mean squared distance between what was said and what came: 0 is perfect), the skill (the part that it is better
than always saying the mean rate; below 0 it is worse) and the reliability (how far what was said is from what came: 0 is
honest). With --format json there is the reliability diagram as well.

Reads the store only, also beside a running server, which publishes risks every few minutes (`store.flush_every`) and
saves what they were worth once an hour and when it ends; the server itself tells both at once, at /v1/risk.

Examples:
  foreroute risk                                  # the newest of every channel and class, the highest first
  foreroute risk --class chat --least 0.1
  foreroute risk --channel gpt-eu --last 6h --format json")]
pub struct Args {
    /// How old the newest may be, such as 15m or 6h
    #[arg(long, value_name = "SPAN", default_value = "1h", value_parser = span)]
    last: Duration,
    /// Only this channel
    #[arg(long, value_name = "NAME")]
    channel: Option<String>,
    /// Only this route class
    #[arg(long, value_name = "NAME")]
    class: Option<String>,
    /// Only where the probability within the hour is at least this, 0 to 1
    #[arg(long, value_name = "P", default_value_t = 0.0, value_parser = probability)]
    least: f64,
}

fn span(text: &str) -> Result<Duration, String> {
    duration::parse_within(text, "1m", "366d").map_err(|error| error.to_string())
}

fn probability(text: &str) -> Result<f64, String> {
    let number = text.parse::<f64>().ok().filter(|p| (0.0..=1.0).contains(p));
    number.ok_or_else(|| "expected a probability from 0 to 1".to_owned())
}

/// Shows the newest risks.
///
/// # Errors
/// [`Failure`] if there is no store or it cannot be read.
pub fn run(args: &Args, shared: &Shared) -> Result<Exit, Failure> {
    let config = data::settings(shared)?;
    let store = data::open_for_reading(shared)?;
    let everything = data::everything(&store, &config)?;
    let channel = args.channel.as_deref().map(ChannelId::new).transpose();
    let channel = channel.map_err(|error| Failure::new(Exit::Usage, format!("the channel's name {error}")))?;
    let now = Clock::system().now().minute();
    let minutes = u32::try_from(args.last.as_secs().div_ceil(60)).unwrap_or(u32::MAX);
    let span = (now.plus(1).minus(minutes), now.plus(1));
    let rows = shelf(&everything).risks(channel.as_ref(), span, MOST_ROWS).map_err(|error| failed(&error))?;
    let found = newest(&rows, args);
    let saved = read_situation(&store);
    let classes = worth(saved.as_ref(), &rows, args);
    match shared.format {
        Format::Json => output::emit_json(&as_json(&found, saved.as_ref(), &classes))?,
        Format::Table => {
            let risks = (!found.is_empty()).then(|| as_table(&found));
            let parts = risks.into_iter().chain(worth::text(&classes, output::styled()));
            output::emit(&parts.collect::<Vec<_>>().join("\n"))?;
        }
    }
    if found.is_empty() {
        output::note(shared, &format!("no risk is known of the last {}", output::seconds(args.last.as_secs())));
    }
    if rows.len() == MOST_ROWS {
        output::note(shared, "there is more than can be shown; take a shorter --last or one --channel");
    }
    Ok(Exit::Done)
}

/// The newest risk of one channel for one class.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Newest {
    pub(super) channel: String,
    pub(super) class: String,
    at: Timestamp,
    /// Chance and calibrated probability by horizon, in seconds.
    by_horizon: BTreeMap<i64, (f64, f64)>,
}

impl Newest {
    /// The probability of the longest horizon.
    pub(super) fn highest(&self) -> f64 {
        self.by_horizon.last_key_value().map_or(0.0, |(_, (_, probability))| *probability)
    }
}

/// The newest of each channel and class that are wanted, the highest first.
fn newest(rows: &[Record], args: &Args) -> Vec<Newest> {
    let mut found = by_channel(rows);
    found.retain(|risk| args.class.as_ref().is_none_or(|class| *class == risk.class) && risk.highest() >= args.least);
    found
}

/// What was saved of the classes that risks were found of, if they are wanted.
fn worth(saved: Option<&Situation>, rows: &[Record], args: &Args) -> Vec<ClassBody> {
    let found: BTreeSet<&str> = rows.iter().filter_map(|row| row.get("class").and_then(Cell::text)).collect();
    let mut classes = saved.map(ClassBody::all).unwrap_or_default();
    classes.retain(|body| {
        found.contains(body.class.as_str()) && args.class.as_ref().is_none_or(|class| *class == body.class)
    });
    classes
}

/// The newest of each channel and class, the highest first.
pub(super) fn by_channel(rows: &[Record]) -> Vec<Newest> {
    let mut found: BTreeMap<(&str, &str), Newest> = BTreeMap::new();
    for row in rows {
        let text = |name: &str| row.get(name).and_then(Cell::text).unwrap_or_default();
        let number = |name: &str| row.get(name).and_then(Cell::float).unwrap_or_default();
        let (channel, class) = (text("channel"), text("class"));
        let none =
            || Newest { channel: channel.into(), class: class.into(), at: row.ts(), by_horizon: BTreeMap::new() };
        let risk = found.entry((channel, class)).or_insert_with(none);
        // Rows come by horizon and then by time, so the newest of a horizon is what remains. Small risks are kept less
        // often than large ones: horizons may be of different minutes.
        risk.at = risk.at.max(row.ts());
        let horizon = row.get("horizon_s").and_then(Cell::integer).unwrap_or_default();
        risk.by_horizon.insert(horizon, (number("chance"), number("probability")));
    }
    let mut found: Vec<Newest> = found.into_values().collect();
    found.sort_by(|one, other| other.highest().total_cmp(&one.highest()));
    found
}

fn as_table(found: &[Newest]) -> String {
    let mut table = Table::new([
        ("channel", Align::Left),
        ("class", Align::Left),
        ("within 5 m", Align::Right),
        ("15 m", Align::Right),
        ("60 m", Align::Right),
        ("newest", Align::Left),
    ]);
    for risk in found {
        let percent = |horizon_s: i64| {
            let probability = risk.by_horizon.get(&horizon_s).map(|(_, probability)| probability * 100.0);
            probability.map_or_else(|| "-".to_owned(), |percent| format!("{} %", output::decimal(Some(percent), 1)))
        };
        table.row([
            risk.channel.clone(),
            risk.class.clone(),
            percent(300),
            percent(900),
            percent(3_600),
            risk.at.to_string(),
        ]);
    }
    table.render(output::styled())
}

fn as_json(found: &[Newest], saved: Option<&Situation>, classes: &[ClassBody]) -> Value {
    let rows = found.iter().map(|risk| {
        let horizons = risk.by_horizon.iter().map(|(horizon_s, (chance, probability))| {
            json!({"horizon_s": horizon_s, "chance": chance, "probability": probability})
        });
        json!({
            "channel": risk.channel,
            "class": risk.class,
            "ts": risk.at.to_string(),
            "horizons": horizons.collect::<Vec<_>>(),
        })
    });
    let as_of = saved.and_then(|saved| saved.minute).map(|minute| minute.to_string());
    json!({"risks": rows.collect::<Vec<_>>(), "classes": classes, "classes_as_of": as_of})
}
