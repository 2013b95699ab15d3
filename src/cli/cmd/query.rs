//! `foreroute query SQL`.

use std::io::Read;

use serde_json::{Value, json};

use crate::cli::args::{Format, Shared};
use crate::cli::data;
use crate::cli::exit::{Exit, Failure};
use crate::cli::output::{self, Align, Table};
use crate::store::query::{self, SqlError, SqlLimits, SqlResult};

/// How often the query starts again because the writer has replaced a file meanwhile.
const ATTEMPTS: usize = 5;

/// Arguments of `query`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Reads only, also beside a running server, and sees every acknowledged minute, published or not.
Tables: samples, samples_5m, samples_1h, late, gauges, forecasts, forecast_accuracy,
anomalies, incidents, risks. Times are UTC.

Examples:
  foreroute query \"SELECT channel, SUM(requests) AS calls, SUM(cost_usd) AS usd FROM samples GROUP BY channel\"
  foreroute query \"SELECT ts, latency_p95_ms FROM samples WHERE channel = 'gpt-eu' ORDER BY ts DESC LIMIT 60\"
  foreroute query --format json --rows 100000 - < report.sql")]
pub struct Args {
    /// One SELECT; `-` reads it from standard input
    #[arg(value_name = "SQL")]
    sql: String,
    /// Most rows that are shown
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..))]
    rows: u32,
    /// Longest time, in seconds
    #[arg(long, value_name = "N", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..))]
    seconds: u32,
}

/// Answers a query over everything acknowledged.
///
/// # Errors
/// [`Failure`] if the query is wrong (exit code 1), takes too long (3), or the store cannot be read (2).
pub fn run(args: &Args, shared: &Shared) -> Result<Exit, Failure> {
    let config = data::settings(shared)?;
    let store = data::open_for_reading(shared)?;
    let sql = statement(&args.sql)?;
    let limits = SqlLimits { rows: args.rows as usize, seconds: u64::from(args.seconds) };
    let mut attempts = 0;
    let answer = loop {
        attempts += 1;
        let everything = data::everything(&store, &config)?;
        match query::sql(&everything.snapshot, everything.unpublished(), &sql, limits) {
            Err(error) if error.is_stale() && attempts < ATTEMPTS => {}
            answered => break answered.map_err(|error| failure(&error))?,
        }
    };
    match shared.format {
        Format::Json => output::emit_json(&as_json(&answer))?,
        Format::Table => output::emit(&as_table(&answer))?,
    }
    if answer.truncated {
        output::note(shared, &format!("only the first {} rows are shown; raise --rows to see more", args.rows));
    }
    Ok(Exit::Done)
}

fn statement(sql: &str) -> Result<String, Failure> {
    if sql != "-" {
        return Ok(sql.to_owned());
    }
    let mut text = String::new();
    std::io::stdin()
        .read_to_string(&mut text)
        .map_err(|error| Failure::new(Exit::Usage, format!("cannot read the query: {error}")))?;
    Ok(text)
}

fn failure(error: &SqlError) -> Failure {
    let exit = match error {
        SqlError::Refused(_) => Exit::Usage,
        SqlError::Timeout { .. } => Exit::TimedOut,
        SqlError::Query(_) | SqlError::Busy => Exit::Partial,
    };
    Failure::from_error(exit, error)
}

fn as_json(answer: &SqlResult) -> Value {
    json!({"columns": answer.columns, "rows": answer.rows, "truncated": answer.truncated})
}

/// Numbers to the right, everything else to the left.
fn as_table(answer: &SqlResult) -> String {
    let is_numeric = |at: usize| {
        let mut values = answer.rows.iter().filter_map(|row| row.get(at)).filter(|value| !value.is_null()).peekable();
        values.peek().is_some() && values.all(Value::is_number)
    };
    let align = |at| if is_numeric(at) { Align::Right } else { Align::Left };
    let mut table = Table::new(answer.columns.iter().enumerate().map(|(at, name)| (name.clone(), align(at))));
    for row in &answer.rows {
        table.row(row.iter().map(cell));
    }
    table.render(output::styled())
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        Value::Number(number) if number.is_f64() => output::decimal(number.as_f64(), 6),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_aligned_by_what_they_hold() {
        let columns = ["channel", "calls", "usd"].map(str::to_owned).to_vec();
        let rows = vec![vec![json!("a"), json!(12), json!(0.25)], vec![json!("bc"), json!(3), Value::Null]];
        let answer = SqlResult { columns, rows, truncated: false };
        assert_eq!(as_table(&answer), "channel  calls   usd\na           12  0.25\nbc           3     -\n");
        assert_eq!(as_json(&answer)["rows"][1][2], Value::Null);
    }
}
