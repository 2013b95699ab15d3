//! The closing summary: a table for people, JSON for scripts.

use std::collections::BTreeMap;

use serde::Serialize;

use super::bar::per_second;
use crate::cli::output::{Align, Table, count};
use crate::collect::import::read::Format;
use crate::domain::batch::Reject as Rejected;
use crate::domain::ids::ChannelId;
use crate::domain::units::MicroUsd;
use crate::engine::import::{Summary, Verdict};

/// A summary as JSON.
#[derive(Debug, Serialize)]
pub(super) struct Json<'a> {
    file: &'a str,
    format: &'static str,
    kind: &'static str,
    /// `imported`, `resumed`, `already_imported` or `dry_run`.
    status: &'static str,
    mapping: &'a BTreeMap<String, String>,
    unused_columns: &'a [String],
    rows: u64,
    accepted: u64,
    skipped: &'a BTreeMap<String, u64>,
    rejected: u64,
    rejects: Vec<Reject<'a>>,
    requests: u64,
    failures: u64,
    tokens_prompt: Option<u64>,
    tokens_completion: Option<u64>,
    tokens_cached: Option<u64>,
    cost_usd: Option<f64>,
    channels: Vec<&'a str>,
    first: Option<String>,
    last: Option<String>,
    minutes: u64,
    seconds: f64,
}

#[derive(Debug, Serialize)]
struct Reject<'a> {
    row: u64,
    column: &'a str,
    problem: &'a str,
}

impl<'a> From<&'a Summary> for Json<'a> {
    fn from(summary: &'a Summary) -> Self {
        let reject = |r: &'a Rejected| Reject { row: r.line, column: &r.field, problem: &r.problem };
        Self {
            file: &summary.file,
            format: format_name(summary.format),
            kind: summary.kind,
            status: match summary.verdict {
                Verdict::Imported => "imported",
                Verdict::Resumed { .. } => "resumed",
                Verdict::AlreadyImported { .. } => "already_imported",
                Verdict::DryRun => "dry_run",
            },
            mapping: &summary.mapping,
            unused_columns: &summary.unused,
            rows: summary.rows,
            accepted: summary.accepted,
            skipped: &summary.skipped,
            rejected: summary.rejected,
            rejects: summary.rejects.iter().map(reject).collect(),
            requests: summary.requests,
            failures: summary.failures,
            tokens_prompt: summary.tokens_prompt,
            tokens_completion: summary.tokens_completion,
            tokens_cached: summary.tokens_cached,
            cost_usd: summary.cost.map(MicroUsd::usd),
            channels: summary.channels.iter().map(ChannelId::as_str).collect(),
            first: summary.first.map(|at| at.to_string()),
            last: summary.last.map(|at| at.to_string()),
            minutes: summary.minutes,
            seconds: summary.seconds,
        }
    }
}

const fn format_name(format: Format) -> &'static str {
    match format {
        Format::Csv => "csv",
        Format::Jsonl => "jsonl",
        Format::Parquet => "parquet",
    }
}

/// Every summary as a table, one below the other, with the rejected rows under each.
pub(super) fn text(summaries: &[Summary], styled: bool) -> String {
    let one = |summary: &Summary| match &summary.verdict {
        Verdict::AlreadyImported { source } => {
            format!("{}: already imported ({source}), nothing to do\n", summary.file)
        }
        _ => table(summary).render(styled) + &rejects(summary),
    };
    summaries.iter().map(one).collect::<Vec<_>>().join("\n")
}

fn table(summary: &Summary) -> Table {
    let mut table = Table::new([(verdict(summary), Align::Left), (summary.file.clone(), Align::Left)]);
    let mut row = |name: &str, value: String| table.row([name.to_owned(), value]);
    row("rows read", format!("{} {}", count(summary.rows), format_name(summary.format)));
    row(&format!("{} accepted", summary.kind), count(summary.accepted));
    for (value, rows) in &summary.skipped {
        row("rows skipped", format!("{} ({value})", count(*rows)));
    }
    row("rows rejected", count(summary.rejected));
    row("requests", format!("{}, {} failed", count(summary.requests), count(summary.failures)));
    let known = |tokens: Option<u64>| tokens.map_or_else(|| "-".to_owned(), count);
    row("tokens prompt", known(summary.tokens_prompt));
    row("tokens cached", known(summary.tokens_cached));
    row("tokens completion", known(summary.tokens_completion));
    row("cost", summary.cost.map_or_else(|| "-".to_owned(), |cost| cost.to_string()));
    row("channels", count(summary.channels.len() as u64));
    if let (Some(first), Some(last)) = (summary.first, summary.last) {
        row("first, last", format!("{first}, {last}"));
    }
    row("minutes", count(summary.minutes));
    let rate = count(per_second(summary.rows, summary.seconds));
    row("time", format!("{:.2} s, {rate} rows/s", summary.seconds));
    let mapping: Vec<String> = summary.mapping.iter().map(|(field, column)| format!("{field}={column}")).collect();
    row("mapping", mapping.join(", "));
    if !summary.unused.is_empty() {
        row("unused columns", summary.unused.join(", "));
    }
    table
}

fn verdict(summary: &Summary) -> String {
    match &summary.verdict {
        Verdict::Imported | Verdict::AlreadyImported { .. } => "imported".to_owned(),
        Verdict::Resumed { after_row } => format!("resumed after row {}", count(*after_row)),
        Verdict::DryRun => "dry run".to_owned(),
    }
}

/// The rejected rows that are kept, one per line.
fn rejects(summary: &Summary) -> String {
    let line = |reject: &Rejected| format!("  row {}\n", reject.to_string().trim_start_matches("line "));
    let shown = summary.rejects.iter().map(line).collect::<Vec<_>>().concat();
    match summary.rejected - summary.rejects.len() as u64 {
        0 => shown,
        more => shown + &format!("  and {} more\n", count(more)),
    }
}
