//! `foreroute work`: which model does which work, what is known of it, and how that came along.

use std::fmt::Write as _;

use reqwest::Method;
use serde_json::Value;

use crate::cli::args::{Format, Shared};
use crate::cli::exit::{Exit, Failure};
use crate::cli::output::{self, Align, Table};
use crate::cli::remote::Server;

/// Letters of the widest bar of a chart.
const WIDTH: usize = 40;

/// What is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Show {
    /// The shares of today, and why
    Allocation,
    /// What is known of each model, and tokens of today
    Scores,
    /// What was reached for a USD day by day, beside the static choice
    Curve,
    /// Share the work out now, instead of waiting for the schedule
    Allocate,
}

/// Arguments of `work`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Clients tell of jobs at POST /v1/work: class, tier L1 to L4, and how they ended. From that the engine learns which model gives
enough worth for the fewest USD, and shares the work out anew each day (`learn.cron`, 08:00 UTC unless said otherwise).

Asks the running server. The parts that models had in jobs are the table `work`:
  foreroute query 'SELECT model, COUNT(*), SUM(cost_usd) FROM work GROUP BY model'

Examples:
  foreroute work                                   # the shares of today, and why
  foreroute work scores --class code
  foreroute work curve --class code --tier L2
  foreroute work allocate                          # now; takes the role operator
  foreroute work curve --format json")]
pub struct Args {
    /// What to show
    #[arg(value_enum, default_value_t = Show::Allocation)]
    show: Show,
    /// Only this class of work
    #[arg(long, value_name = "NAME")]
    class: Option<String>,
    /// Only this tier, L1 to L4
    #[arg(long, value_name = "TIER")]
    tier: Option<String>,
    #[command(flatten)]
    server: Server,
}

/// Shows what is asked for.
///
/// # Errors
/// [`Failure`] if the server cannot be reached or refuses.
pub fn run(args: &Args, shared: &Shared) -> Result<Exit, Failure> {
    let (method, path, list) = match args.show {
        Show::Allocation => (Method::GET, "/v1/work/allocation", "kinds"),
        Show::Allocate => (Method::POST, "/v1/work/allocate", "kinds"),
        Show::Scores => (Method::GET, "/v1/work/scores", "scores"),
        Show::Curve => (Method::GET, "/v1/work/curves", "curves"),
    };
    let mut told = args.server.ask(shared, method, path, None)?;
    for name in [list, "tokens"] {
        if let Some(rows) = told[name].as_array_mut() {
            rows.retain(|row| args.wants(row));
        }
    }
    if shared.format == Format::Json {
        output::emit_json(&told)?;
        return Ok(Exit::Done);
    }
    match args.show {
        Show::Allocation | Show::Allocate => allocation(&told, shared),
        Show::Scores => scores(&told, shared),
        Show::Curve => curves(&told, shared),
    }?;
    Ok(Exit::Done)
}

impl Args {
    fn wants(&self, row: &Value) -> bool {
        let is = |wanted: &Option<String>, key: &str| {
            wanted.as_ref().is_none_or(|wanted| row[key].as_str().is_none_or(|found| found == wanted))
        };
        is(&self.class, "class") && is(&self.tier, "tier")
    }
}

fn rows<'a>(told: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    told[name].as_array().into_iter().flatten()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or("-").to_owned()
}

fn percent(value: &Value) -> String {
    value.as_f64().map_or_else(|| "-".to_owned(), |share| format!("{:.1} %", share * 100.0))
}

fn number(value: &Value, decimals: usize) -> String {
    output::decimal(value.as_f64(), decimals)
}

fn allocation(told: &Value, shared: &Shared) -> Result<(), Failure> {
    let known: Vec<&Value> = rows(told, "kinds").filter(|kind| kind["jobs"].as_u64().unwrap_or(0) > 0).collect();
    output::note(shared, &format!("shared out at {}", text(&told["at"])));
    if known.is_empty() {
        output::note(
            shared,
            "no job has ended yet; until one has, every model is as likely as it is assumed to be good",
        );
    }
    let mut table = Table::new([
        ("class", Align::Left),
        ("tier", Align::Left),
        ("model", Align::Left),
        ("share", Align::Right),
        ("before", Align::Right),
        ("jobs", Align::Right),
        ("worth", Align::Right),
        ("USD a job", Align::Right),
        ("worth a USD", Align::Right),
    ]);
    for kind in if known.is_empty() { rows(told, "kinds").collect() } else { known.clone() } {
        for model in rows(kind, "models") {
            let is_static = if model["static"] == true { " (static)" } else { "" };
            table.row([
                text(&kind["class"]),
                text(&kind["tier"]),
                format!("{}{is_static}", text(&model["model"])),
                percent(&model["share"]),
                percent(&model["before"]),
                model["jobs"].to_string(),
                number(&model["worth"], 2),
                number(&model["cost_usd"], 4),
                number(&model["worth_per_usd"], 1),
            ]);
        }
    }
    output::emit(&table.render(output::styled()))?;
    for kind in known {
        output::note(shared, &format!("{} {}: {}", text(&kind["class"]), text(&kind["tier"]), text(&kind["why"])));
    }
    Ok(())
}

