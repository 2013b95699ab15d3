//! The columns a sample shows to SQL, the API and the CLI: names, units, precision and how each aggregates.
//!
//! This is the one table of columns. The store derives its schema from it, queries derive their kernels from it.

use crate::domain::sample::{Distribution, Sample};

/// One numeric column of the table `samples`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "each variant is documented by its row in `Column::spec`")]
pub enum Column {
    Requests,
    Errors,
    Timeouts,
    Throttled,
    Retries,
    LatencyMean,
    LatencyP50,
    LatencyP90,
    LatencyP95,
    LatencyP99,
    LatencyMax,
    TtftP50,
    TtftP95,
    TokensPrompt,
    TokensCompletion,
    TokensCached,
    Cost,
    InFlightMax,
    QueueMax,
    ProbeOk,
    ProbeLatency,
    Coverage,
    Revision,
    ErrorsClient,
    ErrorsServer,
    ErrorsNetwork,
}

/// Which of a sample's two distributions a column reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// Latency of successful calls.
    Latency,
    /// Time to first token of successful calls.
    Ttft,
}

impl Measure {
    /// The distribution of `sample` that this names.
    #[must_use]
    pub const fn of(self, sample: &Sample) -> &Distribution {
        match self {
            Self::Latency => &sample.latency,
            Self::Ttft => &sample.ttft,
        }
    }
}

/// How a column's value over a window follows from the minutes in it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Aggregate {
    /// Minutes add up.
    Sum,
    /// The largest minute.
    Max,
    /// The smallest minute.
    Min,
    /// Mean of the values behind the minutes: from the merged sketch.
    Mean(Measure),
    /// Largest of the values behind the minutes.
    MaxOf(Measure),
    /// Quantile of the values behind the minutes: from the merged sketch.
    Quantile(Measure, f64),
}

/// Everything there is to say about a column.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ColumnSpec {
    /// The name in SQL, JSON and Parquet.
    pub name: &'static str,
    /// The unit, as shown to people.
    pub unit: &'static str,
    /// Decimal digits kept: stored as an integer times 10^-scale.
    pub scale: u8,
    /// Whether values need 64 bits on disk (else 32).
    pub wide: bool,
    /// Whether a sample may lack it.
    pub nullable: bool,
    /// How minutes combine.
    pub aggregate: Aggregate,
    /// One sentence for people.
    pub about: &'static str,
}

impl Column {
    /// Every column, in the order in which SQL and the API show them.
    pub const ALL: [Self; 26] = [
        Self::Requests,
        Self::Errors,
        Self::Timeouts,
        Self::Throttled,
        Self::Retries,
        Self::LatencyMean,
        Self::LatencyP50,
        Self::LatencyP90,
        Self::LatencyP95,
        Self::LatencyP99,
        Self::LatencyMax,
        Self::TtftP50,
        Self::TtftP95,
        Self::TokensPrompt,
        Self::TokensCompletion,
        Self::TokensCached,
        Self::Cost,
        Self::InFlightMax,
        Self::QueueMax,
        Self::ProbeOk,
        Self::ProbeLatency,
        Self::Coverage,
        Self::Revision,
        Self::ErrorsClient,
        Self::ErrorsServer,
        Self::ErrorsNetwork,
    ];

