//! What the demo did: per channel from the store, beside what the channel itself counted.

use std::collections::BTreeMap;

use serde::Serialize;

use super::product;
use super::scene::Ledger;
use super::worth::Worth;
use crate::cli::exit::Failure;
use crate::cli::output::{self, Align, Table};
use crate::domain::ids::ChannelId;
use crate::domain::sample::Sample;
use crate::domain::time::Timestamp;
use crate::engine::Engine;
use crate::sim::endpoint::Tally;

/// The result of the command.
#[derive(Debug, Serialize)]
pub(super) struct Summary {
    /// First minute that was read, RFC 3339.
    from: String,
    /// First minute after it.
    to: String,
    channels: Vec<Row>,
    reported: Reported,
    /// What the decisions were worth; `null` for a demo without a whole minute.
    worth: Option<Worth>,
}

/// One channel.
#[derive(Debug, Serialize)]
struct Row {
    channel: String,
    calls: u64,
    errors: u64,
    throttled: u64,
    latency_p50_ms: Option<f64>,
    latency_p95_ms: Option<f64>,
    ttft_p50_ms: Option<f64>,
    ttft_p95_ms: Option<f64>,
    tokens_prompt: u64,
    tokens_completion: u64,
    tokens_cached: u64,
    cost_usd: f64,
    /// The channel's own count, which never passed through the collector.
    served: Served,
}

#[derive(Debug, Serialize, PartialEq, Eq)]
struct Served {
    calls: u64,
    errors: u64,
    throttled: u64,
    tokens_prompt: u64,
    tokens_completion: u64,
    tokens_cached: u64,
}

#[derive(Debug, Serialize)]
struct Reported {
    acknowledged: u64,
    lost: u64,
    batches: u64,
    resent: u64,
}

impl Summary {
    /// Reads the minutes of `[from, to]` back and puts the world's books beside them.
    pub(super) fn read(
        engine: &Engine,
        ledger: &Ledger,
        worth: Option<Worth>,
        (from, to): (Timestamp, Timestamp),
    ) -> Result<Self, Failure> {
        let (from, to) = (from.minute(), to.minute().plus(1));
        let stored = product::totals(engine, from, to)?;
        let channels = ledger.served.iter().map(|(channel, tally)| Row::new(channel, &stored, tally)).collect();
        let delivery = &ledger.delivery;
        let reported = Reported {
            acknowledged: delivery.acknowledged,
            lost: delivery.lost,
            batches: delivery.batches,
            resent: delivery.resent,
        };
        Ok(Self { from: from.to_string(), to: to.to_string(), channels, reported, worth })
    }

    /// Whether every call that a channel served was counted, exactly once.
    pub(super) fn agrees(&self) -> bool {
        self.channels.iter().all(Row::agrees)
    }

    pub(super) fn table(&self) -> String {
        let numbers =
            ["calls", "errors", "p50 ms", "p95 ms", "ttft p95 ms", "tokens in", "tokens out", "USD", "served"];
        let headings = numbers.map(|name| (name, Align::Right));
        let mut table = Table::new([("channel", Align::Left)].into_iter().chain(headings));
        for row in &self.channels {
            table.row([
                row.channel.clone(),
                output::count(row.calls),
                output::count(row.errors),
                output::decimal(row.latency_p50_ms, 0),
                output::decimal(row.latency_p95_ms, 0),
                output::decimal(row.ttft_p95_ms, 0),
                output::count(row.tokens_prompt),
                output::count(row.tokens_completion),
                format!("{:.4}", row.cost_usd),
                output::count(row.served.calls),
            ]);
        }
        let verdict = if self.agrees() {
            "Every call that the channels served is in the store exactly once."
        } else {
            "The store and the channels do NOT agree: see the columns `calls` and `served`."
        };
        let worth = self.worth.as_ref().map(Worth::table).unwrap_or_default();
        format!("{}{verdict}\n\n{worth}", table.render(output::styled()))
    }
}

impl Row {
    fn new(channel: &ChannelId, stored: &BTreeMap<ChannelId, Sample>, tally: &Tally) -> Self {
        let empty = Sample::new(channel.clone(), crate::domain::time::Minute::default());
        let sample = stored.get(channel).unwrap_or(&empty);
        Self {
            channel: channel.to_string(),
            calls: sample.counts.requests,
            errors: sample.counts.errors,
            throttled: sample.counts.throttled,
            latency_p50_ms: sample.latency.quantile(0.5),
            latency_p95_ms: sample.latency.quantile(0.95),
            ttft_p50_ms: sample.ttft.quantile(0.5),
            ttft_p95_ms: sample.ttft.quantile(0.95),
            tokens_prompt: sample.tokens_prompt.unwrap_or(0),
            tokens_completion: sample.tokens_completion.unwrap_or(0),
            tokens_cached: sample.tokens_cached.unwrap_or(0),
            cost_usd: sample.cost.unwrap_or_default().usd(),
            served: Served {
                calls: tally.calls,
                errors: tally.throttled + tally.failed,
                throttled: tally.throttled,
                tokens_prompt: tally.tokens_prompt,
                tokens_completion: tally.tokens_completion,
                tokens_cached: tally.tokens_cached,
            },
        }
    }

    fn agrees(&self) -> bool {
        let stored = Served {
            calls: self.calls,
            errors: self.errors,
            throttled: self.throttled,
            tokens_prompt: self.tokens_prompt,
            tokens_completion: self.tokens_completion,
            tokens_cached: self.tokens_cached,
        };
        stored == self.served
    }
}
