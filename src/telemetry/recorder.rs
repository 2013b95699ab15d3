//! Keeps the metrics in memory and renders them as Prometheus text. It listens on nothing: the API serves the text.

use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

use super::names::{Kind, Metric, Spec};

/// Bucket borders in seconds: from a quick answer (0.25 ms) to a slow collection pass (a minute).
const BUCKETS_S: [f64; 15] =
    [0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 15.0, 60.0];

/// Why the recorder could not be installed.
#[derive(Debug, thiserror::Error)]
pub enum RecorderError {
    /// The bucket borders were refused.
    #[error("metric buckets are not valid")]
    Buckets(#[source] BuildError),
    /// There is a recorder in this process already.
    #[error("metrics were already started in this process")]
    Installed,
}

/// Reads what was recorded. Cheap to clone.
#[derive(Clone)]
pub struct Recorder(PrometheusHandle);

impl Recorder {
    /// Installs the recorder for the whole process and describes every metric to it.
    ///
    /// # Errors
    /// [`RecorderError::Installed`] if there is one already.
    pub fn install() -> Result<Self, RecorderError> {
        let recorder = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &BUCKETS_S)
            .map_err(RecorderError::Buckets)?
            .build_recorder();
        let handle = recorder.handle();
        metrics::set_global_recorder(recorder).map_err(|_in_use| RecorderError::Installed)?;
        for metric in Metric::ALL {
            describe(metric.spec());
        }
        Ok(Self(handle))
    }

    /// Everything recorded so far, as Prometheus text (format 0.0.4).
    #[must_use]
    pub fn render(&self) -> String {
        self.0.render()
    }

    /// Folds raw histogram values into buckets. Call it now and then (every few seconds), or they pile up in
    /// memory while nobody scrapes.
    pub fn upkeep(&self) {
        self.0.run_upkeep();
    }
}

impl std::fmt::Debug for Recorder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Recorder")
    }
}

fn describe(spec: Spec) {
    let unit = match spec.unit {
        "seconds" => Unit::Seconds,
        "bytes" => Unit::Bytes,
        _ => Unit::Count,
    };
    match spec.kind {
        Kind::Counter => describe_counter!(spec.name, unit, spec.help),
        Kind::Gauge => describe_gauge!(spec.name, unit, spec.help),
        Kind::Histogram => describe_histogram!(spec.name, unit, spec.help),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_recorded_is_rendered_with_help_and_buckets() {
        let recorder = Recorder::install().expect("the first recorder of this process");
        metrics::counter!(Metric::IngestRejects.name(), "source" => "calls").increment(3);
        metrics::histogram!(Metric::QuerySeconds.name()).record(0.000_7);
        let text = recorder.render();
        assert!(
            text.contains(
                "# HELP foreroute_ingest_rejected_lines_total Pieces of input that were not understood or not allowed."
            ),
            "{text}"
        );
        assert!(text.contains("foreroute_ingest_rejected_lines_total{source=\"calls\"} 3"), "{text}");
        assert!(text.contains("foreroute_query_seconds_bucket{le=\"0.001\"} 1"), "{text}");
        assert!(matches!(Recorder::install(), Err(RecorderError::Installed)));
    }
}