fn scores(told: &Value, shared: &Shared) -> Result<(), Failure> {
    let mut table = Table::new([
        ("class", Align::Left),
        ("tier", Align::Left),
        ("model", Align::Left),
        ("jobs", Align::Right),
        ("good", Align::Right),
        ("worth", Align::Right),
        ("USD a job", Align::Right),
        ("worth a USD", Align::Right),
        ("tokens", Align::Right),
    ]);
    for score in rows(told, "scores") {
        table.row([
            text(&score["class"]),
            text(&score["tier"]),
            text(&score["model"]),
            score["jobs"].to_string(),
            score["successes"].to_string(),
            number(&score["worth"], 2),
            number(&score["usd_per_job"], 4),
            number(&score["worth_per_usd"], 1),
            score["tokens"].to_string(),
        ]);
    }
    output::emit(&table.render(output::styled()))?;
    for model in rows(told, "tokens").filter(|model| !model["passed_over"].is_null()) {
        let (class, name, why) = (text(&model["class"]), text(&model["model"]), text(&model["passed_over"]));
        output::note(shared, &format!("{class}: {name} is passed over: {why}"));
    }
    Ok(())
}

fn curves(told: &Value, shared: &Shared) -> Result<(), Failure> {
    let mut chart = String::new();
    for curve in rows(told, "curves") {
        chart.push_str(&plotted(curve));
    }
    if chart.is_empty() {
        output::note(shared, "no job has ended yet");
        return Ok(());
    }
    output::emit(&chart)
}

/// A small chart: one bar for each day, worth for a USD.
fn plotted(curve: &Value) -> String {
    let highest = rows(curve, "days").filter_map(|day| day["worth_per_usd"].as_f64()).fold(0.0_f64, f64::max);
    let mut lines = format!(
        "{} {}: worth a USD by day; gain over the static choice, {}\n",
        text(&curve["class"]),
        text(&curve["tier"]),
        text(&curve["static"])
    );
    for day in rows(curve, "days") {
        let reached = day["worth_per_usd"].as_f64().unwrap_or(0.0);
        let bar = "#".repeat(letters(reached, highest));
        let gain = day["gain"].as_f64().map_or_else(|| "-".to_owned(), |gain| format!("{:+.1} %", gain * 100.0));
        let (name, jobs, ratio) = (text(&day["day"]), &day["jobs_so_far"], number(&day["worth_per_usd"], 1));
        // Writing to a string cannot fail.
        let _written = writeln!(lines, "  {name} {jobs:>7} jobs  {bar:<WIDTH$}  {ratio:>8}  {gain:>9}");
    }
    lines.push('\n');
    lines
}

/// Letters of a bar for `value` where `highest` takes all of them.
fn letters(value: f64, highest: f64) -> usize {
    (1..=WIDTH).take_while(|letter| share(*letter) * highest <= value && highest > 0.0).count()
}

#[expect(clippy::cast_precision_loss, reason = "some dozens")]
fn share(letter: usize) -> f64 {
    (letter as f64 - 0.5) / WIDTH as f64
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn bars_are_as_long_as_what_was_reached() {
        let day = |day: &str, ratio: f64| json!({"day": day, "jobs_so_far": 12, "worth_per_usd": ratio, "gain": ratio / 10.0 - 1.0});
        let days = [day("2026-11-20", 10.0), day("2026-11-21", 20.0)];
        let chart = plotted(&json!({"class": "code", "tier": "L2", "static": "dear", "days": days}));
        let bars: Vec<usize> = chart.lines().skip(1).map(|line| line.matches('#').count()).collect();
        assert_eq!(bars, [WIDTH / 2, WIDTH, 0], "{chart}");
        assert!(chart.contains("+100.0 %"), "{chart}");
        assert_eq!(letters(0.0, 0.0), 0);
    }
}