    /// The row of the column table.
    #[must_use]
    pub const fn spec(self) -> ColumnSpec {
        use Aggregate::{Max, MaxOf, Mean, Min, Quantile, Sum};
        use Measure::{Latency, Ttft};
        const fn row(name: &'static str, unit: &'static str, aggregate: Aggregate, about: &'static str) -> ColumnSpec {
            ColumnSpec { name, unit, scale: 0, wide: false, nullable: false, aggregate, about }
        }
        const fn optional(spec: ColumnSpec) -> ColumnSpec {
            ColumnSpec { nullable: true, ..spec }
        }
        const fn wide(spec: ColumnSpec, scale: u8) -> ColumnSpec {
            ColumnSpec { nullable: true, wide: true, scale, ..spec }
        }
        /// Durations keep a tenth of a millisecond.
        const fn ms(name: &'static str, aggregate: Aggregate, about: &'static str) -> ColumnSpec {
            ColumnSpec { scale: 1, nullable: true, ..row(name, "ms", aggregate, about) }
        }
        match self {
            Self::Requests => row("requests", "calls", Sum, "Calls sent, probes excluded."),
            Self::Errors => row("errors", "calls", Sum, "Calls that failed in any way."),
            Self::Timeouts => row("timeouts", "calls", Sum, "Of the errors: no answer in time."),
            Self::Throttled => row("throttled", "calls", Sum, "Of the errors: refused for load or quota (429)."),
            Self::Retries => row("retries", "attempts", Sum, "Attempts beyond the first."),
            Self::LatencyMean => ms("latency_mean_ms", Mean(Latency), "Mean latency of successful calls."),
            Self::LatencyP50 => ms("latency_p50_ms", Quantile(Latency, 0.5), "Median latency of successful calls."),
            Self::LatencyP90 => ms("latency_p90_ms", Quantile(Latency, 0.9), "90th percentile of latency."),
            Self::LatencyP95 => ms("latency_p95_ms", Quantile(Latency, 0.95), "95th percentile of latency."),
            Self::LatencyP99 => ms("latency_p99_ms", Quantile(Latency, 0.99), "99th percentile of latency."),
            Self::LatencyMax => ms("latency_max_ms", MaxOf(Latency), "Slowest successful call."),
            Self::TtftP50 => ms("ttft_p50_ms", Quantile(Ttft, 0.5), "Median time to first token."),
            Self::TtftP95 => ms("ttft_p95_ms", Quantile(Ttft, 0.95), "95th percentile of time to first token."),
            Self::TokensPrompt => wide(row("tokens_prompt", "tokens", Sum, "Prompt tokens, cached ones included."), 0),
            Self::TokensCompletion => wide(row("tokens_completion", "tokens", Sum, "Completion tokens."), 0),
            Self::TokensCached => wide(row("tokens_cached", "tokens", Sum, "Prompt tokens served from a cache."), 0),
            Self::Cost => wide(row("cost_usd", "USD", Sum, "Money spent, to a millionth of a dollar."), 6),
            Self::InFlightMax => optional(row("in_flight_max", "calls", Max, "Most calls seen in flight at once.")),
            Self::QueueMax => optional(row("queue_max", "calls", Max, "Most calls seen waiting at once.")),
            Self::ProbeOk => optional(row("probe_ok", "0 or 1", Min, "1 if every probe of the minute succeeded.")),
            Self::ProbeLatency => ms("probe_latency_ms", Max, "Slowest probe of the minute."),
            Self::Coverage => row("coverage_s", "s", Sum, "Seconds during which the source was watching."),
            Self::Revision => row("revision", "", Max, "Amendments since the minute was first published."),
            Self::ErrorsClient => row("errors_client", "calls", Sum, "Of the errors: the request was at fault (4xx)."),
            Self::ErrorsServer => row("errors_server", "calls", Sum, "Of the errors: the channel was at fault (5xx)."),
            Self::ErrorsNetwork => row("errors_network", "calls", Sum, "Of the errors: no connection."),
        }
    }

    /// The name in SQL, JSON and Parquet.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.spec().name
    }

    /// The column called `name`.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|column| column.name() == name)
    }

    /// The column's value in `sample`, unrounded; `None` where the sample does not know it.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "floats are what queries and models compute with")]
    pub fn value(self, sample: &Sample) -> Option<f64> {
        let counts = &sample.counts;
        match self {
            Self::Requests => Some(counts.requests as f64),
            Self::Errors => Some(counts.errors as f64),
            Self::Timeouts => Some(counts.timeouts as f64),
            Self::Throttled => Some(counts.throttled as f64),
            Self::Retries => Some(counts.retries as f64),
            Self::ErrorsClient => Some(counts.errors_client as f64),
            Self::ErrorsServer => Some(counts.errors_server as f64),
            Self::ErrorsNetwork => Some(counts.errors_network as f64),
            Self::TokensPrompt => sample.tokens_prompt.map(|n| n as f64),
            Self::TokensCompletion => sample.tokens_completion.map(|n| n as f64),
            Self::TokensCached => sample.tokens_cached.map(|n| n as f64),
            Self::Cost => sample.cost.map(crate::domain::units::MicroUsd::usd),
            Self::InFlightMax => sample.in_flight_max.map(f64::from),
            Self::QueueMax => sample.queue_max.map(f64::from),
            Self::ProbeOk => sample.probe.map(|probe| f64::from(u8::from(probe.ok))),
            Self::ProbeLatency => sample.probe.and_then(|probe| probe.latency_ms),
            Self::Coverage => Some(f64::from(sample.coverage_s)),
            Self::Revision => Some(f64::from(sample.revision)),
            _ => match self.spec().aggregate {
                Aggregate::Mean(measure) => measure.of(sample).mean(),
                Aggregate::MaxOf(measure) => measure.of(sample).max(),
                Aggregate::Quantile(measure, q) => measure.of(sample).quantile(q),
                Aggregate::Sum | Aggregate::Max | Aggregate::Min => None,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::ChannelId;
    use crate::domain::time::Minute;

    #[test]
    fn names_are_unique_and_parse_back() {
        for column in Column::ALL {
            assert_eq!(Column::parse(column.name()), Some(column));
        }
    }

    #[test]
    fn an_empty_minute_has_counts_but_no_latency() {
        let sample = Sample::new(ChannelId::new("c").expect("valid name"), Minute(0));
        assert_eq!(Column::Requests.value(&sample), Some(0.0));
        assert_eq!(Column::LatencyP95.value(&sample), None);
        for column in Column::ALL {
            assert!(column.value(&sample).is_some() != column.spec().nullable, "{}", column.name());
        }
    }
}
