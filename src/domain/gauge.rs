//! Any other numeric series: queue depth, CI pass rate, open pull requests.

use std::collections::BTreeMap;

use crate::domain::series::SeriesKey;
use crate::domain::time::{Minute, Timestamp};

/// One reading of one gauge. The value is finite: sources drop and count NaN and infinities.
#[derive(Debug, Clone, PartialEq)]
pub struct Gauge {
    /// When it was read.
    pub ts: Timestamp,
    /// Metric name, for example `vllm:num_requests_waiting`.
    pub metric: String,
    /// Labels, ordered by name so that equal sets have equal keys.
    pub labels: BTreeMap<String, String>,
    /// The reading, in the metric's own unit.
    pub value: f64,
}

impl Gauge {
    /// The stable key of the series this reading belongs to.
    #[must_use]
    pub fn series(&self) -> SeriesKey {
        SeriesKey::of_gauge(&self.metric, &self.labels)
    }
}

/// One gauge series' one minute. Merging is order-free except that `last` belongs to the newest reading.
#[derive(Debug, Clone, PartialEq)]
pub struct GaugeMinute {
    /// The minute.
    pub minute: Minute,
    /// Metric name.
    pub metric: String,
    /// Labels, ordered by name.
    pub labels: BTreeMap<String, String>,
    /// Readings in the minute, at least 1.
    pub count: u32,
    /// Sum of the readings.
    pub sum: f64,
    /// Smallest reading.
    pub min: f64,
    /// Largest reading.
    pub max: f64,
    /// The newest reading, the larger one where two share an instant.
    pub last: f64,
    /// When the newest reading was taken.
    pub last_ts: Timestamp,
}

impl GaugeMinute {
    /// The minute that holds just `reading`.
    #[must_use]
    pub fn from_reading(reading: &Gauge) -> Self {
        Self {
            minute: reading.ts.minute(),
            metric: reading.metric.clone(),
            labels: reading.labels.clone(),
            count: 1,
            sum: reading.value,
            min: reading.value,
            max: reading.value,
            last: reading.value,
            last_ts: reading.ts,
        }
    }

    /// The stable key of the series.
    #[must_use]
    pub fn series(&self) -> SeriesKey {
        SeriesKey::of_gauge(&self.metric, &self.labels)
    }

    /// Adds the readings of `other`, which must be of the same series and minute.
    pub fn merge(&mut self, other: &Self) {
        debug_assert_eq!((self.minute, &self.metric), (other.minute, &other.metric));
        self.count = self.count.saturating_add(other.count);
        self.sum += other.sum;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        let newer = other.last_ts > self.last_ts;
        let tie = other.last_ts == self.last_ts && other.last > self.last;
        if newer || tie {
            self.last = other.last;
            self.last_ts = other.last_ts;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(second: i64, value: f64) -> GaugeMinute {
        GaugeMinute::from_reading(&Gauge {
            ts: Timestamp::from_seconds(second),
            metric: "depth".into(),
            labels: BTreeMap::new(),
            value,
        })
    }

    #[test]
    fn merging_keeps_the_newest_reading_whatever_the_order() {
        let (mut forward, mut backward) = (reading(1, 5.0), reading(9, 2.0));
        forward.merge(&reading(9, 2.0));
        backward.merge(&reading(1, 5.0));
        assert_eq!(forward, backward);
        assert_eq!((forward.last, forward.min, forward.max, forward.count), (2.0, 2.0, 5.0, 2));
    }
}
