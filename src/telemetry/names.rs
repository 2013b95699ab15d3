//! Every metric the program has about itself: name, kind, unit, help, labels. No metric is named anywhere else, and a
//! test finds those that nobody records.
//!
//! Names follow `foreroute_<area>_<thing>[_<unit>][_total]`: base units (seconds, bytes), `_total` for counters.
//! Record through the `metrics` macros with [`Metric::name`]:
//! `metrics::counter!(Metric::IngestRejects.name(), "source" => name).increment(n)`.

/// What a metric does over time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Only grows while the process lives.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Durations in seconds, in the buckets of [`crate::telemetry::recorder`].
    Histogram,
}

/// One row of the table of metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spec {
    /// The name, as Prometheus sees it.
    pub name: &'static str,
    /// What it does over time.
    pub kind: Kind,
    /// Unit of its values.
    pub unit: &'static str,
    /// Labels it is recorded with.
    pub labels: &'static [&'static str],
    /// One sentence for people.
    pub help: &'static str,
}

macro_rules! metrics_table {
    ($($variant:ident $kind:ident $name:literal $unit:literal [$($label:literal),*] $help:literal;)+) => {
        /// A metric of the program about itself.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Metric {
            $(#[doc = $help] $variant,)+
        }

        impl Metric {
            /// Every metric, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The row of the table.
            #[must_use]
            pub const fn spec(self) -> Spec {
                match self {
                    $(Self::$variant => Spec {
                        name: $name, kind: Kind::$kind, unit: $unit, labels: &[$($label),*], help: $help,
                    },)+
                }
            }

            /// The name, for the recording macros.
            #[must_use]
            pub const fn name(self) -> &'static str {
                self.spec().name
            }
        }
    };
}

metrics_table! {
    IngestCalls Counter "foreroute_ingest_calls_total" "calls" []
        "Calls accepted and made durable.";
    IngestBatches Counter "foreroute_ingest_batches_total" "batches" []
        "Batches accepted and made durable.";
    IngestDuplicates Counter "foreroute_ingest_duplicate_batches_total" "batches" []
        "Batches whose idempotency key had been counted before.";
    IngestRejects Counter "foreroute_ingest_rejected_lines_total" "lines" ["source"]
        "Pieces of input that were not understood or not allowed.";
    IngestLate Counter "foreroute_ingest_late_calls_total" "calls" []
        "Calls that came after the late window of their minute and were kept aside.";
    OpenMinutes Gauge "foreroute_accumulator_open_minutes" "minutes" []
        "Channel minutes in memory that are not yet published.";
    Channels Gauge "foreroute_channels" "channels" []
        "Channels known by now.";
    Forecast Gauge "foreroute_forecast" "" ["channel", "column", "horizon_s", "quantile"]
        "What is forecast of a channel's minute, in the unit of the column; shown if the configuration asks for it.";
    AlertsFiring Gauge "foreroute_alerts_firing" "alerts" ["severity"]
        "Alerts and incidents that go on, silenced ones included.";
    Actions Counter "foreroute_actions_total" "actions" ["kind", "outcome"]
        "Tries of steps of playbooks by kind: ok, failed, or unknown if nobody knows what came of it.";
    JobParts Counter "foreroute_job_parts_total" "parts" ["outcome"]
        "Parts that models had in jobs: done, failed, exhausted if the model had no tokens left, or abandoned.";
    JobsOpen Gauge "foreroute_jobs_open" "jobs" []
        "Jobs that were started and not ended.";
    Notices Counter "foreroute_notices_total" "notices" ["receiver", "outcome"]
        "Notices by receiver: delivered, failed after the last try, or dropped because too many were waiting.";
    Deliveries Counter "foreroute_deliveries_total" "deliveries" ["target", "outcome"]
        "Decisions brought to orchestrators, renewals included: delivered, failed (one try), refused, or expired on the way.";
    DeliverySeconds Histogram "foreroute_delivery_seconds" "seconds" ["target"]
        "Time from the call or minute behind a decision that changed something until its target had it.";
    IncidentsOpen Gauge "foreroute_incidents_open" "incidents" ["severity"]
        "Incidents that are open, those of groups one by one.";
    BudgetLeft Gauge "foreroute_error_budget_left" "ratio" ["class", "promise"]
        "What is left of the error budget of thirty days: 1 is all of it, below 0 it is overdrawn.";
    AnomalyScore Gauge "foreroute_anomaly_score" "" ["channel", "column"]
        "How odd a channel's newest minute was, 0 to 1, 0.5 is the line; shown if the configuration asks for it.";
    Risk Gauge "foreroute_risk" "probability" ["channel", "class", "horizon_s"]
        "Probability that a channel breaks what a route class promises; shown if the configuration asks for it.";
    Publications Counter "foreroute_store_publications_total" "publications" []
        "Publications of complete minutes to Parquet.";
    PublishFailures Counter "foreroute_store_publish_failures_total" "publications" []
        "Publications that failed and will be tried again.";
    CatalogVersion Gauge "foreroute_store_catalog_version" "version" []
        "Version of the catalog that is live.";
    StoreFiles Gauge "foreroute_store_files" "files" ["table"]
        "Live files of a table.";
    StoreBytes Gauge "foreroute_store_bytes" "bytes" ["table"]
        "Bytes in the live files of a table.";
    Quarantined Gauge "foreroute_store_quarantined_files" "files" []
        "Damaged places of the log and files that were set aside.";
    CollectPasses Counter "foreroute_collect_passes_total" "passes" ["source"]
        "Collection passes that were started.";
    CollectFailures Counter "foreroute_collect_failures_total" "passes" ["source", "reason"]
        "Collection passes that got nothing, by reason.";
    CollectMissed Counter "foreroute_collect_missed_ticks_total" "ticks" ["source"]
        "Scheduled passes that could not start because the previous one still ran or the process was held up.";
    CollectSeconds Histogram "foreroute_collect_pass_seconds" "seconds" ["source"]
        "Time of one collection pass.";
    HttpRequests Counter "foreroute_http_requests_total" "requests" ["route", "method", "status"]
        "HTTP requests answered.";
    HttpSeconds Histogram "foreroute_http_request_seconds" "seconds" ["route"]
        "Time from request to complete answer.";
    HttpThrottled Counter "foreroute_http_throttled_total" "requests" []
        "HTTP requests refused by the rate limits.";
    HttpUnauthorized Counter "foreroute_http_unauthorized_total" "requests" []
        "HTTP requests without a valid token or with too small a role.";
    QuerySeconds Histogram "foreroute_query_seconds" "seconds" ["kind"]
        "Time of one query.";
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// For every metric: the name is unique, snake case and ends the way its kind and unit demand.
    #[test]
    fn names_follow_the_rule() {
        let mut seen = BTreeSet::new();
        for spec in Metric::ALL.iter().map(|metric| metric.spec()) {
            let name = spec.name;
            assert!(seen.insert(name), "{name} twice");
            assert!(name.starts_with("foreroute_"), "{name}");
            assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{name}");
            assert_eq!(name.ends_with("_total"), spec.kind == Kind::Counter, "{name}");
            assert_eq!(name.ends_with("_seconds"), spec.kind == Kind::Histogram, "{name}");
            assert!(spec.help.ends_with('.'), "{name}");
        }
    }
}
